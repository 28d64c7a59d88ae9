"""Order plans made from a problem, or read from the cache."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.cache import ContentCache, content_key
from invopt_xl.domain import Progress
from invopt_xl.optimise import OrderPlan, OrderProblem, Shortfall, check_plan, order_discounts, plan_orders
from invopt_xl.optimise.refusals import overridden_rules
from invopt_xl.optimise.shadow_prices import MoreRoom, ShadowPrices

FloatArray = npt.NDArray[np.float64]

ORDER_PLAN_VERSION = 10
"""Part of the key under which plans are kept; raised where an equal problem is planned or explained otherwise."""

_BY_LIMIT = {"shadow_prices": ShadowPrices, "more_room": MoreRoom}
"""Fields of an order plan that have a table for each kind of limit."""


@dataclass(frozen=True)
class Effort:
    """How long and how well to plan.

    Parameters
    ----------
    seconds
        Time limit.
    gap
        Good enough within this share of the cheapest.
    workers
        Threads; by default the number of cores.
    as_kept
        Whether a plan that is kept for an equal problem stands as it is, however large its gap.
    """

    seconds: float
    gap: float
    workers: int | None = None
    as_kept: bool = False


@dataclass(frozen=True, eq=False)
class Planned:
    """An order plan with what is needed to explain it.

    Parameters
    ----------
    problem
        What was planned.
    sources
        As `source_table` returns them: a row for each source of the problem.
    plan
        The plan itself.
    rates
        Discount earned by each line, a share, shape (sources, periods).
    broken
        Limits, minimums and lots the plan does not keep, each in one phrase; overrides may break some.
    """

    problem: OrderProblem
    sources: pd.DataFrame
    plan: OrderPlan
    rates: FloatArray
    broken: tuple[str, ...]

    @property
    def bought(self) -> FloatArray:
        """Units ordered from suppliers, shape (sources, periods); transfers are zero."""
        return np.where(self.problem.transfer[:, None], 0.0, self.plan.quantity)

    @property
    def value(self) -> FloatArray:
        """Money for each line after discount; of transfers what moving costs; shape (sources, periods)."""
        return self.plan.quantity * self.problem.unit_cost * (1.0 - self.rates)


def plan_problem(
    problem: OrderProblem,
    sources: pd.DataFrame,
    effort: Effort,
    *,
    cache: ContentCache | None = None,
    progress: Progress | None = None,
) -> Planned:
    """Return the order plan of a problem; what was found for an equal problem before is not looked for again.

    A plan kept in the cache is final where it is within the gap asked for, however long that took. Where time ended it
    before that, this run goes on from it, with what was proven then, and the better one is kept, unless asked for the
    one that is there. What no solver was there for is not kept at all.
    """
    key = content_key("orders", ORDER_PLAN_VERSION, *vars(problem).values())
    stored = cache.get(key) if cache else None
    kept = from_arrays(stored) if stored else None
    if kept is not None and (effort.as_kept or kept.gap <= effort.gap):
        return judged(problem, sources, kept)
    made = plan_orders(
        problem,
        seconds=effort.seconds,
        gap=effort.gap,
        workers=effort.workers,
        progress=progress,
        start=None if kept is None else kept.quantity,
        proven=-np.inf if kept is None else kept.bound,
    )
    if cache and made.solver:
        cache.put(key, to_arrays(made))
    return judged(problem, sources, made)


def judged(problem: OrderProblem, sources: pd.DataFrame, made: OrderPlan) -> Planned:
    """Return a plan with what is needed to explain it."""
    value = problem.unit_cost * made.quantity
    rates = np.divide(order_discounts(problem, made.quantity), value, out=np.zeros_like(value), where=value > 0)
    overridden = tuple(str(rule) for rule in overridden_rules(problem))
    return Planned(problem, sources, made, rates, (*check_plan(problem, made.quantity).violations, *overridden))


def to_arrays(made: OrderPlan) -> dict[str, npt.NDArray[np.generic]]:
    """Return an order plan as arrays, for the cache: its tables, and the rest as one text."""
    tables = {name: value for name, value in vars(made).items() if isinstance(value, np.ndarray)}
    limits = {f"{name}.{kind}": table for name in _BY_LIMIT for kind, table in vars(getattr(made, name)).items()}
    rest = {name: value for name, value in vars(made).items() if name not in tables and name not in _BY_LIMIT}
    rest["shortfalls"] = [asdict(shortfall) for shortfall in made.shortfalls]
    return tables | limits | {"rest": np.array(json.dumps(rest))}


def from_arrays(arrays: Mapping[str, npt.NDArray[np.generic]]) -> OrderPlan:
    """Return the order plan that `to_arrays` took apart."""
    fields: dict[str, Any] = json.loads(str(arrays["rest"]))
    by_limit: dict[str, dict[str, Any]] = {name: {} for name in _BY_LIMIT}
    for key, value in arrays.items():
        name, dot, kind = key.partition(".")
        if dot:
            by_limit[name][kind] = value
        elif name != "rest":
            fields[name] = value
    fields["shortfalls"] = tuple(
        Shortfall(**shortfall | {"unmet": tuple(map(tuple, shortfall["unmet"]))}) for shortfall in fields["shortfalls"]
    )
    fields["notes"] = tuple(fields["notes"])
    fields |= {name: _BY_LIMIT[name](**tables) for name, tables in by_limit.items()}
    return OrderPlan(**fields)
