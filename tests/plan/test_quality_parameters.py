from __future__ import annotations

from dataclasses import fields
from datetime import date, datetime

import pytest
from quality_tables import demand, frame, only, said, tables

from invopt_xl.errors import InputError
from invopt_xl.plan.columns import CellFault
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quality import Admitted, admit


def with_parameters(**values: object) -> Admitted:
    values = {"plan_date": "2018-01-01", **values}
    return admit(tables(parameters=frame({"name": list(values), "value": list(values.values())})))


def test_parameters_take_the_types_of_their_fields():
    found = with_parameters(
        plan_date=datetime(2018, 1, 1), horizon_periods="8", service_target="97%", period="Week", budget=5000
    )
    assert found.parameters == Parameters(date(2018, 1, 1), "week", 8, 0.97, budget=5000.0)
    assert found.quality.empty


def test_every_default_is_accepted_as_a_value():
    defaults = {each.name: each.default for each in fields(Parameters) if each.name != "plan_date"}
    admitted = with_parameters(**defaults)
    assert admitted.quality.empty
    assert admitted.parameters == Parameters(date(2018, 1, 1))


def test_a_decimal_comma_that_leaves_no_doubt_is_read():
    found = with_parameters(holding_rate="0,52", service_target="97%", budget="1.234,5")
    assert (found.parameters.holding_rate, found.parameters.budget) == (0.52, 1234.5)
    assert found.quality.empty


def test_a_limit_that_cannot_be_read_is_not_set_and_that_is_said():
    found = with_parameters(budget="lots")
    assert found.parameters.budget is None
    assert only(found, severity="rejected")["action"] == "not set"


def test_a_blank_value_means_the_default():
    admitted = with_parameters(horizon_periods=None, service_measure="")
    assert admitted.parameters == Parameters(date(2018, 1, 1))
    assert admitted.quality.empty


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("service_target", 95, "service_target is out of bounds; expected a number at least 0.01 and at most 0.9999"),
        ("horizon_periods", 2.5, "horizon_periods is not whole; expected a number at least 1 and at most 104"),
        ("horizon_periods", "many", "horizon_periods is not a number; expected a number at least 1 and at most 104"),
        ("period", "fortnight", "period is out of bounds; expected day, week or month"),
        ("budget", CellFault("#REF!"), "budget is error or formula without a value; expected a number at least 0"),
    ],
)
def test_a_bad_value_is_rejected_and_the_default_taken(name, value, reason):
    admitted = with_parameters(**{name: value})
    assert admitted.parameters == Parameters(date(2018, 1, 1))
    assert only(admitted, severity="rejected")["reason"] == reason
    assert admitted.rejected == 1


def test_an_unknown_parameter_is_a_warning_with_a_suggestion():
    found = only(with_parameters(service_targe=0.9))
    assert (found["severity"], found["reason"]) == (
        "warning",
        "service_targe is not a parameter; expected service_target",
    )


def test_a_parameter_given_twice_counts_once():
    admitted = admit(
        tables(parameters=frame({"name": ["plan_date", "Plan date"], "value": ["2018-01-01", "2019-01-01"]}))
    )
    assert admitted.parameters.plan_date == date(2018, 1, 1)
    assert admitted.rejected == 1


@pytest.mark.parametrize(
    ("period", "expected"), [("day", "2017-12-26"), ("week", "2018-01-01"), ("month", "2018-01-01")]
)
def test_without_a_plan_date_the_plan_follows_the_last_period_of_demand(period, expected):
    admitted = admit(tables(parameters=frame({"name": ["period"], "value": [period]})))
    assert admitted.parameters.plan_date.isoformat() == expected
    assert len(said(admitted, table="tblParameters", severity="repaired")) == 1
    assert len(admitted.tables["demand"]) == 208


def test_without_a_plan_date_weeks_of_daily_demand_end_on_the_last_day():
    days = [f"2017-12-{day}" for day in range(10, 32)]
    daily = frame({"item": ["tea"] * len(days), "date": days, "quantity": 1})
    assert admit(tables(demand=daily, parameters=frame({"name": [], "value": []}))).parameters.plan_date == date(
        2018, 1, 1
    )


def test_one_mistyped_year_does_not_move_the_plan_date():
    dates = demand()["date"].tolist()
    dates[3] = "2071-04-03"
    raw = tables(demand=demand(date=dates))
    del raw["parameters"]
    admitted = admit(raw)
    assert admitted.parameters.plan_date == date(2018, 1, 1)
    assert only(admitted, severity="rejected")["value"] == "2071-04-03"


def test_without_a_plan_date_and_without_demand_there_is_one_clear_line():
    raw = tables(demand=demand().iloc[:0])
    del raw["parameters"]
    with pytest.raises(InputError, match="expected a row plan_date in tblParameters, such as 2018-01-31"):
        admit(raw)


def test_the_budget_says_what_it_counts():
    note = {each.name: each.metadata["help"] for each in fields(Parameters)}["budget"]
    assert note == "Most that may be ordered in a period, at list price before discounts; blank: no limit."
