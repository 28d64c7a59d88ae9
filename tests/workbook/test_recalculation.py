"""Formulas that read a refreshed table lose their old values; all others keep theirs."""

import re
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from workbook_builders import PLAN_HEADERS, cell_texts, part, plan_frame, rewrite_parts, table_book

from invopt_xl.workbook import diff_parts, read_tables, write_tables
from invopt_xl.workbook.parts.formula_cells import FormulaSheet, holds_formulas
from invopt_xl.workbook.patch.recalculation import mark_all

FREE = "xl/worksheets/sheet2.xml"
HEAD = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'


def book_with(tmp_path, cells, *, names=()):
    """A plan of two items at A1:G3, and a sheet Free with formula cells by address, each with the value 9."""
    rows = [["A1", "MAIN", 10, 100, "old", None, None], ["A2", "MAIN", 20, 200, "old", None, None]]
    book = table_book(
        tmp_path / "b.xlsx",
        [
            ("Plan", (0, 0), "tblPlan", PLAN_HEADERS, rows),
            ("Free", (0, 20), "tblMine", ["item", "own"], [["x", 1], ["y", 2]]),
        ],
    )
    written = {FREE: lambda content: with_cells(content, cells)}
    if names:
        markup = "".join(f'<definedName name="{name}">{text}</definedName>' for name, text in names).encode()
        written["xl/workbook.xml"] = lambda content: content.replace(
            b"<calcPr", b"<definedNames>" + markup + b"</definedNames><calcPr"
        )
    return rewrite_parts(book, written)


def with_cells(content, cells):
    """Put formula cells below row 10 of a sheet; a whole cell may be given instead of a formula."""
    markup = ""
    for address, formula in cells.items():
        cell = formula if formula.startswith("<") else f'<c r="{address}"><f>{formula}</f><v>9</v></c>'
        markup += f'<row r="{int(address.lstrip("ABC"))}">{cell}</row>'
    return content.replace(b"</sheetData>", markup.encode() + b"</sheetData>")


def recalculated(book, sheet=FREE):
    """Addresses of the formula cells without a value."""
    found = re.findall(r'<c r="([A-Z]+\d+)"[^>]*>(<f[^>]*?(?:/>|>[^<]*</f>))(<v>)?', part(book, sheet))
    assert all(("ca=" in formula) == (not value) for _, formula, value in found)
    return {address for address, _, value in found if not value}


def refreshed(book, count=4):
    write_tables(book, {"plan": plan_frame([f"A{i}" for i in range(1, count + 1)])})
    return book


@pytest.mark.parametrize(
    ("formula", "is_stale"),
    [
        ("SUM(tblPlan[order_quantity])", True),
        ("SUM(TBLPLAN[[#All],[order_value]:[why]])", True),
        ("ROWS(tblPlan)", True),
        ("Plan!C2*2", True),
        ("SUM(Plan!$C:$C)", True),
        ("SUM('Plan'!2:2)", True),
        ("SUM(Plan:Free!C3)", True),
        ("Plan!C5", True),  # the row that the table grows into
        ("COUNTA(Plan!K2:M99)", False),
        ("SUM(tblMine[own])", False),
        ("SUM(C2:C9)", False),
        ("[1]Plan!C2", False),
        ('"Plan!C2"&amp;"tblPlan[item]"', False),
        ("LOG10(2)+1E5", False),
        ("INDIRECT(&quot;Plan!C&quot;&amp;2)", True),
        ("INVOPT_EOQ(Plan!C2,1)", True),
        ("_xldudf_INVOPT_EOQ(tblPlan[order_quantity],1)", True),
        ("INVOPT.EOQ(5,1)", False),
    ],
)
def test_a_formula_is_calculated_again_if_it_reads_the_written_table(tmp_path, formula, is_stale):
    book = refreshed(book_with(tmp_path, {"A20": formula}))
    assert recalculated(book) == ({"A20"} if is_stale else set())


def test_dependence_runs_through_cells_names_and_tables_in_any_order(tmp_path):
    cells = {
        "A20": "A21+1",
        "A21": "A22+1",
        "A22": "total+1",
        "A23": "nothing+1",
        "A24": "SUM(A10:A19)",
        "A25": "SUM(A20:A24)",
        "A26": "INVOPT_EOQ(A20,1)",
        "A27": "A26+1",
        "A28": "loop",
        "A29": "beside",
    }
    names = [("total", "SUM(quantities)"), ("quantities", "tblPlan[order_quantity]"), ("nothing", "Free!$B$1")]
    names += [("loop", "pool"), ("pool", "loop"), ("beside", "Plan!XFD1048576")]
    book = refreshed(book_with(tmp_path, cells, names=names))
    assert recalculated(book) == {"A20", "A21", "A22", "A25", "A29"}


