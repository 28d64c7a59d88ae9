"""``invopt undo``: a workbook as it was before it was written."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import typer

from invopt_xl.errors import FileError
from invopt_xl.hosts.cli.ending import DONE
from invopt_xl.hosts.cli.running import OUTCOME
from invopt_xl.workbook.kept_copies import can_go_back, copies, undo


def undo_last(book: Path, force: bool) -> int:
    """Put a workbook back, and say what was done."""
    copy, saved = undo(book, force=force)
    OUTCOME.reached(0, f"{book.name} is as it was before the {copy.what} of {copy.when}")
    beside = f"; what was there is {saved.name}" if saved else ""
    typer.echo(f"{book.name} is as it was before the {copy.what} of {copy.when}{beside}")
    return DONE


def list_copies(book: Path) -> int:
    """Show what can be undone, the latest first."""
    from rich.console import Console

    from invopt_xl.hosts.cli.show import plain_table

    found = copies(book)
    if not found:
        raise FileError(f"{book.name} has nothing to undo")
    rows = [
        (each.when, each.what, f"{each.size / 1000:,.0f} kB", _standing(book, place))
        for place, each in enumerate(found)
    ]
    frame = pd.DataFrame(rows, columns=["before", "what", "size", "undo"])
    Console().print(plain_table(f"What can be undone of {book.name}", frame))
    return DONE


def _standing(book: Path, place: int) -> str:
    if place:
        return "after the one above"
    return "yes" if can_go_back(book, copies(book)[0]) else "with --force: changed since"


def hint(book: Path) -> str:
    """Return how what was just written is undone, in a line; empty where no copy could be kept."""
    there = copies(book)
    return f"undo: invopt undo {_shown(book)}" if there and can_go_back(book, there[0]) else ""


def _shown(book: Path) -> str:
    text = str(book)
    return f'"{text}"' if " " in text else text
