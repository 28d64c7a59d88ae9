"""The check that a person runs in Excel, run here on an Excel that reads the workbook and calls as VBA would."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
from com_stand_in import CallUdf, Range

from invopt_xl.errors import InvoptError
from invopt_xl.hosts.excel.checking import Check, Checked, check_frame, check_in_excel, check_table, checked_by
from invopt_xl.sheet import catalogue

_CALL = re.compile(r"^=(\w+)\((.*)\)$")
_ARGUMENT = re.compile(r'\s*("(?:[^"]|"")*"|[^,]*)\s*(?:,|$)')


class StandInExcel:
    """Opens a workbook, calculates its formulas through xlwings' `CallUDF`, and shows what comes back."""

    def __init__(self, call: CallUdf) -> None:
        self.call = call
        self.version = "16.0"
        self.calculations = 0
        self.quitted = self.closed = False
        self.opened: list[int] = []
        self.api = SimpleNamespace(CalculateFull=self._calculate)
        self.books = SimpleNamespace(open=self._open)
        self.display_alerts = True
        self.shown: dict[tuple[int, int], Any] = {}

    def _open(self, path: str) -> Any:
        assert Path(path).suffix == ".xlsm"
        self.book = openpyxl.load_workbook(path)
        return SimpleNamespace(
            api=SimpleNamespace(RunAutoMacros=self.opened.append),
            sheets={name: SimpleNamespace(range=self._range) for name in self.book.sheetnames},
            close=lambda: setattr(self, "closed", True),
        )

    def _calculate(self) -> None:
        self.calculations += 1
        for row in self.book["Examples"].iter_rows():
            for cell in row:
                text = getattr(cell.value, "text", cell.value)
                call = _CALL.match(text) if isinstance(text, str) else None
                if call is not None and cell.font.bold is not True:
                    self._show(cell.row, cell.column, self.call(call[1], *map(self._value, self._split(call[2]))))

    def _split(self, text: str) -> list[str]:
        return [each[1].strip() for each in _ARGUMENT.finditer(text)][:-1]

    def _value(self, text: str) -> Any:
        if not text:
            return -2147352572
        if text.startswith('"'):
            return text[1:-1].replace('""', '"')
        if ":" in text:
            cells = self.book["Examples"][text]
            return Range(tuple(tuple(self._cell(cell.value) for cell in row) for row in cells))
        return {"TRUE": True, "FALSE": False}[text] if text in ("TRUE", "FALSE") else float(text)

    def _cell(self, value: Any) -> Any:
        return float(value) if isinstance(value, int) and not isinstance(value, bool) else value

    def _show(self, row: int, column: int, result: Any) -> None:
        rows = result if isinstance(result, list) and isinstance(result[0], list) else [result]
        for down, line in enumerate(rows):
            for across, value in enumerate(line if isinstance(line, list) else [line]):
                self.shown[row + down, column + across] = value

    def _range(self, first: tuple[int, int], last: tuple[int, int]) -> Any:
        rows = tuple(
            tuple(self.shown.get((row, column)) for column in range(first[1], last[1] + 1))
            for row in range(first[0], last[0] + 1)
        )
        value = rows if len(rows) > 1 or len(rows[0]) > 1 else rows[0][0]
        return SimpleNamespace(options=lambda _: SimpleNamespace(value=value))

    def quit(self) -> None:
        self.quitted = True


def test_every_function_agrees(excel: CallUdf) -> None:
    stand_in = StandInExcel(excel)
    check = checked_by(lambda: stand_in, seconds=60)
    assert {each.name.removeprefix("INVOPT_") for each in check.checked} == set(catalogue())
    assert [each for each in check.checked if not each.alike] == []
    assert (check.excel, check.wrong, check.advice) == ("16.0", 0, "")
    assert stand_in.opened == [1]
    assert stand_in.closed
    assert stand_in.quitted


def test_a_difference_is_shown_where_it_is(excel: CallUdf) -> None:
    def wrong(name: str, *arguments: Any) -> Any:
        return 7.0 if name == "INVOPT_EOQ" else excel(name, *arguments)

    check = checked_by(lambda: StandInExcel(wrong), seconds=60)
    checked = {each.name: each for each in check.checked}
    assert not checked["INVOPT_EOQ"].alike
    assert (checked["INVOPT_EOQ"].seen, checked["INVOPT_EOQ"].expected[:6]) == ("7", "219.08")
    assert (check_frame(check)["result"] == "DIFFERS").sum() == check.wrong == 1
    assert "agree on" in str(check_table(check).title)


def test_it_calculates_until_nothing_is_under_way(excel: CallUdf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("invopt_xl.hosts.excel.checking.time.sleep", lambda _: None)
    stand_in = StandInExcel(excel)

    def late(name: str, *arguments: Any) -> Any:
        if name == "INVOPT_FORECAST" and stand_in.calculations < 3:
            return "#INVOPT! FORECAST is being computed; press Ctrl+Alt+F9 to see it"
        return excel(name, *arguments)

    stand_in.call = late
    assert checked_by(lambda: stand_in, seconds=60).wrong == 0
    assert stand_in.calculations == 3


def test_it_ends_when_its_time_is_over(excel: CallUdf, monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter(range(1000))
    monkeypatch.setattr("invopt_xl.hosts.excel.checking.time.sleep", lambda _: None)
    waiting = "#INVOPT! FORECAST is being computed; press Ctrl+Alt+F9 to see it"
    stand_in = StandInExcel(lambda name, *rest: waiting)
    check = checked_by(lambda: stand_in, 5.0, clock=lambda: float(next(times)))
    assert check.wrong == len(check.checked)
    assert stand_in.quitted


def test_excel_is_closed_when_the_workbook_does_not_open(excel: CallUdf) -> None:
    stand_in = StandInExcel(excel)
    stand_in.books.open = lambda path: 1 / 0
    with pytest.raises(InvoptError, match="does not open the workbook"):
        checked_by(lambda: stand_in, seconds=1)
    assert stand_in.quitted


@pytest.mark.parametrize(
    ("seen", "advice"),
    [("#NAME?", "invopt excel vba"), ("Could not load xlwings64-0.1.dll from", "invopt excel install"), ("7", "")],
)
def test_where_all_fail_alike_it_says_what_to_do(seen: str, advice: str) -> None:
    check = Check("16.0", (Checked("INVOPT_EOQ", False, seen, "200"), Checked("INVOPT_ABC", False, seen, "A")))
    assert advice in check.advice
    assert bool(advice) == bool(check.advice)


def test_without_windows_it_says_so() -> None:
    with pytest.raises(InvoptError, match="Windows"):
        check_in_excel(1)
