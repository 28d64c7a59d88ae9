"""Early warning as tables: each item's chance with its reason, and the trial of the past that adds up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pandas as pd
import pytest

from invopt_xl.errors import InputError
from invopt_xl.forecasting.ending import demand_endings, exposures, fit_ending_model, intervals_seen
from invopt_xl.plan.columns import EARLY_WARNING, ENDED_ITEMS, WARNING_LIFT, WARNING_RELIABILITY, WARNING_TRIAL
from invopt_xl.plan.early_warning import early_warning, warnings_of
from invopt_xl.plan.early_warning_trial import ALL, METHODS, WarningTrial, early_warning_backtest
from invopt_xl.plan.excess.ageing import days_since_sale
from invopt_xl.plan.histories import Histories
from invopt_xl.plan.parameters import Parameters

WEEKLY = Parameters(date(2024, 1, 1))
ITEMS = 400


@cache
def sales() -> Histories:
    """Return items asked for at random for 70 weeks, each demand with a chance of one in sixty to be the last."""
    rng = np.random.default_rng(9)
    sold = rng.random((ITEMS, 70)) < rng.beta(3, 2, ITEMS)[:, None]
    ends = sold & (rng.random(sold.shape) < 1 / 60)
    sold &= np.cumsum(ends, axis=1) - ends == 0
    return histories_of(sold * rng.integers(1, 9, sold.shape).astype(float))


def histories_of(quantity: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> Histories:
    no, none = np.zeros(quantity.shape, dtype=bool), np.full((len(quantity), 0), np.nan)
    first = np.zeros(len(quantity), dtype=np.int64)
    rows = no.astype(np.int64)
    return Histories(quantity, ~no, no, np.full(quantity.shape, 2.5), rows, first, none, none, rows)


def items_of(past: Histories) -> pd.DataFrame:
    codes = [f"i{row:03d}" for row in range(len(past))]
    return pd.DataFrame({"item": codes, "location": "MAIN", "on_hand": 10.0, "unit_cost": 3.0})


@cache
def trial() -> WarningTrial:
    return early_warning_backtest(items_of(sales()), sales(), WEEKLY)


def test_every_item_has_a_row_with_the_chance_its_history_gives() -> None:
    past = sales()
    found = early_warning(items_of(past), past, WEEKLY)
    assert found.columns.tolist() == EARLY_WARNING.column_names
    model = fit_ending_model(intervals_seen(past.quantity, exposures(past.quantity, past.first), past.price))
    told = demand_endings(past.quantity, past.first, price=past.price, model=model)
    rows = found.set_index("item").loc[items_of(past)["item"]]
    assert np.allclose(rows["ended_chance"], told.ended, atol=1e-4, equal_nan=True)
    assert rows["why"].tolist() == list(told.reason)
    silent_weeks = (past.quantity[:, ::-1] > 0).argmax(axis=1)
    assert np.array_equal(rows["last_sale_days"], 7.0 * silent_weeks)


def test_days_since_the_last_sale_are_those_of_the_review_of_excess_and_leave_out_periods_out_of_stock() -> None:
    past = sales()
    in_stock = past.in_stock.copy()
    in_stock[:, -5:] = past.quantity[:, -5:] > 0
    past = replace(past, in_stock=in_stock)
    rows = early_warning(items_of(past), past, WEEKLY).set_index("item").loc[items_of(past)["item"]]
    since, _ = days_since_sale(past, 7.0)
    assert np.array_equal(rows["last_sale_days"], since, equal_nan=True)
    gone = (past.quantity[:, -6:-5] > 0).ravel() & (past.quantity[:, -5:] == 0).all(axis=1)
    assert gone.any()
    assert (since[gone] == 0).all()


def test_the_most_money_at_stake_stands_first_and_what_has_no_cost_last() -> None:
    past = sales()
    items = items_of(past)
    items.loc[5, "unit_cost"] = np.nan
    found = early_warning(items, past, WEEKLY)
    stake = found["ended_chance"] * found["on_hand_value"]
    known = stake[stake > 0].to_numpy()
    assert (np.diff(known) <= 0).all()
    assert found["on_hand_value"].isna().to_numpy().nonzero()[0].min() >= len(known)


def test_a_longer_rule_raises_fewer_flags() -> None:
    past = sales()
    flagged = [early_warning(items_of(past), past, WEEKLY, months=months)["flag"].sum() for months in (1, 6)]
    assert flagged[0] > flagged[1] > 0


def test_what_has_likelier_ended_than_not_is_flagged_where_the_usual_rule_is_never_wrong() -> None:
    quantity = np.full((10, 120), 60.0)
    quantity[0, -8:] = 0.0
    found = warnings_of(items_of(histories_of(quantity)), histories_of(quantity), WEEKLY)
    assert found.threshold == 0.5
    assert found.table.loc[found.table["flag"] == 1, "item"].tolist() == ["i000"]


def test_items_that_cannot_be_judged_are_not_flagged_and_say_why() -> None:
    found = early_warning(items_of(histories_of(np.ones((2, 1)))), histories_of(np.ones((2, 1))), WEEKLY)
    assert found["ended_chance"].isna().all()
    assert found["flag"].tolist() == [0, 0]
    assert found["why"].str.startswith("too short to tell").all()


def test_the_tables_of_a_trial_have_the_columns_of_the_contract() -> None:
    found = trial()
    for frame, table in (
        (found.summary, WARNING_TRIAL),
        (found.ended_items, ENDED_ITEMS),
        (found.reliability, WARNING_RELIABILITY),
        (found.lift, WARNING_LIFT),
    ):
        assert frame.columns.tolist() == table.column_names
        assert len(frame) > 0


def test_the_patterns_of_a_trial_add_up_to_all() -> None:
    for _, rows in trial().summary.groupby("method"):
        whole = rows[rows["pattern"] == ALL].iloc[0]
        for column in ("items", "died", "false_alarms", "live_periods"):
            assert rows.loc[rows["pattern"] != ALL, column].sum() == whole[column]


def test_the_summary_of_a_trial_is_that_of_its_items() -> None:
    found = trial()
    died = found.ended_items
    summary = found.summary[found.summary["pattern"] == ALL].set_index("method")
    told = summary.loc[METHODS[0]]
    assert told["died"] == len(died)
    assert told["flagged_share"] == pytest.approx(died["lead"].notna().mean(), abs=1e-4)
    assert told["early_share"] == pytest.approx((died["lead"] >= 8).mean(), abs=1e-4)
    assert (died["rule_after"] == found.trial.rule_periods).all()
    assert summary.loc[METHODS[2], "false_alarms"] <= summary.loc[METHODS[1], "false_alarms"]


def test_regular_demand_that_ends_is_flagged_weeks_before_the_rule() -> None:
    summary = trial().summary.set_index(["pattern", "method"])
    assert summary.loc[("smooth", METHODS[0]), "median_lead"] >= 5


def test_looking_at_all_items_finds_all_that_ended() -> None:
    lift = trial().lift
    for _, rows in lift.groupby("method"):
        assert rows["found"].is_monotonic_increasing
        assert rows["found"].iloc[-1] == 1.0
        assert rows["found_value"].iloc[-1] == pytest.approx(1.0)


def test_chances_told_in_a_trial_come_true_as_often() -> None:
    told = trial().reliability
    often = told[told["told"] >= 100]
    assert len(often) >= 3
    assert (often["mean_chance"] - often["came_true"]).abs().max() < 0.2


def test_half_a_year_is_too_short_for_a_trial_of_a_rule_of_three_months() -> None:
    past = histories_of(np.ones((4, 25)))
    with pytest.raises(InputError, match="periods of history is 25; expected more than"):
        early_warning_backtest(items_of(past), past, WEEKLY)
