"""The newsvendor: published cases, sums over all outcomes, and what no better stock can beat."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from invopt_xl.errors import InvoptError
from invopt_xl.policy import (
    ContinuousDemand,
    EmpiricalDemand,
    GammaDemand,
    ItemDemand,
    NegativeBinomialDemand,
    NormalDemand,
    PoissonDemand,
    PolicyCosts,
    newsvendor,
    newsvendor_cost,
)

FloatArray = npt.NDArray[np.float64]


def one(value: float) -> FloatArray:
    return np.array([value])


NEWSPAPERS = NormalDemand(one(50.0), one(8.0))
MAGAZINES = NormalDemand(one(900.0), one(60.0))
SIX = PoissonDemand(one(6.0))
EIGHTEEN = PoissonDemand(one(18.0))

# Snyder & Shen (2019), Fundamentals of Supply Chain Theory, 2nd edition: demand, h, p, best stock, its cost; then
# another stock and its cost.
SNYDER_SHEN: dict[str, tuple[ItemDemand, float, float, float, float, float, float]] = {
    "example 4.3": (NEWSPAPERS, 0.18, 0.70, 56.603955927433887, 1.997605193176645, 40.0, 7.356131552870388),
    "example 4.4": (NEWSPAPERS.over(5), 0.18, 0.70, 264.7668943741548, 4.466781004149578, 180.0, 49.000164748034095),
    "problem 4.1": (MAGAZINES, 43.0, 79.0, 922.7214038234755, 2718.196781782411, 1040.0, 6044.298415188692),
    "example 4.7": (SIX, 1.0, 4.0, 8.0, 3.570106945770946, 5.0, 6.590296024616344),
    "problem 4.8a": (EIGHTEEN, 200.0, 270.0, 19.0, 786.0884409351115, 13.0, 1445.751062891969),
}


@pytest.mark.parametrize("case", SNYDER_SHEN)
def test_cases_of_snyder_and_shen(case: str) -> None:
    demand, holding, shortage, quantity, cost, other, other_cost = SNYDER_SHEN[case]
    costs = PolicyCosts(holding, shortage)
    best = newsvendor(demand, costs)
    assert best.quantity[0] == pytest.approx(quantity, rel=1e-12)
    assert best.expected_cost[0] == pytest.approx(cost, rel=1e-11)
    assert newsvendor_cost(demand, one(other), costs)[0] == pytest.approx(other_cost, rel=1e-11)


def test_problem_4_7b_of_snyder_and_shen_with_demand_as_a_table_of_draws() -> None:
    # Probabilities of 1 ... 8 units, in twentieths: 0.25, 0.05, 0.10, 0.20, 0.15, 0.10, 0.10, 0.05.
    draws = np.repeat(np.arange(1.0, 9.0), [5, 1, 2, 4, 3, 2, 2, 1])[None, :]
    best = newsvendor(EmpiricalDemand(draws, whole=True), PolicyCosts(500_000.0, 1_000_000.0))
    assert best.quantity.tolist() == [5.0]
    assert best.expected_cost[0] == pytest.approx(1_225_000.0, rel=1e-12)
    three = newsvendor_cost(EmpiricalDemand(draws, whole=True), one(3.0), PolicyCosts(500_000.0, 1_000_000.0))
    assert three[0] == pytest.approx(1_725_000.0, rel=1e-12)


@given(st.floats(0.02, 3000.0), st.floats(0.001, 0.9999))
@settings(max_examples=150, deadline=None)
def test_poisson_agrees_with_sums_over_all_outcomes(mean: float, probability: float) -> None:
    demand = PoissonDemand(one(mean))
    assert demand.quantile(one(probability))[0] == stats.poisson.ppf(probability, mean)
    agrees_with_sums(demand, np.arange(mean + 60 * mean**0.5 + 60), stats.poisson(mean))


@given(st.floats(0.02, 300.0), st.floats(1.02, 40.0), st.floats(0.001, 0.999))
@settings(max_examples=150, deadline=None)
def test_negative_binomial_agrees_with_sums_over_all_outcomes(mean: float, ratio: float, probability: float) -> None:
    demand = NegativeBinomialDemand(one(mean), one((ratio * mean) ** 0.5))
    law = stats.nbinom(mean / (ratio - 1.0), 1.0 / ratio)
    found, expected = demand.quantile(one(probability))[0], law.ppf(probability)
    assert found == expected or law.cdf(min(found, expected)) == pytest.approx(probability, rel=1e-12)
    agrees_with_sums(demand, np.arange(mean + 60 * (mean * ratio) ** 0.5 + 60 * ratio), law)


def agrees_with_sums(demand: ItemDemand, outcomes: FloatArray, law: Any) -> None:
    chances = law.pmf(outcomes)
    mean = float(demand.mean[0])
    for quantity in (-2.5, 0.0, 0.4, np.floor(mean), mean + 0.3, 2.0 * mean + 3.0):
        short = float(chances @ np.maximum(outcomes - quantity, 0.0))
        assert demand.shortage(one(quantity))[0] == pytest.approx(short, rel=1e-8, abs=1e-9 * mean)
        assert demand.exceeds(one(quantity))[0] == pytest.approx(law.sf(quantity), rel=1e-8, abs=1e-12)


@pytest.mark.parametrize(
    ("demand", "law"),
    [
        (NormalDemand(one(40.0), one(15.0)), stats.norm(40.0, 15.0)),
        (GammaDemand(one(40.0), one(15.0)), stats.gamma((40 / 15) ** 2, scale=15**2 / 40)),
        (GammaDemand(one(4.0), one(9.0)), stats.gamma((4 / 9) ** 2, scale=9**2 / 4)),
    ],
    ids=["normal", "gamma", "lumpy gamma"],
)
@pytest.mark.parametrize("quantity", [-3.0, 0.5, 30.0, 70.0])
def test_losses_are_the_integrals_they_stand_for(
    demand: ContinuousDemand, law: stats.rv_continuous, quantity: float
) -> None:
    loss = integrate.quad(law.sf, quantity, 400.0, points=[0.0] if quantity < 0 else None, limit=500)[0]
    second = integrate.quad(lambda x: float(demand.shortage(one(x))[0]), quantity, 400.0, limit=500)[0]
    assert demand.exceeds(one(quantity))[0] == pytest.approx(law.sf(quantity), rel=1e-10)
    assert demand.shortage(one(quantity))[0] == pytest.approx(loss, rel=1e-6)
    assert demand.accumulated_shortage(one(quantity))[0] == pytest.approx(second, rel=1e-6)
    assert demand.quantile(one(0.93))[0] == pytest.approx(law.ppf(0.93), rel=1e-10)


families = st.one_of(
    st.builds(lambda m, v: NormalDemand(one(m), one(m * v)), st.floats(0.1, 1e4), st.floats(0.01, 1.0)),
    st.builds(lambda m, v: GammaDemand(one(m), one(m * v)), st.floats(0.1, 1e4), st.floats(0.05, 4.0)),
    st.builds(lambda m: PoissonDemand(one(m)), st.floats(0.01, 1e4)),
    st.builds(
        lambda m, r: NegativeBinomialDemand(one(m), one((m * r) ** 0.5)), st.floats(0.01, 1e3), st.floats(1.1, 50)
    ),
    st.builds(
        lambda draws: EmpiricalDemand(np.array([[*draws, 1.0]]), whole=True),
        st.lists(st.integers(0, 50).map(float), min_size=1, max_size=30),
    ),
)


@given(families, st.floats(0.01, 10.0), st.floats(0.01, 100.0))
@settings(max_examples=200, deadline=None)
def test_no_other_stock_costs_less(demand: ItemDemand, holding: float, shortage: float) -> None:
    costs = PolicyCosts(holding, shortage)
    best = newsvendor(demand, costs)
    for step in (1.0, 3.0, 0.01 * demand.mean[0], demand.mean[0]):
        for other in (best.quantity - step, best.quantity + step):
            assert best.expected_cost[0] <= newsvendor_cost(demand, other, costs)[0] * (1.0 + 1e-9) + 1e-12
    assert demand.exceeds(best.quantity)[0] <= 1.0 - best.critical_ratio[0] + 1e-9


def test_many_items_at_once_are_the_items_one_by_one() -> None:
    random = np.random.default_rng(2)
    mean, holding, shortage = random.uniform(0.1, 80.0, 300), random.uniform(0.1, 2.0, 300), random.uniform(1, 50, 300)
    demand = NegativeBinomialDemand(mean, 1.0 + 2.0 * np.sqrt(mean))
    together = newsvendor(demand, PolicyCosts(holding, shortage))
    for item in range(0, 300, 23):
        alone = newsvendor(demand.rows(np.array([item])), PolicyCosts(float(holding[item]), float(shortage[item])))
        assert alone.quantity[0] == together.quantity[item]
        assert alone.expected_cost[0] == pytest.approx(together.expected_cost[item], rel=1e-12)


def test_a_base_stock_walked_through_day_by_day_costs_as_computed() -> None:
    random = np.random.default_rng(8)
    daily, lead_time, costs = GammaDemand(one(10.0), one(7.0)), 3, PolicyCosts(holding=1.0, shortage=8.0)
    best = newsvendor(daily.over(lead_time + 1), costs)
    sold = random.gamma((10 / 7) ** 2, 49 / 10, 300_000)
    # What is on the shelf at the end of a day is the base stock less what was sold in lead time and that day.
    net = best.quantity[0] - np.convolve(sold, np.ones(lead_time + 1), "valid")
    spent = np.maximum(net, 0.0) + 8.0 * np.maximum(-net, 0.0)
    assert spent.mean() == pytest.approx(best.expected_cost[0], rel=0.01)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: NormalDemand(np.array([5.0, np.nan]), np.ones(2)), "mean demand (row 2) is nan; expected above zero"),
        (lambda: GammaDemand(one(5.0), one(0.0)), "standard deviation of demand is 0; expected above zero, such as 4"),
        (lambda: PoissonDemand(np.array([3.0, 0.0, -1.0])), "mean demand (row 2) is 0; expected above zero, such as"),
        (lambda: NegativeBinomialDemand(one(9.0), one(3.0)), "standard deviation of demand is 3; expected above the"),
        (lambda: EmpiricalDemand(np.array([[1.0, 2.0], [3.0, -4.0]])), "observed demand (row 2) is -4; expected zero"),
        (lambda: EmpiricalDemand(np.array([[1.0, 2.0], [0.0, 0.0]])), "mean of observed demand (row 2) is 0; expected"),
        (lambda: PolicyCosts(np.array([1.0, -1.0]), 3.0), "holding cost (row 2) is -1; expected above zero, such as"),
        (lambda: PolicyCosts(1.0, np.inf), "shortage cost is inf; expected above zero, such as 9"),
        (
            lambda: newsvendor(SIX, PolicyCosts(np.ones(3), 4.0)),
            "number of holding costs is 3; expected one, or one for each of 1 item",
        ),
    ],
)
def test_what_cannot_be_is_told_in_one_line(build: Callable[[], object], message: str) -> None:
    with pytest.raises(InvoptError) as told:
        build()
    assert str(told.value).startswith(message)
    assert "\n" not in str(told.value)
