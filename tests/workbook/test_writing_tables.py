import re
import tempfile
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from workbook_builders import (
    cell_texts,
    opened_by_openpyxl,
    orders_frame,
    part,
    plan_frame,
    rewrite_parts,
    rich_book,
    table_book,
)
from xlsxwriter import Workbook

from invopt_xl.errors import InputError
from invopt_xl.workbook import read_tables, write_tables
from invopt_xl.workbook.patch import collisions

SHEET, TABLE = "xl/worksheets/sheet1.xml", "xl/tables/table1.xml"
HEADERS = ["item", "location", "order_quantity", "override_quantity", "note", "Checked"]


def plan_book(path, rows, *, headers=HEADERS, others=()):
    return table_book(path, [("Plan", (0, 0), "tblPlan", headers, rows), *others])


@pytest.fixture
def book(tmp_path):
    rows = [("A", "MAIN", 1, None, "first", "x"), ("B", "MAIN", 2, 5, None, "y"), ("C", "MAIN", 3, None, None, None)]
    return plan_book(tmp_path / "plan.xlsx", rows)


def rows_of(path):
    plan = read_tables(path)["plan"]
    return [tuple(row) for row in plan.itertuples(index=False)]


def test_the_planners_columns_follow_their_item(book):
    write_tables(book, {"plan": plan_frame(["C", "new", "B", "A"])})
    assert rows_of(book) == [
        ("C", "MAIN", 24, None, None, None),
        ("new", "MAIN", 48, None, None, None),
        ("B", "MAIN", 72, 5, None, "y"),
        ("A", "MAIN", 96, None, "first", "x"),
    ]


def test_a_row_the_planner_typed_into_is_kept_when_its_item_is_not_planned_and_joins_it_when_it_is_back(tmp_path):
    rows = [
        ("A", "MAIN", 1, "x", None, "first", "mine"),
        ("B", "MAIN", 2, "x", 5, None, None),
        ("C", "MAIN", 3, "x", None, None, "y"),
    ]
    book = plan_book(tmp_path / "b.xlsx", rows, headers=["item", "location", "order_quantity", "why", *HEADERS[3:]])
    why = "Not in this plan; kept for the planner's override or note."
    for _ in range(2):
        write_tables(book, {"plan": plan_frame(["D"], why="x")})
        assert rows_of(book) == [
            ("D", "MAIN", 24, "x", None, None, None),
            ("A", "MAIN", None, why, None, "first", "mine"),
            ("B", "MAIN", None, why, 5, None, None),
        ]
    write_tables(book, {"plan": plan_frame(["B", "A"], why="x")})
    assert rows_of(book) == [("B", "MAIN", 24, "x", 5, None, None), ("A", "MAIN", 48, "x", None, "first", "mine")]


def test_what_the_planner_typed_meanwhile_wins_over_the_frame(book):
    frame = plan_frame(["A", "B"]).assign(override_quantity=[99, 99], note="overwritten")
    write_tables(book, {"plan": frame})
    assert rows_of(book) == [("A", "MAIN", 24, None, "first", "x"), ("B", "MAIN", 48, 5, None, "y")]


def test_an_item_code_that_excel_turned_into_a_number_is_still_its_item(tmp_path):
    book = plan_book(tmp_path / "b.xlsx", [(1001, None, 1, None, "mine", None), ("1002", "", 1, None, "too", None)])
    write_tables(book, {"plan": plan_frame(["1002", "1001"])})
    assert [row[4] for row in rows_of(book)] == ["too", "mine"]


def test_a_table_keeps_one_blank_row_when_there_is_nothing_to_write(tmp_path):
    book = plan_book(tmp_path / "plan.xlsx", [("A", "MAIN", 1, None, None, "x"), ("B", "MAIN", 1, None, None, None)])
    write_tables(book, {"plan": plan_frame([])})
    assert rows_of(book) == []
    assert 'ref="A1:F2"' in part(book, TABLE)
    assert set(cell_texts(book, "Plan")) == {"A1", "B1", "C1", "D1", "E1", "F1"}
    write_tables(book, {"plan": plan_frame(["A", "B"])})
    assert [row[0] for row in rows_of(book)] == ["A", "B"]


