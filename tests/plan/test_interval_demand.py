"""Demand over the protection interval: what each candidate says, what the past advises, and what is known when."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_tables import small_tables

from invopt_xl.domain import Forecast, Silent
from invopt_xl.forecasting.backtest.rolling import RollingForecasts, rolling_forecasts
from invopt_xl.plan.histories import histories
from invopt_xl.plan.interval_demand import (
    CANDIDATES,
    JUDGED_PERIODS,
    PAST_REVIEWS,
    REVIEWS_APART,
    SHORTEST_PAST,
    Outlook,
    advice_for,
    advice_of_the_past,
    past_reviews,
)
from invopt_xl.plan.levels import set_levels
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quality import admit
from invopt_xl.plan.replenishment import mean_rate
from invopt_xl.plan.running_period import from_now_on
from invopt_xl.policy import (
    CumulativeDemand,
    Family,
    FamilyChoice,
    GammaDemand,
    NegativeBinomialDemand,
    NormalDemand,
    PathSums,
)

FIRST = next(iter(CANDIDATES))
ITEMS = 3
ONE = np.ones(ITEMS)


def forecasts(periods: int = 8, rate: float = 12.0) -> list[Forecast]:
    """Return one of continuous demand and two of whole units, the last of them of none at all."""
    rng = np.random.default_rng(1)
    paths = [
        rng.gamma(4.0, rate / 4.0, (1000, periods)),
        rng.negative_binomial(3, 3 / (3 + rate), (1000, periods)),
        np.zeros((1000, periods)),
    ]
    return [Forecast(drawn.astype(np.float32), "example", "drawn") for drawn in paths]


def known(periods: int = 40, rate: float = 15.0) -> np.ndarray:
    rng = np.random.default_rng(2)
    return np.stack([rng.gamma(4.0, rate / 4.0, periods), rng.poisson(rate, periods), np.zeros(periods)])


def outlook(interval: float = 3.0, history: np.ndarray | None = None, first_share: float = 1.0) -> Outlook:
    made = [from_now_on(each, first_share) for each in forecasts()]
    past = known() if history is None else history
    return Outlook(PathSums.of(made), past, interval * ONE, first_share)


def quantiles(demand: CumulativeDemand, periods: float, probability: float) -> np.ndarray:
    return demand.over(periods * ONE[:, None]).quantile(probability * ONE)


def choice(name: str = FIRST, own: float = 1.0, usual: float = 1.0) -> FamilyChoice:
    return FamilyChoice((name,) * ITEMS, own * ONE, usual * ONE, ("of a test",) * ITEMS)


def test_the_forecast_alone_says_what_its_paths_say() -> None:
    found = quantiles(outlook().demand(["forecast"] * ITEMS), 3.0, 0.94)
    expected = [np.quantile(each.paths[:, :3].sum(axis=1), 0.94) for each in forecasts()]
    np.testing.assert_allclose(found, expected, rtol=0.02)


def test_the_history_alone_says_that_demand_goes_on_as_it_was() -> None:
    found = outlook().demand(["history"] * ITEMS)
    steady = CumulativeDemand.steady(known(), 8, np.full(ITEMS, Family.GAMMA))
    np.testing.assert_allclose(found.mean, steady.mean, rtol=0.02)
    np.testing.assert_allclose(np.sqrt(found.variance), np.sqrt(steady.variance), rtol=0.06)


def test_families_about_the_forecast_have_its_moments() -> None:
    sums = [each.paths[:, :3].sum(axis=1) for each in forecasts()[:2]]
    mean, deviation = (np.array([getattr(one, name)() for one in sums], dtype=float) for name in ("mean", "std"))
    at = np.array([0.95])
    normal = quantiles(outlook().demand(["normal about the forecast"] * ITEMS), 3.0, 0.95)
    skewed = quantiles(outlook().demand(["gamma or negative binomial about the forecast"] * ITEMS), 3.0, 0.95)
    for row in range(2):
        each = mean[[row]], deviation[[row]]
        assert normal[row] == pytest.approx(NormalDemand(*each).quantile(at)[0], rel=0.01)
        law = NegativeBinomialDemand if row else GammaDemand
        assert skewed[row] == pytest.approx(law(*each).quantile(at)[0], rel=0.01, abs=1.0 if row else 0.0)
    assert normal[2] == skewed[2] == 0.0


def test_each_item_has_its_own_candidate() -> None:
    names = ["history", "normal about the forecast", FIRST]
    together = quantiles(outlook().demand(names), 3.0, 0.9)
    apart = [quantiles(outlook().demand([name] * ITEMS), 3.0, 0.9)[row] for row, name in enumerate(names)]
    np.testing.assert_allclose(together, apart)


@pytest.mark.parametrize("periods", [0, 1, 3])
def test_without_a_history_the_forecast_stands_alone(periods: int) -> None:
    alone = quantiles(outlook().demand(["forecast"] * ITEMS), 3.0, 0.94)
    for name in (FIRST, "history"):
        found = outlook(history=known()[:, :periods]).demand([name] * ITEMS)
        np.testing.assert_array_equal(quantiles(found, 3.0, 0.94), alone)


def test_an_interval_beyond_the_forecast_goes_on_at_its_average_rate() -> None:
    for name in CANDIDATES:
        ahead = outlook(interval=20.0).demand([name] * ITEMS)
        near, far = (ahead.over(periods * ONE[:, None]).expected for periods in (8.0, 20.0))
        np.testing.assert_allclose(far, near * 20.0 / 8.0)


def test_the_spread_of_a_history_is_its_sample_deviation() -> None:
    past = known()
    past[0, 5:9] = np.nan
    np.testing.assert_allclose(outlook(history=past).spread, np.nanstd(past, axis=1, ddof=1))
    assert outlook(history=past[:, 4:5]).spread.tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("interval", [1.0, 4.0, 7.5])
@pytest.mark.parametrize("own", [0.0, 0.5, 1.0])
def test_widths_as_usual_are_compared_over_the_intervals_judged(own: float, interval: float) -> None:
    """The usual width is that of `JUDGED_PERIODS`: a longer interval is not squeezed into it."""
    look = outlook(interval)
    name = "normal about the forecast"
    before, after = look.demand([name] * ITEMS), look.chosen(choice(name, own, usual=4.0))
    width, wider = (
        quantiles(one, JUDGED_PERIODS, 0.95) - quantiles(one, JUDGED_PERIODS, 0.5) for one in (before, after)
    )
    np.testing.assert_allclose(wider[:2], width[:2] ** own * (4.0 * look.spread[:2]) ** (1.0 - own), rtol=1e-6)
    factor = wider[0] / width[0]
    there = [quantiles(one, interval, 0.95)[0] - quantiles(one, interval, 0.5)[0] for one in (before, after)]
    assert there[1] == pytest.approx(factor * there[0], rel=1e-6)


@given(before=st.integers(0, 400))
def test_past_reviews_know_enough_and_were_over(before: int) -> None:
    found = past_reviews(before)
    assert len(found) <= PAST_REVIEWS
    assert all(SHORTEST_PAST <= review <= before - JUDGED_PERIODS for review in found)
    assert set(np.diff(found)) <= {REVIEWS_APART}
    assert bool(found) == (before >= SHORTEST_PAST + JUDGED_PERIODS)


def rolled(demand: np.ndarray, before: int) -> RollingForecasts:
    return rolling_forecasts(demand[:, :before], past_reviews(before), JUDGED_PERIODS, workers=1)


def test_advice_knows_nothing_of_what_comes_later() -> None:
    rng = np.random.default_rng(3)
    demand = rng.poisson(6.0, (6, 60)).astype(float)
    made, whole = rolled(demand, 40), np.ones(6, dtype=bool)
    advice = advice_of_the_past(made, demand, whole, 40)
    other = demand.copy()
    other[:, 40:] = rng.poisson(90.0, (6, 20))
    again = advice_of_the_past(made, other, whole, 40)
    assert (advice.candidate, advice.reason) == (again.candidate, again.reason)
    np.testing.assert_array_equal([advice.own, advice.usual], [again.own, again.usual])


UNSEEN = f"{FIRST} (default: no past interval has been seen yet)"


@pytest.mark.parametrize("weeks", [1, 5, SHORTEST_PAST + JUDGED_PERIODS - 1])
def test_advice_without_a_past_is_the_first_candidate(weeks: int) -> None:
    advice = advice_for(histories(admit(small_tables(weeks=weeks))), workers=1)
    assert set(advice.reason) == {UNSEEN}
    assert advice.factor(np.ones(6), np.ones(6)).tolist() == [1.0] * 6


def test_advice_is_given_as_soon_as_one_interval_was_seen() -> None:
    advice = advice_for(histories(admit(small_tables(weeks=SHORTEST_PAST + JUDGED_PERIODS))), workers=1)
    seen = [reason != UNSEEN for reason in advice.reason]
    assert seen == [True, True, True, True, True, False], "the new item has five weeks"


def test_periods_that_are_not_known_are_not_judged() -> None:
    demand = np.random.default_rng(4).poisson(6.0, (2, 40)).astype(float)
    made = rolled(demand, 40)
    gaps = demand.copy()
    gaps[0, SHORTEST_PAST:] = np.nan
    advice = advice_of_the_past(made, gaps, np.ones(2, dtype=bool), 40)
    assert advice.reason[0] == UNSEEN
    assert advice.reason[1] != advice.reason[0]


@pytest.mark.parametrize("name", list(CANDIDATES))
@pytest.mark.parametrize("share", [0.1, 0.5])
def test_an_interval_that_begins_within_a_period_is_as_long_as_any_other(name: str, share: float) -> None:
    """On the 28th of a month a lead time of one month is a month, not the three days that are left of this one."""
    whole, part = (outlook(first_share=each).demand([name] * ITEMS) for each in (1.0, share))
    for periods in (1.0, 2.5, 6.0):
        expected, found = (each.over(periods * ONE[:, None]) for each in (whole, part))
        np.testing.assert_allclose(found.expected, expected.expected, rtol=0.03, atol=0.01)
        np.testing.assert_allclose(found.standard_deviation, expected.standard_deviation, rtol=0.12, atol=0.01)
    little = part.over(share / 2.0 * ONE[:, None])
    np.testing.assert_allclose(little.expected, whole.over(share / 2.0 * ONE[:, None]).expected, rtol=0.05, atol=0.1)


def test_the_mean_rate_is_that_of_whole_periods() -> None:
    def rate(day: int) -> float:
        parameters = Parameters(plan_date=date(2024, 6, day), period="month", horizon_periods=6)
        paths = np.full((4, 6), 30.5, dtype=np.float32)
        left = from_now_on(Forecast(paths, "example", "even"), parameters.calendar.share_left)
        return float(mean_rate([left], parameters)[0])

    assert rate(1) == pytest.approx(30.5)
    assert rate(28) == pytest.approx(30.5)


def test_one_mistyped_row_hardly_moves_levels() -> None:
    tables = small_tables()
    slipped = tables | {"demand": tables["demand"].copy()}
    demand = slipped["demand"]
    at = demand.index[demand["item"] == "steady"][-4]
    demand.loc[at, "quantity"] = 4400.0
    before, after = (set_levels(each, admit(each), Silent(), workers=1).items for each in (tables, slipped))
    assert after["safety_stock"][0] < 1.5 * before["safety_stock"][0]
    assert after["reorder_point"][0] < 1.1 * before["reorder_point"][0]
