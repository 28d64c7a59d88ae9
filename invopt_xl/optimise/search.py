"""The search for a better plan and a proven bound."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from invopt_xl.domain import Progress
from invopt_xl.optimise.accounting import account
from invopt_xl.optimise.discounts import best_savings
from invopt_xl.optimise.groundwork import Groundwork
from invopt_xl.optimise.shadow_prices import ShadowPrices
from invopt_xl.optimise.terms import FloatArray


@dataclass(frozen=True, eq=False)
class Found:
    """What a search came to."""

    quantity: FloatArray
    bound: float
    prices: ShadowPrices
    solver: str
    notes: tuple[str, ...]
    stopped: bool


def search_plan(
    work: Groundwork, first: FloatArray, deadline: float, gap: float, workers: int | None, progress: Progress
) -> Found:
    """Return the best plan found until the deadline."""
    problem = work.problem
    wanted = problem.demand.sum(axis=1) + problem.safety_stock + problem.sum_by_item(work.fixed).sum(axis=1)
    bound = float(account(problem, work.fixed).unavoidable.sum() - (best_savings(problem) * wanted).sum())
    return Found(first, bound, ShadowPrices.none(problem), "", (), True)
