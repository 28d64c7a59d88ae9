"""Service against stock money: the best that every money gives, one target for all, where stock stands, the plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.plan.columns import CURVE
from invopt_xl.plan.histories import Histories
from invopt_xl.plan.kpis import expected_fill, stock_for_service, stock_on_hand, weighted
from invopt_xl.plan.levels import Levelled
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.replenishment import is_demanded
from invopt_xl.plan.service_goals import Stocked, plain_weights, service_bounds
from invopt_xl.policy import ReplenishmentCycle
from invopt_xl.policy.service_mix import MixItems, ServiceExchange

FloatArray = npt.NDArray[np.float64]
Point = tuple[float, float]
"""An overall fill rate, and stock money."""

POINTS = 20
"""Points of the best mix."""

TARGETS = (0.8, 0.85, 0.9, 0.925, 0.95, 0.96, 0.97, 0.98, 0.99, 0.995)
"""Fill rates asked of every item alike."""

LEAST_SHOWN = 0.8
"""The curve begins at this fill rate, unless today's stock or the plan gives less."""

MOST_MONEY = 1.2
"""It ends where it takes so many times the most of what the plan, today and one target for all take: the last hundredth
of service can take any money, and nothing could be read beside it."""


def curve_table(levelled: Levelled, items: pd.DataFrame, parameters: Parameters) -> pd.DataFrame:
    """Return ``tblCurve``: points of the best mix and of one target for all, then today and the plan.

    The fill rate counts all that is bought, weighted as in ``tblKpis``; the plan's point is what stands there as
    expected fill rate and stock for this service, today's money the stock on hand.

    Parameters
    ----------
    levelled
        Items with levels, and what these were set from.
    items
        The planned items, with what the order plan meets.
    parameters
        For the weights, and what happens to unmet demand.
    """
    weight = pd.Series(plain_weights(items, parameters), index=items.index)
    lost = parameters.shortage == "lost"
    fill = fill_of_today(levelled.stocked, items["available"].to_numpy(), levelled.past, lost=lost)
    today = (weighted(pd.Series(fill, index=items.index), weight), stock_on_hand(items))
    plan = (weighted(expected_fill(items), weight), stock_for_service(items))
    rows: list[tuple[str, float, dict[str, float]]] = []
    offer = Offer.of(levelled.stocked, items, weight, lost=lost)
    if offer is not None:
        alike = list(offer.one_target())
        most = MOST_MONEY * max(money for _, money in (*alike, today, plan))
        mixed = offer.best_mix(min(LEAST_SHOWN, today[0], plan[0]), most)
        rows += [("best mix", fill, {"best_mix": money}) for fill, money in mixed]
        rows += [("one target", fill, {"one_target": money}) for fill, money in alike]
    rows += [("today", today[0], {"today": today[1]}), ("plan", plan[0], {"plan": plan[1]})]
    table = pd.DataFrame([{"point": point, "fill_rate": fill} | money for point, fill, money in rows])
    money = dict.fromkeys(("best_mix", "one_target", "today", "plan"), 2)
    return table.reindex(columns=CURVE.column_names).round({"fill_rate": 6} | money)


