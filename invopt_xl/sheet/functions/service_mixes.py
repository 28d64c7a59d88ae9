"""One service target, or one stock budget, for many items together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from invopt_xl.policy.costs import BoolArray, FloatArray
    from invopt_xl.policy.service_mix import ServiceExchange, ServiceMix

USUAL_TARGET = 0.95
WIDEST_SPREAD = 3.0
"""Lead times that stray by more means than this have no sensible shape."""

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
    "lowest_service", "Fill rate that no item goes below.",
    takes="one", unit="share", default=0.5, above=0, below=1, example="0.5",
)  # fmt: skip


@dataclass(frozen=True)
class _Asked:
    """What a mix is asked for; arrays over items."""

    mean: FloatArray
    deviation: FloatArray
    lead_time: FloatArray
    lead_time_sd: FloatArray
    review: FloatArray
    order_quantity: FloatArray
    unit_cost: FloatArray
    weight: FloatArray
    distribution: Sequence[str]
    lowest: float

    @property
    def good(self) -> BoolArray:
        """Which items can have levels."""
        return np.asarray(self.lead_time_sd <= WIDEST_SPREAD * self.lead_time)

    def exchange(self) -> ServiceExchange:
        """Return what the items that can have levels give for their stock money."""
        from invopt_xl.policy import CumulativeDemand, Family, ReplenishmentCycle, lead_times
        from invopt_xl.policy.service_mix import MixItems, ServiceBounds, ServiceExchange

        families = {
            "normal": Family.NORMAL, "gamma": Family.GAMMA, "poisson": Family.POISSON,
            "negative binomial": Family.COUNTS,
        }  # fmt: skip
        family = np.array([families[name] for name in self.distribution], dtype=np.int64)
        variance = np.where(family == Family.COUNTS, np.maximum(self.deviation**2, self.mean), self.deviation**2)
        variance = np.where(family == Family.POISSON, self.mean, variance)
        some = self.good
        demand = CumulativeDemand(self.mean[some, None], variance[some, None], family[some])
        times = lead_times(self.lead_time[some], self.lead_time_sd[some])
        cycle = ReplenishmentCycle.of(demand, times, self.review[some], 1.0)
        items = MixItems(cycle, self.order_quantity[some], self.unit_cost[some], self.weight[some])
        return ServiceExchange.of(items, ServiceBounds(self.lowest))


def _asked(
    mean_demand: FloatArray,
    demand_sd: FloatArray,
    lead_time: FloatArray,
    unit_cost: FloatArray,
    order_quantity: FloatArray,
    lead_time_sd: FloatArray,
    review_period: FloatArray,
    distribution: list[str],
    unit_price: FloatArray,
    service_weight: str,
    lowest_service: float,
) -> _Asked:
    value = np.where(np.isnan(unit_price), unit_cost, unit_price) if service_weight == "value" else 1.0
    return _Asked(
        mean_demand, demand_sd, lead_time, lead_time_sd, review_period, order_quantity, unit_cost,
        mean_demand * value, distribution, lowest_service,
    )  # fmt: skip


def _mix(exchange: ServiceExchange, service_target: float | None, stock_budget: float | None) -> ServiceMix:
    if stock_budget is None:
        return exchange.least_money(USUAL_TARGET if service_target is None else service_target)
    if service_target is not None:
        raise InputError("service target and stock budget are both given; expected one of them")
    return exchange.most_service(stock_budget)


def _because_mix(
    results: Sequence[Sequence[float]],
    mean_demand: FloatArray,
    demand_sd: FloatArray,
    lead_time: FloatArray,
    unit_cost: FloatArray,
    service_target: float | None,
    stock_budget: float | None,
    **terms: object,
) -> list[str]:
    from invopt_xl.policy.service_mix import uniform_fill_rate

    exchange = _asked(mean_demand, demand_sd, lead_time, unit_cost, **terms).exchange()  # type: ignore[arg-type]
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
    UNIT_PRICE,
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
    mean_demand: FloatArray,
    demand_sd: FloatArray,
    lead_time: FloatArray,
    unit_cost: FloatArray,
    service_target: float | None,
    stock_budget: float | None,
    order_quantity: FloatArray,
    lead_time_sd: FloatArray,
    review_period: FloatArray,
    distribution: list[str],
    unit_price: FloatArray,
    service_weight: str,
    lowest_service: float,
) -> list[list[float] | InputError]:
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
    rows: list[list[float] | InputError] = [
        InputError(f"lead time sd is {sd:g}; expected at most {WIDEST_SPREAD:g} times the lead time, {mean:g}")
        for sd, mean in zip(lead_time_sd, lead_time, strict=True)
    ]
    if asked.good.any():
        mix = _mix(asked.exchange(), service_target, stock_budget)
        columns = zip(mix.reorder_point, mix.order_up_to, mix.fill_rate, mix.stock_money, strict=True)
        for row, values in zip(np.flatnonzero(asked.good), columns, strict=True):
            rows[row] = [float(value) for value in values]
    return rows
