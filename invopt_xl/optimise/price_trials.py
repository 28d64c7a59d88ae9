"""What more room in each limit would save in a plan as it stands: prices of a relaxation put to the trial."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from invopt_xl.optimise.accounting import account
from invopt_xl.optimise.groundwork import Groundwork, money_ordered, sends_what_is_there
from invopt_xl.optimise.larger_lines import KINDS, WORTH_SAVING, Larger, LargerLines
from invopt_xl.optimise.room import hardly_any
from invopt_xl.optimise.shadow_prices import MoreRoom, ShadowPrices
from invopt_xl.optimise.terms import TOLERANCE, BoolArray, FloatArray, IntArray

MOST_TRIED = 200
"""Prices that are checked on the whole plan, the highest first; beyond them what more would save is not told."""

CAPACITY = KINDS.index("capacity")

_Limit = tuple[int, int, int]
"""Kind as in `KINDS`, row in the table of the kind (supplier; 0 of what all share) and period."""


def tried_prices(
    work: Groundwork, quantity: FloatArray, relaxed: ShadowPrices, doubt: float = 0.0
) -> tuple[ShadowPrices, MoreRoom]:
    """Return the shadow prices of a plan, and how much more room each was tried with.

    A price is what one larger line saves by a unit of the room that is missing for it, told of the line of which that
    is most. It must go beyond that one limit only. In a plan that is proven to be the cheapest all that is true; in
    another some of it may be had without more room. So it counts no more than the relaxation says where that has a
    price, but what is beyond all that a better plan could save.

    Where no line alone would save with more of a limit, its price is zero, if the relaxation says so too and no line
    lacks room in another limit as well; otherwise what more would save is not known.

    Parameters
    ----------
    work
        The problem.
    quantity
        The plan, units by source and period.
    relaxed
        Prices that a relaxation sets; missing where none was found.
    doubt
        What a better plan would save at most, money.

    Examples
    --------
    >>> from invopt_xl.optimise import OrderProblem
    >>> from invopt_xl.optimise.groundwork import prepare
    >>> problem = OrderProblem(item_names=("tea",), supplier=-1, unit_cost=2.0, demand=[[5.0, 5.0]], on_hand=0.0,
    ...                        lead_time_periods=0, shortage_cost=4.0, budget=8.0)
    >>> prices, more = tried_prices(prepare(problem), np.array([[4.0, 4.0]]), ShadowPrices.none(problem))
    >>> prices.budget.tolist(), more.budget.tolist()
    ([2.0, 2.0], [2.0, 2.0])
    """
    lines = LargerLines(work, quantity)
    trials = _Trials(lines, relaxed, doubt)
    confirmed = dict(_confirmed(work, quantity, trials.best))
    unknown = [
        (given > 0) | together | (np.isnan(given) & used)
        for given, together, used in zip(trials.given, trials.together, _used_up(lines), strict=True)
    ]
    prices = [np.where(table, np.nan, 0.0) for table in unknown]
    more = [np.zeros_like(table) for table in prices]
    for (kind, row, period), trial in trials.best.items():
        found = confirmed.get((kind, row, period))
        prices[kind][row, period] = np.nan if found is None else found / trial.more
        more[kind][row, period] = 0.0 if found is None else trial.more
    return ShadowPrices(**_by_name(prices)), MoreRoom(**_by_name(more))


@dataclass(frozen=True, eq=False)
class _Trial:
    """A larger line that saves money with more room in one limit."""

    saved: float
    told: float
    more: float
    larger: Larger


class _Trials:
    """Larger lines of a plan that some limit forbids.

    Attributes
    ----------
    given
        Prices of the relaxation by kind, row and period.
    best
        Of each limit the trial that saves most by a unit of room.
    together
        By kind, row and period, whether a line would save money that lacks room in another limit as well.
    """

    def __init__(self, lines: LargerLines, relaxed: ShadowPrices, doubt: float) -> None:
        self.lines, self.doubt = lines, doubt
        self.given = _by_kind(relaxed)
        self.anyway = _taken_anyway(lines.work)
        self.best: dict[_Limit, _Trial] = {}
        self.together = [np.zeros(table.shape, dtype=bool) for table in self.given]
        for larger in lines.tried(lines.tight()):
            self._judge(larger)

    def _judge(self, larger: Larger) -> None:
        saving = larger.saved > WORTH_SAVING
        alone: BoolArray = larger.beyond.sum(axis=(0, 2)) == 1
        for limit, _, _ in self._limits(larger, larger.full & (saving & ~alone)[:, None]):
            self.together[limit[0]][limit[1:]] = True
        for limit, line, missing in self._limits(larger, larger.beyond & (saving & alone)[:, None]):
            saved, more = float(larger.saved[line]), missing + float(self.anyway[limit[0]][limit[1:]])
            told = self._told(limit, saved, more, full=bool(larger.full[limit[0], line, limit[2]]))
            # Of sizes that save the same by a unit, the one tried first: the smallest.
            if told > WORTH_SAVING and (limit not in self.best or told / more > self._rate(limit) * (1 + TOLERANCE)):
                self.best[limit] = _Trial(saved, told, more, larger.only(line))

    def _rate(self, limit: _Limit) -> float:
        return self.best[limit].told / self.best[limit].more

    def _told(self, limit: _Limit, saved: float, more: float, *, full: bool) -> float:
        """Return what is told of a saving with more room: what a better plan could save without is in doubt."""
        price = float(self.given[limit[0]][limit[1:]])
        if not price > 0:
            return saved if full else saved - self.doubt
        return max(min(saved, price * more), saved - self.doubt)

    def _limits(self, larger: Larger, where: BoolArray) -> Iterator[tuple[_Limit, int, float]]:
        """Yield limits, by kind, line and period, with the line and what it takes beyond them."""
        kind, line, period = np.nonzero(where)
        supplier: IntArray = np.where(kind == CAPACITY, self.lines.problem.supplier[larger.source[line]], 0)
        missing = larger.missing[kind, line, period]
        limits = zip(kind.tolist(), supplier.tolist(), period.tolist(), strict=True)
        yield from zip(limits, line.tolist(), missing.tolist(), strict=True)


def _by_kind(prices: ShadowPrices) -> list[FloatArray]:
    """Return the tables in the order of `KINDS`, by row and period."""
    return [np.atleast_2d(getattr(prices, kind.replace(" ", "_"))) for kind in KINDS]


def _by_name(tables: list[FloatArray]) -> dict[str, FloatArray]:
    """Return tables in the order of `KINDS` by their names, of what all share by period only."""
    flat = [table if kind == CAPACITY else table[0] for kind, table in enumerate(tables)]
    return {kind.replace(" ", "_"): table for kind, table in zip(KINDS, flat, strict=True)}


def _taken_anyway(work: Groundwork) -> list[FloatArray]:
    """Return by kind, row and period what is taken beyond each limit, whatever a plan does."""
    problem = work.problem
    spent, units = money_ordered(problem, work.fixed), problem.sum_by_supplier(work.fixed)
    room = (work.working_capital, work.storage, work.budget + spent, work.capacity + units)
    limits = (problem.working_capital, problem.storage_volume, problem.budget, problem.capacity_units)
    over = (
        np.subtract(most, limit, out=np.zeros_like(most), where=np.isfinite(limit))
        for most, limit in zip(room, limits, strict=True)
    )
    return [np.atleast_2d(table) for table in over]


def _used_up(lines: LargerLines) -> list[BoolArray]:
    """Return by kind, row and period where next to nothing is left of a limit."""
    work, room = lines.work, lines.room
    units = work.capacity - lines.problem.sum_by_supplier(lines.quantity - work.fixed)
    left = (room.working_capital, room.storage, room.budget, units)
    limits = (work.working_capital, work.storage, work.budget, work.capacity)
    return [np.atleast_2d(hardly_any(one, limit)) for one, limit in zip(left, limits, strict=True)]


def _confirmed(work: Groundwork, quantity: FloatArray, best: dict[_Limit, _Trial]) -> Iterator[tuple[_Limit, float]]:
    """Yield limits with what is told of them where the whole plan's costs say so."""
    total = account(work.problem, quantity).total
    ranked = sorted(best.items(), key=lambda one: -one[1].told / one[1].more)
    for limit, trial in ranked[:MOST_TRIED]:
        plan = trial.larger.plan(quantity, 0)
        saved = total - account(work.problem, plan).total
        told = min(trial.told, trial.told + saved - trial.saved)
        if told > WORTH_SAVING and sends_what_is_there(work, plan):
            yield limit, told
