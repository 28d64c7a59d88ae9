"""The kernels give what the library's own slow wrappers give, and go on where they stopped."""

import numpy as np
import pytest
from demand_series import monthly, weekly
from statsforecast.ces import auto_ces, forecast_ces
from statsforecast.theta import auto_theta, forecast_theta
from statsmodels.tsa.seasonal import seasonal_decompose

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.forecasting.regular.kernels import (
    complex_smoothing,
    dynamic_theta,
    fit_complex_smoothing,
    seasonal_component,
)

SERIES = [
    pytest.param(np.sqrt(monthly(4) / monthly(4).mean()), 12, id="monthly"),
    pytest.param(np.sqrt(monthly(4)[:30] / monthly(4).mean()), 12, id="short"),
    pytest.param(np.sqrt(weekly(1) / weekly(1).mean()), 1, id="no season"),
    pytest.param(np.sqrt(weekly(2) / weekly(2).mean()), 5, id="odd season"),
]


@pytest.mark.parametrize(("values", "season"), SERIES)
def test_complex_smoothing_is_that_of_the_library(values: FloatArray, season: int) -> None:
    model = auto_ces(values, season, "Z")
    made = fit_complex_smoothing(values, season)
    assert made.kind == model["seasontype"]
    np.testing.assert_allclose(made.forecast(30), forecast_ces(model, 30)["mean"], rtol=1e-4)
    assert made.variance == pytest.approx(model["sigma2"], rel=1e-4)


@pytest.mark.parametrize(("values", "season"), SERIES)
def test_theta_is_that_of_the_library(values: FloatArray, season: int) -> None:
    model = auto_theta(values, season, "DOTM", decomposition_type="additive")
    made = dynamic_theta(values, season)
    np.testing.assert_allclose(made.forecast(30), forecast_theta(model, 30)["mean"], rtol=1e-4)
    assert made.variance == pytest.approx(model["mse"], rel=1e-4)


@pytest.mark.parametrize("season", [2, 3, 7, 12])
def test_seasons_are_those_of_the_classical_decomposition(season: int) -> None:
    values = weekly(3)
    found = seasonal_component(values, season)
    np.testing.assert_allclose(np.resize(found, values.size), seasonal_decompose(values, period=season).seasonal)


@pytest.mark.parametrize(("values", "season"), SERIES)
def test_complex_smoothing_goes_on_from_its_first_state(values: FloatArray, season: int) -> None:
    before = fit_complex_smoothing(values[:-1], season)
    after = complex_smoothing(values, before.kind, before.coefficients, before.start)
    np.testing.assert_allclose(after.states[: values.size - 1], before.states[: values.size - 1], rtol=1e-9)
    error = float(values[-1]) - float(before.forecast(1)[0])
    left = values.size - before.start.shape[1] - 2
    assert after.variance * left == pytest.approx(before.variance * (left - 1) + error**2)


@pytest.mark.parametrize("fit", [fit_complex_smoothing, dynamic_theta])
def test_a_history_of_three_periods_is_too_short(fit: object) -> None:
    with pytest.raises(ArithmeticError, match="too few periods"):
        fit(np.ones(3), 1)  # type: ignore[operator]
