"""What becomes of overrides in the plan: ordered when they are dated, nothing else until then, beside the proposal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from plan_alone import run
from shop_tables import levelled, shop, table
from small_tables import PLAN_DATE, small_tables

from invopt_xl.plan.columns import PLAN
from invopt_xl.plan.order_plan import problem_of
from invopt_xl.plan.orders.problem import fixed_orders
from invopt_xl.plan.pipeline import PlanResult
from invopt_xl.plan.proposals import with_changes_told

LATER = "2024-07-16"
"""A day of the third week of the plan."""


@pytest.fixture(scope="module")
def result() -> PlanResult:
    tables = small_tables()
    tables["plan"] = table(
        item=["steady", "lumpy", "erratic", "rare", "dead", "new"],
        location="MAIN",
        override_quantity=[48, 0, 36, 5, 7, "many"],
        override_date=[LATER, None, None, "2024-01-01", "2024-06-25", None],
        note=["after the move", *[None] * 5],
    )
    tables["overrides"] = table(
        plan_date=["2024-06-24", "2024-06-24"],
        item=["dead", "rare"],
        location="MAIN",
        override_quantity=[7, 5],
        override_date=["2024-06-25", "2024-01-01"],
        verdict=["open", "replaced"],
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
    (told,) = result.tables["exceptions"].query("kind == 'override not followed' and item == 'rare'").to_dict("records")
    assert (told["item"], told["message"]) == (
        "rare",
        f"override_date is before the plan date {PLAN_DATE}; expected a day from it on, or none for an order now",
    )
    assert plan.loc["rare", "override_quantity"] == 5, "it stays in the plan"
    assert plan.loc["rare", "override_date"] == "2024-01-01"


def test_an_override_that_is_not_followed_comes_first_in_the_plan(result: PlanResult, plan: pd.DataFrame) -> None:
    assert plan.loc["new", "exception"] == "override not followed"
    kinds = result.tables["exceptions"].query("item == 'new'")["kind"].tolist()
    assert kinds[0] == "stock-out likely", "the exceptions themselves begin with the most pressing"


def test_a_dated_override_that_was_ordered_on_its_day_is_only_to_be_cleared(
    result: PlanResult, plan: pd.DataFrame
) -> None:
    told = result.tables["exceptions"].query("item == 'dead'").set_index("kind")
    assert told.loc["override ordered", ["severity", "message"]].tolist() == [
        "notice",
        "the override of 7 was ordered on 25 Jun 2024; clear it",
    ]
    assert "override not followed" not in told.index
    quality = result.tables["quality"]
    assert quality[quality["table"] == "tblPlan"]["value"].tolist() == ["rare: 2024-01-01", "new: many"], (
        "not that of dead"
    )
    assert plan.loc["dead", "order_quantity"] == 0


def test_an_order_that_overrides_of_other_items_changed_says_so(plan: pd.DataFrame) -> None:
    def clause(item: str, who: str) -> str:
        before, now = plan.loc[item, ["proposed_quantity", "order_quantity"]]
        return f"; the {who} this order from {before:g} to {now:g}."

    assert plan.loc["new", "why"].endswith(clause("new", "override of lumpy changes"))
    assert plan.loc["dead", "order_quantity"] == plan.loc["dead", "proposed_quantity"]
    changed = plan["why"].str.contains("this order from")
    assert not changed[["dead", "steady", "lumpy", "erratic"]].any(), "only where it is another order of the plan's own"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, [False, True]),
        ({"suppliers": table(supplier=["North", "South"], order_cost=[0, 5])}, [False, False]),
        ({"suppliers": table(supplier=["North"], order_cost=0, capacity_units=[50])}, [False, True]),
        ({"suppliers": table(supplier=["North"], order_cost=0, minimum_order_value=[50])}, [False, True]),
        (
            {
                "suppliers": table(supplier=["North"], order_cost=0),
                "lanes": table(from_location=["WEST"], to_location="MAIN", item="tea"),
            },
            [False, True],
        ),
        ({"budget": 500}, [True, True]),
    ],
)
def test_only_orders_that_share_something_with_an_override_are_put_down_to_it(
    changes: dict[str, object], told: list[bool]
) -> None:
    raw = shop(plan=table(item=["tea"], location="MAIN", override_quantity=30), **changes)
    basis = levelled(raw)
    problem, _ = problem_of(basis)
    items = basis.items.assign(
        proposed_quantity=[90.0, 40.0, 40.0], proposed_period=0.0, order_quantity=[30.0, 24.0, 24.0], why="So."
    )
    why = with_changes_told(items, problem)["why"].tolist()
    clause = "So; the override of tea at MAIN changes this order from 40 to 24."
    assert why == ["So.", *[clause if each else "So." for each in told]]
    same = with_changes_told(items.assign(order_quantity=items["proposed_quantity"]), problem)
    assert same["why"].tolist() == ["So."] * 3, "nothing changed"


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
