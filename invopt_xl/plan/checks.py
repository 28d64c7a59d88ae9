"""The checks that roll up into the master check of a plan."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import numpy as np
import pandas as pd

from invopt_xl.domain.words import counted
from invopt_xl.plan.as_read import stock_read
from invopt_xl.plan.columns import CHECKS, LOG, Tables
from invopt_xl.plan.exceptions.goal import missed
from invopt_xl.plan.orders import Planned
from invopt_xl.plan.orders.worth import possible_saving, saving_in_words
from invopt_xl.plan.quality import Admitted
from invopt_xl.plan.service_goals import OverallService
from invopt_xl.plan.views import Found

Check = tuple[str, bool, str]
"""What is checked, whether it holds, and the figures."""

SMALL_SAVING = 0.01
"""What a better order plan could save, as a share of purchases, that is no reason to look: less than a price moves."""


def checks_of(found: Found, tables: Tables) -> list[Check]:
    """Return what must hold of a plan, whichever of its views were made.

    Parameters
    ----------
    found
        What the refresh has found.
    tables
        All tables of the refresh but its checks and its log.
    """
    items, lines, planned, admitted = found.items, found.lines, found.planned, found.admitted
    overall = found.levelled.overall
    bought = ~planned.problem.transfer[lines["source"]]
    now = lines["value"][(lines["period"] == 0) & bought]
    overrides = int(items["override"].notna().sum())
    kept = "all kept" + (f" beside {counted(overrides, 'override')}" if overrides else "")
    beyond = int(items["beyond_plan"].sum())
    lines_value, plan_value = now.sum(), items["order_value"].sum()
    quantiles = tables["forecast"][[name for name in tables["forecast"].columns if name.startswith("p")]]
    ordered = bool((quantiles.diff(axis=1).iloc[:, 1:] >= -1e-6).all(axis=None))
    limits = planned.broken
    return [
        ("Rows accepted", admitted.rejected == 0, f"{admitted.rejected:,} rejected"),
        ("Every accepted item is planned", len(tables["plan"]) >= len(items) > 0, counted(len(items), "item")),
        ("Forecast quantiles are in order", ordered, f"{len(quantiles):,} forecasts"),
        ("Orders keep minimums, lots and limits", not limits, "; ".join(limits[:3]) or kept),
        ("Every lead time fits the plan", not beyond, _beyond(beyond)),
        (
            "Order lines add up to the plan",
            bool(np.isclose(lines_value, plan_value, atol=0.05)),
            f"{lines_value:,.2f} and {plan_value:,.2f}",
        ),
        closeness_check(planned, admitted),
        *([_reach(items, overall)] if overall else []),
        *stock_check(found.raw, admitted.parameters.plan_date),
    ]


def stock_check(raw: Tables, plan_date: date) -> list[Check]:
    """Return whether stock was counted since an earlier plan date; nothing where the log tells of none.

    The same sum as on an earlier plan date is taken for the same count.

    Parameters
    ----------
    raw
        Tables as read, the log of earlier refreshes among them.
    plan_date
        The plan date now.

    Examples
    --------
    >>> items, log = pd.DataFrame({"on_hand": [5, 7]}), pd.DataFrame({"plan_date": ["2018-01-01"], "stock": [12.0]})
    >>> stock_check({"items": items, "log": log}, date(2018, 1, 8))[0][1:]
    (False, 'the same in total as on 2018-01-01: enter what is there now')
    >>> again = pd.concat([log, log.assign(plan_date="2018-01-08")], ignore_index=True)
    >>> stock_check({"items": items, "log": again}, date(2018, 1, 8))[0][1]
    False
    >>> stock_check({"items": items + 1, "log": again}, date(2018, 1, 8))
    [('Stock on hand is of the plan date', True, 'counted anew')]
    """
    log = raw.get(LOG.stem, pd.DataFrame()).reindex(columns=["plan_date", "stock"]).dropna()
    today, now = pd.Timestamp(plan_date), stock_read(raw)
    days = pd.to_datetime(log["plan_date"], errors="coerce", format="%Y-%m-%d")
    if not now or not (days < today).any():
        return []
    # Of the last refreshes, those that read the same stock, without one of another between them and now.
    is_same = np.isclose(pd.to_numeric(log["stock"], errors="coerce"), now)
    since = days[np.logical_and.accumulate(is_same[::-1])[::-1]].min()
    holds = not since < today
    detail = "counted anew" if holds else f"the same in total as on {since:%Y-%m-%d}: enter what is there now"
    return [("Stock on hand is of the plan date", holds, detail)]


def _beyond(items: int) -> str:
    return (
        f"{counted(items, 'item')} cannot be ordered in time to be planned" if items else "all can be ordered in time"
    )


def closeness_check(planned: Planned, admitted: Admitted) -> Check:
    """Return whether the order plan is as close to the cheapest as was asked for, or what is left is little money."""
    parameters = admitted.parameters
    asked = planned.plan.gap <= parameters.solver_gap
    share = possible_saving(planned) / max(planned.plan.costs["purchase"], 1e-9)
    detail = saving_in_words(planned, parameters.currency)
    if not asked:
        detail += f", {100.0 * parameters.solver_gap:.3g}% was asked for; it is {min(share, 1.0):.2%} of purchases"
        detail += "" if share <= SMALL_SAVING else "; give the plan more solver_seconds"
    return ("Order plan is close to the cheapest", asked or share <= SMALL_SAVING, detail)


def _reach(items: pd.DataFrame, overall: OverallService) -> Check:
    reached = overall.in_reach
    detail = "" if reached else f"; {missed(items, overall)}"
    return "The overall service target is in reach", reached, f"{overall.target:.1%} asked for{detail}"


def check_table(checks: Sequence[Check], refreshed_at: datetime) -> pd.DataFrame:
    """Return ``tblChecks``: the master check, the time of the refresh, then each check.

    Examples
    --------
    >>> table = check_table([("Rows accepted", True, "0 rejected")], datetime(2018, 1, 1, 8, 30))
    >>> table["result"].tolist()
    ['OK', '2018-01-01 08:30', 'OK']
    """
    failed = [name for name, holds, _ in checks if not holds]
    detail = f"look at: {'; '.join(failed)}" if failed else f"all {len(checks)} checks hold"
    rows = [
        ("Master check", "CHECK" if failed else "OK", detail),
        ("Last refresh", f"{refreshed_at:%Y-%m-%d %H:%M}", ""),
        *((name, "OK" if holds else "CHECK", text) for name, holds, text in checks),
    ]
    return pd.DataFrame(rows, columns=CHECKS.column_names)
