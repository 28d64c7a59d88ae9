"""Exact policies beside stockpyl: the same answers, and how much CPU time each takes, in the same process.

Run with ``pytest tests/benchmarks/bench_policies.py``; a table is printed as it comes. stockpyl takes one item a call,
so its time is that of a few calls; the product takes all items in one call (``items``), and both are told per item.
Times are CPU time on one thread, the least of a few runs, of stockpyl too where a run is short; read their ratios.
Rows of one small item show what is left where NumPy's fixed cost of a call is most of the work; they promise nothing.
Needs the extra ``bench``.
"""

from __future__ import annotations

from collections.abc import Callable
from time import process_time
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from stockpyl_peer import (
    newsvendor_continuous,
    newsvendor_discrete,
    newsvendor_normal,
    newsvendor_poisson,
    r_q_cost,
    r_q_loss_function_approximation,
    r_q_poisson_exact,
    s_s_cost_discrete,
    s_s_discrete_exact,
)
from threadpoolctl import threadpool_limits

from invopt_xl.policy import (
    DiscreteDemand,
    GammaDemand,
    NegativeBinomialDemand,
    NormalDemand,
    PoissonDemand,
    PolicyCosts,
    continuous_lot_cost,
    min_max_cost,
    newsvendor,
    optimal_continuous_lots,
    optimal_min_max,
    optimal_unit_lots,
)

Report = Callable[..., None]

PROMISED = 100.0
"""How many times faster the product is to be for each item."""
PLANNED = 10_000
CALLS = 20
LONG = 0.5
"""CPU seconds of stockpyl that are not spent again."""


def least_time(work: Callable[[], Any], runs: int) -> tuple[float, Any]:
    """Return the least CPU seconds of so many runs, and the result."""
    spent = []
    result = None
    for _ in range(runs):
        start = process_time()
        result = work()
        spent.append(process_time() - start)
    return min(spent), result


@pytest.fixture(scope="module")
def beside(report: Report) -> Callable[..., None]:
    rows: list[dict[str, object]] = []

    def compare(what: str, items: int, ours: Callable[[], Any], calls: int, theirs: Callable[[], Any]) -> Any:
        with threadpool_limits(1):
            slow, expected = least_time(theirs, 1)
            slow = min(slow, least_time(theirs, 4)[0]) if slow < LONG else slow
            quick, found = least_time(ours, 5)
        ratio = (slow / calls) / (quick / items)
        milliseconds = {"stockpyl ms": 1e3 * slow / calls, "invopt ms": 1e3 * quick / items}
        rows.append({"what": what, "items": items, **milliseconds, "times faster": ratio})
        return ratio, found, expected

    yield compare
    table = pd.DataFrame(rows).set_index("what")
    report("EXACT POLICIES | CPU time of one item", table.round({"stockpyl ms": 3, "invopt ms": 5, "times faster": 0}))


@pytest.mark.parametrize(("mean", "order"), [(10, 64), (50, 64), (75, 64), (100, 500)])
def test_best_min_max_of_poisson_demand(beside: Callable[..., Any], mean: int, order: int) -> None:
    ratio, found, (s, up_to, cost) = beside(
        f"(s, S), Poisson {mean}, K = {order}",
        1,
        lambda: optimal_min_max(DiscreteDemand.poisson(mean), PolicyCosts(1.0, 9.0, float(order))),
        1,
        lambda: s_s_discrete_exact(1, 9, order, True, mean),
    )
    assert (found.at_or_below, found.order_up_to) == (s, up_to)
    assert found.cost == pytest.approx(cost, rel=1e-10)
    assert ratio >= PROMISED


