"""Refuse early: whatever would make the writing fail at the end is found before any work is done."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Literal

from invopt_xl.errors import FileError
from invopt_xl.plan import columns
from invopt_xl.plan.keys import require_key
from invopt_xl.workbook.atomic import temporary_beside
from invopt_xl.workbook.parts.book import Book
from invopt_xl.workbook.parts.package import Package
from invopt_xl.workbook.reading import header_names

_MACROS = (".xlsm", ".xltm")
_PLAIN = (".xlsx", ".xltx")

Suffix = Literal["csv", "parquet"]


def check_target(path: Path, output: Path | None = None, *, results: bool = True) -> Path:
    """Return the file a refresh of a workbook will write, or say in one line why it cannot be.

    Parameters
    ----------
    path
        The workbook to read.
    output
        The workbook to write; by default the same.
    results
        Whether it must take the results of a refresh; not where it gets another table.

    Raises
    ------
    FileError
        If the workbook is not a whole .xlsx or .xlsm file, or the target is open in Excel or LibreOffice, is a
        folder, has another kind of name, or cannot be written where it is to stand; or the workbook has no table
        for results.
    InputError
        If a table for results lacks a column that tells its rows apart.
    """
    path = Path(path)
    target = Path(output) if output is not None else path
    if output is not None and target.is_dir():
        raise FileError(f"{target.name or target} is a folder; expected the name of a workbook to write")
    with Package(path) as package:
        has_macros = package.find("xl/vbaProject.bin") is not None
        book = Book(package)
        assert_readable(book)
    target = target.resolve()
    _check_suffix(target, path, has_macros=has_macros)
    refuse_open(target)
    check_place(target)
    if results:
        _check_results(book)
    return target


def results_held(path: Path) -> frozenset[str]:
    """Return the stems of the tables for results that a workbook holds.

    Raises
    ------
    FileError
        If it cannot be read.
    """
    with Package(path) as package:
        names = {table.name.lower() for table in Book(package).tables}
    return frozenset(table.stem for table in columns.OUTPUTS if table.name.lower() in names)


def assert_readable(book: Book) -> None:
    """Read the small parts, so that damage in them is found now."""
    _ = book.tables, book.date_styles


def _check_results(book: Book) -> None:
    """Refuse a workbook that takes no results, or in whose tables the planner's columns could follow no row."""
    by_name = {table.name.lower(): table for table in columns.OUTPUTS}
    contracts = [(by_name.get(table.name.lower()), table) for table in book.tables]
    known = [(contract, table) for contract, table in contracts if contract is not None]
    if not known and _computes_by_itself(book.package.path):
        raise FileError(
            f"{book.package.path.name} needs no refresh, nothing was done: it holds no table of a plan, and its cell "
            "functions compute as you type"
        )
    if not known:
        raise FileError(
            f"{book.package.path.name} holds no table for results; expected at least {columns.PLAN.name} with the "
            f"columns {', '.join(columns.PLAN.key)}, ..."
        )
    for contract, table in known:
        headers = header_names([column.name for column in table.columns], contract, f"'{table.sheet}'!{table.area}")
        require_key(contract, headers)


def _computes_by_itself(path: Path) -> bool:
    """Return whether a workbook without a plan holds cell functions, as the calculator does."""
    with Package(path) as package:
        return any(b"INVOPT" in package.read(part) for part in Book(package).sheets.values())


def check_folder(folder: Path, stems: Iterable[str], suffix: Suffix) -> None:
    """Say in one line why tables cannot be written into a folder, before any work is done.

    Parameters
    ----------
    folder
        Where they are to stand; made when they are written.
    stems
        The tables.
    suffix
        Their kind of file.

    Raises
    ------
    FileError
        If it is not a folder, cannot be made or written to, holds one of the tables in a file of another name, or
        one of the files is read-only or open in Excel or LibreOffice.
    """
    folder = Path(folder)
    if not folder.is_dir():
        if folder.exists():
            raise FileError(f"{folder} is a file; expected a folder to write to")
        if not folder.absolute().parent.is_dir():
            raise FileError(f"folder {folder} cannot be made: there is no folder {folder.parent}")
        _probe(folder.absolute().parent)
        return
    try:
        there = sorted(file for file in folder.iterdir() if file.suffix.lower() in (".csv", ".parquet"))
    except OSError as error:
        raise FileError(f"folder {folder} cannot be read: {(error.strerror or str(error)).lower()}") from None
    for stem in stems:
        target = folder / f"{stem}.{suffix}"
        for file in there:
            if file.stem.lower() == stem and not (target.exists() and target.samefile(file)):
                raise FileError(f"{folder.name} holds {file.name} already; remove it before {target.name} is written")
        refuse_open(target)
        _refuse_read_only(target)
    _probe(folder)


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


def check_place(target: Path) -> None:
    """Say in one line why a file cannot be written where it is to stand.

    Raises
    ------
    FileError
        If there is no such folder, it takes no files, or the file there is read-only.
    """
    folder = target.parent
    if not folder.is_dir():
        raise FileError(f"there is no folder {folder} to write {target.name} to")
    _refuse_read_only(target)
    _probe(folder)


def _refuse_read_only(target: Path) -> None:
    if target.exists() and not os.access(target, os.W_OK):
        raise FileError(f"{target.name} is read-only; allow writing to it or name another file to write")


def _probe(folder: Path) -> None:
    """Try whether a file can be made in a folder."""
    probe = temporary_beside(folder / "probe")
    try:
        probe.open("xb").close()
        probe.unlink()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise FileError(f"folder {folder} cannot be written to ({reason}); name another place to write to") from None
