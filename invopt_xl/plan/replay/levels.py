"""The reorder points that each policy would have set at each review, from what was known by then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from invopt_xl.domain import Progress, Silent
from invopt_xl.forecasting import believable
from invopt_xl.forecasting.backtest.rolling import RollingForecasts, rolling_forecasts
from invopt_xl.plan.interval_demand import JUDGED_PERIODS, Outlook, advice_of_the_past, foreseen, past_reviews
from invopt_xl.plan.replay.outcome import Weighting, unit_worth
from invopt_xl.plan.replay.stage import FloatArray, Stage
from invopt_xl.plan.service_goals import LOWEST_SERVICE, asked_chance, least_levels
from invopt_xl.policy import FamilyChoice, Measure, ReplenishmentCycle, stock_levels
from invopt_xl.policy.service_mix import MixItems, ServiceBounds, ServiceExchange
from invopt_xl.policy.textbook import textbook_reorder_points

if TYPE_CHECKING:
    from invopt_xl.cache import ContentCache

STAGE = "Setting levels of the past"
"""The stage's name in a progress bar."""


@dataclass(frozen=True, eq=False)
class Foresight:
    """What was known at each review: forecasts, and what follows from them for stock.

    Parameters
    ----------
    stage
        Items and terms.
    forecasts
        A forecast at each review.
    choice
        Distribution of each item that had missed least before the replay began.
    """

    stage: Stage
    forecasts: RollingForecasts
    choice: FamilyChoice

    @classmethod
    def of(
        cls,
        stage: Stage,
        *,
        cache: ContentCache | None = None,
        workers: int | None = None,
        progress: Progress | None = None,
    ) -> Foresight:
        """Forecast at every review of every item, and at some before; see `rolling_forecasts`."""
        before = past_reviews(stage.start)
        wanted = np.ones((len(stage.items), len(before)), dtype=np.bool_)
        reach = max(stage.horizon, JUDGED_PERIODS)
        made = rolling_forecasts(
            stage.demand, [*before, *stage.origins], reach, first=stage.first, in_stock=stage.in_stock,
            reviewed=np.concatenate([wanted, stage.reviewed], axis=1), season=stage.calendar.season, cache=cache,
            workers=workers, progress=progress,
        )  # fmt: skip
        known = np.where(stage.in_stock, stage.demand, np.nan)
        past = made.at(slice(None, len(before)))
        choice = advice_of_the_past(past, known, stage.whole, stage.start)
        return cls(stage, made.at(slice(len(before), None)), choice)

    def cycles(self) -> Iterator[tuple[int, npt.NDArray[np.intp], ReplenishmentCycle]]:
        """Yield for each period replayed its number, the rows of items reviewed in it, and their demand ahead.

        Items that nobody had asked for by then are left out: as in a plan, they have no levels.
        """
        stage, made = self.stage, self.forecasts
        length = stage.calendar.days_per_period
        known = np.where(stage.in_stock, stage.demand, np.nan)
        for period in range(stage.periods):
            asked_for = np.nansum(known[:, : stage.start + period], axis=1) > 0
            rows = np.flatnonzero(made.made[:, period] & asked_for)
            if not rows.size:
                continue
            sums = foreseen(made, rows, period, stage.whole)
            past, reach = believable(known[rows, : stage.start + period]), stage.reach[rows]
            outlook = Outlook(sums, past, stage.protection_periods[rows], reach=reach)
            review = stage.review_periods[rows].astype(np.float64) * length
            demand = outlook.chosen(self.choice.rows(rows))
            yield period, rows, ReplenishmentCycle.of(demand, stage.times.rows(rows), review, length)

    def mixed(
        self, targets: Sequence[float], weighting: Weighting, progress: Progress | None = None
    ) -> list[FloatArray]:
        """Return the reorder points of the service mix for each overall target, units, (items, periods) each.

        Parameters
        ----------
        targets
            Overall fill rates.
        weighting
            What the overall fill rate weighs items by. Lines count an item by its chance of being asked for.
        """
        stage = self.stage
        unit = unit_worth(stage, weighting)
        found = [np.zeros((len(stage.items), stage.periods)) for _ in targets]
        (progress := progress or Silent()).stage(STAGE, stage.periods)
        for period, rows, cycle in self.cycles():
            progress.advance()
            worth = asked_chance(cycle) if weighting == "lines" else unit[rows] * cycle.review
            if not worth.any():
                continue  # nobody asks for anything: nothing is held
            cost = stage.items["unit_cost"].to_numpy()[rows]
            mix = MixItems(cycle, stage.order_quantity[rows], cost, worth, stage.lost)
            bounds = ServiceBounds(lowest=LOWEST_SERVICE, least_level=least_levels(cycle, lost=stage.lost))
            exchange = ServiceExchange.of(mix, bounds)
            most = float(exchange.steps.service[-1])
            for points, target in zip(found, targets, strict=True):
                points[rows, period] = exchange.least_money(min(target, most)).reorder_point
        return found

    def uniform(self, targets: Sequence[float], measure: Measure, progress: Progress | None = None) -> list[FloatArray]:
        """Return the reorder points where every item has the same target, units, (items, periods) each."""
        stage = self.stage
        found = [np.zeros((len(stage.items), stage.periods)) for _ in targets]
        (progress := progress or Silent()).stage(STAGE, stage.periods)
        lost = np.full(len(stage.items), stage.lost)
        for period, rows, cycle in self.cycles():
            some, least = np.flatnonzero(cycle.review > 0), least_levels(cycle, lost=stage.lost)
            for points, target in zip(found, targets, strict=True):
                made = stock_levels(
                    cycle.rows(some), np.full(some.size, target), np.full(some.size, int(measure)),
                    stage.order_quantity[rows[some]], stage.protection_periods[rows[some]], lost=lost[some],
                )  # fmt: skip
                points[rows[some], period] = np.maximum(made.reorder_point, least[some])
            progress.advance()
        return found


def textbook(stage: Stage, services: Sequence[float], window: int) -> list[FloatArray]:
    """Return the reorder points of a spreadsheet for each service level, units, (items, periods) each."""
    demand = np.where(stage.in_stock, stage.demand, np.nan)
    origins = np.array(stage.origins)
    found = [
        textbook_reorder_points(demand, origins, stage.protection_periods, service, window) for service in services
    ]
    return [np.where(stage.whole[:, None], np.ceil(points - 1e-9), points) for points in found]
