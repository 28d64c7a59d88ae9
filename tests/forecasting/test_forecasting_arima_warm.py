import io
import time
from collections.abc import Callable

import numpy as np
import pytest
from demand_series import autoregressive, monthly, random_walk

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.forecasting.arima.average import fit_arima_average
from invopt_xl.forecasting.arima.engines import ENGINES, Engine
from invopt_xl.forecasting.arima.warm import ArimaState, keep_state, needs_search, refit_arima, update_arima


def kept(values: FloatArray, season: int = 1, engine: Engine = "statsforecast") -> ArimaState:
    """Return the state after a search, scaled as forecasts are."""
    scale = float(values.mean())
    return keep_state(fit_arima_average(values / scale, 12, season, engine), values / scale, scale)


def reasons(state: ArimaState, values: FloatArray) -> list[str]:
    scale = float(values.mean())
    return needs_search(state, update_arima(state, values / scale, 6, scale), values / scale, scale)


@pytest.mark.parametrize("season", [1, 12])
def test_with_nothing_new_the_warm_forecast_is_the_cold_one(season: int) -> None:
    values = monthly(4) if season > 1 else autoregressive(2)
    cold = fit_arima_average(values / 100, 12, season)
    warm = update_arima(keep_state(cold, values / 100, 100.0), values / 100, 12, 100.0)
    np.testing.assert_allclose(warm.mean, cold.mean, rtol=1e-12)
    np.testing.assert_allclose(warm.responses(12), cold.responses(12), rtol=1e-12)
    assert warm.name == cold.name
    assert reasons(keep_state(cold, values / 100, 100.0), values) == []


@pytest.mark.parametrize("carry", [update_arima, refit_arima])
def test_the_scale_of_the_history_does_not_matter(carry: Callable[..., object]) -> None:
    # A drift: its constant has units.
    values = 10 + np.cumsum(np.random.default_rng(6).normal(0.5, 0.2, 60))
    state = kept(values[:55])
    coarse, fine = carry(state, values / 20, 12, 20.0), carry(state, values / 0.5, 12, 0.5)
    np.testing.assert_allclose(coarse.mean * 20, fine.mean * 0.5, rtol=1e-4)  # type: ignore[attr-defined]


def test_a_refit_forecasts_as_a_search_that_keeps_its_orders() -> None:
    values = random_walk(3) / 200
    state = keep_state(fit_arima_average(values[:75], 6, order=(1, 1, 1)), values[:75])
    warm, cold = refit_arima(state, values, 6), fit_arima_average(values, 6, order=(1, 1, 1))
    assert warm.best.residuals.std() == pytest.approx(cold.best.residuals.std(), rel=0.01)
    np.testing.assert_allclose(warm.mean, cold.mean, atol=0.01)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_state_survives_a_file(engine: Engine) -> None:
    values = monthly(5, 4) if engine == "statsforecast" else random_walk(5)
    state = kept(values, 12 if engine == "statsforecast" else 1, engine)
    file = io.BytesIO()
    np.savez(file, **state.to_arrays())
    file.seek(0)
    with np.load(file, allow_pickle=False) as arrays:
        back = ArimaState.from_arrays(dict(arrays))
    assert back.orders == state.orders
    first, second = (update_arima(one, values / 100, 6, 100.0) for one in (state, back))
    np.testing.assert_array_equal(first.mean, second.mean)


def test_a_model_of_the_other_engine_is_carried_on_too() -> None:
    values = random_walk(5) / 200
    cold = fit_arima_average(values, 6, 1, "pmdarima", order=(1, 0, 1))
    warm = update_arima(keep_state(cold, values), values, 6)
    np.testing.assert_allclose(warm.mean, cold.mean, atol=1e-3)


@pytest.mark.parametrize("missing", ["orders", "weights", "figures"])
def test_a_damaged_state_is_refused(missing: str) -> None:
    arrays = kept(random_walk(5)).to_arrays()
    del arrays[missing]
    with pytest.raises(ArithmeticError, match="cannot be read"):
        ArimaState.from_arrays(arrays)
    arrays = kept(random_walk(5)).to_arrays()
    arrays["coefficients"] = np.ones(99)
    with pytest.raises(ArithmeticError, match="sizes do not agree"):
        ArimaState.from_arrays(arrays)


def test_an_ordinary_new_period_asks_for_no_search() -> None:
    asked = 0
    for seed in range(40):
        values = autoregressive(seed, 84)
        asked += bool(reasons(kept(values[:83]), values))
    assert asked <= 3


def test_a_level_shift_asks_for_a_search_and_says_why() -> None:
    values = autoregressive(3, 84)
    values[80:] += 60
    assert any("times as large" in reason for reason in reasons(kept(values[:80]), values))


def test_errors_that_lean_to_one_side_ask_for_a_search() -> None:
    values = np.random.default_rng(4).normal(100, 5, 90)
    state = kept(values[:82])
    values[82:] += 6
    assert any("too low since the last search" in reason for reason in reasons(state, values))


def test_errors_that_repeat_themselves_ask_for_a_search() -> None:
    values = np.random.default_rng(5).normal(100, 5, 71)
    state = kept(values[:60])
    values[60:] = 100 + 12 * (-1.0) ** np.arange(11)
    assert any("repeat themselves" in reason for reason in reasons(state, values))


def test_a_long_time_without_a_search_asks_for_one_and_updates_do_not_reset_it() -> None:
    values = autoregressive(6, 92)
    state = kept(values[:80])
    for end in range(81, 93):
        seen = values[:end]
        warm = update_arima(state, seen / 100, 6, 100.0)
        told = needs_search(state, warm, seen / 100, 100.0)
        state = keep_state(warm, seen / 100, 100.0, previous=state)
        assert any("periods since the last search" in reason for reason in told) == (end == 92)
    assert (state.searched, state.periods) == (80, 92)


def test_a_short_history_that_grew_by_a_quarter_asks_for_a_search() -> None:
    values = autoregressive(7, 31)
    assert any("grown from 24 to 31" in reason for reason in reasons(kept(values[:24]), values))


def test_a_rewritten_past_asks_for_a_search() -> None:
    values = autoregressive(8, 61)
    state = kept(values[:60])
    values[:30] *= 1.1
    assert any("past was rewritten" in reason for reason in reasons(state, values))
    assert reasons(state, values[:50])[0].startswith("the history has 50 periods")


def test_too_short_a_history_is_refused() -> None:
    state = kept(monthly(4, 5), 12)
    with pytest.raises(ArithmeticError, match="too few"):
        update_arima(state, np.array([1.0, 2.0, 1.5, 1.1]), 6)
    with pytest.raises(ArithmeticError, match="not finite"):
        update_arima(state, np.r_[monthly(4, 5), np.nan], 6)


def test_carrying_on_costs_a_fraction_of_a_search() -> None:
    values = monthly(9) / 100
    begin = time.process_time()
    state = keep_state(fit_arima_average(values[:71], 12, 12), values[:71])
    cold = time.process_time() - begin
    begin = time.process_time()
    for _ in range(5):
        update_arima(state, values, 12)
    assert cold > 2 * (time.process_time() - begin) / 5
