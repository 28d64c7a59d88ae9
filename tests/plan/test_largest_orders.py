"""The most to order at a time: half a year of demand, and more where a supplier's terms leave no choice."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from invopt_xl.plan.order_plan import make_orders
from invopt_xl.plan.orders import Effort

HALF_A_YEAR = 10 / 7 * 183


def numbered(table: pd.DataFrame) -> pd.DataFrame:
    return table.astype(object).set_axis(pd.RangeIndex(2, len(table) + 2, name="row"))


def planned(minimum: float = 0.0, discounts: list[dict[str, object]] | None = None, items: int = 1, **terms: float):  # type: ignore[no-untyped-def]
    """Plan tea, 10 a week at 1 each, for eight weeks."""
    names = ["tea", "salt", "rice"][:items]
    given = {"unit_cost": 1.0, "unit_price": 2.0, "lead_time_days": 7, "order_cost": 5.0, "holding_rate": 0.25}
    dates = pd.date_range("2018-01-01", periods=8, freq="7D")
    forecast = [{"item": name, "date": date, "mean": 10.0} for name in names for date in dates]
    tables = {
        "items": [
            {"item": name, "supplier": "S", "on_hand": 5.0, "safety_stock": 3.0} | given | terms for name in names
        ],
        "suppliers": [{"supplier": "S", "order_cost": 10.0, "minimum_order_value": minimum}],
        "parameters": [
            {"name": name, "value": value}
            for name, value in (("plan_date", "2018-01-01"), ("period", "week"), ("horizon_periods", 8))
        ],
        **({"discounts": discounts} if discounts else {}),
    }
    frames = {name: numbered(pd.DataFrame(rows)) for name, rows in tables.items()}
    return make_orders(frames, Effort(3.0, 0.001, 1), forecast=numbered(pd.DataFrame(forecast))).planned


@pytest.mark.parametrize("minimum", [260.0, 270.0, 300.0, 1000.0])
def test_a_minimum_value_beyond_half_a_year_of_its_only_item_is_ordered_where_it_pays(minimum: float) -> None:
    found = planned(minimum)
    assert found.plan.quantity.sum() == minimum
    assert found.plan.quantity.sum() == planned(moq=minimum).plan.quantity.sum()


def test_a_minimum_value_that_costs_more_than_all_that_is_lost_is_not_ordered() -> None:
    found = planned(30_000.0)
    assert found.problem.maximum_order_quantity.tolist() == [30_000.0]
    assert not found.plan.quantity.any()


def test_no_item_fills_an_order_with_more_than_half_a_year_where_others_can_help() -> None:
    found = planned(700.0, items=3)
    assert found.problem.maximum_order_quantity == pytest.approx([HALF_A_YEAR] * 3)
    assert found.plan.quantity.sum(axis=1).max() <= HALF_A_YEAR
    assert found.plan.quantity.sum() >= 700


def test_items_grow_alike_where_all_together_cannot_reach_a_minimum() -> None:
    assert planned(900.0, items=3).problem.maximum_order_quantity.tolist() == [300.0] * 3
    assert planned(900.0, items=3, lot_size=7.0).problem.maximum_order_quantity.tolist() == [301.0] * 3


def test_a_price_break_beyond_half_a_year_is_used_where_it_pays() -> None:
    on_quantity = {"supplier": "S", "item": "tea", "from_quantity": 300.0, "discount_rate": 0.25}
    assert planned(discounts=[on_quantity]).plan.quantity.max() == 300
    on_value = {"supplier": "S", "from_value": 300.0, "discount_rate": 0.25}
    assert planned(discounts=[on_value]).plan.quantity.max() == 300
    # Half of 3,000 units waits for 300 weeks at 0.25 a year: more than a tenth of their price.
    too_large = {"supplier": "S", "item": "tea", "from_quantity": 3000.0, "discount_rate": 0.1}
    assert planned(discounts=[too_large]).problem.maximum_order_quantity == pytest.approx([HALF_A_YEAR])
    assert np.array_equal(planned(discounts=[too_large]).plan.quantity, planned().plan.quantity)
