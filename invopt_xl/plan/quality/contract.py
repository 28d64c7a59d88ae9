"""A table's cells against its contract: readable, present, within bounds. One bad row never stops the rest."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd

from invopt_xl.plan.columns import Column, Table
from invopt_xl.plan.quality.coercion import decimal_commas, three_decimals, with_dots
from invopt_xl.plan.quality.distinct import read_column
from invopt_xl.plan.quality.findings import Draft, Mask

_DTYPES = {"text": "object", "number": "float64", "date": "datetime64[ns]", "flag": "float64"}


_CODES = frozenset({"item", "location"})
"""Columns where a blank has a meaning of its own, so that an unreadable code must not become a blank."""


def read_cells(draft: Draft, unreported: str = "") -> dict[str, Mask]:
    """Read every column as its type; report what is unreadable and what was interpreted.

    Parameters
    ----------
    draft
        The table on its way in.
    unreported
        A column whose cells something else judges.

    Returns
    -------
    dict
        By column, the rows that `hold_to_contract` is to reject for a value that cannot be read.
    """
    unreadable: dict[str, Mask] = {}
    for column in draft.table.columns:
        cells = draft.cells[column.name]
        if column.kind == "number" and draft.semicolons and column.name != unreported:
            cells = _numbers_between_semicolons(draft, cells)
        reading = read_column(cells, column)
        draft.frame[column.name] = reading.values
        unreadable[column.name] = np.zeros(len(draft.frame), dtype=bool)
        if column.name == unreported:
            continue
        for what, rows in reading.interpreted.items():
            # A column of dates without a format is one thing to put right, not as many as it has rows.
            draft.report(rows, "repaired", column.name, what, "value used", together=column.kind == "date")
        for reason, rows in reading.unreadable.items():
            _report_bad(draft, column, rows, reason)
            unreadable[column.name] |= rows
    draft.entered = draft.frame.copy()
    return {name: rows for name, rows in unreadable.items() if _decides(draft.table.column(name))}


def _numbers_between_semicolons(draft: Draft, cells: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column of a file parted by semicolons, which is how programs write that use decimal commas."""
    name = str(cells.name)
    if decimal_commas(cells):
        draft.findings.add("repaired", draft.table.name, name, "decimal comma in every number", "read as decimals")
        return with_dots(cells)
    if three_decimals(cells):
        reason = "three decimals after a dot in every number; expected thousands without a dot"
        draft.findings.add("warning", draft.table.name, name, reason, "read as decimals; correct them if thousands")
    return cells


def hold_to_contract(draft: Draft, unreadable: dict[str, Mask], may_be_blank: str = "") -> None:
    """Reject rows without a required value; drop optional values that are out of bounds.

    Parameters
    ----------
    draft
        The table on its way in.
    unreadable
        As `read_cells` returns it.
    may_be_blank
        A required column whose blanks something else judges.
    """
    rejected = np.logical_or.reduce([np.zeros(len(draft.frame), dtype=bool), *unreadable.values()])
    for name, rows in out_of_contract(draft.frame, draft.table).items():
        column, values = draft.table.column(name), draft.frame[name]
        empty = values.isna().to_numpy() & rows
        blank = empty & ~unreadable.get(name, ~empty)
        if name == may_be_blank:
            rows = rows & ~blank
            empty = empty & ~blank
            blank = np.zeros_like(blank)
        _report_bad(draft, column, blank, missing(column))
        _report_bad(draft, column, rows & ~empty, f"out of bounds; expected {column.expectation}")
        draft.frame[name] = values.mask(rows)
        rejected |= rows & _decides(column)
    nowhere = unreadable.get("location", np.zeros_like(rejected))
    draft.unusable = draft.frame[rejected & ~nowhere]
    draft.drop(rejected)


def missing(column: Column) -> str:
    """Return what is said of a row without a value."""
    return f"is missing; expected {column.expectation}"


def _decides(column: Column) -> bool:
    """Return whether a row stands or falls with the column."""
    return column.required or column.name in _CODES


def fill_defaults(draft: Draft) -> None:
    """Fill what rows leave out: the contract's default, else "" for text; flags become true or false."""
    for column in draft.table.columns:
        values = draft.frame[column.name]
        if column.kind == "text":
            default = "" if column.default is None else str(column.default)
            filled = np.where(values.isna(), default, values.to_numpy(dtype=object))
            draft.frame[column.name] = pd.Series(filled, index=values.index, dtype=object)
        elif column.kind == "flag":
            draft.frame[column.name] = values.fillna(float(column.default or 0)).astype(bool)
        elif column.default is not None:
            draft.frame[column.name] = values.fillna(float(column.default))


def out_of_contract(frame: pd.DataFrame, table: Table) -> dict[str, Mask]:
    """Return, by column, the rows whose typed value is missing though required, or out of bounds.

    The checks are pandera's; this only states them and locates what fails.

    Examples
    --------
    >>> table = Table("tblT", "t", "T", (Column("x", "number", minimum=0), Column("y", "text", required=True)))
    >>> frame = pd.DataFrame({"x": [1.0, -1.0], "y": pd.Series(["a", None], dtype=object)})
    >>> {name: rows.tolist() for name, rows in out_of_contract(frame, table).items()}
    {'x': [False, True], 'y': [False, True]}
    """
    if frame.empty:
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandera and typeguard warn about each other's versions when imported
        import pandera.pandas as pandera
    schema = pandera.DataFrameSchema(
        {
            column.name: pandera.Column(_DTYPES[column.kind], _checks(column), nullable=not column.required)
            for column in table.columns
        }
    )
    failing: dict[str, Mask] = {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of pandera's own use of pandas and numpy, when it lists failures
            schema.validate(frame.reset_index(drop=True), lazy=True)
    except pandera.errors.SchemaErrors as errors:
        for name, places in errors.failure_cases.groupby("column")["index"]:
            failing[str(name)] = np.zeros(len(frame), dtype=bool)
            failing[str(name)][places.to_numpy(dtype=int)] = True
    return failing


def _checks(column: Column) -> list[Any]:
    import pandera.pandas as pandera

    checks = []
    if column.minimum is not None:
        checks.append(pandera.Check.ge(column.minimum))
    if column.above is not None:
        checks.append(pandera.Check.gt(column.above))
    if column.maximum is not None:
        checks.append(pandera.Check.le(column.maximum))
    if column.choices:
        checks.append(pandera.Check.isin(column.choices))
    return checks


def _report_bad(draft: Draft, column: Column, rows: Mask, reason: str) -> None:
    if _decides(column):
        draft.report(rows, "rejected", column.name, reason, draft.left_out)
    elif column.default is not None:
        draft.report(rows, "repaired", column.name, reason, f"value left out; {column.default} used")
    else:
        draft.report(rows, "repaired", column.name, reason, "value left out")
