"""Members joined: their weights and the width of their forecast, both told by a back-test of the same history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.forecasting.regular.members import Member, Memory, Series, State, fit_members
from invopt_xl.forecasting.regular.weights import performance_weights

PERSISTENCE = 1.4
"""What is left of a shock counts for more than the models say: they believe too much in their mean."""

LEVEL_DOUBT = 0.8
"""Lasting error of the level in standard deviations of a shock, where the level wanders as much as it ever does."""

SEASONAL_LEVEL_DOUBT = 0.55
"""The same with a season: the models' memory of shocks then holds more of it."""

DOUBT_POWER = 0.75
"""That doubt goes with this power of the wandering, which for a short history is mostly luck."""

MOST_WANDERING = 0.6
"""Standard deviation of a level that wanders as much as it ever does, in shocks."""

USUAL_WANDERING = 0.6
"""What levels wander as a rule, as a share of that variance."""

WANDERING_WORTH = 2.0
"""So many blocks of a history say as much about its wandering as what is usual does."""

CLEAR_WANDERING = 4.0
"""A block says at most that the level wanders so many times as much as the most: one step is not many."""

BLOCK = 16
"""Periods of a moving mean whose spread tells whether the level wanders, without a season; with one, a season."""

LATEST = (4, 8, 16)
"""Newest periods whose mean may stand apart from that of the history, without a season."""

CHANCE_DEPARTURE = 4.0
"""Squared departure of such a mean, in standard errors, that noise alone may bring."""

TYPICAL_RATIO = 1.1
"""Usual size of back-test errors in standard deviations as the models promise them."""

RATIO_WORTH = 60.0
"""So many back-test errors would count as much for the width as the usual size of such errors does."""

LARGEST_RATIO = 3.0
"""A back-test says at most that errors are so much larger, or smaller, than usual."""

LARGEST_ERROR = 4.0
"""Errors of a back-test count for so many deviations at most: one bad month does not make all months bad."""

BACK_TEST = 12
"""Periods of a back-test, or one and a half seasons; for every horizon the same, on which no period may depend."""

SHORTEST_BACK_TEST = 12
"""Periods that must be left to learn from before a back-test."""

PERFECT_FIT = 0.001
"""Shocks below this share of the level say that nothing was ever random; nobody should believe that."""

SMALLEST_LEVEL = 0.15
"""Square root of the smallest share of its past mean that demand is expected to fall to."""

CHANGE = 0.25
"""Such a history may still change by this share of its level, with probability 1 / (periods + 2) a period."""


@dataclass(frozen=True, eq=False)
class Joined:
    """A forecast of several members on the square-root scale.

    Parameters
    ----------
    names
        The members in the usual notation.
    mean
        Shape (horizon,).
    memory
        How shocks last, calibrated.
    level_deviation
        Standard deviation of the error of the level, which lasts the whole horizon.
    failures
        In words, which members could not be fitted.
    state
        What a later, longer history continues from.
    """

    names: tuple[str, ...]
    mean: FloatArray
    memory: Memory
    level_deviation: float
    failures: tuple[str, ...]
    state: State


def join_members(names: tuple[str, ...], series: Series, horizon: int, state: State | None = None) -> Joined:
    """Return the joint forecast of the members of these names.

    Members are averaged with weights that lean towards those with small errors in a back-test on the end of the
    history (Bates & Granger 1969, "The combination of forecasts", OR Quarterly 20, 451-468), and the width is scaled
    by the size of those errors, both shrunk to what is usual. Without a season the joint mean is drawn to that of the
    history, and shocks fade, as far as the level was steady and the newest one is not clearly another.

    Parameters
    ----------
    names
        Keys of `members.FITS`.
    series
        What they are fitted to.
    horizon
        Periods ahead.
    state
        What an earlier forecast of the beginning of this history left: its coefficients are kept.

    Raises
    ------
    ArithmeticError
        If no member can be fitted.
    """
    kept = {} if state is None else state["members"]
    members, failures = fit_members(names, series, horizon, kept)
    if not members:
        raise ArithmeticError("; ".join(failures))
    weights, ratio = _back_tested(members, series) if state is None else (state["weights"], state["ratio"])
    mean = _fading(_mean(members, weights), series)
    memory = _calibrated(_memory(members, series, horizon), mean, series.values.size, ratio)
    saved = {"members": {name: dict(member.state) for name, member in members.items()}, "weights": weights}
    wandering = max(_wandering(series, memory.deviation), _departure(series, memory.deviation))
    doubt = SEASONAL_LEVEL_DOUBT if series.season > 1 else LEVEL_DOUBT
    level = doubt * memory.deviation * wandering**DOUBT_POWER
    if series.season == 1 and len(members) > 1:
        mean, memory = _reverting(mean, memory, series, wandering)
    names = tuple(member.name for member in members.values())
    return Joined(names, mean, memory, level, tuple(failures), {**saved, "ratio": ratio})


def _mean(members: Mapping[str, Member], weights: Mapping[str, float]) -> FloatArray:
    used = np.array([weights.get(name, 1.0) for name in members])
    return np.asarray(used @ np.array([member.mean for member in members.values()]) / used.sum())


def _fading(mean: FloatArray, series: Series) -> FloatArray:
    """Return the mean with its changes fading from period to period; those of a season do not."""
    if series.season > 1:
        return mean
    changes = np.diff(mean) * series.damping ** np.arange(1, mean.size)
    return np.asarray(mean[0] + np.r_[0.0, np.cumsum(changes)])


