import math
import warnings
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from demand_series import monthly, random_walk

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.forecasting.arima import likelihood as arima_likelihood
from invopt_xl.forecasting.arima.likelihood import Likelihood, filtered
from invopt_xl.forecasting.arima.orders import Orders, differenced, stable_coefficients
from invopt_xl.forecasting.arima.search import (
    FINE,
    Search,
    choose_differences,
    search,
    seasonal_strength,
    unit_root_statistic,
)


def simulated(
    seed: int, autoregression: list[float], moving_average: list[float], periods: int = 200, season: int = 1
) -> FloatArray:
    rng = np.random.default_rng(seed)
    shocks = rng.normal(0, 0.1, periods + 100)
    values = np.zeros(periods + 100)
    for time in range(30, periods + 100):
        values[time] = shocks[time]
        values[time] += sum(weight * values[time - 1 - lag] for lag, weight in enumerate(autoregression))
        values[time] += sum(weight * shocks[time - season * (1 + lag)] for lag, weight in enumerate(moving_average))
    return 1 + values[100:]


def without_prior(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arima_likelihood, "PRIOR", 0.0)


def airline() -> FloatArray:
    from statsforecast.utils import AirPassengers

    return np.log(np.asarray(AirPassengers, dtype=np.float64))


def test_the_airline_model_has_its_published_coefficients(monkeypatch: pytest.MonkeyPatch) -> None:
    # Box, Jenkins & Reinsel, "Time Series Analysis", series G: theta = 0.40, Theta = 0.56; maximum likelihood in R
    # (arima with order (0,1,1)(0,1,1)) prints -0.4018 and -0.5569, and a log-likelihood of 244.70.
    without_prior(monkeypatch)
    changes = differenced(airline(), 1, 1, 12)
    fit = Likelihood(changes).fit(Orders(0, 1, 1, 0, 1, 1, 12), None, 1e-12)
    estimates = stable_coefficients(fit.free.tolist(), fit.orders.terms)
    np.testing.assert_allclose(estimates, [-0.4018, -0.5569], atol=0.002)
    likelihood = -0.5 * (fit.criterion - 2 * 3 * (1 + 4 / (131 - 4)) + 131 * (1 + math.log(2 * math.pi)))
    assert likelihood == pytest.approx(244.70, abs=0.02)


def test_the_search_finds_the_airline_model() -> None:
    likelihood = Likelihood(differenced(airline(), 1, 1, 12))
    best = search(likelihood, Orders(0, 1, 0, 0, 1, 0, 12))[0].orders
    assert best.terms == (0, 1, 0, 1)
    assert choose_differences(airline(), 12) == (1, 1)


@pytest.mark.parametrize(
    "orders",
    [Orders(1, 0, 1, constant=True), Orders(0, 0, 2), Orders(2, 0, 0, 1, 0, 1, 12), Orders(1, 0, 1, 0, 0, 1, 12)],
    ids=["ARMA(1,1)", "MA(2)", "(2,0)(1,1)", "(1,1)(0,1)"],
)
def test_the_likelihood_is_at_least_that_of_the_engine(orders: Orders, monkeypatch: pytest.MonkeyPatch) -> None:
    from statsforecast.arima import arima

    without_prior(monkeypatch)
    values = simulated(3, [0.6], [0.3], 120) - (0.0 if orders.constant else 1.0)
    fit = Likelihood(values).fit(orders, None, 1e-10)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        engine = arima(
            values, (orders.p, 0, orders.q),
            {"order": (orders.seasonal_p, 0, orders.seasonal_q), "period": orders.season},
            include_mean=orders.constant, method="ML",
        )  # fmt: skip
    estimated = orders.coefficients + 1
    penalty = 2 * estimated * (1 + (estimated + 1) / (120 - estimated - 1))
    ours = -0.5 * (fit.criterion - penalty + 120 * (1 + math.log(2 * math.pi)))
    assert ours >= engine["loglik"] - 0.01


