"""Segments of items: the same classes wherever they are shown, honest about what could not be judged."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_tables import small_tables

from invopt_xl.errors import InputError
from invopt_xl.plan import pipeline
from invopt_xl.plan.columns import MATRIX, SEGMENTS, Tables
from invopt_xl.plan.histories import histories
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quality import Admitted, admit
from invopt_xl.plan.segment_looks import examples
from invopt_xl.plan.segmentation import Segmentation, not_stocked, segment, with_targets
from invopt_xl.plan.segmentation.known import histories_of, known_demand, known_until
from invopt_xl.plan.segmentation.past_classes import _told
from invopt_xl.plan.segmentation.planned import with_planned_demand
from invopt_xl.plan.service_targets import class_targets
from invopt_xl.plan.views.segments import segment_table
from invopt_xl.policy.buffers.rules import USUAL_TARGETS
from invopt_xl.sheet import calculate

WEEKLY = Parameters(date(2024, 7, 1))
WANTED = frozenset({"plan", "segments", "matrix"})


def items_frame(count: int, **columns: object) -> pd.DataFrame:
    usual = {"location": "MAIN", "unit_cost": 2.0, "unit_price": 3.0, "on_hand": 10.0, "status": "active"}
    names = [f"i{row}" for row in range(count)]
    return pd.DataFrame({"item": names, **usual, "criticality": "normal", **columns}, index=range(count))


def segmented(demand: list[list[float]], **columns: object) -> Segmentation:
    return segment(items_frame(len(demand), **columns), histories_of(demand), WEEKLY)


@pytest.fixture(scope="module")
def admitted() -> Admitted:
    return admit(small_tables())


@pytest.fixture(scope="module")
def planned(admitted: Admitted) -> pipeline.PlanResult:
    return pipeline.run(small_tables(service_goal="classes"), wanted=WANTED, workers=1)


@pytest.fixture(scope="module")
def tables(planned: pipeline.PlanResult) -> Tables:
    return planned.tables


def test_plan_workbook_notebook_and_cells_give_the_same_classes(
    planned: pipeline.PlanResult, admitted: Admitted
) -> None:
    past = histories(admitted)
    shown = planned.tables["segments"].set_index("item").loc[planned.items["item"]]
    alone = segment(planned.items, past, admitted.parameters, tables=admitted.tables).items
    demand = [[None if np.isnan(each) else each for each in row] for row in known_demand(past).tolist()]
    value = (np.nanmean(known_demand(past)[:, -52:], axis=1) * planned.items["unit_cost"]).tolist()
    season = admitted.parameters.calendar.season
    cells = {
        "abc": calculate("ABC", [[[one] for one in value]]).cells,
        "xyz": calculate("XYZ", [demand, None, None, "rows", season]).cells,
        "cell": calculate("ABC_XYZ", [[[one] for one in value], demand, *[None] * 4, "rows", season]).cells,
    }
    for name, found in cells.items():
        letters = [row[0] for row in found]
        assert letters == shown[name].tolist() == alone[name].tolist()
    assert planned.tables["plan"]["xyz"].tolist() == [row[0] for row in cells["xyz"]]
    assert planned.tables["plan"]["abc"].tolist() == [row[0] for row in cells["abc"]]


def test_recommended_targets_are_those_that_the_goal_of_classes_sets(planned: pipeline.PlanResult) -> None:
    shown = planned.tables["segments"].set_index("item").loc[planned.items["item"]]
    stocked = shown["recommended_target"].notna().to_numpy()
    assert stocked.any()
    np.testing.assert_allclose(
        shown["recommended_target"][stocked], planned.items["service_target"][stocked].round(4), atol=1e-9
    )


def test_recommended_targets_can_stand_in_the_table_of_items_beside_the_planners(admitted: Admitted) -> None:
    items = admitted.tables["items"]
    items = items.assign(service_target=[0.8, *[np.nan] * (len(items) - 1)])
    found = segment(items, histories(admitted), admitted.parameters, tables=admitted.tables)
    targets = with_targets(items, found)["service_target"]
    assert targets.iloc[0] == 0.8
    pd.testing.assert_series_equal(
        targets.iloc[1:], found.items["recommended_target"].iloc[1:], check_index=False, check_names=False
    )
    raw = small_tables()
    raw["items"]["service_target"] = targets.to_numpy()
    taken = admit(raw)
    assert taken.rejected == 0
    assert taken.tables["items"]["service_target"].tolist() == pytest.approx(targets.tolist(), nan_ok=True)


def test_segments_of_items_without_a_plan_have_the_columns_and_leave_out_what_a_plan_says(admitted: Admitted) -> None:
    found = segment(admitted.tables["items"], histories(admitted), admitted.parameters)
    table = segment_table(found)
    assert table.columns.tolist() == SEGMENTS.column_names
    assert table[["expected_fill_rate", "safety_stock_value", "average_stock_value"]].isna().all(axis=None)
    assert found.notes[0].startswith("Value and margin are of demand a period over the last year of history")


def test_goods_keep_their_class_out_of_season_and_have_the_same_with_a_forecast_and_without() -> None:
    sold = [[40.0] * 13 + [0.0] * 39, [1.5] * 52, [0.6] * 52]
    items = items_frame(3, demand_per_period=[0.0, 1.5, 0.6])  # as a forecast of the weeks to come says
    past = histories_of(sold)
    with_forecast, without = (segment(each, past, WEEKLY).items for each in (items, items_frame(3)))
    assert with_forecast["abc"].tolist() == without["abc"].tolist() == ["A", "B", "C"]
    assert with_forecast["demand_value"].tolist() == pytest.approx(without["demand_value"].tolist())
    young = segment(items, histories_of([each[-26:] for each in sold]), WEEKLY).items
    assert young["demand_value"].tolist() == pytest.approx([0.0, 3.0 * 365.25 / 7, 1.2 * 365.25 / 7])


def test_beside_the_last_plan_everything_is_as_the_refresh_wrote_it(tables: Tables, admitted: Admitted) -> None:
    items = with_planned_demand(admitted.tables["items"], tables, admitted.parameters)
    found = segment_table(segment(items, histories(admitted), admitted.parameters, tables=admitted.tables))
    shown = tables["segments"].set_index("item").loc[found["item"]]
    for name in ("abc", "xyz", "margin_class", "lines_class", "cell", "life_cycle", "recommended_policy", "why"):
        assert found[name].tolist() == shown[name].tolist()


def test_the_last_plan_gives_the_value_where_it_is_of_this_plan_date(tables: Tables, admitted: Admitted) -> None:
    items, parameters = admitted.tables["items"], admitted.parameters
    found = with_planned_demand(items, tables, parameters)
    assert found["demand_per_period"].tolist() == tables["plan"]["demand_per_period"].tolist()
    older = tables | {"log": tables["log"].assign(plan_date="2024-06-24")}
    fewer = tables | {"plan": tables["plan"].head(2)}
    copied = tables | {"plan": pd.concat([tables["plan"], tables["plan"].tail(1)])}
    for raw in (older, fewer, copied, {}):
        assert "demand_per_period" not in with_planned_demand(items, raw, parameters)


def test_the_matrix_holds_every_item_once(tables: Tables) -> None:
    matrix, rows = tables["matrix"], tables["segments"]
    assert matrix.columns.tolist() == MATRIX.column_names
    assert matrix["items"].sum() == len(rows)
    assert matrix["demand_value"].sum() == pytest.approx(rows["demand_value"].sum(), abs=0.1)
    for row in matrix.to_dict("records"):
        mine = rows[rows["cell"] == row["cell"]]
        assert row["items"] == len(mine)
        assert row["hopped"] == (mine["class_changes"] > 0).sum()


def test_shares_of_a_value_that_is_nothing_are_not_known() -> None:
    found = segmented([[9.0, 11.0] * 20] * 2, unit_cost=0.0).matrix
    assert found[["value_share", "stock_share"]].isna().all(axis=None)


def test_items_without_a_price_are_named_and_have_no_class_by_margin() -> None:
    demand = [[9.0, 11.0] * 20] * 4
    found = segmented(demand, unit_price=[3.0, np.nan, 0.0, 1.5])
    assert found.items["margin_class"].tolist() == ["A", "", "", "C"]
    assert "2 items without a price (i1, i2): no margin, and no class by it." in found.notes
    assert "1 item sold below cost (i3): C by margin." in found.notes
    by = segment(found.items[items_frame(1).columns], histories_of(demand), WEEKLY, by="margin")
    assert by.items["cell"].tolist() == ["AX", "", "", "CX"]
    assert by.matrix.set_index("cell").loc["no class", ["items", "otherwise"]].tolist() == [2, "2 items: (R, S)"]
    assert by.items["recommended_policy"].notna().all()


def test_an_item_at_several_locations_is_named_with_its_location() -> None:
    places = {
        "item": ["tea", "tea", "cup"],
        "location": ["Oslo", "Bergen", "Oslo"],
        "unit_price": [np.nan, 3.0, np.nan],
    }
    found = segmented([[9.0, 11.0] * 20] * 3, **places)
    assert "2 items without a price (tea at Oslo, cup): no margin, and no class by it." in found.notes
    assert sorted(examples(found.items, 3)["item"]) == ["cup", "tea at Bergen", "tea at Oslo"]


def test_lines_count_sales_whatever_their_size() -> None:
    often, once = [1.0] * 40, [0.0] * 39 + [500.0]
    found = segmented([often, once])
    assert found.items["abc"].tolist() == ["B", "A"]
    assert found.items["lines_class"].tolist() == ["A", "C"]
    assert found.items["velocity"].tolist() == ["fast", "very slow"]


def test_what_to_rank_by_is_one_of_three() -> None:
    with pytest.raises(InputError, match=r"classes by is weight; expected value, margin or lines"):
        segment(items_frame(1), histories_of([[1.0]]), WEEKLY, by="weight")  # type: ignore[arg-type]


def test_one_week_of_history_is_told_and_nothing_is_guessed() -> None:
    found = segmented([[4.0], [0.0]])
    assert found.items["life_cycle"].tolist() == ["unknown", "unknown"]
    assert found.items["xyz"].tolist() == ["Z", "Z"]
    assert found.items["forecast_error"].isna().all()
    assert "2 items with fewer than 8 known periods (i0, i1): not judged by forecasts, so Z." in found.notes
    assert found.notes[-1] == "There is no month to look back to: whether classes hop cannot be told."
    assert found.items["stable_class"].tolist() == ["AZ", ""]


def test_without_any_history_all_is_unknown() -> None:
    found = segment(items_frame(2), histories_of(np.zeros((2, 0)).tolist()), WEEKLY)
    assert found.items["life_cycle"].tolist() == ["unknown", "unknown"]
    assert found.items["velocity"].tolist() == ["", ""]
    assert found.items["recommended_method"].tolist() == ["an item like it"] * 2
    assert "no sale is known" in found.items["why"][0]


def test_a_shop_where_all_stock_is_dead_is_advised_to_stop_buying() -> None:
    found = segmented([[5.0] * 30 + [0.0] * 30] * 3)
    assert found.items["recommended_policy"].tolist() == ["stop buying"] * 3
    assert found.items["recommended_target"].isna().all()
    assert found.matrix["otherwise"].str.contains("3 items: stop buying").any()
    assert found.items["why"][0].endswith(
        "ended: no sale in 30 periods, a chance of over 99% that demand has ended. Stop buying, as it has ended."
    )


def test_no_service_is_aimed_at_what_is_not_to_be_stocked() -> None:
    steady, never = [9.0, 11.0] * 26, [0.0] * 52
    chances = np.array([0.0, 0.95, 0.6, 0.0, np.nan, np.nan])
    status = ["active", "active", "active", "phase-out", "active", "new"]
    frame = items_frame(6, status=status, service_target=np.nan)
    found = segment(frame, histories_of([steady] * 4 + [never] * 2), WEEKLY, ended_chance=chances)
    assert found.items["life_cycle"].tolist() == ["mature", "ended", "dying", "phase-out", "unknown", "new"]
    stocked = [True, False, False, False, False, True]
    assert (~not_stocked(found.items)).tolist() == stocked
    assert found.items["recommended_target"].notna().tolist() == stocked
    assert with_targets(frame, found)["service_target"].notna().tolist() == stocked
    asked = found.matrix.set_index("cell")["target"]
    assert asked["AX"] == found.items["recommended_target"][0]
    assert found.items["why"][4].endswith("unknown: no sale is known. Buy to order, as no sale of it is known.")


def test_the_planner_and_an_estimated_chance_of_an_end_come_before_the_rule() -> None:
    steady = [9.0, 11.0] * 26
    status = ["active", "new", "phase-out", "active", "active"]
    chances = np.array([0.95, 0.95, 0.0, 0.6, np.nan])
    found = segment(items_frame(5, status=status), histories_of([steady] * 5), WEEKLY, ended_chance=chances).items
    assert found["life_cycle"].tolist() == ["ended", "new", "phase-out", "dying", "mature"]
    assert found["recommended_policy"][:4:3].tolist() == ["stop buying", "buy to order"]
    assert "a chance of 60% that demand has ended" in found["why"][3]


@pytest.mark.parametrize(
    ("criticality", "policy"), [("normal", "buy to order"), ("minor", "buy to order"), ("critical", "(R, s, Q)")]
)
def test_a_c_item_that_hardly_sells_is_bought_to_order_unless_it_is_critical(criticality: str, policy: str) -> None:
    rare = ([0.0] * 25 + [1.0]) * 4
    found = segmented([[50.0] * 104, rare], criticality=criticality).items
    assert found["recommended_policy"][1] == policy
    target = USUAL_TARGETS["C", criticality]
    assert found["recommended_target"][1] == (
        pytest.approx(target) if policy == "(R, s, Q)" else pytest.approx(np.nan, nan_ok=True)
    )


def test_suppliers_that_are_late_raise_targets_as_they_do_for_the_goal(admitted: Admitted) -> None:
    late = pd.DataFrame(
        {"item": "steady", "supplier": "North", "order_date": "2024-01-01", "receipt_date": "2024-06-01"}, index=[2]
    )
    given = admit(small_tables() | {"receipts": late.astype(object)})
    past = histories(given)
    found = segment(given.tables["items"], past, given.parameters, tables=given.tables).items
    alone = segment(given.tables["items"], past, given.parameters).items
    stocked = (found["supplier"] == "North") & alone["recommended_target"].notna()
    assert (found["recommended_target"] > alone["recommended_target"])[stocked].all()
    ruled = class_targets(found.assign(weak_forecast=found["status"] == "new"), given.tables).target
    kept = found["recommended_target"].notna()
    assert found["recommended_target"][kept].tolist() == ruled[kept].tolist()


def test_classes_of_the_past_know_nothing_of_what_came_after() -> None:
    random = np.random.default_rng(4)
    demand = random.poisson(random.lognormal(1, 1, (12, 1)), (12, 60)).astype(float)
    looked = segmented(demand.tolist()).stability
    ends = WEEKLY.calendar.index(np.array(looked.dates, dtype="datetime64[D]")) + 60
    for place, end in enumerate(ends.tolist()):
        past = known_until(histories_of(demand.tolist()), end)
        then = segment(items_frame(12), past, WEEKLY, months=0)
        assert looked.classes[:, place].tolist() == then.items["cell"].tolist()


months = st.lists(st.lists(st.sampled_from(["", "AX", "AY", "CZ"]), min_size=5, max_size=5), min_size=1, max_size=6)


@settings(max_examples=40)
@given(months)
def test_hops_and_usual_classes_are_those_of_a_loop(classes: list[list[str]]) -> None:
    dates = [pd.Timestamp(2024, month, 1) for month in range(1, 6)]
    looked = _told(dates, [30] * 5, np.array(classes, dtype=object))
    steps = [(a, b) for row in classes for a, b in pairwise(row) if a and b]
    hops = [sum(bool(a and b and a != b) for a, b in pairwise(row)) for row in classes]
    usual = [
        max(
            (cell for cell in row if cell),
            key=lambda cell: (row.count(cell), len(row) - row[::-1].index(cell)),
            default="",
        )
        for row in classes
    ]
    assert looked.changes.tolist() == hops
    assert looked.stable.tolist() == usual
    assert looked.months["changed"].sum() == sum(hops)
    assert looked.transitions["steps"].sum() == len(steps)
    for row in looked.transitions.to_dict("records"):
        assert row["steps"] == steps.count((row["before"], row["after"]))
        assert row["share"] == pytest.approx(row["steps"] / sum(before == row["before"] for before, _ in steps))


def test_nothing_is_reviewed_more_often_than_a_period() -> None:
    monthly = Parameters(date(2024, 7, 1), period="month")
    found = segment(items_frame(2), histories_of([[40.0, 50.0] * 12, [1.0, 0.0] * 12]), monthly)
    assert found.items["recommended_review_days"].tolist() == [30.0, 30.0]
    assert set(found.matrix["review_days"]) == {30.0}


def test_items_that_hop_most_come_first() -> None:
    random = np.random.default_rng(6)
    found = segmented(random.poisson(4, (30, 80)).astype(float).tolist())
    assert found.hoppers["class_changes"].is_monotonic_decreasing
    assert len(found.hoppers) == (found.items["class_changes"] > 0).sum() > 0
