"""Rows of ``tblParameters`` read onto `Parameters`."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from difflib import get_close_matches
from typing import Any, get_type_hints

import numpy as np
import pandas as pd

from invopt_xl.domain import Period
from invopt_xl.errors import InputError
from invopt_xl.forecasting.panel.calendar import end_of_demand
from invopt_xl.plan.columns import PARAMETERS, Column, Kind, Table
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quality.coercion import decimal_commas, read, with_dots
from invopt_xl.plan.quality.contract import out_of_contract
from invopt_xl.plan.quality.findings import Draft
from invopt_xl.plan.quality.headers import plain_name
from invopt_xl.plan.quality.rules import keep_first_of_each_key

_KINDS: dict[object, Kind] = {date: "date", int: "number", float: "number", float | None: "number"}
_SHARES = ("share", "per year")


def parameter_columns() -> tuple[Column, ...]:
    """Return each parameter as the column of a table would be declared: its kind, bounds and choices."""
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
        Typed demand rows with a quantity, to take the plan date from where no row gives it.

    Raises
    ------
    InputError
        If there is neither a plan date nor a date of demand.
    """
    values = given_parameters(draft)
    if "plan_date" not in values:
        values["plan_date"] = _plan_date(draft, demand, values.get("period", Parameters.period))
    return Parameters(**values)


def given_parameters(draft: Draft) -> dict[str, Any]:
    """Return the values that rows give parameters, by name; report and reject the rows that cannot be used."""
    known = {plain_name(column.name): column for column in parameter_columns()}
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
        value, reason = _value(draft.cells["value"].iloc[[place]], column)
        if reason:
            default = {each.name: each.default for each in fields(Parameters)}[column.name]
            usual = "not set" if default is None else f"default {default} taken"
            taken = "plan date taken from demand" if column.kind == "date" else usual
            draft.report(row, "rejected", "value", f"{column.name} {reason}", taken)
            rejected |= row
        elif value is not None:
            values[column.name] = value
    draft.drop(rejected)
    return values


def _value(cell: pd.Series[Any], column: Column) -> tuple[Any, str]:
    """Return the parameter's value, None where the one cell is blank, and what is wrong with it."""
    if column.kind == "number" and decimal_commas(cell):  # each by itself: other parameters are texts
        cell = with_dots(cell)
    reading = read(cell.astype(object), column)
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
    """Return the first day after the last period of demand, or within it where it is not over, and say so."""
    dates = demand["date"].dropna().to_numpy().astype("datetime64[D]")
    if not len(dates):
        expected = "expected a row plan_date in tblParameters, such as 2018-01-31"
        raise InputError(f"the plan date is missing and tblDemand has no date to take it from; {expected}")
    found = end_of_demand(dates, period)
    over = period != "month" or found.day == 1
    end = "ends on the day before" if over else "is not over; its rows end on the day before"
    reason = f"plan_date is missing; the last {period} of demand {end} {found}"
    draft.findings.add("repaired", PARAMETERS.name, "value", reason, f"{found} taken")
    return found
