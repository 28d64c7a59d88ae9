"""A forecast that somebody gives, in place of demand to learn one from."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.domain.words import counted
from invopt_xl.errors import InputError
from invopt_xl.plan.columns import DEFAULT_LOCATION, ITEMS, Column, Table
from invopt_xl.plan.histories import item_positions
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quality import rules
from invopt_xl.plan.quality.contract import fill_defaults
from invopt_xl.plan.quality.findings import Draft, Findings, Mask

GIVEN_FORECAST = Table(
    "tblForecast",
    "forecast",
    "Forecast",
    (
        Column("item", "text", "A row of tblItems.", required=True),
        Column("location", "text", "Where the item is stocked.", default=DEFAULT_LOCATION),
        Column("date", "date", "Any day of the period.", required=True),
        Column("mean", "number", "Expected demand, units.", required=True, minimum=0),
    ),
    key=("item", "location", "date"),
    required=True,
)

ITEMS_WITH_LEVELS = replace(
    ITEMS,
    columns=(
        *ITEMS.columns,
        Column("safety_stock", "number", "Stock below which a period should not end, units.", minimum=0),
        Column("reorder_point", "number", "Order when on hand and on order are below this, units.", minimum=0),
    ),
)
"""Items whose levels are given, where there is no demand to set them from."""


@dataclass(frozen=True, eq=False)
class GivenDemand:
    """Expected demand as somebody gave it.

    Parameters
    ----------
    mean
        Units by item and period from the plan date on, as far as the rows reach; shape (items, periods).
    rejected
        Rows left out.
    """

    mean: npt.NDArray[np.float64]
    rejected: int


def hold_forecast(draft: Draft, entered: Draft, parameters: Parameters) -> GivenDemand:
    """Return the demand that a table of forecasts expects in each period of the plan.

    Rows of one period are added up. An item or a period without a row has no demand, which is said.

    Parameters
    ----------
    draft
        The table, its cells read by `GIVEN_FORECAST`.
    entered
        Items; the result is in the order of those admitted.
    parameters
        For the plan date and the length of a period.

    Raises
    ------
    InputError
        If no row can be used, or rows are further apart than periods.
    """
    items = entered.frame
    rules.place_at_only_location(draft, items)
    fill_defaults(draft)
    rules.reject_unknown_items(draft, items, entered.entered)
    rules.reject_far_dates(draft, parameters.plan_date)
    rules.keep_first_of_each_key(draft)
    calendar = parameters.calendar
    period = calendar.index(draft.frame["date"].to_numpy())
    _pass_over_the_past(draft, period < 0, f"before the plan date {parameters.plan_date}")
    if draft.frame.empty:
        expected = f"expected forecasts from {parameters.plan_date} on"
        raise InputError(f"no row of {draft.table.name} can be used; {expected}")
    rows = draft.frame
    period, item = calendar.index(rows["date"].to_numpy()), item_positions(items, rows)
    units = rows["mean"].to_numpy() * _share_left(draft, parameters)
    mean, told = (np.zeros((len(items), int(period.max()) + 1)) for _ in range(2))
    np.add.at(mean, (item, period), units)
    np.add.at(told, (item, period), 1.0)
    _refuse_wide_spacing(draft.table, told, parameters)
    _warn_of_gaps(draft.table, told, items, parameters, draft.findings)
    return GivenDemand(mean, draft.rejected)


def _pass_over_the_past(draft: Draft, past: Mask, reason: str) -> None:
    draft.report(past, "warning", "date", reason, "row not used")
    draft.drop(past, rejected=False)


def _share_left(draft: Draft, parameters: Parameters) -> npt.NDArray[np.float64]:
    """Return the share of each row that is still to come: part of a month that has begun on the plan date."""
    begun = draft.frame["date"].lt(pd.Timestamp(parameters.plan_date)).to_numpy()
    reason = f"of a {parameters.period} that has begun on the plan date {parameters.plan_date}"
    share = parameters.calendar.share_left
    draft.report(begun, "repaired", "date", reason, f"{share:.0%} of it used, the share of its days to come")
    return np.where(begun, share, 1.0)


def _refuse_wide_spacing(table: Table, told: npt.NDArray[np.float64], parameters: Parameters) -> None:
    """Refuse forecasts of longer periods than the plan's: the first day of each would get all its demand."""
    covered, periods = int((told > 0).any(axis=0).sum()), told.shape[1]
    if periods > 2 and 2 * covered <= periods + 1:
        raise InputError(
            f"{table.name} has rows in {covered} of {counted(periods, parameters.period)}; expected one for each "
            f"{parameters.period}, as the parameter period says"
        )


def _warn_of_gaps(
    table: Table, told: npt.NDArray[np.float64], items: pd.DataFrame, parameters: Parameters, findings: Findings
) -> None:
    missing = (told == 0).sum(axis=1)
    some = missing > 0
    named = zip(items["item"][some], items["location"][some], missing[some], strict=True)
    values = [f"{item} {location}: {counted(int(count), parameters.period)}" for item, location, count in named]
    reason = f"no row for some of the {counted(told.shape[1], parameters.period)} that {table.name} reaches"
    if values:
        findings.add("warning", table.name, "date", reason, "no demand expected then", [np.nan] * len(values), values)
