"""What is on its way when a supplier closes: when it is due, and until when it is held up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from invopt_xl.domain.words import counted
from invopt_xl.optimise import Closure, OrderProblem, Replanned
from invopt_xl.optimise.terms import IntArray
from invopt_xl.plan.disruptions.reading import Told
from invopt_xl.plan.explain import SENT
from invopt_xl.plan.order_plan import Basis
from invopt_xl.plan.orders import Planned
from invopt_xl.plan.orders.dating import day_in_words, first_day
from invopt_xl.plan.orders.lines import due_dates, numbered_lines
from invopt_xl.plan.parameters import Parameters

Closed = tuple[str, Closure]
"""A supplier's name, and when it is closed, within what is planned."""


def closures_of(problem: OrderProblem, told: Told) -> list[Closed]:
    """Return who is closed when, within the periods planned."""
    found = [one for one in told.disruptions if isinstance(one, Closure)]
    return [
        (problem.supplier_names[one.supplier], replace(one, last=min(one.last, problem.periods - 1))) for one in found
    ]


def due_periods(sources: pd.DataFrame, periods: int, parameters: Parameters) -> IntArray:
    """Return in which period what is ordered is due, by source and order period.

    Parameters
    ----------
    sources
        As `source_table` returns them.
    periods
        How many are planned.
    parameters
        For the calendar.
    """
    clock = np.broadcast_to(np.arange(periods), (len(sources), periods))
    due = due_dates(sources["lead_periods"].to_numpy(dtype=np.float64)[:, None], clock, parameters)
    return np.asarray(parameters.calendar.index(due.ravel().astype("datetime64[D]")).reshape(due.shape), dtype=np.int64)


def due_when_open(orders: pd.DataFrame, closures: Sequence[Closed], parameters: Parameters) -> pd.DataFrame:
    """Return order lines, those due while their supplier is closed as due on the first day after.

    Parameters
    ----------
    orders
        ``tblOrders``.
    closures
        One after the other.
    parameters
        For the calendar.
    """
    due = orders["due_date"].copy()
    for supplier, spell in closures:
        begin, after = (pd.Timestamp(first_day(each, parameters)) for each in (spell.first, spell.last + 1))
        held = (orders["supplier"] == supplier) & (due >= begin) & (due < after)
        due[held] = after
    return orders.assign(due_date=due)


def lines_sent(orders: pd.DataFrame, basis: Basis, anew: Planned) -> pd.DataFrame:
    """Return those lines of ``tblOrders`` that are sent already, with their row numbers there."""
    lines = numbered_lines(basis.items, anew, basis.admitted.parameters)
    sent = anew.plan.shaped_by[lines["source"].to_numpy(), lines["period"].to_numpy()] == SENT
    return orders[pd.Series(sent, index=orders.index)]


def held_in_words(
    found: Replanned, anew: Planned, closures: Sequence[Closed], parameters: Parameters
) -> tuple[str, ...]:
    """Return a sentence for each closure that holds up lines sent already: how many, their worth, until when.

    Parameters
    ----------
    found
        The plan after the disruption, in which each such line has a source of its own.
    anew
        The same with what explains it.
    closures
        Who is closed when.
    parameters
        For the calendar.
    """
    problem = found.problem
    late = (anew.sources["held_up"] != "").to_numpy()
    told = []
    for supplier, spell in closures:
        own = late & found.after.of_supplier(spell.supplier) & (problem.lead_time_periods == spell.last + 1)
        if own.any():
            day = day_in_words(first_day(spell.last + 1, parameters), parameters.plan_date)
            lines = counted(int(own.sum()), "line")
            come = f"{'comes' if own.sum() == 1 else 'come'} only on {day}"
            later = " or later" if spell.last + 1 >= problem.periods else ""
            told.append(f"{lines} sent to {supplier} already, worth {anew.value[own].sum():,.2f}, {come}{later}.")
    return tuple(told)
