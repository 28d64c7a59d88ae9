"""What the planner wrote follows its item, whatever becomes of the item."""

import pandas as pd

from invopt_xl.plan.overrides import left_behind, planner_columns, unread


def plan_of(**columns: object) -> dict[str, pd.DataFrame]:
    return {"plan": pd.DataFrame(columns)}


def test_a_first_refresh_has_nothing_to_carry_over() -> None:
    assert planner_columns({}).empty
    assert planner_columns(plan_of(item=[], note=[])).empty


def test_an_override_is_a_number_and_stays_as_it_was_typed() -> None:
    written = planner_columns(plan_of(item=["a", "b"], location=["X", None], override_quantity=["1,200", 0]))
    assert written["override"].tolist() == [1200.0, 0.0]
    assert written["override_quantity"].tolist() == ["1,200", 0]
    assert written["location"].tolist() == ["X", "MAIN"]


def test_an_override_that_is_no_quantity_is_named_and_kept() -> None:
    written = planner_columns(plan_of(item=["a", "b", "c"], override_quantity=["many", -3, 5]))
    assert unread(written)["item"].tolist() == ["a", "b"]
    assert written["override_quantity"].tolist() == ["many", -3, 5]


def test_a_note_on_an_item_that_is_gone_is_not_lost() -> None:
    written = planner_columns(plan_of(item=["a", "b", "c"], note=["ask Ann", None, None], my_own=[None, "x", None]))
    rest = left_behind(written, pd.DataFrame({"item": ["z"], "location": ["MAIN"]}))
    assert rest["item"].tolist() == ["a", "b"], "b holds something in a column the planner added"
    assert (rest["exception"] == "not planned").all()


def test_an_item_code_read_as_a_number_is_still_the_same_item() -> None:
    assert planner_columns(plan_of(item=[22423.0], note=["keep"]))["item"].tolist() == ["22423"]
