"""The chance that demand has ended: calibrated on items whose end is known, and sound whatever the history."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np
import numpy.typing as npt
import pytest
from ended_demand import Simulated, simulated
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import betaln

from invopt_xl.forecasting.ending import EndingModel, demand_endings, exposures, fit_ending_model, intervals_seen
from invopt_xl.forecasting.ending.model import (
    INTERRUPTION_PERIODS,
    INTERRUPTION_TAIL,
    PRIOR_INTERVALS,
    SHIPPED,
    silence_chance,
)
from invopt_xl.forecasting.ending.walk import Pace, state_after

Floats = npt.NDArray[np.float64]


@cache
def known_ends() -> Simulated:
    return simulated()


@cache
def learned() -> EndingModel:
    made = known_ends()
    return fit_ending_model(intervals_seen(made.quantity, exposures(made.quantity, made.first)))


def none_before(quantity: Floats) -> npt.NDArray[np.int64]:
    return np.zeros(len(quantity), dtype=np.int64)


def test_chances_of_having_ended_mean_what_they_say() -> None:
    made = known_ends()
    ended = demand_endings(made.quantity, made.first, model=learned()).ended
    judged = ~np.isnan(ended)
    assert judged.mean() > 0.9
    assert ended[judged].mean() == pytest.approx(made.ended[judged].mean(), abs=0.04)
    for low, high in [(0.0, 0.1), (0.1, 0.5), (0.5, 0.95), (0.95, 1.0)]:
        among = judged & (ended >= low) & (ended < high)
        assert among.sum() > 20
        assert ended[among].mean() == pytest.approx(made.ended[among].mean(), abs=0.2)


def test_the_chance_that_none_comes_soon_means_what_it_says() -> None:
    made = known_ends()
    cut, ahead = 40, 8
    past = made.quantity[:, :cut]
    exposure = exposures(past, made.first)
    told = fit_ending_model(intervals_seen(past, exposure)).none_in(state_after(past, exposure), ahead)
    came_true = (made.quantity[:, cut : cut + ahead] == 0).all(axis=1)
    assert told.mean() == pytest.approx(came_true.mean(), abs=0.04)
    for low, high in [(0.0, 0.2), (0.2, 0.7), (0.7, 1.0)]:
        among = (told >= low) & (told < high)
        assert told[among].mean() == pytest.approx(came_true[among].mean(), abs=0.1)


def test_the_hazard_is_the_share_of_items_that_end_in_a_period() -> None:
    made = known_ends()
    found = demand_endings(made.quantity, made.first, model=learned())
    demand_comes = (made.quantity[~made.ended] > 0).mean()
    assert np.nanmean(found.hazard[~made.ended]) == pytest.approx(0.02 * demand_comes, rel=0.3)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from([0.0, 1.0, 5.0]), min_size=8, max_size=30), st.integers(1, 12))
def test_a_longer_silence_never_lowers_the_chance(history: list[float], longer: int) -> None:
    quantity = np.array([[*history, *[0.0] * longer]])
    chances = [
        demand_endings(quantity[:, :end], none_before(quantity), model=learned()).ended[0]
        for end in range(len(history), quantity.shape[1] + 1)
    ]
    told = [chance for chance in chances if not math.isnan(chance)]
    assert told == sorted(told)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.001, 12.0, 1e6]))
def test_units_and_the_order_of_items_change_nothing(seed: int, scale: float) -> None:
    quantity = simulated(40, 30, seed=seed).quantity
    order = np.random.default_rng(seed).permutation(len(quantity))
    one = demand_endings(quantity, none_before(quantity))
    other = demand_endings(scale * quantity[order], none_before(quantity))
    assert np.allclose(one.ended[order], other.ended, rtol=1e-3, equal_nan=True)
    assert np.allclose(one.hazard[order], other.hazard, rtol=1e-3, equal_nan=True)
    assert [one.reason[row] for row in order] == list(other.reason)


def test_the_chance_of_a_silence_is_that_of_beta_distributed_chances_and_interruptions() -> None:
    model = EndingModel((0.7, 1.2), 0.1, SHIPPED.weights)
    pace = Pace(*(np.array([known]) for known in (4.0, 6.0, 5.0, 1.0)))
    share = (PRIOR_INTERVALS * 0.1 + 1) / (PRIOR_INTERVALS + 5)
    for silence in (0, 1, 7):
        usual = math.exp(betaln(0.7 + 4, 1.2 + 6 + silence) - betaln(0.7 + 4, 1.2 + 6))
        interrupted = (1 + silence / INTERRUPTION_PERIODS) ** -INTERRUPTION_TAIL
        found = silence_chance(model, pace, np.array([float(silence)]))
        assert found[0] == pytest.approx((1 - share) * usual + share * interrupted)


@settings(max_examples=25, deadline=None)
@given(st.integers(20, 110), st.integers(1, 30), st.integers(5, 40))
def test_a_longer_steady_history_before_a_silence_never_lowers_the_chance(steady: int, more: int, silent: int) -> None:
    short, long = (
        demand_endings(quantity, none_before(quantity), model=SHIPPED).ended[0]
        for quantity in (np.array([[60.0] * weeks + [0.0] * silent]) for weeks in (steady, steady + more))
    )
    assert long >= short


def few_items_of_which_two_fell_silent(weeks: int) -> Floats:
    quantity = np.full((10, weeks), 60.0)
    quantity[0, -8:] = 0.0
    quantity[1, -20:] = 0.0
    return quantity


def test_what_sold_every_week_and_then_no_more_has_most_likely_ended_in_a_small_portfolio_too() -> None:
    told = []
    for weeks in (52, 70, 120):
        quantity = few_items_of_which_two_fell_silent(weeks)
        ended = demand_endings(quantity, none_before(quantity)).ended
        assert ended[0] > 0.9
        assert ended[1] > 0.95
        assert ended[2:].max() < 0.02
        told.append(ended[:2])
    assert (np.diff(told, axis=0) > -0.002).all()


def test_an_item_that_paused_before_is_likelier_to_come_back_and_says_so() -> None:
    quantity = few_items_of_which_two_fell_silent(100)
    quantity[2, 30:39] = 0.0
    quantity[2, -8:] = 0.0
    found = demand_endings(quantity, none_before(quantity))
    assert found.ended[2] < found.ended[0] - 0.2
    assert found.reason[0] == "no sale for 8 weeks; it used to sell every week"
    assert found.reason[2].endswith("; it paused for up to 9 weeks before")


def test_of_two_items_silent_as_long_the_likelier_to_have_ended_says_what_its_sales_did_before() -> None:
    quantity = few_items_of_which_two_fell_silent(100)
    quantity[2] = np.r_[np.full(60, 60.0), np.linspace(60.0, 10.0, 32).round(), np.zeros(8)]
    quantity[3, -8:] = 0.0
    paired = np.tile(quantity, (4, 1))
    model = replace(SHIPPED, interruption=0.05)
    found = demand_endings(paired, none_before(paired), model=model)
    assert found.ended[2] > found.ended[3] + 0.02
    assert found.reason[2].endswith("; its sales had become smaller")
    assert found.reason[3].endswith("; it sold as ever until then, which speaks for a pause")


def test_an_item_silent_for_long_is_likelier_to_have_ended_than_one_that_always_was() -> None:
    quantity = known_ends().quantity.copy()
    quantity[0] = [1.0] * 48 + [0.0] * 12
    quantity[1] = [1.0, *[0.0] * 11] * 5
    found = demand_endings(quantity, none_before(quantity), model=learned())
    assert found.ended[0] > 0.8
    assert found.ended[1] < 0.3
    assert found.reason[0] == "no sale for 12 weeks; it used to sell every week"


def test_a_stop_of_all_sales_ends_no_item() -> None:
    quantity = simulated(300, 60, last=0.0).quantity
    stopped = np.concatenate([quantity, np.zeros((300, 12))], axis=1)
    found = demand_endings(stopped, none_before(quantity))
    assert np.nanmax(found.ended) < 0.5
    assert "few items sold at all" in found.reason[0]


def test_periods_out_of_stock_or_unknown_are_no_silence() -> None:
    made = known_ends()
    quantity = made.quantity.copy()
    quantity[:3] = [1.0] * 50 + [0.0] * 10
    in_stock = np.ones(quantity.shape, dtype=bool)
    in_stock[1, 50:] = False
    quantity[2, 50:] = np.nan
    found = demand_endings(quantity, made.first, in_stock, model=learned())
    assert found.ended[0] > 0.8
    assert found.ended[1] < 0.1
    assert found.ended[2] < 0.1


def test_an_item_that_was_silent_a_year_ago_as_well_is_told_with_less_certainty() -> None:
    quantity = simulated(200, 34, last=0.005, seed=2).quantity
    quantity[0] = [3.0] * 6 + [0.0] * 6 + [3.0] * 6 + [0.0] * 6 + [3.0] * 6 + [0.0] * 4
    quantity[1] = [3.0] * 30 + [0.0] * 4
    found = demand_endings(quantity, none_before(quantity), period="month")
    assert found.ended[0] < found.ended[1]
    assert "4 months" in found.reason[0]


def goods_of_two_summers_beside_others(silent: int) -> Floats:
    """Return nine items; the first sold for half of each of two years and then no more, the second rarely."""
    quantity = np.full((9, 104 + silent), 60.0)
    quantity[0] = np.resize(np.repeat([60.0, 0.0], 26), 104 + silent)
    quantity[0, 78:] = 0.0
    quantity[1] = np.resize([2.0] + [0.0] * 25, 104 + silent)
    return quantity


@pytest.mark.parametrize("silent", [-12, 0])
def test_goods_that_rest_in_the_season_in_which_they_rested_before_have_not_ended(silent: int) -> None:
    quantity = goods_of_two_summers_beside_others(silent)
    found = demand_endings(quantity, none_before(quantity))
    assert found.ended[0] < 0.1
    assert found.reason[0].startswith(f"no sale for {26 + silent} weeks; ")
    told = f"; for {26 + silent} weeks of its silence it was off-season, as in earlier years, which proves nothing"
    assert found.reason[0].endswith(told)


def test_goods_that_miss_their_season_have_likely_ended() -> None:
    quantity = goods_of_two_summers_beside_others(8)
    found = demand_endings(quantity, none_before(quantity))
    assert found.ended[0] > 0.5
    assert "; for 28 weeks of its silence it was off-season" in found.reason[0]


def test_a_rare_seller_whose_silence_falls_where_one_fell_a_year_ago_is_not_excused() -> None:
    quantity = goods_of_two_summers_beside_others(0)
    assert (exposures(quantity, none_before(quantity))[1] > 0).all()


def test_a_price_cut_before_a_silence_is_told() -> None:
    made = known_ends()
    quantity, price = made.quantity.copy(), np.full(made.quantity.shape, 10.0)
    quantity[:2] = [1.0] * 56 + [0.0] * 4
    price[0, 53:] = 6.0
    found = demand_endings(quantity, made.first, price=price, model=learned())
    assert found.ended[0] > found.ended[1]
    assert found.reason[0].endswith("its price had been cut")


@pytest.mark.parametrize(
    ("quantity", "reason"),
    [
        (np.ones((1, 1)), "too short to tell: sold in 1 week, of 1 week known"),
        (np.zeros((2, 30)), "nothing was ever sold"),
        (np.full((2, 30), np.nan), "nothing was ever sold"),
        (np.full((2, 30), np.inf), "nothing was ever sold"),
        (-np.ones((2, 30)), "nothing was ever sold"),
        (np.zeros((2, 0)), "nothing was ever sold"),
        (np.array([[0.0] * 28 + [3.0, 2.0]]), "too short to tell: sold in 2 weeks, of 2 weeks known"),
    ],
)
def test_what_cannot_be_judged_has_no_chance_but_a_reason(quantity: Floats, reason: str) -> None:
    found = demand_endings(quantity, none_before(quantity))
    assert np.isnan(found.ended).all()
    assert np.isnan(found.hazard).all()
    assert set(found.reason) == {reason}


def test_no_items_have_no_chances() -> None:
    assert len(demand_endings(np.zeros((0, 5)), np.zeros(0, dtype=np.int64)).ended) == 0


@pytest.mark.parametrize("items", [1, 500])
def test_nothing_is_ever_certain(items: int) -> None:
    dead, alive = np.array([1.0] * 30 + [0.0] * 400), np.ones(430)
    quantity = np.concatenate([np.tile(alive, (items, 1)), dead[None]])
    ended = demand_endings(quantity, none_before(quantity)).ended
    assert 0.9 < ended[-1] < 1
    assert (ended[:-1] > 0).all()


def test_few_demands_leave_the_model_where_it_was() -> None:
    quantity = np.array([[1.0, 0.0] * 10])
    model = fit_ending_model(intervals_seen(quantity, np.ones(quantity.shape)))
    assert np.allclose(model.weights, SHIPPED.weights, atol=0.3)
    nothing = intervals_seen(quantity[:, :1], np.ones((1, 1)))
    assert fit_ending_model(nothing) is SHIPPED


def test_weights_that_call_a_demand_that_came_again_the_last_are_learned_without_dividing_by_nothing() -> None:
    quantity = few_items_of_which_two_fell_silent(60)
    seen = intervals_seen(quantity, exposures(quantity, none_before(quantity)))
    model = fit_ending_model(replace(seen, features=-100.0 * seen.features))
    assert np.isfinite(model.weights).all()
