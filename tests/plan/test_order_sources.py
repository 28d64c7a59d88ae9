"""From tables to the order problem: where items come from, what late deliveries cost, what the planner fixed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shop_tables import PLAN_DATE, levelled, shop, table

from invopt_xl.optimise import OrderProblem
from invopt_xl.optimise.accounting import simulate
from invopt_xl.plan.order_plan import Basis, problem_of
from invopt_xl.plan.orders import Effort, Planned, plan_problem
from invopt_xl.plan.orders.lines import order_lines
from invopt_xl.plan.orders.planned import from_arrays, to_arrays
from invopt_xl.plan.orders.problem import receipts_by_source
from invopt_xl.plan.orders.sources import expected_lateness
from invopt_xl.plan.orders.tables import order_costs, order_items, order_limits

TERMS = {"item": ["tea"], "location": ["MAIN"], "supplier": ["East"], "unit_cost": [1.5]}


def problem(**changes: pd.DataFrame) -> tuple[OrderProblem, pd.DataFrame, Basis]:
    basis = levelled(shop(**changes))
    found, sources = problem_of(basis)
    return found, sources, basis


def test_without_further_tables_each_item_has_one_source_in_the_items_order() -> None:
    found, sources, basis = problem()
    assert found.source_item.tolist() == list(range(len(basis.items)))
    assert sources["supplier"].tolist() == ["North", "South", "North"]
    assert found.lateness_cost.tolist() == [0, 0, 0]
    assert not found.transfer.any()
    assert not found.emergency.any()


def test_further_suppliers_come_after_the_items_own_with_their_own_terms() -> None:
    terms = {**TERMS, "lead_time_days": [20], "moq": [30], "lot_size": [10]}
    found, sources, _ = problem(sources=table(**terms))
    assert len(sources) == 4
    assert found.source_item[3] == 0
    assert found.supplier_names[found.supplier[3]] == "East"
    assert found.unit_cost[3, 0] == 1.5
    assert (found.lead_time_periods[3], found.minimum_order_quantity[3], found.lot_size[3]) == (3, 30, 10)
    assert found.order_cost[3] == found.order_cost[0], "a line costs as much as any other of the item"
    assert found.unit_value[0] == 2.0, "stock is worth what the item's own supplier asks"


@pytest.mark.parametrize(
    ("terms", "periods"),
    [
        ({"lead_time_days": [8]}, 2),
        ({"lead_time_days": [None]}, 2),
        ({"lead_time_days": [None], "supplier": ["South"]}, 4),
        ({"lead_time_days": [None], "emergency": [1]}, 1),
        ({"lead_time_days": [0], "emergency": [1]}, 0),
    ],
    ids=["its own", "the item's", "the supplier's", "a period in an emergency", "at once"],
)
def test_a_blank_lead_time_of_a_source_is_the_suppliers_else_the_items(terms: dict, periods: int) -> None:
    found, _, _ = problem(sources=table(**{**TERMS, **terms}))
    assert found.lead_time_periods[3] == periods


def test_receipts_of_a_further_supplier_overrule_its_stated_lead_time() -> None:
    ordered = pd.date_range("2024-01-01", periods=10, freq="7D")
    seen = pd.DataFrame(
        {"item": "tea", "supplier": "East", "order_date": ordered, "receipt_date": ordered + pd.Timedelta(35, "D")}
    )
    found, _, _ = problem(sources=table(**{**TERMS, "lead_time_days": [7]}), receipts=seen.astype(object))
    assert found.lead_time_periods[[0, 3]].tolist() == [2, 5]


def test_a_lane_is_a_source_for_each_item_at_both_ends_and_one_for_an_item_goes_first() -> None:
    lanes = table(
        from_location=["MAIN", "MAIN", "WEST"],
        to_location=["WEST", "WEST", "MAIN"],
        item=[None, "tea", None],
        transfer_cost=[0.5, 0.2, 0.7],
        order_cost=[3, 4, 5],
        lead_time_days=[None, 2, 9],
    )
    found, sources, basis = problem(lanes=lanes)
    moved = sources[sources["origin_row"] >= 0]
    names = basis.items["item"] + " " + basis.items["location"]
    ends = [f"{names[row]} from {names[origin]}" for row, origin in zip(moved.item_row, moved.origin_row, strict=True)]
    assert ends == ["tea MAIN from tea WEST", "tea WEST from tea MAIN"]
    assert found.unit_cost[3:, 0].tolist() == [0.7, 0.2]
    assert found.order_cost[3:].tolist() == [5, 4]
    assert found.lead_time_periods[3:].tolist() == [2, 1]
    assert found.item_names == ("tea at MAIN", "cup", "tea at WEST")


def test_what_is_ordered_by_parts_of_a_unit_moves_by_them() -> None:
    raw = shop(lanes=table(from_location=["MAIN"], to_location=["WEST"]))
    for lot, moved in ((0.001, 0.001), (12.0, 1.0)):
        found, _ = problem_of(levelled(raw | {"items": raw["items"].assign(lot_size=lot, moq=0)}))
        assert found.lot_size[found.transfer].tolist() == [moved]


def test_an_item_without_a_supplier_at_the_end_of_a_lane_is_bought_by_override_alone() -> None:
    lanes = table(from_location=["MAIN"], to_location=["WEST"])
    raw = shop(lanes=lanes)
    raw["items"].loc[4, "supplier"] = None
    raw["items"].loc[4, "on_hand"] = 0
    basis = levelled(raw)
    found, sources = problem_of(basis)
    planned = plan_problem(found, sources, Effort(2, 0.01))
    assert found.fixed_quantity[2].tolist() == [0] * found.periods
    assert planned.plan.quantity[2].sum() == 0
    raw["plan"] = table(item=["tea"], location=["WEST"], override_quantity=[7])
    found, sources = problem_of(levelled(raw))
    assert found.fixed_quantity[2, 0] == 7


def test_an_override_fixes_the_own_supplier_and_closes_every_other_way_now_but_not_later() -> None:
    found, _, _ = problem(
        sources=table(**TERMS),
        lanes=table(from_location=["WEST"], to_location=["MAIN"]),
        plan=table(item=["tea"], location=["MAIN"], override_quantity=[17]),
    )
    assert found.source_item.tolist() == [0, 1, 2, 0, 0]
    assert found.fixed_quantity[[0, 3, 4], 0].tolist() == [17, 0, 0]
    assert np.isnan(found.fixed_quantity[[0, 3, 4], 1:]).all()
    assert np.isnan(found.fixed_quantity[[1, 2]]).all()


def test_limits_shelf_life_and_frozen_periods_are_the_parameters_and_the_items() -> None:
    raw = shop(working_capital=900, frozen_periods=2, budget=50)
    raw["items"].loc[2, "shelf_life_days"] = 10
    found, _ = problem_of(levelled(raw))
    assert found.shelf_life_periods.tolist() == [10 / 7, np.inf, np.inf]
    assert found.age_on_arrival.tolist() == pytest.approx([0, 4 / 7, 0]), "10 days of lead time are two weeks in a plan"
    assert (found.working_capital[0], found.frozen_periods, found.budget[0]) == (900, 2, 50)
    assert np.isinf(found.storage_volume).all()


@settings(max_examples=15, deadline=None)
@given(mean=st.floats(0.2, 8), ratio=st.floats(0.05, 1.5))
def test_expected_lateness_is_the_mean_over_deliveries_drawn_one_by_one(mean: float, ratio: float) -> None:
    spread = ratio * mean
    drawn = np.random.default_rng(3).gamma((mean / spread) ** 2, spread**2 / mean, 200_000)
    late = np.maximum(np.ceil(drawn) - np.ceil(mean - 1e-9), 0).mean()
    assert expected_lateness(np.array([mean]), np.array([spread]))[0] == pytest.approx(late, abs=0.01 + 0.03 * late)


def test_late_deliveries_cost_only_beyond_what_the_safety_stock_is_made_for() -> None:
    reliable, _, _ = problem(sources=table(**{**TERMS, "lead_time_days": [14], "lead_time_sd_days": [0]}))
    unreliable, sources, _ = problem(sources=table(**{**TERMS, "lead_time_days": [14], "lead_time_sd_days": [9]}))
    assert reliable.lateness_cost.tolist() == [0, 0, 0, 0]
    own, other = expected_lateness(np.array([2.0, 2.0]), np.array([3.0, 9.0]) / 7)
    assert sources["late_periods"][3] == pytest.approx(other - own)
    assert unreliable.lateness_cost[3] == pytest.approx((other - own) * unreliable.floor_penalty[0])


def test_a_cheaper_source_is_used_and_its_lines_carry_its_own_terms() -> None:
    found, sources, basis = problem(sources=table(**{**TERMS, "unit_cost": [0.5], "lead_time_days": [14]}))
    planned = plan_problem(found, sources, Effort(3, 0.01))
    parameters = basis.admitted.parameters
    lines = order_lines(basis.items, planned, parameters).query("item == 'tea' and location == 'MAIN'")
    east = lines[lines["supplier"] == "East"]
    assert len(east) > 0
    assert (east["unit_cost"] == 0.5).all()
    assert np.allclose(east["value"], (east["quantity"] * 0.5).round(2))
    assert ((east["due_date"] - east["order_date"]).dt.days == 14).all()
    assert east["why"].str.contains("bought from East instead of North").all()


def test_transfers_are_lines_from_their_location_and_no_purchases() -> None:
    raw = shop(lanes=table(from_location=["WEST"], to_location=["MAIN"], transfer_cost=[0.1], lead_time_days=[1]))
    raw["items"]["on_hand"] = [0, 60, 4000]
    basis = levelled(raw)
    found, sources = problem_of(basis)
    quantity = np.zeros((found.sources, found.periods))
    quantity[3, 0], quantity[1, 0] = 50, 12
    planned = with_quantity(found, sources, quantity)
    lines = order_lines(basis.items, planned, basis.admitted.parameters)
    moved = lines[lines["supplier"] == "from WEST"].iloc[0]
    assert (moved["item"], moved["location"], moved["quantity"], moved["value"]) == ("tea", "MAIN", 50, 5)
    assert "moved from WEST" in moved["why"]
    each = order_items(basis.items, planned, basis.admitted.parameters)
    assert each.query("item == 'tea' and location == 'WEST'")["sent"].tolist()[:2] == [50, 0]
    assert each.query("item == 'tea' and location == 'MAIN'")["receipts"].tolist()[:2] == [0, 50]
    spent = order_limits(planned, basis.admitted.parameters)
    assert spent.empty, "no limit is set"


def with_quantity(found: OrderProblem, sources: pd.DataFrame, quantity: np.ndarray) -> Planned:
    """Return a plan of given quantities."""
    planned = plan_problem(found, sources, Effort(0.2, 1.0))
    flow = simulate(found, quantity)
    shapes = np.where(quantity > 0, "need", "")
    made = replace(planned.plan, quantity=quantity, stock=flow.stock, short=flow.short, shaped_by=shapes)
    return replace(planned, plan=made, rates=np.zeros_like(quantity))


@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_items_balance_in_every_period_and_costs_add_up(data: st.DataObject) -> None:
    lanes = table(from_location=["MAIN", "WEST"], to_location=["WEST", "MAIN"], transfer_cost=[0.1, 0.2])
    raw = shop(sources=table(**TERMS), lanes=lanes, budget=200, shortage=data.draw(st.sampled_from(["lost"])))
    raw["items"]["shelf_life_days"] = data.draw(st.sampled_from([None, 9, 30]))
    raw["items"]["on_hand"] = data.draw(st.lists(st.integers(0, 300), min_size=3, max_size=3))
    basis = levelled(raw)
    found, sources = problem_of(basis)
    planned = plan_problem(found, sources, Effort(0.2, 0.05))
    rows = order_items(basis.items, planned, basis.admitted.parameters)
    for (item, location), each in rows.groupby(["item", "location"]):
        at = ((basis.items["item"] == item) & (basis.items["location"] == location)).to_numpy()
        before = np.append(basis.items.loc[at, "on_hand"], each["stock"])[:-1]
        after = before + each["receipts"] - each["sent"] - each["waste"] - each["demand"] + each["short"]
        assert np.allclose(after, each["stock"], atol=1e-2)
    costs = order_costs(planned, basis.admitted.parameters)
    parts = costs[~costs["kind"].isin(["purchase", "total"])]["amount"].sum()
    assert parts == pytest.approx(costs.set_index("kind").loc["total", "amount"], abs=0.1)
    limits = order_limits(planned, basis.admitted.parameters)
    assert (limits["used"] <= limits["available"] * (1 + 1e-6)).all()


def test_an_open_order_of_the_past_comes_in_the_first_period_and_that_is_said() -> None:
    overdue = table(item=["cup"], due_date=["2024-06-01"], quantity=[40])
    basis = levelled(shop(open_orders=overdue))
    found, _ = problem_of(basis)
    assert found.scheduled_receipts[1].tolist()[:2] == [40, 0]
    said = basis.admitted.quality.query("table == 'tblOpenOrders'").iloc[0]
    assert (said["severity"], said["reason"]) == ("repaired", f"due before the plan date {PLAN_DATE}")


def test_open_orders_belong_to_the_source_that_delivers_them() -> None:
    given = table(
        item=["tea", "tea", "tea", "cup", "cup"],
        location=["MAIN"] * 5,
        due_date=["2024-07-02", "2024-07-09", "2024-07-09", "2024-07-16", "2030-01-01"],
        quantity=[1, 2, 4, 8, 16],
        supplier=[None, "East", "Gone", "South", "South"],
    )
    both = {**TERMS, "item": ["tea"] * 2, "location": ["MAIN"] * 2, "supplier": ["East"] * 2, "emergency": [0, 1]}
    found, sources, basis = problem(sources=table(**{**both, "unit_cost": [1.5, 9]}), open_orders=given)
    tables, parameters = basis.admitted.tables, basis.admitted.parameters
    by_source = receipts_by_source(basis.items, sources, found.periods, tables, parameters)
    assert by_source[:, :3].tolist() == [[1, 0, 0], [0, 0, 8], [0, 0, 0], [0, 2, 0], [0, 0, 0]]
    assert found.scheduled_receipts[:, :3].tolist() == [[1, 6, 0], [0, 0, 8], [0, 0, 0]]


def test_a_plan_comes_out_of_the_cache_as_it_went_in() -> None:
    found, sources, _ = problem(sources=table(**TERMS), budget=50)
    made = plan_problem(found, sources, Effort(0.5, 0.05)).plan
    again = from_arrays(to_arrays(made))
    for name, value in vars(made).items():
        kept = getattr(again, name)
        if name in ("shadow_prices", "more_room"):
            assert all(np.array_equal(vars(kept)[each], table) for each, table in vars(value).items())
        else:
            assert np.array_equal(kept, value) if isinstance(value, np.ndarray) else kept == value, name
