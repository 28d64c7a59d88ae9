"""How a replay looks on a console: policies side by side, stock at equal service, what follows, what it rests on."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping

import pandas as pd
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from invopt_xl.domain.words import counted
from invopt_xl.hosts.cli.replay import Replayed
from invopt_xl.hosts.cli.show import closing_rejections, records
from invopt_xl.plan.replay import words

_FIGURES: Mapping[str, tuple[str, Callable[[float], str]]] = {
    "fill rate by value": ("fill_value", "{:.1%}".format),
    "fill rate by units": ("fill_units", "{:.1%}".format),
    "fill rate by lines": ("fill_lines", "{:.1%}".format),
    "cycle service": ("cycle_service", "{:.1%}".format),
    "ready rate": ("ready_rate", "{:.1%}".format),
    "average stock, units": ("stock_units", words.money),
    "average stock, money": ("stock_money", words.money),
    "stock turns a year": ("turns", "{:,.1f}".format),
    "order lines": ("orders", "{:,.0f}".format),
    "stock-outs": ("stockouts", "{:,.0f}".format),
}
"""Rows of the table at the service target: what they are called, where they come from, how they are written."""


def replay_parts(replayed: Replayed) -> Iterator[RenderableType]:
    """Yield what a person sees of a replay."""
    report, asked = replayed.report, replayed.report.question
    yield Text(f"{words.scope(report)}.")
    for sentence in words.left_out(report):
        yield Text(f"{sentence[0].upper()}{sentence[1:]}.")
    yield Text(f"\nAt the service target of {words.percent(asked.service)}", style="italic")
    yield _target_table(words.at_target(report))
    compared = words.equal_service(report)
    compared = compared[compared["weighting"] == asked.weighting]
    if len(compared):
        yield Text(f"\nStock money where policies achieve the same fill rate by {asked.weighting}", style="italic")
        yield _equal_table(compared)
    yield Text()
    for sentence in words.verdicts(report):
        yield Text(f"{sentence[0].upper()}{sentence[1:]}", style="bold")
    yield Text(f"{words.achieved(report)}\n")
    for sentence in words.assumptions(report):
        yield Text(f"Assumed: {sentence}.", style="dim")
    yield from closing_rejections(report.quality)
    yield _closing_line(replayed)


def replay_summary(replayed: Replayed) -> dict[str, object]:
    """Return what ``--json`` prints: every figure, shares as shares of one, None where there is none."""
    report = replayed.report
    asked, stage = report.question, report.stage
    return {
        "output": str(replayed.output) if replayed.output else None,
        "items": len(stage.items),
        "period": stage.calendar.period,
        "periods": stage.periods,
        "history": stage.demand.shape[1],
        "policies": list(asked.policies),
        "service": asked.service,
        "measure": asked.measure,
        "weighting": asked.weighting,
        "draws": asked.draws,
        "assumptions": words.assumptions(report),
        "conclusions": [*words.verdicts(report), words.achieved(report)],
        "at_target": records(words.at_target(report)),
        "equal_service": records(words.equal_service(report)),
        "curves": records(report.curves),
        "item_figures": records(report.items),
        "left_out": records(stage.left_out),
        "rejected": report.rejected,
        "seconds": round(report.seconds, 2),
        "quality": records(report.quality),
    }


def _target_table(found: pd.DataFrame) -> Table:
    table = _table("figure")
    for policy in found["policy"]:
        table.add_column(str(policy), justify="right", no_wrap=True)
    for name, (column, written) in _FIGURES.items():
        table.add_row(name, *(_cell(value, written) for value in found[column]))
    return table


def _equal_table(compared: pd.DataFrame) -> Table:
    """Return what policies hold at equal service; beside the textbook, if that was replayed."""
    beside = bool((compared["best_window"] != "").any())
    table = _table("policy")
    for name in ("fill rate", "stock", *((words.COMMON, "saved", "best textbook", "saved") if beside else ())):
        table.add_column(name, justify="right", no_wrap=True)
    for row in compared.to_dict("records"):
        stock = words.money(row["stock_money"]) if row["reached"] == words.REACHED else str(row["reached"])
        cells = [
            _stock(row["usual_textbook"]),
            _cell(row["saved_beside_usual"], "{:+.1%}".format),
            _stock(row["best_textbook"], str(row["best_window"]).removeprefix("textbook ")),
            _cell(row["saved_beside_best"], "{:+.1%}".format),
        ]
        table.add_row(str(row["policy"]), f"{row['fill_rate']:.0%}", stock, *(cells if beside else ()))
    return table


def _stock(held: float, window: str = "") -> str:
    """Return what a textbook policy holds, and with which window, or that it does not get there."""
    if math.isnan(held):
        return words.OUT_OF_REACH
    return f"{words.money(held)} ({window})" if window else words.money(held)


def _table(first: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold underline")
    table.add_column(first, no_wrap=True)
    return table


def _cell(value: float, written: Callable[[float], str]) -> str:
    return "-" if pd.isna(value) else written(value)


def _closing_line(replayed: Replayed) -> Text:
    report = replayed.report
    rejected = ""
    if report.rejected:
        rejected = f"; {counted(report.rejected, 'row')} rejected (invopt check {replayed.source} names them)"
    where = "Nothing written; --output FILE.xlsx keeps all of it"
    if replayed.output:
        where = f"Written to {replayed.output}"
    settings = counted(len(report.curves), "setting")
    return Text(f"\n{settings} of policies replayed in {report.seconds:.1f} s{rejected}. {where}.")
