"""Regular demand: sample paths around the joint forecast of several models of its square root.

All members share the shocks of a path, so averaging them averages their quantiles and keeps sums over periods
right. How wide the paths spread is told by the history's own back-test: models promise too much by themselves.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.forecasting.cleaning.baselines import BoolArray
from invopt_xl.forecasting.regular.ensemble import Joined, join_members
from invopt_xl.forecasting.regular.members import OutdatedError, Series, State
from invopt_xl.forecasting.regular.smoothing import LONGEST_MODELLED_SEASON, seasonal_indices
from invopt_xl.forecasting.settings import Settings
from invopt_xl.forecasting.simulation import Shocks, lasting_errors

LONGEST_HISTORY = 400
"""Older periods are not fitted; they cost time and describe another market."""

POINTS_FOR_A_TREND = 48
"""With fewer periods, or less than two seasons, a slope may be a part of the season, so it fades soon."""

DAMPING = 0.98
"""Share of a slope that is left a period later."""

SHORT_DAMPING = 0.9
"""The same where the history is too short to tell a slope from a season."""

LARGEST_RISE = 0.5
"""Expected demand stays within the range of the history and this share of it more."""

SMALLEST_MEAN = 0.02
"""Expected demand is at least this share of the mean of the history."""

LONGEST_UNSEARCHED = 8
"""Periods after which models are searched again rather than continued."""

PAST_COMPARED = 24
"""Periods before the last forecast in which a rewritten past is looked for."""

CHANGED_PAST = 0.01
"""Change of their mean from which the past counts as rewritten."""

DEGREES = 12
"""Degrees of freedom of errors: how wide they spread is known from few errors, so that far ones are not so rare."""

STUDENT_WIDTH = 0.95
"""Factor on such errors that leaves the middle 80% as wide as that of normal ones."""

PATH_LIMIT = 10.0
"""No path goes beyond this multiple of the largest demand."""


@dataclass(frozen=True, eq=False)
class RegularForecast:
    """Paths of regular demand, and how they came about.

    Parameters
    ----------
    paths
        Demand per period, item units, shape (paths, horizon).
    model
        The models' names.
    notes
        What was out of the ordinary, a phrase each.
    state
        What a later, longer history continues from.
    mean
        Expected demand of each period, item units; None where paths were cut.
    """

    paths: FloatArray
    model: str
    notes: tuple[str, ...]
    state: State
    mean: FloatArray | None


def regular_shocks(rng: np.random.Generator, paths: int, horizon: int) -> Shocks:
    """Return draws for so many paths and periods; all shocks of a path are as wide as one draw says.

    Parameters
    ----------
    rng
        Source of randomness.
    paths, horizon
        Their shape.
    """
    widths = STUDENT_WIDTH * np.sqrt(DEGREES / rng.chisquare(DEGREES, size=(paths, 1)))
    level, each = Shocks.drawn(rng, paths, horizon)
    return Shocks(widths * level, widths * each)


def regular_forecast(
    shocks: Shocks,
    values: FloatArray,
    known: BoolArray,
    horizon: int,
    settings: Settings,
    names: tuple[str, ...],
    state: State | None = None,
) -> RegularForecast:
    """Return paths of regular demand by these models together.

    Parameters
    ----------
    shocks
        Source of randomness: as many paths and periods as are forecast.
    values
        Demand per period, item units, complete, with a positive mean.
    known
        False where the value is an estimate.
    horizon
        Periods ahead.
    settings
        Season, number of paths, engine and orders of ARIMA.
    names
        Models by their keys in `members.FITS`.
    state
        What an earlier forecast of the beginning of this history left.
    """
    history = _prepared(values, known, horizon, settings, names)
    notes: list[str] = []
    if state is not None and (reason := _outdated(state, history, values, names)) is None:
        try:
            made = _forecast(shocks, history, horizon, names, state)
        except OutdatedError as error:
            reason = str(error)
        else:
            age = values.size - state["searched"]
            return replace(
                made, notes=(f"models of {age} {'period' if age == 1 else 'periods'} ago continued", *made.notes)
            )
    if state is not None and reason:
        notes.append(f"models searched again: {reason}")
    try:
        made = _forecast(shocks, history, horizon, names, None)
    except ArithmeticError as error:
        notes.append(f"{error}: simple smoothing in its place")
        made = _forecast(shocks, history, horizon, ("ses",), None)
    return replace(made, notes=(*notes, *made.notes))


@dataclass(frozen=True, eq=False)
class _History:
    """The recent part of a history, its long season apart.

    Parameters
    ----------
    values
        Demand per period, item units, without its long season.
    ahead
        Index of the long season in each coming period; 1 without.
    series
        The square root of the same, scaled to a mean of one.
    past
        Mean of the last `PAST_COMPARED` periods, item units.
    """

    values: FloatArray
    ahead: FloatArray
    series: Series
    past: float

    def scaled(self, scale: float) -> Series:
        """Return the series at another scale."""
        return replace(self.series, values=np.sqrt(self.values / scale))


def _prepared(
    values: FloatArray, known: BoolArray, horizon: int, settings: Settings, names: tuple[str, ...]
) -> _History:
    season = settings.season
    kept = max(LONGEST_HISTORY, 3 * season)
    recent = values[-kept:]
    if names == ("seasonal_naive",):
        past, ahead, usable = np.ones(recent.size), np.ones(horizon), season if recent.size > season else 1
    else:
        past, ahead, usable = _season_apart(recent / recent.mean(), season, horizon)
    apart = recent / past
    trending = recent.size >= max(POINTS_FOR_A_TREND, 2 * season)
    damping = DAMPING if trending else SHORT_DAMPING
    series = Series(np.sqrt(apart / recent.mean()), known[-kept:], usable, damping, settings, values.size)
    return _History(apart, ahead, series, float(values[-PAST_COMPARED:].mean()))


def _outdated(state: State, history: _History, values: FloatArray, names: tuple[str, ...]) -> str | None:
    """Return why the state cannot be continued, in words, nothing where it is of another kind; None where it can."""
    new = values.size - state["periods"]
    if state["names"] != list(names) or new < 0:
        return ""
    if values.size - state["searched"] > LONGEST_UNSEARCHED:
        return ""
    if state["season"] != history.series.season:
        return "there is enough history for another season"
    before = values[: values.size - new][-PAST_COMPARED:]
    if abs(float(before.mean()) - state["past"]) > CHANGED_PAST * state["past"]:
        return "the past was rewritten"
    return None


def _forecast(
    shocks: Shocks, history: _History, horizon: int, names: tuple[str, ...], state: State | None
) -> RegularForecast:
    scale = float(history.values.mean()) if state is None else state["scale"]
    series = history.scaled(scale)
    joined = join_members(names, series, horizon, state)
    drawn, expected, cuts = _drawn(shocks, joined, series, history.ahead, repeating=names == ("seasonal_naive",))
    kept = {
        **joined.state,
        "scale": scale,
        "names": list(names),
        "season": series.season,
        "periods": series.periods,
        "past": history.past,
        "searched": series.periods if state is None else state["searched"],
    }
    mean = None if expected is None else expected * scale
    return RegularForecast(drawn * scale, " + ".join(joined.names), (*joined.failures, *cuts), kept, mean)


def _season_apart(values: FloatArray, season: int, horizon: int) -> tuple[FloatArray, FloatArray, int]:
    """Return seasonal indices of the past and the future, and the season that is left to the models."""
    if season <= LONGEST_MODELLED_SEASON:
        return np.ones(values.size), np.ones(horizon), season if values.size >= 2 * season else 1
    indices = seasonal_indices(values, season)
    if indices is None:
        return np.ones(values.size), np.ones(horizon), 1
    places = np.arange(values.size + horizon) % season
    return indices[places[: values.size]], indices[places[values.size :]], 1


def _drawn(
    shocks: Shocks, joined: Joined, series: Series, indices: FloatArray, *, repeating: bool
) -> tuple[FloatArray, FloatArray | None, list[str]]:
    low, high = float(series.values.min()) ** 2, float(series.values.max()) ** 2
    top = np.sqrt(max(high + LARGEST_RISE * (high - low), SMALLEST_MEAN))
    notes = ["rise held near the range of the history"] if (joined.mean > top).any() else []
    if (joined.mean < np.sqrt(SMALLEST_MEAN)).any():
        notes.append("decline held above zero")
    mean = np.clip(joined.mean, np.sqrt(SMALLEST_MEAN), top)
    drawn = mean + lasting_errors(shocks, joined.memory.deviation * joined.memory.responses, joined.level_deviation)
    np.maximum(drawn, 0.0, out=drawn)
    drawn *= drawn
    # The square of what spreads has a larger mean: by shocks, as in the history; doubt about the level is no growth.
    # What repeats the last season is meant to repeat it, and can be checked against it.
    expected = (mean**2 + (0.0 if repeating else joined.memory.deviation**2)) * indices
    drawn *= expected / np.maximum(drawn.mean(axis=0), np.finfo(np.float64).tiny)
    limit = PATH_LIMIT * high * float(indices.max())
    if drawn.max() > limit:
        np.minimum(drawn, limit, out=drawn)
        notes.append(f"paths held below {PATH_LIMIT:g} times the largest demand")
        return drawn, None, notes
    return drawn, expected, notes
