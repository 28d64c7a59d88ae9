"""What a replay plays on: the items of a plan, their past demand, their terms, and lead times that are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.cache import content_key
from invopt_xl.domain import Calendar
from invopt_xl.errors import require
from invopt_xl.plan.columns import Tables
from invopt_xl.plan.histories import Histories
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.replay.left_out import reasons, require_some
from invopt_xl.plan.replay.outages import Outage
from invopt_xl.plan.replenishment import observed_lead_times, order_cycle_quantity
from invopt_xl.policy import LeadTimes, lead_times
from invopt_xl.policy.replay import World

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

LONGEST_REPLAY = 52
"""Periods replayed at most unless more are asked for."""

SMALLEST_LOT = 1e-3
"""Share of a period's demand that goods sold by weight are ordered in."""


@dataclass(frozen=True, eq=False)
class Common:
    """What replays have in common that are to be compared.

    Parameters
    ----------
    horizon
        Periods that forecasts reach at least: sample paths depend on how far they reach.
    measured_from
        First period that counts in each draw of all items, those left out too, shape (draws, items).
    """

    horizon: int = 0
    measured_from: IntArray | None = None


@dataclass(frozen=True, eq=False)
class Stage:
    """Items, demand and terms of a replay; arrays of shape (items,) unless said otherwise.

    Parameters
    ----------
    items
        Rows of the items that are replayed.
    demand
        Demand per period over the whole history, item units, NaN where unknown, shape (items, periods).
    in_stock
        False where sales understate demand, shape (items, periods).
    first
        Column of each item's first period.
    start
        Column of the first period that is replayed.
    times
        Lead times, whole periods, as their days.
    review_periods
        Periods from a review to the next.
    order_quantity
        Usual order quantity, units: orders are whole multiples of it.
    whole
        True where demand comes in whole units.
    calendar
        Length of a period.
    lost
        True if demand that finds no stock is lost.
    left_out
        Items that are not replayed, and why, numbered by their place among all items.
    common
        What it shares with the replays that it is compared with.
    """

    items: pd.DataFrame
    demand: FloatArray
    in_stock: BoolArray
    first: IntArray
    start: int
    times: LeadTimes
    review_periods: IntArray
    order_quantity: FloatArray
    whole: BoolArray
    calendar: Calendar
    lost: bool
    left_out: pd.DataFrame
    common: Common = Common()

    @property
    def place(self) -> IntArray:
        """Place of each item among all, those left out too."""
        return np.setdiff1d(np.arange(len(self.items) + len(self.left_out)), self.left_out.index)

    @property
    def periods(self) -> int:
        """Periods replayed."""
        return int(self.demand.shape[1] - self.start)

    @property
    def origins(self) -> list[int]:
        """Columns of the periods replayed."""
        return list(range(self.start, self.demand.shape[1]))

    @property
    def reviewed(self) -> BoolArray:
        """True where an item is reviewed, shape (items, periods replayed)."""
        return np.asarray(np.arange(self.periods) % self.review_periods[:, None] == 0)

    @property
    def protection_periods(self) -> FloatArray:
        """Expected lead time and review period, periods."""
        return np.asarray(self.times.mean / self.calendar.days_per_period + self.review_periods)

    @property
    def horizon(self) -> int:
        """Periods that forecasts reach: the longest lead time and review, or more if replays are compared."""
        return max(int(self.reach.max()), self.common.horizon)

    @property
    def reach(self) -> IntArray:
        """Longest lead time of each item and its review period, whole periods, shape (items,)."""
        longest = self.times.days.max(axis=1, initial=0.0) / self.calendar.days_per_period + self.review_periods
        return np.asarray(np.ceil(longest - 1e-9), dtype=np.int64)

    def world(self, draws: int, seed: int = 0, outages: Sequence[Outage] = ()) -> World:
        """Return demand and drawn lead times, `draws` times the items; equal arguments give equal draws.

        Goods that would come while their supplier is out come when it is back.
        """
        rng = np.random.default_rng(int(content_key("lead times of a replay", seed), 16))
        items = len(self.items)
        sums = np.cumsum(self.times.weights, axis=1)
        # An item has the same luck whichever others are left out, for replays are compared.
        luck = rng.random((draws, items + len(self.left_out), self.periods))[:, self.place]
        place = (luck[..., None] > sums[None, :, None, :-1]).sum(axis=-1)
        days = np.take_along_axis(np.broadcast_to(self.times.days, (draws, *self.times.days.shape)), place, axis=2)
        lead = np.round(days / self.calendar.days_per_period).astype(np.int64)
        for outage in outages:
            lead = np.where(outage.concerns(self.items)[:, None], outage.delayed(lead), lead)
        demand = np.where(self.in_stock, self.demand, np.nan)[:, self.start :]
        first = self.common.measured_from
        return World(
            np.tile(demand, (draws, 1)),
            lead.reshape(draws * items, self.periods),
            np.tile(self.review_periods, draws),
            np.tile(self.order_quantity, draws),
            np.tile(self.order_quantity, draws),
            self.lost,
            None if first is None else first[:, self.place].ravel(),
        )


