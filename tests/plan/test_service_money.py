"""Service targets for least money, the fill rate that pays, demand until a receipt, a plan as money by period."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from small_tables import small_tables

from invopt_xl.domain import Silent
from invopt_xl.errors import InputError
from invopt_xl.plan.buffers.interval import demand_until_receipt
from invopt_xl.plan.levels import Levelled, set_levels
from invopt_xl.plan.money import fill_rate_reached, fill_rate_that_pays, service_targets
from invopt_xl.plan.money.service_cost import HALF_POINT
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quality import admit
from invopt_xl.plan.recommended import to_write
from invopt_xl.plan.segmentation.life_cycles import DYING
from invopt_xl.plan.service_answers import overall_of
from invopt_xl.plan.service_targets import OWN, TAKEN
from invopt_xl.plan.views.curve import Offer
from invopt_xl.plan.views.money import offer_of


class Shop(NamedTuple):
    """A shop with its levels and what it gives for stock money."""

    levelled: Levelled
    parameters: Parameters
    offer: Offer


@pytest.fixture(scope="module")
def shop() -> Shop:
    raw = small_tables(service_measure="fill")
    admitted = admit(raw)
    levelled = set_levels(raw, admitted, Silent(), workers=1)
    offer = offer_of(levelled, levelled.items, admitted.parameters)
    assert offer is not None
    return Shop(levelled, admitted.parameters, offer)


@pytest.mark.parametrize("overall", [0.85, 0.9, 0.95])
def test_targets_together_give_the_overall_fill_rate(shop: Shop, overall: float) -> None:
    items = shop.levelled.items
    found = service_targets(shop.offer, items, shop.parameters, overall)
    weights = dict(zip(items["item"], items["overall_weight"], strict=True))
    weight = found["item"].map(weights)
    given = float((found["service_target"] * weight).sum() / weight.sum())
    assert shop.offer.share * given + shop.offer.others == pytest.approx(overall, abs=2e-3)
    assert (found["service_measure"] == "fill").all()
    assert found["service_target"].between(0.5, 0.999).all()


def test_the_planners_own_targets_are_kept_and_the_others_make_up_for_them_at_least_money(shop: Shop) -> None:
    items, row = shop.levelled.items, int(shop.offer.rows[0])
    own = np.arange(len(items)) == row
    mine = items.assign(own_target=own, stated_target=np.where(own, 0.999, items["stated_target"]))
    mine.loc[mine.index[row], "stated_measure"] = "cycle"
    found = service_targets(shop.offer, mine, shop.parameters, 0.9).set_index("item")
    kept = found.loc[items["item"].iloc[row]]
    assert kept[["service_target", "service_measure", "target_is", "difference"]].tolist() == [0.999, "cycle", OWN, 0.0]
    assert kept["stock_value_then"] == kept["stock_value"]
    others = found[found["target_is"] == TAKEN]
    assert len(others) == len(found) - 1
    given = others["service_target"].rename("fill").to_dict() | {kept.name: kept["expected_fill_rate"]}
    weight = items.set_index("item")["overall_weight"].loc[list(given)]
    total = float((weight * pd.Series(given)).sum() / weight.sum())
    # Targets are rounded to a thousandth, and a step of one item of six is some thousandths.
    assert 0.899 < shop.offer.share * total + shop.offer.others < 0.905
    # By a search for what all would be asked: there the others are the least money for what they give.
    tries = [service_targets(shop.offer, items, shop.parameters, overall) for overall in np.arange(0.86, 0.92, 0.004)]
    alike = [each.set_index("item")["service_target"].loc[others.index] for each in tries]
    assert min((each - others["service_target"]).abs().max() for each in alike) < 0.01


def test_what_is_written_of_targets_is_not_what_the_planner_set_however_columns_are_spelled(shop: Shop) -> None:
    raw = {"items": pd.DataFrame({"item": ["tea"], "Service target": None, "SERVICE_MEASURE": None})}
    columns = ["service_target", "service_measure"]
    table = service_targets(shop.offer, shop.levelled.items, shop.parameters, 0.9)[["item", "location", *columns]]
    name, rows = to_write(raw, table, columns, otherwise="tblServiceTargets")
    assert (name, rows.columns.tolist()) == ("tblItems", ["item", "location", *columns])
    alone = {"items": raw["items"].drop(columns="SERVICE_MEASURE")}
    assert to_write(alone, table, columns, otherwise="tblServiceTargets")[0] == "tblServiceTargets"


def test_a_target_of_the_planners_is_told_as_it_was_set_and_why_more_is_reached(shop: Shop) -> None:
    raw = small_tables(service_measure="fill", service_goal="overall", service_target=0.95)
    name = shop.levelled.items["item"].iloc[int(shop.offer.rows[0])]
    mine = raw["items"]["item"] == name
    raw["items"] = raw["items"].assign(service_target=np.where(mine, 0.6, np.nan))
    admitted = admit(raw)
    levelled = set_levels(raw, admitted, Silent(), workers=1)
    offer = offer_of(levelled, levelled.items, admitted.parameters)
    kept = service_targets(offer, levelled.items, admitted.parameters, 0.97).set_index("item").loc[name]
    assert kept[["service_target", "service_measure", "target_is"]].tolist() == [0.6, "fill", OWN]
    assert 0.6 <= kept["fill_rate_then"] < kept["expected_fill_rate"] - 0.1
    assert kept["stock_value_then"] < kept["stock_value"]
    assert kept["why"].startswith(f"the least it gets: the plan's mix gives it {kept['expected_fill_rate']:.1%}")


def test_less_service_frees_stock_and_more_takes_it(shop: Shop) -> None:
    low, high = (
        service_targets(shop.offer, shop.levelled.items, shop.parameters, overall)["difference"].sum()
        for overall in (0.8, 0.95)
    )
    assert low < high
    assert low < 0


def test_what_targets_reach_is_told_where_one_of_the_planners_holds_it_down(shop: Shop) -> None:
    items, row = shop.levelled.items, int(shop.offer.rows[0])
    within = service_targets(shop.offer, items, shop.parameters, 0.9)
    assert fill_rate_reached(shop.offer, items, within) == pytest.approx(0.9, abs=0.005)
    own = np.arange(len(items)) == row
    held = items.assign(own_target=own, own_fill_rate=np.where(own, 0.5, items["own_fill_rate"]))
    found = service_targets(shop.offer, held, shop.parameters, 0.99)
    reached = fill_rate_reached(shop.offer, held, found)
    weight = float(shop.offer.share * shop.offer.exchange.items.share[0])
    assert reached == pytest.approx(0.5 * weight + 0.999 * (1.0 - weight), abs=0.002)
    assert overall_of(0.99, reached) == f"{reached:.1%}, the most within reach, not 99.0%,"
    assert overall_of(0.9, 0.8995) == "90.0%"


def test_what_pays_is_in_reach_with_the_planners_own_targets_kept(shop: Shop) -> None:
    items, row = shop.levelled.items, int(shop.offer.rows[0])
    own = np.arange(len(items)) == row
    held = items.assign(own_target=own, own_fill_rate=np.where(own, 0.5, items["own_fill_rate"]))
    free, pays = (fill_rate_that_pays(shop.offer, table, shop.parameters) for table in (items, held))
    assert pays < free
    assert fill_rate_reached(shop.offer, held, service_targets(shop.offer, held, shop.parameters, pays)) == (
        pytest.approx(pays, abs=0.002)
    )
    beyond = service_targets(shop.offer, held, shop.parameters, free)
    assert fill_rate_reached(shop.offer, held, beyond) < free - 0.01


def test_what_is_out_of_reach_takes_all_that_the_items_give(shop: Shop) -> None:
    found = service_targets(shop.offer, shop.levelled.items, shop.parameters, 0.9999)
    assert (found["service_target"] >= 0.99).all()
    with pytest.raises(InputError, match="overall fill rate is 95; expected between 0 and 1"):
        service_targets(shop.offer, shop.levelled.items, shop.parameters, 95.0)


def test_a_point_pays_up_to_where_holding_it_costs_what_it_brings(shop: Shop) -> None:
    items = shop.levelled.items
    pays = fill_rate_that_pays(shop.offer, items, shop.parameters)

    def carrying(overall: float) -> float:
        mix = shop.offer.exchange.least_money((overall - shop.offer.others) / shop.offer.share)
        return float(mix.stock @ items["holding_cost"].to_numpy()[shop.offer.rows]) * 365.25 / 7

    def costs(fill: float) -> float:
        return carrying(fill + HALF_POINT) - carrying(fill - HALF_POINT)

    earning = items[items["unit_price"] > 0]
    margin = (earning["demand_per_period"] * (earning["unit_price"] - earning["unit_cost"])).sum() * 365.25 / 7 / 100
    assert costs(pays - 0.002) < margin
    if pays + 0.002 + HALF_POINT < float(shop.offer.overall(shop.offer.exchange.steps.service[-1])):
        assert costs(pays + 0.002) > margin


def test_no_point_pays_without_a_price(shop: Shop) -> None:
    unpriced = shop.levelled.items.assign(unit_price=np.nan)
    assert np.isnan(fill_rate_that_pays(shop.offer, unpriced, shop.parameters))


@pytest.mark.parametrize("row", range(6))
def test_demand_until_a_receipt_is_a_distribution_that_the_reorder_point_stands_in(shop: Shop, row: int) -> None:
    stocked, item = shop.levelled.stocked, shop.levelled.items.iloc[row]
    found = demand_until_receipt(stocked, row)
    assert (found["chance"] >= -1e-9).all()
    assert found["chance"].sum() == pytest.approx(found["covered"].iloc[-1])
    if item["protection_demand"] <= 0:
        return
    assert found["covered"].iloc[-1] >= 0.999
    # Each chance counts from its bar's lower edge to its upper: the mean lies between.
    step = found["units"].iloc[1]
    mean = float((found["units"] * found["chance"]).sum())
    assert mean - step <= item["protection_demand"] * 1.01
    assert mean >= item["protection_demand"] * 0.97 - step


def test_where_nothing_can_have_levels_there_are_no_targets_and_nothing_pays(shop: Shop) -> None:
    items = shop.levelled.items
    made = service_targets(shop.offer, items, shop.parameters, 0.9)
    none = service_targets(None, items, shop.parameters, 0.9)
    assert none.empty
    assert set(none) == set(made)
    assert np.isnan(fill_rate_that_pays(None, items, shop.parameters))


def test_an_item_that_is_not_to_be_stocked_gets_no_target_and_the_others_make_up_for_it(shop: Shop) -> None:
    items, row = shop.levelled.items, int(shop.offer.rows[0])
    segments = items[["item", "location", "pattern"]].assign(life_cycle="mature")
    before, after = (
        service_targets(shop.offer, items, shop.parameters, 0.9, each)
        for each in (segments, segments.assign(life_cycle=np.where(np.arange(len(items)) == row, DYING, "mature")))
    )
    assert set(before["item"]) - set(after["item"]) == {items["item"].iloc[row]}
    given = after.set_index("item")["service_target"].to_dict()
    given[items["item"].iloc[row]] = items["expected_fill_rate"].iloc[row]
    weight = items.set_index("item")["overall_weight"].loc[list(given)]
    total = float((weight * pd.Series(given)).sum() / weight.sum())
    # Targets are rounded to a thousandth, and a step of one item of six is some thousandths.
    assert 0.899 < shop.offer.share * total + shop.offer.others < 0.905


def test_an_item_without_demand_of_late_gets_no_target(shop: Shop) -> None:
    items, row = shop.levelled.items, int(shop.offer.rows[0])
    recent = items["recent_demand"].astype(float).copy()
    recent.iloc[row] = 0.0
    before, after = (
        service_targets(shop.offer, table, shop.parameters, 0.95)
        for table in (items, items.assign(recent_demand=recent))
    )
    assert set(before["item"]) - set(after["item"]) == {items["item"].iloc[row]}
    assert len(after) == len(before) - 1
