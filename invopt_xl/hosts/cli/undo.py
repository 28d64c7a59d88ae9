"""``invopt undo``: a workbook as it was before it was written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from invopt_xl.errors import FileError
from invopt_xl.hosts.cli import options as given
from invopt_xl.hosts.cli.ending import DONE
from invopt_xl.hosts.cli.running import OUTCOME

if TYPE_CHECKING:
    from invopt_xl.hosts.cli.show import Report
    from invopt_xl.plan.pipeline import PlanResult


def undo(book: given.Book, list_: given.ListCopies = False, force: given.ForceUndo = False) -> int:
    """Put a workbook back as it was before invopt last wrote it; again, and it goes back one more.

    The last 10 versions that were written over are kept in your own data folder. A workbook that was changed since is
    left alone: --force puts it back and keeps the present one as NAME.backup.xlsx.
    """
    if list_:
        return _list(book)
    from invopt_xl.workbook.kept_copies import undo as put_back

    copy, saved = put_back(book, force=force)
    done = f"{book.name} is as it was before the {copy.what} of {copy.when}"
    OUTCOME.reached(0, done)
    typer.echo(f"{done}; what was there is {saved.name}" if saved else done)
    return DONE


def _list(book: Path) -> int:
    """Show what can be undone, the latest first."""
    import pandas as pd
    from rich.console import Console

    from invopt_xl.hosts.cli.show import plain_table
    from invopt_xl.workbook.kept_copies import can_go_back, copies

    found = copies(book)
    if not found:
        raise FileError(f"{book.name} has nothing to undo")
    first = "yes" if can_go_back(book, found[0]) else "with --force: changed since"
    rows = [
        (each.when, each.what, f"{each.size / 1000:,.0f} kB", "after the one above" if place else first)
        for place, each in enumerate(found)
    ]
    frame = pd.DataFrame(rows, columns=["before", "what", "size", "undo"])
    Console().print(plain_table(f"What can be undone of {book.name}", frame))
    return DONE


def show_refresh(report: Report, result: PlanResult, target: Path) -> None:
    """Show what a refresh did, and how it is undone."""
    report.plan(result, target)
    say_undo(report, target)


def say_undo(report: Report, target: Path) -> None:
    """Show how what was just written is undone, where what it wrote over could be kept."""
    from invopt_xl.workbook.kept_copies import can_go_back, copies

    there = copies(target)
    if there and can_go_back(target, there[0]):
        report.note(f"undo: invopt undo {quoted(target)}")


def quoted(path: Path) -> str:
    """Return a path as it is typed into a command.

    Examples
    --------
    >>> print(quoted(Path("plan.xlsx")), quoted(Path("my plan.xlsx")))
    plan.xlsx "my plan.xlsx"
    """
    return f'"{path}"' if " " in str(path) else str(path)
