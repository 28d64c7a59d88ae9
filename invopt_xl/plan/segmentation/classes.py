"""Classes of items: ABC by what they are worth, XYZ by how well they can be forecast."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Classes = npt.NDArray[np.str_]


def abc_classes(value: Floats, a: float = 0.8, b: float = 0.95) -> Classes:
    """Return each item's class by its share of total value: few items make most of it.

    Items are ranked by value, the earlier one first among equals. An item is A while the items ranked before it
    make less than the share `a` of the total, then B while they make less than `b`, then C; so the largest item is
    always A. Items without value are C.

    Parameters
    ----------
    value
        Value of each item, such as a year's expected demand at cost, money; NaN counts as none.
    a, b
        Cumulative shares of value, between 0 and 1.

    References
    ----------
    Silver, Pyke & Thomas (2017), Inventory and Production Management in Supply Chains, 4th ed., section 2.1.

    Examples
    --------
    >>> abc_classes(np.array([10.0, 60.0, 25.0, 5.0, 0.0])).tolist()
    ['B', 'A', 'A', 'C', 'C']
    """
    worth = np.maximum(np.nan_to_num(value, nan=0.0), 0.0)
    order = np.argsort(-worth, kind="stable")
    total = worth.sum()
    classes = np.full(len(worth), "C", dtype="<U1")
    if total > 0:
        ranked = worth[order]
        # Rounded, so that sums which differ in the last bit alone fall on the same side of a threshold.
        before = np.round((np.cumsum(ranked) - ranked) / total, 9)
        classes[order] = np.where(ranked == 0, "C", np.where(before < a, "A", np.where(before < b, "B", "C")))
    return classes


STEADY, VARIABLE = 0.5, 1.0
"""Largest forecast error over mean demand of an X item and of a Y item.

The usual limits of a coefficient of variation, kept for an error: demand that comes at random, with nothing to foresee,
has an error of one over the root of its mean a period. So X is what sells 4 and more a period and is as steady as
chance allows, Y what sells one or more, and demand that is rarer, or swings beyond chance, is Z. Of the 550 groceries
of the demo 10% are X, 28% Y and 62% Z, with 35%, 40% and 24% of the value: no class is empty, none is nearly all.
"""


def xyz_classes(error: Floats, x: float = STEADY, y: float = VARIABLE) -> Classes:
    """Return each item's class by how far its demand strays from forecasts: X steady, Y variable, Z irregular.

    Parameters
    ----------
    error
        Root mean squared error of forecasts over mean demand, as `forecasting.forecastability` measures it out of
        sample; NaN where there is too little demand to judge by, which is Z.
    x, y
        Largest error of an X item and of a Y item.

    Examples
    --------
    >>> xyz_classes(np.array([0.2, 0.5, 0.8, 3.0, np.nan])).tolist()
    ['X', 'X', 'Y', 'Z', 'Z']
    """
    return np.where(error <= x, "X", np.where(error <= y, "Y", "Z"))
