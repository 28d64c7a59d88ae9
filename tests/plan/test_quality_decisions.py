"""Decisions about excess that are none are named like any other bad row, and stay as they were typed."""

from __future__ import annotations

from typing import Any

import pytest
from quality_tables import FIRST_ROW, frame, only, said, tables

from invopt_xl.plan.quality import Admitted, admit


def decided(decision: object, quantity: object, **more: Any) -> Admitted:
    """Return tables admitted with a sound decision about cups and another about tea."""
    rows = {"item": ["cup", "tea"], "decision": ["keep", decision], "decided_quantity": [None, quantity]}
    return admit(tables(excess=frame({**rows, "on_hand": 30, "on_order": 12, **more})))


@pytest.mark.parametrize(
    ("decision", "quantity", "column", "value", "reason"),
    [
        ("banana", None, "decision", "tea: banana", "out of bounds; expected keep, cancel order, return"),
        (None, 4, "decision", "tea", "is missing; expected keep, cancel order, return"),
        ("return", -5, "decided_quantity", "tea: -5", "out of bounds; expected a number at least 0"),
        ("return", "many", "decided_quantity", "tea: many", "not a number; expected a number at least 0"),
    ],
)
def test_what_is_no_decision_is_rejected_by_its_row_and_value(
    decision: object, quantity: object, column: str, value: str, reason: str
) -> None:
    found = decided(decision, quantity)
    row = only(found, table="tblExcess")
    assert (row["severity"], row["row"], row["column"]) == ("rejected", FIRST_ROW + 1, column)
    assert row["value"] == value
    assert row["reason"].startswith(reason)
    assert (row["action"], found.rejected) == ("decision not counted; it stays as you typed it", 1)


@pytest.mark.parametrize(
    ("decision", "quantity"),
    [
        *[("Mark Down", 30), ("return", "12"), ("scrap", None), (None, None), ("cancel order", 12), ("keep", 42)],
        *[("Return ", 3), (" mark  down", 4), ("cancel\u00a0order", "5"), ("return", " ")],
    ],
)
def test_a_decision_about_what_is_there_is_not_reported(decision: object, quantity: object) -> None:
    assert said(decided(decision, quantity), table="tblExcess").empty


def test_a_row_kept_for_its_words_alone_has_no_units_to_compare_with() -> None:
    assert said(decided("return", 400, on_hand=None, on_order=None), table="tblExcess").empty


@pytest.mark.parametrize(
    ("decision", "on_hand", "on_order", "value", "where"),
    [
        ("cancel order", 60, None, "tea: 61 of 0", "on order"),
        ("return", 0, 80, "tea: 61 of 0", "on hand"),
        ("mark down", 60, 80, "tea: 61 of 60", "on hand"),
        ("Keep", 40, 20, "tea: 61 of 60", "on hand and on order"),
    ],
)
def test_a_decision_is_about_no_more_than_it_can_be_carried_out_with(
    decision: str, on_hand: float, on_order: float | None, value: str, where: str
) -> None:
    row = only(decided(decision, 61, on_hand=on_hand, on_order=on_order), table="tblExcess")
    reason = f"more units than there are; expected at most those {where}"
    assert (row["column"], row["value"], row["reason"]) == ("decided_quantity", value, reason)


def test_a_table_without_the_planners_columns_is_none_to_judge() -> None:
    assert said(admit(tables(excess=frame({"item": ["tea"], "on_hand": 3}))), table="tblExcess").empty
