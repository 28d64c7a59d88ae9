"""Long columns read by their different cells: a million sales lines have a few thousand customers, days and prices."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from invopt_xl.plan.columns import Column
from invopt_xl.plan.quality.coercion import Reading, read
from invopt_xl.plan.quality.findings import Mask

LONG = 50_000
"""Cells from which on a column is read by its different cells: with fewer there is nothing to save."""

_OF_ONE_KIND = frozenset(
    {"string", "integer", "floating", "mixed-integer-float", "decimal", "date", "datetime", "datetime64", "categorical"}
)
"""Kinds of columns whose equal cells are the same cell: true is not 1 elsewhere."""


def read_column(cells: pd.Series[Any], column: Column) -> Reading:
    """Read the cells of a column as `coercion.read` does, in less time where they are many.

    Examples
    --------
    >>> cells = pd.Series(["7", "x", None] * 20_000, dtype=object)
    >>> reading = read_column(cells, Column("quantity", "number"))
    >>> reading.values.sum(), {reason: int(rows.sum()) for reason, rows in reading.unreadable.items()}
    (np.float64(140000.0), {'not a number; expected a number': 20000})
    """
    if len(cells) < LONG or pd.api.types.infer_dtype(cells, skipna=True) not in _OF_ONE_KIND:
        return read(cells, column)
    codes, different = pd.factorize(cells)
    # The last of them stands for cells that hold nothing, whose code is -1.
    distinct = pd.Series([*np.asarray(different, dtype=object), None], dtype=object)
    reading = read(distinct, column)

    def spread(rows: dict[str, Mask]) -> dict[str, Mask]:
        return {reason: mask[codes] for reason, mask in rows.items()}

    values = pd.Series(reading.values.to_numpy()[codes], index=cells.index, dtype=reading.values.dtype)
    return Reading(values, reading.missing[codes], spread(reading.unreadable), spread(reading.interpreted))
