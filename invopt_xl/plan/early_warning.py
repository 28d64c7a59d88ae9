"""Early warning: whose demand has ended or is about to, by the history of each item and of all of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from invopt_xl.domain import DAYS_PER_YEAR
from invopt_xl.forecasting.ending import (
    exposures,
    fit_ending_model,
    flag_threshold,
    intervals_seen,
)
from invopt_xl.plan.columns.early_warning import EARLY_WARNING
from invopt_xl.plan.endings import endings_of
from invopt_xl.plan.excess.ageing import days_since_sale
from invopt_xl.plan.histories import Histories
from invopt_xl.plan.parameters import Parameters

RULE_MONTHS = 3.0
"""The usual rule flags an item after so many months without a sale."""

DAYS_PER_MONTH = DAYS_PER_YEAR / 12


@dataclass(frozen=True, eq=False)
class Warnings:
    """Early warnings, and the rule that they are flagged by.

    Parameters
    ----------
    table
        ``tblEarlyWarning``: a row for each item.
    threshold
        Chance that demand has ended from which on an item is flagged.
    """

    table: pd.DataFrame
    threshold: float


def early_warning(
    items: pd.DataFrame, past: Histories, parameters: Parameters, *, months: float = RULE_MONTHS
) -> pd.DataFrame:
    """Return ``tblEarlyWarning``, as `warnings_of` finds it.

    Parameters
    ----------
    items, past, parameters, months
        As `warnings_of` takes them.
    """
    return warnings_of(items, past, parameters, months=months).table


def warnings_of(
    items: pd.DataFrame, past: Histories, parameters: Parameters, *, months: float = RULE_MONTHS
) -> Warnings:
    """Return early warnings: a row for each item, the most money at stake first.

    Money at stake is stock on hand at cost times the chance that demand has ended. Items that cannot be judged, and
    those without stock or cost, stand last.

    Parameters
    ----------
    items
        A row for each item and location, in the order of the histories; columns ``item``, ``location`` and, where they
        are known, ``description``, ``on_hand`` (units) and ``unit_cost`` (money).
    past
        Their histories.
    parameters
        For the length of a period.
    months
        The usual rule whose number of false alarms flags are chosen for: no sale in so many months. An item that has
        likelier ended than not is flagged in any case.

    Examples
    --------
    >>> from datetime import date
    >>> from invopt_xl.forecasting.panel.histories import Histories
    >>> quantity = np.tile([3.0, 0.0], (30, 30))
    >>> quantity[::3] = np.roll(quantity[::3], 1, axis=1)
    >>> quantity[0, -25:] = 0
    >>> no, none = np.zeros(quantity.shape, bool), np.full(quantity.shape, np.nan)
    >>> past = Histories(quantity, ~no, no, none, no.astype(int), np.zeros(30, int), none[:, :0], none[:, :0],
    ...                  no.astype(int))
    >>> items = pd.DataFrame({"item": [f"i{n}" for n in range(30)], "location": "MAIN", "on_hand": 4, "unit_cost": 2.0})
    >>> found = warnings_of(items, past, Parameters(date(2024, 1, 1))).table
    >>> found[["item", "last_sale_days", "on_hand_value", "flag"]].head(2).values.tolist()
    [['i0', 182.0, 8.0, 1], ['i1', 7.0, 8.0, 0]]
    """
    calendar = parameters.calendar
    quantity = np.where(np.isfinite(past.quantity), past.quantity, np.nan)
    exposure = exposures(quantity, past.first, past.in_stock, period=parameters.period)
    seen = intervals_seen(quantity, exposure, past.price)
    model = fit_ending_model(seen)
    found = endings_of(past, parameters, model)
    threshold = flag_threshold(model, seen, rule_periods(months, calendar.days_per_period))
    table = items.reset_index(drop=True).assign(
        ended_chance=found.ended.round(4),
        hazard=found.hazard.round(4),
        last_sale_days=np.round(days_since_sale(past, calendar.days_per_period)[0]),
        usual_interval_days=np.round(found.usual_interval * calendar.days_per_period, 1),
        on_hand_value=_value(items),
        why=found.reason,
        flag=(found.ended >= threshold).astype(int),
    )
    stake = table["ended_chance"] * table["on_hand_value"]
    order = table.assign(_stake=stake.where(stake > 0)).sort_values(
        ["_stake", "ended_chance"], ascending=False, kind="stable", na_position="last"
    )
    return Warnings(order.reindex(columns=EARLY_WARNING.column_names).reset_index(drop=True), threshold)


def rule_periods(months: float, days_per_period: float) -> int:
    """Return how many periods so many months are, at least one.

    Examples
    --------
    >>> rule_periods(3, 7), rule_periods(3, DAYS_PER_MONTH)
    (13, 3)
    """
    return max(1, round(months * DAYS_PER_MONTH / days_per_period))


def _value(items: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return stock on hand at cost, money; NaN where either is not known."""
    known = items.reindex(columns=["on_hand", "unit_cost"]).astype(float)
    return np.asarray((known["on_hand"] * known["unit_cost"]).round(2).to_numpy())
