"""Price response: known elasticities recovered, intervals that keep their promise, and items that say nothing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest

from invopt_xl.errors import InputError
from invopt_xl.forecasting.response import Response, estimate_response, observe, trust
from invopt_xl.forecasting.response.shrinkage import Told, Tree, learn_spreads, parents, shrink

ITEMS, PERIODS, ALIKE = 300, 104, 20


@dataclass(frozen=True, eq=False)
class Made:
    """A simulated panel with the truth behind it."""

    quantity: np.ndarray
    price: np.ndarray
    promotion: np.ndarray
    groups: np.ndarray
    elasticity: np.ndarray
    lift: np.ndarray


@cache
def panel(seed: int, least: float = 0.5, most: float = 60.0) -> Made:
    """Return counts with noise, levels that wander, a season, and prices that nobody knows where nothing is sold."""
    rng = np.random.default_rng(seed)
    groups = np.arange(ITEMS) // ALIKE
    elasticity = -2 + 0.6 * rng.standard_normal(ITEMS // ALIKE)[groups] + 0.5 * rng.standard_normal(ITEMS)
    lift = 0.4 + 0.2 * rng.standard_normal(ITEMS)
    promotion = rng.random((ITEMS, PERIODS)) < 0.08
    cut = (rng.random((ITEMS, PERIODS)) < 0.15 * rng.random((ITEMS, 1))) | (
        promotion & (rng.random((ITEMS, PERIODS)) < 0.7)
    )
    price = np.where(cut, rng.choice([0.7, 0.8, 0.9], cut.shape), 1.0)
    level = np.log(rng.uniform(least, most, ITEMS))[:, None] + np.cumsum(0.03 * rng.standard_normal(cut.shape), axis=1)
    season = 0.3 * np.sin(2 * np.pi * np.arange(PERIODS) / 52)
    mean = np.exp(level + season + elasticity[:, None] * np.log(price) + lift[:, None] * promotion)
    quantity = rng.poisson(mean * rng.gamma(10, 0.1, mean.shape)).astype(float)
    shown = np.where(quantity > 0, price, np.nan)
    return Made(quantity, shown, promotion.astype(float), groups.astype(str), elasticity, lift)


@cache
def response(seed: int, least: float = 0.5, most: float = 60.0) -> Response:
    made = panel(seed, least, most)
    seen = observe(made.quantity, made.quantity >= 0, made.price, {"promotion": made.promotion})
    return estimate_response(seen, [made.groups], 52)


def unshrunk(found: Response) -> np.ndarray:
    """Return the elasticities that each item's own history says."""
    told = found.fitted.told
    ridge = told.information + 1e-6 * np.eye(told.score.shape[1])
    return np.linalg.solve(ridge, told.score[..., None])[:, 0, 0]


def test_known_elasticities_and_lifts_are_recovered() -> None:
    made, found = panel(1), response(1)
    assert found.elasticity.mean() == pytest.approx(made.elasticity.mean(), abs=0.1)
    assert found.mean[:, 1].mean() == pytest.approx(made.lift.mean(), abs=0.06)
    assert np.corrcoef(found.elasticity, made.elasticity)[0, 1] > 0.7


def test_intervals_of_80_percent_hold_the_truth_in_about_80_of_100() -> None:
    inside = []
    for seed in (1, 2):
        made, found = panel(seed), response(seed)
        for column, truth in enumerate((made.elasticity, made.lift)):
            low, high = found.interval(column)
            inside.append(((low <= truth) & (truth <= high)).mean())
    assert 0.74 < np.mean(inside) < 0.86


def test_borrowing_from_alike_items_is_nearer_the_truth_than_each_alone_or_all_the_same() -> None:
    made, found = panel(1), response(1)
    error = np.sqrt(np.mean((found.elasticity - made.elasticity) ** 2))
    assert error < np.std(made.elasticity)
    assert np.mean((found.elasticity - made.elasticity) ** 2) < np.mean((unshrunk(found) - made.elasticity) ** 2)


