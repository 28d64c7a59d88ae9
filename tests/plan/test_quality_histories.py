from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from quality_tables import FIRST_ROW, demand, frame, items, only, said, tables, weeks

from invopt_xl.plan.quality import admit


def test_an_item_without_demand_is_planned_with_a_warning():
    admitted = admit(tables(demand=demand().iloc[:104]))
    found = only(admitted)
    assert (found["severity"], found["value"], found["reason"]) == ("warning", "cup", "no row in tblDemand")
    assert len(admitted.tables["items"]) == 2


def test_one_demand_point_is_a_warning():
    admitted = admit(tables(demand=demand().iloc[:105]))
    assert only(admitted, reason="demand of one period only")["value"] == "cup"


def test_demand_of_all_zeros_is_a_warning():
    admitted = admit(tables(demand=demand(quantity=[0.0] * 104 + [1.0] * 104)))
    assert only(admitted)["reason"] == "demand is zero in every row"


def test_a_million_fold_outlier_is_named_with_the_usual_quantity_and_kept():
    admitted = admit(tables(demand=demand(quantity=[*[6.0] * 103, 6e6, *[5.0] * 104])))
    found = only(admitted)
    assert found["value"] == "tea on 2017-12-25: 6000000; its median is 6"
    assert found["reason"] == "outlier; expected less than 100 times what the item usually sells in a period"
    assert admitted.tables["demand"]["quantity"].max() == 6e6


def sold(changes: dict[int, float]) -> list[float]:
    """Return weekly demand of tea and cups, that of tea changed in some weeks."""
    return [*(changes.get(week, 5.0 + week % 3) for week in range(104)), *[5.0] * 104]


def test_a_quantity_of_ten_times_all_others_is_named_with_the_most_of_them():
    found = only(admit(tables(demand=demand(quantity=sold({40: 70.0})))))
    assert (found["severity"], found["row"]) == ("warning", FIRST_ROW + 40)
    assert found["value"] == f"tea on {weeks(104)[40]}: 70; otherwise at most 7 in a week"
    assert found["reason"] == "outlier; expected less than 10 times the most that the item sold in any other period"


def test_two_slips_of_an_item_are_both_named_the_farthest_first():
    found = admit(tables(demand=demand(quantity=sold({40: 90.0, 60: 400.0})))).quality
    assert [value.partition(": ")[2].partition(";")[0] for value in found["value"]] == ["400", "90"]


@pytest.mark.parametrize(
    "peaks",
    [
        {40: 69.0},
        {40: 90.0, 41: 90.0},
        {20: 90.0, 40: 90.0, 60: 90.0},
        dict.fromkeys(range(0, 104, 2), 0.0) | {41: 69.0},
    ],
    ids=["not so far", "two weeks running", "comes again", "beside no demand"],
)
def test_real_peaks_are_not_called_mistakes(peaks):
    assert admit(tables(demand=demand(quantity=sold(peaks)))).quality.empty


def test_large_orders_among_many_small_ones_are_no_outliers():
    hours = [f"{day} {hour:02d}:00" for day in weeks(104) for hour in range(8, 18)]
    lines = frame({"item": ["tea"] * len(hours), "date": hours, "quantity": [150.0, *[1.0] * (len(hours) - 1)]})
    assert admit(tables(items=items().iloc[:1], demand=lines)).quality.empty


def test_few_short_histories_are_named_and_many_are_counted():
    short = frame({"item": ["tea"] * 53, "date": weeks(53), "quantity": 2.0})
    admitted = admit(tables(items=items().iloc[:1], demand=short))
    found = only(admitted)
    assert (found["reason"], found["value"]) == ("less than 18 months of history", "tea: 53 weeks")
    names = [f"item {number}" for number in range(30)]
    many = frame({"item": [name for name in names for _ in range(53)], "date": weeks(53) * 30, "quantity": 2.0})
    found = only(
        admit(tables(items=frame({"item": names, "unit_cost": 1, "lead_time_days": 7, "on_hand": 1}), demand=many))
    )
    assert found["reason"] == "30 of 30 items have less than 18 months of history (median 53 weeks)"


def test_the_limit_of_history_is_a_parameter():
    short = frame({"item": ["tea"] * 53, "date": weeks(53), "quantity": 2.0})
    parameters = frame({"name": ["plan_date", "minimum_history_months"], "value": ["2018-01-01", 12]})
    found = only(admit(tables(items=items().iloc[:1], demand=short, parameters=parameters)))
    assert found["reason"] == "less than two years of history"


def test_histories_of_less_than_two_years_say_that_no_yearly_season_is_learned():
    for known, named in ((103, ["tea: 103 weeks"]), (104, [])):
        rows = frame({"item": ["tea"] * known, "date": weeks(known), "quantity": 2.0})
        quality = admit(tables(items=items().iloc[:1], demand=rows)).quality
        assert quality["value"].tolist() == named
        assert all("a yearly pattern is learned from two years on" in action for action in quality["action"])


def test_days_have_no_yearly_season_to_miss():
    dates = pd.date_range(end="2017-12-31", periods=600).astype(str).tolist()
    rows = frame({"item": ["tea"] * 600, "date": dates, "quantity": 2.0})
    parameters = frame({"name": ["plan_date", "period"], "value": ["2018-01-01", "day"]})
    assert admit(tables(items=items().iloc[:1], demand=rows, parameters=parameters)).quality.empty


def test_missing_periods_over_the_limit_are_a_warning_and_say_how_they_count():
    gappy = demand().drop(index=range(10, 30))
    found = only(admit(tables(demand=gappy)))
    assert (found["value"], found["reason"]) == ("tea: 19%", "more than 5% of periods without a row")
    assert found["action"] == "counted as zero demand, as the parameter missing_periods says"
    assert admit(tables(demand=demand().drop(index=range(10, 14)))).quality.empty


def test_stock_out_periods_are_counted_and_never_rejected():
    admitted = admit(tables(demand=demand(in_stock=["no", 0, False, *[1] * 205], quantity=[0.0] * 3 + [5.0] * 205)))
    assert only(admitted)["reason"] == "3 weeks of 1 item marked out of stock"
    assert (~admitted.tables["demand"]["in_stock"]).sum() == 3


def test_a_stock_out_without_a_quantity_keeps_its_mark():
    admitted = admit(tables(demand=demand(in_stock=[0, *[1] * 207], quantity=[None, *[5.0] * 207])))
    assert admitted.rejected == 0
    assert only(admitted, severity="repaired")["column"] == "quantity"
    assert admitted.tables["demand"]["quantity"].iloc[0] == 0


def test_a_minimum_order_above_a_year_of_demand_is_a_warning():
    yearly = float(np.sum(demand()["quantity"].to_numpy(dtype=float)[52:104]))
    admitted = admit(tables(items=items(moq=[yearly - 1, 10 * yearly])))
    assert only(admitted)["row"] == items().index[1]


def test_of_a_minimum_order_that_outlasts_shelf_life_only_what_is_true_of_every_plan_is_said():
    found = only(admit(tables(items=items(moq=[200, 1], shelf_life_days=[21, None]))))
    assert found["row"] == items().index[0]
    assert found["reason"] == "the smallest order is above what sells within shelf_life_days; expected less"
    assert found["action"] == "used as it is; what an order brings beyond that would spoil"


def test_rows_older_than_ten_years_are_a_warning():
    old = demand(date=["1999-01-04", *weeks(104)[1:], *weeks(104)])
    assert len(said(admit(tables(demand=old)), reason="more than 10 years before the plan date")) == 1
