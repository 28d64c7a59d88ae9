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

_STRETCHES = np.exp(np.linspace(np.log(0.5), np.log(2.0), 29))
_OWN_SHARES = (1.0, 0.5, 0.0)
_WORTH = 0.002
"""A distribution, or a stretch, must do better by this share of the loss to be taken instead of a simpler one."""


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
    """

    realised: FloatArray
    quantiles: Mapping[str, FloatArray]
    pattern: tuple[str, ...]
    spread: FloatArray | None = None
    overlap: float = 1.0

    def __post_init__(self) -> None:
        shape = self.realised.shape
        require(self.realised.ndim == 2 and min(shape) > 0, "realised demand", f"of shape {shape}", "items by windows")
        require(len(self.quantiles) > 0, "candidates", 0, "at least one")
        for name, said in self.quantiles.items():
            require(said.shape == (*shape, len(LEVELS)), f"quantiles of {name}", said.shape, f"{(*shape, len(LEVELS))}")
        require(len(self.pattern) == shape[0], "patterns", len(self.pattern), f"one for each of {shape[0]} items")
        require(self.overlap >= 1, "overlap", self.overlap, "1 or more")


@dataclass(frozen=True, eq=False)
class FamilyChoice:
    """What levels should come from; sequences over items.

    Parameters
    ----------
    candidate
        Name of the distribution.
    stretch
        By how much its upper half is widened, or narrowed if below 1.
    own
        Share of the item's own forecast width that is kept, from 0 to 1; the rest is `usual` times its spread.
    usual
        Width of the pool's forecasts in units of their history's spread.
    reason
        One phrase for each item.
    """

    candidate: tuple[str, ...]
    stretch: FloatArray
    own: FloatArray
    usual: FloatArray
    reason: tuple[str, ...]

    def factor(self, width: FloatArray, spread: FloatArray) -> FloatArray:
        """Return what deviations from the median are to be multiplied by, shape (items,).

        Parameters
        ----------
        width
            95% quantile less median of today's forecast over the protection interval, units.
        spread
            Standard deviation of the history, units.
        """
        return _factor(self.stretch, self.own, self.usual, width, spread)


def candidate_quantiles(demand: IntervalDemand, windows: int) -> FloatArray:
    """Return what a demand distribution says at `LEVELS`, units, shape (items, windows, levels).

    Parameters
    ----------
    demand
        Of each window of each item, windows of an item one after another: items x windows rows.
    windows
        Windows of each item.
    """
    rows = len(demand.expected)
    said = [demand.quantile(np.full(rows, level)) for level in LEVELS]
    return np.stack(said, axis=-1).reshape(-1, windows, len(LEVELS))


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
    """Return the distribution of each item, and how far it is to be widened, with the reason in words.

    Per pattern the candidate and its stretch with the least pinball loss at `LEVELS` above the median, relative to
    each item's own; then per item, its own losses weighed against the pool's by how much items truly differ.

    Examples
    --------
    >>> random = np.random.default_rng(1)
    >>> came, moments = random.gamma(1.0, 10.0, (40, 12)), np.full((40, 12), 10.0)
    >>> said = {name.words: of_family(name, moments, moments**2) for name in (Family.NORMAL, Family.GAMMA)}
    >>> choice = choose_family(PastForecasts(came, said, ("smooth",) * 40))
    >>> set(choice.candidate)
    {'gamma'}
    """
    known = np.isfinite(past.realised)
    names = tuple(past.quantiles)
    items = len(past.pattern)
    stretch, own, usual = np.ones(items), np.ones(items), np.ones(items)
    candidate, reason = [names[0]] * items, ["no protection interval has been seen yet"] * items
    patterns = np.array(past.pattern)
    for pattern in dict.fromkeys(past.pattern):
        rows = np.flatnonzero(patterns == pattern)
        rows = rows[known[rows].any(axis=1)]
        if not rows.size:
            continue
        fits = [_fit(past, name, rows) for name in names]
        chosen = _chosen(fits, known[rows], past.overlap)
        best = int(np.argmin([fit.loss for fit in fits]))
        for place, item in enumerate(rows):
            fit = fits[chosen[place]]
            candidate[item] = names[chosen[place]]
            stretch[item], own[item], usual[item] = fit.stretch, fit.own, fit.usual
        words = _words(fits, names, best, pattern, int(known[rows].sum()))
        for place, item in enumerate(rows):
            differs = "" if chosen[place] == best else f"; its own windows differ enough for {candidate[item]}"
            reason[item] = words + differs
    return FamilyChoice(tuple(candidate), stretch, own, usual, tuple(reason))


class _Fit(NamedTuple):
    """A candidate at its best in a pool: relative loss of the pool, and of each item and window."""

    loss: float
    stretch: float
    own: float
    usual: float
    losses: FloatArray


def _fit(past: PastForecasts, name: str, rows: IntArray) -> _Fit:
    """Return the stretch, and the share of own width, with which a candidate does best in the pool."""
    realised, said = past.realised[rows], past.quantiles[name][rows]
    middle, upper = said[..., :1], said[..., 1:]
    width = upper[..., LEVELS.index(0.95) - 1] - middle[..., 0]
    scale = _scale(past, rows)
    spread = width if past.spread is None else past.spread[rows]
    usable = np.isfinite(realised) & (width > 0) & (spread > 0)
    usual = float(np.median(width[usable] / spread[usable])) if usable.any() else 1.0

    def losses(stretch: float, own: float) -> FloatArray:
        factor = _factor(stretch, own, usual, width, spread)
        moved = np.maximum(middle + factor[..., None] * (upper - middle), 0.0)
        return _pinball(realised, moved) / scale[:, None]

    plain = losses(1.0, 1.0)
    best = _Fit(_mean(plain), 1.0, 1.0, usual, plain)
    # A plain one is kept unless another is clearly better.
    least = best.loss * (1.0 - _WORTH)
    for own in _OWN_SHARES if past.spread is not None else (1.0,):
        for stretch in _STRETCHES:
            found = losses(float(stretch), own)
            if (loss := _mean(found)) < least:
                best, least = _Fit(loss, float(stretch), own, usual, found), loss
    return best


def _factor(
    stretch: float | FloatArray,
    own: float | FloatArray,
    usual: float | FloatArray,
    width: FloatArray,
    spread: FloatArray,
) -> FloatArray:
    """Return by how much deviations from the median grow: widths are averaged by their logarithms."""
    sound = (width > 0) & (spread > 0)
    ratio = np.divide(usual * spread, width, out=np.ones_like(width), where=sound)
    return np.asarray(stretch * ratio ** (1.0 - np.asarray(own)))


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


def _chosen(fits: list[_Fit], known: BoolArray, overlap: float) -> IntArray:
    """Return the candidate of each item: its own mean losses, shrunk to the pool's."""
    best = int(np.argmin([fit.loss for fit in fits]))
    windows = known.sum(axis=1) / overlap
    shrunk = np.zeros((len(fits), len(known)))
    for number, fit in enumerate(fits):
        if number == best:
            continue
        difference = fit.losses - fits[best].losses
        own = np.nanmean(difference, axis=1)
        pool = float(own.mean())
        luck = float(np.nanvar(difference - own[:, None])) / np.maximum(windows, 1.0)
        true = max(float(own.var()) - float(luck.mean()), 0.0)
        shrunk[number] = pool + (own - pool) * np.divide(true, true + luck, out=np.zeros_like(luck), where=luck > 0)
    shrunk[best] -= _WORTH
    return np.asarray(np.argmin(shrunk, axis=0))


def _words(fits: list[_Fit], names: tuple[str, ...], best: int, pattern: str, windows: int) -> str:
    """Return why a pool has its candidate."""
    others = [number for number in range(len(fits)) if number != best]
    text = f"{names[best]} missed least in {windows:,} past intervals of {pattern} items"
    if others:
        next_ = min(others, key=lambda number: fits[number].loss)
        gain = 1.0 - fits[best].loss / fits[next_].loss if fits[next_].loss > 0 else 0.0
        text += f", {gain:.1%} less than {names[next_]}"
    if abs(fits[best].stretch - 1.0) > 0.01:
        text += f"; widths {'raised' if fits[best].stretch > 1 else 'cut'} to {fits[best].stretch:.0%}"
    if fits[best].own < 1:
        text += "; widths of alike items " + ("pooled" if fits[best].own == 0 else "half pooled")
    return text
