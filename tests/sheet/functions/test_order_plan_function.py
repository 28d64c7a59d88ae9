"""A whole order plan in cells: the lines of the plan room, how good they are, and every row that was left out."""

from functools import cache
from typing import Any

import pandas as pd
import pytest

from invopt_xl.plan import order_plan
from invopt_xl.plan.order_plan import make_orders
from invopt_xl.plan.orders import Effort, plan_problem
from invopt_xl.sheet import Run, calculate, catalogue
from invopt_xl.sheet.functions.order_plans import DEMAND_ROWS, FIELDS, ITEM_ROWS, MONDAY

Rows = list[list[Any]]
PARAMETERS: Rows = [["name", "value"], ["plan_date", MONDAY + 84], ["horizon_periods", 6]]


def plan(*given: Any, run: Run | None = None) -> pd.DataFrame:
    answer = calculate("ORDER_PLAN", given, run)
    assert answer.trace == ""
    header, *rows = answer.cells
    assert header == list(FIELDS), header
    return pd.DataFrame(rows, columns=header, dtype=object)


def line(*given: Any) -> str:
    answer = calculate("ORDER_PLAN", given)
    assert (answer.refused, answer.trace) == (True, "")
    return str(answer.cells[0][0])


@cache
def example() -> pd.DataFrame:
    return plan(*catalogue()["ORDER_PLAN"].example)


def of_kind(table: pd.DataFrame, kind: str) -> pd.DataFrame:
    return table[table["kind"] == kind]


def test_the_lines_are_those_of_the_plan() -> None:
    stems = ("items", "demand", "suppliers", "parameters")
    given = [[list(row) for row in rows] for rows in catalogue()["ORDER_PLAN"].example[:4]]  # type: ignore[union-attr]
    tables = {
        stem: pd.DataFrame(rows, columns=header, dtype=object)
        for stem, (header, *rows) in zip(stems, given, strict=True)
    }
    orders = make_orders(tables, Effort(5, 0.01)).tables["orders"]
    found = of_kind(example(), "order")
    for name in ("supplier", "item", "location", "quantity", "unit_cost", "value", "discount_rate", "why"):
        assert found[name].tolist() == orders[name].tolist()
    for name in ("order_date", "due_date"):
        assert found[name].tolist() == [str(day.date()) for day in orders[name]]


def test_the_first_row_says_how_good_the_plan_is() -> None:
    first = example().iloc[0]
    assert first["kind"] == "plan"
    for part in ("gap", "a better plan would save at most", "lines worth", "to place on 2018-03-26"):
        assert part in first["why"]
    assert first[list(FIELDS[1:-1])].isna().all()


def test_numbers_are_in_order_lines_only_so_that_a_column_can_be_summed() -> None:
    table = plan(ITEM_ROWS, [*DEMAND_ROWS, ["cocoa", MONDAY, 5]], None, PARAMETERS)
    numbers = table.loc[table["kind"] != "order", ["quantity", "unit_cost", "value", "discount_rate"]]
    assert numbers.isna().all(axis=None)


def test_every_row_left_out_is_told_with_its_place_in_the_range_and_the_rest_is_planned() -> None:
    items = [*ITEM_ROWS, ["coffee", "North", "#N/A", 9, 7, 40, 1], [None] * 7]
    demand = [*DEMAND_ROWS, ["cocoa", MONDAY, 5], ["tea", MONDAY + 7, "lots"]]
    table = plan(items, demand, None, PARAMETERS)
    told = of_kind(table, "rejected")["why"].tolist()
    assert [line.partition(":")[0] for line in told] == [
        "items row 4, unit_cost #N/A", "demand row 27, quantity lots", "demand row 26, item cocoa",
    ]  # fmt: skip
    assert "3 rows of the tables left out, see below" in table["why"].iloc[0]
    assert set(of_kind(table, "order")["item"]) == {"tea", "milk"}
    assert not table["why"].str.contains("tbl").any()


def test_dates_in_cells_are_no_repairs_and_warnings_of_a_kind_stand_in_one_row() -> None:
    assert not example()["why"].str.contains("serial number").any()
    warnings = of_kind(example(), "warning")["why"].tolist()
    assert len(warnings) == 1
    assert warnings[0].startswith("items row 2 and 1 more, item tea: 12 weeks: less than 18 months of history")


def test_what_is_assumed_is_told() -> None:
    table = plan(ITEM_ROWS, DEMAND_ROWS)
    assert of_kind(table, "note")["why"].tolist() == ["Demand is forecast from the range demand."]
    assert of_kind(table, "repaired")["why"].str.contains("plan_date is missing").any()


def test_columns_stand_in_any_order_and_further_ones_do_not_matter() -> None:
    turned = [["remark", *row[::-1]] if place == 0 else ["x", *row[::-1]] for place, row in enumerate(ITEM_ROWS)]
    found, usual = (of_kind(plan(rows, DEMAND_ROWS, None, PARAMETERS), "order") for rows in (turned, ITEM_ROWS))
    assert found["quantity"].tolist() == usual["quantity"].tolist()


