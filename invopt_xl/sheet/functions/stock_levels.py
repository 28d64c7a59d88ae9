"""Levels that reach a service target, and the service that levels give, from mean and deviation of demand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from invopt_xl.sheet.catalogue import Result, cell_function
from invopt_xl.sheet.functions.shared import (
    DEMAND_SD,
    DISTRIBUTION,
    LEAD_TIME,
    LEAD_TIME_SD,
    MEAN_DEMAND,
    ORDER_QUANTITY,
    REVIEW_PERIOD,
    SERVICE_TARGET,
    amount,
    percent,
)
from invopt_xl.sheet.functions.stock_terms import (
    REORDER_POINT,
    SERVICE_MEASURE,
    SERVICE_NAMES,
    Floats,
    Places,
    interval,
    others,
    refusals,
    shape_rules,
    stray_rule,
    with_refusals,
)

if TYPE_CHECKING:
    from invopt_xl.sheet.functions.stock_demand import Replenishment

ASKED = (
    *(MEAN_DEMAND, DEMAND_SD, LEAD_TIME, SERVICE_TARGET, LEAD_TIME_SD, REVIEW_PERIOD, SERVICE_MEASURE, ORDER_QUANTITY),
    DISTRIBUTION,
)
"""Arguments of the functions that find a level for a target."""


def _replenishment(asked: dict[str, Any]) -> Replenishment:
    from invopt_xl.sheet.functions.stock_demand import Replenishment

    names = ("mean_demand", "demand_sd", "lead_time", "lead_time_sd", "review_period", "distribution")
    return Replenishment(*(asked[name] for name in names))


def _reorder_point(asked: dict[str, Any]) -> Floats:
    from invopt_xl.sheet.functions.stock_demand import Target

    target = Target(asked["service_target"], asked["service_measure"], asked["order_quantity"])
    return _replenishment(asked).reorder_point(target)


def _for_good(asked: dict[str, Any], level: Callable[[dict[str, Any]], Floats]) -> Any:
    """Return a level of each item that is not refused, and the refusals of the others."""
    refused = refusals(
        stray_rule(asked["lead_time"], asked["lead_time_sd"]),
        *shape_rules(asked["mean_demand"], asked["demand_sd"], asked["distribution"]),
    )
    if not refused:
        return level(asked)
    items = len(asked["mean_demand"])
    rows, values = others(items, refused), np.full(items, np.nan)
    if rows.size:
        values[rows] = level({name: _rows(value, rows) for name, value in asked.items()})
    return with_refusals(values, refused)


def _rows(values: Any, rows: Places) -> Any:
    return values[rows] if isinstance(values, np.ndarray) else [values[row] for row in rows]


def _interval(asked: dict[str, Any], item: int) -> str:
    return interval(float(asked["review_period"][item]), float(asked["lead_time"][item]))


def _levels_because(results: Sequence[float], asked: dict[str, Any], told: str) -> list[str]:
    """Return a sentence for each item; `told` says what the result is, by name."""
    made = _replenishment(asked)
    lines = []
    for item, (result, expected, spread) in enumerate(zip(results, made.expected, made.spread, strict=True)):
        lot = float(asked["order_quantity"][item])
        level = {"safety stock": result + expected, "order-up-to level": result - lot}.get(told, result)
        parts = {
            "result": amount(result), "level": amount(level), "safety": amount(level - expected), "lot": amount(lot),
            "expected": amount(expected), "over": _interval(asked, item),
        }  # fmt: skip
        service = SERVICE_NAMES[asked["service_measure"][item]]
        target = f"{percent(asked['service_target'][item])} {service}"
        lines.append(
            f"{_SUMS[told].format(**parts)}; {target}; standard deviation over them {amount(spread)} "
            f"({_spread_because(made, item)})."
        )
    return lines


def _spread_because(made: Replenishment, item: int) -> str:
    """Return what demand until an order has come spreads by."""
    demand = f"{made.distribution[item]} demand"
    if not made.lead_time_sd[item] > 0:
        return demand
    own = float(made.protection[item] * made.variance[item]) ** 0.5
    late = float(made.mean[item] * made.lead_time_sd[item])
    return (
        f"{amount(own)} by {demand}, {amount(late)} by a lead time that strays by "
        f"{amount(float(made.lead_time_sd[item]))}; as that is skew, each of the lengths it may have is weighed, which "
        f"is not the deviation times a factor"
    )


_SUMS = {
    "safety stock": "Safety stock {result} = reorder point {level} less {expected} expected over {over}",
    "reorder point": "Reorder point {result} = {expected} expected over {over} + safety stock {safety}",
    "order-up-to level": (
        "Order-up-to level {result} = reorder point {level} + order quantity {lot}; the reorder point = {expected} "
        "expected over {over} + safety stock {safety}"
    ),
}


@cell_function(
    "Stock",
    *ASKED,
    result=Result("each", "safety stock, units"),
    cost="cheap",
    example=(100, 18, 2, 0.95, 0, 1),
    because=lambda results, **asked: _levels_because(results, asked, "safety stock"),
)
def safety_stock(
    mean_demand: Floats,
    demand_sd: Floats,
    lead_time: Floats,
    service_target: Floats,
    lead_time_sd: Floats,
    review_period: Floats,
    service_measure: list[str],
    order_quantity: Floats,
    distribution: list[str],
) -> Any:
    """Safety stock that reaches a service target: the reorder point less expected demand until an order has come.

    Demand and lead time are uncertain together: demand over each length the lead time may have (gamma, 9 lengths) is
    weighed, not the deviation multiplied by a root. With a known lead time and normal demand it is z x deviation x root
    of (review period + lead time) (Silver, Pyke & Thomas 2017, chapter 6). A fill rate counts the order quantity, and
    may need less than no safety stock. Periods are independent; gamma fits erratic items better than normal.
    """
    asked = dict(locals())
    return _for_good(
        asked, lambda good: _reorder_point(good) - good["mean_demand"] * (good["lead_time"] + good["review_period"])
    )


@cell_function(
    "Stock",
    *ASKED,
    result=Result("each", "reorder point, units"),
    cost="cheap",
    example=(100, 18, 2, 0.95, 0.5),
    because=lambda results, **asked: _levels_because(results, asked, "reorder point"),
)
def reorder_point(
    mean_demand: Floats,
    demand_sd: Floats,
    lead_time: Floats,
    service_target: Floats,
    lead_time_sd: Floats,
    review_period: Floats,
    service_measure: list[str],
    order_quantity: Floats,
    distribution: list[str],
) -> Any:
    """Reorder point that reaches a service target: order when stock on hand and on order, less what waits, is below it.

    Expected demand over review period and lead time, and the safety stock; see SAFETY_STOCK. A book that orders at or
    below s means, of whole units, the reorder point s + 1.
    """
    asked = dict(locals())
    return _for_good(asked, _reorder_point)


@cell_function(
    "Stock",
    *ASKED,
    result=Result("each", "order-up-to level, units"),
    cost="cheap",
    example=(100, 18, 2, 0.95, 0, 1, "cycle", 300),
    because=lambda results, **asked: _levels_because(results, asked, "order-up-to level"),
)
def order_up_to(
    mean_demand: Floats,
    demand_sd: Floats,
    lead_time: Floats,
    service_target: Floats,
    lead_time_sd: Floats,
    review_period: Floats,
    service_measure: list[str],
    order_quantity: Floats,
    distribution: list[str],
) -> Any:
    """Order-up-to level that reaches a service target: the reorder point and the usual order quantity.

    Without an order quantity it is the base stock: each review orders what was used since the last. See REORDER_POINT.
    """
    asked = dict(locals())
    return _for_good(asked, lambda good: _reorder_point(good) + good["order_quantity"])


def _fill_rate_because(results: Sequence[float], **asked: Any) -> list[str]:
    lines = []
    for item, (rate, reorder) in enumerate(zip(results, asked["reorder_point"], strict=True)):
        expected, per_order = asked["mean_demand"][item] * asked["lead_time"][item], asked["order_quantity"][item]
        lots = f"orders of {amount(per_order)}" if per_order else "orders of what was used"
        lines.append(
            f"{percent(rate)} of demand is met from stock with reorder point {amount(reorder)} and {lots}; "
            f"{amount(expected)} are expected over the lead time."
        )
    return lines


@cell_function(
    "Stock",
    *(MEAN_DEMAND, DEMAND_SD, LEAD_TIME, REORDER_POINT, ORDER_QUANTITY, LEAD_TIME_SD, REVIEW_PERIOD, DISTRIBUTION),
    result=Result("each", "fill rate, from 0 to 1"),
    cost="cheap",
    example=(100, 18, 2, 220, 300),
    because=_fill_rate_because,
)
def fill_rate(
    mean_demand: Floats,
    demand_sd: Floats,
    lead_time: Floats,
    reorder_point: Floats,
    order_quantity: Floats,
    lead_time_sd: Floats,
    review_period: Floats,
    distribution: list[str],
) -> Any:
    """Fill rate that a reorder point and an order quantity give: the share of demand met from stock, from 0 to 1.

    Whole lots of the order quantity are ordered, and what is short waits. With a review period exactly, the undershoot
    of the reorder point counted (Sobel 2004); watched all the time, 1 - E[short in a cycle] / order quantity, which
    is true where customers take a unit or few at a time: else give a review period.
    """
    asked = dict(locals())
    return _for_good(asked, lambda good: _replenishment(good).fill_rate(good["reorder_point"], good["order_quantity"]))


def _cycle_service_because(results: Sequence[float], **asked: Any) -> list[str]:
    made = _replenishment(asked)
    told = zip(results, asked["reorder_point"], made.expected, made.spread, strict=True)
    return [
        f"With reorder point {amount(reorder)}, stock lasts until the next receipt with {percent(service)}: "
        f"{amount(expected)} are expected over {_interval(asked, item)}, standard deviation {amount(spread)} "
        f"({_spread_because(made, item)})."
        for item, (service, reorder, expected, spread) in enumerate(told)
    ]


@cell_function(
    "Stock",
    *(MEAN_DEMAND, DEMAND_SD, LEAD_TIME, REORDER_POINT, LEAD_TIME_SD, REVIEW_PERIOD, DISTRIBUTION),
    result=Result("each", "cycle service, from 0 to 1"),
    cost="cheap",
    example=(100, 18, 2, 250),
    because=_cycle_service_because,
)
def cycle_service(
    mean_demand: Floats,
    demand_sd: Floats,
    lead_time: Floats,
    reorder_point: Floats,
    lead_time_sd: Floats,
    review_period: Floats,
    distribution: list[str],
) -> Any:
    """Cycle service that a reorder point gives: the chance of no stock-out before the next receipt, from 0 to 1.

    The chance that demand over review period and lead time, which are uncertain together, is at most the reorder point.
    """
    asked = dict(locals())
    return _for_good(asked, lambda good: _replenishment(good).cycle_service(good["reorder_point"]))
