"""Scenarios and the further suppliers of items: what changes for a supplier changes wherever it delivers."""

from __future__ import annotations

import pandas as pd
import pytest
from shop_tables import expected, shop, table

from invopt_xl.domain import Silent
from invopt_xl.errors import InputError
from invopt_xl.optimise import OrderProblem
from invopt_xl.plan.order_plan import order_basis, problem_of
from invopt_xl.plan.quality import Admitted, admit
from invopt_xl.plan.replay.outages import Outage
from invopt_xl.plan.what_if import Scenario, changed, suppliers, while_out
from invopt_xl.plan.what_if.tables import require_outage

OWN, EAST, SOUTH = 0, 3, 4
"""Sources of tea: its own supplier North, and two further ones."""

SOURCES = table(
    item=["tea", "tea"],
    supplier=["East", "South"],
    unit_cost=[1.5, 1.8],
    lead_time_days=[20, None],
    moq=[30, 0],
    lot_size=[10, 1],
)


def today(**changes: pd.DataFrame) -> Admitted:
    return admit(shop(**{"sources": SOURCES} | changes), forecast=expected())


def problem(admitted: Admitted) -> OrderProblem:
    found, _ = problem_of(order_basis(shop(sources=SOURCES), admitted, Silent()))
    return found


def after(*texts: str, **changes: pd.DataFrame) -> OrderProblem:
    return problem(changed(today(**changes), Scenario.of(texts)))


def test_a_price_rise_of_a_supplier_is_one_of_its_further_items_too() -> None:
    before, then = problem(today()), after("unit_cost+10%@supplier=South")
    assert then.unit_cost[SOUTH, 0] == pytest.approx(1.1 * 1.8)
    assert then.unit_cost[1, 0] == pytest.approx(1.1 * before.unit_cost[1, 0])
    assert then.unit_cost[[OWN, EAST], 0].tolist() == before.unit_cost[[OWN, EAST], 0].tolist()


def test_a_supplier_that_only_stands_in_may_be_changed_and_fall_out() -> None:
    assert suppliers(today()) == ["East", "North", "South"]
    assert after("moq=50@supplier=East").minimum_order_quantity[[OWN, EAST]].tolist() == [0, 50]
    require_outage(today(), Outage("East", 4))
    assert problem(while_out(today(), Outage("East", 4))).lead_time_periods[EAST] == 4
    with pytest.raises(InputError, match=r"there is no supplier 'Est'; did you mean 'East'\?"):
        after("moq=50@supplier=Est")


def test_a_change_of_an_item_or_of_all_is_for_whoever_delivers_it() -> None:
    assert after("unit_cost*2@item=tea").unit_cost[[EAST, SOUTH], 0].tolist() == [3.0, 3.6]
    assert after("unit_cost*2").unit_cost[[EAST, SOUTH], 0].tolist() == [3.0, 3.6]
    assert after("unit_cost*2@item=cup").unit_cost[[EAST, SOUTH], 0].tolist() == [1.5, 1.8]


def test_a_lead_time_changes_from_the_one_expected_whoever_stated_it() -> None:
    before = problem(today())
    assert before.lead_time_periods[[EAST, SOUTH]].tolist() == [3, 4], "20 days, and the 28 of South in tblSuppliers"
    assert after("lead_time_days*2@supplier=South").lead_time_periods[[EAST, SOUTH]].tolist() == [3, 8]
    assert after("lead_time_days=7@supplier=East").lead_time_periods[EAST] == 1
    ordered = pd.date_range("2024-01-01", periods=10, freq="7D")
    seen = table(
        item=["tea"] * 10, supplier=["East"] * 10, order_date=ordered, receipt_date=ordered + pd.Timedelta(35, "D")
    )
    assert after("lead_time_days*2@supplier=East", receipts=seen).lead_time_periods[EAST] == 10
    assert after("lead_time_days=7@supplier=East", receipts=seen).lead_time_periods[EAST] == 1


def test_an_outage_delays_a_supplier_wherever_it_delivers() -> None:
    assert problem(while_out(today(), Outage("South", 6))).lead_time_periods[[1, EAST, SOUTH]].tolist() == [6, 3, 6]


def test_an_impossible_change_of_a_further_supplier_names_it() -> None:
    with pytest.raises(InputError, match=r"unit_cost of tea from East would be -0\.5; expected"):
        after("unit_cost-2@supplier=East")
