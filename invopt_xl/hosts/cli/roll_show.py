"""What a roll shows: forecast against actual, what came of overrides, and how the plan changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from rich.console import RenderableType
from rich.text import Text

from invopt_xl.domain.words import counted
from invopt_xl.hosts.cli.roll_told import told
from invopt_xl.hosts.cli.show import plain_table, plan_summary, quality_line, records
from invopt_xl.plan.columns import OPEN_ORDERS, OVERRIDES, empty
from invopt_xl.plan.explain import amount
from invopt_xl.plan.kept_rows import typed
from invopt_xl.plan.override_outcomes import ordered_on_their_day
from invopt_xl.plan.override_outcomes.figures import FIGURE
from invopt_xl.workbook.rolling import Rolled

SHOWN = 10
"""Rows of each table that a person is shown; a machine gets all."""

_MISSES = ["item", "location", "date", "forecast", "actual", "error", "error_value", "inside"]
_OUTCOMES = ["item", "location", "plan_date", "proposed_quantity", "override_quantity", "value_added", "verdict"]
_LINE = ["supplier", "item", "location", "order_date", "due_date", "quantity", "value"]
_TOTALS = {"order_quantity": "Units to order now", "order_value": "Order value now", "excess_value": "Excess"}


_FIGURES = {
    "forecast", "actual", "error", "error_value", "forecast_value", "actual_value", "proposed_quantity",
    "override_quantity", "value_added", "order_quantity_before", "order_quantity", "change_value",
}  # fmt: skip
"""Columns that hold units or money."""


def roll_parts(rolled: Rolled, target: Path) -> Iterator[RenderableType]:
    """Yield what is shown to a person."""
    yield from map(Text, told(rolled))
    if len(rolled.closing.unknown):
        yield plain_table("Left out or read otherwise", rolled.closing.unknown.head(SHOWN))
    if rolled.result is None:
        yield Text(f"Written to {target}; the plan is that of before: refresh it.")
        return
    tables = rolled.result.tables
    closed = passed(rolled, tables["accuracy"])
    if len(closed):
        yield plain_table("Forecast against actual, at cost", _percentages(closed))
        yield plain_table("Worst misses", _readable(misses(tables["forecast_review"]).head(SHOWN)))
    measured = outcomes(rolled)
    if len(measured):
        yield plain_table("Overrides measured", _readable(measured.head(SHOWN)))
    yield plain_table("The plan", plan_change(rolled))
    changes = order_changes(rolled)
    if len(changes):
        yield plain_table("Orders that changed most", _readable(changes.head(SHOWN)))
    if line := quality_line(rolled.result, target):
        yield Text(line)
    checks = tables["checks"]
    verdict = f"{checks['result'].iloc[0]}: {checks['detail'].iloc[0]}"
    yield Text(f"{counted(rolled.result.planned, 'item')} planned. {verdict}. Written to {target}")


def passed(rolled: Rolled, accuracy: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of ``tblAccuracy`` about the time that was closed."""
    dates = pd.to_datetime(accuracy["date"], errors="coerce")
    return accuracy[(dates >= pd.Timestamp(rolled.closing.closed.first)).to_numpy()]


def _percentages(accuracy: pd.DataFrame) -> pd.DataFrame:
    shares = {"error_share": "WAPE", "bias_share": "bias", "inside_share": "within 5% to 95%"}
    table = accuracy[["date", "items", "forecast_value", "actual_value"]].assign(
        **{words: [f"{value:.1%}" for value in accuracy[name].astype(float)] for name, words in shares.items()}
    )
    return _readable(table)


