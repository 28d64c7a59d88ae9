"""The newsvendor, (s, S) and (r, Q) in cells: published cases, and the policy room's answers."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invopt_xl.policy import GammaDemand, NormalDemand, PolicyCosts, newsvendor, newsvendor_cost
from invopt_xl.sheet import calculate


def record(name: str, *given: Any) -> list[Any]:
    answer = calculate(name, given)
    assert not answer.faults, answer
    return answer.cells[0]


def column(values: Any) -> list[list[Any]]:
    return [[each] for each in values]


def explained(name: str, *given: Any) -> str:
    return str(calculate("EXPLAIN", (name, *given)).cells[0][0])


def test_the_published_newsvendor() -> None:
    """Snyder & Shen (2019), example 4.3: mean 50, deviation 8, overage 0.18, underage 0.70: 56.6, 1.998."""
    quantity, profit, cost, ratio = record("NEWSVENDOR", 50, 8, 0.30, 1.00, 0.12)
    assert (round(quantity, 1), round(cost, 3), round(ratio, 3)) == (56.6, 1.998, 0.795)
    assert profit == pytest.approx(0.70 * 50 - cost)


@settings(max_examples=60)
@given(st.floats(1, 500), st.floats(0.1, 2.0), st.floats(0.05, 0.95), st.floats(0.1, 5.0), st.booleans())
def test_a_newsvendor_is_that_of_the_policy_room_but_never_below_zero(
    mean: float, variation: float, share: float, margin: float, gamma: bool
) -> None:
    family = GammaDemand if gamma else NormalDemand
    demand = family(np.array([mean]), np.array([variation * mean]))
    costs = PolicyCosts(holding=share, shortage=margin)
    quantity, _, cost, ratio = record(
        "NEWSVENDOR", mean, variation * mean, 1, 1 + margin, 1 - share, None, ["normal", "gamma"][gamma]
    )
    expected = max(float(newsvendor(demand, costs).quantity[0]), 0.0)
    assert quantity == pytest.approx(expected, rel=1e-6)
    assert cost == pytest.approx(float(newsvendor_cost(demand, np.array([expected]), costs)[0]), rel=1e-6)
    assert ratio == pytest.approx(margin / (margin + share))


def test_a_unit_short_costs_its_margin_or_what_is_given_in_its_place() -> None:
    """Oracle: profit over demand drawn a million times, each unit short costing goodwill besides its margin."""
    assert record("NEWSVENDOR", 50, 8, 0.3, 1, 0.12, 0.7) == record("NEWSVENDOR", 50, 8, 0.3, 1, 0.12)
    quantity, profit, _, ratio = record("NEWSVENDOR", 50, 8, 0.3, 1, 0.12, 0.9)
    assert ratio == pytest.approx(0.9 / (0.9 + 0.18))
    demand = np.random.default_rng(4).normal(50, 8, 1_000_000)
    sold, goodwill = np.minimum(demand, quantity), 0.2 * np.maximum(demand - quantity, 0)
    earned = 1.0 * sold + 0.12 * (quantity - sold) - 0.3 * quantity - goodwill
    assert profit == pytest.approx(earned.mean(), abs=0.02)
    assert calculate("NEWSVENDOR", (50, 8, 0.3, 1, 0.12, 0.2)).cells == [
        ["#INVOPT! shortage cost is 0.2; expected at least the price less the cost"]
    ]


def test_goods_that_earn_nothing_are_refused_and_the_others_decided() -> None:
    cells = calculate(
        "NEWSVENDOR", (50, 8, column([0.3, 0.3, 0.3]), column([1, 0.2, 1]), column([0.1, 0.1, 0.4]))
    ).cells
    assert isinstance(cells[0][0], float)
    assert cells[1][0] == "#INVOPT! unit price is 0.2; expected above the unit cost"
    assert cells[2][0] == "#INVOPT! salvage value is 0.4; expected below the unit cost"


# Zheng & Federgruen (1991), Operations Research 39(4), 654-665, tables of examples: Poisson demand, h = 1, p = 9,
# K = 64, no lead time; mean, s (order at or below), S, cost a period.
ZHENG_FEDERGRUEN = [
    (10, 6, 40, 35.022), (15, 10, 49, 42.698), (20, 14, 62, 49.173), (21, 15, 65, 50.406), (22, 16, 68, 51.632),
    (23, 17, 52, 52.757), (24, 18, 54, 53.518), (25, 19, 56, 54.262), (30, 23, 66, 57.819), (40, 33, 87, 64.512),
    (50, 42, 108, 70.975), (52, 44, 112, 72.246), (59, 51, 126, 76.679), (60, 52, 129, 77.306), (61, 52, 131, 77.929),
    (63, 54, 73, 78.287), (64, 55, 74, 78.402), (70, 62, 81, 79.037), (75, 67, 86, 79.554),
]  # fmt: skip


def test_the_published_min_max_policies_in_one_column() -> None:
    means = column([row[0] for row in ZHENG_FEDERGRUEN])
    cells = calculate("SS_POLICY", (means, 0, 0, 64, 1, 9)).cells
    expected = [[s + 1, up_to, cost] for _, s, up_to, cost in ZHENG_FEDERGRUEN]
    assert [[point, up_to, round(cost, 3)] for point, up_to, cost in cells] == expected


def test_more_erratic_demand_costs_more() -> None:
    costs = [record("SS_POLICY", 6, spread, 2, 5, 1, 4)[2] for spread in (2, 4, 8)]
    assert costs == sorted(costs)


def test_the_published_policy_for_whole_units_watched_all_the_time() -> None:
    """Snyder & Shen (2019), example 5.8: demand 1.5 a month, two months' lead time; r = 3 (at or below) and Q = 5."""
    point, lot, cost = record("RQ_POLICY", 1.5, 0, 2, 100, 20, 150, 0, "poisson")
    assert (point - 1, lot, round(cost, 2)) == (3, 5, 107.92)


