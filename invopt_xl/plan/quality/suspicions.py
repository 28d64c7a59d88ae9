"""What is odd in sound rows: short or broken histories, outliers, items that never sold. All of it is planned."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.domain.words import counted
from invopt_xl.forecasting.cleaning.outliers import believable
from invopt_xl.plan.absent_periods import absent_periods
from invopt_xl.plan.columns import DEMAND, ITEMS
from invopt_xl.plan.histories import MAXIMUM_YEARS, Histories, assemble, item_positions
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quality.findings import LIMIT, Draft, Findings, Mask

Counts = npt.NDArray[np.int64]

_DAYS_PER_MONTH = 365.25 / 12
_OUTLIER_RATIO = 100.0
"""A row this many times what its item usually sells in a whole period is more likely a wrong unit or a slipped key
than demand."""

_BEYOND_OTHERS = 10.0
"""A row that is beyond belief is named from so many times on the most that its item sold in any other period: real
peaks, as of a promotion, are rarely so far above all others."""

_LONGEST_WEEK = 31.0
"""Days; a longer season is a year."""

_OUTLIER_PERIODS = 3
"""Periods with demand an item needs before their median says anything."""


def warn_of_odd_histories(items: Draft, demand: Draft, parameters: Parameters) -> None:
    """Warn of histories that give forecasts little or wrong ground to stand on.

    Parameters
    ----------
    items, demand
        Admitted rows.
    parameters
        Limits of what is short and what is missing, and the plan date.
    """
    found = assemble(items.frame, demand.frame, parameters)
    _warn_of_little_demand(items, found)
    _warn_of_short(items, found, parameters)
    _warn_of_gaps(items, found, parameters)
    _warn_of_absent_periods(found, parameters, items.findings)
    _warn_of_stock_outs(found, parameters, items.findings)
    _warn_of_old_rows(demand, parameters)
    _warn_of_outliers(items, demand, found, parameters)
    _warn_of_minimum_orders(items, found, parameters)


def _warn_of_little_demand(items: Draft, found: Histories) -> None:
    rows = found.rows.sum(axis=1)
    none = rows == 0
    points = ((found.rows > 0) & ~np.isnan(found.quantity)).sum(axis=1)
    zero = ~none & (np.nan_to_num(found.quantity).sum(axis=1) == 0)
    items.report(none, "warning", "item", "no row in tblDemand", "planned with zero demand")
    items.report(points == 1, "warning", "item", "demand of one period only", "planned; the forecast is a guess")
    items.report(zero & (points > 1), "warning", "item", "demand is zero in every row", "planned with zero demand")


def _warn_of_short(items: Draft, found: Histories, parameters: Parameters) -> None:
    periods = found.periods - found.first
    months = periods * parameters.calendar.days_per_period / _DAYS_PER_MONTH
    short = (months < parameters.minimum_history_months) & (periods > 0)
    limit = f"less than {parameters.minimum_history_months:g} months of history"
    _report_length(items, periods, short, limit, "planned; a yearly pattern cannot be learned from it", parameters)
    yearly = parameters.calendar.days_per_period * parameters.calendar.season > _LONGEST_WEEK
    once = (periods < 2 * parameters.calendar.season) & (periods > 0) & ~short & yearly
    learned = "planned; a yearly pattern is learned from two years on"
    _report_length(items, periods, once, "less than two years of history", learned, parameters)


def _report_length(items: Draft, periods: Counts, rows: Mask, reason: str, action: str, parameters: Parameters) -> None:
    """Warn of items by the length of their histories, periods."""
    lengths = [counted(int(count), parameters.period) for count in periods[rows]]
    typical = f"median {counted(round(np.median(periods[rows])), parameters.period)}" if rows.any() else ""
    _report_items(items, rows, reason, lengths, typical, action)


def _warn_of_gaps(items: Draft, found: Histories, parameters: Parameters) -> None:
    periods = found.periods - found.first
    missing = periods - (found.rows > 0).sum(axis=1)
    share = missing / np.maximum(periods, 1)
    gappy = share > parameters.maximum_missing_share
    meaning = "zero demand" if parameters.missing_periods == "zero" else "unknown"
    _report_items(
        items,
        gappy,
        f"more than {parameters.maximum_missing_share:.0%} of periods without a row",
        [f"{part:.0%}" for part in share[gappy]],
        f"median {np.median(share[gappy]):.0%}" if gappy.any() else "",
        f"counted as {meaning}, as the parameter missing_periods says",
    )


def _warn_of_absent_periods(found: Histories, parameters: Parameters, findings: Findings) -> None:
    """Warn in one row of the periods in which no item has a row."""
    places = np.flatnonzero(absent_periods(found))
    if not places.size:
        return
    days = pd.DatetimeIndex(parameters.calendar.start(places - found.periods))
    many = f"{counted(places.size, parameters.period)}, the first of them " if places.size > 1 else ""
    where = f"{many}the {parameters.period} of {days[0]:%Y-%m-%d}"
    meaning = "zero demand" if parameters.missing_periods == "zero" else "unknown"
    action = f"counted as {meaning}, as the parameter missing_periods says; add the rows if there are any"
    named = ", ".join(f"{day:%Y-%m-%d}" for day in days)
    findings.add(
        "warning", DEMAND.name, "date", f"no item has a row in {where}: a file forgotten?", action, values=[named]
    )


def _report_items(items: Draft, rows: Mask, reason: str, values: list[str], typical: str, action: str) -> None:
    """Warn of a few items one by one, of many in one row."""
    if rows.sum() > LIMIT:
        many = f"{rows.sum():,} of {counted(len(rows), 'item')} have {reason} ({typical})"
        items.findings.add("warning", ITEMS.name, "item", many, action)
    else:
        named = [f"{item}: {value}" for item, value in zip(items.frame["item"][rows], values, strict=True)]
        items.findings.add("warning", ITEMS.name, "item", reason, action, items.frame.index[rows], named)


def _warn_of_stock_outs(found: Histories, parameters: Parameters, findings: Findings) -> None:
    out = ~found.in_stock
    if out.any():
        periods, items = int(out.sum()), int(out.any(axis=1).sum())
        reason = f"{counted(periods, parameters.period)} of {counted(items, 'item')} marked out of stock"
        findings.add("warning", DEMAND.name, "in_stock", reason, "their sales are not learned as demand")


def _warn_of_old_rows(demand: Draft, parameters: Parameters) -> None:
    oldest = pd.Timestamp(parameters.plan_date) - pd.DateOffset(years=MAXIMUM_YEARS)
    old = demand.frame["date"].lt(oldest).to_numpy()
    demand.report(old, "warning", "date", f"more than {MAXIMUM_YEARS} years before the plan date", "row not used")


def _warn_of_outliers(items: Draft, demand: Draft, found: Histories, parameters: Parameters) -> None:
    """Warn of rows far above the median of the item's periods with demand, or above all others, the farthest first."""
    at = item_positions(items.frame, demand.frame)
    rows = demand.frame.assign(
        usual=_usual_demand(found)[at], others=_most_otherwise(found, at, demand.frame["date"], parameters)
    )
    far = rows["quantity"] >= _OUTLIER_RATIO * rows["usual"]
    reason = f"outlier; expected less than {_OUTLIER_RATIO:g} times what the item usually sells in a period"
    _report_outliers(demand, rows[far], "usual", reason, "its median is {:.6g}")
    beyond = ~far & (rows["quantity"] >= _BEYOND_OTHERS * rows["others"])
    reason = f"outlier; expected less than {_BEYOND_OTHERS:g} times the most that the item sold in any other period"
    _report_outliers(demand, rows[beyond], "others", reason, f"otherwise at most {{:.6g}} in a {parameters.period}")