def test_a_calculated_column_of_another_table_goes_row_by_row_and_column_by_column(tmp_path):
    cells = {
        "A20": "tblMine[[#This Row],[own]]",
        "A21": "SUM(tblMine[item])",
        "A22": "SUM(tblMine[own])",
    }
    book = book_with(tmp_path, cells)
    own = b'<c r="V3"><v>2</v></c>'
    assert own in part(book, FREE).encode()
    stale = b'<c r="V3"><f>Plan!C2</f><v>2</v></c>'
    rewrite_parts(book, {FREE: lambda content: content.replace(own, stale)})
    assert recalculated(refreshed(book)) == {"V3", "A22"}


def test_columns_of_the_formulas_own_table_need_no_table_name(tmp_path):
    book = book_with(tmp_path, {})

    def with_formulas(content):
        text = re.sub(
            r'<c r="U([23])"[^>]*>.*?</c>', r'<c r="U\1"><f>[[#This Row],own]*2</f><v>2</v></c>', content.decode()
        )
        return text.replace('<c r="V2"><v>1</v></c>', '<c r="V2"><f>Plan!C2</f><v>1</v></c>').encode()

    rewrite_parts(book, {FREE: with_formulas})
    assert recalculated(refreshed(book)) == {"V2", "U2"}


def test_shared_array_and_data_table_formulas_keep_their_kind(tmp_path):
    cells = {
        "A20": '<c r="A20" s="0" t="str"><f t="shared" ref="A20:A22" si="0">Plan!C1&amp;""</f><v>q</v></c>',
        "A21": '<c r="A21" t="str"><f t="shared" si="0"/><v>10</v></c>',
        "A22": '<c r="A22" t="str"><f si="0" t="shared"></f><v>20</v></c>',
        "A30": '<c r="A30" cm="1" vm="2"><f t="array" ref="A30:A31">tblPlan[order_quantity]</f><v>1</v></c>',
        "A31": '<c r="A31"><v>2</v></c><c r="B31"><v>3</v></c>',
        "A32": '<c r="A32"><f t="dataTable" ref="A32:A33" dt2D="0" dtr="0" r1="C3"/><v>4</v></c>',
        "A40": '<c r="A40"><f t="shared" ref="A40:A41" si="1">B40*2</f><v>5</v></c>',
        "A41": '<c r="A41"><f t="shared" si="1"/><v>6</v></c>',
    }
    after = part(refreshed(book_with(tmp_path, cells)), FREE)
    for cell in (
        '<c r="A20" s="0"><f t="shared" ref="A20:A22" si="0" ca="1">Plan!C1&amp;""</f></c>',
        '<c r="A21"><f t="shared" si="0" ca="1"/></c>',
        '<c r="A22"><f si="0" t="shared" ca="1"></f></c>',
        '<c r="A30" cm="1"><f t="array" ref="A30:A31" ca="1">tblPlan[order_quantity]</f></c>',
        '<c r="A31"></c><c r="B31"><v>3</v></c>',
        cells["A32"],
        cells["A40"],
        cells["A41"],
    ):
        assert cell in after


def test_a_shared_formula_goes_as_one_if_the_copy_in_any_row_reads_the_table(tmp_path):
    cells = {
        "A1000": '<c r="A1000"><f t="shared" ref="A1000:A1001" si="0">Plan!H1+B1000</f><v>5</v></c>',
        "A1001": '<c r="A1001"><f t="shared" si="0"/><v>6</v></c>',
        "A2000": '<c r="A2000"><f t="shared" ref="A2000:A2001" si="1">A999</f><v>5</v></c>',
        "A2001": '<c r="A2001"><f t="shared" si="1"/><v>6</v></c>',
    }
    assert recalculated(refreshed(book_with(tmp_path, cells))) == set()
    cells["A1000"] = cells["A1000"].replace("Plan!H1+", "Plan!G1+").replace("ref", 'ca="0" ref')
    assert recalculated(refreshed(book_with(tmp_path, cells))) == {"A1000", "A1001", "A2000", "A2001"}


def test_sheets_without_such_formulas_stay_byte_identical_and_a_second_refresh_changes_nothing(tmp_path):
    book = book_with(tmp_path, {"A20": "SUM(C2:C9)"})
    before = tmp_path / "before.xlsx"
    before.write_bytes(book.read_bytes())
    refreshed(book)
    assert FREE not in diff_parts(before, book)
    stale = book_with(tmp_path, {"A20": "Plan!C2"})
    write_tables(refreshed(stale), {"plan": plan_frame(["A1", "A2", "A3", "A4"])}, output=before)
    assert diff_parts(stale, before) == []


def test_comments_and_prefixes_in_a_sheet_confuse_nothing(tmp_path):
    book = book_with(
        tmp_path, {"A20": '<!--<c r="A9"><f>Plan!C2</f><v>9</v></c>--><c r="A20"><f>Plan!C2</f><v>9</v></c>'}
    )
    assert '<!--<c r="A9"><f>Plan!C2</f><v>9</v></c>--><c r="A20"><f ca="1">Plan!C2</f></c>' in part(
        refreshed(book), FREE
    )
    book = book_with(tmp_path, {"A20": "Plan!C2"})
    rewrite_parts(
        book,
        {FREE: lambda content: re.sub(rb"<(/?)(?=[a-zA-Z])", rb"<\1x:", content).replace(b"xmlns=", b"xmlns:x=", 1)},
    )
    assert '<x:c r="A20"><x:f ca="1">Plan!C2</x:f></x:c>' in part(refreshed(book), FREE)