def test_columns_are_matched_by_header_in_any_order_and_case(tmp_path):
    headers = ["Order_Quantity", "mine", "ITEM"]
    book = plan_book(tmp_path / "b.xlsx", [(1, "kept", "B")], headers=headers)
    write_tables(book, {"plan": plan_frame(["A", "B"])})
    cells = cell_texts(book, "Plan")
    assert [cells.get(address) for address in ("A2", "B2", "C2", "A3", "B3", "C3")] == [24, None, "A", 48, "kept", "B"]
    assert cells["A1"] == "Order_Quantity"


def test_a_table_without_any_known_column_is_refused(tmp_path):
    book = table_book(tmp_path / "b.xlsx", [("O", (0, 0), "tblOrders", ["what"], [(1,)])])
    with pytest.raises(InputError, match="tblOrders has no column of the plan; expected supplier, item, location"):
        write_tables(book, {"orders": orders_frame(1)})


@pytest.mark.parametrize("date1904", [False, True])
def test_every_kind_of_value_reads_back(tmp_path, date1904):
    values = [
        ("2.5", 2.5),
        (np.float64(1e-300), 1e-300),
        (np.int64(7), 7),
        (np.bool_(True), True),
        (3.0, 3),
        (-0.125, -0.125),
        (np.nan, None),
        (None, None),
        (pd.NaT, None),
        (pd.NA, None),
        ("", None),
        (True, True),
        ("=1+1", "=1+1"),
        ("'", "'"),
        ("  padded  ", "  padded  "),
        ("two\nlines", "two\nlines"),
        ("bell\x07 and \x00nul", "bell and nul"),
        ("_x000A_", "_x000A_"),
        ("<&>\"'", "<&>\"'"),
        ("x" * 40_000, "x" * 32_766 + "…"),
        (float("inf"), "#NUM!"),
    ]
    book = table_book(
        tmp_path / "b.xlsx", [("K", (0, 0), "tblLog", ["refreshed_at", "note"], [])], options={"date_1904": date1904}
    )
    texts = [value if not isinstance(value, str) or position else 2.5 for position, (value, _) in enumerate(values)]
    write_tables(book, {"log": pd.DataFrame({"refreshed_at": "t", "note": pd.Series(texts, dtype=object)})})
    read = read_tables(book)["log"]["note"].tolist()
    assert read == [2.5, *(expected for _, expected in values[1:])]


@pytest.mark.parametrize("date1904", [False, True])
def test_dates_are_written_as_serials_in_the_format_of_the_first_row(tmp_path, date1904):
    day = datetime(2017, 12, 31)
    book = table_book(
        tmp_path / "b.xlsx",
        [("F", (0, 0), "tblForecast", ["item", "date"], [("A", day)])],
        options={"date_1904": date1904},
    )
    days = [pd.Timestamp("2018-01-01"), datetime(2018, 1, 8, 6), date(2018, 1, 15), np.datetime64("2018-01-22")]
    frame = pd.DataFrame({"item": list("ABCD"), "date": pd.Series(days, dtype=object)})
    write_tables(book, {"forecast": frame})
    cells = cell_texts(book, "F")
    assert [cells[f"B{row}"] for row in range(2, 6)] == [
        datetime(2018, 1, 1),
        datetime(2018, 1, 8, 6),
        datetime(2018, 1, 15),
        datetime(2018, 1, 22),
    ]


def test_a_date_before_the_first_serial_is_written_as_text(tmp_path):
    book = table_book(tmp_path / "b.xlsx", [("F", (0, 0), "tblForecast", ["item", "date"], [("A", 1)])])
    write_tables(book, {"forecast": pd.DataFrame({"item": ["A"], "date": [datetime(1850, 5, 1)]})})
    assert cell_texts(book, "F")["B2"] == "1850-05-01"


def test_new_rows_take_height_and_formats_of_the_first_row_and_old_ones_keep_theirs(tmp_path):
    book = rich_book(tmp_path / "b.xlsx")
    write_tables(book, {"plan": plan_frame([f"A{i}" for i in range(1, 9)])})
    sheet = opened_by_openpyxl(book)["Plan"]
    assert {sheet[f"E{row}"].number_format for row in range(5, 13)} == {"#,##0.00"}
    assert {sheet[f"G{row}"].fill.fgColor.rgb for row in range(5, 13)} == {"FFFFF2CC"}
    assert sheet.row_dimensions[12].height == 21.75
    assert sheet.row_dimensions[6].height is None


SHORT, LONG = "Covers 5 weeks.", "Covers demand of 8 Jan to 11 Feb at the 97% level; rounded up to cases of 24."


