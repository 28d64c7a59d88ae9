"""Achieved against target service: levels set from 104 periods of history, judged on what the true process does next.

Run with ``pytest tests/benchmarks/bench_service.py``; tables are printed as they come, about two minutes of CPU time.

Seven kinds of demand and lead time, 150 items each, a target of 95% no stock-out over the protection interval, review
every period. Every item has its own history and, where lead times vary, its own 24 observed ones. The level is set at
the end of the history, from nothing else; it is judged by many continuations of the true process from the same state,
with lead times drawn from their true distribution ("same state"), and by demand from any state of it ("any state":
the same but for autocorrelated demand). Printed is the mean achieved, %, and in brackets the mean over items of the
absolute error, in points.

- textbook: mean x P + z x sigma x sqrt(P), P the mean protection interval.
- forecast: the product's forecast as it is, sample paths over the random interval.
- plan: what a plan does, forecast and history pooled unless eight past reviews advise otherwise.
- family known: where it is autocorrelated, the Bayesian predictive distribution of each item alone that knows demand
  to be AR(1), with flat priors: what 104 periods of one item allow.

Histories are drawn twice, with one seed and another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import process_time

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from invopt_xl.domain import Forecast
from invopt_xl.forecasting.backtest.rolling import rolling_forecasts
from invopt_xl.plan.interval_demand import Outlook, advice_of_the_past, foreseen, past_reviews
from invopt_xl.policy import CumulativeDemand, Family, LeadTimes, Measure, ReplenishmentCycle, lead_times, stock_levels

FloatArray = npt.NDArray[np.float64]
Report = Callable[..., None]

ITEMS, PERIODS, RECEIPTS, TARGET = 150, 104, 24, 0.95
LONGEST, CONTINUATIONS = 12, 20_000
Z = 1.6448536
ERROR, OFF = 3.0, 1.0
"""Points: the mean absolute error allowed in every row, and how far the mean may be from the target."""
LUCK = 0.1
"""Points by which other 150 items may have an error of their own."""
BESIDE_KNOWN = 0.5
"""Points that the error may be above that of the method that knows the process."""


@dataclass(frozen=True)
class Process:
    """A kind of demand: histories, and what follows them."""

    name: str
    draw: Callable[[np.random.Generator, int, int], FloatArray]
    slow: bool = False
    persistence: float = 0.0
    textbook: tuple[str, str] = ("-", "-")

    def follow(self, rng: np.random.Generator, history: FloatArray) -> FloatArray:
        """Return continuations, demand from now to the end of each period."""
        if not self.persistence:
            return self.draw(rng, CONTINUATIONS, LONGEST).cumsum(axis=1)
        level, demand = np.full(CONTINUATIONS, history[-1] - 100.0), np.empty((CONTINUATIONS, LONGEST))
        for period in range(LONGEST):
            level = self.persistence * level + rng.normal(0.0, 20.0, CONTINUATIONS)
            demand[:, period] = level
        return np.maximum(demand + 100.0, 0.0).cumsum(axis=1)


def autocorrelated(rng: np.random.Generator, items: int, periods: int) -> FloatArray:
    """AR(1) with persistence 0.6, mean 100 and deviation 25."""
    level, demand = rng.normal(0.0, 25.0, items), np.empty((items, periods))
    for period in range(periods):
        level = 0.6 * level + rng.normal(0.0, 20.0, items)
        demand[:, period] = level
    return np.maximum(demand + 100.0, 0.0)


PROCESSES = (
    Process("smooth (gamma, CV 0.25)", lambda rng, n, t: rng.gamma(16.0, 100.0 / 16.0, (n, t))),
    Process("AR(1) 0.6 (CV 0.25)", autocorrelated, persistence=0.6),
    Process("gamma, CV 0.9", lambda rng, n, t: rng.gamma(1 / 0.81, 81.0, (n, t))),
    Process(
        "intermittent (30%, geometric, 4 each)",
        lambda rng, n, t: rng.binomial(1, 0.3, (n, t)) * rng.geometric(0.25, (n, t)).astype(float),
        slow=True,
    ),
)
LEAD_TIMES = {"fixed 4": ((4.0, 1.0),), "bimodal 3 or 7": ((3.0, 0.6), (7.0, 0.4))}


@dataclass(frozen=True)
class Outcome:
    """Demand ahead as the product's forecast has it, and as a plan takes it, with the reason of most items."""

    forecast: CumulativeDemand
    plan: CumulativeDemand
    reason: str


def outlook_of(process: Process, history: FloatArray) -> Outcome:
    """Return demand ahead of each item, from its history and nothing else."""
    whole = np.full(ITEMS, process.slow)
    reviews = past_reviews(PERIODS)
    made = rolling_forecasts(history, [*reviews, PERIODS], LONGEST)
    advice = advice_of_the_past(made.at(slice(None, len(reviews))), history, whole, PERIODS)
    now = foreseen(made, np.arange(ITEMS), len(reviews), whole)
    # The mean protection interval: a review and four or so periods of lead time.
    outlook = Outlook(now, history, np.full(ITEMS, 5.0))
    words = advice.reason
    return Outcome(outlook.demand(["forecast"] * ITEMS), outlook.chosen(advice), max(set(words), key=words.count))


def base_stock(demand: CumulativeDemand, times: LeadTimes) -> FloatArray:
    one = np.ones(ITEMS)
    cycle = ReplenishmentCycle.of(demand, times, one, 1.0)
    return stock_levels(cycle, TARGET * one, np.full(ITEMS, Measure.CYCLE), 0.0 * one, one).reorder_point


