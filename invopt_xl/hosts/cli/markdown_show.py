"""How marking down looks on a console: what each item brings, then what has no path and why."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

import pandas as pd
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from invopt_xl.domain.words import counted
from invopt_xl.hosts.cli.forecast_show import units
from invopt_xl.hosts.cli.markdown import Cleared
from invopt_xl.hosts.cli.show import closing_rejections, item_titles, records

SHOWN = 15
"""Items shown of each kind."""

_WIDTH = 24
"""Letters of an item's name and description."""


def markdown_parts(cleared: Cleared) -> Iterator[RenderableType]:
    """Yield what a person sees."""
    summary, items = cleared.made.summary, cleared.admitted.tables["items"]
    gaining = summary[summary["gain"] > 0]
    others = summary[~(summary["gain"] > 0)]
    if summary.empty:
        yield Text("No item has excess on hand or will spoil; --item NAME looks at one all the same.")
    if len(gaining):
        yield _gains(gaining, items)
    if len(others):
        yield _reasons(others, items)
    for words in cleared.made.assumed:
        yield Text(f"{words}.", style="dim")
    yield from closing_rejections(cleared.admitted.quality)
    yield Text(_closing_line(cleared, gaining))


def markdown_summary(cleared: Cleared) -> dict[str, object]:
    """Return what ``--json`` prints."""
    made = cleared.made
    looked_at = made.response.table.merge(made.summary[["item", "location"]], on=["item", "location"])
    dates = {"date": made.path["date"].astype(str)} if len(made.path) else {}
    return {
        "output": str(cleared.output) if cleared.output else None,
        "summary": records(made.summary.assign(before=made.summary["before"].astype(str))),
        "path": records(made.path.assign(**dates)),
        "response": records(looked_at),
        "assumed": list(made.assumed),
        "rejected": cleared.rejected,
        "quality": records(cleared.admitted.quality),
    }


def _gains(rows: pd.DataFrame, items: pd.DataFrame) -> Table:
    shown = rows.head(SHOWN)
    title = f"Marking down: {len(shown)} of {counted(len(rows), 'item')} that it pays for, the most money first"
    table = Table(title=title, title_justify="left", show_edge=False, pad_edge=False)
    table.add_column("item")
    for name in ("stock", "price", "to", "gain (80%)", "left", "other way"):
        table.add_column(name, justify="right")
    table.add_column("what to do", overflow="fold")
    for row, item in zip(shown.to_dict("records"), item_titles(shown, items, _WIDTH), strict=True):
        figures = (units(row["on_hand"]), f"{row['price']:,.2f}", f"{row['end_price']:,.2f}")
        left = f"{units(row['left_units'])} of {units(row['left_no_action'])}"
        gain = f"{row['gain']:,.0f} ({row['gain_low']:,.0f} to {row['gain_high']:,.0f})"
        table.add_row(item, *figures, gain, left, _other(row), Text(str(row["action"])))
    return table


def _other(row: dict[Hashable, object]) -> str:
    """Return what gains most besides, and how much, as ``return 15: 65``."""
    return f"{row['other_action']}: {row['other_gain']:,.0f}" if row["other_action"] else "-"


def _reasons(rows: pd.DataFrame, items: pd.DataFrame) -> Table:
    shown = rows.head(SHOWN)
    title = f"No cut: {len(shown)} of {counted(len(rows), 'item')}"
    table = Table(title=title, title_justify="left", show_edge=False, pad_edge=False)
    table.add_column("item")
    table.add_column("other way", justify="right")
    table.add_column("why", overflow="fold")
    for row, item in zip(shown.to_dict("records"), item_titles(shown, items, _WIDTH), strict=True):
        table.add_row(item, _other(row), Text(str(row["action"] or row["why"])))
    return table


def _closing_line(cleared: Cleared, gaining: pd.DataFrame) -> str:
    looked = counted(len(cleared.made.summary), "item")
    gain = float(gaining["gain"].sum())
    other = int((cleared.made.summary["other_gain"] > cleared.made.summary["gain"].fillna(0.0)).sum())
    beside = f"; another way gains more for {counted(other, 'item')}" if other else ""
    rejected = f"; {counted(cleared.rejected, 'row')} rejected" if cleared.rejected else ""
    where = f"Written to {cleared.output}" if cleared.output else "Nothing written; --output FILE keeps every price"
    return f"{looked} looked at, {gain:,.0f} more than no action expected{beside}{rejected}. {where}."
