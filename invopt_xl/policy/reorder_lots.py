"""Exact (r, Q) policies for continuous review, for many items at once: the cost of any, and the best.

As soon as the inventory position (on hand + on order - backorders) is low, a lot Q is ordered; it arrives after the
lead time; all shortages are backordered. With D the demand over the lead time, stock and backorders cost
G(y) = h E(y - D)+ + p E(D - y)+ a unit of time from position y, and the position is uniform over the Q values (whole
units) or the interval of length Q from which an order starts a cycle.

Which position is low: for whole units the literature orders when it is AT OR BELOW r, this product when it is BELOW
the reorder point; they are the same policy with reorder point = r + 1, and the position runs over reorder point ...
reorder point + Q - 1. For continuous demand reorder point = r: the position meets it before it goes below.

Lead times may be random where they are part of the demand given and orders do not overtake each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from invopt_xl.errors import require
from invopt_xl.policy.costs import FloatArray, PolicyCosts, require_above_zero, require_each
from invopt_xl.policy.families import ContinuousDemand, IntArray, ItemDemand
from invopt_xl.policy.newsvendor import newsvendor, newsvendor_cost

_CELLS = 1 << 20
"""Positions of items looked at together."""
_WIDEST = 1 << 22
_MOST_STEPS = 100
_SETTLED = 1e-11


@dataclass(frozen=True, eq=False)
class ReorderLots:
    """(r, Q) policies and what they cost; arrays of shape (items,).

    Parameters
    ----------
    reorder_point
        Order as soon as the inventory position is BELOW this, units; may be negative where backorders are cheap.
    order_quantity
        The lot Q, units.
    cost
        Expected ordering, holding and shortage cost of a unit of time, money.
    """

    reorder_point: FloatArray
    order_quantity: FloatArray
    cost: FloatArray


def optimal_unit_lots(rate: FloatArray, lead_time_demand: ItemDemand, costs: PolicyCosts) -> ReorderLots:
    """Return the (r, Q) policies of least cost where demand comes in whole units.

    Federgruen & Zheng (1992), "An efficient algorithm for computing an optimal (r, Q) policy in continuous review
    stochastic inventory systems", Operations Research 40(4), 808-813: the best lot of Q takes the Q positions with the
    least G, and grows until the next costs more than the average. Exact for Poisson demand; where demand comes in
    batches, exact for orders of as many lots as are needed, at an order cost for each lot.

    Parameters
    ----------
    rate
        Mean demand, units a unit of time, shape (items,).
    lead_time_demand
        Demand over the lead time, in whole units.
    costs
        Order cost (zero: base stock, lots of one), and holding and shortage cost of a unit for a unit of time.

    Raises
    ------
    InputError
        If a rate is not above zero, or a lot would span millions of units.

    Examples
    --------
    Snyder & Shen (2019), example 5.8: demand 1.5 a month, two months' lead time; r = 3 and Q = 5.

    >>> from invopt_xl.policy.counts import PoissonDemand
    >>> rate = np.array([1.5])
    >>> best = optimal_unit_lots(rate, PoissonDemand(rate * 2), PolicyCosts(holding=20.0, shortage=150.0, order=100.0))
    >>> (best.reorder_point - 1).tolist(), best.order_quantity.tolist(), best.cost.round(2).tolist()
    ([3.0], [5.0], [107.92])
    """
    rate = _checked_rate(rate, lead_time_demand)
    holding, shortage, order = costs.of_items(rate.size)
    setup = order * rate
    cost = newsvendor(lead_time_demand, costs).expected_cost + _lot_cost_without_variance(setup, holding, shortage)
    # G(y) is at least h (y - mean) and p (mean - y), and no position that costs more than a known policy is of use.
    low = np.floor(lead_time_demand.mean - cost / shortage) - 1.0
    width = np.ceil(lead_time_demand.mean + cost / holding) + 1.0 - low
    result = ReorderLots(*(np.empty(rate.size) for _ in range(3)))
    for rows, widest in _alike(width):
        position_costs = _position_costs(
            lead_time_demand.rows(rows), low[rows], widest, PolicyCosts(holding[rows], shortage[rows])
        )
        cheapest_first = np.sort(position_costs, axis=0)
        lots = np.arange(1.0, widest + 1)[:, None]
        every = (setup[rows] + np.cumsum(cheapest_first, axis=0)) / lots
        best = np.argmin(every, axis=0)
        items = np.arange(len(rows))
        within = position_costs <= cheapest_first[best, items]
        last = widest - 1 - np.argmax(within[::-1], axis=0)
        result.reorder_point[rows] = low[rows] + last - best
        result.order_quantity[rows] = best + 1.0
        result.cost[rows] = every[best, items]
    return result


def unit_lot_cost(
    rate: FloatArray,
    lead_time_demand: ItemDemand,
    reorder_point: FloatArray,
    order_quantity: FloatArray,
    costs: PolicyCosts,
) -> FloatArray:
    """Return the exact cost of any (r, Q) policies for whole units, money a unit of time, shape (items,).

    [K rate + G(reorder point) + ... + G(reorder point + Q - 1)] / Q, Hadley & Whitin (1963).

    Parameters
    ----------
    rate
        Mean demand, units a unit of time, shape (items,).
    lead_time_demand
        Demand over the lead time, in whole units.
    reorder_point
        Order when the inventory position is BELOW this, whole units: the literature's r + 1.
    order_quantity
        Lots, whole units, at least one.
    costs
        Order, holding and shortage costs.

    Examples
    --------
    >>> from invopt_xl.policy.counts import PoissonDemand
    >>> rate, costs = np.array([1.5]), PolicyCosts(holding=20.0, shortage=150.0, order=100.0)
    >>> unit_lot_cost(rate, PoissonDemand(rate * 2), np.array([8.0 + 1]), np.array([12.0]), costs).round(2).tolist()
    [242.53]
    """
    rate = _checked_rate(rate, lead_time_demand)
    whole = np.isfinite(reorder_point) & (reorder_point == np.floor(reorder_point))
    require_each(whole, "reorder point", reorder_point, "whole units, such as 12")
    whole = np.isfinite(order_quantity) & (order_quantity == np.floor(order_quantity)) & (order_quantity >= 1)
    require_each(whole, "order quantity", order_quantity, "whole units, at least 1")
    holding, shortage, order = costs.of_items(rate.size)
    cost = np.empty(rate.size)
    for rows, widest in _alike(order_quantity):
        position_costs = _position_costs(
            lead_time_demand.rows(rows), reorder_point[rows], widest, PolicyCosts(holding[rows], shortage[rows])
        )
        lot = order_quantity[rows]
        inside = np.where(np.arange(widest)[:, None] < lot, position_costs, 0.0).sum(axis=0)
        cost[rows] = (order[rows] * rate[rows] + inside) / lot
    return cost


def optimal_continuous_lots(rate: FloatArray, lead_time_demand: ContinuousDemand, costs: PolicyCosts) -> ReorderLots:
    """Return the (r, Q) policies of least cost where demand comes in any quantity.

    Zheng (1992), "On properties of stochastic inventory systems", Management Science 38(1), 87-103: at the optimum
    G(r) = G(r + Q) = the cost. From a cost known to be reachable both ends close in on the positions that cost as
    much (Newton's method on a convex curve, from outside), while the cost falls to that of the policy between them.

    Parameters
    ----------
    rate
        Mean demand, units a unit of time, shape (items,).
    lead_time_demand
        Demand over the lead time.
    costs
        Order cost above zero, and holding and shortage cost of a unit for a unit of time.

    Raises
    ------
    InputError
        If a rate or an order cost is not above zero.

    Examples
    --------
    Snyder & Shen (2019), example 5.1: 1300 a year with deviation 150, a month's lead time.

    >>> from invopt_xl.policy.families import NormalDemand
    >>> rate, month = np.array([1300.0]), 1 / 12
    >>> costs = PolicyCosts(holding=0.225, shortage=7.5, order=8.0)
    >>> best = optimal_continuous_lots(rate, NormalDemand(rate * month, 150.0 * np.array([month]) ** 0.5), costs)
    >>> best.reorder_point.round(1).tolist(), best.order_quantity.round(1).tolist(), best.cost.round(2).tolist()
    ([126.9], [328.4], [78.07])
    """
    rate = _checked_rate(rate, lead_time_demand)
    holding, shortage, order = costs.of_items(rate.size)
    setup = require_above_zero("order cost", order, "above zero, such as 50") * rate
    mean = lead_time_demand.mean
    cost = newsvendor(lead_time_demand, costs).expected_cost + np.sqrt(
        2.0 * setup * holding * shortage / (holding + shortage)
    )
    low, high = mean - cost / shortage, mean + cost / holding
    for _ in range(_MOST_STEPS):
        steps = [
            (newsvendor_cost(lead_time_demand, end, costs) - cost)
            / (holding - (holding + shortage) * lead_time_demand.exceeds(end))
            for end in (low, high)
        ]
        low, high = low - steps[0], high - steps[1]
        known, cost = cost, np.minimum(cost, _cost_between(lead_time_demand, low, high, costs, setup))
        still = np.maximum(np.abs(steps[0]), np.abs(steps[1])) <= _SETTLED * (high - low)
        if (still & (known - cost <= _SETTLED * cost)).all():
            break
    return ReorderLots(low, high - low, _cost_between(lead_time_demand, low, high, costs, setup))


def continuous_lot_cost(
    rate: FloatArray,
    lead_time_demand: ContinuousDemand,
    reorder_point: FloatArray,
    order_quantity: FloatArray,
    costs: PolicyCosts,
) -> FloatArray:
    """Return the exact cost of any (r, Q) policies for continuous demand, money a unit of time, shape (items,).

    [K rate + integral of G from r to r + Q] / Q, Zheng (1992), Management Science 38(1), 87-103; the integral by the
    second-order loss function.

    Parameters
    ----------
    rate
        Mean demand, units a unit of time, shape (items,).
    lead_time_demand
        Demand over the lead time.
    reorder_point
        Order when the inventory position falls below this, units: the literature's r.
    order_quantity
        Lots, units, above zero.
    costs
        Order, holding and shortage costs.

    Examples
    --------
    >>> from invopt_xl.policy.families import NormalDemand
    >>> demand, costs = NormalDemand(np.array([1300 / 12]), np.array([150 / 12**0.5])), PolicyCosts(0.225, 7.5, 8.0)
    >>> continuous_lot_cost(np.array([1300.0]), demand, np.array([100.0]), np.array([250.0]), costs).round(3).tolist()
    [87.346]
    """
    rate = _checked_rate(rate, lead_time_demand)
    lot = require_above_zero("order quantity", order_quantity, "above zero, such as 100")
    require_each(np.isfinite(reorder_point), "reorder point", reorder_point, "a number of units, such as 40")
    setup = costs.of_items(rate.size)[2] * rate
    return _cost_between(lead_time_demand, reorder_point, reorder_point + lot, costs, setup)


def _checked_rate(rate: FloatArray, demand: ItemDemand) -> FloatArray:
    rate = require_above_zero("demand rate", rate, "above zero, such as 12")
    items = demand.mean.size
    require(rate.shape == (items,), "number of demand rates", rate.size, f"one for each of {items} items")
    return rate


def _cost_between(
    demand: ContinuousDemand, low: FloatArray, high: FloatArray, costs: PolicyCosts, setup: FloatArray
) -> FloatArray:
    holding, shortage, _ = costs.of_items(setup.size)
    lot = high - low
    in_stock = lot * ((low + high) / 2.0 - demand.mean)
    short = demand.accumulated_shortage(low) - demand.accumulated_shortage(high)
    return np.asarray((setup + holding * in_stock + (holding + shortage) * short) / lot)


def _lot_cost_without_variance(setup: FloatArray, holding: FloatArray, shortage: FloatArray) -> FloatArray:
    """Return the cost of a lot of whole units, no larger than the EOQ with backorders', if demand were certain.

    As h y+ + p y- is subadditive, G(best position + x) is at most G(best position) plus what x costs without variance;
    so this and the newsvendor's cost together bound the cost of the best policy from above.
    """
    lot = np.maximum(np.floor(np.sqrt(2.0 * setup * (holding + shortage) / (holding * shortage))), 1.0)
    below = np.floor(lot * holding / (holding + shortage))
    above = lot - 1.0 - below
    return np.asarray((setup + shortage * below * (below + 1.0) / 2.0 + holding * above * (above + 1.0) / 2.0) / lot)


def _position_costs(demand: ItemDemand, low: FloatArray, width: int, costs: PolicyCosts) -> FloatArray:
    """Return G at `width` positions from `low` up, shape (width, items), from its first value and its differences."""
    holding, shortage, _ = costs.of_items(low.size)
    position_costs = np.empty((width, low.size))
    position_costs[0] = newsvendor_cost(demand, low, costs)
    positions = low + np.arange(width - 1)[:, None]
    position_costs[1:] = holding - (holding + shortage) * demand.exceeds(positions)
    return np.asarray(np.cumsum(position_costs, axis=0))


def _alike(width: FloatArray) -> Iterator[tuple[IntArray, int]]:
    """Yield groups of items of like width, and the width that does for all, so that little is computed in vain."""
    require_each(width <= _WIDEST, "span of a lot", width, f"at most {_WIDEST} units; use larger units")
    order = np.argsort(width, kind="stable")
    start = 0
    while start < len(order):
        limit = max(1.5 * width[order[start]], 8.0)
        end = int(np.searchsorted(width[order], limit, side="right"))
        end = min(end, start + max(1, int(_CELLS / limit)))
        yield order[start:end], int(width[order[end - 1]])
        start = end
