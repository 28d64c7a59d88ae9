"""What more of each limit, and what a better plan, would save, in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from invopt_xl.optimise.wording import money_in_words
from invopt_xl.plan.explain import amount, percent
from invopt_xl.plan.orders.planned import Planned

_WORTH_SHOWING = 5e-4
"""Shadow prices below this are none."""

_WHAT = {
    "budget": ("the budget, at list price,", "{money}", "{money}"),
    "storage": ("storage", "", "unit of room"),
    "working capital": ("working capital", "{money}", "{money}"),
    "capacity": ("the capacity of {subject}", "units", "unit"),
}
"""What each limit is called, what it is counted in, and what a price is by."""


def worth_having(limits: pd.DataFrame) -> pd.DataFrame:
    """Return the limits of which more would save money, those first of which a hundredth more saves most."""
    found = limits[limits["shadow_price"].astype(float) > _WORTH_SHOWING]
    worth = (found["shadow_price"] * found["available"]).astype(float)
    return found.loc[worth.sort_values(ascending=False, kind="stable").index]


def limit_sentence(row: Mapping[Any, Any], period: str, currency: str) -> str:
    """Return in a sentence how much more room in a limit would save what, in all and by its unit.

    Parameters
    ----------
    row
        A row of ``tblOrderLimits``.
    period
        Length of a period, to name it.
    currency
        Name of the money; empty where it has none.

    Examples
    --------
    >>> row = {"limit": "capacity", "subject": "North", "date": pd.Timestamp("2018-01-08"), "used": 0.0,
    ...        "available": 0.0, "shadow_price": 2.63, "room_tried": 95.0}
    >>> limit_sentence(row, "week", "USD").partition(": ")[2]
    'room for 95 units more would save about 250 USD (2.63 per unit)'
    """
    name, unit, by = _WHAT[row["limit"]]
    name, unit = name.format_map(row), unit.format(money=currency)
    day, price, more = row["date"], row["shadow_price"], row["room_tried"]
    when = f"in the {period} from {day.day} {day:%b %Y}, {amount(row['used'])} of {amount(row['available'])} used"
    size = _at_least(more)
    if size == "1" and unit == "units":
        unit = "unit"
    saved = money_in_words(price * more)
    rate = f"{price:,.2f}" if price >= 0.1 else f"{price:,.2g}"
    room = " ".join(word for word in (size, unit, "more") if word)
    money = " ".join(word for word in (saved, currency) if word)
    each = by.format(money=currency or "unit of money")
    return f"{name} {when}: room for {room} would save about {money} ({rate} per {each})"


def _at_least(size: float) -> str:
    """Return a size to two digits or a whole number, rounded up: with less room nothing would be saved.

    Examples
    --------
    >>> _at_least(1234.2), _at_least(7.0), _at_least(7.41), _at_least(0.0321)
    ('1,235', '7', '7.5', '0.033')
    """
    digits = max(1 - math.floor(math.log10(size)), 0)
    return f"{math.ceil(round(size * 10**digits, 4)) / 10**digits:,.{digits}f}".removesuffix(".0")


def possible_saving(planned: Planned) -> float:
    """Return what a better plan would save at most, money: what is proven, not what will be found."""
    return max(planned.plan.total - planned.plan.bound, 0.0)


def saving_as_money(planned: Planned, currency: str) -> str:
    """Return what a better plan would save at most with its currency, where that is known."""
    return f"{money_in_words(possible_saving(planned))}{f' {currency}' if currency else ''}"


def saving_in_words(planned: Planned, currency: str) -> str:
    """Return what a better plan would save at most, in money and as a share of what orders can change."""
    money = saving_as_money(planned, currency)
    return f"a better plan would save at most {money} ({percent(planned.plan.gap, 1)} of what orders can change)"
