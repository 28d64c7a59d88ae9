"""Two plans side by side: lines that changed, what it costs, and whom it leaves short."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from invopt_xl.errors import require
from invopt_xl.optimise.plan import OrderPlan
from invopt_xl.optimise.problem import OrderProblem
from invopt_xl.optimise.terms import TOLERANCE, FloatArray
from invopt_xl.optimise.wording import money_in_words, source_name, units_in_words

ChangeKind = Literal["new", "gone", "more", "less", "moved"]

ALIKE = 0.5
"""A line gone and a new one of its source are one moved line if the smaller is at least this share of the other."""

UNTOLD = 0.01
"""Parts of a difference in cost below this share of its largest part are not told."""

_WORDS = {
    "order": "order lines",
    "supplier order": "supplier orders",
    "price": "in unit prices",
    "emergency": "emergency premium",
    "lateness": "late deliveries",
    "transfer": "transfers",
    "floor": "stock below its floor",
    "end stock": "for cheap stock left over",
}
"""Kinds of cost in words, where their name alone does not say it."""


@dataclass(frozen=True)
class LineChange:
    """A line that two plans have differently.

    Parameters
    ----------
    source
        Index of the source.
    name
        The item, and whom it comes from if that is not the only one.
    kind
        ``"new"``, ``"gone"``, ``"more"``, ``"less"``, or ``"moved"`` to another period.
    period
        Order period, before if the line moved.
    before, after
        Units.
    to_period
        Order period after; `period` unless the line moved.
    """

    source: int
    name: str
    kind: ChangeKind
    period: int
    before: float
    after: float
    to_period: int

    def __str__(self) -> str:
        before, after = units_in_words(self.before), units_in_words(self.after)
        if self.kind == "moved":
            units = before if self.before == self.after else f"{before}, now {after},"
            return f"{self.name}: {units} moved from period {self.period} to period {self.to_period}"
        if self.kind in ("new", "gone"):
            units = after if self.kind == "new" else before
            return f"{self.name}: {units} in period {self.period} {'are new' if self.kind == 'new' else 'are gone'}"
        return f"{self.name}: {after} instead of {before} in period {self.period}"


@dataclass(frozen=True, eq=False)
class PlanComparison:
    """What changed from one plan to another.

    Parameters
    ----------
    changes
        Lines that changed, by period and source.
    costs
        Money by kind, after less before; more discount won is above zero.
    total
        The plan's cost, after less before.
    short
        Units short by item, after less before: lost, or periods that a unit waits.
    reason
        One sentence: what it costs, and why.
    """

    changes: tuple[LineChange, ...]
    costs: dict[str, float]
    total: float
    short: FloatArray
    reason: str

    def of(self, kind: ChangeKind) -> tuple[LineChange, ...]:
        """Return the changes of one kind."""
        return tuple(change for change in self.changes if change.kind == kind)


def compare_plans(problem: OrderProblem, before: OrderPlan, after: OrderPlan) -> PlanComparison:
    """Return what changed from a plan to another of the same items, sources and periods.

    Parameters
    ----------
    problem
        Names the sources; the plans may be for different demand, prices and limits.
    before, after
        The plans.

    Raises
    ------
    InputError
        If a plan is not of the problem's sources and periods.

    Examples
    --------
    >>> from invopt_xl.optimise import plan_orders
    >>> from dataclasses import replace
    >>> problem = OrderProblem(item_names=("tea",), supplier=-1, unit_cost=2.0, demand=[[0.0, 5.0, 5.0]], on_hand=0.0,
    ...                        lead_time_periods=1, order_cost=3.0, shortage_cost=4.0, holding_cost=0.1)
    >>> before, after = plan_orders(problem), plan_orders(replace(problem, demand=[[0.0, 0.0, 5.0]]))
    >>> comparison = compare_plans(problem, before, after)
    >>> print(comparison.changes[0])
    tea: 10, now 5, moved from period 0 to period 1
    >>> comparison.reason
    'costs 0.50 less: 0.50 less holding'
    """
    shape = (problem.sources, problem.periods)
    for name, plan in (("plan before", before), ("plan after", after)):
        fits = plan.quantity.shape == shape
        require(fits, name, f"of shape {plan.quantity.shape}", f"sources by periods, {shape}")
    costs = {kind: after.costs[kind] - before.costs.get(kind, 0.0) for kind in after.costs}
    total = after.total - before.total
    return PlanComparison(
        changes=line_changes(problem, before.quantity, after.quantity),
        costs=costs,
        total=total,
        short=after.short.sum(axis=1) - before.short.sum(axis=1),
        reason=difference_in_words(costs, total),
    )


def line_changes(problem: OrderProblem, before: FloatArray, after: FloatArray) -> tuple[LineChange, ...]:
    """Return the lines that two tables of units, by source and order period, have differently."""
    found = []
    differ = np.abs(after - before) > TOLERANCE * np.maximum(1.0, np.maximum(before, after))
    for source in np.flatnonzero(differ.any(axis=1)).tolist():
        name, old, new = source_name(problem, source), before[source], after[source]
        moves = _moves(old, new, differ[source])
        found += [LineChange(source, name, "moved", t, float(old[t]), float(new[to]), to) for t, to in moves.items()]
        told = {*moves, *moves.values()}
        for period in (one for one in np.flatnonzero(differ[source]).tolist() if one not in told):
            units = (float(old[period]), float(new[period]))
            found.append(LineChange(source, name, _kind(*units), period, *units, period))
    return tuple(sorted(found, key=lambda change: (change.period, change.source)))


def _kind(before: float, after: float) -> ChangeKind:
    if before <= 0:
        return "new"
    if after <= 0:
        return "gone"
    return "more" if after > before else "less"


def _moves(before: FloatArray, after: FloatArray, differ: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> dict[int, int]:
    """Pair lines gone with new lines of like size, the nearest first."""
    gone, new = np.flatnonzero(differ & (after <= 0)), np.flatnonzero(differ & (before <= 0))
    pairs = [
        (abs(to - period), abs(float(after[to] - before[period])), period, to)
        for period in gone.tolist()
        for to in new.tolist()
        if min(before[period], after[to]) >= ALIKE * max(before[period], after[to])
    ]
    moves: dict[int, int] = {}
    for _, _, period, to in sorted(pairs):
        if period not in moves and to not in moves.values():
            moves[period] = to
    return moves


def difference_in_words(costs: dict[str, float], total: float) -> str:
    """Return a difference in cost and its parts as one sentence.

    Parameters
    ----------
    costs
        Differences by kind, with the names of `OrderPlan.costs`.
    total
        Their sum, without purchases.

    Examples
    --------
    >>> difference_in_words({"emergency": 280.0, "shortage": 45.0, "holding": -15.0, "purchase": 900.0}, 310.0)
    'costs 310 more: 280 emergency premium, 45 shortage, less 15 holding'
    >>> difference_in_words({"shortage": -40.0, "holding": 15.0}, -25.0)
    'costs 25 less: 40 less shortage, but 15 more holding'
    """
    parts = {kind: -money if kind == "discount" else money for kind, money in costs.items() if kind != "purchase"}
    largest = max((abs(money) for money in parts.values()), default=0.0)
    told = {kind: money for kind, money in parts.items() if abs(money) > max(UNTOLD * largest, 5e-3)}
    if not told:
        return "costs the same"
    if abs(total) < 5e-3:
        return f"costs the same: {_parts(told, 1, 'more ')}, and {_parts(told, -1, 'less ')}"
    if total > 0:
        saved = _parts(told, -1, "", joint=", less ")
        return f"costs {money_in_words(total)} more: {_parts(told, 1, '')}" + (f", less {saved}" if saved else "")
    added = _parts(told, 1, "more ")
    return f"costs {money_in_words(-total)} less: {_parts(told, -1, 'less ')}" + (f", but {added}" if added else "")


def _parts(told: dict[str, float], sign: int, compared: str, *, joint: str = ", ") -> str:
    """Return the parts of a sign in words, the largest first."""
    ordered = sorted(((sign * money, kind) for kind, money in told.items() if sign * money > 0), reverse=True)
    discount = "of discounts lost" if sign > 0 else "of discounts won"
    words = [discount if kind == "discount" else f"{compared}{_WORDS.get(kind, kind)}" for _, kind in ordered]
    return joint.join(f"{money_in_words(money)} {word}" for (money, _), word in zip(ordered, words, strict=True))
