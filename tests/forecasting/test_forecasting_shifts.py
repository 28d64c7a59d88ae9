import numpy as np
import pytest
from demand_series import autoregressive, monthly, random_walk, weekly

from invopt_xl.forecasting.cleaning.history import clean_history
from invopt_xl.forecasting.cleaning.shifts import LevelShift, find_shifts, levelled


def seasonal(seed: int, years: int = 5) -> np.ndarray:
    season = 1 + 0.3 * np.sin(2 * np.pi * np.arange(12 * years) / 12)
    return np.random.default_rng(seed).poisson(60 * season).astype(float)


@pytest.mark.parametrize("factor", [2.0, 3.0, 0.5])
def test_a_listing_that_changed_demand_nine_months_ago_is_found(factor: float) -> None:
    right = 0
    for seed in range(20):
        history = seasonal(seed)
        history[-9:] = np.rint(history[-9:] * factor)
        shifts = clean_history(history, season=12).shifts
        right += len(shifts) == 1 and abs(shifts[0].periods_ago - 9) <= 1 and 0.8 < shifts[0].factor / factor < 1.25
    assert right >= 19


def test_the_levelled_history_keeps_season_and_noise_and_has_one_level() -> None:
    before = seasonal(3)
    history = before.copy()
    history[-9:] *= 2
    clean = clean_history(history, season=12)
    np.testing.assert_array_equal(clean.values, history)
    np.testing.assert_allclose(clean.levelled, 2 * before, rtol=0.15)
    np.testing.assert_array_equal(clean.levelled[-9:], history[-9:])
    (note,) = clean.shift_notes
    assert note.startswith(("level 1.9", "level 2"))
    assert note.endswith(" times as high since 9 periods ago")


def test_a_step_up_and_down_again_is_two_steps() -> None:
    history = np.random.default_rng(4).poisson(80, 72).astype(float)
    history[30:50] *= 2
    up, down = clean_history(history).shifts
    assert (up.periods_ago, down.periods_ago) == (42, 22)
    assert up.factor == pytest.approx(2, rel=0.15)
    assert down.factor == pytest.approx(0.5, rel=0.15)
    assert np.ptp(clean_history(history).levelled) < 80


def test_the_factor_of_a_step_is_that_of_all_regimes_to_the_newest() -> None:
    values = np.array([1.0, 1, 2, 2, 6, 6])
    assert levelled(values, (LevelShift(4, 2.0), LevelShift(2, 3.0))) == pytest.approx(np.full(6, 6.0))
    assert levelled(values, ()) is values


@pytest.mark.parametrize(
    "history",
    [
        np.arange(1.0, 61),
        1.05 ** np.arange(60),
        np.full(60, 5.0),
        np.r_[np.zeros(59), 5.0],
        np.tile([0.0, 20], 30),
        np.random.default_rng(5).lognormal(2, 2, 60),
        np.r_[np.full(10, 5.0), np.full(10, 50.0)],
    ],
    ids=["line", "growth", "constant", "one sale", "every other", "wild", "short"],
)
def test_what_is_short_wild_rare_or_a_trend_has_no_step(history: np.ndarray) -> None:
    assert clean_history(history, season=12).shifts == ()


def test_a_step_in_the_newest_or_oldest_periods_is_not_yet_one() -> None:
    history = weekly(6, 100.0, 60)
    history[-4:] *= 2
    history[:4] *= 2
    assert clean_history(history).shifts == ()


def test_noise_seasons_and_wandering_levels_are_hardly_ever_taken_for_steps() -> None:
    made = (weekly, lambda seed: monthly(seed), seasonal, autoregressive, random_walk)
    found = sum(len(clean_history(one(seed), season=12).shifts) for seed in range(30) for one in made)
    assert found / 150 <= 0.03


def test_a_perfect_step_is_found_where_it_is() -> None:
    (step,) = find_shifts(np.r_[np.full(20, 10.0), np.full(20, 30.0)], np.ones(40, dtype=bool), 1)
    assert step.periods_ago == 20
    assert step.factor == pytest.approx(3)
