"""Which distribution an item's levels should come from, decided by what came after past forecasts.

One item has few protection intervals to learn from, and which distribution fits them is mostly luck. So items of one
demand pattern are judged together, and an item goes its own way only as far as items differ by more than luck would
have it (empirical Bayes: Efron & Morris 1975, "Data analysis using Stein's estimator and its generalizations", JASA
70). The measure is the pinball loss of quantiles around the usual service targets, the loss that levels are for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from invopt_xl.errors import require
from invopt_xl.policy.costs import BoolArray, FloatArray
from invopt_xl.policy.distributions import Family, IntervalDemand
from invopt_xl.policy.families import IntArray

LEVELS = (0.5, 0.8, 0.9, 0.95, 0.98, 0.99)
"""Quantiles that are judged; the first is the middle from which widths are counted."""

_OWN_SHARES = (1.0, 0.5, 0.0)
_SURE = 1.0
"""By how many standard errors a pool must do better with a distribution, or a width, than with a simpler one."""
_SURE_ALONE = 2.0
"""By how many deviations of what is still in doubt an item must differ from its pool to go its own way."""
_BLOCK = 512
"""Rows whose quantiles are found together."""
_FEW_WINDOWS = 3
"""From fewer windows nobody can tell what happens to all items at once: they count as one."""


@dataclass(frozen=True, eq=False)
class PastForecasts:
    """What was forecast of past protection intervals, and what came.

    Parameters
    ----------
    realised
        Demand over each interval, units, shape (items, windows); NaN where there was none to see.
    quantiles
        For each candidate, by name, what it said at the window's origin: quantiles at `LEVELS`, units, shape (items,
        windows, levels). The first candidate is the one kept in doubt.
    pattern
        The demand pattern of each item, such as ``"smooth"``: the pool it belongs to.
    spread
        Standard deviation of the history known at the origin, units, shape (items, windows); None to trust the
        candidates' own widths.
    overlap
        By how many windows a period of demand is seen: 1 where they do not overlap.
    least_gain
        Share by which losses must be less to be worth leaving the first candidate, or a forecast's own width.
    """

    realised: FloatArray
    quantiles: Mapping[str, FloatArray]
    pattern: tuple[str, ...]
    spread: FloatArray | None = None
    overlap: float = 1.0
    least_gain: float = 0.0

    def __post_init__(self) -> None:
        shape = self.realised.shape
        require(self.realised.ndim == 2 and min(shape) > 0, "realised demand", f"of shape {shape}", "items by windows")
        require(len(self.quantiles) > 0, "candidates", 0, "at least one")
        for name, said in self.quantiles.items():
            require(said.shape == (*shape, len(LEVELS)), f"quantiles of {name}", said.shape, f"{(*shape, len(LEVELS))}")
        require(len(self.pattern) == shape[0], "patterns", len(self.pattern), f"one for each of {shape[0]} items")
        require(self.overlap >= 1, "overlap", self.overlap, "1 or more")
        require(0 <= self.least_gain < 1, "least gain", self.least_gain, "from 0 to below 1, such as 0.02")


@dataclass(frozen=True, eq=False)
class FamilyChoice:
    """What levels should come from; sequences over items.

    Parameters
    ----------
    candidate
        Name of the distribution.
    own
        Share of the item's own forecast width that is kept, from 0 to 1; the rest is `usual` times its spread.
    usual
        Width of the pool's forecasts in units of their history's spread.
    reason
        For each item the name of its distribution, and why it has it in brackets.
    """

    candidate: tuple[str, ...]
    own: FloatArray
    usual: FloatArray
    reason: tuple[str, ...]

    def rows(self, rows: IntArray) -> FamilyChoice:
        """Return the choice for some of the items."""
        candidate, reason = ([one[row] for row in rows.tolist()] for one in (self.candidate, self.reason))
        return FamilyChoice(tuple(candidate), self.own[rows], self.usual[rows], tuple(reason))

    def factor(self, width: FloatArray, spread: FloatArray) -> FloatArray:
        """Return what deviations from the median are to be multiplied by, shape (items,).

        Parameters
        ----------
        width
            95% quantile less median of today's forecast, units, over an interval as long as those of the past.
        spread
            Standard deviation of the history, units.
        """
        return _factor(self.own, self.usual, width, spread)


def candidate_quantiles(demand: IntervalDemand, windows: int) -> FloatArray:
    """Return what a demand distribution says at `LEVELS`, units, shape (items, windows, levels).

    Parameters
    ----------
    demand
        Of each window of each item, windows of an item one after another: items x windows rows.
    windows
        Windows of each item.
    """
    said = [_at_levels(demand.rows(rows)) for rows in _blocks(len(demand.mean))]
    return np.concatenate(said).reshape(-1, windows, len(LEVELS))


def _blocks(rows: int) -> list[IntArray]:
    """Return rows in parts: all levels of a part are found together, which takes memory for each of them."""
    return [np.arange(first, min(first + _BLOCK, rows)) for first in range(0, rows, _BLOCK)]


def _at_levels(demand: IntervalDemand) -> FloatArray:
    """Return what a demand distribution says at `LEVELS`, units, one item after another."""
    items = len(demand.mean)
    every = demand.rows(np.repeat(np.arange(items), len(LEVELS)))
    return every.quantile(np.tile(LEVELS, items))


def of_family(family: Family, mean: FloatArray, variance: FloatArray) -> FloatArray:
    """Return what a family says at `LEVELS` with these moments of past intervals, each of shape (items, windows).

    Examples
    --------
    >>> said = of_family(Family.NORMAL, np.array([[100.0]]), np.array([[100.0]]))
    >>> said.round(1).tolist()
    [[[100.0, 108.4, 112.8, 116.4, 120.5, 123.3]]]
    """
    flat, one = mean.reshape(-1, 1), np.ones((mean.size, 1))
    demand = IntervalDemand(flat, variance.reshape(-1, 1), one, np.full(mean.size, family))
    return candidate_quantiles(demand, mean.shape[1])


def choose_family(past: PastForecasts) -> FamilyChoice:
    """Return the distribution of each item, and whose width it is to have, with the reason in words.

    Per pattern the candidate with the least pinball loss at `LEVELS` above the median, relative to each item's own;
    then per item, its own losses weighed against the pool's by how much items truly differ. How wide the intervals of
    the past turned out is no guide beyond that: what widens or narrows them comes to all items at once, as a season
    does, and seldom twice.

    Examples
    --------
    >>> random = np.random.default_rng(1)
    >>> came, moments = random.gamma(0.25, 40.0, (200, 12)), np.full((200, 12), 10.0)
    >>> said = {name.words: of_family(name, moments, 4 * moments**2) for name in (Family.NORMAL, Family.GAMMA)}
    >>> choice = choose_family(PastForecasts(came, said, ("smooth",) * 200))
    >>> set(choice.candidate)
    {'gamma'}
    """
    known = np.isfinite(past.realised)
    names = tuple(past.quantiles)
    items = len(past.pattern)
    own, usual = np.ones(items), np.ones(items)
    candidate = [names[0]] * items
    reason = [f"{names[0]} (default: no past interval has been seen yet)"] * items
    patterns = np.array(past.pattern)
    for pattern in dict.fromkeys(past.pattern):
        rows = np.flatnonzero(patterns == pattern)
        rows = rows[known[rows].any(axis=1)]
        if not rows.size:
            continue
        fits = [_fit(past, name, rows) for name in names]
        # What befell so few reviews may be one event: no reason to leave what is usual.
        few = int(known[rows].any(axis=0).sum()) < _FEW_WINDOWS
        best = 0 if few else _pool_choice(fits, past.least_gain)
        chosen = np.zeros(rows.size, dtype=np.int64) if few else _chosen(fits, best, known[rows], past)
        for place, item in enumerate(rows):
            fit = fits[chosen[place]]
            candidate[item] = names[chosen[place]]
            own[item], usual[item] = fit.own, fit.usual
        words = _words(fits, names, best, pattern, int(known[rows].sum()))
        for place, item in enumerate(rows):
            own_way = f"{candidate[item]} (its own past intervals differ; other {pattern} items: {names[best]})"
            reason[item] = words if chosen[place] == best else own_way
    return FamilyChoice(tuple(candidate), own, usual, tuple(reason))


class _Fit(NamedTuple):
    """A candidate at its best in a pool: relative loss of the pool, and of each item and window."""

    loss: float
    own: float
    usual: float
    losses: FloatArray


def _fit(past: PastForecasts, name: str, rows: IntArray) -> _Fit:
    """Return the share of own width with which a candidate does best in the pool."""
    realised, said = past.realised[rows], past.quantiles[name][rows]
    middle, upper = said[..., :1], said[..., 1:]
    width = upper[..., LEVELS.index(0.95) - 1] - middle[..., 0]
    scale = _scale(past, rows)
    spread = width if past.spread is None else past.spread[rows]
    usable = np.isfinite(realised) & (width > 0) & (spread > 0)
    usual = float(np.median(width[usable] / spread[usable])) if usable.any() else 1.0
    fits = []
    for own in _OWN_SHARES if past.spread is not None else (1.0,):
        factor = _factor(own, usual, width, spread)
        moved = np.maximum(middle + factor[..., None] * (upper - middle), 0.0)
        losses = _pinball(realised, moved) / scale[:, None]
        fits.append(_Fit(_mean(losses), own, usual, losses))
    best = min(fits, key=lambda fit: fit.loss)
    return best if _clearly_less(best, fits[0], past.least_gain) else fits[0]


def _clearly_less(fit: _Fit, than: _Fit, least_gain: float) -> bool:
    """Tell whether a pool's losses are less by more than chance, item by item, would have it."""
    gains = than.losses - fit.losses
    gain = np.nanmean(gains, axis=1)
    error = gain.std(ddof=1) / len(gain) ** 0.5 if len(gain) > 1 else np.inf
    return bool(gain.mean() > max(_SURE * error * _design_effect(gains) ** 0.5, least_gain * than.loss))


