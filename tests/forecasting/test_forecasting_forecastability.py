"""How far demand strays from forecasts of it: against one item at a time, and on demand whose error is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invopt_xl.forecasting.forecastability import RATES, forecastability, forecastability_at

Values = list[float | None]

histories = st.lists(st.none() | st.integers(0, 30).map(float), min_size=1, max_size=40)


def table(*rows: Values) -> np.ndarray:
    return np.array([[np.nan if each is None else each for each in row] for row in rows])


def plain_forecasts(past: list[float]) -> list[float]:
    """Return what each forecaster without a season says of the next period, from the known ones before it."""
    levels = [past[0] for _ in RATES]
    for count, actual in enumerate(past[1:], start=2):
        levels = [level + max(rate, 1 / count) * (actual - level) for rate, level in zip(RATES, levels, strict=True)]
    return [float(np.mean(past)), *levels]


def slow_error(history: Values) -> float:
    """Return the error of one item without a season, every forecast made again from all that came before it."""
    known = [each for each in history if each is not None]
    judged = min(26, len(known) // 2)
    if judged < 4 or not sum(known[-judged:]) > 0:
        return float("nan")
    made = [plain_forecasts(known[:period]) for period in range(1, len(known))]
    misses = []
    for period in range(len(known) - judged, len(known)):
        before = range(1, period)
        totals = [sum((known[each] - made[each - 1][one]) ** 2 for each in before) for one in range(len(RATES) + 1)]
        misses.append(known[period] - made[period - 1][int(np.argmin(np.round(totals, 12)))])
    return float(np.sqrt(np.mean(np.square(misses))) / np.mean(known[-judged:]))


@settings(max_examples=40)
@given(histories)
def test_the_error_is_that_of_forecasts_made_one_at_a_time(history: Values) -> None:
    np.testing.assert_allclose(forecastability(table(history)).error[0], slow_error(history), atol=1e-6)


@settings(max_examples=40)
@given(histories, st.sampled_from([1, 4]), st.sampled_from([1e-3, 7.0, 1e6]))
def test_the_unit_of_demand_makes_no_difference(history: Values, season: int, unit: float) -> None:
    one, other = (forecastability(each, season).error for each in (table(history), unit * table(history)))
    np.testing.assert_allclose(one, other, atol=1e-6)


@settings(max_examples=40)
@given(histories, st.integers(1, 30), st.sampled_from([1, 4]))
def test_periods_before_the_first_known_one_make_no_difference(history: Values, lead: int, season: int) -> None:
    later = [None] * lead + history
    np.testing.assert_allclose(
        forecastability(table(history), season).error, forecastability(table(later), season).error, atol=1e-6
    )


@settings(max_examples=40)
@given(histories, st.integers(1, 40), st.sampled_from([1, 4]))
def test_what_was_said_at_an_earlier_end_knows_nothing_of_what_came_after(
    history: Values, end: int, season: int
) -> None:
    end = min(end, len(history))
    (then,) = forecastability_at(table(history), season, [end])
    now = forecastability(table(history[:end]), season)
    np.testing.assert_allclose(then.error, now.error, atol=1e-6)
    assert then.judged.tolist() == now.judged.tolist()


@pytest.mark.parametrize("rate", [0.5, 1.0, 4.0, 16.0])
def test_random_demand_of_a_known_rate_errs_by_one_over_its_root(rate: float) -> None:
    demand = np.random.default_rng(1).poisson(rate, (200, 104)).astype(float)
    assert np.nanmedian(forecastability(demand, 52).error) == pytest.approx(rate**-0.5, rel=0.04)


def test_a_level_that_moved_is_forecast_though_its_variation_is_large() -> None:
    moved = np.repeat([[100.0] * 52 + [10.0] * 52], 1, axis=0)
    assert moved.std() / moved.mean() > 0.8
    assert forecastability(moved).error[0] < 0.01


def test_a_season_that_is_known_is_foreseen_and_one_that_is_not_told_of_is_not() -> None:
    months = np.tile(np.array([5, 5, 6, 8, 12, 20, 30, 28, 15, 9, 6, 40.0]), 4)[None]
    assert forecastability(months, 12).error[0] < 0.1
    assert forecastability(months, 1).error[0] > 0.5


def test_too_little_is_known_or_nothing_was_asked_for() -> None:
    short, ended, none = [3.0] * 7, [5.0] * 30 + [0.0] * 30, [None] * 20
    found = [forecastability(table(row)) for row in (short, ended, none)]
    assert [bool(np.isnan(each.error[0])) for each in found] == [True, True, True]
    assert [int(each.judged[0]) for each in found] == [0, 26, 0]


def test_there_may_be_no_period_at_all() -> None:
    assert np.isnan(forecastability(np.zeros((2, 0)), 52).error).all()


def test_unknown_periods_are_neither_judged_nor_learned() -> None:
    known = [4.0, 7.0, 5.0, 6.0, 9.0, 3.0, 5.0, 8.0, 6.0, 4.0]
    gaps: Values = [None, *[each for value in known for each in (value, None)]]
    assert forecastability(table(gaps)).error == pytest.approx(forecastability(table(known)).error)


def test_huge_demand_stays_finite() -> None:
    assert np.isfinite(forecastability(1e300 * np.random.default_rng(2).random((1, 30))).error).all()
