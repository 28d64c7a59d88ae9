"""Demand over the protection interval of one item, as its reorder point sees it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from invopt_xl.plan.service_goals import Stocked

POINTS = 80
"""Places at which the demand of an item that is not counted in few whole units is told."""

_TAIL = 5e-4
"""Chances beyond which demand is not told."""


def demand_until_receipt(stocked: Stocked, row: int) -> pd.DataFrame:
    """Return how likely each demand is over lead time and review period, until an order of the next review has come.

    Parameters
    ----------
    stocked
        What levels of the items are set from.
    row
        Where the item stands among them.

    Returns
    -------
    DataFrame
        ``units`` (demand), ``chance`` (that it lies between the units before and these) and ``covered`` (that it is
        at most so much: the service that a reorder point there gives in a cycle).
    """
    demand = stocked.rows(np.array([row])).cycle.protection
    most = float(demand.quantile(np.array([1.0 - _TAIL]))[0])
    whole = bool(demand.whole[0])
    step = max(np.ceil(most / POINTS), 1.0) if whole else most / POINTS
    units = np.arange(0.0, most + step, step) if step > 0 else np.zeros(1)
    covered = np.array([float(demand.cdf(np.array([each]))[0]) for each in units])
    return pd.DataFrame({"units": units, "chance": np.diff(covered, prepend=0.0), "covered": covered})
