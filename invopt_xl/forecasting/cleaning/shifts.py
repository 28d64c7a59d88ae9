"""Steps in the level of demand, such as a new listing that doubled it for good."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.forecasting.cleaning.baselines import BoolArray, IndexArray, shrunk_indices

WEIGHTS = (0.02, 0.1, 0.2, 0.35, 0.55, 0.8)
"""Weights of simple exponential smoothing that a history without a step may follow instead."""

STEADY = 3
"""A step is believed beside one of so many of the lowest weights; a level that wanders follows by itself."""

SIDE = 6
"""Periods there must be on each side of a step."""

SHORTEST = 24
"""Shorter histories are not searched for steps."""

LONGEST = 240
"""Periods searched, the newest ones."""

SMALLEST_STEP = 0.25
"""Smallest step, in logs of demand."""

PENALTY = 4.0
"""A step must raise the log likelihood, doubled, by this times the log of the number of periods."""

STEPS = 3
"""Steps found at most."""

WILDEST = 0.5
"""Standard deviation of log demand from one period to the next above which no step is believed."""

REGIME = 18
"""Periods beside a step that its regimes are known by."""

SHOWN = 0.5
"""Share of a step that must show between the medians of its regimes; otherwise demand fell or rose back."""

SAME = 1e-9
"""Sums of squared logs below this are rounding."""

IDLE = 0.05
"""Share of periods without demand above which no steps are looked for."""


class LevelShift(NamedTuple):
    """A step in the level of demand.

    Parameters
    ----------
    periods_ago
        How many periods have the new level; the newest period is 1 period ago.
    factor
        New level over old level.
    """

    periods_ago: int
    factor: float


def find_shifts(values: FloatArray, known: BoolArray, season: int) -> tuple[LevelShift, ...]:
    """Return the steps in the level of a complete history, the oldest first.

    The log of demand over its season is explained by simple exponential smoothing with a slope; a step is believed
    where adding it explains so much more that a level which drifts or wanders cannot be the cause. The statistic is
    the likelihood ratio of the level shift of Chen & Liu (1993), "Joint estimation of model parameters and outlier
    effects in time series", Journal of the American Statistical Association 88, 284-297, for a local level.

    Parameters
    ----------
    values
        Demand per period, item units, complete and without outliers.
    known
        False where the value is an estimate.
    season
        Periods per season; 1 without.

    Examples
    --------
    >>> doubled = np.r_[np.tile([9.0, 10, 11], 10), np.tile([18.0, 20, 22], 3)]
    >>> [(shift.periods_ago, f"{shift.factor:.1f}") for shift in find_shifts(doubled, np.ones(39, dtype=bool), 1)]
    [(9, '2.0')]
    """
    recent = slice(max(values.size - LONGEST, 0), None)
    values, known = values[recent], known[recent]
    enough = values.size >= max(SHORTEST, 2 * season if season > 1 else 0) and 2 * int(known.sum()) >= values.size
    if not enough or values.max() == values.min() or (values <= 0).mean() > IDLE:
        return ()
    logs = np.log(np.maximum(values, values[values > 0].min() / 2))
    phases = np.arange(values.size) % season
    steps: dict[int, float] = {}
    for _ in range(STEPS):
        # The season is told anew each time from demand at one level.
        corrected = logs + correction(values.size, steps)
        indices = np.log(shrunk_indices(np.exp(corrected - corrected.mean()), known, season))[phases]
        more = _one_more(logs - indices, list(steps))
        if more is None:
            break
        steps = more
    return tuple(LevelShift(values.size - start, float(np.exp(steps[start]))) for start in sorted(steps))


def correction(periods: int, steps: dict[int, float]) -> FloatArray:
    """Return what brings log demand before each step to the level after it."""
    total = np.zeros(periods)
    for start, size in steps.items():
        total[:start] += size
    return total


def levelled(values: FloatArray, shifts: tuple[LevelShift, ...]) -> FloatArray:
    """Return the values with every older regime brought to the newest level, item units."""
    steps = {values.size - shift.periods_ago: float(np.log(shift.factor)) for shift in shifts}
    return values * np.exp(correction(values.size, steps)) if steps else values


class _Filter(NamedTuple):
    """One-step errors of exponential smoothing as matrices over time, one per weight."""

    errors: FloatArray
    """Takes a series to its errors; shape (weights, time, time)."""
    steps: FloatArray
    """The errors that a step at each time leaves; shape (weights, time, time)."""


@lru_cache(maxsize=1)
def _filters() -> _Filter:
    lags = np.subtract.outer(np.arange(LONGEST), np.arange(LONGEST))
    past = np.maximum(lags, 0)
    weights = np.array(WEIGHTS)[:, None, None]
    steps = np.where(lags >= 0, (1 - weights) ** past, 0.0)
    # A series is the sum of its steps, and smoothing is linear.
    errors = np.where(lags > 0, -weights * (1 - weights) ** np.maximum(past - 1, 0), 0.0) + np.eye(LONGEST)
    return _Filter(errors, steps)


class _Explained(NamedTuple):
    """What a level, a slope and known steps explain, for each weight; it depends on the length of a history alone."""

    design: FloatArray
    """Errors that level, slope and steps leave; shape (weights, time, terms)."""
    basis: FloatArray
    """The same, orthonormal."""
    places: IndexArray
    """Periods at which one more step may be."""
    own: FloatArray
    """Sums of squares that a step at each place adds to the basis; shape (weights, places)."""


@lru_cache(maxsize=64)
def _explained(periods: int, starts: tuple[int, ...]) -> _Explained:
    filters = _filters()
    steps = filters.steps[:, :periods, :periods]
    straight = np.column_stack([np.ones(periods), np.arange(periods) / periods])
    design = np.concatenate([filters.errors[:, :periods, :periods] @ straight, steps[:, :, starts]], axis=2)
    basis = np.linalg.qr(design)[0]
    every = np.arange(SIDE, periods - SIDE + 1)
    places = every[(np.abs(every[:, None] - np.array(starts, dtype=np.intp)) >= SIDE).all(axis=1)]
    shared = basis.transpose(0, 2, 1) @ steps
    # A later step leaves the same errors as an earlier one, but fewer of them.
    squares = np.cumsum(steps[:, :, 0] ** 2, axis=1)[:, ::-1]
    own = np.maximum(squares - (shared**2).sum(axis=1), SAME)[:, places]
    return _Explained(design, basis, places, own)


def _one_more(logs: FloatArray, starts: list[int]) -> dict[int, float] | None:
    """Return the steps at `starts` with their sizes and the most credible one besides, or None where none is."""
    periods = logs.size
    filters, explained = _filters(), _explained(periods, tuple(starts))
    if not explained.places.size:
        return None
    target = (filters.errors[:, :periods, :periods] @ (logs - logs.mean()))[:, :, None]
    left = target - explained.basis @ (explained.basis.transpose(0, 2, 1) @ target)
    unexplained = (left**2).sum(axis=(1, 2))
    steps = filters.steps[:, :periods, :periods]
    gained = (left.transpose(0, 2, 1) @ steps)[:, 0, explained.places] ** 2 / explained.own
    remaining = np.maximum(unexplained[:, None] - gained, SAME)
    weight, best = np.unravel_index(int(np.argmin(remaining[:STEADY])), remaining[:STEADY].shape)
    improvement = periods * math.log(max(float(unexplained.min()), SAME) / float(remaining[weight, best]))
    if improvement < PENALTY * math.log(periods) or remaining[weight, best] > WILDEST**2 * periods:
        return None
    start = int(explained.places[best])
    design = np.column_stack([explained.design[weight], steps[weight][:, start]])
    sizes = _sizes(design, target[weight, :, 0])
    found = dict(zip([*starts, start], sizes.tolist(), strict=True))
    return found if _lasting(logs, found) else None


def _lasting(logs: FloatArray, steps: dict[int, float]) -> bool:
    """Return whether every step is large enough and shows between the medians of the regimes beside it."""
    starts = sorted(steps)
    ends = [0, *starts, logs.size]
    for place, start in enumerate(starts):
        before = np.median(logs[max(ends[place], start - REGIME) : start])
        after = np.median(logs[start : min(ends[place + 2], start + REGIME)])
        size = steps[start]
        if abs(size) < SMALLEST_STEP or (after - before) * np.sign(size) < SHOWN * abs(size):
            return False
    return True


def _sizes(design: FloatArray, target: FloatArray) -> FloatArray:
    """Return the sizes of the steps, beside a slope only where there is one: the two are easily mistaken."""
    unsloped = np.delete(design, 1, axis=1)
    with_slope = np.linalg.lstsq(design, target, rcond=None)[0]
    without = np.linalg.lstsq(unsloped, target, rcond=None)[0]
    least = max(float(((target - design @ with_slope) ** 2).sum()), SAME)
    more = max(float(((target - unsloped @ without) ** 2).sum()), SAME)
    # The Bayesian information criterion (Schwarz 1978) decides.
    believed = target.size * np.log(more / least) > np.log(target.size)
    return np.asarray(with_slope[2:] if believed else without[1:])
