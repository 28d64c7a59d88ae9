"""From what a host hands over to what a function computes with: items, their values, and what is wrong with which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from invopt_xl.errors import InputError
from invopt_xl.sheet.arguments import Argument
from invopt_xl.sheet.cells import (
    MARK,
    Cell,
    Given,
    are_dates,
    ends_with_total,
    held,
    is_error,
    numbers_in,
    shown,
    truth,
)

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]
Value = float | str | bool | None


class HandedOnError(InputError):
    """An error value that stood in for an argument; it is the result as it stands."""


@dataclass
class Each:
    """An argument with a value for each item.

    Parameters
    ----------
    shape
        Rows and columns; 1 x 1 is for all items.
    values
        Row by row, the default where nothing is given.
    faults
        What an item's cell shows instead of a result, by place in `values`.
    empty
        Places without a value, where the argument is a range.
    header
        How many of the first places are a header; in `values` is what it says.
    """

    shape: tuple[int, int]
    values: list[Value]
    faults: dict[int, str] = field(default_factory=dict)
    empty: frozenset[int] = frozenset()
    header: int = 0


@dataclass
class Series:
    """Histories of items, or plans over periods.

    Parameters
    ----------
    values
        Items by cells of the range, a header's too; NaN where not known.
    across
        Whether an item is a row of the range rather than a column.
    extent
        The first cells that are not empty for all items, and the end of the last.
    faults
        What an item shows instead of a result, by item.
    header
        How many of the first cells are a header.
    """

    values: Floats
    across: bool
    extent: tuple[int, int]
    faults: dict[int, str] = field(default_factory=dict)
    header: int = 0


def read_one(argument: Argument, given: Given) -> Value:
    """Return the one value of an argument, its default where nothing is given."""
    cell = _told(argument, given)
    if isinstance(cell, list):
        raise InputError(f"{argument.words} is a range of {_size(cell)}; expected one value: {argument.expectation}")
    if cell is None:
        if argument.required:
            raise _missing(argument)
        return _default(argument)
    if is_error(cell):
        raise HandedOnError(str(cell))
    return argument.read(cell)


def read_each(argument: Argument, given: Given) -> Each:
    """Return a value for each item."""
    cells = _told(argument, given)
    if not isinstance(cells, list):
        if cells is None:
            if argument.required:
                raise _missing(argument)
            return Each((1, 1), [_default(argument)])
        if is_error(cells):
            raise HandedOnError(str(cells))
        return Each((1, 1), [argument.read(cells)])
    return _read_range(argument, cells)


def _read_range(argument: Argument, rows: list[list[Cell]]) -> Each:
    shape = len(rows), len(rows[0])
    (flat,) = _numbers_for_texts(argument, [[cell for row in rows for cell in row]])
    header = _header_length(argument, flat, shape)
    values: list[Value] = []
    faults: dict[int, str] = {}
    empty = set(range(header))
    default = _default(argument)
    numeric = argument.kind == "number"
    for place, cell in enumerate(flat):
        value = default
        if place < header or (numeric and type(cell) is float and argument.within(cell)):
            value = cell
        elif argument.omits(cell):
            empty.add(place)
        elif is_error(cell):
            faults[place] = str(cell)
        else:
            try:
                value = argument.read(cell, place_in_words(place, shape))
            except InputError as error:
                faults[place] = str(error)
        values.append(value)
    return Each(shape, values, faults, frozenset(empty), header)


def _numbers_for_texts(argument: Argument, lines: Sequence[list[Cell]]) -> Sequence[list[Cell]]:
    """Return lines of a range with numbers in place of texts that mean one, all of them read the same way."""
    if argument.kind != "number":
        return lines
    texts = [cell for line in lines for cell in line if isinstance(cell, str) and not is_error(cell)]
    if not texts:
        return lines
    meant = numbers_in(texts, argument.unit == "share")
    return [[meant.get(cell, cell) if isinstance(cell, str) else cell for cell in line] for line in lines]


def _header_length(argument: Argument, flat: list[Cell], shape: tuple[int, int]) -> int:
    """Return how many of the first cells are a header: a text over numbers, or before them in a row."""
    if argument.kind != "number" or len(flat) < 2 or not isinstance(flat[0], str) or is_error(flat[0]):
        return 0
    length = shape[1] if shape[0] > 1 else 1
    heads, body = flat[:length], flat[length:]
    headed = all(cell is None or (isinstance(cell, str) and not is_error(cell)) for cell in heads)
    return length if headed and any(isinstance(cell, int | float) or is_error(cell) for cell in body) else 0


def read_series(argument: Argument, given: Given, by_rows: bool) -> Series | None:
    """Return the items of a range of periods: a column each, or a row each where `by_rows` or where there is one row.

    A first row (or column) of texts is a header. A single zero is no series: it may well be an empty cell.
    """
    cells = _told(argument, given)
    if cells is None:
        if argument.required:
            raise _missing(argument)
        return None
    if not isinstance(cells, list):
        if is_error(cells):
            raise HandedOnError(str(cells))
        if argument.kind == "number" and cells == 0:
            raise InputError(f"{argument.words} is one value, 0; expected {argument.expectation} in each period")
        cells = [[cells]]
    rows = cells
    across = by_rows or (len(rows) == 1 and len(rows[0]) > 1)
    items = rows if across else [list(column) for column in zip(*rows, strict=True)]
    header = _has_header(argument, items)
    filled = [place for place in range(header, len(items[0])) if any(item[place] is not None for item in items)]
    if not filled and not argument.required:
        return None
    if not filled:
        raise InputError(f"{argument.words} has no numbers; expected {argument.expectation} in each period")
    values = np.full((len(items), len(items[0])), 0.0 if argument.empty == "zero" else np.nan)
    read = Series(values, across, (filled[0], filled[-1] + 1), header=int(header))
    for item, cells_of_item in enumerate(_numbers_for_texts(argument, [item[header:] for item in items])):
        _read_item(argument, read, item, cells_of_item)
        if item in read.faults or argument.kind != "number":
            continue
        line = f"{'row' if across else 'column'} {item + 1}"
        if are_dates(values[item]):
            read.faults[item] = f"{argument.words} has dates ({line}); expected {argument.expectation}: leave them out"
        elif ends_with_total(values[item]):
            read.faults[item] = f"{argument.words} ends with the total of all before it ({line}); expected no total"
    if not across and len(items) > 1 and 0 in read.faults and _are_names(items[0]):
        read.faults[0] = f"{argument.words} has texts in column 1; leave names out, or give items_in as rows"
    return read


def _are_names(cells: Sequence[Cell]) -> bool:
    return all(cell is None or (isinstance(cell, str) and not is_error(cell)) for cell in cells)


def _has_header(argument: Argument, items: list[list[Cell]]) -> bool:
    """Return whether the first cells are texts that mean no value."""
    heads = [item[0] for item in items if item[0] is not None]
    texts = [head for head in heads if isinstance(head, str) and not is_error(head)]
    if len(items[0]) < 2 or not texts or len(texts) < len(heads):
        return False
    if argument.kind == "number":
        return not numbers_in(texts, argument.unit == "share")
    return argument.kind == "flag" and all(truth(each) is None for each in texts)


def _read_item(argument: Argument, read: Series, item: int, cells: list[Cell]) -> None:
    numeric = argument.kind == "number"
    for period, cell in enumerate(cells, read.header):
        if numeric and type(cell) is float and argument.within(cell):
            read.values[item, period] = cell
        elif cell is not None and item not in read.faults:
            place = f"{'column' if read.across else 'row'} {period + 1}"
            try:
                read.values[item, period] = float(argument.read(_no_error(argument, cell, place), place))
            except InputError as error:
                read.faults[item] = str(error)


def _no_error(argument: Argument, cell: Cell, place: str) -> Cell:
    """Return a cell that holds no error; a refusal of another function is handed on as it is."""
    if is_error(cell):
        raise InputError(str(cell)) if str(cell).startswith(MARK) else argument.refusal(cell, place)
    return cell


def read_list(argument: Argument, given: Given) -> Floats | None:
    """Return the numbers of a row or column."""
    cells = held(given)
    if cells is None:
        if argument.required:
            raise _missing(argument)
        return None
    rows: list[list[Cell]] = cells if isinstance(cells, list) else [[cells]]
    if min(len(rows), len(rows[0])) > 1:
        raise InputError(f"{argument.words} is a range of {_size(rows)}; expected one row or one column")
    each = _read_range(argument, rows)
    kept = [place for place in range(len(each.values)) if place not in each.empty]
    for place in kept:
        if place in each.faults:
            raise HandedOnError(each.faults[place])
    if not kept:
        raise _missing(argument)
    # Lists belong together place by place: one with a gap would move on against the other.
    gap = next((place for place in range(each.header, kept[-1]) if place in each.empty), None)
    if gap is not None:
        raise argument.refusal(None, place_in_words(gap, each.shape))
    return np.array([float(each.values[place] or 0.0) for place in kept])


def read_table(argument: Argument, given: Given) -> pd.DataFrame | None:
    """Return a range with a header as a frame of cells as found; the index is the row within the range."""
    import pandas as pd

    from invopt_xl.plan.schema import CellFault

    cells = _told(argument, given)
    if cells is None and not argument.required:
        return None
    if not isinstance(cells, list):
        raise InputError(f"{argument.words} is {shown(cells)}; expected {argument.expectation}")
    rows = cells
    header = [shown(cell) if cell is not None else "" for cell in rows[0]]
    names = [name.casefold() for name in header if name]
    if twice := next((name for place, name in enumerate(names) if name in names[:place]), ""):
        raise InputError(f"{argument.words} has two columns {twice}; expected one of each name")
    body = [[CellFault(cell) if is_error(cell) else cell for cell in row] for row in rows[1:]]
    filled = [place for place, row in enumerate(body) if any(cell is not None for cell in row)]
    frame = pd.DataFrame([body[place] for place in filled], columns=header, dtype=object)
    frame.index = pd.Index([place + 2 for place in filled])
    return frame.loc[:, [bool(name) for name in header]]


def _told(argument: Argument, given: Given) -> Cell | list[list[Cell]]:
    """Return what an argument holds, None where that counts as not given."""
    cells = held(given)
    return None if argument.omits(cells) else cells


def _default(argument: Argument) -> Value:
    return None if argument.required else argument.default


def _missing(argument: Argument) -> InputError:
    return InputError(f"{argument.words} is missing; expected {argument.expectation}")


def _size(rows: Sequence[Sequence[Cell]]) -> str:
    return f"{len(rows)} x {len(rows[0]) if rows else 0} cells"


def place_in_words(place: int, shape: tuple[int, int]) -> str:
    """Return where a cell of a range stands, counted from 1."""
    row, column = divmod(place, shape[1])
    if shape[1] == 1:
        return f"row {row + 1}"
    return f"column {column + 1}" if shape[0] == 1 else f"row {row + 1}, column {column + 1}"
