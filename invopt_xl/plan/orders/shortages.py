"""All demand that an order plan leaves unmet: whose, when, how much, what it costs, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from invopt_xl.domain.words import counted
from invopt_xl.optimise import OrderProblem, Shortfall
from invopt_xl.optimise.accounting import simulate
from invopt_xl.optimise.terms import FloatArray, IntArray
from invopt_xl.optimise.wording import units_in_words, units_named
from invopt_xl.plan.columns import ORDER_SHORTFALLS
from invopt_xl.plan.keys import item_names
from invopt_xl.plan.orders.dating import day_in_words, first_day, last_day
from invopt_xl.plan.orders.planned import Planned
from invopt_xl.plan.orders.short import is_frozen, kind_of_reason, named_by_calendar, why_short
from invopt_xl.plan.parameters import Parameters

LEAST = 5e-5
"""Units short that the tables show as none."""

TOLD = 0.1
"""Share of a row up to which its units are as good as named elsewhere."""

MOST_EXPLAINED = 250
"""Spells of shortage that are looked into, those of most money first: each takes some milliseconds."""

NOT_ASKED = "not looked into, as others cost more"
"""The reason of what comes after them."""


@dataclass(frozen=True, eq=False)
class _Spell:
    """Periods in a row in which an item is short."""

    item: int
    periods: IntArray
    cost: float


def order_shortfalls(items: pd.DataFrame, planned: Planned, parameters: Parameters) -> pd.DataFrame:
    """Return ``tblOrderShortfalls``: a row for each item and kind of reason, those that cost most first.

    All that is short within the horizon is in it: with lost sales its units and costs add up to those of
    ``tblOrderItems`` and ``tblOrderCosts``.

    Parameters
    ----------
    items
        The planned items.
    planned
        The order plan.
    parameters
        For dates and the horizon.
    """
    within = slice(min(parameters.horizon_periods, planned.problem.periods))
    short = simulate(planned.problem, planned.plan.quantity).short[:, within]
    spells = sorted(_spells(planned.problem, short), key=lambda one: (-one.cost, -float(short[one.item].sum())))
    alike: dict[tuple[int, str], list[tuple[_Spell, str]]] = {}
    for place, spell in enumerate(spells):
        told = NOT_ASKED
        if place < MOST_EXPLAINED:
            told = why_short(planned, spell.item, int(spell.periods[0]), parameters)
        alike.setdefault((spell.item, kind_of_reason(told)), []).append((spell, told))
    rows = []
    for (item, _), found in alike.items():
        clock = np.concatenate([spell.periods for spell, _ in found])
        units = short[item, clock].sum() if planned.problem.shortage == "lost" else short[item, clock].max()
        span = first_day(int(clock.min()), parameters), last_day(int(clock.max()), parameters)
        cost = sum(spell.cost for spell, _ in found)
        about = items.iloc[item][["item", "location", "description"]]
        rows.append((*about, *span, len(clock), round(float(units), 4), round(cost, 2) + 0.0, found[0][1]))
    table = pd.DataFrame(rows, columns=ORDER_SHORTFALLS.column_names)
    days = {name: pd.to_datetime(table[name]).astype("datetime64[ns]") for name in ("date", "until")}
    return table.assign(**days).sort_values("cost", ascending=False, kind="stable", ignore_index=True)


def not_named(table: pd.DataFrame, items: pd.DataFrame, told: Sequence[Shortfall]) -> pd.DataFrame:
    """Return ``tblOrderShortfalls`` without the units that shortfalls name already, with each item's ``name``.

    Parameters
    ----------
    table
        As `order_shortfalls` returns it.
    items
        The planned items.
    told
        What is named already.
    """
    names = dict(zip(zip(items["item"], items["location"], strict=True), item_names(items), strict=True))
    frozen = {name for one in told if one.kind == "frozen" for name, _ in one.unmet}
    named: defaultdict[str, float] = defaultdict(float)
    for name, units in (pair for one in told if one.kind != "frozen" for pair in one.unmet):
        named[name] += units
    rows = []
    for row in table.to_dict("records"):
        name, units, why = names[row["item"], row["location"]], float(row["units"]), str(row["why"])
        taken = units if is_frozen(why) and name in frozen else 0.0
        if not named_by_calendar(why):
            taken = min(units, named[name])
            named[name] -= taken
        if units - taken > TOLD * units:
            left = (units - taken) / units
            rows.append({**row, "name": name, "units": units * left, "cost": float(row["cost"]) * left})
    return pd.DataFrame(rows, columns=[*table.columns, "name"]).sort_values("cost", ascending=False, kind="stable")


def _spells(problem: OrderProblem, short: FloatArray) -> Iterator[_Spell]:
    """Yield periods in a row in which an item is short, apart those that no order reaches, and those frozen."""
    soonest = np.full(problem.items, problem.periods)
    np.minimum.at(soonest, problem.source_item, problem.lead_time_periods)
    for item in np.flatnonzero((short > LEAST).any(axis=1)).tolist():
        clock = np.flatnonzero(short[item] > LEAST)
        reached = clock[:, None] >= soonest[item] + np.array([0, problem.frozen_periods])
        apart = (np.diff(clock) > 1) | np.diff(reached.sum(axis=1)).astype(bool)
        for periods in np.split(clock, np.flatnonzero(apart) + 1):
            yield _Spell(item, periods, float(short[item, periods].sum() * problem.shortage_cost[item]))


def shortage_sentence(row: Mapping[Hashable, Any], parameters: Parameters, said: Collection[str] = ()) -> str:
    """Return a row of `not_named` in words.

    Parameters
    ----------
    row
        The row.
    parameters
        For the words of periods and money.
    said
        What is said already: a reason among these is not said again.

    Examples
    --------
    >>> from datetime import date
    >>> row = {"name": "tea", "date": pd.Timestamp("2018-01-08"), "until": pd.Timestamp("2018-01-28"), "periods": 3,
    ...        "units": 12.0, "cost": 24.0, "why": "an order now would cost 7 more than it saves"}
    >>> shortage_sentence(row, Parameters(date(2018, 1, 1), currency="EUR"))
    'tea: 12 units, 24.00 EUR, 3 weeks from 8 Jan to 28 Jan: an order now would cost 7 more than it saves'
    """
    start, end = (day_in_words(row[name].date(), parameters.plan_date) for name in ("date", "until"))
    span = f"{start} to {end}" if start != end else start
    when = f"{counted(row['periods'], parameters.period)} from {span}" if row["periods"] > 1 else span
    money = f" {parameters.currency}" if parameters.currency else ""
    units = units_named(units_in_words(row["units"]))
    why = "as said above" if row["why"] in said else row["why"]
    return f"{row['name']}: {units}, {row['cost']:,.2f}{money}, {when}: {why}"
