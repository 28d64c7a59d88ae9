"""The replay against a walk through single items in plain Python, and against what theory says of simple cases."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from invopt_xl.errors import InputError
from invopt_xl.policy.replay import Replay, Rules, World, replay


def world(seed: int = 0, items: int = 6, periods: int = 40, *, lost: bool = True, lot: float = 1.0) -> World:
    rng = np.random.default_rng(seed)
    return World(
        rng.poisson(5, (items, periods)).astype(float),
        rng.integers(0, 4, (items, periods)),
        rng.integers(1, 4, items),
        np.full(items, 2 * lot),
        np.full(items, lot),
        lost,
    )


def rules(of: World, seed: int = 1) -> Rules:
    rng = np.random.default_rng(seed)
    low = rng.integers(5, 30, of.demand.shape).astype(float)
    return Rules(low, low + rng.integers(0, 20, of.demand.shape))


def walked(of: World, by: Rules, item: int) -> list[tuple[float, float, float]]:
    """Served, on hand at the end and ordered of each period, one item alone."""
    on_hand, waiting = float(by.order_up_to[item, 0]), 0.0
    coming: dict[int, float] = {}
    told = []
    for period, asked in enumerate(of.demand[item]):
        ordered = 0.0
        position = on_hand - waiting + sum(coming.values())
        if period % of.review_periods[item] == 0 and position < by.reorder_point[item, period]:
            wanted = max(by.order_up_to[item, period] - position, of.minimum[item])
            if by.order_up_to[item, period] > position:
                ordered = -(-wanted // of.lot[item]) * of.lot[item]
                due = period + int(of.lead_periods[item, period])
                coming[due] = coming.get(due, 0.0) + ordered
        on_hand += coming.pop(period, 0.0)
        backlog = min(waiting, on_hand)
        waiting, on_hand = waiting - backlog, on_hand - backlog
        served = min(asked, on_hand)
        on_hand -= served
        waiting += 0.0 if of.lost else asked - served
        told.append((served, on_hand, ordered))
    return told


@pytest.mark.parametrize("lost", [True, False])
@pytest.mark.parametrize("lot", [1.0, 6.0])
def test_all_items_at_once_are_each_item_alone(lost: bool, lot: float) -> None:
    of = world(lost=lost, lot=lot)
    by = rules(of)
    made = replay(of, by)
    for item in range(len(of.demand)):
        alone = np.array(walked(of, by, item)).T
        for got, expected in zip((made.served, made.closing, made.ordered), alone, strict=True):
            np.testing.assert_allclose(got[item], expected)


@given(st.integers(0, 10_000), st.booleans())
def test_units_are_neither_made_nor_lost(seed: int, lost: bool) -> None:
    of = world(seed, lost=lost)
    made = replay(of, rules(of, seed + 1))
    start = made.opening[:, 0] - made.received[:, 0]
    if lost:
        left = start + made.received.sum(axis=1) - made.served.sum(axis=1)
        np.testing.assert_allclose(left, made.closing[:, -1])
    assert (made.served <= made.demand).all()
    assert (made.closing >= 0).all()
    assert (made.served <= made.opening).all()


@given(st.integers(0, 10_000))
def test_more_stock_never_serves_less_where_demand_waits(seed: int) -> None:
    of = world(seed, lost=False)
    level = np.repeat(np.random.default_rng(seed).integers(5, 30, (6, 1)).astype(float), 40, axis=1)
    one = np.ones(6)
    of = World(of.demand, of.lead_periods, of.review_periods, one, one, lost=False)
    low, high = (replay(of, Rules(levels, levels)) for levels in (level, level + 3))
    assert (high.served.sum(axis=1) >= low.served.sum(axis=1)).all()


def long_run(level: float, *, lost: bool = False) -> Replay:
    rng = np.random.default_rng(4)
    shape = (200, 600)
    demand = rng.poisson(5, shape).astype(float)
    one = np.ones(200)
    levels = np.full(shape, level)
    return replay(World(demand, np.full(shape, 2), np.ones(200, dtype=int), one, one, lost), Rules(levels, levels))


def test_base_stock_with_backorders_has_the_ready_rate_of_demand_over_lead_time_and_review() -> None:
    from scipy import stats

    assert 1 - long_run(20).short[:, 10:].mean() == pytest.approx(stats.poisson.cdf(20, 15), abs=0.005)


def test_base_stock_with_backorders_has_the_fill_rate_of_sobel() -> None:
    from scipy import stats

    units = np.arange(200)

    def shortage(mean: float) -> float:
        return float(np.maximum(units - 20, 0) @ stats.poisson.pmf(units, mean))

    expected = 1 - (shortage(15) - shortage(10)) / 5
    assert np.nanmean(long_run(20).fill_rate) == pytest.approx(expected, abs=0.003)


def test_lost_demand_leaves_more_stock_than_waiting_demand() -> None:
    assert long_run(18, lost=True).stock.mean() > long_run(18).stock.mean()


def test_a_cycle_is_unbroken_if_no_period_from_receipt_to_receipt_was_short() -> None:
    demand = np.array([[5.0, 5, 5, 5, 9, 1, 5, 5, 5, 5]])
    one = np.ones(1)
    levels = np.full((1, 10), 10.0)
    made = replay(
        World(demand, np.ones((1, 10), dtype=int), np.ones(1, dtype=int), one, one, False), Rules(levels, levels)
    )
    # Ordered is what was asked for the period before: a receipt each period, and only the 9 found 5 units on hand.
    assert made.short[0].tolist() == [False] * 4 + [True] + [False] * 5
    assert (made.cycles.tolist(), made.unbroken.tolist()) == ([8], [7])


def test_unknown_demand_neither_takes_stock_nor_counts() -> None:
    demand = np.array([[5.0, 5, np.nan, 5, 5, 5]])
    one = np.ones(1)
    levels = np.full((1, 6), 15.0)
    made = replay(World(demand, np.ones((1, 6), dtype=int), np.ones(1, dtype=int), one, one), Rules(levels, levels))
    assert made.measured[0].tolist() == [False, False, False, True, True, True]
    assert made.fill_rate.tolist() == [1.0]
    assert np.isfinite(made.closing).all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"demand": -np.ones((6, 40))}, "smallest demand"),
        ({"lot": np.zeros(6)}, "smallest lot"),
        ({"review_periods": np.zeros(6, dtype=int)}, "review periods"),
        ({"lead_periods": np.full((6, 40), -1)}, "lead times"),
        ({"minimum": np.ones(5)}, "minimum is of shape"),
    ],
)
def test_a_world_that_cannot_be_is_refused_in_a_line(change: dict[str, object], words: str) -> None:
    of = world()
    with pytest.raises(InputError, match=words):
        World(**{**vars(of), **change})  # type: ignore[arg-type]


def test_rules_for_other_items_are_refused() -> None:
    of = world()
    with pytest.raises(InputError, match="reorder point is of shape"):
        replay(of, rules(world(items=3)))


def test_orders_may_take_longer_than_anybody_watches() -> None:
    one = np.ones(1)
    demand = np.full((1, 6), 3.0)
    world = World(demand, np.full((1, 6), 10**9), np.ones(1, dtype=np.int64), one, one)
    levels = np.full((1, 6), 12.0)
    made = replay(world, Rules(levels, levels))
    assert made.received.sum() == 0
    assert made.served.sum() == 12
    assert not made.measured.any()


def test_periods_are_measured_from_where_it_is_said() -> None:
    one = np.ones(1)
    demand = np.array([[3.0, 3.0, np.nan, 3.0, 3.0]])
    world = World(demand, np.ones((1, 5), dtype=np.int64), np.ones(1, dtype=np.int64), one, one)
    assert world.measured.tolist() == [[False, False, False, True, True]]
    later = replace(world, measured_from=np.array([4]))
    levels = np.full((1, 5), 6.0)
    assert replay(later, Rules(levels, levels)).measured.tolist() == [[False, False, False, False, True]]
