import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from invopt_xl.forecasting.backtest import metrics
from invopt_xl.forecasting.backtest.costs import critical_level, mismatch_cost

AMOUNTS = st.floats(0, 1e6)


def test_the_naive_scale_is_that_of_differences_a_season_apart() -> None:
    history = np.array([1.0, 5.0, 2.0, 9.0, np.nan, 8.0])
    # Lag 2: 2 - 1, 9 - 5, unknown, 8 - 9.
    assert metrics.naive_scale(history, 2) == pytest.approx((2.0, 6.0))


@pytest.mark.parametrize("history", [[], [3.0], [3.0, 3.0, 3.0], [0.0, 0.0], [np.nan, 4.0], [0.1 * 3, 0.3]])
def test_a_history_that_never_changed_scales_nothing(history: list[float]) -> None:
    assert np.isnan(metrics.naive_scale(np.array(history))).all()


def test_a_perfect_season_scales_nothing_at_its_lag() -> None:
    assert np.isnan(metrics.naive_scale(np.tile([1.1, 2.2, 3.3], 4), 3)).all()


def test_errors_by_hand() -> None:
    actual, forecast = np.array([10.0, 0.0, 5.0, np.nan]), np.array([7.0, 2.0, 6.0, 99.0])
    # Errors -3, 2, 1 of a demand of 15.
    assert metrics.weighted_absolute_error(actual, forecast) == pytest.approx(6 / 15)
    assert metrics.relative_bias(actual, forecast) == pytest.approx(0.0)
    assert metrics.scaled_error(actual, forecast, 4.0) == pytest.approx(0.5)
    assert metrics.scaled_squared_error(actual, forecast, 7.0) == pytest.approx(np.sqrt(14 / 3 / 7))
    assert metrics.tracking_signal(forecast - actual) == pytest.approx(0.0)


def test_shares_of_no_demand_are_not_numbers() -> None:
    assert np.isnan(metrics.weighted_absolute_error(np.zeros(3), np.ones(3)))
    assert np.isnan(metrics.relative_bias(np.full(3, np.nan), np.ones(3)))


def test_the_tracking_signal_of_errors_on_one_side_is_their_number() -> None:
    signals = metrics.tracking_signal(np.array([[-2.0, -1.0, np.nan, -9.0], [0.0, 0.0, 0.0, 0.0], [np.nan] * 4]))
    np.testing.assert_allclose(signals, [-3.0, 0.0, np.nan])


def test_the_pinball_loss_of_the_median_is_the_absolute_error() -> None:
    actual = np.array([3.0, 8.0])
    loss = metrics.pinball_loss(actual, np.array([[5.0, 5.0], [5.0, 5.0]]), [0.5, 0.975])
    np.testing.assert_allclose(loss, [[2.0, 2 * 0.025 * 2], [3.0, 2 * 0.975 * 3]])


def test_coverage_counts_the_bounds_in_and_unknown_demand_nowhere() -> None:
    actual = np.array([2.0, 5.0, 6.0, np.nan])
    hits = metrics.within(actual, np.full(4, 2.0), np.full(4, 5.0))
    assert float(metrics.known_mean(hits)) == pytest.approx(2 / 3)


def test_a_quantile_in_single_precision_covers_its_own_value() -> None:
    # Single precision holds 3.1 as 3.0999999.
    assert metrics.up_to(np.array([3.1]), np.array([3.1], dtype=np.float32)).tolist() == [1.0]
    assert metrics.within(np.array([0.7]), np.float32([0.7]), np.float32([0.7])).tolist() == [1.0]


def test_the_mean_pinball_loss_over_many_levels_is_the_ranked_probability_score() -> None:
    draws = np.random.default_rng(1).gamma(2.0, 5.0, 1000)
    levels = (np.arange(2000) + 0.5) / 2000
    loss = metrics.pinball_loss(np.array([14.0]), np.quantile(draws, levels)[None], levels).mean()
    # E|X - y| - E|X - X'| / 2, Gneiting & Raftery (2007), formula 21.
    score = np.abs(draws - 14.0).mean() - np.abs(draws[:, None] - draws).mean() / 2
    assert loss == pytest.approx(score, rel=2e-3)


def test_errors_of_many_items_are_those_of_each() -> None:
    rng = np.random.default_rng(2)
    actual, forecast = rng.poisson(3.0, (4, 2, 5)).astype(float), rng.gamma(2, 2, (3, 4, 2, 5))
    actual[0, 0, 0] = actual[1] = np.nan
    scale = rng.uniform(1, 2, (4, 2))
    wape = metrics.weighted_absolute_error(actual, forecast, (2, 3))
    bias = metrics.relative_bias(actual, forecast, (2, 3))
    mase = metrics.scaled_error(actual, forecast, scale[..., None], (2, 3))
    rmsse = metrics.scaled_squared_error(actual, forecast, scale)
    for place in np.ndindex(3, 4):
        came, made, scales = actual[place[1]], forecast[place], scale[place[1]]
        assert wape[place] == pytest.approx(metrics.weighted_absolute_error(came, made), nan_ok=True)
        assert bias[place] == pytest.approx(metrics.relative_bias(came, made), nan_ok=True)
        assert mase[place] == pytest.approx(metrics.scaled_error(came, made, scales[:, None]), nan_ok=True)
        alone = [float(metrics.scaled_squared_error(came[window], made[window], scales[window])) for window in (0, 1)]
        assert rmsse[place] == pytest.approx(alone, nan_ok=True)


@given(st.integers(0, 20))
def test_the_cheapest_stock_is_the_critical_quantile(stock: int) -> None:
    demand = np.arange(21.0)
    shortage, leftover = np.array(7.0), np.array(2.0)
    level = critical_level(shortage, leftover)
    assert level == pytest.approx(7 / 9)
    best = mismatch_cost(demand, np.quantile(demand, level, method="inverted_cdf"), shortage, leftover)
    other = mismatch_cost(demand, np.full(21, float(stock)), shortage, leftover)
    assert best.under_stock.sum() + best.over_stock.sum() <= other.under_stock.sum() + other.over_stock.sum() + 1e-9


@given(AMOUNTS, AMOUNTS, st.floats(0.01, 50), st.floats(0.01, 50))
def test_the_cost_is_the_pinball_loss_at_the_critical_level_in_money(
    actual: float, stock: float, shortage: float, leftover: float
) -> None:
    short, left = np.array(shortage), np.array(leftover)
    cost = mismatch_cost(np.array([actual]), np.array([stock]), short, left)
    level = float(critical_level(short, left))
    loss = metrics.pinball_loss(np.array([actual]), np.array([[stock]]), [level])[0, 0] / 2 * (shortage + leftover)
    assert float(cost.under_stock[0] + cost.over_stock[0]) == pytest.approx(loss, rel=1e-6, abs=1e-9)
