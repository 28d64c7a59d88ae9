"""The plan before the last refresh beside the new one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.plan.columns import PLAN, PREVIOUS, PREVIOUS_FIGURES, Tables
from invopt_xl.plan.overrides import KEY
from invopt_xl.plan.quality.coercion import read
from invopt_xl.plan.views.last_rows import last_rows, unmatched

LEAST = 0.005
"""Figures closer than this are the same: they are written with two decimals at most."""

CAUSES = {
    "order": ("order_quantity",),
    "levels": ("reorder_point", "safety_stock", "demand_per_period"),
    "stock": ("on_hand", "excess_value"),
}
"""What a change is called by the figures that changed; the first that applies is told."""


def previous_table(plan: pd.DataFrame, raw: Tables) -> pd.DataFrame:
    """Return ``tblPrevious``: figures of the plan before this refresh, a row each, with what became of them.

    Rows stand in the order of the plan; then those of items that are planned no more. Without a plan before, none do.

    Parameters
    ----------
    plan
        ``tblPlan`` of now.
    raw
        Tables as read, with the plan before. A figure that cannot be read there counts as none.
    """
    last = last_rows(PLAN, raw, plan)
    before = pd.DataFrame({name: last[name] for name in KEY})
    before["description"] = last.get("description")
    for name in PREVIOUS_FIGURES:
        cells = last[name] if name in last else pd.Series(None, index=last.index, dtype=object)
        before[f"{name}_before"] = read(cells.astype(object), PLAN.column(name)).values.astype(np.float64)
    # Rows kept for the planner's words alone have no figures.
    before = before[before.filter(like="_before").notna().any(axis=1)].drop_duplicates(KEY)
    now = plan.loc[plan["order_quantity"].notna(), [*KEY, "description", *PREVIOUS_FIGURES]]
    if before.empty:
        now = now.head(0)
    gone = before[unmatched(before, now)]
    both = now.merge(before.drop(columns="description"), on=KEY, how="left", indicator="found")
    both = pd.concat([both.assign(found=both["found"].astype(str)), gone.assign(found="gone")], ignore_index=True)
    for name in PREVIOUS_FIGURES:
        both[f"{name}_change"] = (both[name].astype(np.float64) - both[f"{name}_before"]).round(4) + 0.0
    return both.assign(change=_change(both))[PREVIOUS.column_names]


def _change(both: pd.DataFrame) -> npt.NDArray[np.str_]:
    """Return in a word what became of each row."""
    found = both["found"]
    kinds, rows = ["new", "gone"], [found == "left_only", found == "gone"]
    for kind, names in CAUSES.items():
        kinds.append(kind)
        rows.append((both[[f"{name}_change" for name in names]].abs() >= LEAST).any(axis=1))
    return np.select(rows, kinds, "none")
