from datetime import datetime

import pytest
from workbook_builders import items_book, part, rewrite_parts, table_book

from invopt_xl.errors import FileError, InputError
from invopt_xl.plan.columns import CellFault
from invopt_xl.workbook import read_tables

DEMAND = ["item", "date", "quantity"]
SHEET = "xl/worksheets/sheet1.xml"


def insert_row(markup):
    """Put a row of cells, as markup, behind the first row of the table's body."""
    return lambda content: content.replace(b"</sheetData>", markup.encode() + b"</sheetData>")


def book_with_cell(tmp_path, cell, **attributes):
    path = items_book(tmp_path / "book.xlsx", [("A", 1.5, 7, 10), ("B", 1, 1, 1)])
    old = '<c r="C5"><v>1</v></c>'
    assert old in part(path, SHEET)
    return rewrite_parts(path, {SHEET: lambda content: content.replace(old.encode(), cell.encode())})


def test_a_table_is_read_by_its_name_wherever_it_stands(tmp_path):
    rows = [("A", 1.5, 7, 10), ("B", 2, 0, -1)]
    frame = read_tables(items_book(tmp_path / "book.xlsx", rows))["items"]
    assert frame.index.tolist() == [4, 5]
    assert frame.index.name == "row"
    assert frame.to_dict("list") == {
        "item": ["A", "B"],
        "unit_cost": [1.5, 2],
        "lead_time_days": [7, 0],
        "on_hand": [10, -1],
    }
    assert set(frame.dtypes.map(str)) == {"object"}


def test_headers_are_trimmed_take_the_contracts_spelling_and_unknown_columns_stay(tmp_path):
    headers = [" ITEM ", "Date", "quantity", "Buyer's remark"]
    path = table_book(tmp_path / "b.xlsx", [("D", (0, 0), "TBLDEMAND", headers, [("A", 1, 2, "x")])])
    assert list(read_tables(path)["demand"].columns) == ["item", "date", "quantity", "Buyer's remark"]


def test_two_columns_of_one_name_are_refused(tmp_path):
    path = table_book(tmp_path / "b.xlsx", [("D", (0, 0), "tblDemand", ["item", "Item ", "date"], [("A", 1, 2)])])
    with pytest.raises(InputError, match=r"tblDemand has two columns named item .*'D'!A1:C2"):
        read_tables(path)


def test_blank_rows_are_left_out_and_an_empty_table_has_no_rows(tmp_path):
    rows = [("A", None, 1), (None, None, None), ("B", None, 2), (None, None, None)]
    path = table_book(
        tmp_path / "b.xlsx",
        [("D", (0, 0), "tblDemand", DEMAND, rows), ("L", (0, 0), "tblLog", ["refreshed_at", "note"], [])],
    )
    tables = read_tables(path)
    assert tables["demand"].index.tolist() == [2, 4]
    assert len(tables["log"]) == 0
    assert list(tables["log"].columns) == ["refreshed_at", "note"]


def test_tables_beside_and_below_each_other_on_one_sheet_are_told_apart(tmp_path):
    path = table_book(
        tmp_path / "b.xlsx",
        [
            ("All", (0, 0), "tblDemand", DEMAND, [("A", None, 1), ("B", None, 2)]),
            ("All", (1, 4), "tblSuppliers", ["supplier"], [("S1",), ("S2",), ("S3",)]),
            ("All", (9, 0), "tblParameters", ["name", "value"], [("period", "week")]),
        ],
    )
    tables = read_tables(path)
    assert tables["demand"]["quantity"].tolist() == [1, 2]
    assert tables["suppliers"]["supplier"].to_dict() == {3: "S1", 4: "S2", 5: "S3"}
    assert tables["parameters"]["value"].to_dict() == {11: "week"}


def test_only_tables_a_refresh_reads_are_read(tmp_path):
    path = table_book(
        tmp_path / "b.xlsx",
        [
            ("A", (0, 0), "tblItems", ["item"], [("A",)]),
            ("B", (0, 0), "tblPlan", ["item", "My column"], [("A", "mine")]),
            ("C", (0, 0), "tblOrders", ["item"], [("A",)]),
            ("E", (0, 0), "tblOwn", ["item"], [("A",)]),
        ],
    )
    tables = read_tables(path)
    assert list(tables) == ["items", "plan"]
    assert tables["plan"]["My column"].tolist() == ["mine"]


@pytest.mark.parametrize("date1904", [False, True])
def test_dates_are_read_in_both_date_systems(tmp_path, date1904):
    days = [datetime(2018, 1, 1), datetime(2017, 2, 28, 13, 5), datetime(2020, 2, 29)]
    rows = [("A", day, 1) for day in days]
    path = table_book(tmp_path / "b.xlsx", [("D", (0, 0), "tblDemand", DEMAND, rows)], options={"date_1904": date1904})
    assert read_tables(path)["demand"]["date"].tolist() == days


