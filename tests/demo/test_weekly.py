"""Launches, withdrawals and stock-outs inferred from runs of zeros; the choice of products."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from invopt_xl.demo.selection import _quotas, choose, demand_pattern
from invopt_xl.demo.weekly import Grid, chance_of_zero, life_of

WEEKS = 52
demands = st.lists(st.integers(0, 30), min_size=WEEKS, max_size=WEEKS).filter(any)


def steady(level=10.0, seed=0):
    return np.random.default_rng(seed).poisson(level, WEEKS).astype(float)


def test_the_chance_of_a_zero_is_the_negative_binomials():
    weeks = np.array([0, 1, 7, 2, 0, 9, 3, 1], dtype=float)
    mean, variance = weeks.mean(), weeks.var(ddof=1)
    expected = stats.nbinom.pmf(0, mean**2 / (variance - mean), mean / variance)
    assert chance_of_zero(weeks) == pytest.approx(expected)


def test_a_gap_between_steady_sales_is_a_stock_out():
    sales = steady()
    sales[20:23] = 0
    life = life_of(sales[None, :])
    assert np.flatnonzero(life.out_of_stock[0]).tolist() == [20, 21, 22]
    assert (life.start[0], life.end[0]) == (0, WEEKS - 1)


def test_zeros_of_a_slow_mover_are_no_stock_outs():
    sales = (np.arange(WEEKS) % 3 == 0).astype(float)
    assert not life_of(sales[None, :]).out_of_stock.any()


def test_weeks_before_a_fast_movers_first_sale_are_before_its_launch():
    sales = steady()
    sales[:12] = 0
    life = life_of(sales[None, :])
    assert life.start[0] == 12
    assert life.launched.tolist() == [True]


def test_a_slow_mover_without_an_early_sale_was_there_all_the_time():
    sales = np.zeros(WEEKS)
    sales[[6, 19, 33, 45]] = 1
    life = life_of(sales[None, :])
    assert (life.start[0], life.end[0]) == (0, WEEKS - 1)


def test_weeks_after_a_fast_movers_last_sale_are_after_its_withdrawal():
    sales = steady()
    sales[40:] = 0
    life = life_of(sales[None, :])
    assert life.end[0] == 39
    assert life.withdrawn.tolist() == [True]


@given(demands)
def test_only_zeros_between_sales_are_ever_marked_and_no_sale_is_cut_off(sales):
    quantity = np.array(sales, dtype=float)
    life = life_of(quantity[None, :])
    sold = np.flatnonzero(quantity)
    marked = np.flatnonzero(life.out_of_stock[0])
    assert not quantity[marked].any()
    assert all(sold[0] < week < sold[-1] for week in marked)
    assert life.start[0] <= sold[0]
    assert life.end[0] >= sold[-1]


@given(
    st.dictionaries(st.text("abc", min_size=1, max_size=3), st.integers(1, 400), min_size=1),
    st.integers(0, 900),
)
def test_quotas_sum_to_the_total_and_no_stratum_gives_more_than_it_holds(sizes, total):
    quota = _quotas(pd.Series(sizes), total)
    assert sum(quota.values()) == min(total, sum(sizes.values()))
    assert all(0 <= quota[name] <= size for name, size in sizes.items())


def test_the_choice_holds_the_best_sellers_and_is_the_same_every_time():
    rng = np.random.default_rng(4)
    quantity = rng.poisson(rng.gamma(0.7, 6, 400)[:, None], (400, WEEKS)).astype(float)
    quantity[quantity.sum(axis=1) == 0, 0] = 1
    price = np.where(quantity > 0, 2.0, np.nan)
    grid = Grid(np.arange(400), quantity, price, price)
    departments = np.array(["GROCERY", "MEAT", "DELI", "PRODUCE"], dtype=object)[np.arange(400) % 4]
    life = life_of(quantity)
    rows = choose(grid, life, departments, 200)
    settled = np.flatnonzero(~life.launched & ~life.withdrawn)
    best = settled[np.argsort(-quantity[settled].sum(axis=1), kind="stable")][:100]
    assert len(rows) == len(set(rows.tolist())) == 200
    assert set(best.tolist()) <= set(rows.tolist())
    assert rows.tolist() == choose(grid, life, departments, 200).tolist()


def test_patterns_follow_syntetos_and_boylan():
    smooth, erratic = [5, 6, 5, 6, 5, 6], [1, 20, 1, 1, 25, 1]
    intermittent, lumpy = [0, 0, 5, 0, 0, 5], [0, 0, 1, 0, 0, 40]
    found = demand_pattern(np.array([smooth, erratic, intermittent, lumpy], dtype=float))
    assert found.tolist() == ["smooth", "erratic", "intermittent", "lumpy"]
