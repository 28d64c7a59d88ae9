"""Items by class: what each is worth, what is asked of it, and the stock that takes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from invopt_xl.plan.columns import SEGMENTS
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.replenishment import DAYS_PER_YEAR


def segment_table(items: pd.DataFrame, parameters: Parameters) -> pd.DataFrame:
    """Return ``tblSegments``: a row per item-location, the one of most demand value first.

    Parameters
    ----------
    items
        The planned items.
    parameters
        For the length of a period.
    """
    cost = items["unit_cost"]
    worth = items["demand_per_period"] * cost * DAYS_PER_YEAR / parameters.calendar.days_per_period
    total = float(worth.sum())
    ranked = items.assign(
        demand_value=worth,
        value_share=worth / total if total > 0 else 0.0,
        service_target=items["service_target"].mask(items["service_measure"] == "cost"),
        safety_stock_value=items["safety_stock"].clip(lower=0.0) * cost,
        # What is phased out is not bought: no levels are filled up to.
        average_stock_value=(items["average_stock"] * cost).mask(items["status"] == "phase-out"),
    ).iloc[np.argsort(-worth.to_numpy(), kind="stable")]
    ranked = ranked.assign(cumulative_share=ranked["value_share"].cumsum().clip(upper=1.0))
    places = dict.fromkeys(("demand_value", "safety_stock_value", "average_stock_value"), 2)
    places |= {"value_share": 6, "cumulative_share": 6, "service_target": 4, "expected_fill_rate": 4}
    return ranked.round(places)[SEGMENTS.column_names].reset_index(drop=True)
