import numpy as np
import pytest

from invopt_xl.errors import InputError
from invopt_xl.forecasting import clean_history

nan = np.nan


def test_sales_of_a_stock_out_are_never_learned_as_zero_demand() -> None:
    history = np.array([20.0, 22, 18, 0, 0, 21, 19, 20])
    clean = clean_history(history, history > 0)
    assert (clean.values[3:5] > 15).all()
    assert clean.known.tolist() == [True, True, True, False, False, True, True, True]
    assert clean.notes == ("2 stock-out periods estimated from their neighbours",)


def test_demand_of_a_stock_out_is_at_least_what_was_sold() -> None:
    clean = clean_history(np.array([5.0, 20, 5, 5]), np.array([True, False, True, True]))
    assert clean.values[1] == 20


def test_a_stock_out_is_estimated_from_the_nearest_four_periods_on_each_side() -> None:
    history = np.r_[np.full(20, 1.0), [9.0, 10, 11, 12, 0, 13, 14, 15, 16], np.full(20, 2.0)]
    in_stock = np.ones(history.size, dtype=bool)
    in_stock[24] = False
    assert clean_history(history, in_stock).values[24] == np.mean([9, 10, 11, 12, 13, 14, 15, 16])


def test_unknown_periods_are_estimated_and_those_before_the_first_record_dropped() -> None:
    clean = clean_history(np.array([nan, nan, 4.0, nan, 6.0]))
    assert clean.values.tolist() == [4.0, 5.0, 6.0]
    assert clean.notes == ("1 unknown period estimated from its neighbours",)


def test_zeros_before_the_launch_of_a_steady_seller_are_left_out() -> None:
    clean = clean_history(np.r_[np.zeros(30), np.full(10, 8.0)])
    assert clean.values.tolist() == [8.0] * 10
    assert clean.notes == ("first sold 10 periods ago",)


def test_zeros_before_the_first_sale_of_a_slow_mover_are_history() -> None:
    assert clean_history(np.array([0.0, 0, 0, 5, 0, 0, 0, 0, 5, 0])).values.size == 10


def test_a_millionfold_outlier_is_cut_and_named() -> None:
    history = np.random.default_rng(1).poisson(30, 53).astype(float)
    history[20] = 30e6
    clean = clean_history(history)
    assert clean.values[20] < 30 * 7
    assert clean.notes[0].startswith("1 outlier of up to 3e+07 cut to ")


def test_promotions_that_come_back_are_no_outliers() -> None:
    history = np.full(52, 10.0)
    history[::10] = 90.0
    assert clean_history(history).notes == ()


@pytest.mark.parametrize(
    ("history", "message"),
    [
        ([1.0, -2.0], "demand in period 2 of 2 is -2; expected zero to 1e+30, or NaN where unknown"),
        ([np.inf, 1.0], "demand in period 1 of 2 is inf; expected zero to 1e+30, or NaN where unknown"),
        ([1e300], "demand in period 1 of 1 is 1e+300; expected zero to 1e+30, or NaN where unknown"),
        ([[1.0, 2.0]], "demand history has 2 dimensions; expected one row of periods"),
        (["many"], "demand history is not numeric (could not convert string to float: 'many'); "
                   "expected a number per period"),
    ],
)  # fmt: skip
def test_demand_that_cannot_be_is_named(history: list[object], message: str) -> None:
    with pytest.raises(InputError) as raised:
        clean_history(history)  # type: ignore[arg-type]
    assert str(raised.value) == message


def test_stock_flags_of_another_length_are_named() -> None:
    with pytest.raises(InputError, match="in_stock has 1 periods; expected 2, as many as the history"):
        clean_history(np.array([1.0, 2.0]), np.array([True]))


def test_the_given_history_is_left_as_it_was() -> None:
    history = np.array([1.0, nan, 3.0, 0.0])
    clean_history(history, np.array([True, True, True, False]))
    np.testing.assert_array_equal(history, [1.0, nan, 3.0, 0.0])
