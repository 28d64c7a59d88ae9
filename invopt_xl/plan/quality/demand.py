"""Demand alone, admitted row by row: what a forecast needs, without items and their terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pandas as pd

from invopt_xl.domain import Period
from invopt_xl.forecasting.panel.calendar import DemandCalendar, demand_calendar
from invopt_xl.plan.columns import DEMAND, ITEMS, PARAMETERS, QUALITY, READING, Tables, empty
from invopt_xl.plan.quality import rules
from invopt_xl.plan.quality.admission import read_draft, refuse_if_empty
from invopt_xl.plan.quality.contract import fill_defaults
from invopt_xl.plan.quality.findings import Draft, Findings
from invopt_xl.plan.quality.settings import given_parameters


@dataclass(frozen=True, eq=False)
class AdmittedDemand:
    """What forecasts may stand on.

    Parameters
    ----------
    demand
        Typed rows of ``tblDemand``; those from the end of the records on have no quantity and are plans. Earlier
        ones without a quantity were rejected: it is not known, and they come last.
    periods
        The periods that demand is counted in, and where its records end.
    given
        Parameters that the source gives, by name.
    quality
        ``tblQuality``: every rejected row and what else was repaired.
    rejected
        Rows left out.
    findings
        What `quality` is made of, every row by itself.
    """

    demand: pd.DataFrame
    periods: DemandCalendar
    given: Mapping[str, Any]
    quality: pd.DataFrame
    rejected: int
    findings: Findings = field(default_factory=Findings)


def admit_demand(
    raw: Tables, *, period: Period | None = None, start: date | None = None, today: date | None = None
) -> AdmittedDemand:
    """Admit good rows of demand as a typed table; name every bad row with its row, value and reason.

    Rows are judged as `admit` judges them, but any item may be forecast: it needs no row in ``tblItems``.

    Parameters
    ----------
    raw
        Tables by stem as found; ``demand`` is required. ``parameters`` gives the period and the plan date, which
        is the first day to forecast, and ``items`` the location of rows that name none.
    period
        Length of a period; by default the parameter, else as the dates tell.
    start
        A day of the first period to forecast; by default the plan date of the parameters, else as the dates tell.
        Rows from it on are not learned.
    today
        The period this day falls in is not over.

    Raises
    ------
    InputError
        If there is no table or column of demand, no row can be used, or the period cannot be told.

    Examples
    --------
    >>> dates = ["2023-01-01", "2023-02-01", "2023-03-01", "2023-04-01"]
    >>> demand = pd.DataFrame({"item": 7, "date": dates, "quantity": [1, "x", 3, None], "promotion": 1})
    >>> admitted = admit_demand({"demand": demand})
    >>> admitted.periods.start.isoformat(), admitted.rejected, len(admitted.demand)
    ('2023-04-01', 1, 4)
    """
    findings = Findings()
    findings.take(raw.get(READING, empty(QUALITY)))
    draft = read_draft(raw, DEMAND, findings)
    refuse_if_empty(draft, "no demand can be forecast", "a row for each item and period")
    settings = read_draft(raw, PARAMETERS, findings)
    given = given_parameters(settings)
    periods = _periods(draft, given, period, start, today)
    rules.place_at_only_location(draft, _stocked(raw))
    fill_defaults(draft)
    rules.reject_far_dates(draft, periods.end)
    told = start is None and "plan_date" in given
    rules.hold_demand(draft, periods.end, "the plan date" if told else "the end of the records")
    rules.add_up_sales_lines(draft)
    rules.keep_unknown_periods(draft, _stocked(raw), periods.calendar)
    refuse_if_empty(draft, "no demand can be forecast", "a row for each item and period")
    rejected = draft.rejected + settings.rejected
    return AdmittedDemand(draft.frame, periods, given, findings.frame(), rejected, findings)


def _periods(
    draft: Draft, given: Mapping[str, Any], period: Period | None, start: date | None, today: date | None
) -> DemandCalendar:
    dates = rules.recorded(draft.frame)["date"].to_numpy()
    plan_date: date | None = given.get("plan_date") if start is None else None
    periods = demand_calendar(dates, period=period or given.get("period"), start=start or plan_date, today=today)
    return periods if plan_date is None else replace(periods, end=plan_date)


def _stocked(raw: Tables) -> pd.DataFrame:
    """Return the items and locations that the source lists, where it does so readably; nothing else of them counts."""
    source = raw.get(ITEMS.stem, empty(ITEMS))
    table = replace(ITEMS, columns=tuple(replace(ITEMS.column(name), required=False) for name in ITEMS.key))
    draft = read_draft({ITEMS.stem: source}, table, Findings())
    return draft.frame
