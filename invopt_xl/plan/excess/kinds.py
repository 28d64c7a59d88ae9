"""Which items have too much stock, in what way, and what of it has not come yet."""

from __future__ import annotations

import numpy as np
import pandas as pd

from invopt_xl.domain import DAYS_PER_YEAR
from invopt_xl.plan.exceptions.signals import SPOILAGE
from invopt_xl.plan.excess.measures import units_to_cancel, unmoved_excess
from invopt_xl.plan.quantities import told_from

PHASE_OUT, NO_HISTORY, NO_DEMAND, SPOILS, TOO_MUCH = "phase-out", "no history", "no demand", "spoils", "excess"
"""Kinds of excess, those that say more first."""


def with_kinds(items: pd.DataFrame, days_per_period: float) -> pd.DataFrame:
    """Return the items with the kind of their excess, what it costs to hold, and what of it has not come yet.

    Parameters
    ----------
    items
        As `with_excess` returns them, with ``will_spoil`` (units that outlast their shelf life, whatever is ordered)
        and ``holding_cost`` (money for a unit and period).
    days_per_period
        Length of a period.

    Returns
    -------
    DataFrame
        The items with ``kind``, ``holding_a_year`` (of the excess, money), ``cancel_quantity`` and ``here`` (excess on
        hand that the plan does not move, units), and ``listed`` (True where it is too much in one way or another).
    """
    excess, cancel = items["excess_quantity"], units_to_cancel(items)
    kinds = {
        PHASE_OUT: items["status"] == "phase-out",
        NO_HISTORY: items["known_periods"] == 0,
        NO_DEMAND: items["recent_demand"] <= 0,
        SPOILS: is_worth_saving(items),
    }
    found = items.assign(
        kind=np.select(list(kinds.values()), list(kinds), TOO_MUCH),
        holding_a_year=excess * items["holding_cost"] * DAYS_PER_YEAR / days_per_period,
        cancel_quantity=cancel,
        here=unmoved_excess(items) - cancel,
    )
    return found.assign(listed=_is_listed(found))


def _is_listed(rows: pd.DataFrame) -> pd.Series[bool]:
    """Return which items are too much in one way or another."""
    counted = (rows["excess_quantity"] > told_from(rows)) | (rows["excess_value"].round(2) > 0)
    dead = (rows["kind"] == NO_DEMAND) & (rows["on_hand"] > 0)
    return counted | dead | (rows["kind"] == SPOILS)


def is_worth_saving(items: pd.DataFrame) -> pd.Series[bool]:
    """Return which items spoil so much of, ``will_spoil``, that it is worth a word."""
    return items["will_spoil"] * items["unit_cost"] > SPOILAGE


def is_own_order(rows: pd.DataFrame) -> pd.Series[bool]:
    """Return which items the planner orders now, by override, on top of excess."""
    return (rows["override"] > 0) & (rows["excess_quantity"] >= told_from(rows))
