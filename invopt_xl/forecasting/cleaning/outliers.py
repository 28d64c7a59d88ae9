"""Values that trend, season and the usual variation do not explain, and how far they are let through."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.forecasting.cleaning.baselines import BoolArray, demand_unit, has_seasons, robust_baseline

SPREADS = 5.0
"""Robust standard deviations of log demand from the usual from which a value is an outlier."""

SMALLEST_SPREAD = 0.35
"""Log demand is taken to vary at least this much, so a promotion in a steady history is no outlier."""

SMALLEST_REGULAR_SPREAD = 0.1
"""The same where level and season of each period are known."""

OUTLIER_SHARE = 0.05
"""Values beyond the limit that are more frequent than this are a habit of the item, not outliers."""

ACCIDENTS = 2
"""So many values may be beyond the limit by accident; what has come more often may come again."""

ALIKE = 1.5
"""Factor up to which peaks count as alike."""

DEMANDS_FOR_OUTLIERS = 3
"""With fewer demands nobody can say which of them is odd."""

POINTS_FOR_A_BASELINE = 16
"""With fewer known periods, values are compared with the median of all."""

RARE = 0.15
"""Share of periods without demand from which only the sizes of demand are judged."""

PERIODS_OF_A_LEVEL = 2
"""Unusual periods in a row, up to the newest, that may be a new level."""

SIZES_OF_A_COUNT = 3
"""Different sizes from which demand that comes in multiples is taken for counted."""

LARGEST_COUNTING = 0.5
"""Log demand is not taken to vary more than this by its being counted."""

LARGEST_LOG = 700.0
"""Beyond it the exponential leaves the numbers."""

BEYOND_BELIEF = 5.0
"""Times what recurs from which a size is more likely a slip of the pen than a customer's wish."""

PROMOTED_BEYOND_BELIEF = 20.0
"""Times the usual from which demand in an explained period is more likely a slip where few others can tell; no lift
that is learned is larger."""

DEMANDS_FOR_BELIEF = 8
"""With fewer demands any size may come again."""


