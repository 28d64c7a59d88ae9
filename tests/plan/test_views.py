"""Views of a plan: each adds up to it, and to what a slow loop over its rows finds."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from view_tables import view_tables

from invopt_xl.errors import InputError
from invopt_xl.plan import pipeline
from invopt_xl.plan.columns import BY_STEM, EXCESS, PREVIOUS_FIGURES, Tables
from invopt_xl.plan.excess import Stock, endings_of, review
from invopt_xl.plan.excess.transfers import transfers
from invopt_xl.plan.excess_decisions import decisions_answer, proposed_decisions
from invopt_xl.plan.pipeline import PlanResult
from invopt_xl.plan.results import plan_table
from invopt_xl.plan.views import VIEWS, Found, views_of
from invopt_xl.plan.views.agreement import agreements
from invopt_xl.plan.views.by_supplier import supplier_orders
from invopt_xl.plan.views.excess_review import KEPT, excess_table
from invopt_xl.plan.views.previous import previous_table
from invopt_xl.sheet import calculate


@pytest.fixture(scope="module")
def refreshed() -> tuple[PlanResult, Found]:
    """A refresh, and what it had found when its views were made."""
    seen: list[Found] = []

    def spy(found: Found, wanted: frozenset[str] | None) -> Tables:
        seen.append(found)
        return views_of(found, wanted)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pipeline, "views_of", spy)
        result = pipeline.run(view_tables())
    return result, seen[0]


@pytest.fixture(scope="module")
def tables(refreshed: tuple[PlanResult, Found]) -> Tables:
    return refreshed[0].tables


@pytest.fixture(scope="module")
def found(refreshed: tuple[PlanResult, Found]) -> Found:
    return refreshed[1]


@pytest.fixture(scope="module")
def headline(tables: Tables) -> dict[str, float]:
    return dict(zip(tables["kpis"]["name"], tables["kpis"]["value"], strict=True))


def excess_of(found: Found, raw: Tables) -> pd.DataFrame:
    return excess_table(found.excess.items, raw)


def test_only_the_views_that_somebody_wants_are_made(found: Found) -> None:
    assert views_of(found, frozenset()) == {}
    assert list(views_of(found, frozenset({"plan", "segments"}))) == ["segments"]
    assert set(views_of(found)) == set(VIEWS)


def test_every_view_was_held_against_the_plan_and_agrees(tables: Tables) -> None:
    checks = dict(zip(tables["checks"]["check"], tables["checks"]["result"], strict=True))
    made = [name for name, *_ in agreements(tables)]
    assert len(made) == 7
    assert all(checks[name] == "OK" for name in made)


@pytest.mark.parametrize(
    ("stem", "column"),
    [
        ("supplier_orders", "value"),
        ("order_items", "ordered"),
        ("excess", "excess_value"),
        ("segments", "average_stock_value"),
        ("curve", "plan"),
        ("money", "stock_value"),
    ],
)
def test_a_view_that_is_off_by_one_fails_its_check(tables: Tables, stem: str, column: str) -> None:
    spoiled = tables[stem].copy()
    spoiled.loc[spoiled[column].last_valid_index(), column] += 1.0
    assert [holds for _, holds, _ in agreements(tables | {stem: spoiled})].count(False) == 1


def test_an_exception_about_too_much_stock_says_the_same_as_the_table_of_excess(tables: Tables) -> None:
    told = tables["exceptions"][tables["exceptions"]["kind"].isin(["excess", "no recent demand"])]
    advice = tables["excess"].set_index(["item", "location"])["action"]
    both = told[[pair in advice.index for pair in zip(told["item"], told["location"], strict=True)]]
    assert len(both) > 3
    assert both["action"].tolist() == advice.loc[pd.MultiIndex.from_frame(both[["item", "location"]])].tolist()


def test_orders_by_supplier_are_the_lines_added_up(tables: Tables) -> None:
    sums: dict[tuple[str, pd.Timestamp], list[float]] = defaultdict(lambda: [0.0] * 4)
    for line in tables["orders"].to_dict("records"):
        total = sums[line["supplier"], line["order_date"]]
        listed = line["quantity"] * line["unit_cost"]
        for place, more in enumerate((1, line["quantity"], line["value"], listed - line["value"])):
            total[place] += more
    rows = tables["supplier_orders"]
    assert len(rows) == len(sums)
    for row in rows.to_dict("records"):
        told = [row[name] for name in ("lines", "units", "value", "discount_value")]
        assert told == pytest.approx(sums[row["supplier"], row["order_date"]], abs=0.01)
    assert (rows["discount_value"] > 0).any()
    assert rows["order_date"].is_monotonic_increasing


def test_an_order_is_due_with_its_first_line_and_says_whether_it_is_to_be_placed_now(tables: Tables) -> None:
    lines, rows = tables["orders"], tables["supplier_orders"]
    first = lines.groupby(["order_date", "supplier"])["due_date"].min()
    assert rows.set_index(["order_date", "supplier"])["due_date"].to_dict() == first.to_dict()
    assert set(rows["status"]) == {"now", "later"}
    assert ((rows["status"] == "now") == (rows["order_date"] == "2024-07-01")).all()
    assert dict(zip(rows["supplier"], rows["minimum_order_value"], strict=True)) == {"North": 50.0, "South": 0.0}


def test_an_order_below_its_minimum_says_so_by_list_prices() -> None:
    lines = pd.DataFrame(
        {
            "supplier": ["North", "South", "from WEST"],
            "item": "tea",
            "order_date": pd.Timestamp("2024-07-01"),
            "due_date": pd.Timestamp("2024-07-08"),
            "quantity": [10.0, 10.0, 10.0],
            "unit_cost": [2.0, 2.0, 0.1],
            "value": [18.0, 18.0, 1.0],
            "source": [0, 1, 2],
            "period": 0,
        }
    )
    problem = SimpleNamespace(
        supplier=np.array([0, 1, -1]),
        transfer=np.array([False, False, True]),
        minimum_order_value=np.array([20.0, 20.5]),
    )
    rows = supplier_orders(lines, SimpleNamespace(problem=problem))  # type: ignore[arg-type]
    assert rows["status"].tolist() == ["now", "below minimum", "now"]
    assert rows["minimum_order_value"].fillna(-1).tolist() == [20.0, 20.5, -1]
    assert supplier_orders(lines.head(0), SimpleNamespace(problem=problem)).empty  # type: ignore[arg-type]


def test_segments_rank_items_by_demand_value_and_add_up_to_the_headline(
    tables: Tables, headline: dict[str, float]
) -> None:
    rows = tables["segments"]
    worth = rows["demand_value"].tolist()
    assert worth == sorted(worth, reverse=True)
    running = 0.0
    for row, value in zip(rows.to_dict("records"), worth, strict=True):
        running += value
        assert row["value_share"] == pytest.approx(value / sum(worth), abs=1e-5)
        assert row["cumulative_share"] == pytest.approx(running / sum(worth), abs=1e-5)
    assert rows["average_stock_value"].sum() == pytest.approx(headline["Stock for this service"], abs=0.1)
    assert rows["safety_stock_value"].sum() == pytest.approx(headline["Safety stock"], abs=0.1)
    assert len(rows) == len(tables["plan"])


def test_the_demand_of_a_year_is_that_of_the_last_year_where_it_is_known_else_of_the_forecast(
    tables: Tables, found: Found
) -> None:
    told = tables["segments"].set_index(["item", "location"])["demand_value"]
    known = 0
    for row, item in enumerate(found.items.to_dict("records")):
        history = found.levelled.past.of(row)
        last = [units for units, there in zip(history.quantity, history.in_stock, strict=True) if there][-52:]
        whole = np.isfinite(found.levelled.past.quantity[row, -52:]).sum() >= 47
        rate = np.nanmean(last) if whole else item["demand_per_period"]
        known += whole
        meant = rate * item["unit_cost"] * 365.25 / 7
        assert told[item["item"], item["location"]] == pytest.approx(meant, abs=0.01)
    assert 0 < known < len(found.items)


def test_excess_is_that_of_the_plan_the_most_money_first(tables: Tables) -> None:
    rows, plan = tables["excess"], tables["plan"].set_index(["item", "location"])
    for row in rows.to_dict("records"):
        planned = plan.loc[(row["item"], row["location"])]
        assert row["excess_value"] == planned["excess_value"]
        assert row["excess_quantity"] == planned["excess_quantity"]
    assert rows["excess_value"].is_monotonic_decreasing
    assert set(plan.index[plan["excess_quantity"] > 0]) <= set(zip(rows["item"], rows["location"], strict=True))


def test_each_kind_of_excess_is_told_with_the_first_thing_to_do_and_what_that_frees(tables: Tables) -> None:
    rows = tables["excess"].set_index("item")
    told = {
        "slow": ("excess", "Send 171 to WEST: less has to be bought there."),
        "forced": ("excess", "Clear the override of 12, if you can."),
        "coming": ("excess", "Cancel or delay the 25 on order."),
        "dead": ("no demand", "Return 78 to South."),
        "stale": ("no demand", "Scrap what is past its 21 days: nobody asks for it."),
        "launch": ("no history", "Nothing yet: no sale is on record."),
        "ended": ("phase-out", "Let 32 sell: any other way out costs more than holding them."),
        "fresh": (
            "spoils",
            "Mark down 319 before they outlast 14 days. 41 are ordered now all the same: see why in the plan.",
        ),
    }
    assert rows[["kind", "action"]].apply(tuple, axis=1).to_dict() == told
    freed = rows["freed_value"].to_dict()
    assert freed["slow"] == 171 * (4.0 - 0.5) - 1.0, "what WEST need not buy, less the transfer"
    assert freed["forced"] == 12 * 4.0
    assert freed["coming"] == rows.loc["coming", "cancel_quantity"] * 4.0 == 25 * 4.0
    assert freed["stale"] == freed["launch"] == 0.0
    assert freed["dead"] == pytest.approx(rows.loc["dead", "excess_value"], abs=0.01)
    assert rows["holding_cost"].to_numpy() == pytest.approx(0.25 * rows["excess_value"].to_numpy(), abs=0.01)


def test_the_first_action_of_an_item_is_the_one_that_the_table_of_actions_ranks_first(tables: Tables) -> None:
    first = tables["actions"].drop_duplicates("item").set_index("item")
    rows = tables["excess"].set_index("item")
    assert first["freed_value"].to_dict() == rows.loc[first.index, "freed_value"].to_dict()
    assert (rows.drop(index=first.index)["freed_value"] == 0).all()
    begins = {"transfer": "Send", "stop order": "C", "return": "Return", "mark down": "Mark down", "scrap": "Scrap"}
    assert all(rows.loc[item, "action"].startswith(begins[action]) for item, action in first["action"].items())


def test_what_remains_is_told_with_its_age_and_chances(tables: Tables) -> None:
    rows = tables["excess"].set_index("item")
    known = rows.drop(index="launch")
    assert (known["remaining_95"] <= known["remaining_80"]).all()
    assert (known["remaining_80"] <= known["remaining_50"]).all()
    assert (known["remaining_50"] <= known["on_hand"] + known["on_order"]).all()
    assert rows.loc["launch", ["remaining_80", "ending_chance", "expected_write_off"]].isna().all()
    assert rows["ageing"].to_dict() == {
        "slow": "slow", "forced": "slow", "coming": "slow", "dead": "non-moving", "stale": "non-moving",
        "ended": "moving", "fresh": "moving", "launch": "unknown",
    }  # fmt: skip
    assert rows.loc["dead", "ending_chance"] > 0.9
    assert rows.loc["dead", "last_sale_days"] == 280


def test_cells_say_the_same_of_excess_and_cover_as_the_workbook(refreshed: tuple[PlanResult, Found]) -> None:
    result, found = refreshed
    items = result.items
    level = items["order_up_to"].where(items["status"] != "phase-out", 0.0)
    columns = [items[name].to_frame().to_numpy().tolist() for name in ("on_hand", "demand_per_period", "on_order")]
    on_hand, rate, on_order = columns
    days = found.parameters.calendar.days_per_period
    wanted = level.to_frame().to_numpy().tolist()
    excess = calculate("EXCESS", (on_hand, rate, on_order, wanted, found.parameters.excess_cover_days, days)).cells
    cover = calculate("DAYS_OF_COVER", (on_hand, rate, days)).cells
    shown = result.tables["excess"].set_index(["item", "location"])
    told = pd.DataFrame({"excess": [row[0] for row in excess], "cover": [row[0] for row in cover]})
    told = told.set_index(pd.MultiIndex.from_frame(items[["item", "location"]])).loc[shown.index]
    assert told["excess"].astype(float).round(1).tolist() == shown["excess_quantity"].tolist()
    asked = shown["cover_days"].notna().to_numpy()
    assert told["cover"][asked].astype(float).round(0).tolist() == shown["cover_days"][asked].tolist()


def test_all_that_a_phased_out_item_keeps_beyond_the_cover_limit_is_excess(tables: Tables) -> None:
    row = tables["plan"].set_index("item").loc["ended"]
    weeks = 91 / 7  # the usual excess_cover_days
    assert row["excess_quantity"] == pytest.approx(row["on_hand"] - row["demand_per_period"] * weeks, abs=0.2)


def test_no_need_is_met_by_two_locations_and_no_unit_is_sent_twice() -> None:
    rows = pd.DataFrame(
        {
            "item": "tea",
            "location": ["A", "B", "C", "D"],
            "here": [30.0, 10.0, 0.0, 0.0],
            "order_up_to": [5.0, 5.0, 25.0, 12.5],
            "on_hand": [35.0, 15.0, 0.0, 0.0],
            "on_order": 0.0,
            "status": "active",
            "unit_cost": 4.0,
            "whole_units": True,
            "lot_size": 1.0,
            "demand_per_period": 5.0,
        }
    )
    pairs = [(origin, goal) for origin in "AB" for goal in "CD"]
    lanes = pd.DataFrame(pairs, columns=["from_location", "to_location"])
    lanes = lanes.assign(item="", transfer_cost=1.0, order_cost=0.0, lead_time_days=1.0)
    sent = transfers(rows, lanes)
    assert sent["to"].tolist() == ["25 to C and 5 to D", "7 to D", "", ""]
    assert sent["saved"].tolist() == [90.0, 21.0, 0.0, 0.0]
    planned = transfers(rows.assign(planned_in=[0.0, 0.0, 20.0, 12.5]), lanes)
    assert planned["to"].tolist() == ["5 to C", "", "", ""], "what the plan moves there is needed no more"
    dear = transfers(rows, lanes.assign(transfer_cost=4.0))
    assert dear["saved"].tolist() == [0.0] * 4, "moving costs what buying does"


@pytest.mark.parametrize("unit", [1e-3, 1e-6])
def test_goods_told_in_a_unit_of_thousands_read_the_same(found: Found, tables: Tables, unit: float) -> None:
    names = ["safety_stock", "reorder_point", "order_up_to", "demand_per_period", "on_hand", "on_order"]
    excess = ["excess_quantity", "cancel_quantity", "expected_demand", "remaining_50", "remaining_80", "remaining_95"]
    items = found.excess.items.assign(whole_units=False, lot_size=unit)
    items[[*names, *excess]] *= unit
    for made, usual, shown in (
        (plan_table(items, tables["exceptions"], found.levelled.written), tables["plan"], [*names, *excess[:1]]),
        (excess_table(items, {}), tables["excess"], ["demand_per_period", *excess]),
    ):
        large = usual[shown].astype(float).gt(20.0)
        assert large.to_numpy().sum() > 10
        whole, fine = (each[shown].astype(float).where(large) for each in (usual, made[shown] / unit))
        pd.testing.assert_frame_equal(fine, whole, rtol=0.02)


def test_an_order_for_what_a_lane_could_bring_from_an_excess_says_so(found: Found, tables: Tables) -> None:
    lines = tables["orders"].query("item == 'slow' and location == 'WEST'")
    excess = found.items.set_index(["item", "location"]).loc[("slow", "MAIN"), "excess_quantity"]
    told = f"; MAIN has {excess:,.0f} too many: tblActions weighs moving them; "
    assert lines["supplier"].tolist()[0] == "South", "buying costs less than moving does beyond what is held"
    assert [told in why for why in lines["why"]] == [True, *[False] * (len(lines) - 1)]
    assert told in tables["plan"].set_index(["item", "location"]).loc[("slow", "WEST"), "why"]
    assert ("slow", "MAIN", "transfer") in tables["actions"].set_index(["item", "location", "action"]).index


def test_a_review_before_orders_says_that_a_plan_may_move_the_same_units(found: Found) -> None:
    early = review(Stock.of_levels(found.levelled, found.admitted))
    told = "slow at MAIN: transfers are weighed before any order is planned, and a plan may move the same units"
    assert told in early.notes
    assert not [note for note in found.excess.notes if "transfers" in note]


def test_what_the_planner_decided_stays_with_its_item_and_its_row_outlives_the_excess(found: Found) -> None:
    last = pd.DataFrame(
        {
            "item": ["steady", "dead", "coming", "gone"],
            "location": ["MAIN", None, "MAIN", "EAST"],
            "decision": [None, "scrap", "keep", None],
            "decided_quantity": [None, "12", None, None],
            "note": ["was too much", None, None, "ask Ann"],
        }
    ).astype(object)
    rows = excess_of(found, {"excess": last})
    assert list(rows.columns) == EXCESS.column_names
    keys = rows.set_index("item")
    assert keys.loc["dead", ["decision", "decided_quantity"]].tolist() == ["scrap", "12"]
    assert keys.loc["coming", "decision"] == "keep"
    assert rows["item"].tolist()[-2:] == ["steady", "gone"]
    assert keys.loc["steady", "description"] == "A steady item"
    assert keys.loc["gone", ["location", "note"]].tolist() == ["EAST", "ask Ann"]
    assert keys.loc[["steady", "gone"], "excess_value"].isna().all()
    again = excess_of(found, {"excess": rows})
    pd.testing.assert_frame_equal(again, rows, check_dtype=False)
    without = excess_of(found, {"excess": rows.assign(note=None)})
    assert "gone" not in without["item"].tolist()


def test_decisions_that_follow_no_row_are_refused_by_name(found: Found) -> None:
    twice = pd.DataFrame({"item": ["dead", "dead"], "note": ["a", "b"]}, index=[5, 6])
    with pytest.raises(InputError, match=r"tblExcess has two rows for dead MAIN .* \(the second is row 6\)"):
        excess_of(found, {"excess": twice})
    with pytest.raises(InputError, match="tblExcess lacks the column item; found 'SKU' - rename it back"):
        excess_of(found, {"excess": pd.DataFrame({"SKU": ["dead"], "note": ["a"]})})


def test_the_plan_before_stands_beside_the_new_one(tables: Tables) -> None:
    plan = tables["plan"]
    before = plan[plan["item"] != "rare"].astype(object).set_index("item", drop=False)
    before.loc["steady", "order_quantity"] -= 24
    before.loc["lumpy", "reorder_point"] += 5
    before.loc["erratic", "on_hand"] = "120"
    before.loc["new", "order_value"] = "unknown"
    gone = before.loc[["dead"]].assign(item="sold off")
    kept = pd.DataFrame({"item": ["long ago"], "location": ["MAIN"], "note": ["?"]})
    last = pd.concat([before, gone, kept]).reset_index(drop=True)
    rows = previous_table(plan, {"plan": last})
    assert rows["item"].tolist() == [*plan["item"], "sold off"]
    found = rows.set_index("item")
    expected = {"steady": "order", "lumpy": "levels", "erratic": "stock", "rare": "new", "sold off": "gone"}
    assert found["change"].to_dict() == dict.fromkeys(found.index, "none") | expected
    assert found.loc["erratic", ["on_hand_before", "on_hand_change"]].tolist() == [120.0, 80.0]
    assert np.isnan(found.loc["new", "order_value_before"])
    assert found.loc["sold off", "description"] == "A dead item"
    now = plan.set_index(["item", "location"])
    for row in rows[~rows["change"].isin(["new", "gone"])].to_dict("records"):
        for name in set(PREVIOUS_FIGURES) - {"order_value"}:
            assert row[f"{name}_before"] + row[f"{name}_change"] == pytest.approx(
                now.loc[(row["item"], row["location"]), name], abs=1e-4
            )


def test_without_a_plan_before_nothing_stands_beside(tables: Tables) -> None:
    for raw in ({}, {"plan": pd.DataFrame({"item": ["steady"], "note": ["new"]})}):
        assert previous_table(tables["plan"], raw).empty
    assert list(previous_table(tables["plan"], {}).columns) == BY_STEM["previous"].column_names
    same = previous_table(tables["plan"], {"plan": tables["plan"]})
    assert set(same["change"]) == {"none"}


def test_a_plan_before_without_locations_is_that_of_the_only_one_an_item_has(tables: Tables) -> None:
    west = tables["plan"].query("item == 'steady'").assign(location="WEST")
    last = west.drop(columns="location")
    assert previous_table(west, {"plan": last})["change"].tolist() == ["none"]


def test_a_review_before_orders_says_of_excess_what_the_refresh_says(found: Found, tables: Tables) -> None:
    endings = endings_of(found.levelled.past, found.parameters)
    early = review(Stock.of_levels(found.levelled, found.admitted, endings))
    mine, theirs = excess_table(early.items, {}), tables["excess"]
    told = [name for name in EXCESS.column_names if name not in ("action", "freed_value")]
    pd.testing.assert_frame_equal(mine[told], theirs[told])
    ordered = found.items.loc[found.items["order_quantity"] > 0, "item"]
    same = [frame[~frame["item"].isin(ordered)].drop(columns=["rank", "cumulative_gain"]).reset_index(drop=True)
            for frame in (early.actions, tables["actions"])]  # fmt: skip
    assert len(same[0]) > 3
    pd.testing.assert_frame_equal(*same)
    overridden = early.actions[early.actions["item"] == "forced"].drop(columns=["rank", "cumulative_gain"])
    refreshed = tables["actions"][tables["actions"]["item"] == "forced"].drop(columns=["rank", "cumulative_gain"])
    pd.testing.assert_frame_equal(overridden.reset_index(drop=True), refreshed.reset_index(drop=True))


def test_a_decision_is_proposed_for_each_item_that_is_too_much_and_that_of_the_excess_stands_beside(
    found: Found,
) -> None:
    held = pd.DataFrame({"item": ["slow"], "location": ["MAIN"], "decision": ["keep"], "decided_quantity": [5.0]})
    decisions = proposed_decisions(found.excess, held).set_index(["item", "location"])
    listed = found.excess.items[found.excess.items["listed"]]
    assert set(decisions.index) == set(zip(listed["item"], listed["location"], strict=True))
    assert set(decisions["proposed"]) <= set(EXCESS.column("decision").choices)
    assert decisions["excess_decision"].dropna().to_dict() == {("slow", "MAIN"): "keep 5"}
    assert decisions[["decision", "decided_quantity", "decided_about"]].isna().all(axis=None), "nobody typed any"
    actions = found.excess.actions
    gains = actions.groupby(["item", "location"])["gain"].sum()
    assert decisions["gain"].dropna().to_dict() == pytest.approx(gains.to_dict())
    assert decisions.loc[decisions["gain"].isna(), "proposed"].unique().tolist() in ([], ["keep"])
    freed = actions.groupby(["item", "location"])["freed_value"].sum().round(2)
    acted = decisions[decisions["gain"].notna()]
    assert acted["freed_value"].to_dict() == pytest.approx(freed.to_dict(), abs=0.011)
    counts = actions.groupby(["item", "location"]).size()
    assert (counts > 1).any()
    assert (acted["actions"].str.count("; ") + 1).to_dict() == counts.to_dict()
    quantities = [f"{row.proposed_quantity:,.1f}".removesuffix(".0") for row in acted.itertuples()]
    begins = [f"{row.proposed} {units}" for row, units in zip(acted.itertuples(), quantities, strict=True)]
    assert all(told.split("; ")[0] == first for told, first in zip(acted["actions"], begins, strict=True))


def test_where_no_action_gains_anything_everything_is_kept(found: Found) -> None:
    idle = replace(found.excess, actions=found.excess.actions.head(0))
    decisions = proposed_decisions(idle)
    assert decisions["proposed"].unique().tolist() == ["keep"]
    assert decisions[["proposed_quantity", "freed_value", "gain"]].isna().all(axis=None)
    assert decisions["why"].str.len().gt(0).all()
    assert decisions_answer(decisions, "USD") == f"**Proposed:** {len(decisions):,} keep."


def test_a_typed_decision_says_which_excess_it_was_about_until_it_is_another_one(found: Found) -> None:
    typed = ["decision", "decided_quantity"]
    first = proposed_decisions(found.excess).astype(object)
    at, gone = first.index[first["item"] == "slow"][0], first.index[-1]
    item, was = first.loc[gone, "item"], f"{first.loc[gone, 'excess_value']:,.2f}"
    first.loc[at, [*typed, "excess_value"]] = ["return", "12", 1234.5]
    first.loc[gone, "decision"] = "scrap"
    left = replace(found.excess, items=found.excess.items.assign(listed=found.excess.items["listed"] & (
        found.excess.items["item"] != item)))  # fmt: skip
    second = proposed_decisions(left, None, first)
    kept = second[second["decision"].notna()].set_index("item")
    assert kept.loc["slow", [*typed, "decided_about"]].tolist() == ["return", 12.0, "return 12, with 1,234.50 too much"]
    assert kept.loc[item, "decided_about"] == f"scrap, with {was} too much; not too much any more"
    assert kept.loc[item, ["proposed", "excess_value", "gain"]].isna().all(), "what the program says is of now"
    assert (second["item"].iloc[-1], second["why"].iloc[-1]) == (item, KEPT)
    told = decisions_answer(second, "USD")
    assert "You have decided here about 1 of them." in told
    assert told.endswith("1 decision about what is not too much any more no longer counts.")
    again = proposed_decisions(found.excess, None, second.assign(decision=second["decision"].replace("return", "keep")))
    about = again.set_index("item")["decided_about"].dropna().to_dict()
    now = second.set_index("item").loc["slow", "excess_value"]
    assert about == {"slow": f"keep 12, with {now.max():,.2f} too much", item: f"scrap, with {was} too much"}


def test_what_is_no_decision_is_not_counted_as_one_and_that_is_said(found: Found) -> None:
    rows = {
        "item": ["slow", "dead"],
        "location": "MAIN",
        "decision": ["banana", "scrap"],
        "decided_quantity": [None, -3],
    }
    typed = pd.DataFrame(rows)
    decisions = proposed_decisions(found.excess, typed, typed)
    assert decisions["excess_decision"].isna().all()
    assert decisions.set_index("item").loc[["slow", "dead"], "decision"].tolist() == ["banana", "scrap"]
    told = decisions_answer(decisions, "USD")
    assert "You have decided" not in told
    assert "In 2 rows here you typed what is no decision: expected one of keep, cancel order, return," in told


def test_what_cannot_be_carried_out_is_none_of_the_decisions_beside_the_proposals(found: Found) -> None:
    held = pd.DataFrame({"item": ["slow", "dead"], "location": "MAIN", "decision": ["return", "Return "],
                         "decided_quantity": [60, 5], "on_hand": [0, 5], "on_order": 60})  # fmt: skip
    decisions = proposed_decisions(found.excess, held).set_index("item")
    assert decisions["excess_decision"].dropna().to_dict() == {"dead": "Return 5"}


def test_decisions_are_left_as_typed_where_they_are_no_numbers_or_the_table_is_an_older_one(found: Found) -> None:
    old = pd.DataFrame({"item": ["slow"], "location": ["MAIN"], "decision": ["return"], "decided_quantity": ["most"]})
    row = proposed_decisions(found.excess, None, old).set_index(["item", "location"]).loc[("slow", "MAIN")]
    assert row[["decision", "decided_quantity", "decided_about"]].tolist() == ["return", "most", "return"]
