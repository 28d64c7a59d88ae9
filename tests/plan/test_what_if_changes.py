"""Changes of a plan's input: how they are written, and what they do to the tables."""

from __future__ import annotations

import string
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from small_tables import small_tables

from invopt_xl.errors import InputError
from invopt_xl.plan.columns import ITEMS, SUPPLIERS
from invopt_xl.plan.quality import Admitted, admit
from invopt_xl.plan.quality.contract import out_of_contract
from invopt_xl.plan.replay.outages import Outage
from invopt_xl.plan.replenishment import observed_lead_times, with_terms
from invopt_xl.plan.what_if import Change, Scenario, changed, parsed, while_out
from invopt_xl.plan.what_if.changes import changeable


@pytest.fixture(scope="module")
def today() -> Admitted:
    tables = small_tables()
    # Enough receipts of North in general, and of one of its items; none of South.
    days = [10, 12, 14, 16, 18, 20, 22, 24, 30]
    ordered = pd.date_range("2024-01-01", periods=9, freq="7D")
    general = pd.DataFrame(
        {"supplier": "North", "order_date": ordered, "receipt_date": ordered + pd.to_timedelta(days, "D")}
    )
    own = general.assign(item="erratic", receipt_date=ordered + pd.to_timedelta(np.array(days) + 5, "D"))
    tables["receipts"] = pd.concat([general, own], ignore_index=True)
    return admit(tables)


def after(today: Admitted, *texts: str) -> Admitted:
    return changed(today, Scenario.of(texts))


def column(admitted: Admitted, name: str) -> dict[str, float]:
    items = with_terms(admitted.tables, admitted.parameters)
    return dict(zip(items["item"], items[name], strict=True))


def observed(admitted: Admitted) -> dict[str, list[float]]:
    items = with_terms(admitted.tables, admitted.parameters)
    return dict(zip(items["item"], map(list, observed_lead_times(items, admitted.tables)), strict=True))


@given(st.text(max_size=60))
def test_any_text_is_a_change_or_refused_in_one_line(text: str) -> None:
    try:
        found = parsed(text)
    except InputError as error:
        found = str(error)
    assert isinstance(found, Change | Outage) or "\n" not in found


@given(
    st.sampled_from(sorted(name for name, (_, column) in changeable().items() if column.kind == "number")),
    st.floats(0.01, 100).map(lambda factor: round(factor, 4)),
    st.none() | st.text(string.ascii_letters + string.digits + " ,:@=*+-&", min_size=1).filter(str.strip),
)
def test_a_written_factor_is_read_back(name: str, factor: float, supplier: str | None) -> None:
    place = changeable()[name][0]
    where = "" if supplier is None or place == "parameters" else f"@supplier={supplier}"
    change = parsed(f" {name} * {factor}{where}")
    assert isinstance(change, Change)
    assert change.of(np.array([2.0])).tolist() == [pytest.approx(2 * factor)]
    assert (change.where.value if change.where else "") == where.removeprefix("@supplier=").strip()


@pytest.mark.parametrize(
    ("text", "value"),
    [("moq*.5", 5), ("moq/4", 2.5), ("moq+3", 13), ("moq-3", 7), ("moq+5%", 10.5), ("moq-20%", 8), ("MOQ = 2e1", 20)],
)  # fmt: skip
def test_every_sign_does_what_it_says(text: str, value: float) -> None:
    change = parsed(text)
    assert isinstance(change, Change)
    assert change.of(np.array([10.0]))[0] == pytest.approx(value)


def test_a_share_may_be_set_in_percent() -> None:
    change = parsed("service_target=99%")
    assert isinstance(change, Change)
    assert change.of(np.array([0.95]))[0] == pytest.approx(0.99)


