"""Where items are in their life: chances against simulation, changes against known ones, and the order of stages."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate
from scipy.stats import beta

from invopt_xl.plan.segmentation.change import change_of_demand
from invopt_xl.plan.segmentation.known import histories_of
from invopt_xl.plan.segmentation.latest import latest_fall
from invopt_xl.plan.segmentation.life_cycles import DECLINE, UNLIKELY, life_cycle
from invopt_xl.plan.segmentation.silence import silence
from invopt_xl.plan.segmentation.speed import velocity

RANDOM = 5


def poisson(rate: object, items: int, periods: int) -> np.ndarray:
    return np.random.default_rng(RANDOM).poisson(rate, (items, periods)).astype(float)


def stages(demand: np.ndarray, year: int = 52) -> list[str]:
    return life_cycle(demand, np.full(len(demand), "active", dtype=object), year).stage.tolist()


def test_the_chance_of_a_silence_is_the_mean_over_what_the_rate_may_be() -> None:
    history = [1.0, *[1.0, 0.0, 0.0, 2.0, 0.0] * 3, 1.0, *[0.0] * 7]
    sales, periods = 6, 15  # between first and last sale
    prior = beta(sales + 0.5, periods - sales + 0.5)
    expected, _ = integrate.quad(lambda rate: (1 - rate) ** 7 * prior.pdf(rate), 0, 1)
    assert silence(np.array([history]), 52).chance[0] == pytest.approx(expected, rel=1e-6)


def test_unknown_periods_are_no_silence() -> None:
    found = silence(np.array([[2.0, 1.0, 3.0, np.nan, np.nan, 0.0]]), 52)
    assert found.periods.tolist() == [1]


def test_a_shop_closed_for_a_few_days_leaves_no_item_dying() -> None:
    sold = np.ones((2, 300))
    sold[0, -5:], sold[1, -40:] = 0, 0
    assert stages(sold, year=365) == ["mature", "dying"]


def test_an_item_that_has_been_silent_for_as_long_before_is_not_dying() -> None:
    bursts = ([3.0] * 10 + [0.0] * 8) * 3
    once = [3.0] * 46 + [0.0] * 8
    assert stages(np.array([bursts, once])) == ["mature", "dying"]


def test_few_items_of_steady_random_demand_are_called_dying() -> None:
    for rate in (0.2, 1.0, 5.0):
        found = silence(poisson(rate, 2000, 104), 52)
        called = (found.chance < 0.01) & (found.periods > found.longest_before) & (found.periods >= 4)
        assert called.mean() < 0.012


@pytest.mark.parametrize("periods", [52, 104])
@pytest.mark.parametrize("rate", [0.3, 3.0, 30.0])
def test_no_more_than_the_stated_share_of_steady_items_seems_to_change(periods: int, rate: float) -> None:
    demand = poisson(rate, 2000, periods)
    found = change_of_demand(demand, np.zeros(2000, dtype=np.int64), 52)
    assert np.nanmean(found.chance < 0.01) < 0.015


def test_erratic_demand_needs_a_larger_change_than_steady_demand() -> None:
    steady = np.array([[10.0, 12.0] * 26 + [13.0, 15.0] * 26])
    erratic = np.array([[0.0, 22.0] * 26 + [0.0, 28.0] * 26])
    first = np.zeros(1, dtype=np.int64)
    one, other = (change_of_demand(each, first, 52) for each in (steady, erratic))
    assert one.share[0] == pytest.approx(other.share[0], abs=1e-9)
    assert one.chance[0] < 0.01 < other.chance[0]


def test_demand_that_doubled_is_found_and_grows() -> None:
    demand = np.concatenate((poisson(5, 200, 52), poisson(10, 200, 52)), axis=1)
    assert stages(demand).count("growing") > 190
    assert stages(demand[:, ::-1]).count("declining") > 190


@pytest.mark.parametrize("weeks", [52, 70, 120])
@pytest.mark.parametrize(("span", "left"), [(8, 3.0), (13, 30.0), (26, 30.0)])
def test_a_collapse_of_late_is_a_decline_however_long_the_history(weeks: int, span: int, left: float) -> None:
    demand = np.concatenate((poisson(60, 10, weeks - span), poisson(left, 10, span)), axis=1)
    found = life_cycle(demand, np.full(10, "active", dtype=object), 52)
    assert found.stage.tolist() == ["declining"] * 10
    if span == 8:
        assert all("% in the last 8 periods" in reason for reason in found.reason)


def test_demand_that_sank_step_by_step_declines_and_the_span_is_told() -> None:
    falling = 60.0 * np.maximum(1 - 0.08 * np.arange(15), 0.05)
    demand = np.array([[58.0, 62.0] * 28 + falling.round().tolist()])
    found = life_cycle(demand, np.array(["active"], dtype=object), 52)
    assert found.stage.tolist() == ["declining"]
    assert found.reason == ["demand fell by 80% in the last 8 periods"]


def alike(strength: float, spread: float, rate: float, periods: int) -> np.ndarray:
    """Return random demand around a rate whose logarithm wanders, with that autocorrelation."""
    rng = np.random.default_rng(RANDOM)
    wander = rng.normal(size=(2000, periods + 50))
    for period in range(1, periods + 50):
        wander[:, period] = strength * wander[:, period - 1] + np.sqrt(1 - strength**2) * wander[:, period]
    return rng.poisson(rate * np.exp(spread * wander[:, 50:] - spread**2 / 2)).astype(float)


@pytest.mark.parametrize("periods", [52, 70, 104])
@pytest.mark.parametrize(("strength", "spread", "most"), [(0.0, 0.6, 0.01), (0.3, 0.3, 0.015), (0.5, 0.3, 0.025)])
def test_steady_demand_seldom_seems_to_have_fallen_of_late(
    periods: int, strength: float, spread: float, most: float
) -> None:
    found = latest_fall(alike(strength, spread, 20.0, periods), np.zeros(2000, dtype=np.int64), 52)
    assert ((found.chance < UNLIKELY) & (found.share <= DECLINE)).mean() < most


def test_a_fall_that_comes_every_year_is_a_season() -> None:
    year = [60.0, 64.0] * 18 + [9.0, 7.0] * 8
    demand = np.array([year * 3, [62.0] * 104 + year])
    found = life_cycle(demand, np.full(2, "active", dtype=object), 52)
    assert found.stage.tolist() == ["mature", "declining"]


def test_a_season_is_no_growth_once_two_years_are_known() -> None:
    season = 1 + 0.7 * np.sin(2 * np.pi * np.arange(104) / 52)
    found = stages(poisson(20 * season, 300, 104))
    assert found.count("mature") >= 297


def test_a_season_common_to_all_items_is_no_growth_in_one_year() -> None:
    season = np.linspace(0.5, 1.5, 52)
    demand = poisson(20 * season, 300, 52)
    assert stages(demand).count("mature") >= 297
    few = life_cycle(demand[:5], np.full(5, "active", dtype=object), 52)
    assert few.stage.tolist() == ["growing"] * 5, "of few items no common season is known"
    assert few.reason[0].endswith("before, which may be its season")


def test_demand_where_there_was_none_grows_and_says_so() -> None:
    back = np.array([[3.0] + [0.0] * 103 + [5.0, 6.0, 4.0, 5.0] * 13])
    found = life_cycle(back, np.array(["active"], dtype=object), 52)
    assert found.stage.tolist() == ["growing"]
    assert found.reason == ["demand over 52 periods where there was none the year before"]


def test_a_late_first_sale_is_new_only_where_it_would_have_sold_before() -> None:
    none = np.nan
    late, rare, short = [none] * 40 + [4.0] * 12, [none] * 40 + [1.0] + [0.0] * 11, [none] * 2 + [4.0] * 12
    assert stages(np.array([late, rare])) == ["new", "unknown"]
    assert stages(np.array([short])) == ["unknown"]


def test_months_and_days_have_a_year_of_their_own() -> None:
    months = np.concatenate((poisson(50, 1, 12), poisson(120, 1, 12)), axis=1)
    assert stages(months, 12) == ["growing"]
    days = np.concatenate((poisson(4, 1, 500), np.zeros((1, 120))), axis=1)
    assert stages(days, 365) == ["ended"]


def test_a_year_of_silence_is_an_end_however_rare_the_item() -> None:
    assert stages(np.array([[1.0] + [0.0] * 30 + [1.0] + [0.0] * 52])) == ["ended"]


def test_out_of_stock_periods_say_nothing_of_velocity() -> None:
    past = histories_of([[4.0, 0.0, 0.0, 0.0, 4.0, 0.0, 0.0, 0.0]])
    assert velocity(past, 52).name.tolist() == ["medium"]
    past.in_stock[0, [1, 2, 3, 5, 6, 7]] = False
    found = velocity(past, 52)
    assert (found.name.tolist(), found.units.tolist()) == (["fast"], [4.0])


def test_a_slip_of_the_pen_does_not_make_an_item_dear() -> None:
    sold = [4.0, 6.0] * 26
    slipped = [*sold[:30], 400.0, *sold[31:]]
    found = velocity(histories_of([sold, slipped]), 52)
    assert found.year_units.tolist() == pytest.approx([5.0, 5.0], abs=0.05)
    assert found.units[1] > 10.0, "units of a period stay those that are on record"


@pytest.mark.parametrize(("every", "name"), [(1, "fast"), (4, "medium"), (5, "slow"), (13, "slow"), (26, "very slow")])
def test_velocity_goes_by_how_many_periods_see_a_sale(every: int, name: str) -> None:
    demand = np.zeros(105)
    demand[::-every][::-1][:] = 0
    demand[104 - np.arange(0, 105, every)] = 9.0
    assert velocity(histories_of([demand.tolist()]), 52).name.tolist() == [name]


def test_days_are_taken_together_to_weeks() -> None:
    weekly = ([0.0] * 6 + [5.0]) * 53
    monthly = ([0.0] * 27 + [5.0]) * 13
    found = velocity(histories_of([weekly[-364:], monthly]), 365)
    assert found.name.tolist() == ["fast", "medium"]
    assert found.units.tolist() == pytest.approx([5 / 7, 5 / 28])
    assert velocity(histories_of([[0.0, 2.0, 0.0]]), 365).name.tolist() == ["fast"], "one week is known"


def test_a_price_that_moved_against_demand_is_told_beside_it() -> None:
    late, early = np.arange(52) >= 26, np.arange(52) < 26
    wild = np.where(late, np.tile([2.0, 120.0, 3.0, 9.0], 13), np.tile([11.0, 14.0, 9.0, 12.0], 13))
    demand = np.array([wild, np.where(late, 30.0, 10.0), np.where(late, 30.0, 10.0), np.full(52, 9.0)])
    price = np.array([np.where(late, 1.5, 2.0), np.where(late, 1.5, 2.0), np.full(52, 2.0), np.where(late, 1.0, 2.0)])
    price[:, 3] = np.nan
    found = life_cycle(demand, np.full(4, "active", dtype=object), 52, price=price)
    assert found.stage.tolist() == ["mature", "growing", "growing", "mature"]
    assert found.reason[0].endswith("before, at prices 25% lower: that, or chance, may be why")
    assert found.reason[1].endswith("before, at prices 25% lower, which may be why")
    assert all("price" not in reason for reason in found.reason[2:])
    assert demand[0, late].sum() > 2 * demand[0, early].sum()
    assert found.change.price[3] == -0.5
    without = life_cycle(demand, np.full(4, "active", dtype=object), 52)
    assert without.reason[0].endswith("before, which may be chance")
