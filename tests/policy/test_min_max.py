"""Exact (s, S) policies: published ones, those that dynamic programming finds, and what they must obey."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from invopt_xl.errors import InvoptError
from invopt_xl.policy import DiscreteDemand, PolicyCosts, min_max_cost, newsvendor, optimal_min_max
from invopt_xl.policy.counts import PoissonDemand
from invopt_xl.policy.min_max import renewal_density

FloatArray = npt.NDArray[np.float64]

# Zheng & Federgruen (1991), Operations Research 39(4), 654-665, tables of examples: Poisson demand, h = 1, p = 9,
# K = 64, no lead time; mean, s (order at or below), S, cost a period.
ZHENG_FEDERGRUEN = [
    (10, 6, 40, 35.022),
    (15, 10, 49, 42.698),
    (20, 14, 62, 49.173),
    (21, 15, 65, 50.406),
    (22, 16, 68, 51.632),
    (23, 17, 52, 52.757),
    (24, 18, 54, 53.518),
    (25, 19, 56, 54.262),
    (30, 23, 66, 57.819),
    (35, 28, 77, 61.215),
    (40, 33, 87, 64.512),
    (45, 37, 97, 67.776),
    (50, 42, 108, 70.975),
    (51, 43, 110, 71.611),
    (52, 44, 112, 72.246),
    (55, 47, 118, 74.149),
    (59, 51, 126, 76.679),
    (60, 52, 129, 77.306),
    (61, 52, 131, 77.929),
    (63, 54, 73, 78.287),
    (64, 55, 74, 78.402),
    (65, 56, 75, 78.518),
    (70, 62, 81, 79.037),
    (75, 67, 86, 79.554),
]

RARE = [0.9, 0.02, 0.0, 0.0, 0.05, 0.0, 0.03]


@st.composite
def some_demand(draw: st.DrawFn) -> DiscreteDemand:
    weights = np.array(draw(st.lists(st.integers(0, 20), min_size=2, max_size=8)), dtype=float)
    weights[draw(st.integers(1, len(weights) - 1))] += 1.0
    return DiscreteDemand.of(weights / weights.sum(), draw(st.integers(0, 3)))


some_costs = st.builds(
    PolicyCosts, holding=st.floats(0.1, 5.0), shortage=st.floats(0.1, 50.0), order=st.floats(0.0, 60.0)
)


def cost_of_positions(demand: DiscreteDemand, position: int, holding: float, shortage: float) -> float:
    """Sum over every outcome of demand."""
    outcomes = np.arange(len(demand.protection))
    over, short = np.maximum(position - outcomes, 0), np.maximum(outcomes - position, 0)
    return float(demand.protection @ (holding * over + shortage * short))


def cost_by_markov_chain(demand: DiscreteDemand, s: int, up_to: int, costs: PolicyCosts) -> float:
    """Write down the chain of positions after ordering, s + 1 ... S, and average over its stationary distribution."""
    holding, shortage, order = costs.of_one_item()
    states = list(range(s + 1, up_to + 1))
    moves = np.zeros((len(states), len(states)))
    orders = np.zeros(len(states))
    for start, position in enumerate(states):
        for units, probability in enumerate(demand.period):
            if position - units <= s:
                moves[start, -1] += probability
                orders[start] += probability
            else:
                moves[start, position - units - s - 1] += probability
    equations = np.vstack([moves.T - np.eye(len(states)), np.ones(len(states))])
    share = np.linalg.lstsq(equations, np.append(np.zeros(len(states)), 1.0), rcond=None)[0]
    period = [cost_of_positions(demand, position, holding, shortage) for position in states]
    return float(share @ (np.array(period) + order * orders))


def least_cost_by_dynamic_programming(demand: DiscreteDemand, costs: PolicyCosts, low: int, high: int) -> float:
    """Relative value iteration over all positions, free to order up to anywhere in any of them.

    Damped by half, which leaves the cost per period as it is and lets chains with a rhythm settle.
    """
    holding, shortage, order = costs.of_one_item()
    positions = np.arange(low, high + 1)
    period = np.array([cost_of_positions(demand, int(one), holding, shortage) for one in positions])
    value = np.zeros(len(positions))
    for _ in range(20_000):
        after = np.array(
            [demand.period @ value[np.maximum(one - np.arange(len(demand.period)), 0)] for one in range(len(positions))]
        )
        stay = period + after
        best = np.minimum(stay, order + np.minimum.accumulate(stay[::-1])[::-1])
        # Below the grid one must order anyway; it starts where ordering is best.
        change = 0.5 * (best - value)
        value = value + change
        if np.ptp(change) < 1e-9:
            break
        value -= value[-1]
    return float(2.0 * change.mean())


@pytest.mark.parametrize(("mean", "s", "up_to", "cost"), ZHENG_FEDERGRUEN)
def test_the_tables_of_zheng_and_federgruen_to_the_printed_digits(mean: int, s: int, up_to: int, cost: float) -> None:
    costs = PolicyCosts(holding=1.0, shortage=9.0, order=64.0)
    best = optimal_min_max(DiscreteDemand.poisson(mean), costs)
    assert (best.at_or_below, best.order_up_to, round(best.cost, 3)) == (s, up_to, cost)
    assert best.reorder_point == s + 1
    assert round(min_max_cost(DiscreteDemand.poisson(mean), s + 1, up_to, costs), 3) == cost


def test_a_wide_policy_agrees_with_what_stockpyl_finds_in_ten_seconds() -> None:
    best = optimal_min_max(DiscreteDemand.poisson(100.0), PolicyCosts(holding=1.0, shortage=9.0, order=500.0))
    assert (best.at_or_below, best.order_up_to, round(best.cost, 4)) == (68, 309, 286.7994)


@pytest.mark.parametrize(
    ("mean", "costs", "s", "up_to", "cost"),
    [
        (6.0, PolicyCosts(1.0, 4.0, 5.0), 4, 10, 8.034111561471642),
        (4.0, PolicyCosts(40.0, 125.0, 150.0), 2, 7, 223.5748295669688),
    ],
    ids=["example 4.7", "problem 4.31"],
)
def test_cases_of_snyder_and_shen(mean: float, costs: PolicyCosts, s: int, up_to: int, cost: float) -> None:
    best = optimal_min_max(DiscreteDemand.poisson(mean), costs)
    assert (best.at_or_below, best.order_up_to) == (s, up_to)
    assert best.cost == pytest.approx(cost, rel=1e-12)


@pytest.mark.parametrize(
    ("mean", "costs", "s", "up_to", "cost"),
    [
        (6.0, PolicyCosts(1.0, 4.0, 5.0), 6, 18, 10.193798671644046),
        (4.0, PolicyCosts(40.0, 125.0, 150.0), 4, 10, 262.2755613772775),
    ],
    ids=["example 4.7", "problem 4.31"],
)
def test_costs_of_other_policies_of_snyder_and_shen(
    mean: float, costs: PolicyCosts, s: int, up_to: int, cost: float
) -> None:
    assert min_max_cost(DiscreteDemand.poisson(mean), s + 1, up_to, costs) == pytest.approx(cost, rel=1e-12)


@pytest.mark.parametrize("lead_time", [0, 2])
def test_the_best_policy_costs_what_dynamic_programming_finds_without_knowing_its_form(lead_time: int) -> None:
    demand = DiscreteDemand.of([0.3, 0.1, 0.3, 0.0, 0.3], lead_time)
    costs = PolicyCosts(holding=1.0, shortage=4.0, order=7.0)
    best = optimal_min_max(demand, costs)
    assert best.cost == pytest.approx(least_cost_by_dynamic_programming(demand, costs, -12, 35), abs=1e-6)


@given(some_demand(), some_costs, st.integers(-5, 15), st.integers(0, 12))
@settings(max_examples=60, deadline=None)
def test_the_cost_of_any_policy_is_that_of_its_markov_chain(
    demand: DiscreteDemand, costs: PolicyCosts, reorder_point: int, width: int
) -> None:
    found = min_max_cost(demand, reorder_point, reorder_point + width, costs)
    expected = cost_by_markov_chain(demand, reorder_point - 1, reorder_point + width, costs)
    assert found == pytest.approx(expected, rel=1e-8, abs=1e-8)


@given(some_demand(), some_costs)
@settings(max_examples=60, deadline=None)
def test_no_policy_nearby_costs_less_and_the_cost_is_that_of_the_policy(
    demand: DiscreteDemand, costs: PolicyCosts
) -> None:
    best = optimal_min_max(demand, costs)
    assert min_max_cost(demand, best.reorder_point, best.order_up_to, costs) == pytest.approx(best.cost, rel=1e-10)
    for start in range(-6, 7):
        for end in range(-6, 7):
            reorder_point, order_up_to = best.reorder_point + start, best.order_up_to + end
            if reorder_point <= order_up_to:
                other = min_max_cost(demand, reorder_point, order_up_to, costs)
                assert best.cost <= other * (1.0 + 1e-9)


@given(some_demand(), some_costs, st.floats(1.01, 30.0))
@settings(max_examples=40, deadline=None)
def test_dearer_orders_cost_more_and_never_more_than_in_proportion(
    demand: DiscreteDemand, costs: PolicyCosts, times: float
) -> None:
    holding, shortage, order = costs.of_one_item()
    cheap = optimal_min_max(demand, costs).cost
    dear = optimal_min_max(demand, PolicyCosts(holding, shortage, order * times)).cost
    assert cheap * (1.0 - 1e-9) <= dear <= cheap * times * (1.0 + 1e-9)
    assert dear > cheap or order * times < 1e-6


@given(st.floats(0.05, 200.0), st.floats(0.1, 5.0), st.floats(0.1, 100.0), st.integers(0, 6))
@settings(max_examples=60, deadline=None)
def test_without_an_order_cost_it_is_the_base_stock_of_the_newsvendor(
    mean: float, holding: float, shortage: float, lead_time: int
) -> None:
    costs = PolicyCosts(holding, shortage)
    best = optimal_min_max(DiscreteDemand.poisson(mean, lead_time), costs)
    single = newsvendor(PoissonDemand(np.array([mean])).over(lead_time + 1.0), costs)
    assert best.cost == pytest.approx(float(single.expected_cost[0]), rel=1e-9)
    assert best.reorder_point == best.order_up_to
    # One unit apart where the critical ratio is met exactly, and both cost the same.
    assert best.order_up_to == pytest.approx(single.quantity[0], abs=1)


def test_a_period_by_period_walk_through_orders_below_the_reorder_point_costs_as_computed() -> None:
    demand = DiscreteDemand.negative_binomial(3.0, 4.0, lead_time=2)
    costs = PolicyCosts(holding=1.0, shortage=6.0, order=30.0)
    best = optimal_min_max(demand, costs)
    random = np.random.default_rng(5)
    periods, lead_time = 200_000, 2
    sold = random.choice(len(demand.period), periods, p=demand.period).tolist()
    arriving = [0] * (periods + lead_time + 1)
    net = position = best.order_up_to
    spent = 0.0
    for period in range(periods):
        if position < best.reorder_point:
            arriving[period + lead_time] = best.order_up_to - position
            position, spent = best.order_up_to, spent + 30.0
        net += arriving[period] - sold[period]
        position -= sold[period]
        spent += net if net > 0 else -6.0 * net
    assert spent / periods == pytest.approx(best.cost, rel=0.01)


@pytest.mark.parametrize("period", [[0.4, 0.6], RARE, [0.0, 0.0, 1.0], stats.poisson.pmf(np.arange(90), 30.0)])
def test_renewals_by_doubling_are_those_added_up_one_by_one(period: list[float]) -> None:
    probabilities = np.array(period) / np.sum(period)
    count = 700
    slow = np.zeros(count)
    for level in range(count):
        reached = sum(probabilities[units] * slow[level - units] for units in range(1, len(period)) if units <= level)
        slow[level] = (reached + (level == 0)) / (1.0 - probabilities[0])
    np.testing.assert_allclose(renewal_density(probabilities, count), slow, rtol=1e-11, atol=1e-13)


def test_an_item_that_sells_once_in_a_thousand_periods_has_a_policy() -> None:
    demand = DiscreteDemand.poisson(0.001, lead_time=4)
    costs = PolicyCosts(holding=0.01, shortage=50.0, order=20.0)
    best = optimal_min_max(demand, costs)
    around = [
        min_max_cost(demand, low, high, costs)
        for low in range(-2, 6)
        for high in range(max(low, best.order_up_to - 4), best.order_up_to + 5)
    ]
    assert best.cost == pytest.approx(min(around), rel=1e-10)


def test_an_item_that_sells_thousands_a_period_has_a_policy() -> None:
    demand = DiscreteDemand.poisson(5_000.0)
    costs = PolicyCosts(holding=1.0, shortage=9.0, order=40_000.0)
    best = optimal_min_max(demand, costs)
    for start, end in [(-2000, 0), (2000, 0), (0, -20), (0, 20)]:
        assert best.cost < min_max_cost(demand, best.reorder_point + start, best.order_up_to + end, costs)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: DiscreteDemand.of([0.5, 0.4]), "sum of the probabilities of demand of a period is 0.9; expected 1"),
        (lambda: DiscreteDemand.of([1.2, -0.2]), "probability of demand of a period (row 2) is -0.2; expected between"),
        (lambda: DiscreteDemand.of([np.nan, 1.0]), "probability of demand of a period (row 1) is nan; expected"),
        (lambda: DiscreteDemand.of([]), "demand of a period is of shape (0,); expected probabilities"),
        (lambda: DiscreteDemand.of([1.0]), "demand is zero in every period; expected a chance of some demand"),
        (lambda: DiscreteDemand.of([0.5, 0.5], -1), "lead time is -1; expected a whole number of periods"),
        (lambda: DiscreteDemand.of([0.5, 0.5], 10**9), "possible outcomes of demand is 2000000002; expected at most"),
        (lambda: DiscreteDemand.poisson(0.0), "mean demand is 0; expected above zero, such as 12"),
        (lambda: DiscreteDemand.poisson(np.nan), "mean demand is nan; expected above zero, such as 12"),
        (lambda: DiscreteDemand.poisson(3.0, np.inf), "lead time is inf; expected periods, zero or more"),
        (lambda: DiscreteDemand.poisson(1e9), "possible outcomes of demand is "),
        (lambda: DiscreteDemand.negative_binomial(9.0, 3.0), "standard deviation of demand is 3; expected above the"),
        (lambda: DiscreteDemand.observed([]), "observed demand is empty; expected at least one period"),
        (lambda: DiscreteDemand.observed([2.0, 1.5]), "observed demand (row 2) is 1.5; expected whole units"),
        (lambda: DiscreteDemand.observed([0.0, 0.0]), "demand is zero in every period; expected a chance"),
        (lambda: PolicyCosts(0.0, 9.0), "holding cost is 0; expected above zero, such as 0.5"),
        (lambda: PolicyCosts(1.0, np.nan), "shortage cost is nan; expected above zero, such as 9"),
        (lambda: PolicyCosts(1.0, 9.0, -5.0), "order cost is -5; expected zero or more, such as 50"),
        (
            lambda: optimal_min_max(DiscreteDemand.poisson(3.0), PolicyCosts(np.array([1.0, 2.0]), 9.0)),
            "number of holding costs is 2; expected one, or one for each of 1 item",
        ),
        (
            lambda: optimal_min_max(DiscreteDemand.poisson(3.0), PolicyCosts(1e-9, 9.0, 1e6)),
            "span of a lot is 7.74597e+07 units; expected at most",
        ),
        (
            lambda: min_max_cost(DiscreteDemand.poisson(3.0), 9, 4, PolicyCosts(1.0, 9.0)),
            "order-up-to level is 4; expected at least the reorder point, 9",
        ),
        (
            lambda: min_max_cost(DiscreteDemand.poisson(3.0), 2.5, 4, PolicyCosts(1.0, 9.0)),  # type: ignore[arg-type]
            "reorder point is 2.5; expected whole units, such as 12",
        ),
    ],
)
def test_what_cannot_be_is_told_in_one_line(build: Callable[[], object], message: str) -> None:
    with pytest.raises(InvoptError) as told:
        build()
    assert str(told.value).startswith(message)
    assert "\n" not in str(told.value)
