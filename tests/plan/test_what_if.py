"""Scenarios beside today: what changes in plan and replay, by how much, and why."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from plan_alone import run
from small_tables import small_tables

from invopt_xl.cache import ContentCache
from invopt_xl.errors import InputError
from invopt_xl.plan.columns import Tables
from invopt_xl.plan.pipeline import PlanResult
from invopt_xl.plan.replay.run import Question
from invopt_xl.plan.what_if import WHAT_IF, Scenario, WhatIf, compare, report

TEXTS = {
    "same": ["demand*1"],
    "growth": ["demand*1.2"],
    "quick": ["lead_time_days*0.5"],
    "sure": ["service_target=0.99"],
    "outage": ["outage=North:6"],
}
QUESTION = Question(policies=("ours",), periods=14, draws=2)


def shop() -> Tables:
    tables = small_tables(weeks=44, solver_seconds=2)
    kept = ["steady", "erratic", "lumpy"]
    return {stem: frame[frame["item"].isin(kept)] if "item" in frame else frame for stem, frame in tables.items()}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ContentCache]:
    with ContentCache(Path(tmp_path_factory.mktemp("cache"))) as cache:
        yield cache


@pytest.fixture(scope="module")
def found(kept: ContentCache) -> WhatIf:
    scenarios = [Scenario.of(texts, name) for name, texts in TEXTS.items()]
    return compare(shop(), scenarios, QUESTION, cache=kept, workers=1)


def figure(found: WhatIf, scenario: str, name: str) -> pd.Series:
    rows = found.figures.query("scenario == @scenario and figure == @name")
    return rows.iloc[-1]


def items(found: WhatIf, scenario: str) -> pd.DataFrame:
    return found.items[found.items["scenario"] == scenario].set_index("item")


def planned(text: str) -> pd.DataFrame:
    return compare(shop(), [Scenario.of([text])], replayed=False, workers=1).items.set_index("item")


def test_what_is_not_changed_makes_no_difference(found: WhatIf) -> None:
    rows = found.figures[found.figures["scenario"] == "same"]
    assert (rows["difference"] == 0).all()
    assert (items(found, "same")["why"] == "").all()


def test_a_fifth_more_demand_raises_levels_by_about_a_fifth(found: WhatIf) -> None:
    levels = items(found, "growth")
    assert (levels["reorder_point_then"] / levels["reorder_point"]).to_numpy() == pytest.approx(1.2, abs=0.04)
    assert figure(found, "growth", "Safety stock")["difference"] > 0
    assert levels["why"].str.startswith("demand rose from").all()
    for parts in levels["why"].str.split("; "):
        beside = [float(part.rsplit(": ", 1)[1].split()[0].replace(",", "")) for part in parts[1:]]
        assert all(abs(units) <= 1.5 for units in beside), "forecast errors go along with demand"


def test_half_the_lead_time_lowers_levels_and_stock(found: WhatIf) -> None:
    levels = items(found, "quick")
    assert (levels["reorder_point_then"] < levels["reorder_point"]).all()
    assert figure(found, "quick", "Stock for this service")["difference"] < 0
    assert figure(found, "quick", "Expected fill rate")["difference"] == pytest.approx(0.0, abs=0.5)
    assert levels.loc["steady", "why"].startswith("lead time of supplier North fell from 14 to 7 days: -")


def test_reasons_add_up_to_the_change(found: WhatIf) -> None:
    for scenario in TEXTS:
        for item, row in items(found, scenario).iterrows():
            numbers = [part.rsplit(": ", 1)[1] for part in row["why"].split("; ")] if row["why"] else []
            told = sum(float(number.split()[0].replace(",", "")) for number in numbers)
            change = row["reorder_point_then"] - row["reorder_point"]
            assert told == pytest.approx(change, abs=0.6 * max(len(numbers), 1)), (scenario, item, row["why"])


def test_a_higher_target_is_the_replays_target_too(found: WhatIf) -> None:
    assert figure(found, "sure", "Target")[["today", "then"]].tolist() == [95.0, 99.0]
    assert figure(found, "sure", "Fill rate by value")["difference"] >= 0
    assert figure(found, "sure", "Average stock")["difference"] > 0
    equal = found.figures.query("scenario == 'sure'").iloc[-1]
    assert equal["figure"].startswith("Average stock at today's fill rate of")
    assert equal["difference"] == pytest.approx(0, abs=1e-6), "the curve is the same one"


def test_another_measure_is_named_as_the_reason() -> None:
    told = planned("service_measure=fill")
    moved = told[(told["reorder_point_then"] - told["reorder_point"]).abs() > 0.5]
    assert len(moved) > 0
    assert moved["why"].str.contains("service measure changed from cycle to fill: ").all()


def test_larger_minimums_raise_what_is_ordered_up_to() -> None:
    levels = planned("moq=120")
    assert ((levels["order_up_to_then"] - levels["reorder_point_then"]) >= 120 - 1e-6).all()


def test_an_outage_lowers_the_fill_rate_of_the_replay_and_raises_levels_of_its_items(found: WhatIf) -> None:
    assert figure(found, "outage", "Fill rate by value")["difference"] < -1
    levels = items(found, "outage")
    assert (levels["reorder_point_then"] > levels["reorder_point"])[["steady", "erratic"]].all()
    assert levels.loc["lumpy", "reorder_point_then"] == levels.loc["lumpy", "reorder_point"]
    assert any("outage begins in the middle" in note for note in found.notes)


def test_everything_stands_in_one_table(found: WhatIf) -> None:
    table = found.table
    assert list(table.columns) == WHAT_IF.column_names
    assert len(table) == len(found.figures) + 4 * len(found.items)
    held = table.dropna(subset=["then"])
    assert np.allclose(held["difference"], held["then"] - held["today"], atol=2e-4)


def test_todays_plan_is_the_plan_without_scenarios_and_no_replay_has_none() -> None:
    tables = shop()
    made = compare(tables, [Scenario.of(["unit_cost+5%"])], replayed=False, workers=1)
    assert set(made.figures["part"]) == {"plan"}
    levels = ["item", "safety_stock", "reorder_point", "order_up_to"]
    pd.testing.assert_frame_equal(made.today.plan.tables["plan"][levels], run(tables, workers=1).tables["plan"][levels])


def test_the_plan_that_is_shown_is_the_one_compared_with(found: WhatIf, kept: ContentCache) -> None:
    shown = found.today.plan
    again = compare(
        shop(), [Scenario.of(["unit_cost+5%"])], replayed=False, made_today=shown, cache=kept, workers=1
    )  # fmt: skip
    assert again.today.plan is shown
    assert again.notes == ()
    few = {**shop(), "items": shop()["items"].iloc[:2]}
    with pytest.raises(InputError, match="today's plan is one of 3 items; expected one of the tables' items"):
        compare(few, [Scenario.of(["unit_cost+5%"])], replayed=False, made_today=shown, workers=1)


def test_where_a_scenario_looks_further_ahead_today_is_made_anew_and_that_is_said(
    found: WhatIf, kept: ContentCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown, asked = found.today.plan, []

    def recorded(raw: Tables, **options: Any) -> PlanResult:
        asked.append(options)
        return shown

    monkeypatch.setattr(report, "run", recorded)
    further = compare(
        shop(), [Scenario.of(["lead_time_days*9"])], replayed=False, made_today=shown, cache=kept, workers=1
    )  # fmt: skip
    assert further.notes[0].startswith("a scenario looks further ahead than today's plan, which is made anew as far")
    assert [each["as_kept"] for each in asked] == [True, False], "today is what the cache keeps, a scenario is planned"
    reach = {each["forecast_periods"] for each in asked}
    assert len(reach) == 1
    assert reach.pop() > len(shown.levelled.forecasts[0].mean)


def test_the_gaps_of_both_order_plans_are_told_beside_their_figures(found: WhatIf) -> None:
    gaps = figure(found, "growth", "Order plan gap")
    assert gaps["unit"] == "%"
    stated = [100 * float(one.plan.tables["log"]["solver_gap"].iloc[-1]) for one in (found.today, found.then[1])]
    assert gaps[["today", "then"]].tolist() == pytest.approx(stated, abs=0.06)


def test_what_no_replay_could_show_is_refused_before_any_work() -> None:
    with pytest.raises(InputError, match="outage of North is 40 periods; expected at most 10: 22 periods"):
        compare(shop(), [Scenario.of(["outage=North:40"])], workers=1)
    same = Scenario.of(["moq=1"], "one")
    with pytest.raises(InputError, match="names of scenarios is one, one; expected different ones"):
        compare(shop(), [same, same], workers=1)


def test_replays_beside_each_other_share_forecasts_luck_and_measured_periods(found: WhatIf) -> None:
    today = found.today.replay
    assert today is not None
    for each in found.then:
        assert each.replay is not None
        assert each.replay.stage.horizon == today.stage.horizon
        assert each.replay.stage.common is today.stage.common


def test_a_scenario_that_no_replay_could_show_is_refused_before_any_work() -> None:
    with pytest.raises(InputError, match="no item can be replayed over the last 22 weeks: an order takes longer"):
        compare(shop(), [Scenario.of(["lead_time_days=400"])], workers=1)