def _reverting(mean: FloatArray, memory: Memory, series: Series, wandering: float) -> tuple[FloatArray, Memory]:
    """Return the mean drawn to that of the history, and the memory faded, as far as the level does not wander.

    The members follow the latest levels, even those that are noise; asked for alone, a model is left as it is.
    """
    usual = float(series.values.mean())
    responses = np.r_[1.0, wandering * memory.responses[1:]]
    return usual + wandering * (mean - usual), Memory(memory.deviation, responses)


def _wandering(series: Series, deviation: float) -> float:
    """Return how much the level wanders, from 0 for steady demand to 1 for the most that is usual.

    Moving means of a steady level spread no more than their noise. What they spread beyond it is the variance of the
    level (the variance ratio of Cochrane 1988, "How big is the random walk in GNP?", Journal of Political Economy 96),
    here as a share of the most, and drawn to what is usual while there are few blocks.
    """
    periods = series.values.size
    length = min(series.season if series.season > 1 else BLOCK, periods // 2)
    if length < 1 or not deviation > 0:
        return 1.0
    totals = np.r_[0.0, np.cumsum(series.values)]
    means = (totals[length:] - totals[:-length]) / length
    # Estimated periods say nothing of their own, so fewer stand behind a mean.
    told = max(int(series.known.sum()), 1) / periods
    # Means over a part of the history are a part of its own mean.
    spread = float(((means - series.values.mean()) ** 2).mean()) / (1 - length / periods)
    moved = spread - deviation**2 / (length * told)
    share = min(moved / (MOST_WANDERING * deviation) ** 2, CLEAR_WANDERING)
    blocks = max(told * periods / length - 1, 0.0)
    return float(np.clip((WANDERING_WORTH * USUAL_WANDERING + blocks * share) / (WANDERING_WORTH + blocks), 0.0, 1.0))


def _departure(series: Series, deviation: float) -> float:
    """Return how far the newest level is believed where it is clearly another one, from 0 to 1.

    That is the positive part of James & Stein (1961, "Estimation with quadratic loss", Fourth Berkeley Symposium 1,
    361-379) of the mean of the newest periods: a lasting step is followed, however steady all was before.
    """
    values = series.values
    lengths = [length for length in LATEST if 2 * length <= values.size]
    if series.season > 1 or not lengths or not deviation > 0:
        return 0.0
    departures = np.array([values[-length:].mean() - values.mean() for length in lengths])
    errors = np.array([deviation**2 * (1 / length - 1 / values.size) for length in lengths])
    return max(1 - CHANCE_DEPARTURE / max(float((departures**2 / errors).max()), CHANCE_DEPARTURE), 0.0)


def _memory(members: Mapping[str, Member], series: Series, horizon: int) -> Memory:
    """Return the mean memory of the members that have one, or that of an autoregression."""
    memories = [member.memory for member in members.values() if member.memory is not None]
    if not memories:
        found, _ = fit_members(("autoregression",), series, horizon, {})
        memories = [found["autoregression"].memory or Memory(0.0, np.eye(1, horizon)[0])] if found else []
    if not memories:
        return Memory(float(series.values.std()), np.eye(1, horizon)[0])
    echoes = np.mean([memory.deviation * memory.responses for memory in memories], axis=0)
    deviation = float(np.mean([memory.deviation for memory in memories]))
    responses = echoes / deviation if deviation > 0 else memories[0].responses
    lasting = PERSISTENCE * responses
    lasting[0] = 1.0
    return Memory(deviation, lasting)


def _back_tested(members: Mapping[str, Member], series: Series) -> tuple[dict[str, float], float]:
    """Return the members' weights and the factor on the width, from a back-test on the end of the history."""
    held_out = min(max(3 * series.season // 2, BACK_TEST), series.values.size // 4)
    known = series.known[series.values.size - held_out :]
    if series.values.size - held_out < SHORTEST_BACK_TEST or not known.any():
        return dict.fromkeys(members, 1.0), 1.0
    earlier = series.before(held_out)
    tested, _ = fit_members(tuple(members), earlier, held_out, {})
    if not tested:
        return dict.fromkeys(members, 1.0), 1.0
    actual = series.values[-held_out:]
    losses = {name: float(np.abs(actual - np.maximum(member.mean, 0))[known].mean()) for name, member in tested.items()}
    trusted = performance_weights(np.array([[loss] for loss in losses.values()]))
    weights = dict.fromkeys(members, 1 / len(members)) | dict(zip(losses, trusted.tolist(), strict=True))
    memory = _memory(tested, earlier, held_out)
    spread = memory.deviation * np.sqrt(np.cumsum(memory.responses**2))
    if not (spread > 0).all():
        return weights, 1.0
    errors = np.minimum(np.abs(actual - _mean(tested, weights)) / spread, LARGEST_ERROR)[known]
    ratio = float(np.clip(np.sqrt((errors**2).mean()), 1 / LARGEST_RATIO, LARGEST_RATIO)) / TYPICAL_RATIO
    return weights, float(ratio ** (errors.size / (errors.size + RATIO_WORTH)))


def _calibrated(memory: Memory, mean: FloatArray, periods: int, ratio: float) -> Memory:
    deviation = memory.deviation * ratio
    level = max(float(np.abs(mean).mean()), SMALLEST_LEVEL)
    if deviation <= PERFECT_FIT * level:
        # Half of the change of demand, for the square root moves half as much.
        deviation = CHANGE / 2 * level / float(np.sqrt(periods + 2))
    return Memory(deviation, memory.responses)
