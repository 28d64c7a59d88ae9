"""What segments and customers say in words and small tables follows from their figures, also where there are none."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Literal

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
from invopt_xl.plan.target_choices import ALIKE, FLOORS, MIX, SAME, USUAL, WEIGHTED, target_choices
from invopt_xl.plan.target_choices import OWN as RECOMMENDED

WEEKLY = Parameters(date(2024, 7, 1))


def segmented(
    demand: list[list[float]], by: Literal["value", "margin", "lines"] = "value", **columns: object
) -> tuple[Segmentation, object]:
    usual = {"location": "MAIN", "description": "", "unit_cost": 2.0, "unit_price": 3.0, "on_hand": 10.0}
    names = [f"i{row}" for row in range(len(demand))]
    items = pd.DataFrame({"item": names, **usual, "status": "active", "criticality": "normal", **columns})
    past = histories_of(demand)
    return segment(items, past, WEEKLY, by=by), past


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
        segment_looks.classes_at(found),
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


@pytest.mark.parametrize("by", ["value", "margin", "lines"])
def test_headline_picture_and_other_limits_go_by_what_the_matrix_goes_by(
    by: Literal["value", "margin", "lines"],
) -> None:
    price = [2.5, 9.0, np.nan, 2.1]
    found, _ = segmented([STEADY, RARE, STEADY, [1.0] * 60], by=by, unit_price=price)
    counted = found.matrix.set_index("cell")["items"]
    table = segment_looks.classes_at(found)
    assert {f"{row}{column}": table.loc[row, column] for row in "ABC" for column in "XYZ"} == {
        cell: counted[cell] for cell in counted.index if cell != "no class"
    }
    words, first = segment_answers.segment_answer(found), int((found.classes == "A").sum())
    assert words.startswith(f"**{first} of 4 items")
    said = {"value": "of demand at cost", "margin": "of margin", "lines": "of sales, whatever their size"}
    assert f"{said[by]}: look" in words
    drawn = repr(pictures.cells(found.matrix, title="T", money="USD", by=by))
    if by == "margin":
        assert (table.loc["no class"].sum(), counted["no class"]) == (1, 1)
        assert " 1 item without a class by margin, 46% of demand at cost: below the matrix, as no class." in words
        assert "no class: 1 item, 46% of demand" in drawn
    else:
        assert "no class" not in words + drawn


def test_a_cell_advises_nothing_where_nothing_stands_or_nothing_is_to_be_stocked() -> None:
    found, _ = segmented([STEADY, DEAD])
    drawn = repr(pictures.cells(found.matrix, title="T", money="USD"))
    assert "AX: 1 item, 90% of demand, stock 20 USD, (R, s, S), ensemble, every 7 days, target 95%;" in drawn
    assert "AY: no item;" in drawn
    assert "BZ: 1 item, 10% of demand, stock 20 USD, 1 item: stop buying;" in drawn
    mixed, _ = segmented([STEADY, RARE, DEAD, DEAD], unit_cost=[2.0, 0.5, 0.1, 0.1])
    drawn = repr(pictures.cells(mixed.matrix, title="T", money="USD"))
    assert "(R, s, Q), imapa, every 28 days, target 97%, but 2 items: stop buying." in drawn


def test_it_is_said_that_the_first_months_stand_on_less_history_and_shares_start_at_nothing() -> None:
    wavering = [[9.0, 11.0] * 12 + [30.0, 0.0] * 8, [9.0, 11.0] * 20]
    short, _ = segmented(wavering)
    words = segment_answers.hopping_answer(short)
    assert "of 2024-01-01, stand on 14 periods of history, those of today on 40" in words
    long, _ = segmented([[5.0] * 120 + row for row in wavering])
    assert "stand on" not in segment_answers.hopping_answer(long)


def test_weeks_out_of_stock_leave_a_gap_in_the_pictures_of_stages() -> None:
    found, _ = segmented([STEADY])
    row = np.array([[np.nan, 4.0, 4.0, np.nan, 6.0, np.nan, 5.0, 5.0]])
    drawn = pictures.stages(found.items, row, title="T", unit="units")
    assert "mean 4.00 in the first half, 5.33 in the last, 2 out of stock or not known." in repr(drawn)
    assert drawn.png.startswith(b"\x89PNG")


def test_an_item_that_has_collapsed_gets_no_good_target_for_its_sales_of_last_year() -> None:
    cheap = [[4.0] * 60, [9.0] * 44 + [2.0] * 16]
    found, _ = segmented([[20.0] * 60, *cheap, [4.0] * 60], unit_cost=[9.0, 0.1, 0.1, 0.1])
    often = segment_looks.often_asked_for(found).set_index("item")
    assert often["fading"].to_dict() == {"i1": False, "i2": True, "i3": False}
    words = segment_answers.disagreement_answer(found, "week")
    assert " 2 items of class C by value sell as often as an A item: they are worth little" in words
    assert " 1 other did so over the last year, but less is expected of them" in words
    found.items["demand_per_period"] = [20.0, 1.0, 9.0, 4.0]
    assert segment_looks.often_asked_for(found).set_index("item")["fading"].to_dict() == {
        "i1": True,
        "i2": True,
        "i3": False,
    }


def test_raw_variation_is_standard_deviation_over_mean_of_what_is_known() -> None:
    found, past = segmented([[np.nan, *STEADY], [np.nan, *RARE]])
    varied = segment_looks.raw_variation(found, past)  # type: ignore[arg-type]
    assert varied["variation"].tolist() == pytest.approx([pd.Series(x).std() / np.mean(x) for x in (STEADY, RARE)])


def test_limits_that_do_not_rise_are_refused() -> None:
    found, _ = segmented([STEADY, RARE])
    for limits in ({"a": 0.96}, {"x": 1.2}):
        with pytest.raises(InputError, match="expected at most"):
            segment_looks.classes_at(found, **limits)


def test_without_sales_that_is_said_once() -> None:
    found, _ = segmented([STEADY])
    assert customer_answers.reviewed(None, found.items) is None
    assert customer_answers.customers_answer(None) == customer_answers.NO_SALES
    assert customer_answers.leaving_answer(None).startswith("No sales by customer are known: ")
    assert customer_answers.wallet_answer(None) == "No wallets: no sales are known."
    assert customer_answers.lift_answer(None) == "No lifts: no sales are known."
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


def test_one_target_serves_as_well_beside_those_of_the_planner(admitted: Admitted, levelled: Levelled) -> None:
    items = levelled.stocked.items
    own = (items["item"] == "lumpy").to_numpy()
    kept = items.assign(own_target=own, service_target=np.where(own, 0.8, items["service_target"]))
    asked = replace(levelled, stocked=replace(levelled.stocked, items=kept.assign(service_measure="fill")))
    wanted = pd.DataFrame({"service_target": [0.97, *[np.nan] * 5], "target_is": TAKEN, "customer_weight": 1.0})
    choices = target_choices(asked, admitted, wanted).set_index("choice")
    assert choices.loc[ALIKE, "fill_rate"] == pytest.approx(choices.loc[RECOMMENDED, "fill_rate"], abs=0.006)
    assert choices.loc[ALIKE, "fill_rate"] >= choices.loc[RECOMMENDED, "fill_rate"]


def test_each_way_to_set_levels_serves_as_it_says(admitted: Admitted, levelled: Levelled) -> None:
    targets = {"service_target": [0.99, *[np.nan] * 5], "target_is": TAKEN}
    wanted = pd.DataFrame({**targets, "customer_weight": 1.0})
    choices = target_choices(levelled, admitted, wanted).set_index("choice")
    assert choices.index.tolist() == [RECOMMENDED, ALIKE, SAME, USUAL, MIX, FLOORS]
    assert choices.loc[MIX, "changed_items"] == 0, "the plan is the mix"
    assert choices.loc[RECOMMENDED, "stock_value"] > choices.loc[USUAL, "stock_value"]
    assert choices.loc[SAME, "stock_value"] <= choices.loc[RECOMMENDED, "stock_value"]
    as_well = [RECOMMENDED, ALIKE, SAME]
    assert choices.loc[as_well, "fill_rate"].tolist() == pytest.approx(
        [choices["fill_rate"][RECOMMENDED]] * 3, abs=0.005
    )
    assert choices.loc[SAME, "stock_value"] < choices.loc[ALIKE, "stock_value"]
    plan = levelled.items
    stock = (plan["average_stock"] * plan["unit_cost"])[plan["status"] != "phase-out"].sum()
    assert choices.loc[MIX, "stock_value"] == pytest.approx(stock, abs=0.01)
    words = segment_answers.choice_answer(choices.reset_index(), "USD")
    recommended_takes, alike_takes, same_takes = (
        f"{choices.loc[each, 'stock_value']:,.0f} USD of stock for a fill rate of {choices.loc[each, 'fill_rate']:.1%}"
        for each in as_well
    )
    assert words.startswith(
        f"**Recommended targets take {recommended_takes}. "
        f"To serve as well, one target for all takes {alike_takes}, the mix takes {same_takes}.** Asked for the target"
    )
    assert words.endswith("No customer weight differs from today's.")


def test_what_is_not_to_be_stocked_takes_no_stock_in_any_way_to_set_levels(
    admitted: Admitted, levelled: Levelled
) -> None:
    plan = levelled.items
    dear = int((plan["average_stock"] * plan["unit_cost"]).argmax())
    wanted = pd.DataFrame({"service_target": np.nan, "target_is": TAKEN, "customer_weight": 1.5}, index=range(6))
    every = target_choices(levelled, admitted, wanted).set_index("choice")["stock_value"]
    assert WEIGHTED in every.index
    wanted.loc[dear, "target_is"] = NONE
    fewer = target_choices(levelled, admitted, wanted)
    usual = plan.assign(stock=plan["average_stock"] * plan["unit_cost"])
    assert fewer.set_index("choice")["stock_value"][USUAL] < every[USUAL]
    assert fewer["stock_value"].max() < usual["stock"].sum() - usual["stock"].iloc[dear] * 0.5
    assert "left out of all" in segment_answers.choice_answer(fewer, "USD", left_out=1)
    none = target_choices(levelled, admitted, wanted.assign(target_is=NONE))
    assert none.empty
    assert segment_answers.choice_answer(none, "USD").startswith("**No item takes any stock")
