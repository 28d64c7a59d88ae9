"""What the planner wrote follows its item, whatever becomes of the item."""

from datetime import date

import pandas as pd
import pytest

from invopt_xl.errors import InputError
from invopt_xl.plan.columns import CellFault
from invopt_xl.plan.overrides import followed, left_behind, planner_columns, with_added_columns
from invopt_xl.plan.parameters import Parameters

PARAMETERS = Parameters(date(2024, 7, 1), horizon_periods=8)


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
    rows = followed(written, PARAMETERS)
    assert rows["override_fault"].tolist() == [
        "override_quantity is many; expected units, zero or more",
        "override_quantity is -3; expected units, zero or more",
        "",
    ]
    assert rows["override_quantity"].tolist() == ["many", -3, 5]


def test_a_day_says_in_which_period_an_override_is_ordered() -> None:
    days = ["2024-07-01", "2024-07-07", "2024-07-08", None, "2024-08-25"]
    rows = followed(planner_columns(plan_of(item=list("abcde"), override_quantity=6, override_date=days)), PARAMETERS)
    assert rows["override_period"].tolist() == [0, 0, 1, 0, 7]
    assert rows["override_day"].tolist() == ["1 Jul 2024", "7 Jul 2024", "8 Jul 2024", "", "25 Aug 2024"]
    assert (rows["override"] == 6).all()


@pytest.mark.parametrize(
    ("day", "fault"),
    [
        (
            "2024-06-30",
            "is before the plan date 2024-07-01; expected a day from it on, or none for an order now",
        ),
        ("2024-08-26", "is beyond the horizon; expected a day before 2024-08-26"),
        ("soon", "is not a date; expected a date such as 2018-01-31"),
    ],
)
def test_an_override_on_a_day_that_cannot_be_is_not_followed_and_says_why(day: str, fault: str) -> None:
    (row,) = followed(
        planner_columns(plan_of(item=["a"], override_quantity=[6], override_date=[day])), PARAMETERS
    ).to_dict("records")
    assert row["override"] != row["override"]
    assert row["override_fault"] == f"override_date {fault}"
    assert row["override_date"] == day, "it stays as it was typed"


def test_a_note_on_an_item_that_is_gone_is_not_lost() -> None:
    written = planner_columns(plan_of(item=["a", "b", "c"], note=["ask Ann", None, None], my_own=[None, "x", None]))
    rest = left_behind(followed(written, PARAMETERS), pd.DataFrame({"item": ["z"], "location": ["MAIN"]}))
    assert rest["item"].tolist() == ["a", "b"], "b holds something in a column the planner added"
    assert (rest["exception"] == "not planned").all()


def test_a_formula_without_a_value_is_nobodys_word() -> None:
    fault = CellFault("formula without a value")
    written = planner_columns(plan_of(item=["a", "b"], override_quantity=[None, fault], override_change=[fault, 2]))
    assert written["kept"].tolist() == [False, True]


def test_an_item_code_read_as_a_number_is_still_the_same_item() -> None:
    assert planner_columns(plan_of(item=[22423.0], note=["keep"]))["item"].tolist() == ["22423"]


def test_a_plan_without_the_column_item_is_refused() -> None:
    with pytest.raises(InputError, match=r"^tblPlan lacks the column item; found 'SKU' - rename it back$"):
        planner_columns(plan_of(SKU=["a"], note=["mine"]))


def test_without_a_location_an_item_is_at_its_only_one() -> None:
    items = pd.DataFrame({"item": ["a", "b"], "location": ["York", None]})
    raw = plan_of(item=["b", "a", "gone"], note=["x", "y", "z"]) | {"items": items}
    assert planner_columns(raw)["location"].tolist() == ["MAIN", "York", "MAIN"]


@pytest.mark.parametrize(
    ("planned", "stocked"), [(["a"], ["a", "a"]), (["a", "a"], ["a", "b"]), (["a", "b"], ["b", "a", "b"])]
)
def test_without_a_location_no_item_may_stand_at_two(planned: list[str], stocked: list[str]) -> None:
    items = pd.DataFrame({"item": stocked, "location": [str(place) for place in range(len(stocked))]})
    with pytest.raises(
        InputError, match=r"^tblPlan lacks the column location, and [ab] has several rows; put it back$"
    ):
        planner_columns(plan_of(item=planned, note=["x"] * len(planned)) | {"items": items})
    assert not planner_columns(plan_of(item=planned, model="x") | {"items": items})["kept"].any()


def test_of_two_rows_of_an_item_the_one_typed_into_counts_and_two_are_refused() -> None:
    written = planner_columns(plan_of(item=["b", "a", "a", "a"], location="MAIN", note=[None, None, "mine", None]))
    assert written["item"].tolist() == ["b", "a"]
    assert written["note"].tolist() == [None, "mine"]
    message = r"^tblPlan has two rows for a MAIN with an override or note \(the second is row 2\); expected one$"
    with pytest.raises(InputError, match=message):
        planner_columns(
            plan_of(item=["a", "b", "a"], location="MAIN", note=["x", None, None], override_quantity=[None, None, 5])
        )


def test_columns_somebody_added_are_put_beside_their_item() -> None:
    plan = pd.DataFrame({"item": ["b", "new", "a"], "location": "MAIN"})
    raw = plan_of(item=["a", "b", None], mine=[1, None, "lost"])
    assert with_added_columns(plan, raw)["mine"].astype(object).where(lambda each: each.notna(), None).tolist() == [
        None,
        None,
        1,
    ]
    assert with_added_columns(plan, {}).columns.tolist() == ["item", "location"]
