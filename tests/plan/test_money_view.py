"""The money view: the headline figures first, then what a slow loop over the items finds, and what must hold of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from view_tables import view_tables

from invopt_xl.domain import Calendar
from invopt_xl.plan import pipeline
from invopt_xl.plan.columns import MONEY, SERVICE_COST, Tables
from invopt_xl.plan.money import applied, gross_margin_return, service_cost_table
from invopt_xl.plan.money.service import is_counted
from invopt_xl.plan.money.service_cost import ASKED
from invopt_xl.plan.orders.cash import money_by_period
from invopt_xl.plan.views import Found, views_of
from invopt_xl.plan.views.curve import Offer, fill_of_today
from invopt_xl.plan.views.money import money_view

A_YEAR = 365.25 / 7
NO_ACTIONS = pd.DataFrame(columns=["item", "location", "action", "units"])
ITEMS = {
    "item": ["tea", "mug"],
    "location": "MAIN",
    "excess_quantity": [5.0, 9.0],
    "on_hand": [3.0, 7.0],
}


@pytest.fixture(scope="module")
def refreshed() -> tuple[Tables, Found]:
    """A refresh of a shop where one item has no price, and what it had found."""
    seen: list[Found] = []

    def spy(found: Found, wanted: frozenset[str] | None) -> Tables:
        seen.append(found)
        return views_of(found, wanted)

    raw = view_tables(solver_seconds=2)
    raw["items"].loc[raw["items"]["item"] == "erratic", "unit_price"] = None
    wanted = frozenset({"money", "service_cost", "curve", "actions"})
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pipeline, "views_of", spy)
        tables = pipeline.run(raw, wanted=wanted).tables
    return tables, seen[0]


@pytest.fixture(scope="module")
def states(refreshed: tuple[Tables, Found]) -> pd.DataFrame:
    return refreshed[0]["money"].set_index("state")


@pytest.fixture(scope="module")
def prices(refreshed: tuple[Tables, Found]) -> pd.DataFrame:
    return refreshed[0]["service_cost"].set_index("point")


def test_the_first_rows_are_the_headline_figures_and_the_points_of_the_curve(
    refreshed: tuple[Tables, Found], states: pd.DataFrame
) -> None:
    tables, _ = refreshed
    figures = dict(zip(tables["kpis"]["name"], tables["kpis"]["value"], strict=True))
    curve = tables["curve"].set_index("point")
    now, plan = states.loc["now"], states.loc["after the plan"]
    assert list(tables["money"].columns) == MONEY.column_names
    assert now["stock_value"] == curve["today"]["today"]
    assert now["fill_rate"] == curve["fill_rate"]["today"]
    assert plan["fill_rate"] == curve["fill_rate"]["plan"]
    assert plan["stock_value"] - plan["excess_value"] == pytest.approx(curve["plan"]["plan"], abs=0.011)
    shown = {
        "Stock on hand": now["stock_value"],
        "On order": now["on_order_value"],
        "Stock turns": now["turns"],
        "Cover": now["cover_days"],
        "Excess": now["excess_value"],
        "Stock for this service": plan["stock_value"] - plan["excess_value"],
        "Expected fill rate": 100 * plan["fill_rate"],
    }
    for name, value in shown.items():
        assert figures[name] == pytest.approx(value, abs=0.06), name


def test_the_state_of_today_is_what_a_loop_over_the_items_adds_up(
    refreshed: tuple[Tables, Found], states: pd.DataFrame
) -> None:
    found = refreshed[1]
    items, stocked = found.items, found.levelled.stocked
    fills = fill_of_today(stocked, items["available"].to_numpy(), found.levelled.past, lost=True)
    carrying = sales = margin = held = 0.0
    for item, fill in zip(items.to_dict("records"), fills.tolist(), strict=True):
        carrying += item["on_hand"] * item["unit_cost"] * 0.25
        if not item["unit_price"] > 0:
            continue
        asked = item["demand_per_period"] * A_YEAR
        there = item["on_hand"] + item["on_order"]
        units = min(asked, there) if item["status"] == "phase-out" else asked * fill if asked else 0.0
        sales += units * item["unit_price"]
        margin += units * (item["unit_price"] - item["unit_cost"])
        held += item["on_hand"] * item["unit_cost"]
    now = states.loc["now"]
    found_here = now[["carrying_cost", "sales_value", "gross_margin"]].astype(float).tolist()
    assert found_here == pytest.approx([carrying, sales, margin], abs=0.01)
    assert now["gmroi"] == pytest.approx(margin / held, abs=1e-4)


def test_items_that_orders_cannot_keep_up_are_short_as_often_as_demand_is_unmet(
    refreshed: tuple[Tables, Found], states: pd.DataFrame
) -> None:
    found = refreshed[1]
    held = found.items.assign(planned_met=found.items["planned_met"].where(found.items["item"] != "steady", 0.4))
    after = money_view(found.levelled, held, NO_ACTIONS, found.parameters).set_index("state")
    for name in ("stockout_chance", "periods_short"):
        more = (after.loc["after the plan", name] - states.loc["after the plan", name]) * int(is_counted(held).sum())
        assert 0.3 < more <= 0.6 + 1e-5
    assert "below levels: short as often as demand is unmet." in after.loc["after the plan", "why"]


def test_an_item_without_price_is_named_and_left_out_of_the_return_alone(
    refreshed: tuple[Tables, Found], states: pd.DataFrame
) -> None:
    items, now = refreshed[1].items, states.loc["now"]
    assert "Without price, so left out of sales, margin and GMROI: erratic." in now["why"]
    assert now["stock_value"] == pytest.approx((items["on_hand"] * items["unit_cost"]).sum())
    assert now["gmroi"] > now["gross_margin"] / now["stock_value"]


def test_without_any_price_sales_margin_and_return_are_blank(refreshed: tuple[Tables, Found]) -> None:
    found = refreshed[1]
    items = found.items.assign(unit_price=np.nan)
    view = money_view(found.levelled, items, NO_ACTIONS, found.parameters)
    assert view[["sales_value", "gross_margin", "gmroi"]].isna().all(axis=None)
    assert view["state"].tolist() == ["now", "after the plan"]
    assert " and 8 more." in view["why"][0]


def test_each_action_frees_stock_and_returns_grow_with_it(states: pd.DataFrame) -> None:
    after = states.iloc[1:]
    assert len(after) > 3
    assert (after["stock_value"].diff().iloc[1:] <= 0).all()
    assert after["freed_value"].iloc[1:].is_monotonic_increasing
    assert (after["fill_rate"] == after["fill_rate"].iloc[0]).all()
    assert after["gmroi"].iloc[-1] > after["gmroi"].iloc[0]
    levels = after["stock_value"] - after["excess_value"]
    assert levels.tolist() == pytest.approx([levels.iloc[0]] * len(after), abs=0.02)


def test_what_spoils_in_any_case_is_said_and_no_stock_of_the_plan(states: pd.DataFrame) -> None:
    sold = states.loc["after: mark down"]
    before = states.iloc[states.index.get_loc("after: mark down") - 1]
    assert "of it is used or spoilt by then" in sold["why"]
    assert sold["stock_value"] == pytest.approx(before["stock_value"], abs=0.02)


def test_a_table_of_actions_with_cash_and_rank_takes_their_place(refreshed: tuple[Tables, Found]) -> None:
    found = refreshed[1]
    dead = found.items.set_index("item").loc["dead"]
    units = float(dead["excess_quantity"])
    actions = pd.DataFrame(
        {"item": "dead", "location": "MAIN", "action": ["scrap", "mark down"], "units": [units, units / 2],
         "freed_value": [0.0, 1.5 * units], "cash": [0.0, 40.0], "gain": [1.0, 50.0], "rank": [2, 1]}
    )  # fmt: skip
    view = money_view(found.levelled, found.items, actions, found.parameters).set_index("state")
    assert view.index[2:].tolist() == ["after: mark down", "after: scrap"]
    assert view["cash"].tolist()[2:] == [40.0, 40.0]
    stock = view["stock_value"]
    fallen = stock["after the plan"] - stock[["after: mark down", "after: scrap"]]
    assert fallen.tolist() == pytest.approx([units * 1.5, units * 3.0], abs=0.02)


def test_the_last_row_has_the_money_of_all_actions(refreshed: tuple[Tables, Found], states: pd.DataFrame) -> None:
    actions = refreshed[0]["actions"]
    assert set(states.index[2:]) == {f"after: {action}" for action in actions["action"]}
    for name in ("freed_value", "cash", "gain"):
        assert states[name].iloc[-1] == pytest.approx(actions[name].sum(), abs=0.02 * len(actions)), name


@given(st.lists(st.tuples(st.sampled_from(["tea", "mug", "gone"]), st.floats(0, 20), st.floats(0, 99)), max_size=6))
def test_no_unit_is_taken_twice(wanted: list[tuple[str, float, float]]) -> None:
    items = pd.DataFrame(ITEMS).assign(on_order=1.0, order_quantity=1.0, whole_units=False)
    names, units, gain = ([one[place] for one in wanted] for place in range(3))
    actions = pd.DataFrame({"item": names, "location": "MAIN", "action": "return", "units": units, "gain": gain})
    taken = applied(items, actions.astype({"item": object, "units": float, "gain": float}))
    assert (taken["units"] > 0).all()
    for name, most in (("tea", 5.0), ("mug", 9.0)):
        asked = sum(one for item, one, _ in wanted if item == name)
        assert taken["units"][taken["item"] == name].sum() == pytest.approx(min(asked, most))


def test_what_may_stay_unsold_at_a_lower_price_leaves_stock_only_as_far_as_it_is_expected_to() -> None:
    items = pd.DataFrame(ITEMS).assign(on_order=1.0, order_quantity=1.0, whole_units=False, unit_cost=2.0)
    names = {"item": "tea", "location": "MAIN", "action": ["mark down", "scrap"]}
    taken = applied(items, pd.DataFrame(names | {"units": [4.0, 1.0], "freed_value": [2.0, 0.0], "gain": 1.0}))
    assert taken["gone"].tolist() == [1.0, 1.0]


def test_the_return_on_inventory_of_a_published_example() -> None:
    # Sales of 500,000 at a cost of 300,000 with 50,000 in stock return 4 (supplychainpedia.com/gmroi-calculator).
    assert gross_margin_return(500_000 - 300_000, 50_000) == 4.0
    assert gross_margin_return(0.4 * 500_000, 50_000) == pytest.approx(0.4 * (500_000 / 50_000)), (
        "margin times sales/stock"
    )
    assert np.isnan(gross_margin_return(1.0, 0.0))


def test_a_point_of_service_costs_more_the_higher_it_is(prices: pd.DataFrame) -> None:
    assert prices.columns.tolist() == SERVICE_COST.column_names[1:]
    assert prices["fill_rate"].is_monotonic_increasing
    assert prices["stock_per_point"].dropna().is_monotonic_increasing
    assert {f"{fill:.0%}" for fill in ASKED} | {"today's fill rate", "plan's fill rate"} == set(prices.index)
    blank = prices["stock_per_point"].isna()
    assert (prices["why"] != "").tolist() == blank.tolist()
    assert prices["why"]["99%"].startswith("The items give")


def test_the_price_of_a_point_is_the_money_of_the_cheapest_mixes_on_either_side(
    refreshed: tuple[Tables, Found], prices: pd.DataFrame
) -> None:
    found = refreshed[1]
    offer = offer_of(found)
    assert offer is not None
    at = [offer.exchange.least_money((fill - offer.others) / offer.share) for fill in (0.895, 0.905)]
    rates = found.items["holding_cost"].to_numpy()[offer.rows] * A_YEAR
    money, carrying = (at[1].money - at[0].money, float((at[1].stock - at[0].stock) @ rates))
    assert prices["stock_per_point"]["90%"] == pytest.approx(money, rel=0.05)
    assert prices["carrying_per_point"]["90%"] == pytest.approx(carrying, rel=0.05)


def test_a_point_brings_a_hundredth_of_the_margin_that_is_lost_with_it(refreshed: tuple[Tables, Found]) -> None:
    found = refreshed[1]
    items = found.items[(found.items["unit_price"] > 0) & (found.items["status"] != "phase-out")]
    margin = sum(
        row["demand_per_period"] * A_YEAR * (row["unit_price"] - row["unit_cost"]) / 100
        for row in items.to_dict("records")
    )
    assert (refreshed[0]["service_cost"]["margin_per_point"] == round(margin, 2)).all()
    waiting = replace(found.parameters, shortage="backorder")
    assert service_cost_table(None, {}, found.items, waiting)["margin_per_point"].isna().all()


def test_nothing_to_buy_has_no_price_of_service(refreshed: tuple[Tables, Found]) -> None:
    found = refreshed[1]
    table = service_cost_table(None, {"today": float("nan"), "plan": 0.5}, found.items, found.parameters)
    assert table["point"].tolist() == ["plan", "90%", "95%", "98%", "99%"]
    assert table["stock_per_point"].isna().all()
    assert (table["why"] == "Nothing that is bought can have levels.").all()


def offer_of(found: Found) -> Offer | None:
    weight: Any = found.items["demand_per_period"] * found.items["unit_price"].fillna(found.items["unit_cost"])
    weight = weight.where(found.items["status"] != "phase-out", 0.0)
    return Offer.of(found.levelled.stocked, found.items, weight, lost=True)


@pytest.mark.parametrize(
    ("short", "stock", "used"),
    [([2.0, 2.0, 0.0], [0.0, 0.0, 4.0], [0.0, 0.0, 6.0]), ([2.0, 4.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 18.0])],
    ids=["lost", "waits"],
)
def test_demand_that_waits_is_used_when_it_is_met(short: list[float], stock: list[float], used: list[float]) -> None:
    dates = pd.date_range("2018-01-01", periods=3, freq="7D")
    flow = {"demand": 2.0, "receipts": [0.0, 0.0, 6.0], "sent": 0.0, "waste": 0.0, "short": short, "stock": stock}
    rows = pd.DataFrame({"item": "tea", "location": "MAIN", "date": dates, **flow})
    items = pd.DataFrame({"item": ["tea"], "location": ["MAIN"], "unit_cost": [3.0]})
    orders = pd.DataFrame({"order_date": dates[:0], "value": []})
    assert money_by_period(orders, rows, items, Calendar(dates[0].date(), "week"))["used"].tolist() == used


def test_a_plan_as_money_by_period_adds_up_to_its_lines_and_its_items(refreshed: tuple[Tables, Found]) -> None:
    tables, found = refreshed
    rows = views_of(found, frozenset({"order_items"}))["order_items"]
    made = money_by_period(tables["orders"], rows, found.items, found.parameters.calendar)
    cost = {(item["item"], item["location"]): item["unit_cost"] for item in found.items.to_dict("records")}
    sums = dict.fromkeys(("received", "used", "short", "stock"), 0.0)
    for row in rows.to_dict("records"):
        each = cost[row["item"], row["location"]]
        sums["received"] += row["receipts"] * each
        sums["used"] += (row["demand"] - row["short"]) * each
        sums["short"] += row["short"] * each
        sums["stock"] += row["stock"] * each
    assert made["ordered"].sum() == pytest.approx(tables["orders"]["value"].sum())
    for name, total in sums.items():
        assert made[name].sum() == pytest.approx(total), name
    assert made["date"].is_monotonic_increasing
