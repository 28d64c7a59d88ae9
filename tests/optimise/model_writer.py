"""A model to minimise, written in PuLP 3 or 4: variables, rows, and what is paid."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import pulp


class ModelWriter:
    """Variables are zero or more; with `relaxed` nothing is whole.

    What is paid for plain numbers is added up in `constant`: PuLP 3 does not hand an objective's constant to every
    solver.
    """

    def __init__(self, relaxed: bool) -> None:
        self.relaxed = relaxed
        self.lp = pulp.LpProblem("whole", pulp.LpMinimize)
        self.paid: list[Any] = []
        self.constant = 0.0
        self.columns = self.rows = 0

    def number(self, name: str, most: float = math.inf) -> Any:
        return self._add_variable(name, most, pulp.LpContinuous)

    def whole(self, name: str, most: int) -> Any:
        return self._add_variable(name, most, pulp.LpContinuous if self.relaxed else pulp.LpInteger)

    def yes_or_no(self, name: str) -> Any:
        return self.whole(name, 1)

    def _add_variable(self, name: str, most: float, kind: str) -> Any:
        add = getattr(self.lp, "add_variable", None) or pulp.LpVariable  # PuLP 4: variables belong to a problem
        self.columns += 1
        return add(f"{name}_{self.columns}", 0, None if math.isinf(most) else most, kind)

    def require(self, constraint: Any) -> None:
        self.rows += 1
        self.lp.addConstraint(constraint)

    def limit(self, amounts: Iterable[Any], limit: float) -> None:
        amounts = list(amounts)
        if math.isfinite(limit) and amounts:
            self.require(pulp.lpSum(amounts) <= limit)

    def pay(self, rate: float, amount: Any) -> None:
        if isinstance(amount, float):
            self.constant += rate * amount
        elif rate != 0:
            self.paid.append(rate * amount)

    def finish(self) -> None:
        self.lp.setObjective(pulp.lpSum(self.paid))

    def objective_value(self) -> float:
        return float(pulp.value(self.lp.objective) or 0.0) + self.constant
