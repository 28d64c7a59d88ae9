"""Doubt as it shows: what one half of the periods says against what the other does.

Formulas for standard errors take errors for independent, and they are not: what competitors do, and customers who
stocked up, act for weeks, and a promotion of a whole chain moves all its stores at once. Estimates from two halves of
the past, stretches of weeks in turn, differ as far as they are in doubt, whatever the reason. Where they differ more
than formulas say, the doubt is made as large as it shows; first of items, then of groups, whose items err together.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from invopt_xl.forecasting.lifts.effects import Z80
from invopt_xl.forecasting.panel.histories import Flags, Floats
from invopt_xl.forecasting.response.shrinkage import Told, Tree, pooled

FEW = 3.0
"""So many estimates count as much as the formulas do."""

_SHARE = 0.8
_TINY, _LEAST = 1e-9, 0.05


def calibrated(told: Told, halves: tuple[Told, Told], tree: Tree) -> tuple[Told, Tree]:
    """Return what the data say of items, and the tree, with doubt as large as halves of the past show it.

    Parameters
    ----------
    told
        What demand of all periods says of each item.
    halves
        What each half of the periods does.
    tree
        The items' groups.
    """
    factor = excess_doubt(*halves)
    told, one, other = (_scaled(each, factor) for each in (told, *halves))
    whole, shared = told, []
    for parent in tree.above[:-1]:
        whole, one, other = (pooled(each, parent) for each in (whole, one, other))
        more = excess_doubt(one, other) - 1
        size = whole.score.shape[1]
        shared.append(np.asarray(more * np.linalg.inv(whole.information + _TINY * np.eye(size)), dtype=np.float64))
    return told, replace(tree, shared=tuple(shared))


def excess_doubt(one: Told, other: Told) -> float:
    """Return how many times as large variances are as formulas say, by the first effect of two halves; at least 1.

    The factor at which four in five differences lie inside their interval of 80%; drawn to 1 where few tell.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> says = np.full((500, 1, 1), 4.0)
    >>> honest, bold = (Told(says, 4.0 * rng.normal(-2, sd, (500, 1))) for sd in (0.5, 1.0))
    >>> f"{excess_doubt(honest, honest):.1f} {excess_doubt(honest, bold):.1f}"
    '1.0 2.6'
    """
    telling = (one.information[:, 0, 0] > _LEAST) & (other.information[:, 0, 0] > _LEAST)
    count = int(telling.sum())
    if not count:
        return 1.0
    (first, doubt), (second, more) = (_first_effect(each, telling) for each in (one, other))
    gap = np.abs(first - second) / np.sqrt(doubt + more)
    shown = float(np.quantile(gap, _SHARE) / Z80) ** 2
    return max((count * shown + FEW) / (count + FEW), 1.0)


def _first_effect(told: Told, telling: Flags) -> tuple[Floats, Floats]:
    """Return estimate and variance of the first effect."""
    size = told.score.shape[1]
    inverse = np.asarray(np.linalg.inv(told.information[telling] + _LEAST * np.eye(size)), dtype=np.float64)
    return np.einsum("nj,nj->n", inverse[:, 0], told.score[telling]), inverse[:, 0, 0]


def _scaled(told: Told, factor: float) -> Told:
    return Told(told.information / factor, told.score / factor)