def _days(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose dates are texts, without the time of day."""
    days = {
        str(name): [f"{day.date()}" if day == day else "" for day in pd.to_datetime(table[name])]
        for name in table
        if str(name).endswith("date")
    }
    return table.assign(**days)


def _readable(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table for a person: figures without needless digits, headers of words, and no location that is usual."""
    if "location" in table and table["location"].nunique() == 1:
        table = table.drop(columns="location")
    shown = {
        str(name): [amount(value) if value == value else "" for value in table[name].astype(float).round(1)]
        for name in table
        if name in _FIGURES
    }
    return _days(table).assign(**shown).rename(columns=lambda name: str(name).replace("_", " "))


def misses(review: pd.DataFrame) -> pd.DataFrame:
    """Return the forecasts that missed by most money first."""
    return _days(review[_MISSES].sort_values("error_value", ascending=False, kind="stable"))


def outcomes(rolled: Rolled) -> pd.DataFrame:
    """Return the overrides that this refresh measured."""
    log = rolled.result.tables["overrides"] if rolled.result else empty(OVERRIDES)
    before = rolled.closing.raw.get("overrides", pd.DataFrame())
    known = before["verdict"].tolist() if "verdict" in before else []
    is_new = [
        verdict not in ("open", "replaced", "") and (place >= len(known) or known[place] != verdict)
        for place, verdict in enumerate(log["verdict"].tolist())
    ]
    return _days(typed(log, OVERRIDES).loc[is_new, _OUTCOMES])


def plan_change(rolled: Rolled) -> pd.DataFrame:
    """Return totals of the plan before and now."""
    now = rolled.result.tables["plan"] if rolled.result else rolled.before
    rows = []
    for name, words in _TOTALS.items():
        before, after = (_total(plan, name) for plan in (rolled.before, now))
        rows.append({"figure": words, "before": _shown(before), "now": _shown(after), "change": _shown(after - before)})
    return pd.DataFrame(rows)


def _total(plan: pd.DataFrame, name: str) -> float:
    values = pd.to_numeric(plan[name], errors="coerce") if name in plan else pd.Series(dtype=float)
    return float(values.sum()) if values.notna().any() else float("nan")


def _shown(value: float) -> str:
    return "" if value != value else f"{value:,.0f}"


def order_changes(rolled: Rolled) -> pd.DataFrame:
    """Return the items whose order now is another than in the plan before, most money first."""
    now = rolled.result.tables["plan"] if rolled.result else rolled.before
    if not {"item", "order_quantity", "order_value"} <= set(rolled.before.columns):
        return pd.DataFrame()
    columns = ["item", "location", "order_quantity", "order_value"]
    before = rolled.before.reindex(columns=columns)
    for name in columns[2:]:
        before[name] = pd.to_numeric(before[name], errors="coerce")
    before = before.assign(item=before["item"].astype(str), location=before["location"].fillna("MAIN").astype(str))
    both = now[columns].merge(before, on=columns[:2], suffixes=("", "_before"))
    for name in columns[2:]:
        both[name] = both[name].astype(float)
    change = both["order_value"] - both["order_value_before"]
    both = both.assign(change_value=change.round(2))
    order = change.abs().sort_values(ascending=False, kind="stable").index
    moved = both.loc[order]
    return moved.loc[
        (moved["order_quantity"] != moved["order_quantity_before"]) & moved["order_quantity_before"].notna(),
        ["item", "location", "order_quantity_before", "order_quantity", "change_value"],
    ]


def roll_summary(rolled: Rolled, target: Path) -> dict[str, object]:
    """Return what ``--json`` prints."""
    closing = rolled.closing
    summary: dict[str, object] = {
        "output": str(target),
        "closed": {"first": str(closing.closed.first), "plan_date": str(closing.closed.end)},
        "rows_added": len(closing.demand),
        "stock_written": closing.stocked,
        "order_lines_of_the_period": {
            "added_to_open_orders": len(closing.added.get(OPEN_ORDERS.stem, ())),
            "there_already": closing.placed.there,
            "received": records(_days(closing.placed.came[_LINE])),
            "open": records(_days(closing.placed.open[_LINE])),
        },
        "items_without_actuals": list(closing.silent),
        "open_orders_due": records(_days(closing.received)),
        "overrides_ordered_before": list(rolled.standing),
        "overrides_ordered_on_their_day": list(ordered_on_their_day(rolled.result.items) if rolled.result else ()),
        "overrides_cleared": list(closing.cleared),
        "actuals_left_out": records(closing.unknown),
    }
    if rolled.result is None:
        return summary
    tables = rolled.result.tables
    accuracy = passed(rolled, tables["accuracy"])
    kpis = tables["kpis"]
    (value,) = kpis.loc[kpis["name"] == FIGURE, "value"].astype(float).tolist()
    return summary | {
        "accuracy": records(_days(accuracy)),
        "worst_misses": records(misses(tables["forecast_review"]).head(SHOWN)) if len(accuracy) else [],
        "overrides_measured": records(outcomes(rolled)),
        "value_added_by_overrides": None if value != value else value,
        "orders_changed": records(order_changes(rolled)),
        "plan": plan_summary(rolled.result, target),
    }
