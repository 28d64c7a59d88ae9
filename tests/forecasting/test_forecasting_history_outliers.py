import numpy as np
import pytest
from demand_series import monthly, weekly
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from invopt_xl.forecasting.cleaning.history import PeriodState, clean_history
from invopt_xl.forecasting.cleaning.outliers import believable


def test_a_millionfold_outlier_is_cut_and_named_with_its_period() -> None:
    history = weekly(1)
    history[20] = 30e6
    clean = clean_history(history)
    assert clean.values[20] < 30 * 3
    assert clean.states[20] == PeriodState.OUTLIER
    assert clean.recorded[20] == 30e6
    assert clean.notes == (f"1 outlier of up to 3e+07: 3e+07 cut to {clean.values[20]:.4g} (33 periods ago)",)


def test_a_quiet_month_of_three_times_its_season_is_cut_to_near_it() -> None:
    history = monthly(1)
    quiet = int(np.argmin(history[24:36])) + 24
    history[quiet] *= 3
    clean = clean_history(history, season=12)
    assert clean.states[quiet] == PeriodState.OUTLIER
    assert history[quiet - 12] < clean.values[quiet] < 2 * history[quiet - 12]


def test_promotions_that_come_back_are_no_outliers() -> None:
    history = np.full(52, 10.0)
    history[::10] = 90.0
    assert clean_history(history).notes == ()


@pytest.mark.parametrize("years", [3, 5, 8])
def test_a_peak_of_every_december_is_no_outlier(years: int) -> None:
    history = np.random.default_rng(years).poisson(100, 12 * years).astype(float)
    history[11::12] *= 6
    assert clean_history(history, season=12).notes == ()


def test_a_december_without_its_peak_is_not_raised_to_it() -> None:
    history = np.random.default_rng(1).poisson(100, 60).astype(float)
    history[11::12] *= 6
    history[35] = 100
    clean = clean_history(history, season=12)
    assert clean.states[35] == PeriodState.OUTLIER
    assert 100 < clean.values[35] < 450


def test_a_promotion_that_the_caller_explains_is_kept() -> None:
    history = weekly(3)
    history[30] = 200
    explained = np.arange(53) == 30
    assert clean_history(history).states[30] == PeriodState.OUTLIER
    kept = clean_history(history, explained=explained)
    assert kept.values[30] == 200
    assert kept.notes == ()


