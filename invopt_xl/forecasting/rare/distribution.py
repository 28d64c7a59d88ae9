"""From the level of rare demand to sample paths: the chance, the sizes, and the doubt about both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.forecasting.rare.levels import RareLevel

CHANCE_PERIODS = 3.0
"""The chance of a demand is as uncertain as if it had been seen for so many periods.

It is a small number because the chance moves. Measured on monthly spare parts, weekly groceries and simulated demand:
the 90, 95 and 97.5% quantiles of single periods and of sums over 3, 6 and 13 hold what they say."""

FULL_MEMORY = 15
"""A shorter history makes the chance more uncertain in proportion."""

LEAST_DEMANDS = 0.5
"""The chance is at least as certain as if so many demands had been seen: below, a beta distribution is nearly all or
nothing, and sums over several periods are too wide at the top and too narrow below."""

SIZES_TO_TRUST = 3.0
"""With so many demands, sizes that were never seen are as likely as those that were."""

SIZE_VARIATION = 0.8
"""Coefficient of variation of a size that was never seen, around one that was."""

LARGER_BY = 0.3
"""Units by which whole sizes that were never seen are larger on average: ones alone do not rule out a two."""

MOST_SIZES = 50
"""Newest demands whose sizes are drawn from."""

CONSTANT_SHARE = 0.15
"""Share of sizes never seen, at least, where demand never changes and comes in more periods than the next."""

NEARLY_ALWAYS = 0.9
"""Share of periods with demand from which a history without variation would have no width."""

SILENT_DEMANDS = 1 / 3
"""Demands that a silence may have missed by chance: the neutral prior of a rate counts a third of a demand (Kerman
2011, "Neutral noninformative and informative conjugate beta and gamma prior distributions", Electronic Journal of
Statistics 5, 1450-1470)."""

STOPPING = 0.02
"""Chance that an item stops for good, in any one period, before its silence is looked at."""

LEAST_SHAPE = 0.05
"""Smallest parameter of a beta distribution, so that no path is certain of its chance by rounding."""

LEAST_ALIVE = 1e-9
"""A smaller chance to be alive is taken for this one, so that it can be divided by."""

LARGEST_WHOLE = 1e9
"""Larger quantities are not counted in single units."""


@dataclass(frozen=True, eq=False)
class SizeModel:
    """Sizes of demand, drawn from those that were seen and spread around them where few were.

    Parameters
    ----------
    seen
        The sizes that were seen, item units, each above zero.
    share
        Share of the draws that are not one of the sizes seen.
    whole
        Whether sizes are whole units.
    """

    seen: FloatArray
    share: float
    whole: bool

    @classmethod
    def of(cls, sizes: FloatArray, frequency: float) -> SizeModel:
        """Return the model of the newest sizes of an item that has a demand in such a share of its periods."""
        seen = sizes[-MOST_SIZES:]
        whole = bool(seen.max() < LARGEST_WHOLE) and np.array_equal(seen, np.round(seen))
        share = SIZES_TO_TRUST / (SIZES_TO_TRUST + seen.size - 1)
        if frequency > NEARLY_ALWAYS and np.ptp(seen) == 0:
            share = max(share, CONSTANT_SHARE)
        return cls(seen, share, whole)

    @property
    def mean(self) -> float:
        """Mean of the draws, item units."""
        return float(self.seen.mean()) + (self.share * LARGER_BY if self.whole else 0.0)

    def draw(self, rng: np.random.Generator, paths: int, periods: int) -> FloatArray:
        """Return sizes, shape (paths, periods); each path has its own selection of the sizes seen."""
        shape = (paths, periods)
        count = self.seen.size
        selected = rng.integers(count, size=(paths, count))
        picks = rng.integers(count, size=shape)
        drawn = self.seen[np.take_along_axis(selected, picks, axis=1)]
        rows, columns = np.nonzero(rng.random(shape) < self.share)
        around = rng.gamma(SIZE_VARIATION**-2, SIZE_VARIATION**2, size=rows.size) * (
            drawn[rows, columns] - (1 - LARGER_BY if self.whole else 0.0)
        )
        drawn[rows, columns] = 1.0 + rng.poisson(around) if self.whole else around
        return np.asarray(drawn)


def silence(values: FloatArray) -> int:
    """Return the number of periods since the last demand.

    Examples
    --------
    >>> silence(np.array([0.0, 2.0, 0.0, 0.0]))
    2
    """
    return values.size - 1 - int(np.flatnonzero(values)[-1])


def alive_chance(values: FloatArray, stopping: float = STOPPING) -> float:
    """Return the probability that an item still sells, after the periods since its last demand.

    An item that sells in a period with probability f and stops for good with probability s in each is alive after n
    periods without demand with probability a / (a + d): a = ((1 - s)(1 - f))^n is to live on and not to sell, and
    d the sum over k = 0 ... n - 1 of s ((1 - s)(1 - f))^k to have stopped after k such periods. It is the model of
    Fader, Hardie & Shang (2010), "Customer-base analysis in a discrete-time noncontractual setting", Marketing
    Science 29, 1086-1108, with one f, estimated up to the last demand, and one s for all items.

    Parameters
    ----------
    values
        Demand per period, item units, oldest first; at least one above zero.
    stopping
        s, per period.

    Examples
    --------
    An item that sold in nine of ten periods and then not for one, and for six:

    >>> sold = [3.0, 2, 4, 3, 0, 5, 2, 3, 3, 2]
    >>> [f"{alive_chance(np.array(sold + [0.0] * idle)):.3f}" for idle in (0, 1, 6)]
    ['1.000', '0.880', '0.000']
    """
    idle = silence(values)
    demands = np.count_nonzero(values)
    # The last demand ends the count by construction; half a demand and half a miss keep the share inside 0 to 1.
    frequency = (demands - 0.5) / (values.size - idle)
    survival = (1 - stopping) * (1 - frequency)
    alive = survival**idle
    stopped = stopping * (1 - alive) / (1 - survival)
    return float(alive / (alive + stopped))


@dataclass(frozen=True)
class Outlook:
    """What the paths of an item have in common.

    Parameters
    ----------
    mean
        Mean demand per period, item units.
    alive
        Share of paths where the item still sells.
    chance
        Mean probability of a demand in a period of those paths.
    scale
        What a size is multiplied by.
    """

    mean: float
    alive: float
    chance: float
    scale: float

    @classmethod
    def of(cls, values: FloatArray, level: RareLevel, sizes: SizeModel) -> Outlook:
        """Return the outlook whose mean is the level, but not lower than the silence proves.

        `SILENT_DEMANDS` in the periods since the last demand are kept as a chance, up to half the usual one. How
        often an item that still sells does so, between the level's chance and that before the silence, bounds the
        share of paths that have stopped.
        """
        periods, demands, idle = values.size, np.count_nonzero(values), silence(values)
        usual = float(sizes.seen.mean())
        mean = max(level.mean, min(SILENT_DEMANDS / (idle + 1), 0.5 * demands / periods) * usual)
        largest = 1 - 0.5 / (periods + 1)
        chance = min(mean / sizes.mean * (usual / level.size if level.size else 1.0), largest)
        before = min((demands + 0.5) / (periods - idle + 1), largest)
        # Items come back slower than they sold; half way is where sums over several periods hold their quantiles.
        returning = max(float(np.sqrt(before * chance)), chance)
        while_alive = min(chance / max(alive_chance(values), LEAST_ALIVE), returning)
        return cls(mean, chance / while_alive, while_alive, mean / (chance * sizes.mean))


def rare_paths(
    rng: np.random.Generator, values: FloatArray, level: RareLevel, horizon: int, paths: int
) -> tuple[FloatArray, Outlook]:
    """Return sample paths of rare demand around a level, shape (paths, horizon), and what they have in common.

    In the share of paths where the item has stopped there is no demand. In the others each period has one with a
    chance that the path draws for itself from a beta distribution and keeps; its size is drawn from a selection of
    the sizes seen that the path makes for itself (Willemain, Smart & Schwarz 2004, "A new approach to forecasting
    intermittent demand for service parts inventories", International Journal of Forecasting 20, 375-387). What the
    history leaves open so lasts along the path, and sums over periods are as wide as they are uncertain.

    Parameters
    ----------
    rng
        Source of randomness.
    values
        Demand per period, item units, oldest first; at least one above zero.
    level
        Expected demand.
    horizon
        Periods ahead.
    paths
        How many paths.
    """
    seen = values[values > 0]
    sizes = SizeModel.of(seen, seen.size / values.size)
    outlook = Outlook.of(values, level, sizes)
    memory = max(CHANCE_PERIODS * min(values.size / FULL_MEMORY, 1.0), LEAST_DEMANDS / outlook.chance)
    likely, unlikely = memory * outlook.chance, memory * (1 - outlook.chance)
    chances = rng.beta(max(likely, LEAST_SHAPE), max(unlikely, LEAST_SHAPE), size=(paths, 1))
    # Nearly as many paths live on as should, not about as many: the mean moves less from one seed to another.
    chances *= rng.permutation(paths)[:, None] < outlook.alive * paths + rng.random() - 1
    drawn = _scaled(rng, sizes, outlook.scale, sizes.draw(rng, paths, horizon))
    made = np.where(rng.random((paths, horizon)) < chances, drawn, 0.0)
    return _never_certain(rng, made, drawn, sizes), outlook


def _scaled(rng: np.random.Generator, sizes: SizeModel, scale: float, drawn: FloatArray) -> FloatArray:
    if np.isclose(scale, 1.0, rtol=1e-9):
        return drawn
    scaled = drawn * scale
    # Rounded up with the probability of the fraction, whole units keep their mean.
    return np.floor(scaled + rng.random(drawn.shape)) if sizes.whole else scaled


def _never_certain(rng: np.random.Generator, made: FloatArray, drawn: FloatArray, sizes: SizeModel) -> FloatArray:
    """Return the paths, some of them changed in each period where they are all the same.

    Where none has a demand, one gets it. Where all have the same, one gets more and one less, as much as gives the
    standard deviation that sizes never seen are promised to give, `CONSTANT_SHARE` of them.
    """
    paths = made.shape[0]
    for period in np.flatnonzero(made.max(axis=0) == made.min(axis=0)):
        one = int(rng.integers(paths))
        same = float(made[one, period])
        if not same:
            made[one, period] = drawn[one, period] or float(sizes.seen[-1])
            continue
        change = min(SIZE_VARIATION * np.sqrt(CONSTANT_SHARE * paths / 2), 1.0) * same
        change = max(np.round(change), 1.0) if sizes.whole else change
        made[one, period] += change
        made[(one + int(rng.integers(1, paths))) % paths, period] -= change
    return made
