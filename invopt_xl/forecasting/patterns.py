"""Which kind of demand a history shows: how often it comes, and how much its size varies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from invopt_xl.domain.forecast import FloatArray

PatternName = Literal["smooth", "erratic", "intermittent", "lumpy", "none"]

INTERVAL_CUTOFF = 1.32
"""Mean interval between demands, periods, from which demand is intermittent (Syntetos, Boylan & Croston 2005)."""

VARIATION_CUTOFF = 0.49
"""Squared coefficient of variation of sizes from which demand is erratic (Syntetos, Boylan & Croston 2005)."""


@dataclass(frozen=True)
class DemandPattern:
    """The Syntetos-Boylan class of a demand history.

    Parameters
    ----------
    name
        ``smooth``, ``erratic`` (sizes vary), ``intermittent`` (demand is rare), ``lumpy`` (both), or ``none``
        where nothing was ever demanded.
    mean_interval
        Periods per demand; infinite without demand.
    squared_variation
        Squared coefficient of variation of the sizes of demand, zeros left out.
    """

    name: PatternName
    mean_interval: float
    squared_variation: float


def demand_pattern(history: FloatArray) -> DemandPattern:
    """Return the pattern of one demand history; unknown periods (NaN) do not count.

    The cut-offs are those of Syntetos, Boylan & Croston (2005), "On the categorization of demand patterns",
    Journal of the Operational Research Society 56, 495-503.

    Parameters
    ----------
    history
        Demand per period, item units, oldest first; NaN where unknown.

    Examples
    --------
    >>> demand_pattern(np.array([0.0, 0.0, 4.0, 0.0, 0.0, 4.0]))
    DemandPattern(name='intermittent', mean_interval=3.0, squared_variation=0.0)
    """
    return demand_patterns([history])[0]


def demand_patterns(histories: Sequence[FloatArray]) -> list[DemandPattern]:
    """Return the pattern of each history; the same as `demand_pattern`, for many at once.

    Parameters
    ----------
    histories
        Demand per period of each item, item units; lengths may differ, NaN where unknown.

    Examples
    --------
    >>> [pattern.name for pattern in demand_patterns([np.array([5.0, 6.0]), np.array([0.0, 0.0])])]
    ['smooth', 'none']
    """
    longest = max((len(history) for history in histories), default=0)
    table = np.full((len(histories), longest), np.nan)
    for row, history in enumerate(histories):
        table[row, : len(history)] = history
    known = np.isfinite(table).sum(axis=1)
    sizes = np.where(table > 0, table, 0.0)
    demands = (sizes > 0).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        intervals = np.where(demands > 0, known / demands, np.inf)
        # Sizes are divided by their largest first, so that squares of huge demands stay finite.
        sizes = sizes / sizes.max(axis=1, initial=0.0)[:, None]
        means = sizes.sum(axis=1) / demands
        variances = np.where(sizes > 0, (sizes - means[:, None]) ** 2, 0.0).sum(axis=1) / demands
        variations = np.where(demands > 0, variances / means**2, 0.0)
    return [
        DemandPattern(_name(interval, variation), interval, variation)
        for interval, variation in zip(intervals.tolist(), variations.tolist(), strict=True)
    ]


def _name(interval: float, variation: float) -> PatternName:
    if not np.isfinite(interval):
        return "none"
    if interval < INTERVAL_CUTOFF:
        return "smooth" if variation < VARIATION_CUTOFF else "erratic"
    return "intermittent" if variation < VARIATION_CUTOFF else "lumpy"
