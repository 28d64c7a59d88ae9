"""Overrides of the last plan: which of them can be followed, and when, judged as every other input is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from invopt_xl.plan import columns
from invopt_xl.plan.columns import PLAN, Table, Tables
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quality import rules
from invopt_xl.plan.quality.coercion import read
from invopt_xl.plan.quality.contract import fill_defaults, hold_to_contract, read_cells
from invopt_xl.plan.quality.findings import Draft, Findings, Mask, with_items
from invopt_xl.plan.quality.headers import draft_of, warn_of_misspelt

_QUANTITY, _DATE = PLAN.column("override_quantity"), PLAN.column("override_date")
NOT_FOLLOWED = "override not followed"
"""What is said of an override that no order follows, in every table and in the same words."""

REPLACED = "replaced"
"""Verdict in the log of an override that was changed or withdrawn before it was ordered."""

OVERRIDES = Table(
    PLAN.name,
    PLAN.stem,
    PLAN.title,
    (replace(PLAN.column("item"), required=True), PLAN.column("location"), replace(_QUANTITY, required=True)),
    key=PLAN.key,
)
"""What a row of the last plan has to hold for its override to be followed."""


def hold_overrides(raw: Tables, items: Draft, parameters: Parameters, findings: Findings) -> int:
    """Name the overrides that no order follows, and return how many.

    They have no quantity of at least zero, a day that is past or beyond the horizon, or no item that is planned; so has
    a day without a quantity. One that was ordered on its day is none of them, see `days_ordered`. Whatever the planner
    wrote stays in the plan all the same. A plan without a column ``item`` is refused by `overrides.planner_columns`,
    where it is followed.

    Parameters
    ----------
    raw
        Tables as read, with the log of overrides; without ``plan`` there is nothing to judge.
    items
        Admitted items.
    parameters
        For the plan date and the horizon.
    findings
        Told of every override that is not followed.

    Examples
    --------
    >>> items = pd.DataFrame({"item": ["tea"], "unit_cost": 2, "lead_time_days": 7, "on_hand": 5})
    >>> plan = pd.DataFrame({"item": ["tea", "te"], "override_quantity": [24, 5]}, index=[2, 3])
    >>> from invopt_xl.plan.quality import admit
    >>> parameters = pd.DataFrame({"name": ["plan_date"], "value": ["2018-01-01"]})
    >>> demand = pd.DataFrame({"item": ["tea"] * 2, "date": ["2016-01-04", "2017-12-25"], "quantity": [1, 2]})
    >>> found = admit({"items": items, "demand": demand, "plan": plan, "parameters": parameters}).quality
    >>> found.loc[found["table"] == "tblPlan", ["row", "value", "reason"]].values.tolist()
    [[3.0, 'te', 'unknown item; expected an item of tblItems; did you mean tea?']]
    """
    last = raw.get(PLAN.stem, pd.DataFrame())
    headers = [str(header) for header in last.columns]
    absent = [column.name for column in (_QUANTITY, _DATE) if column.name not in headers]
    mine = [header for header in headers if header not in PLAN.column_names]
    warn_of_misspelt(PLAN, absent, mine, findings)
    if not {"item", _QUANTITY.name} <= set(headers):
        return 0
    typed = ~read(last[_QUANTITY.name], _QUANTITY).missing
    ordered = days_ordered(last, raw, parameters).notna().to_numpy()
    undated, ill_dated = _hold_dates(last, typed, ordered, parameters, findings)
    there = [name for name in OVERRIDES.column_names if name in headers]
    draft = draft_of(last.loc[typed & ~ill_dated & ~ordered, there], OVERRIDES, findings)
    draft.left_out, draft.sorted_anew = NOT_FOLLOWED, True
    hold_to_contract(draft, read_cells(draft))
    if "location" not in there:
        rules.place_at_only_location(draft, items.frame)
    fill_defaults(draft)
    rules.reject_unknown_items(draft, items.frame, items.entered)
    rules.keep_first_of_each_key(draft)
    return draft.rejected + undated + int(ill_dated.sum())


def _hold_dates(
    last: pd.DataFrame, typed: Mask, ordered: Mask, parameters: Parameters, findings: Findings
) -> tuple[int, Mask]:
    """Report days that no override can be ordered on; return how many have no quantity, and the rows of the others.

    Of those that were ordered on their day nothing is reported.
    """
    if _DATE.name not in last:
        return 0, np.zeros(len(last), dtype=bool)
    cells = last[_DATE.name]
    alone = ~read(cells, _DATE).missing & ~typed
    fault = np.where(ordered, "", override_days(cells, parameters)["fault"].to_numpy(dtype=object))
    without = f"has no {_QUANTITY.name} beside it; expected units to order on this day"
    reasons = {without: (alone, "item planned as usual")}
    reasons |= {reason: ((fault == reason) & typed, NOT_FOLLOWED) for reason in dict.fromkeys(fault) if reason}
    for reason, (rows, action) in reasons.items():
        if rows.any():
            places = last.index[rows]
            values = with_items(last.loc[rows, "item"], cells[rows])
            findings.add("rejected", PLAN.name, _DATE.name, reason, action, places, values)
    return int(alone.sum()), typed & (fault != "")


def days_ordered(rows: pd.DataFrame, raw: Tables, parameters: Parameters) -> pd.Series[Any]:
    """Return the day on which each dated override was ordered; missing where it was not, or its day is to come.

    It was ordered if its day is past and the log has it as it stands: a refresh before that day followed it.

    Parameters
    ----------
    rows
        Rows of the plan, with what the planner wrote.
    raw
        Tables as read, with the log of overrides.
    parameters
        For the plan date.

    Examples
    --------
    >>> from datetime import date
    >>> plan = pd.DataFrame({"item": ["tea", "cup"], "override_quantity": 24, "override_date": "2018-01-16"})
    >>> log = pd.DataFrame({"item": ["tea"], "override_quantity": [24], "override_date": ["2018-01-16"]})
    >>> days_ordered(plan, {"overrides": log}, Parameters(date(2018, 1, 22))).tolist()
    [Timestamp('2018-01-16 00:00:00'), NaT]
    """
    log = raw.get(columns.OVERRIDES.stem, pd.DataFrame())
    named = [name for name in ("item", "location", _QUANTITY.name, _DATE.name) if name in rows and name in log]
    if not {"item", _QUANTITY.name, _DATE.name} <= set(named):
        return pd.Series(pd.NaT, index=rows.index)
    if "verdict" in log:
        log = log[log["verdict"] != REPLACED]
    asked, known = (
        pd.DataFrame({name: read(table[name].astype(object), PLAN.column(name)).values for name in named})
        for table in (rows, log)
    )
    is_known = pd.MultiIndex.from_frame(_placed(asked)).isin(pd.MultiIndex.from_frame(_placed(known)))
    day = asked[_DATE.name]
    return day.where(is_known & (day < pd.Timestamp(parameters.plan_date)))


def _placed(keys: pd.DataFrame) -> pd.DataFrame:
    """Return keys with the usual location where none is given."""
    return keys.fillna({"location": columns.DEFAULT_LOCATION}) if "location" in keys else keys


def override_days(cells: pd.Series[Any], parameters: Parameters) -> pd.DataFrame:
    r"""Return when overrides are ordered.

    Parameters
    ----------
    cells
        Cells of ``override_date``; a blank one means now.
    parameters
        For the plan date and the horizon.

    Returns
    -------
    DataFrame
        ``day`` (missing where blank or not to be used), ``period`` (0 is now; missing where the day is not to be used)
        and ``fault``, why it is not, with what was expected ("" otherwise).

    Examples
    --------
    >>> from datetime import date
    >>> cells = pd.Series(["2018-01-16", None, "2017-12-31", "2019-01-01", "soon"])
    >>> found = override_days(cells, Parameters(date(2018, 1, 1)))
    >>> found["period"].tolist()
    [2.0, 0.0, nan, nan, nan]
    >>> print(*found["fault"].iloc[2:], sep="\n")
    is before the plan date 2018-01-01; expected a day from it on, or none for an order now
    is beyond the horizon; expected a day before 2018-04-02
    is not a date; expected a date such as 2018-01-31
    """
    reading = read(cells.astype(object), _DATE)
    day = reading.values
    period = np.zeros(len(cells))
    known = day.notna().to_numpy()
    period[known] = parameters.calendar.index(day[known].to_numpy())
    end = parameters.calendar.start(np.array([parameters.horizon_periods]))[0]
    past = known & (day < pd.Timestamp(parameters.plan_date)).to_numpy()
    fault = np.full(len(cells), "", dtype=object)
    now = parameters.plan_date
    fault[past] = f"is before the plan date {now}; expected a day from it on, or none for an order now"
    fault[known & (period >= parameters.horizon_periods)] = f"is beyond the horizon; expected a day before {end}"
    for reason, rows in reading.unreadable.items():
        fault[rows] = f"is {reason}"
    usable = fault == ""
    return pd.DataFrame(
        {"day": day.where(usable), "period": np.where(usable, period, np.nan), "fault": fault}, index=cells.index
    )