@pytest.fixture
def wrapping(tmp_path):
    """Return a plan whose reasons and notes wrap in 20 digits; the second row has a height somebody set."""
    path = tmp_path / "wrap.xlsx"
    with Workbook(path) as made:
        sheet, wrapped = made.add_worksheet("Plan"), made.add_format({"text_wrap": True})
        sheet.set_column(0, 4, 20)
        sheet.set_row(2, 77)
        for row, (item, note) in enumerate([("A", ""), ("B", ""), ("C", LONG * 2)], start=1):
            sheet.write_row(row, 0, [item, "MAIN", 1])
            sheet.write_string(row, 3, SHORT, wrapped)
            sheet.write_string(row, 4, note, wrapped)
        specs = [{"header": name} for name in ("item", "location", "order_quantity", "why", "note")]
        sheet.add_table(0, 0, 3, 4, {"name": "tblPlan", "columns": specs})
    return path


def heights(path):
    found = re.findall(r'<row r="(\d+)"([^>]*)>', part(path, SHEET))
    height = [re.search(r'\sht="([0-9.]+)"', attributes) for _, attributes in found]
    return {int(row): match and float(match[1]) for (row, _), match in zip(found, height, strict=True)}


def test_rows_are_as_high_as_their_wrapped_text_unless_somebody_set_their_height(wrapping):
    write_tables(wrapping, {"plan": plan_frame(["A", "B", "new"], why=LONG)})
    assert heights(wrapping) == {1: None, 2: 42.0, 3: 77.25, 4: 42.0, 5: 96.0}  # the last is kept for its note
    write_tables(wrapping, {"plan": plan_frame(["A"], why=SHORT)})
    assert heights(wrapping) == {1: None, 2: None, 3: 77.25, 4: None, 5: None}


def test_a_row_with_something_beside_the_table_becomes_no_lower(wrapping):
    write_tables(wrapping, {"plan": plan_frame(["A", "B", "C"], why=LONG)})
    beside = b'<c r="H2" t="inlineStr"><is><t>x</t></is></c>'
    rewrite_parts(
        wrapping, {SHEET: lambda data: re.sub(rb'(<row r="2".*?)(</row>)', rb"\1" + beside + rb"\2", data, count=1)}
    )
    write_tables(wrapping, {"plan": plan_frame(["A", "B", "C"], why=SHORT)})
    assert heights(wrapping)[2] == 42.0


def test_a_calculated_column_is_filled_in_every_row_and_left_to_be_calculated(tmp_path):
    book = rich_book(tmp_path / "b.xlsx")
    write_tables(book, {"plan": plan_frame(["new", "A3", "A9", "A1", "A2", "more"])})
    markup = part(book, SHEET)
    for row in range(5, 11):
        assert f'<c r="J{row}"><f ca="1">tblPlan[[#This Row],[order_quantity]]*2</f></c>' in markup
    cells = cell_texts(book, "Plan")
    assert [cells.get(f"I{row}") for row in range(5, 11)] == [None, "ok 3", None, "ok 1", "ok 2", None]
    assert [cells.get(f"G{row}") for row in range(5, 11)] == [None, None, None, None, 7, None]
    assert [cells.get(f"H{row}") for row in range(5, 11)] == [None, "note 3", None, "note 1", None, None]


def test_formulas_with_addresses_are_translated_to_their_new_row(tmp_path):
    book = plan_book(tmp_path / "b.xlsx", [("A", "MAIN", 1, None, None, 505), ("B", "MAIN", 2, None, None, 606)])
    formulas = {b"<v>505</v>": b'<f>C2*2+$C$1+Other!C2+LOG10("A1")</f>', b"<v>606</v>": b"<f>C3*3</f><v>9</v>"}

    def change(content):
        for old, new in formulas.items():
            content = content.replace(old, new)
        return content

    rewrite_parts(book, {SHEET: change})
    write_tables(book, {"plan": plan_frame(["B", "C", "A"])})
    cells = cell_texts(book, "Plan")
    assert [cells.get(f"F{row}") for row in (2, 3, 4)] == ["=C2*3", None, '=C4*2+$C$1+Other!C4+LOG10("A1")']


