"""The worksheet functions put into a workbook, so that it needs no 'Import Functions' and no xlwings add-in."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from invopt_xl.errors import FileError
from invopt_xl.hosts.excel.buttons import MACROS, RIBBON_LINK, RIBBON_PART, ribbon
from invopt_xl.hosts.excel.project import Kind, project
from invopt_xl.hosts.excel.reading_project import is_own
from invopt_xl.workbook.atomic import replacing
from invopt_xl.workbook.parts.book import Book
from invopt_xl.workbook.parts.markup import (
    Edit,
    element_end,
    main,
    new_parser,
    parse,
    quoted,
    set_attributes,
    splice,
    tag_end,
    tag_name,
)
from invopt_xl.workbook.parts.package import Package
from invopt_xl.workbook.targets import check_place, refuse_open

_PROJECT_PART = "xl/vbaProject.bin"
_LINKS_PART = "_rels/.rels"
_PROJECT_LINK = "http://schemas.microsoft.com/office/2006/relationships/vbaProject"
_PROJECT_TYPE = "application/vnd.ms-office.vbaProject"
_PLAIN_TYPE = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_MACRO_TYPE = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_IDENTIFIER = re.compile("[A-Za-z][A-Za-z0-9_]{0,30}")
_KINDS: dict[str, Kind] = {f"{_DOCUMENT}/worksheet": "sheet", f"{_DOCUMENT}/chartsheet": "chart"}


def check_book(target: Path, source: Path | None, force: bool) -> None:
    """Say in one line why a workbook with the functions cannot be written, before any work is done.

    Parameters
    ----------
    target
        The workbook to write.
    source
        The workbook it is made from; None where it is made anew.
    force
        Whether another file that is there may be written over.

    Raises
    ------
    FileError
        If the target is another file that is there already, has another ending, or cannot be written.
    """
    if target.suffix.lower() != ".xlsm":
        raise FileError(f"{target.name} cannot hold macros; expected the ending .xlsm")
    if target.exists() and not force and not (source is not None and source.exists() and source.samefile(target)):
        raise FileError(
            f"{target.name} is there already; name another file. --force writes over it, and --from {target.name} "
            "keeps what it holds and renews its functions"
        )
    refuse_open(target)
    check_place(target.absolute())


def add_functions(source: Path, target: Path, modules: dict[str, str]) -> None:
    """Write a copy of a workbook that carries VBA modules; all else stays as it is.

    Parameters
    ----------
    source
        A workbook without macros, or with none but those of the functions, which are replaced.
    target
        The workbook to write, ending in .xlsm; it may be the source.
    modules
        Source texts by name.

    Raises
    ------
    FileError
        If the source has other macros or is no whole workbook, or the target cannot be written.
    """
    check_book(target, source, force=True)
    # The source is closed before it is replaced: Windows replaces no open file.
    with replacing(target) as stream, Package(source) as package:
        _refuse_other_macros(package)
        parts = _Parts(Book(package), tuple(modules))
        parts.name_all()
        made, changed = {_PROJECT_PART: project(parts.kinds, modules)}, dict(parts.changed)
        if MACROS in modules and not _has_ribbon(package):
            made[RIBBON_PART] = ribbon()
            changed[_LINKS_PART] = _with_link(package.read(_LINKS_PART), RIBBON_LINK, RIBBON_PART)
        there = package.find(_PROJECT_PART)
        if there is not None:
            changed[there] = made.pop(_PROJECT_PART)
        else:
            changed |= {
                "[Content_Types].xml": _with_types(package.read("[Content_Types].xml"), source),
                parts.links_part: _with_link(package.read(parts.links_part), _PROJECT_LINK, "vbaProject.bin"),
            }
        if RIBBON_PART in made:
            types = changed.get("[Content_Types].xml", package.read("[Content_Types].xml"))
            changed["[Content_Types].xml"] = _with_ribbon_type(types)
        if not made:
            package.save(stream, changed, frozenset())
            return
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in package.names():
                _write(archive, name, changed[name] if name in changed else package.read(name))
            for name, content in made.items():
                _write(archive, name, content)


def _write(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    """Write a part under a fixed time, so that the same workbook is the same file."""
    part = zipfile.ZipInfo(name)
    part.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(part, content)


def _refuse_other_macros(package: Package) -> None:
    there = package.find(_PROJECT_PART)
    signed = any(name.lower().startswith("xl/vbaprojectsignature") for name in package.names())
    if there is not None and (signed or not is_own(package.read(there))):
        what = "signed macros" if signed else "macros of its own"
        raise FileError(f"{package.path.name} has {what}, which stay; add the functions in Excel (invopt excel vba)")


@dataclass
class _Parts:
    """The parts of a workbook that have code behind them, and the names of that code."""

    book: Book
    reserved: tuple[str, ...]
    kinds: dict[str, Kind] = field(default_factory=dict)
    changed: dict[str, bytes] = field(default_factory=dict)

    @property
    def links_part(self) -> str:
        """The stored name of the part that has the workbook's links."""
        folder, _, name = self.book.part.rpartition("/")
        return self._stored(f"{folder}/_rels/{name}.rels")

    def name_all(self) -> None:
        """Give the workbook and each sheet a name for their code, unless they have one."""
        self._name(self.book.part, "workbookPr", "workbook", ["ThisWorkbook"])
        for part, kind in self._sheets():
            self._name(part, "sheetPr", kind, [f"Sheet{number}" for number in range(1, len(self.kinds) + 2)])

    def _sheets(self) -> list[tuple[str, Kind]]:
        links = self.book.relationships(self.book.part)
        found: list[tuple[str, Kind]] = []

        def start(name: str, attributes: dict[str, str]) -> None:
            link = links.get(attributes.get(f"{_DOCUMENT} id", "")) if name == main("sheet") else None
            if link is not None and link.kind in _KINDS:
                found.append((link.target, _KINDS[link.kind]))

        self.book.each_element(self.book.part, start)
        return found

    def _name(self, part: str, element: str, kind: Kind, choices: list[str]) -> None:
        stored = self._stored(part)
        data = self.book.package.read(stored)
        named = _Named.of(data, element, part)
        taken = {name.lower() for name in (*self.kinds, *self.reserved)}
        kept = named.name if _IDENTIFIER.fullmatch(named.name) and named.name.lower() not in taken else ""
        name = kept or next(each for each in choices if each.lower() not in taken)
        if not kept:
            self.changed[stored] = named.with_name(data, name)
        self.kinds[name] = kind

    def _stored(self, part: str) -> str:
        found = self.book.package.find(part)
        if found is None:
            raise FileError(f"{self.book.package.path.name} is damaged: its part {part} is missing")
        return found


