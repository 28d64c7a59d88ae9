"""Order plans kept from one refresh to the next: read where they are as good as asked, else gone on with."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from invopt_xl.cache import ContentCache
from invopt_xl.optimise import OrderProblem, plan_orders, solvers
from invopt_xl.plan.orders import Effort, plan_problem, planned

BRIEF = 0.3
"""Seconds too few for the cheapest plan of `hard`."""


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[ContentCache]:
    with ContentCache(tmp_path) as made:
        yield made


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What every search was asked for."""
    calls: list[dict[str, Any]] = []

    def told(problem: OrderProblem, **options: Any) -> object:
        calls.append(options)
        return plan_orders(problem, **options)

    monkeypatch.setattr(planned, "plan_orders", told)
    return calls


def tied(items: int, **limits: Any) -> OrderProblem:
    """Return items of three suppliers with minimum values, in lots, over eight periods."""
    random = np.random.default_rng(3)
    return OrderProblem(
        item_names=tuple(f"item {number}" for number in range(items)),
        supplier=np.arange(items) % 3,
        unit_cost=random.uniform(1.0, 9.0, items).round(2),
        demand=random.integers(0, 9, (items, 8)).astype(float),
        on_hand=random.integers(0, 9, items).astype(float),
        lead_time_periods=random.integers(0, 2, items),
        shortage_cost=random.uniform(1.0, 5.0, items).round(2),
        holding_cost=0.05,
        order_cost=1.0,
        lot_size=random.choice([1.0, 4.0, 5.0], items),
        supplier_names=("K", "L", "M"),
        supplier_order_cost=12.0,
        minimum_order_value=60.0,
        **limits,
    )


def easy() -> OrderProblem:
    return tied(2)


def hard() -> OrderProblem:
    return tied(24, budget=160.0)


def planned_within(problem: OrderProblem, cache: ContentCache, seconds: float, gap: float) -> Any:
    return plan_problem(problem, pd.DataFrame(), Effort(seconds, gap, 1), cache=cache).plan


def test_a_plan_as_good_as_asked_is_not_looked_for_again(cache: ContentCache, asked: list[dict[str, Any]]) -> None:
    first = planned_within(easy(), cache, 30.0, 0.01)
    assert first.gap <= 0.01
    for seconds, gap in ((30.0, 0.01), (60.0, 0.02)):
        again = planned_within(easy(), cache, seconds, gap)
        np.testing.assert_array_equal(again.quantity, first.quantity)
        assert (again.total, again.bound, again.status) == (first.total, first.bound, first.status)
    assert len(asked) == 1


def test_a_plan_that_time_ended_is_gone_on_with_and_the_better_one_kept(
    cache: ContentCache, asked: list[dict[str, Any]]
) -> None:
    plans = [planned_within(hard(), cache, seconds, 0.0) for seconds in (BRIEF, BRIEF, 1.5)]
    assert plans[0].gap > 0
    assert asked[0]["start"] is None
    for (before, after), search in zip(itertools.pairwise(plans), asked[1:], strict=True):
        np.testing.assert_array_equal(search["start"], before.quantity)
        assert after.total <= before.total
        assert after.bound >= before.bound - 1e-9
        assert after.gap <= before.gap
    kept = planned_within(hard(), cache, BRIEF, plans[2].gap)
    assert len(asked) == 3, "what was found meanwhile is as good as asked now"
    np.testing.assert_array_equal(kept.quantity, plans[2].quantity)


def test_a_plan_that_time_ended_stands_where_the_kept_one_is_asked_for(
    cache: ContentCache, asked: list[dict[str, Any]]
) -> None:
    as_kept = Effort(BRIEF, 0.0, 1, as_kept=True)
    first = plan_problem(hard(), pd.DataFrame(), as_kept, cache=cache).plan
    assert first.gap > 0
    again = plan_problem(hard(), pd.DataFrame(), as_kept, cache=cache).plan
    np.testing.assert_array_equal(again.quantity, first.quantity)
    assert len(asked) == 1


def test_a_plan_that_no_solver_was_there_for_is_not_kept(cache: ContentCache, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as without:
        without.setattr(solvers, "available_solvers", lambda: ())
        assert planned_within(easy(), cache, 2.0, 0.01).status.startswith("no solver could be run")
    again = planned_within(easy(), cache, 30.0, 0.01)
    assert again.solver
    assert again.gap <= 0.01


def test_a_solver_lost_since_takes_nothing_from_what_was_found(
    cache: ContentCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Ended by its gap, not by its time, so that a busy machine finds the same.
    first = planned_within(tied(6), cache, 60.0, 0.01)
    assert 0 < first.gap <= 0.01
    monkeypatch.setattr(solvers, "available_solvers", lambda: ())
    assert plan_orders(tied(6), seconds=BRIEF, gap=0.0).total > 1.1 * first.total, "what is there without a solver"
    again = planned_within(tied(6), cache, BRIEF, 0.0)
    np.testing.assert_array_equal(again.quantity, first.quantity)
    assert again.gap == pytest.approx(first.gap)
