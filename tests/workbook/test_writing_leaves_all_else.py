"""Whatever a refresh does not own is the same afterwards, byte for byte."""

import re
import zipfile

import pytest
from workbook_builders import cell_texts, orders_frame, part, plan_frame, rewrite_parts, rich_book

from invopt_xl.workbook import diff_parts, read_tables, write_tables

OWNED = {
    "xl/worksheets/sheet1.xml",
    "xl/worksheets/sheet2.xml",
    "xl/tables/table1.xml",
    "xl/tables/table3.xml",
    "xl/calcChain.xml",
    "xl/_rels/workbook.xml.rels",
    "[Content_Types].xml",
}
PLAN, ORDERS = "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"


@pytest.fixture
def book(tmp_path):
    return rich_book(tmp_path / "rich.xlsx", planned=False)


def without_table(markup, first, last):
    """Return a sheet's XML without the cells in some columns and without what is allowed to follow them."""
    markup = re.sub(r'<c r="([A-Z]+)\d+"[^>]*?(/>|>.*?</c>)', lambda m: "" if first <= m[1] <= last else m[0], markup)
    markup = re.sub(r'<row r="\d+"[^>]*?(/>|></row>)', "", markup)
    return re.sub(r'(<row r="\d+")[^>]*', r"\1", markup)


def test_parts_that_hold_no_owned_table_are_byte_identical_after_many_refreshes(book, tmp_path):
    before = tmp_path / "before.xlsx"
    before.write_bytes(book.read_bytes())
    for count in (9, 2, 5, 0, 5):
        items = [f"A{position}" for position in range(1, count + 1)]
        write_tables(book, {"plan": plan_frame(items), "orders": orders_frame(count)})
        assert set(diff_parts(before, book)) <= OWNED
    with zipfile.ZipFile(before) as old, zipfile.ZipFile(book) as new:
        expected = [info.filename for info in old.infolist() if info.filename != "xl/calcChain.xml"]
        assert [info.filename for info in new.infolist()] == expected
        for info in new.infolist():
            was = old.getinfo(info.filename)
            assert (info.date_time, info.external_attr) == (was.date_time, was.external_attr)
        assert new.testzip() is None


def test_untouched_parts_are_copied_without_being_compressed_again(book, tmp_path):
    stored = tmp_path / "stored.xlsx"
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(stored, "w") as new:
        for position, info in enumerate(old.infolist()):
            method = zipfile.ZIP_STORED if position % 2 else zipfile.ZIP_DEFLATED
            new.writestr(info.filename, old.read(info), compress_type=method, compresslevel=1)
    write_tables(stored, {"plan": plan_frame(["A1"])}, output=tmp_path / "after.xlsx")
    with zipfile.ZipFile(stored) as old, zipfile.ZipFile(tmp_path / "after.xlsx") as new:
        for info in new.infolist():
            was = old.getinfo(info.filename)
            if info.filename not in OWNED:
                assert (info.compress_type, info.compress_size, info.CRC) == (
                    was.compress_type,
                    was.compress_size,
                    was.CRC,
                )


def test_in_an_owned_sheet_everything_beside_the_table_stays(book):
    before = part(book, PLAN)
    write_tables(book, {"plan": plan_frame([f"A{i}" for i in range(1, 10)])})
    after = part(book, PLAN)
    # Formulas over the plan are to be calculated again; all others keep their values.
    for stale in ("<f>SUM(tblPlan[order_quantity])</f><v>150</v>", '<f t="array" ref="T2">_xlfn._xlws.SORT('):
        assert stale in before
    before = before.replace(
        "<f>SUM(tblPlan[order_quantity])</f><v>150</v>", '<f ca="1">SUM(tblPlan[order_quantity])</f>'
    )
    before = re.sub('(<f t="array" ref="T2")(.*?</f>)<v>0</v>', r'\1 ca="1"\2', before)
    same_ranges = after.replace("D5:D13", "D5:D9").replace("E5:E13", "E5:E9").replace("G5:G13", "G5:G9")
    assert without_table(same_ranges, "B", "J") == without_table(before, "B", "J")


