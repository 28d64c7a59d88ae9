"""A workbook that is open reads, and is written, as its file is: through xlwings' COM engine and its remote one."""

from __future__ import annotations

import copy
import importlib
import types
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
import xlsxwriter
import xlwings
from com_stand_in import ComError, windows_xlwings
from excel_model import App, Cell, ComBook, Model, payload, play, sent_formulas
from hypothesis import given, settings
from hypothesis import strategies as st
from small_tables import small_tables
from workbook_builders import orders_frame, plan_frame, rewrite_parts, rich_book, table_book

from invopt_xl.errors import InputError, InvoptError
from invopt_xl.hosts.excel.engines import Sent
from invopt_xl.hosts.excel.open_book import OpenBook, read_open_tables
from invopt_xl.hosts.excel.open_rewrite import rewrites_of
from invopt_xl.hosts.excel.open_undo import undo_refresh
from invopt_xl.hosts.excel.open_writing import write_states
from invopt_xl.hosts.excel.patience import Patience
from invopt_xl.hosts.excel.refreshing import CancelledError, refresh_open_book
from invopt_xl.plan import columns
from invopt_xl.plan.pipeline import PlanResult, run
from invopt_xl.workbook import read_tables, refresh, write_tables
from invopt_xl.workbook.parts.cells import UNCALCULATED, Area
from invopt_xl.workbook.template import Cover, build_plan_workbook

OUTPUTS = {table.name for table in columns.OUTPUTS}


@pytest.fixture(scope="module")
def native() -> Iterator[Any]:
    with windows_xlwings(), pytest.MonkeyPatch.context() as patch:
        import xlwings._xlwindows as found

        patch.setenv("XLWINGS_LICENSE_KEY", "noncommercial")
        remote = importlib.import_module("xlwings.pro._xlremote")
        xlwings.engines.add(xlwings.Engine(impl=remote.engine))
        yield found


Opened = Callable[[Path], tuple[OpenBook, Callable[[], Model]]]
"""Opens a file; returns the open workbook, and what tells how it is after all that was asked for is done."""


@pytest.fixture(params=["excel on this computer", "excel on the web"])
def opened(request: pytest.FixtureRequest, native: Any) -> Opened:
    return on_the_web if "web" in request.param else lambda path: on_this_computer(path, native)


def on_this_computer(path: Path, native: Any) -> tuple[OpenBook, Callable[[], Model]]:
    model = Model.of(path)
    book = xlwings.Book(impl=native.Book(xl=ComBook(model, App())))
    return OpenBook(book, patience=Patience(0.0)), lambda: model


def on_the_web(path: Path) -> tuple[OpenBook, Callable[[], Model]]:
    model = Model.of(path)
    book = xlwings.Book(json=payload(model, xlwings.__version__))

    def played() -> Model:
        for sheet in model.sheets:
            sheet.protected = False  # as the task pane has it, before and after
        play(model, book.json()["actions"])
        return model

    return OpenBook(book, Sent.of(sent_formulas(model, OUTPUTS))), played


def written(opened: Opened, path: Path, tables: dict[str, pd.DataFrame]) -> Model:
    book, result = opened(path)
    rewrites = rewrites_of(book, tables)
    write_states(book, [each.before for each in rewrites], [each.after for each in rewrites])
    return result()


def alike(opened: Opened, path: Path, tables: dict[str, pd.DataFrame]) -> None:
    """Demand that tables written into the open workbook are those written into its file."""
    found = written(opened, path, tables)
    target = path.with_stem(f"{path.stem}-file")
    write_tables(path, tables, output=target)
    expected = Model.of(target)
    assert found.tables() == expected.tables()
    # What is printed is not sent from the web.
    printed = {name for name in expected.names if "!" in name} if opened is on_the_web else set()
    assert {name: text for name, text in found.names.items() if name not in printed} == {
        name: text for name, text in expected.names.items() if name not in printed
    }


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, PlanResult]:
    """Return a workbook that was refreshed and then worked on, and what the next refresh is to write."""
    tables = small_tables(horizon_periods=4, solver_seconds=1)
    names = ["steady", "erratic", "rare"]
    tables |= {stem: tables[stem][tables[stem]["item"].isin(names)] for stem in ("items", "demand", "open_orders")}
    path = build_plan_workbook(
        tmp_path_factory.mktemp("open") / "shop.xlsx", tables, title="A", cover=Cover("To plan.")
    )
    result = run(tables)
    write_tables(path, result.tables)
    book = openpyxl.load_workbook(path)
    sheet = book["Plan"]
    area = Area.parse(sheet.tables["tblPlan"].ref)
    at = {cell.value: cell.column for cell in sheet[area.first_row]}
    sheet.cell(area.first_row + 1, at["override_quantity"], 48)
    sheet.cell(area.first_row + 1, at["note"], "=not a formula").data_type = "s"
    sheet.cell(area.first_row + 2, at["note"], "call South")
    book.save(path)
    later = copy.deepcopy(result)
    later.tables["plan"] = later.tables["plan"].iloc[[2, 0]].assign(why=["=1+1", "Covers 5 weeks of demand."])
    later.tables["exceptions"] = pd.concat([later.tables["exceptions"]] * 3, ignore_index=True)
    later.tables["forecast"] = later.tables["forecast"].iloc[:5]
    return path, later


