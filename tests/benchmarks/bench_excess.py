"""How long a review of excess takes for 10,000 items and two years of weeks, from admitted tables.

Run with ``pytest tests/benchmarks/bench_excess.py``. Times are CPU time on one thread; admission is not part of it.
"""

from __future__ import annotations

from collections.abc import Callable
from time import process_time

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_limits

from invopt_xl.plan.excess import Stock, endings_of, review
from invopt_xl.plan.histories import histories
from invopt_xl.plan.quality import Admitted, admit

Report = Callable[..., None]

ITEMS, WEEKS = 10_000, 104
PROMISED_SECONDS = 4.0
"""For a review by history alone."""


@pytest.fixture(scope="module")
def admitted() -> Admitted:
    """Return a large shop: fast and slow sellers, a tenth of which have stopped."""
    random = np.random.default_rng(8)
    rate = random.lognormal(0.5, 1.3, ITEMS)
    sold = random.poisson(rate[:, None] * random.gamma(1.0, 1.0, (ITEMS, WEEKS)))
    sold[: ITEMS // 10, -30:] = 0
    item = np.array([f"I{number:05d}" for number in range(ITEMS)], dtype=object)
    dates = pd.date_range(end="2024-06-24", periods=WEEKS, freq="7D")
    rows, weeks = np.nonzero(sold)
    demand = pd.DataFrame({"item": item[rows], "date": dates[weeks], "quantity": sold[rows, weeks]})
    cost = random.lognormal(1.0, 1.0, ITEMS).round(2) + 0.01
    items = pd.DataFrame(
        {
            "item": item,
            "supplier": np.where(random.random(ITEMS) < 0.8, "North", ""),
            "unit_cost": cost,
            "unit_price": cost * 1.5,
            "lead_time_days": 14,
            "on_hand": np.round(rate * random.lognormal(2.5, 1.0, ITEMS)),
            "shelf_life_days": np.where(random.random(ITEMS) < 0.1, 60.0, np.nan),
        }
    )
    parameters = pd.DataFrame({"name": ["plan_date"], "value": ["2024-07-01"]})
    return admit({"items": items, "demand": demand, "parameters": parameters})


def test_ten_thousand_items_are_reviewed_in_seconds(admitted: Admitted, report: Report) -> None:
    with threadpool_limits(1):
        started = process_time()
        found = review(Stock.of_tables(admitted))
        alone = process_time() - started
        endings = endings_of(histories(admitted), admitted.parameters)
        learned = process_time() - started - alone
        ending = review(Stock.of_tables(admitted, endings=endings))
        mixed = process_time() - started - alone - learned
    report(f"{ITEMS:,} items x {WEEKS} weeks: {alone:.1f} s of CPU; chances that demand ends are learned in")
    report(f"{learned:.1f} s, and the review that mixes over them takes {mixed:.1f} s")
    report(f"remains with 80%: {found.headline['remaining_80']:,.0f}, and {ending.headline['remaining_80']:,.0f}")
    report(f"{len(found.actions):,} and {len(ending.actions):,} actions")
    assert alone < PROMISED_SECONDS
