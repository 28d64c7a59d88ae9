"""Five Mondays of a planner: what templates show as their example, plan after plan, as it would have come about.

On each plan date the plan is made, some of it is overridden and refreshed, and what it says to order now is ordered.
Then the week's real sales come in, stock moves, and the period is closed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pandas as pd

from invopt_xl.cache import ContentCache
from invopt_xl.demo.few import few_tables
from invopt_xl.domain import Progress, Silent
from invopt_xl.plan.closing import Choices, Given, close_period
from invopt_xl.plan.columns import EXCESS, INPUTS, Tables
from invopt_xl.plan.pipeline import run

PLAN_DATES = tuple(date(2017, 12, 4) + timedelta(weeks=week) for week in range(5))

USER = "planner"
VERSION = "example"
SECONDS = 1.0
_TIMES = ("07:30:00", "08:15:00")
"""When a plan is refreshed: first thing in the morning, and again with what the planner changed."""

_TOOK = r" after [0-9.]+ s$"


@dataclass(frozen=True)
class Override:
    """What the planner orders in place of the plan's proposal."""

    item: str
    quantity: float
    note: str


OVERRIDES: Mapping[date, tuple[Override, ...]] = {
    PLAN_DATES[0]: (Override("P914190", 288.0, "Baking for the holidays: buy ahead"),),
    PLAN_DATES[2]: (Override("P1052912", 24.0, "Buffets between the holidays"),),
    PLAN_DATES[4]: (Override("P965766", 96.0, "The price goes up on 15 January"),),
}

DECISIONS = (
    {"item": "P1128271", "decision": "promote", "decided_quantity": 40.0, "note": "Two for one in February"},
    {"item": "P8090556", "decision": "keep", "decided_quantity": None, "note": "Sells out at Easter"},
)
"""What the planner decided of excess on the last of these days."""


def example_tables(*, cache: ContentCache | None = None, progress: Progress | None = None) -> Tables:
    """Return the example: its inputs on the last plan date, and all that the refreshes until then have made.

    Parameters
    ----------
    cache, progress
        As in `pipeline.run`.
    """
    desk = _Desk(cache, progress or Silent())
    raw = _begin(few_tables())
    everything = few_tables()["demand"]
    for day, coming in pairwise(PLAN_DATES):
        raw = desk.planned(raw, day)
        raw = _week_over(_ordered(raw, day), everything, coming)
    last = PLAN_DATES[-1]
    raw = desk.refreshed(raw, last, _TIMES[0])
    decided = pd.DataFrame(DECISIONS).assign(location="MAIN").reindex(columns=EXCESS.column_names)
    raw = _overridden({**raw, EXCESS.stem: decided}, last)
    return desk.refreshed(raw, last, _TIMES[1])


@dataclass(frozen=True)
class _Desk:
    """Where plans are made."""

    cache: ContentCache | None
    progress: Progress

    def planned(self, raw: Tables, day: date) -> Tables:
        """Return the tables after the refreshes of a plan date."""
        raw = self.refreshed(_without_overrides(raw), day, _TIMES[0])
        return self.refreshed(_overridden(raw, day), day, _TIMES[1]) if day in OVERRIDES else raw

    def refreshed(self, raw: Tables, day: date, time: str) -> Tables:
        """Return the tables after a refresh, stamped with a time of its plan date."""
        made = run(raw, cache=self.cache, progress=self.progress, user=USER).tables
        return {**raw, **_stamped(made, len(raw.get("log", ())), len(raw.get("overrides", ())), f"{day} {time}")}


def _begin(tables: Tables) -> Tables:
    """Return the tables on the first plan date: what was not known by then taken out, what is to come moved there."""
    first = pd.Timestamp(PLAN_DATES[0])
    back = first - pd.Timestamp(PLAN_DATES[-1])
    demand, receipts, orders = tables["demand"], tables["receipts"], tables["open_orders"]
    return {
        **tables,
        "demand": demand[demand["date"] < first],
        "receipts": receipts[receipts["receipt_date"] < first],
        "open_orders": orders.assign(due_date=orders["due_date"] + back),
        "parameters": _with_parameter(tables["parameters"], "plan_date", PLAN_DATES[0]),
    }


