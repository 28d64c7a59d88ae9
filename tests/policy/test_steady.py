"""A forecast pooled with steady demand: what each brings, and when the history has nothing to say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invopt_xl.errors import InputError
from invopt_xl.policy import CumulativeDemand, Family, PathSums, pooled_with_steady, steady_sums
from invopt_xl.policy.cumulative import lasting_share
from invopt_xl.policy.steady import LEAST_KNOWN, STEADY_SHARE

NO = np.array([False])


def history(periods: int, seed: int = 1, rate: float = 20.0) -> np.ndarray:
    return np.random.default_rng(seed).gamma(4.0, rate / 4.0, (1, periods))


def paths(mean: float, deviation: float, periods: int = 6, seed: int = 2) -> PathSums:
    drawn = np.random.default_rng(seed).normal(mean, deviation, (500, periods)).clip(0.0)
    sums = np.sort(np.cumsum(drawn, axis=1), axis=0).T[None]
    return PathSums(sums, np.full((1, 500), 1 / 500), NO)


def quantile(sums: PathSums, periods: float, probability: float) -> float:
    demand = CumulativeDemand(*sums.moments, np.full(len(sums.points), Family.EMPIRICAL), sums)
    return float(demand.over(np.array([[periods]])).quantile(np.array([probability]))[0])


def test_steady_sums_are_those_of_steady_demand() -> None:
    past = history(40)
    exact = CumulativeDemand.steady(past, 6, np.array([Family.GAMMA]))
    sums = steady_sums(past, 6, NO)
    for periods in (1.0, 4.0, 6.0):
        for probability in (0.45, 0.75, 0.86, 0.94, 0.97, 0.985):
            expected = exact.over(np.array([[periods]])).quantile(np.array([probability]))[0]
            assert quantile(sums, periods, probability) == pytest.approx(expected, rel=0.03)


def test_what_is_left_of_a_period_has_its_share_of_steady_demand() -> None:
    past = history(40)
    mean, variance = steady_sums(past, 4, NO, first_share=0.25).moments
    np.testing.assert_allclose(mean[0], past.mean() * np.array([0.25, 1.25, 2.25, 3.25]), rtol=1e-3)
    whole, _ = steady_sums(past, 4, NO).moments
    np.testing.assert_allclose(whole[0], past.mean() * np.array([1, 2, 3, 4]), rtol=1e-3)
    assert variance[0, 0] == pytest.approx(0.25 * CumulativeDemand.steady(past, 1, NO).variance[0, 0], rel=0.03)


@pytest.mark.parametrize("known", [0, 1, LEAST_KNOWN - 1])
def test_a_short_history_leaves_the_forecast_as_it_is(known: int) -> None:
    past = np.full((1, 30), np.nan)
    past[:, 30 - known :] = history(known)
    steady = steady_sums(past, 6, NO)
    assert not steady.points.any()
    foreseen = paths(30.0, 5.0)
    for share in (None, np.array([1.0])):
        pool = pooled_with_steady(foreseen, steady, np.array([3.0]), share)
        np.testing.assert_allclose(pool.moments, foreseen.moments)


def test_a_history_that_never_varied_leaves_the_forecast_as_it_is() -> None:
    steady, foreseen = steady_sums(np.zeros((1, 30)), 6, NO), paths(30.0, 5.0)
    pool = pooled_with_steady(foreseen, steady, np.array([3.0]), np.array([1.0]))
    np.testing.assert_allclose(pool.moments, foreseen.moments)


def test_unknown_periods_count_for_nothing() -> None:
    past = history(20)
    gaps = np.insert(past, [3, 8, 15], np.nan, axis=1)
    np.testing.assert_allclose(steady_sums(past, 4, NO).points, steady_sums(gaps, 4, NO).points)


def test_means_that_agree_share_as_usual_and_the_share_fades_as_they_part() -> None:
    steady = steady_sums(history(40), 6, NO)
    centre = float(steady.moments[0][0, 2]) / 3.0
    foreseen = [paths(centre, 1e-6)] + [paths(centre + away, 1e-6) for away in (5.0, 10.0, 20.0, 40.0, 500.0)]
    shares = [pooled_with_steady(one, steady, np.array([3.0])).share[0, 500:].sum() for one in foreseen]
    assert shares[0] == pytest.approx(STEADY_SHARE, rel=1e-3)
    assert (np.diff(shares) < 0).all()
    assert shares[-1] < 1e-6


@given(
    weight=st.floats(0.0, 1.0),
    means=st.tuples(st.floats(1.0, 200.0), st.floats(1.0, 200.0)),
    quantity=st.floats(-5.0, 1500.0),
    periods=st.sampled_from([1.0, 3.0, 6.0]),
)
@settings(max_examples=40, deadline=None)
def test_a_pool_exceeds_what_its_parts_exceed_in_their_shares(
    weight: float, means: tuple[float, float], quantity: float, periods: float
) -> None:
    one, other = paths(means[0], 0.3 * means[0]), paths(means[1], 0.3 * means[1], seed=3)
    column = int(periods) - 1
    expected = [(part.share * (part.points[:, column] > quantity)).sum() for part in (one, other)]
    pool = CumulativeDemand(*one.moments, np.array([Family.EMPIRICAL]), one.pooled(other, np.array([weight])))
    found = pool.over(np.array([[periods]])).exceeds(np.array([quantity]))[0]
    # Many draws are joined, four by four.
    assert found == pytest.approx((1.0 - weight) * expected[0] + weight * expected[1], abs=0.011)


def test_sums_of_other_items_or_periods_are_refused_in_one_line() -> None:
    with pytest.raises(InputError, match="shape of steady sums is"):
        pooled_with_steady(paths(10.0, 2.0, periods=4), paths(10.0, 2.0, periods=5), np.ones(1))


def autoregressive(items: int, periods: int, lasting: float, seed: int = 4) -> np.ndarray:
    """Return normal demand of mean 100 and deviation 10 whose departures last."""
    rng = np.random.default_rng(seed)
    away = np.empty((items, periods))
    away[:, 0] = rng.normal(0.0, 10.0, items)
    shocks = rng.normal(0.0, 10.0 * (1.0 - lasting**2) ** 0.5, (items, periods))
    for period in range(1, periods):
        away[:, period] = lasting * away[:, period - 1] + shocks[:, period]
    return 100.0 + away


@pytest.mark.parametrize("lasting", [0.3, 0.6, 0.8])
@pytest.mark.parametrize("ahead", [1, 4])
def test_departures_that_last_are_in_the_sums_ahead(lasting: float, ahead: int) -> None:
    """10,000 histories of 300 periods: what came lies below the 95% quantile in 95% of cases, so does the median."""
    demand = autoregressive(10_000, 300 + ahead, lasting)
    past, came = demand[:, :300], demand[:, 300:].sum(axis=1)
    steady = CumulativeDemand.steady(past, ahead, np.full(10_000, Family.NORMAL), np.full(10_000, lasting))
    exceeded = steady.over(np.full((10_000, 1), float(ahead))).exceeds(came)
    for probability in (0.5, 0.95):
        assert (exceeded >= 1.0 - probability).mean() == pytest.approx(probability, abs=0.015)
    error = came - steady.mean[:, -1]
    assert error.std() == pytest.approx(np.sqrt(steady.variance[:, -1].mean()), rel=0.04)


def test_departures_that_do_not_last_are_steady_demand() -> None:
    past = history(30)
    plain, none = (CumulativeDemand.steady(past, 5, NO, share) for share in (None, np.zeros(1)))
    np.testing.assert_array_equal([plain.mean, plain.variance], [none.mean, none.variance])


@pytest.mark.parametrize("lasting", [0.0, 0.4, 0.8])
def test_how_much_lasts_is_found_in_long_histories_and_not_in_chance(lasting: float) -> None:
    found = lasting_share(autoregressive(400, 1000, lasting))
    assert found.mean() == pytest.approx(lasting, abs=0.02)
    short = lasting_share(autoregressive(400, 30, 0.0))
    assert (short == 0).mean() > 0.85
    assert short.mean() < 0.05


@given(st.lists(st.one_of(st.just(np.nan), st.floats(0.0, 1e6)), min_size=2, max_size=40))
@settings(max_examples=100, deadline=None)
def test_whatever_the_history_a_share_below_one_lasts(demand: list[float]) -> None:
    demand[0] = 3.0
    share = lasting_share(np.array([demand]))
    assert 0.0 <= share[0] <= 0.95
    backwards = lasting_share(np.array([demand[::-1]]))
    assert backwards[0] == pytest.approx(share[0], abs=1e-9), "an autocorrelation knows no direction"