def test_a_shared_formula_in_a_column_is_unfolded(tmp_path):
    rows = [(name, "MAIN", 1, None, None, 505 + position) for position, name in enumerate("ABC")]
    book = plan_book(tmp_path / "b.xlsx", rows)

    def change(content):
        content = content.replace(b"<v>505</v>", b'<f t="shared" ref="F2:F4" si="0">C2*2</f><v>2</v>')
        for value in (b"506", b"507"):
            content = content.replace(b"<v>%s</v>" % value, b'<f t="shared" si="0"/><v>2</v>')
        return content

    rewrite_parts(book, {SHEET: change})
    write_tables(book, {"plan": plan_frame(["C", "A"])})
    assert [cell_texts(book, "Plan").get(f"F{row}") for row in (2, 3)] == ["=C2*2", "=C3*2"]
    assert "shared" not in part(book, SHEET)


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        (b'<f t="array" ref="C2:C3">{1;2}</f>', r"tblPlan holds an array formula at 'Plan'!C2"),
        (b'<f t="shared" ref="C2:G2" si="1">1</f>', r"tblPlan holds a shared formula at 'Plan'!C2"),
        (b'<f t="shared" si="4"/>', r"tblPlan holds a shared formula at 'Plan'!C2"),
        (b'<f t="dataTable" ref="C2:C3"/>', r"tblPlan holds a dataTable formula at 'Plan'!C2"),
    ],
)
def test_formulas_that_span_cells_are_refused_before_anything_is_written(tmp_path, formula, message):
    book = plan_book(tmp_path / "b.xlsx", [("A", "MAIN", 77, None, None, None)])
    rewrite_parts(book, {SHEET: lambda content: content.replace(b"<v>77</v>", formula + b"<v>1</v>")})
    before = book.read_bytes()
    with pytest.raises(InputError, match=message):
        write_tables(book, {"plan": plan_frame(["A"])}, backup=True)
    assert book.read_bytes() == before
    assert list(tmp_path.iterdir()) == [book]


def test_a_plain_formula_in_an_owned_cell_gives_way_to_the_value(tmp_path):
    book = plan_book(tmp_path / "b.xlsx", [("A", "MAIN", 77, None, None, None)])
    rewrite_parts(book, {SHEET: lambda content: content.replace(b"<v>77</v>", b"<f>1+1</f><v>2</v>")})
    write_tables(book, {"plan": plan_frame(["A"])})
    assert '<c r="C2"><v>24</v></c>' in part(book, SHEET)


def test_growth_over_an_occupied_cell_is_refused_naming_it(book, tmp_path):
    rewrite_parts(
        book,
        {
            SHEET: lambda content: content.replace(
                b"</sheetData>", b'<row r="6"><c r="B6" t="inlineStr"><is><t>keep me</t></is></c></row></sheetData>'
            )
        },
    )
    write_tables(book, {"plan": plan_frame(list("ABCD"))}, output=tmp_path / "fits.xlsx")
    with pytest.raises(InputError, match=r"tblPlan would grow to row 7 over 'Plan'!B6, which holds keep me"):
        write_tables(book, {"plan": plan_frame(list("ABCDEF"))})


def test_growth_over_a_formula_or_another_table_or_merged_cells_is_refused(tmp_path):
    rows = [("A", "MAIN", 1, None, None, None)]
    own = [("Plan", (5, 2), "tblOwn", ["x", "y"], [])]
    book = plan_book(tmp_path / "b.xlsx", rows, others=own)
    with pytest.raises(InputError, match=r"tblPlan would grow to row 8 over 'Plan'!C6:D7, which is tblOwn"):
        write_tables(book, {"plan": plan_frame([*"ABCDEFG"])})
    merged = plan_book(tmp_path / "m.xlsx", rows)
    merge = b'</sheetData><mergeCells count="1"><mergeCell ref="F4:H5"/></mergeCells>'
    rewrite_parts(merged, {SHEET: lambda content: content.replace(b"</sheetData>", merge)})
    with pytest.raises(InputError, match=r"over 'Plan'!F4:H5, which is a merged cell"):
        write_tables(merged, {"plan": plan_frame([*"ABCDEFG"])})
    formula = plan_book(tmp_path / "f.xlsx", rows)
    cell = b'<row r="5"><c r="A5"><f>1+1</f></c></row></sheetData>'
    rewrite_parts(formula, {SHEET: lambda content: content.replace(b"</sheetData>", cell)})
    with pytest.raises(InputError, match=r"over 'Plan'!A5, which holds =1\+1"):
        write_tables(formula, {"plan": plan_frame([*"ABCDEFG"])})


def test_growth_over_cells_that_only_have_a_format_is_fine(book):
    blank = b'<row r="6" hidden="1"><c r="B6" s="0"/></row></sheetData>'
    rewrite_parts(book, {SHEET: lambda content: content.replace(b"</sheetData>", blank)})
    write_tables(book, {"plan": plan_frame([*"ABCDEFG"])})
    assert [row[0] for row in rows_of(book)] == [*"ABCDEFG"]


