"""One history in, one predictive distribution out: cleaning, routing by pattern, sample paths, and the reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from invopt_xl.cache import content_key
from invopt_xl.domain.forecast import FloatArray, Forecast
from invopt_xl.errors import require
from invopt_xl.forecasting.arima import ENGINES, Engine
from invopt_xl.forecasting.history import BoolArray, CleanHistory, checked_history, clean_history
from invopt_xl.forecasting.occasional import dormant_paths, occasional_paths, short_paths
from invopt_xl.forecasting.regular import regular_paths
from invopt_xl.forecasting.routing import METHODS, Route, route
from invopt_xl.forecasting.smoothing import SLOW_WEIGHTS, WEIGHTS

METHOD_VERSION = 2
"""Raise it when a change alters any forecast: results kept under another version are not used."""

DYING_WEIGHT = 0.2
"""Weight of the newest period where an item hardly sells any more."""


@dataclass(frozen=True, eq=False)
class Task:
    """Everything a forecast depends on, checked.

    Parameters
    ----------
    history
        Demand per period, item units, oldest first; NaN where unknown.
    in_stock
        False where sales were censored by a stock-out.
    horizon
        Periods ahead.
    season
        Periods per season; 1 without.
    method
        One of `METHODS`.
    engine
        Engine of ARIMA.
    paths
        Number of sample paths.

    Raises
    ------
    InputError
        If a value is not what a forecast needs.
    """

    history: FloatArray
    in_stock: BoolArray
    horizon: int
    season: int = 1
    method: str = "auto"
    engine: Engine = "statsforecast"
    paths: int = 1000

    def __post_init__(self) -> None:
        require(1 <= self.horizon <= 10_000, "forecast horizon", self.horizon, "1 to 10,000 periods")
        require(1 <= self.season <= 10_000, "season", self.season, "1 (no season) to 10,000 periods")
        require(2 <= self.paths <= 1_000_000, "number of paths", self.paths, "2 to 1,000,000, such as 1000")
        require(self.method in METHODS, "forecasting method", self.method, f"one of {', '.join(METHODS)}")
        require(self.engine in ENGINES, "forecasting engine", self.engine, f"one of {', '.join(ENGINES)}")

    @classmethod
    def of(cls, history: FloatArray, in_stock: BoolArray | None, *settings: object) -> Task:
        """Return a task after checking the history; the settings follow in the order of the fields."""
        return cls(*checked_history(history, in_stock), *settings)  # type: ignore[arg-type]

    @cached_property
    def key(self) -> str:
        """Digest of the content: equal tasks have equal forecasts."""
        settings = (self.horizon, self.season, self.method, self.engine, self.paths)
        return content_key("forecast", METHOD_VERSION, self.history, self.in_stock, *settings)

    @cached_property
    def clean(self) -> CleanHistory:
        """The demand a model may learn from."""
        return clean_history(self.history, self.in_stock)

    @cached_property
    def route(self) -> Route:
        """What forecasts it, and why."""
        return route(self.clean, self.method)


def solve(task: Task) -> Forecast:
    """Return the forecast of a task; the same task gives the same paths in every process."""
    rng = np.random.default_rng(int(task.key, 16))
    paths, model, notes = _DRAWS[task.route.method](rng, task)
    reason = "; ".join((task.route.why, *task.clean.notes, *notes))
    return Forecast(paths.astype(np.float32), model, reason)


def without_search(task: Task, why: str) -> Forecast:
    """Return the forecast of a task whose ARIMA search cannot be finished, by the Theta method alone."""
    rng = np.random.default_rng(int(task.key, 16))
    paths, model, notes = _draw_regular(rng, task, ("theta",))
    return Forecast(paths.astype(np.float32), model, "; ".join((why, task.route.why, *task.clean.notes, *notes)))


def forecast(
    history: FloatArray,
    horizon: int,
    *,
    in_stock: BoolArray | None = None,
    season: int = 1,
    method: str = "auto",
    engine: Engine = "statsforecast",
    paths: int = 1000,
) -> Forecast:
    """Return the distribution of demand in the coming periods, in item units.

    Regular demand is forecast by sample paths of an automatic ARIMA model and of the Theta method, rare demand by
    a smoothed level with the chance and the size of a demand, and what has hardly a history by its mean with the
    width that this deserves. Equal arguments give equal paths.

    Parameters
    ----------
    history
        Demand per period, item units, oldest first; NaN where unknown.
    horizon
        Periods ahead.
    in_stock
        False where the item was out of stock, so that sales understate demand.
    season
        Periods per season, such as 12 for months; 1 without.
    method
        ``auto``, ``arima``, ``theta``, ``level`` or ``mean``.
    engine
        Engine of ARIMA: ``statsforecast`` or ``pmdarima``.
    paths
        Number of sample paths.

    Returns
    -------
    Forecast
        Sample paths, the model's name, and the reason for it.

    Raises
    ------
    InputError
        If demand is negative or infinite, or an argument is out of bounds.

    Examples
    --------
    >>> rare = forecast(np.array([0, 0, 3, 0, 0, 0, 3, 0, 0, 0, 0, 3.0]), 4)
    >>> rare.model, rare.reason, rare.periods
    ('SES + bootstrap', 'intermittent demand: one in 4.0 periods, 3.0 units each', 4)
    """
    return solve(Task.of(history, in_stock, horizon, season, method, engine, paths))


Drawn = tuple[FloatArray, str, list[str]]


def _draw_none(_: np.random.Generator, task: Task) -> Drawn:
    return np.zeros((task.paths, task.horizon)), "none", []


def _draw_dormant(rng: np.random.Generator, task: Task) -> Drawn:
    return dormant_paths(rng, task.clean.known_periods, task.horizon, task.paths), "no demand", []


def _draw_mean(rng: np.random.Generator, task: Task) -> Drawn:
    clean = task.clean
    values = clean.values[clean.known] if clean.known.any() else clean.values
    return short_paths(rng, values, task.horizon, task.paths), "mean", []


def _draw_level(rng: np.random.Generator, task: Task, weights: FloatArray = SLOW_WEIGHTS) -> Drawn:
    clean = task.clean
    paths = occasional_paths(rng, clean.values, clean.known, task.horizon, task.paths, weights)
    return paths, "SES + bootstrap", []


def _draw_dying(rng: np.random.Generator, task: Task) -> Drawn:
    return _draw_level(rng, task, np.array([DYING_WEIGHT]))


def _draw_wild(rng: np.random.Generator, task: Task) -> Drawn:
    return _draw_level(rng, task, WEIGHTS)


def _draw_regular(rng: np.random.Generator, task: Task, methods: tuple[str, ...]) -> Drawn:
    clean = task.clean
    return regular_paths(rng, clean.values, clean.known, task.horizon, task.paths, task.season, task.engine, methods)


def _draw_theta(rng: np.random.Generator, task: Task) -> Drawn:
    return _draw_regular(rng, task, ("theta",))


def _draw_arima(rng: np.random.Generator, task: Task) -> Drawn:
    return _draw_regular(rng, task, ("arima", "theta") if task.method == "auto" else ("arima",))


_DRAWS: dict[str, Callable[[np.random.Generator, Task], Drawn]] = {
    "none": _draw_none,
    "dormant": _draw_dormant,
    "mean": _draw_mean,
    "level": _draw_level,
    "dying": _draw_dying,
    "wild": _draw_wild,
    "theta": _draw_theta,
    "arima": _draw_arima,
}
