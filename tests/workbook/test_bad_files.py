"""Files that are not what they should be are refused in one line before any work is done."""

import errno
import os
import struct
import zipfile
from pathlib import Path

import pytest
from workbook_builders import items_book, rewrite_parts, table_book

from invopt_xl.errors import FileError
from invopt_xl.workbook import check_target, read_tables, write_tables
from invopt_xl.workbook.parts import package as package_module

SHEET, WORKBOOK, TYPES = "xl/worksheets/sheet1.xml", "xl/workbook.xml", "[Content_Types].xml"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.fixture
def book(tmp_path):
    return items_book(tmp_path / "book.xlsx")


def refused(path, message):
    """Reading, checking and writing say the same in one line, and leave the folder as it was."""
    before = sorted(path.parent.iterdir())
    for attempt in (read_tables, check_target, lambda each: write_tables(each, {})):
        with pytest.raises(FileError, match=message) as caught:
            attempt(path)
        assert "\n" not in str(caught.value)
    assert sorted(path.parent.iterdir()) == before


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.xlsx", b"", "a.xlsx is empty"),
        ("a.xlsx", b"item,date\nA,1\n", "a.xlsx is not an Excel workbook; save it as .xlsx"),
        ("a.csv", b"item,date\nA,1\n", "a.csv is not an Excel workbook"),
        ("a.xls", OLE + b"\0" * 600, "old .xls format; save it as .xlsx"),
        ("a.xlsx", OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "a.xlsx is encrypted; open it in Excel"),
        ("a.xlsx", b"PK\x03\x04 and nothing more", "a.xlsx is damaged or incomplete"),
        ("a.xlsx", b"PK\x05\x06" + b"\0" * 18, "a.xlsx is not an Excel workbook"),
    ],
)
def test_what_is_no_workbook_is_named_by_its_content(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    refused(tmp_path / name, message)


def test_a_missing_file_is_named(tmp_path):
    refused(tmp_path / "no.xlsx", "there is no file .*no.xlsx")
    with pytest.raises(FileError, match=r"there is no file or folder .*nowhere"):
        read_tables(tmp_path / "nowhere")


def test_a_folder_without_tables_is_no_workbook(tmp_path):
    with pytest.raises(FileError, match="is a folder; expected a workbook"):
        check_target(tmp_path)
    with pytest.raises(FileError, match=r"holds no table; expected at least items.csv, demand.csv"):
        read_tables(tmp_path)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_refused(book, share):
    content = book.read_bytes()
    book.write_bytes(content[: int(len(content) * share)])
    refused(book, "book.xlsx is damaged or incomplete")


def test_a_flipped_byte_in_a_part_is_found(book):
    with zipfile.ZipFile(book) as archive:
        info = archive.getinfo(WORKBOOK)
    content = bytearray(book.read_bytes())
    content[info.header_offset + 30 + len(WORKBOOK) + 20] ^= 0xFF
    book.write_bytes(content)
    refused(book, "book.xlsx is damaged|workbook is damaged")


def zip_of(path, parts):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (
            {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<x/>"},
            r"\(.ods\); save it as",
        ),
        ({TYPES: "<x/>", "xl/workbook.bin": b"\0"}, r"a binary workbook \(.xlsb\); save it as .xlsx"),
        ({"readme.txt": "hello"}, "a zip file but not an Excel workbook"),
        ({TYPES: "<x/>", "word/document.xml": "<x/>"}, "is not an Excel workbook"),
    ],
)
def test_other_zip_files_are_named(tmp_path, parts, message):
    refused(zip_of(tmp_path / "a.xlsx", parts), message)


def test_strict_workbooks_are_refused_in_words(book):
    old, new = b"http://schemas.openxmlformats.org/officeDocument/2006/", b"http://purl.oclc.org/ooxml/officeDocument/"
    rewrite_parts(book, {"_rels/.rels": lambda content: content.replace(old, new)})
    refused(book, "is a Strict Open XML workbook; save it as 'Excel Workbook")