def test_a_supplier_may_have_any_letter_in_its_name() -> None:
    assert parsed("outage=Meyer, Sons @ Co: North:6") == Outage("Meyer, Sons @ Co: North", 6)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("led_time*2", "did you mean lead_time_days?"),
        ("outage", "expected outage=NAME:PERIODS, the name one of: North; South"),
        ("outage=Nroth:6", "there is no supplier 'Nroth'; did you mean 'North'?"),
        ("outage=North:0", "expected a whole number, such as outage=S3:6"),
        ("service_target=99", "service_target of steady and 5 more would be 99; expected a number above 0 and at most"),
        ("moq*nan", "'nan' is no number"),
        ("moq*1e999", "'1e999' is no number"),
        ("moq/0", "nothing can be divided by zero"),
        ("moq", "change is 'moq'"),
        ("moq*-1", "the factor is below zero"),
        ("moq=5%", "moq is no share"),
        ("unit_cost-150%", "would be -1; expected a number at least 0"),
        ("demand=5", "demand can only be multiplied"),
        ("demand*1.1@item=stedy", "there is no item 'stedy'; did you mean 'steady'?"),
        ("demand*1.1@steady", "expected @item=CODE"),
        ("shelf_life_days*2", "shelf_life_days has no value to change"),
        ("plan_date=2020-01-01", "change it in tblParameters"),
        ("budget*0", "budget has no value to change"),
        ("budget=100@item=steady", "one for the whole plan"),
        ("capacity_units=10@item=steady", "belongs to suppliers"),
        ("suppliers.order_cost*2@supplier=Nort", "did you mean 'North'?"),
        ("service_measure=fil", "expected service_measure= and cycle, fill, ready or cost"),
        ("horizon_periods*1.3", "would be 10.4; expected a whole number"),
    ],
)
def test_an_impossible_change_is_refused_in_one_line(today: Admitted, text: str, said: str) -> None:
    def carried_out() -> Admitted:
        scenario = Scenario.of([text], suppliers=["North", "South"])
        return while_out(today, scenario.outages[0]) if scenario.outages else changed(today, scenario)

    with pytest.raises(InputError) as caught:
        carried_out()
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@given(
    st.sampled_from(sorted(changeable())),
    st.sampled_from("*/+-="),
    st.floats(0, 1e6).map(lambda number: f"{number:g}") | st.sampled_from(["5%", "300%", "fill", "lost", "active"]),
    st.sampled_from(["", "@item=rare", "@supplier=North", "@location=MAIN", "@status=active"]),
)
@example("items.unit_volume", "/", "2.2e-313", "")
@settings(max_examples=100, deadline=None)
def test_any_change_keeps_to_the_contract_or_is_refused(
    today: Admitted, name: str, sign: str, value: str, where: str
) -> None:
    try:
        made = after(today, f"{name}{sign}{value}{where}")
    except InputError:
        return
    for table in (ITEMS, SUPPLIERS):
        numbers = replace(table, columns=tuple(column for column in table.columns if column.kind == "number"))
        assert not out_of_contract(made.tables[table.stem], numbers)
    assert (made.tables["receipts"]["receipt_date"] >= made.tables["receipts"]["order_date"]).all()


def test_todays_tables_stay_as_they_are(today: Admitted) -> None:
    before = {stem: frame.copy() for stem, frame in today.tables.items()}
    made = after(today, "lead_time_days*0.5", "demand*1.3", "unit_cost+5%", "capacity_units=9", "budget=70")
    while_out(made, Outage("North", 6))
    for stem, frame in before.items():
        pd.testing.assert_frame_equal(today.tables[stem], frame)


def test_a_factor_of_one_changes_nothing(today: Admitted) -> None:
    made = after(today, "lead_time_days*1", "lead_time_sd_days*1", "demand*1")
    assert observed(made) == observed(today)
    pd.testing.assert_frame_equal(made.tables["demand"], today.tables["demand"])
    for name in ("lead_time_days", "lead_time_sd_days"):
        assert column(made, name) == column(today, name)


def test_lead_times_change_as_stated_and_as_observed(today: Admitted) -> None:
    made = after(today, "lead_time_days*0.5")
    for name, days in observed(today).items():
        halved = np.sort(days) / 2
        assert np.abs(np.array(observed(made)[name]) - halved).max(initial=0) < 1, name
        assert sum(observed(made)[name]) == pytest.approx(halved.sum(), abs=0.5), name
    for name in ("lead_time_days", "lead_time_sd_days"):
        assert column(made, name) == {item: days / 2 for item, days in column(today, name).items()}


def test_the_lead_time_of_one_item_leaves_its_suppliers_other_items_alone(today: Admitted) -> None:
    made = after(today, "lead_time_days*0.5@item=erratic")
    assert sum(observed(made)["erratic"]) == pytest.approx(sum(observed(today)["erratic"]) / 2, abs=0.5)
    for item in ("steady", "rare", "lumpy"):
        assert sorted(observed(made)[item]) == sorted(observed(today)[item])


def test_a_lead_time_that_is_set_is_what_receipts_say_on_average(today: Admitted) -> None:
    made = after(today, "lead_time_days=30@supplier=North")
    assert np.mean(observed(made)["erratic"]) == pytest.approx(30, abs=0.3)
    assert column(made, "lead_time_days")["erratic"] == 30
    assert column(made, "lead_time_days")["lumpy"] == column(today, "lead_time_days")["lumpy"]


