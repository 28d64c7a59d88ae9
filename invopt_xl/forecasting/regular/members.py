"""Models of regular demand, all of its square root; the ensemble averages them, and each can be asked for alone.

The square root makes the spread of counts and sales nearly constant (Bartlett 1936, "The square root transformation
in analysis of variance", Journal of the Royal Statistical Society Supplement 3, 68-78), so that one additive model
serves what grows and what is small, and demand drawn from it is never negative.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.forecasting.arima.average import fit_arima_average
from invopt_xl.forecasting.arima.warm import ArimaState, keep_state, needs_search, update_arima
from invopt_xl.forecasting.cleaning.baselines import BoolArray
from invopt_xl.forecasting.regular.kernels import (
    complex_smoothing,
    dynamic_theta,
    fit_complex_smoothing,
)
from invopt_xl.forecasting.regular.smoothing import smoothed_level
from invopt_xl.forecasting.settings import Settings
from invopt_xl.forecasting.simulation import recursion

State = Mapping[str, Any]
"""What a fitted model continues from over a longer history: numbers, texts and lists of them, as JSON holds them."""

LAGS_WITHOUT_SEASON = 12
"""Lags of an autoregression without a season; with one, it has two seasons of lags."""

RIDGE = 0.3
"""Penalty of an autoregression, as a share of the mean sum of squares of its lags."""

PERIODS_PER_LAG = 3
"""An autoregression has at most one lag for so many periods."""

LARGEST_RESPONSE = 2.0
"""No shock echoes louder than this: an autoregression near an explosive root would drown the forecast in noise."""


LARGEST_GROWTH = 1.5
"""Growth of the variance of errors from which a smoothing is not continued: some coefficients suit one start only."""


@dataclass(frozen=True, eq=False)
class Series:
    """The square root of a complete history that was scaled to a mean demand near one.

    Parameters
    ----------
    values
        Square roots, oldest first.
    known
        False where the value is an estimate: it is smoother than demand, so its errors say nothing.
    season
        Periods per season; 1 without one that the models can use.
    damping
        Share of a slope that is left a period later.
    settings
        Engine and orders of ARIMA.
    periods
        Periods of the whole history, of which the values are the last.
    """

    values: FloatArray
    known: BoolArray
    season: int
    damping: float
    settings: Settings
    periods: int = 0

    def before(self, periods: int) -> Series:
        """Return the series as it was so many periods ago."""
        end = self.values.size - periods
        season = self.season if end >= 2 * self.season else 1
        earlier = self.periods - periods
        return Series(self.values[:end], self.known[:end], season, self.damping, self.settings, earlier)

    def deviation(self, errors: FloatArray, parameters: float) -> float:
        """Return the standard deviation of one-step errors, which end with the series, from known periods alone."""
        known = self.known[self.known.size - errors.size :]
        told = errors[known] if known.sum() > parameters + 2 else errors
        return float(np.sqrt((told**2).sum() / max(told.size - parameters * told.size / errors.size, 1.0)))


@dataclass(frozen=True, eq=False)
class Memory:
    """How shocks last: what the spread of a forecast is made of.

    Parameters
    ----------
    deviation
        Standard deviation of a shock.
    responses
        What is left of a shock 0, 1, 2, ... periods later, shape (horizon,), beginning with 1.
    """

    deviation: float
    responses: FloatArray


@dataclass(frozen=True, eq=False)
class Member:
    """A model's forecast on the square-root scale.

    Parameters
    ----------
    name
        The model in the usual notation.
    mean
        Shape (horizon,).
    memory
        How its shocks last; None where the model does not say so reliably.
    state
        Coefficients to continue from.
    """

    name: str
    mean: FloatArray
    memory: Memory | None = None
    state: State = field(default_factory=dict)

    def __post_init__(self) -> None:
        numbers = [self.mean] if self.memory is None else [self.mean, self.memory.responses]
        deviation = 0.0 if self.memory is None else self.memory.deviation
        if not (np.isfinite(numbers).all() and math.isfinite(deviation)):
            raise ArithmeticError("the forecasts are not finite")


def autoregression(series: Series, horizon: int, _: State | None = None) -> Member:
    """Return a long autoregression around the mean of the last season, shrunk by a ridge penalty.

    Many lags, two seasons of them, take in what models of few terms leave out; the penalty (Hoerl & Kennard 1970,
    "Ridge regression", Technometrics 12, 55-67) keeps them from learning noise. It costs one linear system.
    """
    values = series.values
    around = series.season if series.season > 1 else LAGS_WITHOUT_SEASON
    wanted = 2 * series.season if series.season > 1 else LAGS_WITHOUT_SEASON
    lags = max(min(wanted, values.size // PERIODS_PER_LAG), 1)
    window = np.lib.stride_tricks.sliding_window_view(values, lags)[:-1, ::-1]
    around = min(around, lags)
    centre = window[:, :around].mean(axis=1)
    design, target = window - centre[:, None], values[lags:] - centre
    products = design.T @ design
    penalty = max(RIDGE * float(np.trace(products)) / lags, 1e-30)
    both = np.column_stack([design.T @ target, products])
    solved = np.linalg.solve(products + penalty * np.eye(lags), both)
    weights, used = solved[:, 0], float(np.trace(solved[:, 1:]))
    deviation = series.deviation(target - design @ weights, used)
    weights[:around] += (1 - weights.sum()) / around
    mean = recursion(weights, values[-lags:], np.zeros(horizon))
    responses = recursion(weights, np.zeros(lags), np.eye(1, horizon)[0])
    memory = Memory(deviation, np.clip(responses, -LARGEST_RESPONSE, LARGEST_RESPONSE))
    return Member(f"AR({lags})", mean, memory)


class OutdatedError(Exception):
    """Kept models do not fit new demand any more; the message says why."""


def arima(series: Series, horizon: int, state: State | None = None) -> Member:
    """Return the average of the ARIMA models that a search finds, or that of given orders, every drift fading.

    It has the name of the best of them.
    """
    how, values = series.settings, series.values
    previous = None
    if state is None:
        average = fit_arima_average(values, horizon, series.season, how.engine, how.order, how.seasonal_order)
    else:
        try:
            previous = ArimaState.from_arrays({name: np.array(value) for name, value in state.items()})
        except ArithmeticError as error:
            raise OutdatedError(str(error)) from None
        average = update_arima(previous, values, horizon)
        if reasons := needs_search(previous, average, values, series.periods):
            raise OutdatedError(", ".join(reasons))
    responses = np.clip(average.responses(horizon), -LARGEST_RESPONSE, LARGEST_RESPONSE)
    kept = keep_state(average, values, series.periods, previous).to_arrays()
    state = {name: value.tolist() for name, value in kept.items()}
    memory = Memory(series.deviation(average.residuals, average.parameters), responses)
    return Member(average.best.name, average.damped(series.damping).mean, memory, state)


def complex_exponential(series: Series, horizon: int, state: State | None = None) -> Member:
    """Return complex exponential smoothing, see `kernels.fit_complex_smoothing`."""
    values, before = series.values, series.periods - series.values.size
    if state is None:
        made = fit_complex_smoothing(values, series.season)
    else:
        kind, coefficients = state["kind"], tuple(state["coefficients"])
        # Where the beginning of the history slides on, the season of the start moves with it.
        start = np.roll(np.array(state["start"]), state["before"] - before, axis=0)
        made = complex_smoothing(values, kind, coefficients, start)
        if not made.variance <= LARGEST_GROWTH * state["variance"]:
            return complex_exponential(series, horizon)
    kept = {"kind": made.kind, "coefficients": made.coefficients, "start": made.start.tolist(), "before": before}
    return Member(f"CES({made.kind})", made.forecast(horizon), None, {**kept, "variance": made.variance})


def theta(series: Series, horizon: int, state: State | None = None) -> Member:
    """Return the dynamic optimised Theta model, see `kernels.dynamic_theta`."""
    made = dynamic_theta(series.values, series.season, None if state is None else state["coefficients"])
    if state is not None and not made.variance <= LARGEST_GROWTH * state["variance"]:
        return theta(series, horizon)
    return Member("Theta", made.forecast(horizon), None, {"coefficients": made.coefficients, "variance": made.variance})


def exponential_smoothing(series: Series, horizon: int, state: State | None = None) -> Member:
    """Return the additive exponential smoothing that the corrected Akaike criterion prefers (Hyndman et al. 2002)."""
    from statsforecast.ets import ets_f, forecast_ets

    if state is None:
        model = ets_f(series.values, series.season, additive_only=True)  # type: ignore[no-untyped-call]
    else:
        kept = {**state, "par": np.array(state["par"]), "fit": None}
        model = ets_f(series.values, series.season, model=kept)  # type: ignore[no-untyped-call]
    variance = float(model["sigma2"])
    if state is not None and not variance <= LARGEST_GROWTH * state["variance"]:
        return exponential_smoothing(series, horizon)
    mean = forecast_ets(model, horizon)["mean"]  # type: ignore[no-untyped-call]
    error, trend, season, damped = list(str(model["components"]))
    keep = {"m": int(model["m"]), "components": str(model["components"]), "n_params": int(model["n_params"])}
    keep |= {"par": [float(value) for value in model["par"]], "variance": variance}
    name = f"ETS({error},{trend}{'d' if damped == 'D' else ''},{season})"
    return Member(name, np.asarray(mean), None, keep)


def simple_smoothing(series: Series, horizon: int, _: State | None = None) -> Member:
    """Return simple exponential smoothing: the last level for ever (Brown 1956)."""
    return Member("SES", np.full(horizon, smoothed_level(series.values)))


def seasonal_naive(series: Series, horizon: int, _: State | None = None) -> Member:
    """Return the last season again; without a season, the last value."""
    season = series.season
    errors = series.values[season:] - series.values[:-season]
    repeats = (np.arange(horizon) % season == 0).astype(np.float64)
    mean = np.resize(series.values[-season:], horizon)
    return Member(f"seasonal naive [{season}]", mean, Memory(float(np.sqrt((errors**2).mean())), repeats))


def median(series: Series, horizon: int, _: State | None = None) -> Member:
    """Return the median of the history."""
    middle = float(np.median(series.values))
    spread = float(np.sqrt(((series.values - middle) ** 2).mean()))
    return Member("median", np.full(horizon, middle), Memory(spread, np.eye(1, horizon)[0]))


Fit = Callable[[Series, int, State | None], Member]

FITS: dict[str, Fit] = {
    "arima": arima,
    "ces": complex_exponential,
    "autoregression": autoregression,
    "theta": theta,
    "ets": exponential_smoothing,
    "ses": simple_smoothing,
    "seasonal_naive": seasonal_naive,
    "median": median,
}

ENSEMBLE = ("arima", "ces", "autoregression", "theta")
"""Whose mean beats each of them: unlike models with unlike errors. ETS joined to them costs more and adds nothing."""


def fit_members(
    names: tuple[str, ...], series: Series, horizon: int, states: Mapping[str, State]
) -> tuple[dict[str, Member], list[str]]:
    """Return the members that could be fitted, and in words which could not.

    Parameters
    ----------
    names
        Keys of `FITS`.
    series
        What they are fitted to.
    horizon
        Periods ahead.
    states
        What to continue from by name; a member without is estimated.

    Raises
    ------
    OutdatedError
        If what is kept does not fit any more.
    """
    members: dict[str, Member] = {}
    failures: list[str] = []
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        # The libraries warn about models that they try and drop.
        warnings.simplefilter("ignore")
        for name in names:
            try:
                members[name] = FITS[name](series, horizon, states.get(name))
            except OutdatedError:
                raise
            except Exception as error:  # noqa: BLE001 - the libraries document no errors; the other members remain
                failures.append(f"{name} could not be fitted ({type(error).__name__}: {error})")
    return members, failures