def test_the_published_policy_for_any_quantity_watched_all_the_time() -> None:
    """Snyder & Shen (2019), example 5.1: 1300 a year with deviation 150, a month's lead time."""
    point, lot, cost = record("RQ_POLICY", 1300, 150, 1 / 12, 8, 0.225, 7.5)
    assert (round(point, 1), round(lot, 1), round(cost, 2)) == (126.9, 328.4, 78.07)


@pytest.mark.parametrize("name", ["normal", "gamma", "poisson", "negative binomial"])
def test_lots_of_a_column_are_as_each_alone_whatever_their_order(name: str) -> None:
    means, spreads = [400.0, 3.0, 60.0, 0.5, 9.0], [0.0, 1.0, 0.5, 0.0, 2.0]
    deviations = [40.0, 2.0, 30.0, 1.0, 5.0]
    together = calculate("RQ_POLICY", (column(means), column(deviations), 2, 100, 1, 9, column(spreads), name)).cells
    alone = [
        record("RQ_POLICY", mean, deviation, 2, 100, 1, 9, spread, name)
        for mean, deviation, spread in zip(means, deviations, spreads, strict=True)
    ]
    assert together == [pytest.approx(each, rel=1e-9) for each in alone]


def test_uncertain_lead_times_cost_money() -> None:
    known, uncertain = (record("RQ_POLICY", 20, 5, 4, 100, 1, 9, spread)[2] for spread in (0, 2))
    assert uncertain > 1.1 * known


@pytest.mark.parametrize("name", ["normal", "gamma", "poisson", "negative binomial"])
def test_lead_times_that_stray_far_cost_no_more_than_always_being_short(name: str) -> None:
    """Holding nothing at all is a policy: each unit waits for its lead time, whose mean far strayed ones move."""
    lot, lead = 16, 7
    cost = record("RQ_POLICY", 120.5, 30, lead, 7, 1e5, 7, 2 * lead, name)[2]
    assert cost <= 7 * 120.5 / lot + 7 * (120.5 * lead * 1.5 + lot)


def test_what_cannot_be_searched_is_refused_in_one_line() -> None:
    wide = calculate("SS_POLICY", (1e6, 1e3, 2, 64, 1, 9)).cells[0][0]
    assert str(wide).startswith("#INVOPT! span of the policy in units is 303")
    assert str(wide).endswith("; expected at most 200000: count in larger units, such as dozens or pallets")
    assert calculate("SS_POLICY", (0, 1, 2, 64, 1, 9)).cells == [
        ["#INVOPT! mean demand is 0; expected above 0, such as 12"]
    ]
    assert "order cost is 0; expected above 0" in str(calculate("RQ_POLICY", (10, 1, 2, 0, 1, 9)).cells)
    assert "within 1000000 times the holding cost" in str(calculate("SS_POLICY", (10, 1, 2, 5, 1e9, 1)).cells)


def test_policies_say_what_to_do() -> None:
    assert explained("SS_POLICY", 50, 7, 0, 64, 1, 9) == (
        "When a review finds the position below 43, order up to 108: 50 are expected over lead time 0 + 1 period of "
        "review; orders, stock and shortages cost 71 a period, and no policy costs less. 0 is taken for lead time; an "
        "empty cell counts as 0 in LibreOffice Calc."
    )
    assert explained("RQ_POLICY", 1.5, 0, 2, 100, 20, 150, 0, "poisson").startswith(
        "As soon as the position is below 4, order 5: 3 are expected over the lead time;"
    )
    assert explained("NEWSVENDOR", 50, 8, 0.3, 1, 0.12).startswith(
        "56.6 units are enough with 79.55%, of a demand of 50, deviation 8: 0.7 for a unit short, over 0.7 + 0.18 "
        "for one left over;"
    )