def test_the_filter_agrees_with_a_multivariate_normal_distribution() -> None:
    # ARMA(1,1) autocovariances from the textbook; the density by a full covariance matrix.
    phi, theta, values = 0.7, -0.4, simulated(5, [0.7], [-0.4], 40) - 1
    first = (1 + theta**2 + 2 * phi * theta) / (1 - phi**2)
    second = (1 + phi * theta) * (phi + theta) / (1 - phi**2)
    lags = np.abs(np.subtract.outer(np.arange(40), np.arange(40)))
    covariance = np.where(lags == 0, first, second * phi ** np.maximum(lags - 1, 0))
    result = filtered(values, np.array([phi, theta]), Orders(1, 0, 1))
    assert result.errors @ result.errors == pytest.approx(values @ np.linalg.solve(covariance, values), rel=1e-6)
    assert 2 * 40 * result.log_factor == pytest.approx(float(np.linalg.slogdet(covariance)[1]), abs=1e-6)


@pytest.mark.parametrize(
    ("autoregression", "moving_average", "wanted"),
    [([0.7], [], (1, 0)), ([], [0.6], (0, 1)), ([0.5, 0.35], [], (2, 0)), ([], [], (0, 0))],
    ids=["AR(1)", "MA(1)", "AR(2)", "noise"],
)
def test_known_processes_are_recovered(
    autoregression: list[float], moving_average: list[float], wanted: tuple[int, int]
) -> None:
    found = []
    for seed in range(8):
        values = simulated(seed, autoregression, moving_average, 400)
        found.append(search(Likelihood(values), Orders(0, 0, 0))[0].orders.terms[:2])
    # Akaike's criterion overfits by design; the true order must still be the most frequent answer.
    assert max(set(found), key=found.count) == wanted


@pytest.mark.parametrize("seed", range(4))
def test_the_walk_comes_close_to_an_exhaustive_search(seed: int) -> None:
    process = [([0.6], [0.4]), ([0.5, 0.3], []), ([-0.5], [0.3, 0.2]), ([0.3], [0.5])][seed]
    season = 1 if seed < 3 else 4
    likelihood = Likelihood(simulated(seed + 20, *process, 160, season))
    first = Orders(0, 0, 0, season=season)
    walked = search(likelihood, first)[0]
    walked = likelihood.fit(walked.orders, walked.free, FINE)
    limits = Search(likelihood, first).limits()
    best = math.inf
    for p, q, seasonal_p, seasonal_q, constant in product(*(range(limit + 1) for limit in limits), (False, True)):
        orders = replace(first, p=p, q=q, seasonal_p=seasonal_p, seasonal_q=seasonal_q, constant=constant)
        best = min(best, likelihood.fit(orders, None, FINE).criterion)
    assert walked.criterion < best + 2.0


def test_the_search_is_short() -> None:
    likelihood = Likelihood(differenced(monthly(4) / 100, 0, 1, 12))
    walk = Search(likelihood, Orders(0, 0, 0, 0, 1, 0, 12))
    walk.walk()
    assert len(walk.tried) < 40


def test_any_numbers_give_a_stationary_and_invertible_model() -> None:
    rng = np.random.default_rng(2)
    for _ in range(50):
        free = rng.normal(0, 2, 5).tolist()
        coefficients = stable_coefficients(free, (3, 2, 0, 0))
        for polynomial in (np.r_[1, -coefficients[:3]], np.r_[1, coefficients[3:]]):
            assert np.abs(np.roots(polynomial)).max() < 1


def test_the_unit_root_statistic_is_the_one_of_the_engine() -> None:
    from statsforecast.arima import ndiffs

    for seed in range(12):
        values = random_walk(seed) if seed % 2 else simulated(seed, [0.5], [], 80)
        assert int(unit_root_statistic(values) > 0.463) == ndiffs(values, max_d=1)


def test_a_season_is_strong_and_noise_has_none() -> None:
    assert seasonal_strength(monthly(7), 12) > 0.9
    strengths = [seasonal_strength(np.random.default_rng(seed).normal(1, 0.1, 60), 12) for seed in range(20)]
    assert np.mean(strengths) < 0.25
    assert choose_differences(monthly(7), 12) == (0, 1)


def test_a_history_of_two_seasons_decides_nothing_about_them() -> None:
    assert seasonal_strength(monthly(7, 2), 12) == 0.0


def test_too_few_periods_for_the_orders_are_refused() -> None:
    with pytest.raises(ArithmeticError, match="too few periods"):
        Likelihood(np.array([1.0, 2.0, 1.5, 1.2, 1.1])).fit(Orders(3, 0, 2))
