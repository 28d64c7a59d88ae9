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
from invopt_xl.optimise.disruption import Disruption, disrupted
from invopt_xl.optimise.plan import OrderPlan, plan_orders
from invopt_xl.optimise.problem import OrderProblem
from invopt_xl.optimise.terms import FloatArray
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
    problem
        As it is after the disruption, with lines sent before it as the planner's orders or as open orders.
    plan
        The new plan.
    before
        The plan before.
    comparison
        What changed.
    followed
        The plan before, as it stands, under the new circumstances.
    already_spent
        Cost of lines sent before a closure that are open orders of `problem` now, money: `plan` is without these lines
        and their cost, `comparison` with both.
    """

    problem: OrderProblem
    plan: OrderPlan
    before: OrderPlan
    comparison: PlanComparison
    followed: Followed
    already_spent: float = 0.0

    @property
    def cost(self) -> float:
        """What the disruption costs at best, money: the new plan against the one before."""
        return self.comparison.total

    @property
    def saved(self) -> float:
        """What planning anew saves against following the plan before, money."""
        return self.followed.total - self.plan.total - self.already_spent

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
) -> Followed:
    """Return what becomes of a plan that is followed as it stands after disruptions.

    Lines that a closed supplier does not take are not ordered; lines that would arrive while it is closed arrive when
    it is over.

    Parameters
    ----------
    problem
        As it was.
    disruptions
        What happens.
    quantity
        The plan, units by source and order period.
    receipts
        Open orders by source, as `disrupted` takes them.

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
    after = disrupted(replace(problem, fixed_quantity=quantity), disruptions, receipts=receipts)
    arriving = np.nan_to_num(after.fixed_quantity)
    taken = np.where(np.isnan(after.fixed_quantity), 0.0, quantity)
    flow = simulate(after, arriving)
    costs = account(after, taken, flow)
    return Followed(taken, flow.stock, flow.short, costs.breakdown(), costs.total)


def replan(
    problem: OrderProblem,
    disruptions: Sequence[Disruption],
    before: OrderPlan | None = None,
    *,
    keep_sent: bool = False,
    receipts: FloatArray | None = None,
    **options: Unpack[PlanOptions],
) -> Replanned:
    """Return a new plan after disruptions, beside the plan before.

    Parameters
    ----------
    problem
        As it was.
    disruptions
        What happens.
    before
        The plan before; None: made now.
    keep_sent
        Whether the plan's lines of period 0 are already sent: they stand, as far as the supplier takes them.
    receipts
        Open orders by source, as `disrupted` takes them.
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
    followed = follow(problem, disruptions, before.quantity, receipts=receipts)
    kept = problem
    if keep_sent:
        fixed = problem.fixed_quantity.copy()
        fixed[:, 0] = np.where(before.quantity[:, 0] > 0, before.quantity[:, 0], fixed[:, 0])
        kept = replace(problem, fixed_quantity=fixed)
    after = disrupted(kept, disruptions, receipts=receipts)
    plan = plan_orders(after, start=followed.quantity, **options)
    underway = np.where(after.fixed_quantity == 0, np.nan_to_num(kept.fixed_quantity), 0.0)
    spent = _spent(after, plan.quantity, underway)
    already = sum(spent.values()) - spent["purchase"] - 2 * spent["discount"]
    whole = replace(
        plan,
        quantity=plan.quantity + underway,
        costs={kind: money + spent.get(kind, 0.0) for kind, money in plan.costs.items()},
        total=plan.total + already,
    )
    return Replanned(after, plan, before, compare_plans(problem, before, whole), followed, already)


def _spent(problem: OrderProblem, quantity: FloatArray, underway: FloatArray) -> dict[str, float]:
    """Return what lines underway cost beside those of a plan, by kind."""
    alone, together = account(problem, quantity).breakdown(), account(problem, quantity + underway).breakdown()
    kinds = ("purchase", "order", "supplier order", "price", "emergency", "lateness", "discount")
    return {kind: together[kind] - alone[kind] for kind in kinds}
