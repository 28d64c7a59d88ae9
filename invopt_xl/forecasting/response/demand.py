"""Demand of many items at once around levels that wander, a shared season, and effects drawn towards their group's.

The model of `forecasting.lifts.fit`, for a panel: the mean is exp(level + season + x beta), the variance has a part in
proportion to the mean and one in proportion to its square, so zeros need no logarithm and no care. Levels are an
item's own; the season, an effect for each period of the year, is that of all items together; effects have the tree of
`shrinkage` for a prior. Penalised quasi-likelihood, as in Breslow & Clayton (1993), JASA 88(421).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from invopt_xl.forecasting.lifts.fit import WANDERING
from invopt_xl.forecasting.panel.histories import Floats
from invopt_xl.forecasting.response.observations import Observations
from invopt_xl.forecasting.response.shrinkage import Told

Places = npt.NDArray[np.signedinteger]

PERIODS_PER_KNOT = 8
"""The level may bend once in so many periods."""

MOST_KNOTS = 40
"""Bends of a level at most: years of days need no more than years of weeks, and time grows with their square."""

PASSES, PASSES_THAT_CHOOSE = 12, (2, 5, 8)
"""Passes of the fit, and those after which the wandering of each level is chosen anew."""

ROBUSTNESS = 4.0
"""Deviations beyond so many standard deviations count as if they were there; counts have long tails."""

_FLAT, _LARGEST_LOG, _LARGEST_STEP = 1e-4, 8.0, 1.5
_LEAST_VARIANCE = 1e-4


@dataclass(frozen=True, eq=False)
class Fitted:
    """A fit of the panel.

    Parameters
    ----------
    told
        What demand says of the effects.
    halves
        What it says of them in every other stretch of periods, and in those between.
    level
        Logs of demand at the usual price without promotion, season apart, shape (items, periods).
    season
        Effect of each period of the year on log demand, shape (season,).
    counts, noise
        The variance of demand is counts x mean + noise x mean^2, shape (items,).
    """

    told: Told
    halves: tuple[Told, Told]
    level: Floats
    season: Floats
    counts: Floats
    noise: Floats


@dataclass(frozen=True, eq=False)
class _State:
    """Where the fit stands: demand over its scale, the predictor in logs, relative variance, and their parts."""

    demand: Floats
    used: Floats
    predicted: Floats
    variance: Floats
    wandering: Floats
    season: Floats


@dataclass(frozen=True, eq=False)
class _Levels:
    """Weighted normal equations of the levels, and of effects once levels are taken out."""

    inverse: Floats
    cross: Floats
    pull: Floats
    told: Told
    evidence: Floats
    freedom: Floats


def fit_demand(seen: Observations, season: int, shrunk: Callable[[Told], Floats]) -> Fitted:
    """Return levels, season and what demand says of the effects.

    Parameters
    ----------
    seen
        What histories say.
    season
        Periods per season; 1 without.
    shrunk
        Returns the effects of items, shape (items, columns), from what demand says of them.
    """
    scale = _scale(seen)
    state = _start(seen, scale, season)
    basis = _basis(seen.used.shape[1])
    names = np.arange(seen.used.shape[1]) % len(state.season)
    columns = seen.columns
    for turn in range(PASSES):
        columns = _with_prices_guessed(seen, columns, state, scale)
        work = state.predicted - state.season[names] + _clipped(state)
        if turn in PASSES_THAT_CHOOSE:
            state = replace(state, wandering=_best_wandering(state, columns, basis, work))
        found = _take_out_levels(state, columns, basis, work, state.wandering)
        effects = shrunk(found.told)
        knots = np.einsum("nij,nj->ni", found.inverse, found.pull - np.einsum("nkc,nc->nk", found.cross, effects))
        level = knots @ basis.T
        without = level + np.einsum("cnt,nc->nt", columns, effects)
        state = _moved(state, without, work, names, found.freedom)
    counts, noise = _parts(state, found.freedom)
    first = np.arange(len(names)) // PERIODS_PER_KNOT % 2 == 0
    one, other = (
        _take_out_levels(replace(state, used=state.used * half), columns, basis, work, state.wandering).told
        for half in (first, ~first)
    )
    return Fitted(found.told, (one, other), level + np.log(scale)[:, None], state.season, counts * scale, noise)


def _with_prices_guessed(seen: Observations, columns: Floats, state: _State, scale: Floats) -> Floats:
    """Return the columns with prices expected where a period sold nothing and shows none.

    If prices of all periods come from one distribution, that of periods without a sale is that of the others weighted
    by the odds of no sale: f(x | 0) ~ f(x | sale) P(0 | x) / P(sale | x), with and without promotion apart.
    """
    if not seen.guessed.any():
        return columns
    mean = np.exp(state.predicted) * scale[:, None]
    wider = np.maximum(state.variance * mean, 1.0 + 1e-6)
    none = np.clip(wider ** (-mean / (wider - 1)), 1e-9, 1 - 1e-6)
    odds = np.where(seen.used & ~seen.guessed, none / (1 - none), 0.0)
    promoted = (columns[1:] > 0).any(axis=0)
    price = columns[0].copy()
    for on in (promoted, ~promoted):
        weight = odds * on
        total = weight.sum(axis=1)
        shift = ((seen.columns[0] - seen.of_late) * weight).sum(axis=1) / np.where(total > 0, total, 1.0)
        price = np.where(seen.guessed & on, seen.of_late + shift[:, None], price)
    return np.concatenate([price[None], columns[1:]])


def _scale(seen: Observations) -> Floats:
    """Return the mean positive demand of each item, units, so that the flat prior of levels has no unit."""
    sold = seen.quantity > 0
    return np.asarray(np.maximum(seen.quantity.sum(axis=1), 1e-12) / np.maximum(sold.sum(axis=1), 1))


def _start(seen: Observations, scale: Floats, season: int) -> _State:
    demand = seen.quantity / scale[:, None]
    used = seen.used.astype(np.float64)
    count = np.maximum(used.sum(axis=1), 1.0)
    mean = np.maximum((demand * used).sum(axis=1) / count, 0.02)
    squares = (((demand - mean[:, None]) * used) ** 2).sum(axis=1) / count
    variance = np.maximum(squares / mean**2, 0.01)
    shape = demand.shape
    return _State(
        demand,
        used,
        np.broadcast_to(np.log(mean)[:, None], shape).copy(),
        np.broadcast_to(variance[:, None], shape).copy(),
        np.full(len(scale), WANDERING[2]),
        np.zeros(max(season, 1)),
    )


def _basis(periods: int) -> Floats:
    """Return the share of each step of the level that a period has made; the first step is the level itself."""
    knots = max(min(periods, periods // PERIODS_PER_KNOT + 1, MOST_KNOTS), 1)
    place = np.linspace(0, knots - 1, periods)
    return np.clip(place[:, None] - np.arange(knots) + 1, 0, 1)


def _clipped(state: _State) -> Floats:
    limit = ROBUSTNESS * np.sqrt(state.variance)
    return np.clip(state.demand / np.exp(state.predicted) - 1, -limit, limit)


def _take_out_levels(state: _State, columns: Floats, basis: Floats, work: Floats, wandering: Floats) -> _Levels:
    """Return the normal equations for a choice of wandering; levels solved for, effects left."""
    weight = state.used / state.variance
    knots, periods = basis.shape[1], basis.shape[0]
    gap = max((periods - 1) / max(knots - 1, 1), 1.0)
    usual = (state.variance * state.used).sum(axis=1) / np.maximum(state.used.sum(axis=1), 1.0)
    steps = 1 / (wandering * gap * np.maximum(usual, _LEAST_VARIANCE))
    precision = np.concatenate([np.full((len(steps), 1), _FLAT), np.repeat(steps[:, None], knots - 1, axis=1)], axis=1)
    products = (basis[:, :, None] * basis[:, None, :]).reshape(periods, knots**2)
    free = (weight @ products).reshape(-1, knots, knots)
    inside = free + precision[:, :, None] * np.eye(knots)
    inverse = np.asarray(np.linalg.inv(inside), dtype=np.float64)
    cross = np.stack([(weight * column) @ basis for column in columns], axis=2)
    pull, own = (weight * work) @ basis, np.einsum("nt,cnt->nc", weight * work, columns)
    between = np.einsum("cnt,dnt->ncd", columns * weight, columns)
    taken = inverse @ cross
    told = Told(between - cross.transpose(0, 2, 1) @ taken, own - np.einsum("nkc,nk->nc", taken, pull))
    fit = (weight * work**2).sum(axis=1) - np.einsum("nk,nkj,nj->n", pull, inverse, pull)
    evidence = (np.log(precision).sum(axis=1) - np.linalg.slogdet(inside)[1] - fit) / 2
    return _Levels(inverse, cross, pull, told, evidence, np.einsum("nij,nji->n", inverse, free))


def _best_wandering(state: _State, columns: Floats, basis: Floats, work: Floats) -> Floats:
    """Return for each item the wandering of the level with the highest evidence, effects at what they were."""
    tried = []
    for share in WANDERING:
        found = _take_out_levels(state, columns, basis, work, np.full(len(work), share))
        told = found.told
        # The effects have a wide prior here, so that items without any can be compared as well.
        ridge = told.information + np.eye(len(columns))
        gain = np.einsum("nc,nc->n", told.score, np.linalg.solve(ridge, told.score[..., None])[..., 0])
        tried.append(found.evidence + (gain - np.linalg.slogdet(ridge)[1]) / 2)
    return np.asarray(np.array(WANDERING)[np.argmax(tried, axis=0)])


def _moved(state: _State, without: Floats, work: Floats, names: Places, freedom: Floats) -> _State:
    """Return the state after a pass: a new season, predictor and variance."""
    season = _season(state, work - without, names)
    step = np.clip(without + season[names] - state.predicted, -_LARGEST_STEP, _LARGEST_STEP)
    predicted = np.clip(state.predicted + step, -_LARGEST_LOG, _LARGEST_LOG)
    state = replace(state, season=season, predicted=predicted)
    counts, noise = _parts(state, freedom)
    return replace(state, variance=counts[:, None] / np.exp(predicted) + noise[:, None])


def _season(state: _State, errors: Floats, names: Places) -> Floats:
    """Return the effect of each period of the year, drawn to zero as far as it may be chance."""
    places = len(state.season)
    if places < 2:
        return state.season
    weight = state.used / state.variance
    total = np.bincount(names, weight.sum(axis=0), minlength=places)
    raw = np.bincount(names, (weight * errors).sum(axis=0), minlength=places) / np.maximum(total, 1e-12)
    told = total > 0
    raw = np.where(told, raw - (raw * total).sum() / max(total.sum(), 1e-12), 0.0)
    chance = 1 / np.maximum(total, 1e-12)
    size = max(float(np.mean(raw[told] ** 2 - chance[told])), 0.0) if told.any() else 0.0
    return np.asarray(raw * size / (size + chance)) if size > 0 else np.zeros(places)


def _parts(state: _State, freedom: Floats) -> tuple[Floats, Floats]:
    """Return the parts of the variance of demand / mean, counts / mean + noise, by weighted moments; none negative."""
    mean = np.exp(state.predicted)
    limit = 1.2 * ROBUSTNESS * np.sqrt(state.variance)
    known = state.used.sum(axis=1)
    left = np.maximum(known - freedom - 1, 0.3 * known)
    correction = np.divide(known, left, out=np.ones_like(known), where=left > 0)
    squares = np.clip(state.demand / mean - 1, -limit, limit) ** 2 * correction[:, None]
    weight = state.used / state.variance
    first, second = (weight / mean**2).sum(axis=1), (weight / mean).sum(axis=1)
    third, reach = weight.sum(axis=1), np.maximum((weight / mean**2).sum(axis=1), 1e-12)
    one, two = (weight * squares / mean).sum(axis=1), (weight * squares).sum(axis=1)
    determinant = first * third - second**2
    sound = determinant > 1e-6 * first * third
    safe = np.where(sound, determinant, 1.0)
    counts = np.where(sound, (one * third - two * second) / safe, 0.0)
    noise = np.where(sound, (two * first - one * second) / safe, two / np.maximum(third, 1e-12))
    alone = two / np.maximum(third, 1e-12)
    noise, counts = np.where(counts < 0, alone, noise), np.maximum(counts, 0.0)
    counts = np.where(noise < 0, one / reach, counts)
    return np.asarray(counts), np.asarray(np.maximum(noise, _LEAST_VARIANCE))