def test_dates_written_as_texts_give_the_same_plan() -> None:
    dates = pd.Timestamp(1899, 12, 30) + pd.to_timedelta([row[1] for row in DEMAND_ROWS[1:]], unit="D")
    written = [[row[0], f"{day:%Y-%m-%d}", row[2]] for row, day in zip(DEMAND_ROWS[1:], dates, strict=True)]
    written = [DEMAND_ROWS[0], *written]
    found, usual = (of_kind(plan(ITEM_ROWS, rows, None, PARAMETERS), "order") for rows in (written, DEMAND_ROWS))
    assert found["quantity"].tolist() == usual["quantity"].tolist()


def test_open_orders_discounts_and_capacities_count() -> None:
    usual = of_kind(plan(ITEM_ROWS, DEMAND_ROWS, None, PARAMETERS), "order")
    coming = [["item", "due_date", "quantity"], ["tea", MONDAY + 84, 5000]]
    with_more = of_kind(plan(ITEM_ROWS, DEMAND_ROWS, None, PARAMETERS, None, coming), "order")
    assert "tea" in set(usual["item"])
    assert "tea" not in set(with_more["item"])
    cheaper = [["supplier", "from_quantity", "discount_rate"], ["North", 300, 0.2]]
    suppliers = [["supplier", "order_cost"], ["North", 5]]
    discounted = of_kind(plan(ITEM_ROWS, DEMAND_ROWS, suppliers, PARAMETERS, None, None, cheaper), "order")
    assert discounted["discount_rate"].max() == pytest.approx(0.2)


def test_who_runs_short_is_told_where_it_is_planned() -> None:
    tight = [["supplier", "capacity_units"], ["North", 60]]
    table = plan(ITEM_ROWS, DEMAND_ROWS, tight, PARAMETERS, 2)
    assert len(of_kind(table, "short")) > 0
    assert of_kind(table, "short")["why"].str.contains("capacity").any()


def test_time_is_limited_to_what_a_sheet_can_wait_for() -> None:
    assert line(ITEM_ROWS, DEMAND_ROWS, None, None, 301) == "#INVOPT! seconds is 301; expected a number from 1 to 300"


@pytest.mark.parametrize(
    ("seconds", "rows", "wanted"),
    [
        (None, [], (15.0, 0.01)),
        (None, [["solver_seconds", 3], ["solver_gap", 0.2]], (3.0, 0.2)),
        (None, [["solver_seconds", 900]], (300.0, 0.01)),
        (2, [["solver_seconds", 3], ["solver_gap", "5%"]], (2.0, 0.05)),
    ],
)
def test_how_long_and_how_well_to_plan_is_what_cells_say_or_else_the_parameters(
    monkeypatch: pytest.MonkeyPatch, seconds: float | None, rows: Rows, wanted: tuple[float, float]
) -> None:
    asked: list[Effort] = []

    def planned(problem: Any, sources: Any, effort: Effort, **rest: Any) -> Any:
        asked.append(effort)
        return plan_problem(problem, sources, Effort(0.2, 1.0, 1), **rest)

    monkeypatch.setattr(order_plan, "plan_problem", planned)
    plan(ITEM_ROWS, DEMAND_ROWS, None, PARAMETERS + rows, seconds)
    assert [(each.seconds, each.gap) for each in asked] == [wanted]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ((ITEM_ROWS,), "demand is empty; expected a range with a header row"),
        ((5, DEMAND_ROWS), "items is 5; expected a range with a header row"),
        (([["item", "price"], ["tea", 4]], DEMAND_ROWS), "the range items lacks the columns unit_cost, lead_time_days"),
        ((ITEM_ROWS, [["item", "quantity"], ["tea", 4]]), "the range demand lacks the column date"),
        ((ITEM_ROWS[:1], DEMAND_ROWS), "the range items"),
        (("#REF!", DEMAND_ROWS), "items is #REF!"),
        (([[*ITEM_ROWS[0], " Item"], [*ITEM_ROWS[1], "oil"]], DEMAND_ROWS), "items has two columns item; expected one"),
    ],
)
def test_what_cannot_be_planned_at_all_is_refused_in_one_line(given: tuple[Any, ...], told: str) -> None:
    assert told in line(*given)
    assert "tbl" not in line(*given)


def test_the_stages_are_told_while_it_is_planned() -> None:
    class Heard:
        def __init__(self) -> None:
            self.stages: list[str] = []

        def stage(self, name: str, steps: int = 0) -> None:
            self.stages.append(name)

        def advance(self, steps: int = 1) -> None:
            pass

    heard = Heard()
    plan(ITEM_ROWS, DEMAND_ROWS, None, PARAMETERS, run=Run(progress=heard))
    assert "Checking data" in heard.stages


def test_a_plan_is_explained_by_its_first_row() -> None:
    found = calculate("EXPLAIN", ["ORDER_PLAN", ITEM_ROWS, DEMAND_ROWS, None, PARAMETERS]).cells[0][0]
    assert "a better plan would save at most" in str(found)
