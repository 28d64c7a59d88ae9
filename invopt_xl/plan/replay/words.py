"""What a replay says in words: which policy holds less stock for the same service, and what that rests on."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from invopt_xl.domain.words import counted
from invopt_xl.plan.replay.run import COMPARED, POLICIES, ReplayReport, textbook_name
from invopt_xl.plan.replay.tables import EQUAL_SERVICE
from invopt_xl.policy.textbook import USUAL_WINDOW

CLOSE = 0.02
"""Differences in stock up to this share are not called a difference: a change of the draws alone may make them."""

COMMON = textbook_name(USUAL_WINDOW)
"""The textbook with the moving average that spreadsheets use most."""

REACHED, OUT_OF_REACH, ALWAYS_ABOVE = "yes", "out of reach", "always above"


def scope(report: ReplayReport) -> str:
    """Return what was replayed, in words."""
    stage = report.stage
    period = stage.calendar.period
    known = f"of {counted(stage.demand.shape[1], period)} of history"
    return f"{counted(len(stage.items), 'item')} replayed over the last {counted(stage.periods, period)} {known}"


def left_out(report: ReplayReport) -> list[str]:
    """Return how many items were left out, for each reason."""
    reasons = Counter(report.stage.left_out["why"])
    return [f"{counted(count, 'item')} left out: {why}" for why, count in reasons.most_common()]


def at_target(report: ReplayReport) -> pd.DataFrame:
    """Return the rows of the curves at the service target, the textbook with its common window alone."""
    curves = report.curves
    rows = curves[(curves["target"] == report.question.service) & curves["policy"].isin([*POLICIES, COMMON])]
    order = rows["policy"].map([*POLICIES[:-1], COMMON].index)
    return rows.iloc[np.argsort(order, kind="stable")].reset_index(drop=True)


def equal_service(report: ReplayReport) -> pd.DataFrame:
    """Return stock money at equal achieved fill rate, and whether the policy gets there; see `tables.EQUAL_SERVICE`."""
    found = report.comparison
    if found.empty:
        return pd.DataFrame(columns=EQUAL_SERVICE.column_names)
    keys = zip(found["policy"], found["weighting"], found["fill_rate"], strict=True)
    reached = [_reached(report.curves, *key) for key in keys]
    best = found["best_window"].where(found["best_textbook"].notna(), OUT_OF_REACH if _has_textbook(report) else "")
    return found.assign(reached=reached, best_window=best)[EQUAL_SERVICE.column_names]


def verdicts(report: ReplayReport) -> list[str]:
    """Return for each policy whether it holds less stock than the textbook for the same service, in words."""
    compared = equal_service(report)
    compared = compared[compared["weighting"] == report.question.weighting]
    return [_verdict(report, str(policy), rows) for policy, rows in compared.groupby("policy", sort=False)]


def achieved(report: ReplayReport) -> str:
    """Return what each policy achieved at the service target, in words."""
    asked = report.question
    rows = at_target(report)
    shares = [f"{row['policy']} {row[f'fill_{asked.weighting}']:.1%}" for row in rows.to_dict("records")]
    words = f"Asked for {percent(asked.service)}, fill rates by {asked.weighting} were {', '.join(shares)}"
    return f"{words}: compare stock at equal achieved service, not at equal targets." if len(rows) > 1 else f"{words}."


def _verdict(report: ReplayReport, policy: str, rows: pd.DataFrame) -> str:
    asked = report.question
    fill = min(COMPARED, key=lambda one: abs(one - asked.service))
    row = rows[rows["fill_rate"] == fill].iloc[0]
    where = f"a fill rate of {fill:.0%} by {asked.weighting}"
    if row["reached"] != REACHED:
        other = "is out of its reach" if row["reached"] == OUT_OF_REACH else "is less than it achieves at any target"
        return f"{policy}: {where} {other} on these data."
    holds = f"where it achieves {where}, it holds {money(row['stock_money'])} in stock"
    if not _has_textbook(report):
        return f"{policy}: {holds}."
    if pd.isna(row["best_textbook"]):
        return f"{policy}: {holds}; no textbook policy achieves that here with any safety factor tried."
    beyond = [f"{level:.0%}" for level in rows.loc[rows["reached"] == OUT_OF_REACH, "fill_rate"]]
    missed = f"; {' and '.join(beyond)} out of its reach" if beyond else ""
    return f"{policy}: {_overall(rows)}; {holds}, {_beside_textbook(row)}{missed}."


def _beside_textbook(row: pd.Series[Any]) -> str:
    """Return how much less a policy holds than the common textbook and its best window, in words."""
    usual = f"{difference(row['saved_beside_usual'])} than the common textbook ({money(row['usual_textbook'])})"
    if row["best_window"] == COMMON:
        return f"{usual}, which has the best window in hindsight"
    best = f"{difference(row['saved_beside_best'])} than its best window in hindsight"
    named = f"{best} ({row['best_window']}: {money(row['best_textbook'])})"
    return (
        f"{named}; the common textbook does not get there" if pd.isna(row["usual_textbook"]) else f"{usual} and {named}"
    )


def _overall(rows: pd.DataFrame) -> str:
    """Return in words how a policy stands beside the textbook's best window at all levels that both reach."""
    saved = rows["saved_beside_best"].dropna()
    levels = ", ".join(f"{fill:.0%}" for fill in rows.loc[saved.index, "fill_rate"])
    if (saved.abs() <= CLOSE).all():
        return f"no clear difference from the textbook (at {levels})"
    if (saved > CLOSE).all():
        return f"less stock than any textbook window at each level compared ({levels})"
    if (saved < -CLOSE).all():
        return f"more stock than the best textbook window at each level compared ({levels})"
    return f"less stock than the textbook at some levels and not at others (of {levels})"