def family_known(history: FloatArray, receipts: list[FloatArray], rng: np.random.Generator) -> FloatArray:
    """Return levels of the Bayesian predictive distribution of AR(1) demand, flat priors, item by item."""
    draws, levels = 4_000, []
    for one, seen in zip(history - 100.0, receipts, strict=True):
        x = np.column_stack([np.ones(len(one) - 1), one[:-1]])
        beta, residual, *_ = np.linalg.lstsq(x, one[1:], rcond=None)
        sigma = np.sqrt(residual[0] / rng.chisquare(len(one) - 3, draws))
        root = np.linalg.cholesky(np.linalg.inv(x.T @ x))
        drawn = beta + sigma[:, None] * (rng.normal(size=(draws, 2)) @ root.T)
        level, total = np.full(draws, one[-1]), np.zeros((LONGEST + 1, draws))
        for period in range(1, LONGEST + 1):
            level = drawn[:, 0] + np.minimum(drawn[:, 1], 0.99) * level + sigma * rng.normal(size=draws)
            total[period] = total[period - 1] + level + 100.0
        lengths = np.append(seen, seen.max()).astype(int) + 1
        levels.append(np.quantile(total[lengths], TARGET))
    return np.array(levels)


def achieved(levels: FloatArray, follow: list[FloatArray], truth: tuple[tuple[float, float], ...]) -> FloatArray:
    """Return the % of continuations in which each item's level lasts over review period and lead time."""
    share = [
        sum(weight * (total[:, int(lead)] <= level).mean() for lead, weight in truth)
        for level, total in zip(levels, follow, strict=True)
    ]
    return 100.0 * np.array(share)


def shown(percent: FloatArray) -> str:
    return f"{percent.mean():.1f} ({np.abs(percent - 100.0 * TARGET).mean():.1f})"


@pytest.mark.parametrize("seed", [0, 10])
def test_levels_from_two_years_of_history_hold_a_target_of_95(report: Report, seed: int) -> None:
    rows, misses = [], []
    for number, process in enumerate(PROCESSES):
        rng = np.random.default_rng(seed + number)
        history = process.draw(rng, ITEMS, PERIODS)
        follow = [process.follow(rng, one) for one in history]
        any_state = [process.draw(rng, CONTINUATIONS, LONGEST).cumsum(axis=1)] * ITEMS
        ahead = outlook_of(process, history)
        report(f"{process.name}: {ahead.reason}")
        for lead, truth in LEAD_TIMES.items():
            lengths, chances = np.array(truth).T
            receipts = [rng.choice(lengths, RECEIPTS, p=chances) for _ in range(ITEMS)]
            times = lead_times(np.full(ITEMS, 4.0), np.zeros(ITEMS), receipts)
            mean_interval = np.array([one.mean() for one in receipts]) + 1.0
            sigma = history.std(axis=1, ddof=1)
            textbook = history.mean(axis=1) * mean_interval + Z * sigma * np.sqrt(mean_interval)
            levels = base_stock(ahead.plan, times)
            percent = achieved(levels, follow, truth)
            known = family_known(history, receipts, rng) if process.persistence else None
            allowed = ERROR
            if known is not None:
                # What no method can do that looks at one item alone is not asked for.
                allowed = max(ERROR, BESIDE_KNOWN + np.abs(achieved(known, follow, truth) - 95.0).mean())
            misses.append((process.name, lead, abs(percent.mean() - 95.0), np.abs(percent - 95.0).mean() - allowed))
            rows.append(
                {
                    "demand / lead time": f"{process.name} / {lead}",
                    "textbook": shown(achieved(textbook, follow, truth)),
                    "forecast": shown(achieved(base_stock(ahead.forecast, times), follow, truth)),
                    "plan": shown(percent),
                    "family known": "-" if known is None else shown(achieved(known, follow, truth)),
                    "plan, any state": shown(achieved(levels, any_state, truth)),
                }
            )
    title = f"ACHIEVED, TARGET 95%, seed {seed} | same state but in the last column"
    report(title, pd.DataFrame(rows).set_index("demand / lead time"))
    # Demand with a coefficient of variation of 0.9 and a fixed lead time is no row of the published table.
    held = [miss for miss in misses if miss[:2] != ("gamma, CV 0.9", "fixed 4")]
    assert all(off <= OFF and beyond <= LUCK for _, _, off, beyond in held), held


@pytest.mark.parametrize("family", [Family.EMPIRICAL, Family.GAMMA, Family.COUNTS])
@pytest.mark.parametrize("measure", [Measure.CYCLE, Measure.FILL])
def test_ten_thousand_items_have_levels_in_five_seconds(report: Report, family: Family, measure: Measure) -> None:
    items, rng = 10_000, np.random.default_rng(5)
    mean = rng.lognormal(2.0, 1.0, items)
    block = rng.gamma(2.0, 0.5, (500, 1_000, 13))
    paths = block * mean[:500, None, None]
    paths = (np.round(paths) if family is Family.COUNTS else paths).astype(np.float32)
    forecasts = [Forecast(paths[item % 500], "given", "") for item in range(items)]
    lead, one = rng.uniform(1.0, 9.0, items), np.ones(items)
    start = process_time()
    times = lead_times(7.0 * lead, np.where(np.arange(items) % 3 == 0, 0.0, 2.0 * lead))
    demand = CumulativeDemand.of(forecasts, np.full(items, family))
    cycle = ReplenishmentCycle.of(demand, times, 7.0 * one, 7.0)
    lots = 4.0 * demand.mean[:, 0]
    levels = stock_levels(cycle, 0.95 * one, np.full(items, measure), lots, lead + one)
    seconds = process_time() - start
    report(f"LEVELS | 10,000 items, 1,000 paths x 13 periods, {family.words}, {measure.name.lower()}: {seconds:.1f} s")
    assert np.isfinite(levels.reorder_point).all()
    assert seconds < 5.0
