"""What may be ordered where so much is needed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

SAME = 1e-9
"""Quantities closer than this are the same: a quotient of 2.9999999999 lots is three."""

Order = Callable[[FloatArray], FloatArray]
"""What is ordered where so much is needed, shape (items, any); nothing where nothing is."""


def as_needed(need: FloatArray) -> FloatArray:
    """Return exactly what is needed, units."""
    return np.asarray(np.maximum(need, 0.0))


def as_allowed(minimum: FloatArray, multiple: FloatArray | None) -> Order:
    """Return the rule that raises a need to the minimum and to whole multiples, units; nothing for no need."""
    least = minimum[:, None]

    def allowed(need: FloatArray) -> FloatArray:
        quantity = np.maximum(need, least)
        if multiple is not None:
            quantity = np.ceil(quantity / multiple[:, None] - SAME) * multiple[:, None]
        return np.asarray(np.where(need > SAME, quantity, 0.0))

    return allowed


def cumulated(values: FloatArray) -> FloatArray:
    """Return sums of each row before every period, with nothing before the first: one column more."""
    return np.concatenate([np.zeros((len(values), 1)), values.cumsum(axis=1)], axis=1)
