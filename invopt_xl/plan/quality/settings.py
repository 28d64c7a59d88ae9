"""Rows of ``tblParameters`` read onto `Parameters`."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from difflib import get_close_matches
from typing import Any, get_type_hints

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.domain import Period
from invopt_xl.errors import InputError
from invopt_xl.plan.columns import PARAMETERS, Column, Kind, Table
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quality.coercion import read
from invopt_xl.plan.quality.contract import out_of_contract
from invopt_xl.plan.quality.findings import Draft
from invopt_xl.plan.quality.headers import plain_name
from invopt_xl.plan.quality.rules import keep_first_of_each_key

_KINDS: dict[object, Kind] = {date: "date", int: "number", float: "number", float | None: "number"}
_SHARES = ("share", "per year")
_LONGEST_GAP_DAYS = 366
_LABELLED_SHARE = 0.95


def _columns() -> tuple[Column, ...]:
    types = get_type_hints(Parameters)
    return tuple(
        Column(
            each.name,
            _KINDS.get(types[each.name], "text"),
            str(each.metadata["help"]),
            minimum=each.metadata.get("minimum"),
            maximum=each.metadata.get("maximum"),
            choices=each.metadata.get("choices", ()),
            share=each.metadata["unit"] in _SHARES,
        )
        for each in fields(Parameters)
    )


def parameters_of(draft: Draft, demand: pd.DataFrame) -> Parameters:
    """Return the parameters; a row that cannot be used is reported and its default taken.

    Parameters
    ----------
    draft
        The table of parameters, its names read as text.
    demand
        Typed demand rows, to take the plan date from where no row gives it.

    Raises
    ------
    InputError
        If there is neither a plan date nor a date of demand.
    """
    known = {plain_name(column.name): column for column in _columns()}
    names = [known[plain_name(name)].name if plain_name(name) in known else name for name in draft.frame["name"]]
    draft.frame["name"] = pd.Series(names, index=draft.frame.index, dtype=object)
    keep_first_of_each_key(draft)
    values: dict[str, Any] = {}
    rejected = np.zeros(len(draft.frame), dtype=bool)
    for place, name in enumerate(draft.frame["name"]):
        column = known.get(plain_name(name))
        row = np.arange(len(rejected)) == place
        if column is None:
            similar = get_close_matches(plain_name(name), list(known), 1)
            hint = f"; expected {known[similar[0]].name}" if similar else ""
            draft.report(row, "warning", "name", f"{name} is not a parameter{hint}", "row not used")
            continue
        value, reason = _value(draft.cells["value"].iloc[place], column)
        if reason:
            default = {each.name: each.default for each in fields(Parameters)}[column.name]
            taken = "plan date taken from demand" if column.kind == "date" else f"default {default} taken"
            draft.report(row, "rejected", "value", f"{column.name} {reason}", taken)
            rejected |= row
        elif value is not None:
            values[column.name] = value
    draft.drop(rejected)
    if "plan_date" not in values:
        values["plan_date"] = _plan_date(draft, demand, values.get("period", Parameters.period))
    return Parameters(**values)


def _value(cell: object, column: Column) -> tuple[Any, str]:
    """Return the parameter's value, None where the cell is blank, and what is wrong with it."""
    reading = read(pd.Series([cell], dtype=object), column)
    if reading.missing.all():
        return None, ""
    if reading.unreadable:
        return None, f"is {next(iter(reading.unreadable))}"
    if out_of_contract(reading.values.to_frame(column.name), Table("", "", "", (column,))):
        return None, f"is out of bounds; expected {column.expectation}"
    value = reading.values.iloc[0]
    if column.kind == "date":
        return value.date(), ""
    if column.kind == "number" and get_type_hints(Parameters)[column.name] is int:
        whole = float(value).is_integer()
        return (int(value), "") if whole else (None, f"is not whole; expected {column.expectation}")
    return (float(value) if column.kind == "number" else str(value)), ""


def _plan_date(draft: Draft, demand: pd.DataFrame, period: Period) -> date:
    """Return the first day after the last period of demand, and say so.

    A last date that lies more than a year after the one before it is a mistake rather than the end of the history.
    """
    dates = demand["date"].dropna().to_numpy().astype("datetime64[D]")
    if not len(dates):
        expected = "expected a row plan_date in tblParameters, such as 2018-01-31"
        raise InputError(f"the plan date is missing and tblDemand has no date to take it from; {expected}")
    days = np.unique(dates)
    middle = len(days) // 2
    jumps = np.flatnonzero(np.diff(days[middle:]).astype(int) > _LONGEST_GAP_DAYS)
    last = days[middle + jumps[0]] if len(jumps) else days[-1]
    if period == "month":
        first_after = (last.astype("datetime64[M]") + np.timedelta64(1, "M")).astype("datetime64[D]")
    else:
        first_after = last + np.timedelta64(_days_to_next_week(dates, last) if period == "week" else 1, "D")
    found: date = first_after.astype(object)
    reason = f"plan_date is missing; the last {period} of demand ends on the day before {found}"
    draft.findings.add("repaired", PARAMETERS.name, "value", reason, f"{found} taken")
    return found


def _days_to_next_week(dates: npt.NDArray[np.datetime64], last: np.datetime64) -> int:
    """Return the days from the last date to the week after it.

    Where nearly all dates fall on one weekday they are labels of weeks, taken as the weeks' first days.
    """
    weekdays = dates.astype(np.int64) % 7
    label = int(np.bincount(weekdays).argmax())
    if len(dates) > 1 and np.mean(weekdays == label) >= _LABELLED_SHARE:
        return 7 - (int(last.astype(np.int64)) - label) % 7
    return 1
