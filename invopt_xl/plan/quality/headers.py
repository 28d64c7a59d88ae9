"""Which column of a source is which column of the contract."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

import numpy as np
import pandas as pd

from invopt_xl.errors import InputError
from invopt_xl.plan.columns import Table, Tables
from invopt_xl.plan.quality.findings import Draft, Findings, shown
from invopt_xl.plan.quality.usual_names import USUAL_NAMES

OTHER_COLUMNS = "other columns"
"""Tells rows apart by what they hold beside the contract's columns, such as the number of an invoice."""

DELIMITER = "delimiter"
"""What parts the values of the text file that a frame was read from, among the frame's ``attrs``."""

_SIMILAR = 0.6
"""Share of a header's letters in common from which a required column is suggested (difflib's usual choice)."""

_VERY_SIMILAR = 0.8
"""The same for optional columns, where a column of the planner's own must not be taken for a misspelling."""


def plain_name(name: object) -> str:
    """Return a name without what people write differently: case, spaces, underscores, hyphens.

    Examples
    --------
    >>> plain_name("On hand"), plain_name("on_hand")
    ('onhand', 'onhand')
    """
    return re.sub(r"[\s_-]+", "", str(name)).casefold()


def required_table(tables: Tables, table: Table) -> pd.DataFrame:
    """Return the table, or say that the source lacks it.

    Raises
    ------
    InputError
        If there is no such table.
    """
    if table.stem in tables:
        return tables[table.stem]
    names = {plain_name(stem): stem for stem in tables}
    similar = get_close_matches(table.stem, [name for name in names if name], 1, _SIMILAR)
    found = f"; found {names[similar[0]]!r} - rename it" if similar else ""
    raise InputError(f"there is no table {table.name} (in a folder, {table.stem}.csv or {table.stem}.parquet){found}")


def draft_of(source: pd.DataFrame, table: Table, findings: Findings) -> Draft:
    """Return the contract's columns of a source table, as found, without rows that are blank.

    Raises
    ------
    InputError
        If a required column is missing.
    """
    positions = _positions([str(header) for header in source.columns], table, findings)
    found = source.reset_index(drop=True)  # columns passed as series keep their cells as they are
    absent = pd.Series([None] * len(source), dtype=object)
    cells = pd.DataFrame(
        {name: found.iloc[:, positions[name]] if name in positions else absent for name in table.column_names}
    )
    numbered = pd.api.types.is_integer_dtype(source.index.dtype)
    cells[OTHER_COLUMNS] = _others(
        found.iloc[:, [place for place in range(found.shape[1]) if place not in positions.values()]]
    )
    cells.index = source.index if numbered else pd.RangeIndex(1, len(source) + 1)
    draft = Draft(table, cells, findings)
    draft.semicolons = source.attrs.get(DELIMITER) == ";"
    blank = np.ones(len(cells), dtype=bool)
    for name in positions:
        held = cells.loc[blank, name] if not blank.all() else cells[name]
        column = held.to_numpy(dtype=object)
        blank[blank] = pd.isna(column) | np.array([_blank(cell) for cell in column], dtype=bool)
    draft.drop(blank, rejected=False)
    return draft


def _others(found: pd.DataFrame) -> pd.Series[int]:
    """Return a number for each row, equal where the rows are."""
    codes = pd.DataFrame({place: pd.factorize(found.iloc[:, place].map(shown))[0] for place in range(found.shape[1])})
    if codes.empty:
        return pd.Series(0, index=found.index)
    return codes.groupby(list(codes.columns), sort=False).ngroup()


def _blank(cell: object) -> bool:
    return isinstance(cell, str) and not cell.strip()


def _positions(headers: list[str], table: Table, findings: Findings) -> dict[str, int]:
    positions: dict[str, int] = {}
    for name in table.column_names:
        if name in headers:
            positions[name] = headers.index(name)
    others = {plain_name(header): header for header in reversed(headers) if header not in table.column_names}
    for name in table.column_names:
        variant = others.get(plain_name(name))
        if name not in positions and variant is not None:
            positions[name] = headers.index(variant)
            del others[plain_name(name)]
            findings.add("repaired", table.name, name, f"header {variant!r} read as {name}", "column used")
    _refuse_missing(table, positions, others, headers)
    absent = [name for name in table.column_names if name not in positions]
    warn_of_misspelt(table, absent, others.values(), findings)
    return positions


def _refuse_missing(table: Table, positions: dict[str, int], others: dict[str, str], headers: list[str]) -> None:
    missing = [column.name for column in table.columns if column.required and column.name not in positions]
    if not missing:
        return
    meant = [(name, _meaning(name, others)) for name in missing]
    found = [f"found {header!r} - rename it to {name}" for name, header in meant if header]
    columns = "column" if len(missing) == 1 else "columns"
    if not found and others:
        found = _in_their_place(table, missing, positions, headers)
        found = found or [f"found {', '.join(repr(header) for header in list(others.values())[:5])}"]
    raise InputError("; ".join([f"{table.name} lacks the {columns} {', '.join(missing)}", *found]))


def _in_their_place(table: Table, missing: list[str], positions: dict[str, int], headers: list[str]) -> list[str]:
    """Return what stands where the columns belong: above the first row of data, or where one header was lost.

    A header belongs where the contract has it: after the column before it, or before the column after it.
    """
    if not positions:
        first = ", ".join(repr(header) for header in headers[:5])
        return [f"found {first} in the row of the headers; expected them above the first row of data"]
    taken = set(positions.values())
    told: list[str] = []
    for name in missing:
        place = table.column_names.index(name)
        for step, words in ((-1, "after"), (1, "before")):
            beside = table.column_names[place + step] if 0 <= place + step < len(table.column_names) else ""
            at = positions[beside] - step if beside in positions else -1
            if 0 <= at < len(headers) and at not in taken:
                told.append(f"expected {name} {words} {beside}, where {headers[at]!r} stands")
                break
    return told


def _meaning(name: str, others: dict[str, str]) -> str:
    """Return the header that most likely means a column that is needed; empty if there is none."""
    usual = [header for plain, header in others.items() if plain in USUAL_NAMES.get(name, ())]
    similar = [others[plain] for plain in get_close_matches(plain_name(name), list(others), 1, _SIMILAR)]
    return next(iter([*usual, *similar]), "")


def warn_of_misspelt(table: Table, absent: Iterable[str], headers: Iterable[str], findings: Findings) -> None:
    """Warn of headers that most likely mean a column which is not there.

    Parameters
    ----------
    table
        The contract.
    absent
        Columns that no header names.
    headers
        Headers that are no column of the table.
    findings
        Told of each.
    """
    columns = {plain_name(name): name for name in absent}
    for header in headers:
        plain = plain_name(header)
        usual = [name for name in columns.values() if plain in USUAL_NAMES.get(name, ())]
        similar = [columns[each] for each in get_close_matches(plain, list(columns), 1, _VERY_SIMILAR)]
        for name in [*usual, *similar][:1]:
            reason = f"header {header!r} is not a column; expected {name}"
            findings.add("warning", table.name, name, reason, "column not used; rename it to have it used")
