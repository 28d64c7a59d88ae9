"""What buffers are made of, and why they changed since the last refresh."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plan_alone import run
from small_tables import small_tables

from invopt_xl.cache import ContentCache
from invopt_xl.plan.buffers import buffers_of, large_changes, reasons
from invopt_xl.plan.buffers.since_last import MOST_LOOKS, _last_buffers
from invopt_xl.plan.columns import BUFFERS, CellFault, Tables
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.pipeline import PlanResult
from invopt_xl.plan.quality import admit

KEPT = ["steady", "erratic", "lumpy"]


def shop(**parameters: object) -> Tables:
    tables = small_tables(weeks=44, **{"solver_seconds": 2} | parameters)
    return {stem: frame[frame["item"].isin(KEPT)] if "item" in frame else frame for stem, frame in tables.items()}


def with_receipts(tables: Tables, days: list[int]) -> Tables:
    ordered = pd.date_range("2024-01-01", periods=12, freq="7D")
    came = ordered + pd.to_timedelta((days * 12)[:12], unit="D")
    receipts = pd.DataFrame({"item": None, "supplier": "North", "order_date": ordered, "receipt_date": came})
    return tables | {"receipts": receipts.astype(object)}


def after(last: PlanResult, tables: Tables) -> Tables:
    return tables | {stem: last.tables[stem].astype(object) for stem in ("buffers", "log")}


def buffers(result: PlanResult) -> pd.DataFrame:
    return result.tables["buffers"].set_index("item")


def added(why: str) -> list[float]:
    return [float(number.replace(",", "")) for number in re.findall(r": ([+-][\d,.]+)(?: units?)?(?:;|$)", why)]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory):
    with ContentCache(Path(tmp_path_factory.mktemp("cache"))) as made:
        yield made


@pytest.fixture(scope="module")
def first(cache: ContentCache) -> PlanResult:
    return run(with_receipts(shop(), [13, 15, 14]), cache=cache, workers=1)


@pytest.fixture(scope="module")
def late(cache: ContentCache, first: PlanResult) -> PlanResult:
    return run(after(first, with_receipts(shop(), [13, 15, 35])), cache=cache, workers=1)


def test_the_first_refresh_has_nothing_to_compare_with(first: PlanResult) -> None:
    table = first.tables["buffers"]
    assert list(table.columns) == BUFFERS.column_names
    assert table["item"].tolist() == KEPT
    assert table["change"].isna().all()
    assert (table["why"] == "").all()


def test_what_a_buffer_is_made_of_is_what_the_plan_uses(first: PlanResult) -> None:
    table, plan = buffers(first), first.tables["plan"].set_index("item")
    assert table["reorder_point"].to_numpy() == pytest.approx(plan["reorder_point"].to_numpy(), abs=0.051)
    assert table["safety_stock"].to_numpy() == pytest.approx(plan["safety_stock"].to_numpy(), abs=0.051)
    assert table["demand_per_period"].to_numpy() == pytest.approx(plan["demand_per_period"].to_numpy(), abs=0.0051)
    assert table.loc["lumpy", ["supplier", "period", "lead_time_days", "review_days"]].tolist() == [
        "South",
        "week",
        10,
        7,
    ]
    assert table.loc["steady", "lead_time_days"] == pytest.approx(14, abs=0.2), "as received"
    assert (table["demand_deviation"] > 0).all()
    assert (table["protection_deviation"] > table["demand_deviation"]).all()


def test_an_unreliable_supplier_is_named_with_what_it_adds(first: PlanResult, late: PlanResult) -> None:
    table = buffers(late)
    assert table.loc["steady", "change"] == pytest.approx(
        table.loc["steady", "reorder_point"] - buffers(first).loc["steady", "reorder_point"], abs=1e-6
    )
    for item in ("steady", "erratic"):
        why = table.loc[item, "why"]
        assert re.search(r"lead-time spread of supplier North rose from 0\.\d+ to [\d.]+ days: \+\d+", why), why
        assert re.search(r"lead time of supplier North rose from [\d.]+ to [\d.]+ days: \+\d+", why), why
        assert "demand" not in why
        assert "forecast error" not in why
    assert table.loc["lumpy", ["change", "why"]].tolist() == [0.0, ""], "its supplier is another one"


def test_the_uncertainty_of_a_forecast_does_not_depend_on_the_lead_time(first: PlanResult, late: PlanResult) -> None:
    names = ["demand_per_period", "demand_deviation"]
    pd.testing.assert_frame_equal(buffers(late)[names], buffers(first)[names])


def test_a_late_supplier_is_an_exception_with_the_reason(late: PlanResult) -> None:
    called = late.tables["exceptions"].query("kind == 'buffer changed'").set_index("item")
    assert set(called.index) <= {"steady", "erratic"}
    assert len(called) >= 1
    assert (called["severity"] == "notice").all()
    assert called["message"].str.match(r"the reorder point rose from \d+ to \d+: lead").all()
    assert (called["value_at_stake"] > 0).all()


def test_reasons_add_up_to_the_change(cache: ContentCache, first: PlanResult, late: PlanResult) -> None:
    tables = with_receipts(shop(service_target=0.98), [21, 20])
    tables["demand"] = tables["demand"].assign(quantity=tables["demand"]["quantity"] * 1.5)
    moved = run(after(late, tables), cache=cache, workers=1)
    for result in (late, moved):
        for _, row in buffers(result).iterrows():
            assert sum(added(row["why"])) == pytest.approx(row["change"], abs=0.6 * max(len(added(row["why"])), 1))
    why = buffers(moved).loc["steady", "why"]
    assert re.search(r"demand rose from \d+(\.\d+)? to \d+(\.\d+)? a week: \+\d+", why), why
    assert "service target rose from 95% to 98%" in buffers(moved)["why"].str.cat(sep=" ")


def test_refreshed_again_on_the_same_day_what_did_not_change_keeps_its_reason(
    cache: ContentCache, late: PlanResult
) -> None:
    again = after(late, with_receipts(shop(), [13, 15, 35]))
    kept = run(again, cache=cache, workers=1)
    pd.testing.assert_frame_equal(kept.tables["buffers"], late.tables["buffers"], check_dtype=False)
    again["log"] = again["log"].assign(plan_date="2024-06-24")
    other_day = buffers(run(again, cache=cache, workers=1))
    assert other_day["change"].tolist() == [0, 0, 0]
    assert (other_day["why"] == "").all()


def test_rows_that_were_edited_or_lost_tell_no_change_and_stop_nothing(cache: ContentCache, first: PlanResult) -> None:
    tables = after(first, with_receipts(shop(), [13, 15, 35]))
    last = tables["buffers"].copy()
    last.loc[last["item"] == "steady", "lead_time_sd_days"] = "a lot"
    tables["buffers"] = pd.concat([last, last[last["item"] == "lumpy"]], ignore_index=True)
    table = buffers(run(tables, cache=cache, workers=1))
    assert table["change"].isna().tolist() == [True, False, True], "which row of lumpy counts nobody knows"
    assert (table["why"] == "").tolist() == [True, False, True]
    tables["buffers"] = last.drop(columns="safety_stock")
    assert run(tables, cache=cache, workers=1).tables["buffers"]["change"].isna().all()


def test_numbers_of_another_period_are_not_compared(first: PlanResult) -> None:
    now = first.tables["buffers"].assign(period="month")
    assert not _last_buffers({"buffers": first.tables["buffers"]}, now)["known"].any()
    assert _last_buffers({"buffers": now}, now)["known"].all()


@pytest.fixture(scope="module")
def pair(first: PlanResult) -> tuple[pd.DataFrame, pd.DataFrame, Parameters]:
    parameters = admit(shop()).parameters
    return buffers_of(first.items, parameters), first.items, parameters


ANYTHING = st.one_of(
    st.none(), st.text(max_size=4), st.floats(), st.integers(), st.booleans(), st.dates(), st.just(CellFault("#N/A"))
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cell=ANYTHING, name=st.sampled_from(BUFFERS.column_names), row=st.integers(0, 2))
def test_whatever_stands_in_the_last_table_there_is_a_number_or_nothing(
    first: PlanResult,
    pair: tuple[pd.DataFrame, pd.DataFrame, Parameters],
    cell: object,
    name: str,
    row: int,
) -> None:
    last = first.tables["buffers"].astype(object)
    last.iat[row, last.columns.get_loc(name)] = cell
    now, items, parameters = pair
    known = _last_buffers({"buffers": last}, now)
    rows = known["known"].to_numpy(dtype=bool)
    told = reasons(known[rows], now[rows], items[rows], parameters)
    assert all(isinstance(words, str) and "nan" not in words and "inf" not in words for words in told)


def told(pair: tuple[pd.DataFrame, pd.DataFrame, Parameters], item: str, change: float, **now: object) -> str:
    """Return the reasons for a change of an item's reorder point that comes with other figures."""
    before, items, parameters = pair
    rows = (before["item"] == item).to_numpy()
    moved = before[rows].assign(**now)
    moved["reorder_point"] += change
    if "safety_stock" not in now:  # demand of the interval follows from rate and length, the rest is safety
        length = (moved["lead_time_days"] + moved["review_days"]) / 7.0
        usual = before[rows]["demand_per_period"] * (before["lead_time_days"] + before["review_days"])[rows] / 7.0
        ahead = before[rows]["reorder_point"] - before[rows]["safety_stock"] - usual
        moved["safety_stock"] = moved["reorder_point"] - ahead - moved["demand_per_period"] * length
    return reasons(before[rows], moved, items[rows], parameters)[0]


