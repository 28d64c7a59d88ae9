"""Demand in periods without stock or without a record, estimated from the periods around them.

Sales of a period without stock say that demand was at least so much: a censored observation (Tobin 1958). Expected
demand given that bound and the usual level are estimated in turns (Dempster, Laird & Rubin 1977), so that the level
also learns from what was sold before the stock ran out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.forecasting.cleaning.baselines import BoolArray, IndexArray, demand_unit, shrunk_indices

NEIGHBOURS = 12
"""Known periods looked at on each side of a stock-out or a gap."""

NEAR, FAR = 2.0, 8.0
"""Periods after which the weight of a neighbour has fallen to 1/e: where the level wanders, and where it is noise."""

ROUNDS = 25
"""Turns of estimation at most."""

SETTLED = 1e-3
"""Relative change from one turn to the next that ends it."""

TRUST = 0.5
"""Weight of a stock-out's expected demand in the level around it, a known period's being one. The bound is on demand
only where stock ran out because demand was high; where it ran out by chance the expectation is too high."""

LARGEST_SHAPE = 1e5
"""Shape of a gamma or negative binomial distribution that is as good as none."""

NOISELESS = 1e-4
"""Squared coefficient of variation of demand that hardly varies."""

SMALLEST_SHARE = 1e-6
"""A level is at least this share of what was sold, so that ratios to it stay finite."""


@dataclass(frozen=True, eq=False)
class Sizes:
    """How demand is distributed around its mean.

    Negative binomial where demand comes in whole units and varies at least as Poisson, so that rare and lumpy demand
    has its zeros; otherwise gamma, which is nearly normal where demand varies little.

    Parameters
    ----------
    squared_variation
        Squared coefficient of variation, at `level`.
    level
        Mean demand for which that holds, item units.
    unit
        Demand is a multiple of it; zero where it is not.
    """

    squared_variation: float
    level: float
    unit: float

    def expected_beyond(self, means: FloatArray, least: FloatArray) -> FloatArray:
        """Return expected demand given that it is at least `least`, item units."""
        mean_units = self.level / self.unit if self.unit else 0.0
        excess = self.squared_variation - 1 / mean_units if mean_units else -1.0
        if excess >= 0:
            shape = min(1 / max(excess, 1 / LARGEST_SHAPE), LARGEST_SHAPE)
            found = _negative_binomial_beyond(means / self.unit, np.ceil(least / self.unit - 1e-6), shape) * self.unit
        else:
            # The bound of a whole number lies half a unit below it.
            found = _gamma_beyond(means, np.maximum(least - self.unit / 2, 0.0), self.squared_variation)
        return np.maximum(found, least)


def _negative_binomial_beyond(means: FloatArray, least: FloatArray, shape: float) -> FloatArray:
    """Return E[D | D >= n] = mean x P(D' >= n - 1) / P(D >= n), where D' has one more of shape."""
    from scipy.special import betainc

    share = means / (means + shape)
    reached = betainc(np.maximum(least, 1e-300), shape, share)
    weighted = np.where(least > 1, betainc(np.maximum(least - 1, 1e-300), shape + 1, share), 1.0)
    sure = reached > 1e-12
    expected = means * weighted / np.where(sure, reached, 1.0)
    return np.where(least <= 0, means, np.where(sure, expected, least))


def _gamma_beyond(means: FloatArray, least: FloatArray, squared_variation: float) -> FloatArray:
    """Return E[D | D >= x] = mean x Q(shape + 1, x / scale) / Q(shape, x / scale)."""
    from scipy.special import gammaincc

    shape = min(1 / max(squared_variation, 1 / LARGEST_SHAPE), LARGEST_SHAPE)
    scaled = least * shape / means
    reached = gammaincc(shape, scaled)
    sure = reached > 1e-12
    return np.where(sure, means * gammaincc(shape + 1, scaled) / np.where(sure, reached, 1.0), least)


def unconstrained(values: FloatArray, known: BoolArray, season: int) -> FloatArray:
    """Return demand of every period, with estimates where it is not known.

    Parameters
    ----------
    values
        Sales per period, item units; NaN where missing.
    known
        False where sales were held down by a stock-out or are missing; true somewhere.
    season
        Periods per season; 1 without.

    Returns
    -------
    FloatArray
        Demand per period; at least what was sold.

    Examples
    --------
    >>> sold = np.array([10.0, 12.0, 3.0, 8.0, 10.0, np.nan])
    >>> demand = unconstrained(sold, np.array([True, True, False, True, True, False]), 1)
    >>> [f"{value:.1f}" for value in demand]
    ['10.0', '12.0', '10.0', '8.0', '10.0', '9.9']
    """
    sold = np.where(np.isnan(values), 0.0, values)
    if known.all():
        return sold
    indices = shrunk_indices(sold, known, season)[np.arange(sold.size) % season]
    wanted = np.flatnonzero(~known)
    levels = _levels(sold, known, indices, wanted)
    filled = sold.copy()
    filled[wanted] = np.maximum(sold[wanted], levels * indices[wanted])
    return filled


def _levels(sold: FloatArray, known: BoolArray, indices: FloatArray, wanted: IndexArray) -> FloatArray:
    """Return expected demand of the wanted periods over their seasonal index."""
    level = sold / indices
    reach = _reach(level[known])
    around, weights = _neighbours(np.flatnonzero(known), wanted, reach)
    total, weight = (level[around] * weights).sum(axis=1), weights.sum(axis=1)
    told = np.flatnonzero(sold[wanted] > 0)
    if not told.size:
        return np.asarray(total / weight)
    sizes = fitted_sizes(sold[known], indices[known])
    bounds, scales = sold[wanted[told]], indices[wanted[told]]
    # Sales before the stock ran out count beside the known periods, as the demand they let expect.
    others, their_weights = _neighbours(
        wanted[told], wanted, reach, nearest=np.abs(wanted[:, None] - around).min(axis=1)
    )
    their_weights *= TRUST
    places = np.searchsorted(wanted[told], others)
    levels = total / weight
    weight = weight + their_weights.sum(axis=1)
    given = bounds / scales
    for _ in range(ROUNDS):
        given = sizes.expected_beyond(np.maximum(levels[told] * scales, SMALLEST_SHARE * bounds), bounds) / scales
        before, levels = levels, (total + (given[places] * their_weights).sum(axis=1)) / weight
        if (np.abs(levels - before) <= SETTLED * levels).all():
            break
    levels[told] = given
    return np.asarray(levels)


def _reach(level: FloatArray) -> float:
    """Return how far neighbours count, by the ratio of von Neumann (1941): one for noise, near zero for a walk."""
    variance = float(level.var())
    ratio = float((np.diff(level) ** 2).mean()) / (2 * variance) if level.size > 1 and variance > 0 else 1.0
    return NEAR + (FAR - NEAR) * min(ratio, 1.0)


def _neighbours(
    candidates: IndexArray, wanted: IndexArray, reach: float, nearest: IndexArray | None = None
) -> tuple[IndexArray, FloatArray]:
    """Return the candidates around each wanted period, and weights that fall with the distance.

    The nearest known period weighs one, however far it is, and nothing weighs more.
    """
    offsets = np.arange(-NEIGHBOURS, NEIGHBOURS)
    chosen = np.searchsorted(candidates, wanted)[:, None] + offsets
    inside = (chosen >= 0) & (chosen < candidates.size)
    around = candidates[np.clip(chosen, 0, candidates.size - 1)]
    distances = np.abs(around - wanted[:, None])
    closest = np.where(inside, distances, candidates[-1] + wanted[-1]).min(axis=1) if nearest is None else nearest
    return around, inside * np.exp(np.minimum((closest[:, None] - distances) / reach, 0.0))


def fitted_sizes(demand: FloatArray, indices: FloatArray) -> Sizes:
    """Return the distribution of demand around its level, by the differences from one known period to the next.

    Parameters
    ----------
    demand
        Demand of the known periods, item units.
    indices
        Their seasonal indices.
    """
    level, unit = demand / indices, demand_unit(demand)
    mean = float(level.mean())
    if mean <= 0 or level.size < 2:
        return Sizes(1.0, mean, 0.0)
    # Counted demand varies with the root of its mean, other demand with its mean.
    doubled = 1 / indices[1:] + 1 / indices[:-1] if unit else np.full(level.size - 1, 2.0)
    return Sizes(max(float((np.diff(level) ** 2 / doubled).mean()) / mean**2, NOISELESS), mean, unit)
