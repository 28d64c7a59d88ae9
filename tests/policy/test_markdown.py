"""Clearing stock by price: the dynamic programme against enumeration and a closed form, and properties of the path."""

from __future__ import annotations

from itertools import product
from math import exp, factorial, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from invopt_xl.errors import InputError
from invopt_xl.policy.markdown import Clearance, Clearing, Limits, Worth, best_prices, clear, price_ladder


def poisson_chances(rates: np.ndarray, size: int) -> np.ndarray:
    """Return Poisson chances of 0, 1, ... in a new last axis, the last for all above as well."""
    chances = stats.poisson.pmf(np.arange(size), rates[..., None])
    chances[..., -1] = 1 - chances[..., :-1].sum(axis=-1)
    return chances


def best_by_enumeration(
    chances: np.ndarray, prices: np.ndarray, end: np.ndarray, holding: float, stock: int
) -> tuple[float, int]:
    """Return the most money that any rule for prices brings, and its first price: every rule is tried."""
    periods, rungs, size = chances.shape
    states = [(period, units) for period in range(1, periods) for units in range(size)]

    def value(rule: dict[tuple[int, int], int], period: int, units: int, before: int) -> float:
        if period == periods:
            return float(end[units])
        now = max(rule[period, units], before)
        total = 0.0
        for asked in range(size):
            left = max(units - asked, 0)
            money = prices[now] * (units - left) - holding * left
            total += chances[period, now, asked] * (money + value(rule, period + 1, left, now))
        return total

    found = []
    for first in range(rungs):
        for choice in product(range(rungs), repeat=len(states)):
            rule = dict(zip(states, choice, strict=True)) | {(0, stock): first}
            found.append((value(rule, 0, stock, 0), -first))
    money, first = max(found, key=lambda each: (round(each[0], 9), each[1]))
    return money, -first


@pytest.mark.parametrize(
    ("rates", "holding", "left_worth"), [([[0.5, 1.2], [0.4, 1.0]], 0.0, 0.0), ([[0.2, 1.6], [0.9, 1.1]], 0.3, 1.5)]
)
def test_the_programme_finds_what_trying_every_rule_finds(
    rates: list[list[float]], holding: float, left_worth: float
) -> None:
    chances = poisson_chances(np.array(rates), 3)
    prices, end = np.array([10.0, 6.0]), left_worth * np.arange(3)
    policy = best_prices(chances, prices, end, holding_cost=holding)
    money, first = best_by_enumeration(chances, prices, end, holding, 2)
    assert policy.value[0, 2, 0] == pytest.approx(money)
    assert policy.choice[0, 2, 0] == first


@pytest.mark.parametrize(("stock", "rate"), [(1, 2.0), (5, 8.0)])
def test_exponential_demand_brings_what_gallego_and_van_ryzin_found(stock: int, rate: float) -> None:
    """Management Science 40(8), 1994, section 2.3: demand a exp(-p) brings log of the sum of (a t / e)^i / i!.

    Their time is continuous and their price may rise; 150 short periods and a fine ladder come within a percent.
    """
    periods = 150
    prices = np.arange(4.0, 0.0, -0.05)
    chances = poisson_chances(np.tile(rate / periods * np.exp(-prices), (periods, 1)), stock + 1)
    policy = best_prices(chances, prices, np.zeros(stock + 1), may_rise=True)
    expected = log(sum((rate / exp(1)) ** count / factorial(count) for count in range(stock + 1)))
    assert policy.value[0, stock, 0] == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("whole", [True, False])
def test_a_path_brings_what_simulated_seasons_bring(whole: bool) -> None:
    demand = np.array([3.0, 2.0, 4.0, 3.0])
    many = Clearance(stock=30, price=10.0, demand=demand, elasticity=-2.0, noise=0.2, whole=whole)
    prices, worth = np.array([10.0, 8.0, 6.0]), Worth(salvage=1.0, holding_cost=0.05)
    found = clear(many, prices, worth)
    rng = np.random.default_rng(3)
    money = np.zeros(20_000)
    left = np.full(money.size, 30.0)
    for period, price in enumerate(np.full(4, found.constant_price)):
        mean = many.demand[period] * (price / 10.0) ** -2.0
        asked = mean * rng.gamma(5, 1 / 5, money.size)
        sold = np.minimum(rng.poisson(asked) if whole else asked, left)
        left -= sold
        money += price * sold - 0.05 * left
    assert found.constant.expected == pytest.approx((money + left).mean(), rel=0.01)
    assert found.constant.stock[-1] == pytest.approx(left.mean(), abs=0.1)
    assert found.constant.sold_out == pytest.approx((left == 0).mean(), abs=0.01)


