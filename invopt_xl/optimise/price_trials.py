"""What a lot more of each limit would save in a plan as it stands: prices of a relaxation put to the trial."""

from __future__ import annotations

import numpy as np

from invopt_xl.optimise.accounting import account
from invopt_xl.optimise.groundwork import Groundwork
from invopt_xl.optimise.larger_lines import KINDS, WORTH_SAVING, Larger, LargerLines
from invopt_xl.optimise.shadow_prices import ShadowPrices
from invopt_xl.optimise.terms import FloatArray, IntArray

MOST_TRIED = 200
"""Prices that are checked on the whole plan, the highest first; beyond them what more would save is not told."""

CAPACITY = KINDS.index("capacity")

_Limit = tuple[int, int, int]
"""Kind as in `KINDS`, supplier (-1 of what all share) and period."""


def tried_prices(work: Groundwork, quantity: FloatArray, relaxed: ShadowPrices) -> ShadowPrices:
    """Return the shadow prices of a plan: what a lot more saves by a unit, at most the relaxation's price.

    Where a limit is not used up (see `LargerLines.used_up`) the price is zero. Where it is, some line must be cheaper
    with more, and with more of that one limit only: otherwise what more of it would save is not known.

    Parameters
    ----------
    work
        The problem.
    quantity
        The plan, units by source and period.
    relaxed
        Prices that a relaxation sets.

    Examples
    --------
    >>> from invopt_xl.optimise import OrderProblem
    >>> from invopt_xl.optimise.groundwork import prepare
    >>> problem = OrderProblem(item_names=("tea",), supplier=-1, unit_cost=2.0, demand=[[5.0, 5.0]], on_hand=0.0,
    ...                        lead_time_periods=0, shortage_cost=4.0, budget=8.0)
    >>> tried_prices(prepare(problem), np.array([[4.0, 3.0]]), ShadowPrices.none(problem)).budget.tolist()
    [2.0, 0.0]
    """
    lines = LargerLines(work, quantity)
    found = _confirmed(work, quantity, _best_of(lines))
    used_up = lines.used_up()
    tables = []
    for kind, (given, used) in enumerate(zip(_by_kind(relaxed), used_up, strict=True)):
        table = np.where(used, np.nan, 0.0)
        for (of, supplier, period), rate in found.items():
            if of == kind:
                at = (supplier, period) if supplier >= 0 else (period,)
                if used[at]:
                    table[at] = min(rate, given[at]) if given[at] > 0 else rate
        tables.append(table)
    capital, storage, budget, capacity = tables
    return ShadowPrices(budget, storage, capital, capacity)


def _by_kind(prices: ShadowPrices) -> tuple[FloatArray, ...]:
    """Return the tables in the order of `KINDS`."""
    return prices.working_capital, prices.storage, prices.budget, prices.capacity


def _best_of(lines: LargerLines) -> dict[_Limit, tuple[float, Larger, int]]:
    """Return for each limit the larger line that saves most per unit of it, and that takes no other beyond its room."""
    best: dict[_Limit, tuple[float, Larger, int]] = {}
    for larger in lines.tried(lines.tight()):
        alone = (larger.saved > WORTH_SAVING) & (larger.beyond.sum(axis=(0, 2)) == 1)
        kind, line, period = np.nonzero(larger.full & alone[:, None])
        rates = larger.saved[line] / larger.use[kind, line, period]
        supplier: IntArray = np.where(kind == CAPACITY, lines.problem.supplier[larger.source[line]], -1)
        limits = zip(kind.tolist(), supplier.tolist(), period.tolist(), strict=True)
        for limit, at, rate in zip(limits, line.tolist(), rates.tolist(), strict=True):
            if limit not in best or rate > best[limit][0]:
                best[limit] = (rate, larger, at)
    return best


def _confirmed(
    work: Groundwork, quantity: FloatArray, best: dict[_Limit, tuple[float, Larger, int]]
) -> dict[_Limit, float]:
    """Return what is saved by a unit where the whole plan's costs say so."""
    total = account(work.problem, quantity).total
    found = {}
    for limit, (rate, larger, line) in sorted(best.items(), key=lambda one: -one[1][0])[:MOST_TRIED]:
        saved = total - account(work.problem, larger.plan(quantity, line)).total
        if saved > WORTH_SAVING:
            found[limit] = min(rate, saved / float(larger.use[limit[0], line, limit[2]]))
    return found
