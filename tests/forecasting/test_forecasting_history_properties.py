"""What holds for the cleaning of any history."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.forecasting.cleaning.baselines import BoolArray
from invopt_xl.forecasting.cleaning.history import PeriodState, clean_history

PERIODS = 60
histories = arrays.arrays(
    np.float64,
    st.integers(0, PERIODS),
    elements=st.one_of(
        st.just(0.0), st.just(np.nan), st.floats(0, 1e30), st.integers(0, 20).map(float), st.floats(90, 110)
    ),
)
flags = st.lists(st.booleans(), min_size=PERIODS, max_size=PERIODS).map(lambda given: np.array(given, dtype=bool))
seasons = st.sampled_from([1, 4, 12, 52])


@settings(deadline=None, max_examples=300)
@given(history=histories, stocked=flags, explained=flags, season=seasons)
def test_any_history_becomes_complete_demand(
    history: FloatArray, stocked: BoolArray, explained: BoolArray, season: int
) -> None:
    in_stock, told = stocked[: history.size], explained[: history.size]
    clean = clean_history(history, in_stock, season, told)
    left = history[clean.start :]
    assert clean.values.size == clean.known.size == clean.states.size == clean.recorded.size == left.size
    assert np.isfinite(clean.values).all()
    assert (clean.values >= 0).all()
    assert np.isfinite(clean.levelled).all()
    assert (clean.levelled >= 0).all()
    state = clean.states
    outliers = state == PeriodState.OUTLIER
    np.testing.assert_array_equal(state == PeriodState.MISSING, np.isnan(clean.recorded))
    assert not clean.known[(state == PeriodState.STOCK_OUT) | (state == PeriodState.MISSING)].any()
    slips = outliers & told[clean.start :]
    assert slips.sum() <= 2
    assert (clean.values[slips & clean.known] < clean.recorded[slips & clean.known]).all()
    sold = np.where(np.isnan(clean.recorded), 0.0, clean.recorded)
    assert (clean.values[~clean.known & ~outliers] >= sold[~clean.known & ~outliers]).all()
    np.testing.assert_array_equal(clean.values[state == PeriodState.OBSERVED], sold[state == PeriodState.OBSERVED])
    if clean.known.any() and state.any():
        assert clean.notes


@settings(deadline=None, max_examples=100)
@given(history=histories.map(lambda given: np.where(given < 1e-3, 0.0, np.minimum(given, 1e20))), stocked=flags,
       season=seasons, power=st.integers(-10, 20))  # fmt: skip
def test_demand_in_another_unit_is_cleaned_alike(
    history: FloatArray, stocked: BoolArray, season: int, power: int
) -> None:
    scale = 2.0**power
    clean = clean_history(history, stocked[: history.size], season)
    scaled = clean_history(history * scale, stocked[: history.size], season)
    np.testing.assert_array_equal(scaled.states, clean.states)
    np.testing.assert_allclose(scaled.values, clean.values * scale, rtol=1e-6, atol=1e-9 * scale)
    assert [shift.periods_ago for shift in scaled.shifts] == [shift.periods_ago for shift in clean.shifts]


@pytest.mark.parametrize("seed", range(10))
def test_clean_demand_is_clean(seed: int) -> None:
    rng = np.random.default_rng(seed)
    history = rng.poisson(50 * (1 + 0.4 * np.sin(np.arange(72) * np.pi / 6))).astype(float)
    history[rng.integers(0, 60, 2)] *= 8
    once = clean_history(history, season=12)
    # Demand stays counted in whole units, which has its own least variation.
    counted = np.rint(once.values)
    np.testing.assert_allclose(clean_history(counted, season=12).values, counted, rtol=0.1)


@settings(deadline=None, max_examples=100)
@given(history=histories.map(np.nan_to_num), season=seasons)
def test_notes_are_made_only_where_something_was_done(history: FloatArray, season: int) -> None:
    clean = clean_history(history, season=season)
    done = bool(clean.states.any()) or clean.start > 0 or bool(((history > 0) & (history < 1e-9)).any())
    assert bool(clean.notes) == done
