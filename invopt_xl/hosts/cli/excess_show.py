"""How a review of excess looks on a console: the money, its age, what to do, and what may end soon."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pandas as pd
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from invopt_xl.domain.words import counted, likely
from invopt_xl.hosts.cli.excess import Reviewed
from invopt_xl.hosts.cli.show import closing_rejections, item_titles, records
from invopt_xl.plan.excess import ExcessReview
from invopt_xl.plan.excess_answers import NOT_JUDGED

SHOWN = 10
_WIDTH = 30

_SOURCES = {
    "forecasts": "Demand by forecasts, as a refresh has it.",
    "history": "Demand by history alone, without seasons: a refresh counts by forecasts, so its figures are others. "
    "--forecast counts as it does.",
}


def excess_parts(reviewed: Reviewed) -> Iterator[RenderableType]:
    """Yield what a person sees of a review."""
    review = reviewed.review
    yield from _headline(review)
    yield _ages(review.ageing)
    yield from _actions(review.actions, review.items)
    yield from _warnings(review.early_warnings, review.items, review.warning_threshold)
    for note in review.notes:
        yield Text(f"{note}.", style="dim")
    if review.assumed:
        yield Text(f"Assumed: {'; '.join(review.assumed.values())}.", style="dim")
    yield Text(
        "What a price cut really brings, item by item, beside the best other action: invopt markdown.", style="dim"
    )
    yield from closing_rejections(reviewed.quality)
    yield _closing_line(reviewed)


def excess_summary(reviewed: Reviewed) -> dict[str, object]:
    """Return what ``--json`` prints."""
    review = reviewed.review
    return {
        "output": str(reviewed.output) if reviewed.output else None,
        "demand_from": review.source,
        "horizon_days": review.horizon_days,
        "headline": records(pd.DataFrame([review.headline]).round(2))[0],
        "ageing": records(review.ageing.round(2)),
        "remaining_by_horizon": records(review.curve().round(2)),
        "actions": records(review.actions),
        "warning_threshold": round(review.warning_threshold, 4),
        "early_warnings": records(review.early_warnings),
        "notes": list(review.notes),
        "assumed": list(review.assumed.values()),
        "rejected": reviewed.rejected,
        "quality": records(reviewed.quality),
    }


def _money(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:,.0f}"


def _headline(review: ExcessReview) -> Iterator[RenderableType]:
    found, unit = review.headline, review.stock.parameters.currency
    money = f" {unit}" if unit else ""
    if math.isnan(found["remaining_expected"]):
        told = f"What will remain of {_money(found['stock'])}{money} in stock and on order cannot be told"
        yield Text(f"{told}: none of it was ever seen on sale.", style="bold")
        return
    yield Text(
        f"After {review.horizon_days:g} days at least {_money(found['remaining_80'])}{money} of "
        f"{_money(found['stock'])} in stock and on order will remain with 80% probability, item by item; "
        f"{_money(found['remaining_expected'])} are expected.",
        style="bold",
    )
    yield Text(
        f"Expected write-off: {_money(found['expected_write_off'])}{money}; from {_money(found['write_off_low'])} to "
        f"{_money(found['write_off_high'])} with 80% probability, if all items go alike."
    )
    yield Text(
        f"Excess as tblExcess counts it, above the order-up-to level and the forecast of {review.horizon_days:g} days: "
        f"{_money(found['excess'])}{money}."
    )
    if found["unjudged"] > 0:
        yield Text(
            f"Not judged: {_money(found['unjudged'])}{money} of the stock: {NOT_JUDGED}.",
            style="bold",
        )
    yield Text(_SOURCES[review.source], style="dim")


def _ages(ageing: pd.DataFrame) -> Table:
    table = Table(title="Stock by age", title_justify="left", show_edge=False, pad_edge=False)
    table.add_column("ageing")
    for name in ("items", "stock and on order", "remains with 80%", "expected write-off"):
        table.add_column(name, justify="right")
    for row in ageing.itertuples():
        figures = (row.items, row.stock_value, row.remaining_value, row.expected_write_off)
        table.add_row(str(row.ageing), *(_money(float(str(figure))) for figure in figures))
    return table


def _actions(actions: pd.DataFrame, items: pd.DataFrame) -> Iterator[RenderableType]:
    if actions.empty:
        yield Text("No action gains money against doing nothing.")
        return
    shown = actions.head(SHOWN)
    title = f"Actions: {len(shown)} of {len(actions):,}, the items that gain most first"
    table = Table(title=title, title_justify="left", show_edge=False, pad_edge=False)
    table.add_column("item")
    table.add_column("action")
    for name in ("units", "gain", "in all"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("why", overflow="fold")
    for row, item in zip(shown.to_dict("records"), item_titles(shown, items, _WIDTH), strict=True):
        figures = (f"{row['units']:,g}", _money(row["gain"]), _money(row["cumulative_gain"]))
        table.add_row(item, row["action"], *figures, Text(row["why"]))
    yield table


def _warnings(warnings: pd.DataFrame, items: pd.DataFrame, threshold: float) -> Iterator[RenderableType]:
    if warnings.empty:
        return
    shown = warnings.head(SHOWN)
    title = (
        f"Early warnings: {len(shown)} of {counted(len(warnings), 'item')} in stock whose demand has ended "
        f"with a chance of {threshold:.0%} or more"
    )
    table = Table(title=title, title_justify="left", show_edge=False, pad_edge=False)
    table.add_column("item")
    for name in ("has ended", "stock at cost"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("why", overflow="fold")
    for row, item in zip(shown.to_dict("records"), item_titles(shown, items, _WIDTH), strict=True):
        table.add_row(item, likely(row["ended_chance"]), _money(row["on_hand_value"]), Text(row["why"]))
    yield table


def _closing_line(reviewed: Reviewed) -> Text:
    review = reviewed.review
    held = counted(int((review.items["on_hand"] > 0).sum()), "item")
    gain = f"{_money(review.headline['gain'])} gained by {counted(len(review.actions), 'action')}"
    rejected = f"; {counted(reviewed.rejected, 'row')} rejected" if reviewed.rejected else ""
    where = f"Written to {reviewed.output}" if reviewed.output else "Nothing written; --output FILE keeps every action"
    return Text(f"{held} in stock reviewed, {gain}{rejected}. {where}.")
