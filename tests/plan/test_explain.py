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
    "protection_deviation": 10.0,
    "far_below": False,
    "planned_met": 1.0,
    "reached_in_part": False,
    "short_reason": "",
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

DEMAND = "covers demand of 8 Jan to 11 Feb"


def test_an_order_says_what_it_covers_at_which_level_and_what_shaped_it() -> None:
    assert order_sentence(ROW, "lot", DEMAND, "week") == (
        "Covers demand of 8 Jan to 11 Feb at the 97% level; rounded up to cases of 24; lead time of 3.1 weeks varies "
        "by 1.2."
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
        "Covers demand of 8 Jan to 11 Feb short of the 97% level, for it keeps 18 days; "
    )


@pytest.mark.parametrize(
    ("measure", "target", "note", "phrase"),
    [
        ("fill", 0.9734, ", its share of the overall 95%", "at a 97.3% fill rate"),
        ("fill", 0.849, ", its share of the overall 95%", "at an 84.9% fill rate"),
        ("fill", 0.9999, ", its share of the overall 95%", "at a 99.99% fill rate"),
        ("cycle", 0.99, ", its own within the overall 95%", "at the 99% level, its own within the overall 95%"),
        ("fill", 0.99, " by class A, critical", "at the 99% fill rate by class A, critical"),
        ("ready", 0.9725, "", "with stock at the end of 97.25% of periods"),
        ("cost", 0.96342, "", "at least cost, a 96.3% fill rate"),
    ],
)
def test_the_goal_is_told_as_it_is(measure: str, target: float, note: str, phrase: str) -> None:
    asked = ROW | {"service_measure": measure, "service_target": target, "service_note": note}
    assert order_sentence(asked, "need", DEMAND, "week").startswith(
        f"Covers demand of 8 Jan to 11 Feb {phrase}; else stock runs out; "
    )
    assert f"({phrase})" in no_order_sentence(asked, None)


def test_a_share_of_the_whole_that_shelf_life_ends_says_so() -> None:
    fresh = ROW | {"service_measure": "fill", "service_note": ", its share of the overall 95%"}
    assert order_sentence(fresh | {"cut_to_shelf_life": True}, "need", DEMAND, "week").startswith(
        f"C{DEMAND[1:]} at a 97% fill rate, no more as it keeps 18 days; "
    )


def test_what_has_no_levels_or_no_demand_says_why_it_is_not_ordered() -> None:
    line = "the smallest order is 5000; expected at most 5 years of demand"
    assert no_order_sentence(ROW | {"refused": line}, None) == f"No order: {line}."
    assert no_order_sentence(ROW | {"demand_per_period": 0.0}, None) == "No order: no demand is expected."
    never = no_order_sentence(ROW | {"demand_per_period": 0.01, "pattern": "none"}, None)
    assert never == "No order: nobody has asked for it in any known period."


def test_a_single_period_is_not_plural() -> None:
    single = ROW | {"lead_periods": 1.0, "lead_deviation_periods": 0.0, "service_measure": "fill"}
    told = order_sentence(single, "lot", "covers demand of 2 Jan", "day")
    assert told == "Covers demand of 2 Jan at the 97% fill rate; rounded up to cases of 24."
    restless = single | {"lead_deviation_periods": 1.0}
    assert order_sentence(restless, "lot", "covers demand of 2 Jan", "day").endswith("lead time of 1 day varies by 1.")


def test_a_lead_time_is_told_only_where_its_spread_takes_a_tenth_of_the_safety_stock() -> None:
    # 7 a week and a spread of 1.2 weeks: 8.4 of the deviation of 10 without which 5.4 would be left.
    assert "lead time" in order_sentence(ROW, "lot", DEMAND, "week")
    calm = ROW | {"protection_deviation": 8.4 / (1 - 0.91**2) ** 0.5}  # 91% would be left
    assert "lead time" not in order_sentence(calm, "lot", DEMAND, "week")
    assert "lead time" in order_sentence(calm | {"lead_deviation_periods": 1.3}, "lot", DEMAND, "week")
    unknown = {name: value for name, value in ROW.items() if name != "protection_deviation"}
    assert "lead time" not in order_sentence(unknown, "lot", DEMAND, "week")