def test_slow_items_whose_price_is_unknown_without_a_sale_are_not_far_off() -> None:
    """Most weeks sell nothing; taking their price for the usual one, or the last, would be wrong by 0.4 to 0.9."""
    made, found = panel(1, 0.2, 2.0), response(1, 0.2, 2.0)
    assert found.elasticity.mean() == pytest.approx(made.elasticity.mean(), abs=0.3)


def test_weight_of_own_data_grows_with_what_the_item_has_seen() -> None:
    found = response(1)
    few, many = np.quantile(found.seen.price_changes, [0.2, 0.8])
    own = found.own[:, 0]
    assert own[found.seen.price_changes <= few].mean() < own[found.seen.price_changes >= many].mean()
    assert ((own >= 0) & (own <= 1)).all()


def test_scale_of_demand_and_price_does_not_matter() -> None:
    made, found = panel(1), response(1)
    seen = observe(made.quantity * 1000, made.quantity >= 0, made.price * 7, {"promotion": made.promotion})
    # Whole thousands are never a count: nothing but the guess at unknown prices may differ.
    again = estimate_response(seen, [made.groups], 52)
    brisk = (made.quantity > 0).all(axis=1)
    assert again.elasticity[brisk] == pytest.approx(found.elasticity[brisk], abs=0.05)


def test_stock_outs_do_not_count() -> None:
    made = panel(1)
    cut = made.price < 0.95
    emptied = np.where(cut, 0.0, made.quantity)
    seen = observe(emptied, ~cut, made.price, {"promotion": made.promotion})
    assert seen.price_changes.sum() == 0
    assert np.quantile(estimate_response(seen, [made.groups]).own[:, 0], 0.9) < 0.001


def flat(rows: int, price: float = 2.0) -> tuple[np.ndarray, np.ndarray]:
    demand = np.random.default_rng(5).poisson(9.0, (rows, 60)).astype(float)
    return demand, np.full(demand.shape, price)


def test_items_that_say_nothing_are_named() -> None:
    demand, price = flat(6)
    price[0] = np.nan
    demand[1] = 0.0
    demand[2, :-1] = np.nan
    demand[3] = 0.0
    demand[3, 10] = -4.0
    demand[3, [20, 30]] = 1.0
    price[4, ::2] = 0.0
    found = estimate_response(observe(demand, demand > -9, price, {}))
    judged = trust(found)
    assert found.seen.why[:4] == (
        "no price in its history",
        "no sale on record",
        "fewer than 8 periods of known demand",
        "fewer than 3 periods with a sale",
    )
    assert found.seen.why[4:] == ("", "")
    assert not judged.usable.any()
    assert judged.why[0] == "no price in its history"
    assert judged.why[5] == "not enough price changes to tell: 0 of its own in 0 periods, and 0 items like it tell"


@pytest.mark.parametrize("periods", [0, 1, 2])
def test_a_past_of_hardly_any_period_is_named_and_answers_nothing(periods: int) -> None:
    demand = np.full((3, periods), 4.0)
    found = estimate_response(observe(demand, demand >= 0, 0 * demand + 2.0, {}))
    judged = trust(found)
    assert not judged.usable.any()
    assert all(judged.why)
    assert np.isfinite(found.elasticity).all()


def test_two_noisy_points_are_not_enough() -> None:
    demand, price = flat(1)
    price[0, [20, 40]] = 1.5
    demand[0, [20, 40]] = 60.0
    judged = trust(estimate_response(observe(demand, demand >= 0, price, {})))
    assert not judged.usable[0]
    assert judged.why[0].startswith("not enough price changes to tell: 2 of its own in 2 periods")


def test_demand_that_rises_with_the_price_is_not_used() -> None:
    demand, price = flat(1)
    price[0, ::5] = 1.5
    demand[0, ::5] = 4.0
    judged = trust(estimate_response(observe(demand, demand >= 0, price, {})))
    assert judged.why[0] == "demand did not clearly rise where the price was lower (12 periods)"
    assert not judged.usable[0]


