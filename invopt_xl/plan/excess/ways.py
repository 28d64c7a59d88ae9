"""The ways to be rid of goods on hand: how many each can take, and what it brings a unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from invopt_xl.plan.excess.ageing import DEAD
from invopt_xl.plan.excess.kinds import NO_DEMAND, NO_HISTORY, SPOILS
from invopt_xl.plan.excess.terms import ActionTerms
from invopt_xl.policy.costs import BoolArray, FloatArray

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
    cash
        Money in for a unit.
    cost
        What a unit costs on the way, money.
    once
        What it costs besides, however many units go, money.
    """

    action: str
    most: FloatArray
    cash: FloatArray
    cost: FloatArray
    once: FloatArray

    @property
    def brings(self) -> FloatArray:
        """What a unit brings, net, money, where as many go as can."""
        share = np.divide(self.once, self.most, out=np.zeros(len(self.most)), where=self.most > 0)
        return np.asarray(self.cash - self.cost - share)


@dataclass(frozen=True, eq=False)
class _Goods:
    """Goods on hand: their rows, cost and price of a unit; whether they keep, and whether nobody asks for them."""

    rows: pd.DataFrame
    cost: FloatArray
    price: FloatArray
    keeps: BoolArray
    unsold: BoolArray


def ways_out(rows: pd.DataFrame, terms: ActionTerms, days_per_period: float) -> list[Way]:
    """Return the ways to be rid of goods on hand, for each of the items.

    Goods go back where a supplier is named, unless they will spoil or keep badly and nobody asks for them; are promoted
    where there is a price, demand to lift, and time; are marked down unless nobody has asked for them for so long that
    they are dead; and are scrapped in the end. Neither a promotion nor a lower price sells what nobody asks for any
    more.

    Parameters
    ----------
    rows
        Items with ``kind`` and ``ageing``, ``supplier``, ``unit_cost``, ``unit_price``, ``shelf_life_days``,
        ``demand_per_period``, ``ended_chance`` and ``whole_units``.
    terms
        What each way brings and costs.
    days_per_period
        Length of a period.
    """
    kind, none = rows["kind"].to_numpy(dtype=object), np.zeros(len(rows))
    cost = rows["unit_cost"].to_numpy(np.float64)
    goods = _Goods(
        rows,
        cost,
        rows["unit_price"].fillna(0.0).to_numpy(np.float64),
        keeps=rows["shelf_life_days"].isna().to_numpy(),
        unsold=np.isin(kind, [NO_DEMAND, NO_HISTORY]),
    )
    perished = ~goods.keeps & goods.unsold
    returned = (rows["supplier"] != "").to_numpy() & (kind != SPOILS) & ~perished
    asked = (rows["ageing"] != DEAD).to_numpy() & ~perished
    recovery = marked_down_share(rows, terms)
    salvage = np.where(goods.keeps, terms.salvage_share * cost, 0.0)
    all_or_none = [np.where(allowed, np.inf, 0.0) for allowed in (returned, asked)]
    return [
        Way(RETURN, all_or_none[0], terms.refund_share * cost, terms.return_cost * cost, none),
        _promotion(goods, terms, days_per_period),
        Way(MARK_DOWN, np.minimum(all_or_none[1], _marked_down_units(rows, terms)), recovery * cost, none, none),
        Way(SCRAP, none + np.inf, salvage, terms.disposal_share * cost, none),
    ]


def marked_down_share(rows: pd.DataFrame, terms: ActionTerms) -> FloatArray:
    """Return what marked-down goods bring, share of cost: as estimated where it is, else as assumed.

    Nothing is assumed to be sold whose demand has ended; estimates have counted that.
    """
    assumed = terms.mark_down_share * (1.0 - rows["ended_chance"])
    if terms.mark_down_recovery is None:
        return assumed.to_numpy(np.float64)
    return np.asarray(terms.mark_down_recovery.reindex(rows.index).fillna(assumed).to_numpy(np.float64))


def _marked_down_units(rows: pd.DataFrame, terms: ActionTerms) -> FloatArray:
    """Return how many units marking down can sell: as estimated where it is, else any number."""
    if terms.mark_down_units is None:
        return np.full(len(rows), np.inf)
    return np.asarray(terms.mark_down_units.reindex(rows.index).fillna(np.inf).to_numpy(np.float64))


def _promotion(goods: _Goods, terms: ActionTerms, days_per_period: float) -> Way:
    """Return a promotion: it sells more at a lower price, and what would have sold anyway at that price too."""
    usual = goods.rows["demand_per_period"].to_numpy(np.float64) * terms.promotion_days / days_per_period
    possible = (goods.price > goods.cost) & ~goods.unsold & (goods.rows["kind"] != SPOILS).to_numpy()
    still = 1.0 - goods.rows["ended_chance"].to_numpy(np.float64)
    more = np.where(possible, usual * terms.promotion_lift * still, 0.0)
    more = np.where(goods.rows["whole_units"].to_numpy(bool), np.floor(more), more)
    lower = goods.price * (1.0 - terms.promotion_discount)
    return Way(PROMOTE, more, lower, np.zeros(len(usual)), usual * goods.price * terms.promotion_discount)
