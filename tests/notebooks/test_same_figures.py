"""A figure of an item is the same in its workbook, in a notebook and in a cell: one refresh, looked at three times."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from small_tables import small_tables

import invopt_xl
from invopt_xl.hosts.notebook import Plan
from invopt_xl.plan.columns import EXCESS, PLAN, SEGMENTS, Table, Tables
from invopt_xl.plan.excess import with_excess
from invopt_xl.plan.replenishment import LONGEST_CYCLE_DAYS
from invopt_xl.plan.segmentation import Segmentation, segment
from invopt_xl.plan.segmentation.known import known_demand
from invopt_xl.plan.views.segments import segment_table
from invopt_xl.sheet import calculate
from invopt_xl.workbook.parts.book import Book
from invopt_xl.workbook.parts.package import Package
from invopt_xl.workbook.reading import frames_of
from invopt_xl.workbook.refresh import refresh_workbook
from invopt_xl.workbook.template import Cover, build_plan_workbook


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """A small workbook after a refresh, opened as a notebook opens it."""
    folder = tmp_path_factory.mktemp("shop")
    tables = small_tables(service_goal="items")
    book = build_plan_workbook(folder / "shop.xlsx", tables, title="Shop", cover=Cover("To plan."))
    cache = invopt_xl.ContentCache(folder / "cache")
    refresh_workbook(book, cache=cache, workers=1)
    return invopt_xl.open_plan(book, cache=cache)


@pytest.fixture(scope="module")
def written(plan: Plan) -> Tables:
    """What stands in the cells of the workbook."""
    with Package(plan.source) as package:
        return frames_of(Book(package), (PLAN, SEGMENTS, EXCESS))


@pytest.fixture(scope="module")
def found(plan: Plan) -> Segmentation:
    return segment(plan.levelled.items, plan.past, plan.parameters, tables=plan.admitted.tables)


def by_item(tables: Tables, table: Table, plan: Plan) -> pd.DataFrame:
    return tables[table.stem].set_index("item").loc[plan.items["item"]]


def one_column(values: object) -> list[list[object]]:
    return [[value] for value in pd.Series(values).tolist()]


def cells(name: str, *given: object) -> list[object]:
    return [row[0] for row in calculate(name, list(given)).cells]


def histories_in_cells(plan: Plan) -> list[list[float | None]]:
    return [[None if np.isnan(each) else each for each in row] for row in known_demand(plan.past).tolist()]


def test_classes_and_patterns_are_the_same_in_workbook_notebook_and_cell(
    plan: Plan, written: Tables, found: Segmentation
) -> None:
    in_book, items = by_item(written, SEGMENTS, plan), found.items
    demand, season = histories_in_cells(plan), plan.parameters.calendar.season
    value = one_column(items["demand_per_period"] * items["unit_cost"])
    in_cells = {
        "abc": cells("ABC", value),
        "xyz": cells("XYZ", demand, None, None, "rows", season),
        "cell": cells("ABC_XYZ", value, demand, None, None, None, None, "rows", season),
        "pattern": cells("DEMAND_PATTERN", demand, None, None, "rows"),
    }
    for name, letters in in_cells.items():
        assert in_book[name].tolist() == items[name].tolist() == letters, name
    assert by_item(written, PLAN, plan)["abc"].tolist() == in_cells["abc"]


def test_every_segment_in_the_workbook_is_the_notebooks(plan: Plan, written: Tables, found: Segmentation) -> None:
    mine = segment_table(found).set_index("item")
    in_book = written[SEGMENTS.stem].set_index("item")
    assert in_book.index.tolist() == mine.index.tolist()
    for column in SEGMENTS.columns:
        if column.name == "item":
            continue
        if column.kind == "number":
            np.testing.assert_allclose(
                pd.to_numeric(in_book[column.name]), mine[column.name], atol=1e-6, err_msg=column.name
            )
        else:
            assert in_book[column.name].fillna("").tolist() == mine[column.name].tolist(), column.name


def test_forecast_error_classes_follow_from_the_error_that_the_workbook_shows(plan: Plan, written: Tables) -> None:
    in_book = by_item(written, SEGMENTS, plan)
    error = pd.to_numeric(in_book["forecast_error"])
    assert in_book["xyz"].tolist() == np.where(error <= 0.5, "X", np.where(error <= 1.0, "Y", "Z")).tolist()
    assert error.isna().any(), "an item that cannot be judged is among them"


def test_cover_and_excess_are_the_same_in_workbook_notebook_and_cell(plan: Plan, written: Tables) -> None:
    levelled, parameters = plan.levelled.items, plan.parameters
    days = parameters.calendar.days_per_period
    mine = with_excess(levelled, parameters.excess_cover_days, days)
    rate, here, coming = (one_column(levelled[name]) for name in ("demand_per_period", "on_hand", "on_order"))
    cover = cells("DAYS_OF_COVER", here, rate, days)
    excess = cells("EXCESS", here, rate, coming, one_column(levelled["order_up_to"]), 91.0, days)
    in_plan, in_review = by_item(written, PLAN, plan), written[EXCESS.stem].set_index("item")
    for item, told, exact, shown in zip(
        levelled["item"], cover, mine["cover_days"], pd.to_numeric(in_plan["cover_days"]), strict=True
    ):
        if np.isnan(exact):
            assert np.isnan(shown), item
            assert not isinstance(told, float), "there is no end to it"
            continue
        assert told == pytest.approx(exact), item
        assert shown == pytest.approx(exact, abs=0.5), "the plan is rounded to days"
    assert excess == pytest.approx(mine["excess_quantity"].tolist())
    assert pd.to_numeric(in_plan["excess_quantity"]).tolist() == pytest.approx(excess, abs=0.05)
    assert set(in_review.index) == set(levelled["item"][mine["excess_quantity"].round(1) > 0])


def test_usual_orders_are_the_economic_ones_of_the_cell_in_whole_lots(plan: Plan, written: Tables) -> None:
    items = plan.levelled.items
    rows = [plan.row_of(item) for item in ("steady", "erratic", "lumpy")]
    some, in_plan = items.iloc[rows], by_item(written, PLAN, plan).iloc[rows]
    terms = (one_column(some[name]) for name in ("demand_per_period", "order_cost", "holding_cost"))
    economic = np.array(cells("EOQ", *terms), dtype=np.float64)
    lot, least = some["lot_size"].to_numpy(dtype=np.float64), some["moq"].to_numpy(dtype=np.float64)
    longest = some["demand_per_period"] * LONGEST_CYCLE_DAYS / plan.parameters.calendar.days_per_period
    wanted = np.ceil(np.maximum(np.minimum(economic, longest), least) / lot) * lot
    assert some["order_cycle"].tolist() == wanted.tolist()
    up_to, level = (pd.to_numeric(in_plan[name]) for name in ("order_up_to", "reorder_point"))
    assert (up_to - level).tolist() == pytest.approx(wanted.tolist(), abs=0.11), "the plan is rounded"


def test_safety_stock_and_reorder_point_in_the_workbook_are_the_notebooks(plan: Plan, written: Tables) -> None:
    items, in_plan = plan.levelled.items, by_item(written, PLAN, plan)
    shown = items[["safety_stock", "reorder_point"]].clip(lower=0.0)
    for name, mine in shown.items():
        assert pd.to_numeric(in_plan[name]).tolist() == pytest.approx(mine.tolist(), abs=0.051), name
