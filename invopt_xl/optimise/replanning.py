"""A new plan after a disruption: what moved, what it costs, and what it saves against today's plan as it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypedDict, Unpack

import numpy as np

from invopt_xl.domain import Progress
from invopt_xl.errors import require
from invopt_xl.optimise.accounting import account, simulate
from invopt_xl.optimise.comparison import PlanComparison, compare_plans
from invopt_xl.optimise.disruption import Disrupted, Disruption, after_disruptions
from invopt_xl.optimise.plan import OrderPlan, plan_orders
from invopt_xl.optimise.problem import OrderProblem
from invopt_xl.optimise.steady import smallest_saving
from invopt_xl.optimise.terms import FloatArray, IntArray
from invopt_xl.optimise.wording import money_in_words


class PlanOptions(TypedDict, total=False):
    """What `plan_orders` may be told: time limit, gap, threads, and whom to tell how far it is."""

    seconds: float
    gap: float
    workers: int | None
    progress: Progress | None


@dataclass(frozen=True, eq=False)
class Followed:
    """What becomes of a plan that is followed as it stands after a disruption.

    Parameters
    ----------
    quantity
        Units that are ordered, by source and period: without lines a closed supplier does not take.
    stock, short
        By item and period, as `OrderPlan` has them.
    costs, total
        As `OrderPlan` has them.
    """

    quantity: FloatArray
    stock: FloatArray
    short: FloatArray
    costs: dict[str, float]
    total: float


@dataclass(frozen=True, eq=False)
class Replanned:
    """A plan after a disruption.

    Parameters
    ----------
    after
        The problem as it is after the disruption, with lines sent before it in orders of their own.
    plan
        The new plan, by source of `problem`.
    before
        The plan before.
    comparison
        What changed.
    followed
        The plan before, as it stands, under the new circumstances.
    worth_changing
        What changing a line had to save at least, money.
    """

    after: Disrupted
    plan: OrderPlan
    before: OrderPlan
    comparison: PlanComparison
    followed: Followed
    worth_changing: float

    @property
    def problem(self) -> OrderProblem:
        """The problem as it is after the disruption."""
        return self.after.problem

    @property
    def cost(self) -> float:
        """What the disruption costs at best, money: the new plan against the one before."""
        return self.comparison.total

    @property
    def saved(self) -> float:
        """What planning anew saves against following the plan before, money."""
        return self.followed.total - self.plan.total

    def __str__(self) -> str:
        moved = len(self.comparison.changes)
        lines = f"{moved} line{'' if moved == 1 else 's'} changed"
        anew = (
            f"planning anew saves {money_in_words(self.saved)}" if self.saved > 5e-3 else "planning anew saves nothing"
        )
        return f"the plan {self.comparison.reason}; {lines}, and {anew}"


def follow(
    problem: OrderProblem,
    disruptions: Sequence[Disruption],
    quantity: FloatArray,
    *,
    receipts: FloatArray | None = None,
    due: IntArray | None = None,
    keep_sent: bool = False,
) -> Followed:
    """Return what becomes of a plan that is followed as it stands after disruptions.

    Lines that a closed supplier does not take are not ordered; lines that would come while it is closed come when it is
    over.

    Parameters
    ----------
    problem
        As it was.
    disruptions
        What happens.
    quantity
        The plan, units by source and order period.
    receipts, due
        As `disrupted` takes them.
    keep_sent
        Whether the lines of period 0 are sent already.

    Raises
    ------
    InputError
        If the plan is not of the problem's sources and periods, or a disruption is about nothing there is.

    Examples
    --------
    >>> from invopt_xl.optimise import Closure
    >>> problem = OrderProblem(item_names=("tea",), supplier=0, unit_cost=2.0, demand=[[5.0, 5.0, 5.0]], on_hand=0.0,
    ...                        lead_time_periods=0, shortage_cost=4.0, supplier_names=("K",))
    >>> follow(problem, [Closure(0, 1, 1)], np.array([[5.0, 5.0, 5.0]])).short.tolist()
    [[0.0, 5.0, 0.0]]
    """
    fits = quantity.shape == problem.fixed_quantity.shape
    require(fits, "plan", f"of shape {quantity.shape}", f"sources by periods, {problem.fixed_quantity.shape}")
    whole = replace(problem, fixed_quantity=quantity)
    sent = quantity[:, 0] if keep_sent else None
    after = after_disruptions(whole, disruptions, receipts=receipts, due=due, sent=sent)
    taken = np.nan_to_num(after.problem.fixed_quantity)
    flow = simulate(after.problem, taken)
    costs = account(after.problem, taken, flow)
    return Followed(after.before(taken), flow.stock, flow.short, costs.breakdown(), costs.total)


def replan(
    problem: OrderProblem,
    disruptions: Sequence[Disruption],
    before: OrderPlan | None = None,
    *,
    keep_sent: bool = False,
    receipts: FloatArray | None = None,
    due: IntArray | None = None,
    **options: Unpack[PlanOptions],
) -> Replanned:
    """Return a new plan after disruptions, beside the plan before.

    It keeps to the lines of the plan before where changing them would save less than `steady.smallest_saving`.

    Parameters
    ----------
    problem
        As it was.
    disruptions
        What happens.
    before
        The plan before; None: made now.
    keep_sent
        Whether the plan's lines of period 0 are sent already: they stand, and at worst arrive late. What is ordered
        anew from the same supplier in that period is an order of its own.
    receipts, due
        As `disrupted` takes them.
    **options
        As `plan_orders` takes them.

    Raises
    ------
    InputError
        If a disruption is about nothing there is, or an option is impossible.

    Examples
    --------
    >>> from invopt_xl.optimise import Closure
    >>> problem = OrderProblem(item_names=("tea",), supplier=0, unit_cost=2.0, demand=[[5.0, 5.0, 5.0]], on_hand=0.0,
    ...                        lead_time_periods=0, shortage_cost=4.0, holding_cost=0.1, supplier_names=("K",))
    >>> found = replan(problem, [Closure(supplier=0, first=1, last=1)])
    >>> found.plan.quantity.tolist(), f"{found.cost:.2f}", f"{found.saved:.2f}"
    ([[10.0, 0.0, 5.0]], '0.50', '19.50')
    """
    before = before or plan_orders(problem, **options)
    followed = follow(problem, disruptions, before.quantity, receipts=receipts, due=due, keep_sent=keep_sent)
    sent = before.quantity[:, 0] if keep_sent else None
    after = after_disruptions(problem, disruptions, receipts=receipts, due=due, sent=sent)
    old = _as_far_as_planned(after, followed.quantity)
    plan = plan_orders(after.problem, start=old, steady=True, **options)
    whole = replace(plan, quantity=after.before(plan.quantity))
    return Replanned(
        after, plan, before, compare_plans(problem, before, whole), followed, smallest_saving(after.problem, old)
    )


def _as_far_as_planned(after: Disrupted, quantity: FloatArray) -> FloatArray:
    """Return an old plan, by source before, as a plan of what a disruption leaves of the problem."""
    fixed = after.problem.fixed_quantity
    behind = (np.arange(len(fixed)) >= len(quantity))[:, None]  # lines that are sent already, or late
    left = quantity - after.before(np.where(behind, np.nan_to_num(fixed), 0.0))
    return np.where(np.isnan(fixed), left[after.source], fixed)
