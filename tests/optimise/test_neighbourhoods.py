"""A few suppliers planned anew while all else stays, and items that nothing binds planned apart."""

from __future__ import annotations

import numpy as np
import pytest
from instances import random_problem

from invopt_xl.optimise.accounting import account
from invopt_xl.optimise.constructive import construct
from invopt_xl.optimise.groundwork import keeps_limits, prepare
from invopt_xl.optimise.groups import groups_of
from invopt_xl.optimise.neighbourhood import neighbourhood


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("rich", [False, True], ids=["plain", "rich"])
def test_what_is_planned_anew_in_a_part_costs_the_whole_the_same(seed: int, rich: bool) -> None:
    problem = random_problem(14, 6, 4, seed=seed, tight=1.3, rich=rich)
    work = prepare(problem)
    quantity = construct(work)
    assert keeps_limits(work, quantity)
    suppliers = np.random.default_rng(seed).permutation(4)[:2]
    part, sources = neighbourhood(work, quantity, suppliers)
    stays = ~np.isin(problem.supplier[sources], suppliers)
    np.testing.assert_array_equal(part.fixed[stays], quantity[sources][stays])
    assert keeps_limits(part, quantity[sources]), "the plan as it is keeps what is left of the limits"
    before = account(part.problem, quantity[sources]).total
    for anew in (construct(part), part.fixed):
        whole = quantity.copy()
        whole[sources] = anew
        saved = before - account(part.problem, anew).total
        assert account(problem, quantity).total - account(problem, whole).total == pytest.approx(saved)
        assert not keeps_limits(part, anew) or keeps_limits(work, whole)


def test_items_that_send_units_on_keep_their_orders() -> None:
    problem = random_problem(14, 6, 4, seed=1, rich=True)
    work = prepare(problem)
    quantity = work.fixed.copy()
    moved = int(np.flatnonzero(problem.transfer)[0])
    quantity[moved, 1] = 1.0
    ends = [problem.origin[moved], problem.source_item[moved]]
    part, sources = neighbourhood(work, quantity, np.arange(4))
    held = np.isin(problem.source_item[sources], ends)
    assert held.any()
    assert not part.can_order[held].any()
    assert part.can_order[~held].any()


@pytest.mark.parametrize("seed", range(4))
def test_groups_hold_every_item_once_and_cost_together_what_the_whole_costs(seed: int) -> None:
    problem = random_problem(20, 6, 12, seed=seed, tight=1.3, rich=True)
    work = prepare(problem)
    quantity = construct(work)
    groups = groups_of(work)
    assert len(groups) > 1
    assert sorted(np.concatenate([group.items for group in groups]).tolist()) == list(range(20))
    parts = [account(group.work.problem, quantity[group.sources]).total for group in groups]
    assert sum(parts) == pytest.approx(account(problem, quantity).total)
    for group in groups:
        assert not group.work.coupled
        tied = group.within(problem.budget, problem.storage_volume, problem.working_capital)
        assert tied.coupled
        assert keeps_limits(tied, quantity[group.sources])
