"""A service mix meets its target with the least money: beside enumeration, replay, sums over outcomes, and itself."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from invopt_xl.errors import InputError
from invopt_xl.policy import CumulativeDemand, LeadTimes, ReplenishmentCycle, lead_times
from invopt_xl.policy.replay import Rules, World, replay
from invopt_xl.policy.service_mix import (
    MixItems,
    ServiceBounds,
    ServiceExchange,
    beside_uniform,
    service_weight,
    uniform_fill_rate,
)
from invopt_xl.policy.service_mix.levels import Stocking

Floats = np.ndarray


def cycle_of(mean: Floats, deviation: Floats, lead: Floats, spread: Floats, counts: Floats) -> ReplenishmentCycle:
    periods = np.arange(1.0, 14.0)
    demand = CumulativeDemand(mean[:, None] * periods, deviation[:, None] ** 2 * periods, counts)
    return ReplenishmentCycle.of(demand, lead_times(lead, spread), np.ones(len(mean)), 1.0)


def some_items(seed: int, count: int = 30, *, whole: bool | None = None) -> MixItems:
    random = np.random.default_rng(seed)
    mean = random.lognormal(1.0, 1.2, count)
    counts = mean < 4.0 if whole is None else np.full(count, whole)
    deviation = mean * random.uniform(0.3, 1.5, count) + np.where(counts, np.sqrt(mean), 0.0)
    lead = random.integers(1, 5, count).astype(float)
    cycle = cycle_of(mean, deviation, lead, lead * random.uniform(0.0, 0.6, count), counts)
    lot = np.ceil(mean * random.uniform(0.5, 3.0, count))
    return MixItems(cycle, lot, random.lognormal(1.0, 1.0, count), service_weight(mean))


def poisson_items(rate: Floats, lead: float, lot: Floats, cost: Floats) -> MixItems:
    count = len(rate)
    cycle = cycle_of(rate, np.sqrt(rate), np.full(count, lead), np.zeros(count), np.full(count, True))
    return MixItems(cycle, lot, cost, service_weight(rate))


def summed(rate: float, lead: float, level: int, lot: int) -> tuple[float, float]:
    """Return stock and fill rate as sums over all positions and all outcomes of Poisson demand."""
    outcomes = np.arange(200)
    early, late = (stats.poisson.pmf(outcomes, rate * periods) for periods in (lead, lead + 1.0))
    positions = np.arange(level, level + lot)[:, None]
    kept, short = np.maximum(positions - outcomes, 0.0), np.maximum(outcomes - positions, 0.0)
    stock = (kept @ early + kept @ late) / 2.0
    return float(stock.mean()), float(1.0 - (short @ late - short @ early).mean() / rate)


@pytest.mark.parametrize(("level", "lot"), [(0, 1), (3, 1), (4, 3), (2, 12), (9, 40)])
def test_stock_and_fill_rate_of_whole_units_are_sums_over_positions_and_outcomes(level: int, lot: int) -> None:
    items = poisson_items(np.array([1.7]), 2.0, np.array([float(lot)]), np.ones(1))
    found = Stocking.of(items).at(np.array([[float(level)]]))
    stock, fill_rate = summed(1.7, 2.0, level, lot)
    assert found.stock[0, 0] == pytest.approx(stock, abs=1e-5)
    assert found.fill_rate[0, 0] == pytest.approx(fill_rate, abs=1e-5)


def test_looked_up_fill_rates_are_those_of_the_exact_formula_averaged_over_the_lot() -> None:
    items = some_items(1, 40, whole=False)
    cycle, lot = items.cycle, items.order_quantity
    assert isinstance(cycle, ReplenishmentCycle)
    slices = (np.arange(200) + 0.5) / 200
    for distance in (-0.5, 0.5, 1.5, 2.5):
        level = np.maximum(cycle.protection.expected + distance * cycle.protection.standard_deviation, 0.0)
        positions = [level + part * lot for part in slices]
        missed = np.mean([cycle.protection.shortage(one) - cycle.lead.shortage(one) for one in positions], axis=0)
        found = Stocking.of(items).at(level[:, None]).fill_rate[:, 0]
        np.testing.assert_allclose(found, 1.0 - missed / cycle.review, atol=1e-3)


def test_the_level_for_a_fill_rate_is_the_smallest_that_reaches_it() -> None:
    items = poisson_items(np.array([0.3, 1.7, 4.0]), 2.0, np.array([12.0, 1.0, 3.0]), np.ones(3))
    found = Stocking.of(items).level_for(np.array([0.90, 0.95, 0.98]))
    for rate, lot, level, target in zip((0.3, 1.7, 4.0), (12, 1, 3), found, (0.90, 0.95, 0.98), strict=True):
        assert summed(rate, 2.0, int(level), lot)[1] >= target > summed(rate, 2.0, int(level) - 1, lot)[1]


def test_a_mix_replayed_period_by_period_serves_and_stocks_what_it_says() -> None:
    random = np.random.default_rng(4)
    count, periods, lead = 12, 20_000, 3
    mean, variation = random.uniform(5.0, 40.0, count), random.uniform(0.3, 0.9, count)
    cycle = cycle_of(mean, variation * mean, np.full(count, float(lead)), np.zeros(count), np.full(count, False))
    lot = mean * random.uniform(0.5, 2.5, count)
    mix = ServiceExchange.of(MixItems(cycle, lot, random.lognormal(0.0, 1.0, count), mean)).least_money(0.93)
    shape = (1.0 / variation) ** 2
    demand = random.gamma(shape[:, None], (mean / shape)[:, None], (count, periods))
    ones = np.ones(count, dtype=np.int64)
    world = World(demand, np.full((count, periods), lead), ones, lot, lot, lost=False)
    levels = [np.repeat(level[:, None], periods, axis=1) for level in (mix.reorder_point, mix.reorder_point)]
    seen = replay(world, Rules(*levels), opening=mix.order_up_to)
    served = np.where(seen.measured, seen.served, 0.0).sum() / np.where(seen.measured, seen.demand, 0.0).sum()
    assert served == pytest.approx(0.93, abs=0.003)
    np.testing.assert_allclose(seen.fill_rate, mix.fill_rate, atol=0.02)
    np.testing.assert_allclose(seen.stock, mix.stock, rtol=0.03, atol=0.1)


def enumerated(rate: Floats, lead: float, lot: Floats, cost: Floats, most: int) -> tuple[Floats, Floats]:
    """Return money and service of every combination of levels from 0 to `most`."""
    table = np.array(
        [
            [summed(one, lead, level, int(size)) for level in range(most + 1)]
            for one, size in zip(rate, lot, strict=True)
        ]
    )
    combinations = np.array(list(product(range(most + 1), repeat=len(rate))))
    rows = np.arange(len(rate))
    stock, fill_rate = (table[rows, combinations, column] for column in (0, 1))
    return stock @ cost, fill_rate @ rate / rate.sum()


def test_every_mix_that_one_multiplier_gives_is_the_cheapest_of_all_combinations() -> None:
    rate, lot, cost = np.array([0.4, 0.9, 1.6, 0.2]), np.array([1.0, 2.0, 1.0, 1.0]), np.array([7.0, 3.0, 1.0, 20.0])
    money, service = enumerated(rate, 1.0, lot, cost, 12)
    exchange = ServiceExchange.of(poisson_items(rate, 1.0, lot, cost))
    inside = [one for one in exchange.steps.service if 0.3 < one < 0.99]
    assert len(inside) > 8
    for target in inside:
        mix = exchange.least_money(float(target))
        assert mix.money == pytest.approx(money[service >= target - 1e-7].min(), rel=1e-4)


@pytest.mark.parametrize("target", [0.62, 0.8, 0.87, 0.93, 0.955, 0.975])
def test_between_multipliers_a_mix_costs_at_most_one_step_more_than_the_cheapest_combination(target: float) -> None:
    rate, lot, cost = np.array([0.4, 0.9, 1.6]), np.array([1.0, 2.0, 1.0]), np.array([7.0, 3.0, 2.0])
    money, service = enumerated(rate, 1.0, lot, cost, 12)
    exchange = ServiceExchange.of(poisson_items(rate, 1.0, lot, cost))
    mix = exchange.least_money(target)
    best = money[service >= target].min()
    assert mix.service >= target - 1e-9
    assert best - 1e-4 <= mix.money <= best + np.diff(exchange.steps.money).max()


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000))
def test_the_curve_rises_and_each_point_of_service_is_dearer_than_the_last(seed: int) -> None:
    curve = ServiceExchange.of(some_items(seed)).curve(60)
    assert (np.diff(curve.service) > 0).all()
    assert (np.diff(curve.stock_money) >= 0).all()
    assert (np.diff(curve.price) >= 0).all()
    slope = np.diff(curve.stock_money) / np.diff(curve.service)
    assert (slope <= curve.price[1:] * (1.0 + 1e-6)).all()
    assert (slope >= curve.price[:-1] * (1.0 - 1e-6)).all()


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.7, 0.99))
def test_a_mix_never_costs_more_than_uniform_targets_at_the_same_service(seed: int, target: float) -> None:
    exchange = ServiceExchange.of(some_items(seed))
    compared = beside_uniform(exchange, target)
    for uniform in (compared.uniform_fill, compared.uniform_cycle):
        assert uniform.levels.service >= target - 1e-9
        assert compared.mix.money <= uniform.levels.money * (1.0 + 1e-3)
    assert target - 1e-9 <= compared.mix.service <= target + np.diff(exchange.steps.service).max()


@settings(max_examples=60, deadline=None)
@given(
    mean=st.floats(0.001, 1e5),
    variation=st.floats(0.0, 6.0),
    lead=st.floats(0.0, 30.0),
    spread=st.floats(0.0, 20.0),
    lot=st.floats(0.0, 1e5),
    whole=st.booleans(),
    target=st.floats(0.3, 0.995),
)
def test_any_demand_lead_time_and_lot_has_a_mix(
    mean: float, variation: float, lead: float, spread: float, lot: float, whole: bool, target: float
) -> None:
    factors = np.array([1.0, 0.5, 3.0])
    counts = np.full(3, whole and mean < 100.0)
    cycle = cycle_of(mean * factors, mean * variation * factors, np.full(3, lead), np.full(3, spread), counts)
    exchange = ServiceExchange.of(MixItems(cycle, np.full(3, lot), factors, mean * factors))
    highest = float(exchange.curve().service[-1])
    mix = exchange.least_money(min(target, highest))
    assert np.isfinite(mix.stock_money).all()
    assert ((mix.fill_rate >= 0) & (mix.fill_rate <= 1)).all()
    assert mix.service >= min(target, highest) - 1e-6
    assert highest > 0.97
    assert exchange.most_service(2.0 * mix.money).service >= mix.service - 1e-6


def test_more_money_never_gives_less_service_where_a_higher_level_does_for_a_while() -> None:
    factors = np.array([1.0, 0.5, 3.0])
    periods = np.arange(1.0, 14.0)
    demand = CumulativeDemand(factors[:, None] * periods, 0.0 * factors[:, None] * periods, np.zeros(3, dtype=bool))
    seldom = LeadTimes(np.array([[0.0, 9.9]] * 3), np.zeros(3, dtype=int), np.array([[8 / 9, 1 / 9]] * 3))
    cycle = ReplenishmentCycle.of(demand, seldom, np.ones(3), 1.0)
    exchange = ServiceExchange.of(MixItems(cycle, np.zeros(3), factors, factors))
    low, high = (exchange.mix_at(np.array([11.0, 5.5, level]), 0.0).service for level in (12.0, 22.0))
    assert high < low, "the case is one where it does"
    given = [exchange.most_service(money).service for money in np.linspace(20.0, 110.0, 40)]
    assert (np.diff(given) >= -1e-6).all()


def test_only_ratios_of_weights_matter() -> None:
    items = some_items(3)
    scaled = MixItems(items.cycle, items.order_quantity, items.unit_cost, 1000.0 * items.weight)
    one, other = (ServiceExchange.of(which).least_money(0.95) for which in (items, scaled))
    np.testing.assert_allclose(one.reorder_point, other.reorder_point)
    assert one.price == pytest.approx(other.price)


def test_the_price_of_a_point_is_what_the_next_service_costs() -> None:
    exchange = ServiceExchange.of(some_items(5, 200))
    mix, more = exchange.least_money(0.95), exchange.least_money(0.951)
    assert mix.price_of_a_point == pytest.approx((more.money - mix.money) / 0.1, rel=0.05)


def test_the_money_of_a_mix_buys_its_service_back() -> None:
    exchange = ServiceExchange.of(some_items(6))
    mix = exchange.least_money(0.94)
    again = exchange.most_service(mix.money)
    # Where more of an item gives less for a while, two mixes may cost the same.
    assert again.service == pytest.approx(mix.service, abs=5e-5)
    assert again.money <= mix.money * (1.0 + 1e-6)


@pytest.mark.parametrize("whole", [True, False])
def test_most_service_spends_no_more_than_it_was_given_and_leaves_little(whole: bool) -> None:
    exchange = ServiceExchange.of(some_items(7, whole=whole))
    given_money = exchange.least_money(0.9).money * 1.01
    mix = exchange.most_service(given_money)
    assert given_money * 0.98 < mix.money <= given_money * (1.0 + 1e-6)
    assert mix.service >= 0.9


def test_more_than_all_levels_cost_buys_the_highest_levels() -> None:
    exchange = ServiceExchange.of(some_items(8), ServiceBounds(highest=0.99))
    mix = exchange.most_service(1e12)
    assert (mix.fill_rate >= 0.99 - 1e-6).all()
    assert mix.service == pytest.approx(exchange.curve().service[-1], abs=1e-6)


def test_critical_items_keep_their_lowest_service_and_none_falls_below_eighty_percent() -> None:
    items = some_items(9)
    classes = ["critical" if number % 5 == 0 else "other" for number in range(30)]
    bounds = ServiceBounds.of_classes(classes, {"critical": (0.99, 0.9999), "other": (0.80, 0.995)})
    mix = ServiceExchange.of(items, bounds).least_money(0.94)
    critical = np.array(classes) == "critical"
    assert mix.service == pytest.approx(0.94, abs=1e-6)
    assert (mix.fill_rate[critical] >= 0.99 - 1e-6).all()
    assert (mix.fill_rate >= 0.80 - 1e-6).all()
    assert mix.fill_rate[~critical].max() > mix.fill_rate[~critical].min() + 0.05


def test_a_target_below_what_the_lowest_levels_give_keeps_them() -> None:
    exchange = ServiceExchange.of(some_items(10), ServiceBounds(lowest=0.95))
    mix = exchange.least_money(0.9)
    assert mix.service >= 0.95 - 1e-6
    assert mix.money == pytest.approx(exchange.curve().stock_money[0])


def test_no_item_goes_below_its_least_level() -> None:
    items = some_items(11)
    least = np.asarray(items.cycle.protection.expected)
    mix = ServiceExchange.of(items, ServiceBounds(least_level=least)).least_money(0.97)
    assert (mix.reorder_point >= least - 1e-9).all()


def test_items_without_demand_keep_level_zero_and_have_no_weight() -> None:
    mean, deviation = np.array([5.0, 0.0, 8.0, 0.0]), np.array([3.0, 0.0, 5.0, 0.0])
    counts = np.array([True, True, False, False])
    cycle = cycle_of(mean, deviation, np.full(4, 2.0), np.full(4, 0.5), counts)
    items = MixItems(cycle, np.full(4, 4.0), np.array([1.0, 9.0, 2.0, 9.0]), np.array([1.0, 50.0, 1.0, 50.0]))
    mix = ServiceExchange.of(items).least_money(0.95)
    assert mix.reorder_point[[1, 3]].tolist() == mix.stock_money[[1, 3]].tolist() == [0.0, 0.0]
    assert mix.service == pytest.approx(float(mix.fill_rate[[0, 2]].mean()))
    assert 0.95 - 1e-9 <= mix.service < 0.98


def test_an_item_that_costs_nothing_gets_all_it_may_have() -> None:
    items = some_items(12)
    cost = items.unit_cost.copy()
    cost[4] = 0.0
    mix = ServiceExchange.of(MixItems(items.cycle, items.order_quantity, cost, items.weight)).least_money(0.9)
    assert mix.fill_rate[4] > 0.9998


@pytest.mark.parametrize("target", [0.0, 1.0, 95.0, -0.1, float("nan")])
def test_an_impossible_target_is_one_line(target: float) -> None:
    exchange = ServiceExchange.of(some_items(13, 4))
    for ask in (exchange.least_money, lambda one: uniform_fill_rate(exchange, one)):
        with pytest.raises(InputError, match=r"^overall fill rate is .*; expected between 0 and 1, such as 0\.95$"):
            ask(target)


def test_a_target_above_the_highest_levels_says_how_much_they_give() -> None:
    exchange = ServiceExchange.of(some_items(14), ServiceBounds(highest=0.9))
    with pytest.raises(InputError, match=r"overall fill rate is 0\.99; expected at most 0\.9\d+, which the highest"):
        exchange.least_money(0.99)


def test_money_below_the_lowest_levels_says_how_much_they_tie_up() -> None:
    exchange = ServiceExchange.of(some_items(15), ServiceBounds(lowest=0.9))
    floor = exchange.curve().stock_money[0]
    with pytest.raises(InputError, match=rf"stock money is 10\.00; expected at least {floor:,.2f}, which the lowest"):
        exchange.most_service(10.0)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"unit_cost": np.array([1.0, -2.0, 1.0])}, r"unit cost \(row 2\) is -2; expected zero or more"),
        ({"weight": np.zeros(3)}, "weight of the items that have demand is 0; expected above zero"),
        ({"weight": np.array([1.0, np.nan, 1.0])}, r"weight \(row 2\) is nan; expected zero or more"),
        ({"order_quantity": np.ones(2)}, r"shape of order quantity is \(2,\); expected \(3,\), one for each item"),
    ],
)
def test_bad_items_are_one_line(changed: dict[str, Floats], message: str) -> None:
    good = some_items(16, 3)
    arrays = {name: getattr(good, name) for name in ("order_quantity", "unit_cost", "weight")}
    with pytest.raises(InputError, match=f"^{message}"):
        MixItems(good.cycle, **{**arrays, **changed})


@pytest.mark.parametrize(
    ("bounds", "message"),
    [
        ({"lowest": 95.0}, "lowest service is 95; expected from 0 to below 1"),
        ({"highest": 1.0}, "highest service is 1; expected from 0 to below 1"),
        ({"least_level": np.array([1.0, -1.0])}, r"least level \(row 2\) is -1; expected zero or more"),
    ],
)
def test_bad_bounds_are_one_line(bounds: dict[str, float], message: str) -> None:
    with pytest.raises(InputError, match=f"^{message}"):
        ServiceBounds(**bounds)


def test_limits_of_a_class_that_no_item_has_are_named() -> None:
    with pytest.raises(InputError, match="class of a service limit is critcal; expected one of critical, other"):
        ServiceBounds.of_classes(["critical", "other"], {"critcal": (0.99, 0.9999)})
