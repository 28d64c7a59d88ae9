"""Early warnings of the past against the usual rule, on items whose end is known."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from ended_demand import simulated

from invopt_xl.errors import InputError
from invopt_xl.forecasting.ending import EndingTrial, Trial, try_endings

TRIAL = Trial(cut=40, rule_periods=13, sure_periods=13)


@cache
def tried() -> EndingTrial:
    made = simulated(600, 80, last=0.01, seed=6)
    return try_endings(made.quantity, made.first, TRIAL)


def test_items_that_sell_often_are_flagged_long_before_the_rule_flags_them() -> None:
    found = tried()
    often = found.died & (found.interval < 2)
    lead = found.delays(found.rule_flags())[often] - found.delays(found.model_flags())[often]
    assert often.sum() > 15
    assert np.median(lead) >= 4


def test_the_threshold_of_the_first_part_keeps_to_the_false_alarms_of_the_rule_in_the_second() -> None:
    found = tried()
    by_rule, by_model = (found.false_alarms(flags).sum() for flags in (found.rule_flags(), found.model_flags()))
    assert by_rule > 10
    assert by_model == pytest.approx(by_rule, rel=0.6)


def test_the_threshold_known_afterwards_raises_as_many_false_alarms_as_asked_for() -> None:
    found = tried()
    for wanted in (0, 5, 40):
        assert found.false_alarms(found.model_flags(found.threshold_for(wanted))).sum() <= wanted
        assert found.false_alarms(found.model_flags(found.threshold_for(wanted) - 1e-6)).sum() >= wanted


def test_the_rule_flags_an_item_that_died_just_when_it_says() -> None:
    found = tried()
    assert (found.delays(found.rule_flags())[found.died] == TRIAL.rule_periods).all()


def test_false_alarms_live_periods_and_delays_are_those_that_counting_finds() -> None:
    found = tried()
    flags = found.model_flags()
    for item in range(0, 600, 37):
        sales = np.flatnonzero(found.sold[item])
        wrong = [sale for sale in sales if sale > TRIAL.cut and flags[item, sale - 1]]
        alive = [period for period in range(TRIAL.cut, sales[-1]) if found.judged[item, period]]
        after = [period - sales[-1] for period in range(sales[-1], 80) if flags[item, period]]
        assert found.false_alarms(flags)[item] == len(wrong)
        assert found.live_periods()[item] == len(alive)
        assert found.delays(flags)[item] == (after[0] if after else np.inf)


def test_nothing_is_told_from_what_came_later() -> None:
    made = simulated(120, 60, seed=3)
    trial = Trial(cut=30, rule_periods=8, sure_periods=8)
    whole = try_endings(made.quantity, made.first, trial)
    changed = made.quantity.copy()
    changed[:, 45:] = np.where(made.quantity[:, 45:] > 0, 0.0, 7.0)
    other = try_endings(changed, made.first, trial)
    assert other.threshold == whole.threshold
    assert np.array_equal(other.ended[:, :45], whole.ended[:, :45])


def test_an_item_whose_record_breaks_off_has_not_died() -> None:
    made = simulated(60, 60, last=0.0, seed=5)
    quantity = made.quantity.copy()
    quantity[0, :35], quantity[1, :35] = 1.0, 1.0
    quantity[0, 35:], quantity[1, 35:] = np.nan, 0.0
    found = try_endings(quantity, made.first, Trial(cut=30, rule_periods=8, sure_periods=8))
    assert not found.died[0]
    assert found.died[1]
    assert found.live_periods()[0] == 34 - 30


@pytest.mark.parametrize(("trial", "periods"), [(replace(TRIAL, cut=5), 80), (TRIAL, 53)])
def test_too_short_a_history_is_refused_with_what_it_takes(trial: Trial, periods: int) -> None:
    with pytest.raises(InputError, match=r"expected (at least 12|more than 53)"):
        try_endings(np.ones((3, periods)), np.zeros(3, dtype=np.int64), trial)
