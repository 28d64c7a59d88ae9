"""Levels from a history of demand: what its forecast says of the demand until an order has come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from invopt_xl.sheet.arguments import Argument
from invopt_xl.sheet.catalogue import Result, cell_function
from invopt_xl.sheet.functions._demand import DEMAND, ITEMS_IN, SEASON, WEEKS
from invopt_xl.sheet.functions.shared import (
    LEAD_TIME,
    LEAD_TIME_SD,
    ORDER_QUANTITY,
    REVIEW_PERIOD,
    SERVICE_TARGET,
    amount,
    percent,
)
from invopt_xl.sheet.functions.stock_terms import (
    SERVICE_MEASURE,
    SERVICE_NAMES,
    Floats,
    interval,
    refusals,
    stray_rule,
    with_refusals,
)
from invopt_xl.sheet.run import Run

MOST_PERIODS = 520
"""Periods that are forecast; longer intervals go on at their average."""

RETURNS = Argument(
    "returns", "Which level: safety stock, reorder point, or the expected demand that parts them.", takes="one",
    kind="choice", choices=("safety stock", "reorder point", "expected demand"), default="safety stock",
)  # fmt: skip


def _because(results: Sequence[float], **asked: Any) -> list[str]:
    from scipy import special

    lines = []
    for item, result in enumerate(results):
        review, lead = float(asked["review_period"][item]), float(asked["lead_time"][item])
        target, history = asked["service_target"][item], asked["demand"][item]
        deviation = np.nanstd(history, ddof=1) * (review + lead) ** 0.5
        lines.append(
            f"{asked['returns'].capitalize()} {amount(result)} for {percent(target)} "
            f"{SERVICE_NAMES[asked['service_measure'][item]]}: from the whole distribution of the forecast over "
            f"{interval(review, lead)}; z x deviation x root of the periods would hold "
            f"{amount(float(special.ndtri(target)) * deviation)}."
        )
    return lines


@cell_function(
    "Stock",
    *(DEMAND, LEAD_TIME, SERVICE_TARGET, LEAD_TIME_SD, REVIEW_PERIOD, SERVICE_MEASURE, ORDER_QUANTITY, SEASON),
    *(RETURNS, ITEMS_IN),
    result=Result("each", "safety stock (or reorder point, or expected demand), units"),
    cost="heavy",
    example=(WEEKS, 2, 0.95, 0, 1),
    because=_because,
)
def safety_stock_from_history(
    run: Run,
    demand: Floats,
    lead_time: Floats,
    service_target: Floats,
    lead_time_sd: Floats,
    review_period: Floats,
    service_measure: list[str],
    order_quantity: Floats,
    season: int,
    returns: str,
    items_in: str,
) -> Any:
    """Safety stock for a history of demand: from what its forecast says of the demand until an order has come.

    Forecasts as in FORECAST; from their sample paths, summed over review period and lead time, come the quantile (or
    fill rate) and the mean. Errors that last from period to period are in them, unlike in z x deviation x root of the
    lead time. Whole-unit demand gives whole reorder points. The reorder point is the safety stock and expected demand.
    """
    from invopt_xl.forecasting import forecast_many
    from invopt_xl.policy import CumulativeDemand, Family, Measure, ReplenishmentCycle, lead_times, stock_levels

    times = lead_times(lead_time, lead_time_sd)
    longest = float(np.max(times.days + review_period[:, None]))
    horizon = int(np.clip(np.ceil(longest), 1, MOST_PERIODS))
    made = forecast_many(
        list(demand), horizon, season=int(season), cache=run.cache, progress=run.progress, workers=run.workers
    )
    foreseen = CumulativeDemand.of(made, np.full(len(made), Family.EMPIRICAL))
    # Watched all the time, the share of demand met is the share of time with stock on hand.
    fill = np.where(review_period > 0, Measure.FILL, Measure.READY)
    measure = np.where([name == "cycle" for name in service_measure], Measure.CYCLE, fill)
    levels = stock_levels(
        ReplenishmentCycle.of(foreseen, times, review_period, 1.0),
        service_target,
        measure,
        order_quantity,
        lead_time + review_period,
    )
    found = {
        "safety stock": levels.safety_stock,
        "reorder point": levels.reorder_point,
        "expected demand": levels.expected_demand,
    }
    return with_refusals(found[returns], refusals(stray_rule(lead_time, lead_time_sd)))
