"""What is left of a period that has begun has its share of the variance, not the square of it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invopt_xl.domain import Forecast
from invopt_xl.plan.running_period import from_now_on

SHARE = 0.25
PATHS = 20_000


def left_of(demand: npt.NDArray[np.generic], share: float = SHARE) -> npt.NDArray[np.float64]:
    made = from_now_on(Forecast(demand.astype(np.float32), "example", "drawn"), share)
    assert np.array_equal(made.paths[:, 1:], demand[:, 1:].astype(np.float32))
    return made.paths[:, 0].astype(np.float64)


def test_a_quarter_of_poisson_demand_is_poisson_demand_of_a_quarter_of_the_rate() -> None:
    rng = np.random.default_rng(1)
    left = left_of(rng.poisson(20, (PATHS, 3)))
    assert np.array_equal(left, np.round(left))
    assert left.mean() == pytest.approx(5, abs=0.06)
    assert left.std() == pytest.approx(np.sqrt(5), abs=0.06)
    levels = (0.025, 0.1, 0.5, 0.9, 0.975)
    assert np.abs(np.quantile(left, levels) - np.quantile(rng.poisson(5, PATHS), levels)).max() <= 1


def test_over_dispersed_counts_are_split_as_negative_binomial_ones_are() -> None:
    rng = np.random.default_rng(2)
    left = left_of(rng.negative_binomial(2, 1 / 11, (PATHS, 2)))
    expected = rng.negative_binomial(2 * SHARE, 1 / 11, PATHS)
    assert left.mean() == pytest.approx(5, rel=0.05)
    assert left.std() == pytest.approx(expected.std(), rel=0.05)
    assert np.quantile(left, 0.95) == pytest.approx(np.quantile(expected, 0.95), abs=1.5)


def test_lumpy_demand_comes_whole_or_not_at_all() -> None:
    rng = np.random.default_rng(3)
    left = left_of(12.0 * (rng.random((PATHS, 2)) < 0.2))
    # In one period of five an order of 12, in a quarter of it one of twenty.
    assert left.mean() == pytest.approx(12 * 0.2 * SHARE, rel=0.05)
    assert left.var() == pytest.approx(SHARE * 144 * 0.2 * 0.8, rel=0.07)
    assert (left == 0).mean() > 0.9


def test_demand_that_is_measured_is_split_as_gamma_demand_is_and_keeps_its_mean() -> None:
    rng = np.random.default_rng(4)
    demand = rng.gamma(4.0, 5.0, (PATHS, 2))
    left = left_of(demand)
    assert left.mean() == pytest.approx(SHARE * demand[:, 0].mean(), rel=1e-5)
    assert left.std() == pytest.approx(np.sqrt(SHARE) * demand[:, 0].std(), rel=0.03)


def test_a_level_in_doubt_is_the_same_in_every_part_of_a_period() -> None:
    rng = np.random.default_rng(5)
    level = rng.gamma(16, 20 / 16, (PATHS, 1))
    left = left_of(rng.poisson(np.broadcast_to(level, (PATHS, 2))))
    assert left.var() == pytest.approx(SHARE * 20 + SHARE**2 * 25, rel=0.05)


def test_without_a_next_period_all_of_the_variance_is_noise() -> None:
    left = left_of(np.random.default_rng(6).gamma(9, 10, (PATHS, 1)))
    assert left.std() == pytest.approx(np.sqrt(SHARE) * 30, rel=0.03)


def test_a_period_that_has_not_begun_and_one_without_demand_stay_as_they_are() -> None:
    whole = Forecast(np.ones((5, 2), dtype=np.float32), "example", "ones")
    assert from_now_on(whole, 1.0) is whole
    none = Forecast(np.zeros((5, 2), dtype=np.float32), "example", "nothing")
    assert from_now_on(none, 0.5) is none


def test_equal_forecasts_give_equal_paths() -> None:
    demand = np.random.default_rng(7).poisson(3, (500, 4))
    assert np.array_equal(left_of(demand), left_of(demand))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(0, 2.0**40, width=32), min_size=2, max_size=40),
    st.integers(1, 3),
    st.floats(0.01, 1.0),
    st.booleans(),
)
def test_any_demand_leaves_no_more_than_itself_and_nothing_below_zero(
    numbers: list[float], periods: int, share: float, whole: bool
) -> None:
    demand = np.resize(np.round(numbers) if whole else numbers, (len(numbers), periods)).astype(np.float32)
    left = left_of(demand, share)
    assert np.isfinite(left).all()
    assert (left >= 0).all()
    if whole and demand.max() < 2**24:
        assert (left <= demand[:, 0]).all()
        assert np.array_equal(left, np.round(left))
