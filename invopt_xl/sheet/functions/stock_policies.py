"""Levels of least cost: the newsvendor's one decision, and exact (s, S) and (r, Q) policies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from invopt_xl.errors import InvoptError
from invopt_xl.sheet.arguments import Argument
from invopt_xl.sheet.catalogue import Result, cell_function
from invopt_xl.sheet.functions.shared import (
    DEMAND_SD,
    DISTRIBUTION,
    HOLDING_COST,
    LEAD_TIME,
    LEAD_TIME_SD,
    MEAN_DEMAND,
    ORDER_COST,
    UNIT_COST,
    UNIT_PRICE,
    amount,
    percent,
)
from invopt_xl.sheet.functions.stock_terms import (
    SHORTAGE_COST,
    Floats,
    Rule,
    others,
    refusals,
    shape_rules,
    stray_rule,
    with_refusals,
)

SEASON_MEAN = replace(MEAN_DEMAND, help="Expected demand of the selling season.")
SEASON_DEVIATION = replace(DEMAND_SD, help="Standard deviation of the demand of the season.")
SALVAGE_VALUE = Argument(
    "salvage_value", "What a unit left over still brings, below its cost.", unit="money", default=0.0, minimum=0
)
MISSED_SALE_COST = replace(
    SHORTAGE_COST, help="Cost of a unit short: its margin, and goodwill if it counts; price less cost if omitted.",
    unit="money", default=None,
)  # fmt: skip

MOST_WHOLE_UNITS = 200_000.0
"""Units a policy in whole units may have to look at: seconds of work."""


def _newsvendor_because(results: Sequence[Sequence[float]], **asked: Any) -> list[str]:
    lines = []
    for item, (quantity, profit, cost, ratio) in enumerate(results):
        mean, deviation = (amount(asked[name][item]) for name in ("mean_demand", "demand_sd"))
        price, paid, salvage, given = (
            asked[name][item] for name in ("unit_price", "unit_cost", "salvage_value", "shortage_cost")
        )
        short, over = amount(price - paid if np.isnan(given) else given), amount(paid - salvage)
        lines.append(
            f"{amount(quantity)} units are enough with {percent(ratio)}, of a demand of {mean}, deviation {deviation}: "
            f"{short} for a unit short, over {short} + {over} for one left over; both together cost {amount(cost)}, "
            f"profit is {amount(profit)}."
        )
    return lines


@cell_function(
    "Stock",
    *(SEASON_MEAN, SEASON_DEVIATION, UNIT_COST, UNIT_PRICE, SALVAGE_VALUE, MISSED_SALE_COST, DISTRIBUTION),
    result=Result(
        "record",
        "order quantity, units; expected profit and cost of mismatch, money; critical ratio",
        ("order_quantity", "expected_profit", "expected_cost", "critical_ratio"),
    ),
    cost="cheap",
    example=(50, 8, 0.3, 1.0, 0.12),
    because=_newsvendor_because,
)
def newsvendor(
    mean_demand: Floats,
    demand_sd: Floats,
    unit_cost: Floats,
    unit_price: Floats,
    salvage_value: Floats,
    shortage_cost: Floats,
    distribution: list[str],
) -> Any:
    """Quantity to buy once for an uncertain demand: what earns most; with its expected profit, cost and critical ratio.

    The demand not exceeded with the critical ratio: what a unit short costs, over that and what one left over costs
    (cost - salvage value) (Arrow, Harris & Marschak 1951). The expected cost is that of units left over and short.
    """
    from invopt_xl.policy import PolicyCosts
    from invopt_xl.policy import newsvendor as best_stock
    from invopt_xl.sheet.functions.stock_demand import LeadTimeDemand, Replenishment

    margin = unit_price - unit_cost
    refused = refusals(
        ("unit price", unit_price, unit_price <= unit_cost, "above the unit cost"),
        ("shortage cost", shortage_cost, shortage_cost < margin * (1.0 - 1e-9), "at least the price less the cost"),
        *shape_rules(mean_demand, demand_sd, distribution),
        ("salvage value", salvage_value, salvage_value >= unit_cost, "below the unit cost"),
    )
    rows = others(len(mean_demand), refused)
    if not rows.size:
        return with_refusals(mean_demand, refused)
    # A season is one period: the time until the only order has come.
    none = np.zeros_like(mean_demand)
    season = Replenishment(mean_demand, demand_sd, none + 1.0, none, none, distribution).rows(rows)
    short = np.where(np.isnan(shortage_cost), margin, shortage_cost)
    costs = PolicyCosts((unit_cost - salvage_value)[rows], short[rows])
    best = best_stock(LeadTimeDemand(season), costs)
    profit = margin[rows] * season.mean - best.expected_cost
    records = np.full((len(mean_demand), 4), np.nan)
    records[rows] = np.column_stack([best.quantity, profit, best.expected_cost, best.critical_ratio])
    return with_refusals(records, refused)


def _ss_because(results: Sequence[Sequence[float]], **asked: Any) -> list[str]:
    lines = []
    for item, (reorder, up_to, cost) in enumerate(results):
        mean, lead = asked["mean_demand"][item], asked["lead_time"][item]
        lines.append(
            f"When a review finds the position below {amount(reorder)}, order up to {amount(up_to)}: "
            f"{amount(mean * (lead + 1))} are expected over lead time {amount(lead)} + 1 period of review; orders, "
            f"stock and shortages cost {amount(cost)} a period, and no policy costs less."
        )
    return lines


@cell_function(
    "Stock",
    *(MEAN_DEMAND, DEMAND_SD, LEAD_TIME, ORDER_COST, HOLDING_COST, SHORTAGE_COST),
    result=Result(
        "record",
        "reorder point and order-up-to level, units; expected cost a period, money",
        ("reorder_point", "order_up_to", "cost"),
    ),
    cost="cached",
    example=(50, 7, 0, 64, 1, 9),
    because=_ss_because,
)
def ss_policy(
    mean_demand: Floats,
    demand_sd: Floats,
    lead_time: Floats,
    order_cost: Floats,
    holding_cost: Floats,
    shortage_cost: Floats,
) -> list[Any]:
    """Exact (s, S) policy of least cost, reviewed each period: reorder point, order-up-to level and cost a period.

    Order when the position is BELOW the reorder point; books that order at or below s mean s + 1. Demand is negative
    binomial, or Poisson where the variance is not above the mean (a smaller one is not used); what is short waits.
    After Zheng & Federgruen (1991), Operations Research 39(4).
    """
    variance = np.maximum(demand_sd**2, mean_demand)
    periods = lead_time + 1.0
    refused = refusals(
        *_size_rules(mean_demand, mean_demand * periods, variance * periods, (order_cost, holding_cost, shortage_cost)),
        *shape_rules(mean_demand, demand_sd, ["negative binomial"] * len(mean_demand)),
        _cost_rule(holding_cost, shortage_cost),
    )
    found: list[Any] = []
    for item, numbers in enumerate(
        zip(mean_demand, variance, lead_time, order_cost, holding_cost, shortage_cost, strict=True)
    ):
        try:
            found.append(refused.get(item) or _min_max(*(float(number) for number in numbers)))
        except InvoptError as error:
            found.append(error)
    return found


def _min_max(
    mean: float, variance: float, lead_time: float, order_cost: float, holding_cost: float, shortage_cost: float
) -> tuple[int, int, float]:
    from invopt_xl.policy import DiscreteDemand, PolicyCosts, optimal_min_max
    from invopt_xl.sheet.functions.stock_demand import POISSON_RATIO

    demand = (
        DiscreteDemand.poisson(mean, lead_time)
        if variance <= POISSON_RATIO * mean
        else DiscreteDemand.negative_binomial(mean, variance**0.5, lead_time)
    )
    best = optimal_min_max(demand, PolicyCosts(holding_cost, shortage_cost, order_cost))
    return best.reorder_point, best.order_up_to, best.cost


_FURTHEST_COSTS = 1e6


def _cost_rule(holding_cost: Floats, shortage_cost: Floats) -> Rule:
    """Return the rule that costs must be near enough for either to count beside the other."""
    share = shortage_cost / holding_cost
    bad = (share < 1.0 / _FURTHEST_COSTS) | (share > _FURTHEST_COSTS)
    expected = f"within {_FURTHEST_COSTS:.0f} times the holding cost, either way"
    return "shortage cost", shortage_cost, bad, expected


def _size_rules(mean: Floats, expected: Floats, variance: Floats, costs: tuple[Floats, Floats, Floats]) -> list[Rule]:
    """Return the rules that there is demand, and little enough for a search unit by unit.

    Parameters
    ----------
    mean
        Demand of a period, units.
    expected, variance
        Of demand until an order has come.
    costs
        Of an order; of holding, and of being short.
    """
    order, holding, shortage = costs
    lot = np.sqrt(2.0 * order * mean * (1.0 / holding + 1.0 / shortage))
    # The tail of a negative binomial falls by mean / variance a unit in the end.
    tail = 40.0 * np.divide(variance, expected, out=np.zeros_like(mean), where=expected > 0)
    span = expected + 12.0 * np.sqrt(variance) + tail + lot
    return [
        ("mean demand", mean, mean <= 0, "above 0, such as 12"),
        (
            "span of the policy in units", np.round(span), ~(span <= MOST_WHOLE_UNITS),
            f"at most {MOST_WHOLE_UNITS:.0f}: count in larger units, such as dozens or pallets",
        ),
    ]  # fmt: skip


def _rq_because(results: Sequence[Sequence[float]], **asked: Any) -> list[str]:
    lines = []
    for item, (reorder, lot, cost) in enumerate(results):
        mean, lead = asked["mean_demand"][item], asked["lead_time"][item]
        lines.append(
            f"As soon as the position is below {amount(reorder)}, order {amount(lot)}: {amount(mean * lead)} are "
            f"expected over the lead time; orders, stock and shortages cost {amount(cost)} a period, the least there "
            f"is with orders of one size."
        )
    return lines


@cell_function(
    "Stock",
    *(MEAN_DEMAND, DEMAND_SD, LEAD_TIME, ORDER_COST, HOLDING_COST, SHORTAGE_COST, LEAD_TIME_SD, DISTRIBUTION),
    result=Result(
        "record",
        "reorder point and order quantity, units; expected cost a period, money",
        ("reorder_point", "order_quantity", "cost"),
    ),
    cost="cached",
    example=(1300, 150, 0.083333, 8, 0.225, 7.5),
    because=_rq_because,
)
def rq_policy(
    mean_demand: Floats,
    demand_sd: Floats,
    lead_time: Floats,
    order_cost: Floats,
    holding_cost: Floats,
    shortage_cost: Floats,
    lead_time_sd: Floats,
    distribution: list[str],
) -> Any:
    """Exact (r, Q) policy of least cost, stock watched all the time: reorder point, order quantity and cost a period.

    Order as soon as the position is BELOW the reorder point; for whole units, books that order at or below r mean
    r + 1. What is short waits. Whole units (poisson, negative binomial) after Federgruen & Zheng (1992), Operations
    Research 40(4), any quantity (normal, gamma) after Zheng (1992), Management Science 38(1).
    """
    from invopt_xl.policy import PolicyCosts, optimal_continuous_lots, optimal_unit_lots
    from invopt_xl.sheet.functions.stock_demand import LeadTimeDemand, Replenishment

    made = Replenishment(mean_demand, demand_sd, lead_time, lead_time_sd, np.zeros_like(mean_demand), distribution)
    prices = order_cost, holding_cost, shortage_cost
    refused = refusals(
        stray_rule(lead_time, lead_time_sd),
        _cost_rule(holding_cost, shortage_cost),
        *shape_rules(mean_demand, demand_sd, distribution),
        *(
            (*rule[:2], rule[2] & made.whole, rule[3])
            for rule in _size_rules(mean_demand, made.expected, made.spread**2, prices)
        ),
        ("mean demand", mean_demand, mean_demand <= 0, "above 0, such as 12"),
        ("order cost", order_cost, (order_cost <= 0) & ~made.whole, "above 0, such as 50, where demand is continuous"),
    )
    records = np.full((len(mean_demand), 3), np.nan)
    good = others(len(mean_demand), refused)
    for best, rows in ((optimal_unit_lots, good[made.whole[good]]), (optimal_continuous_lots, good[~made.whole[good]])):
        if rows.size:
            costs = PolicyCosts(holding_cost[rows], shortage_cost[rows], order_cost[rows])
            lots = best(mean_demand[rows], LeadTimeDemand(made.rows(rows)), costs)
            records[rows] = np.column_stack([lots.reorder_point, lots.order_quantity, lots.cost])
    return with_refusals(records, refused)
