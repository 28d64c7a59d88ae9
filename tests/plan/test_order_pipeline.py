"""A refresh with several suppliers and locations: levels, orders, transfers and words fit together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from plan_alone import run
from shop_tables import table
from small_tables import ITEMS, PLAN_DATE, small_tables

from invopt_xl.domain import Silent
from invopt_xl.plan.excess import Stock, review
from invopt_xl.plan.explain import amount
from invopt_xl.plan.order_plan import make_orders, order_basis, problem_of
from invopt_xl.plan.orders import Effort, order_lines, plan_problem
from invopt_xl.plan.orders.tables import order_costs
from invopt_xl.plan.pipeline import PlanResult
from invopt_xl.plan.quality import admit
from invopt_xl.plan.results import with_orders


def at_two_places(**parameters: object) -> dict[str, pd.DataFrame]:
    """Return the small shop with its steady item at WEST as well, where it is out of stock and nobody delivers fast."""
    tables = small_tables(**{"solver_seconds": 1, **parameters})
    items, demand = tables["items"].assign(location="MAIN"), tables["demand"].assign(location="MAIN")
    west = items[items["item"] == "steady"].assign(location="WEST", on_hand=0, lead_time_days=35)
    sold = demand[demand["item"] == "steady"].assign(location="WEST")
    tables["items"] = numbered(pd.concat([items, west]))
    tables["items"].loc[2, "on_hand"] = 900
    tables["demand"] = numbered(pd.concat([demand, sold]))
    tables["lanes"] = table(from_location=["MAIN"], to_location=["WEST"], transfer_cost=[0.05], lead_time_days=[2])
    tables["sources"] = table(
        item=["lumpy", "rare"],
        supplier=["Courier", "East"],
        unit_cost=[4.5, 25.0],
        lead_time_days=[1, 7],
        emergency=[1, 0],
    )
    return tables


def numbered(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.set_axis(pd.RangeIndex(2, len(frame) + 2, name="row"))


def placed_now(orders: pd.DataFrame) -> pd.DataFrame:
    return orders[orders["order_date"] == pd.Timestamp(PLAN_DATE)]


@pytest.fixture(scope="module")
def result() -> PlanResult:
    return run(at_two_places())


def test_nothing_is_rejected_and_the_lines_add_up_to_the_plan(result: PlanResult) -> None:
    checks = result.tables["checks"].set_index("check")
    assert result.rejected == 0
    assert checks.loc["Order lines add up to the plan", "result"] == "OK"
    assert checks.loc["Orders keep minimums, lots and limits", "result"] == "OK"


def test_the_plan_orders_what_all_suppliers_deliver_and_tells_transfers_apart(result: PlanResult) -> None:
    now = placed_now(result.tables["orders"])
    bought = now[~now["supplier"].str.startswith("from ")]
    by_item = bought.groupby(["item", "location"])["quantity"].sum().to_dict()
    plan = result.tables["plan"]
    planned = {(row.item, row.location): row.order_quantity for row in plan.itertuples() if row.order_quantity > 0}
    assert planned == pytest.approx(by_item)
    assert plan["order_value"].sum() == pytest.approx(bought["value"].sum(), abs=0.05)


def test_a_result_keeps_the_order_plan_of_its_lines_and_what_that_costs(result: PlanResult) -> None:
    parameters, lines = admit(at_two_places()).parameters, result.tables["orders"]
    pd.testing.assert_frame_equal(order_lines(result.items, result.order_plan, parameters), lines)
    costs = order_costs(result.order_plan, parameters).set_index("kind")["amount"]
    paid = costs[["purchase", "discount", "transfer"]].sum()
    assert lines["value"].sum() == pytest.approx(paid, abs=0.05)


def test_lines_of_a_further_supplier_have_its_price_and_lead_time(result: PlanResult) -> None:
    orders = result.tables["orders"]
    east = orders[orders["supplier"] == "East"]
    assert set(east["item"]) <= {"rare"}
    assert (east["unit_cost"] == 25).all()
    assert ((east["due_date"] - east["order_date"]).dt.days == 7).all()


def test_an_override_is_all_that_comes_now(result: PlanResult) -> None:
    tables = at_two_places()
    tables["plan"] = table(item=["lumpy"], location=["MAIN"], override_quantity=[13])
    again = run(tables).tables
    now = placed_now(again["orders"]).query("item == 'lumpy'")
    assert now[["supplier", "quantity"]].values.tolist() == [["South", 13]]
    assert "planner's own quantity" in again["plan"].set_index("item").loc["lumpy", "why"]


def test_what_comes_now_from_several_sources_is_told_in_one_sentence_each() -> None:
    raw = at_two_places()
    raw["items"].loc[len(ITEMS) + 2, "lead_time_days"] = 7
    basis = order_basis(raw, admit(raw), Silent())
    problem, sources = problem_of(basis)
    quantity = np.zeros((problem.sources, problem.periods))
    west, lane, courier = len(ITEMS), problem.sources - 1, len(ITEMS) + 1
    quantity[[west, lane], 0] = [48, 30]
    quantity[[3, courier], 0] = [12, 5]
    planned = plan_problem(problem, sources, Effort(0.2, 1.0))
    made = replace(planned.plan, quantity=quantity, shaped_by=np.where(quantity > 0, "need", ""))
    planned = replace(planned, plan=made, rates=np.zeros_like(quantity))
    rows = with_orders(basis.items, planned, basis.admitted.parameters)
    told = rows.set_index(["item", "location"])
    columns = ["order_quantity", "order_lines", "order_value", "moved_in"]
    assert told.loc[("steady", "WEST"), columns].tolist() == [48, 1, 96, 30]
    assert told.loc[("steady", "MAIN"), columns].tolist() == [0, 0, 0, 0]
    assert told.loc[("lumpy", "MAIN"), columns].tolist() == [17, 2, 12 * 4 + 5 * 4.5, 0]
    assert told.loc[("steady", "WEST"), "why"].endswith("Besides 30 from MAIN.")
    assert told.loc[("lumpy", "MAIN"), "why"].endswith("Besides 5 from Courier.")
    assert told.loc[("steady", "MAIN"), "why"].startswith("No order now")


def test_frozen_periods_hold_every_order_back_but_overrides() -> None:
    tables = at_two_places(frozen_periods=2)
    tables["plan"] = table(item=["erratic"], location=["MAIN"], override_quantity=[24])
    again = run(tables).tables
    early = again["orders"][again["orders"]["order_date"] < pd.Timestamp("2024-07-15")]
    assert early[["item", "quantity"]].values.tolist() == [["erratic", 24]]
    why = again["plan"].set_index("item").loc["lumpy", "why"]
    assert "orders are frozen until 15 Jul 2024" in why


def test_a_ceiling_on_working_capital_is_kept_and_blamed_for_what_waits() -> None:
    held = run(at_two_places(working_capital=3300)).tables
    assert held["checks"].set_index("check").loc["Orders keep minimums, lots and limits", "result"] == "OK"
    waiting = held["plan"][held["plan"]["why"].str.startswith(("Waits", "Not ordered"))]
    assert waiting["why"].str.contains("the ceiling on working capital of 3,300 is reached").all()


def test_what_is_not_met_is_told_in_units_of_the_horizon_though_more_is_planned() -> None:
    tables = small_tables()
    tables["suppliers"]["minimum_order_value"] = [50.0, 50_000.0]
    made = make_orders(tables, Effort(1.0, 0.05, 1))
    assert made.planned.problem.periods > 8
    (one,) = made.planned.plan.shortfalls
    demand = made.tables["order_items"].groupby("item")["demand"].sum()
    assert str(one).endswith(f" of {demand['new'] + demand['lumpy']:,.1f} units are not met")


def test_what_the_plan_moves_is_in_no_action_against_excess_and_told_beside_them(result: PlanResult) -> None:
    admitted, items = admit(at_two_places()), result.items.set_index(["item", "location"])
    lines = result.tables["orders"]
    sent = lines[lines["supplier"] == "from MAIN"]["quantity"].sum()
    here, there = items.loc[("steady", "MAIN")], items.loc[("steady", "WEST")]
    assert here["planned_out"] == there["planned_in"] == pytest.approx(sent)
    assert sent > 0
    made = review(Stock.of_plan(result.items, result.levelled, admitted))
    acted = made.actions[(made.actions["item"] == "steady") & (made.actions["location"] == "MAIN")]
    lacking = there["order_up_to"] - there["on_hand"] - there["on_order"] - sent
    assert 0 < acted.loc[acted["action"] == "transfer", "units"].sum() <= lacking + 0.05
    assert 0 < acted["units"].sum() <= here["excess_quantity"] - sent + 0.05
    told = f" Besides, the plan moves {amount(sent)} to WEST in the coming 8 weeks: see tblOrders."
    assert all(told in why for why in acted["why"])
    shown = made.items.set_index(["item", "location"]).loc[("steady", "MAIN"), "action"]
    assert told in shown
    (warned,) = result.tables["exceptions"].query("item == 'steady' and kind == 'excess'")["action"]
    assert told in warned


def test_an_excess_that_the_plan_moves_in_full_asks_for_nothing_more(result: PlanResult) -> None:
    row = (result.items["item"] == "steady") & (result.items["location"] == "MAIN")
    excess = result.items.loc[row, "excess_quantity"]
    items = result.items.assign(planned_out=result.items["planned_out"].mask(row, excess))
    made = review(Stock.of_plan(items, result.levelled, admit(at_two_places())))
    assert not ((made.actions["item"] == "steady") & (made.actions["location"] == "MAIN")).any()
    assert made.items.loc[row, "action"].item().startswith("Nothing more: what is too much is moved. Besides, the plan")
