"""A closed supplier, late and lost open orders, dearer prices: what moves, and what it costs."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from instances import random_problem

from invopt_xl.errors import InputError
from invopt_xl.optimise import (
    Closure,
    Delay,
    Discount,
    Disruption,
    Lost,
    OrderProblem,
    PriceRise,
    check_plan,
    disrupted,
    follow,
    plan_orders,
    replan,
)
from invopt_xl.optimise.accounting import account
from invopt_xl.optimise.groundwork import keeps_limits, prepare
from invopt_xl.optimise.steady import MOST_PAID, smallest_saving, steadied


def tea(**changes: object) -> OrderProblem:
    """One item from the slow K and, dearer, at once from W."""
    values: dict[str, object] = {
        "item_names": ("tea",),
        "source_item": [0, 0],
        "supplier": [0, 1],
        "unit_cost": [2.0, 3.0],
        "demand": [[10.0] * 5],
        "on_hand": 10.0,
        "lead_time_periods": [1, 0],
        "shortage_cost": 5.0,
        "holding_cost": 0.1,
        "order_cost": 1.0,
        "emergency": [False, True],
        "scheduled_receipts": [[0.0, 8.0, 0.0, 0.0, 0.0]],
        "supplier_names": ("K", "W"),
    }
    return OrderProblem(**(values | changes))  # type: ignore[arg-type]


OPEN_WITH_K = np.array([[0.0, 8.0, 0.0, 0.0, 0.0], [0.0] * 5])


def test_a_closed_supplier_takes_no_orders_and_delivers_when_it_opens() -> None:
    after = disrupted(tea(), [Closure(0, 1, 2)], receipts=OPEN_WITH_K)
    assert after.capacity_units.tolist() == [[np.inf, 0, 0, np.inf, np.inf], [np.inf] * 5]
    assert after.scheduled_receipts.tolist() == [[0, 0, 0, 8, 0]]
    assert after.fixed_quantity[0, 0] == 0  # would arrive in period 1
    assert np.isnan(after.fixed_quantity[0, 3])


def test_open_orders_of_items_with_several_suppliers_are_left_unless_said_whose_they_are() -> None:
    assert disrupted(tea(), [Closure(0, 1, 2)]).scheduled_receipts.tolist() == [[0, 8, 0, 0, 0]]
    alone = tea(supplier=[0, 0])
    assert disrupted(alone, [Closure(0, 1, 2)]).scheduled_receipts.tolist() == [[0, 0, 0, 8, 0]]
    assert disrupted(tea(), [Closure(1, 1, 2)], receipts=OPEN_WITH_K).scheduled_receipts.tolist() == [[0, 8, 0, 0, 0]]


def test_what_is_due_from_a_supplier_that_stays_closed_does_not_arrive() -> None:
    assert disrupted(tea(), [Closure(0, 1, 99)], receipts=OPEN_WITH_K).scheduled_receipts.sum() == 0


def test_a_late_order_arrives_later_and_a_lost_one_never() -> None:
    assert disrupted(tea(), [Delay(0, 1, 2)]).scheduled_receipts.tolist() == [[0, 0, 0, 8, 0]]
    assert disrupted(tea(), [Delay(0, 1, 2, 3.0)]).scheduled_receipts.tolist() == [[0, 5, 0, 3, 0]]
    assert disrupted(tea(), [Delay(0, 1, 9)]).scheduled_receipts.sum() == 0
    assert disrupted(tea(), [Lost(0, 1, 3.0)]).scheduled_receipts.tolist() == [[0, 5, 0, 0, 0]]
    assert disrupted(tea(), [Lost(0, 1)]).scheduled_receipts.sum() == 0


def test_disruptions_come_one_after_the_other() -> None:
    after = disrupted(tea(), [Delay(0, 1, 1), Closure(0, 2, 3)], receipts=OPEN_WITH_K)
    assert after.scheduled_receipts.tolist() == [[0, 0, 0, 0, 8]]


def test_a_price_rises_from_a_period_on_for_a_supplier_an_item_or_both() -> None:
    before = tea().unit_cost
    by_supplier = disrupted(tea(), [PriceRise(2, 0.5, supplier=0)])
    assert by_supplier.unit_cost.tolist() == [[2, 2, 3, 3, 3], [3] * 5]
    assert disrupted(tea(), [PriceRise(2, 0.5, item=0)]).unit_cost[1].tolist() == [3, 3, 4.5, 4.5, 4.5]
    assert disrupted(tea(), [PriceRise(0, -0.5, supplier=1, item=0)]).unit_cost[1].tolist() == [1.5] * 5
    assert by_supplier.unit_value.tolist() == [2.0]  # what is there is worth what it was
    assert (tea().unit_cost == before).all()


@pytest.mark.parametrize(
    ("disruption", "message"),
    [
        (Closure(5, 0, 1), "supplier of disruption 1 is 5; expected an index from 0, below 2"),
        (Closure(0, 7, 8), "first period of disruption 1 is 7; expected an index from 0, below 5"),
        (Closure(0, 2, 1), "last period of disruption 1 is 1; expected a whole number, at least 2, the first period"),
        (Delay(1, 0, 1), "item of disruption 1 is 1; expected an index from 0, below 1"),
        (Delay(0, 2, 1), "an open order due of tea in period 2"),
        (Delay(0, 1, 0), "periods of disruption 1 is 0; expected a whole number, one or more"),
        (Delay(0, 1, 1, 9.0), "quantity of disruption 1 is 9.0; expected above 0, at most the 8 units due of tea"),
        (Lost(0, 1, -1.0), "quantity of disruption 1 is -1.0"),
        (Lost(0, 9), "period of disruption 1 is 9"),
        (PriceRise(0, 0.1), "supplier and item of disruption 1 is not given"),
        (PriceRise(0, -1.0, supplier=0), "rate of disruption 1 is -1.0; expected a share above -1"),
        (PriceRise(0, float("nan"), supplier=0), "rate of disruption 1 is nan"),
        (PriceRise(9, 0.1, supplier=0), "first period of disruption 1 is 9"),
        (PriceRise(0, 0.1, item=3), "item of disruption 1 is 3"),
    ],
)
def test_a_disruption_of_nothing_there_is_is_named(disruption: Disruption, message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)) as caught:
        disrupted(tea(), [disruption])
    assert "\n" not in str(caught.value)


def test_receipts_by_source_must_be_open_orders() -> None:
    with pytest.raises(InputError, match="receipts by source of tea is more than its open orders"):
        disrupted(tea(), [Closure(0, 1, 2)], receipts=2 * OPEN_WITH_K)
    with pytest.raises(InputError, match="receipts by source is of shape"):
        disrupted(tea(), [Closure(0, 1, 2)], receipts=OPEN_WITH_K[:1])


def test_a_plan_followed_as_it_stands_loses_refused_lines_and_waits_for_late_ones() -> None:
    quantity = np.array([[2.0, 10.0, 10.0, 10.0, 0.0], [0.0] * 5])
    followed = follow(tea(), [Closure(0, 1, 2)], quantity, receipts=OPEN_WITH_K)
    assert followed.quantity.tolist() == [[2, 0, 0, 10, 0], [0] * 5]
    # Period 1 and 2: nothing arrives. Period 3: 8 of the open order and 2 ordered at once. Period 4: 10.
    assert followed.short.tolist() == [[0, 10, 10, 0, 0]]
    assert followed.costs["shortage"] == pytest.approx(100.0)
    assert followed.costs["order"] == pytest.approx(2.0)


def test_a_new_plan_says_what_it_costs_and_saves() -> None:
    found = replan(tea(), [Closure(0, 0, 3)], receipts=OPEN_WITH_K, seconds=20.0)
    assert check_plan(found.problem, found.plan.quantity).feasible
    assert found.cost == pytest.approx(found.plan.total - found.before.total)
    assert found.saved == pytest.approx(found.followed.total - found.plan.total)
    assert found.saved >= 0
    assert found.cost > 0
    assert str(found).startswith("the plan costs ")
    assert "\n" not in str(found)


def test_no_disruption_changes_nothing() -> None:
    found = replan(tea(), [], seconds=20.0)
    assert found.comparison.changes == ()
    assert (found.cost, found.saved) == (0.0, 0.0)
    assert str(found) == "the plan costs the same; 0 lines changed, and planning anew saves nothing"


def test_lines_already_sent_stand_or_come_late_and_are_counted_where_they_were_sent() -> None:
    problem = tea(lead_time_periods=[2, 0], order_cost=[1.0, 7.0], on_hand=20.0, budget=60.0, capacity_units=35.0)
    before = plan_orders(problem, seconds=20.0)
    sent = before.quantity[:, 0] > 0
    assert sent.any()
    kept = replan(problem, [PriceRise(0, 0.5, supplier=0)], before, keep_sent=True, seconds=20.0)
    assert sent.tolist() == [True, False]
    assert kept.plan.quantity[2, 0] == before.quantity[0, 0]
    assert kept.problem.unit_cost[2, 0] == problem.unit_cost[0, 0]  # as agreed
    assert kept.problem.unit_cost[0].tolist() == [3.0] * 5
    late = replan(problem, [Closure(0, 2, 3)], before, keep_sent=True, seconds=20.0)
    assert late.after.source.tolist() == [0, 1, 0, 0]
    assert late.problem.lead_time_periods.tolist() == [2, 0, 2, 4]
    assert late.plan.quantity[:, 0].tolist() == [0, 0, 0, before.quantity[0, 0]]
    assert late.problem.capacity_units[0].tolist() == [35 - before.quantity[0, 0], 35, 0, 0, 35]
    verdict = check_plan(late.problem, late.plan.quantity)
    assert verdict.feasible
    assert late.plan.costs["purchase"] == pytest.approx((late.problem.unit_cost * late.plan.quantity).sum())
    assert late.cost == pytest.approx(verdict.total - before.total)
    assert not any(change.period == 0 and change.kind == "gone" for change in late.comparison.changes)


def test_a_line_that_is_sent_stands_even_where_the_supplier_closes_at_once() -> None:
    problem = tea(order_cost=[1.0, 7.0], on_hand=10.0, scheduled_receipts=0.0)
    before = plan_orders(problem, seconds=20.0)
    units = before.quantity[0, 0]
    assert units > 0
    found = replan(problem, [Closure(0, 0, 1)], before, keep_sent=True, seconds=20.0)
    assert found.plan.quantity[3].tolist() == [units, 0, 0, 0, 0]
    assert check_plan(found.problem, found.plan.quantity).feasible
    assert found.followed.quantity[0, 0] == units
    refused = replan(problem, [Closure(0, 0, 1)], before, seconds=20.0)
    assert refused.plan.quantity[0, 0] == 0
    assert refused.followed.quantity[0, 0] == 0


def shelf(**changes: object) -> OrderProblem:
    """Two items of K; of tea some is ordered at once, of salt an open order is on its way."""
    values: dict[str, object] = {
        "item_names": ("tea", "salt"),
        "supplier": 0,
        "unit_cost": [3.0, 2.0],
        "demand": np.full((2, 6), 10.0),
        "on_hand": 10.0,
        "lead_time_periods": 1,
        "shortage_cost": 5.0,
        "holding_cost": 0.02,
        "scheduled_receipts": [[0.0] * 6, [0.0, 50.0, 0.0, 0.0, 0.0, 0.0]],
        "supplier_names": ("K",),
        "supplier_order_cost": 10.0,
        "minimum_order_value": 120.0,
        "discounts": (Discount(supplier=0, item=None, rate=0.1, from_value=140.0),),
    }
    return OrderProblem(**(values | changes))  # type: ignore[arg-type]


def test_what_is_ordered_beside_an_order_sent_is_an_order_of_its_own() -> None:
    problem = shelf()
    before = plan_orders(problem, seconds=20.0)
    units = before.quantity[0, 0]
    assert units > 0
    found = replan(problem, [Lost(1, 1)], before, keep_sent=True, seconds=20.0)
    assert check_plan(found.problem, found.plan.quantity).feasible
    anew = np.where(found.after.sent[:, None], 0.0, found.plan.quantity)
    value = found.problem.unit_cost[:, 0] @ anew[:, 0]
    assert value >= 120  # the minimum, for itself
    orders = 10.0 * (1 + (anew[:2] > 0).any(axis=0).sum())
    assert found.plan.costs["supplier order"] == pytest.approx(orders)
    worth = (found.problem.unit_cost * found.plan.quantity).sum()
    assert found.plan.costs["purchase"] == pytest.approx(worth)  # what is sent counts, once
    # The same with what is sent as an open order, its cost paid and its discount won.
    alone = replace(problem, scheduled_receipts=[[0.0, units, 0.0, 0.0, 0.0, 0.0], [0.0] * 6])
    paid = 10.0 - (0.1 * 3.0 * units if 3.0 * units >= 140 else 0.0)
    assert found.plan.total == pytest.approx(plan_orders(alone, seconds=20.0).total + paid, rel=0.02)


def test_an_order_sent_takes_of_capacity_and_budget_and_is_shown_once() -> None:
    problem = shelf(capacity_units=60.0, budget=200.0, minimum_order_value=0.0)
    before = plan_orders(problem, seconds=20.0)
    units = before.quantity[:, 0].sum()
    found = replan(problem, [Lost(1, 1)], before, keep_sent=True, seconds=20.0)
    assert check_plan(found.problem, found.plan.quantity).feasible
    whole = found.after.before(found.plan.quantity)
    assert units < whole[:, 0].sum() <= 60
    assert (problem.unit_cost * whole).sum(axis=0)[0] <= 200
    assert found.followed.costs["supplier order"] == before.costs["supplier order"]
    assert not any(change.kind in ("gone", "less") for change in found.comparison.changes if change.period == 0)


def test_a_capacity_that_an_order_sent_leaves_little_of_is_told_whole() -> None:
    problem = shelf(
        capacity_units=40.0, minimum_order_value=0.0, demand=[[10.0] * 6, [10.0, 30.0, 30.0, 0.0, 0.0, 0.0]]
    )
    problem = replace(problem, scheduled_receipts=[[0.0] * 6, [0.0, 60.0, 0.0, 0.0, 0.0, 0.0]])
    before = plan_orders(problem, seconds=20.0)
    assert before.quantity[0, 0] > 10
    found = replan(problem, [Lost(1, 1)], before, keep_sent=True, seconds=20.0)
    told = [str(one) for one in found.plan.shortfalls if one.kind == "capacity" and one.period == 0]
    assert len(told) == 1
    assert told[0].startswith("capacity of supplier K in period 0 (40 units) is ")


def test_beside_the_planners_own_quantity_sent_nothing_more_of_it_is_ordered_at_once() -> None:
    problem = shelf(fixed_quantity=[np.nan, 5.0], minimum_order_value=0.0)
    found = replan(problem, [Lost(1, 1)], keep_sent=True, seconds=20.0)
    assert found.after.before(found.plan.quantity)[1, 0] == 5


def test_a_line_due_before_a_closure_begins_arrives_as_planned() -> None:
    problem = tea(scheduled_receipts=0.0, capacity_units=[np.inf, 0.0])
    due = np.array([[0, 1, 2, 3, 4], [0, 1, 2, 3, 4]])  # in the course of the period before it counts as arrived
    quantity = np.array([[10.0, 10.0, 10.0, 10.0, 0.0], [0.0] * 5])
    whole = follow(problem, [Closure(0, 1, 2)], quantity)
    assert whole.short.tolist() == [[0, 10, 10, 0, 0]]  # of period 0, in period 3, and of period 3, in period 4
    part = follow(problem, [Closure(0, 1, 2)], quantity, due=due)
    assert part.short.tolist() == [[0, 0, 10, 10, 0]]
    found = replan(problem, [Closure(0, 1, 2)], due=due, seconds=20.0)
    assert found.plan.quantity[0, 0] > 0
    assert found.plan.short[0, 1] == 0
    with pytest.raises(InputError, match=r"due is of shape \(2, 4\); expected sources by periods"):
        follow(problem, [], quantity, due=due[:, :4])


def test_two_closures_hold_up_a_line_twice() -> None:
    problem = tea(fixed_quantity=[[5.0, np.nan, np.nan, np.nan, np.nan], [0.0] * 5], scheduled_receipts=0.0)
    found = replan(problem, [Closure(0, 1, 1), Closure(0, 2, 2)], seconds=20.0)
    assert found.problem.lead_time_periods[found.plan.quantity[:, 0] > 0].tolist() == [3]


def many(count: int) -> OrderProblem:
    """Return items of two suppliers whose orders could move a little at next to no cost."""
    return OrderProblem(
        item_names=tuple(f"item {number}" for number in range(count)),
        supplier=[number % 2 for number in range(count)],
        unit_cost=2.0,
        demand=np.full((count, 6), 10.0),
        on_hand=10.0,
        lead_time_periods=1,
        shortage_cost=5.0,
        holding_cost=0.001,
        order_cost=1.0,
        supplier_names=("K", "W"),
        supplier_order_cost=4.0,
    )


def test_lines_that_hardly_pay_to_change_stay_as_they_were() -> None:
    problem = many(6)
    best = plan_orders(problem, seconds=20.0)
    old = np.zeros((6, 6))
    old[:, 0], old[:, 3] = 30.0, 20.0
    assert check_plan(problem, old).total < best.total + 12 + 8  # one order more of each
    dearer = replace(best, quantity=np.where(np.arange(6)[:, None] == 5, old, best.quantity))
    dearer.quantity[1, 0] = best.quantity[1, 0] + 1.0  # a unit held in vain
    found = replan(problem, [], dearer, seconds=20.0)
    assert found.plan.quantity[1].tolist() == dearer.quantity[1].tolist()
    assert found.plan.quantity[5].tolist() == best.quantity[5].tolist()  # an order less does pay
    assert found.worth_changing > 0


@settings(max_examples=8, deadline=None, derandomize=True)
@given(st.integers(0, 1_000))
def test_staying_near_an_old_plan_keeps_limits_and_pays_little(seed: int) -> None:
    problem = random_problem(6, 5, 2, seed=seed)
    work = prepare(problem)
    old, new = (plan_orders(one, seconds=0.3).quantity for one in (replace(problem, holding_cost=0.0), problem))
    near = steadied(work, new, old, seconds=20.0)
    changed, changed_less = ((np.abs(each - old) > 1e-9).sum() for each in (new, near))
    assert changed_less <= changed
    assert not keeps_limits(work, new) or keeps_limits(work, near)
    paid = account(problem, near).total - account(problem, new).total
    assert paid <= MOST_PAID * check_plan(problem, new).controllable + 1e-6
    assert paid <= smallest_saving(problem, old) * (changed - changed_less) + 1e-6
    assert not keeps_limits(work, old) or account(problem, near).total <= account(problem, old).total + 1e-6


KINDS = (Closure(0, 1, 2), Closure(1, 0, 1), PriceRise(2, 0.2, supplier=2), PriceRise(0, 0.1, item=3))


@settings(max_examples=8, deadline=None, derandomize=True)
@given(st.integers(0, 1_000), st.lists(st.sampled_from(KINDS), min_size=1, max_size=3, unique=True))
def test_a_new_plan_is_sound_and_no_dearer_than_following_a_sound_old_one(
    seed: int, disruptions: list[Disruption]
) -> None:
    problem = random_problem(8, 6, 3, seed=seed)
    due = np.argwhere(problem.scheduled_receipts > 0)
    if len(due):
        disruptions = [Delay(int(due[0, 0]), int(due[0, 1]), 1), *disruptions]
    found = replan(problem, disruptions, seconds=0.5)
    verdict = check_plan(found.problem, found.plan.quantity)
    unhelped = check_plan(found.problem, np.nan_to_num(found.problem.fixed_quantity))
    assert set(verdict.violations) <= set(unhelped.violations)
    fixed = found.problem.fixed_quantity
    stands = check_plan(found.problem, np.where(np.isnan(fixed), found.followed.quantity[found.after.source], fixed))
    if stands.feasible:
        assert found.plan.total <= stands.total + 1e-6
    assert found.problem.scheduled_receipts.sum() <= problem.scheduled_receipts.sum() + 1e-6
    assert found.problem.demand.tolist() == problem.demand.tolist()


def test_a_start_is_bettered_or_kept() -> None:
    problem = tea()
    best = plan_orders(problem, seconds=20.0)
    dear = np.array([[0.0] * 5, [0.0, 2.0, 10.0, 10.0, 10.0]])
    assert plan_orders(problem, seconds=20.0, start=dear).total <= check_plan(problem, dear).total
    assert plan_orders(problem, seconds=20.0, start=best.quantity).total <= best.total + 1e-9
    broken = plan_orders(replace(problem, frozen_periods=1), seconds=20.0, start=np.full((2, 5), 3.0))
    assert broken.quantity[:, 0].sum() == 0
    with pytest.raises(InputError, match="start is of shape"):
        plan_orders(problem, start=np.zeros((1, 5)))
