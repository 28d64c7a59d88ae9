"""Items into segments: classes, pattern, velocity, life cycle, and what they ask for, from frames to frames."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.domain import DAYS_PER_YEAR
from invopt_xl.domain.words import counted
from invopt_xl.errors import require
from invopt_xl.forecasting import demand_patterns
from invopt_xl.forecasting.forecastability import Forecastability, forecastability
from invopt_xl.forecasting.panel.histories import Histories
from invopt_xl.plan.columns import Tables
from invopt_xl.plan.endings import endings_of
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.segmentation.advising import advice
from invopt_xl.plan.segmentation.classes import abc_classes, xyz_classes
from invopt_xl.plan.segmentation.known import known_demand
from invopt_xl.plan.segmentation.life_cycles import LifeCycle, life_cycle
from invopt_xl.plan.segmentation.matrix import matrix_table
from invopt_xl.plan.segmentation.notes import notes
from invopt_xl.plan.segmentation.past_classes import MONTHS, Stability, stability
from invopt_xl.plan.segmentation.speed import periods_per_year, velocity
from invopt_xl.plan.segmentation.worth import By, classes_by, worth_of, year_round_units

Floats = npt.NDArray[np.float64]

CLASS_COLUMNS: Mapping[By, str] = {"value": "abc", "margin": "margin_class", "lines": "lines_class"}
"""Column of each item's class by what it is ranked by."""


@dataclass(frozen=True, eq=False)
class Segmentation:
    """What items are, cell by cell and month by month.

    Parameters
    ----------
    items
        A row for each item in their order: ``item``, ``location`` and the columns of ``tblSegments`` that do not need
        a plan; also ``units_per_period``, ``lines_per_period``, ``demand_value`` (a year, money at cost),
        ``stock_value`` (money at cost) and ``silent_periods``.
    matrix
        ``tblMatrix``: a row for each cell.
    stability
        Classes of the last months.
    notes
        What the classes stand on, and what could not be judged, a sentence each.
    by
        What the ABC class of the cells is by.
    """

    items: pd.DataFrame
    matrix: pd.DataFrame
    stability: Stability
    notes: tuple[str, ...]
    by: By

    @property
    def classes(self) -> pd.Series[str]:
        """A, B or C of each item by what the cells are by; blank where nobody knows what it is worth."""
        return self.items[CLASS_COLUMNS[self.by]]

    @property
    def worth(self) -> pd.Series[float]:
        """What items are ranked by: money a period, or sales a period; nothing where it is not known or below."""
        found = worth_of(self.items, year_round_units(self.items), self.items["lines_per_period"].to_numpy(), self.by)
        return pd.Series(np.maximum(np.nan_to_num(found), 0.0), self.items.index)

    @property
    def hoppers(self) -> pd.DataFrame:
        """Items whose class changed, the most often changed first, of those the one of most value."""
        moved = self.items[self.items["class_changes"] > 0]
        return moved.sort_values(["class_changes", "demand_value"], ascending=False, kind="stable")


def segment(
    items: pd.DataFrame,
    past: Histories,
    parameters: Parameters,
    *,
    tables: Tables | None = None,
    by: By = "value",
    months: int = MONTHS,
    ended_chance: Floats | None = None,
) -> Segmentation:
    """Return the segments of items, what they ask for, and how stable they are.

    Parameters
    ----------
    items
        Admitted ``tblItems``, or the planned items: with ``demand_per_period`` (units) their value is that of the
        plan, without it of demand a period over the last year of history.
    past
        Their histories, a row each.
    parameters
        For the plan date and the length of a period.
    tables
        Admitted input, for how reliable suppliers are: where one is not, targets are higher.
    by
        What the ABC class of the cells is by: value, margin or lines. All three are returned.
    months
        How many months to look back for classes that hop.
    ended_chance
        Chance that demand has ended, of each item, NaN where it cannot be told; that of early warning unless given.

    Raises
    ------
    InputError
        If ``by`` is none of the three.

    Examples
    --------
    >>> from datetime import date
    >>> from invopt_xl.plan.segmentation.known import histories_of
    >>> items = pd.DataFrame({"item": ["tea", "cup"], "location": "MAIN", "unit_cost": [2.0, 1.0],
    ...                       "unit_price": [3.0, None], "on_hand": [5.0, 7.0], "status": "active",
    ...                       "criticality": "normal"})
    >>> past = histories_of([[9.0, 11.0] * 26, [0.0, 0.0, 0.0, 3.0] * 13])
    >>> found = segment(items, past, Parameters(date(2018, 1, 1)))
    >>> found.items[["cell", "pattern", "life_cycle", "recommended_policy"]].values.tolist()
    [['AX', 'smooth', 'mature', '(R, s, S)'], ['CZ', 'intermittent', 'mature', '(R, s, Q)']]
    >>> [note for note in found.notes if "price" in note]
    ['1 item without a price (cup): no margin, and no class by it.']
    """
    require(by in get_args(By), "classes by", by, "value, margin or lines")
    if ended_chance is None:
        ended_chance = endings_of(past, parameters).ended
    rows, judged, stages = _described(items.reset_index(drop=True), past, parameters, by, ended_chance)
    told = advice(rows, parameters.calendar.days_per_period, tables)
    looked = stability(rows, past, parameters, by=by, months=months)
    rows = rows.assign(
        recommended_policy=told.policy,
        recommended_method=told.method,
        recommended_review_days=told.review_days,
        recommended_target=told.target,
        class_changes=looked.changes,
        stable_class=looked.stable,
    )
    rows["why"] = _why(rows, judged, stages, told.why.tolist())
    planned = "demand_per_period" in items
    return Segmentation(
        rows,
        matrix_table(rows, parameters.calendar.days_per_period),
        looked,
        notes(rows, looked, past, parameters, planned=planned),
        by,
    )


