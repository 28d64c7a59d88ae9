"""Targets that are hit: levels for every measure, replayed on long simulated demand whose distribution is known."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pytest

from invopt_xl.errors import InputError
from invopt_xl.policy import (
    CumulativeDemand,
    DiscreteDemand,
    Family,
    LeadTimes,
    Measure,
    PolicyCosts,
    ReplenishmentCycle,
    lead_times,
    lost_sales_fill_rate,
    newsvendor,
    periodic_lot_cost,
    stock_levels,
)
from invopt_xl.policy.families import GammaDemand
from invopt_xl.policy.replay import Replay, Rules, World, replay

FloatArray = npt.NDArray[np.float64]

FAMILIES = {"Poisson": (2.0, 2.0), "negative binomial": (4.0, 16.0), "gamma": (20.0, 225.0)}
PERIODS, COPIES = 8_000, 24


class Scenario(NamedTuple):
    family: str
    random_lead_time: bool
    large_lots: bool
    review: int
    up_to: bool

    @property
    def whole(self) -> bool:
        return self.family != "gamma"

    @property
    def lot(self) -> float:
        mean = FAMILIES[self.family][0]
        # Base stock of what comes in any quantity has no lot at all.
        return round(8 * mean) if self.large_lots else float(self.whole)


def scenarios() -> Iterator[Scenario]:
    for family in FAMILIES:
        for random_lead_time in (False, True):
            for review in (1, 4):
                yield Scenario(family, random_lead_time, False, review, up_to=False)
                yield Scenario(family, random_lead_time, True, review, up_to=False)
                yield Scenario(family, random_lead_time, True, review, up_to=True)


SCENARIOS = tuple(scenarios())


def draw_demand(rng: np.random.Generator, family: str) -> FloatArray:
    mean, variance = FAMILIES[family]
    if family == "Poisson":
        return rng.poisson(mean, PERIODS).astype(float)
    if family == "gamma":
        return rng.gamma(mean**2 / variance, variance / mean, PERIODS)
    return rng.negative_binomial(mean**2 / (variance - mean), mean / variance, PERIODS).astype(float)


def draw_lead_times(rng: np.random.Generator, random: bool) -> npt.NDArray[np.int64]:
    """Spells of 2 and of 5 periods; they fall by one a period, so that orders do not overtake each other."""
    if not random:
        return np.full(PERIODS, 3)
    spells = [2]
    while len(spells) < PERIODS:
        goal = int(rng.choice([2, 5]))
        while spells[-1] > goal:
            spells.append(spells[-1] - 1)
        spells += [goal] * int(rng.integers(5, 20))
    return np.array(spells[:PERIODS])


class Simulated(NamedTuple):
    cycle: ReplenishmentCycle
    demand: FloatArray
    lead: npt.NDArray[np.int64]
    lot: FloatArray
    review: FloatArray
    up_to: npt.NDArray[np.bool_]
    whole: npt.NDArray[np.bool_]

    def replay(self, reorder_point: FloatArray, *, lost: bool = False) -> Replay:
        up_to = np.where(self.up_to, reorder_point + self.lot, reorder_point)
        multiple = np.where(self.up_to | (self.lot == 0), np.where(self.whole, 1.0, 1e-6), self.lot)
        world = World(
            self.demand,
            self.lead,
            np.repeat(self.review, COPIES).astype(int),
            np.zeros(len(self.demand)),
            np.repeat(multiple, COPIES),
            lost=lost,
        )
        levels = [np.repeat(np.repeat(one, COPIES)[:, None], PERIODS, axis=1) for one in (reorder_point, up_to)]
        return replay(world, Rules(*levels), opening=np.repeat(reorder_point + self.lot, COPIES))


@pytest.fixture(scope="module")
def simulated() -> Simulated:
    rng = np.random.default_rng(20)
    demand = np.array([draw_demand(rng, one.family) for one in SCENARIOS for _ in range(COPIES)])
    lead = np.array([draw_lead_times(rng, one.random_lead_time) for one in SCENARIOS for _ in range(COPIES)])
    count, longest = len(SCENARIOS), int(lead.max())
    shares = np.array([np.bincount(rows.ravel(), minlength=longest + 1) for rows in lead.reshape(count, COPIES, -1)])
    times = LeadTimes(
        np.tile(np.arange(longest + 1.0), (count, 1)), np.zeros(count, dtype=np.int64), shares / (COPIES * PERIODS)
    )
    mean, variance = np.array([FAMILIES[one.family] for one in SCENARIOS]).T
    ahead = np.arange(1.0, 12.0)
    whole = np.array([one.whole for one in SCENARIOS])
    review = np.array([float(one.review) for one in SCENARIOS])
    known = CumulativeDemand(mean[:, None] * ahead, variance[:, None] * ahead, whole)
    return Simulated(
        ReplenishmentCycle.of(known, times, review, 1.0),
        demand,
        lead,
        np.array([one.lot for one in SCENARIOS]),
        review,
        np.array([one.up_to for one in SCENARIOS]),
        whole,
    )


def per_scenario(part: FloatArray, whole: FloatArray) -> FloatArray:
    parts, wholes = (np.nansum(one.reshape(len(SCENARIOS), -1), axis=1) for one in (part, whole))
    return np.asarray(parts / wholes)


def fill_rate(seen: Replay) -> FloatArray:
    return per_scenario(np.where(seen.measured, seen.served, 0.0), np.where(seen.measured, seen.demand, 0.0))


def levels_for(simulated: Simulated, measure: Measure, target: float) -> tuple[FloatArray, FloatArray]:
    """Return reorder points, and what they are expected to achieve: whole units reach a little more than the target."""
    count = len(SCENARIOS)
    found = stock_levels(
        simulated.cycle,
        np.full(count, target),
        np.full(count, measure),
        simulated.lot,
        simulated.review,
        up_to=simulated.up_to,
    )
    expected = {
        Measure.FILL: found.fill_rate,
        Measure.READY: found.ready_rate,
        Measure.ORDER_CYCLE: found.order_cycle_service,
    }[measure]
    assert (expected >= target - 1e-7).all()
    np.testing.assert_allclose(expected[~simulated.whole], target, atol=1e-5)
    return found.reorder_point, expected


@pytest.mark.parametrize("target", [0.90, 0.95, 0.98])
def test_fill_rates_replayed_are_within_half_a_point(simulated: Simulated, target: float) -> None:
    """Poisson, negative binomial and gamma; fixed and random lead times; no lot and large ones; reviews 1 and 4."""
    reorder_point, expected = levels_for(simulated, Measure.FILL, target)
    np.testing.assert_allclose(fill_rate(simulated.replay(reorder_point)), expected, atol=0.005)


def test_ready_rates_replayed_are_within_half_a_point(simulated: Simulated) -> None:
    reorder_point, expected = levels_for(simulated, Measure.READY, 0.95)
    seen = simulated.replay(reorder_point)
    np.testing.assert_allclose(per_scenario(seen.measured & (seen.closing > 0), seen.measured), expected, atol=0.005)


def test_cycle_service_counted_from_receipt_to_receipt_is_as_asked_for(simulated: Simulated) -> None:
    reorder_point, expected = levels_for(simulated, Measure.ORDER_CYCLE, 0.95)
    seen = simulated.replay(reorder_point)
    np.testing.assert_allclose(per_scenario(seen.unbroken, seen.cycles), expected, atol=0.005)


def test_where_sales_are_lost_large_lots_fill_what_the_conversion_says(simulated: Simulated) -> None:
    lots = np.array([one.large_lots for one in SCENARIOS])
    reorder_point, expected = levels_for(simulated, Measure.FILL, 0.95)
    error = fill_rate(simulated.replay(reorder_point, lost=True)) - lost_sales_fill_rate(expected)
    assert abs(error[lots].mean()) < 0.002
    assert np.abs(error[lots]).max() < 0.012
    assert (error[~lots] > -0.005).all(), "too cautious for base stock, never too bold"


def test_lost_sales_need_a_little_less_stock(simulated: Simulated) -> None:
    count = len(SCENARIOS)
    waiting, gone = (
        stock_levels(
            simulated.cycle,
            np.full(count, 0.9),
            np.full(count, Measure.FILL),
            simulated.lot,
            simulated.review,
            lost=np.full(count, lost),
        )
        for lost in (False, True)
    )
    assert (gone.reorder_point <= waiting.reorder_point).all()
    assert (gone.reorder_point[~simulated.whole] < waiting.reorder_point[~simulated.whole]).all()


def one_item(mean: float, variance: float, *, lead: float, review: float = 1.0, whole: bool) -> ReplenishmentCycle:
    ahead = np.arange(1.0, 12.0)[None, :]
    demand = CumulativeDemand(mean * ahead, variance * ahead, np.array([whole]))
    return ReplenishmentCycle.of(demand, lead_times(np.array([lead]), np.zeros(1)), np.array([review]), 1.0)


@pytest.mark.parametrize(("lead", "lot"), [(0, 1), (2, 7), (3, 40)])
@pytest.mark.parametrize("shortage", [2.0, 9.0, 60.0])
def test_backorder_cost_is_least_where_trying_every_reorder_point_finds_it(
    lead: int, lot: int, shortage: float
) -> None:
    costs, rate = PolicyCosts(1.0, shortage), 3.0
    one = np.ones(1)
    found = stock_levels(
        one_item(rate, rate, lead=lead, whole=True),
        one,
        np.array([Measure.BACKORDER_COST]),
        lot * one,
        (lead + 1) * one,
        costs=costs,
    )
    demand = DiscreteDemand.poisson(rate, lead)
    tried = [periodic_lot_cost(demand, point, lot, costs) for point in range(60)]
    assert found.reorder_point[0] == np.argmin(tried)


def test_lost_sale_cost_without_lot_or_lead_time_is_the_newsvendors() -> None:
    one = np.ones(1)
    found = stock_levels(
        one_item(20.0, 225.0, lead=0.0, whole=False),
        one,
        np.array([Measure.LOST_SALE_COST]),
        0.0 * one,
        one,
        costs=PolicyCosts(1.0, 9.0),
    )
    best = newsvendor(GammaDemand(np.array([20.0]), np.array([15.0])), PolicyCosts(1.0, 9.0))
    assert found.reorder_point[0] == pytest.approx(best.quantity[0], rel=1e-3)


@pytest.mark.parametrize("shortage", [20.0, 200.0])
def test_lost_sale_cost_is_near_the_least_that_replays_find(shortage: float) -> None:
    rng, lot, tried = np.random.default_rng(4), 60.0, np.arange(20.0, 140.0, 4.0)
    one = np.ones(1)
    found = stock_levels(
        one_item(20.0, 225.0, lead=2.0, whole=False),
        one,
        np.array([Measure.LOST_SALE_COST]),
        lot * one,
        3 * one,
        lost=one > 0,
        costs=PolicyCosts(1.0, shortage),
    )
    points = np.append(tried, found.reorder_point)
    shape = (len(points), 40_000)
    demand = np.tile(rng.gamma(400 / 225, 225 / 20, shape[1]), (shape[0], 1))
    ones = np.ones(shape[0])
    world = World(demand, np.full(shape, 2), ones.astype(int), 0 * ones, lot * ones)
    levels = np.repeat(points[:, None], shape[1], axis=1)
    seen = replay(world, Rules(levels, levels))
    cost = (seen.closing + shortage * (seen.demand - seen.served))[:, 100:].mean(axis=1)
    assert cost[-1] <= 1.03 * cost[:-1].min()


def test_targets_of_many_kinds_are_met_in_one_call() -> None:
    kinds = np.array(list(Measure))
    ahead, one = np.arange(1.0, 6.0), np.ones(len(kinds))
    demand = CumulativeDemand(np.outer(one, 10 * ahead), np.outer(one, 40 * ahead), np.zeros(len(kinds), dtype=int))
    cycle = ReplenishmentCycle.of(demand, lead_times(2 * one, one), one, 1.0)
    costs = PolicyCosts(one, 19 * one)
    together = stock_levels(cycle, 0.95 * one, kinds, 25 * one, 3 * one, costs=costs)
    for item in range(len(kinds)):
        rows = np.array([item])
        alone = stock_levels(
            cycle.rows(rows),
            np.array([0.95]),
            kinds[rows],
            np.array([25.0]),
            np.array([3.0]),
            costs=PolicyCosts(1.0, 19.0),
        )
        assert together.reorder_point[item] == pytest.approx(alone.reorder_point[0], rel=1e-5)


def test_items_without_demand_need_no_stock_and_lack_none() -> None:
    two = np.ones(2)
    nothing = CumulativeDemand(np.zeros((2, 3)), np.zeros((2, 3)), np.array([Family.GAMMA, Family.COUNTS]))
    cycle = ReplenishmentCycle.of(nothing, lead_times(two, two), two, 1.0)
    for measure in (Measure.CYCLE, Measure.FILL, Measure.ORDER_CYCLE):
        found = stock_levels(cycle, 0.9 * two, np.full(2, measure), 5 * two, two)
        assert found.reorder_point.tolist() == [0.0, 0.0]
        assert found.fill_rate.tolist() == [1.0, 1.0]
        assert np.isfinite(found.order_cycle_service).all()


def test_demand_that_never_varies_is_covered_to_the_unit() -> None:
    sure = CumulativeDemand(np.array([[5.0, 10.0, 15.0]]), np.zeros((1, 3)), np.array([Family.GAMMA]))
    one = np.ones(1)
    cycle = ReplenishmentCycle.of(sure, lead_times(2 * one, 0 * one), one, 1.0)
    found = stock_levels(cycle, 0.95 * one, np.array([Measure.CYCLE]), 0 * one, 3 * one)
    assert found.reorder_point[0] == pytest.approx(15.0, abs=0.01)


@pytest.mark.parametrize(
    ("target", "quantity", "measure", "message"),
    [
        (95.0, 1.0, Measure.FILL, "service target is 95; expected between 0 and 1"),
        (0.0, 1.0, Measure.CYCLE, "service target is 0; expected between 0 and 1"),
        (1.0, 1.0, Measure.READY, "service target is 1; expected between 0 and 1"),
        (np.nan, 1.0, Measure.READY, "service target is nan; expected between 0 and 1"),
        (0.9, -1.0, Measure.FILL, "order quantity is -1; expected units, zero or more"),
        (0.9, 1.0, 9, "service measure is 9"),
        (0.9, 1.0, Measure.BACKORDER_COST, "costs is missing; expected holding and shortage costs"),
    ],
)
def test_what_cannot_be_asked_for_is_named(target: float, quantity: float, measure: int, message: str) -> None:
    cycle = one_item(1.0, 1.0, lead=1.0, whole=True)
    with pytest.raises(InputError, match=message):
        stock_levels(cycle, np.array([target]), np.array([measure]), np.array([quantity]), np.array([2.0]))
