"""A figure of an item is the same in its workbook, a notebook, a cell and a command: one refresh, looked at by all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from command_line import invoke
from priced_tables import priced_tables
from small_tables import small_tables

import invopt_xl
from invopt_xl.hosts.notebook import Plan
from invopt_xl.plan.columns import ACTIONS, EXCESS, MARKDOWN, MARKDOWN_SUMMARY, MONEY, PLAN, SEGMENTS, Table, Tables
from invopt_xl.plan.excess import Assumptions, ExcessReview, Stock, endings_of, review, with_excess
from invopt_xl.plan.excess_decisions import proposed_decisions
from invopt_xl.plan.markdown import Markdowns, marked_down
from invopt_xl.plan.replenishment import LONGEST_CYCLE_DAYS
from invopt_xl.plan.segmentation import Segmentation, segment
from invopt_xl.plan.segmentation.known import known_demand
from invopt_xl.plan.views.excess_review import excess_table
from invopt_xl.plan.views.segments import segment_table
from invopt_xl.sheet import calculate
from invopt_xl.workbook.parts.book import Book
from invopt_xl.workbook.parts.package import Package
from invopt_xl.workbook.reading import frames_of
from invopt_xl.workbook.refresh import refresh_workbook
from invopt_xl.workbook.template import Cover, build_plan_workbook


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """A small workbook after a refresh, with an item whose price changed, opened as a notebook opens it."""
    folder = tmp_path_factory.mktemp("shop")
    tables, priced = small_tables(service_goal="items"), priced_tables()
    for stem in ("items", "demand"):
        more = priced[stem][priced[stem]["item"].isin(["brisk", "slow"])].astype(object)
        rows = pd.concat([tables[stem], more])
        tables[stem] = rows.set_axis(range(2, len(rows) + 2))
    book = build_plan_workbook(folder / "shop.xlsx", tables, title="Shop", cover=Cover("To plan."))
    cache = invopt_xl.ContentCache(folder / "cache")
    refresh_workbook(book, cache=cache, workers=1)
    return invopt_xl.open_plan(book, cache=cache)


@pytest.fixture(scope="module")
def written(plan: Plan) -> Tables:
    """What stands in the cells of the workbook."""
    with Package(plan.source) as package:
        return frames_of(Book(package), (PLAN, SEGMENTS, EXCESS, ACTIONS, MONEY))


@pytest.fixture(scope="module")
def found(plan: Plan) -> Segmentation:
    return segment(plan.levelled.items, plan.past, plan.parameters, tables=plan.admitted.tables)


@pytest.fixture(scope="module")
def reviewed(plan: Plan) -> ExcessReview:
    """The review of a notebook, before anything is ordered."""
    return review(Stock.of_levels(plan.levelled, plan.admitted, endings_of(plan.past, plan.parameters)), Assumptions())


@pytest.fixture(scope="module")
def cleared(plan: Plan) -> Markdowns:
    return marked_down(plan.raw, admitted=plan.admitted, levelled=plan.levelled, cache=plan.store)


@pytest.fixture(scope="module")
def told(plan: Plan) -> dict[str, Any]:
    """What commands tell of the same workbook."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("INVOPT_CACHE", str(plan.source.parent / "cache"))
        found: dict[str, Any] = {
            name: json.loads(invoke(name, plan.source, "--workers", 1, "--json")[1]) for name in ("excess", "markdown")
        }
        target = Path(plan.source.parent, "segments.csv")
        invoke("segment", plan.source, "--output", target, "--quiet")
    return found | {"segment": pd.read_csv(target)}


def assert_alike(mine: pd.DataFrame, others: pd.DataFrame, table: Table, without: tuple[str, ...] = ()) -> None:
    """Hold the columns of a table against each other, row by row."""
    assert len(mine) == len(others) > 0
    for column in table.columns:
        if column.name in without or column.owner == "planner":
            continue
        if column.kind == "number":
            pair = [pd.to_numeric(each[column.name]).to_numpy(np.float64) for each in (mine, others)]
            np.testing.assert_allclose(*pair, atol=1e-6, err_msg=column.name)
        else:
            pair = [each[column.name].fillna("").astype(str).tolist() for each in (mine, others)]
            assert pair[0] == pair[1], column.name


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
    value = one_column(items["demand_value"])
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


