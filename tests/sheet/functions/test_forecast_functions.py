"""Forecasts in cells are those of the forecasting room, and a planner's odd ranges get a value or one line."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cells_of_demand import CELLS, ODD_CELLS, Rows, answered, column, columns, first_column, refused, row, weeks
from hypothesis import given, settings
from hypothesis import strategies as st

from invopt_xl.cache import ContentCache
from invopt_xl.forecasting import METHODS, batch, forecast
from invopt_xl.forecasting.backtest.walk import walk_forward
from invopt_xl.sheet import Answer, Run, calculate, catalogue
from invopt_xl.sheet.cells import MARK
from invopt_xl.sheet.functions import _fitted
from invopt_xl.sheet.functions.forecasts import WEEKS

RARE = np.array([0, 0, 3.0, 0, 0, 2, 0, 0, 0, 1, 0, 4, 0, 0, 0, 2, 0, 0, 3, 0, 0, 0, 0, 2, 0, 0, 1, 0, 0, 2])
MONTHS = 100 * (1 + 0.4 * np.sin(2 * np.pi * np.arange(48) / 12)) * np.random.default_rng(5).normal(1, 0.05, 48)


def explained(name: str, *given: Any) -> str:
    return str(answered("EXPLAIN", name, *given)[0][0])


@pytest.mark.parametrize("history", [weeks(1), RARE, np.zeros(20), np.array([4.0, 5.0]), np.array([7.0])])
def test_the_forecast_is_that_of_the_forecasting_room(history: np.ndarray) -> None:
    np.testing.assert_array_equal(first_column("FORECAST", column(history), 5), forecast(history, 5).expected)


def test_a_season_a_quantile_and_a_method_are_handed_on() -> None:
    made = forecast(MONTHS, 6, season=12, method="ets")
    got = first_column("FORECAST", column(MONTHS), 6, 12, 0.9, None, "ETS")
    np.testing.assert_array_equal(got, made.quantiles([0.9])[:, 0])


def test_twelve_periods_and_no_season_are_usual() -> None:
    np.testing.assert_array_equal(first_column("FORECAST", column(MONTHS)), forecast(MONTHS, 12).expected)


@pytest.mark.parametrize("method", ["auto", "ses", "tsb", "imapa", "croston", "sba"])
def test_a_flat_model_of_rare_demand_is_flat_whatever_the_horizon(method: str) -> None:
    """Draws of a thousand paths are no pattern of the item."""
    near, far = (first_column("FORECAST", column(RARE), ahead, 1, None, None, method) for ahead in (2, 12))
    assert len({*near, *far}) == 1
    (why,) = answered("EXPLAIN", "FORECAST", column(RARE), 4, 1, None, None, method)[0]
    assert f"{far[0]:,.3g} units a period" in why
    assert "The cells show the mean of each period." in why


def test_the_last_season_is_repeated_to_the_unit() -> None:
    weeks_of_months = [288.0, 301, 330, 260, 295, 288, 310, 255, 292, 293, 321, 251]
    got = first_column("FORECAST", column(weeks_of_months), 6, 4, None, None, "seasonal_naive")
    np.testing.assert_allclose(got, [292, 293, 321, 251, 292, 293], rtol=1e-12)


def test_a_history_in_a_row_gives_a_forecast_in_a_row() -> None:
    cells = answered("FORECAST", row(weeks(1)), 5)
    np.testing.assert_array_equal(cells, [forecast(weeks(1), 5).expected])


def test_columns_are_items() -> None:
    cells = answered("FORECAST", columns(weeks(1), RARE, weeks(2)), 4)
    expected = [forecast(history, 4).expected for history in (weeks(1), RARE, weeks(2))]
    np.testing.assert_array_equal(np.transpose(cells), expected)


def test_items_in_rows_are_those_in_columns_turned() -> None:
    table = columns(weeks(1), RARE)
    turned = [list(line) for line in zip(*table, strict=True)]
    cells = answered("FORECAST", turned, 4, None, None, None, None, None, "rows")
    assert cells == [list(line) for line in zip(*answered("FORECAST", table, 4), strict=True)]


def test_headers_text_numbers_and_empty_ends_change_nothing() -> None:
    plain = column(weeks(1))
    written = [["Demand"], [None], *([str(cell)] for (cell,) in plain), [None], [""]]
    assert answered("FORECAST", written, 4) == answered("FORECAST", plain, 4)


def test_empty_cells_inside_are_unknown_unless_they_are_said_to_be_zero() -> None:
    gappy = weeks(1).copy()
    gappy[[4, 9, 10, 20]] = np.nan
    np.testing.assert_array_equal(first_column("FORECAST", column(gappy), 4), forecast(gappy, 4).expected)
    zeros = first_column("FORECAST", column(gappy), 4, None, None, None, None, "zero")
    np.testing.assert_array_equal(zeros, forecast(np.nan_to_num(gappy), 4).expected)


def test_empty_cells_before_an_item_existed_are_not_zero() -> None:
    launched = np.r_[np.full(18, np.nan), weeks(2, 20, 12)]
    cells = answered("FORECAST", columns(weeks(1), launched), 4, None, None, None, None, "zero")
    np.testing.assert_allclose(np.transpose(cells)[1], forecast(launched[18:], 4).expected)


def test_an_item_without_its_latest_numbers_is_forecast_for_the_same_periods() -> None:
    late = weeks(2).copy()
    late[24:] = np.nan
    cells = answered("FORECAST", columns(weeks(1), late), 4)
    np.testing.assert_array_equal(np.transpose(cells)[1], forecast(late, 4).expected)
    assert 0.8 < np.transpose(cells)[1].mean() / weeks(2)[:24].mean() < 1.2


def test_stock_flags_are_heeded_and_empty_ones_mean_in_stock() -> None:
    sold = weeks(1).copy()
    sold[[5, 6, 7, 21]] = 0.0
    flags = np.ones(sold.size)
    flags[[5, 6, 7, 21]] = 0
    expected = forecast(sold, 4, in_stock=flags).expected
    marked = [[None if flag else 0] for flag in flags]
    for cells in (column(flags), marked, [["no" if flag == 0 else "yes"] for flag in flags]):
        np.testing.assert_array_equal(first_column("FORECAST", column(sold), 4, None, None, cells), expected)


def test_stock_flags_that_are_all_empty_mean_in_stock() -> None:
    plain = column(weeks(1))
    assert answered("FORECAST", plain, 4, None, None, [[None]] * len(plain)) == answered("FORECAST", plain, 4)


def test_stock_flags_of_another_size_are_refused() -> None:
    message = refused("FORECAST", column(weeks(1)), 4, None, None, [[1]] * 29)
    assert message == "in stock has 1 item of 29 cells; expected 1 item of 30 cells, like demand"


def test_an_empty_column_gets_its_own_line_and_leaves_the_others_alone() -> None:
    answer = calculate("FORECAST", [columns(weeks(1), np.full(30, np.nan), RARE), 3])
    top = MARK + "demand has no numbers; expected a number of at least 0 in each period"
    assert [line[1] for line in answer.cells] == [top, None, None]
    assert answer.faults == (top,)
    good = [[line[0], line[2]] for line in answer.cells]
    assert good == answered("FORECAST", columns(weeks(1), RARE), 3)


def test_a_bad_cell_costs_its_column_only() -> None:
    table = columns(weeks(1), RARE, weeks(2))
    table[3][0], table[7][2] = -5.0, "#N/A"
    answer = calculate("FORECAST", [table, 3])
    assert answer.cells[0][0] == MARK + "demand is -5 (row 4); expected a number of at least 0"
    assert answer.cells[0][2] == MARK + "demand is #N/A (row 8); expected a number of at least 0"
    assert [[line[1]] for line in answer.cells] == answered("FORECAST", column(RARE), 3)


def test_an_item_never_in_stock_is_refused_rather_than_forecast_from_what_it_could_not_sell() -> None:
    message = refused("FORECAST", column(weeks(1)), 4, None, None, [[0]] * 30)
    assert message == "in stock is FALSE wherever demand is known; expected periods in stock to learn from"


@pytest.mark.parametrize(
    ("horizon", "message"),
    [
        (-1, "horizon is -1; expected a whole number from 1 to 520"),
        (521, "horizon is 521; expected a whole number from 1 to 520"),
        (2.5, "horizon is 2.5; expected a whole number from 1 to 520"),
        ("soon", "horizon is soon; expected a whole number from 1 to 520"),
    ],
)
def test_a_horizon_out_of_bounds_is_refused(horizon: Any, message: str) -> None:
    assert refused("FORECAST", WEEKS, horizon) == message


def test_the_longest_horizon_is_forecast() -> None:
    cells = answered("FORECAST", WEEKS, 520)
    assert len(cells) == 520
    assert all(isinstance(cell, float) and cell > 0 for (cell,) in cells)


def test_a_method_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    assert refused("FORECAST", WEEKS, 4, None, None, None, "prophet") == (
        f"method is prophet; expected {', '.join(METHODS[:-1])} or {METHODS[-1]}"
    )


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 1000), st.lists(st.floats(0.01, 0.99), min_size=2, max_size=3, unique=True))
def test_higher_quantiles_are_not_lower(seed: int, levels: list[float]) -> None:
    demand = column(weeks(seed, 5, 12))
    lines = [first_column("FORECAST", demand, 3, None, level) for level in sorted(levels)]
    for low, high in pairwise(lines):
        assert (low <= high).all()


# ARIMA ----------------------------------------------------------------------------------------------------------------


def test_arima_of_given_orders_is_that_of_the_forecasting_room() -> None:
    made = forecast(MONTHS, 6, season=12, method="arima", order=(1, 0, 0), seasonal_order=(0, 1, 1))
    got = first_column("ARIMA", column(MONTHS), 1, 0, 0, 6, 12, 0, 1, 1)
    np.testing.assert_array_equal(got, made.expected)
    got = first_column("ARIMA", column(MONTHS), 1, 0, 0, 6, 12, 0, 1, 1, 0.95)
    np.testing.assert_array_equal(got, made.quantiles([0.95])[:, 0])
    assert explained("ARIMA", column(MONTHS), 1, 0, 0, 6, 12, 0, 1, 1).startswith("ARIMA(1,0,0)(0,1,1)[12]: smooth")


def test_orders_of_zero_are_the_mean_model() -> None:
    made = forecast(weeks(1), 4, method="arima", order=(0, 0, 0))
    np.testing.assert_array_equal(first_column("ARIMA", column(weeks(1)), 0, 0, 0, 4), made.expected)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((column(weeks(1)), 6, 0, 0), "p is 6; expected a whole number from 0 to 5"),
        ((column(weeks(1)), None, 0, 0), "p is missing; expected a whole number from 0 to 5"),
        (
            (column(weeks(1)), 0, 2, 0, 4, 12, 0, 1),
            "ARIMA orders: 2 and 1 differences given; expected at most 2 together",
        ),
        (
            (column(weeks(1)), 0, 1, 1, 4, None, 0, 1, 1),
            "ARIMA seasonal order: (0, 1, 1) given; expected a season of at least 2 with it",
        ),
        (
            (column(weeks(1)), 0, 1, 1, 4, 52, 0, 1, 1),
            "season is 52; expected at most 24 with seasonal orders; leave them out",
        ),
        (
            (column(weeks(1)[:13]), 5, 1, 5),
            "ARIMA orders: 13 periods of history; these orders need at least 15",
        ),
        (
            (column(weeks(1)[:22]), 1, 0, 0, 4, 12, 1, 0, 0),
            "ARIMA orders: 22 periods of history; seasonal ones need at least 24",
        ),
        (
            (column(weeks(1)[:10]), 1, 0, 0),
            "ARIMA orders: they cannot be estimated here (smooth demand over 10 periods, too few for more than the "
            "Theta method)",
        ),
        (
            (column(np.full(20, 7.0)), 1, 0, 0),
            "ARIMA orders: they cannot be estimated here (constant over 20 periods: a small change is allowed for)",
        ),
    ],
)  # fmt: skip
def test_orders_that_a_history_cannot_bear_are_refused(given: tuple[Any, ...], message: str) -> None:
    assert refused("ARIMA", *given) == message


def test_a_history_too_short_for_the_orders_leaves_the_others_alone() -> None:
    short = np.r_[np.full(20, np.nan), weeks(2)[:10]]
    answer = calculate("ARIMA", [columns(weeks(1), short), 0, 1, 1, 3])
    assert answer.cells[0][1] is not None
    assert str(answer.cells[0][1]).startswith(MARK + "ARIMA orders: ")
    assert [[line[0]] for line in answer.cells] == answered("ARIMA", column(weeks(1)), 0, 1, 1, 3)


# FORECAST_MODEL -------------------------------------------------------------------------------------------------------


def test_the_model_is_told_with_its_reason_and_what_else_was_found() -> None:
    sold = weeks(1).copy()
    sold[5] = 500.0
    flags = np.ones(sold.size)
    flags[9] = 0
    made = forecast(sold, 12, in_stock=flags)
    ((model, reason, notes),) = answered("FORECAST_MODEL", column(sold), None, None, column(flags))
    assert (model, f"{reason}; {notes}") == (made.model, made.reason)
    assert reason == "smooth demand over 29 periods"
    assert notes.startswith("1 outlier of up to 500: 500 cut to")
    assert notes.endswith("1 stock-out period estimated from its neighbours")


def test_a_short_history_is_called_short() -> None:
    assert answered("FORECAST_MODEL", [[4], [5], [6], [4], [5]]) == [
        ["mean", "only 5 periods of history: their mean, with the doubt of so few", ""]
    ]


def test_a_season_that_the_history_is_too_short_for_is_told() -> None:
    ((_, _, notes),) = answered("FORECAST_MODEL", column(weeks(1)), None, 52)
    assert notes == "no season used: 30 periods of history, one of 52 needs 104"
    assert notes in explained("FORECAST", column(weeks(1)), None, 52)
    assert answered("FORECAST_MODEL", column(MONTHS), None, 12)[0][2] == ""


def test_items_forecast_in_parts_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    table = columns(weeks(1), RARE, weeks(2))
    together = answered("FORECAST", table, 4)
    monkeypatch.setattr(_fitted, "TOGETHER", 1)
    monkeypatch.setattr(_fitted, "FEWEST_TOGETHER", 2)
    assert answered("FORECAST", table, 4) == together


def test_models_of_columns_stand_below_each_other_item_by_item() -> None:
    cells = answered("FORECAST_MODEL", columns(weeks(1), RARE))
    turned = [list(line) for line in zip(*cells, strict=True)]
    assert [line[0] for line in turned] == [forecast(weeks(1), 12).model, "SES/TSB/IMAPA"]


def test_the_reason_of_a_forecast_names_its_model() -> None:
    made = forecast(RARE, 4)
    assert explained("FORECAST", column(RARE), 4).startswith(f"{made.model}: {made.reason}.")
    assert explained("FORECAST_MODEL", column(RARE), 4).startswith(f"{made.model}: {made.reason}.")


def test_reasons_of_columns_stand_under_them_and_a_bad_column_has_its_own_line() -> None:
    table = columns(weeks(1), np.full(30, np.nan), RARE)
    (line,) = calculate("EXPLAIN", ["FORECAST", table, 4]).cells
    assert line[0].startswith("ARIMA(")
    assert line[1] == MARK + "demand has no numbers; expected a number of at least 0 in each period"
    assert line[2].startswith("SES/TSB/IMAPA: intermittent demand")


def test_a_forecast_and_its_model_are_fitted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ContentCache(tmp_path) as cache:
        run = Run(cache=cache)
        first = calculate("FORECAST", [columns(weeks(1), RARE), 4], run)
        monkeypatch.setattr(batch, "solve_here", None)  # whoever fits now stumbles
        again = calculate("FORECAST", [column(RARE), 4], run)
        assert again.cells == [[line[1]] for line in first.cells]
        assert not calculate("FORECAST", [column(weeks(1)), 4, None, 0.9], run).faults
        assert not calculate("FORECAST_MODEL", [column(weeks(1)), 4], run).faults
        assert not calculate("EXPLAIN", ["FORECAST", column(weeks(1)), 4], run).faults


# FORECAST_ACCURACY ----------------------------------------------------------------------------------------------------


def test_accuracy_is_that_of_a_back_test() -> None:
    history = weeks(3, periods=40)
    test = walk_forward([history], 4, 3, methods=("theta",)).by_item().iloc[0]
    (line,) = answered("FORECAST_ACCURACY", column(history), 4, None, 3, None, "theta")
    fields = catalogue()["FORECAST_ACCURACY"].result.fields
    np.testing.assert_array_equal(line, [test[name] for name in fields])


def test_a_perfectly_repeating_history_is_forecast_without_error() -> None:
    """The season before is right by construction."""
    history = np.tile([10.0, 20.0, 30.0, 40.0], 8)
    windows, wape, bias, *_ = answered("FORECAST_ACCURACY", column(history), 4, 4, 3, None, "seasonal_naive")[0]
    assert windows == 3
    assert (wape, bias) == pytest.approx((0, 0), abs=0.02)


def test_windows_without_history_before_them_are_not_counted() -> None:
    windows, *_ = answered("FORECAST_ACCURACY", column(weeks(1)[:20]), 6, None, 4, None, "median")[0]
    assert windows == 2


def test_too_short_a_history_is_not_judged() -> None:
    assert refused("FORECAST_ACCURACY", column(weeks(1)[:10]), 6) == (
        "history does not suffice to test 6 periods ahead: "
        "the newest window has 4 known periods before it; 8 are needed"
    )


def test_a_short_item_among_others_gets_its_own_line() -> None:
    short = np.r_[np.full(22, np.nan), weeks(2)[:8]]
    answer = calculate("FORECAST_ACCURACY", [columns(weeks(1), short, RARE), 4, None, 2, None, "ses"])
    assert str(answer.cells[0][1]).startswith(MARK + "history does not suffice to test 4 periods ahead")
    assert answer.cells[0][0] == answer.cells[0][2] == 2


def test_scaled_measures_of_a_history_that_never_changed_are_not_available() -> None:
    line = answered("FORECAST_ACCURACY", column(np.full(20, 5.0)), 4, None, 2)[0]
    assert line[3] == line[4] == "#N/A"
    why = explained("FORECAST_ACCURACY", column(np.full(20, 5.0)), 4, None, 2)
    assert why.startswith("2 windows of 4 periods forecast by SES; errors of")
    assert "nan" not in why


# Anything -------------------------------------------------------------------------------------------------------------


def assert_fit_for_cells(answer: Answer) -> None:
    assert answer.trace == ""
    for line in answer.cells:
        for cell in line:
            assert cell is None or isinstance(cell, int | float | str)
            if isinstance(cell, str) and cell.startswith("#"):
                assert "\n" not in cell
                assert "history 1 of" not in cell


def tables(cells: st.SearchStrategy[Any]) -> st.SearchStrategy[Rows]:
    """Return ranges of up to three items and twenty periods."""
    sizes = st.tuples(st.integers(1, 20), st.integers(1, 3))
    return sizes.flatmap(
        lambda size: st.lists(st.lists(cells, min_size=size[1], max_size=size[1]), min_size=size[0], max_size=size[0])
    )


OTHERS: dict[str, tuple[Any, ...]] = {
    "FORECAST": (3, 4, 0.9), "FORECAST_MODEL": (2, 4), "FORECAST_ACCURACY": (2, 1, 2, None, "median"),
    "ARIMA": (1, 0, 1, 3, 4, 0, 0, 1),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
@settings(deadline=None, max_examples=20)
@given(table=tables(CELLS))
def test_any_history_gives_values_or_one_line(name: str, table: Rows) -> None:
    assert_fit_for_cells(calculate(name, [table, *OTHERS[name]]))


@pytest.mark.parametrize("name", OTHERS)
@settings(deadline=None, max_examples=20)
@given(table=tables(ODD_CELLS), flags=st.none() | tables(st.sampled_from([0, 1, True, None, "no", "maybe", 2])))
def test_anything_in_cells_gives_values_or_one_line(name: str, table: Rows, flags: Rows | None) -> None:
    arguments = {argument.name: None for argument in catalogue()[name].arguments}
    arguments |= dict(zip(arguments, [table, *OTHERS[name]], strict=False)) | {"in_stock": flags}
    assert_fit_for_cells(calculate(name, list(arguments.values())))
