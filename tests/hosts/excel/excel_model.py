# ruff: noqa: N802  # the names are those of COM
"""A workbook as Excel holds it open, made from a file: it answers xlwings' COM engine, and Office.js' actions.

What Excel does with what it is given is here: an apostrophe marks a text, ``=`` begins a formula, and a text that looks
like a number or a date becomes one. Formulas are not calculated.
"""

from __future__ import annotations

import datetime as dt
import re
import types
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import openpyxl
from com_stand_in import ComError

from invopt_xl.hosts.excel.values import ERROR_NAMES
from invopt_xl.workbook.parts.cells import Area, column_letters, serial_of

ERROR_CODES = {name: code for code, name in ERROR_NAMES.items()}
EPOCH = dt.datetime(1899, 12, 30)
_DATES = re.compile(r"\d{1,4}[-/.]\d{1,2}([-/.]\d{1,4})?|[A-Za-z]{3,9}[ -]?\d{1,4}|\d{1,2}:\d\d")


@dataclass(frozen=True)
class Cell:
    """What a cell holds: numbers and dates as numbers, errors by their name in a tuple."""

    value: Any = None
    formula: str = ""
    format: str = "General"

    @property
    def content(self) -> Any:
        return self.formula or self.value


def typed(given: Any, format_: str) -> Cell:
    """Return the cell that Excel makes of what it is given."""
    if not isinstance(given, str):
        return Cell(float(given) if type(given) is int else given, "", format_)
    if given.startswith("'"):
        return Cell(given[1:] or None, "", format_)
    if given.startswith("="):
        return Cell(None, given, format_)
    if given in ERROR_CODES:
        return Cell((given,), "", format_)
    if given.upper() in ("TRUE", "FALSE"):
        return Cell(given.upper() == "TRUE", "", format_)
    if _DATES.fullmatch(given):
        return Cell(1.0, "", "d-mmm-yy")
    try:
        return Cell(float(given.rstrip("%")), "", format_)
    except ValueError:
        assert not given or given[0] not in "+-@", f"Excel makes a formula of {given!r}"
        return Cell(given or None, "", format_)


@dataclass
class Table:
    name: str
    area: Area
    totals: bool = False
    kept_totals: tuple[Cell, ...] = ()


@dataclass
class Sheet:
    name: str
    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    tables: list[Table] = field(default_factory=list)
    protected: bool = False
    password: bool = False

    def at(self, row: int, column: int) -> Cell:
        return self.cells.get((row, column), Cell())

    def rows(self, area: Area, of: Callable[[Cell], Any]) -> list[list[Any]]:
        span = range(area.first_column, area.last_column + 1)
        return [[of(self.at(row, column)) for column in span] for row in range(area.first_row, area.last_row + 1)]

    def put(self, row: int, column: int, given: Any) -> None:
        if self.protected:
            raise ComError(-2147352567, "The cell is protected", None, None)
        self.cells[row, column] = typed(given, self.at(row, column).format)

    def show_totals(self, table: Table, wanted: bool) -> None:
        area = table.area
        if wanted and not table.totals:
            table.area, table.totals = replace(area, last_row=area.last_row + 1), True
            for column, cell in enumerate(table.kept_totals, start=area.first_column):
                self.cells[area.last_row + 1, column] = cell
        elif table.totals and not wanted:
            span = range(area.first_column, area.last_column + 1)
            table.kept_totals = tuple(self.cells.pop((area.last_row, column), Cell()) for column in span)
            table.area, table.totals = replace(area, last_row=area.last_row - 1), False

    def fill_formats(self, source: Area, target: Area) -> None:
        for row in range(target.first_row, target.last_row + 1):
            for column in range(target.first_column, target.last_column + 1):
                format_ = self.at(source.first_row, column).format
                self.cells[row, column] = replace(self.at(row, column), format=format_)

    def clear(self, area: Area) -> None:
        for row in range(area.first_row, area.last_row + 1):
            for column in range(area.first_column, area.last_column + 1):
                self.cells.pop((row, column), None)


