"""What is left when a price path ends is worth what doing nothing makes of it then, as a review of excess has it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from invopt_xl.plan.excess import ActionTerms, DemandAhead
from invopt_xl.plan.excess.actions import idle_stock
from invopt_xl.policy.costs import FloatArray

PARTS = 100
"""Stock is looked at in so many parts, from the bottom of what may be left to its top."""

Curve = tuple[FloatArray, FloatArray]
"""Units left, ascending from none, and what so many are worth, money."""


def worth_later(items: pd.DataFrame, days: FloatArray, ahead: DemandAhead, terms: ActionTerms) -> list[Curve]:
    """Return what so many units left after some days are worth, a curve an item.

    The y-th unit left is worth V(y) of `plan.excess.worth.Idle` from then on: used while demand reaches it, salvage
    after the write-off, less holding. V falls, so the curve is concave.

    Parameters
    ----------
    items
        As `idle_stock` takes them, with ``on_hand``.
    days
        Days from now on which the path ends, shape (items,).
    ahead
        Demand of the items from now on.
    terms
        For the days until the write-off, and salvage.
    """
    idle = idle_stock(items, ahead, terms, after=days)
    units = np.linspace(0.0, items["on_hand"].clip(lower=0.0).to_numpy(np.float64), PARTS + 1)
    middle = (units[1:] + units[:-1]) / 2.0
    each = idle.unit_worth(np.where(idle.whole, np.ceil(middle), middle))
    money = np.vstack([np.zeros(len(items)), np.cumsum(each * np.diff(units, axis=0), axis=0)])
    return [(units[:, row], money[:, row]) for row in range(len(items))]
