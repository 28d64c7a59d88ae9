import numpy as np
import pytest
from demand_series import autoregressive, monthly, random_walk, weekly
from hypothesis import given, settings
from hypothesis import strategies as st

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.forecasting.arima.average import ArimaAverage, fit_arima_average, possible_differences
from invopt_xl.forecasting.arima.engines import Engine, fit_arima
from invopt_xl.forecasting.simulation import impulse_responses

pytestmark = pytest.mark.usefixtures("linear_algebra_in_one_thread")


def test_the_average_lies_between_its_models() -> None:
    average = fit_arima_average(autoregressive(1) / 100, 8)
    means = np.array([model.mean for model in average.models])
    assert len(average.models) > 1
    assert (average.mean >= means.min(axis=0) - 1e-12).all()
    assert (average.mean <= means.max(axis=0) + 1e-12).all()
    assert average.weights.sum() == pytest.approx(1)
    assert average.weights[0] == average.weights.max()


def test_an_average_of_one_model_is_that_model() -> None:
    model = fit_arima(monthly(2) / 100, 12, 12)
    average = ArimaAverage((model,), np.ones(1))
    np.testing.assert_allclose(average.mean, model.mean)
    np.testing.assert_allclose(average.residuals, model.residuals)
    np.testing.assert_allclose(average.responses(12), impulse_responses(model.autoregression, model.moving_average, 12))
    assert average.name == model.name
    assert average.parameters == model.parameters
    assert average.deviation == pytest.approx(model.deviation)


def test_two_models_are_averaged_as_by_hand() -> None:
    values = random_walk(5) / 200
    first, second = fit_arima(values, 3, order=(0, 1, 0)), fit_arima(values, 3, order=(1, 0, 0))
    average = ArimaAverage((first, second), np.array([0.75, 0.25]))
    np.testing.assert_allclose(average.mean, 0.75 * first.mean + 0.25 * second.mean)
    np.testing.assert_allclose(average.residuals, 0.75 * first.residuals + 0.25 * second.residuals[1:])
    phi = float(second.coefficients[0])
    shares = np.array([0.75 * first.deviation, 0.25 * second.deviation])
    expected = [1.0, *((shares[0] + shares[1] * phi**lag) / shares.sum() for lag in (1, 2))]
    np.testing.assert_allclose(average.responses(3), expected)
    assert average.name == f"{first.name} and 1 more"


def test_damping_fades_the_drift_of_every_model() -> None:
    steps = np.random.default_rng(6).normal(0.05, 0.02, 60)
    average = fit_arima_average(1 + np.cumsum(steps), 20)
    faded = average.damped(0.9)
    assert faded.mean[-1] < average.mean[-1] - 0.2
    assert faded.mean[0] == pytest.approx(average.mean[0], abs=0.01)


@pytest.mark.parametrize(
    ("values", "season", "pairs"),
    [
        (np.arange(60.0), 1, [(1, 0)]),
        (np.tile([1.0, 2.0, 3.0, 2.0], 10), 4, [(0, 1)]),
        (weekly(1), 1, [(0, 0)]),
    ],
    ids=["trend", "season", "neither"],
)
def test_clear_histories_leave_one_answer_about_differences(
    values: FloatArray, season: int, pairs: list[tuple[int, int]]
) -> None:
    assert possible_differences(values, season) == pairs


def test_an_unclear_season_is_both_differenced_and_not() -> None:
    weak = 1 + 0.1 * np.sin(2 * np.pi * np.arange(96) / 12) + np.random.default_rng(3).normal(0, 0.07, 96)
    assert {seasonal for _, seasonal in possible_differences(weak, 12)} == {0, 1}
    average = fit_arima_average(weak, 6, 12)
    assert {model.orders.seasonal_d for model in average.models} == {0, 1}


def test_given_orders_and_the_other_engine_give_one_model() -> None:
    values = random_walk(5) / 200
    engine: Engine
    for engine in ("statsforecast", "pmdarima"):
        average = fit_arima_average(values, 4, 1, engine, order=(0, 1, 1))
        assert [model.order for model in average.models] == [(0, 1, 1)]


def test_equal_histories_give_equal_forecasts() -> None:
    values = monthly(3) / 100
    first, second = fit_arima_average(values, 12, 12), fit_arima_average(values.copy(), 12, 12)
    np.testing.assert_array_equal(first.mean, second.mean)


@pytest.mark.parametrize(
    "values",
    [
        np.array([]), np.array([1.0]), np.array([1.0, 2.0]), np.full(20, 3.0), np.r_[np.ones(20), np.nan],
        np.r_[np.ones(20), np.inf],
    ],
    ids=["empty", "one", "two", "constant", "nan", "infinite"],
)  # fmt: skip
def test_hopeless_histories_are_refused(values: FloatArray) -> None:
    with pytest.raises(ArithmeticError):
        fit_arima_average(values, 4, 12)


@pytest.mark.parametrize(
    "values",
    [
        np.arange(1.0, 41.0), np.tile([1.0, 2.0, 3.0, 5.0], 10), 1e15 * random_walk(3), 1e-9 * random_walk(3),
        np.r_[np.ones(30), 1e9, np.ones(10)], np.r_[np.zeros(30), 1.0], np.array([1.0, 2.0, 4.0]),
        np.r_[np.ones(24), np.full(24, 5.0)],
    ],
    ids=["trend", "season", "large", "small", "outlier", "late", "three", "shift"],
)  # fmt: skip
def test_odd_histories_give_finite_forecasts_or_a_plain_refusal(values: FloatArray) -> None:
    for season in (1, 4):
        try:
            average = fit_arima_average(values, 12, season)
        except ArithmeticError:
            continue
        assert np.isfinite(average.mean).all()
        assert np.isfinite(average.responses(12)).all()
        # Nothing runs away: one horizon of the steepest growth is the most that an honest forecast adds.
        assert np.abs(average.mean).max() <= np.abs(values).max() + 13 * np.abs(np.diff(values)).max()


def test_perfect_growth_is_not_outgrown() -> None:
    values = 1.1 ** np.arange(40)
    for season in (1, 4):
        average = fit_arima_average(values, 12, season)
        assert (average.mean <= values[-1] * 1.1 ** np.arange(1, 13)).all()
        # The caller lets a drift fade; what repeats itself exactly is all that may remain of the growth.
        assert (average.damped(0.9).mean > values[-1]).all()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.one_of(st.floats(0, 100, allow_subnormal=False), st.just(0.0)), min_size=0, max_size=60),
    st.sampled_from([1, 4, 12]),
)
def test_any_history_gives_finite_numbers_or_an_arithmetic_error(history: list[float], season: int) -> None:
    values = np.array(history, dtype=np.float64)
    try:
        average = fit_arima_average(values, 6, season)
    except ArithmeticError:
        return
    assert np.isfinite(average.mean).all()
    assert np.isfinite(average.residuals).all()
    assert np.isfinite(average.responses(6)).all()
    assert np.isfinite(average.deviation)
