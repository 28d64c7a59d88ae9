"""What becomes of overrides in the plan: ordered when they are dated, nothing else until then, beside the proposal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from shop_tables import levelled, shop, table
from small_tables import PLAN_DATE, small_tables

from invopt_xl.plan.columns import PLAN
from invopt_xl.plan.order_plan import problem_of
from invopt_xl.plan.orders.problem import fixed_orders
from invopt_xl.plan.pipeline import PlanResult, run

LATER = "2024-07-16"
"""A day of the third week of the plan."""


@pytest.fixture(scope="module")
def result() -> PlanResult:
    tables = small_tables()
    tables["plan"] = table(
        item=["steady", "lumpy", "erratic", "rare"],
        location="MAIN",
        override_quantity=[48, 0, 36, 5],
        override_date=[LATER, None, None, "2024-01-01"],
        note=["after the move", None, None, None],
    )
    return run(tables, user="Ann")


@pytest.fixture(scope="module")
def plan(result: PlanResult) -> pd.DataFrame:
    return result.tables["plan"].set_index("item")


def lines(result: PlanResult, item: str) -> pd.DataFrame:
    return result.tables["orders"].query("item == @item")


def test_a_dated_override_is_ordered_in_the_period_of_its_day_and_nothing_before(result: PlanResult) -> None:
    first = lines(result, "steady").iloc[0]
    assert (first["order_date"], first["quantity"]) == (pd.Timestamp("2024-07-15"), 48)


def test_the_plan_says_when_the_planner_orders_and_what_it_would_order_itself(plan: pd.DataFrame) -> None:
    steady = plan.loc["steady"]
    assert steady["order_quantity"] == 0
    assert steady["why"].startswith("No order now: the planner's own decision to order 48 on 16 Jul 2024 instead of ")
    assert f"instead of {steady['proposed_quantity']:,.0f} proposed" in steady["why"]
    assert plan.loc["lumpy", "why"].startswith("No order now: the planner's own decision instead of ")
    assert plan.loc["erratic", "why"].startswith("The planner's own quantity")


def test_the_exception_of_an_override_tells_both_and_the_money_between_them(
    result: PlanResult, plan: pd.DataFrame
) -> None:
    told = result.tables["exceptions"].query("kind == 'override'").set_index("item")
    assert set(told.index) == {"steady", "lumpy", "erratic"}
    proposed = plan.loc["lumpy", "proposed_quantity"]
    assert proposed > 0
    money = 4.0 * proposed
    assert told.loc["lumpy", "value_at_stake"] == money
    words = f"the planner orders 0 instead of {proposed:.0f} proposed ({proposed:.0f} fewer, worth {money:,.2f})"
    assert told.loc["lumpy", "message"] == words
    assert told.loc["steady", "message"].startswith("the planner orders 48 on 16 Jul 2024 instead of ")


def test_an_override_on_a_day_that_is_past_is_not_ordered_and_called_out(
    result: PlanResult, plan: pd.DataFrame
) -> None:
    (told,) = result.tables["exceptions"].query("kind == 'override not followed'").to_dict("records")
    assert (told["item"], told["message"]) == (
        "rare",
        f"override_date is before the plan date {PLAN_DATE}; expected a day from it on, or none for an order now",
    )
    assert plan.loc["rare", "override_quantity"] == 5, "it stays in the plan"
    assert plan.loc["rare", "override_date"] == "2024-01-01"


def test_what_the_planner_wrote_stays_with_its_item(plan: pd.DataFrame) -> None:
    own = [column.name for column in PLAN.columns if column.owner == "planner"]
    assert plan.loc["steady", own].tolist() == [48, LATER, "after the move"]


def test_nothing_comes_from_anywhere_until_the_day_of_an_override() -> None:
    lanes = table(from_location=["WEST"], to_location="MAIN", item="tea")
    raw = shop(lanes=lanes, plan=table(item=["tea"], location="MAIN", override_quantity=30, override_date=LATER))
    basis = levelled(raw)
    problem, sources = problem_of(basis)
    fixed, mine = problem.fixed_quantity, problem.source_item == 0
    assert fixed[0, :3].tolist() == [0, 0, 30]
    assert mine.sum() == 2, "its own supplier, and the lane"
    assert (fixed[mine][1:, :3] == 0).all()
    assert np.isnan(fixed[mine][:, 3:]).all()
    assert np.isnan(fixed[~mine]).all()
    undated = replace(basis, items=basis.items.assign(override_period=0.0)).items
    assert fixed_orders(undated, sources, 3)[:, 0].tolist()[0] == 30
