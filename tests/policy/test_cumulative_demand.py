"""Demand over an interval from sample paths: what is kept of them, and what is never assumed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invopt_xl.domain import Forecast
from invopt_xl.errors import InputError
from invopt_xl.policy import (
    CumulativeDemand,
    EmpiricalDemand,
    Family,
    GammaDemand,
    IntervalDemand,
    ItemDemand,
    NegativeBinomialDemand,
    PoissonDemand,
    lead_times,
)

EMPIRICAL = np.array([Family.EMPIRICAL])


def forecast(paths: np.ndarray) -> Forecast:
    return Forecast(paths.astype(np.float32), "example", "drawn")


def autocorrelated(seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    level, paths = np.zeros(1000), np.empty((1000, 8))
    for period in range(8):
        level = 0.7 * level + rng.normal(0.0, 10.0, 1000)
        paths[:, period] = np.maximum(100.0 + level, 0.0)
    return paths


@pytest.mark.parametrize("probability", [0.5, 0.9, 0.95, 0.99])
@pytest.mark.parametrize("periods", [1, 4, 8])
def test_quantiles_of_sums_are_those_of_the_paths(periods: int, probability: float) -> None:
    paths = autocorrelated()
    demand = CumulativeDemand.of([forecast(paths)], EMPIRICAL).over(np.array([[float(periods)]]))
    expected = np.quantile(paths[:, :periods].sum(axis=1), probability)
    assert demand.quantile(np.array([probability]))[0] == pytest.approx(expected, rel=0.006)


@pytest.mark.parametrize("family", list(Family))
def test_errors_that_last_widen_sums_by_more_than_a_square_root(family: Family) -> None:
    paths = autocorrelated()
    demand = CumulativeDemand.of([forecast(paths)], np.array([family])).over(np.array([[8.0]]))
    if family is Family.POISSON:
        assert demand.standard_deviation[0] > 0
        return
    assert demand.standard_deviation[0] == pytest.approx(paths.sum(axis=1).std(), rel=1e-3)
    assert demand.standard_deviation[0] > 1.5 * paths[:, 0].std() * 8**0.5


def test_a_random_interval_mixes_the_sums_of_its_lengths() -> None:
    paths = autocorrelated()
    demand = CumulativeDemand.of([forecast(paths)], EMPIRICAL)
    mixed = demand.over(np.array([[3.0, 7.0]]), np.array([[0.6, 0.4]]))
    for quantity in (290.0, 350.0, 690.0, 750.0):
        expected = (
            0.6 * (paths[:, :3].sum(axis=1) > quantity).mean() + 0.4 * (paths[:, :7].sum(axis=1) > quantity).mean()
        )
        assert mixed.exceeds(np.array([quantity]))[0] == pytest.approx(expected, abs=0.01)


def test_whole_units_stay_whole_and_none_stays_none_within_a_period() -> None:
    paths = np.zeros((1000, 4))
    paths[:250] = 12.0
    half = CumulativeDemand.of([forecast(paths)], EMPIRICAL).over(np.array([[0.5]]))
    assert half.whole.tolist() == [True]
    assert half.exceeds(np.array([11.0]))[0] == pytest.approx(0.125, abs=0.02), "12 come in this half or not"
    assert half.quantile(np.array([0.9])).tolist() == [12.0]


def test_part_of_a_period_has_part_of_its_variance() -> None:
    paths = np.random.default_rng(2).gamma(25.0, 4.0, (1000, 3))
    table = CumulativeDemand.of([forecast(paths), forecast(paths)], np.array([Family.EMPIRICAL, Family.GAMMA]))
    demand = table.over(np.array([[0.5], [0.5]]))
    wide = demand.quantile(np.array([0.95, 0.95])) - demand.expected
    assert wide[0] == pytest.approx(wide[1], rel=0.06)


def test_paths_without_any_demand_need_nothing() -> None:
    table = CumulativeDemand.of([forecast(np.zeros((1000, 8))), forecast(autocorrelated())], np.repeat(EMPIRICAL, 2))
    demand = table.over(np.array([[2.0], [2.0]]))
    found = demand.quantile(np.array([0.95, 0.95]))
    assert found[0] == 0.0
    assert found[1] > 200.0
    assert demand.rows(np.array([1])).quantile(np.array([0.95])).tolist() == [pytest.approx(found[1])]


def test_a_few_paths_are_all_kept() -> None:
    demand = CumulativeDemand.of([forecast(np.array([[1.0], [4.0], [9.5]]))], EMPIRICAL).over(np.array([[1.0]]))
    for quantity, share in ((0.5, 1.0), (1.0, 2 / 3), (4.0, 1 / 3), (9.5, 0.0)):
        assert demand.exceeds(np.array([quantity]))[0] == pytest.approx(share)


def test_forecasts_of_different_size_are_refused_in_one_line() -> None:
    with pytest.raises(InputError, match="the same number of paths and periods"):
        CumulativeDemand.of([forecast(np.ones((3, 2))), forecast(np.ones((3, 4)))], np.repeat(EMPIRICAL, 2))


def test_widening_moves_quantiles_away_from_the_median() -> None:
    paths = autocorrelated()
    table = CumulativeDemand.of([forecast(paths), forecast(paths)], np.array([Family.EMPIRICAL, Family.NORMAL]))
    length, two = np.full((2, 1), 4.0), np.ones(2)
    before, after = table.over(length), table.widened(1.5 * two).over(length)
    for probability in (0.1, 0.95):
        distance = [one.quantile(probability * two) - one.quantile(0.5 * two) for one in (before, after)]
        np.testing.assert_allclose(distance[1], 1.5 * distance[0], rtol=0.02)


def test_steady_demand_doubts_its_mean_as_student_did() -> None:
    """20,000 histories of 12 normal periods: the next 4 lie below the 95% quantile in 95% of cases."""
    rng = np.random.default_rng(3)
    history, coming = rng.normal(100.0, 10.0, (20_000, 12)), rng.normal(100.0, 10.0, (20_000, 4)).sum(axis=1)
    demand = CumulativeDemand.steady(history, 4, np.full(20_000, Family.NORMAL)).over(np.full((20_000, 1), 4.0))
    assert (demand.exceeds(coming) >= 0.05).mean() == pytest.approx(0.95, abs=0.007)
    with pytest.raises(InputError, match=r"known periods of the history \(row 2\) is 3; expected 4 or more"):
        CumulativeDemand.steady(np.array([[1.0, 2, 3, 4], [1, 2, 3, np.nan]]), 4, np.zeros(2, dtype=int))


@given(st.floats(0.05, 60.0), st.floats(1.05, 12.0), st.integers(-4, 90))
@settings(max_examples=60, deadline=None)
def test_shortages_of_whole_units_add_up(mean: float, ratio: float, quantity: int) -> None:
    families: list[ItemDemand] = [
        PoissonDemand(np.array([mean])),
        NegativeBinomialDemand(np.array([mean]), np.array([(ratio * mean) ** 0.5])),
        EmpiricalDemand(np.array([[0.0, 1.0, 7.0, 30.0]]), whole=True),
    ]
    for demand in families:
        last = quantity + 40
        summed = sum(float(demand.shortage(np.array([float(unit)]))[0]) for unit in range(quantity, last))
        first, rest = (float(demand.accumulated_shortage(np.array([float(at)]))[0]) for at in (quantity, last))
        assert first - rest == pytest.approx(summed, rel=1e-7, abs=1e-7)


@given(st.floats(0.5, 60.0), st.floats(0.1, 2.0), st.floats(-10.0, 90.0))
@settings(max_examples=60, deadline=None)
def test_a_mixture_accumulates_the_shortage_of_its_parts(mean: float, variation: float, quantity: float) -> None:
    deviation = variation * mean
    mixed = IntervalDemand(
        np.array([[mean, 2 * mean]]),
        np.array([[deviation**2, 2 * deviation**2]]),
        np.array([[0.25, 0.75]]),
        np.array([Family.GAMMA]),
    )
    at = np.array([quantity])
    one, two = (
        GammaDemand(np.array([mean]), np.array([deviation])),
        GammaDemand(np.array([2 * mean]), np.array([2**0.5 * deviation])),
    )
    expected = 0.25 * one.accumulated_shortage(at)[0] + 0.75 * two.accumulated_shortage(at)[0]
    assert mixed.accumulated_shortage(at)[0] == pytest.approx(expected, rel=1e-9)


def test_the_chance_of_a_stock_out_is_right_on_average_over_the_receipts_that_may_be_seen() -> None:
    """Two lead times, 3 and 7; stock runs out in the long one only, and is set by 24 receipts."""
    rng, achieved = np.random.default_rng(6), []
    for _ in range(400):
        seen = rng.choice([3.0, 7.0], 24, p=[0.6, 0.4])
        times = lead_times(np.ones(1), np.zeros(1), [seen])
        long = float(times.weights[times.days == 7.0].sum()) if (seen == 7.0).any() else 1.0
        achieved.append(1.0 - 0.4 * 0.05 / long)
    assert np.mean(achieved) == pytest.approx(0.95, abs=0.002)


def test_many_receipts_are_joined_without_changing_their_mean_and_hardly_their_spread() -> None:
    seen = np.random.default_rng(7).gamma(4.0, 5.0, 200)
    times = lead_times(np.ones(2), np.zeros(2), [seen, np.empty(0)])
    counted = np.append(seen, seen.max())
    assert times.observed.tolist() == [200, 0]
    assert times.mean[0] == pytest.approx(counted.mean())
    assert times.standard_deviation[0] == pytest.approx(counted.std(), rel=0.02)
    assert times.days.shape[1] <= 16


@pytest.mark.parametrize(("mean", "spread"), [(np.nan, 1.0), (-1.0, 1.0), (7.0, np.inf), (7.0, -2.0)])
def test_lead_times_that_cannot_be_are_named_with_their_row(mean: float, spread: float) -> None:
    with pytest.raises(InputError, match=r"lead time \(row 2\) is"):
        lead_times(np.array([7.0, mean]), np.array([1.0, spread]))
