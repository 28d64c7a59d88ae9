"""New values of a column: those chosen are changed, and stay within bounds."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.errors import InputError
from invopt_xl.plan.columns import Column
from invopt_xl.plan.what_if.changes import Change

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


def changed_values(change: Change, old: FloatArray, chosen: BoolArray, names: list[str]) -> FloatArray:
    """Return the values after the change; refuse one that has nothing to act on, or a value out of bounds."""
    if not change.sets and chosen.any() and np.isnan(old[chosen]).all():
        raise InputError(f"{change.text}: {change.name} has no value to change; expected one, {change.name}=...")
    new = np.where(chosen, change.of(old), old)
    bad = np.flatnonzero(chosen & ~np.isnan(new) & ~_within(new, change.column))
    if len(bad):
        first = int(bad[0])
        more = f" and {len(bad) - 1:,} more" if len(bad) > 1 else ""
        raise InputError(
            f"{change.text}: {change.name} of {names[first]}{more} would be {new[first]:.6g}; "
            f"expected {change.column.expectation}"
        )
    return new


def _within(values: FloatArray, column: Column) -> BoolArray:
    held = np.isfinite(values)
    if column.minimum is not None:
        held &= values >= column.minimum
    if column.above is not None:
        held &= values > column.above
    if column.maximum is not None:
        held &= values <= column.maximum
    return np.asarray(held)


def with_values(frame: pd.DataFrame, name: str, chosen: BoolArray, new: FloatArray) -> pd.DataFrame:
    """Return the rows with new values of a column in those chosen."""
    return frame.assign(**{name: np.where(chosen, new, frame[name].to_numpy(dtype=np.float64))})
