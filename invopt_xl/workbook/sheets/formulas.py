"""Formulas over the tables of a workbook, written the same way everywhere: blank where nothing is known yet.

Only functions that every Excel since 2010 and LibreOffice know. Items and suppliers are compared as text, for
``SUMIFS`` takes ``0012`` and ``12`` for the same; ``SUMPRODUCT`` calculates what stands in it row by row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from invopt_xl.plan.columns import PARAMETERS, Table

if TYPE_CHECKING:
    from invopt_xl.workbook.sheets.builder import SheetBuilder

_COUNTS = ("COUNT", "COUNTA", "COUNTBLANK", "COUNTIF", "COUNTIFS", "SUM", "SUMIFS", "SUMPRODUCT", "AVERAGEIFS")
_PLACES = ("INDEX", "MATCH", "ROW", "ROWS", "LARGE", "SMALL", "MIN", "MAX")
_DAYS = ("YEAR", "MONTH", "DAY")
_WORDS = ("ABS", "AND", "OR", "NOT", "IF", "IFERROR", "ISNA", "ISNUMBER", "NA", "ROUND", "FIXED", "SUBSTITUTE", "TRIM")
_NUMBERS = ("SIN", "EXP", "DATEVALUE")

ALLOWED_FUNCTIONS = frozenset(_COUNTS + _PLACES + _DAYS + _WORDS + _NUMBERS)
"""What formulas of plan workbooks are made of."""


def column(table: Table, name: str) -> str:
    """Return a reference to all rows of a table's column.

    Examples
    --------
    >>> from invopt_xl.plan.columns import PLAN
    >>> column(PLAN, "item")
    'tblPlan[item]'
    """
    table.column(name)
    return f"{table.name}[{name}]"


def blank_if_error(value: str) -> str:
    """Return a formula that is blank where the value cannot be calculated.

    Examples
    --------
    >>> blank_if_error("A1/B1")
    '=IFERROR(A1/B1,"")'
    """
    return f'=IFERROR({value},"")'


def when(condition: str, value: str) -> str:
    """Return a formula that is blank unless a condition holds, and where the value cannot be calculated.

    Examples
    --------
    >>> when("A1>0", "B1")
    '=IF(A1>0,IFERROR(B1,""),"")'
    """
    return f'=IF({condition},IFERROR({value},""),"")'


def money_word(builder: SheetBuilder) -> str:
    """Return what stands behind figures of money: the currency of the parameters, "money" where none is given."""
    return 'IFERROR(IF(currency="","money",currency),"money")' if builder.has(PARAMETERS) else '"money"'


def filled(first: str, last: str, count: str) -> str:
    """Return a reference to the first so many cells of a column, and to one where there are none.

    A drop-down over it ends with its last entry: Excel opens longer ones at their first blank cell.

    Examples
    --------
    >>> filled("Log!$A$5", "$A$99", "COUNT(Log!$A$5:$A$99)")
    'Log!$A$5:INDEX(Log!$A$5:$A$99,MAX(1,COUNT(Log!$A$5:$A$99)))'
    """
    return f"{first}:INDEX({first}:{last},MAX(1,{count}))"


def look_up(table: Table, wanted: str, key: str, name: str) -> str:
    """Return what stands in a column beside a text of another.

    Examples
    --------
    >>> from invopt_xl.plan.columns import KPIS
    >>> look_up(KPIS, "Excess", "name", "value")
    'INDEX(tblKpis[value],MATCH("Excess",tblKpis[name],0))'
    """
    return f'INDEX({column(table, name)},MATCH("{wanted}",{column(table, key)},0))'


def same(cells: str, cell: str) -> str:
    """Return the comparison of a column with a cell, both as text.

    Examples
    --------
    >>> same("tblPlan[item]", "B2")
    '(tblPlan[item]&""=B2&"")'
    """
    return f'({cells}&""={cell}&"")'


def nth_row(table: Table, name: str, condition: str, position: str) -> str:
    """Return the row, counted from 1 within a table, of the n-th row for which a condition holds.

    Parameters
    ----------
    table
        The table.
    name
        One of its columns, which tells how many rows there are.
    condition
        1 or TRUE for the rows that count.
    position
        The n.
    """
    cells = column(table, name)
    number = f"(ROW({cells})-MIN(ROW({cells}))+1)"
    # Rows that do not count are 0 and the smallest, so that the n-th wanted one stands behind all of them.
    return f"SUMPRODUCT(SMALL({condition}*{number},ROWS({cells})-SUMPRODUCT({condition}*1)+{position}))"


def next_text(table: Table, name: str, above: str) -> str:
    """Return the first text of a column that does not stand in the cells above, blank cells apart.

    Of ``MATCH`` and ``COUNTIF``, only the first tells ``0012`` from ``12`` and takes ``<5`` for a text; to both, ``*``,
    ``?`` and ``~`` mean more than themselves unless ``~`` stands before them.
    """
    cells = column(table, name)
    wanted = cells
    for sign in "~*?":
        wanted = f'SUBSTITUTE({wanted},"{sign}","~{sign}")'
    return f'INDEX({cells},SUMPRODUCT(MATCH(1,({cells}<>"")*ISNA(MATCH({wanted},{above},0)),0)))&""'
