"""Lots for changing demand: published cases, all sets of order periods, all whole quantities."""

import itertools

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invopt_xl.errors import InputError
from invopt_xl.policy import dynamic_lots

FloatArray = npt.NDArray[np.float64]
HEURISTICS = ("silver-meal", "least-unit-cost", "part-period-balancing")


def test_the_published_example_of_wagner_and_whitin() -> None:
    """Wagner & Whitin (1958), table 1: twelve months, set-up costs by month, 1 a unit and month; 864 in all."""
    demand = [69.0, 29, 36, 61, 61, 26, 34, 67, 45, 67, 79, 56]
    setup = [85.0, 102, 102, 101, 98, 114, 105, 86, 119, 110, 98, 114]
    plan = dynamic_lots([demand], [setup], 1.0)
    assert plan.cost[0] == 864.0
    assert plan.quantity[0].sum() == sum(demand)
    assert plan.gap[0] == 0.0


def test_the_published_example_of_silver_pyke_and_thomas() -> None:
    """Silver, Pyke & Thomas (2017), chapter 5: A = 54, 0.40 a box and month; seven orders, 501.20 by both methods."""
    demand = [10.0, 62, 12, 130, 154, 129, 88, 52, 124, 160, 238, 41]
    for method in ("wagner-whitin", "silver-meal"):
        plan = dynamic_lots([demand], 54.0, 0.40, method)
        assert plan.cost[0] == pytest.approx(501.20)
        assert plan.quantity[0].tolist() == [84, 0, 0, 130, 283, 0, 140, 0, 124, 160, 279, 0]


@pytest.mark.parametrize(
    ("demand", "setup", "holding", "quantity", "cost"),
    [
        ([90, 120, 80, 70], 500, 2, [210, 0, 150, 0], 1380),
        ([150, 100, 80, 200], 120, 0.8, [150, 180, 0, 200], 424),
        ([730, 580, 445, 650, 880], 100, 0.1, [1310, 0, 1095, 0, 880], 423),
    ],
)
def test_published_plans_of_snyder_and_shen(
    demand: list[float], setup: float, holding: float, quantity: list[float], cost: float
) -> None:
    """Snyder & Shen, example 3.9, problems 3.27 and 3.29."""
    plan = dynamic_lots([demand], setup, holding)
    assert plan.quantity[0].tolist() == quantity
    assert plan.cost[0] == pytest.approx(cost)


@pytest.mark.parametrize(
    ("method", "quantity", "cost"),
    [
        ("silver-meal", [48, 0, 47, 0, 20], 310),
        ("least-unit-cost", [48, 0, 42, 25, 0], 340),
        ("part-period-balancing", [48, 0, 67, 0, 0], 310),
    ],
)
def test_published_heuristic_plans_of_nahmias(method: str, quantity: list[float], cost: float) -> None:
    """Nahmias, "Production and Operations Analysis", examples 7.3 to 7.5: computer casings, 80 a set-up, 2 to hold."""
    plan = dynamic_lots([[18.0, 30, 42, 5, 20]], 80.0, 2.0, method)  # type: ignore[arg-type]
    assert plan.quantity[0].tolist() == quantity
    assert plan.cost[0] == cost
    assert 0.0 <= plan.gap[0] < 0.11


def cheapest_by_enumeration(demand: FloatArray, setup: FloatArray, holding: FloatArray) -> float:
    """Try every set of order periods; each order lasts to the next."""
    best = np.inf
    for ordered in itertools.product([False, True], repeat=len(demand)):
        cost = stock = 0.0
        for period, here in enumerate(ordered):
            if here:
                end = next((later for later in range(period + 1, len(demand)) if ordered[later]), len(demand))
                bought = demand[period:end].sum()
                stock += bought
                cost += setup[period] * (bought > 0)
            stock -= demand[period]
            if stock < -1e-9:
                break
            cost += holding[period] * stock
        else:
            best = min(best, cost)
    return best


whole = st.integers(0, 40).map(float)


@settings(max_examples=60)
@given(st.integers(1, 8).flatmap(lambda n: st.lists(st.tuples(whole, whole, whole), min_size=n, max_size=n)))
def test_wagner_whitin_is_the_cheapest_of_all_sets_of_order_periods(rows: list[tuple[float, float, float]]) -> None:
    demand, setup, holding = np.array(rows).T
    plan = dynamic_lots([demand], [setup], [holding / 10.0])
    assert plan.cost[0] == pytest.approx(cheapest_by_enumeration(demand, setup, holding / 10.0))
    assert (plan.ending_stock >= 0).all()
    assert plan.left_over[0] == pytest.approx(0.0, abs=1e-9)


