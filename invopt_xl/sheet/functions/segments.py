"""Which items matter, and which stray: classes by value and by how well demand can be forecast."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from invopt_xl.errors import InputError
from invopt_xl.sheet.arguments import Argument
from invopt_xl.sheet.catalogue import Result, cell_function
from invopt_xl.sheet.functions._demand import ITEMS_IN, SEASON
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
X = Argument("x", "Largest forecast error over mean demand of an X item.", takes="one", default=0.5, above=0)
Y = Argument("y", "Largest forecast error over mean demand of a Y item.", takes="one", default=1.0, above=0)

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


def _because_xyz(
    results: Sequence[str | None], demand: FloatArray, x: float, y: float, items_in: str, season: int
) -> list[str]:
    from invopt_xl.forecasting.forecastability import forecastability

    found = forecastability(demand, int(season))
    return [
        f"{letter}: {_strays(error, judged, known)} (X up to {x:g}, Y up to {y:g})." if letter else ""
        for letter, error, judged, known in zip(results, found.error, found.judged, found.known, strict=True)
    ]


def _strays(error: float, judged: int, known: int) -> str:
    from invopt_xl.forecasting.forecastability import LEAST_JUDGED

    if not judged:
        return f"{known} known periods are too few to judge forecasts by; {2 * LEAST_JUDGED} are needed"
    if np.isnan(error):
        return f"nothing was asked for in the last {judged} known periods, so there is no error to judge by"
    return (
        f"forecast one period ahead, demand of the last {judged} known periods strayed by {error:.2f} times its mean "
        "(root mean squared error)"
    )


@cell_function(
    "Segments",
    PAST_DEMAND,
    X,
    Y,
    ITEMS_IN,
    SEASON,
    result=Result("each", "X, Y or Z"),
    cost="cheap",
    example=(YEAR,),
    because=_because_xyz,
)
def xyz(demand: FloatArray, x: float, y: float, items_in: str, season: int) -> list[str | None]:
    """Class of each item by how far demand strays from forecasts: X steady, Y variable, Z irregular or unknown.

    Each of the last periods, 26 at most and half of those known, is forecast from those before it, by the simple
    method that erred least until then: a mean, smoothing, or with a season its seasonal kind. The class is by the root
    mean squared error over mean demand, so a trend or season that was foreseen is no straying; random sales of 4 a
    period have 0.5, of one 1. Z without demand in those periods, or with fewer than 8 known. It is the class of the
    plan, whose season is 52 for weeks and 12 for months.
    """
    from invopt_xl.forecasting.forecastability import forecastability
    from invopt_xl.plan.segmentation import xyz_classes

    _require_rising("x", x, "y", y)
    classes = xyz_classes(forecastability(demand, int(season)).error, x, y)
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
    season: int,
) -> list[str]:
    worth = _because_abc([str(each)[:1] for each in results], value, a, b)
    strays = _because_xyz([each and each[1:] for each in results], demand, x, y, items_in, season)
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
    SEASON,
    result=Result("each", "both letters, such as AX"),
    cost="cheap",
    example=([[12000, 9000, 400]], YEAR),
    together=True,
    because=_because_abc_xyz,
)
def abc_xyz(
    value: FloatArray, demand: FloatArray, a: float, b: float, x: float, y: float, items_in: str, season: int
) -> list[str | None]:
    """Class of each item by value and by how far demand strays from forecasts, such as AX or CZ.

    The letters are those of ABC and of XYZ. Give all items at once; an item without any known demand stays empty.
    """
    letters = abc(value, a, b)
    return [
        second and first + second for first, second in zip(letters, xyz(demand, x, y, items_in, season), strict=True)
    ]
