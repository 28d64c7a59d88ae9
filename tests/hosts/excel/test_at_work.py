"""The process that a macro starts, with an Excel that xlwings' own COM engine asks."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import xlwings
from com_stand_in import ComError, windows_xlwings
from excel_model import App, ComBook, Model
from workbook_builders import orders_frame, plan_frame, rich_book, table_book

from invopt_xl.errors import InputError
from invopt_xl.hosts.excel import at_work
from invopt_xl.hosts.excel.at_work import Desk, StatusBar, main
from invopt_xl.hosts.excel.patience import Patience
from invopt_xl.plan.columns import ITEMS

TABLES = {"plan": plan_frame(["A2", "new", "A1"]), "orders": orders_frame(5)}


class Excel:
    """A workbook that is open, and what is shown of it."""

    def __init__(self, path: Path, native: Any) -> None:
        self.app, self.model = App(), Model.of(path)
        self.com = ComBook(self.model, self.app)
        self.book = xlwings.Book(impl=native.Book(xl=self.com))
        self.name = str(path)
        self.boxes: list[str] = []
        self.patience = Patience(0.0, sleep=lambda _: None)

    def press(self, do: str) -> int:
        return main([do, self.name, "1"], lambda *_: self.book, self.patience)

    @property
    def said(self) -> str:
        return str(self.app.said[-1])


@pytest.fixture(scope="module")
def native() -> Iterator[Any]:
    with windows_xlwings():
        import xlwings._xlwindows as found

        yield found


@pytest.fixture
def excel(tmp_path: Path, native: Any, monkeypatch: pytest.MonkeyPatch) -> Excel:
    monkeypatch.setattr(at_work, "_runtime", lambda: tmp_path / "run")
    monkeypatch.setenv("INVOPT_UNDO", str(tmp_path / "undo"))
    monkeypatch.setenv("INVOPT_CACHE", str(tmp_path / "cache"))
    found = Excel(rich_book(tmp_path / "plan.xlsx"), native)
    constants = {"MB_OK": 0, "MB_OKCANCEL": 1, "MB_YESNO": 4, "MB_YESNOCANCEL": 3}
    for name, value in {**constants, "MB_ICONWARNING": 48, "MB_ICONINFORMATION": 64}.items():
        monkeypatch.setattr(sys.modules["win32con"], name, value, raising=False)

    def box(_window: int, text: str, _title: str, _style: int) -> int:
        found.boxes.append(text)
        return 1

    monkeypatch.setattr(sys.modules["win32api"], "MessageBox", box, raising=False)
    return found


def plans(monkeypatch: pytest.MonkeyPatch, work: Any = lambda _: None) -> None:
    """Have planning done in no time, with what a test wants to happen meanwhile."""

    def plan(_raw: Any, *, progress: Any, **_: Any) -> Any:
        progress.stage("Forecasting", 500)
        work(progress)
        progress.advance(12)
        return types.SimpleNamespace(tables=TABLES, planned=3, rejected=2, seconds=1.25)

    monkeypatch.setattr("invopt_xl.hosts.excel.refreshing.plan_book", plan)


def test_a_refresh_says_in_the_status_bar_how_far_it_is_and_what_it_did(
    excel: Excel, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans(monkeypatch)
    assert excel.press("refresh") == 0
    assert excel.app.said[:2] == [
        "invopt: Reading (cancel: InvoptCancel)", "invopt: Forecasting 0 of 500 (cancel: InvoptCancel)",
    ]  # fmt: skip
    assert excel.said == "invopt: 3 items planned in 1.2 s, 2 rows rejected (see tblQuality); undo: InvoptUndo"
    assert excel.app.StatusBar is False, "the status bar is Excel's again"
    assert excel.boxes == []
    assert [row[0] for row in excel.model.tables()["tblPlan"][1]][1:4] == ["A2", "new", "A1"]


def test_undo_writes_back_what_it_wrote_over(excel: Excel, monkeypatch: pytest.MonkeyPatch) -> None:
    plans(monkeypatch)
    before = excel.model.tables()
    assert excel.press("refresh") == 0
    assert excel.press("undo") == 0
    assert "invopt: the tables are as they were before the refresh of " in excel.said
    assert excel.model.tables() == before
    assert excel.press("undo") == 1
    assert excel.boxes == ["plan.xlsx has no refresh to undo"]


def test_cancel_ends_it_and_nothing_is_written(excel: Excel, monkeypatch: pytest.MonkeyPatch) -> None:
    plans(monkeypatch, lambda _: excel.press("cancel"))
    before = excel.model.tables()
    assert excel.press("refresh") == 0
    assert excel.said == "invopt: refresh cancelled; nothing was written"
    assert excel.model.tables() == before
    assert not Desk(excel.name).flag.exists()


def test_cancel_without_a_refresh_does_nothing_to_the_next_one(excel: Excel, monkeypatch: pytest.MonkeyPatch) -> None:
    plans(monkeypatch)
    assert excel.press("cancel") == 0
    assert excel.press("refresh") == 0
    assert "3 items planned" in excel.said


def test_one_refresh_of_a_workbook_is_at_work_at_a_time(excel: Excel, monkeypatch: pytest.MonkeyPatch) -> None:
    codes: list[int] = []
    plans(monkeypatch, lambda _: codes.append(excel.press("refresh")))
    assert excel.press("refresh") == 0
    assert codes == [1]
    assert excel.boxes == ["a refresh of this workbook is under way; InvoptCancel ends it"]


def test_a_refusal_is_one_line_in_a_box(excel: Excel, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise InputError("tblItems lacks the column on_hand; put it back")

    monkeypatch.setattr("invopt_xl.hosts.excel.refreshing.plan_book", refuse)
    before = excel.model.tables()
    assert excel.press("refresh") == 1
    assert excel.boxes == ["tblItems lacks the column on_hand; put it back"]
    assert excel.model.tables() == before
    assert excel.app.StatusBar is False


def test_what_nobody_expected_is_one_line_too_and_its_details_are_kept(
    excel: Excel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("in the\nmiddle")

    monkeypatch.setattr("invopt_xl.hosts.excel.refreshing.plan_book", stumble)
    assert excel.press("refresh") == 1
    (box,) = excel.boxes
    assert box.startswith("internal error (ZeroDivisionError: in the middle); details are in ")
    assert "ZeroDivisionError" in (tmp_path / "cache" / "last_error.txt").read_text()


def test_a_status_bar_that_excel_does_not_take_stops_nothing(excel: Excel, monkeypatch: pytest.MonkeyPatch) -> None:
    class Busy:
        @property
        def status_bar(self) -> bool:
            return False

        @status_bar.setter
        def status_bar(self, _: object) -> None:
            raise ComError(-2147418111, "Call was rejected by callee.", None, None)

    bar = StatusBar(Busy())  # type: ignore[arg-type]
    bar.stage("Reading")
    bar.rest()


def test_the_status_bar_changes_a_few_times_a_second_at_most(excel: Excel) -> None:
    now = [0.0]
    bar = StatusBar(excel.book.app, clock=lambda: now[0])
    bar.stage("Forecasting", 1000)
    for _ in range(1000):
        now[0] += 0.001
        bar.advance()
    assert len(excel.app.said) == 4


def test_the_check_says_what_would_be_rejected_and_changes_nothing(tmp_path: Path, native: Any, excel: Excel) -> None:
    headers = ["item", "unit_cost", "lead_time_days", "on_hand"]
    tables = [("I", (0, 0), ITEMS.name, headers, [("A", 2, 7, 5), ("B", 2, 7, "many")])]
    demand = [("A", "2018-01-01", 3), ("A", "2018-01-08", 4)]
    tables += [("D", (0, 0), "tblDemand", ["item", "date", "quantity"], demand)]
    other = Excel(table_book(tmp_path / "data.xlsx", tables), native)
    before = other.model.tables()
    assert other.press("check") == 0
    assert other.said == (
        "invopt: 1 item can be planned, 1 row rejected; first: tblItems row 3, on_hand: not a number; expected a "
        "number at least 0"
    )
    assert other.model.tables() == before


def test_the_lock_of_a_process_that_ended_holds_nobody_up(excel: Excel) -> None:
    desk = Desk(excel.name)
    with desk.alone():
        assert desk.is_busy
    assert not desk.is_busy


def test_the_workbook_is_found_by_its_full_name_in_the_excel_that_pressed(
    excel: Excel, native: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from invopt_xl.errors import InvoptError

    monkeypatch.setattr(native, "get_excel_hwnds", lambda: iter([1]))
    monkeypatch.setattr(native, "get_xl_app_from_hwnd", lambda _: excel.app)
    found = at_work.open_book(excel.name, "1")
    assert found.name == "plan.xlsx"
    with pytest.raises(InvoptError, match=r"other.xlsx is not open in Excel any more"):
        at_work.open_book("other.xlsx", "1")
