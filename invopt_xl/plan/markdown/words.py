"""What to do with an item that has too much stock, in words a planner can act on, or why nobody can tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from invopt_xl.domain.words import likely
from invopt_xl.forecasting.response import Trust
from invopt_xl.plan.excess.measures import LEAST_GAIN
from invopt_xl.plan.excess.words import LIKELY, WORTH_TELLING
from invopt_xl.plan.parameters import Parameters
from invopt_xl.policy.markdown import MOST_LOTS, WORTH_A_CUT, Clearing

LEAST_DEMAND = 0.01
"""Units expected until the end, below which no price is told: a cut multiplies demand, and nothing stays nothing.

Of goods not in whole units, hundredths of the stock."""

USED = 0.05
"""Stock of which no more than this share is expected to be left is used in time."""

WORTH_A_WORD = 0.1
"""Demand at today's price that is further from the forecast, as a share, is told; so is so large a share promoted."""

CUT, LATER, STAYS = "cut", "keep for now, cut if more is left", "keep the price"
NO_STOCK, NO_PRICE, NO_DEMAND = "refused: no stock", "refused: no price", "refused: no demand at any price"
FEW_CHANGES, NO_RISE = "refused: too few price changes", "refused: demand did not rise when cheaper"
NOT_TOLD = "refused: the price response cannot be used"
UNSURE = "refused: may lose money, and only other items tell"
REFUSALS = (NO_STOCK, NO_PRICE, NO_DEMAND, FEW_CHANGES, NO_RISE, UNSURE, NOT_TOLD)
OUTCOMES = (CUT, LATER, STAYS, *REFUSALS)
"""What becomes of an item that is looked at."""


@dataclass(frozen=True)
class Refused:
    """Why no path is told for an item: one of `REFUSALS`, and in words."""

    outcome: str
    why: str


def refusal(record: dict[Any, Any], row: int, demand: float, trusted: Trust) -> Refused | None:
    """Return why no path can be told for an item, if it is so.

    Parameters
    ----------
    record, row
        The item's row of the plan, and its place in it.
    demand
        Expected until the end at today's price, units.
    trusted
        Which price responses can be used.
    """
    price = record["unit_price"]
    if record["on_hand"] <= 0:
        return Refused(NO_STOCK, "No stock on hand: nothing to mark down.")
    if not (np.isfinite(price) and price > 0):
        return Refused(NO_PRICE, "No price in tblItems: what a cut brings cannot be told.")
    if record.get("known_periods") == 0:
        return Refused(NOT_TOLD, "No path: no sale is on record, so nobody knows what a price brings.")
    if demand < LEAST_DEMAND * (1.0 if record["whole_units"] else record["on_hand"] / MOST_LOTS):
        why = "No demand is expected at today's price, so no response to a cut is known: return or scrap it."
        return Refused(NO_DEMAND, why)
    if trusted.usable[row]:
        return None
    unclear = NO_RISE if trusted.known[row] else NOT_TOLD
    return Refused(FEW_CHANGES if trusted.few[row] else unclear, f"No path: {trusted.why[row]}.")


def too_unsure(made: Clearing, *, own: bool) -> Refused | None:
    """Return why a path that pays in expectation is not proposed, if it is so.

    One that may well lose money is left to the planner where the item's own history tells of prices, and refused where
    only others do: some things are asked for at their price and no other.
    """
    low, _ = made.gain_between()
    if made.gain < LEAST_GAIN or own or low >= 0:
        return None
    why = (
        f"No path: it might bring {made.gain:,.2f} above no action or lose {-low:,.2f}, and only items like it tell; "
        "try a small cut first and see."
    )
    return Refused(UNSURE, why)


def outcome(made: Clearing) -> str:
    """Return what becomes of an item whose path is known."""
    if made.gain < LEAST_GAIN:
        return STAYS
    return CUT if made.path[-1] < made.prices[0] else LATER


def what_to_do(made: Clearing, parameters: Parameters, ended: float, *, sells_on: bool) -> str:
    """Return the path in words, or why no cut pays.

    Parameters
    ----------
    made
        How the item is cleared best.
    parameters
        For the dates of the periods.
    ended
        Chance that its demand has ended.
    sells_on
        Whether what is left when the path ends sells on at today's price.
    """
    if made.gain < LEAST_GAIN:
        return f"Keep the price: {_no_cut(made, ended, sells_on=sells_on)}."
    steps = ", ".join(_steps(made, parameters))
    return f"{steps[0].upper()}{steps[1:]}."


def evidence(response: pd.Series[Any], ended: float, at_todays_price: float = 1.0, promoted: float = 0.0) -> str:
    """Return what a path stands on.

    Parameters
    ----------
    response
        The item's row of ``tblPriceResponse``.
    ended
        Chance that its demand has ended.
    at_todays_price
        Demand expected at today's price over what is forecast.
    promoted
        Share of periods of late with promotions that the forecast carries on.
    """
    low, high = response["elasticity_low"], response["elasticity_high"]
    told = f"Elasticity {response['elasticity']:.1f} (80%: {low:.1f} to {high:.1f}): {response['why']}."
    if abs(at_todays_price - 1) >= WORTH_A_WORD:
        told += (
            " The forecast stands on other prices than today's, paid of late or planned: for today's, "
            f"{at_todays_price:.2f} times the forecast is taken."
        )
    if promoted >= WORTH_A_WORD:
        carried = f"Promotions of late, in {promoted:.0%} of periods, are taken to go on"
        told += f" {carried}: say in tblDemand where there will be none."
    if ended < WORTH_TELLING:
        return told
    return f"{told} Demand may have ended ({likely(ended)}): then no price sells anything, which is counted in."


def _no_cut(made: Clearing, ended: float, *, sells_on: bool) -> str:
    if (more := made.constant.expected - made.none.expected) >= LEAST_GAIN:
        little = f"less than {WORTH_A_CUT:.1%} of it all and not worth a new price"
        return f"the best cut would bring {more:,.2f} more, {little}"
    if len(made.prices) == 1:
        return "no lower one is allowed by the floor, the largest discount and the prices seen"
    if float(made.none.stock[-1]) <= USED * float(made.none.stock[0]):
        return "demand uses the stock in time"
    if ended >= LIKELY:
        return f"demand has likely ended ({likely(ended)}), and then no price sells anything"
    if sells_on:
        return "what is left sells on at it for more than a cut brings"
    return "a cut gives away more than it brings"


def _steps(made: Clearing, parameters: Parameters) -> list[str]:
    """Return each fall of the price along the path, such as ``20% off from 2018-01-08``."""
    changes = np.flatnonzero(np.diff(made.path, prepend=made.prices[0]) < 0)
    if not changes.size:
        return ["keep the price for now, and cut it where more is left than cut_above says"]
    dates = parameters.calendar.start(changes).astype("datetime64[D]").tolist()
    return [
        f"{1 - made.path[place] / made.prices[0]:.0%} off {'now' if place == 0 else f'from {day}'}"
        for place, day in zip(changes, dates, strict=True)
    ]
