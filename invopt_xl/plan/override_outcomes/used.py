"""Overrides that are used up: their order belongs to a period that is over."""

from __future__ import annotations

from datetime import date

import pandas as pd

from invopt_xl.errors import InputError
from invopt_xl.plan.columns import OVERRIDES, PLAN, Tables
from invopt_xl.plan.kept_rows import kept_rows, typed
from invopt_xl.plan.overrides import KEY
from invopt_xl.plan.quality.coercion import read
from invopt_xl.plan.quality.overriding import REPLACED
from invopt_xl.plan.views.last_rows import last_rows


def ordered_on_their_day(items: pd.DataFrame) -> tuple[str, ...]:
    """Return the items whose dated override was ordered on its day, now past: it orders nothing more.

    Parameters
    ----------
    items
        The planned items, with what `overrides.followed` tells of the planner's columns.

    Examples
    --------
    >>> ordered_on_their_day(pd.DataFrame({"item": ["tea", "cup"], "override_ordered": ["16 Jan 2018", None]}))
    ('tea',)
    """
    return tuple(items.loc[items["override_ordered"].fillna("") != "", "item"].astype(str))


def used_overrides(raw: Tables, items: pd.DataFrame, plan_date: date, end: date) -> pd.DataFrame:
    """Return the rows of the last plan whose override was ordered before a day, the index being the row at the source.

    Ordered is what the log tells of, as it stands in the plan: without a day on the last plan date, else on its own
    day. What was typed after the last refresh is not among them, nor an override of zero without a day, which stands
    until it is cleared by hand.

    Parameters
    ----------
    raw
        Tables as read, with the last plan and the log of overrides.
    items
        Item and location of the items, for a plan without locations.
    plan_date, end
        The plan date until now, and the next one.

    Raises
    ------
    InputError
        If there is no log, in which what is cleared would still stand.

    Examples
    --------
    >>> plan = pd.DataFrame({"item": ["tea", "cup"], "override_quantity": [24, 5]}, index=[2, 3])
    >>> log = pd.DataFrame({"plan_date": ["2018-01-01"], "item": ["tea"], "override_quantity": [24]})
    >>> items = pd.DataFrame({"item": ["tea", "cup"], "location": "MAIN"})
    >>> used_overrides({"plan": plan, "overrides": log}, items, date(2018, 1, 1), date(2018, 1, 8)).index.tolist()
    [2]
    """
    if OVERRIDES.stem not in raw:
        raise InputError(f"there is no table {OVERRIDES.name}; expected one, for what is cleared stays in it alone")
    last = last_rows(PLAN, raw, items)
    names = ("override_quantity", "override_date")
    blank = pd.Series(None, index=last.index, dtype=object)
    typed_in = {name: read(last.get(name, blank).astype(object), PLAN.column(name)).values for name in names}
    plan = last[KEY].assign(**typed_in, row=last.index)
    log = typed(kept_rows(raw, OVERRIDES), OVERRIDES)
    day = log["override_date"].fillna(log["plan_date"])
    is_last = log["override_date"].notna() | (log["plan_date"] == pd.Timestamp(plan_date))
    is_used = log["override_date"].notna() | (log["override_quantity"] > 0)
    log = log[is_last & is_used & (log["verdict"] != REPLACED) & (day < pd.Timestamp(end))]
    both = [*KEY, *names]
    found = plan.merge(log[both].drop_duplicates(), on=both)
    return found.set_index("row").sort_index()