def test_text_that_begins_like_a_formula_stays_text(tmp_path):
    path = table_book(tmp_path / "b.xlsx", [("D", (0, 0), "tblDemand", DEMAND, [("=1+1", "-x", "@")])])
    assert read_tables(path)["demand"].iloc[0].tolist() == ["=1+1", "-x", "@"]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ('<c r="C5" t="e"><v>#N/A</v></c>', CellFault("#N/A")),
        ('<c r="C5" t="e"><v>#SPILL!</v></c>', CellFault("#SPILL!")),
        ('<c r="C5" t="e"><f>1/0</f><v>#DIV/0!</v></c>', CellFault("#DIV/0!")),
        ('<c r="C5"><f>1+1</f></c>', CellFault("formula without a value")),
        ('<c r="C5"><f>1+1</f><v></v></c>', CellFault("formula without a value")),
        ('<c r="C5"><f>1+1</f><v>2</v></c>', 2),
        ('<c r="C5" t="str"><f>"a"</f><v>a_x000a_b</v></c>', "a\nb"),
        ('<c r="C5" t="str"><f>""</f><v></v></c>', None),
        ('<c r="C5" t="b"><v>1</v></c>', True),
        ('<c r="C5" t="b"><v>0</v></c>', False),
        (
            '<c r="C5" t="inlineStr"><is><r><t>ri</t></r><r><t>ch</t></r><rPh sb="0" eb="1"><t>x</t></rPh></is></c>',
            "rich",
        ),
        ('<c r="C5" t="inlineStr"><is><t>a &amp; &#252;</t></is></c>', "a & ü"),
        ('<c r="C5" t="d"><v>2020-01-02T00:00:00</v></c>', datetime(2020, 1, 2)),
        ('<c r="C5"><v>1E3</v></c>', 1000.0),
        ('<c r="C5"><v>12345678901234567890</v></c>', 12345678901234567890.0),
        ('<c r="C5" t="s"><v>99999</v></c>', CellFault("unreadable '99999'")),
        ('<c r="C5"><v>1,5</v></c>', CellFault("unreadable '1,5'")),
        ('<c r="C5"/>', None),
    ],
)
def test_every_kind_of_cell_has_its_value(tmp_path, cell, expected):
    value = read_tables(book_with_cell(tmp_path, cell))["items"].loc[5, "unit_cost"]
    assert value == expected
    assert type(value) is type(expected)


def test_a_date_out_of_range_stays_a_number(tmp_path):
    style = items_book(tmp_path / "b.xlsx")
    path = table_book(style, [("D", (0, 0), "tblDemand", DEMAND, [("A", datetime(2018, 1, 1), 1)])])
    rewrite_parts(path, {SHEET: lambda content: content.replace(b"<v>43101</v>", b"<v>-5</v>")})
    assert read_tables(path)["demand"].loc[2, "date"] == -5


def test_merged_cells_in_a_table_are_named(tmp_path):
    path = items_book(tmp_path / "b.xlsx")
    merge = b'</sheetData><mergeCells count="1"><mergeCell ref="C3:D4"/></mergeCells>'
    rewrite_parts(path, {SHEET: lambda content: content.replace(b"</sheetData>", merge)})
    with pytest.raises(InputError, match=r"tblItems holds merged cells at 'Items'!C3:D4"):
        read_tables(path)


def test_merged_cells_elsewhere_do_not_matter(tmp_path):
    path = items_book(tmp_path / "b.xlsx")
    merge = b'</sheetData><mergeCells count="1"><mergeCell ref="A1:D1"/></mergeCells>'
    rewrite_parts(path, {SHEET: lambda content: content.replace(b"</sheetData>", merge)})
    assert len(read_tables(path)["items"]) == 1


def test_a_cell_at_the_far_corner_of_the_sheet_costs_nothing(tmp_path):
    path = items_book(tmp_path / "b.xlsx")
    corner = insert_row('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
    rewrite_parts(path, {SHEET: corner})
    assert len(read_tables(path)["items"]) == 1


def test_rows_and_cells_without_addresses_are_counted(tmp_path):
    path = items_book(tmp_path / "b.xlsx")
    body = b'<sheetData><row/><row/><row><c/><c t="inlineStr"><is><t>item</t></is></c></row><row><c/>'
    body += b'<c t="inlineStr"><is><t>A</t></is></c><c><v>3</v></c></row></sheetData>'

    def replace(content):
        return content[: content.index(b"<sheetData>")] + body + content[content.index(b"</sheetData>") + 12 :]

    frame = read_tables(rewrite_parts(path, {SHEET: replace}))["items"]
    assert frame.loc[4].tolist() == ["A", 3, None, None]


def test_a_workbook_with_prefixed_names_is_read(tmp_path):
    frame = read_tables(prefixed(items_book(tmp_path / "b.xlsx")))["items"]
    assert frame.loc[4].tolist() == ["A", 1.5, 7, 10]


def prefixed(path):
    import re

    def change(content):
        content = re.sub(rb"<(/?)(?=[a-zA-Z])", rb"<\1x:", content)
        return content.replace(b'xmlns="', b'xmlns:x="', 1)

    return rewrite_parts(path, {SHEET: change, "xl/sharedStrings.xml": change, "xl/tables/table1.xml": change})


def test_a_workbook_without_a_known_table_is_refused(tmp_path):
    path = table_book(tmp_path / "b.xlsx", [("D", (0, 0), "tblOther", DEMAND, [("A", 1, 1)])])
    with pytest.raises(
        FileError, match=r"b\.xlsx holds no table of a plan workbook; expected at least tblItems, tblDemand"
    ):
        read_tables(path)


def test_openpyxl_workbooks_are_read(tmp_path):
    import openpyxl
    from openpyxl.worksheet.table import Table

    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["item", "date", "quantity"], ["A", datetime(2018, 1, 1), 2.5], ["B", "2018-01-08", "=1+1"]):
        sheet.append(row)
    sheet.add_table(Table(displayName="tblDemand", ref="A1:C3"))
    book.save(tmp_path / "b.xlsx")
    frame = read_tables(tmp_path / "b.xlsx")["demand"]
    assert frame.loc[2].tolist() == ["A", datetime(2018, 1, 1), 2.5]
    assert frame.loc[3].tolist() == ["B", "2018-01-08", CellFault("formula without a value")]
