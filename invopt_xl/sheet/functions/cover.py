"""How long stock lasts, how often it is used up, and what of it lies too long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from invopt_xl.sheet.arguments import Argument
from invopt_xl.sheet.catalogue import Result, cell_function
from invopt_xl.sheet.functions.shared import DAYS_PER_PERIOD, MEAN_DEMAND, ON_HAND, ON_ORDER, ORDER_UP_TO, amount

if TYPE_CHECKING:
    from invopt_xl.policy.costs import FloatArray


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
    replace(ORDER_UP_TO, default=0.0),
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
