"""Workbooks for tests: plain ones, and one with everything a planner's workbook may hold."""

import io
import struct
import warnings
import zipfile
import zlib
from datetime import datetime
from pathlib import Path

import pandas as pd
import xlsxwriter

PLAN_HEADERS = ["item", "location", "order_quantity", "order_value", "why", "override_quantity", "note"]


def plan_frame(items, *, why="Covers 5 weeks."):
    count = len(items)
    return pd.DataFrame(
        {
            "item": items,
            "location": ["MAIN"] * count,
            "abc": ["A"] * count,
            "order_quantity": [24.0 * (position + 1) for position in range(count)],
            "order_value": [10.5 * (position + 1) for position in range(count)],
            "why": [why] * count,
            "override_quantity": [None] * count,
            "note": [None] * count,
        }
    )


def orders_frame(count):
    return pd.DataFrame(
        {
            "supplier": [f"S{position}" for position in range(count)],
            "item": [f"A{position}" for position in range(count)],
            "order_date": pd.Timestamp("2018-01-01"),
            "quantity": range(count),
            "why": "=SUM(A1)",
        }
    )


def table_book(path, tables, *, options=None):
    """Write sheets of tables: (sheet, first cell as row and column, table name, headers, rows)."""
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, **(options or {})}) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for sheet_name, (row, column), name, headers, rows in tables:
            sheet = book.get_worksheet_by_name(sheet_name) or book.add_worksheet(sheet_name)
            sheet.add_table(
                row,
                column,
                row + max(1, len(rows)),
                column + len(headers) - 1,
                {"name": name, "columns": [{"header": header} for header in headers]},
            )
            for down, values in enumerate(rows, start=row + 1):
                for across, value in enumerate(values, start=column):
                    if isinstance(value, datetime):
                        sheet.write_datetime(down, across, value, day)
                    else:
                        sheet.write(down, across, value)
    return path


def items_book(path, rows=(("A", 1.5, 7, 10),)):
    """Write a workbook of items and an empty plan."""
    headers = ["item", "unit_cost", "lead_time_days", "on_hand"]
    return table_book(
        path, [("Items", (2, 1), "tblItems", headers, rows), ("Plan", (0, 0), "tblPlan", PLAN_HEADERS, [])]
    )


def rewrite_parts(path, changes=None, *, added=None, target=None):
    """Change parts of a workbook by functions of their bytes, and add others."""
    with zipfile.ZipFile(path) as before:
        parts = [(info, before.read(info)) for info in before.infolist()]
    with zipfile.ZipFile(target or path, "w", zipfile.ZIP_DEFLATED) as after:
        for info, content in parts:
            change = (changes or {}).get(info.filename)
            after.writestr(info, change(content) if change else content)
        for name, content in (added or {}).items():
            after.writestr(name, content)
    return target or path


def part(path, name):
    with zipfile.ZipFile(path) as archive:
        return archive.read(name).decode()


def png():
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    pixels = zlib.compress(b"".join(b"\0" + b"\xff\0\0" * 8 for _ in range(8)))
    header = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def rich_book(path, *, rows=5, planned=True):
    """A workbook with all that a rewrite through an object model would lose.

    ``tblPlan`` stands at B4 of Plan, with the user's columns ``Checked`` and ``Double`` (calculated), beside the
    user's own ``tblMine`` in the same rows; ``tblOrders`` on Orders has a row of totals and text in B40. Where it is
    planned, item A2 has an override of 7 and every other item a note.
    """
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False}) as book:
        rich_plan_sheet(book, book.add_worksheet("Plan"), rows, planned)
        rich_orders_sheet(book, book.add_worksheet("Orders"))
        lists = book.add_worksheet("Lists")
        lists.write_column("A1", ["yes", "no", "=text"])
        lists.hide()
        book.define_name("service_level", "=Plan!$R$3")
        book.set_calc_mode("auto")
    content_types, links = "[Content_Types].xml", "xl/_rels/workbook.xml.rels"
    chain = b'<?xml version="1.0"?><calcChain xmlns="%s"><c r="J5" i="1"/><c r="R5" i="1"/></calcChain>'
    namespace = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return rewrite_parts(
        path,
        {
            content_types: lambda content: content.replace(
                b"</Types>",
                b'<Override PartName="/xl/calcChain.xml" ContentType="application/vnd.openxmlformats-officedocument.'
                b'spreadsheetml.calcChain+xml"/></Types>',
            ),
            # As Excel writes it; the short form is understood by Excel only.
            "xl/worksheets/sheet2.xml": lambda content: content.replace(b"(109,[", b"(109,tblOrders["),
            links: lambda content: content.replace(
                b"</Relationships>",
                b'<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
                b'calcChain" Target="calcChain.xml"/></Relationships>',
            ),
        },
        added={
            "xl/calcChain.xml": chain % namespace,
            "customXml/item1.xml": b"<a:b xmlns:a='urn:x'>\r\n  kept </a:b>",
            "xl/slicers/slicer1.xml": b"<slicers xmlns='urn:s'/>",
            "xl/slicerCaches/slicerCache1.xml": b"<cache xmlns='urn:s'/>",
            "xl/threadedComments/threadedComment1.xml": b"<ThreadedComments xmlns='urn:t'/>",
            "xl/persons/person.xml": b"<personList xmlns='urn:p'/>",
        },
    )


