"""What is compared: headline figures of plans and replays, and the levels of each item with why they changed."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from invopt_xl.plan.buffers import buffers_of, reasons
from invopt_xl.plan.pipeline import PlanResult
from invopt_xl.plan.quality import Admitted
from invopt_xl.plan.replay.outcome import Weighting
from invopt_xl.plan.replay.run import ReplayReport, money_at

LEVELS = ("safety_stock", "reorder_point", "order_up_to", "order_quantity")
"""What is compared of each item, units."""

REPLAYED = (
    ("fill_value", "Fill rate by value", "%"),
    ("fill_units", "Fill rate by units", "%"),
    ("fill_lines", "Fill rate, mean of items", "%"),
    ("cycle_service", "Cycle service", "%"),
    ("ready_rate", "Periods without a stock-out", "%"),
    ("stock_units", "Average stock", "units"),
    ("stock_money", "Average stock", "money"),
    ("turns", "Stock turns", "a year"),
    ("orders", "Order lines", "lines"),
    ("stockouts", "Stock-outs", "periods of an item"),
)
"""What is compared of a replay; in all of them the same periods are measured."""

_LEFT_OUT = ("Items planned", "Stock on hand", "On order", "Value added by overrides")
"""Headline figures that are not about what a plan decides."""


class Compared(NamedTuple):
    """What became of one input: its plan and, where asked for, its replay."""

    plan: PlanResult
    replay: ReplayReport | None


def figures(name: str, today: Compared, then: Compared) -> pd.DataFrame:
    """Return the headline figures of a scenario beside today's, as `report.WhatIf.figures` has them."""
    plans = _plan_figures(today.plan, "today").merge(_plan_figures(then.plan, "then"), on=["figure", "unit"])
    parts = [plans.assign(part="plan")]
    if today.replay is not None and then.replay is not None:
        parts.append(_replay_figures(today.replay, then.replay).replace({"unit": {"money": _currency(today.plan)}}))
    table = pd.concat(parts, ignore_index=True).assign(scenario=name)
    order = ["scenario", "part", "figure", "unit", "today", "then"]
    return table[order].assign(difference=table["then"] - table["today"])


def _plan_figures(plan: PlanResult, when: str) -> pd.DataFrame:
    """Return the headline figures of a plan, and what its levels tie up: ``figure``, `when` and ``unit``."""
    items, kpis, money = plan.items, plan.tables["kpis"], _currency(plan)
    cost = items["unit_cost"]
    kept = kpis[~kpis["name"].isin(_LEFT_OUT)]
    rows = [
        ("Reorder points", float((items["reorder_point"] * cost).sum()), money),
        ("Order-up-to levels", float((items["order_up_to"] * cost).sum()), money),
        ("Order value over the horizon", float(plan.tables["orders"]["value"].sum()), money),
        ("Exceptions", float(len(plan.tables["exceptions"])), "exceptions"),
    ]
    own = pd.DataFrame(rows, columns=["figure", when, "unit"])
    headline = kept[["name", "value", "unit"]].set_axis(["figure", when, "unit"], axis=1)
    return pd.concat([headline, own], ignore_index=True)


def _currency(plan: PlanResult) -> str:
    kpis = plan.tables["kpis"]
    return str(kpis.loc[kpis["name"] == "Safety stock", "unit"].iloc[0])


def _replay_figures(today: ReplayReport, then: ReplayReport) -> pd.DataFrame:
    now, later = _at_target(today), _at_target(then)
    rows = [("Target", "%", 100.0 * today.question.service, 100.0 * then.question.service)]
    for column, figure, unit in REPLAYED:
        factor = 100.0 if unit == "%" else 1.0
        rows.append((figure, unit, factor * float(now[column]), factor * float(later[column])))
    weighting = today.question.weighting
    achieved = float(now[f"fill_{weighting}"])
    equal = [_money_at(report, weighting, achieved) for report in (today, then)]
    rows.append((f"Average stock at today's fill rate of {achieved:.1%}", "money", equal[0], equal[1]))
    return pd.DataFrame(rows, columns=["figure", "unit", "today", "then"]).assign(part="replay")


def _money_at(report: ReplayReport, weighting: Weighting, fill: float) -> float:
    """Return the least stock money at which the first policy achieves a fill rate; NaN where no target gets there."""
    curve = report.curves[report.curves["policy"] == report.question.policies[0]]
    # Where several targets achieve the same, such as all of demand, the cheapest counts.
    return money_at(curve.sort_values("stock_money").drop_duplicates(f"fill_{weighting}"), weighting, fill)


def _at_target(report: ReplayReport) -> pd.Series:
    """Return the row of the first policy at the replay's target."""
    curves = report.curves
    there = (curves["policy"] == report.question.policies[0]) & (curves["target"] == report.question.service)
    return curves[there].iloc[0]


def level_changes(name: str, today: PlanResult, then: PlanResult, admitted: Admitted) -> pd.DataFrame:
    """Return the levels of each item in a scenario beside today's, as `report.WhatIf.items` has them."""
    now, later = today.items, then.items
    table = now[["item", "location", "description", "unit_cost"]].copy()
    table.insert(0, "scenario", name)
    for level in LEVELS:
        table[level], table[f"{level}_then"] = now[level].round(4), later[level].round(4)
    money = (table["reorder_point_then"] - table["reorder_point"]) * now["unit_cost"]
    before, after = (buffers_of(each, admitted.parameters) for each in (now, later))
    return table.assign(money=money.round(2), why=reasons(before, after, later, admitted.parameters))
