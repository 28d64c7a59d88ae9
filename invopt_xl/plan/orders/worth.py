"""What a little more of each limit, and what a better plan, would save, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from invopt_xl.optimise.wording import money_in_words
from invopt_xl.plan.explain import amount, percent
from invopt_xl.plan.orders.planned import Planned

_WORTH_SHOWING = 5e-4
"""Shadow prices below this are none."""

_WHAT = {
    "budget": ("the budget, at list price,", "{money}"),
    "storage": ("storage", "unit of room"),
    "working capital": ("working capital", "{money}"),
    "capacity": ("the capacity of {subject}", "unit"),
}
"""What each limit is called, and what it is counted in."""


def worth_having(limits: pd.DataFrame) -> pd.DataFrame:
    """Return the limits of which a little more would save money, those first of which a hundredth more saves most."""
    found = limits[limits["shadow_price"].astype(float) > _WORTH_SHOWING]
    worth = (found["shadow_price"] * found["available"]).astype(float)
    return found.loc[worth.sort_values(ascending=False, kind="stable").index]


def limit_sentence(row: Mapping[Any, Any], period: str, currency: str) -> str:
    """Return in a sentence what room for another lot in a limit would save, by its unit.

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
    >>> row = {"limit": "storage", "subject": "", "date": pd.Timestamp("2018-01-08"), "used": 2.0,
    ...        "available": 2.0, "shadow_price": 0.58}
    >>> limit_sentence(row, "week", "USD")
    'storage in the week from 8 Jan 2018, 2 of 2 used: room for another lot would save about 0.58 USD per unit of room'
    """
    name, unit = _WHAT[row["limit"]]
    name, unit = name.format_map(row), unit.format(money=currency or "unit of money")
    day, price = row["date"], row["shadow_price"]
    when = f"in the {period} from {day.day} {day:%b %Y}, {amount(row['used'])} of {amount(row['available'])} used"
    saved = f"{price:,.2f}" if price >= 0.1 else f"{price:,.2g}"
    money = f" {currency}" if currency else ""
    return f"{name} {when}: room for another lot would save about {saved}{money} per {unit}"


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