def test_a_strict_workbook_part_is_refused_in_words(book):
    old, new = (
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    )
    rewrite_parts(book, {WORKBOOK: lambda content: content.replace(old, new)})
    refused(book, "Strict Open XML")


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize("part", [WORKBOOK, "xl/tables/table1.xml", "xl/styles.xml", "_rels/.rels"])
def test_document_types_and_entities_are_refused(book, part):
    rewrite_parts(book, {part: lambda content: content.replace(b"?>", b"?>" + BOMB, 1)})
    refused(book, "declares a document type or entities")


@pytest.mark.parametrize("part", [SHEET, "xl/sharedStrings.xml"])
def test_entities_in_what_is_read_later_are_refused_too(book, part):
    rewrite_parts(book, {part: lambda content: content.replace(b"?>", b"?>" + BOMB, 1)})
    with pytest.raises(FileError, match="declares a document type or entities"):
        read_tables(book)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda content: content[:-40], "not well-formed XML"),
        (lambda content: content.decode().replace("UTF-8", "UTF-16").encode("utf-16"), "written in UTF-16"),
        (lambda content: content.replace(b'"UTF-8"', b'"ISO-8859-1"'), "written in ISO-8859-1"),
        (lambda content: content.replace(b'ref="B3:E4"', b'ref="B3:nonsense"'), "is not a cell range"),
        (lambda content: content.replace(b'ref="B3:E4"', b'ref="B3:F4"'), "names 4 columns over B3:F4"),
        (lambda content: content.replace(b'ref="B3:E4"', b'ref="B3:E9999999"'), "lies outside a sheet"),
    ],
)
def test_a_damaged_table_part_is_refused(book, change, message):
    rewrite_parts(book, {"xl/tables/table1.xml": change})
    refused(book, message)


def test_a_missing_part_is_named(book):
    with zipfile.ZipFile(book) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if name != "xl/tables/table1.xml"}
    refused(zip_of(book, parts), "its part xl/tables/table1.xml is missing")


@pytest.mark.parametrize("name", ["../evil.xml", "/etc/passwd", "xl\\..\\x.xml", "C:evil.xml", "xl/../../x"])
def test_names_that_lead_out_of_the_file_are_refused(book, name):
    rewrite_parts(book, added={name: b"x"})
    refused(book, "has a name that leads out of the file")


def test_a_part_that_is_there_twice_is_refused(book):
    with zipfile.ZipFile(book, "a") as archive:
        archive.writestr("xl/Styles.xml", b"other")
    refused(book, "holds the part xl/styles.xml twice")


def test_a_zip_bomb_is_refused_without_unpacking_it(book):
    rewrite_parts(book, added={"xl/media/bomb.bin": b"\0" * 40_000_000})
    refused(book, r"unpacks xl/media/bomb.bin from [0-9,]+ to 40,000,000 bytes")


def test_too_many_parts_are_refused(book, monkeypatch):
    monkeypatch.setattr(package_module, "MAXIMUM_PARTS", 5)
    refused(book, "has [0-9]+ parts; a workbook has at most 5")


def test_too_large_a_whole_is_refused(book, monkeypatch):
    monkeypatch.setattr(package_module, "MAXIMUM_TOTAL_BYTES", 1000)
    refused(book, "unpacks to [0-9,]+ bytes; at most 1,000")


def test_parts_that_share_their_bytes_are_refused(book):
    content = bytearray(book.read_bytes())
    with zipfile.ZipFile(book) as archive:
        first, second = archive.infolist()[:2]
        start = archive.start_dir
    # Let the second entry of the directory point at the first part.
    position = start + 46 + len(first.filename)
    assert content[position : position + 4] == b"PK\x01\x02"
    struct.pack_into("<L", content, position + 42, first.header_offset)
    book.write_bytes(content)
    assert second.header_offset > 0
    refused(book, "damaged")


