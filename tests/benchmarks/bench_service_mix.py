"""What a service mix saves beside uniform targets on the demo, and how long 10,000 items take.

Run with ``pytest tests/benchmarks/bench_service_mix.py``; tables are printed as they come. Forecasts, lead times, lots
and costs of the demo's items are those of its plan. Stock money includes what the lots tie up, the same for every
policy. Times are CPU time on one thread.
"""

from __future__ import annotations

from collections.abc import Callable
from time import process_time

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_limits

from invopt_xl.demo import grocery_tables
from invopt_xl.forecasting import forecast_many
from invopt_xl.plan.buffers.model import COUNT_LIMIT
from invopt_xl.plan.histories import histories
from invopt_xl.plan.quality import admit
from invopt_xl.plan.replenishment import mean_rate, observed_lead_times, order_cycle_quantity, with_terms
from invopt_xl.policy import CumulativeDemand, ReplenishmentCycle, lead_times
from invopt_xl.policy.service_mix import MixItems, ServiceBounds, ServiceExchange, beside_uniform, service_weight

Report = Callable[..., None]

HORIZON = 26
TARGETS = (0.90, 0.95, 0.98, 0.99)
PROMISED_SAVING = 0.15
PROMISED_SECONDS = 5.0


@pytest.fixture(scope="module")
def demo() -> tuple[pd.DataFrame, ReplenishmentCycle]:
    """Return the demo's items, with demand a period and usual lot, and their cycles."""
    admitted = admit(grocery_tables())
    parameters, past = admitted.parameters, histories(admitted)
    items = with_terms(admitted.tables, parameters)
    series = [past.of(row) for row in range(len(items))]
    forecasts = forecast_many(
        [one.quantity for one in series],
        HORIZON,
        in_stock=[one.in_stock for one in series],
        season=parameters.calendar.season,
    )
    length = parameters.calendar.days_per_period
    mean = np.array([forecast.cumulative_mean for forecast in forecasts])
    variance = np.array([forecast.cumulative_variance for forecast in forecasts])
    rate, review = mean_rate(forecasts, parameters), items["review_days"].to_numpy()
    stated = items["lead_time_days"].to_numpy(), items["lead_time_sd_days"].to_numpy()
    times = lead_times(*stated, observed_lead_times(items, admitted.tables))
    counts = past.whole_units & (rate * (times.mean + review) / length < COUNT_LIMIT)
    cycle = ReplenishmentCycle.of(CumulativeDemand(mean, variance, counts), times, review, length)
    lot = order_cycle_quantity(items, rate, items["lot_size"].to_numpy(), length)
    return items.assign(rate=rate, lot=lot), cycle


def weights_of(items: pd.DataFrame) -> dict[str, np.ndarray]:
    rate, price = items["rate"].to_numpy(), items["unit_price"].to_numpy()
    return {
        "units": service_weight(rate),
        "lines": service_weight(np.minimum(rate, 1.0)),
        "sales value": service_weight(rate, price),
    }


def test_the_mix_beside_uniform_targets_on_the_demo(
    demo: tuple[pd.DataFrame, ReplenishmentCycle], report: Report
) -> None:
    items, cycle = demo
    cost, lot = items["unit_cost"].to_numpy(), items["lot"].to_numpy()
    rows = []
    bounds = {"none": ServiceBounds(), "at least 80% each": ServiceBounds(lowest=0.80)}
    for name, weight in weights_of(items).items():
        for limits, bound in bounds.items():
            exchange = ServiceExchange.of(MixItems(cycle, lot, cost, weight), bound)
            for target in TARGETS:
                compared = beside_uniform(exchange, target)
                rows.append(
                    {
                        "weight": name,
                        "bounds": limits,
                        "overall fill": compared.mix.service,
                        "mix": compared.mix.money,
                        "uniform fill": compared.uniform_fill.levels.money,
                        "uniform cycle": compared.uniform_cycle.levels.money,
                        "saved beside fill": compared.saved_beside_fill,
                        "saved beside cycle": compared.saved_beside_cycle,
                        "money a point": compared.mix.price_of_a_point,
                    }
                )
    table = pd.DataFrame(rows).set_index(["weight", "bounds"])
    money = dict.fromkeys(("mix", "uniform fill", "uniform cycle", "money a point"), 0)
    report(
        f"SERVICE MIX | stock money of {len(items)} items at the same overall fill rate", table.round(3).round(money)
    )
    by_units = table.xs("units").xs("none")["saved beside fill"]
    assert (by_units >= PROMISED_SAVING).all()


def test_the_service_of_the_demo_mix_is_the_sum_over_every_position(
    demo: tuple[pd.DataFrame, ReplenishmentCycle], report: Report
) -> None:
    items, cycle = demo
    lot = np.maximum(np.round(items["lot"].to_numpy()), 1.0)
    mix = ServiceExchange.of(MixItems(cycle, lot, items["unit_cost"].to_numpy(), cycle.review)).least_money(0.95)
    missed = np.zeros(len(items))
    for unit in range(int(lot.max())):
        position = mix.reorder_point + unit + np.where(cycle.protection.whole, 0.0, 0.5)
        short = cycle.protection.shortage(position) - cycle.lead.shortage(position)
        missed += np.where(unit < lot, short, 0.0)
    exact = np.clip(1.0 - missed / lot / cycle.review, 0.0, 1.0)
    difference = np.abs(exact - mix.fill_rate)
    overall = float((exact * cycle.review).sum() / cycle.review.sum())
    report(f"overall {mix.service:.5f}, exact {overall:.5f}; largest difference of an item {difference.max():.5f}")
    assert overall == pytest.approx(mix.service, abs=5e-4)
    assert difference.max() < 2e-3


def many_items(count: int) -> MixItems:
    random = np.random.default_rng(0)
    rate, variation = random.lognormal(1.5, 1.5, count), random.uniform(0.2, 2.0, count)
    periods = np.arange(1.0, 27.0)
    variance = (variation * rate) ** 2 + np.where(rate < 20.0, rate, 0.0)
    demand = CumulativeDemand(rate[:, None] * periods, variance[:, None] * periods, rate < 20.0)
    times = lead_times(random.uniform(5.0, 60.0, count), random.uniform(0.0, 20.0, count))
    cycle = ReplenishmentCycle.of(demand, times, np.full(count, 7.0), 7.0)
    lot = np.ceil(rate * random.uniform(0.5, 4.0, count))
    return MixItems(cycle, lot, random.lognormal(1.0, 1.2, count), service_weight(rate))


def test_ten_thousand_items_take_seconds(report: Report) -> None:
    items = many_items(10_000)
    with threadpool_limits(1):
        start = process_time()
        exchange = ServiceExchange.of(items)
        exchange.least_money(0.95)
        one_target = process_time() - start
        exchange.curve()
        whole_curve = process_time() - start
        compared = beside_uniform(exchange, 0.95)
        everything = process_time() - start
    report(
        f"10,000 items, CPU seconds: one target {one_target:.2f}, curve too {whole_curve:.2f}, uniform targets too "
        f"{everything:.2f} (saved {compared.saved_beside_fill:.1%} and {compared.saved_beside_cycle:.1%})"
    )
    assert whole_curve < PROMISED_SECONDS
