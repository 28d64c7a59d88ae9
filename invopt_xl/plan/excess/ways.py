"""The ways to be rid of goods on hand: how many each can take, and what it brings a unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from invopt_xl.plan.excess.ageing import DEAD
from invopt_xl.plan.excess.kinds import NO_DEMAND, NO_HISTORY, SPOILS
from invopt_xl.plan.excess.terms import ActionTerms
from invopt_xl.plan.excess.write_off import salvage, write_off_days
from invopt_xl.plan.quantities import least_units
from invopt_xl.policy.costs import FloatArray

STOP, TRANSFER, RETURN, PROMOTE, MARK_DOWN, SCRAP = (
    "stop order",
    "transfer",
    "return",
    "promote",
    "mark down",
    "scrap",
)
ACTIONS = (STOP, TRANSFER, RETURN, PROMOTE, MARK_DOWN, SCRAP)
"""What can be done, in the order of what it takes."""


class Way(NamedTuple):
    """One way; arrays of shape (items,).

    Parameters
    ----------
    action
        Its name.
    most
        Units that it can take.
    least
        Fewer units are not worth doing it for.
    cash
        Money in for a unit, as it is expected.
    cost
        What a unit costs on the way, money.
    freed
        Money at cost that a unit frees, as it is expected.
    once
        What it costs besides, however many units go, money.
    """

    action: str
    most: FloatArray
    least: FloatArray
    cash: FloatArray
    cost: FloatArray
    freed: FloatArray
    once: FloatArray

    def brings(self, units: FloatArray) -> FloatArray:
        """Return what a unit brings, net, money, where so many are there to go, or as many of them as can."""
        gone = np.minimum(self.most, units)
        return np.asarray(self.cash - self.cost - np.divide(self.once, gone, out=np.zeros(len(gone)), where=gone > 0))


@dataclass(frozen=True, eq=False)
class _Goods:
    """Goods on hand; arrays of shape (items,).

    Parameters
    ----------
    rows
        Their items.
    cost
        Of a unit, money.
    goes_on
        Chance that somebody still asks for them.
    salvage
        What a unit brings in the end that nobody has bought, money.
    waits
        What such a unit costs until then, holding and disposal, money.
    """

    rows: pd.DataFrame
    cost: FloatArray
    goes_on: FloatArray
    salvage: FloatArray
    waits: FloatArray

    @classmethod
    def of(cls, rows: pd.DataFrame, terms: ActionTerms, days_per_period: float) -> _Goods:
        """Return the goods of items."""
        cost = rows["unit_cost"].to_numpy(np.float64)
        held = rows["holding_cost"].to_numpy(np.float64) * write_off_days(rows, terms) / days_per_period
        goes_on = 1.0 - rows["ended_chance"].to_numpy(np.float64)
        return cls(rows, cost, goes_on, salvage(rows, terms), held + terms.disposal_share * cost)

    def offered(self, price: FloatArray, sells: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return cash, cost and freed money of a unit offered at a price: unsold it waits to be written off.

        Where demand has ended a unit is worth the same whatever is done, so what is gained is gained where it goes on.
        """
        unsold = 1.0 - sells
        return sells * price + unsold * self.salvage, unsold * self.waits, sells * self.cost


def ways_out(rows: pd.DataFrame, terms: ActionTerms, days_per_period: float) -> list[Way]:
    """Return the ways to be rid of goods on hand, for each of the items.

    Goods go back where a supplier is named, unless they will spoil or keep badly and nobody asks for them; are promoted
    where there is a price, demand to lift, and time; are marked down unless nobody has asked for them for so long that
    they are dead; and are scrapped in the end. Neither a promotion nor a lower price sells what nobody asks for any
    more: with the chance that demand has ended units stay, and bring what is written off.

    Parameters
    ----------
    rows
        Items with ``kind`` and ``ageing``, ``supplier``, ``unit_cost``, ``unit_price``, ``shelf_life_days``,
        ``demand_per_period``, ``ended_chance``, ``holding_cost`` (money for a unit and period), ``lot_size``,
        ``on_hand`` (units) and ``whole_units``.
    terms
        What each way brings and costs.
    days_per_period
        Length of a period.
    """
    goods, none = _Goods.of(rows, terms, days_per_period), np.zeros(len(rows))
    kind, cost, least = rows["kind"].to_numpy(dtype=object), goods.cost, least_units(rows)
    perished = rows["shelf_life_days"].notna().to_numpy() & np.isin(kind, [NO_DEMAND, NO_HISTORY])
    returned = (rows["supplier"] != "").to_numpy() & (kind != SPOILS) & ~perished
    asked = (rows["ageing"] != DEAD).to_numpy() & ~perished
    back = (np.where(returned, np.inf, 0.0), np.maximum(least, rows["lot_size"].to_numpy(np.float64)))
    lower = np.where(asked, _marked_down_units(rows, terms), 0.0)
    # Estimates have counted that demand may have ended.
    sells = np.where(terms.estimated(rows.index), 1.0, goods.goes_on)
    marked_down = goods.offered(marked_down_share(rows, terms) * cost, sells)
    return [
        Way(RETURN, *back, terms.refund_share * cost, terms.return_cost * cost, cost, none),
        _promotion(goods, terms, days_per_period),
        Way(MARK_DOWN, lower, least, *marked_down, none),
        Way(SCRAP, none + np.inf, least, goods.salvage, terms.disposal_share * cost, none, none),
    ]


def marked_down_share(rows: pd.DataFrame, terms: ActionTerms) -> FloatArray:
    """Return what marked-down goods bring, share of cost: as estimated, else as assumed if demand goes on."""
    if terms.mark_down_recovery is None:
        return np.full(len(rows), terms.mark_down_share)
    return np.asarray(terms.mark_down_recovery.reindex(rows.index).fillna(terms.mark_down_share).to_numpy(np.float64))


def _marked_down_units(rows: pd.DataFrame, terms: ActionTerms) -> FloatArray:
    """Return how many units marking down can sell: as estimated where it is, else any number."""
    if terms.mark_down_units is None:
        return np.full(len(rows), np.inf)
    return np.asarray(terms.mark_down_units.reindex(rows.index).fillna(np.inf).to_numpy(np.float64))


def _promotion(goods: _Goods, terms: ActionTerms, days_per_period: float) -> Way:
    """Return a promotion: it sells more at a lower price, and what would have sold anyway at that price too."""
    rows = goods.rows
    price = rows["unit_price"].fillna(0.0).to_numpy(np.float64)
    usual = rows["demand_per_period"].to_numpy(np.float64) * terms.promotion_days / days_per_period
    possible = (price > goods.cost) & ~np.isin(rows["kind"], [NO_DEMAND, NO_HISTORY, SPOILS])
    more = np.where(possible, usual * terms.promotion_lift, 0.0)
    more = np.where(rows["whole_units"].to_numpy(bool), np.floor(more), more)
    promoted = goods.offered(price * (1.0 - terms.promotion_discount), goods.goes_on)
    given_away = goods.goes_on * usual * price * terms.promotion_discount
    return Way(PROMOTE, more, least_units(rows), *promoted, given_away)
