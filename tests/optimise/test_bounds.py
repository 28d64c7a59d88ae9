"""Bounds that no plan is below, whatever shelf lives, transfers and sizes: each case once had one that was too high."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from instances import tiny_problems
from whole_model import solve_whole

from invopt_xl.errors import InputError
from invopt_xl.optimise import OrderProblem, check_plan, lattice_rows, plan, plan_orders, solvers
from invopt_xl.optimise.branching import BranchAndPrice
from invopt_xl.optimise.generation import Generation
from invopt_xl.optimise.groundwork import prepare
from invopt_xl.optimise.search import Found, search_plan, trivial_bound

CENT = 1e-4


def bread(demand: np.ndarray, **given: object) -> OrderProblem:
    """What must be sold in the period in which it arrives."""
    terms: dict[str, object] = {
        "item_names": tuple(f"bread {number}" for number in range(len(demand))),
        "supplier": -1,
        "unit_cost": 2.0,
        "demand": demand,
        "on_hand": 0.0,
        "lead_time_periods": 0,
        "shortage_cost": 3.0,
        "holding_cost": 0.01,
        "order_cost": 10.0,
        "shelf_life_periods": 1.0,
    }
    return OrderProblem(**(terms | given))  # type: ignore[arg-type]


def test_bread_in_thousands_is_ordered_as_it_is_asked_for() -> None:
    demand = np.random.default_rng(1).integers(3000, 5000, (1, 12)).astype(float)
    found = plan_orders(bread(demand), seconds=60.0, gap=0.0, workers=1)
    assert found.total == pytest.approx(120.0)
    assert 110.0 < found.bound <= 120.0 + CENT


def perishable(seed: int) -> OrderProblem:
    """An item that keeps for a period or two, over six to eight periods, with one to three sources."""
    random = np.random.default_rng(seed)
    periods, sources = int(random.integers(6, 9)), int(random.integers(1, 4))
    return bread(
        random.integers(0, 9, (1, periods)).astype(float) * random.integers(1, 3),
        source_item=np.zeros(sources, dtype=int),
        unit_cost=random.choice([1.0, 2.0, 2.0, 3.0], (sources, periods)),
        supplier=random.choice([-1, 0], sources),
        supplier_names=("K",),
        supplier_order_cost=float(random.choice([0.0, 4.0])),
        minimum_order_value=float(random.choice([0.0, 9.0])),
        budget=random.choice([20.0, np.inf], periods),
        lead_time_periods=random.choice([0, 0, 1], sources),
        on_hand=float(random.integers(0, 4)),
        shortage_cost=float(random.choice([0.5, 1.0, 3.0, 9.0])),
        holding_cost=float(random.choice([0.0, 0.1, 0.5])),
        order_cost=random.choice([0.0, 1.0, 4.0], sources),
        minimum_order_quantity=random.choice([0.0, 3.0], sources),
        safety_stock=float(random.choice([0.0, 2.0])),
        floor_penalty=float(random.choice([0.0, 0.5, 4.0])),
        unit_value=float(random.choice([1.0, 2.0, 3.0])),
        shelf_life_periods=float(random.choice([1.0, 1.0, 1.5, 2.0])),
        shortage=str(random.choice(["lost", "lost", "backorder"])),
    )


ONCE_BROKEN = [(24, 3), (32, 8), (71, 3), (88, 3), (102, 3), (127, 3), (209, 3), (233, 3), (233, 20), (264, 3)]
"""Seeds and levels with which the bound was once above the cheapest plan."""


@pytest.mark.parametrize(("seed", "coarsest"), [*ONCE_BROKEN, *((seed, 3) for seed in range(1000, 1012))])
def test_whole_steps_of_what_spoils_give_a_bound_however_often_they_are_thrown_away(seed: int, coarsest: int) -> None:
    problem = perishable(seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lattice_rows, "_COARSEST", coarsest)
        work = prepare(problem)
        whole = BranchAndPrice(Generation(work, solvers.HIGHS), work.fixed)
        whole.root(time.monotonic() + 60.0, 1e-6)
    cheapest = solve_whole(problem).objective
    assert whole.bound <= cheapest + CENT


def two_locations(**given: object) -> OrderProblem:
    """Tea at two locations, dearer at the second one."""
    terms: dict[str, object] = {
        "item_names": ("tea at MAIN", "tea at SHOP"),
        "source_item": [0, 1, 1],
        "supplier": -1,
        "origin": [-1, -1, 0],
        "unit_cost": [2.0, 2.4, 0.1],
        "demand": [[5.0] * 6, [2.0] * 6],
        "on_hand": [60.0, 12.0],
        "lead_time_periods": [1, 1, 0],
        "shortage_cost": 1.0,
        "holding_cost": [0.01, 0.012],
        "order_cost": [1.0, 1.0, 0.5],
    }
    return OrderProblem(**(terms | given))  # type: ignore[arg-type]


def test_nothing_is_moved_to_where_it_is_merely_worth_more() -> None:
    found = plan_orders(two_locations(), seconds=60.0, gap=0.0, workers=1)
    assert not found.quantity.any()  # all that is needed is there
    assert found.total == pytest.approx(found.costs["holding"])
    moved = np.zeros((3, 6))
    moved[2, 0] = 30.0
    verdict = check_plan(two_locations(), moved)
    assert verdict.costs["transfer"] + verdict.costs["end stock"] == pytest.approx(0.0)  # 9 gained, and given back
    assert verdict.total > found.total


def test_moving_what_is_there_still_saves_the_dearer_purchase_that_it_replaces() -> None:
    spare = two_locations(on_hand=[60.0, 0.0], lead_time_periods=[1, 0, 0], order_cost=0.0)
    moved, bought = np.zeros((3, 6)), np.zeros((3, 6))
    moved[2] = bought[1] = 2.0
    saved = check_plan(spare, bought).total - check_plan(spare, moved).total
    assert saved == pytest.approx(12 * (2.4 - 2.0 - 0.1) + 0.01 * 2 * (1 + 2 + 3 + 4 + 5 + 6))
    assert solve_whole(spare).objective == pytest.approx(check_plan(spare, moved).total)


def test_units_through_several_locations_gain_nothing_on_the_way() -> None:
    names = ("MAIN", "SHOP", "STALL")
    chain = OrderProblem(
        item_names=names,
        source_item=[0, 1, 2, 1, 2, 0],
        supplier=-1,
        origin=[-1, -1, -1, 0, 1, 2],
        unit_cost=[2.0, 3.0, 5.0, 0.1, 0.0, 0.0],
        demand=np.zeros((3, 4)),
        on_hand=[40.0, 0.0, 0.0],
        lead_time_periods=0,
        shortage_cost=1.0,
    )
    quantity = np.zeros((6, 4))
    quantity[0, 0], quantity[3, 1], quantity[4, 2], quantity[5, 3] = 10.0, 50.0, 45.0, 20.0
    # What is left away from MAIN is worth its move; what came back is not.
    assert check_plan(chain, quantity).total == pytest.approx(20 * 0.1)
    assert plan_orders(chain, seconds=2.0, gap=0.0).total == pytest.approx(0.0)


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(tiny_problems(), st.integers(0, 10_000))
def test_no_plan_is_below_the_bound_without_a_search(problem: OrderProblem, seed: int) -> None:
    random, work = np.random.default_rng(seed), prepare(problem)
    for share in (0.1, 0.3, 0.6):
        lots = random.integers(1, 5, work.fixed.shape) * (random.random(work.fixed.shape) < share)
        quantity = np.where(work.can_order, lots * problem.lot_size[:, None], work.fixed)
        assert trivial_bound(work) <= check_plan(problem, quantity).total + CENT


def test_a_bound_above_the_plans_total_is_said_and_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def too_high(*given: object) -> Found:
        found = search_plan(*given)  # type: ignore[arg-type]
        return replace(found, bound=found.bound + 5.0)

    monkeypatch.setattr(plan, "search_plan", too_high)
    found = plan_orders(two_locations(on_hand=0.0), seconds=60.0, gap=0.0, workers=1)
    assert "error: the bound of" in found.status
    assert found.gap > 0
    assert found.bound < found.total


WASHER: dict[str, object] = {
    "item_names": ("washer",),
    "unit_cost": 0.01,
    "demand": [[1.0] * 10],
    "on_hand": 0.0,
    "lead_time_periods": 0,
    "shortage_cost": 50.0,
    "holding_cost": 0.0001,
    "order_cost": 1.0,
}


def test_many_times_the_need_is_ordered_where_it_costs_next_to_nothing() -> None:
    by_line = OrderProblem(**WASHER, supplier=-1, minimum_order_quantity=1500.0)  # type: ignore[arg-type]
    found = plan_orders(by_line, seconds=60.0, gap=0.0, workers=1)
    assert found.quantity.sum() == 1500
    assert found.total == pytest.approx(1 + 0.0001 * sum(range(1490, 1500)))
    assert found.bound == pytest.approx(found.total)
    by_order = OrderProblem(**WASHER, supplier=0, supplier_names=("K",), minimum_order_value=50.0)  # type: ignore[arg-type]
    found = plan_orders(by_order, seconds=60.0, gap=0.0, workers=1)
    assert found.quantity.sum() == 5000
    assert found.bound == pytest.approx(found.total)


@pytest.mark.parametrize("units", [2e3, 1e6, 1e9])
@pytest.mark.parametrize("holding", [0.0, 0.0001, 0.3])
def test_a_minimum_of_any_size_is_ordered_exactly_where_it_pays(units: float, holding: float) -> None:
    terms = WASHER | {"holding_cost": holding, "supplier": -1, "minimum_order_quantity": units}
    found = plan_orders(OrderProblem(**terms), seconds=60.0, gap=0.0, workers=1)  # type: ignore[arg-type]
    ordering = 1 + holding * sum(units - period for period in range(1, 11))
    assert found.total == pytest.approx(min(ordering, 500.0))
    assert found.bound == pytest.approx(found.total)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("lead_time_periods", [1.9, 1.0, 0.0]),
        ("source_item", [0.0, 0.9, 1.0]),
        ("supplier", [-0.5, -1.0, -1.0]),
        ("origin", [-1.0, -1.0, 0.5]),
        ("lead_time_periods", np.nan),
    ],
)
def test_fractions_of_what_is_whole_are_refused(field: str, value: object) -> None:
    with pytest.raises(InputError, match=f"{field.replace('_', ' ')} is .*; expected whole numbers"):
        two_locations(**{field: value})
