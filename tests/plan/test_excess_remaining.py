"""What remains of stock: against enumeration and integration, and what must hold whatever the stock."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from invopt_xl.errors import InputError
from invopt_xl.plan.excess.ageing import AgeingRules, ages, days_since_sale
from invopt_xl.plan.excess.ahead import DemandAhead, Endings
from invopt_xl.plan.excess.quick import HALF_LIFE_DAYS, quick_demand
from invopt_xl.plan.excess.remaining import remaining, remaining_curve
from invopt_xl.plan.excess.worth import Idle
from invopt_xl.plan.parameters import Parameters
from invopt_xl.policy import CumulativeDemand, Family, PathSums

Floats = npt.NDArray[np.float64]
PARAMETERS = Parameters(plan_date=date(2024, 7, 1))


def past_of(quantity: Any, in_stock: Any = None) -> Any:
    """Return histories as a review needs them."""
    quantity = np.asarray(quantity, dtype=np.float64)
    stocked = np.ones(quantity.shape, dtype=bool) if in_stock is None else np.asarray(in_stock)
    whole = (np.nan_to_num(quantity) == np.floor(np.nan_to_num(quantity))).all(axis=1)
    return SimpleNamespace(quantity=quantity, in_stock=stocked, whole_units=whole, periods=quantity.shape[1])


def ahead_of(quantity: Any, days: float = 365.0) -> DemandAhead:
    return DemandAhead.of_history(past_of(quantity), PARAMETERS, days)


def one_gamma(endings: Endings | None = None) -> DemandAhead:
    """Return demand of 10 a week, gamma, over up to 26 weeks."""
    weeks = np.arange(1.0, 27.0)[None]
    demand = CumulativeDemand(10.0 * weeks, 40.0 * weeks, np.array([Family.GAMMA]))
    return DemandAhead(demand, np.array([True]), 7.0, "history").ending(endings)


def test_what_remains_is_what_enumeration_of_all_demands_finds() -> None:
    ahead = ahead_of([[0, 2, 0, 1, 0, 0, 3, 0, 1, 0, 0, 2]])
    (mean,), (variance,) = ahead.demand.mean[:, 12], ahead.demand.variance[:, 12]
    chance = stats.nbinom.pmf(np.arange(2000), mean**2 / (variance - mean), mean / variance)
    stock = 15
    left = np.maximum(stock - np.arange(2000), 0)
    found = remaining(ahead, np.array([float(stock)]), np.array([91.0]))
    assert found.expected[0] == pytest.approx((chance * left).sum(), rel=1e-6)
    for units, probability in zip(found.units[0], (0.5, 0.8, 0.95), strict=True):
        assert chance[left >= units].sum() >= probability
        assert chance[left >= units + 1].sum() < probability


@given(st.lists(st.integers(0, 40), min_size=1, max_size=30), st.floats(0, 500), st.floats(7, 365))
def test_less_remains_for_sure_than_perhaps_and_never_more_than_there_is(
    sold: list[int], stock: float, days: float
) -> None:
    found = remaining(ahead_of([sold]), np.array([stock]), np.array([days]))
    units = [stock, *found.units[0].tolist(), 0.0]
    assert units == sorted(units, reverse=True)
    assert 0.0 <= found.expected[0] <= stock + 1e-9


def test_a_rate_is_known_as_well_as_what_of_the_past_still_counts() -> None:
    sold = np.array([4.0, 0.0, 3.0, 9.0, 2.0, 6.0])
    fading = 0.5 ** (7 / HALF_LIFE_DAYS)
    weight = np.array([fading**age for age in range(5, -1, -1)])
    batch = sold.var(ddof=1) / sold.mean()
    rate = ((weight * sold).sum() + 0.5 * batch) / weight.sum()
    ahead = ahead_of([sold]).demand
    assert ahead.mean[0, 2] == pytest.approx(3 * rate)
    assert ahead.variance[0, 2] == pytest.approx(batch * rate * (3 + 9 / (weight.sum() * fading**3)))


@pytest.mark.parametrize("stock", [40.0, 100.0, 150.0])
def test_demand_that_may_end_is_the_mixture_over_every_time_it_may_end_at(stock: float) -> None:
    ended, hazard, weeks = 0.15, 0.06, 13.0
    ahead = one_gamma(Endings(np.array([ended]), np.array([hazard]), ("",)))
    times = (np.arange(4000) + 0.5) * weeks / 4000
    alive = lambda t: (1 - ended) * (1 - hazard) ** t  # noqa: E731
    chance = alive(times - weeks / 8000) - alive(times + weeks / 8000)
    lengths = np.append(times, weeks)
    # Within a period moments grow in proportion, as everywhere.
    chances = np.append(chance, alive(weeks))
    below = ended + (chances * stats.gamma.cdf(stock, 10 * lengths / 4, scale=4)).sum()
    found = ahead.within(np.array([weeks * 7]))
    assert found.cdf(np.array([stock]))[0] == pytest.approx(below, abs=0.004)
    assert found.expected[0] == pytest.approx((chances * 10 * lengths).sum(), rel=1e-5)


def test_demand_that_has_ended_for_sure_leaves_all_and_a_doubt_nobody_can_judge_changes_nothing() -> None:
    stock, days = np.array([80.0]), np.array([91.0])
    gone = one_gamma(Endings(np.array([1.0]), np.array([0.0]), ("",)))
    assert remaining(gone, stock, days).units[0].tolist() == [80.0, 80.0, 80.0]
    unknown = one_gamma(Endings(np.array([np.nan]), np.array([np.nan]), ("",)))
    np.testing.assert_allclose(remaining(unknown, stock, days).units, remaining(one_gamma(), stock, days).units)
    assert np.isnan(unknown.endings.within(13)).all()


def test_beyond_the_last_forecast_period_every_path_goes_on_at_its_own_rate() -> None:
    points = np.array([[[10.0, 20.0], [20.0, 40.0]]])
    sums = PathSums(points, np.full((1, 2), 0.5), np.array([True]))
    mean, variance = sums.moments
    demand = CumulativeDemand(mean, variance, np.array([Family.EMPIRICAL]), sums)
    ahead = DemandAhead(demand, np.array([True]), 7.0, "forecasts")
    far = ahead.within(np.array([28.0]))
    assert far.quantile(np.array([0.5])).tolist() == [40.0]
    assert far.quantile(np.array([0.51])).tolist() == [80.0]
    ended = ahead.ending(Endings(np.array([0.2]), np.array([0.0]), ("",))).within(np.array([28.0]))
    assert ended.cdf(np.array([0.0]))[0] == pytest.approx(0.2)
    assert ended.cdf(np.array([79.0]))[0] == pytest.approx(0.6)
    assert ended.expected[0] == pytest.approx(0.8 * 60)


def test_what_is_expected_to_remain_of_little_stock_is_the_mean_over_the_paths_and_falls_with_time() -> None:
    random = np.random.default_rng(4)
    paths = np.cumsum(random.negative_binomial(1, 0.03, (1, 13, 900)), axis=1).astype(float)
    share = np.full((1, 900), 1 / 900)
    sums = PathSums(np.sort(paths, axis=2), share, np.array([True]))
    mean, variance = sums.moments
    ahead = DemandAhead(
        CumulativeDemand(mean, variance, np.array([Family.EMPIRICAL]), sums), np.array([True]), 7.0, "forecasts"
    ).ending(Endings(np.array([0.002]), np.array([0.0003]), ("",)))
    stock, horizons = np.array([90.0]), (28.0, 56.0, 91.0, 182.0, 274.0, 365.0)
    left = [float(remaining(ahead, stock, np.array([days])).expected[0]) for days in horizons]
    assert (np.diff(left) <= 0.05).all()
    values, chances = ahead.within(np.array([365.0])).draws or (np.zeros(0), np.zeros(0))
    assert left[-1] == pytest.approx(float((np.maximum(90.0 - values, 0.0) * chances).sum()))


def test_no_more_remains_than_is_there_however_large_demand_is() -> None:
    ended = 0.002
    ahead = ahead_of([[0.0, 1e7] * 30], days=3660.0).ending(Endings(np.array([ended]), np.array([0.0]), ("",)))
    found = remaining(ahead, np.array([50.0]), np.array([3650.0]))
    assert 0.99 * ended * 50 <= found.expected[0] <= 1.01 * ended * 50


YEARS = (400.0, 500.0, 730.0, 1000.0, 1500.0, 2200.0, 3000.0, 3660.0)


@settings(max_examples=40)
@given(st.lists(st.integers(0, 900) | st.floats(0, 40), min_size=1, max_size=30), st.floats(1, 5000))
def test_from_a_year_on_the_longer_one_waits_the_less_remains(sold: list[float], stock: float) -> None:
    ahead, stock = ahead_of([sold], YEARS[-1]), float(round(stock))
    found = [remaining(ahead, np.array([stock]), np.array([days])) for days in YEARS]
    left = np.array([[*each.units[0], each.expected[0]] for each in found])
    assert (np.diff(left, axis=0) <= 1e-6 * stock).all()


def test_next_to_nothing_remains_after_ten_years_of_an_item_that_sells_in_weeks() -> None:
    found = remaining(ahead_of([[25.0, 22.0, 28.0, 25.0] * 15], 3660.0), np.array([900.0]), np.array([3660.0]))
    assert found.expected[0] < 1.0
    assert found.units[0].tolist() == [0.0, 0.0, 0.0]


def test_an_item_always_out_of_stock_is_not_guessed_at() -> None:
    past = past_of([[3.0, 2.0], [3.0, 2.0]], [[False, False], [True, True]])
    ahead = DemandAhead.of_history(past, PARAMETERS, 91)
    found = remaining(ahead, np.array([50.0, 50.0]), np.full(2, 91.0))
    assert np.isnan(found.units[0]).all()
    assert np.isnan(found.expected[0])
    assert np.isfinite(found.units[1]).all()


def test_one_week_of_history_leaves_more_doubt_than_a_year_of_the_same() -> None:
    stock, days = np.array([200.0]), np.array([91.0])
    short, long = (remaining(ahead_of([[8.0] * weeks]), stock, days).units[0] for weeks in (1, 52))
    assert short[0] - short[2] > 2 * (long[0] - long[2])


def test_what_is_forecast_from_a_single_week_is_as_wide_as_its_history_says() -> None:
    nan = np.nan
    past = past_of([[nan] * 7 + [8.0], [8.0] * 8, [nan] * 8])
    # Forecasts that are all too sure of themselves, with and without sample paths.
    weeks = np.arange(1.0, 14.0)
    paths = PathSums(np.tile(8.0 * weeks[:, None], (3, 1, 5)), np.full((3, 5), 0.2), np.ones(3, bool))
    sure = CumulativeDemand(*paths.moments, np.full(3, Family.EMPIRICAL), paths)
    shaped = CumulativeDemand(sure.mean, np.full(sure.mean.shape, 1.0), np.full(3, Family.GAMMA))
    stock, days = np.full(3, 200.0), np.full(3, 91.0)
    by_history = remaining(DemandAhead.of_history(past, PARAMETERS, 91.0), stock, days)
    for demand in (sure, shaped):
        found = remaining(DemandAhead.of_forecasts(demand, past, PARAMETERS), stock, days)
        np.testing.assert_allclose(found.units[0], by_history.units[0])
        assert found.units[1] == pytest.approx([96.0] * 3, abs=5.0)
        assert np.isnan(found.units[2]).all()


def test_more_money_remains_after_a_shorter_time() -> None:
    curve = remaining_curve(one_gamma(), np.array([300.0]), np.array([2.0]), (30, 91, 182))
    assert curve["value_80"].is_monotonic_decreasing
    assert curve["value_50"].tolist()[0] == pytest.approx(2 * (300 - 10 * 30 / 7), rel=0.02)


def test_days_out_of_stock_are_no_days_without_a_sale() -> None:
    nan = np.nan
    past = past_of(
        [[1, 0, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0], [nan, nan, 0, 2]],
        [[True] * 4, [True, True, False, False], [True] * 4, [True] * 4],
    )
    since, known = days_since_sale(past, 7.0)
    assert since.tolist()[:2] == [21.0, 7.0]
    assert np.isnan(since[2])
    assert since[3] == 0.0
    assert known.tolist() == [28.0, 14.0, 28.0, 14.0]


def test_ages_follow_their_rules_and_rules_that_do_not_rise_are_refused() -> None:
    rules = AgeingRules(slow_days=14, non_moving_days=28, dead_days=56, slow_cover_days=100)
    since, cover = np.array([0.0, 0, 14, 28, 56]), np.array([10.0, 101, 10, 10, np.nan])
    assert ages(since, np.full(5, 700.0), cover, rules).tolist() == ["moving", "slow", "slow", "non-moving", "dead"]
    with pytest.raises(InputError, match="days of slow, non-moving and dead stock"):
        AgeingRules(slow_days=100, non_moving_days=50)


def test_surplus_is_kept_up_to_the_units_that_sell_before_holding_them_costs_more_than_they_would_lose() -> None:
    """Silver, Pyke & Thomas (2017), Inventory and Production Management in Supply Chains, on surplus stock.

    Of stock that sells D a year, bought at v and worth g now, at a carrying rate r, D (v - g) / (v r) units are worth
    keeping (beside a next lot, which is another question).
    """
    yearly, cost, now, rate = 521.8, 10.0, 9.0, 0.25
    weeks = np.arange(1.0, 54.0)[None]
    # Demand nearly known: else a unit's time of sale is spread around this.
    demand = CumulativeDemand(10.0 * weeks, 20.0 * weeks, np.array([Family.GAMMA]))
    ahead = DemandAhead(demand, np.array([True]), 7.0, "history")
    money = (np.array([cost]), np.array([cost]), np.array([rate * cost / 365.25]))
    idle = Idle.until(ahead, np.array([365.25]), money, np.array([False]))
    kept = idle.worth_more_than(np.array([[now]]), np.array([900.0]), np.array([0.0]))
    assert kept[0, 0] == pytest.approx(yearly * (cost - now) / (cost * rate), rel=0.05)


def test_quick_demand_is_that_since_a_collapse_and_doubts_it_more() -> None:
    weeks = [58.0, 62.0] * 30
    past = past_of([weeks + [60.0, 60.0] * 4, weeks + [2.0, 4.0] * 4, weeks + [0.0] * 8])
    ahead = quick_demand(past, 13, 7.0)
    assert ahead.mean[:2, -1] == pytest.approx([13 * 60, 13 * 3], rel=0.15)
    assert ahead.mean[2, -1] < 13
    spread = np.sqrt(ahead.variance[:, -1]) / ahead.mean[:, -1]
    assert spread[1] > 2 * spread[0]