@settings(max_examples=60)
@given(
    st.lists(st.lists(st.integers(0, 30).map(float), min_size=9, max_size=9), min_size=1, max_size=4),
    st.floats(0.0, 90.0),
    st.floats(0.01, 3.0),
    st.sampled_from([0.0, 7.0, 40.0, 5000.0]),
    st.sampled_from([None, 1.0, 6.0]),
    st.sampled_from(["wagner-whitin", *HEURISTICS]),
)
def test_every_plan_covers_demand_within_minimum_and_multiple(
    demand: list[list[float]], setup: float, holding: float, minimum: float, lot: float | None, method: str
) -> None:
    plan = dynamic_lots(demand, setup, holding, method, minimum=minimum, lot=lot)  # type: ignore[arg-type]
    placed = plan.quantity[plan.quantity > 0]
    assert (placed >= minimum - 1e-6).all()
    assert lot is None or np.allclose(placed / lot, np.round(placed / lot))
    assert (plan.ending_stock >= 0).all()
    assert np.allclose(plan.quantity.sum(axis=1) - np.sum(demand, axis=1), plan.left_over)
    assert np.allclose(plan.cost, setup * plan.orders + holding * plan.ending_stock.sum(axis=1))
    assert (plan.lower_bound <= plan.cost).all()
    alone = [dynamic_lots([row], setup, holding, method, minimum=minimum, lot=lot).cost[0] for row in demand]  # type: ignore[arg-type]
    assert np.allclose(plan.cost, alone), "an item's plan does not depend on the other items"
    assert not np.isnan(plan.gap).any()


def test_rules_do_not_change_near_orders_when_far_demand_changes() -> None:
    demand = np.random.default_rng(5).integers(0, 50, (40, 16)).astype(float)
    changed = demand.copy()
    changed[:, 13:] += 200.0
    for method in HEURISTICS:
        before, after = (dynamic_lots(one, 60.0, 1.0, method) for one in (demand, changed))  # type: ignore[arg-type]
        assert np.array_equal(before.quantity[:, 0], after.quantity[:, 0])


def cheapest_whole_plan(demand: FloatArray, setup: float, holding: float, minimum: int, lot: int) -> float:
    """Dynamic programming over every whole stock and every order that is allowed."""
    top = int(demand.sum()) + minimum + lot
    allowed = [0, *(quantity for quantity in range(lot, top + 1, lot) if quantity >= minimum)]
    best = {0: 0.0}
    for needed in demand.astype(int):
        reached: dict[int, float] = {}
        for (stock, cost), quantity in itertools.product(best.items(), allowed):
            after = stock + quantity - needed
            if 0 <= after <= top:
                total = cost + setup * (quantity > 0) + holding * after
                reached[after] = min(total, reached.get(after, np.inf))
        best = reached
    return min(best.values())


def test_minimum_and_multiple_cost_what_the_best_plan_costs_in_nearly_all_cases() -> None:
    random = np.random.default_rng(11)
    ratios = []
    for _ in range(60):
        demand = random.integers(0, 8, 6).astype(float) + 1.0
        minimum, lot = int(random.integers(0, 13)), int(random.integers(1, 5))
        setup = float(random.choice([1.0, 6.0, 25.0]))
        plan = dynamic_lots([demand], setup, 1.0, minimum=float(minimum), lot=float(lot))
        ratios.append(plan.cost[0] / cheapest_whole_plan(demand, setup, 1.0, minimum, lot))
    assert min(ratios) >= 1.0 - 1e-9
    assert np.mean(ratios) <= 1.001
    assert np.mean(np.array(ratios) < 1.0 + 1e-9) >= 0.98


def test_a_minimum_above_years_of_demand_is_one_order_and_said_so() -> None:
    plan = dynamic_lots([[0.0, 4.0, 6.0, 2.0], [0.0] * 4], 20.0, 1.0, minimum=500.0, lot=10.0)
    assert plan.quantity[0].tolist() == [0.0, 500.0, 0.0, 0.0]
    assert plan.note(0) == "one order of 500 covers the demand of all 4 periods (12); 488 are left over"
    assert plan.cost[1] == 0.0
    assert plan.gap.tolist()[1] == 0.0
    assert plan.note(1) == "no demand in any of 4 periods: nothing to order"


def test_where_the_best_plan_costs_nothing_any_cost_is_an_endless_gap() -> None:
    plan = dynamic_lots([[4.0, 6.0]], 0.0, 1.0, minimum=[8.0])
    assert plan.cost[0] == 6.0
    assert plan.gap[0] == np.inf


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"demand": [[1.0, -2.0]]}, r"demand \(period 2\) is -2; expected zero or more"),
        ({"demand": [[1.0, np.nan]]}, r"demand \(period 2\) is nan"),
        ({"demand": [[]]}, "the shape of demand"),
        ({"order_cost": -1.0}, r"order cost is -1"),
        ({"order_cost": [[1.0, 2.0, 3.0]]}, r"the shape of order cost is \(1, 3\); expected"),
        ({"holding_cost": np.inf}, r"holding cost is inf"),
        ({"minimum": -5.0}, r"minimum order quantity is -5"),
        ({"lot": 0.0}, r"lot multiple is 0; expected above zero"),
        ({"method": "guess"}, "method is guess; expected wagner-whitin, silver-meal"),
    ],
)
def test_bad_input_is_named_in_one_line(change: dict[str, object], told: str) -> None:
    arguments: dict[str, object] = {"demand": [[1.0, 2.0]], "order_cost": 5.0, "holding_cost": 1.0} | change
    with pytest.raises(InputError, match=told) as error:
        dynamic_lots(**arguments)  # type: ignore[arg-type]
    assert "\n" not in str(error.value)
