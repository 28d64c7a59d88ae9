"""Which items matter, and which stray: classes by value and by variability."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from invopt_xl.errors import InputError
from invopt_xl.sheet.arguments import Argument
from invopt_xl.sheet.catalogue import Result, cell_function
from invopt_xl.sheet.functions._demand import ITEMS_IN
from invopt_xl.sheet.functions.shared import percent

if TYPE_CHECKING:
    from invopt_xl.policy.costs import FloatArray

VALUE = Argument("value", "What each item is worth, such as a year's demand at cost; below zero counts as none.")
A = Argument(
    "a", "Share of all value that A items make.",
    takes="one", unit="share", default=0.8, above=0, below=1, example="0.8",
)  # fmt: skip
B = Argument(
    "b", "Share of all value that A and B items make.",
    takes="one", unit="share", default=0.95, above=0, below=1, example="0.95",
)  # fmt: skip
PAST_DEMAND = Argument(
    "demand", "Past demand per period: a row, or a column; of several columns each is an item. Empty is not known.",
    takes="series", unit="units", minimum=0,
)  # fmt: skip
X = Argument("x", "Largest coefficient of variation of an X item.", takes="one", default=0.5, above=0)
Y = Argument("y", "Largest coefficient of variation of a Y item.", takes="one", default=1.0, above=0)

YEAR = [
    [120.0, 40.0, 9.0], [118.0, 95.0, 0.0], [124.0, 8.0, 0.0], [121.0, 38.0, 14.0], [119.0, 71.0, 0.0],
    [117.0, 5.0, 0.0], [122.0, 44.0, 0.0], [125.0, 12.0, 21.0], [118.0, 96.0, 0.0], [120.0, 14.0, 0.0],
    [123.0, 52.0, 0.0], [121.0, 17.0, 3.0],
]  # fmt: skip
"""Twelve months of a steady item, a variable one and a rare one, for examples."""


def _because_abc(results: Sequence[str], value: FloatArray, a: float, b: float) -> list[str]:
    worth = np.maximum(value, 0.0)
    total = worth.sum()
    if not total > 0:
        return ["No item has any value: all are C."] * len(worth)
    order = np.argsort(-worth, kind="stable")
    before = np.empty(len(worth))
    before[order] = worth[order].cumsum() - worth[order]
    rank = np.empty(len(worth), dtype=np.int64)
    rank[order] = np.arange(1, len(worth) + 1)
    return [
        f"{letter}: number {place} of {len(worth)} by value, with {percent(own / total)} of it; "
        f"those before it make {percent(earlier / total)} (A below {percent(a)}, B below {percent(b)})."
        for letter, place, own, earlier in zip(results, rank, worth, before, strict=True)
    ]


@cell_function(
    "Segments",
    VALUE,
    A,
    B,
    result=Result("each", "A, B or C"),
    cost="cheap",
    example=([[400], [250], [120], [80], [60], [40], [30], [20]],),
    together=True,
    because=_because_abc,
)
def abc(value: FloatArray, a: float, b: float) -> list[str]:
    """Class of each item by its share of all value: A for the few that make most of it, then B, then C.

    Items are ranked by value; one is A while those before it make less than the share a of the total, so the largest
    always is, B while they make less than b, else C (Silver, Pyke & Thomas 2017, section 2.1). Give all items in one
    range: a class is relative to the others. A row that cannot be read shows why, and is left out of the total.
    """
    from invopt_xl.plan.segmentation import abc_classes

    _require_rising("a", a, "b", b)
    return [str(each) for each in abc_classes(_sizes(value), a, b)]


def _require_rising(first: str, low: float, second: str, high: float) -> None:
    if low > high:
        raise InputError(f"{first} is {low:g}; expected at most {second}, {high:g}")


def _sizes(value: FloatArray) -> FloatArray:
    """Return values without what is below zero, which makes nothing of a total."""
    return np.maximum(value, 0.0)


def variation(demand: FloatArray) -> FloatArray:
    """Return the standard deviation of each item's known demand over its mean; NaN where it cannot be judged.

    That is where fewer than two periods are known, or there was no demand.
    """
    known = np.isfinite(demand)
    count = known.sum(axis=1)
    mean = np.where(known, demand, 0.0).sum(axis=1) / np.maximum(count, 1)
    squares = np.where(known, demand - mean[:, None], 0.0) ** 2
    deviation = np.sqrt(squares.sum(axis=1) / np.maximum(count - 1, 1))
    judged = (count > 1) & (mean > 0)
    found = np.full(len(demand), np.nan)
    np.divide(deviation, mean, out=found, where=judged)
    return found


def _because_xyz(results: Sequence[str | None], demand: FloatArray, x: float, y: float, items_in: str) -> list[str]:
    return [
        f"{letter}: {_strays(ratio, periods)} (X up to {x:g}, Y up to {y:g})." if letter else ""
        for letter, ratio, periods in zip(results, variation(demand), np.isfinite(demand).sum(axis=1), strict=True)
    ]


def _strays(ratio: float, periods: int) -> str:
    if np.isnan(ratio):
        return f"there is no telling how demand strays from {periods} known periods, or it is zero in all of them"
    return f"over {periods} periods demand has a standard deviation of {ratio:.2f} times its mean"


@cell_function(
    "Segments",
    PAST_DEMAND,
    X,
    Y,
    ITEMS_IN,
    result=Result("each", "X, Y or Z"),
    cost="cheap",
    example=(YEAR,),
    because=_because_xyz,
)
def xyz(demand: FloatArray, x: float, y: float, items_in: str) -> list[str | None]:
    """Class of each item by how far its demand strays: X steady, Y variable, Z irregular or unknown.

    Judged by the coefficient of variation: the standard deviation of demand over its mean, in the periods known. Z
    without demand, or with fewer than two periods known. A trend or a season counts as straying.
    """
    from invopt_xl.plan.segmentation import xyz_classes

    _require_rising("x", x, "y", y)
    classes = xyz_classes(variation(demand), x, y)
    return [str(letter) if known.any() else None for letter, known in zip(classes, np.isfinite(demand), strict=True)]


def _because_abc_xyz(
    results: Sequence[str | None],
    value: FloatArray,
    demand: FloatArray,
    a: float,
    b: float,
    x: float,
    y: float,
    items_in: str,
) -> list[str]:
    worth = _because_abc([str(each)[:1] for each in results], value, a, b)
    strays = _because_xyz([each and each[1:] for each in results], demand, x, y, items_in)
    return [" ".join(each) for each in zip(worth, strays, strict=True)]


@cell_function(
    "Segments",
    VALUE,
    PAST_DEMAND,
    A,
    B,
    X,
    Y,
    ITEMS_IN,
    result=Result("each", "both letters, such as AX"),
    cost="cheap",
    example=([[12000, 9000, 400]], YEAR),
    together=True,
    because=_because_abc_xyz,
)
def abc_xyz(
    value: FloatArray, demand: FloatArray, a: float, b: float, x: float, y: float, items_in: str
) -> list[str | None]:
    """Class of each item by value and by how far demand strays, such as AX or CZ.

    The letters are those of ABC and of XYZ. Give all items at once; an item without any known demand stays empty.
    """
    letters = abc(value, a, b)
    return [second and first + second for first, second in zip(letters, xyz(demand, x, y, items_in), strict=True)]
