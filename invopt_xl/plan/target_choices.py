"""What recommended targets and customer weights would change: service and stock money of each way to set levels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.plan.columns.looks import TARGET_CHOICES
from invopt_xl.plan.levels import Levelled
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quality import Admitted
from invopt_xl.plan.replenishment import expected_lead_times, set_stock_levels
from invopt_xl.plan.service_goals import HIGHEST_SERVICE, overall_weights, plain_weights

Floats = npt.NDArray[np.float64]

USUAL, OWN, MIX, WEIGHTED, SAME = (
    "one target for all",
    "recommended targets",
    "the mix",
    "the mix, customer weights",
    "the mix, serving as well",
)
FLOORS = "the mix, targets as floors"


@dataclass(frozen=True, eq=False)
class _Choice:
    """A way to set levels, and what it gives."""

    name: str
    fill_rate: float
    plain_fill_rate: float
    stock_value: float
    items: int


def target_choices(levelled: Levelled, admitted: Admitted, wanted: pd.DataFrame) -> pd.DataFrame:
    """Return ``tblTargetChoices``: what each way to set levels gives, and the stock that it takes.

    Levels are found anew for each, from the same demand. Fill rates are weighed alike in all of them, by sales value,
    criticality and customer weight as they are today, so that they compare.

    Parameters
    ----------
    levelled
        Items with forecasts and levels.
    admitted
        What they stand on.
    wanted
        Rows as the items: ``service_target`` (share, NaN for the usual one) and ``customer_weight``.
    """
    choices = list(_choices(levelled, admitted, wanted))
    table = pd.DataFrame(
        {
            "choice": [each.name for each in choices],
            "fill_rate": [round(each.fill_rate, 4) for each in choices],
            "plain_fill_rate": [round(each.plain_fill_rate, 4) for each in choices],
            "stock_value": [round(each.stock_value, 2) for each in choices],
            "changed_items": [float(each.items) for each in choices],
        }
    )
    return table[TARGET_CHOICES.column_names]


def _choices(levelled: Levelled, admitted: Admitted, wanted: pd.DataFrame) -> Iterator[_Choice]:
    parameters, items = admitted.parameters, levelled.stocked.items
    single, mixed = (replace(parameters, service_goal=goal) for goal in ("items", "overall"))
    target = wanted["service_target"].to_numpy(dtype=np.float64)
    given = np.isfinite(target)
    targets = {
        "service_target": np.where(given, target, items["service_target"]),
        "own_target": items["own_target"].to_numpy(dtype=bool) | given,
    }
    weights = {"customer_weight": wanted["customer_weight"].to_numpy(dtype=np.float64)}
    try_out = _Trial(levelled, admitted, overall_weights(items, mixed), plain_weights(items, mixed))
    yield try_out(USUAL, items, single)
    own = try_out(OWN, items.assign(**targets), single)
    yield own
    yield try_out(MIX, items, mixed)
    yield try_out(WEIGHTED, items.assign(**weights), mixed)
    yield try_out(FLOORS, items.assign(**targets, **weights), mixed)
    if 0 < own.fill_rate < 1:
        # What the recommended targets give, at the least stock.
        yield try_out(SAME, items, replace(mixed, service_target=min(own.fill_rate, HIGHEST_SERVICE)))


@dataclass(frozen=True, eq=False)
class _Trial:
    """Sets levels anew, and weighs what they give; weights of shape (items,)."""

    levelled: Levelled
    admitted: Admitted
    weight: Floats
    plain: Floats

    def __call__(self, name: str, items: pd.DataFrame, parameters: Parameters) -> _Choice:
        stocked, tables = replace(self.levelled.stocked, items=items), self.admitted.tables
        found, _ = set_stock_levels(stocked, expected_lead_times(items, tables), tables, parameters)
        bought = (found["status"] != "phase-out").to_numpy()
        fill = found["expected_fill_rate"].to_numpy()
        stock = (found["average_stock"] * found["unit_cost"]).to_numpy()[bought]
        today = self.levelled.items["reorder_point"].to_numpy()
        changed = bought & (np.abs(found["reorder_point"].to_numpy() - today) >= 1.0)
        return _Choice(name, _mean(fill, self.weight), _mean(fill, self.plain), float(stock.sum()), int(changed.sum()))


def _mean(values: Floats, weight: Floats) -> float:
    return float(values @ weight / weight.sum()) if weight.sum() > 0 else np.nan
