"""The best order periods for changing demand: every start of an order is compared for every end."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from invopt_xl.policy.lot_sizes.orders import SAME, Order, as_allowed, cumulated

FloatArray = npt.NDArray[np.float64]

_BLOCK = 1024
"""Items calculated at a time."""


def wagner_whitin(demand: FloatArray, setup: FloatArray, holding: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the best cost and its quantities where any quantity may be ordered.

    best[t] = min over s < t of best[s] + A[s] + holding what serves s ... t - 1, which comes at the start of s. With
    D[t] the demand and H[t] the holding of a unit before t, and P[t] the sum of d[k] H[k] before t, the holding is
    P[t] - P[s] - H[s] (D[t] - D[s]): a line in D[t] for each start (Wagelmans, Van Hoesel & Kolen 1992). Items lie
    side by side in memory and are taken a block at a time, so that a block stays in the processor's cache.
    """
    items = len(demand)
    cost, quantity = np.empty(items), np.empty_like(demand)
    for first in range(0, items, _BLOCK):
        block = slice(first, first + _BLOCK)
        best, came_from, to = _forward(*(_by_period(one[block]) for one in (demand, setup, holding)))
        cost[block] = best
        quantity[block] = _walk(came_from, to).T
    return cost, quantity


def _by_period(values: FloatArray) -> FloatArray:
    """Return values with one row for each period; one value for all periods stays one in memory."""
    return values.T if values.strides[1] == 0 else np.ascontiguousarray(values.T)


def _forward(
    demand: FloatArray, setup: FloatArray, holding: FloatArray
) -> tuple[FloatArray, npt.NDArray[np.int16], FloatArray]:
    """Return the best cost, the best start for each end, and demand before each period; all (periods, items)."""
    periods, items = demand.shape
    to, per_unit, later = (np.zeros((periods + 1, items)) for _ in range(3))
    np.cumsum(demand, axis=0, out=to[1:])
    np.cumsum(holding[:-1], axis=0, out=per_unit[1:-1])
    np.cumsum(demand * per_unit[:-1], axis=0, out=later[1:])
    least = np.full((periods + 1, items), np.inf)
    least[0] = 0.0
    came_from = np.zeros((periods + 1, items), dtype=np.int16)
    line, better = np.empty((periods, items)), np.empty((periods, items), dtype=bool)
    for start in range(periods):
        # least[t] is best[t] - P[t]; a period without demand needs no order.
        idle = (demand[start] == 0.0) & (least[start] < least[start + 1])
        if idle.any():
            np.copyto(least[start + 1], least[start], where=idle)
            np.copyto(came_from[start + 1], start, where=idle)
        ends, of_line, of_better = slice(start + 1, None), line[: periods - start], better[: periods - start]
        np.multiply(to[ends], -per_unit[start], out=of_line)
        of_line += least[start] + setup[start] + per_unit[start] * to[start]
        np.less(of_line, least[ends], out=of_better)
        np.minimum(least[ends], of_line, out=least[ends])
        np.copyto(came_from[ends], start, where=of_better)
    return least[-1] + later[-1], came_from, to


def _walk(came_from: npt.NDArray[np.int16], to: FloatArray) -> FloatArray:
    """Return quantities, shape (periods, items): from the last period back, each order serves up to the next."""
    periods, items = came_from.shape[0] - 1, came_from.shape[1]
    quantity = np.zeros((periods, items))
    start, served = came_from[-1], to[-1]
    for period in range(periods - 1, -1, -1):
        here = start == period
        np.subtract(served, to[period], out=quantity[period], where=here)
        start, served = np.where(here, came_from[period], start), np.where(here, to[period], served)
    return quantity


def with_left_over(
    demand: FloatArray, setup: FloatArray, holding: FloatArray, minimum: FloatArray, multiple: FloatArray | None
) -> FloatArray:
    """Return quantities within minimum and multiple, nearly always the cheapest."""
    quantity = np.empty_like(demand)
    for first in range(0, len(demand), _BLOCK):
        block = slice(first, first + _BLOCK)
        order = as_allowed(minimum[block], None if multiple is None else multiple[block])
        quantity[block] = _two_labels(demand[block], setup[block], holding[block], order)
    return quantity


def _two_labels(demand: FloatArray, setup: FloatArray, holding: FloatArray, order: Order) -> FloatArray:
    """Return allowed quantities: the recursion of Wagner & Whitin, where each order finds what earlier ones left.

    All starts s of all items in one step. Holding from s to t - 1 is what a unit costs over these periods, times
    what is there at first, less what each period's demand takes out on the way. Each period keeps two labels: the
    cheapest way to get there, and the way that leaves least over.
    """
    labels = 2
    items, periods = demand.shape
    to, per_unit, taken = cumulated(demand), cumulated(holding), cumulated(holding * demand.cumsum(axis=1))
    best, left = np.zeros((items, periods + 1, labels)), np.zeros((items, periods + 1, labels))
    came_from = np.zeros((items, periods + 1, labels), dtype=np.int64)
    for end in range(1, periods + 1):
        begin = left[:, :end].reshape(items, -1)
        start_to, start_unit, start_taken, start_setup = (
            np.repeat(part[:, :end], labels, axis=1) for part in (to, per_unit, taken, setup)
        )
        span = to[:, end : end + 1] - start_to
        quantity = order(span - begin)
        # Stock at the end of period k is left + quantity + to[start] - to[k].
        held = (begin + quantity + start_to) * (per_unit[:, end : end + 1] - start_unit)
        cost = best[:, :end].reshape(items, -1) + start_setup * (quantity > 0.0) + held
        cost -= taken[:, end : end + 1] - start_taken
        over = begin + quantity - span
        leanest = over <= over.min(axis=1, keepdims=True) + SAME * to[:, -1:]
        chosen = np.stack([cost.argmin(axis=1), np.where(leanest, cost, np.inf).argmin(axis=1)], axis=1)
        came_from[:, end] = chosen
        best[:, end] = np.take_along_axis(cost, chosen, axis=1)
        left[:, end] = np.take_along_axis(over, chosen, axis=1)
    return _walk_back(came_from, to, left, order)


def _walk_back(came_from: npt.NDArray[np.int64], to: FloatArray, left: FloatArray, order: Order) -> FloatArray:
    items, periods, labels = came_from.shape[0], came_from.shape[1] - 1, came_from.shape[2]
    quantity = np.zeros((items, periods))
    rows, end, label = np.arange(items), np.full(items, periods), np.zeros(items, dtype=np.int64)
    while end.any():
        start, before = np.divmod(came_from[rows, end, label], labels)
        need = to[rows, end] - to[rows, start] - left[rows, start, before]
        # Items already at the beginning need nothing there: start and end are both 0.
        quantity[rows, start] += np.where(end > 0, order(need[:, None])[:, 0], 0.0)
        end, label = np.where(end > 0, start, 0), before
    return quantity
