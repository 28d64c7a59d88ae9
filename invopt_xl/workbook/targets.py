"""Refuse early: whatever would make the writing fail at the end is found before any work is done."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from invopt_xl.errors import FileError
from invopt_xl.workbook.atomic import temporary_beside
from invopt_xl.workbook.book import Book
from invopt_xl.workbook.package import Package

_MACROS = (".xlsm", ".xltm")
_PLAIN = (".xlsx", ".xltx")


def check_target(path: Path, output: Path | None = None) -> Path:
    """Return the file a refresh of a workbook will write, or say in one line why it cannot be.

    Parameters
    ----------
    path
        The workbook to read.
    output
        The workbook to write; by default the same.

    Raises
    ------
    FileError
        If the workbook is not a whole .xlsx or .xlsm file, or the target is open in Excel or LibreOffice, is a
        folder, has another kind of name, or cannot be written where it is to stand.
    """
    path = Path(path)
    target = Path(output) if output is not None else path
    if output is not None and target.is_dir():
        raise FileError(f"{target.name or target} is a folder; expected the name of a workbook to write")
    with Package(path) as package:
        has_macros = package.find("xl/vbaProject.bin") is not None
        assert_readable(Book(package))
    target = target.resolve()
    _check_suffix(target, path, has_macros=has_macros)
    refuse_open(target)
    _check_folder(target)
    return target


def assert_readable(book: Book) -> None:
    """Read the small parts, so that damage in them is found now."""
    _ = book.tables, book.date_styles


def _check_suffix(target: Path, path: Path, *, has_macros: bool) -> None:
    suffix = target.suffix.lower()
    if suffix not in (*_MACROS, *_PLAIN):
        raise FileError(f"{target.name} does not end like a workbook; expected {path.suffix.lower() or '.xlsx'}")
    source = path.suffix.lower()
    if has_macros and suffix not in _MACROS:
        raise FileError(f"{target.name} cannot hold the macros of {path.name}; expected the ending .xlsm")
    if suffix in _MACROS and source in _PLAIN:
        raise FileError(f"{target.name} is to be a copy of {path.name}, which has no macros; expected the ending .xlsx")


def refuse_open(target: Path) -> None:
    """Refuse a workbook that Excel or LibreOffice holds open: their lock files stand beside it.

    Raises
    ------
    FileError
        If one of the lock files is there.
    """
    excel = target.with_name(f"~${target.name}")
    office = target.with_name(f".~lock.{target.name}#")
    for lock, program, owner in ((excel, "Excel", _excel_owner), (office, "LibreOffice", _office_owner)):
        if lock.exists():
            who = owner(lock)
            by = f" by {who}" if who else ""
            raise FileError(
                f"{target.name} is open in {program}{by}; close it first (or delete {lock.name} if {program} crashed)"
            )


def _excel_owner(lock: Path) -> str:
    """Return the name in Excel's owner file: a length, then the name."""
    with suppress(OSError):
        content = lock.read_bytes()[:55]
        if content:
            return _one_line(content[1 : 1 + content[0]].decode("cp1252", errors="ignore"))
    return ""


def _office_owner(lock: Path) -> str:
    with suppress(OSError):
        fields = lock.read_bytes()[:500].decode("utf-8", errors="ignore").split(",")
        return _one_line(fields[0] or (fields[1] if len(fields) > 1 else ""))
    return ""


def _one_line(text: str) -> str:
    return "".join(character for character in text if character.isprintable()).strip()


def _check_folder(target: Path) -> None:
    folder = target.parent
    if not folder.is_dir():
        raise FileError(f"there is no folder {folder} to write {target.name} to")
    if target.exists() and not os.access(target, os.W_OK):
        raise FileError(f"{target.name} is read-only; allow writing to it or name another --output")
    probe = temporary_beside(target)
    try:
        probe.open("xb").close()
        probe.unlink()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise FileError(f"folder {folder} cannot be written to ({reason}); name another --output") from None