@pytest.mark.parametrize("scale", [0.001, 1e6])
def test_goods_not_in_whole_units_bring_the_same_whatever_unit_they_are_measured_in(scale: float) -> None:
    def cleared(scale: float) -> Clearing:
        demand, price = np.full(8, 50.0 * scale), 10.0 / scale
        goods = Clearance(900 * scale, price, demand, -2.2, rate_variation=0.2, noise=0.05, whole=False)
        return clear(goods, LADDER / scale, Worth(salvage=1.0 / scale, holding_cost=0.05 / scale))

    one, other = cleared(1.0), cleared(scale)
    assert other.gain == pytest.approx(one.gain)
    assert other.gain_between() == pytest.approx(one.gain_between())
    assert (other.path * scale).tolist() == pytest.approx(one.path.tolist())
    ranges = [np.array(found.best.left_between(0.1, 0.9, found.units)) for found in (one, other)]
    assert (ranges[1] / scale).tolist() == pytest.approx(ranges[0].tolist())


@pytest.mark.parametrize("stock", [0.4, 1.5, 7.3, 250.0])
@pytest.mark.parametrize("whole", [True, False])
def test_no_more_is_left_than_there_was(stock: float, whole: bool) -> None:
    found = clear(Clearance(stock, 10.0, np.full(3, 0.01), -2.0, whole=whole), LADDER, Worth())
    assert 0.9 * stock < found.none.left_between(0.1, 0.9, found.units)[1] <= stock


def test_a_period_that_lasts_half_as_long_costs_half_as_much_to_hold() -> None:
    goods = Clearance(50.0, 10.0, np.full(2, 5.0), 0.0)
    costs = (0.0, 0.2, np.array([0.2, 0.1]))
    none, whole, half = (clear(goods, LADDER[:1], Worth(holding_cost=cost)).none for cost in costs)
    held = none.stock[1:]
    assert none.expected - whole.expected == pytest.approx(0.2 * held.sum())
    assert none.expected - half.expected == pytest.approx(0.2 * held[0] + 0.1 * held[1])


clearances = st.builds(
    Clearance,
    stock=st.integers(1, 60).map(float),
    price=st.just(10.0),
    demand=st.lists(st.floats(0, 8), min_size=1, max_size=4).map(np.array),
    elasticity=st.floats(-4, 0),
    elasticity_deviation=st.floats(0, 1),
    rate_variation=st.floats(0, 0.6),
    noise=st.floats(0, 1),
)
LADDER = np.array([10.0, 9.0, 7.0, 5.0])


@settings(max_examples=25, deadline=None)
@given(clearances, st.floats(0, 3), st.floats(0, 0.2))
def test_a_path_is_never_worse_than_no_action_or_a_constant_price(
    clearance: Clearance, salvage: float, holding: float
) -> None:
    found = clear(clearance, LADDER, Worth(salvage=salvage, holding_cost=holding))
    assert found.best.expected >= found.none.expected - 1e-9
    assert found.constant.expected >= found.none.expected - 1e-9
    assert (np.diff(found.path) <= 0).all()
    assert (np.diff(found.best.stock) <= 1e-9).all()
    assert found.best.left.sum() == pytest.approx(1.0)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(0.1, 4), min_size=1, max_size=4), st.floats(-4, -0.2))
def test_more_stock_never_raises_the_price(demand: list[float], elasticity: float) -> None:
    rates = np.array(demand)[:, None] * (LADDER / 10.0) ** elasticity
    policy = best_prices(poisson_chances(rates, 16), LADDER, np.zeros(16))
    assert (np.diff(policy.choice[0, 1:, 0]) >= 0).all()


def test_demand_that_hardly_answers_keeps_its_price_unless_what_is_left_is_lost() -> None:
    slow = Clearance(stock=100, price=10.0, demand=np.full(8, 2.0), elasticity=-0.7)
    assert clear(slow, LADDER, Worth()).gain == 0
    assert clear(slow, LADDER, Worth()).path.tolist() == [10.0] * 8


def test_units_wanted_later_are_not_given_away() -> None:
    many = Clearance(stock=60, price=10.0, demand=np.full(6, 5.0), elasticity=-2.5)
    assert clear(many, LADDER, Worth()).gain > 0
    all_wanted = (np.array([0.0, 60.0]), np.array([0.0, 480.0]))
    assert clear(many, LADDER, Worth(later=all_wanted)).gain == 0