def _report_outliers(demand: Draft, far: pd.DataFrame, beside: str, reason: str, words: str) -> None:
    far = far.iloc[np.argsort(-(far["quantity"] / far[beside]).to_numpy(), kind="stable")]
    values = [
        f"{item} on {day:%Y-%m-%d}: {quantity:.15g}; {words.format(other)}"
        for item, day, quantity, other in zip(far["item"], far["date"], far["quantity"], far[beside], strict=True)
    ]
    action = "kept; correct the row if it is wrong"
    demand.findings.add("warning", DEMAND.name, "quantity", reason, action, far.index, values)


def _most_otherwise(
    found: Histories, at: npt.NDArray[np.intp], dates: pd.Series[pd.Timestamp], parameters: Parameters
) -> npt.NDArray[np.float64]:
    """Return the most that the item of each row sold in any other period; NaN unless the row's is beyond belief alone.

    Where the period before or after it is as well, it was more likely an event than a slip of the pen; among several
    rows of a period, sales lines, a large order.
    """
    believed = believable(found.quantity)
    beyond = np.isnan(believed) & ~np.isnan(found.quantity)
    alone = beyond & (found.rows == 1)
    alone[:, 1:] &= ~beyond[:, :-1]
    alone[:, :-1] &= ~beyond[:, 1:]
    period = parameters.calendar.index(dates.to_numpy()) + found.periods
    there = np.flatnonzero((at >= 0) & (period >= 0) & (period < found.periods))
    odd = there[alone[at[there], period[there]]]
    most = np.full(len(at), np.nan)
    most[odd] = np.nan_to_num(believed).max(axis=1, initial=0.0)[at[odd]]
    return most


def _usual_demand(found: Histories) -> npt.NDArray[np.float64]:
    """Return each item's median over its periods with demand, units; NaN where there are too few to tell."""
    sold = np.where(found.quantity > 0, found.quantity, np.nan)
    usual = np.full(len(found), np.nan)
    enough = (sold > 0).sum(axis=1) >= _OUTLIER_PERIODS
    if enough.any():
        usual[enough] = np.nanmedian(sold[enough], axis=1)
    return usual


def _warn_of_minimum_orders(items: Draft, found: Histories, parameters: Parameters) -> None:
    """Warn where a minimum order lasts longer than a year or than it keeps, by the demand of the last year at most."""
    year = round(365.25 / parameters.calendar.days_per_period)
    last = found.quantity[:, max(found.periods - year, 0) :]
    known = (~np.isnan(last)).sum(axis=1)
    annual = np.nan_to_num(last).sum(axis=1) / np.maximum(known, 1) * year
    above = items.frame["moq"].gt(annual).to_numpy() & (annual > 0)
    items.report(above, "warning", "moq", "above a year of demand; expected less", "used as it is")
    frame = items.frame
    keeps = annual / 365.25 * frame["shelf_life_days"].to_numpy()
    spoils = (frame[["moq", "lot_size"]].max(axis=1).to_numpy() > keeps) & (annual > 0) & ~above
    reason = "the smallest order is above what sells within shelf_life_days; expected less"
    action = "used as it is; what an order brings beyond that would spoil"
    by_lot = frame["lot_size"].gt(frame["moq"]).to_numpy()  # the cell to correct is the larger of the two
    items.report(spoils & ~by_lot, "warning", "moq", reason, action)
    items.report(spoils & by_lot, "warning", "lot_size", reason, action)
