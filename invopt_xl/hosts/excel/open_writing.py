"""Writes tables of an open workbook: whole columns at a time, and back again where it fails in the middle."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from invopt_xl.errors import InvoptError
from invopt_xl.hosts.excel.contents import Content, Formula, for_excel
from invopt_xl.hosts.excel.open_book import OpenBook, Placed
from invopt_xl.hosts.excel.open_rewrite import State
from invopt_xl.workbook.parts.cells import Area
from invopt_xl.workbook.parts.defined_names import TableGrowth, resized_text


def write_states(
    book: OpenBook, before: Sequence[State], after: Sequence[State], written: Callable[[State], None] = lambda _: None
) -> None:
    """Give tables their new contents; where that fails, those they had.

    Parameters
    ----------
    book
        The workbook.
    before
        The tables as they are.
    after
        The same tables as they are to be, in the same order.
    written
        Told of each table that is done.

    Raises
    ------
    InvoptError
        If Excel refuses; the line says whether all is as it was.
    """
    there = book.tables()
    sheets = [book.sheet(name) for name in dict.fromkeys(state.sheet for state in after)]
    begun: list[State] = []
    with book.engine.writing(sheets):
        try:
            for old, new in zip(before, after, strict=True):
                begun.append(old)
                _write(book, there[new.name.lower()], new)
                written(new)
            _resize_names(book, [_growth(there[new.name.lower()], new) for new in after])
        except Exception as error:  # noqa: BLE001 - whatever it was, nothing half written may stay
            _put_back(book, begun, error)


def _put_back(book: OpenBook, begun: Iterable[State], error: Exception) -> None:
    """Give tables what they held, and say what became of it."""
    why = " ".join(str(error).split())[:200]
    try:
        there = book.tables()
        for state in begun:
            _write(book, there[state.name.lower()], state)
        _resize_names(book, [_growth(there[state.name.lower()], state) for state in begun])
    except Exception as second:
        raise InvoptError(
            f"Excel stopped taking results ({why}), and what was there could not be put back; close the workbook "
            "without saving it"
        ) from second
    raise InvoptError(f"Excel stopped taking results ({why}); all tables are as they were") from error


def _write(book: OpenBook, placed: Placed, state: State) -> None:
    """Give a table its contents, and its size with them."""
    book.engine.show_all_rows(placed.excel)
    fits = placed.last_row == state.body.last_row
    if placed.totals and not fits:
        book.ask(lambda: setattr(placed.excel, "show_totals", False))
    if placed.last_row < state.body.last_row:
        _grow(book, placed, state.body)
    for area, rows, is_formula in _blocks(state, book.date1904):
        cells = book.range(state.sheet, area)
        book.ask(lambda: setattr(cells, "formula" if is_formula else "value", rows))  # noqa: B023 - done at once
    if placed.last_row > state.body.last_row:
        _shrink(book, placed, state.body)
    if state.totals and not (placed.totals and fits):
        book.ask(lambda: setattr(placed.excel, "show_totals", True))


def _growth(placed: Placed, state: State) -> TableGrowth:
    """Return how a table comes to its new size."""
    last = state.body.last_row
    return TableGrowth(placed.sheet, placed.body, placed.area, last, last + state.totals)


def _resize_names(book: OpenBook, growths: Sequence[TableGrowth]) -> None:
    """Let names and print areas over all rows of a table end where it ends; Excel does so for inserted rows alone."""
    for name in book.ask(lambda: list(book.book.names)):
        called, text = book.ask(lambda: (name.name, name.refers_to))  # noqa: B023 - done at once
        prints = called.rpartition("!")[2].lower() == "print_area"
        resized = resized_text(text or "", growths, prints=prints)
        if resized != (text or ""):
            book.ask(lambda: setattr(name, "refers_to", resized))  # noqa: B023 - done at once


def _grow(book: OpenBook, placed: Placed, body: Area) -> None:
    """Make a table larger; its new rows look as its last one does."""
    book.ask(lambda: placed.excel.resize(book.range(placed.sheet, _with_header(body))))
    last = book.range(placed.sheet, replace(body, first_row=placed.last_row, last_row=placed.last_row))
    down = book.range(placed.sheet, replace(body, first_row=placed.last_row))
    book.ask(lambda: last.autofill(down, "fill_formats"))


def _shrink(book: OpenBook, placed: Placed, body: Area) -> None:
    """Make a table smaller, and its old rows empty."""
    book.ask(lambda: placed.excel.resize(book.range(placed.sheet, _with_header(body))))
    left = book.range(placed.sheet, replace(body, first_row=body.last_row + 1, last_row=placed.last_row))
    book.ask(left.clear)


def _with_header(body: Area) -> Area:
    return replace(body, first_row=body.first_row - 1)


def _blocks(state: State, date1904: bool) -> Iterator[tuple[Area, list[list[Content]], bool]]:
    """Yield neighbouring columns that are written in one call: their cells, and whether they hold formulas."""
    block: list[int] = []
    for column in (*state.columns, -1):
        together = block and column == block[-1] + 1 and _has_formula(state, column) == _has_formula(state, block[-1])
        if block and not together:
            held = [[for_excel(cell, date1904=date1904) for cell in state.columns[each]] for each in block]
            area = replace(state.body, first_column=block[0], last_column=block[-1])
            yield area, [list(row) for row in zip(*held, strict=True)], _has_formula(state, block[0])
            block = []
        block.append(column)


def _has_formula(state: State, column: int) -> bool:
    return any(isinstance(cell, Formula) for cell in state.columns.get(column, ()))
