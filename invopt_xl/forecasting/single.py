"""One history in, one predictive distribution out: cleaning, routing by pattern, sample paths, and the reason."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from invopt_xl.cache import content_key
from invopt_xl.domain.forecast import FloatArray, Forecast, Note
from invopt_xl.errors import require
from invopt_xl.forecasting.arima.engines import Engine
from invopt_xl.forecasting.cleaning.history import BoolArray, CleanHistory, checked_history, clean_history
from invopt_xl.forecasting.cleaning.outliers import without_slips
from invopt_xl.forecasting.lifts.effects import Lifts, estimate_lifts
from invopt_xl.forecasting.lifts.regressors import Regressors
from invopt_xl.forecasting.notes import history_notes, search_notes
from invopt_xl.forecasting.patterns import demand_pattern
from invopt_xl.forecasting.rare.demand import dormant_mean, dormant_paths, occasional_demand, short_paths
from invopt_xl.forecasting.regular.demand import regular_forecast, regular_shocks
from invopt_xl.forecasting.regular.members import State
from invopt_xl.forecasting.routing import Route, route
from invopt_xl.forecasting.settings import Order, Settings, whole
from invopt_xl.forecasting.simulation import Shocks
from invopt_xl.forecasting.threads import one_thread

METHOD_VERSION = 6
"""Raise it when a change alters any forecast: results kept under another version are not used."""

SOUND_DIGITS = 7
"""Significant digits of a model's mean, as many as sample paths have."""


