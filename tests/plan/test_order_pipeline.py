"""A refresh with several suppliers and locations: levels, orders, transfers and words fit together."""

from __future__ import annotations

import pandas as pd
import pytest
from shop_tables import table
from small_tables import PLAN_DATE, small_tables

from invopt_xl.plan.pipeline import PlanResult, run


def at_two_places(**parameters: object) -> dict[str, pd.DataFrame]:
    """Return the small shop with its steady item at WEST as well, where it is out of stock and nobody delivers fast."""
    tables = small_tables(**parameters)
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
