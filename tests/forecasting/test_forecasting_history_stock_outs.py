"""Unconstrained demand against a known truth."""

import time

import numpy as np
import pytest

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.forecasting.cleaning.baselines import BoolArray, demand_unit, shrunk_indices
from invopt_xl.forecasting.cleaning.history import clean_history
from invopt_xl.forecasting.cleaning.stock_outs import Sizes, fitted_sizes

MONTHS = 96
SEASON = 1 + 0.5 * np.sin(2 * np.pi * np.arange(MONTHS) / 12)


def sold(demand: FloatArray, in_stock: BoolArray, rng: np.random.Generator) -> FloatArray:
    """Return sales where the stock ran out at a random moment of each period without stock."""
    return np.where(in_stock, demand, np.floor(demand * rng.random(demand.size)))


def test_the_demand_of_seasonal_stock_outs_is_recovered_where_sales_miss_half_of_it() -> None:
    rng = np.random.default_rng(1)
    true, sales, estimated = 0.0, 0.0, 0.0
    for _ in range(30):
        demand = rng.poisson(40 * SEASON).astype(float)
        in_stock = rng.random(MONTHS) > 0.15
        recorded = sold(demand, in_stock, rng)
        clean = clean_history(recorded, in_stock, season=12)
        true += demand[~in_stock].sum()
        sales += recorded[~in_stock].sum()
        estimated += clean.values[~in_stock].sum()
    assert sales < 0.6 * true
    assert estimated == pytest.approx(true, rel=0.03)


def test_demand_above_a_stock_that_was_too_small_is_recovered() -> None:
    """High demand runs out of stock more often, so periods in stock alone understate demand."""
    rng = np.random.default_rng(2)
    true, sales, estimated = 0.0, 0.0, 0.0
    for _ in range(30):
        demand = rng.gamma(6, 50 * SEASON / 6)
        stock = 50 * SEASON * rng.uniform(0.6, 2.4, MONTHS)
        clean = clean_history(np.minimum(demand, stock), demand < stock, season=12)
        out = demand >= stock
        true += demand[out].sum()
        sales += stock[out].sum()
        estimated += clean.values[out].sum()
    assert sales < 0.77 * true
    assert estimated == pytest.approx(true, rel=0.06)


def test_a_year_without_stock_has_its_season() -> None:
    rng = np.random.default_rng(3)
    demand = rng.poisson(100 * SEASON).astype(float)
    in_stock = np.ones(MONTHS, dtype=bool)
    in_stock[48:60] = False
    clean = clean_history(np.where(in_stock, demand, 0.0), in_stock, season=12)
    error = np.abs(clean.values[48:60] - 100 * SEASON[48:60]).sum() / 1200
    assert error < 0.1
    assert clean.values[48:60].max() > 2 * clean.values[48:60].min()


def test_months_missing_from_the_record_have_their_season_too() -> None:
    demand = np.random.default_rng(4).poisson(100 * SEASON).astype(float)
    recorded = demand.copy()
    recorded[[20, 33, 34, 35, 70]] = np.nan
    gaps = np.isnan(recorded)
    estimated = clean_history(recorded, season=12).values[gaps]
    assert np.abs(estimated - 100 * SEASON[gaps]).sum() / (100 * SEASON[gaps]).sum() < 0.12


def test_a_stock_out_after_a_rise_is_estimated_at_the_new_level() -> None:
    history = np.r_[np.full(20, 10.0), np.full(5, 40.0), 0.0, np.full(5, 40.0)]
    in_stock = np.arange(history.size) != 25
    assert clean_history(history, in_stock).values[25] == pytest.approx(40, rel=0.15)


@pytest.mark.parametrize(
    ("sizes", "draw"),
    [
        (Sizes(1 / 3 + 1 / 12, 12.0, 1.0), lambda rng, n: rng.negative_binomial(3, 3 / 15, n).astype(float)),
        (Sizes(1 / 2, 2.0, 1.0), lambda rng, n: rng.poisson(2, n).astype(float)),
        (Sizes(1 / 12, 144.0, 12.0), lambda rng, n: 12.0 * rng.poisson(12, n)),
        (Sizes(0.25, 10.0, 0.0), lambda rng, n: rng.gamma(4, 2.5, n)),
    ],
    ids=["negative binomial", "Poisson", "Poisson in dozens", "gamma"],
)
def test_expected_demand_beyond_a_bound_is_that_of_draws_beyond_it(sizes: Sizes, draw) -> None:
    draws = draw(np.random.default_rng(5), 400_000)
    for bound in (0.5, 1.0, 1.5):
        least = np.rint(bound * sizes.level / (sizes.unit or 1)) * (sizes.unit or 1)
        expected = sizes.expected_beyond(np.array([sizes.level]), np.array([least]))[0]
        assert expected == pytest.approx(draws[draws >= least].mean(), rel=0.01)


def test_demand_far_beyond_the_usual_is_what_was_sold() -> None:
    for unit in (0.0, 1.0):
        assert Sizes(0.3, 10.0, unit).expected_beyond(np.array([10.0]), np.array([1e6]))[0] == 1e6


def test_the_fitted_variation_is_that_of_the_draws() -> None:
    demand = np.random.default_rng(6).gamma(4, 25, 20_000)
    assert fitted_sizes(demand, np.ones(demand.size)).squared_variation == pytest.approx(0.25, rel=0.05)


def test_the_unit_of_demand_scales_with_it() -> None:
    demand = np.array([2.0, 3.0, 7.0, 0.0])
    assert demand_unit(demand) == 1
    assert demand_unit(demand * 0.25) == 0.25
    assert demand_unit(np.zeros(3)) == 0


def test_noise_is_shrunk_to_no_season_and_a_season_is_kept() -> None:
    rng = np.random.default_rng(7)
    known = np.ones(MONTHS, dtype=bool)
    noise = shrunk_indices(rng.lognormal(0, 0.3, MONTHS), known, 12)
    season = shrunk_indices(SEASON * rng.lognormal(0, 0.1, MONTHS), known, 12)
    assert np.abs(noise - 1).max() < 0.15
    np.testing.assert_allclose(season, SEASON[:12], atol=0.12)


def test_a_hundred_periods_are_clean_within_a_few_milliseconds() -> None:
    rng = np.random.default_rng(8)
    in_stock = rng.random(MONTHS) > 0.2
    recorded = sold(rng.poisson(40 * SEASON).astype(float), in_stock, rng)
    clean_history(recorded, in_stock, season=12)
    start = time.process_time()
    for _ in range(50):
        clean_history(recorded, in_stock, season=12)
    assert (time.process_time() - start) / 50 < 0.005


def test_a_gap_in_a_wandering_level_heeds_the_nearest_periods_and_one_in_noise_all_around() -> None:
    rng = np.random.default_rng(9)
    wandering, noisy = [], []
    for _ in range(60):
        path = 100 + np.cumsum(rng.normal(0, 5, 61))
        noise = rng.normal(100, 10, 61)
        for history, errors in ((path, wandering), (noise, noisy)):
            known = np.arange(61) != 30
            errors.append(clean_history(np.where(known, history, np.nan)).values[30] - history[30])
    # Between two neighbours a walk of steps of 5 is known to 5 / sqrt(2); the mean of many periods of noise to 10.
    assert np.std(wandering) < 5 / np.sqrt(2) * 1.4
    assert np.std(noisy) < 10 * 1.2
