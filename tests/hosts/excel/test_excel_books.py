"""Workbooks that carry the functions: whole, unchanged but for that, and read by oletools and LibreOffice."""

import shutil
import subprocess
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pytest
import xlsxwriter
from vba_reader import sources

from invopt_xl.errors import FileError
from invopt_xl.hosts.excel import vba
from invopt_xl.hosts.excel.binding import worksheet_name
from invopt_xl.hosts.excel.example_book import EXAMPLES, Placed, build_example_book
from invopt_xl.hosts.excel.macros import add_functions
from invopt_xl.hosts.excel.values import rows_for_excel
from invopt_xl.sheet import calculate, catalogue

MODULES = {"one": 'Attribute VB_Name = "one"\nFunction Two()\n    Two = 2\nEnd Function\n'}
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture(scope="module")
def example_book(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Placed]]:
    path = tmp_path_factory.mktemp("book") / "examples.xlsm"
    return path, build_example_book(path)


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    path = tmp_path / "plain.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Plan & <more>")
        sheet.write_row(0, 0, ["item", 1.5, True])
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "='Plan & <more>'!$B$1:$B$1"})
        book.add_chartsheet("Picture").set_chart(chart)
        book.add_worksheet("Last").set_tab_color("red")
    return path


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def rewritten(path: Path, part: str, old: str, new: str) -> Path:
    content = parts(path)
    assert old in content[part].decode()
    content[part] = content[part].decode().replace(old, new).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return path


def code_names(path: Path) -> dict[str, str]:
    found = {}
    for name, data in parts(path).items():
        if name == "xl/workbook.xml" or (
            name.startswith(("xl/worksheets/", "xl/chartsheets/")) and name.endswith(".xml")
        ):
            root = ElementTree.fromstring(data)
            element = root.find(f"{MAIN}workbookPr") if name == "xl/workbook.xml" else root.find(f"{MAIN}sheetPr")
            assert element is not None
            found[name] = element.attrib["codeName"]
    return found


def test_a_workbook_gets_modules_and_keeps_every_other_part(plain: Path, tmp_path: Path) -> None:
    target = tmp_path / "with.xlsm"
    add_functions(plain, target, MODULES)
    before, after = parts(plain), parts(target)
    assert set(after) - set(before) == {"xl/vbaProject.bin"}
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {
        "[Content_Types].xml", "xl/_rels/workbook.xml.rels", "xl/workbook.xml", "xl/worksheets/sheet1.xml",
        "xl/worksheets/sheet2.xml", "xl/chartsheets/sheet1.xml",
    }  # fmt: skip
    assert set(sources(target)) == {"ThisWorkbook.cls", "Sheet1.cls", "Sheet2.cls", "Sheet3.cls", "one.bas"}
    assert sources(target)["one.bas"].splitlines() == MODULES["one"].splitlines()


def test_the_workbook_and_each_sheet_name_their_code(plain: Path, tmp_path: Path) -> None:
    target = tmp_path / "with.xlsm"
    add_functions(plain, target, MODULES)
    assert code_names(target) == {
        "xl/workbook.xml": "ThisWorkbook",
        "xl/worksheets/sheet1.xml": "Sheet1",
        "xl/chartsheets/sheet1.xml": "Sheet2",
        "xl/worksheets/sheet2.xml": "Sheet3",
    }


def test_openpyxl_reads_it_as_a_workbook_with_macros(plain: Path, tmp_path: Path) -> None:
    target = tmp_path / "with.xlsm"
    add_functions(plain, target, MODULES)
    book = openpyxl.load_workbook(target, keep_vba=True)
    assert book.vba_archive is not None
    assert [cell.value for cell in book["Plan & <more>"][1]] == ["item", 1.5, True]
    book.vba_archive.close()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('codeName="Sheet9"', 'codeName="tblPlan"', "tblPlan"),
        ('codeName="Sheet9"', 'codeName="План"', "Sheet1"),
        ('codeName="Sheet9"', 'codeName="thisworkbook"', "Sheet1"),
        ('codeName="Sheet9"', 'codeName="ONE"', "Sheet1"),
        ('<sheetPr codeName="Sheet9"/>', '<sheetPr filterMode="1"><pageSetUpPr/></sheetPr>', "Sheet1"),
    ],
)
def test_names_of_code_are_kept_where_vba_can_have_them(
    plain: Path, tmp_path: Path, old: str, new: str, expected: str
) -> None:
    rewritten(plain, "xl/worksheets/sheet1.xml", "<dimension", '<sheetPr codeName="Sheet9"/><dimension')
    rewritten(plain, "xl/worksheets/sheet1.xml", old, new)
    target = tmp_path / "with.xlsm"
    add_functions(plain, target, MODULES)
    assert code_names(target)["xl/worksheets/sheet1.xml"] == expected
    assert f"{expected}.cls" in sources(target)


def test_a_workbook_without_properties_gets_them_where_they_belong(plain: Path, tmp_path: Path) -> None:
    text = parts(plain)["xl/workbook.xml"].decode()
    begin = text.index("<workbookPr")
    rewritten(plain, "xl/workbook.xml", text[begin : text.index("/>", begin) + 2], "")
    target = tmp_path / "with.xlsm"
    add_functions(plain, target, MODULES)
    order = [element.tag.removeprefix(MAIN) for element in ElementTree.fromstring(parts(target)["xl/workbook.xml"])]
    assert order[:3] == ["fileVersion", "workbookPr", "bookViews"]