def test_the_second_of_two_equal_refreshes_changes_nothing(book, tmp_path):
    tables = {"plan": plan_frame(["A3", "A1"]), "orders": orders_frame(3)}
    write_tables(book, tables)
    write_tables(book, tables, output=tmp_path / "again.xlsx")
    assert diff_parts(book, tmp_path / "again.xlsx") == []


def test_only_tables_that_are_given_are_written(book, tmp_path):
    write_tables(book, {"orders": orders_frame(1), "items": orders_frame(1)}, output=tmp_path / "after.xlsx")
    changed = diff_parts(book, tmp_path / "after.xlsx")
    assert PLAN not in changed
    assert ORDERS in changed


def test_the_calculation_chain_goes_only_when_formulas_come_or_go(book, tmp_path):
    same = plan_frame([f"A{i}" for i in range(1, 6)])
    write_tables(book, {"plan": same}, output=tmp_path / "same.xlsx")
    assert diff_parts(book, tmp_path / "same.xlsx") == [PLAN]
    write_tables(book, {"plan": same.head(2)}, output=tmp_path / "fewer.xlsx")
    assert {"xl/calcChain.xml", "[Content_Types].xml", "xl/_rels/workbook.xml.rels"} <= set(
        diff_parts(book, tmp_path / "fewer.xlsx")
    )
    assert "calcChain" not in part(tmp_path / "fewer.xlsx", "[Content_Types].xml")
    assert "calcChain" not in part(tmp_path / "fewer.xlsx", "xl/_rels/workbook.xml.rels")


def test_macros_stay(book, tmp_path):
    macros = bytes(range(256)) * 40
    rewrite_parts(book, added={"xl/vbaProject.bin": macros}, target=tmp_path / "rich.xlsm")
    write_tables(tmp_path / "rich.xlsm", {"plan": plan_frame(["A1"])})
    with zipfile.ZipFile(tmp_path / "rich.xlsm") as archive:
        assert archive.read("xl/vbaProject.bin") == macros


def test_other_libraries_read_what_was_written(book):
    import python_calamine

    write_tables(book, {"plan": plan_frame(["A2", "new"], why="=1+1 <&> \u00fc")})
    cells = cell_texts(book, "Plan")
    assert [cells[address] for address in ("B5", "D5", "F5", "B6", "D6")] == ["A2", 24, "=1+1 <&> \u00fc", "new", 48]
    sheet = (
        python_calamine.CalamineWorkbook.from_path(str(book)).get_sheet_by_name("Plan").to_python(skip_empty_area=False)
    )
    assert sheet[4][1:6] == ["A2", "MAIN", 24.0, 10.5, "=1+1 <&> \u00fc"]
    plan = read_tables(book)["plan"]
    assert plan["order_quantity"].tolist() == [24, 48]
    assert plan["why"].tolist() == ["=1+1 <&> \u00fc"] * 2


def test_a_protected_sheet_is_refreshed_and_stays_protected(book):
    assert "<sheetProtection" in part(book, PLAN)
    before = re.search("<sheetProtection[^>]*>", part(book, PLAN))[0]
    write_tables(book, {"plan": plan_frame(["A1"])})
    assert before in part(book, PLAN)


def test_archives_with_data_descriptors_and_64_bit_headers_are_copied(book, tmp_path):
    class Unseekable:
        def __init__(self, stream):
            self.stream = stream

        def write(self, data):
            return self.stream.write(data)

        def flush(self):
            self.stream.flush()

    streamed = tmp_path / "streamed.xlsx"
    with zipfile.ZipFile(book) as old, streamed.open("wb") as stream, zipfile.ZipFile(Unseekable(stream), "w") as new:
        for info in old.infolist():
            with new.open(info.filename, "w", force_zip64=True) as target:
                target.write(old.read(info))
    write_tables(streamed, {"plan": plan_frame(["A1", "A2"])}, output=tmp_path / "after.xlsx")
    assert set(diff_parts(streamed, tmp_path / "after.xlsx")) <= OWNED
    with zipfile.ZipFile(tmp_path / "after.xlsx") as archive:
        assert archive.testzip() is None
    assert read_tables(tmp_path / "after.xlsx")["plan"]["item"].tolist() == ["A1", "A2"]
