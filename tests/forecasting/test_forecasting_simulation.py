import numpy as np
import pytest

from invopt_xl.forecasting.simulation import demand_paths, impulse_responses, linear_errors


def test_impulse_responses_are_those_of_the_textbook() -> None:
    # Box, Jenkins & Reinsel: AR(1) keeps phi^j; ARIMA(0,1,1) with theta(B) = 1 - 0.4 B keeps 0.6 for ever.
    np.testing.assert_allclose(impulse_responses(np.array([1.0, -0.7]), np.array([1.0]), 4), 0.7 ** np.arange(4))
    np.testing.assert_allclose(impulse_responses(np.array([1.0, -1.0]), np.array([1.0, -0.4]), 4), [1.0, 0.6, 0.6, 0.6])


def test_impulse_responses_are_those_of_the_recursion_fed_with_one_shock() -> None:
    autoregression, moving_average = np.array([1.0, -0.5, 0.2, -0.4]), np.array([1.0, 0.3, -0.6])
    shocks, values = np.r_[1.0, np.zeros(9)], np.zeros(10)
    for time in range(10):
        values[time] = sum(moving_average[k] * shocks[time - k] for k in range(3) if k <= time)
        values[time] -= sum(autoregression[k] * values[time - k] for k in range(1, 4) if k <= time)
    np.testing.assert_allclose(impulse_responses(autoregression, moving_average, 10), values)


def test_errors_have_the_variance_of_the_linear_model() -> None:
    rng = np.random.default_rng(2)
    responses = np.array([1.0, 0.6, 0.6])
    errors = linear_errors(rng, responses, 2.0, 1000, 1.0, 200_000)
    expected = 1.0 + 4.0 * np.cumsum(responses**2)
    np.testing.assert_allclose(errors.var(axis=0), expected, rtol=0.02)
    # Sums along a path: shocks of the first period are in all three.
    total = 9 * 1.0 + 4.0 * ((1 + 0.6 + 0.6) ** 2 + 1.6**2 + 1)
    np.testing.assert_allclose(errors.sum(axis=1).var(), total, rtol=0.02)


def test_few_degrees_of_freedom_widen_the_tails() -> None:
    wide = linear_errors(np.random.default_rng(3), np.ones(1), 1.0, 5, 0.0, 100_000)
    # The 97.5% quantile of Student's t with five degrees of freedom is 2.571.
    assert np.quantile(wide, 0.975) == pytest.approx(2.571, rel=0.03)


@pytest.mark.parametrize("variation", [0.05, 0.3, 0.6, 1.0])
def test_demand_keeps_the_mean_and_the_variance_it_is_given(variation: float) -> None:
    rng = np.random.default_rng(4)
    errors = 50 * variation * rng.standard_normal((100_000, 2))
    drawn = demand_paths(np.array([50.0, 50.0]), errors)
    np.testing.assert_allclose(drawn.mean(axis=0), 50.0)
    np.testing.assert_allclose(drawn.std(axis=0), 50 * variation, rtol=0.06)
    assert (drawn >= 0).all()


def test_demand_is_never_negative_however_large_the_errors() -> None:
    drawn = demand_paths(np.array([1.0]), 1e6 * np.random.default_rng(6).standard_normal((1000, 1)))
    assert (drawn >= 0).all()
    assert np.isclose(drawn.mean(), 1.0)
