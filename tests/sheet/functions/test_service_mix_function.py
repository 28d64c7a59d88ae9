"""A service mix in cells: the room's own, all items together, whatever is wrong with one."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invopt_xl.policy import CumulativeDemand, Family, ReplenishmentCycle, lead_times
from invopt_xl.policy.service_mix import MixItems, ServiceBounds, ServiceExchange, uniform_fill_rate
from invopt_xl.sheet import calculate

MEAN, DEVIATION, LEAD, COST = [[20.0], [20.0], [4.0]], [[10.0], [10.0], [4.0]], [[2.0], [2.0], [3.0]], [[1], [10], [40]]


def cells(*given: Any) -> list[list[Any]]:
    answer = calculate("SERVICE_MIX", given)
    assert answer.trace == ""
    return answer.cells


def exchange(mean: Any, deviation: Any, lead: Any, cost: Any, weight: Any, family: Family) -> ServiceExchange:
    mean, deviation, lead, cost = (np.ravel(one).astype(float) for one in (mean, deviation, lead, cost))
    demand = CumulativeDemand(mean[:, None], deviation[:, None] ** 2, np.full(len(mean), family))
    cycle = ReplenishmentCycle.of(demand, lead_times(lead, 0.0 * lead), np.ones(len(mean)), 1.0)
    return ServiceExchange.of(MixItems(cycle, 0.0 * mean, cost, np.asarray(weight)), ServiceBounds(0.5))


@pytest.mark.parametrize("target", [0.9, 0.95, 0.99])
@pytest.mark.parametrize(("distribution", "family"), [("normal", Family.NORMAL), ("gamma", Family.GAMMA)])
def test_a_mix_is_the_one_of_the_room(target: float, distribution: str, family: Family) -> None:
    mix = exchange(MEAN, DEVIATION, LEAD, COST, np.ravel(MEAN), family).least_money(target)
    found = cells(MEAN, DEVIATION, LEAD, COST, target, *[None] * 4, distribution, None, "units")
    columns = [mix.reorder_point, mix.order_up_to, mix.fill_rate, mix.stock_money]
    np.testing.assert_allclose(found, np.array(columns).T)


def test_a_budget_buys_the_best_service_there_is_for_it() -> None:
    mix = exchange(MEAN, DEVIATION, LEAD, COST, np.ravel(MEAN) * np.ravel(COST), Family.NORMAL).most_service(700.0)
    found = np.array(cells(MEAN, DEVIATION, LEAD, COST, None, 700.0))
    np.testing.assert_allclose(found[:, 2], mix.fill_rate)
    assert found[:, 3].sum() == pytest.approx(700.0, rel=1e-6)


def test_cheap_items_are_served_better_and_together_they_take_less_than_one_fill_rate_for_each() -> None:
    found = np.array(cells(MEAN, DEVIATION, LEAD, COST, 0.95, *[None] * 6, "units"))
    assert (np.diff(found[:, 2]) < 0).all()
    assert found[:, 2] @ np.ravel(MEAN) / np.sum(MEAN) == pytest.approx(0.95)
    same = uniform_fill_rate(exchange(MEAN, DEVIATION, LEAD, COST, np.ravel(MEAN), Family.NORMAL), 0.95)
    assert found[:, 3].sum() < 0.9 * same.levels.money


def test_prices_weigh_the_service() -> None:
    priced = np.array(cells(MEAN, DEVIATION, LEAD, COST, 0.95, *[None] * 5, [[100], [11], [41]]))
    plain = np.array(cells(MEAN, DEVIATION, LEAD, COST, 0.95))
    assert priced[0, 2] > plain[0, 2]


@settings(max_examples=20)
@given(st.floats(0.6, 0.99), st.floats(0.6, 0.99))
def test_more_service_is_more_money(one: float, other: float) -> None:
    low, high = sorted((one, other))
    less, more = (np.array(cells(MEAN, DEVIATION, LEAD, COST, target))[:, 3].sum() for target in (low, high))
    assert less <= more * (1 + 1e-9)


def test_a_bad_row_says_why_and_the_others_share_the_target() -> None:
    found = cells([["mean"], *MEAN, [5], [None]], 4, 2, [["cost"], *COST, ["dear"], [None]], 0.9)
    assert found[4] == ["#INVOPT! unit cost is dear (row 5); expected a number above 0, such as 2.50", None, None, None]
    assert found[0] == found[5] == [None] * 4
    np.testing.assert_allclose(found[1:4], cells(MEAN, 4, 2, COST, 0.9))


def test_lead_times_that_stray_beyond_any_shape_are_refused_in_their_row() -> None:
    found = cells(MEAN, DEVIATION, LEAD, COST, 0.9, None, None, [[0], [9], [1]])
    assert found[1][0] == "#INVOPT! lead time sd is 9; expected at most 3 times the lead time"
    assert all(isinstance(cell, float) for cell in found[0] + found[2])


def test_an_item_without_demand_is_not_stocked() -> None:
    assert cells([[0], [20]], 5, 2, 3, 0.9)[0] == [0.0, 0.0, 1.0, 0.0]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ((0.95, 700), "service target and stock budget are both given; expected one of them"),
        ((None, 5), "stock money is 5.00; expected at least"),
        ((0.99999,), "overall fill rate is 0.99999; expected at most 0.999900"),
        ((95,), "service target is 95; expected between 0 and 1, such as 0.95"),
    ],
)
def test_what_no_mix_can_reach_is_refused_in_one_line(given: tuple[Any, ...], told: str) -> None:
    assert cells(MEAN, DEVIATION, LEAD, COST, *given)[0][0].startswith(f"#INVOPT! {told}")


def test_a_mix_is_explained_beside_one_fill_rate_for_each() -> None:
    told = calculate("EXPLAIN", ["SERVICE_MIX", MEAN, DEVIATION, LEAD, COST, 0.95, *[None] * 6, "units"]).cells
    assert "All items together reach 95% with" in told[0][0]
    assert "the same fill rate for each would take" in told[0][0]