def _with_parameter(parameters: pd.DataFrame, name: str, value: object) -> pd.DataFrame:
    values = [value if each == name else old for each, old in zip(parameters["name"], parameters["value"], strict=True)]
    return parameters.assign(value=pd.Series(values, index=parameters.index, dtype=object))


def _overridden(raw: Tables, day: date) -> Tables:
    """Return the tables with what the planner types into the plan."""
    plan = raw["plan"].astype({"override_quantity": object, "note": object})
    for each in OVERRIDES[day]:
        mine = plan["item"] == each.item
        plan = plan.assign(
            override_quantity=plan["override_quantity"].mask(mine, each.quantity),
            note=plan["note"].mask(mine, each.note),
        )
    return {**raw, "plan": plan}


def _without_overrides(raw: Tables) -> Tables:
    """Return the tables with the planner's columns emptied: what they said was ordered a week ago."""
    if "plan" not in raw:
        return raw
    return {**raw, "plan": raw["plan"].assign(override_quantity=None, note=None)}


def _ordered(raw: Tables, day: date) -> Tables:
    """Return the tables with the orders of the plan date placed."""
    now = raw["orders"][pd.to_datetime(raw["orders"]["order_date"]) == pd.Timestamp(day)]
    placed = now[["item", "location", "due_date", "quantity", "supplier"]].astype({"due_date": "datetime64[ns]"})
    orders = pd.concat([raw["open_orders"], placed], ignore_index=True)
    return {**raw, "open_orders": _numbered(orders.sort_values(["due_date", "item"]))}


def _week_over(raw: Tables, everything: pd.DataFrame, end: date) -> Tables:
    """Return the tables once a week is over: its sales are known, what was due has come, stock is counted."""
    begin, until = pd.Timestamp(end - timedelta(weeks=1)), pd.Timestamp(end)
    sold = everything[(everything["date"] >= begin) & (everything["date"] < until)]
    due = raw["open_orders"][raw["open_orders"]["due_date"] < until]
    items = raw["items"].set_index("item")["on_hand"].astype(float)
    received = due.groupby("item")["quantity"].sum().reindex(items.index, fill_value=0.0)
    demand = sold.groupby("item")["quantity"].sum().reindex(items.index, fill_value=0.0)
    counted = (items + received - demand).clip(lower=0.0)
    stock = _numbered(pd.DataFrame({"item": counted.index, "location": "MAIN", "on_hand": counted.to_numpy()}))
    closing = close_period(raw, Given(_numbered(sold), "the week"), Given(stock, "the count"), Choices(received=True))
    return {stem: _numbered(frame) if stem in _INPUT_STEMS else frame for stem, frame in closing.raw.items()}


_INPUT_STEMS = {table.stem for table in INPUTS}


def _numbered(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.set_axis(pd.RangeIndex(5, 5 + len(frame), name="row"), axis=0)


def _stamped(tables: Tables, logged: int, overridden: int, time: str) -> Tables:
    """Return the tables of a refresh as if it had been at a time, and took always as long."""
    checks, log, overrides = tables["checks"], tables["log"], tables["overrides"]
    new = pd.Series(range(len(log)), index=log.index) >= logged
    fresh = pd.Series(range(len(overrides)), index=overrides.index) >= overridden
    stamp: dict[str, Any] = {"refreshed_at": time, "seconds": SECONDS, "version": VERSION}
    log = log.assign(note=log["note"].str.replace(_TOOK, "", regex=True))
    return {
        **tables,
        "checks": checks.assign(result=checks["result"].mask(checks["check"] == "Last refresh", time[:16])),
        "log": log.assign(**{name: log[name].mask(new, value) for name, value in stamp.items()}),
        "overrides": overrides.assign(logged_at=overrides["logged_at"].mask(fresh, time)),
    }
