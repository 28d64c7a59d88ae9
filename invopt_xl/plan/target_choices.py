"""What recommended targets and customer weights would change: service and stock money of each way to set levels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.plan.columns.looks import TARGET_CHOICES
from invopt_xl.plan.levels import Levelled
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quality import Admitted
from invopt_xl.plan.replenishment import expected_lead_times, set_stock_levels
from invopt_xl.plan.service_goals import HIGHEST_SERVICE, LOWEST_SERVICE, Stocked, overall_weights, plain_weights
from invopt_xl.plan.service_targets import NONE
from invopt_xl.policy.lead_times import LeadTimes

Floats = npt.NDArray[np.float64]

OWN, ALIKE, SAME = "recommended targets", "one target, serving as well", "the mix, serving as well"
USUAL, MIX, WEIGHTED = "one target for all", "the mix", "the mix, customer weights"
FLOORS = "the mix, targets as floors"

_HALVINGS = 10
"""Of the single target that is looked for: a twentieth of a point is left of it."""


@dataclass(frozen=True, eq=False)
class _Choice:
    """A way to set levels, and what it gives; `alike` is the fill rate that, asked of every item, serves as well."""

    name: str
    fill_rate: float
    plain_fill_rate: float
    stock_value: float
    items: int
    alike: float


def target_choices(levelled: Levelled, admitted: Admitted, wanted: pd.DataFrame) -> pd.DataFrame:
    """Return ``tblTargetChoices``: what each way to set levels gives, and the stock that it takes.

    Levels are found anew for each, from the same demand. Fill rates are weighed alike in all of them, by sales value,
    criticality and customer weight as they are today, so that they compare. Items for which no stock is advised are
    left out of all: what has ended would take stock that none of the ways is meant to hold. Recommended targets come
    first, and beside them what serves as well as they do: what is saved with less service is not saved. Customer
    weights are tried where any differs from that of today.

    Parameters
    ----------
    levelled
        Items with forecasts and levels.
    admitted
        What they stand on.
    wanted
        Rows as the items, as `recommended.recommended` returns them: ``service_target`` (share, NaN for the usual
        one), ``target_is`` and ``customer_weight``.
    """
    kept = np.flatnonzero(wanted["target_is"] != NONE)
    choices = list(_choices(_Trial.of(levelled, admitted, kept), wanted.iloc[kept])) if len(kept) else []
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


def _choices(try_out: _Trial, wanted: pd.DataFrame) -> Iterator[_Choice]:
    items, single, mixed = try_out.stocked.items, try_out.under("items"), try_out.under("overall")
    target = wanted["service_target"].to_numpy(dtype=np.float64)
    given = np.isfinite(target)
    targets = {
        "service_target": np.where(given, target, items["service_target"]),
        "own_target": items["own_target"].to_numpy(dtype=bool) | given,
    }
    weights = {"customer_weight": wanted["customer_weight"].to_numpy(dtype=np.float64)}
    weighed = bool((weights["customer_weight"] != items["customer_weight"].to_numpy()).any())
    own = try_out(OWN, items.assign(**targets), single)
    yield own
    if 0 < own.fill_rate < 1:
        yield from _serving_as_well(try_out, min(own.fill_rate, HIGHEST_SERVICE))
    yield try_out(USUAL, items, single)
    yield try_out(MIX, items, mixed)
    if weighed:
        yield try_out(WEIGHTED, items.assign(**weights), mixed)
    yield try_out(FLOORS, items.assign(**targets, **weights), mixed)


def _serving_as_well(try_out: _Trial, fill_rate: float) -> Iterator[_Choice]:
    """Yield what gives an overall fill rate with one for every item, and at the least stock; the planner's own kept.

    One target that is out of reach beside those of the planner is no choice.
    """
    items = try_out.stocked.items
    kept = items["own_target"] | items["own_cost"]
    least = try_out(SAME, items, replace(try_out.under("overall"), service_target=fill_rate))

    def alike(target: float) -> _Choice:
        own = items["service_target"].where(kept, target)
        asked = items.assign(service_target=own, service_measure=items["service_measure"].where(kept, "fill"))
        return try_out(ALIKE, asked, try_out.under("items"))

    if kept.any():
        yield from _least_target(alike, fill_rate)
    elif np.isfinite(least.alike):
        yield alike(least.alike)
    yield least


def _least_target(alike: Callable[[float], _Choice], fill_rate: float) -> Iterator[_Choice]:
    """Yield the choice of the least single target that gives the fill rate; none where the highest gives less."""
    low, high = LOWEST_SERVICE, HIGHEST_SERVICE
    found = alike(high)
    if found.fill_rate < fill_rate:
        return
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        tried = alike(middle)
        if tried.fill_rate < fill_rate:
            low = middle
        else:
            high, found = middle, tried
    yield found


@dataclass(frozen=True, eq=False)
class _Trial:
    """Sets levels anew, and weighs what they give; weights of shape (items,)."""

    stocked: Stocked
    times: LeadTimes
    admitted: Admitted
    today: Floats
    weight: Floats
    plain: Floats

    @classmethod
    def of(cls, levelled: Levelled, admitted: Admitted, rows: npt.NDArray[np.intp]) -> _Trial:
        """Return a trial of some of the items."""
        times = expected_lead_times(levelled.stocked.items, admitted.tables).rows(rows)
        some = levelled.stocked.rows(rows)
        some = replace(some, items=some.items.reset_index(drop=True))
        mixed = replace(admitted.parameters, service_goal="overall")
        today = levelled.items["reorder_point"].to_numpy(dtype=np.float64)[rows]
        weights = (weigh(some.items, mixed) for weigh in (overall_weights, plain_weights))
        return cls(some, times, admitted, today, *weights)

    def under(self, goal: Literal["items", "overall"]) -> Parameters:
        """Return the parameters with another goal."""
        return replace(self.admitted.parameters, service_goal=goal)

    def __call__(self, name: str, items: pd.DataFrame, parameters: Parameters) -> _Choice:
        stocked = replace(self.stocked, items=items)
        found, overall = set_stock_levels(stocked, self.times, self.admitted.tables, parameters)
        bought = (found["status"] != "phase-out").to_numpy()
        fill = found["expected_fill_rate"].to_numpy()
        stock = (found["average_stock"] * found["unit_cost"]).to_numpy()[bought]
        changed = bought & (np.abs(found["reorder_point"].to_numpy() - self.today) >= 1.0)
        alike = np.nan if overall is None else overall.uniform_target
        fills = _mean(fill, self.weight), _mean(fill, self.plain)
        return _Choice(name, *fills, float(stock.sum()), int(changed.sum()), alike)


def _mean(values: Floats, weight: Floats) -> float:
    return float(values @ weight / weight.sum()) if weight.sum() > 0 else np.nan
