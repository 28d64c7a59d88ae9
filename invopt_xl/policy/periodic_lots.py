"""Exact (s, nQ) policies for periodic review: order whole lots as soon as the inventory position is low.

Conventions are those of `min_max`: costs counted at the end of a period, all shortages backordered, and this product's
reorder point is the position BELOW which an order is placed, the literature's s + 1 for whole units.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from invopt_xl.errors import require
from invopt_xl.policy.costs import FloatArray, PolicyCosts
from invopt_xl.policy.discrete_demand import DiscreteDemand, good_lot, positions_worth_a_look
from invopt_xl.policy.min_max import require_whole


@dataclass(frozen=True)
class LotPolicy:
    """An (s, nQ) policy of one item and what it costs.

    Parameters
    ----------
    reorder_point
        Order at a review when the inventory position is BELOW this, units.
    order_quantity
        The lot Q, units; as many lots are ordered as bring the position back to the reorder point or above.
    cost
        Expected ordering, holding and shortage cost of a period, money.
    """

    reorder_point: int
    order_quantity: int
    cost: float

    @property
    def at_or_below(self) -> int:
        """The literature's s (or r): order when the inventory position is at or below this, units."""
        return self.reorder_point - 1


def optimal_periodic_lots(demand: DiscreteDemand, costs: PolicyCosts) -> LotPolicy:
    """Return the (s, nQ) policy with the least expected cost per period.

    As the best s for a lot takes the Q cheapest positions, all lots are compared at once: by the sums of sorted G,
    the idea of Federgruen & Zheng (1992), Operations Research 40(4), 808-813, for review in periods.

    Parameters
    ----------
    demand
        Demand of a period and over the protection interval, whole units.
    costs
        Order cost (of an order, of however many lots), holding and shortage cost of one item.

    Examples
    --------
    >>> best = optimal_periodic_lots(DiscreteDemand.poisson(10.0), PolicyCosts(holding=1.0, shortage=9.0, order=64.0))
    >>> best.at_or_below, best.order_quantity, round(best.cost, 3)
    (6, 39, 35.187)
    """
    order = costs.of_one_item()[2]
    low, lot = good_lot(demand, costs)
    known = _lot_cost(demand.period_costs(low, low + lot - 1, costs), demand, order)
    low, high = positions_worth_a_look(demand, costs, known)
    period_costs = demand.period_costs(low, high, costs)
    cheapest_first = np.sort(period_costs)
    lots = np.arange(1, len(period_costs) + 1)
    every = (order * np.cumsum(_at_least(demand, len(lots))) + np.cumsum(cheapest_first)) / lots
    best = int(np.argmin(every))
    last = int(np.flatnonzero(period_costs <= cheapest_first[best])[-1])
    return LotPolicy(low + last - best, best + 1, float(every[best]))


def periodic_lot_cost(demand: DiscreteDemand, reorder_point: int, order_quantity: int, costs: PolicyCosts) -> float:
    """Return the exact expected cost per period of any (s, nQ) policy, money.

    After a review the inventory position is uniform over the Q positions from the reorder point up (Hadley & Whitin
    1963, "Analysis of Inventory Systems"), whatever demand is, unless all its outcomes share a divisor with Q; then
    this is the average over where the position may have started. An order is placed when demand takes the position
    below: with probability E min(D, Q) / Q.

    Parameters
    ----------
    demand
        Demand of a period and over the protection interval, whole units.
    reorder_point
        Order when the inventory position is BELOW this, units: the literature's s + 1.
    order_quantity
        The lot, units; with one unit a base-stock policy.
    costs
        Order, holding and shortage cost of one item.

    Examples
    --------
    >>> costs = PolicyCosts(holding=1.0, shortage=9.0, order=64.0)
    >>> round(periodic_lot_cost(DiscreteDemand.poisson(10.0), 6 + 1, 39, costs), 3)
    35.187
    """
    require_whole("reorder point", reorder_point)
    require_whole("order quantity", order_quantity)
    require(order_quantity >= 1, "order quantity", order_quantity, "at least 1 unit")
    positions = demand.period_costs(int(reorder_point), int(reorder_point) + int(order_quantity) - 1, costs)
    return _lot_cost(positions, demand, costs.of_one_item()[2])


def _lot_cost(period_costs: FloatArray, demand: DiscreteDemand, order: float) -> float:
    lot = len(period_costs)
    return float((order * _at_least(demand, lot).sum() + period_costs.sum()) / lot)


def _at_least(demand: DiscreteDemand, count: int) -> FloatArray:
    """Return P(D >= 1) ... P(D >= count) for the demand of a period."""
    reached = np.zeros(count)
    tails = np.cumsum(demand.period[:0:-1])[::-1][:count]
    reached[: len(tails)] = tails
    return reached