def test_an_item_without_price_changes_borrows_from_enough_that_had_them() -> None:
    rng = np.random.default_rng(2)
    price = np.where(np.arange(80) % 5 == 0, 0.8, 1.0) * np.ones((8, 1))
    price[0] = 1.0
    demand = rng.poisson(30 * price**-2.5).astype(float)
    judged = trust(estimate_response(observe(demand, demand >= 0, price, {})))
    assert judged.usable[0]
    assert not judged.own[0]
    assert judged.why[0] == "mostly 7 items like it; another price in 0 periods of its own"
    assert judged.lowest[0] == pytest.approx(0.8 * np.exp(-0.1))


def test_tables_of_different_shapes_are_named() -> None:
    demand, price = flat(2)
    with pytest.raises(InputError, match=r"shape of price is \(2, 59\); expected \(2, 60\)"):
        observe(demand, demand >= 0, price[:, 1:], {})


def test_the_tree_gives_what_the_whole_normal_system_gives() -> None:
    """The posterior of all nodes together, from one large system of equations, effects known to have given spreads."""
    rng = np.random.default_rng(8)
    above = parents([np.array(["a", "a", "b", "b", "b"]), np.array(["x", "x", "x", "x", "x"])])
    information = np.zeros((5, 2, 2))
    for item in range(4):  # the last item says nothing
        half = rng.standard_normal((2, 3))
        information[item] = half @ half.T
    score = np.einsum("nij,nj->ni", information, rng.standard_normal((5, 2)))
    spreads = [np.diag([0.5, 0.2]), np.array([[0.3, 0.1], [0.1, 0.4]]), np.diag([0.6, 0.6])]
    root = np.array([-1.0, 0.5]), np.diag([2.0, 1.0])
    floors = shrink(Told(information, score), Tree(tuple(above), *root), spreads)
    offsets = np.cumsum([0, 5, 2, 1, 1])
    precision, right = np.zeros((18, 18)), np.zeros(18)
    for item in range(5):
        precision[2 * item : 2 * item + 2, 2 * item : 2 * item + 2] += information[item]
        right[2 * item : 2 * item + 2] += score[item]
    for floor, (parent, spread) in enumerate(zip(above, spreads, strict=True)):
        for node, up in enumerate(parent):
            link = np.zeros((2, 18))
            link[:, 2 * (offsets[floor] + node) : 2 * (offsets[floor] + node) + 2] = np.eye(2)
            link[:, 2 * (offsets[floor + 1] + up) : 2 * (offsets[floor + 1] + up) + 2] -= np.eye(2)
            precision += link.T @ np.linalg.inv(spread) @ link
    precision[16:, 16:] += np.linalg.inv(root[1])
    right[16:] += np.linalg.inv(root[1]) @ root[0]
    whole = np.linalg.inv(precision)
    assert floors[0].mean.ravel() == pytest.approx((whole @ right)[:10])
    for item in range(5):
        assert floors[0].covariance[item] == pytest.approx(whole[2 * item : 2 * item + 2, 2 * item : 2 * item + 2])


def test_spreads_are_learned() -> None:
    rng = np.random.default_rng(4)
    truth = -2 + 0.5 * rng.standard_normal((400, 1))
    information = np.full((400, 1, 1), 10.0)
    score = 10.0 * (truth + rng.standard_normal((400, 1)) / np.sqrt(10))
    tree = Tree((np.zeros(400, dtype=np.intp),), np.zeros(1), np.eye(1) * 9)
    (spread,) = learn_spreads(Told(information, score), tree, [np.eye(1)], np.eye(1) * 0.49, 50)
    assert np.sqrt(spread[0, 0]) == pytest.approx(0.5, abs=0.06)


def test_shocks_that_items_of_a_group_share_widen_what_the_group_is_known_by() -> None:
    """All items of a group err together; formulas for independent errors would be far too sure."""
    rng = np.random.default_rng(6)
    groups = np.repeat(np.arange(24), 15)
    price = np.where(rng.random((24, PERIODS)) < 0.25, 0.8, 1.0)[groups]
    shock = 0.4 * rng.standard_normal((24, PERIODS))[groups]
    quantity = rng.poisson(50 * price**-2.0 * np.exp(shock)).astype(float)
    found = estimate_response(observe(quantity, quantity >= 0, price, {}), [groups.astype(str)])
    low, high = found.interval()
    assert 0.6 < ((low <= -2) & (high >= -2)).mean() < 0.95
