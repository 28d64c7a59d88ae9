"""Words that every module of the order plan shares: array types, tolerances, price breaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
Shortage = Literal["lost", "backorder"]

TOLERANCE = 1e-6
"""Relative slack within which a limit counts as kept: what floating-point arithmetic may lose."""


@dataclass(frozen=True)
class Discount:
    """A price break a supplier grants per order.

    Parameters
    ----------
    supplier
        Index of the supplier.
    item
        Index of the item it is for; None: all the supplier's items, each by its own quantity.
    rate
        Share off the unit cost.
    from_quantity
        Granted on a line of at least this many units.
    from_value
        Granted when the supplier's whole order, at list price, is worth at least this much money.
    kind
        ``"all-unit"``: on every unit of the line; ``"incremental"``: only on what lies above the threshold.

    Notes
    -----
    Discounts do not add up: a line gets the best one it qualifies for.
    """

    supplier: int
    item: int | None
    rate: float
    from_quantity: float | None = None
    from_value: float | None = None
    kind: Literal["all-unit", "incremental"] = "all-unit"
