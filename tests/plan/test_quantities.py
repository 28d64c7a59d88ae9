"""Quantities read as well of goods sold by the gram as of goods sold by the kilogram."""

from __future__ import annotations

import pandas as pd
import pytest

from invopt_xl.plan.excess.transfers import transfers
from invopt_xl.plan.explain import amount
from invopt_xl.plan.quantities import finer_by, least_units, rounded


def goods(**columns: object) -> pd.DataFrame:
    """Return two locations of one item, the first with more than it needs, in tonnes."""
    rows = {"item": "tea", "location": ["MAIN", "WEST"], "status": "active", "unit_cost": 900.0, "on_order": 0.0}
    rows |= {"on_hand": [0.9, 0.0], "here": [0.6, 0.0], "order_up_to": [0.3, 0.0472], "demand_per_period": 0.02}
    return pd.DataFrame(rows | {"lot_size": 0.001, "whole_units": False} | columns)


def test_tenths_tell_counted_goods_and_all_that_sell_by_the_unit() -> None:
    usual = goods(whole_units=[True, False], lot_size=1.0, demand_per_period=[0.02, 1.0])
    assert finer_by(usual).tolist() == [0, 0]
    assert least_units(usual).tolist() == [1.0, 0.05]
    table = pd.DataFrame({"units": [0.26, 17.34]})
    pd.testing.assert_frame_equal(rounded(table, {"units": 1}, finer_by(usual)), table.round(1))


@pytest.mark.parametrize("unit", [1e-2, 1e-3, 1e-6])
def test_goods_in_smaller_parts_keep_as_many_digits(unit: float) -> None:
    fine = goods(demand_per_period=[3.0 * unit, 0.0], lot_size=unit, on_hand=[0.0, 300.0 * unit])
    told = rounded(pd.DataFrame({"units": [4.27 * unit, 4.27 * unit]}), {"units": 1}, finer_by(fine))
    assert told["units"].tolist() == pytest.approx([4.27 * unit] * 2, rel=0.02)
    assert (told["units"] > 0).all()


def test_a_transfer_of_less_than_a_tenth_says_how_much() -> None:
    lanes = pd.DataFrame({"from_location": ["MAIN"], "to_location": ["WEST"], "transfer_cost": 1.0, "order_cost": 0.0})
    sent = transfers(goods(), lanes.assign(item="", lead_time_days=1.0))
    assert sent["to"].tolist() == ["0.047 to WEST", ""]
    assert sent["moved"] == pytest.approx([0.0472, 0.0])


def test_sentences_tell_two_digits_of_what_is_below_a_tenth() -> None:
    assert [amount(value) for value in (0.0, 0.04, 0.0512, 0.1, 0.26, 12.4)] == [
        "0",
        "0.04",
        "0.051",
        "0.1",
        "0.3",
        "12",
    ]
