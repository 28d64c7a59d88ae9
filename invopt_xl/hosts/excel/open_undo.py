"""What a refresh of an open workbook wrote over, kept for its user alone until it is written back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from invopt_xl.errors import FileError, InputError
from invopt_xl.hosts.excel.contents import Content, Formula, for_excel
from invopt_xl.hosts.excel.open_book import OpenBook, Placed
from invopt_xl.hosts.excel.open_rewrite import State
from invopt_xl.hosts.excel.open_writing import write_states
from invopt_xl.plan.columns import CellFault
from invopt_xl.workbook.atomic import replacing
from invopt_xl.workbook.kept_copies import private_folder
from invopt_xl.workbook.parts.cells import Area, plain


@dataclass(frozen=True)
class Overwritten:
    """Tables as they were before a refresh, and as it left them.

    Parameters
    ----------
    when
        Local time of the refresh.
    before, after
        The same tables in the same order.
    """

    when: str
    before: Sequence[State]
    after: Sequence[State]

    def keep(self, file: Path) -> None:
        """Write it to a file of its user's own.

        Raises
        ------
        FileError
            If that cannot be written.
        """
        facts = {"when": self.when, "before": _states(self.before), "after": _states(self.after)}
        try:
            private_folder(file.parent)
        except OSError as error:
            raise FileError(f"{file.parent} cannot be made: {(error.strerror or str(error)).lower()}") from None
        with replacing(file, private=True) as stream:
            stream.write(json.dumps(facts).encode())

    @classmethod
    def kept(cls, file: Path) -> Overwritten | None:
        """Return what a file holds; None where there is none that can be read."""
        with suppress(OSError, ValueError, KeyError):
            facts = json.loads(file.read_text(encoding="utf-8"))
            return cls(facts["when"], _from(facts["before"]), _from(facts["after"]))
        return None


def undo_refresh(book: OpenBook, file: Path) -> str:
    """Write back what the last refresh of an open workbook wrote over; return when that was.

    Raises
    ------
    InputError
        If there is nothing to undo, or a table was changed since.
    """
    there = Overwritten.kept(file)
    if there is None:
        raise InputError(f"{book.book.name} has no refresh to undo")
    tables = book.tables()
    for state in there.after:
        placed = tables.get(state.name.lower())
        if placed is None or placed.sheet != state.sheet or placed.body != state.body:
            raise InputError(f"{state.name} was moved or resized since the refresh; undoing would lose that")
        _refuse_changes(book, placed, state)
    write_states(book, there.after, there.before)
    file.unlink(missing_ok=True)
    return there.when


def _refuse_changes(book: OpenBook, placed: Placed, state: State) -> None:
    """Refuse to undo where somebody typed since; formulas are not looked at, as Excel spells them its own way."""
    contents, _ = book.cells(state.sheet, state.body)
    for column, held in state.columns.items():
        now = (row[column - state.body.first_column] for row in contents)
        for row, (wrote, found) in enumerate(zip(held, now, strict=True), start=state.body.first_row):
            if not isinstance(wrote, Formula) and _given(book, wrote) != _given(book, found):
                place = placed.place(row, column)
                raise InputError(f"{place} of {state.name} was changed since the refresh; undoing would lose that")


def _given(book: OpenBook, content: Content) -> float | bool | str:
    return for_excel(content, date1904=book.date1904)


def _states(states: Sequence[State]) -> list[Any]:
    return [
        {
            "name": each.name,
            "sheet": each.sheet,
            "body": str(each.body),
            "totals": each.totals,
            "columns": {column: [_kept(cell) for cell in held] for column, held in each.columns.items()},
        }
        for each in states
    ]


def _from(states: list[Any]) -> list[State]:
    return [
        State(
            each["name"], each["sheet"], Area.parse(each["body"]), each["totals"],
            {int(column): [_content(cell) for cell in held] for column, held in each["columns"].items()},
        )
        for each in states
    ]  # fmt: skip


def _kept(content: Content) -> Any:
    """Return what a cell holds as JSON has it."""
    if isinstance(content, Formula):
        return {"formula": content.text}
    if isinstance(content, CellFault):
        return {"error": str(content)}
    value = plain(content)
    return {"date": value.isoformat()} if isinstance(value, datetime) else value


def _content(kept: Any) -> Content:
    if not isinstance(kept, dict):
        return kept
    if "formula" in kept:
        return Formula(kept["formula"])
    return datetime.fromisoformat(kept["date"]) if "date" in kept else CellFault(kept["error"])
