"""The newsvendor: one stocking decision, one uncertain demand; and the base-stock policy, which repeats it.

The critical ratio p / (p + h) is the probability of no shortage at which one unit more costs as much as it saves
(Arrow, Harris & Marschak 1951). For goods sold once, h is cost less salvage value and p is price less cost, plus the
goodwill a lost customer takes along; expected profit is then (price - cost) times mean demand, less the expected cost
returned here.

Base stock is the special case of review every period without an order cost: with lead time L, full backordering and
demand D over the L + 1 periods of the protection interval, the best order-up-to level is the newsvendor quantity of D
(Zipkin 2000, "Foundations of Inventory Management"; Snyder & Shen 2019, chapter 4). As this product's reorder point
means "order when the inventory position is BELOW it", base stock is reorder point = order-up-to level: order at every
review after a demand. Where lead times are random, the critical ratio is the cycle-service target of `stock_levels`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from invopt_xl.policy.costs import FloatArray, PolicyCosts
from invopt_xl.policy.families import ItemDemand


@dataclass(frozen=True, eq=False)
class NewsvendorStock:
    """The best stock of each item and what it costs; arrays of shape (items,).

    Parameters
    ----------
    quantity
        Stock before demand, units; as a base-stock policy the order-up-to level and the reorder point.
    expected_cost
        Expected holding and shortage cost of one decision (base stock: of one period), money.
    critical_ratio
        Probability of no shortage asked for; whole units and samples reach a little more, ``1 - demand.exceeds``.
    """

    quantity: FloatArray
    expected_cost: FloatArray
    critical_ratio: FloatArray


def newsvendor(demand: ItemDemand, costs: PolicyCosts) -> NewsvendorStock:
    """Return the stock of each item with the least expected holding and shortage cost, units.

    The smallest quantity that demand does not exceed with the critical ratio: exact for continuous demand, whole
    units and samples alike.

    Parameters
    ----------
    demand
        Demand over the selling season; for base stock over review period and lead time, `demand.over(lead_time + 1)`.
    costs
        Holding (overage) and shortage (underage) costs, money a unit; the order cost plays no part.

    Examples
    --------
    Snyder & Shen (2019), example 4.3: newspapers, mean 50, deviation 8, overage 0.18, underage 0.70.

    >>> from invopt_xl.policy.families import NormalDemand
    >>> paper = NormalDemand(np.array([50.0]), np.array([8.0]))
    >>> best = newsvendor(paper, PolicyCosts(holding=0.18, shortage=0.70))
    >>> best.quantity.round(1).tolist(), best.expected_cost.round(3).tolist()
    ([56.6], [1.998])

    Example 4.4: the same demand each day, reviewed daily, 4 days' lead time.

    >>> newsvendor(paper.over(4 + 1), PolicyCosts(holding=0.18, shortage=0.70)).quantity.round(1).tolist()
    [264.8]
    """
    holding, shortage, _ = costs.of_items(demand.mean.size)
    ratio = shortage / (shortage + holding)
    quantity = demand.quantile(ratio)
    return NewsvendorStock(
        quantity=quantity,
        expected_cost=newsvendor_cost(demand, quantity, costs),
        critical_ratio=ratio,
    )


def newsvendor_cost(demand: ItemDemand, quantity: FloatArray, costs: PolicyCosts) -> FloatArray:
    """Return the expected holding and shortage cost of any stock, h E(q - D)+ + p E(D - q)+, money, shape (items,).

    Parameters
    ----------
    demand
        Demand over the season, or over review period and lead time.
    quantity
        Stock before demand, units, shape (items,).
    costs
        Holding and shortage costs, money a unit.

    Examples
    --------
    >>> from invopt_xl.policy.counts import PoissonDemand
    >>> slow = PoissonDemand(np.array([6.0]))
    >>> newsvendor_cost(slow, np.array([8.0]), PolicyCosts(holding=1.0, shortage=4.0)).round(4).tolist()
    [3.5701]
    """
    holding, shortage, _ = costs.of_items(demand.mean.size)
    return np.asarray(holding * (quantity - demand.mean) + (holding + shortage) * demand.shortage(quantity))