def with_targets(items: pd.DataFrame, found: Segmentation) -> pd.DataFrame:
    """Return ``tblItems`` with the recommended service targets where the planner has set none.

    Under the goal `items` they are each item's target, under `overall` its floor; an item for which no stock is advised
    keeps none of its own.

    Parameters
    ----------
    items
        Admitted ``tblItems``.
    found
        Their segments.
    """
    target = found.items.set_index(["item", "location"])["recommended_target"]
    keys = pd.MultiIndex.from_frame(items[["item", "location"]])
    recommended = pd.Series(target.reindex(keys).to_numpy(), index=items.index)
    return items.assign(service_target=items["service_target"].fillna(recommended))


def _described(
    items: pd.DataFrame, past: Histories, parameters: Parameters, by: By, ended_chance: Floats | None
) -> tuple[pd.DataFrame, Forecastability, LifeCycle]:
    """Return the items with their classes and what they follow from."""
    calendar, year = parameters.calendar, periods_per_year(parameters.calendar)
    demand, moved = known_demand(past), velocity(past, year)
    judged = forecastability(demand, calendar.season)
    stages = life_cycle(demand, items["status"].to_numpy(dtype=object), year, ended_chance, past.price)
    units = year_round_units(items.assign(units_per_period=moved.units, year_units=moved.year_units))
    value = worth_of(items, units, moved.lines)
    rows = items.assign(
        abc=abc_classes(value),
        margin_class=classes_by(items, units, moved.lines, "margin"),
        lines_class=classes_by(items, units, moved.lines, "lines"),
        xyz=xyz_classes(judged.error),
        forecast_error=judged.error,
        pattern=[each.name for each in demand_patterns([demand[row, at:] for row, at in enumerate(past.first)])],
        known_periods=judged.known,
        units_per_period=moved.units,
        year_units=moved.year_units,
        lines_per_period=moved.lines,
        velocity=moved.name,
        life_cycle=stages.stage,
        silent_periods=stages.quiet.periods,
        demand_value=value * DAYS_PER_YEAR / calendar.days_per_period,
        stock_value=items["on_hand"].to_numpy(dtype=np.float64) * items["unit_cost"].to_numpy(dtype=np.float64),
    )
    chosen = rows[CLASS_COLUMNS[by]]
    # Of an item that is worth nobody knows what, what is known advises: its value.
    return rows.assign(cell=np.where(chosen == "", "", chosen + rows["xyz"])), judged, stages


def _why(rows: pd.DataFrame, judged: Forecastability, stages: LifeCycle, advised: list[str]) -> list[str]:
    """Return for each item what its class, its stage of life and what is advised otherwise follow from."""
    errors = [
        _error(error, count, known)
        for error, count, known in zip(
            judged.error.tolist(), judged.judged.tolist(), judged.known.tolist(), strict=True
        )
    ]
    return [
        f"{letter}: {error}; {stage}: {reason}." + (f" {policy.capitalize()}, as {other}." if other else "")
        for letter, error, stage, reason, policy, other in zip(
            rows["xyz"], errors, stages.stage, stages.reason, rows["recommended_policy"], advised, strict=True
        )
    ]


def _error(error: float, judged: int, known: int) -> str:
    if not judged:
        return f"{counted(known, 'known period')}, too few to judge forecasts by"
    if np.isnan(error):
        return f"no demand in the last {judged} known periods to judge by"
    return f"forecasts strayed by {error:.2f} of mean demand in the last {judged} known periods"
