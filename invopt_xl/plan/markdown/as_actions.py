"""A price path as one of the actions of a review of excess: how many units go, and what each brings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from invopt_xl.plan.excess import ActionTerms, DemandAhead, units_to_cancel
from invopt_xl.plan.excess.actions import idle_stock, stacked
from invopt_xl.plan.excess.measures import LEAST_GAIN
from invopt_xl.plan.markdown.item import Item
from invopt_xl.plan.markdown.words import Refused
from invopt_xl.plan.overrides import KEY
from invopt_xl.plan.quantities import told_from
from invopt_xl.policy.costs import FloatArray
from invopt_xl.policy.markdown import Clearing


def as_actions(
    items: pd.DataFrame, cleared: Sequence[tuple[Item, Clearing | Refused]], ahead: DemandAhead, terms: ActionTerms
) -> pd.DataFrame:
    """Return how many units price paths sell besides those that sell anyway, and what such a unit brings.

    It brings so much that the units gain what the path gains, above what they are worth where they are: also of a path
    that cuts only where more is left than expected, which is when such units are worth least.

    Parameters
    ----------
    items
        The planned items with what is ``too_much`` on hand (units), and as `idle_stock` takes them.
    cleared
        What was found of those looked at.
    ahead
        Demand of all items.
    terms
        For the write-off, and salvage.

    Returns
    -------
    DataFrame
        A row for each of those looked at, in their order: item and location, ``units``, and ``recovery`` as a share of
        cost; 0 where the price had better stay, NaN where no path can be told.
    """
    gain = np.array([made.gain if isinstance(made, Clearing) else np.nan for _, made in cleared])
    units, recovery = (np.where(np.isnan(gain), np.nan, 0.0) for _ in range(2))
    besides = np.array([_sold_besides(made) for _, made in cleared])
    row = np.array([item.row for item, _ in cleared], dtype=np.int64)
    paid = np.flatnonzero((gain >= LEAST_GAIN) & (besides >= told_from(items)[row]))
    if paid.size:
        places = paid[np.argsort(row[paid])]
        rows = row[places]
        some = items.iloc[rows]
        sold = _units(some, besides[places])
        brought = gain[places] + _worth_of_top(some, sold, ahead.rows(rows), terms)
        cost = sold * some["unit_cost"].to_numpy(np.float64)
        units[places] = sold
        recovery[places] = np.divide(brought, cost, out=np.full(len(cost), np.nan), where=cost > 0)
    keys = [{name: item.record[name] for name in KEY} for item, _ in cleared]
    return pd.DataFrame(keys, columns=list(KEY)).assign(units=units, recovery=recovery)


def _sold_besides(made: Clearing | Refused) -> float:
    return float(made.none.stock[-1] - made.best.stock[-1]) if isinstance(made, Clearing) else 0.0


def _units(items: pd.DataFrame, sold: FloatArray) -> FloatArray:
    """Return the units that are acted on, no more than what is too much where there is any.

    They are whole where the goods are; less than half a unit stays what it is, and is none to who acts.
    """
    whole, most = items["whole_units"].to_numpy(bool), items["too_much"].to_numpy(np.float64)
    most = np.where(whole, np.floor(most + 1e-9), most)
    units = np.where(whole & (np.round(sold) >= 1.0), np.round(sold), sold)
    return np.where(most >= told_from(items), np.minimum(units, most), units)


def _worth_of_top(items: pd.DataFrame, units: FloatArray, ahead: DemandAhead, terms: ActionTerms) -> FloatArray:
    """Return what so many units at the top of the stock are worth where nothing is done, money."""
    idle = idle_stock(items, ahead, terms)
    cancelled = units_to_cancel(items)
    top = stacked(items.assign(cancel_quantity=cancelled)) - cancelled.to_numpy(np.float64)
    bottom = np.maximum(top - units, 0.0)
    left = idle.remaining(top) - idle.remaining(bottom)
    held = idle.unit_days(top) - idle.unit_days(bottom)
    return np.asarray(idle.used * (top - bottom - left) + idle.left * left - idle.holding * held)
