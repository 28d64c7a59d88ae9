"""What segments and customers say in words and small tables follows from their figures, also where there are none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd
import pytest
from small_tables import small_tables

from invopt_xl.domain import Silent
from invopt_xl.errors import InputError
from invopt_xl.hosts.notebook import pictures
from invopt_xl.plan import customer_answers, segment_answers, segment_looks
from invopt_xl.plan.levels import Levelled, set_levels
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quality import Admitted, admit
from invopt_xl.plan.recommended import recommended, to_write
from invopt_xl.plan.segmentation import Segmentation, segment
from invopt_xl.plan.segmentation.known import histories_of
from invopt_xl.plan.service_targets import NONE, OWN, TAKEN
from invopt_xl.plan.target_choices import FLOORS, MIX, SAME, USUAL, WEIGHTED, target_choices
from invopt_xl.plan.target_choices import OWN as RECOMMENDED

WEEKLY = Parameters(date(2024, 7, 1))


def segmented(demand: list[list[float]], **columns: object) -> tuple[Segmentation, object]:
    usual = {"location": "MAIN", "description": "", "unit_cost": 2.0, "unit_price": 3.0, "on_hand": 10.0}
    names = [f"i{row}" for row in range(len(demand))]
    items = pd.DataFrame({"item": names, **usual, "status": "active", "criticality": "normal", **columns})
    past = histories_of(demand)
    return segment(items, past, WEEKLY), past


STEADY, RARE, DEAD = [9.0, 11.0] * 30, [0.0, 0.0, 0.0, 3.0] * 15, [5.0] * 20 + [0.0] * 40
NEVER = [[0.0] * 30] * 2


def shown_all(found: Segmentation, past: object) -> list[object]:
    """Return everything that is shown of segments."""
    varied = segment_looks.raw_variation(found, past)  # type: ignore[arg-type]
    drawn = segment_looks.examples(found.items)
    made = [
        pictures.concentration(segment_looks.concentration(found), title="T"),
        pictures.matrix(segment_looks.agreement(found, "margin"), title="T"),
        pictures.worth_by_error(found.items, title="T", unit="USD a year"),
        pictures.matrix(segment_looks.speeds(found.items), title="T"),
        pictures.stages(drawn, past.quantity[drawn.index], title="T", unit="units"),  # type: ignore[attr-defined]
        pictures.cells(found.matrix, title="T", money="USD"),
        pictures.lines(found.stability.months, "date", ["share_stable"], title="T", units=("", "of items, share")),
        pictures.matrix(segment_looks.hopping(found), title="T", unit="share"),
    ]
    return [
        *made,
        segment_answers.segment_answer(found),
        segment_answers.disagreement_answer(found, "week"),
        segment_answers.variation_answer(varied),
        segment_looks.by_pattern(found.items),
        segment_looks.by_stage(found.items),
        segment_answers.hopping_answer(found),
        segment_looks.classes_at(found.items),
    ]


def test_the_short_answer_counts_items_and_money() -> None:
    found, past = segmented([STEADY, RARE, DEAD])
    words = segment_answers.segment_answer(found)
    assert words.startswith("**1 of 3 items (33%) make 84% of demand at cost")
    assert "1 item should not be bought any more, 0 only to order." in words
    drawn = [each for each in shown_all(found, past) if isinstance(each, pictures.Picture)]
    assert len(drawn) == 8
    assert all(each.png.startswith(b"\x89PNG") for each in drawn)


@pytest.mark.parametrize(
    ("demand", "columns", "said"),
    [
        ([STEADY, RARE], {"unit_price": np.nan}, "No item has a price"),
        ([[4.0], [2.0]], {}, "Whether classes hop cannot be told"),
        ([DEAD, DEAD], {}, "2 items should not be bought any more"),
        (NEVER, {}, "classes by value say nothing"),
        ([STEADY, RARE], {"unit_cost": 0.0}, "classes by value say nothing"),
    ],
)
def test_what_cannot_be_judged_is_said_and_all_is_shown(
    demand: list[list[float]], columns: dict[str, object], said: str
) -> None:
    shown = shown_all(*segmented(demand, **columns))
    assert said in repr(shown)
    if demand == NEVER:
        assert all(each.png for each in shown if isinstance(each, pictures.Picture)), "a picture of nothing is one"


def test_raw_variation_is_standard_deviation_over_mean_of_what_is_known() -> None:
    found, past = segmented([[np.nan, *STEADY], [np.nan, *RARE]])
    varied = segment_looks.raw_variation(found, past)  # type: ignore[arg-type]
    assert varied["variation"].tolist() == pytest.approx([pd.Series(x).std() / np.mean(x) for x in (STEADY, RARE)])


def test_limits_that_do_not_rise_are_refused() -> None:
    found, _ = segmented([STEADY, RARE])
    for limits in ({"a": 0.96}, {"x": 1.2}):
        with pytest.raises(InputError, match="expected at most"):
            segment_looks.classes_at(found.items, **limits)


@pytest.mark.parametrize(
    "answer",
    [
        customer_answers.customers_answer,
        customer_answers.segment_answer,
        customer_answers.wallet_answer,
        customer_answers.lift_answer,
    ],
)
def test_without_sales_that_is_said(answer: Callable[[None], str]) -> None:
    found, _ = segmented([STEADY])
    assert customer_answers.reviewed(None, found.items) is None
    assert answer(None) == customer_answers.NO_SALES
    assert customer_answers.clearest(None, found.items).empty
    assert repr(pictures.lifts(customer_answers.clearest(None, found.items), title="T")) == "T: nothing to show."


def lifted(**columns: object) -> pd.DataFrame:
    usual = {"lift": [1.2, 0.9], "lift_low": [1.1, 0.8], "lift_high": [1.3, 1.02], "customer_weight": [1.2, 0.9]}
    return pd.DataFrame({"item": ["i0", "i1"], **usual, **columns})


def test_a_weight_is_taken_over_where_the_lift_is_clear_and_the_planners_own_stay() -> None:
    found, _ = segmented([STEADY, RARE, DEAD])
    items = found.items.assign(service_target=[np.nan, 0.8, np.nan], customer_weight=[1.0, 1.0, 3.0])
    table = recommended(items, found, lifted())
    assert table["customer_weight"].tolist() == [1.2, 1.0, 3.0]
    assert table["target_is"].tolist() == [TAKEN, OWN, NONE]
    assert table["service_target"].tolist() == pytest.approx([0.95, 0.8, np.nan], nan_ok=True)
    own = recommended(items.assign(customer_weight=2.0), found, lifted())
    assert own["customer_weight"].tolist() == [2.0] * 3
    assert recommended(items, found, None)["customer_weight"].tolist() == [1.0, 1.0, 3.0]


def test_a_table_of_items_without_these_columns_gets_a_table_beside_it() -> None:
    found, _ = segmented([STEADY])
    table = recommended(found.items.assign(service_target=np.nan, customer_weight=1.0), found, None)
    assert to_write({"items": pd.DataFrame({"item": ["i0"]})}, table)[0] == "tblRecommended"


@pytest.fixture(scope="module")
def admitted() -> Admitted:
    return admit(small_tables(service_goal="overall"))


@pytest.fixture(scope="module")
def levelled(admitted: Admitted) -> Levelled:
    return set_levels(small_tables(service_goal="overall"), admitted, Silent(), workers=1)


def test_each_way_to_set_levels_serves_as_it_says(admitted: Admitted, levelled: Levelled) -> None:
    wanted = pd.DataFrame({"service_target": [0.99, *[np.nan] * 5], "customer_weight": 1.0})
    choices = target_choices(levelled, admitted, wanted).set_index("choice")
    assert choices.index.tolist() == [USUAL, RECOMMENDED, MIX, WEIGHTED, FLOORS, SAME]
    assert choices.loc[MIX, "changed_items"] == 0, "the plan is the mix"
    assert choices.loc[MIX].tolist() == choices.loc[WEIGHTED].tolist(), "weights of one change nothing"
    assert choices.loc[RECOMMENDED, "stock_value"] > choices.loc[USUAL, "stock_value"]
    assert choices.loc[SAME, "stock_value"] <= choices.loc[RECOMMENDED, "stock_value"]
    assert choices.loc[SAME, "fill_rate"] == pytest.approx(choices.loc[RECOMMENDED, "fill_rate"], abs=0.005)
    plan = levelled.items
    stock = (plan["average_stock"] * plan["unit_cost"])[plan["status"] != "phase-out"].sum()
    assert choices.loc[MIX, "stock_value"] == pytest.approx(stock, abs=0.01)
    assert "the mix takes" in segment_answers.choice_answer(choices.reset_index(), "USD")
