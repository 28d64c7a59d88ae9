"""Lots in cells: published cases, what the rooms say of the same numbers, and where results stand."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from invopt_xl.policy import dynamic_lots, economic_lots, quantity_discounts
from invopt_xl.sheet import calculate

BREAKS, PRICES = [[0.0], [500.0], [1000.0]], [[0.30], [0.29], [0.28]]
CASINGS = [[18.0], [30.0], [42.0], [5.0], [20.0]]


def cells(name: str, *given: Any) -> list[list[Any]]:
    answer = calculate(name, given)
    assert answer.trace == ""
    return answer.cells


def why(name: str, *given: Any) -> list[list[Any]]:
    return cells("EXPLAIN", name, *given)


def test_the_published_economic_lots_of_snyder_and_shen() -> None:
    """Snyder & Shen, "Fundamentals of Supply Chain Theory", example 3.1 and problem 3.1."""
    found = cells("EOQ", [[1300.0], [500 * 365.0]], [[8.0], [2250.0]], [[0.225], [275.0]])
    assert [row[0] for row in found] == pytest.approx([304.0467800264368, 1728.109844993551])


@given(st.floats(0.1, 1e6), st.floats(0.01, 1e4), st.floats(0.001, 1e4))
def test_a_lot_is_the_one_of_the_room(demand: float, order_cost: float, holding_cost: float) -> None:
    expected = economic_lots(demand, order_cost, holding_cost).quantity[0]
    assert cells("EOQ", demand, order_cost, holding_cost)[0][0] == pytest.approx(expected, rel=1e-12)


@given(st.floats(0.1, 1e5), st.floats(0.01, 1e4), st.floats(0, 5e3), st.sampled_from([1.0, 6.0, 24.0]))
def test_a_lot_within_minimum_and_lot_size_is_the_one_of_the_room(
    demand: float, order_cost: float, minimum: float, lot: float
) -> None:
    free, lotted = (
        cells("EOQ", demand, order_cost, 2.5, minimum)[0][0],
        cells("EOQ", demand, order_cost, 2.5, minimum, lot)[0][0],
    )
    lots = economic_lots(demand, order_cost, 2.5)
    assert free == pytest.approx(max(lots.quantity[0], minimum))
    assert lotted == pytest.approx(lots.allowed(minimum, lot).quantity[0])


def test_items_with_and_without_a_lot_size_stand_in_one_range() -> None:
    assert cells("EOQ", [[1200], [1200]], 50, 3, 0, [[48], [None]]) == [[192.0], [200.0]]


def test_nothing_is_ordered_without_demand() -> None:
    assert cells("EOQ", [[0], [1200]], 50, 3, 24, 12) == [[0.0], [204.0]]
    assert cells("EOQ_DISCOUNT", 0, 8, 0.2, BREAKS, PRICES) == [[0.0, "#N/A", 0.0, 0.0]]


def test_orders_that_cost_nothing_have_no_economic_lot() -> None:
    told = "#INVOPT! order cost is 0 (row 2); expected a number above 0, such as 50"
    assert cells("EOQ", [[1200], [1200]], [[50], [0]], 3) == [[200.0], [told]]


def test_a_lot_is_explained_with_what_it_costs() -> None:
    assert why("EOQ", 1200, 50, 3, 0, 144)[0][0].startswith(
        "An order of 144 comes 8.33 times in the time that demand is for: ordering costs 416.67 and holding 216.00. "
        "Without minimum and lot size it would be 200, 32.67 cheaper."
    )


def test_the_published_discounts_of_nahmias() -> None:
    """Nahmias, "Production and Operations Analysis", examples 4.4 and 4.5: 600 bags a year, 8 an order, 20%."""
    (all_unit,) = cells("EOQ_DISCOUNT", 600, 8, 0.2, BREAKS, PRICES)
    assert all_unit == pytest.approx([500.0, 0.29, 198.10, 5.90])
    (incremental,) = cells("EOQ_DISCOUNT", 600, 8, 0.2, BREAKS, PRICES, "incremental")
    assert incremental == pytest.approx([400.0, 0.30, 204.00, 0.0], abs=1e-9)


@given(
    st.lists(st.floats(1.0, 1e4), min_size=1, max_size=4),
    st.floats(0.5, 100.0),
    st.floats(0.02, 0.9),
    st.sampled_from(["all-unit", "incremental"]),
    st.floats(0, 900.0),
    st.sampled_from([None, 12.0]),
)
def test_discounts_of_items_are_those_of_the_room(
    demand: list[float], order_cost: float, rate: float, kind: str, minimum: float, lot: float | None
) -> None:
    found = cells("EOQ_DISCOUNT", [[one] for one in demand], order_cost, rate, BREAKS, PRICES, kind, minimum, lot)
    breaks, prices = (np.ravel(one) for one in (BREAKS, PRICES))
    expected = quantity_discounts(demand, order_cost, rate, breaks, prices, kind, minimum=minimum, lot=lot)  # type: ignore[arg-type]
    columns = [expected.quantity, expected.unit_cost, expected.cost, expected.saving]
    np.testing.assert_allclose(found, np.array(columns).T, rtol=1e-9, atol=1e-6)


def test_values_of_an_item_stand_side_by_side_and_of_items_in_a_row_below_each_other() -> None:
    down = cells("EOQ_DISCOUNT", [["demand"], [600], [None], [1200]], 8, 0.2, BREAKS, PRICES)
    assert [row[0] for row in down] == [None, 500.0, None, 1000.0]
    across = cells("EOQ_DISCOUNT", [[600, 1200]], 8, 0.2, [[0, 500, 1000]], [[0.30, 0.29, 0.28]])
    assert (len(across), len(across[0])) == (4, 2)


def test_a_price_list_may_begin_at_one_unit() -> None:
    assert cells("EOQ_DISCOUNT", 600, 8, 0.2, [[1], [500]], [[0.30], [0.29]]) == cells(
        "EOQ_DISCOUNT", 600, 8, 0.2, [[0], [500]], [[0.30], [0.29]]
    )


@pytest.mark.parametrize(
    ("breaks", "prices", "told"),
    [
        ([[5], [500]], [[0.3], [0.29]], "from quantities begins with 5; expected 0 or 1"),
        ([[0], [500]], [[0.3], [0.31]], "unit cost (tier 2) is 0.31; expected not above that of the tier before"),
        ([[0], [500], [400]], [[3], [2], [1]], "from quantity (tier 3) is 400; expected above that of the tier before"),
        ([[0], [None], [9]], [[3], [2], [None]], "from quantities is empty (row 2); expected a number of at least 0"),
        ([["from"], [0], [9]], [[None], [3], [2]], "unit costs is empty (row 1); expected a number above 0"),
        ([[0], [500]], [[0.3]], "unit costs has 1 value; expected 2, as from quantities has"),
        ([[0], [500]], [[0.3], ["cheap"]], "unit costs is cheap (row 2); expected a number above 0"),
        ([[0, 1], [2, 3]], [[0.3], [0.2]], "from quantities is a range of 2 x 2 cells; expected one row or one column"),
    ],
)
def test_a_price_list_that_is_none_is_refused_in_one_line(breaks: Any, prices: Any, told: str) -> None:
    for demand in (600, [[600], [900], [1200]]):
        assert cells("EOQ_DISCOUNT", demand, 8, 0.2, breaks, prices) == [[f"#INVOPT! {told}"]]


def test_a_discount_is_explained_with_its_break() -> None:
    told = why("EOQ_DISCOUNT", 600, 8, 0.2, BREAKS, PRICES)[0][0]
    assert told.startswith("An order of 500, every 10 months, is paid at 0.29 a unit on average (break 2 of 3)")
    assert "5.90 less than at list" in told


def test_the_published_example_of_silver_pyke_and_thomas() -> None:
    """Silver, Pyke & Thomas (2017), chapter 5: A = 54, 0.40 a box and month; seven orders by both methods."""
    demand = [[10.0], [62], [12], [130], [154], [129], [88], [52], [124], [160], [238], [41]]
    for method in (None, "silver-meal"):
        found = np.ravel(cells("LOT_SIZES", demand, 54, 0.40, method)).tolist()
        assert found == [84, 0, 0, 130, 283, 0, 140, 0, 124, 160, 279, 0]


@pytest.mark.parametrize(
    ("demand", "setup", "holding", "quantity"),
    [
        ([90, 120, 80, 70], 500, 2, [210, 0, 150, 0]),
        ([150, 100, 80, 200], 120, 0.8, [150, 180, 0, 200]),
        ([730, 580, 445, 650, 880], 100, 0.1, [1310, 0, 1095, 0, 880]),
    ],
)
def test_published_plans_of_snyder_and_shen(demand: list[float], setup: float, holding: float, quantity: Any) -> None:
    """Snyder & Shen, example 3.9, problems 3.27 and 3.29: exact plans of Wagner & Whitin."""
    assert cells("LOT_SIZES", [demand], setup, holding) == [quantity]


@pytest.mark.parametrize(
    ("method", "quantity"),
    [
        ("silver-meal", [48, 0, 47, 0, 20]),
        ("Least-Unit-Cost", [48, 0, 42, 25, 0]),
        ("part-period-balancing", [48, 0, 67, 0, 0]),
    ],
)
def test_published_heuristic_plans_of_nahmias(method: str, quantity: list[float]) -> None:
    """Nahmias, "Production and Operations Analysis", examples 7.3 to 7.5: computer casings, 80 a set-up, 2 to hold."""
    assert np.ravel(cells("LOT_SIZES", CASINGS, 80, 2, method)).tolist() == quantity


@given(
    st.lists(st.lists(st.integers(0, 30).map(float), min_size=7, max_size=7), min_size=2, max_size=4),
    st.sampled_from([0.0, 7.0, 40.0]),
    st.sampled_from([None, 6.0]),
    st.sampled_from(["wagner-whitin", "silver-meal"]),
)
def test_lots_of_items_in_rows_are_those_of_the_room(
    demand: list[list[float]], minimum: float, lot: float | None, method: str
) -> None:
    found = cells("LOT_SIZES", demand, 60.0, 1.0, method, minimum, lot, "rows")
    expected = dynamic_lots(demand, 60.0, 1.0, method, minimum=minimum, lot=lot)  # type: ignore[arg-type]
    last = np.flatnonzero(np.any(demand, axis=0))
    assert len(last) == 0 or np.allclose(found, expected.quantity)


def test_lots_stand_beside_their_periods_whatever_is_empty() -> None:
    plan = [["tea", "milk"], [None, None], [90, 5], [120, None], [80, 5], [70, None], [None, None]]
    found = cells("LOT_SIZES", plan, [[500, 1]], 2)
    assert [row[0] for row in found] == [None, None, 210.0, 0.0, 150.0, 0.0, None]
    assert [row[1] for row in found] == [None, None, 5.0, 0.0, 5.0, 0.0, None]


def test_one_bad_item_does_not_stop_the_others() -> None:
    found = cells("LOT_SIZES", [[90, 5, 1], [120, "x", -1], [80, 5, 1], [70, 0, 1]], 500, 2)
    assert [row[0] for row in found] == [210.0, 0.0, 150.0, 0.0]
    assert found[0][1:] == [
        "#INVOPT! demand is x (row 2); expected a number of at least 0",
        "#INVOPT! demand is -1 (row 2); expected a number of at least 0",
    ]


def test_each_item_has_its_own_costs_and_lots() -> None:
    plan = [[90, 90], [120, 120], [80, 80], [70, 70]]
    found = np.array(cells("LOT_SIZES", plan, [[500, 1]], [[2], [2]], None, None, [[None], [100]]), dtype=float)
    assert found[:, 0].tolist() == [210, 0, 150, 0]
    assert (found[:, 1] % 100 == 0).all()
    assert found[:, 1].sum() >= 360


def test_a_method_that_is_none_is_told_which_there_are() -> None:
    assert cells("LOT_SIZES", CASINGS, 80, 2, "guess") == [[
        "#INVOPT! method is guess; expected wagner-whitin, silver-meal, least-unit-cost or part-period-balancing"
    ]]  # fmt: skip


def test_lots_are_explained_with_their_cost_and_what_is_left() -> None:
    assert why("LOT_SIZES", [[90], [120], [80], [70]], 500, 2)[0][0].startswith(
        "2 orders of 360 in all cost 1,000.00, holding 380.00 over 4 periods."
    )
    assert "490 are left over" in why("LOT_SIZES", [[4], [6]], 20, 1, None, 500)[0][0]
