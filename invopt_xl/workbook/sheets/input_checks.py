"""Checks, as formulas, that the tables of inputs are as the last refresh read them, and hold all that was typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from invopt_xl.plan import columns as contract
from invopt_xl.plan.as_read import PRINTS, compared
from invopt_xl.plan.columns import Column, Table
from invopt_xl.workbook.sheets.formulas import column

if TYPE_CHECKING:
    from invopt_xl.workbook.sheets.builder import SheetBuilder

TOLERANCE = "input_tolerance"
"""Name of the cell that tells by which share such sums may differ."""

_CALLED = {"items_read": "Items", "demand_read": "Demand", "open_orders_read": "Open orders"}
_CALLED |= {"parameters_read": "Parameters", "terms_read": "Suppliers and other terms"}


class NativeCheck(NamedTuple):
    """A check: what must be so, the formula of its result (OK, CHECK, or blank), and that of the figures."""

    name: str
    result: str
    detail: str


def planned_rows() -> str:
    """Return the count of planned items, in a formula."""
    return f"COUNT({column(contract.PLAN, 'on_hand')})"


def when_planned(condition: str) -> str:
    """Return the formula of a result: OK or CHECK, and blank before there is a plan."""
    return f'=IF({planned_rows()}=0,"",IF({condition},"OK","CHECK"))'


def as_read(name: str) -> str:
    """Return what the last refresh read, from the last row of its log."""
    cells = column(contract.LOG, name)
    return f"INDEX({cells},ROWS({cells}))"


def input_checks(builder: SheetBuilder) -> list[NativeCheck]:
    """Return a check for each number that the log keeps of the inputs, and one of the cells below them."""
    groups = {name: [table for table in tables if builder.has(table)] for name, tables in PRINTS.items()}
    checks = [_same_numbers(name, tables) for name, tables in groups.items() if tables]
    return [*checks, _nothing_below(builder, [table for tables in groups.values() for table in tables])]


def _same_numbers(name: str, tables: Sequence[Table]) -> NativeCheck:
    """Compare what stands in tables now with what the last refresh read; beside an error, that cannot be told."""
    now, read = "+".join(_print(table) for table in tables), as_read(name)
    same = f"ABS({now}-{read})<={TOLERANCE}*(1+ABS({read}))"
    words = '"as read"', '"refresh needed: a number was changed or moved"', '"an error stands in a cell: correct it"'
    return NativeCheck(
        f"{_CALLED[name]}: numbers as last read",
        f'=IF({planned_rows()}=0,"",IFERROR(IF({same},"OK","CHECK"),"CHECK"))',
        f'=IF({planned_rows()}=0,"",IFERROR(IF({same},{words[0]},{words[1]}),{words[2]}))',
    )


def _print(table: Table) -> str:
    """Return the sum that `plan.as_read.table_print` makes of a table."""
    made = ""
    for each in reversed(compared(table)):
        made = f"({_column_print(table, each)}+SIN(1)*{made})" if made else _column_print(table, each)
    return made


def _column_print(table: Table, of: Column) -> str:
    """Return the weighted sum of a column; texts count as filled in alone, for SUMPRODUCT takes them for zero.

    TRUE is 1 in it, which one program takes for a number in such sums and the other does not.
    """
    cells = column(table, of.name)
    weights = f"EXP(SIN(ROW({cells})-MIN(ROW({cells}))))"
    if table is contract.PARAMETERS:
        weights += f'*({column(table, "name")}<>"plan_date")'
    if of.kind == "date":
        first = f"DATEVALUE({as_read('plan_date')})"
        return f'(SUMPRODUCT({weights}*(({cells}<>"")+{first}*ISNUMBER({cells})))-SUMPRODUCT({weights},{cells}))'
    return f'(SUMPRODUCT({weights}*(1-({cells}=TRUE)),{cells})+SUMPRODUCT({weights}*(({cells}=TRUE)+({cells}<>""))))'


def _nothing_below(builder: SheetBuilder, tables: Sequence[Table]) -> NativeCheck:
    """Find rows that were typed just below a table: not every program makes them rows of it."""
    found = [(table, _cells_below(builder, table)) for table in tables]
    counts = "+".join(count for _, count in found)
    where = '"none"'
    for table, count in reversed(found):
        where = f'IF({count}>0,"refresh needed: a row below {table.name}",{where})'
    return NativeCheck(
        "Nothing stands just below the tables of inputs",
        f'=IF({planned_rows()}=0,"",IFERROR(IF({counts}=0,"OK","CHECK"),"CHECK"))',
        f'=IF({planned_rows()}=0,"",IFERROR({where},"a table of inputs is not there any more"))',
    )


def _cells_below(builder: SheetBuilder, table: Table) -> str:
    """Count the cells filled in the row below a table, its row of totals included in the table."""
    cells = f"{table.name}[[#All],[{table.columns[0].name}]]"
    return f"COUNTA(INDEX({builder.cells_of(table)},ROW(INDEX({cells},ROWS({cells})))+1,0))"