def test_segments_of_the_command_are_those_of_the_workbook_but_for_the_rounded_demand_of_its_plan(
    plan: Plan, written: Tables, told: dict[str, Any]
) -> None:
    mine, in_book = told["segment"], written[SEGMENTS.stem]
    by_value = ("demand_value", "value_share", "cumulative_share")
    known = {name for name in SEGMENTS.column_names if mine[name].notna().any()}
    assert {"abc", "xyz", "life_cycle", "pattern", "velocity", *by_value} <= known
    unknown = [name for name in SEGMENTS.column_names if name not in known]
    assert_alike(mine, in_book, SEGMENTS, without=(*by_value, *unknown))
    costs = plan.items.set_index("item").loc[mine["item"], "unit_cost"].to_numpy(np.float64)
    strayed = (mine["demand_value"] - pd.to_numeric(in_book["demand_value"]).to_numpy(np.float64)).abs()
    assert (strayed <= 0.005 * 365.25 / 7 * costs + 0.011).all(), "tblPlan has hundredths of a unit a period"


def test_what_remains_and_is_lost_is_the_same_in_workbook_notebook_and_command(
    written: Tables, reviewed: ExcessReview, told: dict[str, Any]
) -> None:
    in_book, headline = written[EXCESS.stem], told["excess"]["headline"]
    assert set(in_book["item"]) == {"slow", "dead"}
    assert_alike(excess_table(reviewed.items, {}), in_book, EXCESS)
    assert told["excess"]["demand_from"] == "forecasts"
    assert headline == pytest.approx({name: round(value, 2) for name, value in reviewed.headline.items()})
    sums = {"excess_value": "excess", "remaining_value": "remaining_80"}
    for name, total in sums.items():
        assert pd.to_numeric(in_book[name]).sum() == pytest.approx(headline[total], abs=0.011), name
    lost = pd.to_numeric(in_book["expected_write_off"]).sum()
    assert 0 < lost <= headline["expected_write_off"] + 0.011, "what is not listed may spoil a little too"


def test_actions_are_the_same_in_workbook_notebook_command_and_proposed_decisions(
    written: Tables, reviewed: ExcessReview, told: dict[str, Any]
) -> None:
    in_book = written[ACTIONS.stem]
    assert_alike(reviewed.actions, in_book, ACTIONS)
    assert_alike(pd.DataFrame(told["excess"]["actions"]), in_book, ACTIONS)
    decisions = proposed_decisions(reviewed).set_index("item")
    sums = in_book.astype({"freed_value": float, "gain": float}).groupby("item")[["freed_value", "gain"]].sum()
    for name, each in sums.items():
        assert decisions.loc[sums.index, name].tolist() == pytest.approx(each.tolist(), abs=0.011)


def test_price_paths_are_the_same_in_notebook_and_command_and_stand_on_the_excess_of_the_workbook(
    written: Tables, cleared: Markdowns, told: dict[str, Any]
) -> None:
    summary, path = (pd.DataFrame(told["markdown"][name]) for name in ("summary", "path"))
    assert "cut" in summary["outcome"].tolist()
    assert_alike(summary, cleared.summary, MARKDOWN_SUMMARY)
    assert_alike(path, cleared.path.assign(date=cleared.path["date"].astype(str)), MARKDOWN)
    excess, actions = (written[stem].set_index("item").loc[summary["item"]] for stem in ("excess", "actions"))
    here = pd.to_numeric(excess["excess_quantity"]) - pd.to_numeric(excess["cancel_quantity"])
    assert summary["excess_units"].tolist() == pytest.approx(here.tolist(), abs=0.051)
    others = [f"{row.action} {float(row.units):,g}" for row in actions.itertuples()]
    assert not actions["action"].isin(["mark down", "stop order"]).any()
    assert summary["other_action"].tolist() == others
    assert summary["other_gain"].tolist() == pytest.approx(pd.to_numeric(actions["gain"]).tolist(), abs=0.011)


def test_the_money_view_is_the_notebooks_and_adds_up_what_excess_and_actions_say(plan: Plan, written: Tables) -> None:
    in_book, items = written[MONEY.stem], plan.levelled.items
    assert_alike(plan.result.tables["money"], in_book, MONEY)
    first, last = (in_book.iloc[at] for at in (0, -1))
    given = (one_column(items[name]) for name in ("on_hand", "demand_per_period", "on_order", "order_up_to"))
    in_cells = cells("EXCESS", *given, 91.0, plan.parameters.calendar.days_per_period)
    assert first["excess_value"] == pytest.approx(
        float(np.dot(np.array(in_cells, float), items["unit_cost"])), abs=0.01
    )
    assert first["excess_value"] == pytest.approx(pd.to_numeric(written[EXCESS.stem]["excess_value"]).sum(), abs=0.02)
    actions = written[ACTIONS.stem]
    for name in ("freed_value", "cash", "gain"):
        assert in_book[name].astype(float).sum() == pytest.approx(pd.to_numeric(actions[name]).sum(), abs=0.02), name
    assert first["excess_value"] - last["excess_value"] == pytest.approx(actions["freed_value"].astype(float).sum())
