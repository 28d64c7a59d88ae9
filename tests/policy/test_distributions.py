"""Demand over an interval: the closed forms against scipy's distributions and plain sums."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from invopt_xl.policy import IntervalDemand

means = st.floats(0.05, 200.0)
ratios = st.floats(1.1, 20.0)


def one(mean: float, variance: float, *, counts: bool) -> IntervalDemand:
    return IntervalDemand(np.array([[mean]]), np.array([[variance]]), np.array([[1.0]]), np.array([counts]))


@given(means, ratios, st.floats(0.5, 0.999))
def test_a_count_quantile_is_scipys_negative_binomial_quantile(mean: float, ratio: float, probability: float) -> None:
    reference = stats.nbinom(mean / (ratio - 1.0), 1.0 / ratio)
    found = one(mean, ratio * mean, counts=True).quantile(np.array([probability]))[0]
    assert reference.cdf(found) >= probability - 1e-9
    assert found == 0 or reference.cdf(found - 1) < probability + 1e-9


@given(means, st.floats(0.5, 0.999))
def test_a_count_without_extra_variance_is_poisson(mean: float, probability: float) -> None:
    found = one(mean, mean, counts=True).quantile(np.array([probability]))[0]
    assert stats.poisson.cdf(found, mean) >= probability - 1e-9
    assert found == 0 or stats.poisson.cdf(found - 1, mean) < probability + 1e-9


@given(means, st.floats(0.1, 3.0), st.floats(0.5, 0.999))
def test_a_gamma_quantile_is_scipys(mean: float, variation: float, probability: float) -> None:
    reference = stats.gamma(variation**-2, scale=mean * variation**2)
    found = one(mean, (variation * mean) ** 2, counts=False).quantile(np.array([probability]))[0]
    assert found == pytest.approx(reference.ppf(probability), rel=1e-4, abs=1e-4 * mean + 1e-6)


@given(means, ratios, st.floats(0.0, 300.0))
def test_expected_shortage_of_counts_is_the_sum_over_all_outcomes(mean: float, ratio: float, stock: float) -> None:
    reference = stats.nbinom(mean / (ratio - 1.0), 1.0 / ratio)
    outcomes = np.arange(0, int(reference.ppf(1 - 1e-12)) + 50)
    summed = float((np.maximum(outcomes - stock, 0.0) * reference.pmf(outcomes)).sum())
    found = one(mean, ratio * mean, counts=True).shortage(np.array([stock]))[0]
    assert found == pytest.approx(summed, rel=1e-5, abs=1e-6 * (1 + mean))


@given(means, st.floats(0.1, 2.0), st.floats(-50.0, 300.0))
def test_expected_shortage_of_gamma_demand_is_the_integral_of_its_tail(
    mean: float, variation: float, stock: float
) -> None:
    reference = stats.gamma(variation**-2, scale=mean * variation**2)
    grid = np.linspace(max(stock, 0.0), max(stock, 0.0) + mean * (1 + 60 * variation), 40_001)
    integral = float(np.trapezoid(reference.sf(grid), grid)) + max(-stock, 0.0)
    found = one(mean, (variation * mean) ** 2, counts=False).shortage(np.array([stock]))[0]
    assert found == pytest.approx(integral, rel=2e-3, abs=2e-3 * mean)


def test_a_mixture_spreads_by_its_lengths_as_well_as_by_demand() -> None:
    demand = IntervalDemand(
        np.array([[10.0, 30.0]]), np.array([[4.0, 12.0]]), np.array([[0.5, 0.5]]), np.array([False])
    )
    assert demand.expected[0] == 20.0
    assert demand.standard_deviation[0] == pytest.approx(np.sqrt(8.0 + 100.0))
    assert demand.quantile(np.array([0.5]))[0] > 13.0, "half the weight lies on the long interval"
    assert demand.cdf(demand.quantile(np.array([0.95])))[0] == pytest.approx(0.95, abs=1e-4)