def test_the_tables_of_zheng_and_federgruen_take_milliseconds(report: Report) -> None:
    costs = PolicyCosts(1.0, 9.0, 64.0)
    times = {
        mean: least_time(lambda mean=mean: optimal_min_max(DiscreteDemand.poisson(mean), costs), 3)[0]
        for mean in range(10, 80)
    }
    slowest = max(times, key=lambda mean: times[mean])
    report(f"(s, S), K = 64, means 10 ... 79: {1e3 * max(times.values()):.2f} ms at most, at mean {slowest}")
    assert times[slowest] < 0.010


def test_best_min_max_of_any_demand(beside: Callable[..., Any]) -> None:
    chances = stats.nbinom.pmf(np.arange(120), 4, 0.3)
    chances = chances / chances.sum()
    ratio, found, (s, up_to, cost) = beside(
        "(s, S), 120 outcomes",
        1,
        lambda: optimal_min_max(DiscreteDemand.of(chances), PolicyCosts(1.0, 9.0, 64.0)),
        1,
        lambda: s_s_discrete_exact(1, 9, 64, False, None, 119, chances.tolist()),
    )
    assert (found.at_or_below, found.order_up_to) == (s, up_to)
    assert found.cost == pytest.approx(cost, rel=1e-10)
    assert ratio >= PROMISED


def test_cost_of_a_min_max(beside: Callable[..., Any]) -> None:
    ratio, found, expected = beside(
        "cost of (68, 309), Poisson 100",
        1,
        lambda: min_max_cost(DiscreteDemand.poisson(100.0), 69, 309, PolicyCosts(1.0, 9.0, 500.0)),
        1,
        lambda: s_s_cost_discrete(68, 309, 1, 9, 500, True, 100),
    )
    assert found == pytest.approx(expected, rel=1e-10)
    assert ratio >= PROMISED


def test_best_lots_of_poisson_demand(beside: Callable[..., Any]) -> None:
    rate = np.random.default_rng(1).uniform(0.5, 8.0, PLANNED)
    costs = PolicyCosts(20.0, 150.0, 100.0)
    ratio, found, expected = beside(
        "(r, Q), Poisson, slow items",
        PLANNED,
        lambda: optimal_unit_lots(rate, PoissonDemand(2.0 * rate), costs),
        CALLS,
        lambda: [r_q_poisson_exact(20, 150, 100, one, 2) for one in rate[:CALLS]],
    )
    assert (found.reorder_point[:CALLS] - 1).tolist() == [r for r, _, _ in expected]
    assert found.order_quantity[:CALLS].tolist() == [lot for _, lot, _ in expected]
    np.testing.assert_allclose(found.cost[:CALLS], [cost for _, _, cost in expected], rtol=1e-10)
    assert ratio >= PROMISED


@pytest.mark.parametrize(("rate", "promised"), [(1.5, 0.0), (50.0, PROMISED)])
def test_best_lots_of_one_item_with_poisson_demand(beside: Callable[..., Any], rate: float, promised: float) -> None:
    ratio, found, (r, lot, cost) = beside(
        f"(r, Q), Poisson, one item, {rate:g} a period",
        1,
        lambda: optimal_unit_lots(np.array([rate]), PoissonDemand(np.array([2 * rate])), PolicyCosts(1.0, 9.0, 64.0)),
        1,
        lambda: r_q_poisson_exact(1, 9, 64, rate, 2),
    )
    assert (found.reorder_point[0] - 1, found.order_quantity[0]) == (r, lot)
    assert found.cost[0] == pytest.approx(cost, rel=1e-10)
    assert ratio >= promised


