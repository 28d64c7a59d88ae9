"""The product's methods and their peers', each as a function from a history to quantiles, with the CPU time it took."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from forecast_series import SEASON, FloatArray

LEVELS = np.array([0.025, 0.1, 0.5, 0.9, 0.975])
"""Ends of the 80% and the 95% interval, and the middle."""

RARE_LEVELS = (0.90, 0.95, 0.975)
"""Quantiles that stock of rare demand is held at."""

PATHS = 1000


@dataclass(frozen=True, eq=False)
class Outcome:
    """A forecast: mean, quantiles per period (periods, levels), and those of the sum where joint paths exist."""

    mean: FloatArray
    quantiles: FloatArray
    sums: FloatArray = field(default_factory=lambda: np.full(LEVELS.size, np.nan))
    model: str = ""
    seconds: float = np.nan


Method = Callable[[FloatArray, int], Outcome]


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """Return what the work returns, and the CPU seconds of this process."""
    begun = time.process_time()
    done = work()
    return done, time.process_time() - begun


@dataclass(frozen=True)
class Spent:
    """CPU seconds of this process and of those it started and ended, and seconds on the wall."""

    here: float
    in_workers: float
    wall: float

    @property
    def cpu(self) -> float:
        return self.here + self.in_workers


def spent(work: Callable[[], Any]) -> tuple[Any, Spent]:
    """Return what the work returns, and the time it took in all processes."""
    here, workers, wall = time.process_time(), _cpu_of_ended_processes(), time.perf_counter()
    done = work()
    ended = _cpu_of_ended_processes() - workers
    return done, Spent(time.process_time() - here, ended, time.perf_counter() - wall)


def _cpu_of_ended_processes() -> float:
    every = os.times()
    return every.children_user + every.children_system


def invopt(method: str, history: FloatArray, horizon: int) -> Outcome:
    from invopt_xl.forecasting import forecast

    def work() -> Any:
        made = forecast(history, horizon, season=SEASON, method=method, paths=PATHS)
        return made, made.quantiles(LEVELS.tolist())

    (made, quantiles), seconds = timed(work)
    sums = np.quantile(made.paths.sum(axis=1, dtype=float), LEVELS)
    return Outcome(made.mean, quantiles, sums, made.model, seconds)


def statsforecast(name: str, history: FloatArray, horizon: int) -> Outcome:
    """Return the forecast of a model of statsforecast; sums are those of the paths that it simulates, not timed."""
    import statsforecast.models

    model = getattr(statsforecast.models, name)(season_length=SEASON)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        made, seconds = timed(lambda: model.fit(history).predict(horizon, level=[80, 95]))
        paths = model.simulate(horizon, PATHS, seed=1)
    parts = [np.asarray(made[key], dtype=float) for key in ("lo-95", "lo-80", "mean", "hi-80", "hi-95")]
    sums = np.quantile(np.asarray(paths, dtype=float).sum(axis=1), LEVELS)
    return Outcome(parts[2], np.stack(parts, axis=1), sums, name, seconds)


def pmdarima(history: FloatArray, horizon: int) -> Outcome:
    import pmdarima as package

    def work() -> Any:
        model = package.auto_arima(history, m=SEASON, suppress_warnings=True, error_action="ignore")
        return model, [model.predict(horizon, return_conf_int=True, alpha=alpha) for alpha in (0.05, 0.2)]

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        (model, bands), seconds = timed(work)
    (mean, wide), (_, narrow) = bands
    columns = [wide[:, 0], narrow[:, 0], mean, narrow[:, 1], wide[:, 1]]
    made = np.stack([np.asarray(column, dtype=float) for column in columns], axis=1)
    return Outcome(made[:, 2], made, model=f"ARIMA{model.order}{model.seasonal_order}", seconds=seconds)


OURS: Mapping[str, Method] = {f"invopt {name}": partial(invopt, name) for name in ("auto", "ensemble", "arima")}

REFERENCE = "AutoARIMA"
"""What times are compared with."""

PEERS: Mapping[str, Method] = {
    name: partial(statsforecast, name) for name in (REFERENCE, "AutoETS", "AutoCES", "AutoTheta")
}

SLOW: Mapping[str, Method] = {"pmdarima": pmdarima}

METHODS: Mapping[str, Method] = {**OURS, **PEERS, **SLOW}


def rare_peers() -> dict[str, Callable[..., Any]]:
    """Return models of statsforecast for rare demand; they say quantiles only by conformal intervals."""
    from statsforecast import models

    return {
        "SES": models.SimpleExponentialSmoothingOptimized,
        "IMAPA": models.IMAPA,
        "TSB": partial(models.TSB, 0.2, 0.2),
        "CrostonSBA": models.CrostonSBA,
    }


def rare_mean(build: Callable[..., Any], history: FloatArray, horizon: int) -> FloatArray:
    return np.asarray(build().forecast(history, horizon)["mean"], dtype=float)


def rare_quantiles(build: Callable[..., Any], history: FloatArray, horizon: int) -> FloatArray:
    """Return the quantiles of `RARE_LEVELS`; NaN where the history is too short for two windows of the horizon."""
    from statsforecast.utils import ConformalIntervals

    if history.size <= 2 * horizon + 1:
        return np.full((horizon, len(RARE_LEVELS)), np.nan)
    model = build(prediction_intervals=ConformalIntervals(n_windows=2, h=horizon))
    made = model.forecast(history, horizon, level=[80, 90, 95])
    return np.stack([np.asarray(made[f"hi-{level}"], dtype=float) for level in (80, 90, 95)], axis=1)


class Laboratory:
    """Runs methods over series and remembers what came out, so that no part of the benchmark runs one twice."""

    def __init__(self, told: Callable[[str], None]) -> None:
        self._made: dict[tuple[str, str], Outcome] = {}
        self._told = told

    def run(self, cases: list[Any], methods: list[str]) -> pd.DataFrame:
        """Return the outcome of each case (rows) by each method (columns).

        Methods take turns on each series, so that a machine that slows down slows all of them.
        """
        missing = [name for name in methods if any((name, case.name) not in self._made for case in cases)]
        for name in missing:  # whatever loads at the first call is not a model's time
            METHODS[name](cases[0].history, cases[0].actual.size)
        for place, case in enumerate(cases, 1):
            for name in missing:
                if (name, case.name) not in self._made:
                    self._made[name, case.name] = _tried(name, case.history, case.actual.size)
            if missing and place % 50 == 0:
                self._told(f"  {place} of {len(cases)} series by {', '.join(missing)}")
        outcomes = {name: [self._made[name, case.name] for case in cases] for name in methods}
        return pd.DataFrame(outcomes, index=[case.name for case in cases])


def _tried(name: str, history: FloatArray, horizon: int) -> Outcome:
    """Return the outcome; a peer that raises has none, the product must not raise."""
    try:
        return METHODS[name](history, horizon)
    except Exception as error:
        if name in OURS:
            raise
        nothing = np.full((horizon, LEVELS.size), np.nan)
        return Outcome(nothing[:, 0], nothing, model=f"failed: {type(error).__name__}: {error}")