def test_a_single_cause_has_the_whole_change(pair: tuple[pd.DataFrame, pd.DataFrame, Parameters]) -> None:
    for change in (8.0, 15.0, 25.0):
        assert (
            told(pair, "steady", change, service_target=0.99)
            == f"service target rose from 95% to 99%: +{change:.2g} units"
        )


def test_what_no_cause_explains_is_named_as_such(pair: tuple[pd.DataFrame, pd.DataFrame, Parameters]) -> None:
    assert told(pair, "steady", 60.0) == "shape of demand and lead times, floors and lots: +60 units"
    words = told(pair, "steady", -60.0, service_target=0.99)
    assert re.fullmatch(
        r"shape of demand and lead times, floors and lots: -\d+ units; service target rose from 95% to 99%: \+\d+",
        words,
    ), words
    before, items, parameters = pair
    other = (before.assign(distribution="gamma"), items, parameters)
    assert (
        told(other, "steady", 60.0, distribution="sample paths")
        == "distribution of demand changed from gamma to sample paths: +60 units"
    )


def test_another_reason_for_the_same_distribution_is_no_other_distribution(
    pair: tuple[pd.DataFrame, pd.DataFrame, Parameters],
) -> None:
    before, items, parameters = pair
    said = [f"gamma (missed 3.1% less than normal in {seen} past intervals of smooth items)" for seen in (762, 774)]
    other = (before.assign(distribution=said[0]), items, parameters)
    assert told(other, "steady", 60.0, distribution=said[1]).startswith("shape of demand and lead times")
    changed = told(other, "steady", 60.0, distribution="forecast (its own past intervals differ)")
    assert changed == "distribution of demand changed from gamma to forecast: +60 units"


