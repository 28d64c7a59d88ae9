"""What was assumed when histories were put together, one sentence each."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from invopt_xl.domain.calendar import Period
from invopt_xl.domain.words import counted
from invopt_xl.forecasting.panel.calendar import DemandCalendar
from invopt_xl.forecasting.panel.histories import Histories, MissingPeriods


def assumptions(
    demand: pd.DataFrame, periods: DemandCalendar, histories: Histories, missing_periods: MissingPeriods
) -> tuple[str, ...]:
    """Return what was assumed of demand, one sentence each.

    Parameters
    ----------
    demand
        As `frames.checked_demand` returns it.
    periods
        As `calendar.demand_calendar` returns them, with assumptions of their own.
    histories
        What was made of both.
    missing_periods
        What a period without a row means.
    """
    sentences = [*periods.assumptions, *_rows_ahead(demand, periods), *_items_without_history(histories, periods)]
    if missing_periods == "zero":
        sentences += _periods_without_rows(histories, periods.calendar.period)
    return (*sentences, *_promotions_without_a_plan(histories))


def _rows_ahead(demand: pd.DataFrame, periods: DemandCalendar) -> Iterator[str]:
    """Say what becomes of rows from the first period to forecast on, unless that was said before."""
    quantity = demand.loc[demand["date"] >= pd.Timestamp(periods.start), "quantity"]
    known = int(quantity.notna().sum())
    if known and not periods.unfinished:
        yield f"{counted(known, 'row')} with demand from {periods.start} on, the first period to forecast: not learned"
    planned = len(quantity) - known
    if planned:
        what = "is a plan" if planned == 1 else "are plans"
        yield f"{counted(planned, 'row')} without a quantity from {periods.start} on {what} of price and promotion"


def _items_without_history(histories: Histories, periods: DemandCalendar) -> Iterator[str]:
    """Say how many items begin only with what is planned."""
    count = int((histories.first == histories.periods).sum())
    if count:
        has = "has" if count == 1 else "have"
        yield f"{counted(count, 'item')} {has} no demand before {periods.start}: none is forecast"


def _periods_without_rows(histories: Histories, period: Period) -> Iterator[str]:
    """Say how many periods between the first and the last row of an item have none."""
    there = histories.rows > 0
    alive = np.logical_or.accumulate(there, axis=1) & np.logical_or.accumulate(there[:, ::-1], axis=1)[:, ::-1]
    missing = alive & ~there
    count, items = int(missing.sum()), int(missing.any(axis=1).sum())
    if count:
        what = f"{counted(count, period)} of {counted(items, 'item')} {'has' if count == 1 else 'have'}"
        yield f"{what} no row between the item's first and last one: counted as zero demand"


def _promotions_without_a_plan(histories: Histories) -> Iterator[str]:
    """Say how many items had promotions, and nothing is planned for them."""
    planned = (~np.isnan(histories.future_promotion)).any(axis=1)
    count = int((histories.promotion.any(axis=1) & ~planned).sum())
    if count:
        theirs = "its forecast holds" if count == 1 else "their forecasts hold"
        yield f"{counted(count, 'item')} had promotions and none is planned: {theirs} them as a habit"
