"""What is known of each item's stock before anything is decided: what remains of it, its age, and what will be lost."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from invopt_xl.plan.excess.ageing import ages, days_since_sale
from invopt_xl.plan.excess.ahead import DemandAhead
from invopt_xl.plan.excess.demand_words import with_demand_words
from invopt_xl.plan.excess.kinds import with_kinds
from invopt_xl.plan.excess.measures import with_excess
from invopt_xl.plan.excess.remaining import PROBABILITIES, expected_demand, left_over, left_with, remaining
from invopt_xl.plan.excess.stocked import Stock
from invopt_xl.plan.excess.terms import ActionTerms, Assumptions
from invopt_xl.plan.excess.write_off import write_off_days, written_off_worth
from invopt_xl.policy.costs import FloatArray
from invopt_xl.policy.families import IntArray

_BLOCK = 1_000
"""Items whose distributions are held in memory together."""


def blocks(items: int) -> Iterator[IntArray]:
    """Yield the rows of so many items, some after another; one block without rows where there are none.

    Examples
    --------
    >>> [len(rows) for rows in blocks(2500)], [len(rows) for rows in blocks(0)]
    ([1000, 1000, 500], [0])
    """
    for first in range(0, max(items, 1), _BLOCK):
        yield np.arange(first, min(first + _BLOCK, items))


def measured(stock: Stock, horizon: float, assumptions: Assumptions) -> pd.DataFrame:
    """Return the items with all that is known of their excess but what to do about it."""
    ahead, length = stock.ahead, stock.parameters.calendar.days_per_period
    items = with_excess(stock.items, horizon, length)
    since, seen = days_since_sale(stock.past, length)
    items = items.assign(
        ended_chance=ahead.ended(),
        ending_chance=np.nan if ahead.endings is None else ahead.endings.within(horizon / length),
        last_sale_days=since,
        ageing=ages(since, seen, items["cover_days"].to_numpy(np.float64), assumptions.ageing),
    )
    parts = [_foreseen(items.iloc[rows], ahead.rows(rows), horizon, assumptions.terms) for rows in blocks(len(items))]
    items = with_demand_words(items.assign(**pd.concat(parts)), horizon, stock.parameters)
    return with_kinds(items.assign(will_spoil=will_spoil(items, ahead)), length)


def will_spoil(items: pd.DataFrame, ahead: DemandAhead) -> pd.Series[float]:
    """Return the units that outlast their shelf life whatever is ordered, as a plan counts them, else as expected."""
    if "spoiling" in items:
        return items["spoiling"] - items["spoiling_order"]
    return pd.Series(_outlasting(items, ahead)["will_outlast"], items.index).fillna(0.0)


def _foreseen(items: pd.DataFrame, ahead: DemandAhead, horizon: float, terms: ActionTerms) -> pd.DataFrame:
    """Return what the distribution of demand says of some items' stock."""
    left = remaining(ahead, position(items), np.full(len(items), horizon))
    names = [f"remaining_{100 * probability:.0f}" for probability in PROBABILITIES]
    found = {
        "expected_demand": left.demand,
        **dict(zip(names, left.units.T, strict=True)),
        "remaining_expected": left.expected,
        "remaining_value": left.units[:, names.index("remaining_80")] * items["unit_cost"].to_numpy(np.float64),
        **_outlasting(items, ahead),
        **_write_off(items, ahead, terms),
    }
    return pd.DataFrame(found, index=items.index)


def position(items: pd.DataFrame) -> FloatArray:
    """Return stock on hand and on order, units."""
    return np.asarray((items["on_hand"] + items["on_order"]).clip(lower=0.0), np.float64)


def _outlasting(items: pd.DataFrame, ahead: DemandAhead) -> dict[str, FloatArray]:
    """Return the units expected past their shelf life, on hand and with what is on order, all taken as fresh today.

    Beside them stands the demand that is expected within the shelf life.
    """
    limited = items["shelf_life_days"].notna().to_numpy()
    stocks = {"will_outlast": np.asarray(items["on_hand"].clip(lower=0.0), np.float64)}
    stocks["will_outlast_ordered"] = position(items)
    found = {name: np.zeros(len(items)) for name in stocks} | {"shelf_life_demand": np.full(len(items), np.nan)}
    rows = np.flatnonzero(limited)
    if rows.size:
        demand = ahead.rows(rows).within(items["shelf_life_days"].to_numpy(np.float64)[rows])
        for name, stock in stocks.items():
            found[name][rows] = np.where(ahead.known[rows], left_over(demand, stock[rows]), np.nan)
        found["shelf_life_demand"][rows] = np.where(ahead.known[rows], expected_demand(demand), np.nan)
    return found


def _write_off(items: pd.DataFrame, ahead: DemandAhead, terms: ActionTerms) -> dict[str, FloatArray]:
    """Return the money expected to be lost of stock, and the central 80% range of that.

    Of goods that perish it is that of stock on hand: what comes later keeps longer.
    """
    keeps = items["shelf_life_days"].isna().to_numpy()
    stock = np.where(keeps, position(items), items["on_hand"].clip(lower=0.0))
    lost = items["unit_cost"].to_numpy(np.float64) - written_off_worth(items, terms)
    lost = np.where(ahead.known, lost, np.nan)
    demand = ahead.within(write_off_days(items, terms))
    return {
        "expected_write_off": lost * left_over(demand, stock),
        "write_off_low": lost * left_with(demand, stock, 0.9),
        "write_off_high": lost * left_with(demand, stock, 0.1),
    }