def test_an_open_workbook_reads_as_its_file_does(opened: Opened, planned: tuple[Path, PlanResult]) -> None:
    book, _ = opened(planned[0])
    expected, found = read_tables(planned[0]), read_open_tables(book)
    assert list(found) == list(expected)
    for stem, frame in expected.items():
        # An open workbook has no formula that was never calculated; the stand-in shows nothing for it.
        calculated = [[None if value == UNCALCULATED else value for value in row] for row in frame.to_numpy().tolist()]
        assert found[stem].columns.tolist() == frame.columns.tolist()
        assert found[stem].index.tolist() == frame.index.tolist()
        assert found[stem].to_numpy().tolist() == calculated
        assert set(found[stem].dtypes) <= {np.dtype(object)}


def test_rows_below_a_table_read_as_those_of_its_file(opened: Opened, tmp_path: Path) -> None:
    path, headers = tmp_path / "b.xlsx", ["item", "date", "quantity"]
    weeks = [("A", datetime(2018, 1, day), day) for day in (1, 8, 15, 22)]
    table_book(path, [("D", (0, 0), "tblDemand", headers, [*weeks, ("ask Anna",)]), ("P", (0, 0), "tblLog", ["x"], [])])
    rewrite_parts(path, {"xl/tables/table1.xml": lambda table: table.replace(b"A1:C6", b"A1:C3")})
    expected, found = read_tables(path), read_open_tables(opened(path)[0])
    assert expected["demand"].index.tolist() == [2, 3, 4, 5]
    pd.testing.assert_frame_equal(found["demand"], expected["demand"])
    assert found[columns.READING]["reason"].tolist() == expected[columns.READING]["reason"].tolist()
    assert found[columns.READING]["action"].iloc[0] == "taken in; drag the corner of the table down to row 5"


def test_dates_errors_durations_blanks_and_texts_read_as_in_the_file(opened: Opened, tmp_path: Path) -> None:
    path = tmp_path / "b.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Items & more")
        sheet.add_table(2, 1, 12, 2, {"name": "TBLITEMS", "columns": [{"header": " Item "}, {"header": "MOQ"}]})
        moment, hours = book.add_format({"num_format": "d mmm yyyy hh:mm"}), book.add_format({"num_format": "[h]:mm"})
        sheet.write_column(3, 1, ["A", 7, 2.5, True, "007", "#N/A x", "  padded "])
        sheet.write_datetime(3, 2, datetime(2018, 1, 31, 13, 30), moment)
        sheet.write_number(4, 2, 30.25 / 24, hours)
        sheet.write_formula(5, 2, "=1/0", None, "#DIV/0!")
        sheet.write_formula(6, 2, "=NA()", None, "#N/A")
        sheet.write_formula(7, 2, '="made"', None, "made")
        sheet.write_formula(8, 2, "=1+1", None, 2)
        sheet.write_string(11, 1, "after a blank row")
    expected = read_tables(path)["items"]
    pd.testing.assert_frame_equal(read_open_tables(opened(path)[0])["items"], expected)
    assert expected.index.tolist() == [4, 5, 6, 7, 8, 9, 10, 12]