def _design_effect(values: FloatArray) -> float:
    """Return how many times fewer values than there are would say as much, if they came independently.

    What happens to all items at once, as before a holiday, is one event, not a thousand: the mean over items then
    varies more from window to window than chance would have it (Kish 1965, "Survey Sampling", chapter 5).
    """
    counts = np.isfinite(values).sum(axis=0)
    seen = counts > 0
    total = float(np.nanvar(values))
    if total == 0.0:
        return 1.0
    if np.count_nonzero(seen) < _FEW_WINDOWS:
        return float(counts[seen].mean())
    means = np.nanmean(values[:, seen], axis=0)
    return max(float(means.var(ddof=1)) * float(counts[seen].mean()) / total, 1.0)


def _factor(
    own: float | FloatArray,
    usual: float | FloatArray,
    width: FloatArray,
    spread: FloatArray,
) -> FloatArray:
    """Return by how much deviations from the median grow: widths are averaged by their logarithms."""
    sound = (width > 0) & (spread > 0)
    ratio = np.divide(usual * spread, width, out=np.ones_like(width), where=sound)
    return np.asarray(ratio ** (1.0 - np.asarray(own)))


def _scale(past: PastForecasts, rows: IntArray) -> FloatArray:
    """Return what losses of each item are counted in: the mean loss of all candidates as they are."""
    all_ = np.stack([_pinball(past.realised[rows], said[rows][..., 1:]) for said in past.quantiles.values()])
    mean = np.nanmean(all_, axis=(0, 2))
    return np.where(mean > 0, mean, 1.0)


