"""Which row of a table as it was each of its new rows takes the planner's and added cells from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Protocol

import pandas as pd

from invopt_xl.errors import InputError
from invopt_xl.plan import columns
from invopt_xl.plan.keys import require_key
from invopt_xl.plan.views.last_rows import LEFT
from invopt_xl.workbook.parts.cells import plain, serial_of

Key = tuple[str, ...]

_KEPT = "Not in this plan; kept for the planner's override or note."


class OldRows(Protocol):
    """A table of the data contract as it is, in a file or in an open workbook."""

    @property
    def contract(self) -> columns.Table:
        """Its columns as the data contract declares them."""

    @property
    def name(self) -> str:
        """Its name in the workbook."""

    @property
    def headers(self) -> Mapping[int, str]:
        """Names of the columns by their number in the sheet."""

    @property
    def numbers(self) -> Iterable[int]:
        """Numbers of the rows that hold something, in the sheet."""

    def value(self, row: int, column: int) -> object:
        """Return what a cell shows; None for nothing."""

    def is_formula(self, row: int, column: int) -> bool:
        """Tell whether a cell holds a formula."""

    def place(self, row: int, column: int) -> str:
        """Return a cell's address with its sheet, for messages."""


@dataclass(frozen=True)
class RowMatch:
    """A table as it was and the rows it is to hold.

    Parameters
    ----------
    old
        The table as it is.
    frame
        Its new rows.

    Raises
    ------
    InputError
        If the table has no column that the frame could fill, or its rows cannot be told apart by the columns of the
        key that are there.
    """

    old: OldRows
    frame: pd.DataFrame

    def __post_init__(self) -> None:
        if not self.owned:
            expected = ", ".join(self.old.contract.column_names[:3])
            raise InputError(f"{self.old.name} has no column of the plan; expected {expected}, ...")
        require_key(self.old.contract, self.old.headers.values())
        require_key(self.old.contract, self.frame.columns, f"the frame for {self.old.name}")
        self._require_rows_told_apart()

    @cached_property
    def owned(self) -> dict[int, str]:
        """Columns written from the frame: those of the contract that are not the planner's."""
        ours = {column.name for column in self.old.contract.columns if column.owner == "program"}
        given = set(self.frame.columns)
        return {column: name for column, name in self.old.headers.items() if name in ours and name in given}

    @cached_property
    def travelling(self) -> list[int]:
        """Columns whose cells follow the key of their row: the planner's, and whatever somebody added."""
        return [column for column in self.old.headers if column not in self.owned]

    @cached_property
    def kept(self) -> list[Key]:
        """Keys of rows that are not in the frame but hold something the planner typed, into added columns too.

        An item may be missing today for a wrong number in its row of ``tblItems``; what the planner noted about it
        must be there when it is back.
        """
        if not self._planners:
            return []
        planned = set(self._new_keys)
        return [key for key, row in self._old_rows.items() if key not in planned and self._is_written_in(row)]

    @property
    def size(self) -> int:
        """Rows of the new body; a table keeps at least one."""
        return max(1, len(self.frame) + len(self.kept))

    @cached_property
    def origins(self) -> list[int | None]:
        """Old rows that the new ones, those kept at the end, take their travelling cells from; None for none."""
        return [self._old_rows.get(key) for key in [*self._new_keys, *self.kept]]

    def owned_values(self, column: int) -> list[object]:
        """Return what an owned column holds in the new rows, those kept at the end."""
        return self.frame[self.owned[column]].tolist() + self._kept_values(column)

    def first_values(self, column: int) -> list[object]:
        """Return what a column of the planner's begins with in rows that are new, those kept at the end."""
        name = self.old.headers[column]
        begins = column in self._planners and name in self.frame
        return (self.frame[name].tolist() if begins else [None] * len(self.frame)) + [None] * len(self.kept)

    def _kept_values(self, column: int) -> list[object]:
        """Return what stands in an owned column of the rows kept for the planner: their key, and why they are there."""
        if column not in self._key_columns:
            told = _KEPT if self.old.contract is columns.PLAN else LEFT
            return [told if self.owned[column] == "why" else None] * len(self.kept)
        return [self.old.value(self._old_rows[key], column) for key in self.kept]

    def _require_rows_told_apart(self) -> None:
        """Refuse a table without ``location`` in which, or in whose new rows, an item stands twice.

        Where no cell follows its row nothing can change hands.
        """
        missing = [name for name in self.old.contract.key if name not in self._key_columns.values()]
        if not missing or not self.travelling:
            return
        name = self.old.name
        place = f"the frame for {name}" if missing[0] in self.old.headers.values() else name
        old = [self._key(values) for _, values in self._old_key_values()]
        for keys in (old, self._new_keys):
            twice = next((key for key, count in Counter(keys).items() if count > 1), None)
            if twice is not None:
                raise InputError(
                    f"{place} lacks the column {missing[0]}, and {' '.join(twice)} has several rows; put it back"
                )

    @cached_property
    def _key_columns(self) -> dict[int, str]:
        """Columns that identify a row: the table's key (``location`` may be missing) or, without one, all owned."""
        by_key = {column: name for column, name in self.owned.items() if name in self.old.contract.key}
        return by_key or self.owned

    @cached_property
    def _old_rows(self) -> dict[Key, int]:
        """Rows of the table as it is, by key; of two with one key, the one the planner typed into."""
        found: dict[Key, int] = {}
        for row, values in self._old_key_values():
            key = self._key(values)
            other = found.setdefault(key, row)
            if other == row or not self._holds_any(row, self._planners):
                continue
            if self._holds_any(other, self._planners):
                first, second = (self.old.place(each, min(self.old.headers)) for each in (other, row))
                raise InputError(
                    f"{self.old.name} has two rows for {' '.join(key)} with an override or note ({first} and "
                    f"{second}); expected one"
                )
            found[key] = row
        return found

    def _old_key_values(self) -> Iterator[tuple[int, list[object]]]:
        """Yield the rows of the table as it is with their values of the key; blank ones left out."""
        for row in self.old.numbers:
            values = [self.old.value(row, column) for column in self._key_columns]
            if any(value is not None for value in values):
                yield row, values

    @cached_property
    def _planners(self) -> list[int]:
        """Columns of the contract that are the planner's."""
        planners = {column.name for column in self.old.contract.columns if column.owner == "planner"}
        return [column for column, name in self.old.headers.items() if name in planners]

    @cached_property
    def _new_keys(self) -> list[Key]:
        records = zip(*(self.frame[name].tolist() for name in self._key_columns.values()), strict=True)
        return [self._key(record) for record in records]

    def _key(self, values: Iterable[object]) -> Key:
        names = self._key_columns.values()
        return tuple(
            _key_part(self.old.contract.column(name), value) for name, value in zip(names, values, strict=True)
        )

    def _is_written_in(self, row: int) -> bool:
        """Tell whether the planner typed anything into a row; a formula of an added column is in every row.

        Of the plan, the frame itself has the rows that are kept for added columns.
        """
        if self.old.contract is columns.PLAN:
            return self._holds_any(row, self._planners)
        known = self.old.contract.column_names
        added = (
            column
            for column, name in self.old.headers.items()
            if name not in known and not self.old.is_formula(row, column)
        )
        return self._holds_any(row, self._planners) or self._holds_any(row, added)

    def _holds_any(self, row: int, wanted: Iterable[int]) -> bool:
        return any(self.old.value(row, column) is not None for column in wanted)


def _key_part(column: columns.Column, value: object) -> str:
    """Return a value as it counts in a key: numbers and their text alike, blanks as the default."""
    value = plain(value)
    if value is None:
        value = column.default
    if isinstance(value, datetime):
        value = serial_of(value, date1904=False)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()
