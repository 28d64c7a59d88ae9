"""What a person sees on the console: progress, the closing tables, or JSON for machines."""

from __future__ import annotations

import json as jsonlib
import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
from rich.console import Console, RenderableType
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bars
from rich.table import Table
from rich.text import Text

from invopt_xl.domain import Progress, Silent
from invopt_xl.domain.words import counted
from invopt_xl.plan.keys import item_names
from invopt_xl.plan.pipeline import PlanResult
from invopt_xl.plan.quality import Admitted, AdmittedDemand
from invopt_xl.plan.quality.overriding import NOT_FOLLOWED

WORST_SHOWN = 10
_COLOURS = {"critical": "bold red", "warning": "yellow", "notice": "cyan", "rejected": "bold red", "repaired": "yellow"}


class Stages:
    """Progress as one bar a stage, with the time still to go."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._task: TaskID | None = None

    def stage(self, name: str, steps: int = 0) -> None:
        """Close the stage before and begin the next."""
        self.close()
        self._task = self._bars.add_task(name, total=steps or None)

    def advance(self, steps: int = 1) -> None:
        """Move the bar."""
        if self._task is not None:
            self._bars.advance(self._task, steps)

    def close(self) -> None:
        """Show the current stage as done."""
        if self._task is not None:
            total = self._bars.tasks[self._task].total or 1
            self._bars.update(self._task, total=total, completed=total)

    def end(self) -> None:
        """Leave the terminal to the results: bars that go on drawing would draw over them."""
        self.close()
        self._bars.stop()


class Report:
    """Shows results on standard output; progress goes to standard error."""

    def __init__(self, progress: Progress, *, quiet: bool, json: bool) -> None:
        self.progress = progress
        self._quiet = quiet
        self._json = json
        self._console = Console()

    def plan(self, result: PlanResult, target: Path) -> None:
        """Show headline figures and the worst exceptions."""
        if self._json:
            self._dump(plan_summary(result, target))
        elif not self._quiet:
            self._finish()
            self._console.print(_kpi_table(result.tables["kpis"]))
            self._console.print(_exception_table(result.tables["exceptions"], result.items))
            if line := quality_line(result, target):
                self._console.print(Text(line))
            self._console.print(_closing_line(result, target))

    def note(self, line: str) -> None:
        """Show a line that is worth little; nothing where it is empty."""
        if line and not self._json and not self._quiet:
            self._console.print(Text(line, style="dim"))

    def quality(self, admitted: Admitted | AdmittedDemand) -> None:
        """Show every reported row; many of one reason are counted, unless for a machine."""
        if self._json:
            self._dump({"rejected": admitted.rejected, "quality": records(admitted.findings.frame(None))})
            return
        self._finish()
        if len(admitted.quality):
            self._console.print(plain_table("Data quality", admitted.quality))
        if isinstance(admitted, AdmittedDemand):
            items, what = len(admitted.demand[["item", "location"]].drop_duplicates()), "forecast"
        else:
            items, what = len(admitted.tables["items"]), "planned"
        self._console.print(f"{counted(items, 'item')} can be {what}; {counted(admitted.rejected, 'row')} rejected.")

    def result(self, parts: Callable[[Console], Iterable[RenderableType]], summary: Callable[[], object]) -> None:
        """Show parts one below the other to a person, or the summary to a machine."""
        if self._json:
            self._dump(summary())
        elif not self._quiet:
            self._finish()
            for part in parts(self._console):
                self._console.print(part)

    def _finish(self) -> None:
        if isinstance(self.progress, Stages):
            self.progress.end()

    def _dump(self, value: object) -> None:
        self._console.file.write(jsonlib.dumps(value, indent=2, default=str, allow_nan=False) + "\n")


@contextmanager
def reporter(*, quiet: bool, json: bool) -> Iterator[Report]:
    """Show progress while the body runs, where somebody looks; the report is for its result."""
    console = Console(stderr=True)
    if quiet or json or not console.is_terminal:
        yield Report(Silent(), quiet=quiet, json=json)
        return
    columns = (
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description:<22}"),
        BarColumn(bar_width=32),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(compact=True),
    )
    with Bars(*columns, console=console) as bars:
        try:
            yield Report(Stages(bars), quiet=False, json=False)
        except BaseException:
            # What stopped the work is told in one line; half-filled bars would only stand in its way.
            bars.live.transient = True
            raise


def plan_summary(result: PlanResult, target: Path) -> dict[str, object]:
    """Return what ``--json`` prints."""
    kpis, checks = result.tables["kpis"], result.tables["checks"]
    return {
        "output": str(target),
        "planned": result.planned,
        "rejected": result.rejected,
        "overrides_not_followed": _not_followed(result),
        "seconds": round(result.seconds, 2),
        "checks": dict(zip(checks["check"], checks["result"], strict=True)),
        "kpis": {name: _plain(value) for name, value in zip(kpis["name"], kpis["value"], strict=True)},
        "exceptions": records(result.tables["exceptions"].head(WORST_SHOWN)),
        "quality": records(result.tables["quality"]),
    }


def _plain(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def records(table: pd.DataFrame) -> list[dict[str, object]]:
    """Return rows as JSON has them: without numbers that are none."""
    return [{str(name): _plain(value) for name, value in row.items()} for row in table.to_dict("records")]


def _kpi_table(kpis: pd.DataFrame) -> Table:
    table = Table(title="Plan", title_justify="left", show_edge=False, pad_edge=False)
    table.add_column("figure")
    table.add_column("value", justify="right")
    table.add_column("unit")
    for name, value, unit in zip(kpis["name"], kpis["value"], kpis["unit"], strict=True):
        table.add_row(str(name), _figure(float(value)), str(unit))
    return table


def _figure(value: float) -> str:
    if not math.isfinite(value):
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:,.1f}"


def item_titles(rows: pd.DataFrame, among: pd.DataFrame, width: int) -> Iterator[Text]:
    """Yield what each row is called: its item and description, cut short.

    Parameters
    ----------
    rows
        With item, location and perhaps description.
    among
        All items that a name has to tell apart.
    width
        The most letters.
    """
    told = rows["description"] if "description" in rows else [""] * len(rows)
    for name, description in zip(item_names(rows, among), told, strict=True):
        title = Text(f"{name} {description}".strip())
        title.truncate(width, overflow="ellipsis")
        yield title


def _exception_table(exceptions: pd.DataFrame, items: pd.DataFrame) -> Table:
    shown = exceptions.head(WORST_SHOWN)
    table = Table(
        title=f"Exceptions: {len(shown)} worst of {len(exceptions):,}",
        title_justify="left",
        show_edge=False,
        pad_edge=False,
    )
    for name in ("severity", "item", "kind", "message"):
        table.add_column(name)
    table.add_column("at stake", justify="right")
    for row, item in zip(shown.itertuples(), item_titles(shown, items, 30), strict=True):
        severity = Text(str(row.severity), style=_COLOURS.get(str(row.severity), ""))
        cells = (item, Text(str(row.kind)), Text(str(row.message)))
        table.add_row(severity, *cells, f"{row.value_at_stake:,.0f}")
    return table


def closing_quality(quality: pd.DataFrame) -> Iterator[RenderableType]:
    """Yield every reported row, if there is any."""
    if len(quality):
        yield plain_table("Data quality", quality)


def closing_rejections(quality: pd.DataFrame) -> Iterator[RenderableType]:
    """Yield one rejected row of each reason, if there is any, and how many are alike.

    Below an answer, hundreds of rows would hide it; a refresh and a check tell them all, and what else is odd.
    """
    rejected = quality[quality["severity"] == "rejected"]
    reason = rejected[["table", "column", "reason"]].astype(str).agg(" ".join, axis=1)
    first = rejected[~reason.duplicated()]
    others = reason.map(reason.value_counts())[first.index] - 1
    told = [
        f"{action}; {more:,} more like it" if more else action
        for action, more in zip(first["action"], others, strict=True)
    ]
    yield from closing_quality(first.assign(action=told))


def plain_table(title: str, frame: pd.DataFrame) -> Table:
    """Return a frame as it is, under a title."""
    table = Table(title=title, title_justify="left", show_edge=False, pad_edge=False)
    for name in frame.columns:
        table.add_column(str(name), overflow="fold")
    for row in frame.itertuples(index=False):
        table.add_row(
            *(Text("" if pd.isna(cell) else f"{cell:g}" if isinstance(cell, float) else str(cell)) for cell in row)
        )
    return table


OVERRIDES_NAMED = 3
"""Items named in the last line whose override is not followed."""


def _not_followed(result: PlanResult) -> list[str]:
    plan = result.tables["plan"]
    return [str(item) for item in plan.loc[plan["exception"] == NOT_FOLLOWED, "item"]]


def _refused_overrides(result: PlanResult) -> str:
    """Return how many overrides are not followed, and of which items first; "" if all are."""
    refused = _not_followed(result)
    if not refused:
        return ""
    more = f" and {len(refused) - OVERRIDES_NAMED:,} more" if len(refused) > OVERRIDES_NAMED else ""
    return f"; {counted(len(refused), 'override')} not followed: {', '.join(refused[:OVERRIDES_NAMED])}{more}"


def _closing_line(result: PlanResult, target: Path) -> Text:
    checks = result.tables["checks"]
    verdict = f"{checks['result'].iloc[0]}: {checks['detail'].iloc[0]}"
    told = _refused_overrides(result)
    planned = f"{counted(result.planned, 'item')} planned in {result.seconds:.1f} s{told}"
    return Text(f"{planned}. {verdict}. Written to {target}")


def quality_line(result: PlanResult, target: Path) -> str:
    """Return how much there is to read about the data, and where; empty where nothing is."""
    said = result.tables["quality"]["severity"].value_counts()
    repairs, warnings = (int(said.get(severity, 0)) for severity in ("repaired", "warning"))
    told = [
        (result.rejected, f"{counted(result.rejected, 'row')} rejected"),
        (repairs, counted(repairs, "repair")),
        (warnings, counted(warnings, "warning")),
    ]
    words = [words for count, words in told if count]
    if not words:
        return ""
    *others, last = words
    listed = f"{', '.join(others)} and {last}" if others else last
    sheet = "on the sheet Quality (tblQuality)" if target.suffix else "in the table quality"
    return f"About the data: {listed}; read them {sheet}."
