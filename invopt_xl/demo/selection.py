"""Which products the demo shows: the best sellers, some that came or went, and a fair sample of all the rest."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.demo.weekly import Grid, Life

BEST_SELLERS = 100
SHARE_NEW = 0.045
SHARE_WITHDRAWN = 0.035

INTERVAL_LIMIT = 1.32
VARIATION_LIMIT = 0.49
"""Syntetos, Boylan and Croston (2005): where mean interval between sales and squared variation divide the patterns."""

Rows = npt.NDArray[np.int64]


def demand_pattern(quantity: npt.NDArray[np.float64]) -> npt.NDArray[np.object_]:
    """Return the Syntetos-Boylan pattern of each row: smooth, erratic, intermittent or lumpy.

    Examples
    --------
    >>> demand_pattern(np.array([[5.0, 6, 5, 6], [0, 5, 0, 0]])).tolist()
    ['smooth', 'intermittent']
    """
    sold = quantity > 0
    interval = quantity.shape[1] / np.maximum(sold.sum(axis=1), 1)
    sizes = np.where(sold, quantity, np.nan)
    variation = (np.nanstd(sizes, axis=1) / np.nanmean(sizes, axis=1)) ** 2
    names = np.array([["smooth", "erratic"], ["intermittent", "lumpy"]], dtype=object)
    chosen: npt.NDArray[np.object_] = names[
        (interval >= INTERVAL_LIMIT).astype(int), (variation >= VARIATION_LIMIT).astype(int)
    ]
    return chosen


def choose(grid: Grid, life: Life, departments: npt.NDArray[np.object_], products: int) -> Rows:
    """Return the rows of a mix of products, the same every time.

    The best sellers by value come first; then products launched and products withdrawn within the year, evenly
    spaced by value; the rest is spread over departments and demand patterns in proportion to the square root of
    their number, so that small groups are seen, and evenly spaced by value within each.
    """
    value = np.nansum(grid.quantity * grid.price, axis=1)
    settled = ~life.launched & ~life.withdrawn
    best = _by_value(np.flatnonzero(settled), value)[: min(BEST_SELLERS, products)]
    new = _spaced(_by_value(np.flatnonzero(life.launched & ~life.withdrawn), value), round(SHARE_NEW * products))
    gone = _spaced(_by_value(np.flatnonzero(life.withdrawn & ~life.launched), value), round(SHARE_WITHDRAWN * products))
    rest = np.setdiff1d(np.flatnonzero(settled), best)
    stratum = pd.Series(departments[rest] + "/" + demand_pattern(grid.quantity[rest]), index=rest)
    quota = _quotas(stratum.value_counts().sort_index(), products - len(best) - len(new) - len(gone))
    sampled = [
        _spaced(_by_value(members.index.to_numpy(), value), quota[name])
        for name, members in stratum.groupby(stratum, sort=True)
    ]
    return np.sort(np.concatenate([best, new, gone, *sampled])).astype(np.int64)


def _by_value(rows: Rows, value: npt.NDArray[np.float64]) -> Rows:
    return rows[np.lexsort((rows, -value[rows]))]


def _spaced(rows: Rows, count: int) -> Rows:
    count = max(0, min(count, len(rows)))
    if count == 0:
        return rows[:0]
    return rows[((np.arange(count) + 0.5) * len(rows) / count).astype(np.int64)]


def _quotas(sizes: pd.Series[int], total: int) -> dict[object, int]:
    """Split a total over strata by the square root of their size, largest remainders up, no more than they hold."""
    quota = dict.fromkeys(sizes.index, 0)
    weight = np.sqrt(sizes.to_numpy(dtype=float))
    remaining = min(total, int(sizes.sum()))
    while remaining > 0:
        room = np.array([sizes[name] - quota[name] for name in quota])
        open_weight = np.where(room > 0, weight, 0)
        exact = remaining * open_weight / open_weight.sum()
        grant = np.minimum(np.floor(exact), room).astype(int)
        if grant.sum() == 0:
            grant[np.argsort(-np.where(room > 0, exact, -1), kind="stable")[:remaining]] = 1
            grant = np.minimum(grant, room)
        for name, more in zip(quota, grant.tolist(), strict=True):
            quota[name] += more
        remaining -= int(grant.sum())
    return quota
