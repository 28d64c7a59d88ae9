import warnings

import numpy as np
import pytest
from demand_series import autoregressive, monthly, random_walk, weekly

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.errors import InputError
from invopt_xl.forecasting import ENGINES
from invopt_xl.forecasting.arima.engines import Engine, fit_arima
from invopt_xl.forecasting.simulation import impulse_responses

pytestmark = pytest.mark.usefixtures("linear_algebra_in_one_thread")


@pytest.mark.parametrize("history", [weekly(1), autoregressive(2), random_walk(3)], ids=["iid", "AR(1)", "random walk"])
def test_both_engines_forecast_alike(history: FloatArray) -> None:
    scaled = history / history.mean()
    first, second = (fit_arima(scaled, 13, 1, engine) for engine in ENGINES)
    # They may choose neighbouring orders; the forecasts must not differ by more than a tenth.
    np.testing.assert_allclose(first.mean, second.mean, atol=0.1)
    assert np.isclose(first.residuals.std(), second.residuals.std(), rtol=0.15)


def test_both_engines_forecast_a_season_alike() -> None:
    history = monthly(4) / 100
    first, second = (fit_arima(history, 12, 12, engine) for engine in ENGINES)
    np.testing.assert_allclose(first.mean, second.mean, atol=0.1)
    assert first.seasonal_order[3] == second.seasonal_order[3] == 12
    assert first.name.endswith(("[12]", "[12] with drift"))


@pytest.mark.parametrize("engine", ENGINES)
def test_the_polynomials_reproduce_the_engines_interval(engine: Engine) -> None:
    history = random_walk(5) / 200
    model = fit_arima(history, 10, 1, engine)
    responses = impulse_responses(model.autoregression, model.moving_average, 10)
    width = 1.96 * model.residuals.std() * np.sqrt(np.cumsum(responses**2))
    np.testing.assert_allclose(width, engine_half_width(history, engine), rtol=0.1)


def engine_half_width(history: FloatArray, engine: Engine) -> FloatArray:
    limits = {"start_p": 1, "start_q": 1, "max_p": 3, "max_q": 2, "max_d": 1}
    if engine == "pmdarima":
        from pmdarima import auto_arima

        fitted = auto_arima(
            history, seasonal=False, information_criterion="aicc", suppress_warnings=True, error_action="ignore",
            **limits,
        )  # fmt: skip
        _, interval = fitted.predict(10, return_conf_int=True, alpha=0.05)
        return np.asarray(interval[:, 1] - interval[:, 0]) / 2
    from statsforecast.arima import auto_arima_f, forecast_arima

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of candidates that the search drops
        fitted = auto_arima_f(history, seasonal=False, approximation=True, **limits)
    made = forecast_arima(fitted, h=10, level=[95])
    return np.asarray(made["upper"]["95%"] - made["mean"])


@pytest.mark.parametrize("engine", ENGINES)
def test_a_drift_is_recognised_and_fades_when_damped(engine: Engine) -> None:
    steps = np.random.default_rng(6).normal(0.05, 0.02, 60)
    model = fit_arima(1 + np.cumsum(steps), 20, 1, engine)
    assert model.slope == pytest.approx(0.05, abs=0.01)
    assert model.name.endswith("with drift")
    faded = model.damped(0.9)
    # What is left of the slope is the sum of 0.9, 0.81, ...: at most nine periods' worth.
    assert faded.mean[-1] - faded.mean[0] == pytest.approx(model.slope * (np.sum(0.9 ** np.arange(2, 21))), abs=0.02)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_constant_is_refused(engine: Engine) -> None:
    with pytest.raises(ArithmeticError, match="nothing varies"):
        fit_arima(np.full(30, 7.0), 3, 1, engine)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("order", "seasonal_order"), [((0, 1, 1), None), ((1, 0, 1), (0, 1, 1)), ((0, 1, 1), (0, 1, 1)), ((2, 0, 0), None)]
)
def test_given_orders_are_fitted_as_given(
    engine: Engine, order: tuple[int, int, int], seasonal_order: tuple[int, int, int] | None
) -> None:
    history = monthly(4) / 100
    model = fit_arima(history, 6, 12, engine, order, seasonal_order)
    assert model.order == order
    assert model.seasonal_order == (*(seasonal_order or (0, 0, 0)), 12)
    assert model.coefficients.size == order[0] + order[2] + sum((seasonal_order or (0, 0, 0))[::2])


def test_both_engines_agree_on_given_orders() -> None:
    history = random_walk(5) / 200
    first, second = (fit_arima(history, 10, 1, engine, (1, 1, 1)) for engine in ENGINES)
    np.testing.assert_allclose(first.mean, second.mean, atol=0.02)
    np.testing.assert_allclose(first.residuals[2:].std(), second.residuals[2:].std(), rtol=0.02)


@pytest.mark.parametrize(
    ("order", "seasonal_order", "season", "words"),
    [
        ((1, 1), None, 1, "three whole numbers"),
        ((1, -1, 0), None, 1, "three whole numbers"),
        ((9, 0, 0), None, 1, "from 0 to 5"),
        ((1.5, 0, 0), None, 1, "three whole numbers"),
        ((0, 1, 1), (0, 1, 1), 1, "season of at least 2"),
        ((0, 2, 1), (0, 1, 1), 12, "at most 2 together"),
        ((0, 1, 1), (2, 1, 2), 24, "periods of history"),
    ],
)
def test_impossible_orders_are_told_in_one_line(
    order: tuple[int, int, int], seasonal_order: tuple[int, int, int] | None, season: int, words: str
) -> None:
    with pytest.raises(InputError, match=words) as told:
        fit_arima(weekly(1, periods=30), 6, season, "statsforecast", order, seasonal_order)
    assert "\n" not in str(told.value)


def test_a_perfect_trend_goes_on() -> None:
    model = fit_arima(np.arange(1.0, 41.0), 3)
    np.testing.assert_allclose(model.mean, [41, 42, 43])
    assert model.name == "ARIMA(0,1,0) with drift"
