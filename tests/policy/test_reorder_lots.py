"""Exact (r, Q) and (s, nQ) policies: published cases, enumeration, walks through time, and what they must obey."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, optimize, stats

from invopt_xl.errors import InvoptError
from invopt_xl.policy import (
    ContinuousDemand,
    DiscreteDemand,
    EmpiricalDemand,
    GammaDemand,
    NegativeBinomialDemand,
    NormalDemand,
    PoissonDemand,
    PolicyCosts,
    continuous_lot_cost,
    newsvendor,
    newsvendor_cost,
    optimal_continuous_lots,
    optimal_min_max,
    optimal_periodic_lots,
    optimal_unit_lots,
    periodic_lot_cost,
    unit_lot_cost,
)

FloatArray = npt.NDArray[np.float64]


def one(value: float) -> FloatArray:
    return np.array([value])


some_costs = st.builds(
    PolicyCosts, holding=st.floats(0.1, 5.0), shortage=st.floats(0.1, 60.0), order=st.floats(0.01, 200.0)
)

# Snyder & Shen (2019), Fundamentals of Supply Chain Theory, 2nd edition: rate, lead time, costs, then r (order at or
# below), Q and their cost, and the cost of another r and Q.
POISSON_CASES = {
    "example 5.8": (1.5, 2.0, PolicyCosts(20.0, 150.0, 100.0), (3, 5, 107.9235806331498), (8, 12, 242.5281637662021)),
    "problem 5.2": (12.0, 0.5, PolicyCosts(4.0, 28.0, 4.0), (6, 7, 28.241312842169155), (3, 9, 34.264154469469503)),
}
FIRST, SECOND = PolicyCosts(0.225, 7.5, 8.0), PolicyCosts(3.1, 45.0, 50.0)
NORMAL_CASES = {
    "example 5.1": (1300.0, 150.0, 1 / 12, FIRST, (126.8, 328.5, 78.07116250928294), (100, 250, 87.346478028175)),
    "problem 5.1": (800.0, 40.0, 4 / 365, SECOND, (-1.9859, 166.95, 484.2110418415538), (100, 250, 830.3219178082192)),
}


@pytest.mark.parametrize("case", POISSON_CASES)
def test_poisson_cases_of_snyder_and_shen(case: str) -> None:
    rate, lead_time, costs, (r, lot, cost), (other_r, other_lot, other_cost) = POISSON_CASES[case]
    demand = PoissonDemand(one(rate * lead_time))
    best = optimal_unit_lots(one(rate), demand, costs)
    assert (best.reorder_point[0], best.order_quantity[0]) == (r + 1, lot)
    assert best.cost[0] == pytest.approx(cost, rel=1e-12)
    other = unit_lot_cost(one(rate), demand, one(other_r + 1.0), one(float(other_lot)), costs)
    assert other[0] == pytest.approx(other_cost, rel=1e-12)


@pytest.mark.parametrize("case", NORMAL_CASES)
def test_normal_cases_of_snyder_and_shen(case: str) -> None:
    rate, deviation, lead_time, costs, *policies = NORMAL_CASES[case]
    demand = NormalDemand(one(rate * lead_time), one(deviation * lead_time**0.5))
    for r, lot, cost in policies:
        assert continuous_lot_cost(one(rate), demand, one(r), one(lot), costs)[0] == pytest.approx(cost, rel=1e-9)
    best = optimal_continuous_lots(one(rate), demand, costs)
    # The book's r and Q, by the loss-function approximation, are rounded, and all but the best.
    r, lot, cost = policies[0]
    assert best.cost[0] <= cost
    assert best.cost[0] == pytest.approx(cost, rel=1e-5)
    assert best.reorder_point[0] == pytest.approx(r, abs=0.2)
    assert best.order_quantity[0] == pytest.approx(lot, abs=0.2)


@given(st.floats(0.05, 20.0), st.floats(0.1, 3.0), some_costs, st.booleans())
@settings(max_examples=40, deadline=None)
def test_unit_lots_are_the_best_of_all_enumerated(rate: float, lead: float, costs: PolicyCosts, lumpy: bool) -> None:
    mean = rate * lead
    law = stats.nbinom(mean / 2.0, 1.0 / 3.0) if lumpy else stats.poisson(mean)
    demand = NegativeBinomialDemand(one(mean), one((3.0 * mean) ** 0.5)) if lumpy else PoissonDemand(one(mean))
    best = optimal_unit_lots(one(rate), demand, costs)
    holding, shortage, order = costs.of_one_item()
    low = int(best.reorder_point[0]) - 15
    widest = int(best.order_quantity[0]) + 15
    positions, outcomes = np.arange(low, low + 30 + widest), np.arange(mean + 30 * mean**0.5 + 120)
    gap = positions[:, None] - outcomes
    curve = (holding * np.maximum(gap, 0) + shortage * np.maximum(-gap, 0)) @ law.pmf(outcomes)
    sums = np.append(0.0, np.cumsum(curve))
    every = [
        (order * rate + sums[start + lot] - sums[start]) / lot for start in range(30) for lot in range(1, widest + 1)
    ]
    assert best.cost[0] == pytest.approx(min(every), rel=1e-7)
    own = unit_lot_cost(one(rate), demand, best.reorder_point, best.order_quantity, costs)
    assert own[0] == pytest.approx(best.cost[0], rel=1e-10)


@pytest.mark.parametrize(
    "demand",
    [
        NormalDemand(one(60.0), one(20.0)),
        GammaDemand(one(60.0), one(50.0)),
        EmpiricalDemand(np.random.default_rng(4).gamma(2.0, 30.0, (1, 40))),
    ],
    ids=["normal", "gamma", "samples"],
)
@pytest.mark.parametrize("order", [0.5, 30.0, 4000.0])
def test_continuous_lots_are_what_a_general_minimiser_finds(demand: ContinuousDemand, order: float) -> None:
    costs, rate = PolicyCosts(0.4, 6.0, order), one(25.0)

    def cost(policy: FloatArray) -> float:
        r, lot = float(policy[0]), abs(float(policy[1])) + 1e-9
        grid = np.linspace(r, r + lot, 400)
        held = integrate.trapezoid(newsvendor_cost(demand, grid, costs), grid)
        return float((order * 25.0 + held) / lot)

    best = optimal_continuous_lots(rate, demand, costs)
    start = np.array([best.reorder_point[0] + 4.0, 1.3 * best.order_quantity[0]])
    other = optimize.minimize(cost, start, method="Nelder-Mead", options={"xatol": 1e-3, "fatol": 1e-8, "maxfev": 250})
    assert best.cost[0] == pytest.approx(other.fun, rel=1e-4)
    ends = [best.reorder_point, best.reorder_point + best.order_quantity]
    assert [newsvendor_cost(demand, end, costs)[0] for end in ends] == pytest.approx([best.cost[0]] * 2, rel=1e-8)


@given(some_costs, st.floats(0.5, 500.0), st.floats(0.05, 2.0), st.booleans())
@settings(max_examples=60, deadline=None)
def test_no_continuous_lots_nearby_cost_less(costs: PolicyCosts, mean: float, variation: float, lumpy: bool) -> None:
    family = GammaDemand if lumpy else NormalDemand
    demand, rate = family(one(mean), one(mean * variation)), one(mean / 3.0)
    best = optimal_continuous_lots(rate, demand, costs)
    scale = float(best.order_quantity[0])
    for start, wider in [(-0.05, 0.0), (0.05, 0.0), (0.0, 0.05), (0.0, -0.05), (0.03, -0.06), (-0.2, 0.4)]:
        other = continuous_lot_cost(
            rate, demand, best.reorder_point + start * scale, best.order_quantity * (1.0 + wider), costs
        )
        assert best.cost[0] <= other[0] * (1.0 + 1e-9)


@given(some_costs, st.floats(1.01, 20.0))
@settings(max_examples=40, deadline=None)
def test_dearer_orders_mean_larger_lots_at_a_higher_cost(costs: PolicyCosts, times: float) -> None:
    holding, shortage, order = costs.of_one_item()
    dearer = PolicyCosts(holding, shortage, order * times)
    rate, units, fluid = one(4.0), PoissonDemand(one(9.0)), GammaDemand(one(9.0), one(6.0))
    for cheap, dear in [
        (optimal_unit_lots(rate, units, costs), optimal_unit_lots(rate, units, dearer)),
        (optimal_continuous_lots(rate, fluid, costs), optimal_continuous_lots(rate, fluid, dearer)),
    ]:
        assert cheap.cost[0] < dear.cost[0]
        assert cheap.order_quantity[0] <= dear.order_quantity[0] * (1.0 + 1e-9)


def test_without_an_order_cost_lots_of_one_keep_the_base_stock() -> None:
    rate = np.array([0.2, 3.0, 40.0])
    costs = PolicyCosts(holding=0.3, shortage=4.0)
    best, single = optimal_unit_lots(rate, PoissonDemand(2 * rate), costs), newsvendor(PoissonDemand(2 * rate), costs)
    assert best.order_quantity.tolist() == [1.0, 1.0, 1.0]
    assert best.reorder_point.tolist() == single.quantity.tolist()
    np.testing.assert_allclose(best.cost, single.expected_cost, rtol=1e-10)


def test_items_of_all_sizes_together_are_the_items_one_by_one() -> None:
    random = np.random.default_rng(6)
    rate = 10.0 ** random.uniform(-3, 3, 200)
    costs = PolicyCosts(random.uniform(0.01, 1.0, 200), random.uniform(1.0, 90.0, 200), random.uniform(0.0, 300.0, 200))
    holding, shortage, order = costs.of_items(200)
    demand = PoissonDemand(0.7 * rate)
    together = optimal_unit_lots(rate, demand, costs)
    for item in range(0, 200, 17):
        alone = PolicyCosts(float(holding[item]), float(shortage[item]), float(order[item]))
        found = optimal_unit_lots(rate[[item]], demand.rows(np.array([item])), alone)
        assert found.order_quantity[0] == together.order_quantity[item]
        assert found.reorder_point[0] == together.reorder_point[item]
        assert found.cost[0] == pytest.approx(together.cost[item], rel=1e-12)


def test_a_walk_through_single_sales_that_orders_below_the_reorder_point_costs_as_computed() -> None:
    rate, lead_time, costs = 2.0, 1.5, PolicyCosts(holding=1.0, shortage=7.0, order=15.0)
    best = optimal_unit_lots(one(rate), PoissonDemand(one(rate * lead_time)), costs)
    reorder_point, lot = best.reorder_point[0], best.order_quantity[0]
    random = np.random.default_rng(1)
    due: list[float] = []
    now, net, position, spent = 0.0, reorder_point + lot - 1, reorder_point + lot - 1, 0.0
    for gap in random.exponential(1.0 / rate, 200_000):
        sale = now + gap
        while due and due[0] <= sale:
            spent += (due[0] - now) * max(net, -7.0 * net)
            now, net = due.pop(0), net + lot
        spent += (sale - now) * max(net, -7.0 * net)
        now, net, position = sale, net - 1, position - 1
        if position < reorder_point:
            due.append(now + lead_time)
            position, spent = position + lot, spent + 15.0
    assert spent / now == pytest.approx(best.cost[0], rel=0.01)


@pytest.mark.parametrize("order", [0.0, 5.0, 64.0])
def test_periodic_lots_are_the_best_of_all_enumerated(order: float) -> None:
    demand, costs = DiscreteDemand.poisson(4.0, lead_time=1), PolicyCosts(1.0, 9.0, order)
    best = optimal_periodic_lots(demand, costs)
    every = {(r, lot): periodic_lot_cost(demand, r, lot, costs) for r in range(-6, 22) for lot in range(1, 45)}
    assert best.cost == pytest.approx(min(every.values()), rel=1e-12)
    assert every[best.reorder_point, best.order_quantity] == pytest.approx(best.cost, rel=1e-12)
    assert best.cost >= optimal_min_max(demand, costs).cost * (1.0 - 1e-12)


def test_a_walk_through_periods_that_orders_whole_lots_below_the_reorder_point_costs_as_computed() -> None:
    demand = DiscreteDemand.negative_binomial(3.0, 4.0, lead_time=2)
    costs = PolicyCosts(holding=1.0, shortage=6.0, order=30.0)
    random = np.random.default_rng(5)
    periods, reorder_point, lot = 200_000, 9, 7
    sold = random.choice(len(demand.period), periods, p=demand.period).tolist()
    arriving = [0] * (periods + 3)
    net = position = reorder_point
    spent = 0.0
    for period in range(periods):
        if position < reorder_point:
            arriving[period + 2] = -((position - reorder_point) // lot) * lot
            position, spent = position + arriving[period + 2], spent + 30.0
        net += arriving[period] - sold[period]
        position -= sold[period]
        spent += max(net, -6.0 * net)
    assert spent / periods == pytest.approx(periodic_lot_cost(demand, reorder_point, lot, costs), rel=0.01)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (
            lambda: optimal_unit_lots(np.array([1.0, 0.0]), PoissonDemand(np.ones(2)), PolicyCosts(1.0, 9.0, 5.0)),
            "demand rate (row 2) is 0; expected above zero, such as 12",
        ),
        (
            lambda: optimal_unit_lots(np.ones(3), PoissonDemand(np.ones(2)), PolicyCosts(1.0, 9.0, 5.0)),
            "number of demand rates is 3; expected one for each of 2 items",
        ),
        (
            lambda: optimal_unit_lots(one(1e7), PoissonDemand(one(1e7)), PolicyCosts(1e-6, 9.0, 5e6)),
            "span of a lot is ",
        ),
        (
            lambda: optimal_continuous_lots(one(9.0), NormalDemand(one(9.0), one(3.0)), PolicyCosts(1.0, 9.0)),
            "order cost is 0; expected above zero, such as 50",
        ),
        (
            lambda: unit_lot_cost(one(1.0), PoissonDemand(one(2.0)), one(1.5), one(4.0), PolicyCosts(1.0, 9.0)),
            "reorder point is 1.5; expected whole units, such as 12",
        ),
        (
            lambda: unit_lot_cost(one(1.0), PoissonDemand(one(2.0)), one(1.0), one(0.0), PolicyCosts(1.0, 9.0)),
            "order quantity is 0; expected whole units, at least 1",
        ),
        (
            lambda: continuous_lot_cost(
                one(1.0), NormalDemand(one(2.0), one(1.0)), one(np.nan), one(4.0), PolicyCosts(1.0, 9.0)
            ),
            "reorder point is nan; expected a number of units, such as 40",
        ),
        (
            lambda: periodic_lot_cost(DiscreteDemand.poisson(3.0), 2, 0, PolicyCosts(1.0, 9.0)),
            "order quantity is 0; expected at least 1 unit",
        ),
    ],
)
def test_what_cannot_be_is_told_in_one_line(build: Callable[[], object], message: str) -> None:
    with pytest.raises(InvoptError) as told:
        build()
    assert str(told.value).startswith(message)
    assert "\n" not in str(told.value)
