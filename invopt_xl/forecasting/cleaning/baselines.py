"""What a period usually sells: a local level times a season, found in demand with gaps and oddities."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from invopt_xl.domain.forecast import FloatArray

BoolArray = npt.NDArray[np.bool_]
IndexArray = npt.NDArray[np.intp]

MEDIAN_WINDOW = 11
"""Periods in a running median: an odd run of up to five does not move it."""

LONGEST_WINDOW = 105
"""Periods in the running median of a long season."""

LOT_PARTS = 20
"""The unit of demand is looked for down to this part of the smallest demand."""

SMALLEST_INDEX, LARGEST_INDEX = 0.05, 20.0
"""Bounds of a seasonal index."""


def has_seasons(known: BoolArray, season: int) -> bool:
    """Return whether two seasons are there, and half of their periods known, so that a season can be told."""
    return season > 1 and known.size >= 2 * season and int(known.sum()) >= max(season, known.size // 2)


def robust_baseline(logs: FloatArray, places: IndexArray, periods: int, season: int) -> tuple[FloatArray, float]:
    """Return the usual log demand of every period, and its spread; neither heeds a few odd values.

    A slope by the median of differences over half the history (after Theil 1950 and Sen 1968), a running median of
    what is left, and where `season` is above one the median of each of its periods over the years.

    Parameters
    ----------
    logs
        Log demand of the periods that are trusted.
    places
        Which periods those are, ascending.
    periods
        Length of the history.
    season
        Periods per season; 1 without.

    Returns
    -------
    tuple
        Usual log demand, shape (periods,), and the standard deviation by the median absolute deviation.
    """
    every = np.arange(periods)
    slope = _median_slope(logs, places, season)
    straight = logs - slope * places
    indices = np.zeros(season)
    if season > 1:
        indices = _median_indices(
            straight - running_median(straight, min(season | 1, LONGEST_WINDOW)), places % season, season
        )
        straight = straight - indices[places % season]
    level = running_median(straight)
    deviations = np.sort(np.abs(straight - level))
    # The year that is the median of its month deviates by nothing: it tells nothing of the spread.
    deviations = deviations[min(season, deviations.size - 1) :] if season > 1 else deviations
    spread = 1.4826 * float(deviations[deviations.size // 2])
    return np.interp(every, places, level) + slope * every + indices[every % season], spread


def running_median(values: FloatArray, window: int = MEDIAN_WINDOW) -> FloatArray:
    """Return the median of the values around each, those at the ends sharing the first and the last window."""
    half = min(window, values.size - (values.size + 1) % 2) // 2
    windows = np.lib.stride_tricks.sliding_window_view(values, 2 * half + 1)
    middle = np.partition(windows, half, axis=1)[:, half]
    return np.concatenate([np.full(half, middle[0]), middle, np.full(values.size - half - middle.size, middle[-1])])


def _median_slope(logs: FloatArray, places: IndexArray, season: int) -> float:
    lag = max(logs.size // 2, 1)
    lag = lag // season * season if lag >= season else lag
    if logs.size <= lag:
        return 0.0
    return float(np.median((logs[lag:] - logs[:-lag]) / (places[lag:] - places[:-lag])))


def _median_indices(deviations: FloatArray, phases: IndexArray, season: int) -> FloatArray:
    """Return the median of each period of the season; of two in the middle the one nearer to zero.

    So a peak that came in one year of two is no season.
    """
    table = np.full((int(np.bincount(phases).max()), season), np.inf)
    order = np.argsort(phases, kind="stable")
    counts = np.bincount(phases, minlength=season)
    starts = np.cumsum(counts) - counts
    table[np.arange(order.size) - starts[phases[order]], phases[order]] = deviations[order]
    table.sort(axis=0)
    each = np.arange(season)
    upper = table[np.minimum(counts // 2, table.shape[0] - 1), each]
    lower = table[np.maximum(counts - 1, 0) // 2, each]
    return np.where(counts > 0, np.where(np.abs(lower) <= np.abs(upper), lower, upper), 0.0)


def shrunk_indices(values: FloatArray, known: BoolArray, season: int) -> FloatArray:
    """Return the multiplicative index of each period of the season, drawn to one as far as it is noise.

    The index is the mean ratio to a centred average of one season; it is shrunk by the share of the variance
    between the periods of the season that the variance within them does not explain (James & Stein 1961).

    Parameters
    ----------
    values
        Demand per period; unknown ones are not read.
    known
        True where the value counts.
    season
        Periods per season; 1 without.

    Returns
    -------
    FloatArray
        Shape (season,); entry 0 belongs to the first period of `values`. Ones where no season can be told.
    """
    ones = np.ones(season)
    if not has_seasons(known, season):
        return ones
    phases = np.arange(values.size) % season
    indices = ones
    for _ in range(2):
        level = local_mean(values / indices[phases], known, season)
        counted = known & (level > 0)
        ratios, of = values[counted] / level[counted], phases[counted]
        counts = np.bincount(of, minlength=season)
        means = np.bincount(of, weights=ratios, minlength=season) / np.maximum(counts, 1)
        within = float(((ratios - means[of]) ** 2).sum()) / max(ratios.size - int((counts > 0).sum()), 1)
        seen = counts > 0
        if not seen.any():
            return ones
        centre = float(means[seen].mean())
        noise = within / np.maximum(counts, 1)
        between = max(float(((means[seen] - centre) ** 2).mean() - noise[seen].mean()), 0.0)
        if between <= 0:
            return ones
        raw = np.where(seen, centre + (means - centre) * between / (between + noise), centre)
        indices = np.clip(raw / centre, SMALLEST_INDEX, LARGEST_INDEX)
        indices = indices / indices.mean()
    return np.asarray(indices)


def local_mean(values: FloatArray, known: BoolArray, window: int) -> FloatArray:
    """Return the mean of the known values in a centred window, zero where there is none."""
    kernel = np.ones(window + 1 - window % 2)
    if window % 2 == 0:
        kernel[[0, -1]] = 0.5
    weighted = np.convolve(np.where(known, values, 0.0), kernel, mode="full")
    counted = np.convolve(known.astype(np.float64), kernel, mode="full")
    half = kernel.size // 2
    weighted, counted = weighted[half : half + values.size], counted[half : half + values.size]
    return np.asarray(weighted / np.maximum(counted, 0.5) * (counted > 0))


def demand_unit(demand: FloatArray) -> float:
    """Return the unit that all demands are multiples of, item units, or zero.

    Examples
    --------
    >>> demand_unit(np.array([24.0, 36.0, 0.0])), demand_unit(np.array([0.31, 0.52]))
    (12.0, 0.0)
    """
    sizes = demand[demand > 0]
    if not sizes.size:
        return 0.0
    units = sizes.min() / np.arange(1, LOT_PARTS + 1)
    counts = sizes / units[:, None]
    whole = (np.abs(counts - np.rint(counts)) <= 1e-6 * counts).all(axis=1)
    return float(units[np.argmax(whole)]) if whole.any() else 0.0
