"""Rules for cells a person types into: what is allowed, with a message where the cell is selected."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Any

import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from invopt_xl.plan.columns import Column, Kind, Table
from invopt_xl.plan.parameters import Parameters
from invopt_xl.workbook.sheets.calculated import placed_columns
from invopt_xl.workbook.sheets.formulas import filled
from invopt_xl.workbook.sheets.look import Look

SPARE_ROWS = 5_000
"""Rows below a table that have the rules already, for rows added by hand."""

SUPPLIERS_OFFERED = 500
KNOWN_SUPPLIERS = "known_suppliers"
EARLIEST = date(1990, 1, 1)
NAMED = ("plan_date", "horizon_periods", "service_target", "budget", "currency")


def add_entry_rules(sheet: Worksheet, table: Table, first_column: int, first_row: int, rows: int) -> None:
    """Add a rule and an input message to every column of an input table that has bounds, choices, dates or flags."""
    if table.stem == "parameters":
        return
    last = first_row - 1 + rows + SPARE_ROWS
    for offset, column in enumerate(table.columns):
        rule = _rule(column) if column.name != "supplier" or table.stem == "suppliers" else _known_suppliers()
        if rule is not None:
            where = first_column + offset
            sheet.data_validation(first_row - 1, where, last, where, rule | _messages(column.name, column.help))


def add_planner_rules(
    sheet: Worksheet, table: Table, first_row: int, last_row: int, *, earliest: str | None = None
) -> None:
    """Add rules and input messages to the planner's columns of an output table, over rows enough for it to grow.

    Dates are not to be before `earliest`, a formula, if there is one.
    """
    for position, (column, _) in enumerate(placed_columns(table)):
        if column.owner == "planner":
            rule = _rule(column) or {"validate": "any"}
            if earliest and column.kind == "date":
                rule = {"validate": "date", "criteria": ">=", "value": earliest}
            sheet.data_validation(
                first_row - 1, position, last_row - 1, position, rule | _messages(column.name, column.help)
            )


def add_parameter_rules(sheet: Worksheet, frame: pd.DataFrame, first_row: int, look: Look) -> None:
    """Add a rule and a number format to each parameter's value."""
    by_name = {parameter.name: parameter for parameter in fields(Parameters)}
    for position, (name, value) in enumerate(zip(frame["name"], frame["value"], strict=True)):
        if name not in by_name:
            continue
        row = first_row - 1 + position
        metadata = by_name[name].metadata
        kind: Kind = "date" if name == "plan_date" else "text" if isinstance(value, str) else "number"
        column = Column(
            name,
            kind,
            str(metadata["help"]),
            minimum=metadata.get("minimum"),
            maximum=metadata.get("maximum"),
            choices=tuple(metadata.get("choices", ())),
        )
        _write_value(sheet, row, value, look, column, str(metadata["unit"]))
        rule = _rule(column)
        if rule is not None:
            sheet.data_validation(row, 1, row, 1, rule | _messages(name, column.help))


def name_parameters(book: Workbook, count: int, first_row: int) -> None:
    """Name the parameters that conditional formats and a planner's own formulas use; found by name in the table."""
    last = first_row + max(count, 1) - 1
    values, names = f"Parameters!$B${first_row}:$B${last}", f"Parameters!$A${first_row}:$A${last}"
    for name in NAMED:
        book.define_name(name, f'=INDEX({values},MATCH("{name}",{names},0))')


def _write_value(sheet: Worksheet, row: int, value: Any, look: Look, column: Column, unit: str) -> None:
    shown = look.cell("parameters", _shown(column, unit), is_input=True)
    if value is None or value != value:
        sheet.write_blank(row, 1, None, shown)
    elif column.kind == "date":
        sheet.write_datetime(row, 1, pd.Timestamp(value).to_pydatetime(), shown)
    elif column.kind == "text":
        sheet.write_string(row, 1, value, shown)
    else:
        sheet.write_number(row, 1, float(value), shown)


def _shown(column: Column, unit: str) -> Column:
    """Return a stand-in whose format suits the parameter: shares as percentages, money and counts with separators."""
    if column.kind != "number":
        return column
    share = unit == "share" or column.name == "holding_rate"
    return Column("share" if share else "quantity", "number", share=share)


def _rule(column: Column) -> dict[str, Any] | None:
    if column.choices:
        return {"validate": "list", "source": list(column.choices)}
    if column.kind == "flag":
        return {"validate": "list", "source": ["0", "1"]}
    if column.kind == "date":
        return {"validate": "date", "criteria": ">=", "value": EARLIEST}
    if column.kind != "number":
        return None
    low = column.above if column.above is not None else column.minimum
    if low is None:
        return None
    if column.maximum is None:
        criteria = ">" if column.above is not None else ">="
        # The grammar of formulas in files knows exponents with a capital E alone.
        return {"validate": "decimal", "criteria": criteria, "value": f"{low:.15G}"}
    return {"validate": "decimal", "criteria": "between", "minimum": low, "maximum": column.maximum}


def name_suppliers(book: Workbook, first_row: int) -> None:
    """Name the suppliers that the sheet Suppliers lists, for the drop-downs of other sheets."""
    first, last = f"Suppliers!$A${first_row}", f"Suppliers!$A${first_row + SUPPLIERS_OFFERED}"
    inside = last.partition("!")[2]
    book.define_name(KNOWN_SUPPLIERS, "=" + filled(first, inside, f"COUNTA({first}:{inside})"))


def _known_suppliers() -> dict[str, Any]:
    """Offer the suppliers' names, and only warn of another: it may be about to be added."""
    return {
        "validate": "list",
        "source": f"={KNOWN_SUPPLIERS}",
        "error_type": "warning",
    }


def _messages(name: str, note: str) -> dict[str, Any]:
    return {
        "input_title": name[:32],
        "input_message": note[:255],
        "error_title": name[:32],
        "error_message": f"Not allowed here. {note}"[
            :225
        ],  # Excel takes fewer characters here than in an input message
        "ignore_blank": True,
    }
