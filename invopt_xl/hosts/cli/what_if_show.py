"""How a what-if looks on a console: figures side by side, and the items whose levels change most, with reasons."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pandas as pd
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from invopt_xl.domain.words import counted
from invopt_xl.hosts.cli.forecast_show import units
from invopt_xl.hosts.cli.show import closing_rejections, item_titles, records
from invopt_xl.hosts.cli.what_if import Weighed
from invopt_xl.plan.what_if.figures import LEVELS

CHANGES_SHOWN = 10

_LEAST = 0.05
"""Smaller differences of a level are rounding."""

_PARTS = {"plan": "The plan", "replay": "Replayed on the past"}


def what_if_parts(weighed: Weighed) -> Iterator[RenderableType]:
    """Yield what a person sees of a what-if."""
    made = weighed.what_if
    for scenario in made.scenarios:
        yield Text(f"What if {scenario.name}", style="bold")
        figures = made.figures[made.figures["scenario"] == scenario.name]
        for part, rows in figures.groupby("part", sort=False):
            yield _figures(_PARTS[str(part)], rows)
        yield from _changes(made.items[made.items["scenario"] == scenario.name])
    for sentence in made.notes:
        yield Text(f"Note: {sentence}.", style="dim")
    yield from closing_rejections(made.quality)
    yield _closing_line(weighed)


def what_if_summary(weighed: Weighed) -> dict[str, object]:
    """Return what ``--json`` prints; the items whose levels or orders change, all of them."""
    made = weighed.what_if
    return {
        "output": str(weighed.output) if weighed.output else None,
        "scenarios": [scenario.name for scenario in made.scenarios],
        "figures": records(made.figures.round(4)),
        "items": records(_changed(made.items)),
        "notes": list(made.notes),
        "rejected": made.rejected,
        "seconds": round(made.seconds, 2),
        "quality": records(made.quality),
    }


def _figures(title: str, rows: pd.DataFrame) -> Table:
    table = Table(title=title, title_justify="left", show_edge=False, pad_edge=False)
    table.add_column("figure")
    for name in ("today", "then", "difference"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("unit")
    numbers = rows[["today", "then", "difference"]].to_numpy(dtype=float).tolist()
    for figure, unit, (today, then, difference) in zip(rows["figure"], rows["unit"], numbers, strict=True):
        style = "bold" if abs(difference) >= _LEAST else ""
        table.add_row(Text(str(figure)), _value(today), _value(then), _difference(difference), str(unit), style=style)
    return table


def _value(value: float) -> str:
    if math.isnan(value):
        return "out of reach"
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:,.1f}"


def _difference(value: float) -> str:
    """Return a difference with its sign, nothing where there is none.

    Examples
    --------
    >>> _difference(-1234.5), _difference(0.61), _difference(0.0)
    ('-1,234', '+0.6', '')
    """
    if math.isnan(value) or abs(value) < _LEAST:
        return ""
    return f"{value:+,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:+,.1f}"


def _changed(items: pd.DataFrame) -> pd.DataFrame:
    """Return the items whose levels or orders change, those first whose reorder point moves most money."""
    apart = [(items[f"{level}_then"] - items[level]).abs() >= _LEAST for level in LEVELS]
    changed = items[pd.concat(apart, axis=1).any(axis=1)]
    return changed.loc[changed["money"].abs().sort_values(ascending=False, kind="stable").index]


def _changes(items: pd.DataFrame) -> Iterator[RenderableType]:
    changed = _changed(items)
    shown = changed[changed["why"] != ""].head(CHANGES_SHOWN)
    if changed.empty:
        yield Text(f"No level of {counted(len(items), 'item')} changes.")
        return
    title = f"Levels or orders of {len(changed):,} of {counted(len(items), 'item')} change"
    if shown.empty:
        yield Text(f"{title}, no reorder point among them.")
        return
    table = Table(title=f"{title}; most money first", title_justify="left", show_edge=False, pad_edge=False)
    table.add_column("item")
    for name in ("reorder point", "then"):
        table.add_column(name, justify="right")
    table.add_column("why", overflow="fold")
    for row, item in zip(shown.to_dict("records"), item_titles(shown, items, 24), strict=True):
        table.add_row(item, units(row["reorder_point"]), units(row["reorder_point_then"]), Text(row["why"]))
    yield table


def _closing_line(weighed: Weighed) -> Text:
    made = weighed.what_if
    rejected = f"; {counted(made.rejected, 'row')} rejected" if made.rejected else ""
    where = f"Written to {weighed.output}" if weighed.output else "Nothing written; --output FILE keeps every item"
    played = " and replayed" if made.today.replay is not None else ""
    return Text(
        f"{counted(made.today.plan.planned, 'item')} planned{played} in {made.seconds:.1f} s{rejected}. {where}."
    )
