"""Rare, short and absent demand as sample paths, with the reason for them in words."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.domain.words import counted
from invopt_xl.errors import require
from invopt_xl.forecasting.cleaning.history import BoolArray
from invopt_xl.forecasting.rare.distribution import Outlook, alive_chance, rare_paths, silence
from invopt_xl.forecasting.rare.levels import CONSTANTS, LEVELS
from invopt_xl.forecasting.simulation import demand_paths, linear_errors

PRIOR_PERIODS = 2.0
"""A short history counts as if it had this many periods more, at the variation below."""

PRIOR_VARIATION = 0.6
"""Coefficient of variation assumed of demand nobody has seen enough of."""

LONGEST_MEMORY = 104
"""Periods without any demand beyond this many say nothing more about the next ones."""

SMALLEST_EXACT, LARGEST_EXACT = 1e-6, 1e12
"""Demand outside is scaled before it is squared."""

MODEL_NAMES = MappingProxyType(
    {"auto": "SES/TSB/IMAPA", "ses": "SES", "tsb": "TSB", "imapa": "IMAPA", "croston": "Croston", "sba": "SBA"}
)
"""What a forecast's model is called."""

_BY = MappingProxyType(
    {
        "auto": "the median of SES, TSB and IMAPA",
        "ses": "simple exponential smoothing",
        "tsb": "Teunter-Syntetos-Babai",
        "imapa": "multiple temporal aggregation",
        "croston": "Croston's method",
        "sba": "the Syntetos-Boylan approximation",
    }
)

BLIND = ("croston", "sba")
"""Methods whose level changes with demands only."""

ALIVE_TOLD = 0.5
"""The chance that an item still sells is told below this."""

HIGHEST = 0.975
"""The highest quantile that a forecast table carries; where it is zero, that is told."""


def occasional_demand(
    rng: np.random.Generator,
    values: FloatArray,
    known: BoolArray,
    horizon: int,
    paths: int,
    method: str = "auto",
) -> tuple[FloatArray, str, list[str], float]:
    """Return sample paths of rare demand, shape (paths, horizon), the model's name, notes in words, and the mean.

    The mean is that of each period as the method has it, item units, which paths are draws around.

    The method estimates how much is demanded per period; the paths spread it into a chance of demand and sizes, see
    `rare_paths`. What was never demanded is forecast by `dormant_paths`.

    Parameters
    ----------
    rng
        Source of randomness.
    values
        Demand per period, item units, complete.
    known
        False where the value is an estimate; such periods are left out.
    horizon
        Periods ahead.
    paths
        How many paths.
    method
        ``auto``, ``ses``, ``tsb``, ``imapa``, ``croston`` or ``sba``.

    Raises
    ------
    InputError
        If the method is none of these, or there is no period.

    Examples
    --------
    >>> parts = np.array([0, 2, 0, 0, 1, 0, 0, 0, 2, 0, 1, 0.0])
    >>> drawn, model, notes, mean = occasional_demand(np.random.default_rng(1), parts, parts >= 0, 6, 1000)
    >>> model, notes, drawn.shape
    ('SES/TSB/IMAPA', ['0.408 units a period by the median of SES, TSB and IMAPA'], (1000, 6))
    """
    require(method in LEVELS, "method for rare demand", method, f"one of {', '.join(LEVELS)}")
    require(values.size > 0, "demand history", "empty", "one period at least")
    observed = values[known] if (values[known] > 0).any() else values
    if not observed.any():
        return dormant_paths(rng, observed.size, horizon, paths), "no demand", [], dormant_mean(observed.size)
    largest = float(observed.max())
    # In units of the largest demand only where squares and products would leave the numbers there are.
    unit = largest if not SMALLEST_EXACT < largest < LARGEST_EXACT else 1.0
    level = LEVELS[method](_after_first(observed) / unit, CONSTANTS)
    made, outlook = rare_paths(rng, observed / unit, level, horizon, paths)
    notes = _notes(observed, method, level.mean, outlook, unit)
    return made * unit, MODEL_NAMES[method], notes, outlook.mean * unit


def _after_first(observed: FloatArray) -> FloatArray:
    """Return the history after a demand in its first period, which began it and says nothing about how often."""
    return observed[1:] if observed[0] > 0 and observed[1:].any() else observed


def _notes(observed: FloatArray, method: str, level: float, outlook: Outlook, unit: float) -> list[str]:
    notes = [f"{outlook.mean * unit:,.3g} units a period by {_BY[method]}"]
    often = outlook.alive * outlook.chance
    if often < 1 - HIGHEST:
        notes.append(f"a demand in {often:.1%} of periods: the {HIGHEST:.1%} quantile of a single one is zero")
    idle = silence(observed)
    if method in BLIND and alive_chance(observed) < ALIVE_TOLD:
        return [*notes, f"no demand for {counted(idle, 'period')}, which this method does not see"]
    if outlook.mean > level * 1.01:
        notes.append(f"not less than a third of a demand in {idle + 1} periods")
    if outlook.alive < ALIVE_TOLD:
        notes.append(f"no demand for {counted(idle, 'period')}: it still sells in {outlook.alive:.0%} of the paths")
    return notes


def short_paths(rng: np.random.Generator, values: FloatArray, horizon: int, paths: int) -> FloatArray:
    """Return paths around the mean of a few periods, as wide as so few periods must be.

    The variance is that of the periods joined with `PRIOR_PERIODS` more of a coefficient of variation of
    `PRIOR_VARIATION`; the mean's own error lasts along each path.

    Parameters
    ----------
    rng
        Source of randomness.
    values
        Demand per period, item units; at least one above zero.
    horizon
        Periods ahead.
    paths
        How many paths.
    """
    level = float(values.mean())
    squares = float(((values - level) ** 2).sum()) + PRIOR_PERIODS * (PRIOR_VARIATION * level) ** 2
    degrees = values.size - 1 + PRIOR_PERIODS
    deviation = np.sqrt(squares / degrees)
    errors = linear_errors(rng, np.eye(1, horizon)[0], deviation, int(degrees), deviation / np.sqrt(values.size), paths)
    return demand_paths(np.full(horizon, level), errors)


def dormant_paths(rng: np.random.Generator, periods: int, horizon: int, paths: int) -> FloatArray:
    """Return paths of demand that was never seen in so many periods.

    The rate's estimate is one demand in one period more than were watched, exponentially distributed: the
    posterior of a Poisson rate under a flat prior, whose 95% limit is the rule of three (3 / periods). Demand of
    a period is gamma distributed with the mean and the variance of that Poisson number, so that no quantile table
    shows it as certain.

    Parameters
    ----------
    rng
        Source of randomness.
    periods
        Periods watched without a demand, at least one.
    horizon
        Periods ahead.
    paths
        How many paths.
    """
    rate = rng.exponential(dormant_mean(periods), size=(paths, 1))
    return rng.gamma(np.maximum(np.broadcast_to(rate, (paths, horizon)), 1e-6), 1.0)


def dormant_mean(periods: int) -> float:
    """Return the mean demand a period that was never seen in so many periods, see `dormant_paths`.

    Examples
    --------
    >>> dormant_mean(9)
    0.1
    """
    return 1 / (min(periods, LONGEST_MEMORY) + 1)
