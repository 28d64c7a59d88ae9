"""One service target, or one stock budget, for many items together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from invopt_xl.errors import InputError
from invopt_xl.sheet.arguments import Argument
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
    UNIT_COST,
    UNIT_PRICE,
    percent,
)
from invopt_xl.sheet.functions.stock_terms import (
    Floats,
    Places,
    others,
    refusals,
    shape_rules,
    stray_rule,
    with_refusals,
)

if TYPE_CHECKING:
    from invopt_xl.policy.service_mix import ServiceExchange, ServiceMix
    from invopt_xl.sheet.functions.stock_demand import Replenishment

USUAL_TARGET = 0.95

OVERALL_TARGET = replace(
    SERVICE_TARGET,
    help=f"Fill rate to reach over all items together; {USUAL_TARGET} if neither it nor a stock budget is given.",
    takes="one", default=None,
)  # fmt: skip
STOCK_BUDGET = Argument(
    "stock_budget", "Most money in average stock, to reach the best fill rate with; instead of a service target.",
    takes="one", unit="money", default=None, above=0,
)  # fmt: skip
REVIEWED = replace(
    REVIEW_PERIOD, help="From one review of stock to the next.", default=1.0, minimum=None, above=0
)  # fmt: skip
WEIGHT = Argument(
    "service_weight", "What the overall fill rate counts: sales value, at cost where there is no price, or units.",
    takes="one", kind="choice", choices=("value", "units"), default="value",
)  # fmt: skip
LOWEST = Argument(
    "lowest_service", "Fill rate that no item goes below; 0.001 for as good as none.",
    takes="one", unit="share", default=0.5, above=0, below=1, example="0.5",
)  # fmt: skip


@dataclass(frozen=True)
class _Asked:
    """What a mix is asked for; arrays over items.

    Parameters
    ----------
    demand
        And how it is replenished.
    order_quantity, unit_cost, weight
        Units; money; what an item counts.
    lowest
        Fill rate that no item goes below.
    """

    demand: Replenishment
    order_quantity: Floats
    unit_cost: Floats
    weight: Floats
    lowest: float

    def exchange(self, rows: Places) -> ServiceExchange:
        """Return what some of the items give for their stock money."""
        from invopt_xl.policy import CumulativeDemand, ReplenishmentCycle, lead_times
        from invopt_xl.policy.service_mix import MixItems, ServiceBounds, ServiceExchange

        some = self.demand.rows(rows)
        demand = CumulativeDemand(some.mean[:, None], some.variance[:, None], some.family)
        times = lead_times(some.lead_time, some.lead_time_sd)
        cycle = ReplenishmentCycle.of(demand, times, some.review_period, 1.0)
        items = MixItems(cycle, self.order_quantity[rows], self.unit_cost[rows], self.weight[rows])
        return ServiceExchange.of(items, ServiceBounds(self.lowest))


def _asked(
    mean_demand: Floats,
    demand_sd: Floats,
    lead_time: Floats,
    unit_cost: Floats,
    order_quantity: Floats,
    lead_time_sd: Floats,
    review_period: Floats,
    distribution: list[str],
    unit_price: Floats,
    service_weight: str,
    lowest_service: float,
) -> _Asked:
    from invopt_xl.sheet.functions.stock_demand import Replenishment

    value = np.where(np.isnan(unit_price), unit_cost, unit_price) if service_weight == "value" else 1.0
    demand = Replenishment(mean_demand, demand_sd, lead_time, lead_time_sd, review_period, distribution)
    return _Asked(demand, order_quantity, unit_cost, mean_demand * value, lowest_service)


def _mix(exchange: ServiceExchange, service_target: float | None, stock_budget: float | None) -> ServiceMix:
    if stock_budget is None:
        return exchange.least_money(USUAL_TARGET if service_target is None else service_target)
    if service_target is not None:
        raise InputError("service target and stock budget are both given; expected one of them")
    return exchange.most_service(stock_budget)


def _because_mix(
    results: Sequence[Sequence[float]],
    mean_demand: Floats,
    demand_sd: Floats,
    lead_time: Floats,
    unit_cost: Floats,
    service_target: float | None,
    stock_budget: float | None,
    **terms: object,
) -> list[str]:
    from invopt_xl.policy.service_mix import uniform_fill_rate

    asked = _asked(mean_demand, demand_sd, lead_time, unit_cost, **terms)  # type: ignore[arg-type]
    exchange = asked.exchange(np.arange(len(mean_demand)))
    mix = _mix(exchange, service_target, stock_budget)
    uniform = uniform_fill_rate(exchange, mix.service).levels.money if 0 < mix.service < 1 else mix.money
    together = f"All items together reach {percent(mix.service)} with {mix.money:,.2f} in stock"
    beside = f"the same fill rate for each would take {uniform:,.2f}."
    return [
        f"{percent(fill)} of its demand is served from stock worth {money:,.2f} on average. {together}; {beside}"
        if rate > 0
        else f"Nothing is stocked where there is no demand. {together}."
        for (_, _, fill, money), rate in zip(results, mean_demand, strict=True)
    ]


@cell_function(
    "Segments",
    MEAN_DEMAND,
    DEMAND_SD,
    LEAD_TIME,
    UNIT_COST,
    OVERALL_TARGET,
    STOCK_BUDGET,
    ORDER_QUANTITY,
    LEAD_TIME_SD,
    REVIEWED,
    DISTRIBUTION,
    replace(UNIT_PRICE, default=None),
    WEIGHT,
    LOWEST,
    result=Result(
        "record", "reorder point and order-up-to level, units; fill rate; money in average stock",
        ("reorder_point", "order_up_to", "fill_rate", "stock_money"),
    ),
    cost="cached",
    example=(
        [[20], [20], [4]], [[10], [10], [4]], [[2], [2], [3]], [[1], [10], [40]], 0.95,
        None, [[40], [20], [4]], None, None, None, None, "units",
    ),
    together=True,
    because=_because_mix,
)  # fmt: skip
def service_mix(
    mean_demand: Floats,
    demand_sd: Floats,
    lead_time: Floats,
    unit_cost: Floats,
    service_target: float | None,
    stock_budget: float | None,
    order_quantity: Floats,
    lead_time_sd: Floats,
    review_period: Floats,
    distribution: list[str],
    unit_price: Floats,
    service_weight: str,
    lowest_service: float,
) -> Any:
    """Reorder point, order-up-to level, fill rate and stock money of each item, for one overall fill rate.

    All items together reach the fill rate with the least money in stock, or the best fill rate that a stock budget
    pays for: more service where it is cheap, less where it is dear (Thonemann, Brown & Hausman 2002). Order below the
    reorder point. Stock is the average on hand. Without demand nothing is stocked, and the fill rate is 1. A row that
    cannot be used shows why, and the others share the target.
    """
    asked = _asked(
        mean_demand, demand_sd, lead_time, unit_cost, order_quantity, lead_time_sd, review_period, distribution,
        unit_price, service_weight, lowest_service,
    )  # fmt: skip
    refused = refusals(stray_rule(lead_time, lead_time_sd), *shape_rules(mean_demand, demand_sd, distribution))
    rows, records = others(len(mean_demand), refused), np.full((len(mean_demand), 4), np.nan)
    if rows.size:
        mix = _mix(asked.exchange(rows), service_target, stock_budget)
        records[rows] = np.column_stack([mix.reorder_point, mix.order_up_to, mix.fill_rate, mix.stock_money])
    return with_refusals(records, refused)
