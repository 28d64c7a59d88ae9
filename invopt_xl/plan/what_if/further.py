"""A scenario's changes in the further suppliers of items."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.plan.columns import SOURCES
from invopt_xl.plan.histories import item_positions
from invopt_xl.plan.orders.sources import ASSUMED, with_lead_times
from invopt_xl.plan.quality import Admitted
from invopt_xl.plan.replay.outages import Outage
from invopt_xl.plan.replenishment import with_terms
from invopt_xl.plan.what_if.changes import Change, Where
from invopt_xl.plan.what_if.values import changed_values, with_values

BoolArray = npt.NDArray[np.bool_]

MEAN, SPREAD = "lead_time_days", "lead_time_sd_days"
_TERMS = tuple(column.name for column in SOURCES.columns if column.kind == "number")


def chosen_sources(admitted: Admitted, where: Where | None) -> BoolArray:
    """Return which further suppliers a change is for, shape (sources,): those named, or those of the items chosen."""
    sources = admitted.tables["sources"]
    if where is None:
        return np.ones(len(sources), dtype=bool)
    if where.column in sources:
        return np.asarray(sources[where.column] == where.value, dtype=bool)
    items = admitted.tables["items"]
    of_item = items[where.column].to_numpy()[item_positions(items, sources)]
    return np.asarray(of_item == where.value, dtype=bool)


def changed_sources(admitted: Admitted, change: Change, chosen: BoolArray) -> pd.DataFrame:
    """Return ``tblSources`` with a change of items in it, where it has such a column.

    Lead times are changed from those expected today, whatever states them: the row, its supplier, its item or
    receipts.

    Parameters
    ----------
    admitted
        Today's input, before the items are changed.
    change
        A change of items.
    chosen
        Which further suppliers it is for, shape (sources,).

    Raises
    ------
    InputError
        If a value leads out of bounds.
    """
    sources = admitted.tables["sources"]
    if change.name not in _TERMS or sources.empty:
        return sources
    if change.name not in (MEAN, SPREAD):
        return with_values(sources, change.name, chosen, _new(sources, change, chosen))
    expected = _expected(admitted)
    new = _new(expected, change, chosen)
    made = _assumed(sources, chosen, change.name, new)
    other = SPREAD if change.name == MEAN else MEAN
    kept = expected[other].to_numpy(dtype=np.float64)
    if other == SPREAD and change.factor != 1.0:
        # The spread goes with the mean, as it does for items.
        old = expected[MEAN].to_numpy(dtype=np.float64)
        kept = kept * np.divide(new, old, out=np.ones_like(new), where=old > 0)
    return _assumed(made, chosen, other, kept)


def sources_while_out(admitted: Admitted, outage: Outage) -> pd.DataFrame:
    """Return ``tblSources`` on the day a supplier falls out: what it is asked for then comes when that is over."""
    sources = admitted.tables["sources"]
    out = np.asarray(sources["supplier"] == outage.supplier, dtype=bool)
    if not out.any():
        return sources
    days = float(outage.periods * admitted.parameters.calendar.days_per_period)
    expected = _expected(admitted)
    mean, spread = (expected[name].to_numpy(dtype=np.float64) for name in (MEAN, SPREAD))
    made = _assumed(sources, out, MEAN, np.maximum(mean, days))
    return _assumed(made, out, SPREAD, np.where(mean < days, 0.0, spread))


def _expected(admitted: Admitted) -> pd.DataFrame:
    items = with_terms(admitted.tables, admitted.parameters)
    sources = admitted.tables["sources"].reset_index(drop=True)
    return with_lead_times(sources, items, admitted.tables, admitted.parameters)


def _new(frame: pd.DataFrame, change: Change, chosen: BoolArray) -> npt.NDArray[np.float64]:
    names = [f"{item} from {supplier}" for item, supplier in zip(frame["item"], frame["supplier"], strict=True)]
    return changed_values(change, frame[change.name].to_numpy(dtype=np.float64), chosen, names)


def _assumed(sources: pd.DataFrame, chosen: BoolArray, name: str, value: npt.NDArray[np.float64]) -> pd.DataFrame:
    assumed = chosen | (sources[ASSUMED].to_numpy(dtype=bool) if ASSUMED in sources else False)
    return with_values(sources, name, chosen, value).assign(**{ASSUMED: assumed})
