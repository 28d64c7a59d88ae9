"""The command ``invopt orders`` as its users meet it: what is shown, written and refused."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from command_line import invoke, refusal
from shop_tables import PERIODS, expected, shop, table
from small_tables import small_tables

from invopt_xl.plan.columns import BY_STEM, ORDER_OUTPUTS
from invopt_xl.plan.orders.worth import worth_having
from invopt_xl.workbook import write_folder
from invopt_xl.workbook.template import Cover, build_plan_workbook

BRIEF = ("--seconds", 2, "--workers", 1)


@pytest.fixture(autouse=True)
def _one_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INVOPT_CACHE", str(tmp_path_factory.getbasetemp() / "orders_cache"))


def folder_of(place: Path, tables: dict[str, pd.DataFrame], forecast: pd.DataFrame | None = None) -> Path:
    write_folder(place, tables)
    if forecast is not None:
        forecast.to_csv(place / "forecast.csv", index=False)
    return place


def read(folder: Path, stem: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{stem}.csv", encoding="utf-8-sig")


def test_orders_are_planned_from_demand_alone_and_every_table_is_written(tmp_path: Path) -> None:
    source = folder_of(tmp_path / "shop", small_tables(budget=900))
    code, shown = invoke("orders", source, "--output", tmp_path / "out", *BRIEF)
    assert code == 0
    for part in (
        "Order plan:",
        "A better plan would save at most",
        "Costs over 8 weeks",
        "To place now:",
        "Every limit is kept",
        "6 items planned",
    ):
        assert part in shown
    assert "Demand is forecast from tblDemand." in shown
    for contract in ORDER_OUTPUTS:
        assert read(tmp_path / "out", contract.stem).columns.tolist() == contract.column_names
    limits = read(tmp_path / "out", "order_limits")
    assert set(limits["limit"]) == {"budget"}
    assert (limits["used"] <= 900 + 1e-6).all()
    assert len(read(tmp_path / "out", "order_items")) == 6 * 8


def test_a_folders_forecast_is_the_demand_that_is_planned_for(tmp_path: Path) -> None:
    forecast = expected()
    forecast["mean"] = range(len(forecast))
    source = folder_of(tmp_path / "shop", shop(), forecast)
    code, shown = invoke("orders", source, "--output", tmp_path / "out", *BRIEF)
    assert code == 0
    assert "Expected demand is that of the forecast table." in shown
    demand = read(tmp_path / "out", "order_items").query("location == 'MAIN' and item == 'cup'")["demand"]
    assert demand.tolist() == list(range(PERIODS, 2 * PERIODS))


def test_what_invopt_forecast_writes_is_a_forecast_to_order_by(tmp_path: Path) -> None:
    tables = {stem: frame for stem, frame in small_tables().items() if stem != "open_orders"}
    source = folder_of(tmp_path / "shop", tables)
    only = ("--item", "steady", "--item", "lumpy")
    made = source / "forecast.csv"
    invoke("forecast", source, "--horizon", 8, *only, "--output", made, "--quiet", "--workers", 1)
    code, _ = invoke("orders", source, "--output", tmp_path / "out", *BRIEF, "--quiet")
    forecast, items = read(source, "forecast"), read(tmp_path / "out", "order_items")
    assert code == 0
    steady = forecast.query("item == 'steady'")["mean"].tolist()
    assert items.query("item == 'steady'")["demand"].tolist() == pytest.approx(steady, abs=1e-3)


def test_levels_come_from_demand_where_there_is_any_and_expected_demand_from_the_forecast(tmp_path: Path) -> None:
    tables = small_tables()
    dates = pd.date_range("2024-07-01", periods=8, freq="7D").strftime("%Y-%m-%d")
    forecast = table(item=["steady"] * 8, date=list(dates), mean=[100.0] * 8)
    source = folder_of(tmp_path / "shop", tables, forecast)
    _, shown = invoke("orders", source, "--output", tmp_path / "out", *BRIEF)
    assert "stock levels are set from tblDemand" in shown
    items = read(tmp_path / "out", "order_items")
    assert items.query("item == 'steady'")["demand"].eq(100).all()
    assert items.query("item == 'lumpy'")["demand"].eq(0).all()
    said = read(tmp_path / "out", "quality").query("table == 'tblForecast'")
    assert set(said["value"]) >= {"lumpy MAIN: 8 weeks"}


def test_safety_stock_is_that_of_the_items_where_there_is_no_demand_and_its_lack_is_said(tmp_path: Path) -> None:
    held = folder_of(tmp_path / "held", shop(), expected())
    invoke("orders", held, "--output", tmp_path / "out", *BRIEF)
    bare = shop()
    bare["items"] = bare["items"].drop(columns="safety_stock")
    code, shown = invoke(
        "orders", folder_of(tmp_path / "bare", bare, expected()), "--output", tmp_path / "less", *BRIEF, columns=300
    )
    assert code == 0
    assert "no stock is held there against doubt" in shown
    more, less = (read(tmp_path / name, "order_items")["stock"].sum() for name in ("out", "less"))
    assert more > less


def test_a_reorder_point_is_a_floor_as_well(tmp_path: Path) -> None:
    tables = shop()
    tables["items"] = tables["items"].drop(columns="safety_stock").assign(reorder_point=[300, None, None])
    _, shown = invoke(
        "orders", folder_of(tmp_path / "shop", tables, expected()), "--output", tmp_path / "out", *BRIEF, columns=300
    )
    assert "2 of 3 items have no safety_stock or reorder_point" in shown
    stock = read(tmp_path / "out", "order_items").query("item == 'tea' and location == 'MAIN'")["stock"]
    assert stock.max() > 200


def test_a_forecast_shorter_than_the_horizon_is_planned_as_far_as_it_reaches(tmp_path: Path) -> None:
    source = folder_of(tmp_path / "shop", shop(), expected(6))
    _, shown = invoke("orders", source, "--output", tmp_path / "out", *BRIEF)
    assert "The forecast table reaches 6 weeks" in shown
    assert len(read(tmp_path / "out", "order_items")) == 3 * 6


def test_a_workbook_is_planned_too(tmp_path: Path) -> None:
    book = tmp_path / "plan.xlsx"
    build_plan_workbook(book, small_tables(), title="A small shop", cover=Cover("To plan."))
    code, shown = invoke("orders", book, "--output", tmp_path / "out", *BRIEF, "--format", "parquet", "--quiet")
    assert (code, shown) == (0, "")
    assert len(pd.read_parquet(tmp_path / "out" / "orders.parquet")) > 0


def test_a_machine_gets_every_table_as_json(tmp_path: Path) -> None:
    lanes = table(from_location=["WEST"], to_location=["MAIN"], transfer_cost=[0.1], lead_time_days=[1])
    source = folder_of(tmp_path / "shop", shop(budget=60, lanes=lanes), expected())
    code, shown = invoke("orders", source, "--output", tmp_path / "out", *BRIEF, "--json")
    found = json.loads(shown)
    assert code == 0
    assert (found["items"], found["periods"], found["rejected"]) == (3, PERIODS, 0)
    assert found["limits_broken"] == []
    assert found["gap"] >= 0
    assert found["bound"] <= found["total"] + 1e-6
    for contract in ORDER_OUTPUTS:
        assert all(list(row) == contract.column_names for row in found[contract.stem]), contract.stem
    assert found["order_costs"][-1] == {**found["order_costs"][-1], "kind": "total", "amount": round(found["total"], 2)}
    assert {row["date"] for row in found["order_limits"]} >= {"2024-07-01", "2024-07-08"}
    assert all(each["message"] and "period 0" not in each["message"] for each in found["shortfalls"])


def test_bad_rows_are_named_and_the_rest_is_planned(tmp_path: Path) -> None:
    sources = table(item=["tea", "nix"], location=["MAIN", "MAIN"], supplier=["East", "East"], unit_cost=[-2, 1])
    lanes = table(from_location=["MAIN"], to_location=["NOWHERE"])
    forecast = expected()
    forecast.loc[2, "mean"] = -5
    forecast.loc[3, "item"] = "nix"
    tables = shop(sources=sources, lanes=lanes)
    tables["items"].loc[3, "on_hand"] = "many"
    code, shown = invoke("orders", folder_of(tmp_path / "shop", tables, forecast), "--output", tmp_path / "out", *BRIEF)
    assert code == 1
    named = read(tmp_path / "out", "quality").query("severity == 'rejected'")
    assert set(zip(named["table"], named["column"], strict=True)) == {
        ("tblItems", "on_hand"),
        ("tblSources", "unit_cost"),
        ("tblSources", "item"),
        ("tblLanes", "to_location"),
        ("tblForecast", "mean"),
        ("tblForecast", "item"),
    }
    assert "2 items planned" in shown
    assert set(read(tmp_path / "out", "order_items")["item"]) == {"tea"}


def test_what_cannot_be_planned_at_all_is_one_line(tmp_path: Path) -> None:
    missing = folder_of(tmp_path / "missing", shop())
    assert "there is no table tblDemand" in refusal("orders", missing, "--output", tmp_path / "out")
    past = expected()
    past["date"] = "2020-01-01"
    old = folder_of(tmp_path / "old", shop(), past)
    assert "no row of tblForecast can be used" in refusal("orders", old, "--output", tmp_path / "out")
    monthly = expected()
    monthly["date"] = [f"2024-{7 + at % 5:02d}-01" for at in range(len(monthly))]
    wide = folder_of(tmp_path / "wide", shop(), monthly.drop_duplicates(["item", "location", "date"]))
    assert "expected one for each week" in refusal("orders", wide, "--output", tmp_path / "out")
    double = folder_of(tmp_path / "double", shop(), expected())
    expected().astype(str).to_parquet(double / "forecast.parquet")
    assert "keep one of them" in refusal("orders", double, "--output", tmp_path / "out")
    assert "nowhere" in refusal("orders", tmp_path / "nowhere", "--output", tmp_path / "out")
    lone = tmp_path / "demand.csv"
    lone.write_text("item,date,quantity\n")
    assert "is one file; expected a workbook or a folder" in refusal("orders", lone, "--output", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_without_demand_and_without_a_forecast_both_ways_are_named(tmp_path: Path) -> None:
    missing = folder_of(tmp_path / "missing", shop())
    said = refusal("orders", missing, "--output", tmp_path / "out")
    assert said == (
        "missing: there is no table tblDemand (in a folder, demand.csv or demand.parquet), "
        "and no forecast in its place (forecast.csv or forecast.parquet with item, location, date and mean)"
    )
    assert refusal("check", missing) == said
    (missing / "items.csv").unlink()
    assert "there is no table tblItems" in refusal("check", missing)


def test_a_folder_for_orders_alone_is_checked_by_its_forecast(tmp_path: Path) -> None:
    sound = folder_of(tmp_path / "sound", shop(), expected())
    assert invoke("check", sound) == (0, "3 items can be planned; 0 rows rejected.\n")
    forecast = expected()
    forecast.loc[2, "mean"] = -5
    code, shown = invoke("check", folder_of(tmp_path / "bad", shop(), forecast), "--json")
    row = next(each for each in json.loads(shown)["quality"] if each["severity"] == "rejected")
    assert code == 1
    assert (row["table"], row["row"], row["column"], row["value"]) == ("tblForecast", 2, "mean", "-5")


def test_a_forecast_that_no_orders_can_use_does_not_stop_the_check_of_a_folder_with_demand(tmp_path: Path) -> None:
    past = table(item=["steady"], date=["2020-01-06"], mean=[5])
    source = folder_of(tmp_path / "shop", small_tables(), past)
    code, shown = invoke("check", source, "--json")
    rows = [each for each in json.loads(shown)["quality"] if each["table"] == "tblForecast"]
    assert code == 0
    assert [each["severity"] for each in rows] == ["warning"]
    assert rows[0]["reason"] == "no row of tblForecast can be used; expected forecasts from 2024-07-01 on"
    assert rows[0]["action"] == "a plan makes its own; orders alone need it mended, or gone"


def test_an_override_that_cannot_be_read_is_named_and_the_rest_is_planned(tmp_path: Path) -> None:
    plan = table(item=["tea", "cup", "nix"], location="MAIN", override_quantity=["many", 40, 3])
    source = folder_of(tmp_path / "shop", shop(), expected())
    plan.to_csv(source / "plan.csv", index=False)
    code, shown = invoke("orders", source, "--output", tmp_path / "out", *BRIEF)
    assert code == 1
    assert "2 rows rejected" in shown
    named = read(tmp_path / "out", "quality").query("severity == 'rejected'")
    assert named[["table", "row", "value"]].values.tolist() == [["tblPlan", 2, "tea: many"], ["tblPlan", 4, "nix"]]
    orders = read(tmp_path / "out", "orders").query("item == 'cup'")
    assert orders["quantity"].iloc[0] == 40
    assert invoke("check", source)[0] == 1


def test_where_every_lead_time_is_beyond_the_horizon_no_order_can_help_and_the_headline_says_so(tmp_path: Path) -> None:
    tables = shop()
    tables["items"]["lead_time_days"] = 300
    tables["suppliers"] = tables["suppliers"].drop(columns="lead_time_days")
    code, shown = invoke(
        "orders", folder_of(tmp_path / "shop", tables, expected()), "--output", tmp_path / "out", *BRIEF, columns=200
    )
    assert code == 0
    headline = shown.splitlines()[0]
    assert headline == (
        "Order plan: no order can help: lead times, limits and overrides leave none that arrives within the periods "
        "planned, and demand is not met"
    )


def test_an_item_that_is_never_ordered_because_it_is_too_dear_to_order_is_named_with_its_reason(tmp_path: Path) -> None:
    tables = shop(currency="EUR")
    tables["items"]["safety_stock"] = 0
    tables["suppliers"]["order_cost"] = [10, 900]
    source = folder_of(tmp_path / "shop", tables, expected())
    code, shown = invoke("orders", source, "--output", tmp_path / "out", *BRIEF, columns=300)
    assert code == 0
    named = shown.split("What runs short, and why\n")[1].splitlines()
    assert named[0].startswith("- cup: 160 units, 320.00 EUR, 8 weeks from 15 Jul to 8 Sep: an order now would cost")
    rows = read(tmp_path / "out", "order_shortfalls")
    assert rows[["item", "units", "cost"]].values.tolist()[0] == ["cup", 160, 320]
    assert "budget" not in shown


def test_the_console_names_a_screenful_of_what_runs_short_and_where_the_rest_is(tmp_path: Path) -> None:
    tables = small_tables(budget=40)
    items = tables["items"]
    tables["items"] = pd.concat([items, *(items.assign(item=items["item"] + f"_{copy}") for copy in range(2))])
    demand = tables["demand"]
    tables["demand"] = pd.concat([demand, *(demand.assign(item=demand["item"] + f"_{copy}") for copy in range(2))])
    source = folder_of(
        tmp_path / "shop", {stem: tables[stem] for stem in ("items", "demand", "suppliers", "parameters")}
    )
    code, shown = invoke("orders", source, "--output", tmp_path / "out", *BRIEF, columns=300)
    assert code == 0
    lines = shown.split("What runs short, and why\n")[1].splitlines()
    assert len(read(tmp_path / "out", "order_shortfalls")) > 10
    assert lines[10].endswith("more, see order_shortfalls")


def test_an_override_below_its_minimum_or_off_its_lots_is_not_told_as_if_every_limit_were_kept(tmp_path: Path) -> None:
    tables = shop()
    tables["items"]["moq"], tables["items"]["lot_size"] = 20, 10
    source = folder_of(tmp_path / "shop", tables, expected())
    table(item=["cup"], location="MAIN", override_quantity=[7]).to_csv(source / "plan.csv", index=False)
    kept = "the quantity of 7 the planner fixed for cup is"
    broken = [f"{kept} below its minimum of 20", f"{kept} not whole lots of 10"]
    code, shown = invoke("orders", source, "--output", tmp_path / "out", *BRIEF, columns=300)
    assert code == 0
    assert [line for line in shown.splitlines() if kept in line] == [f"Not kept: {line}" for line in broken]
    assert "Some limits are not kept" in shown
    assert "Every limit is kept" not in shown
    _, said = invoke("orders", source, "--output", tmp_path / "out", *BRIEF, "--json")
    assert json.loads(said)["limits_broken"] == broken


def test_the_written_tables_are_in_the_contract() -> None:
    assert all(BY_STEM[contract.stem] is contract for contract in ORDER_OUTPUTS)


def test_limits_are_told_by_what_a_little_more_of_them_would_save() -> None:
    limits = table(
        limit=["capacity", "budget", "storage", "budget", "capacity"],
        subject=["North", "", "", "", "South"],
        date=pd.Timestamp("2024-07-01"),
        used=[20.0, 990.0, 50.0, 900.0, 500.0],
        available=[20.0, 1000.0, 50.0, 900.0, 1000.0],
        shadow_price=[0.7, 0.05, 0.0, 1e-6, float("nan")],
    )
    assert worth_having(limits)["subject"].tolist() == ["", "North"]
