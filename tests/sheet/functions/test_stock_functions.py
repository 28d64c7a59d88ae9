"""Levels for a target and the service of levels: published cases, the policy room, identities, anything in cells."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invopt_xl.policy import CumulativeDemand, Family, Measure, ReplenishmentCycle, lead_times, stock_levels
from invopt_xl.sheet import Answer, calculate, catalogue

FAMILIES = {
    "normal": Family.NORMAL,
    "gamma": Family.GAMMA,
    "poisson": Family.POISSON,
    "negative binomial": Family.COUNTS,
}
LEVELS = ("SAFETY_STOCK", "REORDER_POINT", "ORDER_UP_TO")
distributions = st.sampled_from(sorted(FAMILIES))
lots = st.just(0.0) | st.floats(0.5, 500.0)
lead_time = st.just(0.0) | st.floats(0.1, 20.0)


def value(name: str, *given: Any) -> float:
    answer = calculate(name, given)
    assert not answer.faults, answer
    return float(answer.cells[0][0])  # type: ignore[arg-type]


def column(values: Any) -> list[list[Any]]:
    return [[each] for each in values]


def test_the_published_safety_stock_for_a_chance_of_no_stock_out() -> None:
    """Silver, Pyke & Thomas (2017), chapter 6: 58.3 over the lead time, deviation 13.1, P1 = 0.90: k = 1.28."""
    assert value("SAFETY_STOCK", 58.3, 13.1, 1, 0.90) == pytest.approx(1.2816 * 13.1, abs=0.001)


def test_the_published_reorder_point_for_a_fill_rate() -> None:
    """Silver, Pyke & Thomas (2017), chapter 6: 50 over the lead time, 11.4, Q = 200, P2 = 0.99: k = 0.58, s = 57."""
    found = value("REORDER_POINT", 50, 11.4, 1, 0.99, 0, 0, "fill", 200)
    assert (found - 50) / 11.4 == pytest.approx(0.58, abs=0.005)
    assert np.ceil(found) == 57


def test_the_textbook_formula_is_what_a_planner_gets_with_nothing_else_said() -> None:
    assert value("SAFETY_STOCK", 100, 30, 4) == pytest.approx(1.6448536 * 30 * 2, abs=1e-4)
    assert value("SAFETY_STOCK", 100, 30, 3, "95%", None, 1) == pytest.approx(1.6448536 * 30 * 2, abs=1e-4)


def levels_of_the_policy_room(
    mean: float,
    deviation: float,
    lead: float,
    spread: float,
    review: float,
    target: float,
    fill: bool,
    lot: float,
    name: str,
) -> Any:
    family = FAMILIES[name]
    variance = mean if name == "poisson" else max(deviation**2, mean) if family is Family.COUNTS else deviation**2
    demand = CumulativeDemand(np.array([[mean]]), np.array([[variance]]), np.array([family]))
    times = lead_times(np.array([lead]), np.array([spread]))
    cycle = ReplenishmentCycle.of(demand, times, np.array([review]), 1.0)
    measure = np.array([Measure.FILL if fill else Measure.CYCLE])
    return stock_levels(cycle, np.array([target]), measure, np.array([lot]), np.array([lead + review]))


@settings(max_examples=150)
@given(
    st.floats(0.05, 1000.0), st.floats(0.05, 3.0), lead_time, st.sampled_from([0.0, 0.5]),
    st.sampled_from([1.0, 2.0, 4.5]), st.floats(0.05, 0.999), st.booleans(), lots, distributions,
)  # fmt: skip
def test_levels_are_those_of_the_policy_room(
    mean: float,
    variation: float,
    lead: float,
    stray: float,
    review: float,
    target: float,
    fill: bool,
    lot: float,
    name: str,
) -> None:
    """Known lead times have closed forms here, a search there: the same numbers."""
    deviation, spread, measure = variation * mean, stray * lead, "fill" if fill else "cycle"
    room = levels_of_the_policy_room(mean, deviation, lead, spread, review, target, fill, lot, name)
    asked = (mean, deviation, lead, target, spread, review, measure, lot, name)
    expected = (room.safety_stock[0], room.reorder_point[0], room.order_up_to[0])
    near = {"rel": 1e-6, "abs": 1e-5 * (1.0 + room.expected_demand[0])}
    assert [value(each, *asked) for each in LEVELS] == [pytest.approx(one, **near) for one in expected]
    point = float(room.reorder_point[0])
    assert value("FILL_RATE", mean, deviation, lead, point, lot, spread, review, name) == pytest.approx(
        room.fill_rate[0], abs=1e-6
    )
    assert value("CYCLE_SERVICE", mean, deviation, lead, point, spread, review, name) == pytest.approx(
        room.cycle_service[0], abs=1e-6
    )


@settings(max_examples=60)
@given(
    st.floats(0.05, 1000.0), st.floats(0.05, 2.0), lead_time, st.sampled_from([0.0, 0.4]),
    st.sampled_from([0.0, 1.0, 3.0]), st.floats(0.3, 0.999), lots, distributions,
)  # fmt: skip
def test_the_service_of_a_level_is_the_target_it_was_set_for(
    mean: float, variation: float, lead: float, stray: float, review: float, target: float, lot: float, name: str
) -> None:
    demand, rest = (mean, variation * mean, lead), (stray * lead, review)
    for measure in ("cycle", "fill"):
        point = value("REORDER_POINT", *demand, target, *rest, measure, lot, name)
        assert value("ORDER_UP_TO", *demand, target, *rest, measure, lot, name) == pytest.approx(point + lot)
        reached = (
            value("CYCLE_SERVICE", *demand, point, *rest, name)
            if measure == "cycle"
            else value("FILL_RATE", *demand, point, lot, *rest, name)
        )
        assert reached >= target - 1e-5
        exact = name in ("normal", "gamma") and point > 1e-6 and (lead + review) > 0
        if exact:
            assert reached == pytest.approx(target, abs=1e-3)


def simulated_fill_rate(demand: Any, steps_of_review: int, steps_of_lead: int, point: float, lot: float) -> float:
    """Walk through small steps of time: review, order whole lots (or what was used), receive, sell, owe the rest."""
    due = np.zeros(len(demand) + steps_of_lead + 1)
    net = position = point + lot
    short = 0.0
    for step, units in enumerate(demand):
        if step % steps_of_review == 0 and position < point:
            wanted = np.ceil((point - position) / lot) * lot if lot else point - position
            due[step + steps_of_lead] += wanted
            position += wanted
        net += due[step]
        short += max(units - max(net, 0.0), 0.0)
        net -= units
        position -= units
    return float(1.0 - short / demand.sum())


@pytest.mark.parametrize(("review", "lot"), [(1.0, 60.0), (1.0, 0.0), (2.0, 25.0)])
def test_a_fill_rate_with_reviews_is_what_a_simulation_finds(review: float, lot: float) -> None:
    parts = 10
    demand = np.random.default_rng(5).gamma(1.0 / parts * (20 / 12) ** 2, 12**2 / 20, 300_000)
    found = value("FILL_RATE", 20, 12, 2, 45, lot, 0, review, "gamma")
    assert found == pytest.approx(simulated_fill_rate(demand, int(review * parts), 2 * parts, 45, lot), abs=0.006)


def test_a_fill_rate_watched_all_the_time_is_what_a_simulation_of_unit_demand_finds() -> None:
    parts = 100
    demand = np.random.default_rng(5).poisson(20 / parts, 400_000)
    found = value("FILL_RATE", 20, 0, 2, 40, 15, 0, 0, "poisson")
    assert found == pytest.approx(simulated_fill_rate(demand, 1, 2 * parts, 40, 15), abs=0.01)


def test_uncertain_lead_times_take_the_stock_that_drawn_ones_need() -> None:
    random = np.random.default_rng(8)
    lengths = random.gamma(16.0, 0.25, 400_000)
    demand = random.normal(100 * lengths, 30 * np.sqrt(lengths))
    assert value("REORDER_POINT", 100, 30, 4, 0.95, 1) == pytest.approx(np.quantile(demand, 0.95), rel=0.01)


def test_certain_demand_needs_no_safety_stock() -> None:
    for name in ("normal", "gamma"):
        assert value("SAFETY_STOCK", 100, 0, 4, 0.95, 0, 0, "cycle", 0, name) == 0.0
    assert value("REORDER_POINT", 0, 0, 4) == 0.0


def test_counts_stray_no_less_than_poisson_and_are_whole() -> None:
    same = [value("REORDER_POINT", 5, spread, 1, 0.99, 0, 0, "cycle", 0, "negative binomial") for spread in (0, 1, 2)]
    assert same == [value("REORDER_POINT", 5, 0, 1, 0.99, 0, 0, "cycle", 0, "poisson")] * 3
    assert value("REORDER_POINT", 5, 4, 1.5, 0.99, 1, 0, "fill", 10, "negative binomial").is_integer()


@pytest.mark.parametrize("name", LEVELS)
def test_a_column_of_items_is_as_each_alone(name: str) -> None:
    random = np.random.default_rng(2)
    items = 24
    asked = [
        random.uniform(1, 200, items), random.uniform(0.5, 60, items), random.uniform(0, 9, items),
        random.uniform(0.5, 0.99, items), random.choice([0.0, 0.5], items), random.choice([0.0, 1.0, 2.0], items),
        random.choice(["cycle", "fill"], items), random.uniform(0, 300, items), random.choice(sorted(FAMILIES), items),
    ]  # fmt: skip
    asked[4] = asked[4] * asked[2]
    together = calculate(name, [column(each.tolist()) for each in asked])
    assert not together.faults
    alone = [value(name, *(each[item].item() for each in asked)) for item in range(items)]
    assert [row[0] for row in together.cells] == [pytest.approx(one, rel=1e-6, abs=1e-4) for one in alone]


def test_bad_items_are_told_and_the_others_computed() -> None:
    cells = calculate(
        "REORDER_POINT",
        [column([50, 50, 50, 0.5]), column([11, 11, 11, 9e5]), 1, 0.95, column([0, 9, 0, 0]), 0, "cycle", 0, "gamma"],
    ).cells
    assert [isinstance(row[0], float) for row in cells] == [True, False, True, False]
    assert cells[1] == ["#INVOPT! lead time sd is 9; expected at most 3 times the lead time"]
    assert cells[3] == ["#INVOPT! demand sd is 900000; expected at most 1000 times the mean where demand is not normal"]


def test_a_service_level_in_percent_without_the_sign_is_refused_with_the_expectation() -> None:
    assert calculate("SAFETY_STOCK", (100, 30, 4, 95)).cells == [
        ["#INVOPT! service target is 95; expected between 0 and 1, such as 0.95"]
    ]


def explained(name: str, *given: Any) -> str:
    return str(calculate("EXPLAIN", (name, *given)).cells[0][0])


def test_levels_say_what_they_are_made_of() -> None:
    assert explained("SAFETY_STOCK", 100, 18, 2, 0.95, 0, 1, "cycle", 50, "normal") == (
        "Safety stock 51.3 = reorder point 351 less 300 expected over 3 periods (review 1 + lead 2); 95% cycle "
        "service; standard deviation over them 31.2 (normal demand)."
    )
    assert explained("REORDER_POINT", 100, 18, 2).startswith(
        "Reorder point 242 = 200 expected over 2 periods of lead time + safety stock 41.9; 95% cycle service;"
    )
    assert explained("ORDER_UP_TO", 100, 18, 2, 0.9, 0, 1, "fill", 300).startswith(
        "Order-up-to level 529 = reorder point 229 + order quantity 300; the reorder point = 300 expected over 3 "
        "periods (review 1 + lead 2) + safety stock -71.2; 90% fill rate;"
    )
    assert explained("FILL_RATE", 50, 11.4, 1, 56.6, 200).startswith(
        "99.01% of demand is met from stock with reorder point 56.6 and orders of 200; 50 are expected over the "
        "lead time."
    )
    assert explained("CYCLE_SERVICE", 100, 18, 2, 250).startswith(
        "With reorder point 250, stock lasts until the next receipt with 97.52%: 200 are expected over 2 periods of "
        "lead time, standard deviation 25.5 (normal demand)."
    )


texts = st.sampled_from(["", "many", "95%", "1,5", "#N/A", "fill", "cycle", "gamma", "poisson", "negative binomial"])
numbers = st.one_of(
    st.floats(0, 1), st.floats(0, 1000), st.integers(-2, 60), st.floats(allow_nan=False),
    st.sampled_from([1e-300, 1e-9, 1e9, 9.9e14]),
)  # fmt: skip
cells = st.none() | numbers | numbers | numbers | texts | st.booleans()
given_values = cells | st.lists(cells.map(lambda cell: [cell]), min_size=1, max_size=3)
FUNCTIONS = [each for each in catalogue().values() if each.category == "Stock" and each.cost != "heavy"]


def is_readable(answer: Answer) -> bool:
    shown = [cell for row in answer.cells for cell in row]
    lines = [cell for cell in shown if isinstance(cell, str)]
    return bool(shown) and all(line.startswith("#") and "\n" not in line for line in lines)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_anything_in_an_argument_gives_values_or_one_line(function: Any, data: st.DataObject) -> None:
    """Good arguments but for one or two, so that what is odd gets as far as it can."""
    given = list(function.example) + [None] * (len(function.arguments) - len(function.example))
    for place in data.draw(st.lists(st.integers(0, len(given) - 1), min_size=1, max_size=3)):
        given[place] = data.draw(given_values)
    answer = calculate(function.name, given)
    assert answer.trace == ""
    assert is_readable(answer)


@pytest.mark.parametrize("stray", [0.5, 1.0, 2.0, 3.0])
def test_however_far_lead_times_stray_safety_stock_is_what_drawn_ones_need(stray: float) -> None:
    """Slow: a million lead times and the demand over each, in place of nine lengths."""
    random = np.random.default_rng(9)
    lengths = random.gamma(stray**-2, stray**2 * 4, 1_000_000)
    needed = float(np.quantile(random.normal(100 * lengths, 30 * np.sqrt(lengths)), 0.95))
    found = value("SAFETY_STOCK", 100, 30, 4, 0.95, 4 * stray)
    assert found == pytest.approx(needed - 400, abs=0.03 * needed)


def test_a_lead_time_that_strays_is_explained_with_what_it_adds() -> None:
    """100 a period, deviation 18, over 3 periods, and half a period more or less of 100: 31.2 and 50."""
    line = str(calculate("EXPLAIN", ("SAFETY_STOCK", 100, 18, 2, 0.95, 0.5, 1)).cells[0][0])
    assert "standard deviation over them 58.9 (31.2 by normal demand, 50 by a lead time that strays by 0.5;" in line
    assert pytest.approx(58.9, abs=0.05) == (18**2 * 3 + 50**2) ** 0.5
    steady = str(calculate("EXPLAIN", ("SAFETY_STOCK", 100, 18, 2, 0.95, 0, 1)).cells[0][0])
    assert "standard deviation over them 31.2 (normal demand)" in steady