@dataclass
class Model:
    """A workbook that is open."""

    path: Path
    sheets: list[Sheet]
    date1904: bool = False
    names: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, path: Path) -> Model:
        with warnings.catch_warnings():
            # It says that it would lose extensions if it saved the workbook; it only reads.
            warnings.simplefilter("ignore")
            book, shown = openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True)
        date1904 = book.epoch.year == 1904
        sheets = []
        for sheet in book.worksheets:
            cells = {}
            for row in sheet.iter_rows():
                for cell in row:
                    if cell.value is not None or cell.number_format != "General":
                        cells[cell.row, cell.column] = _cell(cell, shown[sheet.title][cell.coordinate].value, date1904)
            tables = [
                Table(table.displayName, Area.parse(table.ref), bool(table.totalsRowCount))
                for table in sheet.tables.values()
            ]
            sheets.append(Sheet(sheet.title, cells, tables, sheet.protection.sheet))
        names = {name: f"={defined.attr_text}" for name, defined in book.defined_names.items()}
        printed = {sheet.title: sheet.print_area for sheet in book.worksheets if sheet.print_area}
        names |= {f"{sheet}!Print_Area": f"={area}" for sheet, area in printed.items()}
        return cls(path, sheets, date1904, names)

    def sheet(self, name: str) -> Sheet:
        return next(sheet for sheet in self.sheets if sheet.name == name)

    def table(self, name: str) -> tuple[Sheet, Table]:
        return next((sheet, table) for sheet in self.sheets for table in sheet.tables if table.name == name)

    def tables(self) -> dict[str, tuple[str, list[list[Any]]]]:
        """Return where each table stands and what its cells hold."""
        return {
            table.name: (
                f"'{sheet.name}'!{table.area}",
                sheet.rows(table.area, lambda cell: cell.content),
            )
            for sheet in self.sheets
            for table in sheet.tables
        }  # fmt: skip


def _cell(cell: Any, shown: Any, date1904: bool) -> Cell:
    formula = getattr(cell.value, "text", cell.value) if cell.data_type == "f" else ""
    value = shown if formula else cell.value
    if isinstance(value, dt.time):
        value = (dt.datetime.combine(EPOCH, value) - EPOCH) / dt.timedelta(days=1)
    elif isinstance(value, dt.timedelta):
        value = value / dt.timedelta(days=1)
    elif isinstance(value, dt.datetime):
        value = serial_of(value, date1904=date1904)
    elif cell.data_type == "e" or (formula and value in ERROR_CODES):
        value = (value,)
    elif type(value) is int:
        value = float(value)
    return Cell(value, formula, cell.number_format)


def is_time(format_: str) -> bool:
    """Tell whether Excel and Office.js hand a number over as a date: also where it is a time of day or a duration."""
    bare = re.sub(r'"[^"]*"|\\.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', "", format_)
    return bare != "General" and re.search("[dmyhs]", bare) is not None


# The COM interface, as far as xlwings and we ask for it.


class App:
    """Excel."""

    Hwnd = 1
    Interactive = True

    def __init__(self) -> None:
        object.__setattr__(self, "said", [])
        object.__setattr__(self, "calls", 0)
        object.__setattr__(self, "on_call", None)
        self.StatusBar: Any = False
        self.ScreenUpdating, self.EnableEvents, self.Calculation = True, True, -4105
        self.Workbooks: Any = []

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "StatusBar" and value:
            self.said.append(value)
        object.__setattr__(self, name, value)

    def called(self, what: str) -> None:
        """Note a call; a test may make it fail."""
        object.__setattr__(self, "calls", self.calls + 1)
        if self.on_call is not None:
            self.on_call(what)


class Many:
    """A collection of COM."""

    def __init__(self, items: list[Any], name: Callable[[Any], str]) -> None:
        self._items, self._name = items, name
        self.Count = len(items)

    def __call__(self, key: int | str) -> Any:
        if isinstance(key, str):
            return next(each for each in self._items if self._name(each) == key)
        return self._items[key - 1]

    Item = __call__

    def __iter__(self) -> Iterator[Any]:
        return iter(self._items)


class ComBook:
    def __init__(self, model: Model, app: App) -> None:
        self.model, self.Application = model, app
        self.Name, self.FullName, self.Path = model.path.name, str(model.path), str(model.path.parent)
        self.Date1904 = model.date1904
        app.Workbooks = Many([self], lambda each: each.Name)

    @property
    def Worksheets(self) -> Many:
        self.Application.called("look")
        sheets = [ComSheet(self, sheet, place) for place, sheet in enumerate(self.model.sheets, start=1)]
        return Many(sheets, lambda each: each.Name)

    Sheets = Worksheets

    @property
    def Names(self) -> Many:
        self.Application.called("look")
        return Many([ComName(self, name) for name in self.model.names], lambda each: each.Name)


class ComName:
    def __init__(self, book: ComBook, name: str) -> None:
        self.book, self.Name = book, name

    @property
    def RefersTo(self) -> str:
        return self.book.model.names[self.Name]

    @RefersTo.setter
    def RefersTo(self, text: str) -> None:
        self.book.Application.called("name")
        self.book.model.names[self.Name] = text


