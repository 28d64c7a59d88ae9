"""How classes would have been at the end of each of the last months, and which items hop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.forecasting.forecastability import LEAST_JUDGED, forecastability_at
from invopt_xl.forecasting.panel.histories import Histories
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.segmentation.classes import abc_classes, xyz_classes
from invopt_xl.plan.segmentation.known import known_demand, known_until
from invopt_xl.plan.segmentation.speed import Velocity, periods_per_year, velocity
from invopt_xl.plan.segmentation.worth import By, worth_of

Texts = npt.NDArray[np.object_]
Counts = npt.NDArray[np.int64]

MONTHS = 6
"""Months that are looked back unless more or fewer are asked for."""

CELLS = tuple(first + second for first in "ABC" for second in "XYZ")


@dataclass(frozen=True, eq=False)
class Stability:
    """Classes of the past, each from what was known then.

    Parameters
    ----------
    dates
        The days classes were looked at on, the plan date last.
    classes
        Class of each item on each of them, such as AX; empty where it had not sold yet. Shape (items, dates).
    changes
        How often the class of an item became another, shape (items,).
    stable
        The class that an item had most often, the later one of two; empty without any.
    months
        A row for each date but the first: ``date``, ``items`` classed then and the time before, ``changed``,
        ``share_stable``.
    transitions
        A row for each step from one class to another or to itself: ``before``, ``after``, ``steps``, ``share`` of all
        steps from the class before.
    known
        Periods of history that each of the dates knew.
    """

    dates: list[pd.Timestamp]
    classes: Texts
    changes: Counts
    stable: Texts
    months: pd.DataFrame
    transitions: pd.DataFrame
    known: list[int]


def stability(
    items: pd.DataFrame, past: Histories, parameters: Parameters, *, by: By = "value", months: int = MONTHS
) -> Stability:
    """Return the classes of the last months, and how much they hop.

    Values of the past are of demand a period over the year before each date, not of a forecast, at today's cost and
    price: nobody knows what would have been forecast. So the last of them may differ from the class of the plan.

    Parameters
    ----------
    items
        Rows with ``unit_cost`` and ``unit_price``.
    past
        Their histories.
    parameters
        For the plan date and the length of a period.
    by
        What items are ranked by.
    months
        How many months to look back.
    """
    calendar, year = parameters.calendar, periods_per_year(parameters.calendar)
    dates = [pd.Timestamp(parameters.plan_date) - pd.DateOffset(months=back) for back in range(months, -1, -1)]
    ends = [int(each) + past.periods for each in calendar.index(np.array(dates, dtype="datetime64[D]"))]
    least = min(2 * LEAST_JUDGED, past.periods)
    kept = [place for place, end in enumerate(ends) if end >= least]
    dates, ends = [dates[place] for place in kept], [ends[place] for place in kept]
    judged = forecastability_at(known_demand(past), calendar.season, ends)
    columns = []
    for end, found in zip(ends, judged, strict=True):
        moved = velocity(known_until(past, end), year)
        columns.append(_cells(items, moved, found.error, by))
    return _told(dates, ends, np.array(columns, dtype=object).reshape(len(ends), len(items)).T)


def _cells(items: pd.DataFrame, moved: Velocity, error: npt.NDArray[np.float64], by: By) -> Texts:
    """Return the class of each item; empty where it has no sale, or is worth nobody knows what."""
    worth = worth_of(items, moved.units, moved.lines, by)
    letters = np.char.add(abc_classes(worth), xyz_classes(error))
    return np.where((moved.units > 0) & np.isfinite(worth), letters, "").astype(object)


def _told(dates: list[pd.Timestamp], known: list[int], classes: Texts) -> Stability:
    before, after = classes[:, :-1], classes[:, 1:]
    both = (before != "") & (after != "")
    changed = both & (before != after)
    compared, moved = both.sum(axis=0), changed.sum(axis=0)
    months = pd.DataFrame({"date": pd.to_datetime(dates[1:]), "items": compared, "changed": moved})
    months["share_stable"] = 1.0 - np.divide(moved, compared, out=np.full(len(moved), np.nan), where=compared > 0)
    steps = pd.DataFrame({"before": before[both].astype(str), "after": after[both].astype(str)})
    transitions = steps.value_counts(sort=False).rename("steps").reset_index().sort_values(["before", "after"])
    transitions["share"] = transitions["steps"] / transitions.groupby("before")["steps"].transform("sum")
    transitions = transitions.reset_index(drop=True)
    return Stability(dates, classes, changed.sum(axis=1), _usual(classes), months, transitions, known)


def _usual(classes: Texts) -> Texts:
    """Return the class that each item had most often; of two the one it had last."""
    names = np.array(["", *CELLS], dtype=object)
    count = np.array([(classes == cell).sum(axis=1) for cell in CELLS])
    order = np.arange(1, classes.shape[1] + 1)
    last = np.array([np.where(classes == cell, order, 0).max(axis=1, initial=0) for cell in CELLS])
    best = (count * (len(order) + 1) + last).argmax(axis=0)
    return np.asarray(names[np.where(count.max(axis=0) > 0, best + 1, 0)])
