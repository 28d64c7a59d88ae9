"""How segments look on a console: the matrix, stages of life, items that hop, and what was not judged."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from invopt_xl.domain.words import counted
from invopt_xl.hosts.cli.segment import Segmented
from invopt_xl.hosts.cli.show import closing_rejections, item_titles, records
from invopt_xl.plan.segmentation.matrix import NO_CLASS

HOPPERS_SHOWN = 10

_COLOURS = {"X": "green", "Y": "yellow", "Z": "red"}
"""By how well demand can be forecast."""

_STAGES = {
    "new": "cyan", "growing": "green", "mature": "", "declining": "yellow", "dying": "red", "ended": "bold red",
    "phase-out": "dim", "unknown": "dim",
}  # fmt: skip


def segment_parts(segmented: Segmented) -> Iterator[RenderableType]:
    """Yield what a person sees of segments."""
    found = segmented.found
    yield Text(f"Items by {found.by} (A, B, C) and by forecast error (X, Y, Z)", style="italic")
    yield _grid(found.matrix)
    yield Text("\nWhat each cell asks for", style="italic")
    yield _asked(found.matrix)
    yield Text("\nWhere items are in their life", style="italic")
    yield _stages(found.items)
    yield from _hopping(segmented)
    yield Text()
    for sentence in found.notes:
        yield Text(f"Note: {sentence}", style="dim")
    yield from closing_rejections(segmented.admitted.quality)
    yield _closing_line(segmented)


def segment_summary(segmented: Segmented) -> dict[str, object]:
    """Return what ``--json`` prints: every item, shares as shares of one, None where there is none."""
    found = segmented.found
    months = found.stability.months.assign(date=found.stability.months["date"].dt.date.astype(str))
    return {
        "output": str(segmented.output) if segmented.output else None,
        "by": found.by,
        "items": len(found.items),
        "matrix": records(found.matrix),
        "life_cycle": {str(name): int(count) for name, count in found.items["life_cycle"].value_counts().items()},
        "months": records(months.round(4)),
        "transitions": records(found.stability.transitions.round(4)),
        "segments": records(segmented.table),
        "notes": list(found.notes),
        "rejected": segmented.rejected,
        "seconds": round(segmented.seconds, 2),
        "quality": records(segmented.admitted.quality),
    }


def _grid(matrix: pd.DataFrame) -> Table:
    """Return three rows and three columns, and a row for items without a class: items, and their share of value."""
    table = _table("")
    for xyz, colour in _COLOURS.items():
        table.add_column(xyz, justify="right", header_style=f"bold {colour}", no_wrap=True)
    table.add_column("all", justify="right")
    for abc in "ABC":
        row = matrix[matrix["cell"].str.match(f"{abc}[XYZ]")]
        shown = [
            _counted(int(items), float(share), _COLOURS[str(cell)[1]], bold=abc == "A")
            for cell, items, share in zip(row["cell"], row["items"], row["value_share"], strict=True)
        ]
        table.add_row(Text(abc, style="bold"), *shown, f"{row['items'].sum():,} ({row['value_share'].sum():.0%})")
    for rest in matrix[matrix["cell"] == NO_CLASS].to_dict("records"):
        table.add_row(Text(NO_CLASS), *[""] * len(_COLOURS), f"{rest['items']:,} ({rest['value_share']:.0%})")
    return table


def _counted(items: int, share: float, colour: str, *, bold: bool) -> Text:
    if not items:
        return Text("-", style="dim")
    return Text(f"{items:,} ({share:.0%})", style=f"bold {colour}" if bold else colour)


def _asked(matrix: pd.DataFrame) -> Table:
    table = _table("cell")
    for name in ("policy", "forecast"):
        table.add_column(name, no_wrap=True)
    for name in ("review", "target", "stock"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("but")
    for row in matrix[matrix["items"] > 0].to_dict("records"):
        days, target = row["review_days"], row["target"]
        table.add_row(
            Text(str(row["cell"]), style=f"bold {_COLOURS.get(str(row['cell'])[1], '')}"),
            str(row["policy"]) or "-",
            str(row["method"]),
            "-" if pd.isna(days) else f"{days:.0f} days",
            "-" if pd.isna(target) else f"{target:.1%}",
            f"{row['stock_value']:,.0f}",
            Text(str(row["otherwise"]), style="dim"),
        )
    return table


def _stages(items: pd.DataFrame) -> Table:
    table = _table("stage")
    for name in ("items", "demand a year", "stock"):
        table.add_column(name, justify="right")
    for stage, colour in _STAGES.items():
        rows = items[items["life_cycle"] == stage]
        if len(rows):
            money = (f"{rows[name].sum():,.0f}" for name in ("demand_value", "stock_value"))
            table.add_row(Text(stage, style=colour), f"{len(rows):,}", *money)
    return table


def _hopping(segmented: Segmented) -> Iterator[RenderableType]:
    """Yield how stable classes were, and the items that hopped most."""
    looked, hoppers = segmented.found.stability, segmented.found.hoppers
    if not len(looked.months):
        return
    steady = looked.months["share_stable"].mean()
    said = f"From month to month {steady:.0%} of items kept their class" if pd.notna(steady) else "No month to compare"
    yield Text(f"\n{said}; {counted(len(hoppers), 'item')} hopped", style="italic")
    if not len(hoppers):
        return
    table = _table("item")
    for name in ("changes", "mostly", "now", "classes, the latest last"):
        table.add_column(name, justify="right" if name == "changes" else "left", no_wrap=name != "item")
    shown = hoppers.head(HOPPERS_SHOWN)
    for row, title in zip(shown.itertuples(), item_titles(shown, segmented.found.items, 34), strict=True):
        classes = " ".join(each or "-" for each in looked.classes[int(str(row.Index))])
        table.add_row(title, str(row.class_changes), str(row.stable_class), str(row.cell), classes)
    yield table


def _table(first: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold underline")
    table.add_column(first, no_wrap=True)
    return table


def _closing_line(segmented: Segmented) -> Text:
    rejected = ""
    if segmented.rejected:
        rejected = f"; {counted(segmented.rejected, 'row')} rejected (invopt check {segmented.source} names them)"
    where = f"Written to {segmented.output}" if segmented.output else "Nothing written; --output FILE keeps every item"
    count = counted(len(segmented.found.items), "item")
    return Text(f"\n{count} segmented in {segmented.seconds:.1f} s{rejected}. {where}.")