def test_a_line_that_only_demand_asks_for_says_what_it_prevents() -> None:
    calm = ROW | {"lead_deviation_periods": 0.0}
    assert order_sentence(calm, "need", DEMAND, "week").endswith(" level; else stock runs out.")
    floor = order_sentence(calm, "need", f"keeps safety stock from 1 Jan and {DEMAND}", "week")
    assert floor == "Keeps safety stock from 1 Jan and covers demand of 8 Jan to 11 Feb at the 97% level."


def test_a_discount_is_told_where_it_shaped_the_line_and_where_it_only_comes_with_it() -> None:
    earning = ROW | {"lead_deviation_periods": 0.0, "discount_rate": 0.02}
    shaped = order_sentence(earning, "discount", DEMAND, "week")
    assert shaped.endswith("; larger or sooner to earn the 2% discount of Manufacturer 69.")
    assert order_sentence(earning, "lot", DEMAND, "week").endswith("; rounded up to cases of 24; earns 2% off.")


def test_shelf_life_is_told_once() -> None:
    fresh = ROW | {
        "service_measure": "fill",
        "service_note": ", its share of the overall 95%",
        "cut_to_shelf_life": True,
    }
    sentence = order_sentence(fresh | {"lead_deviation_periods": 0.0}, "shelf life", DEMAND, "week")
    assert sentence == f"C{DEMAND[1:]} at a 97% fill rate; held to what sells in the 18 days it keeps."
    low = fresh | {"lead_deviation_periods": 0.0, "service_target": 0.218}
    sentence = order_sentence(low, "shelf life", DEMAND, "week")
    assert sentence == f"C{DEMAND[1:]} at a 21.8% fill rate, low as it keeps 18 days; held to what sells in that time."
    asked = fresh | {"lead_deviation_periods": 0.0, "service_note": ""}
    sentence = order_sentence(asked, "shelf life", DEMAND, "week")
    assert sentence == (
        f"C{DEMAND[1:]} short of the 97% fill rate, for it keeps 18 days; held to what sells in that time."
    )


def test_a_low_service_that_nobody_asked_for_has_its_reason() -> None:
    low = ROW | {"service_measure": "fill", "service_note": ", its share of the overall 95%", "service_target": 0.505}
    assert "at a 50.5% fill rate, low as stock money serves more demand elsewhere" in order_sentence(
        low, "need", DEMAND, "week"
    )
    dear = ROW | {"service_measure": "cost", "service_target": 0.6}
    assert "at least cost, a 60% fill rate, low as more stock costs more than it earns" in no_order_sentence(dear, None)
    asked = ROW | {"service_measure": "fill", "service_target": 0.505}
    assert "low" not in order_sentence(asked, "need", DEMAND, "week")


def test_an_item_that_the_plan_lets_run_out_says_so_and_why() -> None:
    left = ROW | {
        "far_below": True,
        "planned_met": 0.236,
        "short_reason": "an order now would cost 7 more than it saves",
    }
    assert no_order_sentence(left, None) == (
        "No order now: 34 on hand cover the reorder point of 21 (at the 97% level); none is planned; the plan meets "
        "24% of demand, as an order now would cost 7 more than it saves."
    )
    below = left | {"available": 11.0, "held_back": left["short_reason"]}
    assert no_order_sentence(below, None).endswith(
        ": an order now would cost 7 more than it saves; the plan meets 24% of demand."
    )
    assert no_order_sentence(below | {"reached_in_part": True}, None).endswith(
        ": an order now would cost 7 more than it saves; of the demand that orders can still reach, the plan meets 24%."
    )