@dataclass(frozen=True, eq=False)
class Offer:
    """What the items that can have levels offer for stock money, and how that counts among all items.

    Parameters
    ----------
    exchange
        Of these items, none with a target of its own.
    share
        Their share of all weight.
    others
        What the others add to the overall fill rate.
    rows
        Where these items stand among all.
    """

    exchange: ServiceExchange
    share: float
    others: float
    rows: npt.NDArray[np.int64]

    @classmethod
    def of(cls, stocked: Stocked, items: pd.DataFrame, weight: pd.Series[float], *, lost: bool) -> Offer | None:
        """Return what items offer; None where nothing of weight can have levels."""
        able = (items["refused"] == "") & is_demanded(items) & (items["status"] != "phase-out")
        rows, total = np.flatnonzero(able.to_numpy()), float(weight.sum())
        if not weight[able].sum() > 0:
            return None
        some = stocked.rows(rows)
        cost: FloatArray = items["unit_cost"].to_numpy()[rows].astype(np.float64)
        worth: FloatArray = weight.to_numpy()[rows].astype(np.float64)
        mixed = MixItems(some.cycle, some.lot, cost, worth, lost)
        exchange = ServiceExchange.of(mixed, service_bounds(some, some.least, lost))
        others = float((weight * items["expected_fill_rate"])[~able].sum())
        return cls(exchange, float(weight[able].sum()) / total, others / total, rows)

    def overall(self, service: FloatArray | float) -> FloatArray:
        """Return the fill rate of all items, where these together have the given one."""
        return np.asarray(self.share * service + self.others)

    def one_target(self) -> Iterator[Point]:
        """Yield what `TARGETS` give: every item takes the level that reaches it, or the most that it can give."""
        table, whole = self.exchange.table, self.exchange.stocking.protection.whole
        for target in TARGETS:
            mix = self.exchange.mix_at(table.reaching(table.fill_rate, target, whole), 0.0)
            yield float(self.overall(mix.service)), mix.money

    def best_mix(self, first: float, most_money: float) -> list[Point]:
        """Return points of the least money for each fill rate, evenly along the curve as it is drawn.

        Parameters
        ----------
        first
            Fill rate from which on it is shown.
        most_money
            Money up to which it is.
        """
        service, money = self.overall(self.exchange.steps.service), self.exchange.steps.money
        shown = np.flatnonzero((service >= first) & (money <= most_money))
        shown = shown if shown.size else np.array([len(service) - 1])
        service, money = service[shown], money[shown]
        across, up = ((axis - axis[0]) / max(float(np.ptp(axis)), 1e-12) for axis in (service, money))
        length = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(across), np.diff(up)))])
        at = np.unique(np.searchsorted(length, np.linspace(0.0, length[-1], POINTS) - 1e-12))
        return list(zip(service[at].tolist(), money[at].tolist(), strict=True))


def fill_of_today(stocked: Stocked, available: FloatArray, past: Histories, *, lost: bool) -> FloatArray:
    """Return the share of demand that the levels which today's stock is a sample of would meet, shape (items,).

    Orders of whole lots Q leave the inventory position uniform on [s, s + Q) after a review (Hadley & Whitin 1963), and
    the fill rate of the levels is the mean over it of what each position gives (Sobel 2004). So what the position gives
    that an item was left at by its last review is right on average over items, whatever their levels are: stock may
    stand low before a delivery, and nothing be wrong. That position is what is on hand and on order now, and what sold
    since.

    Parameters
    ----------
    stocked
        What levels are set from.
    available
        Stock on hand, and on order within the protection interval, units.
    past
        Histories of the items.
    lost
        True if demand that finds no stock is lost; false if it waits.
    """
    cycle = stocked.cycle
    position = position_at_review(cycle, available, past)
    base = cycle.positions(np.zeros_like(position))
    if lost:
        return cycle.lost_sales_fill_rate_at(base, position, stocked.lot)
    return cycle.fill_rate_at(base, position)


def position_at_review(cycle: ReplenishmentCycle, available: FloatArray, past: Histories) -> FloatArray:
    """Return the position that each item was left at by its last review: what is available now, and what sold since."""
    return np.asarray(np.maximum(available, 0.0) + sold_since_review(cycle, past))


def sold_since_review(cycle: ReplenishmentCycle, past: Histories) -> FloatArray:
    """Return what sold since each item was last reviewed, units; what is not known as it is expected."""
    length = np.ones(len(cycle.review)) if cycle.review_periods is None else cycle.review_periods
    periods = np.maximum(np.round(length), 1.0).astype(np.int64)
    usual = cycle.review / periods
    sold = np.zeros(len(usual))
    for ago in range(1, int(periods.max(initial=0)) + 1):
        known = past.quantity[:, -ago] if ago <= past.periods else np.full(len(usual), np.nan)
        sold += np.where(ago <= periods, np.where(np.isnan(known), usual, known), 0.0)
    return sold
