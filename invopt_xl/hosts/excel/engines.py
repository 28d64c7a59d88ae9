"""What xlwings' engines do not do alike: Excel on this computer, and Excel elsewhere that sent its workbook."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any, Protocol

from invopt_xl.errors import InputError
from invopt_xl.workbook.parts.cells import Area

if TYPE_CHECKING:
    import xlwings

Rows = Sequence[Sequence[Any]]

_CALCULATION_MANUAL = "manual"

_PROTECTION = (
    "AllowFormattingCells", "AllowFormattingColumns", "AllowFormattingRows", "AllowInsertingColumns",
    "AllowInsertingRows", "AllowInsertingHyperlinks", "AllowDeletingColumns", "AllowDeletingRows", "AllowSorting",
    "AllowFiltering", "AllowUsingPivotTables",
)  # fmt: skip


class Engine(Protocol):
    """What is done otherwise with each of them."""

    def date1904(self) -> bool:
        """Tell whether dates of the workbook count from 1904."""

    def formulas(self, sheet: xlwings.Sheet, area: Area) -> Rows:
        """Return the formulas of cells, and anything else where there is none."""

    def has_array_formula(self, sheet: xlwings.Sheet, area: Area) -> bool:
        """Tell whether a cell belongs to an array formula."""

    def show_all_rows(self, table: xlwings.main.Table) -> None:
        """Take an active filter off."""

    def writing(self, sheets: Sequence[xlwings.Sheet]) -> Any:
        """Let sheets be written within a context: calculation, drawing and events wait, and protection is off."""


class Desktop:
    """Excel on this computer, through COM.

    Parameters
    ----------
    book
        A workbook that is open in it.
    ask
        Asks Excel until it answers.
    """

    def __init__(self, book: xlwings.Book, ask: Callable[[Callable[[], Any]], Any]) -> None:
        self._book, self._ask = book, ask

    def date1904(self) -> bool:
        """Tell whether dates of the workbook count from 1904."""
        return bool(self._ask(lambda: self._book.api.Date1904))

    def formulas(self, sheet: xlwings.Sheet, area: Area) -> Rows:
        """Return the formulas of cells, and their values as text where there is none."""
        found: Any = self._ask(lambda: _range(sheet, area).formula)
        return found if isinstance(found, list | tuple) else ((found,),)

    def has_array_formula(self, sheet: xlwings.Sheet, area: Area) -> bool:
        """Tell whether a cell belongs to an array formula; for some of several Excel answers neither yes nor no."""
        return self._ask(lambda: _range(sheet, area).api.HasArray) is not False

    def show_all_rows(self, table: xlwings.main.Table) -> None:
        """Take an active filter off: other items stand in the rows it hides."""

        def show() -> None:
            if table.api.ShowAutoFilter and table.api.AutoFilter.FilterMode:
                table.api.AutoFilter.ShowAllData()

        self._ask(show)

    @contextmanager
    def writing(self, sheets: Sequence[xlwings.Sheet]) -> Iterator[None]:
        """Let sheets be written; what was set before is set again, whatever happens."""
        with ExitStack() as stack:
            app = self._ask(lambda: self._book.app)
            for name, value in (
                ("screen_updating", False), ("enable_events", False), ("calculation", _CALCULATION_MANUAL)
            ):  # fmt: skip
                stack.enter_context(self._set(app, name, value))
            for sheet in sheets:
                stack.enter_context(self._unprotected(sheet))
            yield

    @contextmanager
    def _set(self, app: xlwings.App, name: str, value: object) -> Iterator[None]:
        before = self._ask(lambda: getattr(app, name))
        self._ask(lambda: setattr(app, name, value))
        try:
            yield
        finally:
            self._ask(lambda: setattr(app, name, before))

    @contextmanager
    def _unprotected(self, sheet: xlwings.Sheet) -> Iterator[None]:
        """Take protection without a password off: it guards against hands, not against a refresh."""
        api = self._ask(lambda: sheet.api)
        if not self._ask(lambda: api.ProtectContents):
            yield
            return
        allowed = self._ask(lambda: {name: getattr(api.Protection, name) for name in _PROTECTION})
        drawings, scenarios = self._ask(lambda: (api.ProtectDrawingObjects, api.ProtectScenarios))
        with suppress(Exception):
            # With the wrong password Excel refuses; whether it did is asked next.
            self._ask(lambda: api.Unprotect(""))
        if self._ask(lambda: api.ProtectContents):
            raise InputError(f"sheet '{sheet.name}' is protected with a password; take the protection off first")
        try:
            yield
        finally:
            self._ask(lambda: api.Protect(DrawingObjects=drawings, Contents=True, Scenarios=scenarios, **allowed))


class Sent:
    """Excel elsewhere, such as on the web: it sent its values, and does what it is told once all is said.

    Parameters
    ----------
    formulas
        Areas of each sheet, with the formulas of their cells. xlwings sends none.
    """

    def __init__(self, formulas: Mapping[str, Sequence[tuple[Area, Rows]]]) -> None:
        self._formulas = formulas

    @classmethod
    def of(cls, sent: Sequence[Mapping[str, Any]]) -> Sent:
        """Return it from what the task pane sends: sheet, address and formulas of each area."""
        found: dict[str, list[tuple[Area, Rows]]] = {}
        for each in sent:
            found.setdefault(str(each["sheet"]), []).append((Area.parse(str(each["address"])), each["formulas"]))
        return cls(found)

    def date1904(self) -> bool:
        """Tell that dates count from 1900: others are not sent."""
        return False

    def formulas(self, sheet: xlwings.Sheet, area: Area) -> Rows:
        """Return the formulas of cells, as far as they were sent; nothing for others."""
        found: list[list[Any]] = [
            [None] * (area.last_column - area.first_column + 1) for _ in range(area.first_row, area.last_row + 1)
        ]
        for sent, rows in self._formulas.get(sheet.name, ()):
            if not sent.intersects(area):
                continue
            for row in range(max(area.first_row, sent.first_row), min(area.last_row, sent.last_row) + 1):
                for column in range(
                    max(area.first_column, sent.first_column), min(area.last_column, sent.last_column) + 1
                ):
                    found[row - area.first_row][column - area.first_column] = rows[row - sent.first_row][
                        column - sent.first_column
                    ]
        return found

    def has_array_formula(self, sheet: xlwings.Sheet, area: Area) -> bool:
        """Tell that there is none: Excel on the web makes none within tables."""
        return False

    def show_all_rows(self, table: xlwings.main.Table) -> None:
        """Take an active filter off, where there can be one."""
        if table.show_autofilter:
            table.autofilter.clear()

    @contextmanager
    def writing(self, sheets: Sequence[xlwings.Sheet]) -> Iterator[None]:
        """Let sheets be written; the task pane takes protection off, and Excel calculates when all is done."""
        yield


def _range(sheet: xlwings.Sheet, area: Area) -> xlwings.Range:
    return sheet.range((area.first_row, area.first_column), (area.last_row, area.last_column))