def difference(saved: float) -> str:
    """Return a share of stock that is saved as words.

    Examples
    --------
    >>> difference(0.123), difference(-0.05)
    ('12.3% less', '5.0% more')
    """
    return f"{abs(saved):.1%} {'less' if saved >= 0 else 'more'}"


def percent(target: float) -> str:
    """Return a service target as it was asked for.

    Examples
    --------
    >>> percent(0.95), percent(0.9995)
    ('95%', '99.95%')
    """
    return f"{100 * target:.6g}%"


def money(value: float) -> str:
    """Return an amount with as many decimals as its size deserves.

    Examples
    --------
    >>> money(27584.2), money(12.345)
    ('27,584', '12.35')
    """
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}"


def assumptions(report: ReplayReport) -> list[str]:
    """Return all that the figures rest on and history does not tell, a sentence each."""
    stage, asked = report.stage, report.question
    period = stage.calendar.period
    wait = float(np.median(stage.protection_periods))
    short = "is lost" if stage.lost else "waits for the next receipt"
    said = [
        f"lead times are rounded up to whole {period}s and drawn {counted(asked.draws, 'time')} from receipts, or from "
        "their mean and spread, the same for every policy; figures are means over the draws",
        "each item opens with its first reorder point and half an order, not with the stock it really had",
        f"the first {period}s of an item are not measured, its lead time and review, here {wait:.3g} at the median: "
        "nothing that the policy ordered can have come by then",
        "orders are whole multiples of one quantity for every policy, the economic lot in whole packs, of at least the "
        "minimum; budgets, capacities, order minimums of suppliers and price breaks are left aside",
        f"demand that finds no stock {short}; {period}s marked as out of stock, or unknown, are not measured",
        "costs, prices and terms are those of today; stock is counted at unit cost, and what orders cost is not in it",
    ]
    idle = int((report.items.groupby(["item", "location"])["demand"].max() == 0).sum())
    if idle:
        said.append(
            f"{counted(idle, 'item')} that nobody asked for in measured {period}s {'is' if idle == 1 else 'are'} "
            "played too, for nobody knew it beforehand: the stock counts, a fill rate does not exist"
        )
    if len(stage.left_out):
        said.append("what policies would have held of the items left out is not in it")
    if _has_textbook(report):
        said.append(
            f"textbook N orders at the mean of the last N {period}s and a normal safety stock; its target is a "
            "cycle-service level, and nobody could have known its best window beforehand"
        )
    if "ours" in asked.policies and asked.measure == "cycle":
        said.append("ours aims at an overall fill rate even so: a mix of service has no overall cycle service")
    return said


def _has_textbook(report: ReplayReport) -> bool:
    return "textbook" in report.question.policies


def _reached(curves: pd.DataFrame, policy: str, weighting: str, fill: float) -> str:
    there = curves.loc[curves["policy"] == policy, f"fill_{weighting}"]
    if fill > there.max():
        return OUT_OF_REACH
    return ALWAYS_ABOVE if fill < there.min() else REACHED