def _pinball(realised: FloatArray, said: FloatArray) -> FloatArray:
    """Return the pinball loss of each window, the mean over the levels above the median."""
    levels = np.array(LEVELS[1:])
    over = realised[..., None] - said
    return np.asarray(np.where(over > 0, levels * over, (levels - 1.0) * over).mean(axis=-1))


def _mean(losses: FloatArray) -> float:
    """Return the mean over items of their mean over windows."""
    return float(np.nanmean(np.nanmean(losses, axis=1)))


def _pool_choice(fits: list[_Fit], least_gain: float) -> int:
    """Return the candidate with the least loss, or the first if that is not clearly worse."""
    best = int(np.argmin([fit.loss for fit in fits]))
    return best if _clearly_less(fits[best], fits[0], least_gain) else 0


def _chosen(fits: list[_Fit], best: int, known: BoolArray, past: PastForecasts) -> IntArray:
    """Return the candidate of each item: its own mean losses, shrunk to the pool's, where the doubt left is small."""
    windows = np.maximum(known.sum(axis=1) / past.overlap, 1.0)
    surely_more = np.zeros((len(fits), len(known)))
    for number, fit in enumerate(fits):
        if number == best:
            continue
        difference = fit.losses - fits[best].losses
        own = np.nanmean(difference, axis=1)
        # How much of a difference is luck shows only where items were seen more than once.
        more = known.sum(axis=1) > 1
        if not more.any():
            continue
        luck = float(np.nanvar((difference - own[:, None])[more])) / windows
        true = max(float(own.var()) - float(luck.mean()), 0.0)
        trust = np.divide(true, true + luck, out=np.zeros_like(luck), where=luck > 0)
        # What the pool did not find clearly better is no better for its items either, but for what is their own.
        shrunk = max(float(own.mean()), 0.0) + (own - own.mean()) * trust
        surely_more[number] = np.where(more, shrunk + _SURE_ALONE * np.sqrt(trust * luck), 0.0)
    return np.asarray(np.where(surely_more.min(axis=0) < -past.least_gain, np.argmin(surely_more, axis=0), best))


def _words(fits: list[_Fit], names: tuple[str, ...], best: int, pattern: str, windows: int) -> str:
    """Return the candidate of a pool and, in brackets, why it has it."""
    fit, seen = fits[best], f"in {windows:,} past intervals of {pattern} items"
    why = f"default: nothing else was clearly better {seen}"
    if best != 0:
        why = f"missed {1.0 - fit.loss / fits[0].loss:.1%} less than {names[0]} {seen}"
    elif len(names) == 1:
        why = f"nothing else was judged {seen}"
    if fit.own < 1:
        why += "; widths " + ("as usual for such items" if fit.own == 0 else "half as usual for such items")
    return f"{names[best]} ({why})"