@dataclass
class _Named:
    """Where in a part the name of its code stands, or is to stand."""

    element: str
    name: str = ""
    tag: int = -1
    after: int = -1
    prefix: str = ""

    @classmethod
    def of(cls, data: bytes, element: str, part: str) -> _Named:
        found = cls(element)
        parser = new_parser(part)
        opened: list[int] = []

        def start(name: str, attributes: dict[str, str]) -> None:
            opened.append(tag_end(data, parser.CurrentByteIndex))
            if len(opened) == 1:
                found.after = opened[0]
                found.prefix = tag_name(data[parser.CurrentByteIndex : opened[0]]).decode().rpartition(":")[0]
            elif len(opened) == 2 and name == main(element):
                found.tag, found.name = parser.CurrentByteIndex, attributes.get("codeName", "")

        def end(name: str) -> None:
            tag = opened.pop()
            if len(opened) == 1 and name in (main("fileVersion"), main("fileSharing")):
                found.after = element_end(data, tag, parser.CurrentByteIndex)

        parser.StartElementHandler, parser.EndElementHandler = start, end
        parse(parser, [data], part)
        return found

    def with_name(self, data: bytes, name: str) -> bytes:
        """Return the part with a name for its code."""
        if self.tag >= 0:
            end = tag_end(data, self.tag)
            return splice(data, [Edit(self.tag, end, set_attributes(data[self.tag : end], {"codeName": name}))])
        qualified = f"{self.prefix}:{self.element}" if self.prefix else self.element
        return splice(data, [Edit(self.after, self.after, f'<{qualified} codeName="{name}"/>'.encode())])


def _with_types(data: bytes, source: Path) -> bytes:
    if _PLAIN_TYPE not in data:
        raise FileError(f"{source.name} is not a plain workbook; expected one saved as .xlsx")
    return _before_end(
        data.replace(_PLAIN_TYPE, _MACRO_TYPE),
        "Override",
        {"PartName": f"/{_PROJECT_PART}", "ContentType": _PROJECT_TYPE},
    )


def _with_ribbon_type(types: bytes) -> bytes:
    """Return the list of types with that of the ribbon, where it is not that of all parts ending so."""
    if re.search(rb"""Extension\s*=\s*["']xml["']""", types, re.IGNORECASE):
        return types
    return _before_end(types, "Override", {"PartName": f"/{RIBBON_PART}", "ContentType": "application/xml"})


def _has_ribbon(package: Package) -> bool:
    """Tell whether the workbook has a tab of its own, ours or another; it can have one alone."""
    return RIBBON_LINK.encode() in package.read(_LINKS_PART)


def _with_link(data: bytes, kind: str, target: str) -> bytes:
    numbers = (f"rIdInvopt{number}" for number in range(len(data)))
    identifier = next(each for each in numbers if f'"{each}"'.encode() not in data)
    return _before_end(data, "Relationship", {"Id": identifier, "Type": kind, "Target": target})


def _before_end(data: bytes, element: str, attributes: dict[str, str]) -> bytes:
    """Return a list of elements with one more at its end."""
    begin = data.rindex(b"</")
    prefix = data[begin + 2 : data.index(b">", begin)].decode().rpartition(":")[0]
    qualified = f"{prefix}:{element}" if prefix else element
    written = "".join(f" {name}={quoted(value).decode()}" for name, value in attributes.items())
    return splice(data, [Edit(begin, begin, f"<{qualified}{written}/>".encode())])
