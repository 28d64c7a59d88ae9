"""Models fitted to histories in cells, and what they tell: the forecast, the model, or why there is none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from invopt_xl.domain.forecast import FloatArray, Forecast
from invopt_xl.domain.words import counted
from invopt_xl.errors import InputError
from invopt_xl.sheet.functions._demand import Histories, Told, sentence
from invopt_xl.sheet.run import Run

TOGETHER = 50_000
"""Forecast periods of all items fitted at a time: their sample paths, a thousand each, take 200 MB."""

FEWEST_TOGETHER = 100
"""Items at a time that keep all cores busy."""


def fitted(run: Run, known: Histories, horizon: float, **settings: Any) -> Iterator[Forecast]:
    """Yield the forecast of each item, as many items fitted together as memory holds sample paths of."""
    from invopt_xl.forecasting import forecast_many

    together = max(TOGETHER // int(horizon), FEWEST_TOGETHER)
    for start in range(0, len(known.demand), together):
        demand, stocked = (list(each[start : start + together]) for each in (known.demand, known.in_stock))
        forecasts = forecast_many(
            demand, int(horizon), in_stock=stocked,
            cache=run.cache, continued=False, workers=run.workers, progress=run.progress, **settings,
        )  # fmt: skip
        for made, history in zip(forecasts, demand, strict=True):
            note = _unused_season(history, settings["season"])
            yield replace(made, reason=f"{made.reason}; {note}") if note else made


def _unused_season(history: FloatArray, season: int) -> str:
    """Return that a history is too short for the season asked for, or nothing."""
    periods = _periods(history)
    if season == 1 or periods >= 2 * season:
        return ""
    return f"no season used: {counted(periods, 'period')} of history, one of {season} needs {2 * season}"


def _periods(history: FloatArray) -> int:
    """Return the periods since the first that is known."""
    return history.size - int(np.argmax(np.isfinite(history)))


def line(made: Forecast, quantile: float | None) -> Told:
    """Return the mean of each coming period, or a quantile, units."""
    values = made.mean if quantile is None else made.quantiles([quantile])[:, 0]
    return Told(values, _why(made))


def model(made: Forecast) -> Told:
    """Return the model's name, why it was chosen, and what else is to be known."""
    reason, _, notes = made.reason.partition("; ")
    return Told((made.model, reason, notes), _why(made))


def _why(made: Forecast) -> str:
    return sentence(f"{made.model}: {made.reason}")


def unfit(made: Forecast, history: FloatArray, settings: dict[str, Any]) -> InputError:
    """Return why orders cannot be fitted to a history."""
    from invopt_xl.forecasting.arima.orders import given_orders

    season, seasonal = settings["season"], settings["seasonal_order"]
    periods = _periods(history)
    try:
        given_orders(settings["order"], seasonal, season, periods)
    except InputError as error:
        return error
    if any(seasonal) and periods < 2 * season:
        return InputError(f"ARIMA orders: {periods} periods of history; seasonal ones need at least {2 * season}")
    return InputError(f"ARIMA orders: they cannot be estimated here ({made.reason.partition('; ')[0]})")
