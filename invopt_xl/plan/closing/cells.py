"""Tables as they stand at their source, read as what they mean and changed where they stand."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from invopt_xl.plan.columns import Table, Tables
from invopt_xl.plan.quality.coercion import read
from invopt_xl.plan.quality.headers import plain_name
from invopt_xl.plan.schema import FIRST_ROW

Cells = Mapping[tuple[int, str], object]
"""New values of cells by row at the source and header."""


def headers_of(frame: pd.DataFrame, table: Table) -> dict[str, str]:
    """Return the header of each column of a table that is there, however it is spelled.

    Examples
    --------
    >>> from invopt_xl.plan.columns import DEMAND
    >>> headers_of(pd.DataFrame(columns=["Item", "mine"]), DEMAND)
    {'item': 'Item'}
    """
    found = {plain_name(str(header)): str(header) for header in reversed(frame.columns)}
    spelled = {name: found[plain_name(name)] for name in table.column_names if plain_name(name) in found}
    return {name: name if name in frame else header for name, header in spelled.items()}


def as_meant(raw: Tables, table: Table) -> pd.DataFrame:
    """Return a table's columns as they are meant, the index being the row at the source; missing where unreadable."""
    frame = raw.get(table.stem, pd.DataFrame())
    headers = headers_of(frame, table)
    blank = pd.Series(None, index=frame.index, dtype=object)
    cells = {name: frame[headers[name]] if name in headers else blank for name in table.column_names}
    return pd.DataFrame({name: read(column, table.column(name)).values for name, column in cells.items()})


def with_changes(
    raw: Tables, cells: Mapping[str, Cells], gone: Mapping[str, pd.Index[int]], added: Mapping[str, pd.DataFrame]
) -> Tables:
    """Return the tables as they stand once cells are changed, rows taken out and rows added below.

    Parameters
    ----------
    raw
        Tables as read.
    cells
        New values of cells by table.
    gone
        Rows at the source that are taken out, by table; those below move up.
    added
        Rows that are added, by table, under its headers.

    Examples
    --------
    >>> raw = {"demand": pd.DataFrame({"item": ["tea", "cup", "pot"]}, index=[5, 6, 7])}
    >>> new = pd.DataFrame({"item": ["jar"]})
    >>> with_changes(raw, {}, {"demand": pd.Index([6])}, {"demand": new})["demand"]["item"].to_dict()
    {5: 'tea', 6: 'pot', 7: 'jar'}
    """
    made = dict(raw)
    for stem, values in cells.items():
        made[stem] = _with_cells(made[stem], values)
    for stem, rows in gone.items():
        left = made[stem].drop(index=rows)
        made[stem] = left.set_axis(left.index - np.searchsorted(np.sort(rows), left.index))
    for stem, new in added.items():
        made[stem] = _with_rows(made[stem], new)
    for stem in {*cells, *gone, *added}:
        made[stem].attrs = raw[stem].attrs
    return made


def _with_cells(frame: pd.DataFrame, values: Cells) -> pd.DataFrame:
    place = {row: position for position, row in enumerate(frame.index)}
    columns = {name: frame[name].tolist() for name in frame}
    for (row, header), value in values.items():
        columns[header][place[row]] = value
    return pd.DataFrame(columns, index=frame.index, dtype=object)


def _with_rows(frame: pd.DataFrame, added: pd.DataFrame) -> pd.DataFrame:
    first = int(frame.index.max()) + 1 if len(frame) else int(frame.attrs.get(FIRST_ROW, 2))
    index = frame.index.append(pd.RangeIndex(first, first + len(added)))
    rows = added.astype(object)
    # Not by pandas.concat, which guesses what a column without a value may be.
    columns = {name: [*frame[name], *rows.get(name, [None] * len(rows))] for name in frame}
    return pd.DataFrame(columns, index=index, dtype=object)
