import numpy as np
import numpy.typing as npt
import pytest

from invopt_xl.forecasting import forecast
from invopt_xl.forecasting.regular.smoothing import WEIGHTS, seasonal_indices, smoothed_level

SEASON = 52
WEEKS = np.arange(SEASON)
WAVE = 1 + 0.4 * np.sin(2 * np.pi * WEEKS / SEASON)
HOLIDAY = np.where(WEEKS == 50, 4.0, 1.0)

Array = npt.NDArray[np.float64]


def smoothed_by_hand(values: list[float], weight: float, start: float) -> tuple[float, list[float]]:
    level, errors = start, []
    for value in values:
        errors.append(value - level)
        level = weight * value + (1 - weight) * level
    return level, errors


def weekly(indices: Array, periods: int, seed: int, spread: float = 0.1) -> Array:
    """Demand around 100 with these indices, the last period in the last week of the year."""
    noise = np.random.default_rng(seed).lognormal(-(spread**2) / 2, spread, periods)
    return 100 * indices[np.arange(-periods, 0) % SEASON] * noise


def indices_of(values: Array) -> Array:
    """The indices of the weeks of the year of what `weekly` gives."""
    found = seasonal_indices(values, SEASON)
    assert found is not None
    return np.roll(found, -values.size % SEASON)


def test_the_level_is_that_of_the_best_weight_tried_one_by_one() -> None:
    values = np.random.default_rng(5).poisson(20, 40).astype(float)
    candidates = []
    for weight in WEIGHTS.tolist():
        level, errors = smoothed_by_hand(values.tolist(), weight, values[:10].mean())
        candidates.append((sum(error**2 for error in errors[10:]), level))
    assert smoothed_level(values) == pytest.approx(min(candidates)[1])


@pytest.mark.parametrize("periods", [104, 156, 170, 200, 208])
def test_a_smooth_wave_is_found(periods: int) -> None:
    np.testing.assert_allclose(indices_of(weekly(WAVE, periods, 1)), WAVE, atol=0.12)


@pytest.mark.parametrize("periods", [104, 156, 170, 208])
def test_a_peak_of_one_week_is_found_in_that_week_alone(periods: int) -> None:
    found = indices_of(weekly(HOLIDAY, periods, 2))
    true = HOLIDAY / HOLIDAY.mean()
    assert found[50] == pytest.approx(true[50], rel=0.1)
    np.testing.assert_allclose(np.delete(found, 50), true[0], atol=0.1)


def test_a_peak_beside_a_wave_and_a_trend_is_found() -> None:
    true = WAVE * HOLIDAY
    found = indices_of(weekly(true, 208, 3) * np.linspace(1, 2.5, 208))
    assert found[50] == pytest.approx(true[50] / true.mean(), rel=0.15)
    np.testing.assert_allclose(np.delete(found, 50), np.delete(true, 50) / true.mean(), atol=0.15)


def found_falsely(histories: list[Array]) -> int:
    return sum(seasonal_indices(values, SEASON) is not None for values in histories)


LEVEL = np.ones(SEASON)
TRIES = range(40)
FEW = 10
"""One false season in ten would be 4 of 40; more than 10 would then come once in a thousand runs."""


@pytest.mark.parametrize("years", [2, 3, 5])
def test_noise_has_hardly_ever_a_season(years: int) -> None:
    assert found_falsely([weekly(LEVEL, years * SEASON, seed) for seed in TRIES]) <= FEW


@pytest.mark.parametrize("years", [2, 3, 5])
def test_a_walk_of_the_level_has_hardly_ever_a_season(years: int) -> None:
    steps = 0.05 * np.random.default_rng(7).standard_normal((len(TRIES), years * SEASON))
    assert found_falsely([100 * np.exp(np.cumsum(logs)) for logs in steps]) <= FEW


def test_a_trend_has_hardly_ever_a_season() -> None:
    assert found_falsely([weekly(LEVEL, 156, seed) * np.linspace(1, 4, 156) for seed in TRIES]) <= FEW


@pytest.mark.parametrize("years", [2, 3, 4])
def test_a_peak_of_one_year_only_has_hardly_ever_a_season(years: int) -> None:
    once = np.where(np.arange(years * SEASON) == 50, 4.0, 1.0)
    assert found_falsely([once * weekly(LEVEL, years * SEASON, seed) for seed in TRIES]) <= FEW


def test_peaks_in_another_week_each_year_have_hardly_ever_a_season() -> None:
    moving = np.where(np.isin(np.arange(208), [10, 52 + 33, 104 + 21, 156 + 45]), 3.0, 1.0)
    assert found_falsely([moving * weekly(LEVEL, 208, seed) for seed in TRIES]) <= FEW


def test_what_repeats_exactly_is_kept_exactly() -> None:
    uneven = np.random.default_rng(10).uniform(0.5, 2, SEASON)
    np.testing.assert_allclose(indices_of(np.tile(uneven, 4)), uneven / uneven.mean(), rtol=1e-2)


def test_indices_do_not_depend_on_the_unit_of_demand() -> None:
    values = weekly(WAVE * HOLIDAY, 180, 11)
    np.testing.assert_allclose(indices_of(values * 1e9), indices_of(values), rtol=1e-6)


def test_constant_demand_short_histories_and_short_seasons_have_no_indices() -> None:
    assert seasonal_indices(np.full(156, 7.0), SEASON) is None
    assert seasonal_indices(weekly(WAVE, 103, 12), SEASON) is None
    assert seasonal_indices(np.tile([1.0, 2.0, 3.0], 30), 3) is None


def test_demand_with_long_idle_times_has_finite_indices() -> None:
    values = weekly(WAVE, 156, 13)
    values[WEEKS.size : WEEKS.size + 40] = 0.0
    found = seasonal_indices(values, SEASON)
    assert found is None or (np.isfinite(found).all() and (found > 0).all())


def test_a_yearly_peak_is_forecast_in_its_week() -> None:
    rng = np.random.default_rng(14)
    history = rng.normal(100, 10, 208)
    history[50::52] += 300
    expected = forecast(history, 52, season=52).paths.mean(axis=0)
    assert expected[50] == pytest.approx(400, rel=0.1)
    np.testing.assert_allclose(np.delete(expected, 50), 100, rtol=0.12)