def test_the_spread_of_lead_times_changes_about_their_mean(today: Admitted) -> None:
    made, before = observed(after(today, "lead_time_sd_days*2"))["erratic"], observed(today)["erratic"]
    assert np.mean(made) == pytest.approx(np.mean(before), abs=0.3)
    assert np.std(made) == pytest.approx(2 * np.std(before), rel=0.05)


def test_an_item_at_two_places_cannot_have_the_lead_times_of_one_changed(today: Admitted) -> None:
    items = today.tables["items"]
    second = items[items["item"] == "erratic"].assign(location="EAST")
    tables = today.tables | {"items": pd.concat([items, second], ignore_index=True)}
    with pytest.raises(InputError, match="receipts do not tell locations apart"):
        changed(Admitted(tables, today.parameters, today.quality, 0), Scenario.of(["lead_time_days*2@location=EAST"]))


def test_demand_in_whole_units_stays_whole_and_its_total_is_right(today: Admitted) -> None:
    made, before = after(today, "demand*1.2").tables["demand"], today.tables["demand"]
    assert (made["quantity"] % 1 == 0).all()
    totals = made.groupby("item")["quantity"].sum() - 1.2 * before.groupby("item")["quantity"].sum()
    assert totals.abs().max() <= 0.5 + 1e-6
    assert ((made["quantity"] > 0) <= (before["quantity"] > 0)).all(), "no demand where there was none"


def test_demand_of_one_supplier_alone_may_change(today: Admitted) -> None:
    made, before = after(today, "demand*2@supplier=South").tables["demand"], today.tables["demand"]
    south = before["item"].isin(["lumpy", "dead", "new"])
    assert (made["quantity"] == before["quantity"].where(~south, 2 * before["quantity"])).all()


def test_demand_by_weight_is_multiplied_as_it_is() -> None:
    tables = small_tables()
    tables["demand"]["quantity"] = tables["demand"]["quantity"].astype(float) + 0.25
    admitted = admit(tables)
    made = changed(admitted, Scenario.of(["demand*1.1"]))
    assert np.allclose(made.tables["demand"]["quantity"], 1.1 * admitted.tables["demand"]["quantity"])


def test_a_target_for_all_is_the_parameters_too_but_not_one_for_some(today: Admitted) -> None:
    every, some = after(today, "service_target=0.99"), after(today, "service_target=0.99@item=rare")
    assert set(column(every, "service_target").values()) == {0.99}
    assert every.parameters.service_target == 0.99
    assert column(some, "service_target") == column(today, "service_target") | {"rare": 0.99}
    assert some.parameters.service_target == today.parameters.service_target


def test_terms_taken_from_parameters_change_with_them(today: Admitted) -> None:
    made = after(today, "holding_rate=0.5", "order_cost*3")
    assert column(made, "holding_cost") == {
        name: pytest.approx(2 * cost) for name, cost in column(today, "holding_cost").items()
    }
    assert made.parameters.order_cost == 3 * today.parameters.order_cost


def test_terms_of_suppliers_and_the_plan_may_change(today: Admitted) -> None:
    made = after(
        today, "minimum_order_value*0@supplier=North", "suppliers.order_cost+10%", "budget=500", "horizon_periods=10"
    )
    assert made.tables["suppliers"].set_index("supplier")["minimum_order_value"].to_dict() == {"North": 0, "South": 0}
    assert made.tables["suppliers"]["order_cost"].tolist() == pytest.approx([22.0, 11.0])
    assert (made.parameters.budget, made.parameters.horizon_periods) == (500.0, 10)


def test_while_a_supplier_is_out_nothing_of_it_comes_earlier(today: Admitted) -> None:
    made = while_out(today, Outage("North", 6))
    assert column(made, "lead_time_days") == column(today, "lead_time_days") | dict.fromkeys(
        ("steady", "erratic", "rare"), 42
    )
    assert min(observed(made)["erratic"]) == 42
    assert made.tables["open_orders"]["due_date"].tolist() == [pd.Timestamp("2024-08-12")]
    longer = while_out(today, Outage("South", 6))
    assert longer.tables["open_orders"]["due_date"].tolist() == today.tables["open_orders"]["due_date"].tolist()


def test_orders_due_in_an_outage_arrive_when_it_is_over() -> None:
    lead = np.random.default_rng(3).integers(0, 5, size=(4, 20))
    made = Outage("S", 4).delayed(lead)
    for (row, period), periods in np.ndenumerate(lead):
        due = period + periods
        arrives = 14 if 10 <= due < 14 else due
        assert period + made[row, period] == arrives