def test_dates_from_1904_read_as_in_the_file(native: Any, tmp_path: Path) -> None:
    path = table_book(
        tmp_path / "b.xlsx",
        [("D", (0, 0), "tblDemand", ["item", "date", "quantity"], [("A", datetime(2018, 1, 1), 5)])],
        options={"date_1904": True},
    )
    found = read_open_tables(on_this_computer(path, native)[0])["demand"]
    pd.testing.assert_frame_equal(found, read_tables(path)["demand"])


def test_a_refresh_of_an_open_workbook_writes_what_that_of_its_file_writes(
    opened: Opened, planned: tuple[Path, PlanResult], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, result = planned
    monkeypatch.setattr(refresh, "run", lambda *_, **__: copy.deepcopy(result))
    book, after = opened(path)
    refresh_open_book(book)
    target = tmp_path / "file.xlsx"
    refresh.refresh_workbook(path, output=target)
    found, expected = after().tables(), Model.of(target).tables()
    assert found.keys() == expected.keys()
    for name in expected:
        assert found[name] == expected[name], name
    rows = found["tblPlan"][1]
    assert [row[0] for row in rows[1:]] == ["rare", "steady", "erratic"], "the last is kept for its note"
    note = rows[0].index("note")
    assert [row[note] for row in rows[1:]] == [None, "=not a formula", "call South"]


@pytest.mark.parametrize(
    "items", [["new", "A3", "A9", "A1", "A2", "more", "A7"], ["A4"], ["A1", "A2", "A3", "A4", "A5"]]
)
def test_added_and_calculated_columns_totals_and_neighbours_are_as_in_the_file(
    opened: Opened, items: list[str], tmp_path: Path
) -> None:
    book = rich_book(tmp_path / "b.xlsx")
    rewrite_parts(book, {"xl/workbook.xml": lambda data: data.replace(b"<definedNames>", NAMES)})
    alike(opened, book, {"plan": plan_frame(items), "orders": orders_frame(len(items))})


NAMES = (
    b'<definedNames><definedName name="all_items">Plan!$B$5:$B$9</definedName>'
    b'<definedName name="all_orders">Orders!$A$1:$E$4</definedName>'
    b'<definedName name="some_items">Plan!$B$5:$B$8</definedName>'
)
HEADERS = ["item", "location", "order_quantity", "why", "override_quantity", "note", "Checked"]


@settings(max_examples=6, deadline=None)
@given(
    notes=st.dictionaries(st.sampled_from("ABCDE"), st.integers(1, 99) | st.text("1=+-@x'M/", min_size=1), max_size=5),
    plans=st.lists(st.sampled_from(["A", "B", "C", "D", "E", "=1", "1/2", "TRUE", "MAR1"]), unique=True, max_size=8),
)
def test_whatever_stands_there_and_whatever_is_planned_live_is_as_in_the_file(
    native: Any, tmp_path_factory: pytest.TempPathFactory, notes: dict[str, Any], plans: list[str]
) -> None:
    rows = [(item, "MAIN", 1, "x", None, note, None) for item, note in notes.items()]
    path = table_book(tmp_path_factory.mktemp("b") / "b.xlsx", [("Plan", (0, 0), "tblPlan", HEADERS, rows)])
    for opened in (on_the_web, lambda each: on_this_computer(each, native)):
        alike(opened, path, {"plan": plan_frame(plans, why="+1 of MAR1")})


def test_a_table_that_would_grow_over_something_is_refused_with_its_place_before_anything_is_written(
    opened: Opened, tmp_path: Path
) -> None:
    path = rich_book(tmp_path / "b.xlsx")
    tables = {"plan": plan_frame([f"A{i}" for i in range(1, 9)]), "orders": orders_frame(40)}
    book, after = opened(path)
    with pytest.raises(
        InputError, match=r"tblOrders would grow to row 42 over 'Orders'!B40, which holds the planner's"
    ):
        rewrites_of(book, tables)
    assert after().tables() == Model.of(path).tables()
    below = table_book(
        tmp_path / "c.xlsx",
        [("P", (0, 0), "tblPlan", HEADERS, [("A",)]), ("P", (5, 1), "tblMine", ["x"], [(1,)])],
    )
    with pytest.raises(InputError, match=r"tblPlan would grow to row 9 over 'P'!B6:B7, which is tblMine; move it away"):
        rewrites_of(opened(below)[0], {"plan": plan_frame([*"ABCDEFGH"])})


def test_a_formula_that_shows_nothing_is_not_grown_over(opened: Opened, tmp_path: Path) -> None:
    path = table_book(tmp_path / "b.xlsx", [("P", (0, 0), "tblPlan", HEADERS, [("A",)])])
    book = openpyxl.load_workbook(path)
    book["P"]["C4"] = '=IF(1=1,"","x")'
    book["P"]["H9"] = 1
    book.save(path)
    with pytest.raises(InputError, match=r"over 'P'!C4, which holds =IF\(1=1"):
        rewrites_of(opened(path)[0], {"plan": plan_frame([*"ABC"])})


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    book = rich_book(tmp_path / "b.xlsx")
    return rewrite_parts(book, {"xl/workbook.xml": lambda data: data.replace(b"<definedNames>", NAMES)})


TABLES = {"plan": plan_frame(["A2", "new", "A1", "A3", "A9", "A10", "A11"]), "orders": orders_frame(5)}


def excel(path: Path, native: Any, patience: Patience | None = None) -> tuple[OpenBook, App, Model]:
    app, model = App(), Model.of(path)
    book = xlwings.Book(impl=native.Book(xl=ComBook(model, app)))
    return OpenBook(book, patience=patience or Patience(0.0)), app, model


@pytest.mark.parametrize("last", range(1, 8))
def test_wherever_excel_stops_taking_results_all_tables_are_as_they_were(shop: Path, native: Any, last: int) -> None:
    book, app, model = excel(shop, native)
    rewrites = rewrites_of(book, TABLES)
    calls = [0]

    def fail(what: str) -> None:
        calls[0] += what in ("write", "resize", "name")
        if what in ("write", "resize", "name") and calls[0] == last:
            raise ComError(-2147352567, "Exception occurred.", (0, None, "Memory\nis full", None, 0, -2146827284), None)

    before, names = model.tables(), dict(model.names)
    app.on_call = fail
    with pytest.raises(InvoptError, match=r"Excel stopped taking results \(.*Memory.*\); all tables are as they were"):
        write_states(book, [each.before for each in rewrites], [each.after for each in rewrites])
    assert (model.tables(), model.names) == (before, names)
    assert (app.ScreenUpdating, app.EnableEvents, app.Calculation) == (True, True, -4105)
    assert model.sheet("Plan").protected


def test_drawing_events_and_calculation_wait_and_protection_comes_back_as_it_was(shop: Path, native: Any) -> None:
    book, app, model = excel(shop, native)
    rewrites = rewrites_of(book, TABLES)
    seen: set[Any] = set()
    app.on_call = lambda what: (
        seen.add((app.ScreenUpdating, app.EnableEvents, app.Calculation)) if what == "write" else None
    )
    write_states(book, [each.before for each in rewrites], [each.after for each in rewrites])
    assert seen == {(False, False, -4135)}
    assert (app.ScreenUpdating, app.EnableEvents, app.Calculation) == (True, True, -4105)
    assert model.sheet("Plan").protected


def test_a_sheet_with_a_password_is_refused_by_name_and_nothing_is_written(shop: Path, native: Any) -> None:
    book, _, model = excel(shop, native)
    model.sheet("Plan").password = True
    rewrites, before = rewrites_of(book, TABLES), model.tables()
    with pytest.raises(InputError, match="sheet 'Plan' is protected with a password; take the protection off first"):
        write_states(book, [each.before for each in rewrites], [each.after for each in rewrites])
    assert model.tables() == before


BUSY = [
    (-2147418111, "Call was rejected by callee.", None, None),
    (-2146777998, "VBA_E_IGNORE", None, None),
    (-2147352567, "Exception occurred.", (0, None, None, None, 0, -2146777998), None),
]


@pytest.mark.parametrize("busy", BUSY)
def test_a_busy_excel_is_asked_again_until_it_answers(
    shop: Path, native: Any, busy: tuple[Any, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(native, "N_COM_ATTEMPTS", 1)
    waited: list[float] = []
    book, app, model = excel(shop, native, Patience(sleep=waited.append, clock=lambda: sum(waited)))
    calls, busy_at = [0], [1]

    def reject(_: str) -> None:
        """Be busy at calls 1, 3, 6, 10, ...: sooner or later at any, and never for ever."""
        calls[0] += 1
        if calls[0] == busy_at[-1]:
            busy_at.append(busy_at[-1] + len(busy_at) + 1)
            raise ComError(*busy)

    app.on_call = reject
    rewrites = rewrites_of(book, TABLES)
    write_states(book, [each.before for each in rewrites], [each.after for each in rewrites])
    assert set(waited) == {0.25}
    assert len(busy_at) - 1 == len(waited) > 10
    target = shop.with_name("file.xlsx")
    write_tables(shop, TABLES, output=target)
    assert model.tables() == Model.of(target).tables()


def test_an_excel_that_stays_busy_is_given_up_in_a_line(shop: Path, native: Any) -> None:
    waited: list[float] = []
    book, app, _ = excel(shop, native, Patience(sleep=waited.append, clock=lambda: sum(waited)))

    def reject(_: str) -> None:
        raise ComError(*BUSY[1])

    app.on_call = reject
    with pytest.raises(InvoptError, match="Excel takes no calls; leave the cell that is being edited"):
        read_open_tables(book)
    assert sum(waited) == 120


def test_undo_writes_back_what_a_refresh_wrote_over(
    shop: Path, native: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book, _, model = excel(shop, native)
    before, file = model.tables(), tmp_path / "undo" / "open.json"
    result = types.SimpleNamespace(tables=TABLES)
    monkeypatch.setattr("invopt_xl.hosts.excel.refreshing.plan_book", lambda *_, **__: result)
    refresh_open_book(book, undo=file)
    assert model.tables() != before
    assert file.stat().st_mode & 0o77 == file.parent.stat().st_mode & 0o77 == 0
    sheet, table = model.table("tblPlan")
    note = (table.area.first_row + 1, table.area.first_column + 6)
    kept, sheet.cells[note] = sheet.at(*note), Cell("typed since")
    with pytest.raises(
        InputError, match=r"'Plan'!H5 of tblPlan was changed since the refresh; undoing would lose that"
    ):
        undo_refresh(book, file)
    sheet.cells[note] = kept
    undo_refresh(book, file)
    assert model.tables() == before
    with pytest.raises(InputError, match="has no refresh to undo"):
        undo_refresh(book, file)


class Stages:
    def __init__(self) -> None:
        self.names: list[str] = []

    def stage(self, name: str, steps: int = 0) -> None:
        self.names.append(name)

    def advance(self, steps: int = 1) -> None:
        pass


def test_cancelling_ends_a_refresh_between_its_stages_and_nothing_is_written(
    planned: tuple[Path, PlanResult], native: Any
) -> None:
    book, _, model = excel(planned[0], native)
    before, stages = model.tables(), Stages()
    with pytest.raises(CancelledError, match="refresh cancelled; nothing was written"):
        refresh_open_book(book, stages, lambda: len(stages.names) >= 2)
    assert model.tables() == before
    assert stages.names[0] == "Reading"
    assert len(stages.names) == 2


def test_what_is_typed_while_it_is_planned_is_kept(shop: Path, native: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    book, _, model = excel(shop, native)
    sheet, table = model.table("tblPlan")

    def meanwhile(*_: Any, **__: Any) -> Any:
        sheet.cells[table.area.first_row + 1, table.area.first_column + 6] = Cell("typed meanwhile")
        return types.SimpleNamespace(tables=TABLES)

    monkeypatch.setattr("invopt_xl.hosts.excel.refreshing.plan_book", meanwhile)
    refresh_open_book(book)
    rows = model.tables()["tblPlan"][1]
    assert [row[6] for row in rows if row[0] == "A1"] == ["typed meanwhile"]


def test_undo_survives_a_date_an_error_and_a_duration(tmp_path: Path, native: Any) -> None:
    path = table_book(tmp_path / "b.xlsx", [("F", (0, 0), "tblForecast", ["item", "date"], [("A",), ("B",), ("C",)])])
    book, _, model = excel(path, native)
    sheet = model.sheet("F")
    sheet.cells[2, 2] = Cell(43101.0, "", "yyyy-mm-dd")
    sheet.cells[3, 2], sheet.cells[4, 2] = Cell(("#N/A",)), Cell(1.25, "", "[h]:mm")
    before = model.tables()
    rewrites = rewrites_of(book, {"forecast": pd.DataFrame({"item": ["Z"], "date": [pd.Timestamp("2018-02-01")]})})
    old, new = [each.before for each in rewrites], [each.after for each in rewrites]
    write_states(book, old, new)
    write_states(book, new, old)
    assert model.tables() == before