Drawn = tuple[FloatArray, str, list[str], FloatArray | float | None]
"""Paths, the model's name, notes, and the mean of each period, or of all, where the model tells it."""


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
    settings
        How to forecast.
    regressors
        Prices, promotions and calendar days of the history's periods and of the coming ones; None without.
    explained
        True where demand is known to be unusual, such as in a promotion: it is cut only beyond belief.

    Raises
    ------
    InputError
        If a value is not what a forecast needs.
    """

    history: FloatArray
    in_stock: BoolArray
    horizon: int
    settings: Settings = field(default_factory=Settings)
    regressors: Regressors | None = None
    explained: BoolArray | None = None

    def __post_init__(self) -> None:
        if self.explained is not None:
            periods, flags = self.history.size, self.explained.shape
            require(flags == (periods,), "explained", f"of shape {flags}", f"{periods} periods, as those of demand")
        if self.regressors is not None:
            require(isinstance(self.regressors, Regressors), "regressors", self.regressors, "made by Regressors.of")
            told = (self.regressors.periods, self.regressors.horizon)
            needed = (self.history.size, self.horizon)
            require(told == needed, "periods and horizon of the regressors", told, f"{needed}, as those of demand")

    @classmethod
    def of(
        cls,
        history: npt.ArrayLike,
        in_stock: npt.ArrayLike | None,
        horizon: int,
        settings: Settings,
        regressors: Regressors | None = None,
        explained: npt.ArrayLike | None = None,
    ) -> Task:
        """Return a task after checking the history."""
        values, stocked = checked_history(history, in_stock)
        ahead = whole(horizon, "forecast horizon", 1, 10_000, "1 to 10,000 periods")
        unusual = None if explained is None else np.array(explained, dtype=bool)
        return cls(values, stocked, ahead, settings, regressors, unusual)

    @cached_property
    def key(self) -> str:
        """Digest of the content: equal tasks have equal forecasts."""
        explained = () if self.regressors is None else self.regressors.key_parts
        parts = (self.history, self.in_stock, self.horizon, self.settings, self._unusual, *explained)
        return content_key("forecast", METHOD_VERSION, *parts)

    def state_key(self, periods_ago: int) -> str:
        """Digest under which the state of this history is kept, or of its beginning so many periods ago."""
        end = self.history.size - periods_ago
        settings = replace(self.settings, paths=Settings.paths)
        explained = () if self.regressors is None else self.regressors.names
        parts = (self.history[:end], self.in_stock[:end], settings, explained)
        return content_key("state", METHOD_VERSION, *parts)

    @cached_property
    def lifts(self) -> Lifts | None:
        """What prices, promotions and calendar days do to demand; None without any, and for rare demand.

        Rare demand comes in whole units and too seldom to tell what brought it.
        """
        if self.regressors is None or not self.regressors.names:
            return None
        known = self.in_stock & np.isfinite(self.history)
        launched = np.trim_zeros(self.history[known], "f")
        if demand_pattern(launched).name not in ("smooth", "erratic"):
            return None
        # A slip of the pen in one of few promotions would be most of what they seem to do.
        told = np.zeros(self.history.size, dtype=bool) if self.explained is None else self.explained
        sold = without_slips(self.history, known, told, self.settings.season) if told.any() else self.history
        return estimate_lifts(sold, known, self.settings.season, self.regressors)

    @cached_property
    def clean(self) -> CleanHistory:
        """The demand a model may learn from, as it would be without lifts."""
        baseline = self.history if self.lifts is None else self.history / self.lifts.past
        return clean_history(baseline, self.in_stock, self.settings.season, self.explained)

    @property
    def _unusual(self) -> list[int]:
        """Periods that are explained: what counts of the flags for the key."""
        return [] if self.explained is None else np.flatnonzero(self.explained).tolist()

    @cached_property
    def route(self) -> Route:
        """What forecasts it, and why."""
        return route(self.clean, self.settings.method)


class Solved(NamedTuple):
    """A forecast, and what the forecast of a longer history continues from; None where nothing was searched."""

    forecast: Forecast
    state: State | None


def solve(task: Task, state: State | None = None) -> Solved:
    """Return the forecast of a task; the same task with the same state gives the same paths in every process.

    Parameters
    ----------
    task
        What to forecast.
    state
        What an earlier forecast of the beginning of this history left; None to search models afresh.
    """
    with one_thread():
        if task.route.kind == "regular":
            rng, drawn, left = _draw_regular(task, task.route.models, state)
        else:
            rng, left = _source(task.settings.paths), None
            drawn = _DRAWS[task.route.kind](rng, task)
        return Solved(_made(rng, task, drawn, (task.route.why,), *search_notes(state, left)), left)


def without_search(task: Task, why: str) -> Forecast:
    """Return the forecast of a task whose search for models cannot be finished, by simple smoothing alone."""
    with one_thread():
        rng, drawn, _ = _draw_regular(task, ("ses",), None)
        return _made(rng, task, drawn, (why, task.route.why), "search failed")


def _source(paths: int) -> np.random.Generator:
    """Return a source of randomness that depends on nothing but the number of paths.

    Forecasts then change as much as demand did and no more; drawn anew for each history, the safety stock of one
    whose last digit changed would move by several percent.
    """
    return np.random.default_rng(int(content_key("shocks", paths), 16))


@lru_cache(maxsize=1)
def _shocks(paths: int, horizon: int) -> tuple[Shocks, np.random.Generator]:
    """Return the shocks that all histories have in common, and the source after them."""
    rng = _source(paths)
    return regular_shocks(rng, paths, horizon), rng


def _made(rng: np.random.Generator, task: Task, drawn: Drawn, why: tuple[str, ...], *search: Note) -> Forecast:
    """Return the forecast, its baseline lifted by what is planned or expected."""
    paths, model, told, mean = drawn
    words = (*why, *task.clean.notes, *told)
    if task.regressors is not None and task.regressors.names and task.lifts is None:
        words = (*words, "prices and promotions are not used for rare demand")
    if task.lifts is not None:
        # The source is shared with other histories, which must find it as it is.
        paths, mean = paths * task.lifts.draw_future(deepcopy(rng), task.settings.paths), None
        words = (*words, *task.lifts.notes)
    notes = frozenset((*history_notes(task.route, task.clean, task.regressors, task.lifts), *search))
    expected = None if mean is None else _rounded(np.broadcast_to(mean, task.horizon))
    return Forecast(paths.astype(np.float32), model, "; ".join(words), notes, expected)


def _rounded(mean: FloatArray) -> FloatArray:
    """Return a mean without the digits in which equal fits differ from one process to another."""
    return np.array([float(f"{each:.{SOUND_DIGITS}g}") for each in mean.tolist()])


def forecast(
    history: npt.ArrayLike,
    horizon: int,
    *,
    in_stock: npt.ArrayLike | None = None,
    season: int = 1,
    method: str = "auto",
    engine: Engine = "statsforecast",
    order: Order | None = None,
    seasonal_order: Order | None = None,
    regressors: Regressors | None = None,
    explained: npt.ArrayLike | None = None,
    paths: int = 1000,
) -> Forecast:
    """Return the distribution of demand in the coming periods, in item units.

    Regular demand is forecast by several models together (ARIMA, complex exponential smoothing, a long autoregression,
    Theta), rare demand by a smoothed level with the chance and the size of a demand, and what has hardly a history by
    its mean with the width that this deserves. The history's own back-test says how wide the distribution must be.
    Equal arguments give equal paths.

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
        ``auto``, ``ensemble``, ``arima``, ``ets``, ``theta``, ``ces``, ``ses``, ``tsb``, ``imapa``, ``croston``,
        ``sba``, ``seasonal_naive`` or ``median``. It is kept where the history can carry it.
    engine
        Engine of ARIMA: ``statsforecast`` or ``pmdarima``.
    order
        (p, d, q) of ARIMA; searched unless given.
    seasonal_order
        (P, D, Q) of ARIMA beside a given order.
    regressors
        Prices, promotions and calendar days that explain regular demand; see `Regressors.of`.
    explained
        True where demand is known to be unusual, such as in a promotion: it is cut only beyond belief.
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
    >>> rare.model, rare.reason.split("; ")[0], rare.periods
    ('SES/TSB/IMAPA', 'intermittent demand: one in 4.0 periods, 3.0 units each', 4)
    """
    settings = Settings(season, method, engine, order, seasonal_order, paths)
    return solve(Task.of(history, in_stock, horizon, settings, regressors, explained)).forecast


def _draw_none(_: np.random.Generator, task: Task) -> Drawn:
    return np.zeros((task.settings.paths, task.horizon)), "none", [], 0.0


def _draw_dormant(rng: np.random.Generator, task: Task) -> Drawn:
    periods = task.clean.known_periods
    return dormant_paths(rng, periods, task.horizon, task.settings.paths), "no demand", [], dormant_mean(periods)


def _draw_short(rng: np.random.Generator, task: Task) -> Drawn:
    clean = task.clean
    values = clean.values[clean.known] if clean.known.any() else clean.values
    return short_paths(rng, values, task.horizon, task.settings.paths), "mean", [], float(values.mean())


def _draw_rare(rng: np.random.Generator, task: Task) -> Drawn:
    clean, (method,) = task.clean, task.route.models
    return occasional_demand(rng, clean.values, clean.known, task.horizon, task.settings.paths, method)


def _draw_regular(
    task: Task, models: tuple[str, ...], state: State | None
) -> tuple[np.random.Generator, Drawn, State | None]:
    clean = task.clean
    shocks, rng = _shocks(task.settings.paths, task.horizon)
    made = regular_forecast(shocks, clean.levelled, clean.known, task.horizon, task.settings, models, state)
    return rng, (made.paths, made.model, [*clean.shift_notes, *made.notes], made.mean), made.state


_DRAWS: dict[str, Callable[[np.random.Generator, Task], Drawn]] = {
    "none": _draw_none,
    "dormant": _draw_dormant,
    "short": _draw_short,
    "rare": _draw_rare,
}
