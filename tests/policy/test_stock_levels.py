"""Stock levels hold their target: replayed by simulation, and at the edges by reasoning."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from invopt_xl.errors import InputError
from invopt_xl.policy import (
    CumulativeDemand,
    LeadTimes,
    ReplenishmentCycle,
    economic_order_quantity,
    lead_times,
    round_up_to_lot,
    stock_levels,
)


def cycle_of(
    mean: float, deviation: float, times: LeadTimes, *, counts: bool, review: float = 1.0
) -> ReplenishmentCycle:
    periods = np.arange(1.0, 14.0)
    demand = CumulativeDemand(mean * periods[None, :], deviation**2 * periods[None, :], np.array([counts]))
    return ReplenishmentCycle.of(demand, times, np.array([review]), 1.0)


def replayed_fill_rate(
    reorder_point: float, lot: float, mean: float, deviation: float, lead_time: int, periods: int = 200_000
) -> float:
    """Walk through periods one by one: review, order whole lots, receive, sell, backorder the rest."""
    random = np.random.default_rng(7)
    demand = random.gamma((mean / deviation) ** 2, deviation**2 / mean, periods)
    arrivals = np.zeros(periods + lead_time + 2)
    net, position, short = reorder_point + lot, reorder_point + lot, 0.0
    for period in range(periods):
        if position < reorder_point:
            ordered = np.ceil((reorder_point - position) / lot) * lot
            arrivals[period + lead_time] += ordered
            position += ordered
        net += arrivals[period]
        short += max(demand[period] - max(net, 0.0), 0.0)
        net -= demand[period]
        position -= demand[period]
    return 1.0 - short / demand.sum()


@pytest.mark.parametrize(("target", "lot"), [(0.90, 5.0), (0.95, 40.0), (0.98, 15.0)])
def test_a_fill_rate_target_is_met_when_replayed_period_by_period(target: float, lot: float) -> None:
    times = lead_times(np.array([3.0]), np.array([0.0]))
    cycle = cycle_of(20.0, 12.0, times, counts=False)
    levels = stock_levels(cycle, np.array([target]), np.array([True]), np.array([lot]), np.array([4.0]))
    achieved = replayed_fill_rate(float(levels.reorder_point[0]), lot, 20.0, 12.0, 3)
    assert achieved == pytest.approx(target, abs=0.006)
    assert levels.fill_rate[0] == pytest.approx(target, abs=1e-4)


@pytest.mark.parametrize(("reorder_point", "lot"), [(1, 1), (2, 1), (3, 1), (1, 3), (2, 12)])
def test_the_fill_rate_of_whole_units_is_the_sum_over_all_positions_and_outcomes(reorder_point: int, lot: int) -> None:
    rate, lead, review = 0.3, 1.0, 1.0
    cycle = cycle_of(rate, rate**0.5, lead_times(np.array([lead]), np.array([0.0])), counts=True, review=review)
    outcomes = np.arange(60)

    def expected_short(position: int, periods: float) -> float:
        return float((np.maximum(outcomes - position, 0) * stats.poisson.pmf(outcomes, rate * periods)).sum())

    positions = range(reorder_point, reorder_point + lot)
    missed = np.mean([expected_short(one, lead + review) - expected_short(one, lead) for one in positions])
    found = cycle.fill_rate(np.array([float(reorder_point)]), np.array([float(lot)]))[0]
    assert found == pytest.approx(1.0 - missed / (rate * review), abs=0.01 if lot == 12 else 1e-6)


def test_a_cycle_service_target_is_met_by_simulated_demand_over_random_lead_times() -> None:
    random = np.random.default_rng(3)
    observed = np.where(random.random(400) < 0.5, 2.0, 9.0)
    times = lead_times(np.array([5.5]), np.array([3.5]), [observed])
    cycle = cycle_of(6.0, 5.0, times, counts=True)
    levels = stock_levels(cycle, np.array([0.95]), np.array([False]), np.array([1.0]), np.array([6.5]))
    lengths = random.choice(observed, 100_000).astype(int) + 1
    demand = random.negative_binomial(lengths * 36.0 / 19.0, 6.0 / 25.0)
    assert (demand <= levels.reorder_point[0]).mean() == pytest.approx(0.95, abs=0.006)


def test_a_normal_buffer_misses_where_lead_times_have_two_humps() -> None:
    times = lead_times(np.array([5.5]), np.array([3.5]), [np.array([2.0, 9.0] * 20)])
    cycle = cycle_of(6.0, 2.0, times, counts=False)
    levels = stock_levels(cycle, np.array([0.9]), np.array([False]), np.array([1.0]), np.array([6.5]))
    textbook = 6.0 * 6.5 + 1.2816 * 2.0 * np.sqrt(6.5)
    assert levels.reorder_point[0] > 1.2 * textbook


@settings(max_examples=50)
@given(st.floats(0.01, 500.0), st.floats(0.2, 4.0), st.floats(0.0, 20.0), st.floats(0.5, 0.995), st.booleans())
def test_more_service_never_takes_less_stock(
    mean: float, variation: float, spread: float, target: float, fill: bool
) -> None:
    times = lead_times(np.array([14.0]), np.array([spread]))
    cycle = cycle_of(mean, variation * mean, times, counts=mean < 20)
    measure, lot = np.array([fill]), np.array([max(mean, 1.0)])
    low = stock_levels(cycle, np.array([target]), measure, lot, np.array([15.0]))
    high = stock_levels(cycle, np.array([target + 0.004]), measure, lot, np.array([15.0]))
    assert 0.0 <= low.reorder_point[0] <= high.reorder_point[0] + 1e-6
    assert low.order_up_to[0] >= low.reorder_point[0]


def test_an_impossible_target_is_named() -> None:
    cycle = cycle_of(1.0, 1.0, lead_times(np.array([1.0]), np.array([0.0])), counts=True)
    with pytest.raises(InputError, match="service target is 95; expected between 0 and 1"):
        stock_levels(cycle, np.array([95.0]), np.array([False]), np.array([1.0]), np.array([2.0]))


def test_few_receipts_do_not_replace_the_stated_lead_time() -> None:
    few = lead_times(np.array([10.0]), np.array([2.0]), [np.array([30.0, 31.0])])
    assert few.mean[0] == pytest.approx(10.0)
    assert few.observed[0] == 0


@given(st.floats(0.0, 400.0), st.floats(0.0, 2000.0))
def test_lead_times_of_points_keep_their_mean_and_unless_wild_their_spread(mean: float, spread: float) -> None:
    times = lead_times(np.array([mean]), np.array([spread]))
    assert (times.days >= 0).all()
    assert times.mean[0] == pytest.approx(mean, abs=1e-6 + 1e-6 * mean)
    if mean > 0.02 and 0.02 * mean < spread <= 3.0 * mean:
        kept = 1.0 if spread <= mean else 0.95
        assert kept * spread * (1 - 1e-6) <= times.standard_deviation[0] <= spread * (1 + 1e-6)


@pytest.mark.parametrize("target", [0.8, 0.9, 0.95, 0.98, 0.99])
@pytest.mark.parametrize("stray", [0.1, 0.25, 0.5, 1.0, 2.0])
def test_levels_are_those_of_the_whole_distribution_of_the_lead_time(stray: float, target: float) -> None:
    """Demand over ten thousand lengths that the lead time may have, each as likely, in place of nine."""
    rate, deviation, lead = 100.0, 60.0, 4.0
    cycle = cycle_of(rate, deviation, lead_times(np.array([lead]), np.array([stray * lead])), counts=False, review=0.0)
    levels = stock_levels(cycle, np.array([target]), np.array([False]), np.array([1.0]), np.array([lead]))
    lengths = stats.gamma.ppf((np.arange(10_000) + 0.5) / 10_000, stray**-2, scale=stray**2 * lead)

    def missed(level: float) -> float:
        chances = stats.gamma.cdf(level, lengths * (rate / deviation) ** 2, scale=deviation**2 / rate)
        return float(chances.mean()) - target

    level = optimize.brentq(missed, 1.0, 1e5)
    assert levels.reorder_point[0] == pytest.approx(level, rel=0.01 if stray <= 0.5 else 0.04)


def test_the_published_economic_lot() -> None:
    """Silver, Pyke & Thomas (2017), section 4.1: D = 200 a year, A = 5.40, v = 0.35, r = 0.24: 160 boxes."""
    lot = economic_order_quantity(np.array([200.0]), np.array([5.40]), np.array([0.35 * 0.24]))
    assert round(float(lot[0])) == 160


@given(st.floats(0.0, 1e5), st.floats(0.0, 500.0), st.sampled_from([0.5, 1.0, 6.0, 12.0, 24.0]))
def test_a_rounded_order_is_the_smallest_that_is_allowed(quantity: float, minimum: float, lot: float) -> None:
    rounded = float(round_up_to_lot(np.array([quantity]), np.array([minimum]), np.array([lot]))[0])
    if quantity == 0:
        assert rounded == 0
    else:
        assert rounded >= max(quantity, minimum) - 1e-6
        assert rounded - lot < max(quantity, minimum)
        assert rounded / lot == pytest.approx(round(rounded / lot))
