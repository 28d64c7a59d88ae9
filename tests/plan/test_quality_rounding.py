"""What whole periods make of days is said, where it changes orders much."""

from __future__ import annotations

import pytest
from quality_tables import FIRST_ROW, frame, items, said, tables

from invopt_xl.plan.quality import admit


@pytest.mark.parametrize(
    ("period", "life", "rows"),
    [("week", [2, 7], [FIRST_ROW]), ("day", [1, 2], []), ("month", [2, None], [FIRST_ROW]), ("week", None, [])],
)
def test_what_keeps_less_than_a_period_is_named(period: str, life: object, rows: list[int]) -> None:
    found = admit(with_period(period, shelf_life_days=life))
    warned = said(found, table="tblItems", column="shelf_life_days")
    assert warned["row"].tolist() == rows
    assert warned["reason"].str.startswith(f"keeps less than a {period}; expected").all()


@pytest.mark.parametrize(
    ("period", "lead_times", "rows"),
    [("month", [7, 28], [FIRST_ROW]), ("month", [0, 40], [FIRST_ROW + 1]), ("week", [2, 8], []), ("day", [1, 2], [])],
)
def test_goods_that_come_long_before_the_month_they_count_to_are_named(
    period: str, lead_times: list[int], rows: list[int]
) -> None:
    found = admit(with_period(period, lead_time_days=lead_times))
    assert said(found, column="lead_time_days")["row"].tolist() == rows


def with_period(period: str, **changes: object) -> dict[str, object]:
    parameters = frame({"name": ["plan_date", "period"], "value": ["2018-01-01", period]})
    return tables(items=items(**changes), parameters=parameters)
