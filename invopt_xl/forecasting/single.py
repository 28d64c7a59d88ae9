"""One history in, one predictive distribution out: cleaning, routing by pattern, sample paths, and the reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from invopt_xl.cache import content_key
from invopt_xl.domain.forecast import FloatArray, Forecast
from invopt_xl.errors import require
from invopt_xl.forecasting.arima import ENGINES, Engine
from invopt_xl.forecasting.history import BoolArray, CleanHistory, checked_history, clean_history
from invopt_xl.forecasting.occasional import dormant_paths, occasional_paths, short_paths
from invopt_xl.forecasting.patterns import demand_pattern
from invopt_xl.forecasting.regular import regular_paths

METHOD_VERSION = 1
"""Raise it when a change alters any forecast: results kept under another version are not used."""

METHODS = ("auto", "arima", "theta", "level", "mean")
"""``auto`` routes by pattern; ``arima``, ``theta`` (simple exponential smoothing while the history is short),
``level`` (a demand's chance and size) and ``mean`` are what it routes to."""

POINTS_FOR_SMOOTHING = 8
"""With fewer known periods only a mean is estimated."""

POINTS_FOR_ARIMA = 12
"""With fewer known periods no ARIMA model is searched."""

DISCONTINUED = 0.001
"""Zeros at the end that are less likely than this at the item's frequency mean that it hardly sells any more."""

DYING_WEIGHT = 0.2
"""Weight of the newest period for such an item."""

WILD_VARIATION = 1.5
"""Squared coefficient of variation of sizes from which they are drawn from history, not from a model of errors."""


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
        return _route(self.clean, self.method)


class Route(NamedTuple):
    """What forecasts a history, and why."""

    method: str
    why: str


def solve(task: Task) -> Forecast:
    """Return the forecast of a task; the same task gives the same paths in every process."""
    rng = np.random.default_rng(int(task.key, 16))
    route = task.route
    paths, model, notes = _DRAWS[route.method](rng, task)
    reason = "; ".join((route.why, *task.clean.notes, *notes))
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


def _route(clean: CleanHistory, method: str) -> Route:
    values = clean.values[clean.known] if clean.known.any() else clean.values
    periods = values.size
    if not values.size:
        return Route("dormant", "no history: at most a unit or so a period is assumed")
    pattern = demand_pattern(values)
    if pattern.name == "none" and not clean.known.any():
        return Route("dormant", "no sale and no stock: at most a unit or so a period is assumed")
    if pattern.name == "none":
        return Route("dormant", f"no demand in {_count(periods)}: a small chance is kept")
    if not clean.known.any():
        return Route("mean", f"sales of {_count(periods)}")
    size = float(values[values > 0].mean())
    rare = f"{pattern.name} demand: one in {pattern.mean_interval:.1f} periods, {size:,.1f} units each"
    regular = f"{pattern.name} demand over {_count(periods)}"
    if periods >= POINTS_FOR_SMOOTHING and np.ptp(values) == 0:
        regular = f"constant over {_count(periods)}: a change of level is allowed for"
    if method != "auto":
        return _asked_route(method, rare if method == "level" else regular, periods)
    if pattern.name in ("intermittent", "lumpy"):
        return Route("level", rare)
    if periods < POINTS_FOR_SMOOTHING:
        return Route("mean", f"only {_count(periods)} of history: their mean, with the doubt of so few")
    idle = periods - 1 - int(np.flatnonzero(values)[-1])
    if idle and _doubt(pattern.mean_interval, periods, idle) < DISCONTINUED:
        return Route("dying", f"no demand for {_count(idle)}: fading out")
    if pattern.squared_variation > WILD_VARIATION:
        return Route("level", f"sizes vary too much for a model (squared variation {pattern.squared_variation:.1f})")
    return _asked_route("arima", regular, periods)


def _asked_route(method: str, why: str, periods: int) -> Route:
    if method in ("arima", "theta") and periods < POINTS_FOR_SMOOTHING:
        return Route("mean", f"{why}, too few for a model")
    if method == "arima" and periods < POINTS_FOR_ARIMA:
        return Route("theta", f"{why}, too few for ARIMA")
    return Route(method, why)


def _doubt(mean_interval: float, periods: int, idle: int) -> float:
    """Return the probability of so many periods without demand, were the item still alive as before them."""
    before = periods - idle
    frequency = min(periods / mean_interval / before, before / (before + 1))
    return float((1 - frequency) ** idle)


def _count(periods: int) -> str:
    return f"{periods} {'period' if periods == 1 else 'periods'}"


Drawn = tuple[FloatArray, str, list[str]]


def _draw_dormant(rng: np.random.Generator, task: Task) -> Drawn:
    return dormant_paths(rng, task.clean.known_periods, task.horizon, task.paths), "no demand", []


def _draw_mean(rng: np.random.Generator, task: Task) -> Drawn:
    clean = task.clean
    values = clean.values[clean.known] if clean.known.any() else clean.values
    return short_paths(rng, values, task.horizon, task.paths), "mean", []


def _draw_level(rng: np.random.Generator, task: Task, slowest: float = 0.0) -> Drawn:
    clean = task.clean
    paths, _ = occasional_paths(rng, clean.values, clean.known, task.horizon, task.paths, slowest)
    return paths, "SES + bootstrap", []


def _draw_dying(rng: np.random.Generator, task: Task) -> Drawn:
    return _draw_level(rng, task, DYING_WEIGHT)


def _draw_regular(rng: np.random.Generator, task: Task, methods: tuple[str, ...]) -> Drawn:
    clean = task.clean
    return regular_paths(rng, clean.values, clean.known, task.horizon, task.paths, task.season, task.engine, methods)


def _draw_theta(rng: np.random.Generator, task: Task) -> Drawn:
    return _draw_regular(rng, task, ("theta",))


def _draw_arima(rng: np.random.Generator, task: Task) -> Drawn:
    return _draw_regular(rng, task, ("arima", "theta") if task.method == "auto" else ("arima",))


_DRAWS: dict[str, Callable[[np.random.Generator, Task], Drawn]] = {
    "dormant": _draw_dormant,
    "mean": _draw_mean,
    "level": _draw_level,
    "dying": _draw_dying,
    "theta": _draw_theta,
    "arima": _draw_arima,
}
