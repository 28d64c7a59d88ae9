"""Rows of earlier refreshes in a table that grows: kept as they stand, read as what they mean."""

from __future__ import annotations

import pandas as pd

from invopt_xl.plan.columns import Table, Tables
from invopt_xl.plan.quality.coercion import read


def kept_rows(raw: Tables, table: Table) -> pd.DataFrame:
    """Return the rows that a table of ours holds from earlier refreshes, as they were read.

    Parameters
    ----------
    raw
        Tables as read.
    table
        Its contract; columns that somebody added are left out, a workbook keeps those by itself.

    Examples
    --------
    >>> from invopt_xl.plan.columns import ACCURACY
    >>> rows = kept_rows({"accuracy": pd.DataFrame({"date": ["2018-01-01", None], "mine": 1})}, ACCURACY)
    >>> rows["date"].tolist(), rows.columns.tolist() == ACCURACY.column_names
    (['2018-01-01'], True)
    """
    found = raw.get(table.stem, pd.DataFrame()).reindex(columns=table.column_names)
    return found.astype(object).dropna(how="all").reset_index(drop=True)


def typed(rows: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return the rows with every cell read as its column's kind; what cannot be read is missing.

    Examples
    --------
    >>> from invopt_xl.plan.columns import ACCURACY
    >>> rows = kept_rows({"accuracy": pd.DataFrame({"date": ["2018-01-01"], "items": ["many"]})}, ACCURACY)
    >>> typed(rows, ACCURACY)[["date", "items"]].values.tolist()
    [[Timestamp('2018-01-01 00:00:00'), nan]]
    """
    made = pd.DataFrame({column.name: read(rows[column.name], column).values for column in table.columns})
    defaults = {column.name: column.default for column in table.columns if column.default is not None}
    return made.fillna(defaults) if defaults else made


def appended(kept: pd.DataFrame, rows: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return the rows kept with new ones below them, in the table's columns."""
    # Not by pandas.concat, which guesses what a column without a value may be.
    return pd.DataFrame(
        {name: pd.Series([*kept[name], *rows[name]], dtype=object) for name in table.column_names},
        columns=table.column_names,
    )
