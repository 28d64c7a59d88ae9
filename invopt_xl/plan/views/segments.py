"""Items by class: what each is worth, what is asked of it, the stock that takes, and what its class asks for."""

from __future__ import annotations

import numpy as np
import pandas as pd

from invopt_xl.plan.columns import SEGMENTS
from invopt_xl.plan.segmentation import Segmentation


def segment_table(found: Segmentation) -> pd.DataFrame:
    """Return ``tblSegments``: a row per item-location, the one of most demand value first.

    Parameters
    ----------
    found
        The segments of the planned items; of items without a plan, what a plan would say of them stays blank.
    """
    items = found.items
    cost, worth = items["unit_cost"], items["demand_value"]
    total = float(worth.sum())
    ranked = items.assign(
        value_share=worth / total if total > 0 else 0.0, **_planned(items, cost) if "safety_stock" in items else {}
    ).iloc[np.argsort(-worth.to_numpy(), kind="stable")]
    ranked = ranked.assign(cumulative_share=ranked["value_share"].cumsum().clip(upper=1.0))
    places = dict.fromkeys(("demand_value", "safety_stock_value", "average_stock_value"), 2)
    places |= dict.fromkeys(("service_target", "expected_fill_rate", "forecast_error", "recommended_target"), 4)
    places |= dict.fromkeys(("value_share", "cumulative_share"), 6)
    return ranked.round(places).reindex(columns=SEGMENTS.column_names).reset_index(drop=True)


def _planned(items: pd.DataFrame, cost: pd.Series[float]) -> dict[str, pd.Series[float]]:
    """Return what the plan says of each item."""
    return {
        "service_target": items["service_target"].mask(items["service_measure"] == "cost"),
        "safety_stock_value": items["safety_stock"].clip(lower=0.0) * cost,
        # What is phased out is not bought: no levels are filled up to.
        "average_stock_value": (items["average_stock"] * cost).mask(items["status"] == "phase-out"),
    }