class ComSheet:
    def __init__(self, book: ComBook, sheet: Sheet, index: int) -> None:
        self.Parent, self.model, self.Index, self.Name = book, sheet, index, sheet.name
        self.Application = book.Application
        self.ProtectDrawingObjects = self.ProtectScenarios = True
        self.Protection = types.SimpleNamespace(**dict.fromkeys(_ALLOWED, False) | {"AllowFiltering": True})

    @property
    def ListObjects(self) -> Many:
        self.Application.called("look")
        return Many([ComTable(self, table) for table in self.model.tables], lambda each: each.Name)

    @property
    def ProtectContents(self) -> bool:
        return self.model.protected

    def Unprotect(self, _password: str) -> None:
        if self.model.password:
            raise ComError(-2147352567, "The password is wrong", None, None)
        self.model.protected = False

    def Protect(self, **options: Any) -> None:
        assert options["Contents"]
        assert options["AllowFiltering"]
        assert not options["AllowSorting"]
        self.model.protected = True

    def Cells(self, row: int, column: int) -> ComRange:
        self.Application.called("look")
        return ComRange(self, Area(row, column, row, column))

    def Range(self, first: Any, last: Any = None) -> ComRange:
        self.Application.called("look")
        if isinstance(first, str):
            return ComRange(self, Area.parse(first))
        return ComRange(self, first.area.union((last or first).area))


_ALLOWED = (
    "AllowFormattingCells", "AllowFormattingColumns", "AllowFormattingRows", "AllowInsertingColumns",
    "AllowInsertingRows", "AllowInsertingHyperlinks", "AllowDeletingColumns", "AllowDeletingRows", "AllowSorting",
    "AllowFiltering", "AllowUsingPivotTables",
)  # fmt: skip


class ComTable:
    ShowHeaders = True
    ShowAutoFilter = True

    def __init__(self, sheet: ComSheet, table: Table) -> None:
        self.Parent, self.model, self.Name = sheet, table, table.name
        self.AutoFilter = types.SimpleNamespace(FilterMode=False)

    @property
    def Range(self) -> ComRange:
        return ComRange(self.Parent, self.model.area)

    @property
    def ShowTotals(self) -> bool:
        return self.model.totals

    @ShowTotals.setter
    def ShowTotals(self, wanted: bool) -> None:
        self.Parent.model.show_totals(self.model, wanted)

    def Resize(self, target: ComRange) -> None:
        self.Parent.Application.called("resize")
        if self.Parent.model.protected:
            raise ComError(-2147352567, "The sheet is protected", None, None)
        assert not self.model.totals
        assert target.area.first_row == self.model.area.first_row
        self.model.area = target.area


class ComRange:
    def __init__(self, sheet: ComSheet, area: Area) -> None:
        self.Worksheet, self.area = sheet, area
        self.Row, self.Column = area.first_row, area.first_column
        self.Rows = types.SimpleNamespace(Count=area.last_row - area.first_row + 1)
        self.Columns = types.SimpleNamespace(Count=area.last_column - area.first_column + 1)
        self.Count = self.Rows.Count * self.Columns.Count
        self.Application = sheet.Application
        self.HasArray = False

    def __bool__(self) -> bool:
        return True

    def __call__(self, row: int, column: int) -> ComRange:
        return self.Worksheet.Cells(self.Row + row - 1, self.Column + column - 1)

    def _rows(self, of: Callable[[Cell], Any]) -> Any:
        rows = tuple(tuple(row) for row in self.Worksheet.model.rows(self.area, of))
        return rows if self.Count > 1 else rows[0][0]

    def _write(self, data: Any) -> None:
        rows = data if isinstance(data, list | tuple) else [[data] * self.Columns.Count] * self.Rows.Count
        for row, line in enumerate(rows, start=self.Row):
            for column, given in enumerate(line, start=self.Column):
                self.Worksheet.model.put(row, column, given)

    @property
    def Value(self) -> Any:
        self.Application.called("read")
        epoch = dt.datetime(1904, 1, 1) if self.Worksheet.Parent.model.date1904 else EPOCH
        return self._rows(lambda cell: _com_value(cell, epoch))

    @Value.setter
    def Value(self, data: Any) -> None:
        self.Application.called("write")
        self._write(data)

    @property
    def Formula(self) -> Any:
        self.Application.called("read")
        return self._rows(lambda cell: cell.formula or ("" if cell.value is None else str(cell.value)))

    @Formula.setter
    def Formula(self, data: Any) -> None:
        self.Application.called("write")
        self._write(data)

    def AutoFill(self, Destination: ComRange, Type: int) -> None:  # noqa: N803
        assert Type == 3  # formats alone
        self.Worksheet.model.fill_formats(self.area, Destination.area)

    def Clear(self) -> None:
        self.Worksheet.model.clear(self.area)

    def GetAddress(self, *_: Any, **__: Any) -> str:
        return str(self.area)


def _com_value(cell: Cell, epoch: dt.datetime) -> Any:
    value = cell.value
    if isinstance(value, tuple):
        return ERROR_CODES[value[0]]
    if isinstance(value, float) and is_time(cell.format):
        return (epoch + dt.timedelta(milliseconds=round(value * 86_400_000))).replace(tzinfo=dt.UTC)
    return value


