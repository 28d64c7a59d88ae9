"""``invopt doctor``: what is well, what is not, and what to do."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from invopt_xl.domain.words import counted
from invopt_xl.hosts.doctor import Finding, examine

_COLOURS = {"ok": "green", "warning": "yellow", "problem": "bold red"}
WELL, NOT_WELL = 0, 1


def show_health(as_json: bool) -> int:
    """Examine, and show what is found; return the exit code."""
    console = Console(stderr=True)
    with console.status("Looking around"):
        findings = list(examine())
    problems = sum(each.status == "problem" for each in findings)
    if as_json:
        typer.echo(json.dumps({"problems": problems, "findings": [asdict(each) for each in findings]}, indent=2))
    else:
        Console().print(health_table(findings))
        typer.echo(_closing(findings, problems))
    return NOT_WELL if problems else WELL


def health_table(findings: Sequence[Finding]) -> Table:
    """Return the findings as a person sees them: each area once, what to do below what is so."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column("area", no_wrap=True)
    table.add_column("status", no_wrap=True)
    table.add_column("text", overflow="fold")
    area = ""
    for each in findings:
        told = Text(each.text)
        if each.advice:
            told.append(f"\n-> {each.advice}", style="cyan")
        table.add_row("" if each.area == area else each.area, Text(each.status, style=_COLOURS[each.status]), told)
        area = each.area
    return table


def _closing(findings: Sequence[Finding], problems: int) -> str:
    warnings = sum(each.status == "warning" for each in findings)
    if not problems and not warnings:
        return "\nAll is well."
    return f"\n{counted(problems, 'problem')}, {counted(warnings, 'warning')}."
