"""Costs that an optimal policy balances, and one clear line where they, or a demand, cannot be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from invopt_xl.domain.words import counted
from invopt_xl.errors import require

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class PolicyCosts:
    """What ordering, holding and being short cost; numbers for one item, or arrays of shape (items,).

    Parameters
    ----------
    holding
        Money for a unit in stock at the end of a period (continuous review: for a unit held one unit of time), h.
    shortage
        Money for a unit backordered at the end of a period (or for one unit of time), p.
    order
        Money an order, however large, K. Zero where ordering costs nothing.

    Raises
    ------
    InputError
        If a holding or shortage cost is not above zero, an order cost is negative, or one is not a number.

    Examples
    --------
    >>> PolicyCosts(holding=1.0, shortage=9.0, order=64.0).critical_ratio
    array(0.9)
    >>> PolicyCosts(holding=-1.0, shortage=9.0)
    Traceback (most recent call last):
    ...
    invopt_xl.errors.InputError: holding cost is -1; expected above zero, such as 0.5
    """

    holding: float | FloatArray
    shortage: float | FloatArray
    order: float | FloatArray = 0.0

    def __post_init__(self) -> None:
        """Check the three costs."""
        require_above_zero("holding cost", self.holding, "above zero, such as 0.5")
        require_above_zero("shortage cost", self.shortage, "above zero, such as 9")
        order = np.asarray(self.order, dtype=np.float64)
        require_each(np.isfinite(order) & (order >= 0), "order cost", order, "zero or more, such as 50")

    @property
    def critical_ratio(self) -> FloatArray:
        """Probability of no shortage at which one unit more costs as much as it saves, p / (p + h)."""
        holding, shortage = np.asarray(self.holding, dtype=np.float64), np.asarray(self.shortage, dtype=np.float64)
        return np.asarray(shortage / (shortage + holding))

    def of_items(self, items: int) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return holding, shortage and order cost of each of so many items, or raise an `InputError`."""
        found = [np.asarray(cost, dtype=np.float64) for cost in (self.holding, self.shortage, self.order)]
        for name, cost in zip(("holding", "shortage", "order"), found, strict=True):
            fits = cost.size == 1 or cost.shape == (items,)
            require(fits, f"number of {name} costs", cost.size, f"one, or one for each of {counted(items, 'item')}")
        holding, shortage, order = (np.broadcast_to(cost.ravel(), (items,)) for cost in found)
        return holding, shortage, order

    def of_one_item(self) -> tuple[float, float, float]:
        """Return holding, shortage and order cost of the one item they are for, or raise an `InputError`."""
        if isinstance(self.holding, float) and isinstance(self.shortage, float) and isinstance(self.order, float):
            return self.holding, self.shortage, self.order
        holding, shortage, order = self.of_items(1)
        return float(holding[0]), float(shortage[0]), float(order[0])


def require_each(good: BoolArray, name: str, values: FloatArray, expected: str) -> None:
    """Raise an `InputError` about the first value that is not good, with its row where there are several."""
    if np.all(good):
        return
    good, values = np.broadcast_arrays(good, values)
    at = int(np.flatnonzero(~good.ravel())[0])
    place = f" (row {np.unravel_index(at, good.shape)[0] + 1})" if good.size > 1 else ""
    require(False, name + place, f"{values.ravel()[at]:g}", expected)


def require_above_zero(name: str, values: float | FloatArray, expected: str) -> FloatArray:
    """Return the values as an array if they are finite and above zero; else raise an `InputError`."""
    array = np.asarray(values, dtype=np.float64)
    require_each(np.isfinite(array) & (array > 0), name, array, expected)
    return array
