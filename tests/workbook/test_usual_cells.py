"""Cells taken by a regular expression are those that the parser alone finds."""

import datetime
import itertools
import sys

import pytest
from books_of_all_kinds import KINDS
from hypothesis import example, given
from hypothesis import strategies as st
from rich_book import everything_book
from workbook_builders import plan_frame, rich_book

from invopt_xl.errors import FileError
from invopt_xl.workbook import read_tables, write_tables
from invopt_xl.workbook.parts import sheet_reader, sheet_scan
from invopt_xl.workbook.parts.book import ExcelTable
from invopt_xl.workbook.parts.cells import Area, CellDecoder, column_letters
from invopt_xl.workbook.parts.markup import MAIN
from invopt_xl.workbook.parts.no_cycles import no_cycles
from invopt_xl.workbook.parts.usual_cells import FORMATS, usual_cells

TABLE = ExcelTable("tbl", "t.xml", "Sheet", "s.xml", Area(1, 2, 5, 4), 1, 0, ())
DECODER = CellDecoder(["tea", "", "a_x000a_b"], frozenset({"2"}), date1904=False)

attributes = st.sampled_from(
    ["", ' s="1"', ' s="2"', ' t="s"', ' t="n"', ' s="3" t="inlineStr"', ' t="str"', ' t="e"', ' t="b" s="1"', ' t="d"']
)
contents = st.sampled_from(
    [
        "/>",
        "></c>",
        "> </c>",
        "><v>1</v></c>",
        "><v>43101.5</v></c>",
        "><v/></c>",
        "><v></v></c>",
        "><v>2018-01-01</v></c>",
        "><is><t>tea</t></is></c>",
        '><is><t xml:space="preserve"> é\n_x000a_</t></is></c>',
        "><is><r><t>a</t></r><r><t>b</t></r><rPh sb='0' eb='1'><t>guide</t></rPh></is></c>",
        "><is><t>call &amp; ask</t></is></c>",
        "><v><![CDATA[7]]></v></c>",
        "><f>B2*2</f><v>8</v></c>",
        '><f ca="1">B2*2</f></c>',
        '><f t="shared" si="0" ref="B2:B3">C2</f><v>1</v></c>',
        '><f t="shared" si="0"/></c>',
        "><!-- <v>1</v> --><v>2</v></c>",
        "><v>1\r\n2</v></c>",
    ]
)
row_tags = st.sampled_from(["", ' spans="1:4"', ' s="2" customFormat="1"', ' ht="15" x="a&gt;b>c"'])
TEXTS = [b"&", b"&lt;", b"&no;", b"]]>", b"<", b">", b"\xff", b"\xef\xbf\xbf", b"\x01", b"\r", b" "]
TAGS = [b"<row>", b'<row r="2">', b'<row r="2"/>', b"</row>", b'<c r="A1">', b"</c>", b"<v>1</v>", b' s="1"', b"x:"]
OTHERS = [b"<!--", b"-->", b"<![CDATA[", b"<?x y?>", b"<!DOCTYPE x>", b' xmlns="other"']
FOREIGN = b'<row xmlns="other" r="3"><c r="B3"><v>1</v></c></row>'
fragments = st.sampled_from([*TEXTS, *TAGS, *OTHERS, FOREIGN])


@st.composite
def sheets(draw):
    rows = []
    for number in draw(st.lists(st.integers(1, 7), unique=True).map(sorted)):
        columns = draw(st.lists(st.integers(1, 5), unique=True).map(sorted))
        cells = (f'<c r="{column_letters(column)}{number}"{draw(attributes)}{draw(contents)}' for column in columns)
        rows.append(f'<row r="{number}"{draw(row_tags)}>{draw(st.sampled_from(["", " "]))}{"".join(cells)}</row>')
    tail = '<mergeCells><mergeCell ref="F1:G2"/></mergeCells><dataValidation sqref="B2:B5"/>'
    return f'<worksheet xmlns="{MAIN}"><dimension ref="A1"/><sheetData>{"".join(rows)}</sheetData>{tail}</worksheet>'


def scanned(data):
    layout = sheet_scan.scan_sheet(data, "s.xml", [(2, 5)])
    for row in layout.rows.values():
        # Looked at, all cells of both are there to be compared.
        assert row.styles == {cell.column: cell.style for cell in row.cells}
        assert row.has_formula == any(cell.formula for cell in row.cells)
    return layout


def read(data):
    (raw,) = sheet_reader.read_sheet("s.xml", [data], [TABLE], DECODER)
    return repr((raw.headers, raw.rows, raw.numbers))


def outcome(reading, data):
    try:
        return reading(data)
    except FileError:
        return "refused"


def assert_alike(data):
    for reading in (scanned, read):
        quick = outcome(reading, data)
        with pytest.MonkeyPatch.context() as patched:
            for module in (sheet_scan, sheet_reader):
                patched.setattr(module, "without_usual_cells", lambda whole, _take: iter([whole]))
            assert outcome(reading, data) == quick


@given(sheets())
def test_every_way_to_write_a_cell_reads_as_by_the_parser_alone(sheet):
    assert_alike(sheet.encode())


@given(sheets(), st.lists(st.tuples(st.floats(0, 1), fragments), min_size=1, max_size=2))
@example(f'<worksheet xmlns="{MAIN}"><sheetData><row r="2"><c r="B2"><v>1</v></c></row></sheetData></worksheet>', [])
def test_what_is_damaged_is_refused_as_by_the_parser_alone(sheet, damages):
    data = sheet.encode()
    for share, fragment in damages:
        place = int(share * len(data))
        data = data[:place] + fragment + data[place:]
    assert_alike(data)


def test_a_row_as_long_as_a_sheet_is_wide_is_given_up_at_its_first_unusual_cell():
    row = b'<c r="A1"><v>&amp;</v></c>' * 16_384
    assert usual_cells(FORMATS, row, 0, len(row)) is None


def test_nothing_holds_a_sheet_that_was_read_though_nobody_searches_for_circles():
    data = (
        f'<worksheet xmlns="{MAIN}"><sheetData><row r="2"><c r="B2"><v>1</v></c></row></sheetData></worksheet>'.encode()
    )
    with no_cycles():
        held = sys.getrefcount(data)
        read(data)
        scanned(data)
        assert sys.getrefcount(data) == held


BOOKS = (*KINDS, everything_book, rich_book)


@pytest.mark.parametrize("kind", BOOKS, ids=lambda kind: kind.__name__)
def test_books_are_written_and_read_as_by_the_parser_alone(tmp_path, monkeypatch, kind):
    quick, slow = tmp_path / "quick.xlsm", tmp_path / "slow.xlsm"
    kind(quick)
    slow.write_bytes(quick.read_bytes())
    frame = plan_frame(["A3", "A2", "A9"]).assign(next_order_date=datetime.datetime(2018, 1, 8))
    results = []
    for path in (quick, slow):
        write_tables(path, {"plan": frame})
        results.append({stem: repr(table.to_dict()) for stem, table in read_tables(path).items()})
        for module in (sheet_scan, sheet_reader):
            monkeypatch.setattr(module, "without_usual_cells", lambda whole, _take: itertools.repeat(whole, 1))
    assert quick.read_bytes() == slow.read_bytes()
    assert results[0] == results[1]