def test_merged_cells_in_an_owned_table_are_refused(book):
    merge = b'</sheetData><mergeCells count="1"><mergeCell ref="A2:A3"/></mergeCells>'
    rewrite_parts(book, {SHEET: lambda content: content.replace(b"</sheetData>", merge)})
    with pytest.raises(InputError, match=r"tblPlan holds merged cells at 'Plan'!A2:A3"):
        write_tables(book, {"plan": plan_frame(["A"])})


def test_two_owned_tables_side_by_side_grow_and_shrink_apart(tmp_path):
    others = [("Plan", (0, 8), "tblKpis", ["name", "value"], [(f"k{i}", i) for i in range(4)])]
    book = plan_book(tmp_path / "b.xlsx", [("A", "MAIN", 1, None, "n", None)], others=others)
    kpis = pd.DataFrame({"name": ["one"], "value": [1.5]})
    write_tables(book, {"plan": plan_frame([*"XAZ"]), "kpis": kpis})
    cells = cell_texts(book, "Plan")
    assert {address: cells[address] for address in cells if address[0] in "IJ"} == {
        "I1": "name",
        "J1": "value",
        "I2": "one",
        "J2": 1.5,
    }
    assert [cells.get(f"{column}3") for column in "ABCE"] == ["A", "MAIN", 48, "n"]
    assert 'ref="I1:J2"' in part(book, "xl/tables/table2.xml")


def test_a_row_of_totals_moves_with_the_end_of_the_table(tmp_path):
    book = rich_book(tmp_path / "b.xlsx")
    write_tables(book, {"orders": orders_frame(6)})
    cells = cell_texts(book, "Orders")
    assert cells["A8"] == "Total"
    assert cells["D8"] == "=SUBTOTAL(109,tblOrders[quantity])"
    table = part(book, "xl/tables/table3.xml")
    assert 'ref="A1:E8"' in table
    assert '<autoFilter ref="A1:E7"' in table
    write_tables(book, {"orders": orders_frame(0)})
    cells = cell_texts(book, "Orders")
    assert (cells["A3"], cells["B40"]) == ("Total", "the planner's text")
    assert not any(f"A{row}" in cells for row in (2, 4, 5, 6, 7, 8))


def test_a_total_that_names_cells_is_refused_when_it_would_move(tmp_path):
    book = rich_book(tmp_path / "b.xlsx")
    change = {
        "xl/worksheets/sheet2.xml": lambda content: content.replace(b"SUBTOTAL(109,tblOrders[quantity])", b"SUM(D2:D3)")
    }
    rewrite_parts(book, change)
    with pytest.raises(InputError, match=r"tblOrders has a total at 'Orders'!D4 that names cells \(=SUM\(D2:D3\)\)"):
        write_tables(book, {"orders": orders_frame(5)})


def test_formats_and_validations_over_the_whole_body_follow_the_table(tmp_path):
    book = rich_book(tmp_path / "b.xlsx", planned=False)
    for count, last in ((12, 16), (1, 5), (5, 9)):
        write_tables(book, {"plan": plan_frame([f"A{i}" for i in range(count)])})
        markup = part(book, SHEET)
        rows = f"5:%s{last}" if last > 5 else "5"
        for column in "DE":
            assert f'<conditionalFormatting sqref="{column}{rows.replace("%s", column)}">' in markup
        assert f"<xm:sqref>D{rows.replace('%s', 'D')}</xm:sqref></x14:conditionalFormatting>" in markup
        assert f'sqref="G{rows.replace("%s", "G")}"' in markup
        assert '<conditionalFormatting sqref="L5:L9">' in markup
        assert "<xm:sqref>R8</xm:sqref></x14:sparkline>" in markup


def test_an_active_filter_is_taken_off_since_other_items_stand_in_its_hidden_rows(book):
    column = b'<filterColumn colId="0"><filters><filter val="A"/></filters></filterColumn></autoFilter>'
    column += b'<sortState ref="A2:F4"><sortCondition ref="A2"/></sortState>'
    rewrite_parts(
        book,
        {
            TABLE: lambda content: content.replace(b'<autoFilter ref="A1:F4"/>', b'<autoFilter ref="A1:F4">' + column),
            SHEET: lambda content: content.replace(b'<row r="3"', b'<row r="3" hidden="1"'),
        },
    )
    write_tables(book, {"plan": plan_frame([*"ABCDE"])})
    assert "hidden" not in part(book, SHEET)
    assert "filterColumn" not in part(book, TABLE)
    assert "sortState" not in part(book, TABLE)
    assert '<autoFilter ref="A1:F6"></autoFilter>' in part(book, TABLE)


