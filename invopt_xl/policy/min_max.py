"""Exact (s, S) policies for periodic review: the cost of any, and the best, for demand in whole units.

At each review, if the inventory position (on hand + on order - backorders) is low, order up to S. All shortages are
backordered, what is ordered arrives after a fixed lead time L, and a period's holding and shortage cost is counted at
its end; an order placed now is first felt there L + 1 periods of demand later.

Which position is low: in the literature one AT OR BELOW s, in this product one BELOW the reorder point. For whole
units the two are the same policy with reorder point = s + 1; `MinMaxPolicy` carries both names.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from invopt_xl.errors import require
from invopt_xl.policy.costs import FloatArray, PolicyCosts
from invopt_xl.policy.discrete_demand import DiscreteDemand, convolve, good_lot, positions_worth_a_look

_FALL = 1e-13
"""Costs that fall by less than this share are the same."""


@dataclass(frozen=True)
class MinMaxPolicy:
    """An (s, S) policy of one item and what it costs.

    Parameters
    ----------
    reorder_point
        Order at a review when the inventory position is BELOW this, units.
    order_up_to
        Order up to this, units; the literature's S.
    cost
        Expected ordering, holding and shortage cost of a period, money.
    """

    reorder_point: int
    order_up_to: int
    cost: float

    @property
    def at_or_below(self) -> int:
        """The literature's s: order when the inventory position is at or below this, units."""
        return self.reorder_point - 1


def optimal_min_max(demand: DiscreteDemand, costs: PolicyCosts) -> MinMaxPolicy:
    """Return the (s, S) policy with the least expected cost per period; no policy of any form costs less.

    As in Zheng & Federgruen (1991), "Finding optimal (s, S) policies is about as simple as evaluating a single
    policy", Operations Research 39(4), 654-665 (corrections 1992), for a cost level c the best s is the
    last position left of the base stock at which G is not below c, whatever S is. Here the best S for that s and c
    comes from one convolution, and c from the policy found so far (Dinkelbach 1967), until it no longer falls: from
    above, in a handful of steps.

    Parameters
    ----------
    demand
        Demand of a period and over the protection interval, whole units.
    costs
        Order cost (zero gives the base-stock policy), holding and shortage cost of one item.

    Examples
    --------
    From the paper's tables, mean 50:

    >>> best = optimal_min_max(DiscreteDemand.poisson(50.0), PolicyCosts(holding=1.0, shortage=9.0, order=64.0))
    >>> best.at_or_below, best.order_up_to, round(best.cost, 3)
    (42, 108, 70.975)
    """
    _, _, order = costs.of_one_item()
    cost, renewals = _good_cost(demand, costs)
    low, high = positions_worth_a_look(demand, costs, cost)
    period_costs = demand.period_costs(low, high, costs)
    renewals = renewal_density(demand.period, high - low + 1, renewals)
    best = demand.base_stock(costs) - low
    while True:
        start = int(np.flatnonzero(period_costs[:best] >= cost)[-1]) + 1
        above = convolve(renewals[: high - low + 1 - start], period_costs[start:] - cost)[: high - low + 1 - start]
        top = start + max(int(np.argmin(above)), best - start)
        found = _cycle_cost(period_costs[start : top + 1], renewals, order)
        if found >= cost * (1.0 - _FALL):
            return MinMaxPolicy(low + start, low + top, found)
        cost = found


def min_max_cost(demand: DiscreteDemand, reorder_point: int, order_up_to: int, costs: PolicyCosts) -> float:
    """Return the exact expected cost per period of any (s, S) policy, money.

    Renewal reward (Veinott & Wagner 1965; Zheng & Federgruen 1991): with m(j) the expected periods spent j units
    below S in a cycle, the cost is [K + sum m(j) G(S - j)] / sum m(j), j = 0 ... S - reorder point.

    Parameters
    ----------
    demand
        Demand of a period and over the protection interval, whole units.
    reorder_point
        Order when the inventory position is BELOW this, units: the literature's s + 1.
    order_up_to
        Order up to this, units; at least the reorder point (equal: a base-stock policy).
    costs
        Order, holding and shortage cost of one item.

    Examples
    --------
    Snyder & Shen (2019), example 4.7, s = 4 and S = 10:

    >>> costs = PolicyCosts(holding=1.0, shortage=4.0, order=5.0)
    >>> round(min_max_cost(DiscreteDemand.poisson(6.0), 4 + 1, 10, costs), 4)
    8.0341
    """
    require_whole("reorder point", reorder_point)
    require_whole("order-up-to level", order_up_to)
    expected = f"at least the reorder point, {reorder_point}"
    require(order_up_to >= reorder_point, "order-up-to level", order_up_to, expected)
    renewals = renewal_density(demand.period, int(order_up_to) - int(reorder_point) + 1)
    period_costs = demand.period_costs(int(reorder_point), int(order_up_to), costs)
    return _cycle_cost(period_costs, renewals, costs.of_one_item()[2])


def renewal_density(period: FloatArray, count: int, known: FloatArray | None = None) -> FloatArray:
    """Return m(0) ... m(count - 1), the expected number of periods in which demand since an order sums to j.

    The coefficients of 1 / (1 - P(z)), P the generating function of a period's demand, by Newton's iteration, which
    doubles their number each time.

    Parameters
    ----------
    period
        Probabilities of 0, 1, 2, ... units in one period.
    count
        How many are wanted.
    known
        The first of them, if they are known already.

    Examples
    --------
    A unit or none each period, at even odds: two periods at each level.

    >>> renewal_density(np.array([0.5, 0.5]), 4).tolist()
    [2.0, 2.0, 2.0, 2.0]
    """
    divisor = np.zeros(count)
    divisor[: len(period)] = -period[:count]
    # Not 1 - P(0): where demand is rare, that would lose the digits that matter.
    divisor[0] = period[1:].sum()
    found = np.array([1.0 / divisor[0]]) if known is None else known[:count]
    while len(found) < count:
        size = min(2 * len(found), count)
        excess = convolve(divisor[:size], found)[len(found) : size]
        found = np.append(found, -convolve(found, excess)[: size - len(found)])
    # Where a level is hardly ever met, rounding may leave a trace below zero.
    return np.maximum(found, 0.0)


def require_whole(name: str, value: float) -> None:
    """Raise an `InputError` unless the value is a whole number of units."""
    require(bool(np.isfinite(value)) and float(value).is_integer(), name, f"{value:g}", "whole units, such as 12")


def _cycle_cost(period_costs: FloatArray, renewals: FloatArray, order: float) -> float:
    """Cost per period of a cycle from the last of the positions down past the first."""
    stays = renewals[: len(period_costs)]
    return float((order + stays @ period_costs[::-1]) / stays.sum())


def _good_cost(demand: DiscreteDemand, costs: PolicyCosts) -> tuple[float, FloatArray]:
    """Return the cost of a policy as wide as the EOQ with backorders around the base stock, and its renewals."""
    low, lot = good_lot(demand, costs)
    renewals = renewal_density(demand.period, lot)
    cost = _cycle_cost(demand.period_costs(low, low + lot - 1, costs), renewals, costs.of_one_item()[2])
    return cost, renewals
