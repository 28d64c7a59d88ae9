"""How a back-test looks on a console: methods against each other, by demand pattern, and what changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from invopt_xl.domain.words import counted
from invopt_xl.hosts.cli.backtest import Judged
from invopt_xl.hosts.cli.show import closing_quality, plain_table, records
from invopt_xl.plan.keys import item_names

CHANGES_SHOWN = 10

_MEASURES: Mapping[str, tuple[str, str]] = {
    "WAPE": ("wape", "{:.1%}"),
    "bias": ("bias", "{:+.1%}"),
    "MASE": ("mase", "{:.3f}"),
    "RMSSE": ("rmsse", "{:.3f}"),
    "pinball": ("scaled_pinball", "{:.3f}"),
    "in 80%": ("coverage_80", "{:.1%}"),
    "in 95%": ("coverage_95", "{:.1%}"),
    "cost": ("cost", "{:,.0f}"),
}
"""Columns of the table of methods: what they are called, where they come from, how they are written."""

_AIMS = {"coverage_80": 0.80, "coverage_95": 0.95, "bias": 0.0}
"""Measures that are best near a number; the others are best where they are least."""


def backtest_parts(judged: Judged) -> Iterator[RenderableType]:
    """Yield what a person sees of a back-test."""
    for sentence in judged.assumptions:
        yield Text(f"Assumed: {sentence}.")
    yield Text(f"\n{_title(judged)}", style="italic")
    yield _method_table(judged)
    yield _note(judged)
    yield Text("\nScaled pinball loss by demand pattern; below, % of periods in the 80% and 95% band", style="italic")
    yield _pattern_table(judged)
    for sentence in judged.advice:
        yield Text(f"\nAdvice: {sentence}.", style="bold")
    yield from _choice_parts(judged)
    yield from _left_out(judged)
    yield from closing_quality(judged.quality)
    yield _closing_line(judged)


def backtest_summary(judged: Judged) -> dict[str, object]:
    """Return what ``--json`` prints."""
    backtest, panel = judged.backtest, judged.source.panel
    return {
        "written": [str(path) for path in judged.written],
        "items": len(panel.items),
        "horizon": judged.contest.horizon,
        "windows": judged.contest.windows,
        "period": panel.calendar.period,
        "season": judged.source.season,
        "start": panel.calendar.plan_date,
        "assumptions": list(judged.assumptions),
        "methods": records(backtest.by_method().reset_index()),
        "patterns": records(backtest.by_pattern().reset_index()),
        "by_horizon": records(backtest.by_horizon().reset_index()),
        "advice": judged.advice,
        "chosen": dict(judged.chosen.most_common()),
        "changes": records(judged.changes),
        "left_out": len(backtest.cases.left_out),
        "rejected": judged.rejected,
        "seconds": round(judged.seconds, 2),
        "quality": records(judged.quality),
    }


def _title(judged: Judged) -> str:
    scored, contest = int(judged.backtest.by_method()["items"].max()), judged.contest
    periods = counted(contest.horizon, judged.source.panel.calendar.period)
    return f"{counted(scored, 'item')} scored, {counted(contest.windows, 'window')} of {periods}"


def _method_table(judged: Judged) -> Table:
    found = judged.backtest.by_method()
    shown = {title: spec for title, spec in _MEASURES.items() if found[spec[0]].notna().any()}
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold underline")
    table.add_column("method", no_wrap=True)
    for name in shown:
        table.add_column(name, justify="right", no_wrap=True)
    best = {name: _best(found[column], column) for name, (column, _) in shown.items()}
    for method, row in found.iterrows():
        cells = [
            Text("-" if pd.isna(row[column]) else pattern.format(row[column]), style="bold" * (method in best[name]))
            for name, (column, pattern) in shown.items()
        ]
        table.add_row(str(method), *cells)
    return table


def _best(values: pd.Series[float], column: str) -> set[object]:
    """Return the methods with the best number, where they differ."""
    loss = (values - _AIMS[column]).abs() if column in _AIMS else values
    loss = loss.dropna().round(4)
    return set() if loss.nunique() < 2 else set(loss.index[loss == loss.min()])


def _note(judged: Judged) -> Text:
    found = judged.backtest.by_method()
    unpriced = int(found["unpriced_items"].max())
    cost = "cost is the money that too little and too much stock would have lost over the periods tried"
    if found["cost"].isna().all():
        cost = "no cost of errors: it needs the items' unit_cost and unit_price, which a workbook or a folder has"
    elif unpriced:
        cost += f", but for {counted(unpriced, 'item')} without price or cost"
    return Text(f"MASE, RMSSE and pinball in errors of the naive forecast, below 1 is better; {cost}.", style="dim")


def _pattern_table(judged: Judged) -> Table:
    """Return pinball loss and coverage of each demand pattern, a column for each method."""
    found = judged.backtest.by_pattern()
    methods = list(judged.backtest.methods)
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold underline")
    table.add_column("pattern", no_wrap=True)
    for name in ("items", *methods):
        table.add_column(name, justify="right")
    for pattern in found.index.get_level_values("pattern").unique():
        rows = found.loc[pattern].reindex(methods)
        best = _best(rows["scaled_pinball"], "scaled_pinball")
        cells = []
        for method, row in rows.iterrows():
            loss = "-" if pd.isna(row["scaled_pinball"]) else f"{row['scaled_pinball']:.3f}"
            inside = f"\n{100 * row['coverage_80']:.0f}/{100 * row['coverage_95']:.0f}"
            cells.append(Text.assemble((loss, "bold" * (method in best)), (inside, "dim")))
        table.add_row(str(pattern), f"{int(rows['items'].max()):,}", *cells)
    return table


def _choice_parts(judged: Judged) -> Iterator[RenderableType]:
    changes = judged.changes
    shown = changes.head(CHANGES_SHOWN)
    kept = len(judged.choices) - len(changes)
    taken = ", ".join(f"{method} {count:,}" for method, count in Counter(changes["method"]).most_common())
    margin = f"by an expected margin of {judged.contest.margin:.0%}"
    words = f"{counted(len(changes), 'change')} of method {margin}: {taken}; {kept:,} kept."
    yield Text(f"\n{words if len(changes) else f'No item changes its method {margin}.'}")
    if len(shown):
        names = item_names(shown, judged.choices)
        table = pd.DataFrame({"item": names, "pattern": shown["pattern"].tolist(), "reason": shown["reason"].tolist()})
        yield plain_table(f"Changes: {len(shown)} with the largest gain of {len(changes):,}", table)


def _left_out(judged: Judged) -> Iterator[RenderableType]:
    left = judged.backtest.cases.left_out
    if left:
        reasons = Counter(each.why for each in left)
        why, count = reasons.most_common(1)[0]
        most = "all" if count == len(left) else f"{count:,} of them"
        items = counted(len({each.item for each in left}), "item")
        yield Text(f"Not scored: {counted(len(left), 'window')} of {items}; {most}: {why}.")


def _closing_line(judged: Judged) -> Text:
    rejected = f"; {counted(judged.rejected, 'row')} rejected" if judged.rejected else ""
    where = f"Written to {' and '.join(map(str, judged.written))}"
    if not judged.written:
        where = "Nothing written; --champions FILE keeps the chosen methods for invopt forecast --methods FILE"
    methods = counted(len(judged.backtest.methods), "method")
    windows = counted(int(np.count_nonzero(judged.backtest.cases.origins >= 0)), "window")
    return Text(f"\n{methods} back-tested on {windows} in {judged.seconds:.1f} s{rejected}. {where}.")