def rich_plan_sheet(book, sheet, rows, planned):
    headers = [*PLAN_HEADERS, "Checked"]
    data = [
        [f"A{i}", "MAIN", 10 * i, 100 * i, "old", None, f"note {i}" if planned and i % 2 else None, f"ok {i}"]
        for i in range(1, rows + 1)
    ]
    last = 4 + rows
    sheet.add_table(
        f"B4:J{last}",
        {
            "name": "tblPlan",
            "columns": [
                *({"header": header} for header in headers),
                {"header": "Double", "formula": "=tblPlan[@[order_quantity]]*2"},
            ],
            "data": data,
        },
    )
    money = book.add_format({"num_format": "#,##0.00"})
    entry = book.add_format({"bg_color": "#FFF2CC", "font_color": "#0000FF", "locked": False})
    for i in range(1, rows + 1):
        sheet.write_number(3 + i, 4, 100 * i, money)
        sheet.write(3 + i, 6, 7 if planned and i == 2 else None, entry)
    sheet.add_table("L4:M9", {"name": "tblMine", "data": [[f"m{i}", i] for i in range(5)]})
    sheet.conditional_format(f"D5:D{last}", {"type": "data_bar", "data_bar_2010": True, "bar_solid": True})
    sheet.conditional_format(f"E5:E{last}", {"type": "3_color_scale"})
    sheet.conditional_format("L5:L9", {"type": "duplicate", "format": entry})
    sheet.data_validation(f"G5:G{last}", {"validate": "decimal", "criteria": ">=", "value": 0})
    sheet.data_validation("R2", {"validate": "list", "source": "=Lists!$A$1:$A$3"})
    sheet.add_sparkline("R8", {"range": f"Plan!D5:D{last}", "type": "column"})
    sheet.write_comment("L6", "a note of the planner")
    sheet.write_dynamic_array_formula("T2", "=_xlfn._xlws.SORT(tblPlan[order_quantity],,-1)")
    sheet.write_array_formula("V2:W4", "{=TRANSPOSE(L4:M5)}")
    sheet.write_formula("R5", "=SUM(tblPlan[order_quantity])", None, 150)
    chart = book.add_chart({"type": "column"})
    chart.add_series({"categories": "=Plan!$B$5:$B$9", "values": "=Plan!$D$5:$D$9", "trendline": {"type": "linear"}})
    sheet.insert_chart("R20", chart)
    sheet.insert_image("Z2", "x.png", {"image_data": io.BytesIO(png())})
    sheet.insert_textbox("Z10", "Owned by planners", {"fill": {"color": "#DDEBF7"}})
    sheet.insert_button("Z15", {"macro": "RefreshPlan", "caption": "Refresh"})
    sheet.insert_checkbox("Z20", True)
    sheet.print_area("A1:P60")
    sheet.freeze_panes(4, 2)
    sheet.protect("", {"autofilter": True})
    sheet.set_header("&LPlan&RPage &P")
    sheet.write_rich_string("Z25", book.add_format({"bold": True}), "bold", " plain")
    sheet.write_url("Z26", "https://example.org", string="link")
    sheet.set_row(4, 22)


def rich_orders_sheet(book, sheet):
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    headers = ["supplier", "item", "order_date", "quantity", "why"]
    totals = [{"total_string": "Total"}, {}, {}, {"total_function": "sum"}, {}]
    sheet.add_table(
        "A1:E4",
        {
            "name": "tblOrders",
            "total_row": True,
            "columns": [{"header": header, **total} for header, total in zip(headers, totals, strict=True)],
            "data": [["S", "A1", None, 1, "x"], ["S", "A2", None, 2, "y"]],
        },
    )
    for row in (1, 2):
        sheet.write_datetime(row, 2, datetime(2017, 12, 25), day)
    sheet.write("B40", "the planner's text")


def opened_by_openpyxl(path: Path):
    import openpyxl

    with warnings.catch_warnings():
        # It says that it would lose extensions if it saved the workbook; it only reads.
        warnings.simplefilter("ignore")
        return openpyxl.load_workbook(path)


def cell_texts(path: Path, sheet: str) -> dict[str, object]:
    """Read a sheet with openpyxl: values by address, blanks left out."""
    rows = opened_by_openpyxl(path)[sheet].iter_rows()
    return {cell.coordinate: cell.value for row in rows for cell in row if cell.value is not None}