def test_demand_that_rises_a_little_does_not_hide_a_forecast_that_got_worse(
    pair: tuple[pd.DataFrame, pd.DataFrame, Parameters],
) -> None:
    row = pair[0].set_index("item").loc["steady"]
    rate, error, whole = (row[name] for name in ("demand_per_period", "demand_deviation", "protection_deviation"))
    worse = told(
        pair, "steady", 6.0,
        demand_per_period=1.005 * rate, demand_deviation=1.2 * error, protection_deviation=1.2 * whole,
    )  # fmt: skip
    assert worse.startswith("forecast error rose"), worse
    more = told(
        pair, "steady", 20.0,
        demand_per_period=1.2 * rate, demand_deviation=1.2 * error, protection_deviation=1.2 * whole,
    )  # fmt: skip
    assert more.startswith("demand rose"), more
    assert "forecast error" not in more


def test_an_item_that_can_have_no_levels_says_so(pair: tuple[pd.DataFrame, pd.DataFrame, Parameters]) -> None:
    before, items, parameters = pair
    without = before.assign(reorder_point=0.0, safety_stock=0.0)
    refused = items.assign(refused="the smallest order is 900; expected at most 5 years of demand")
    level = before["reorder_point"].iat[0]
    assert reasons(before, without, refused, parameters)[0] == (
        f"levels cannot be set (the smallest order is 900, expected at most 5 years of demand): -{level:.0f} units"
    )
    assert reasons(without, before, items, parameters)[0] == f"levels can be set again: +{level:.0f} units"


def test_a_measure_that_nobody_knows_here_is_still_explained(
    pair: tuple[pd.DataFrame, pd.DataFrame, Parameters],
) -> None:
    before, items, parameters = pair
    priced = (before.assign(service_measure="another", service_target=np.nan), items, parameters)
    assert told(priced, "steady", 10.0, lead_time_days=20.0).startswith("lead time of supplier North rose from")


@given(
    change=st.lists(st.one_of(st.just(np.nan), st.floats(-1e6, 1e6)), min_size=1, max_size=40),
    seed=st.integers(0, 1000),
)
def test_few_changes_are_called_out_and_all_of_them_are_large(change: list[float], seed: int) -> None:
    random = np.random.default_rng(seed)
    before = random.lognormal(3.0, 2.0, len(change))
    items = pd.DataFrame({"buffer_change": change, "reorder_point": np.maximum(before + np.nan_to_num(change), 0.0)})
    items = items.assign(
        buffer_change=np.where(np.isnan(change), np.nan, items["reorder_point"] - before), unit_cost=2.0
    )
    called = large_changes(items)
    assert called.sum() <= MOST_LOOKS
    assert (items["buffer_change"].abs()[called] > 0.2499 * before[called]).all()
    assert not called[np.isnan(change)].any()
