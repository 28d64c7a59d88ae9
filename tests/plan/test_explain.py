"""Sentences a planner can read aloud."""

from datetime import date

import pytest

from invopt_xl.optimise import SHAPES
from invopt_xl.plan.explain import SENT, no_order_sentence, order_sentence

ROW = {
    "service_target": 0.97,
    "service_measure": "cycle",
    "service_note": "",
    "refused": "",
    "demand_per_period": 7.0,
    "pattern": "smooth",
    "lead_periods": 3.1,
    "lead_deviation_periods": 1.2,
    "moq": 48.0,
    "lot_size": 24.0,
    "supplier": "Manufacturer 69",
    "on_hand": 34.0,
    "available": 34.0,
    "override": float("nan"),
    "reorder_point": 21.0,
    "status": "active",
    "cut_to_shelf_life": False,
    "shelf_life_days": 18.0,
    "held_back": "the budget of 500 is used up",
    "from_location": "WEST",
}

DEMAND = "covers the demand of 8 Jan to 11 Feb"


def test_an_order_says_what_it_covers_at_which_level_and_what_shaped_it() -> None:
    assert order_sentence(ROW, "lot", DEMAND, "week") == (
        "Covers the demand of 8 Jan to 11 Feb at the 97% level: 3.1 weeks of lead time vary by 1.2; rounded up to the "
        "case of 24."
    )


@pytest.mark.parametrize("shape", [*filter(None, SHAPES), SENT])
def test_every_shape_makes_one_sentence(shape: str) -> None:
    sentence = order_sentence(ROW, shape, DEMAND, "week")
    assert sentence.endswith(".")
    assert sentence.count(".") - sentence.count("3.1") - sentence.count("1.2") == 1
    assert "{" not in sentence


def test_no_order_says_what_is_there_and_when_the_next_order_is_due() -> None:
    sentence = no_order_sentence(ROW, date(2018, 2, 5))
    assert sentence == (
        "No order now: 34 on hand cover the reorder point of 21 (at the 97% level); next order about 5 Feb 2018."
    )


def test_an_item_below_its_reorder_point_that_is_not_ordered_says_so() -> None:
    low = ROW | {"on_hand": 5.0, "available": 11.0}
    assert no_order_sentence(low, None).endswith("of 21: the budget of 500 is used up.")
    assert "though 5 on hand and 6 due in time are below" in no_order_sentence(low, None)
    assert "Waits until 5 Feb 2018" in no_order_sentence(low, date(2018, 2, 5))


def test_a_target_that_shelf_life_forbids_is_not_claimed() -> None:
    fresh = ROW | {"cut_to_shelf_life": True}
    assert order_sentence(fresh, "need", DEMAND, "week").startswith(
        "Covers the demand of 8 Jan to 11 Feb short of the 97% level, for it keeps 18 days: "
    )


@pytest.mark.parametrize(
    ("measure", "target", "note", "phrase"),
    [
        ("fill", 0.9734, ", its share of the overall 95%", "at a 97.3% fill rate, its share of the overall 95%"),
        ("fill", 0.849, ", its share of the overall 95%", "at an 84.9% fill rate, its share of the overall 95%"),
        ("fill", 0.9999, ", its share of the overall 95%", "at a 99.99% fill rate, its share of the overall 95%"),
        ("cycle", 0.99, ", its own within the overall 95%", "at the 99% level, its own within the overall 95%"),
        ("fill", 0.99, " by class A, critical", "at the 99% fill rate by class A, critical"),
        ("ready", 0.9725, "", "with stock at the end of 97.25% of periods"),
        ("cost", 0.96342, "", "at least cost, a 96.3% fill rate"),
    ],
)
def test_the_goal_is_told_as_it_is(measure: str, target: float, note: str, phrase: str) -> None:
    asked = ROW | {"service_measure": measure, "service_target": target, "service_note": note}
    assert order_sentence(asked, "need", DEMAND, "week").startswith(
        f"Covers the demand of 8 Jan to 11 Feb {phrase}: 3.1 weeks"
    )
    assert f"({phrase})" in no_order_sentence(asked, None)


def test_a_share_of_the_whole_that_shelf_life_ends_says_so() -> None:
    fresh = ROW | {"service_measure": "fill", "service_note": ", its share of the overall 95%"}
    assert order_sentence(fresh | {"cut_to_shelf_life": True}, "need", DEMAND, "week").startswith(
        f"C{DEMAND[1:]} at a 97% fill rate, its share of the overall 95%, no more as it keeps 18 days: "
    )


def test_what_has_no_levels_or_no_demand_says_why_it_is_not_ordered() -> None:
    line = "the smallest order is 5000; expected at most 5 years of demand"
    assert no_order_sentence(ROW | {"refused": line}, None) == f"No order: {line}."
    assert no_order_sentence(ROW | {"demand_per_period": 0.0}, None) == "No order: no demand is expected."
    never = no_order_sentence(ROW | {"demand_per_period": 0.01, "pattern": "none"}, None)
    assert never == "No order: nobody has asked for it in any known period."


def test_a_single_period_is_not_plural() -> None:
    single = ROW | {"lead_periods": 1.0, "lead_deviation_periods": 0.0, "service_measure": "fill"}
    told = order_sentence(single, "need", "covers the demand of 2 Jan", "day")
    assert told == "Covers the demand of 2 Jan at the 97% fill rate: 1 day of lead time."
