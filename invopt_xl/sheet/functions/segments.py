"""Which items matter, which stray, which lie too long: classes, cover, turns and excess."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from invopt_xl.errors import InputError
from invopt_xl.policy.costs import FloatArray
from invopt_xl.sheet.arguments import Argument
from invopt_xl.sheet.catalogue import Result, cell_function
from invopt_xl.sheet.functions._demand import ITEMS_IN
from invopt_xl.sheet.functions.shared import (
    DAYS_PER_PERIOD,
    MEAN_DEMAND,
    ON_HAND,
    ON_ORDER,
    ORDER_UP_TO,
    amount,
    percent,
)

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


def _because_cover(
    results: Sequence[float], on_hand: FloatArray, mean_demand: FloatArray, days_per_period: float
) -> list[str]:
    return [
        f"{amount(stock)} on hand last {amount(days)} days at {amount(rate)} every {days_per_period:g} days."
        if rate > 0
        else "There is no demand: stock lasts for ever."
        for days, stock, rate in zip(results, on_hand, mean_demand, strict=True)
    ]


@cell_function(
    "Segments",
    ON_HAND,
    MEAN_DEMAND,
    DAYS_PER_PERIOD,
    result=Result("each", "days; #N/A where there is no demand"),
    cost="cheap",
    example=([[100], [250]], [[5], [40]]),
    because=_because_cover,
)
def days_of_cover(on_hand: FloatArray, mean_demand: FloatArray, days_per_period: float) -> FloatArray:
    """How long stock on hand lasts at the expected demand, in days.

    Without demand it has no end: #N/A.
    """
    from invopt_xl.plan import excess as room

    return room.days_of_cover(on_hand, mean_demand, days_per_period)


def _because_turns(results: Sequence[float], demand: FloatArray, average_stock: FloatArray, days: float) -> list[str]:
    return [
        f"{amount(used)} in {days:g} days from a stock of {amount(stock)}: it is used up {amount(turns)} times a year, "
        f"every {amount(365.0 / turns)} days."
        if stock > 0 and used > 0
        else "Without stock there are no turns." if used > 0
        else "Nothing was used."
        for turns, used, stock in zip(results, demand, average_stock, strict=True)
    ]  # fmt: skip


@cell_function(
    "Segments",
    Argument("demand", "Demand in so many days, in units; or what was sold, at cost.", minimum=0),
    Argument("average_stock", "Average stock over these days, in units; or its value, at cost.", minimum=0),
    Argument(
        "days", "Days that demand is for.", takes="one", unit="days", default=365.0, above=0, maximum=36600
    ),
    result=Result("each", "turns a year; #N/A where there is no stock"),
    cost="cheap",
    example=([[1200], [300]], [[150], [100]]),
    because=_because_turns,
)  # fmt: skip
def turns(demand: FloatArray, average_stock: FloatArray, days: float) -> FloatArray:
    """Stock turns: how many times a year the average stock is used up.

    Both in units, or both in money at cost. Without stock there is no answer: #N/A.
    """
    found = np.full(len(demand), np.nan)
    np.divide(demand * (365.0 / days), average_stock, out=found, where=average_stock > 0)
    return found


COVER_WANTED = Argument(
    "excess_cover_days", "Stock above the order-up-to level is excess where it would last longer than this.",
    takes="one", unit="days", default=91.0, minimum=1,
)  # fmt: skip


def _because_excess(
    results: Sequence[float],
    on_hand: FloatArray,
    mean_demand: FloatArray,
    on_order: FloatArray,
    order_up_to: FloatArray,
    excess_cover_days: float,
    days_per_period: float,
) -> list[str]:
    found = []
    for units, here, coming, level, rate in zip(results, on_hand, on_order, order_up_to, mean_demand, strict=True):
        used = rate * excess_cover_days / days_per_period
        wanted = f"the order-up-to level of {amount(level)}" if level > used else f"the {amount(used)} wanted in time"
        stock = f"{amount(here)} on hand" + (f" and {amount(coming)} on order" if coming > 0 else "")
        above = f"{amount(units)} of {stock} are above {wanted}" if units > 0 else f"{stock} are not above {wanted}"
        found.append(f"{above}: {amount(used)} are used in {excess_cover_days:g} days.")
    return found


@cell_function(
    "Segments",
    ON_HAND,
    MEAN_DEMAND,
    ON_ORDER,
    ORDER_UP_TO,
    COVER_WANTED,
    DAYS_PER_PERIOD,
    result=Result("each", "units in excess"),
    cost="cheap",
    example=([[100], [250]], [[5], [40]], None, [[20], [90]]),
    because=_because_excess,
)
def excess(
    on_hand: FloatArray,
    mean_demand: FloatArray,
    on_order: FloatArray,
    order_up_to: FloatArray,
    excess_cover_days: float,
    days_per_period: float,
) -> FloatArray:
    """Stock that demand will not use in good time, in units.

    What is on hand and on order above both the order-up-to level and the demand expected over the days of cover;
    times the unit cost it is the money in it. What is on order may still be cancelled.
    """
    from invopt_xl.plan.excess import excess_units

    return excess_units(on_hand + on_order, order_up_to, mean_demand * excess_cover_days / days_per_period)