# What Office.js sends, and what it does.


def payload(model: Model, version: str) -> dict[str, Any]:
    """Return the workbook as xlwings' script sends it."""
    return {
        "client": "Office.js",
        "version": version,
        "book": {"name": model.path.name, "active_sheet_index": 0, "selection": "A1", "calculation": "Automatic"},
        "names": [_sent_name(name, text) for name, text in model.names.items() if "!" not in name],
        "sheets": [_sent_sheet(sheet) for sheet in model.sheets],
    }


def _sent_name(name: str, text: str) -> dict[str, Any]:
    # Nobody asks here which single range a name is; the definition is what counts.
    place = {"sheet_index": None, "address": None, "scope_sheet_name": None, "scope_sheet_index": None}
    return {"name": name, "refers_to": text, "type": "Range", "book_scope": True, **place}


def _sent_sheet(sheet: Sheet) -> dict[str, Any]:
    height = max((row for row, _ in sheet.cells), default=1)
    width = max((column for _, column in sheet.cells), default=1)
    return {
        "name": sheet.name,
        "used_range_address": f"A1:{column_letters(width)}{height}",
        "values": sheet.rows(Area(1, 1, height, width), _sent_value),
        "tables": [_sent_table(table) for table in sheet.tables],
        "pictures": [],
    }


def _sent_table(table: Table) -> dict[str, Any]:
    area = table.area
    body = replace(area, first_row=area.first_row + 1, last_row=area.last_row - table.totals)
    return {
        "name": table.name,
        "range_address": str(area),
        "row_count": area.last_row - area.first_row + 1,
        "column_count": area.last_column - area.first_column + 1,
        "header_row_range_address": str(replace(area, last_row=area.first_row)),
        "data_body_range_address": str(body),
        "total_row_range_address": str(replace(area, first_row=area.last_row)) if table.totals else None,
        "show_headers": True,
        "show_totals": table.totals,
        "show_autofilter": True,
    }  # fmt: skip


def _sent_value(cell: Cell) -> Any:
    value = cell.value
    if isinstance(value, tuple):
        return value[0]
    if isinstance(value, float) and is_time(cell.format):
        moment = dt.datetime(1970, 1, 1) + dt.timedelta(milliseconds=round((value - 25569) * 86_400_000))
        return f"{moment.isoformat(timespec='milliseconds')}Z"
    return "" if value is None else value


def _sent_formula(cell: Cell) -> Any:
    return cell.formula or _sent_value(cell)


def sent_formulas(model: Model, names: set[str]) -> list[dict[str, Any]]:
    """Return what our own script sends beside that: formulas of tables and of what is below them."""
    found = []
    for sheet in model.sheets:
        bottom = max((row for row, _ in sheet.cells), default=1)
        for table in sheet.tables:
            if table.name in names:
                area = replace(table.area, last_row=max(bottom, table.area.last_row))
                rows = sheet.rows(area, _sent_formula)
                found.append({"sheet": sheet.name, "address": str(area), "formulas": rows})
    return found


def play(model: Model, actions: list[dict[str, Any]]) -> list[str]:
    """Do what xlwings' script does with actions; return the names of the macros that are run."""
    macros = []
    for action in actions:
        sheet = model.sheets[action["sheet_position"]] if action["sheet_position"] is not None else model.sheets[0]
        args, do = action["args"], action["func"]
        if do == "runMacro":
            macros.append(args[0])
        elif do == "setNameRefersTo":
            model.names[args[0]] = args[3]
        elif do in ("setValues", "setFormula"):
            rows = action["values"]
            assert len(rows) == action["row_count"]
            assert all(len(row) == action["column_count"] for row in rows)
            for down, line in enumerate(rows, start=action["start_row"] + 1):
                for across, given in enumerate(line, start=action["start_column"] + 1):
                    sheet.put(down, across, given)
        elif do == "resizeTable":
            sheet.tables[args[0]].area = _area(args[1])
        elif do == "showTotalsTable":
            sheet.show_totals(sheet.tables[args[0]], args[1])
        elif do == "rangeClear":
            sheet.clear(_action_area(action))
        elif do == "rangeAutofill":
            assert args[1] == "FillFormats", args
            sheet.fill_formats(_action_area(action), _area(args[0]))
        else:
            assert do == "clearAutoFilterTable", action
    return macros


def _area(address: str) -> Area:
    return Area.parse(address.split("!")[-1])


def _action_area(action: dict[str, Any]) -> Area:
    row, column = action["start_row"] + 1, action["start_column"] + 1
    return Area(row, column, row + action["row_count"] - 1, column + action["column_count"] - 1)
