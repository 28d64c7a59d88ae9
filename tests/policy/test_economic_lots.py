"""Lots for steady demand and under discounts: published cases, a grid of all quantities, and what must always hold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from invopt_xl.errors import InputError
from invopt_xl.policy import economic_lots, quantity_discounts

amounts = st.floats(0.1, 5000.0)
costs = st.floats(0.01, 500.0)


def test_published_economic_lots_of_snyder_and_shen() -> None:
    """Snyder & Shen, "Fundamentals of Supply Chain Theory", example 3.1 and problem 3.1."""
    lots = economic_lots([1300.0, 500 * 365.0], [8.0, 2250.0], [0.225, 275.0])
    assert lots.quantity.tolist() == pytest.approx([304.0467800264368, 1728.109844993551])
    assert lots.cost.tolist() == pytest.approx([68.410525505948272, 475230.2073732266])


def test_published_production_lots_of_snyder_and_shen() -> None:
    """The same, example 3.1 with 2000 units made a year, and problem 3.22."""
    lots = economic_lots([1300.0, 80.0], [8.0, 4.0], [0.225, 0.08], production_rate=[2000.0, 110.0])
    assert lots.quantity.tolist() == pytest.approx([513.9328595516969, 171.2697677155351])
    assert lots.cost.tolist() == pytest.approx([40.472212689696120, 3.736794931975310])


def test_published_lots_with_planned_backorders_of_snyder_and_shen() -> None:
    """The same, example 3.8 and problem 3.2(b)."""
    lots = economic_lots([1300.0, 2080.0], [8.0, 40.0], [0.225, 165 * 0.17 + 12], backorder_cost=[5.0, 60.0])
    assert lots.quantity.tolist() == pytest.approx([310.8125551589646, 83.235448128898042])
    assert (lots.backorders / lots.quantity).tolist() == pytest.approx([0.043062200956938, 0.400299850074962])
    assert lots.cost.tolist() == pytest.approx([66.921363550973254, 1999.148244415212])


@given(amounts, costs, costs, st.floats(1.05, 50.0), costs)
def test_no_lot_and_no_backorders_on_a_grid_cost_less(
    demand: float, setup: float, holding: float, faster: float, backorder: float
) -> None:
    lots = economic_lots(demand, setup, holding, production_rate=faster * demand, backorder_cost=backorder)
    idle = 1.0 - 1.0 / faster
    quantity = lots.quantity[0] * np.linspace(0.3, 3.0, 61)[:, None]
    short = quantity * idle * np.linspace(0.0, 0.999, 61)
    peak = quantity * idle - short
    cycle_cost = (holding * peak**2 + backorder * short**2) / (2.0 * quantity * idle)
    assert (setup * demand / quantity + cycle_cost).min() >= lots.cost[0] * (1.0 - 1e-9)
    assert lots.cost_of(lots.quantity)[0] == pytest.approx(lots.cost[0])


@given(amounts, costs, costs, st.floats(0.1, 10.0))
def test_the_penalty_of_another_lot_is_what_it_costs_more(
    demand: float, setup: float, holding: float, ratio: float
) -> None:
    lots = economic_lots(demand, setup, holding)
    other = ratio * lots.quantity
    assert lots.penalty(other)[0] == pytest.approx(lots.cost_of(other)[0] / lots.cost[0] - 1.0, abs=1e-9)


@given(amounts, costs, costs, st.floats(0.0, 3000.0), st.sampled_from([1.0, 6.0, 24.0, 500.0]))
def test_the_allowed_lot_is_the_cheapest_of_all_multiples(
    demand: float, setup: float, holding: float, minimum: float, lot: float
) -> None:
    lots = economic_lots(demand, setup, holding)
    allowed = lots.allowed(minimum, lot)
    most = int(max(2.0 * lots.quantity[0], minimum) / lot) + 3
    multiples = lot * np.arange(1, min(most, 20_000) + 1)
    multiples = multiples[multiples >= minimum - 1e-9]
    assert allowed.quantity[0] >= minimum * (1 - 1e-9)
    assert allowed.quantity[0] / lot == pytest.approx(round(allowed.quantity[0] / lot))
    assert allowed.cost[0] <= lots.cost_of(multiples).min() * (1.0 + 1e-9)


def test_a_minimum_of_years_of_demand_is_obeyed_and_its_cover_told() -> None:
    lots = economic_lots(120.0, 10.0, 1.0).allowed(600.0, 12.0)
    assert lots.quantity[0] == 600.0
    assert lots.cover[0] == 5.0
    assert lots.penalty(lots.quantity)[0] > 5.0


TRASH_BAGS = {"from_quantity": [0.0, 500.0, 1000.0], "unit_cost": [0.30, 0.29, 0.28]}


def test_the_published_discounts_of_nahmias() -> None:
    """Nahmias, "Production and Operations Analysis", examples 4.4 and 4.5: 600 bags a year, 8 an order, 20%."""
    all_unit = quantity_discounts(600.0, 8.0, 0.2, **TRASH_BAGS)
    assert (all_unit.quantity[0], all_unit.tier[0], round(all_unit.cost[0], 2)) == (500.0, 1, 198.10)
    assert round(all_unit.list_cost[0], 2) == 204.00
    assert all_unit.saving[0] == pytest.approx(5.90, abs=0.005)
    incremental = quantity_discounts(600.0, 8.0, 0.2, **TRASH_BAGS, kind="incremental")
    assert (incremental.quantity[0].round(6), incremental.tier[0]) == (400.0, 0)


def test_the_published_discounts_of_snyder_and_shen_in_stockpyl() -> None:
    """The documented examples of stockpyl's two discount functions."""
    tiers = {"from_quantity": [0.0, 200.0, 500.0], "unit_cost": [500.0, 475.0, 450.0]}
    all_unit = quantity_discounts(1000.0, 200.0, 0.2, **tiers)
    assert (all_unit.quantity[0], all_unit.tier[0], all_unit.cost[0]) == (500.0, 2, pytest.approx(472900.0))
    tiers = {"from_quantity": [0.0, 300.0, 600.0], "unit_cost": [100.0, 90.0, 80.0]}
    incremental = quantity_discounts(2400.0, 150.0, 0.25, **tiers, kind="incremental")
    assert incremental.quantity[0] == pytest.approx(1481.8906842274164)
    assert incremental.cost[0] == pytest.approx(222762.8136845483)
    assert incremental.unit_cost[0] == pytest.approx(80.0 + (10 * 300 + 10 * 600) / 1481.8906842274164)


