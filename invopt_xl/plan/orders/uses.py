"""What each order line is for, in words: the demand it covers, and since when it is needed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from invopt_xl.optimise import Coverage, OrderProblem, coverage_of
from invopt_xl.optimise.accounting import simulate
from invopt_xl.optimise.terms import TOLERANCE, BoolArray, FloatArray, IntArray
from invopt_xl.optimise.wording import expected_units
from invopt_xl.plan.explain import LONGEST_COVER, plural
from invopt_xl.plan.orders.dating import dates_in_words, day_in_words, first_day, last_day
from invopt_xl.plan.orders.planned import Planned
from invopt_xl.plan.parameters import Parameters

MOST = 0.5
"""A period's demand is told of the line that covers at least this share of what is covered of it.

A line that covers so much of none is told to cover part of the demand of those of which it covers the largest share, or
at least this share of the largest.
"""

NOTICED = 0.1
"""A period is told only if at least this share of its demand is covered."""

PART = 0.1
"""Units that go elsewhere are told if they are at least this share of a line, and a whole unit where those are sold."""


@dataclass(frozen=True)
class Use:
    """What a line is for.

    Parameters
    ----------
    covers
        What it covers, as the beginning of a sentence: ``covers demand of 8 Jan to 28 Jan``.
    besides
        What else becomes of its units, a phrase each.
    """

    covers: str
    besides: tuple[str, ...] = ()


class Uses:
    """The uses of every line of a plan."""

    def __init__(self, planned: Planned, parameters: Parameters) -> None:
        self._problem, self._quantity, self._parameters = planned.problem, planned.plan.quantity, parameters
        self._coverage = coverage_of(planned.problem, planned.plan.quantity)
        self._first, self._last, self._partly = mostly_covered(self._coverage, planned.problem)
        flow = simulate(planned.problem, planned.plan.quantity)
        self._spare = flow.stock - planned.problem.safety_stock[:, None]
        self._rate = planned.problem.demand.mean(axis=1)

    def of(self, source: int, period: int) -> Use:
        """Return what a line is for."""
        found, units = self._coverage, float(self._quantity[source, period])
        besides = [
            f"{told} of them {words}"
            for table, words in ((found.sent_on, "are sent on"), (found.wasted, "will outlast their shelf life"))
            if table[source, period] >= PART * units
            and (told := expected_units(float(table[source, period]), float(self._problem.lot_size[source])))
        ]
        return Use(self._covers(source, period, units), (*besides, *self._dearer(source, period)))

    def _dearer(self, source: int, period: int) -> list[str]:
        """Return how much more a unit would cost, ordered later in time for what the line covers, if it does."""
        last = int(self._last[source, period]) - int(self._problem.lead_time_periods[source])
        prices = self._problem.unit_cost[source, period : max(last, period) + 1]
        later = np.flatnonzero(prices > prices[0] * (1 + TOLERANCE))
        if not len(later) or prices[0] <= 0:
            return []
        day = self._day(first_day(period + int(later[0]), self._parameters))
        return [f"from {day} a unit costs {100.0 * (prices[later[0]] / prices[0] - 1.0):.3g}% more"]

    def _covers(self, source: int, period: int, units: float) -> str:
        item = int(self._problem.source_item[source])
        arrival = period + int(self._problem.lead_time_periods[source])
        last = self._problem.periods - 1
        if arrival > last:
            return f"arrives after the demand planned, which ends on {self._day(last_day(last, self._parameters))}"
        first, after = int(self._first[source, period]), self._beyond(source, period, item)
        lacking = self._below_floor(item, arrival, units)
        keeps = f"keeps safety stock from {self._day(first_day(lacking, self._parameters))}" if lacking >= 0 else ""
        if first < 0:
            if self._coverage.sent_on[source, period] > 0.5 * units:
                return "is to be sent on"
            end = self._day(last_day(last, self._parameters))
            return keeps or f"covers no demand up to {end}{after.replace(' and', ', but', 1)}"
        begin, until = first_day(first, self._parameters), self._last_day(source, period)
        part = "part of the " if self._partly[source, period] else ""
        demand = f"{part}demand of {dates_in_words(begin, max(begin, until), self._parameters.plan_date)}{after}"
        # Where demand itself would go unmet from that period on, that is reason enough.
        return f"{keeps} and covers {demand}" if 0 <= lacking < first else f"covers {demand}"

    def _last_day(self, source: int, period: int) -> date:
        """Return the last day of the demand that a line covers: that of its period, or the last within shelf life."""
        problem, calendar = self._problem, self._parameters.calendar
        item, arrival = int(problem.source_item[source]), period + int(problem.lead_time_periods[source])
        end = last_day(int(self._last[source, period]), self._parameters)
        life = float(problem.shelf_life_periods[item]) - (float(problem.age_on_arrival[item]) if arrival else 0.0)
        if not np.isfinite(life):
            return end
        keeps = timedelta(days=round(life * calendar.days_per_period))
        return min(end, first_day(arrival, self._parameters) + keeps - timedelta(days=1))

    def _below_floor(self, item: int, arrival: int, units: float) -> int:
        """Return the first period that would end below the safety stock without a line; -1 if none would."""
        floor = float(self._problem.safety_stock[item])
        lacking = np.flatnonzero(self._spare[item, arrival:] - units < -1e-6 * max(1.0, floor))
        return arrival + int(lacking[0]) if floor > 0 and len(lacking) else -1

    def _beyond(self, source: int, period: int, item: int) -> str:
        """Return how long what is left beyond the periods planned lasts, in words."""
        rate = float(self._rate[item])
        periods = float(self._coverage.left[source, period]) / max(rate, 1e-9)
        if periods < 1.0:
            return ""
        return f" and about {plural(round(min(periods, LONGEST_COVER)), self._parameters.period)} more"

    def _day(self, day: date) -> str:
        return day_in_words(day, self._parameters.plan_date)


def mostly_covered(coverage: Coverage, problem: OrderProblem) -> tuple[IntArray, IntArray, BoolArray]:
    """Return first and last period of the demand that each line covers for the greater part, and which cover no such.

    Lines share the periods in which one ends and the next begins; such a period is told of one of them. One of which
    hardly any demand is covered is told of none. Of a line that covers the greater part of no period, such as a few
    units that top up the stock, they are the periods of which it covers most.
    """
    item, line = problem.source_item[coverage.line_source], (coverage.line_source, coverage.line_period)
    met = coverage.from_stock + coverage.from_open_orders
    np.add.at(met, (item, coverage.demand_period), coverage.units)
    share: FloatArray = coverage.units / np.maximum(met[item, coverage.demand_period], 1e-12)
    told = (share >= MOST) & (coverage.units >= NOTICED * problem.demand[item, coverage.demand_period])
    partly, largest = coverage.first >= 0, np.zeros(coverage.first.shape)
    partly[line[0][told], line[1][told]] = False
    np.maximum.at(largest, line, share)
    at = np.flatnonzero(told | (partly[line] & (share >= MOST * largest[line])))
    first, last = np.full_like(coverage.first, -1), np.full_like(coverage.last, -1)
    first[coverage.first >= 0] = problem.periods
    lines = line[0][at], line[1][at]
    np.minimum.at(first, lines, coverage.demand_period[at])
    np.maximum.at(last, lines, coverage.demand_period[at])
    return first, last, partly