def set_stage(
    items: pd.DataFrame,
    past: Histories,
    tables: Tables,
    parameters: Parameters,
    periods: int | None = None,
    common: Common | None = None,
) -> Stage:
    """Return the stage of a replay of the last periods of each item's history.

    Items that nobody asked for in these periods are played as well: nobody could have known. Goods that come within a
    period serve the next one, so lead times are rounded up to whole periods, for every policy alike. Order quantities
    are economic for the demand known when the replay begins.

    Parameters
    ----------
    items
        As `plan.replenishment.with_terms` returns them.
    past
        Their histories.
    tables, parameters
        Admitted input.
    periods
        Periods to replay; by default half of the history, at most `LONGEST_REPLAY`.
    common
        What is shared with other replays, if they are compared.

    Raises
    ------
    InputError
        If the history is too short for any item to be replayed.
    """
    wanted = replayed_periods(past.periods, periods)
    start = past.periods - wanted
    period = parameters.calendar.days_per_period
    known = np.where(past.in_stock, past.quantity, np.nan)[:, :start]
    times = _whole_periods(items, tables, period)
    review = np.maximum(np.round(items["review_days"].to_numpy() / period), 1).astype(np.int64)
    why = reasons(items, known, times, review, wanted, parameters.calendar)
    require_some(why, wanted, parameters.calendar.period)
    at = np.flatnonzero(why == "")
    rows, rate = items.iloc[at].reset_index(drop=True), np.nanmean(known[at], axis=1)
    return Stage(
        rows, past.quantity[at], past.in_stock[at], past.first[at], start, times.rows(at), review[at],
        _order_quantity(rows, rate, past.whole_units[at], period), past.whole_units[at],
        parameters.calendar, parameters.shortage == "lost",
        items.loc[why != "", ["item", "location"]].assign(why=why[why != ""]), common or Common(),
    )  # fmt: skip


def _whole_periods(items: pd.DataFrame, tables: Tables, period: float) -> LeadTimes:
    """Return lead times rounded up to whole periods of so many days."""
    stated = items["lead_time_days"].to_numpy(), items["lead_time_sd_days"].to_numpy()
    times = lead_times(*stated, observed_lead_times(items, tables))
    return LeadTimes(np.ceil(times.days / period - 1e-9) * period, times.observed, times.weight)


def replayed_periods(length: int, periods: int | None = None) -> int:
    """Return how many periods of a history of this length are replayed; see `set_stage`.

    Raises
    ------
    InputError
        If the history does not have so many.
    """
    wanted = min(length // 2, LONGEST_REPLAY) if periods is None else periods
    require(1 <= wanted < length, "periods to replay", wanted, f"1 to {length - 1}: the history has {length}")
    return wanted


def _order_quantity(items: pd.DataFrame, rate: FloatArray, whole: BoolArray, period: float) -> FloatArray:
    """Return the order quantity, units; a pack of one is no pack where goods are sold by weight."""
    pack = items["lot_size"].to_numpy()
    pack = np.where(~whole & (pack == 1.0), np.maximum(SMALLEST_LOT * rate, 1e-9), pack)
    return order_cycle_quantity(items, rate, pack, period)
