"""The chance that demand for each item has ended, and that it ends in a coming period, with the reason in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from invopt_xl.forecasting.ending.activity import activity, in_season, off_season
from invopt_xl.forecasting.ending.fitting import LEAST_DEMANDS, fit_ending_model, intervals_seen
from invopt_xl.forecasting.ending.model import EndingModel
from invopt_xl.forecasting.ending.reasons import Facts, reasons
from invopt_xl.forecasting.ending.walk import State, state_after

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]

LEAST_PERIODS = 6
"""Known periods since an item's first demand from which on its ending is judged."""


@dataclass(frozen=True, eq=False)
class DemandEnding:
    """What is to be expected of each item's demand, shape (items,).

    Parameters
    ----------
    ended
        Chance that demand has ended: that no more will come; NaN where it is too early to tell.
    hazard
        Chance that demand ends within a coming period if it has not ended before; NaN likewise.
    silent_periods
        Periods since the last demand, NaN where none is known.
    usual_interval
        Periods from one demand to the next while it was alive, NaN where fewer than two demands are known.
    reason
        Why, in a planner's words.
    """

    ended: Floats
    hazard: Floats
    silent_periods: Floats
    usual_interval: Floats
    reason: tuple[str, ...]


def demand_endings(
    quantity: Floats,
    first: Counts,
    in_stock: Flags | None = None,
    *,
    price: Floats | None = None,
    period: str = "week",
    model: EndingModel | None = None,
) -> DemandEnding:
    """Return the chance that the demand for each item has ended, and that it ends in a coming period.

    Parameters
    ----------
    quantity
        Demand per period, item units, oldest first, NaN where unknown; shape (items, periods).
    first
        First period of each item's record; the number of periods where it has none.
    in_stock
        False where an item could not be sold: silence then says nothing.
    price
        Price paid, money a unit, NaN where unknown: a price cut after which sales cease looks like a clearance.
    period
        What a period is: day, week or month.
    model
        As `fit_ending_model` learned it; learned from these histories unless given.

    Examples
    --------
    Thirty items that sell every other week; the first has been silent of late.

    >>> quantity = np.tile([3.0, 0.0], (30, 30))
    >>> quantity[::3] = np.roll(quantity[::3], 1, axis=1)
    >>> quantity[0, -25:] = 0
    >>> found = demand_endings(quantity, np.zeros(30, int))
    >>> bool(found.ended[0] > 0.5), bool(found.ended[1] < 0.02), found.reason[0]  # doctest: +ELLIPSIS
    (True, True, 'no sale for 26 weeks; it used to sell every 2 weeks; it sold as ever until then, ...')
    """
    quantity = np.where(np.isfinite(quantity), quantity, np.nan)
    exposure = exposures(quantity, first, in_stock, period=period)
    learned = fit_ending_model(intervals_seen(quantity, exposure, price)) if model is None else model
    sold, known = _sold_and_known(quantity, first, in_stock)
    silent = ~np.logical_or.accumulate(sold[:, ::-1], axis=1)[:, ::-1]
    rested = (silent & known & off_season(sold, known, period)).sum(axis=1)
    return _endings(state_after(quantity, exposure, price), learned, period, rested)


def exposures(quantity: Floats, first: Counts, in_stock: Flags | None = None, *, period: str = "week") -> Floats:
    """Return how telling a silent period is: 1 as usual, 0 where nothing is known of it; shape of the quantities.

    Less than 1 where few items were asked for at all, or where the item was silent a year ago as well; 0 where it
    rests at that time of every year.

    Parameters
    ----------
    quantity, first, in_stock, period
        As `demand_endings` takes them.
    """
    sold, known = _sold_and_known(quantity, first, in_stock)
    return known * activity(sold, known) * in_season(sold, known, period)


def _sold_and_known(quantity: Floats, first: Counts, in_stock: Flags | None) -> tuple[Flags, Flags]:
    """Return whether each item was asked for in each period, and whether that is known."""
    known = ~np.isnan(quantity) & (np.arange(quantity.shape[1]) >= first[:, None])
    return np.nan_to_num(quantity) > 0, known if in_stock is None else known & in_stock


def _endings(state: State, model: EndingModel, period: str, rested: Counts) -> DemandEnding:
    asked = state.demands > 0
    known = state.lived >= LEAST_PERIODS
    judged = known & (state.demands >= LEAST_DEMANDS)
    ended = np.where(judged, model.ended(state), np.nan)
    facts = Facts(state, ended, judged, period, np.array(model.weights), rested)
    return DemandEnding(
        ended,
        np.where(judged, model.hazard(state), np.nan),
        np.where(asked, state.silent_periods, np.nan),
        np.where(state.demands > 1, state.interval, np.nan),
        reasons(facts),
    )