def test_a_part_larger_than_it_declares_is_refused(book):
    content = bytearray(book.read_bytes())
    with zipfile.ZipFile(book) as archive:
        start = archive.start_dir
        for info in archive.infolist():
            if info.filename == WORKBOOK:
                struct.pack_into("<L", content, start + 24, 100)
            start += 46 + len(info.filename) + len(info.extra)
    book.write_bytes(content)
    refused(book, "damaged")


def test_a_workbook_open_in_excel_is_refused_with_its_user(book, tmp_path):
    lock = tmp_path / "~$book.xlsx"
    lock.write_bytes(bytes([5]) + b"Mia B" + b" " * 49)
    with pytest.raises(FileError, match=r"book.xlsx is open in Excel by Mia B; close it first"):
        check_target(book)
    with pytest.raises(FileError, match="open in Excel"):
        write_tables(book, {})
    assert check_target(book, tmp_path / "other.xlsx") == tmp_path / "other.xlsx"
    with pytest.raises(FileError, match="open in Excel"):
        check_target(items_book(tmp_path / "source.xlsx"), book)


def test_a_workbook_open_in_libreoffice_is_refused(book, tmp_path):
    (tmp_path / ".~lock.book.xlsx#").write_text(",mia,desk,01.01.2018 10:00,file:///x;")
    with pytest.raises(FileError, match=r"book.xlsx is open in LibreOffice by mia"):
        check_target(book)


def test_a_workbook_opened_while_the_refresh_ran_is_not_replaced(book, tmp_path, monkeypatch):
    before = book.read_bytes()
    original = os.fsync

    def open_meanwhile(handle):
        (tmp_path / "~$book.xlsx").write_bytes(b"")
        original(handle)

    monkeypatch.setattr(os, "fsync", open_meanwhile)
    with pytest.raises(FileError, match="open in Excel"):
        write_tables(book, {})
    assert book.read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {"book.xlsx", "~$book.xlsx"}


def test_outputs_that_cannot_be_are_refused(book, tmp_path):
    (tmp_path / "folder.xlsx").mkdir()
    for output, message in {
        "folder.xlsx": "folder.xlsx is a folder",
        "nowhere/book.xlsx": "there is no folder .*nowhere",
        "book.csv": "book.csv does not end like a workbook; expected .xlsx",
        "book.xlsm": "which has no macros; expected the ending .xlsx",
    }.items():
        with pytest.raises(FileError, match=message):
            check_target(book, tmp_path / output)


def test_macros_are_not_put_into_a_file_that_cannot_hold_them(book, tmp_path):
    macros = rewrite_parts(book, added={"xl/vbaProject.bin": b"x"}, target=tmp_path / "m.xlsm")
    with pytest.raises(FileError, match=r"cannot hold the macros of m.xlsm; expected the ending .xlsm"):
        check_target(macros, tmp_path / "m.xlsx")
    assert check_target(macros) == macros


def test_a_read_only_folder_is_refused_before_any_work(book, monkeypatch):
    original = Path.open

    def refuse(self, mode="r", *args, **kwargs):
        if "x" in mode:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(self))
        return original(self, mode, *args, **kwargs)

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(
        FileError, match=r"cannot be written to \(read-only file system\); name another place to write to"
    ):
        check_target(book)


def test_a_read_only_file_is_refused(book, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: not (mode == os.W_OK and Path(path) == book))
    with pytest.raises(FileError, match=r"book.xlsx is read-only"):
        check_target(book)


def test_a_link_is_followed_so_that_it_stays_a_link(book, tmp_path):
    link = tmp_path / "link.xlsx"
    link.symlink_to(book)
    assert check_target(link) == book
    write_tables(link, {})
    assert link.is_symlink()


def test_rows_out_of_order_are_damage(tmp_path):
    book = table_book(tmp_path / "b.xlsx", [("K", (0, 0), "tblKpis", ["name", "value"], [("a", 1)])])
    rewrite_parts(book, {SHEET: lambda content: content.replace(b"</sheetData>", b'<row r="1"/></sheetData>')})
    import pandas as pd

    with pytest.raises(FileError, match="are not in order"):
        write_tables(book, {"kpis": pd.DataFrame({"name": ["x"]})})
