"""Where the demand that remainders stand on is far from the forecast that cover and excess stand on, in words."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from invopt_xl.domain.words import likely
from invopt_xl.plan.excess.quick import LEAST_KNOWN
from invopt_xl.plan.explain import amount, plural
from invopt_xl.plan.parameters import Parameters

FEW, HIGHER, LOWER, ENDING = "few", "higher", "lower", "ending"
"""Why expected demand differs from the forecast: little is known, history was higher, or lower, or demand may end."""

FAR, LEAST_OF_STOCK = 0.5, 0.02
"""Share of the forecast, and of the stock, from which on a difference is worth a word."""


def with_demand_words(items: pd.DataFrame, horizon: float, parameters: Parameters) -> pd.DataFrame:
    """Return the items with how and why their expected demand is far from their forecast, if it is.

    Cover and excess stand on the forecast alone, what remains on the distribution of demand that did best in the
    past: often forecast and history together, for demand that fell often comes back. It may end there, too.

    Parameters
    ----------
    items
        With ``on_hand``, ``on_order``, ``demand_per_period`` (the forecast) and ``expected_demand`` (over the horizon),
        units, ``ending_chance`` and ``known_periods``.
    horizon
        Days.
    parameters
        For the length of a period, and its name.

    Returns
    -------
    DataFrame
        The items with ``demand_differs`` (`FEW`, `HIGHER`, `LOWER`, `ENDING` or blank) and ``demand_words``, a sentence
        that begins with a space, or blank.

    Examples
    --------
    >>> from datetime import date
    >>> rows = {"on_hand": 600, "on_order": 0, "demand_per_period": 3.2, "expected_demand": [229.0, 40.0]}
    >>> items = pd.DataFrame(rows | {"ending_chance": 0.01, "known_periods": 70})
    >>> with_demand_words(items, 91, Parameters(date(2024, 1, 1)))["demand_words"].tolist()
    [' The forecast is 3.2 a week on average; what remains counts history too, and expects 18.', '']
    """
    periods = horizon / parameters.calendar.days_per_period
    forecast, expected = items["demand_per_period"] * periods, items["expected_demand"]
    stock = (items["on_hand"] + items["on_order"]).clip(lower=0.0)
    far = (expected - forecast).abs() > np.maximum(FAR * forecast, LEAST_OF_STOCK * stock)
    ending = items["ending_chance"].fillna(0.0) >= FAR
    few = items["known_periods"] < LEAST_KNOWN
    differs = np.select([far & few, far & (expected > forecast), far & ending, far], [FEW, HIGHER, ENDING, LOWER], "")
    found = items.assign(demand_differs=differs, a_period=expected / periods)
    told = [_words(each, parameters.period, horizon) for each in found[list(_TOLD)].to_dict("records")]
    return items.assign(demand_differs=differs, demand_words=told)


_TOLD = ("demand_differs", "demand_per_period", "a_period", "ending_chance", "known_periods")


NOTES = {
    HIGHER: "the forecast of cover and excess is low; what remains, and is lost, counts history too, for demand that "
    "fell so far often came back; see expected_demand",
    LOWER: "the forecast of cover and excess is high; what remains, and is lost, counts history too; see "
    "expected_demand",
    ENDING: "demand has likely ended, or will: what remains, and is lost, counts that, the forecast of cover and "
    "excess does not; see expected_demand",
}
"""What is to be known of such items, for a note."""


def _rate(value: float) -> str:
    return amount(round(value, 1)) if value >= 0.05 or value == 0 else "less than 0.1"


def _words(row: Mapping[Hashable, Any], period: str, horizon: float) -> str:
    forecast, counted = (_rate(row[name]) for name in ("demand_per_period", "a_period"))
    if row["demand_differs"] == ENDING:
        chance = likely(row["ending_chance"])
        return (
            f" Demand ends within {horizon:,.0f} days, or has ended, with a chance of {chance}; the forecast of "
            f"{forecast} a {period} is if it goes on."
        )
    if not row["demand_differs"]:
        return ""
    told = f" The forecast is {forecast} a {period} on average; what remains counts "
    if row["demand_differs"] == FEW:
        return f"{told}{counted}, with all the doubt of {plural(row['known_periods'], period)} of history."
    return f"{told}history too, and expects {counted}."
