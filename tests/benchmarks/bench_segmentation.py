"""How long the segments of 10,000 items with two years of weeks take.

Run with ``pytest tests/benchmarks/bench_segmentation.py --benchmark-enable``. Times are CPU time on one thread, of
which nothing is kept from run to run.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from time import process_time

import numpy as np
import pandas as pd
import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from threadpoolctl import threadpool_limits

from invopt_xl.forecasting.forecastability import forecastability
from invopt_xl.forecasting.panel.histories import Histories
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.segmentation import segment
from invopt_xl.plan.segmentation.known import histories_of

ITEMS, PERIODS = 10_000, 104
PROMISED_SECONDS, PROMISED_FOR_ERRORS = 2.5, 1.0


@pytest.fixture(scope="module")
def catalogue() -> tuple[pd.DataFrame, Histories]:
    """Return items of very different rates, some of them late, some ended, and their histories."""
    random = np.random.default_rng(8)
    rate = random.lognormal(0.5, 1.5, (ITEMS, 1)) * np.linspace(1, random.uniform(0.5, 2, ITEMS), PERIODS).T
    demand = random.poisson(rate).astype(float)
    begun = np.where(random.random(ITEMS) < 0.1, random.integers(1, PERIODS, ITEMS), 0)
    demand[np.arange(PERIODS) < begun[:, None]] = np.nan
    demand[random.random(ITEMS) < 0.05, -30:] = 0.0
    items = pd.DataFrame(
        {
            "item": [f"A{row:05d}" for row in range(ITEMS)],
            "location": "MAIN",
            "unit_cost": random.lognormal(1, 1, ITEMS),
            "unit_price": np.where(random.random(ITEMS) < 0.9, 9.0, np.nan),
            "on_hand": random.poisson(20, ITEMS).astype(float),
            "status": "active",
            "criticality": random.choice(["critical", "normal", "minor"], ITEMS),
        }
    )
    return items, histories_of(demand)


@pytest.mark.benchmark(timer=process_time)
def test_ten_thousand_items_are_segmented_in_time(
    catalogue: tuple[pd.DataFrame, Histories], benchmark: BenchmarkFixture
) -> None:
    items, past = catalogue
    with threadpool_limits(1):
        found = benchmark.pedantic(segment, args=(items, past, Parameters(date(2018, 1, 1))), rounds=3, warmup_rounds=1)
    assert found.matrix["items"].sum() == ITEMS
    _within(benchmark, PROMISED_SECONDS)


@pytest.mark.benchmark(timer=process_time)
def test_ten_thousand_histories_are_judged_in_time(
    catalogue: tuple[pd.DataFrame, Histories], benchmark: BenchmarkFixture
) -> None:
    measure: Callable[..., object] = forecastability
    with threadpool_limits(1):
        benchmark.pedantic(measure, args=(catalogue[1].quantity, 52), rounds=3, warmup_rounds=1)
    _within(benchmark, PROMISED_FOR_ERRORS)


def _within(benchmark: BenchmarkFixture, promised: float) -> None:
    if benchmark.enabled:
        assert benchmark.stats.stats.min < promised
