"""A back-test says of each item whether its forecast can be trusted, and of all what errors cost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_tables import small_tables

from invopt_xl.domain import Silent
from invopt_xl.errors import InputError
from invopt_xl.plan.columns.looks import FORECAST_TRUST
from invopt_xl.plan.forecast_trust import Trust, forecast_trust, judged_by
from invopt_xl.plan.levels import Levelled, set_levels
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quality import admit
from invopt_xl.plan.trust_answers import trust_answer


@pytest.fixture(scope="module")
def levelled() -> tuple[Levelled, Parameters]:
    raw = small_tables()
    admitted = admit(raw)
    return set_levels(raw, admitted, Silent(), workers=1), admitted.parameters


@pytest.fixture(scope="module")
def trust(levelled: tuple[Levelled, Parameters]) -> Trust:
    found, parameters = levelled
    return forecast_trust(found.items, found.past, parameters)


def test_each_item_has_a_row_with_its_class_and_a_verdict(trust: Trust, levelled: tuple[Levelled, Parameters]) -> None:
    items = trust.items
    assert items.columns.tolist() == FORECAST_TRUST.column_names
    assert items["item"].tolist() == levelled[0].items["item"].tolist()
    assert items["abc"].tolist() == levelled[0].items["abc"].tolist()
    by_item = items.set_index("item")
    assert by_item.loc["new", ["verdict", "windows"]].tolist() == ["not judged", 0]
    assert by_item.loc["steady", "verdict"] in ("trust", "with care", "no better than simple")


def test_an_error_is_that_of_the_windows_it_was_forecast_in(trust: Trust) -> None:
    """The oracle: forecast less demand, summed over the windows of one item."""
    method, row = trust.backtest.methods.index("auto"), trust.items["item"].tolist().index("steady")
    error = trust.backtest.made.mean[method, row] - trust.backtest.cases.actual[row]
    actual = trust.backtest.cases.actual[row]
    assert trust.items["error_share"].iloc[row] == pytest.approx(np.abs(error).sum() / actual.sum())
    assert trust.items["bias_share"].iloc[row] == pytest.approx(error.sum() / actual.sum())


def test_costs_of_the_items_add_up_to_the_methods_a_year(trust: Trust) -> None:
    total = trust.by_method.set_index("method")["cost_a_year"]
    assert trust.items["error_cost"].sum() == pytest.approx(total["auto"])
    assert trust.items["simple_cost"].sum() == pytest.approx(total["ses"])
    assert trust.by_class["error_cost"].sum() == pytest.approx(total["auto"])


def test_a_year_costs_as_many_windows_as_protection_intervals_fit_in(levelled: tuple[Levelled, Parameters]) -> None:
    """The oracle: the mean cost of the windows an item has, however long each was forecast, by intervals a year."""
    found, parameters = levelled
    row, periods = found.items["item"].tolist().index("steady"), found.past.periods
    quantity, first = found.past.quantity.copy(), found.past.first.copy()
    quantity[row, :-20], first[row] = np.nan, periods - 20
    for past, windows in ((found.past, 6), (replace(found.past, quantity=quantity, first=first), 3)):
        trust = forecast_trust(found.items, past, parameters, windows=6)
        made, length = trust.backtest, trust.backtest.cases.protection_periods[row]
        costs = made.losses("cost")[made.methods.index("auto"), row]
        assert length < made.cases.actual.shape[2]
        assert np.isfinite(costs).sum() == windows
        assert trust.items["error_cost"].iloc[row] == pytest.approx(np.nanmean(costs) * 365.25 / (7 * length))


def test_the_answer_names_coverage_bias_and_money(trust: Trust) -> None:
    said = trust_answer(trust, "USD")
    assert "within the 80% interval in" in said
    assert "Their errors cost" in said
    assert "than simple smoothing" in said
    assert trust.calibration["asked"].tolist() == [0.9, 0.95, 0.975]


def test_items_of_most_value_are_judged_first(levelled: tuple[Levelled, Parameters]) -> None:
    found, parameters = levelled
    few = forecast_trust(found.items, found.past, parameters, most_items=2)
    value = (found.items["demand_per_period"] * found.items["unit_cost"]).nlargest(2)
    assert few.rows.tolist() == sorted(value.index.tolist())


def test_histories_too_short_for_any_window_are_told(levelled: tuple[Levelled, Parameters]) -> None:
    found, parameters = levelled
    short = forecast_trust(found.items, found.past, parameters, horizon=58, windows=1)
    assert (short.items["verdict"] == "not judged").all()
    assert short.by_method["cost_a_year"].isna().all()
    assert trust_answer(short, "").startswith("**It cannot be told:** no forecast can be held against what came (")
    with pytest.raises(InputError, match="most_items is 0"):
        forecast_trust(found.items, found.past, parameters, most_items=0)


def test_a_forecast_that_errs_one_way_beyond_chance_is_said(levelled: tuple[Levelled, Parameters]) -> None:
    """Demand that doubled in the last window, which nothing before it told."""
    found, parameters = levelled
    row = found.items["item"].tolist().index("steady")
    doubled = found.past.quantity.copy()
    doubled[row, -4:] *= 2
    past = replace(found.past, quantity=doubled)
    said = forecast_trust(found.items, past, parameters, windows=1).items.iloc[row]
    assert said["verdict"] == "too low"
    assert "too low in all" in said["why"]


def _verdict(error: float, bias: float, cost: float, simple: float, *, better: bool = True) -> str:
    row = {"error_share": error, "bias_share": bias, "error_cost": cost, "simple_cost": simple}
    return judged_by(row, one_way=False, better=better)[0]


def test_a_verdict_follows_what_errors_cost() -> None:
    assert _verdict(0.5, 0.0, 257, 363, better=False) == "trust"
    assert _verdict(0.5, 0.0, 86, 66) == "no better than simple"
    assert _verdict(0.5, 0.0, 100, 101) == "trust"
    assert _verdict(0.5, 0.0, 100, 101, better=False) == "no better than simple"
    assert _verdict(0.5, 0.0, np.nan, np.nan) == "trust"


def test_a_forecast_far_off_is_never_simply_trusted() -> None:
    assert _verdict(1.79, 0.1, 50, 66) == "with care"
    assert _verdict(0.9, 0.93, 50, 66) == "with care"


def test_no_verdict_of_a_back_test_contradicts_the_costs_beside_it(trust: Trust) -> None:
    items = trust.items
    dearer, cheaper = (
        items["error_cost"] > 1.05 * items["simple_cost"],
        items["error_cost"] < 0.95 * items["simple_cost"],
    )
    assert not items["verdict"][dearer].isin(["trust", "with care"]).any()
    assert not (items["verdict"][cheaper] == "no better than simple").any()
