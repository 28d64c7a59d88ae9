"""The matrix of classes: what stands in each cell and what is advised for it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from invopt_xl.domain.words import counted
from invopt_xl.plan.columns import MATRIX
from invopt_xl.plan.segmentation.advising import POLICIES, REVIEW_DAYS

NO_CLASS = "no class"
"""The row of items that are worth nobody knows what."""


def matrix_table(rows: pd.DataFrame, days_per_period: float = 1.0) -> pd.DataFrame:
    """Return ``tblMatrix``: a row for each cell, then one for items without a class if there are any.

    Parameters
    ----------
    rows
        Items as `segment` finds them.
    days_per_period
        Length of a period: nothing is reviewed more often.
    """
    totals = {name: float(rows[name].sum()) for name in ("demand_value", "stock_value")}
    cells = [*POLICIES, *([""] if (rows["cell"] == "").any() else [])]
    table = pd.DataFrame([_cell(cell, rows[rows["cell"] == cell], totals) for cell in cells])
    places = {"demand_value": 2, "stock_value": 2, "value_share": 6, "stock_share": 6, "target": 4}
    table["review_days"] = table["review_days"].clip(lower=days_per_period).round()
    return table.round(places)[MATRIX.column_names]


def _cell(cell: str, rows: pd.DataFrame, totals: dict[str, float]) -> dict[str, object]:
    worth, stock = float(rows["demand_value"].sum()), float(rows["stock_value"].sum())
    policy = POLICIES.get(cell, "")
    as_usual, targets = rows["recommended_policy"] == policy, rows["recommended_target"].dropna()
    # What is no longer bought has no method; it is counted beside the others.
    methods = (rows[as_usual] if as_usual.any() else rows)["recommended_method"]
    return {
        "cell": cell or NO_CLASS,
        "items": len(rows),
        "demand_value": worth,
        "value_share": worth / totals["demand_value"] if totals["demand_value"] > 0 else np.nan,
        "stock_value": stock,
        "stock_share": stock / totals["stock_value"] if totals["stock_value"] > 0 else np.nan,
        "policy": policy,
        "method": methods.mode().iloc[0] if len(methods) else "",
        "review_days": REVIEW_DAYS.get(cell[:1], np.nan),
        "target": float(targets.mean()) if len(targets) else np.nan,
        "hopped": int((rows["class_changes"] > 0).sum()),
        "otherwise": _otherwise(rows[~as_usual]),
    }


def _otherwise(rows: pd.DataFrame) -> str:
    """Return for how many items of a cell another policy is advised, and which."""
    counts = rows["recommended_policy"].value_counts()
    return "; ".join(f"{counted(int(count), 'item')}: {policy}" for policy, count in counts.items())
