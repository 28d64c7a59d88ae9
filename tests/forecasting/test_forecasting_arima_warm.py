import io
import time

import numpy as np
import pytest
from demand_series import autoregressive, monthly, random_walk

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.forecasting.arima.average import fit_arima_average
from invopt_xl.forecasting.arima.engines import ENGINES, Engine
from invopt_xl.forecasting.arima.warm import ArimaState, keep_state, needs_search, update_arima

pytestmark = pytest.mark.usefixtures("linear_algebra_in_one_thread")


def kept(values: FloatArray, season: int = 1, engine: Engine = "statsforecast") -> ArimaState:
    """Return the state after a search."""
    return keep_state(fit_arima_average(values, 12, season, engine), values)


def reasons(state: ArimaState, values: FloatArray) -> list[str]:
    return needs_search(state, update_arima(state, values, 6), values)


@pytest.mark.parametrize("season", [1, 12])
def test_with_nothing_new_the_warm_forecast_is_the_cold_one(season: int) -> None:
    values = monthly(4) if season > 1 else autoregressive(2)
    cold = fit_arima_average(values, 12, season)
    warm = update_arima(keep_state(cold, values), values, 12)
    np.testing.assert_allclose(warm.mean, cold.mean, rtol=1e-12)
    np.testing.assert_allclose(warm.responses(12), cold.responses(12), rtol=1e-12)
    assert warm.name == cold.name
    assert reasons(keep_state(cold, values), values) == []


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
    first, second = (update_arima(one, values, 6) for one in (state, back))
    np.testing.assert_array_equal(first.mean, second.mean)


def test_a_model_of_the_other_engine_is_carried_on_too() -> None:
    values = random_walk(5) / 200
    cold = fit_arima_average(values, 6, 1, "pmdarima", order=(1, 0, 1))
    warm = update_arima(keep_state(cold, values), values, 6)
    np.testing.assert_allclose(warm.mean, cold.mean, atol=1e-3)


@pytest.mark.parametrize("missing", ["orders", "weights", "past", "figures"])
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


def test_one_odd_period_asks_for_no_search() -> None:
    values = autoregressive(3, 81)
    state = kept(values[:80])
    values[80] += 60
    assert reasons(state, values) == []


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


def test_updates_do_not_hide_how_long_ago_the_search_was() -> None:
    values = autoregressive(6, 92)
    state = kept(values[:80])
    for end in range(81, 93):
        warm = update_arima(state, values[:end], 6)
        state = keep_state(warm, values[:end], previous=state)
    assert (state.searched, state.periods, state.start) == (80, 92, 0)


def test_the_end_of_a_long_history_is_carried_on_as_it_slides() -> None:
    values = autoregressive(9, 130)
    window = values[20:120]
    state = keep_state(fit_arima_average(window, 6), window, 120)
    assert (state.start, state.periods) == (20, 120)
    for later in (121, 125, 130):
        ending = values[later - 100 : later]
        assert needs_search(state, update_arima(state, ending, 6), ending, later) == []
    rewritten = values[30:130].copy()
    rewritten[:60] *= 1.1
    told = needs_search(state, update_arima(state, rewritten, 6), rewritten, 130)
    assert any("past was rewritten" in reason for reason in told)


def test_new_errors_of_a_sliding_window_are_seen() -> None:
    values = autoregressive(3, 124)
    state = keep_state(fit_arima_average(values[20:120], 6), values[20:120], 120)
    values[120:] += 60
    ending = values[24:]
    told = needs_search(state, update_arima(state, ending, 6), ending, 124)
    assert any("times as large" in reason for reason in told)


def test_a_window_that_begins_elsewhere_asks_for_a_search() -> None:
    values = autoregressive(9, 140)
    state = keep_state(fit_arima_average(values[20:120], 6), values[20:120], 120)
    for first, last in ((10, 120), (40, 140)):
        ending = values[first:last]
        told = needs_search(state, update_arima(state, ending, 6), ending, last)
        assert any(f"begin after {first} periods, after 20 at the last refresh" in reason for reason in told)


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
