"""What the log of overrides comes to."""

from __future__ import annotations

import numpy as np
import pandas as pd

from invopt_xl.plan.columns import OVERRIDES, Tables
from invopt_xl.plan.kept_rows import kept_rows, typed
from invopt_xl.plan.overrides import KEY
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quality.overriding import REPLACED

FIGURE = "Value added by overrides"

Figure = tuple[str, float, str, str]
"""Name, value, unit and note, as ``tblKpis`` has them."""


def value_added_figure(log: pd.DataFrame, parameters: Parameters) -> Figure:
    """Return what overrides gained over the plan's proposals, as far as it is measured: money, missing before that.

    Parameters
    ----------
    log
        ``tblOverrides``.
    parameters
        For the currency.

    Examples
    --------
    >>> from datetime import date
    >>> log = pd.DataFrame({"value_added": [12.0, -2.0, None], "verdict": ["better", "worse", "open"]})
    >>> value_added_figure(log.reindex(columns=OVERRIDES.column_names), Parameters(date(2018, 1, 1)))[1::2]
    (10.0, 'Holding and shortage saved over the proposals, on demand that came: 2 measured, 1 better; 1 open.')
    """
    rows = typed(log.reset_index(drop=True), OVERRIDES)
    added = rows["value_added"].dropna()
    better, waiting = int((rows["verdict"] == "better").sum()), int((rows["verdict"] == "open").sum())
    what = "Holding and shortage saved over the proposals, on demand that came"
    note = f"{what}: {len(added)} measured, {better} better; {waiting} open."
    return FIGURE, float(added.sum()) if len(added) else np.nan, parameters.currency or "money", note


def ordered_before(raw: Tables, items: pd.DataFrame, parameters: Parameters) -> pd.Series[str]:
    """Return for each item the last plan date on which the same override without a day was ordered; "" if none was.

    An override that is not cleared counts again on every plan date, which nobody may have meant. One of zero orders
    nothing: it stands until it is cleared, and was not ordered.

    Parameters
    ----------
    raw
        Tables as read, with the log of earlier refreshes.
    items
        The planned items with what the planner wrote.
    parameters
        For the plan date.
    """
    rows = typed(kept_rows(raw, OVERRIDES), OVERRIDES)
    past = (rows["plan_date"] < pd.Timestamp(parameters.plan_date)) & rows["override_date"].isna()
    past &= (rows["verdict"] != REPLACED) & (rows["override_quantity"] > 0)
    ordered = rows[past].rename(columns={"override_quantity": "override"})
    last = ordered.groupby([*KEY, "override"])["plan_date"].max().rename("before").reset_index()
    undated = items[[*KEY, "override"]].where(items["override_on"].isna())
    found = undated.merge(last, on=[*KEY, "override"], how="left")["before"]
    words = [f"{day.day} {day:%b %Y}" if day == day else "" for day in found]
    return pd.Series(words, index=items.index, dtype=object)