def test_rows_hidden_by_hand_stay_hidden(book):
    rewrite_parts(book, {SHEET: lambda content: content.replace(b'<row r="3"', b'<row r="3" hidden="1"')})
    write_tables(book, {"plan": plan_frame([*"ABC"])})
    assert '<row r="3" hidden="1"' in part(book, SHEET)


def test_the_blank_row_of_an_empty_table_becomes_a_plain_row(book):
    rewrite_parts(book, {TABLE: lambda content: content.replace(b"<table ", b'<table insertRow="1" ')})
    write_tables(book, {"plan": plan_frame(["A"])})
    assert "insertRow" not in part(book, TABLE)


def test_the_dimension_grows_with_the_table(book):
    write_tables(book, {"plan": plan_frame([*"ABCDEFGH"])})
    assert '<dimension ref="A1:F9"/>' in part(book, SHEET)
    assert "spans=" not in part(book, SHEET).split('<row r="2"')[1]


def test_a_table_larger_than_a_sheet_is_refused(book, monkeypatch):
    monkeypatch.setattr(collisions, "MAXIMUM_ROW", 100)
    with pytest.raises(InputError, match="tblPlan would need 103 rows; a sheet has 100"):
        write_tables(book, {"plan": plan_frame([f"X{position}" for position in range(100)])})


def test_a_sheet_with_prefixed_names_stays_prefixed(tmp_path):
    from test_reading_workbooks import prefixed

    book = prefixed(
        plan_book(tmp_path / "b.xlsx", [("A", "MAIN", 1, None, "n", "x"), ("B", "MAIN", 1, None, None, None)])
    )
    write_tables(book, {"plan": plan_frame([*"BAC"])})
    assert [row[0] for row in rows_of(book)] == [*"BAC"]
    assert [row[4] for row in rows_of(book)] == [None, "n", None]
    assert '<x:row r="4">' in part(book, SHEET)
    assert 'ref="A1:F4"' in part(book, TABLE)


def test_lines_of_orders_keep_what_was_noted_beside_them_only_while_they_are_the_same(tmp_path):
    rows = [("S", "A", 5, "called"), ("S", "B", 6, "open")]
    book = table_book(tmp_path / "b.xlsx", [("O", (0, 0), "tblOrders", ["supplier", "item", "quantity", "Done"], rows)])
    write_tables(book, {"orders": pd.DataFrame({"supplier": "S", "item": ["B", "A"], "quantity": [6, 7]})})
    cells = cell_texts(book, "O")
    assert (cells["D2"], cells.get("D3")) == ("open", None)


def test_a_sheet_with_a_byte_order_mark_and_other_line_ends_is_patched_in_place(book):
    def change(content):
        return b"\xef\xbb\xbf" + content.replace(b"<row ", b"\r\n  <row ").replace(
            b"</row>", b"\r\n</row><!-- kept -->"
        )

    rewrite_parts(book, {SHEET: change})
    write_tables(book, {"plan": plan_frame([*"CBAX"])})
    assert [row[0] for row in rows_of(book)] == [*"CBAX"]
    assert [row[4] for row in rows_of(book)] == [None, None, "first", None]
    assert part(book, SHEET).startswith("\ufeff<?xml")


@settings(max_examples=25, deadline=None)
@given(
    st.dictionaries(st.sampled_from("ABCDEFGH"), st.integers(1, 99) | st.text("xy =", min_size=1), max_size=6),
    st.lists(st.lists(st.sampled_from("ABCDEFGH"), unique=True, max_size=8), min_size=1, max_size=4),
)
def test_whatever_is_planned_in_whatever_order_no_note_is_lost_or_changes_hands(notes, plans):
    with tempfile.TemporaryDirectory() as folder:
        rows = [(item, "MAIN", 1, None, note, None) for item, note in notes.items()]
        book = plan_book(Path(folder) / "b.xlsx", rows)
        for items in plans:
            write_tables(book, {"plan": plan_frame(items)})
            plan = {row[0]: row[4] for row in rows_of(book)}
            assert plan == {**dict.fromkeys(items), **notes}
            assert list(plan)[: len(items)] == items