def promoted(seed: int, places: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Return weekly demand that doubles in promotions, and where they are."""
    explained = np.isin(np.arange(104), places)
    return np.round(weekly(seed, periods=104) * np.where(explained, 2.0, 1.0)), explained


@pytest.mark.parametrize("places", [[40], [10, 40], [10, 40, 70], list(range(4, 104, 9))])
def test_a_slip_of_the_pen_in_a_promotion_is_cut_to_what_others_reached(places: list[int]) -> None:
    history, explained = promoted(11, places)
    assert clean_history(history, explained=explained).notes == ()
    slip = history.copy()
    slip[40] *= 100
    clean = clean_history(slip, explained=explained)
    assert np.flatnonzero(clean.states == PeriodState.OUTLIER).tolist() == [40]
    assert history[40] / 2 < clean.values[40] < 3 * history[40]
    assert clean.notes[0].startswith(f"1 outlier of up to {slip[40]:,.6g}: ")


def test_two_slips_in_promotions_are_both_cut() -> None:
    history, explained = promoted(12, list(range(4, 104, 9)))
    history[[13, 40]] *= [100, 3000]
    clean = clean_history(history, explained=explained)
    assert np.flatnonzero(clean.states == PeriodState.OUTLIER).tolist() == [13, 40]
    assert (clean.values[[13, 40]] < 150).all()


@pytest.mark.parametrize("peaks", [[15.0], [2.0, 15.0], [2.0, 2.5, 11.0, 19.0], [2.0, 2.5, 15.0] * 3])
def test_promotions_of_very_different_success_are_kept_whole(peaks: list[float]) -> None:
    history = weekly(13, periods=104)
    places = 5 + 9 * np.arange(len(peaks))
    history[places] *= peaks
    clean = clean_history(history, explained=np.isin(np.arange(104), places))
    assert clean.values[places].tolist() == history[places].tolist()


def test_a_slip_in_a_promotion_of_rare_demand_is_cut() -> None:
    history = np.zeros(60)
    history[::5] = np.random.default_rng(6).integers(3, 8, 12)
    explained = np.arange(60) % 15 == 0
    history[30] = 12
    assert clean_history(history, explained=explained).notes == ()
    history[30] = 700
    assert clean_history(history, explained=explained).values[30] < 60


def test_a_month_of_strike_is_raised_gently_and_named() -> None:
    history = monthly(2)
    history[40] = 3.0
    clean = clean_history(history, season=12)
    assert clean.known[40]
    assert 0.4 * history[28] < clean.values[40] < history[28]
    assert clean.notes == (f"1 outlier as low as 3: 3 raised to {clean.values[40]:.4g} (32 periods ago)",)


def test_a_fall_of_two_periods_at_the_end_is_not_taken_for_an_outlier() -> None:
    history = weekly(4)
    history[-2:] = 2
    assert clean_history(history).notes == ()


def test_a_rise_of_two_periods_at_the_end_may_be_a_new_level_and_is_kept() -> None:
    history = weekly(5)
    history[-2:] *= 3
    assert clean_history(history).notes == ()
    history[-1] = 1e6
    assert clean_history(history).states[-1] == PeriodState.OUTLIER


def test_one_newest_period_far_above_all_others_is_not_yet_a_level() -> None:
    history = weekly(5)
    history[-1] *= 3
    clean = clean_history(history)
    assert clean.states[-1] == PeriodState.OUTLIER
    assert clean.values[-1] < 0.8 * history[-1]


def test_steep_growth_has_no_outliers() -> None:
    assert clean_history(1.15 ** np.arange(53)).notes == ()
    assert clean_history(1.15 ** -np.arange(53.0), season=12).notes == ()


def test_the_sizes_of_rare_demand_are_judged_by_all_of_them() -> None:
    history = np.zeros(60)
    history[::5] = np.random.default_rng(6).integers(3, 8, 12)
    assert clean_history(history).notes == ()
    history[25] = 5000
    clean = clean_history(history)
    assert clean.values[25] < 60
    assert clean.values[np.arange(60) != 25].tolist() == history[np.arange(60) != 25].tolist()


def test_of_many_outliers_the_newest_three_are_named() -> None:
    history = np.random.default_rng(7).poisson(500, 120).astype(float)
    history[[10, 30, 50, 70, 90]] = [24, 23, 22, 21, 20]
    (note,) = clean_history(history).notes
    assert note.startswith("5 outliers as low as 20: 20 raised to ")
    assert "30 periods ago), 21" in note
    assert note.endswith("70 periods ago), 2 more")


def test_peaks_that_come_three_times_are_part_of_demand() -> None:
    history = np.random.default_rng(7).poisson(50, 120).astype(float)
    history[[10, 50]] = [500, 540]
    assert (clean_history(history).states == PeriodState.OUTLIER).sum() == 2
    history[90] = 520
    assert clean_history(history).notes == ()


def test_one_peak_far_above_those_that_recur_is_brought_down_to_them() -> None:
    history = np.random.default_rng(7).poisson(50, 120).astype(float)
    history[[10, 30, 50, 70]] = [500, 510, 520, 5e6]
    clean = clean_history(history)
    assert np.flatnonzero(clean.states == PeriodState.OUTLIER).tolist() == [70]
    assert 500 < clean.values[70] < 1000


def test_seasonal_noise_of_any_kind_is_hardly_ever_touched() -> None:
    rng = np.random.default_rng(8)
    season = 1 + 0.9 * np.sin(2 * np.pi * np.arange(72) / 12)
    touched = 0
    for _ in range(40):
        for history in (
            rng.poisson(30 * season).astype(float),
            rng.poisson(3, 72).astype(float),
            100 * season * rng.lognormal(0, 0.2, 72),
            100 * np.exp(np.cumsum(rng.normal(0, 0.1, 72))),
        ):
            touched += int((clean_history(history, season=12).states == PeriodState.OUTLIER).sum())
    assert touched / (40 * 4 * 72) < 0.002


def test_a_quantity_typed_with_a_digit_too_many_is_unknown_and_all_others_stay() -> None:
    history = np.random.default_rng(7).poisson(8, (2, 60)).astype(float)
    history[1, 40] = 88
    known = believable(history)
    assert np.argwhere(np.isnan(known)).tolist() == [[1, 40]]
    assert (known == history).sum() == history.size - 1


def test_sizes_that_come_back_or_are_as_wide_as_the_others_or_of_few_demands_are_believed() -> None:
    rng = np.random.default_rng(8)
    recurs = rng.poisson(8, 60).astype(float)
    recurs[[10, 30, 50]] = 400
    wide = np.exp(rng.normal(2, 1.2, 60))
    few = np.zeros(60)
    few[[5, 15, 25, 35]] = [1, 1, 1, 400]
    gaps = np.where(rng.random(60) < 0.3, np.nan, rng.poisson(3, 60))
    for history in (recurs, wide, few, gaps):
        assert np.array_equal(believable(history[None]), history[None], equal_nan=True)


@given(
    arrays(np.float64, st.tuples(st.integers(0, 3), st.integers(0, 30)), elements=st.floats(0, 1e12) | st.just(np.nan))
)
def test_belief_only_ever_takes_the_largest_two_sizes_of_an_item(history: np.ndarray) -> None:
    known = believable(history)
    lost = np.isnan(known) & ~np.isnan(history)
    assert np.array_equal(known[~lost], history[~lost], equal_nan=True)
    for before, gone in zip(history, lost, strict=True):
        assert gone.sum() <= 2
        assert not gone.any() or before[gone].min() > np.nanmax(np.where(gone, np.nan, before))