def limited(values: FloatArray, known: BoolArray, explained: BoolArray, season: int) -> tuple[FloatArray, BoolArray]:
    """Return the values with outliers brought to the limit, and where they were.

    Regular demand is compared with its local level and season on both sides, gently where several newest periods
    are alike unusual, for that may be a new level. Rare demand is judged by the median of its sizes, above it only.
    Peaks that recur are left; one far above the others is brought down to `ALIKE` times what recurs. An explained
    period is compared with the others that are explained: see `_explained_limits`.

    Parameters
    ----------
    values
        Sales per period, item units; NaN where missing.
    known
        True where the value was observed in stock.
    explained
        True where the caller knows why the value is unusual, such as a promotion.
    season
        Periods per season; 1 without.
    """
    finite = np.isfinite(values)
    trusted = known & ~explained
    if trusted.sum() < max(POINTS_FOR_A_BASELINE, int(known.sum()) // 2):
        trusted = known
    sizes = values[finite & (values > 0)]
    untouched = np.zeros(values.size, dtype=bool)
    if sizes.size < DEMANDS_FOR_OUTLIERS or np.ptp(values[finite]) == 0:
        return values, untouched
    places = np.flatnonzero(trusted)
    regular = places.size >= POINTS_FOR_A_BASELINE and (values[places] == 0).mean() < RARE
    if regular:
        low, usual, high = _regular_limits(values, trusted, season)
    else:
        low, usual, high = (np.full(values.size, each) for each in (0.0, *_limit_of_sizes(sizes)))
    belief, reached = _explained_limits(values, finite & explained, usual, high)
    slips = finite & explained & (values > belief)
    beyond = finite & ~explained & (values > high)
    if beyond.sum() > ACCIDENTS:
        # What the third largest reached comes again: it is part of demand, and its spread needs stock.
        high = high * ALIKE * np.sort(values[beyond] / high[beyond])[-ACCIDENTS - 1]
        beyond &= values > high
    below = known & ~explained & (values < low)
    allowed = max(1.0, OUTLIER_SHARE * int(known.sum()))
    touched = (
        slips | (beyond if beyond.sum() <= allowed else untouched) | (below if below.sum() <= allowed else untouched)
    )
    return np.where(touched, np.clip(values, low, np.where(slips, reached, high)), values), touched


def without_slips(values: FloatArray, known: BoolArray, explained: BoolArray, season: int) -> FloatArray:
    """Return the values with those of explained periods brought to the limit where they are beyond belief.

    Parameters
    ----------
    values, known, explained, season
        As `limited` takes them.

    Examples
    --------
    >>> promoted = np.arange(20) % 10 == 4
    >>> sold = np.where(promoted, 20.0, 9.0 + np.arange(20) % 3)
    >>> sold[4] = 2000.0
    >>> cut = without_slips(sold, np.ones(20, dtype=bool), promoted, 1)
    >>> cut[4].round().item(), (cut == sold).sum().item()
    (48.0, 19)
    """
    return np.where(explained, limited(values, known, explained, season)[0], values)


def _explained_limits(
    values: FloatArray, explained: BoolArray, usual: FloatArray, high: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return what explained demand is believed up to, and the limit that more than that is brought to.

    Of so many as may be accidents, the largest are beyond belief if they are more than `BEYOND_BELIEF` times as far
    above the usual as all others, and than the usual itself; with fewer than `DEMANDS_FOR_BELIEF` of them, if they are
    `PROMOTED_BEYOND_BELIEF` times the usual besides. The limit is the most that any of the others reached. Neither is
    below that of other periods.
    """
    with np.errstate(over="ignore"):  # of next to nothing anything is beyond all numbers
        times = np.where(explained, values / usual, 0.0)
    least = BEYOND_BELIEF if (times > 0).sum() >= DEMANDS_FOR_BELIEF else PROMOTED_BEYOND_BELIEF
    ranked = np.sort(times)[::-1]
    believed = np.inf
    # Two slips alike are seen beside the third, and of one far above another both.
    for larger, rest in pairwise(ranked[: ACCIDENTS + 1]):
        most = max(BEYOND_BELIEF * rest, least)
        believed = most if larger > most else believed
    reached = max(times[times <= believed].max(), 1.0)
    return np.maximum(believed * usual, high), np.maximum(reached * usual, high)


def believable(history: FloatArray) -> FloatArray:
    """Return histories in which sizes beyond belief are unknown, as a quantity typed with a digit too many.

    A size is beyond belief if it is an outlier among all sizes of its item, and more than `BEYOND_BELIEF` times as
    large as what came at least three times. One such row in a hundred would else be most of the variance of demand,
    and the safety stock many times what any other period asks for.

    Parameters
    ----------
    history
        Demand a period, units, shape (items, periods); NaN where unknown.

    Examples
    --------
    >>> believable(np.array([[5.0, 7.0, 6.0, 4.0, 600.0, 5.0, 6.0, 7.0, 5.0]])).tolist()
    [[5.0, 7.0, 6.0, 4.0, nan, 5.0, 6.0, 7.0, 5.0]]
    """
    if history.shape[1] < DEMANDS_FOR_BELIEF:
        return history
    sizes = np.nan_to_num(history)
    recurring = np.partition(sizes, -ACCIDENTS - 1, axis=1)[:, -ACCIDENTS - 1]
    beyond = (sizes > BEYOND_BELIEF * recurring[:, None]) & ((sizes > 0).sum(axis=1) >= DEMANDS_FOR_BELIEF)[:, None]
    for row in np.flatnonzero(beyond.any(axis=1)).tolist():
        beyond[row] &= sizes[row] > _limit_of_sizes(sizes[row][sizes[row] > 0])[1]
    return np.where(beyond, np.nan, history)


def _limit_of_sizes(sizes: FloatArray) -> tuple[float, float]:
    """Return the usual size and the largest that is none of an outlier."""
    logs = np.log(sizes)
    middle = float(np.median(logs))
    spread = max(1.4826 * float(np.median(np.abs(logs - middle))), SMALLEST_SPREAD)
    return float(np.exp(middle)), float(np.exp(min(middle + SPREADS * spread, LARGEST_LOG)))


def _regular_limits(values: FloatArray, trusted: BoolArray, season: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the limits of each period's demand, and between them the usual."""
    places = np.flatnonzero(trusted)
    demand = values[places]
    # A period without demand counts as half the smallest one: low, but not infinitely so.
    nothing = demand[demand > 0].min() / 2
    logs = np.log(np.maximum(demand, nothing))
    usual, spread = robust_baseline(logs, places, values.size, season if has_seasons(trusted, season) else 1)
    counting = _counting_spread(demand, usual)
    spreads = np.maximum(counting, max(spread, SMALLEST_REGULAR_SPREAD))
    normal = places[np.abs(logs - usual[places]) <= SPREADS * spreads[places]]
    # What has lasted to the end of the history may be a new level: cut only beyond belief, and never raised.
    lasting = np.arange(values.size) > (normal[-1] if normal.size else -1)
    if int((lasting & trusted).sum()) < PERIODS_OF_A_LEVEL:
        lasting[:] = False
    above = SPREADS * np.where(lasting, np.maximum(spreads, SMALLEST_SPREAD), spreads)
    low, middle, high = (
        np.exp(np.clip(each, -LARGEST_LOG, LARGEST_LOG)) for each in (usual - SPREADS * spreads, usual, usual + above)
    )
    return np.where((low > nothing) & ~lasting, low, 0.0), middle, high


def _counting_spread(demand: FloatArray, usual: FloatArray) -> FloatArray:
    """Return how much the log of counted demand varies at least, as Poisson: more in a low season than a high one."""
    unit = demand_unit(demand)
    if not unit or np.unique(demand[demand > 0]).size < SIZES_OF_A_COUNT:
        return np.zeros(usual.size)
    spread = np.sqrt(unit) * np.exp(np.clip(-usual / 2, -LARGEST_LOG / 2, LARGEST_LOG / 2))
    return np.asarray(np.minimum(spread, LARGEST_COUNTING))
