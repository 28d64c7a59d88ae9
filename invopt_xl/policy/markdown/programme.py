"""The dynamic programme of a price that may only fall: stock and time left decide.

Gallego & van Ryzin (1994), "Optimal dynamic pricing of inventories with stochastic demand over finite horizons",
Management Science 40(8), with a ladder of prices, periods instead of continuous time, and demand of any distribution.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from invopt_xl.policy.costs import FloatArray

IntArray = npt.NDArray[np.int64]

_TIE = 1e-9
"""Prices whose value differs by less, as a share, are as good; the highest of them is taken."""


@dataclass(frozen=True, eq=False)
class PricePolicy:
    """What price to ask.

    Parameters
    ----------
    choice
        Place of the best price on the ladder by period, stock, and place of the price asked before; shape (periods,
        stock + 1, prices).
    value
        Expected money from then on, shape (periods + 1, stock + 1, prices).
    """

    choice: IntArray
    value: FloatArray


def best_prices(
    chances: FloatArray,
    prices: FloatArray,
    end: FloatArray,
    *,
    holding_cost: float | FloatArray = 0.0,
    may_rise: bool = False,
) -> PricePolicy:
    """Return the price that brings the most money in each period, for each stock and price asked before.

    V_t(n, j) = max over prices k from j down of p_k E[min(D, n)] - h_t E[(n - D)+] + E[V_{t+1}((n - D)+, k)]

    Parameters
    ----------
    chances
        Chance of each number of units asked for, shape (periods, prices, stock + 1); the last for all above as well.
    prices
        The ladder, money a unit, the highest first.
    end
        What 0, 1, ... units are worth at the end, money, shape (stock + 1,).
    holding_cost
        Of a unit left at the end of a period, money; one for all periods, or one for each.
    may_rise
        Whether a price may rise again.

    Examples
    --------
    >>> one_buyer = np.array([[[0.6, 0.4], [0.1, 0.9]]])  # four in ten buy at 10, nine in ten at 6
    >>> policy = best_prices(one_buyer, np.array([10.0, 6.0]), np.zeros(2))
    >>> policy.choice[0, 1].tolist(), policy.value[0, 1].round(2).tolist()
    ([1, 1], [5.4, 5.4])
    """
    periods, rungs, size = chances.shape
    value = np.empty((periods + 1, size, rungs))
    value[-1] = end[:, None]
    choice = np.zeros((periods, size, rungs), dtype=np.int64)
    stock, holding = np.arange(size, dtype=np.float64), np.broadcast_to(holding_cost, periods)
    for period in range(periods - 1, -1, -1):
        moves = _moves(chances[period])
        remaining = moves @ stock
        asked = (stock - remaining) * prices[:, None] - holding[period] * remaining
        asked = asked + np.einsum("knm,mk->kn", moves, value[period + 1])
        choice[period] = _choices(asked, may_rise=may_rise)
        value[period] = np.take_along_axis(asked.T, choice[period], axis=1)
    return PricePolicy(choice, value)


def _moves(chances: FloatArray) -> FloatArray:
    """Return the chance to come from each stock to each, by price, shape (prices, stock + 1, stock + 1)."""
    size = chances.shape[1]
    asked = np.arange(size)[:, None] - np.arange(size)[None, :]
    moves = np.where(asked >= 0, chances[:, np.maximum(asked, 0)], 0.0)
    moves[:, :, 0] = 0.0
    moves[:, :, 0] = np.maximum(1.0 - moves.sum(axis=2), 0.0)
    return np.asarray(moves)


def _choices(asked: FloatArray, *, may_rise: bool) -> IntArray:
    """Return the best place by stock and price asked before: the best of all prices, or of those not above it."""
    rungs, size = asked.shape
    best = np.full(size, rungs - 1)
    top = asked[-1].copy()
    choice = np.empty((size, rungs), dtype=np.int64)
    choice[:, -1] = best
    for rung in range(rungs - 2, -1, -1):
        better = asked[rung] >= top - _TIE * np.maximum(np.abs(top), 1.0)
        best = np.where(better, rung, best)
        top = np.where(better, asked[rung], top)
        choice[:, rung] = best
    return np.repeat(choice[:, :1], rungs, axis=1) if may_rise else choice