def cost_by_hand(
    quantity: float, demand: float, setup: float, rate: float, breaks: list[float], prices: list[float], kind: str
) -> float:
    """Price one order unit by unit."""
    tier = max(index for index, begin in enumerate(breaks) if begin <= quantity)
    if kind == "all-unit":
        paid = prices[tier] * quantity
    else:
        ends = [*breaks[1:], np.inf]
        steps = zip(breaks, ends, prices, strict=True)
        paid = sum(price * (min(end, quantity) - begin) for begin, end, price in steps if begin < quantity)
    return paid * demand / quantity + setup * demand / quantity + rate * paid / 2.0


@given(
    st.floats(1.0, 500.0),
    st.floats(0.5, 100.0),
    st.floats(0.02, 0.9),
    st.lists(st.integers(1, 90), min_size=1, max_size=3),
    st.lists(st.floats(0.0, 0.3), min_size=3, max_size=3),
    st.sampled_from(["all-unit", "incremental"]),
    st.sampled_from([1.0, 7.0]),
    st.integers(0, 120),
)
def test_no_whole_quantity_is_cheaper_than_the_discounted_lot(
    demand: float,
    setup: float,
    rate: float,
    steps: list[int],
    drops: list[float],
    kind: str,
    lot: float,
    minimum: int,
) -> None:
    breaks = [0.0, *np.cumsum(steps).astype(float).tolist()]
    prices = (10.0 * np.cumprod([1.0, *(1.0 - np.array(drops[: len(steps)]))])).tolist()
    found = quantity_discounts(demand, setup, rate, breaks, prices, kind, minimum=minimum, lot=lot)
    every = lot * np.arange(1, 1500 // lot + 1)
    terms = (demand, setup, rate, breaks, prices, kind)
    best = min(cost_by_hand(one, *terms) for one in every if one >= minimum)
    quantity = float(found.quantity[0])
    assert found.cost[0] == pytest.approx(cost_by_hand(quantity, *terms))
    assert found.cost[0] <= best * (1.0 + 1e-9)
    assert quantity >= minimum
    assert quantity / lot == pytest.approx(round(quantity / lot))
    free = quantity_discounts(demand, setup, rate, breaks, prices, kind)
    assert free.cost[0] <= found.cost[0] * (1.0 + 1e-9)
    assert free.cost[0] <= free.list_cost[0] * (1.0 + 1e-9)


def test_items_with_fewer_tiers_end_their_schedule_with_infinity() -> None:
    breaks = np.array([[0.0, 500.0, 1000.0], [0.0, np.inf, np.inf]])
    prices = np.array([[0.30, 0.29, 0.28], [0.30, np.nan, np.nan]])
    for kind in ("all-unit", "incremental"):
        both = quantity_discounts([600.0, 600.0], 8.0, 0.2, breaks, prices, kind)
        assert both.quantity[1].round(9) == 400.0
        assert both.cost[0] == quantity_discounts(600.0, 8.0, 0.2, **TRASH_BAGS, kind=kind).cost[0]
        assert both.saving[1] == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: economic_lots([5.0, 0.0], 1.0, 1.0), r"demand \(item 2\) is 0; expected above zero"),
        (lambda: economic_lots(5.0, -1.0, 1.0), r"order cost is -1; expected above zero"),
        (lambda: economic_lots(5.0, 1.0, np.nan), r"holding cost is nan; expected above zero"),
        (lambda: economic_lots(5.0, 1.0, 1.0, production_rate=5.0), r"production rate is 5; .*above demand"),
        (lambda: economic_lots(5.0, 1.0, 1.0).allowed(-2.0, 1.0), r"minimum order quantity is -2"),
        (lambda: economic_lots(5.0, 1.0, 1.0).allowed(0.0, 0.0), r"lot multiple is 0; expected above zero"),
        (lambda: economic_lots([5.0, 5.0], [1.0, 1.0, 1.0], 1.0), "number of values of demand is 2; expected 1 or 3"),
        (lambda: quantity_discounts(5.0, 1.0, 0.0, [0.0], [1.0]), r"holding rate is 0"),
        (lambda: quantity_discounts(5.0, 1.0, 0.1, [1.0], [1.0]), r"first from quantity is 1; expected 0"),
        (
            lambda: quantity_discounts(5.0, 1.0, 0.1, [0.0, 9.0, 9.0], [3.0, 2.0, 1.0]),
            r"from quantity \(tier 3\) is 9; expected above",
        ),
        (lambda: quantity_discounts(5.0, 1.0, 0.1, [0.0, 9.0], [1.0, 2.0]), r"unit cost \(tier 2\) is 2"),
        (lambda: quantity_discounts(5.0, 1.0, 0.1, [0.0, 9.0], [1.0]), "number of prices is 1"),
        (lambda: quantity_discounts(5.0, 1.0, 0.1, [0.0], [1.0], "some"), "kind of discount is some"),  # type: ignore[arg-type]
    ],
)
def test_bad_input_is_named_in_one_line(call: object, told: str) -> None:
    with pytest.raises(InputError, match=told) as error:
        call()  # type: ignore[operator]
    assert "\n" not in str(error.value)