def worth_of_units_left(used: float, salvage: float, later: float, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Return what so many units are worth of which Poisson demand uses some, and the rest is written off."""
    reached = stats.poisson.sf(np.arange(most), later)
    each = used * reached + salvage * (1 - reached)
    return np.arange(most + 1.0), np.concatenate([[0.0], np.cumsum(each)])


@pytest.mark.parametrize("bought_again", [True, False])
@pytest.mark.parametrize("stock", [110, 150, 190])
def test_a_cut_gains_no_more_than_its_future_brings_above_that_of_no_action(bought_again: bool, stock: int) -> None:
    """Seasons are played until the write-off; what runs out is bought again, or is lost where nothing is ordered."""
    price, cost, salvage, rate, now, later = 10.0, 6.0, 0.6, 5.0, 6, 20
    curve = worth_of_units_left(cost if bought_again else price, salvage, rate * later, stock)
    clearance = Clearance(float(stock), price, np.full(now, rate), -2.0)
    found = clear(clearance, np.array([price, 8.0]), Worth(later=curve))
    rng = np.random.default_rng(8)

    def future(path: np.ndarray) -> float:
        money, left = np.zeros(20_000), np.full(20_000, float(stock))
        for asked in [*path, *np.full(later, price)]:
            demand = rng.poisson(rate * (asked / price) ** -2.0, money.size)
            sold = np.minimum(demand, left)
            left -= sold
            money += asked * sold + (demand - sold) * (asked - cost) * bought_again
        return float((money + salvage * left).mean())

    assert found.path.tolist() == [price if stock == 110 else 8.0] * now
    differ = future(found.path) - future(np.full(now, price))
    assert found.gain <= differ + 4.0
    assert found.gain == pytest.approx(differ, abs=6.0)


def test_doubt_about_demand_widens_the_range_of_the_gain() -> None:
    def width(deviation: float) -> float:
        many = Clearance(60.0, 10.0, np.full(6, 5.0), -2.5, elasticity_deviation=deviation)
        low, high = clear(many, LADDER, Worth()).gain_between()
        return high - low

    assert width(0.0) == pytest.approx(0.0)
    assert width(0.3) < width(0.6)


@pytest.mark.parametrize("stock", [1000.0, 2500.0])
def test_lots_of_a_large_stock_bring_the_same_a_unit(stock: float) -> None:
    """Stock and demand ten times as large, of the same variability, bring ten times the money but for the lots."""
    small = Clearance(stock / 10, 10.0, np.full(6, stock / 120), -2.5, noise=0.3)
    large = Clearance(stock, 10.0, np.full(6, stock / 12), -2.5, noise=0.3)
    one, ten = clear(small, LADDER, Worth()), clear(large, LADDER, Worth())
    assert ten.best.expected / 10 == pytest.approx(one.best.expected, rel=0.02)


def test_guard_rails_cut_the_ladder() -> None:
    assert price_ladder(10.0, 6.0, Limits(floor=1.0)).tolist() == [10, 9, 8, 7, 6]
    assert price_ladder(10.0, 6.0, Limits(floor=0.0, largest_discount=0.2)).tolist() == [10, 9, 8]
    assert price_ladder(10.0, 6.0, Limits(floor=0.0, lowest_seen=0.85)).tolist() == [10, 9]
    assert price_ladder(5.0, 6.0, Limits(floor=1.0)).tolist() == [5]


def test_stock_below_zero_is_named() -> None:
    with pytest.raises(InputError, match=r"stock is -1\.0; expected zero or more"):
        Clearance(-1.0, 10.0, np.ones(2), -2.0)


@given(ended=st.floats(0.0, 1.0), salvage=st.floats(0.0, 3.0), holding=st.floats(0.0, 0.2))
def test_where_demand_may_have_ended_all_is_told_of_both_worlds(ended: float, salvage: float, holding: float) -> None:
    def cleared(chance: float) -> Clearing:
        stock = Clearance(40.0, 10.0, np.full(6, 4.0), -2.5, 0.4, 0.2, ended=chance)
        return clear(stock, np.array([10.0, 8.0, 6.0]), Worth(salvage, holding))

    goes_on, either = cleared(0.0), cleared(ended)
    nothing_sold = 40.0 * salvage - 6 * 40.0 * holding
    assert either.none.expected == pytest.approx((1 - ended) * goes_on.none.expected + ended * nothing_sold)
    assert either.none.stock == pytest.approx((1 - ended) * goes_on.none.stock + ended * 40.0)
    assert either.best.left.sum() == pytest.approx(1.0)
    if either.gain > 0:
        assert either.path.tolist() == goes_on.path.tolist()
        assert either.gain == pytest.approx((1 - ended) * goes_on.gain)
        assert either.gain_between()[0] <= either.gain
    if ended >= 0.9:
        assert either.gain_between() == (pytest.approx(0.0), pytest.approx(0.0)) or goes_on.gain_between()[0] < 0
        assert either.best.left_between(0.2, 0.8, either.units) == (40.0, 40.0)


def test_demand_known_for_another_price_in_a_period_is_that_of_its_answer() -> None:
    known = Clearance(40.0, 10.0, np.array([4.0, 8.0]), -2.0, known_for=np.array([10.0, 8.0]))
    same = Clearance(40.0, 10.0, np.array([4.0, 8.0 * (10.0 / 8.0) ** -2.0]), -2.0)
    np.testing.assert_allclose(known.chances(LADDER), same.chances(LADDER), atol=1e-12)
