"""Joint orders: a published case, every set of multiples, and the guarantees."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invopt_xl.errors import InputError
from invopt_xl.policy import joint_replenishment, silver_joint_replenishment

FIXED_BASE = 0.5 * (np.sqrt(2.0) + 1.0 / np.sqrt(2.0))
BEST_BASE = 1.0 / (np.sqrt(2.0) * np.log(2.0))

item = st.tuples(st.floats(0.1, 1e4), st.floats(0.01, 100.0), st.floats(0.0, 500.0))
items = st.lists(item, min_size=1, max_size=12)


def cheapest_multiples(holding: list[float], minor: list[float], major: float, most: int) -> float:
    """Every set of multiples, each with its own best base; one item at least is on every order."""
    best = np.inf
    half = np.array(holding) / 2.0
    for multiple in itertools.product(range(1, most + 1), repeat=len(holding)):
        if 1 in multiple:
            times = np.array(multiple)
            best = min(best, 2.0 * np.sqrt((major + (minor / times).sum()) * (half * times).sum()))
    return float(best)


def test_silvers_rule_gives_the_published_policy_of_snyder_and_shen() -> None:
    """The documented example of stockpyl's function for the rule of Silver (1976)."""
    joint = silver_joint_replenishment(1.0, [160.0, 20.0, 50.0], [120.0, 840.0, 300.0], 600.0)
    assert joint.base == pytest.approx(3.103164454170876)
    assert joint.quantity.tolist() == pytest.approx([3.103164454170876, 9.309493362512628, 3.103164454170876])
    assert joint.cost == pytest.approx(837.8544026261366)


def test_four_items_of_axsater_come_within_a_percent_of_the_best() -> None:
    """Data of Axsäter, "Inventory Control", examples 7.2 and 7.3: 300 an order, 50 a line, 10 a unit and year."""
    demand, holding = [5000.0, 1000.0, 700.0, 100.0], 10.0
    best = cheapest_multiples([holding * one for one in demand], [50.0] * 4, 300.0, 8)
    joint = joint_replenishment(demand, holding, 50.0, 300.0)
    assert joint.lower_bound <= best <= joint.cost <= 1.01 * best
    assert joint.saving > 0.3


def test_six_items_of_goyal_come_within_two_percent_of_the_best() -> None:
    """Data of Goyal (1974), used by Kaspi & Rosenblatt (1991): 200 an order, 1 a unit and year."""
    demand = [10000.0, 5000.0, 3000.0, 1000.0, 600.0, 200.0]
    minor = [45.0, 46.0, 47.0, 44.0, 45.0, 47.0]
    best = cheapest_multiples(demand, minor, 200.0, 5)
    joint, silver = (
        joint_replenishment(demand, 1.0, minor, 200.0),
        silver_joint_replenishment(demand, 1.0, minor, 200.0),
    )
    assert joint.lower_bound <= best <= min(joint.cost, silver.cost)
    assert joint.cost <= 1.02 * best


@given(items, st.floats(0.1, 1000.0), st.floats(0.05, 20.0))
def test_cost_stays_within_the_guarantee_of_roundy(
    rows: list[tuple[float, float, float]], major: float, base: float
) -> None:
    demand, holding, minor = (list(column) for column in zip(*rows, strict=True))
    free = joint_replenishment(demand, holding, minor, major)
    fixed = joint_replenishment(demand, holding, minor, major, base)
    silver = silver_joint_replenishment(demand, holding, minor, major)
    assert free.lower_bound <= free.cost * (1 + 1e-9)
    assert free.cost <= free.lower_bound * BEST_BASE * (1 + 1e-9)
    assert free.cost <= fixed.cost * (1 + 1e-9)
    assert fixed.cost <= fixed.lower_bound * FIXED_BASE * (1 + 1e-9)
    assert silver.lower_bound <= silver.cost * (1 + 1e-9)
    for joint in (free, fixed):
        assert joint.multiple.min() == 1
        assert (np.log2(joint.multiple) % 1.0 == 0.0).all()
    assert np.log2(fixed.base / base) == pytest.approx(round(np.log2(fixed.base / base)))


@settings(max_examples=40)
@given(items, st.floats(0.1, 1000.0))
def test_no_base_on_a_fine_grid_is_better_than_the_best_base(
    rows: list[tuple[float, float, float]], major: float
) -> None:
    demand, holding, minor = (list(column) for column in zip(*rows, strict=True))
    best = joint_replenishment(demand, holding, minor, major).cost
    grid = [joint_replenishment(demand, holding, minor, major, base).cost for base in 2.0 ** np.linspace(0, 1, 65)]
    assert best <= min(grid) * (1 + 1e-9)


@given(st.lists(st.tuples(st.floats(1.0, 1e3), st.floats(0.1, 9.0)), min_size=2, max_size=3), st.floats(1.0, 99.0))
def test_the_lower_bound_is_below_every_policy(rows: list[tuple[float, float]], major: float) -> None:
    holding, minor = (list(column) for column in zip(*rows, strict=True))
    joint = joint_replenishment(1.0, holding, minor, major)
    assert joint.lower_bound <= cheapest_multiples(holding, minor, major, 9) * (1 + 1e-9)


def test_without_minor_costs_all_items_come_with_every_order() -> None:
    joint = joint_replenishment([10.0, 500.0, 3.0], 1.0, 0.0, 40.0)
    assert joint.multiple.tolist() == [1, 1, 1]
    assert joint.gap == pytest.approx(0.0, abs=1e-12)
    assert joint.base == pytest.approx(np.sqrt(2.0 * 40.0 / 513.0))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"demand": [1.0, 0.0]}, r"demand \(item 2\) is 0; expected above zero"),
        ({"minor_cost": -3.0}, "minor order cost is -3; expected zero or more"),
        ({"major_cost": 0.0}, "major order cost is 0; expected above zero"),
        ({"holding_cost": [1.0, np.inf]}, r"holding cost \(item 2\) is inf"),
        ({"base_period": -1.0}, "base period is -1; expected above zero"),
        ({"minor_cost": [1.0, 1.0, 1.0]}, "number of values of demand is 2; expected 1 or 3"),
    ],
)
def test_bad_input_is_named_in_one_line(change: dict[str, object], told: str) -> None:
    arguments: dict[str, object] = {"demand": [1.0, 2.0], "holding_cost": 1.0, "minor_cost": 1.0, "major_cost": 9.0}
    with pytest.raises(InputError, match=told):
        joint_replenishment(**(arguments | change))  # type: ignore[arg-type]
