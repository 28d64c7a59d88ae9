"""The log of overrides: a row for each that was followed, when it was typed or changed.

A row is about one order: of an item on the plan date, or on the day of the override. As long as that day has not passed
it can still be changed: the row of what was typed before then stays, with the verdict `REPLACED`, and so does one that
was withdrawn. An override without a date that still stands on a later plan date is another order, with its own row; one
of zero orders nothing, and has another row only once the last is measured.
"""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from invopt_xl.plan.columns import OVERRIDES, Tables
from invopt_xl.plan.histories import item_positions
from invopt_xl.plan.kept_rows import appended, kept_rows, typed
from invopt_xl.plan.orders.sources import planned_lead
from invopt_xl.plan.override_outcomes.measuring import OPEN, effective, measured
from invopt_xl.plan.overrides import KEY
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quality import Admitted
from invopt_xl.plan.quality.overriding import REPLACED

Row = dict[Hashable, Any]
_SAME = 1e-9


def override_log(raw: Tables, items: pd.DataFrame, admitted: Admitted, *, user: str, now: datetime) -> pd.DataFrame:
    """Return ``tblOverrides``: the rows there are, what came of them as far as it is known, and what is new.

    Parameters
    ----------
    raw
        Tables as read, with the log of earlier refreshes.
    items
        The planned items with what the planner wrote, proposals and terms.
    admitted
        For parameters, demand and open orders.
    user
        Who refreshes.
    now
        When.
    """
    kept = kept_rows(raw, OVERRIDES)
    followed = items[items["override"].notna()]
    current = {(row["item"], row["location"]): row for row in followed.to_dict("records")}
    planned = set(zip(items["item"], items["location"], strict=True))
    verdicts, notes, logged = kept["verdict"].tolist(), kept["note"].tolist(), set()
    for place, row in enumerate(typed(kept, OVERRIDES).to_dict("records")):
        key = (row["item"], row["location"])
        if row["verdict"] != OPEN or key not in planned:
            continue
        is_same = key in current and _is_same(row, current[key])
        if not _may_change(row, admitted.parameters):
            # An order of a day is one order, though a later plan told of it first; of none there is none to repeat.
            is_one = row["override_date"] == row["override_date"] or row["override_quantity"] == 0
            logged |= {key} if is_same and is_one else set()
            continue
        if is_same:
            logged.add(key)
            notes[place] = current[key]["note"]
        else:
            verdicts[place] = REPLACED
    keys = zip(followed["item"], followed["location"], strict=True)
    is_new = np.array([key not in logged for key in keys], dtype=bool)
    rows = _new_rows(followed[is_new], admitted).assign(user=user, logged_at=f"{now:%Y-%m-%d %H:%M:%S}")
    kept = kept.assign(verdict=pd.Series(verdicts, dtype=object), note=pd.Series(notes, dtype=object))
    return appended(measured(kept, items, admitted), rows, OVERRIDES)


def _may_change(row: Row, parameters: Parameters) -> bool:
    """Tell whether the order of a row has not passed: its day is the plan date or later."""
    plan_date = pd.Timestamp(parameters.plan_date)
    if not row["plan_date"] <= plan_date:
        return False  # of a later plan, or unreadable
    own: Any = row["override_date"]
    day = own if own == own else row["plan_date"]
    return bool(day >= plan_date)


def _is_same(row: Row, now: Row) -> bool:
    """Tell whether the row is about the override that stands now."""
    days: tuple[Any, Any] = row["override_date"], now["override_on"]
    same_day = days[0] == days[1] or all(day != day for day in days)  # missing is unlike itself
    return bool(same_day and abs(row["override_quantity"] - now["override"]) <= _SAME)


def _new_rows(followed: pd.DataFrame, admitted: Admitted) -> pd.DataFrame:
    """Return rows for overrides that are followed for the first time."""
    parameters = admitted.parameters
    calendar = parameters.calendar
    lead = planned_lead(followed["lead_periods"].to_numpy(dtype=np.float64))
    review = np.ceil(followed["review_days"].to_numpy(dtype=np.float64) / calendar.days_per_period - 1e-9)
    ordered = followed["override_period"].to_numpy(dtype=np.float64)
    proposed = followed["proposed_period"].fillna(0.0).to_numpy(dtype=np.float64)
    spans = [
        [period for _, period in effective([(first, begin), (second, then)])]
        for first, begin, second, then in zip(
            followed["proposed_quantity"], proposed, followed["override"], ordered, strict=True
        )
    ]
    first = np.array([min(span) for span in spans]) + lead if spans else lead
    end = np.array([max(span) for span in spans]) + lead + review if spans else lead
    until = calendar.start(end.astype(np.int64)) - np.timedelta64(1, "D")
    change = followed["override"] - followed["proposed_quantity"]
    days = calendar.start(proposed.astype(np.int64)).astype("datetime64[ns]")
    rows = followed[[*KEY, "proposed_quantity", "note", "on_hand"]].assign(
        plan_date=pd.Timestamp(parameters.plan_date),
        proposed_date=pd.Series(days, index=followed.index).where(proposed > 0),
        override_quantity=followed["override"],
        override_date=followed["override_on"],
        change=change,
        change_value=(change * followed["unit_cost"]).round(2),
        on_order=_due_by(followed, until, admitted),
        measured_from=calendar.start(first.astype(np.int64)).astype("datetime64[ns]"),
        measured_to=until.astype("datetime64[ns]"),
        verdict=OPEN,
    )
    return rows.reindex(columns=OVERRIDES.column_names)


def _due_by(followed: pd.DataFrame, until: np.ndarray, admitted: Admitted) -> np.ndarray:
    """Return units of open orders of each item that are due by its day."""
    open_orders = admitted.tables["open_orders"]
    row = item_positions(followed, open_orders)
    mine = row >= 0
    due = open_orders["due_date"].to_numpy().astype("datetime64[D]")[mine]
    in_time = due <= until[row[mine]]
    units = np.zeros(len(followed))
    np.add.at(units, row[mine][in_time], open_orders["quantity"].to_numpy(dtype=np.float64)[mine][in_time])
    return units
