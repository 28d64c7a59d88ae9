"""Demand as cells of a sheet, and what is read from them, for tests of several functions."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.sheet import calculate
from invopt_xl.sheet.cells import MARK

Rows = list[list[Any]]


def weeks(seed: int, mean: float = 40.0, periods: int = 30) -> FloatArray:
    """Return Poisson demand."""
    return np.random.default_rng(seed).poisson(mean, periods).astype(np.float64)


def column(history: Any) -> Rows:
    """Return a history as a column of cells, unknown periods empty."""
    return [[None if value is None or value != value else value] for value in np.asarray(history).tolist()]


def columns(*histories: Any) -> Rows:
    """Return histories of equal length as columns of cells."""
    return [[cell for (cell,) in line] for line in zip(*map(column, histories), strict=True)]


def row(history: Any) -> Rows:
    """Return a history as a row of cells."""
    return [[cell for (cell,) in column(history)]]


def answered(name: str, *given: Any) -> Rows:
    """Return the cells of a call that nothing is wrong with."""
    answer = calculate(name, given)
    assert not answer.faults, answer.faults
    assert not answer.trace, answer.trace
    return answer.cells


def first_column(name: str, *given: Any) -> FloatArray:
    """Return the first column of an answer as numbers."""
    return np.array([line[0] for line in answered(name, *given)], dtype=np.float64)


def refused(name: str, *given: Any) -> str:
    """Return why a call is refused."""
    answer = calculate(name, given)
    assert answer.refused
    assert not answer.trace
    assert len(answer.cells) == len(answer.cells[0]) == 1
    return str(answer.cells[0][0]).removeprefix(MARK)


CELLS = st.one_of(
    st.floats(0, 1e4).map(lambda value: round(value, 2)),
    st.integers(0, 3).map(float),
    st.just(0.0),
    st.none(),
)
"""What a column of demand holds as a rule."""

ODD_CELLS = st.one_of(
    CELLS, st.floats(), st.sampled_from(["", "12", "1,5", "n/a", "week", "#N/A", "#INVOPT! no", True, -1.0, 1e300])
)
"""What it may hold as well."""
