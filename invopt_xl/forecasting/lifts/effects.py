"""Lifts: how price, promotions and calendar days multiply demand, how sure that is, and what it means for the future.

Demand divided by its past lifts is what every model forecasts; its paths times the coming lifts are the forecast.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.errors import InputError, require
from invopt_xl.forecasting.checks import numbers
from invopt_xl.forecasting.cleaning.history import BoolArray, checked_history
from invopt_xl.forecasting.lifts.coming import lenders, lent_periods
from invopt_xl.forecasting.lifts.design import Design, design
from invopt_xl.forecasting.lifts.fit import Coefficients, fit_coefficients
from invopt_xl.forecasting.lifts.regressors import Kind, Regressors
from invopt_xl.forecasting.settings import whole

PRIORS: dict[Kind, tuple[float, float]] = {"price": (-0.5, 1.5), "promotion": (0.0, 0.7), "calendar": (0.0, 0.3)}
"""Mean and standard deviation of an effect on log demand before any demand of the item was seen.

A few promotions move the lift only part of the way to what they showed. Tuned on weekly sales of stores, where results
are flat around these numbers: a stronger prior on prices gained nothing where prices mattered and cost where they did
not. Leaving out effects that fail a test made forecasts worse at every threshold tried, so a doubtful effect is drawn
towards its prior and not dropped.
"""

LONGEST_HISTORY, SEASONS = 520, 3
"""Older periods than so many, or than so many seasons, are not used."""

FEWEST_PERIODS, FEWEST_SALES = 8, 3
"""With less nothing can be said."""

RECENT = 104
"""Periods that may lend their prices and promotions to coming ones where these are not given."""

LARGEST_EFFECT: dict[Kind, float] = {"price": 8.0, "promotion": 3.0, "calendar": 3.0}
"""Bounds of an effect on log demand: an elasticity of -8, a factor of 20."""

LARGEST_LIFT = 3.0
"""Bound of all effects of a period together, in logs: a factor of 20."""

_FLAGS = "true or false for each period"

Z80 = 1.2815515655446004
"""Standard deviations from the mean to either end of an 80% interval, of a normal distribution."""


@dataclass(frozen=True)
class Effect:
    """What one regressor does to demand.

    Parameters
    ----------
    name
        The regressor.
    kind
        ``price``, ``promotion`` or ``calendar``.
    value
        Of a price its elasticity, not positive: the percentage demand changes for a price one percent higher. Of a
        promotion or an event the factor on demand.
    low, high
        The interval that holds the value with a chance of 80%.
    periods
        Periods it was seen in: those with another price than the usual, with a promotion, or with the event.
    """

    name: str
    kind: Kind
    value: float
    low: float
    high: float
    periods: int

    @property
    def words(self) -> str:
        """The effect as a phrase.

        Examples
        --------
        >>> Effect("promotion", "promotion", 1.45, 1.3, 1.62, 12).words
        'promotion lifts demand by 45% (80%: 30% to 62%; seen in 12 periods)'
        """
        seen = f"{self.periods} period{'' if self.periods == 1 else 's'}"
        if self.kind == "price":
            return (
                f"elasticity of {self.name} {self.value:.1f} (80%: {self.low:.1f} to {self.high:.1f}; "
                f"it differed in {seen})"
            )
        percent, low, high = (f"{100 * (factor - 1):.0f}%" for factor in (self.value, self.low, self.high))
        verb = "lifts demand by" if self.value >= 1 else "changes demand by"
        return f"{self.name} {verb} {percent} (80%: {low} to {high}; seen in {seen})"


@dataclass(frozen=True, eq=False)
class Lifts:
    """Multipliers of demand, past and coming.

    Parameters
    ----------
    past
        What demand of each period was multiplied by, shape (periods,); 1 at the usual price without promotion.
    coefficients, covariance
        Effects on log demand, and their doubt.
    coming
        Regressors of the coming periods in the same terms, NaN where not known, shape (horizon, columns).
    recent
        Regressors of recent periods, which come again where nothing else is known, shape (periods, columns).
    effects
        The effects found.
    notes
        The effects in words, what could not be found, and what was assumed.
    """

    past: FloatArray
    coefficients: FloatArray
    covariance: FloatArray
    coming: FloatArray
    recent: FloatArray
    effects: tuple[Effect, ...]
    notes: tuple[str, ...]

    @property
    def future(self) -> FloatArray:
        """Expected multiplier of each coming period, shape (horizon,)."""
        suited = lenders(self.coming, self.recent)
        rows = np.where(np.isnan(self.coming)[:, None, :], self.recent, self.coming[:, None, :])
        return np.asarray((_multipliers(rows, self.coefficients) * suited).sum(axis=1) / suited.sum(axis=1))

    def draw_future(self, rng: np.random.Generator, paths: int) -> FloatArray:
        """Return multipliers of the coming periods, shape (paths, horizon), each path with effects of its own.

        They vary as far as the effects are in doubt and as far as prices and promotions are not known; their mean is
        `future`.
        """
        if not self.coefficients.size:
            return np.ones((paths, self.coming.shape[0]))
        lent = lent_periods(rng, self.coming, self.recent, paths)
        values, vectors = np.linalg.eigh(self.covariance)
        spread = vectors * np.sqrt(np.maximum(values, 0))
        doubts = rng.standard_normal((paths, values.size)) @ spread.T
        drawn = np.empty((paths, self.coming.shape[0]))
        for period, plan in enumerate(self.coming):
            rows = np.where(np.isnan(plan), self.recent[lent[:, period]], plan)
            # The mean of a lognormal is above its median by half its variance.
            doubt = (rows * doubts).sum(axis=1) - ((rows @ spread) ** 2).sum(axis=1) / 2
            logs = np.clip(rows @ self.coefficients, -LARGEST_LIFT, LARGEST_LIFT) + doubt
            drawn[:, period] = np.exp(np.clip(logs, -LARGEST_LIFT - 1, LARGEST_LIFT + 1))
        return drawn


def estimate_lifts(values: npt.ArrayLike, known: npt.ArrayLike, season: int, regressors: Regressors) -> Lifts:
    """Return what the regressors do to demand.

    Demand is a level that wanders, times a season, times exp(x beta): see `fit`. Effects are drawn towards
    their prior (`PRIORS`) as far as demand is silent about them, elasticities are not positive and promotions do not
    lower demand. A regressor that never changed has no effect.

    Parameters
    ----------
    values
        Demand per period as recorded, item units, oldest first; NaN where unknown.
    known
        False where sales were censored by a stock-out; these periods do not count.
    season
        Periods per season; 1 without.
    regressors
        The columns of the same periods.

    Raises
    ------
    InputError
        If demand is negative, infinite or not numeric, or history, `known` and regressors have different lengths.

    Examples
    --------
    >>> promotion = np.tile([0, 0, 0, 0, 1.0], 12)
    >>> regressors = Regressors.of(60, 2, promotion=promotion, future_promotion=[0, 1])
    >>> demand = 100.0 + 50 * promotion + np.tile([3.0, -4, 0], 20)
    >>> lifts = estimate_lifts(demand, np.ones(60, dtype=bool), 1, regressors)
    >>> lifts.notes[0], lifts.future.round(1).tolist()
    ('promotion lifts demand by 50% (80%: 49% to 52%; seen in 12 periods)', [1.0, 1.5])
    """
    values, known = _checked(values, known)
    season = whole(season, "season", 1, 10_000, "1 (no season) to 10,000 periods")
    made = isinstance(regressors, Regressors)
    require(made, "regressors", f"of type {type(regressors).__name__}", "made by Regressors.of")
    expected = f"{values.size}, as many as the history has"
    require(regressors.periods == values.size, "periods of the regressors", regressors.periods, expected)
    used = _used(values, known, season)
    if not regressors.names or used.sum() < FEWEST_PERIODS or (values[used] > 0).sum() < FEWEST_SALES:
        short = ("history too short to learn lifts from",) if regressors.names else ()
        return _no_lifts(regressors, short)
    columns = design(regressors, used)
    while columns.names:
        start = int(np.argmax(used))
        prior, spread = np.array([PRIORS[kind] for kind in columns.kinds]).T
        found = fit_coefficients(values[start:], used[start:], season, columns.past[start:], prior, spread)
        wrong = _worst(columns, found)
        if wrong is None:
            return _lifts(columns, found, regressors)
        columns = columns.without(wrong, f"{columns.names[wrong]} {_REFUSED[columns.kinds[wrong]]}")
    return _no_lifts(regressors, columns.notes)


_REFUSED: dict[Kind, str] = {
    "price": "did not lower demand where it was higher: no elasticity of it is used",
    "promotion": "did not lift demand: no lift of it is used",
}


def _checked(values: npt.ArrayLike, known: npt.ArrayLike) -> tuple[FloatArray, BoolArray]:
    """Return demand and what is known of it as arrays of one length."""
    demand, _ = checked_history(values, None)
    flags = numbers(known, "known", _FLAGS)
    require(flags.shape == demand.shape, "shape of known", flags.shape, f"{demand.shape}, as that of demand")
    odd = np.flatnonzero((flags != 0) & (flags != 1))
    if odd.size:
        raise InputError(f"known in period {odd[0] + 1} of {flags.size} is {flags[odd[0]]:g}; expected {_FLAGS}")
    return demand, flags == 1


def _used(values: FloatArray, known: BoolArray, season: int) -> BoolArray:
    """Return which periods count: known ones from the first sale on, not too old."""
    used = known & np.isfinite(values)
    sales = np.flatnonzero(used & (np.nan_to_num(values) > 0))
    first = int(sales[0]) if sales.size else values.size
    used[: max(first, values.size - max(LONGEST_HISTORY, SEASONS * season))] = False
    return used


def _worst(columns: Design, found: Coefficients) -> int | None:
    """Return the column whose effect has the wrong sign most clearly, or None where all signs are possible."""
    signs = np.array([{"price": -1, "promotion": 1, "calendar": 0}[kind] for kind in columns.kinds])
    wrongness = -signs * found.mean / np.sqrt(np.diag(found.covariance))
    return int(np.argmax(wrongness)) if (wrongness > 0).any() else None


def _lifts(columns: Design, found: Coefficients, regressors: Regressors) -> Lifts:
    bounds = np.array([LARGEST_EFFECT[kind] for kind in columns.kinds])
    mean = np.clip(found.mean, -bounds, bounds)
    deviations = np.sqrt(np.diag(found.covariance))
    effects = tuple(
        _effect(name, kind, float(mean[place]), Z80 * float(deviations[place]), columns.seen[place])
        for place, (name, kind) in enumerate(zip(columns.names, columns.kinds, strict=True))
    )
    notes = (*(effect.words for effect in effects), *columns.notes, *regressors.assumptions)
    past = _multipliers(columns.past, mean)
    return Lifts(past, mean, found.covariance, columns.coming, columns.past[-RECENT:], effects, notes)


def _effect(name: str, kind: Kind, value: float, half: float, seen: int) -> Effect:
    low, high = value - half, value + half
    if kind == "price":
        return Effect(name, kind, value, low, min(high, 0.0), seen)
    low = max(low, 0.0) if kind == "promotion" else low
    return Effect(name, kind, float(np.exp(value)), float(np.exp(low)), float(np.exp(high)), seen)


def _no_lifts(regressors: Regressors, notes: tuple[str, ...]) -> Lifts:
    nothing, ahead, recent = np.empty(0), np.empty((regressors.horizon, 0)), np.empty((1, 0))
    return Lifts(np.ones(regressors.periods), nothing, np.empty((0, 0)), ahead, recent, (), notes)


def _multipliers(columns: FloatArray, effects: FloatArray) -> FloatArray:
    return np.asarray(np.exp(np.clip(columns @ effects, -LARGEST_LIFT, LARGEST_LIFT)))
