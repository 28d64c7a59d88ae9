"""Columns of the planner's that an analysis fills: which cells of a table become others, told by key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from invopt_xl.domain.words import counted
from invopt_xl.errors import InputError
from invopt_xl.plan.closing.cells import headers_of
from invopt_xl.plan.columns import INPUTS, Column, Table
from invopt_xl.plan.quality.coercion import read
from invopt_xl.plan.quality.contract import out_of_contract
from invopt_xl.plan.quality.findings import shown
from invopt_xl.plan.schema import CellFault

Cells = dict[tuple[int, str], object]
"""New values by row at the source and header."""


def planner_columns(table: Table) -> list[str]:
    """Return the columns that an analysis may fill for the planner: of inputs all but the key, of results their own.

    Examples
    --------
    >>> from invopt_xl.plan.columns import EXCESS, SUPPLIERS
    >>> planner_columns(EXCESS), "order_cost" in planner_columns(SUPPLIERS), planner_columns(SUPPLIERS)[0]
    (['decision', 'decided_quantity', 'note'], True, 'order_cost')
    """
    own = [column.name for column in table.columns if table in INPUTS or column.owner == "planner"]
    return [name for name in own if name not in table.key]


def fills(table: Table, frame: pd.DataFrame) -> bool:
    """Tell whether rows fill columns of the planner's alone; no others can be written into a table of inputs.

    Examples
    --------
    >>> from invopt_xl.plan.columns import EXCESS
    >>> rows = pd.DataFrame({"item": ["tea"], "location": "MAIN", "decision": "keep"})
    >>> fills(EXCESS, rows), fills(EXCESS, rows.assign(excess_quantity=4.0))
    (True, False)
    """
    given = {str(name) for name in frame} - set(table.key)
    return table in INPUTS or (bool(given) and given <= set(planner_columns(table)))


def told_changes(cells: Mapping[tuple[int, str], object], rows: int) -> str:
    """Return how many cells of each column change, of so many rows.

    Examples
    --------
    >>> told_changes({(5, "decision"): "keep"}, 3), told_changes({}, 3)
    ('decision of 1 of 3 rows changed', 'nothing changed')
    """
    by_column = pd.Series([header for _, header in cells], dtype=object).value_counts(sort=False)
    each = [f"{header} of {number:,} of {counted(rows, 'row')} changed" for header, number in by_column.items()]
    return ", ".join(each) or "nothing changed"


def changed_cells(held: pd.DataFrame, table: Table, frame: pd.DataFrame) -> Cells:
    """Return the cells of a table that a frame makes others.

    Parameters
    ----------
    held
        The table as read; the index is the row at the source.
    table
        Its contract.
    frame
        The key of the table (``location`` may be missing where it is the only one of its item) and columns of the
        planner's. A value that is missing leaves its cell as it is.

    Raises
    ------
    InputError
        If a column is not the planner's or not there, a row is of nobody, or a value is not what its column expects.

    Examples
    --------
    >>> from invopt_xl.plan.columns import ITEMS
    >>> held = pd.DataFrame({"item": ["tea", "cup"], "service_target": [0.9, None]}, index=[5, 6])
    >>> changed_cells(held, ITEMS, pd.DataFrame({"item": ["cup", "tea"], "service_target": [0.95, 0.9]}))
    {(6, 'service_target'): 0.95}
    """
    headers = headers_of(held, table)
    names = _columns_to_change(table, frame, headers)
    rows = _rows(held, table, frame, headers)
    cells: Cells = {}
    for name in names:
        wanted = _values(table.column(name), table, frame)
        now = read(held[headers[name]], table.column(name)).values
        for row, key, value in zip(rows, frame[table.key[0]], wanted, strict=True):
            if pd.isna(value) or _same(now.loc[row], value):
                continue
            if (row, headers[name]) in cells:
                raise InputError(f"{table.name} would get two values of {name} for {shown(key)}; expected one row each")
            cells[row, headers[name]] = value
    return cells


def _columns_to_change(table: Table, frame: pd.DataFrame, headers: dict[str, str]) -> list[str]:
    if table.key[0] not in frame:
        raise InputError(f"the rows for {table.name} lack the column {table.key[0]}; expected it to tell them apart")
    allowed, given = planner_columns(table), [str(name) for name in frame if name not in table.key]
    foreign = [name for name in given if name not in allowed]
    if foreign:
        raise InputError(f"{table.name} has no column {foreign[0]} to fill; expected some of {', '.join(allowed)}")
    absent = [name for name in given if name not in headers]
    if absent:
        raise InputError(f"{table.name} lacks the column {absent[0]} where it stands; put it there and write again")
    if not given:
        raise InputError(f"the rows for {table.name} hold nothing but their key; expected some of {', '.join(allowed)}")
    return given


def _rows(held: pd.DataFrame, table: Table, frame: pd.DataFrame, headers: dict[str, str]) -> list[int]:
    """Return the row at the source of each row of the frame."""
    keys = [name for name in table.key if name in frame]
    there: dict[tuple[str, ...], list[int]] = {}
    for row, key in zip(
        held.index, _keys(held.rename(columns={headers.get(k, k): k for k in keys}), table, keys), strict=True
    ):
        there.setdefault(key, []).append(int(row))
    found = []
    for key in _keys(frame, table, keys):
        named = ", ".join(key)
        rows = there.get(key, [])
        if not rows:
            raise InputError(f"{table.name} has no row of {named}; expected one it holds")
        if len(rows) > 1:
            missing = [name for name in table.key if name not in keys]
            told = f"tell them apart by {', '.join(missing)}" if missing else "keep one of them"
            raise InputError(f"{table.name} has {len(rows)} rows of {named} (rows {rows[0]} and {rows[1]}); {told}")
        found.append(rows[0])
    return found


def _keys(frame: pd.DataFrame, table: Table, names: Iterable[str]) -> list[tuple[str, ...]]:
    columns = []
    for name in names:
        column = table.column(name)
        cells = frame[name].astype(object) if name in frame else pd.Series(None, index=frame.index, dtype=object)
        texts = read(cells, column).values
        columns.append([str(column.default or "") if pd.isna(text) else str(text) for text in texts])
    return list(zip(*columns, strict=True))


def _values(column: Column, table: Table, frame: pd.DataFrame) -> list[Any]:
    """Return what the frame gives, if it is what the column expects."""
    cells = frame[column.name].astype(object).reset_index(drop=True)
    found = read(cells, column)
    bad = cells.notna().to_numpy() & pd.isna(found.values).to_numpy() & ~found.missing
    one = Table(table.name, table.stem, table.title, (Column(**{**vars(column), "required": False}),))
    bad |= out_of_contract(found.values.to_frame(column.name), one).get(column.name, np.zeros(len(cells), dtype=bool))
    if bad.any():
        place = int(bad.argmax())
        item, value = shown(frame[table.key[0]].iloc[place]), shown(cells.iloc[place])
        raise InputError(f"{column.name} of {item} is {value}; expected {column.expectation}")
    values = found.values.to_list()
    return [int(value) if column.kind == "flag" and not pd.isna(value) else value for value in values]


def _same(now: Any, value: Any) -> bool:
    return not isinstance(now, CellFault) and not pd.isna(now) and now == value