def test_macros_that_are_there_are_left_alone(plain: Path, tmp_path: Path) -> None:
    target = tmp_path / "with.xlsm"
    add_functions(plain, target, MODULES)
    with pytest.raises(FileError, match="has macros of its own"):
        add_functions(target, tmp_path / "again.xlsm", MODULES)
    assert not (tmp_path / "again.xlsm").exists()


def test_a_name_that_cannot_hold_macros_is_refused(plain: Path, tmp_path: Path) -> None:
    with pytest.raises(FileError, match="expected the ending"):
        add_functions(plain, tmp_path / "with.xlsx", MODULES)


def test_the_example_book_has_each_function_live_with_its_result(example_book: tuple[Path, list[Placed]]) -> None:
    path, placed = example_book
    assert [each.function.name for each in placed] == list(catalogue())
    formulas = openpyxl.load_workbook(path)[EXAMPLES]
    values = openpyxl.load_workbook(path, data_only=True)[EXAMPLES]
    for each in placed:
        cell = formulas.cell(each.row + 1, each.column + 1)
        formula = getattr(cell.value, "text", cell.value)
        assert formula.startswith(f"={worksheet_name(each.function)}("), formula
        if each.function.cost != "live":
            expected = rows_for_excel(calculate(each.function.name, each.function.example).cells)
            assert [[*row] for row in each.shown] == [[*row] for row in expected]
        for down, line in enumerate(each.shown):
            for across, shown in enumerate(line):
                found = values.cell(each.row + 1 + down, each.column + 1 + across).value
                assert ("" if found is None else found) == (pytest.approx(shown) if isinstance(shown, float) else shown)


def test_examples_do_not_overlap(example_book: tuple[Path, list[Placed]]) -> None:
    ends = [each.row + len(each.shown) for each in example_book[1]]
    begins = [each.row for each in example_book[1]]
    assert all(end < begin for end, begin in zip(ends, begins[1:], strict=False))


def test_the_example_book_carries_the_modules(example_book: tuple[Path, list[Placed]]) -> None:
    found = sources(example_book[0])
    for name, text in vba.modules().items():
        assert [line.rstrip() for line in found[f"{name}.bas"].splitlines()] == [
            line.rstrip() for line in text.replace("\r\n", "\n").splitlines()
        ]


@pytest.mark.office
def test_libreoffice_reads_the_modules_as_they_were_written(
    example_book: tuple[Path, list[Placed]], tmp_path: Path
) -> None:
    """It puts two lines before the source, and keeps the attributes to itself."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    assert program, "these tests need LibreOffice (soffice) on the path"
    command = [program, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", "--norestore"]
    command += ["--convert-to", "ods", "--outdir", str(tmp_path), str(example_book[0])]
    for _ in range(2):
        # Exit code 81: the new profile was just made, start again.
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        if done.returncode != 81:
            break
    assert done.returncode == 0, done.stderr
    content = parts(tmp_path / "examples.ods")
    for name, text in vba.modules().items():
        found = "".join(ElementTree.fromstring(content[f"Basic/VBAProject/{name}.xml"]).itertext())
        lines = text.replace("\r\n", "\n").rstrip().split("\n")
        ours = [line.rstrip() for line in lines if not line.startswith("Attribute VB_")]
        assert [line.rstrip() for line in found.rstrip().splitlines()][2:] == ours


def with_our_functions(plain: Path, target: Path) -> Path:
    add_functions(
        plain, target, {**vba.modules(), "invopt_help": vba.modules()["invopt_help"] + "'of an older version\n"}
    )
    return target


def test_functions_that_are_there_are_renewed_and_nothing_else_changes(plain: Path, tmp_path: Path) -> None:
    source = with_our_functions(plain, tmp_path / "plan.xlsm")
    before = parts(source)
    add_functions(source, tmp_path / "again.xlsm", vba.modules())
    assert parts(source) == before
    add_functions(source, source, vba.modules())
    for after in (parts(source), parts(tmp_path / "again.xlsm")):
        assert {name for name in before if before[name] != after[name]} == {"xl/vbaProject.bin"}
        assert list(after) == list(before)
    assert "of an older version" not in "".join(sources(source).values())
    assert set(sources(source)) >= {"xlwings_udfs.bas", "ThisWorkbook.cls", "Sheet3.cls"}


@pytest.mark.parametrize("module", ["mine", "xlwings_udfs", "invopt_help", "invopt_macros", "xlwings"])
def test_a_line_of_somebody_elses_code_keeps_all_macros(plain: Path, tmp_path: Path, module: str) -> None:
    theirs = f'Attribute VB_Name = "{module}"\nSub Mine()\nEnd Sub\n'
    own = vba.modules().get(module, "") if module != "xlwings" else ""
    add_functions(plain, tmp_path / "with.xlsm", {**vba.modules(), module: own + theirs})
    before = (tmp_path / "with.xlsm").read_bytes()
    with pytest.raises(FileError, match=r"has macros of its own, which stay"):
        add_functions(tmp_path / "with.xlsm", tmp_path / "with.xlsm", vba.modules())
    assert (tmp_path / "with.xlsm").read_bytes() == before
