"""Every argument is checked once, where it enters; the first wrong value is named with its place."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from invopt_xl.errors import require

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_AXES = ("item", "period")


def zero_or_more(name: str, values: npt.ArrayLike, shape: tuple[int, ...], axes: tuple[str, ...] = _AXES) -> FloatArray:
    """Return finite values of zero or more in the shape wanted, or name the first that is not."""
    array = in_shape(name, values, shape)
    holds((array >= 0.0) & (array < np.inf), name, array, axes, "zero or more")
    return _repeated(array, shape)


def above_zero(name: str, values: npt.ArrayLike, shape: tuple[int, ...], axes: tuple[str, ...] = _AXES) -> FloatArray:
    """Return finite values above zero in the shape wanted, or name the first that is not."""
    array = in_shape(name, values, shape)
    holds((array > 0.0) & (array < np.inf), name, array, axes, "above zero")
    return _repeated(array, shape)


def above(name: str, values: npt.ArrayLike, limit: FloatArray, expected: str) -> FloatArray:
    """Return values above a limit, infinite ones too and one for all where one was given, or name the first not."""
    array = in_shape(name, values, limit.shape)
    holds(array > limit, name, array, _AXES, expected)
    return array


def holds(good: BoolArray, name: str, values: FloatArray, axes: tuple[str, ...], expected: str) -> None:
    """Name the first value for which a condition does not hold, and its place where there are several."""
    if good.all():
        return
    place = np.unravel_index(int(np.argmin(good)), good.shape)
    named = zip(axes, place, good.shape, strict=False)
    value = float(np.broadcast_to(values, good.shape)[place])
    told = ", ".join(f"{axis} {index + 1}" for axis, index, length in named if length > 1)
    require(False, f"{name} ({told})" if told else name, f"{value:g}", expected)


def common_shape(**arguments: npt.ArrayLike) -> tuple[int, ...]:
    """Return the shape (items,) of one value for all or one for each item, or name what differs."""
    lengths = {name.replace("_", " "): np.size(values) for name, values in arguments.items()}
    items = max(lengths.values())
    for name, length in lengths.items():
        require(length in (1, items), f"the number of values of {name}", length, f"1 or {items}, one for each item")
    return (items,)


def in_shape(name: str, values: npt.ArrayLike, shape: tuple[int, ...]) -> FloatArray:
    """Return values that can be repeated to a shape: one for all, one for each item, or one for item and period."""
    array = np.asarray(values, dtype=np.float64)
    if array.shape == shape:
        return array
    if array.ndim == 1 and len(shape) > 1:
        array = array.reshape(-1, *(1,) * (len(shape) - 1))
    have, want = array.shape[::-1], shape[::-1]
    fits = len(have) <= len(want) and all(one in (1, other) for one, other in zip(have, want, strict=False))
    require(fits, f"the shape of {name}", array.shape, f"one value for each item, {shape}")
    return array


def _repeated(array: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    # Repeating takes longer than the arithmetic where a single item is asked for, as from a cell.
    return array if array.shape == shape else np.broadcast_to(array, shape)
