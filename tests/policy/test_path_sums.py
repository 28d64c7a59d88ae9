"""Sums along paths made small: from moments, widened, and pooled."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from invopt_xl.policy import CumulativeDemand, Family, PathSums

ONE = np.ones(1)


def demand_of(sums: PathSums) -> CumulativeDemand:
    return CumulativeDemand(*sums.moments, np.full(len(sums.points), Family.EMPIRICAL), sums)


@given(mean=st.floats(1e-6, 1e6), variation=st.floats(0.0, 5.0))
@settings(max_examples=100, deadline=None)
def test_sums_of_moments_keep_the_mean_and_hardly_more_spread_than_asked(mean: float, variation: float) -> None:
    sums = PathSums.of_moments(np.array([[mean]]), np.array([[(variation * mean) ** 2]]), np.array([False]))
    found, variance = sums.moments
    assert found[0, 0] == pytest.approx(mean, rel=1e-4)
    assert variance[0, 0] ** 0.5 <= variation * mean + 1e-4 * mean
    assert (np.diff(sums.points[0, 0]) >= -1e-6 * mean).all()
    assert (sums.points >= 0).all()


@pytest.mark.parametrize("variation", [0.1, 0.5, 1.0, 2.0])
def test_continuous_sums_of_moments_are_gamma(variation: float) -> None:
    mean = 50.0
    sums = PathSums.of_moments(np.array([[mean]]), np.array([[(variation * mean) ** 2]]), np.array([False]))
    law = stats.gamma(variation**-2, scale=mean * variation**2)
    points, end = sums.points[0, 0], np.cumsum(sums.share[0])
    # The mean of each slice lies between the quantiles at its ends.
    assert (points <= law.ppf(np.minimum(end, 1.0)) + 1e-9).all()
    assert (points >= law.ppf(end - sums.share[0]) - 1e-9).all()
    assert sums.moments[1][0, 0] ** 0.5 == pytest.approx(law.std(), rel=0.06)


@pytest.mark.parametrize(("mean", "variance"), [(0.4, 0.5), (3.0, 3.0), (3.0, 9.0), (25.0, 100.0)])
def test_few_whole_units_are_negative_binomial(mean: float, variance: float) -> None:
    sums = PathSums.of_moments(np.array([[mean]]), np.array([[variance]]), np.array([True]))
    points, share = sums.points[0, 0], sums.share[0]
    assert (points == np.round(points)).all()
    spread = max(variance, 1.001 * mean)
    law = stats.nbinom(mean**2 / (spread - mean), mean / spread)
    for unit in range(int(law.ppf(0.99)) + 1):
        assert share[points <= unit].sum() == pytest.approx(law.cdf(unit), abs=0.051)
    assert sums.moments[0][0, 0] == pytest.approx(mean, rel=0.05)


def test_many_whole_units_are_rounded() -> None:
    sums = PathSums.of_moments(np.array([[300.0]]), np.array([[400.0]]), np.array([True]))
    assert (sums.points == np.round(sums.points)).all()
    assert sums.moments[0][0, 0] == pytest.approx(300.0, abs=0.3)


def test_no_demand_is_none_in_every_period() -> None:
    sums = PathSums.of_moments(np.zeros((2, 3)), np.zeros((2, 3)), np.array([True, False]))
    assert not sums.points.any()
    assert demand_of(sums).over(np.ones((2, 1))).quantile(0.99 * np.ones(2)).tolist() == [0.0, 0.0]


@given(
    points=st.lists(st.floats(0.0, 100.0), min_size=1, max_size=12),
    other=st.lists(st.floats(0.0, 100.0), min_size=1, max_size=12),
    weight=st.floats(0.0, 1.0),
    factor=st.floats(0.2, 4.0),
)
@settings(max_examples=100, deadline=None)
def test_a_pool_is_widened_about_its_own_median(
    points: list[float], other: list[float], weight: float, factor: float
) -> None:
    """Beside a plain loop over draws in ascending order."""
    one, two = (
        PathSums(np.sort(each)[None, None], np.full((1, len(each)), 1 / len(each)), np.array([False]))
        for each in (points, other)
    )
    pool = one.pooled(two, weight * ONE)
    found = pool.widened(factor * ONE)
    ordered = sorted(zip(pool.points[0, 0].tolist(), pool.share[0].tolist(), strict=True))
    below, median = 0.0, ordered[-1][0]
    for point, share in ordered:
        below += share
        if below >= 0.5 - 1e-9:
            median = point
            break
    expected = [max(median + factor * (point - median), 0.0) for point in pool.points[0, 0].tolist()]
    np.testing.assert_allclose(found.points[0, 0], expected, atol=1e-9)
    np.testing.assert_array_equal(found.share, pool.share)


@given(weight=st.floats(0.0, 1.0), means=st.tuples(st.floats(0.1, 50.0), st.floats(0.1, 50.0)))
@settings(max_examples=50, deadline=None)
def test_a_pool_has_the_moments_of_a_mixture_and_keeps_whole_units(weight: float, means: tuple[float, float]) -> None:
    one, two = (PathSums.of_moments(np.array([[m]]), np.array([[2.0 * m]]), np.array([True])) for m in means)
    pool = one.pooled(two, weight * ONE)
    (first, spread), (second, other) = ([float(each[0, 0]) for each in part.moments] for part in (one, two))
    mean = (1.0 - weight) * first + weight * second
    within = (1.0 - weight) * spread + weight * other
    between = (1.0 - weight) * (first - mean) ** 2 + weight * (second - mean) ** 2
    np.testing.assert_allclose(np.ravel(pool.moments), [mean, within + between], rtol=1e-9, atol=1e-9)
    assert pool.share.sum() == pytest.approx(1.0)
    assert (pool.points == np.round(pool.points)).all()


def test_an_interval_longer_than_the_paths_goes_on_at_their_average_rate() -> None:
    sums = PathSums.of_moments(np.array([[30.0, 60.0]]), np.array([[30.0, 60.0]]), np.array([False]))
    ahead = demand_of(sums).over(np.array([[5.0]]))
    assert ahead.expected[0] == pytest.approx(150.0, rel=1e-3)
    assert ahead.quantile(0.95 * ONE)[0] == pytest.approx(150.0 + 1.645 * 150.0**0.5, rel=0.03)
