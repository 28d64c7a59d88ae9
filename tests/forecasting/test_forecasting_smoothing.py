import numpy as np

from invopt_xl.forecasting.regular.smoothing import linear_slope, seasonal_indices, smooth

rng = np.random.default_rng(5)


def smoothed_by_hand(values: list[float], weight: float, start: float) -> tuple[float, list[float]]:
    level, errors = start, []
    for value in values:
        errors.append(value - level)
        level = weight * value + (1 - weight) * level
    return level, errors


def test_the_level_is_that_of_the_best_weight_tried_one_by_one() -> None:
    values = rng.poisson(20, 40).astype(float)
    candidates = []
    for weight in (0.1, 0.3, 0.6):
        level, errors = smoothed_by_hand(values.tolist(), weight, values[:10].mean())
        candidates.append((sum(error**2 for error in errors[10:]), level, weight))
    _, level, weight = min(candidates)
    found = smooth(values, np.ones(40, dtype=bool), np.array([0.1, 0.3, 0.6]))
    assert found.weight == weight
    assert np.isclose(found.level, level)


def test_estimated_periods_do_not_move_the_level() -> None:
    values = np.array([5.0, 6.0, 5.0, 900.0, 6.0, 5.0])
    known = values < 100
    assert smooth(values, known).level == smooth(values[known], np.ones(5, dtype=bool)).level


def test_seasonal_indices_of_a_seasonal_history_are_found() -> None:
    true = np.array([0.5, 1.5, 1.0, 1.0])
    values = np.tile(true, 10) * (100 + np.arange(40)) * rng.normal(1, 0.02, 40)
    indices = seasonal_indices(values, 4)
    assert indices is not None
    np.testing.assert_allclose(indices, true, atol=0.05)


def test_a_long_season_is_found_as_a_smooth_wave() -> None:
    true = 1 + 0.4 * np.sin(2 * np.pi * np.arange(52) / 52)
    values = np.tile(true, 3) * 50 * rng.normal(1, 0.05, 156)
    indices = seasonal_indices(values, 52)
    assert indices is not None
    np.testing.assert_allclose(indices, true, atol=0.08)


def test_noise_has_no_season() -> None:
    assert seasonal_indices(rng.normal(100, 10, 48), 12) is None
    assert seasonal_indices(np.full(48, 7.0), 12) is None


def test_the_slope_is_that_of_least_squares() -> None:
    values = rng.normal(10, 3, 30)
    assert np.isclose(linear_slope(values), np.polyfit(np.arange(30), values, 1)[0])
    assert linear_slope(np.array([4.0])) == 0.0