def test_best_lots_of_normal_demand_exact_beside_approximate(beside: Callable[..., Any]) -> None:
    rate = np.random.default_rng(2).uniform(900.0, 1500.0, PLANNED)
    costs = PolicyCosts(0.225, 7.5, 8.0)
    ratio, found, expected = beside(
        "(r, Q), normal: best beside loss-function approximation",
        PLANNED,
        lambda: optimal_continuous_lots(rate, NormalDemand(rate / 12, np.full(PLANNED, 150 / 12**0.5)), costs),
        CALLS,
        lambda: [r_q_loss_function_approximation(0.225, 7.5, 8, one, 150, 1 / 12) for one in rate[:CALLS]],
    )
    demand = NormalDemand(rate[:CALLS] / 12, np.full(CALLS, 150 / 12**0.5))
    r, lot = np.array(expected).T
    theirs = continuous_lot_cost(rate[:CALLS], demand, r, lot, costs)
    assert (found.cost[:CALLS] <= theirs * (1.0 + 1e-12)).all()
    assert ratio >= PROMISED


def test_cost_of_lots_of_normal_demand(beside: Callable[..., Any]) -> None:
    rate = np.random.default_rng(3).uniform(900.0, 1500.0, PLANNED)
    demand = NormalDemand(rate / 12, np.full(PLANNED, 150 / 12**0.5))
    r, lot, costs = np.full(PLANNED, 126.8), np.full(PLANNED, 328.5), PolicyCosts(0.225, 7.5, 8.0)
    ratio, found, expected = beside(
        "cost of (r, Q), normal",
        PLANNED,
        lambda: continuous_lot_cost(rate, demand, r, lot, costs),
        CALLS,
        lambda: [r_q_cost(126.8, 328.5, 0.225, 7.5, 8, one, 150, 1 / 12) for one in rate[:CALLS]],
    )
    np.testing.assert_allclose(found[:CALLS], expected, rtol=1e-7)
    assert ratio >= PROMISED


def newsvendors() -> dict[str, tuple[Any, Callable[[int], Any]]]:
    mean = np.random.default_rng(4).uniform(1.0, 100.0, PLANNED)
    deviation = 1.0 + 2.0 * np.sqrt(mean)
    success = mean / deviation**2
    return {
        "normal": (NormalDemand(mean, deviation), lambda i: newsvendor_normal(0.18, 0.7, mean[i], deviation[i])),
        "Poisson": (PoissonDemand(mean), lambda i: newsvendor_poisson(0.18, 0.7, mean[i])),
        "gamma": (
            GammaDemand(mean, deviation),
            lambda i: newsvendor_continuous(
                0.18, 0.7, stats.gamma((mean[i] / deviation[i]) ** 2, scale=deviation[i] ** 2 / mean[i])
            ),
        ),
        "negative binomial": (
            NegativeBinomialDemand(mean, deviation),
            lambda i: newsvendor_discrete(0.18, 0.7, stats.nbinom(mean[i] * success[i] / (1 - success[i]), success[i])),
        ),
    }


@pytest.mark.parametrize("family", ["normal", "Poisson", "gamma", "negative binomial"])
def test_newsvendor(beside: Callable[..., Any], family: str) -> None:
    demand, theirs = newsvendors()[family]
    ratio, found, expected = beside(
        f"newsvendor, {family}",
        PLANNED,
        lambda: newsvendor(demand, PolicyCosts(0.18, 0.7)),
        CALLS,
        lambda: [theirs(item) for item in range(CALLS)],
    )
    quantity, cost = np.array(expected, dtype=float).T
    np.testing.assert_allclose(found.quantity[:CALLS], quantity, rtol=1e-9)
    # stockpyl integrates and sums up to a tolerance where there is a closed form.
    np.testing.assert_allclose(found.expected_cost[:CALLS], cost, rtol=1e-5)
    assert ratio >= PROMISED


def test_newsvendor_of_one_item(beside: Callable[..., Any]) -> None:
    demand = NormalDemand(np.array([50.0]), np.array([8.0]))
    _, found, (quantity, _) = beside(
        "newsvendor, normal, one item",
        1,
        lambda: newsvendor(demand, PolicyCosts(0.18, 0.7)),
        1,
        lambda: newsvendor_normal(0.18, 0.7, 50, 8),
    )
    assert found.quantity[0] == pytest.approx(quantity, rel=1e-12)
