"""Macros and ribbon of a workbook that can be refreshed while it is open."""

from __future__ import annotations

import re
import subprocess
import types
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pytest
import xlsxwriter
from vba_reader import sources
from workbook_builders import rewrite_parts

from invopt_xl.hosts.excel import starting, vba
from invopt_xl.hosts.excel.buttons import BUTTONS, MACROS, RIBBON_LINK, RIBBON_PART, macros_module, ribbon
from invopt_xl.hosts.excel.macros import add_functions
from invopt_xl.hosts.excel.reading_project import is_own

LINKS, TYPES = "_rels/.rels", "[Content_Types].xml"


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    path = tmp_path / "plain.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Plan").write(0, 0, "item")
    return path


@pytest.fixture
def with_buttons(plain: Path) -> Path:
    add_functions(plain, plain.with_suffix(".xlsm"), vba.modules())
    return plain.with_suffix(".xlsm")


def part(path: Path, name: str) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read(name)


def test_every_button_calls_a_macro_that_is_there() -> None:
    root = ElementTree.fromstring(ribbon())
    called = [each.attrib["onAction"] for each in root.iter() if each.tag.endswith("}button")]
    assert called == [f"{button.macro}Pressed" for button in BUTTONS]
    for macro in called:
        assert f"\nSub {macro}(control As IRibbonControl)\n    {macro.removesuffix('Pressed')}\n" in macros_module()


def test_every_macro_asks_for_something_that_can_be_done() -> None:
    asked = re.findall(r'^    StartInvopt "(\w+)"$', macros_module(), re.MULTILINE)
    assert tuple(asked) == starting.DO
    assert re.findall(r"^Sub (\w+)\(\)$", macros_module(), re.MULTILINE) == [button.macro for button in BUTTONS]


def test_a_workbook_gets_the_macros_and_one_tab(with_buttons: Path) -> None:
    assert sources(with_buttons)[f"{MACROS}.bas"].split() == macros_module().split()
    assert part(with_buttons, RIBBON_PART) == ribbon()
    links = [each for each in ElementTree.fromstring(part(with_buttons, LINKS)) if each.attrib["Type"] == RIBBON_LINK]
    assert [link.attrib["Target"] for link in links] == [RIBBON_PART]
    book = openpyxl.load_workbook(with_buttons, keep_vba=True)
    assert book["Plan"]["A1"].value == "item"
    assert book.vba_archive is not None
    book.vba_archive.close()


def test_renewing_keeps_one_tab_and_a_workbook_of_an_older_version_gets_it(with_buttons: Path, plain: Path) -> None:
    before = with_buttons.read_bytes()
    add_functions(with_buttons, with_buttons, vba.modules())
    assert part(with_buttons, LINKS).count(RIBBON_LINK.encode()) == 1
    assert zipfile.ZipFile(with_buttons).namelist() == zipfile.ZipFile(_file(plain, before)).namelist()
    old = {name: text for name, text in vba.modules().items() if name != MACROS}
    add_functions(plain, with_buttons, old)
    assert RIBBON_LINK.encode() not in part(with_buttons, LINKS)
    assert is_own(part(with_buttons, "xl/vbaProject.bin"))
    add_functions(with_buttons, with_buttons, vba.modules())
    assert part(with_buttons, RIBBON_PART) == ribbon()


def _file(beside: Path, content: bytes) -> Path:
    path = beside.with_name("before.xlsm")
    path.write_bytes(content)
    return path


def test_a_tab_that_is_there_already_stays_and_no_other_is_put_beside_it(plain: Path) -> None:
    own = b"<customUI xmlns='http://schemas.microsoft.com/office/2006/01/customui'/>"
    link = f'<Relationship Id="rIdUi" Type="{RIBBON_LINK}" Target="customUI/customUI.xml"/></Relationships>'
    rewrite_parts(
        plain,
        {LINKS: lambda data: data.replace(b"</Relationships>", link.encode())},
        added={"customUI/customUI.xml": own},
    )
    target = plain.with_suffix(".xlsm")
    add_functions(plain, target, vba.modules())
    with zipfile.ZipFile(target) as archive:
        assert RIBBON_PART not in archive.namelist()
        assert archive.read("customUI/customUI.xml") == own


def test_the_kind_of_the_part_is_named_where_the_workbook_names_it_for_no_other(plain: Path) -> None:
    rewrite_parts(plain, {TYPES: lambda data: re.sub(rb'<Default Extension="xml"[^>]*/>', b"", data)})
    target = plain.with_suffix(".xlsm")
    add_functions(plain, target, vba.modules())
    assert f'PartName="/{RIBBON_PART}" ContentType="application/xml"'.encode() in part(target, TYPES)


def test_the_macro_starts_a_process_of_its_own_through_xlwings(
    udfs: types.ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As the VBA does: `XLPy.Call XLPy.Module(...), "start", XLPy.Tuple(...)`."""
    from xlwings import com_server

    started: list[tuple[list[str], dict[str, object]]] = []

    class Process:
        def __init__(self, command: list[str], **how: object) -> None:
            started.append((command, how))

        def wait(self) -> int:
            return 0

    monkeypatch.setattr(subprocess, "Popen", Process)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    # What unwraps a COM object, so that a tuple arrives as one.
    monkeypatch.setattr(com_server.win32com.server.util, "unwrap", lambda value: value)
    server = com_server.XLPython()
    arguments = server.Tuple("refresh", r"C:\Plans\a plan.xlsm", "4711")
    server.Call(server.Module("invopt_xl.hosts.excel.starting"), "start", arguments)
    ((command, how),) = started
    assert command[1:] == ["-m", "invopt_xl.hosts.excel.at_work", "refresh", r"C:\Plans\a plan.xlsm", "4711"]
    assert how["stdin"] == how["stdout"] == subprocess.DEVNULL
    with pytest.raises(ValueError, match="delete is none of refresh, cancel, undo, check"):
        starting.start("delete", "x", "1")
