"""What the last plan expects, for segments that are to be those of its workbook."""

from __future__ import annotations

import numpy as np
import pandas as pd

from invopt_xl.plan.columns import LOG, PLAN, Tables
from invopt_xl.plan.histories import item_positions
from invopt_xl.plan.overrides import KEY
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quality.coercion import read


def with_planned_demand(items: pd.DataFrame, raw: Tables, parameters: Parameters) -> pd.DataFrame:
    """Return the items with the demand a period of the last plan, where that is of this plan date and knows them all.

    Without it, or where it has another date, lacks an item or holds one twice, they are returned as they are: demand of
    history and of a forecast do not rank together.

    Parameters
    ----------
    items
        Admitted items.
    raw
        Tables as read, with those of the last refresh.
    parameters
        For the plan date.
    """
    plan = raw.get(PLAN.stem, pd.DataFrame())
    if not {"item", "demand_per_period"} <= set(plan.columns) or not is_of_plan_date(raw, parameters):
        return items
    keys = {name: read(plan[name], PLAN.column(name)).values for name in KEY if name in plan}
    location = keys.get("location", pd.Series(items["location"].iloc[0], index=plan.index))
    known = pd.DataFrame({"item": keys["item"], "location": location})
    if known.duplicated().any():
        return items
    demand = read(plan["demand_per_period"], PLAN.column("demand_per_period")).values.to_numpy(dtype=np.float64)
    rows = item_positions(known, items)
    found = np.where(rows >= 0, demand[rows], np.nan)
    return items.assign(demand_per_period=found) if np.isfinite(found).all() else items


def is_of_plan_date(raw: Tables, parameters: Parameters) -> bool:
    """Return whether the last refresh was for this plan date.

    Parameters
    ----------
    raw
        Tables as read, with those of the last refresh.
    parameters
        For the plan date.
    """
    log = raw.get(LOG.stem, pd.DataFrame())
    if "plan_date" not in log:
        return False
    dates = read(log["plan_date"], LOG.column("plan_date")).values.dropna()
    return len(dates) > 0 and str(dates.iloc[-1])[:10] == parameters.plan_date.isoformat()
