"""Service against stock money: the mix of fill rates that gives the most of one for the least of the other.

Uniform targets ask as much of a dear item as of a cheap one. The least stock money for an overall fill rate takes
more service where it is cheap, until the last unit of service costs the same money with every item: Thonemann, Brown
& Hausman (2002), "Easy quantification of improved spare parts inventory policies", Management Science 48(9),
1213-1225, tell beforehand how much that saves; Hopp, Spearman & Zhang (1997), "Easily implementable inventory control
policies", Operations Research 45(3), 327-340, and Teunter, Babai & Syntetos (2010), "ABC classification: service
levels and inventory costs", Production and Operations Management 19(3), 343-352, come close by closed forms. Here the
fill rates and the stock are exact and the mix is the optimal one, see `steps`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from invopt_xl.errors import require
from invopt_xl.policy.costs import FloatArray
from invopt_xl.policy.service_mix.items import MixItems, ServiceBounds
from invopt_xl.policy.service_mix.levels import LevelTable, Outcome, Stocking
from invopt_xl.policy.service_mix.steps import Steps

_TOLERANCE = 1e-12
"""Sums of thousands of items agree no better than this."""

_TRIALS, _REFINEMENTS = 257, 3
"""Levels of an item that are compared, and how often, more closely around the best each time."""


@dataclass(frozen=True, eq=False)
class ServiceMix:
    """A level for each item, and the service and stock they give together; arrays of shape (items,).

    Parameters
    ----------
    reorder_point, order_up_to
        Order at a review when stock on hand and on order is below the first, up to the second, units. Zero reorder
        point without demand.
    fill_rate
        Share of the item's demand served from stock; one without demand.
    stock
        Average stock on hand, units.
    stock_money
        Money tied up in it.
    service
        Overall fill rate, weighted by the items' weights.
    price
        Shadow price: stock money that a unit of overall service more costs at the margin (the multiplier). Infinite
        where nothing more can be bought.
    """

    reorder_point: FloatArray
    order_up_to: FloatArray
    fill_rate: FloatArray
    stock: FloatArray
    stock_money: FloatArray
    service: float
    price: float

    @property
    def money(self) -> float:
        """Stock money of all items together."""
        return float(self.stock_money.sum())

    @property
    def price_of_a_point(self) -> float:
        """Stock money that one percentage point of overall service more costs at the margin."""
        return self.price / 100.0


@dataclass(frozen=True, eq=False)
class ExchangeCurve:
    """The least stock money for every overall fill rate; arrays of shape (points,), all ascending.

    Parameters
    ----------
    service
        Overall fill rate.
    stock_money
        Money tied up in stock.
    price
        Stock money for a unit of overall service more at this point: the multiplier, the slope of the curve.
    """

    service: FloatArray
    stock_money: FloatArray
    price: FloatArray

    @property
    def price_of_a_point(self) -> FloatArray:
        """Stock money for one percentage point of overall service more, shape (points,)."""
        return self.price / 100.0


@dataclass(frozen=True, eq=False)
class ServiceExchange:
    """Everything that many items can give for their stock money, tabulated once; then each question is a look-up.

    Parameters
    ----------
    items, stocking, table, steps
        The items, their stock and service as functions of the level, the levels they may have, and the steps between
        these that are worth taking. Made by `of`.

    Examples
    --------
    Two items with the same demand, one ten times as dear: the cheap one is served better.

    >>> from invopt_xl.policy import CumulativeDemand, ReplenishmentCycle, lead_times
    >>> demand = CumulativeDemand(np.array([[20.0], [20.0]]), np.array([[100.0], [100.0]]), np.array([False, False]))
    >>> times = lead_times(np.array([2.0, 2.0]), np.zeros(2))
    >>> cycle = ReplenishmentCycle.of(demand, times, np.ones(2), 1.0)
    >>> two = ServiceExchange.of(MixItems(cycle, np.full(2, 20.0), np.array([1.0, 10.0]), np.ones(2)))
    >>> mix = two.least_money(0.95)
    >>> f"{mix.service:.2f}", [f"{rate:.2f}" for rate in mix.fill_rate]
    ('0.95', ['0.99', '0.91'])
    """

    items: MixItems
    stocking: Stocking
    table: LevelTable
    steps: Steps

    @classmethod
    def of(cls, items: MixItems, bounds: ServiceBounds | None = None) -> ServiceExchange:
        """Tabulate the items within the bounds; without bounds an item may have any service.

        Where unmet demand is lost, steps are taken in the order in which they would pay if it waited, which is exact;
        what is known of lost sales is right for all items together, but its slopes are not for each.

        Raises
        ------
        InputError
            If the bounds do not fit the items.
        """
        stocking = Stocking.of(items)
        table = LevelTable.of(stocking, bounds or ServiceBounds())
        worth = np.where(items.demanded, items.unit_cost, 0.0)
        share = items.share[:, None]
        steps = Steps.of(
            worth[:, None] * table.stock, share * table.waiting, share * table.fill_rate if items.lost else None
        )
        return cls(items, stocking, table, steps)

    def least_money(self, target: float) -> ServiceMix:
        """Return the mix that reaches an overall fill rate with the least stock money.

        Parameters
        ----------
        target
            Overall fill rate, strictly between 0 and 1. Where the lowest levels already give more, so does the mix.

        Raises
        ------
        InputError
            If the target is no fill rate, or more than the highest levels give.
        """
        require(0 < target < 1, "overall fill rate", f"{target:g}", "between 0 and 1, such as 0.95")
        most = float(self.steps.service[-1])
        out_of_reach = f"at most {most:.6f}, which the highest levels of the items give"
        require(target <= most + _TOLERANCE, "overall fill rate", f"{target:g}", out_of_reach)
        count = int(np.searchsorted(self.steps.service[:-1], target - _TOLERANCE))
        if count == 0:
            return self._mix(self._level(0), 0)
        level = self._level(count - 1)
        missing = target - _TOLERANCE - float(self.steps.service[count - 1])
        item = self._cheapest_rise(count - 1, missing)
        level[item] = self._level_with(item, level[item], missing)
        return self._mix(level, count)

    def most_service(self, stock_money: float) -> ServiceMix:
        """Return the mix with the highest overall fill rate that a given stock money pays for.

        Raises
        ------
        InputError
            If the money is less than the lowest levels tie up.
        """
        least = float(self.steps.money[0])
        enough = f"at least {least:,.2f}, which the lowest levels of the items tie up"
        require(bool(stock_money >= least * (1.0 - _TOLERANCE)), "stock money", f"{stock_money:,.2f}", enough)
        count = int(np.searchsorted(self.steps.money, stock_money, side="right")) - 1
        count = max(count, 0)
        level = self._level(count)
        left = stock_money * (1.0 + _TOLERANCE) - float(self.steps.money[count])
        if count < len(self.steps.price) and left > 0:
            item = self._best_rise(count, left)
            if item is not None:
                level[item] = self._level_for(item, level[item], left)
        return self._mix(level, min(count + 1, len(self.steps.price)))

    def curve(self, points: int = 200) -> ExchangeCurve:
        """Return the whole curve, from the lowest levels to the highest, at about so many points.

        Points lie evenly in the steps that are worth taking, and so closest where service is dear.
        """
        last = len(self.steps.price)
        at = np.unique(np.linspace(0, last, min(points, last + 1)).round().astype(np.int64))
        price = np.array([self.steps.price_at(int(count)) for count in at])
        return ExchangeCurve(self.steps.service[at], self.steps.money[at], price)

    def mix_at(self, reorder_point: FloatArray, price: float) -> ServiceMix:
        """Return what any reorder points give, as a mix; units, shape (items,)."""
        found = self._outcome(reorder_point)
        demanded = self.items.demanded
        fill_rate = np.where(demanded, found.fill_rate, 1.0)
        stock = np.where(demanded, found.stock, 0.0)
        return ServiceMix(
            reorder_point=reorder_point,
            order_up_to=np.where(demanded, reorder_point + self.items.order_quantity, 0.0),
            fill_rate=fill_rate,
            stock=stock,
            stock_money=stock * self.items.unit_cost,
            service=float((self.items.share * fill_rate).sum()),
            price=price,
        )

    def _mix(self, level: FloatArray, count: int) -> ServiceMix:
        return self.mix_at(level, self.steps.price_at(count))

    def _outcome(self, level: FloatArray) -> Outcome:
        found = self.stocking.at(level[:, None])
        return Outcome(found.stock[:, 0], found.fill_rate[:, 0], found.waiting[:, 0])

    def _level(self, count: int) -> FloatArray:
        """Return the levels after so many steps, units."""
        rows = np.arange(len(self.table.level))
        return np.asarray(self.table.level[rows, self.steps.taken(count)])

    def _beyond(self, count: int) -> tuple[FloatArray, FloatArray]:
        """Return money and service of each item's levels beyond what it has after so many steps."""
        now = self.steps.taken(count)
        rows = np.arange(len(now))
        money = self.items.unit_cost[:, None] * self.table.stock
        gain = self.items.share[:, None] * self.table.fill_rate
        return money - money[rows, now][:, None], gain - gain[rows, now][:, None]

    def _cheapest_rise(self, count: int, missing: float) -> int:
        """Return the item whose rise alone gives the missing service for the least money; the next step's item can."""
        money, gain = self._beyond(count)
        cost = self._crossing(gain, missing, money)
        cost[gain[:, -1] < missing] = np.inf
        return int(np.argmin(cost))

    def _best_rise(self, count: int, left: float) -> int | None:
        """Return the item whose rise alone gains the most service for the money left, if one does."""
        money, gain = self._beyond(count)
        gained = self._crossing(money, left, np.maximum.accumulate(gain, axis=1), upward=False)
        best = int(np.argmax(gained))
        return best if gained[best] > 0 else None

    def _crossing(self, grown: FloatArray, wanted: float, asked: FloatArray, *, upward: bool = True) -> FloatArray:
        """Return what is asked of each item where what grows reaches a value: of whole units, of the level there."""
        rows = np.arange(len(grown))
        after = np.where(grown[:, -1] < wanted, grown.shape[1] - 1, np.argmax(grown >= wanted, axis=1))
        before = np.maximum(after - 1, 0)
        rise = grown[rows, after] - grown[rows, before]
        part = np.divide(wanted - grown[rows, before], rise, out=np.ones_like(rise), where=rise > 0)
        part = np.clip(part, 0.0, 1.0)
        whole = np.ceil(part - _TOLERANCE) if upward else np.floor(part + _TOLERANCE)
        part = np.where(self.stocking.protection.whole, whole, part)
        return np.asarray(asked[rows, before] + part * (asked[rows, after] - asked[rows, before]))

    def _level_with(self, item: int, level: float, missing: float) -> float:
        """Return the smallest level of one item that adds the missing service."""
        one = self.stocking.rows(np.array([item]))
        low, high = np.array([level]), self.table.level[[item], -1]
        wanted = one.at(low[:, None]).fill_rate + missing / self.items.share[item]
        return float(one.smallest(lambda found: found.fill_rate >= wanted, low, high)[0])

    def _level_for(self, item: int, level: float, left: float) -> float:
        """Return the level of one item that gives the most service for the money left: as a rule the largest.

        Where demand is sure and lead times are not, a higher level may give a little less for a while.
        """
        one, low, high = self.stocking.rows(np.array([item])), level, self._dearest_level(item, level, left)
        for _ in range(_REFINEMENTS):
            known = self.table.level[item]
            levels = np.linspace(low, high, _TRIALS)
            if one.protection.whole[0]:
                levels = np.floor(levels + _TOLERANCE)
            levels = np.unique(np.concatenate((levels, known[(known > low) & (known < high)])))
            given = one.at(levels[None, :]).fill_rate[0]
            best = int(np.flatnonzero(given >= given.max() - _TOLERANCE)[-1])
            if best == len(levels) - 1:
                break
            low, high = levels[max(best - 1, 0)], levels[best + 1]
        return float(levels[best])

    def _dearest_level(self, item: int, level: float, left: float) -> float:
        """Return the largest level of one item that the money left pays for."""
        one = self.stocking.rows(np.array([item]))
        low, high = np.array([level]), self.table.level[[item], -1]
        paid = one.at(low[:, None]).stock + left / self.items.unit_cost[item]
        if bool((one.at(high[:, None]).stock <= paid).all()):
            return float(high[0])
        above = float(one.smallest(lambda found: found.stock > paid, low, high)[0])
        return max(above - 1.0, level) if one.protection.whole[0] else above
