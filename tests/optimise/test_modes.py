"""Order modes: the ways in which a supplier's order may be priced."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invopt_xl.optimise import Discount, OrderProblem
from invopt_xl.optimise.discounts import order_discounts
from invopt_xl.optimise.groundwork import prepare
from invopt_xl.optimise.modes import Mode, modes_of, tiers_among


def shop(*discounts: Discount, **changed: object) -> OrderProblem:
    """Two items of one supplier at 2 and 3 a unit, one of another."""
    given: dict[str, object] = {
        "item_names": ("tea", "rice", "salt"),
        "supplier": [0, 0, 1],
        "unit_cost": [2.0, 3.0, 1.0],
        "demand": np.full((3, 2), 5.0),
        "on_hand": 0.0,
        "lead_time_periods": 0,
        "supplier_names": ("K", "L"),
        "supplier_order_cost": 4.0,
        "minimum_order_value": 7.0,
        "discounts": discounts,
    }
    return OrderProblem(**(given | changed))  # type: ignore[arg-type]


def modes(problem: OrderProblem) -> list[Mode]:
    return modes_of(prepare(problem), 0)


def test_without_thresholds_there_is_the_plain_mode_alone() -> None:
    (plain,) = modes(shop(Discount(0, 0, 0.1, from_quantity=5.0), Discount(1, None, 0.2, from_value=9.0)))
    assert (plain.rate.tolist(), plain.by_line) == ([0.0, 0.0, 0.0], True)
    assert (plain.minimum.tolist(), plain.cost.tolist()) == ([7.0, 7.0], [4.0, 4.0])


def test_each_threshold_has_its_mode_with_the_best_rates_reached() -> None:
    found = modes(shop(Discount(0, None, 0.05, from_value=20.0), Discount(0, 1, 0.15, from_value=12.0),
                       Discount(0, 0, 0.03, from_value=20.0)))  # fmt: skip
    assert [mode.minimum.tolist() for mode in found] == [[7.0, 7.0], [12.0, 12.0], [20.0, 20.0]]
    assert [mode.rate.tolist() for mode in found] == [[0.0, 0.0, 0.0], [0.0, 0.15, 0.0], [0.05, 0.15, 0.0]]
    assert all(mode.by_line for mode in found)


def test_a_discount_on_what_the_supplier_does_not_deliver_makes_no_mode() -> None:
    assert len(modes(shop(Discount(0, 2, 0.1, from_value=9.0)))) == 1
    assert len(modes(shop(Discount(0, 2, 0.1, from_value=9.0), Discount(0, 1, 0.1, from_value=9.0)))) == 2


def test_a_threshold_below_the_smallest_order_asks_for_that_order() -> None:
    assert modes(shop(Discount(0, None, 0.05, from_value=3.0)))[1].minimum.tolist() == [7.0, 7.0]


def test_incremental_tiers_on_an_orders_value_cost_what_they_leave_out() -> None:
    tiers = (Discount(0, None, rate, from_value=value, kind="incremental") for rate, value in ((0.1, 10.0), (0.25, 30)))
    _, first, second = modes(shop(*tiers))
    assert [first.rate[0], first.cost[0], first.minimum[0]] == pytest.approx([0.1, 4.0 + 1.0, 10.0])
    assert [second.rate[0], second.cost[0], second.minimum[0]] == pytest.approx([0.25, 4.0 + 1.0 + 0.15 * 30, 30.0])
    assert not first.by_line
    assert first.rate.tolist() == [0.1, 0.1, 0.0]


def test_the_planners_own_lines_count_towards_thresholds_and_win_their_discounts() -> None:
    fixed = np.full((3, 2), np.nan)
    fixed[0, 0] = 5.0  # worth 10
    problem = shop(Discount(0, None, 0.1, from_value=18.0), Discount(0, 0, 0.04, from_quantity=5.0),
                   fixed_quantity=fixed)  # fmt: skip
    plain, discounted = modes(problem)
    assert plain.minimum.tolist() == [0.0, 7.0], "the planner's order stands whatever its value"
    assert discounted.minimum.tolist() == [8.0, 18.0]
    assert plain.cost.tolist() == pytest.approx([4.0 - 0.4, 4.0])
    assert discounted.cost.tolist() == pytest.approx([4.0 - 1.0, 4.0])


def test_rates_that_do_not_rise_make_no_tier() -> None:
    steps = [
        Discount(0, None, rate, units, kind="incremental") for rate, units in ((0.1, 5.0), (0.1, 8.0), (0.05, 9.0))
    ]
    assert len(tiers_among(steps)) == 1


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, None, 0, 1]),
            st.sampled_from([0.05, 0.1, 0.3]),
            st.sampled_from([6.0, 15.0, 40.0]),
            st.sampled_from(["all-unit", "incremental"]),
            st.booleans(),
        ),
        max_size=4,
    ),
    st.lists(st.integers(0, 20), min_size=2, max_size=2),
    st.booleans(),
)
def test_the_best_mode_that_an_order_reaches_wins_what_the_account_says(
    breaks: list[tuple[int | None, float, float, str, bool]], units: list[int], own: bool
) -> None:
    discounts = tuple(
        Discount(
            0, item, rate, from_quantity=at / 3 if on_line else None, from_value=None if on_line else at, kind=kind
        )  # type: ignore[arg-type]
        for item, rate, at, kind, on_line in breaks
    )
    fixed = np.full((3, 2), np.nan)
    if own:
        fixed[1, 0] = 4.0
    problem = shop(*discounts, fixed_quantity=fixed, minimum_order_value=0.0)
    quantity = np.zeros((3, 2))
    quantity[:2, 0] = units
    quantity[1, 0] = 4.0 if own else units[1]
    won = order_discounts(problem, quantity).sum()
    work = prepare(problem)
    rest = quantity - work.fixed
    alone = replace(problem, unit_cost=np.ones_like(problem.unit_cost))
    by_line = order_discounts(alone, rest, [one for one in problem.discounts if one.from_value is None])
    value = float((problem.unit_cost * rest)[:2, 0].sum())
    costs = []
    for mode in modes_of(work, 0):
        won_here = np.maximum(mode.rate[:, None] * rest, mode.by_line * by_line)
        if value >= mode.minimum[0] - 1e-9:
            costs.append(float(mode.cost[0] - (problem.unit_cost * won_here).sum()))
    assert min(costs) == pytest.approx(4.0 - won)
