"""Plans against Wagner and Whitin, and under limits that cannot be kept."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from instances import random_problem

from invopt_xl.errors import InputError
from invopt_xl.optimise import SHAPES, Discount, OrderPlan, OrderProblem, check_plan, plan_orders
from invopt_xl.optimise.groundwork import keeps_limits, prepare
from invopt_xl.optimise.shapes import shapes_of


def lot_sizing(demand: list[float], set_up: float, holding: list[float] | float) -> OrderProblem:
    return OrderProblem(
        item_names=("item",),
        supplier=-1,
        unit_cost=0.0,
        demand=[demand],
        on_hand=0.0,
        lead_time_periods=0,
        shortage_cost=1e4,
        holding_cost=holding,
        order_cost=set_up,
    )


def cheapest_by_wagner_whitin(demand: list[float], set_up: float, holding: float) -> float:
    cost = [0.0]
    for end in range(1, len(demand) + 1):
        carried = (
            cost[begin] + set_up + holding * sum((t - begin) * demand[t] for t in range(begin, end))
            for begin in range(end)
        )
        cost.append(min(carried))
    return cost[-1]


def test_a_single_item_costs_what_snyder_and_shen_publish() -> None:
    # Snyder and Shen, Fundamentals of Supply Chain Theory, example 3.9: order 210 and 150, cost 1380.
    plan = plan_orders(lot_sizing([90.0, 120.0, 80.0, 70.0], 500.0, 2.0), gap=0.0)
    assert plan.quantity.tolist() == [[210.0, 0.0, 150.0, 0.0]]
    assert plan.total == pytest.approx(1380)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(
    st.lists(st.integers(0, 60), min_size=2, max_size=9).filter(lambda demand: sum(demand) > 0),
    st.integers(1, 200),
    st.sampled_from([0.5, 1.0, 2.0]),
)
def test_a_single_item_without_limits_costs_what_wagner_and_whitin_find(
    demand: list[int], set_up: int, holding: float
) -> None:
    needs = [float(units) for units in demand]
    # Periods before the first demand need no order, so the recursion begins at the first demand.
    first = next(index for index, units in enumerate(needs) if units > 0)
    plan = plan_orders(lot_sizing(needs, float(set_up), holding), gap=0.0)
    assert plan.total == pytest.approx(cheapest_by_wagner_whitin(needs[first:], float(set_up), holding))
    assert plan.gap == pytest.approx(0.0, abs=1e-6)


def test_every_plan_of_a_full_problem_passes_the_checker_with_the_same_cost() -> None:
    for problem in (
        random_problem(40, 8, 5, seed=3),
        random_problem(40, 8, 5, seed=3, tight=1.5),
        random_problem(40, 8, 5, seed=3, shortage="backorder"),
    ):
        plan = plan_orders(problem, seconds=2.0)
        verdict = check_plan(problem, plan.quantity)
        unhelped = check_plan(problem, np.zeros_like(plan.quantity))
        assert set(verdict.violations) <= set(unhelped.violations)
        assert verdict.total == pytest.approx(plan.total)
        assert plan.bound <= plan.total < unhelped.total
        controllable = plan.total + plan.costs["discount"]  # holding and shortage before first arrivals come off
        assert plan.gap >= (plan.total - plan.bound) / controllable - 1e-9
        assert set(np.unique(plan.shaped_by)) <= set(SHAPES)
        assert ((plan.shaped_by != "") == (plan.quantity > 0)).all()


def test_the_same_problem_gives_the_same_plan() -> None:
    problem = random_problem(12, 6, 3, seed=5, capacity=False, discounts=False)
    first, second = (plan_orders(problem, seconds=60.0, gap=0.05) for _ in range(2))
    assert first.gap <= 0.05
    np.testing.assert_array_equal(first.quantity, second.quantity)


def planned(problem: OrderProblem, **limits: object) -> OrderPlan:
    return plan_orders(replace(problem, **limits), seconds=60.0)


@pytest.fixture
def two_items() -> OrderProblem:
    return OrderProblem(
        item_names=("tea", "salt"),
        supplier=0,
        unit_cost=[10.0, 1.0],
        demand=[[10.0] * 4, [20.0] * 4],
        on_hand=[10.0, 20.0],
        lead_time_periods=0,
        shortage_cost=[8.0, 0.5],
        holding_cost=[0.05, 0.01],
        order_cost=1.0,
        lot_size=[5.0, 10.0],
        safety_stock=[5.0, 0.0],
        floor_penalty=1.0,
        unit_volume=1.0,
        supplier_names=("K",),
        supplier_order_cost=5.0,
    )


def test_an_infeasible_budget_gives_a_plan_and_names_what_is_missing(two_items: OrderProblem) -> None:
    plan = planned(two_items, budget=60.0)
    assert check_plan(replace(two_items, budget=60.0), plan.quantity).feasible
    assert plan.quantity.sum() > 0
    budgets = [shortfall for shortfall in plan.shortfalls if shortfall.kind == "budget"]
    assert budgets
    assert "budget of period" in str(budgets[0])
    assert "short of what the targets need" in str(budgets[0])
    assert budgets[0].amount > 0


def test_too_little_storage_is_named(two_items: OrderProblem) -> None:
    plan = planned(two_items, storage_volume=31.0)
    assert check_plan(replace(two_items, storage_volume=31.0), plan.quantity).feasible
    assert any(str(one).startswith("storage (31) is short by") for one in plan.shortfalls)


def test_too_little_capacity_is_named(two_items: OrderProblem) -> None:
    plan = planned(two_items, capacity_units=20.0)
    assert check_plan(replace(two_items, capacity_units=20.0), plan.quantity).feasible
    assert any(str(one).startswith("capacity of supplier K in period") for one in plan.shortfalls)


def test_a_minimum_beyond_capacity_is_named_and_the_rest_planned(two_items: OrderProblem) -> None:
    plan = planned(two_items, minimum_order_quantity=[100.0, 0.0], capacity_units=90.0)
    assert plan.quantity[0].sum() == 0
    assert plan.quantity[1].sum() > 0
    assert any(str(one).startswith("tea cannot be ordered: its smallest order of 100") for one in plan.shortfalls)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("lot", [1e-9, 1e-6, 1.5e-5])
def test_tiny_lots_are_planned_as_large_ones_of_another_unit(two_items: OrderProblem, lot: float) -> None:
    def counted_in(unit: float) -> OrderPlan:
        """Plan the same goods, each unit of them counted as so many."""
        by_unit = {name: getattr(two_items, name) / unit for name in ("unit_cost", "shortage_cost", "holding_cost")}
        stocks = {name: getattr(two_items, name) * unit for name in ("demand", "on_hand", "lot_size")}
        return planned(two_items, **by_unit, **stocks, unit_value=by_unit["unit_cost"][:, 0], safety_stock=0.0)

    large, tiny = counted_in(1.0), counted_in(lot / 5.0)  # lots of tea are of 5
    np.testing.assert_allclose(tiny.quantity / (lot / 5.0), large.quantity, rtol=1e-9)
    assert tiny.total == pytest.approx(large.total)
    assert tiny.gap <= 0.01


@pytest.mark.filterwarnings("error")
def test_the_smallest_lot_hardly_rounds_an_order(two_items: OrderProblem) -> None:
    plan = planned(two_items, lot_size=[1e-9, 1e-9], demand=two_items.demand + 1.23456789e-3)
    assert plan.gap <= 0.01
    assert not check_plan(replace(two_items, lot_size=1e-9), plan.quantity).violations
    np.testing.assert_allclose(
        plan.quantity.sum(axis=1), [35.0 + 4 * 1.23456789e-3, 60.0 + 4 * 1.23456789e-3], atol=2e-9
    )


@pytest.mark.parametrize("smallest", [1e6, 9e14])
@pytest.mark.parametrize("field", ["minimum_order_quantity", "lot_size"])
def test_a_minimum_far_beyond_all_need_is_named_and_the_rest_planned(
    two_items: OrderProblem, field: str, smallest: float
) -> None:
    plan = plan_orders(replace(two_items, **{field: [smallest, 10.0]}), seconds=60.0)
    assert plan.quantity[0].sum() == 0
    assert plan.quantity[1].sum() > 0
    assert plan.gap <= 0.01
    assert [str(one) for one in plan.shortfalls] == [
        f"tea cannot be ordered: its smallest order of {smallest:,.6g} units is more than 100 times the 45 units "
        "needed in all periods"
    ]


def test_a_supplier_minimum_far_beyond_all_need_is_named(two_items: OrderProblem) -> None:
    plan = plan_orders(replace(two_items, minimum_order_value=9e14), seconds=60.0)
    assert not plan.quantity.any()
    assert str(plan.shortfalls[0]).startswith("nothing can be ordered from supplier K: its minimum order value of")
    fixed = plan_orders(replace(two_items, minimum_order_value=9e14, fixed_quantity=[5.0, np.nan]), seconds=60.0)
    assert fixed.quantity[0, 0] == 5


@pytest.mark.parametrize("value", [1e9, 1e12, 9e14])
@pytest.mark.parametrize(
    "field", ["unit_cost", "demand", "safety_stock", "shortage_cost", "lot_size", "minimum_order_quantity"]
)
def test_the_time_limit_holds_whatever_the_numbers(field: str, value: float) -> None:
    problem = random_problem(12, 6, 2, seed=3, tight=1.5 if value == 1e12 else None)
    given = np.array(getattr(problem, field), dtype=float)
    given[0] = value
    problem = replace(problem, **{field: given})
    plan = plan_orders(problem, seconds=0.5)
    assert plan.seconds < 2.5
    assert check_plan(problem, plan.quantity).total == pytest.approx(plan.total)
    assert plan.bound <= plan.total
    assert set(check_plan(problem, plan.quantity).violations) <= set(
        check_plan(problem, np.zeros_like(plan.quantity)).violations
    )


def test_a_supplier_minimum_is_not_filled_with_more_than_an_item_may_hold(two_items: OrderProblem) -> None:
    most = np.array([30.0, 12.0])
    plan = planned(two_items, maximum_order_quantity=most, minimum_order_value=60.0)
    assert check_plan(replace(two_items, maximum_order_quantity=most, minimum_order_value=60.0), plan.quantity).feasible
    assert plan.quantity.sum() > 0
    assert (plan.quantity <= most[:, None]).all()


@pytest.mark.parametrize("fixed", [0.0, 3.0, 500.0])
def test_the_planners_quantity_is_a_constraint(two_items: OrderProblem, fixed: float) -> None:
    plan = planned(two_items, fixed_quantity=[fixed, np.nan], budget=200.0, minimum_order_quantity=[10.0, 0.0])
    assert plan.quantity[0, 0] == fixed
    assert plan.shaped_by[0, 0] == ("override" if fixed else "")
    named = [str(one) for one in plan.shortfalls if one.kind in ("override", "budget")]
    assert any("below its minimum of 10" in text for text in named) == (fixed == 3.0)
    assert any("not whole lots of 5" in text for text in named) == (fixed == 3.0)
    assert any("exceeded: the planner's orders alone are worth 5,000" in text for text in named) == (fixed == 500.0)


def test_a_planners_quantity_that_arrives_after_the_horizon_is_kept(two_items: OrderProblem) -> None:
    plan = planned(two_items, lead_time_periods=9, fixed_quantity=[25.0, np.nan])
    assert plan.quantity.tolist() == [[25.0, 0, 0, 0], [0, 0, 0, 0]]
    assert any("arrives after the horizon" in str(one) for one in plan.shortfalls)


@pytest.mark.parametrize(("on_hand", "said"), [(0.0, "and demand is not met"), (1e4, "and demand is met without")])
def test_where_no_order_is_possible_the_status_says_so_and_not_that_none_is_needed(
    two_items: OrderProblem, on_hand: float, said: str
) -> None:
    plan = planned(two_items, lead_time_periods=9, on_hand=on_hand)
    left = "lead times, limits and overrides leave none that arrives within the periods planned"
    assert plan.status == f"no order can help: {left}, {said}"
    assert plan.gap == 0


def test_a_transfer_that_the_planner_fixed_beyond_what_is_there_stops_nothing_else() -> None:
    fixed = np.full((4, 4), np.nan)
    fixed[2, 0] = 10.0
    problem = OrderProblem(
        item_names=("tea", "tea in WEST", "salt"),
        source_item=[0, 1, 1, 2],
        supplier=-1,
        origin=[-1, -1, 0, -1],
        unit_cost=[2.0, 2.0, 0.1, 2.0],
        demand=[[5.0] * 4] * 3,
        on_hand=[4.0, 0.0, 0.0],
        lead_time_periods=[1, 1, 0, 0],
        shortage_cost=5.0,
        holding_cost=0.01,
        order_cost=1.0,
        fixed_quantity=fixed,
    )
    plan = plan_orders(problem, seconds=60.0, gap=0.0)
    assert plan.quantity[2].tolist() == [10.0, 0.0, 0.0, 0.0]
    assert plan.quantity[3].tolist() == [20.0, 0.0, 0.0, 0.0]
    assert plan.short[0].tolist() == [11.0, 0.0, 0.0, 0.0], "six are sent that are not there, and five are asked for"
    assert plan.gap == pytest.approx(0.0, abs=1e-6)
    assert check_plan(problem, plan.quantity).violations == ("tea, period 0: 10 units are sent on, and 4 are there",)
    work = prepare(problem)
    more = plan.quantity.copy()
    more[2, 1] = 30.0
    assert keeps_limits(work, plan.quantity)
    assert not keeps_limits(work, more), "what the plan adds itself is held to what is there"


def test_the_time_told_has_that_of_the_explanations_in_it(
    two_items: OrderProblem, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*given: object) -> object:
        time.sleep(0.4)
        return shapes_of(*given)  # type: ignore[arg-type]

    monkeypatch.setattr("invopt_xl.optimise.plan.shapes_of", slow)
    began = time.monotonic()
    plan = planned(two_items)
    assert 0.4 <= plan.seconds <= time.monotonic() - began


def test_a_start_that_costs_the_same_is_kept(two_items: OrderProblem) -> None:
    plan = planned(two_items, supplier_order_cost=0.0)
    again = plan_orders(replace(two_items, supplier_order_cost=0.0), start=plan.quantity, proven=plan.bound, seconds=60)
    np.testing.assert_array_equal(again.quantity, plan.quantity)


def test_orders_share_the_suppliers_cost(two_items: OrderProblem) -> None:
    plan = planned(two_items, supplier_order_cost=200.0)
    assert (plan.quantity.sum(axis=0) > 0).sum() == 1


def test_a_discount_worth_its_stock_is_taken(two_items: OrderProblem) -> None:
    plan = planned(two_items, discounts=(Discount(0, 0, 0.2, from_quantity=35.0),))
    assert plan.quantity[0].max() >= 35
    assert plan.costs["discount"] > 0


def test_a_discount_that_is_not_counted_is_said(two_items: OrderProblem) -> None:
    plan = planned(two_items, discounts=(Discount(0, 0, 0.2, from_value=35.0, kind="incremental"),))
    assert plan.notes[0].startswith("discount 1 of supplier K is not counted")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"unit_cost": [1.0, -2.0]}, "unit cost of salt is -2.0; expected zero or more"),
        ({"lot_size": [0.0, 1.0]}, "lot size of tea is 0.0; expected at least 1e-09"),
        ({"lot_size": [1e-10, 1.0]}, "lot size of tea is 1e-10; expected at least 1e-09"),
        ({"supplier": [0, 1]}, "supplier of salt is 1; expected an index below 1"),
        ({"capacity_units": [-1.0]}, "capacity units of supplier K is -1.0"),
        ({"on_hand": [np.nan, 1.0]}, "on hand of tea is nan"),
        ({"discounts": (Discount(0, 0, 1.2, from_quantity=1.0),)}, "rate of discount 1 is 1.2"),
        ({"discounts": (Discount(0, 0, 0.2),)}, "threshold of discount 1 is given twice or not at all"),
        ({"budget": [1.0, 2.0]}, "budget is of shape"),
        ({"shortage": "maybe"}, "shortage is maybe; expected lost or backorder"),
    ],
)
def test_an_impossible_value_is_named(two_items: OrderProblem, change: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as caught:
        replace(two_items, **change)
    assert message in str(caught.value)
