"""Whether the demand of each item is fit to plan from: gaps, stock-outs, outliers, promotions, season; a verdict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.domain import Calendar
from invopt_xl.domain.words import counted
from invopt_xl.forecasting import demand_patterns
from invopt_xl.forecasting.cleaning.history import CleanHistory, PeriodState, clean_history
from invopt_xl.plan.absent_periods import absent_periods
from invopt_xl.plan.columns.looks import DEMAND_REVIEW
from invopt_xl.plan.histories import Histories
from invopt_xl.plan.levels import FEW_PERIODS, recent_periods
from invopt_xl.plan.parameters import Parameters

QUARTER = 13
"""Periods that are set beside as many before them."""

_FEWEST_PROMOTED = 3
_FEWEST_PAIRS = 13
"""Pairs of periods a season apart that a correlation stands on at least."""

Floats = npt.NDArray[np.float64]


def demand_review(items: pd.DataFrame, past: Histories, parameters: Parameters) -> pd.DataFrame:
    """Return what each item's demand is like, and what was done to it before it is learned; rows of `DEMAND_REVIEW`.

    Parameters
    ----------
    items
        ``tblItems`` as admitted, in the order of the histories.
    past
        Their demand.
    parameters
        The length of a period, its season and how many periods may be missing.

    Examples
    --------
    >>> from datetime import date
    >>> from invopt_xl.forecasting.panel.histories import assemble
    >>> items = pd.DataFrame({"item": ["tea", "cup"], "location": "MAIN", "description": ""})
    >>> dates = pd.date_range("2017-01-02", periods=52, freq="7D")
    >>> rows = {"item": "tea", "location": "MAIN", "date": dates, "quantity": 5.0, "unit_price": 1.0}
    >>> demand = pd.DataFrame(rows).assign(promotion=False, in_stock=True)
    >>> parameters = Parameters(date(2018, 1, 1))
    >>> found = demand_review(items, assemble(items, demand, parameters.calendar), parameters)
    >>> found[["item", "pattern", "mean_demand", "verdict"]].values.tolist()
    [['tea', 'smooth', 5.0, 'sound'], ['cup', 'none', nan, 'no demand']]
    """
    known = np.where(past.in_stock, past.quantity, np.nan)
    started = np.arange(past.periods) >= past.first[:, None]
    series = [past.of(row) for row in range(len(past))]
    season = parameters.calendar.season
    clean = [clean_history(one.quantity, one.in_stock, season, one.promotion) for one in series]
    missing = (started & (past.rows == 0)).sum(axis=1)
    absent = absent_periods(past)
    repaired = [_repaired(one, absent) for one in clean]
    review = pd.DataFrame(
        {
            "item": items["item"].to_numpy(),
            "location": items["location"].to_numpy(),
            "description": items["description"].to_numpy(),
            "pattern": [pattern.name for pattern in demand_patterns([known[r, f:] for r, f in enumerate(past.first)])],
            "history_periods": past.periods - past.first,
            "mean_demand": _mean(known),
            "zero_share": _ratio((known == 0).sum(axis=1), (~np.isnan(known)).sum(axis=1)),
            "recent_demand": _mean(known[:, -QUARTER:]),
            "earlier_demand": _mean(known[:, -2 * QUARTER : -QUARTER]),
            "season": [_season(row, season) for row in known],
            "promoted_periods": past.promotion.sum(axis=1),
            "promotion_lift": _lift(known, past.promotion),
            "out_of_stock_periods": (~past.in_stock).sum(axis=1),
            "missing_periods": missing,
            "unknown_periods": (started & np.isnan(past.quantity) & (past.rows > 0)).sum(axis=1),
            "outliers": [int((one == PeriodState.OUTLIER).sum()) for one in repaired],
        }
    )
    judged = [
        _judged(row, known[place], bool((repaired[place] != PeriodState.OBSERVED).any()), one, parameters)
        for place, (row, one) in enumerate(zip(review.to_dict("records"), clean, strict=True))
    ]
    told = review.assign(verdict=[verdict for verdict, _ in judged], why=[why for _, why in judged])
    return told[DEMAND_REVIEW.column_names]


def demand_by_period(items: pd.DataFrame, past: Histories, calendar: Calendar) -> pd.DataFrame:
    """Return what came of all items together in each period, the oldest first.

    Columns: ``date`` (first day), ``value`` (demand at cost, money), ``selling`` (share of the items with a history
    that sold), ``promoted`` and ``out_of_stock`` (shares of them).

    Parameters
    ----------
    items
        ``tblItems`` as admitted, in the order of the histories.
    past
        Their demand.
    calendar
        Of the histories.
    """
    started = np.arange(past.periods) >= past.first[:, None]
    there = started.sum(axis=0)
    cost = items["unit_cost"].to_numpy(dtype=float)[:, None]
    return pd.DataFrame(
        {
            "date": pd.DatetimeIndex(calendar.start(np.arange(-past.periods, 0))),
            "value": np.nansum(past.quantity * cost, axis=0),
            "selling": _ratio((np.nan_to_num(past.quantity) > 0).sum(axis=0), there),
            "promoted": _ratio(past.promotion.sum(axis=0), there),
            "out_of_stock": _ratio((~past.in_stock & started).sum(axis=0), there),
        }
    )


def outliers(items: pd.DataFrame, past: Histories, parameters: Parameters) -> pd.DataFrame:
    """Return the periods whose demand was brought to a limit before it was learned, the largest in money first.

    A period in which no item has a row is one finding of its own (see `absent_periods`), not an outlier of each item.

    Columns: item, location, description, ``date`` (first day of the period), ``recorded`` and ``learned`` (units),
    ``difference`` (money, at cost).

    Parameters
    ----------
    items, past, parameters
        As in `demand_review`.
    """
    rows, absent = [], absent_periods(past)
    for row in range(len(past)):
        one = past.of(row)
        clean = clean_history(one.quantity, one.in_stock, parameters.calendar.season, one.promotion)
        for place in np.flatnonzero(clean.states == PeriodState.OUTLIER):
            period = int(place) - clean.values.size
            if not absent[period]:
                rows.append((row, period, float(clean.recorded[place]), float(clean.values[place])))
    found = pd.DataFrame(rows, columns=["row", "period", "recorded", "learned"])
    table = items.iloc[found["row"].astype(int)][["item", "location", "description", "unit_cost"]].reset_index(
        drop=True
    )
    table = table.assign(
        date=pd.DatetimeIndex(parameters.calendar.start(found["period"].to_numpy(dtype=np.int64))),
        recorded=found["recorded"],
        learned=found["learned"],
        difference=(found["recorded"] - found["learned"]) * table["unit_cost"].to_numpy(dtype=float),
    )
    order = np.argsort(-table["difference"].abs().to_numpy(), kind="stable")
    return table.drop(columns="unit_cost").iloc[order].reset_index(drop=True)


def _mean(known: Floats) -> Floats:
    return _ratio(np.nansum(known, axis=1), (~np.isnan(known)).sum(axis=1))


def _ratio(part: npt.ArrayLike, whole: npt.ArrayLike) -> Floats:
    """Return a quotient; NaN where there is nothing to divide by."""
    above, below = np.asarray(part, dtype=float), np.asarray(whole, dtype=float)
    return np.asarray(np.divide(above, below, out=np.full(below.shape, np.nan), where=below > 0))


def _lift(known: Floats, promotion: npt.NDArray[np.bool_]) -> Floats:
    on, off = np.where(promotion, known, np.nan), np.where(promotion, np.nan, known)
    enough = np.minimum((~np.isnan(on)).sum(axis=1), (~np.isnan(off)).sum(axis=1)) >= _FEWEST_PROMOTED
    return np.where(enough, _ratio(_mean(on), _mean(off)) - 1, np.nan)


def _season(known: Floats, season: int) -> float:
    """Return the correlation of demand with that a season before; NaN where too little is known to tell."""
    there = np.flatnonzero(~np.isnan(known))
    if season < 2 or not there.size or known.size - there[0] < 2 * season:
        return np.nan
    now, before = known[season:], known[:-season]
    both = ~np.isnan(now) & ~np.isnan(before)
    if both.sum() < _FEWEST_PAIRS or np.ptp(now[both]) == 0 or np.ptp(before[both]) == 0:
        return np.nan
    return float(np.corrcoef(now[both], before[both])[0, 1])


def _repaired(clean: CleanHistory, absent: npt.NDArray[np.bool_]) -> npt.NDArray[np.int_]:
    """Return what became of each period but those in which no item has a row: they are one finding of their own."""
    own = absent[len(absent) - clean.values.size :]
    return np.where(own, PeriodState.OBSERVED, clean.states)


def _judged(
    row: Mapping[Any, Any], known: Floats, repaired: bool, clean: CleanHistory, parameters: Parameters
) -> tuple[str, str]:
    """Return the verdict on an item's demand, and why."""
    period, there = parameters.period, int((~np.isnan(known)).sum())
    notes = "; ".join(clean.notes) if repaired else ""
    if np.nansum(known) == 0:
        return "no demand", f"nothing sold in {counted(there, period)}" if there else "no row in tblDemand"
    # Periods out of stock, or not known, are no sign that demand stopped.
    idle = int(np.isfinite(known[np.flatnonzero(np.nan_to_num(known) > 0)[-1] + 1 :]).sum())
    if idle >= recent_periods(parameters.calendar):
        return "stopped", f"nothing sold in the last {counted(idle, period)}"
    if there < FEW_PERIODS:
        return "short", f"{counted(there, period)} known: the forecast is weak, no pattern can be told"
    missing, periods = int(row["missing_periods"]), int(row["history_periods"])
    if missing > parameters.maximum_missing_share * periods:
        meaning = "zero demand" if parameters.missing_periods == "zero" else "not known"
        return "gaps", f"{missing} of {counted(periods, period)} without a row, counted as {meaning}"
    return ("repaired" if repaired else "sound"), notes or f"{counted(there, period)} known, nothing repaired"