def test_a_cell_that_names_no_address_counts_as_anywhere(tmp_path):
    book = book_with(tmp_path, {"A20": "<c><f>Plan!C2</f><v>1</v></c>", "A21": "Free!Z99"})
    assert recalculated(refreshed(book)) == {"A21"}
    assert '<c><f ca="1">Plan!C2</f></c>' in part(book, FREE)


@given(st.binary(max_size=40), st.integers(1, 5))
def test_a_formula_is_found_wherever_a_piece_of_the_sheet_ends(junk, size):
    data = junk.replace(b"<", b"") + b"<x:f>1</x:f>"
    assert holds_formulas(data[start : start + size] for start in range(0, len(data), size))
    assert not holds_formulas([junk.replace(b"<", b""), b"<font/><x:formula>"])


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 29), st.integers(0, 29)), max_size=30), st.integers(0, 29))
def test_dependence_is_what_a_walk_over_all_edges_finds(edges, source):
    """Cell B{i} reads those it has edges to; cell B{source} also reads the plan."""
    reads = {row: sorted({to for start, to in edges if start == row}) for row in range(30)}
    formulas = {row: "+".join(["0", *(f"B{100 + to}" for to in there)]) for row, there in reads.items()}
    formulas[source] += "+tblPlan[order_value]"
    expected, grown = {source}, True
    while grown:
        new = {row for row, there in reads.items() if expected & set(there)} - expected
        expected |= new
        grown = bool(new)
    with tempfile.TemporaryDirectory() as folder:
        cells = {f"B{100 + row}": formula for row, formula in formulas.items()}
        book = refreshed(book_with(Path(folder), cells))
        assert recalculated(book) == {f"B{100 + row}" for row in expected}


def test_a_long_chain_of_formulas_takes_no_time(tmp_path):
    up = {f"A{row}": f"A{row + 1}+1" for row in range(20, 2000)}
    book = refreshed(book_with(tmp_path, {**up, "A2000": "Plan!C2"}))
    assert len(recalculated(book)) == 1981


def test_a_new_workbook_shows_no_value_before_it_is_calculated(tmp_path):
    import xlsxwriter

    with xlsxwriter.Workbook(tmp_path / "new.xlsx") as book:
        sheet = book.add_worksheet("S")
        sheet.write_formula("A1", "=1+1")
        sheet.write_formula("A2", "=INVOPT_EOQ(1,2)", None, 7)
        sheet.write_array_formula("B1:B2", "{=A1:A2}")
        book.add_worksheet("Empty")
    marked = tmp_path / "marked.xlsx"
    marked.write_bytes(mark_all((tmp_path / "new.xlsx").read_bytes()))
    assert recalculated(marked, "xl/worksheets/sheet1.xml") == {"A1", "B1"}
    assert '<c r="A2"><f>INVOPT_EOQ(1,2)</f><v>7</v></c><c r="B2"></c>' in part(marked, "xl/worksheets/sheet1.xml")
    assert re.findall("<calcPr[^>]*>", part(marked, "xl/workbook.xml")) == ['<calcPr calcId="191029"/>']
    assert diff_parts(tmp_path / "new.xlsx", marked) == ["xl/workbook.xml", "xl/worksheets/sheet1.xml"]
    assert cell_texts(marked, "S")["A1"] == "=1+1"
    with zipfile.ZipFile(marked) as archive:
        assert archive.testzip() is None
    assert mark_all(marked.read_bytes()) == marked.read_bytes()


def test_tables_that_are_read_next_time_keep_values_of_formulas_that_do_not_depend_on_the_plan(tmp_path):
    book = table_book(
        tmp_path / "b.xlsx",
        [
            ("Items", (0, 0), "tblItems", ["item", "on_hand"], [["A", "=C9*2"]]),
            ("Plan", (0, 0), "tblPlan", PLAN_HEADERS, []),
        ],
        options={"strings_to_formulas": True},
    )
    sheet = "xl/worksheets/sheet1.xml"
    rewrite_parts(
        book,
        {
            sheet: lambda content: content.replace(
                b"</sheetData>", b'<row r="9"><c r="D9"><f>COUNT(Plan!A:A)</f><v>1</v></c></row></sheetData>'
            )
        },
    )
    assert recalculated(refreshed(book), sheet) == {"D9"}
    assert read_tables(book)["items"]["on_hand"].tolist() == [0]


def test_formulas_are_found_in_a_sheet_that_has_nothing_else():
    data = (HEAD + '<row r="1"><c r="A1"><f/><v/></c></row></sheetData></worksheet>').encode()
    (group,) = FormulaSheet(data).groups()
    assert group.text == ""
