"""Levels from a history of demand: what its forecast says of the demand until an order has come."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from invopt_xl.errors import InputError
from invopt_xl.sheet.arguments import Argument
from invopt_xl.sheet.catalogue import Result, cell_function
from invopt_xl.sheet.functions._demand import DEMAND, EMPTY_CELLS, IN_STOCK, ITEMS_IN, SEASON, WEEKS, Histories
from invopt_xl.sheet.functions._fitted import fitted
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
    Places,
    interval,
    refusals,
    stray_rule,
    with_refusals,
)
from invopt_xl.sheet.run import Run

if TYPE_CHECKING:
    from invopt_xl.domain import Forecast
    from invopt_xl.policy import LeadTimes, StockLevels

MOST_PERIODS = 520
"""Periods that are forecast; longer intervals go on at their average."""

_SEARCHED = 1e-6
"""A level this near to a whole number, as a share of it, is that number."""

RETURNS = Argument(
    "returns", "Which level: safety stock, reorder point, or the expected demand that parts them.", takes="one",
    kind="choice", choices=("safety stock", "reorder point", "expected demand"), default="safety stock",
)  # fmt: skip


def _because(results: Sequence[float], **asked: Any) -> list[str]:
    from scipy import special

    lines = []
    for item, result in enumerate(results):
        review, lead = float(asked["review_period"][item]), float(asked["lead_time"][item])
        target, known = asked["service_target"][item], asked["demand"][item][np.isfinite(asked["demand"][item])]
        told = (
            f"{asked['returns'].capitalize()} {amount(result)} for {percent(target)} "
            f"{SERVICE_NAMES[asked['service_measure'][item]]}: from the whole distribution of the forecast over "
            f"{interval(review, lead)}"
        )
        if known.size > 1:
            textbook = float(special.ndtri(target)) * known.std(ddof=1) * (review + lead) ** 0.5
            told += f"; z x deviation x root of the periods would hold {amount(textbook)}"
        lines.append(f"{told}.")
    return lines


@cell_function(
    "Stock",
    *(DEMAND, LEAD_TIME, SERVICE_TARGET, LEAD_TIME_SD, REVIEW_PERIOD, SERVICE_MEASURE, ORDER_QUANTITY, SEASON),
    *(RETURNS, IN_STOCK, EMPTY_CELLS, ITEMS_IN),
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
    in_stock: Floats | None,
    empty_cells: str,
    items_in: str,
) -> Any:
    """Safety stock for a history of demand: from what its forecast says of the demand until an order has come.

    Forecasts as in FORECAST; from their sample paths, summed over review period and lead time, come the quantile (or
    fill rate) and the mean. Errors that last from period to period are in them, unlike in z x deviation x root of the
    lead time. The reorder point is the safety stock and expected demand; it need not be whole units: round up.
    """
    from invopt_xl.policy import lead_times

    times = lead_times(lead_time, lead_time_sd)
    histories = Histories.of(demand, in_stock, empty_cells)
    refused, values = refusals(stray_rule(lead_time, lead_time_sd)), np.full(len(demand), np.nan)
    horizons = _horizons(times.days.max(axis=1) + review_period)
    # Paths depend on how far they reach; so an item's are those it would have by itself.
    for horizon in np.unique(horizons).tolist():
        alike = np.flatnonzero(horizons == horizon)
        forecast = partial(_forecasts, run, horizon, int(season))
        made = dict(zip(alike.tolist(), histories.rows(alike).each(forecast), strict=True))
        refused = {item: each for item, each in made.items() if isinstance(each, InputError)} | refused
        rows = np.array([item for item in made if item not in refused], dtype=np.int64)
        if rows.size:
            measure = _measures([service_measure[row] for row in rows], review_period[rows])
            target = service_target[rows], measure, order_quantity[rows]
            levels = _levels([made[row] for row in rows.tolist()], times.rows(rows), review_period[rows], target)
            values[rows] = _settled(getattr(levels, returns.replace(" ", "_")))
    return with_refusals(values, refused)


def _settled(levels: Floats) -> Floats:
    """Return levels, whole where a search has come that near: what is rounded up must not become one unit more.

    Examples
    --------
    >>> _settled(np.array([7.00000036, 7.01])).tolist()
    [7.0, 7.01]
    """
    whole = np.round(levels)
    return np.where(np.abs(levels - whole) < _SEARCHED * np.maximum(np.abs(whole), 1.0), whole, levels)


def _horizons(longest: Floats) -> Places:
    """Return how many periods to forecast for each item; few different ones, so that items are fitted together."""
    return np.minimum(2.0 ** np.ceil(np.log2(np.maximum(longest, 1.0))), MOST_PERIODS).astype(np.int64)


def _forecasts(run: Run, horizon: int, season: int, known: Histories) -> list[Forecast]:
    return list(fitted(run, known, horizon, season=season))


def _measures(names: Sequence[str], review_period: Floats) -> Places:
    """Return what targets are about; watched all the time, fill rates are the share of time with stock on hand."""
    from invopt_xl.policy import Measure

    fill = np.where(review_period > 0, int(Measure.FILL), int(Measure.READY))
    return np.where([name == "cycle" for name in names], int(Measure.CYCLE), fill)


def _levels(
    forecasts: Sequence[Forecast], times: LeadTimes, review_period: Floats, target: tuple[Floats, Places, Floats]
) -> StockLevels:
    """Return the levels that reach targets (share, measure, order quantity) by the sums of forecast paths."""
    from invopt_xl.policy import CumulativeDemand, Family, ReplenishmentCycle, stock_levels

    foreseen = CumulativeDemand.of(forecasts, np.full(len(forecasts), Family.EMPIRICAL))
    cycle = ReplenishmentCycle.of(foreseen, times, review_period, 1.0)
    return stock_levels(cycle, *target, times.mean + review_period)
