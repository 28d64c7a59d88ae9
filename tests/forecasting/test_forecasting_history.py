import numpy as np
import pytest
from demand_series import monthly, weekly

from invopt_xl.errors import InputError
from invopt_xl.forecasting.cleaning.history import PeriodState, clean_history

nan = np.nan


def test_sales_of_a_stock_out_are_never_learned_as_zero_demand() -> None:
    history = np.array([20.0, 22, 18, 0, 0, 21, 19, 20])
    clean = clean_history(history, history > 0)
    assert (clean.values[3:5] > 15).all()
    assert clean.known.tolist() == [True, True, True, False, False, True, True, True]
    assert clean.notes == ("2 stock-out periods estimated from their neighbours",)


def test_demand_of_a_stock_out_is_at_least_what_was_sold() -> None:
    clean = clean_history(np.array([5.0, 20, 5, 5]), np.array([True, False, True, True]))
    assert clean.values[1] >= 20


def test_unknown_periods_are_estimated_and_those_before_the_first_record_dropped() -> None:
    clean = clean_history(np.array([nan, nan, 4.0, nan, 6.0]))
    assert clean.values.tolist() == [4.0, 5.0, 6.0]
    assert clean.start == 2
    assert clean.notes == ("1 unknown period estimated from its neighbours",)


def test_a_missing_period_is_not_a_period_without_sales() -> None:
    history = np.full(20, 10.0)
    history[5], history[12] = nan, 0.0
    clean = clean_history(history, season=1)
    assert clean.states[5] == PeriodState.MISSING
    assert clean.values[5] > 9
    assert clean.states[12] == PeriodState.OUTLIER
    assert clean.known[12]
    assert clean.recorded[12] == 0


def test_zeros_before_the_launch_of_a_steady_seller_are_left_out() -> None:
    clean = clean_history(np.r_[np.zeros(30), np.full(10, 8.0)])
    assert clean.values.tolist() == [8.0] * 10
    assert clean.start == 30
    assert clean.notes == ("first sold 10 periods ago",)


def test_zeros_before_the_first_sale_of_a_slow_mover_are_history() -> None:
    assert clean_history(np.array([0.0, 0, 0, 5, 0, 0, 0, 0, 5, 0])).values.size == 10


def test_a_discontinued_item_keeps_its_zeros() -> None:
    history = np.r_[weekly(1, 30.0, 40), np.zeros(13)]
    clean = clean_history(history)
    assert clean.values[-13:].sum() == 0
    assert clean.notes == ()
    assert clean.shifts == ()


@pytest.mark.parametrize("history", [monthly(1), weekly(2), np.zeros(12), np.full(40, 7.0), np.arange(1.0, 54), [5.0]])
def test_a_history_without_oddities_is_left_alone(history: np.ndarray) -> None:
    clean = clean_history(np.asarray(history), season=12)
    np.testing.assert_array_equal(clean.values, history)
    assert clean.known.all()
    assert not clean.states.any()
    assert clean.notes == ()


def test_an_item_never_in_stock_keeps_its_sales() -> None:
    clean = clean_history(np.array([2.0, nan, 3.0]), np.zeros(3, dtype=bool))
    assert clean.values.tolist() == [2, 0, 3]
    assert clean.notes == ("never in stock, so sales are only a lower bound",)


@pytest.mark.parametrize(
    ("history", "message"),
    [
        ([1.0, -2.0], "demand in period 2 of 2 is -2; expected zero to 1e+30, or NaN where unknown"),
        ([np.inf, 1.0], "demand in period 1 of 2 is inf; expected zero to 1e+30, or NaN where unknown"),
        ([1e300], "demand in period 1 of 1 is 1e+300; expected zero to 1e+30, or NaN where unknown"),
        ([[1.0, 2.0]], "demand history has 2 dimensions; expected one row of periods"),
        (["many"], "demand history is not numeric ('many'); "
                   "expected a number per period"),
    ],
)  # fmt: skip
def test_demand_that_cannot_be_is_named(history: list[object], message: str) -> None:
    with pytest.raises(InputError) as raised:
        clean_history(history)  # type: ignore[arg-type]
    assert str(raised.value) == message


def test_flags_of_another_length_are_named() -> None:
    with pytest.raises(InputError, match="in_stock has 1 periods; expected 2, as many as the history"):
        clean_history(np.array([1.0, 2.0]), np.array([True]))
    with pytest.raises(InputError, match="explained has 3 periods; expected 2, as many as the history"):
        clean_history(np.array([1.0, 2.0]), explained=np.zeros(3, dtype=bool))
    with pytest.raises(InputError, match="season is 0"):
        clean_history(np.array([1.0, 2.0]), season=0)


def test_the_given_history_is_left_as_it_was() -> None:
    history = np.array([1.0, nan, 3.0, 0.0])
    clean_history(history, np.array([True, True, True, False]))
    np.testing.assert_array_equal(history, [1.0, nan, 3.0, 0.0])
