"""A VBA project read back ([MS-CFB], [MS-OVBA]): what its modules hold, and whether all of them are our own."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from invopt_xl.hosts.excel.buttons import BUTTONS, MACROS
from invopt_xl.hosts.excel.compression import unpacked
from invopt_xl.hosts.excel.vba import FUNCTIONS_MODULE, HELP, PROJECT, WRAPPERS, XLWINGS

_LAST = 0xFFFFFFFA
"""Numbers from here on are no sectors."""

_STREAM = 2
_FOLDERS = (1, 5)
_ENTRY = 128
_VERSION, _CODE_PAGE = 0x09, 0x03
_NAME, _PLACE, _BEGIN, _PLAIN, _END = 0x47, 0x32, 0x31, 0x21, 0x2B
_OWN_PROCEDURES = {
    WRAPPERS: r"INVOPT_\w+",
    HELP: r"Auto_Open|Describe(Plain)?|Help\w+",
    MACROS: rf"StartInvopt|({'|'.join(button.macro for button in BUTTONS)})(Pressed)?",
}
_PROCEDURE = re.compile(r"^\s*(?:Public |Private |Friend )?(?:Static )?(?:Sub|Function|Property \w+)\s+(\w+)", re.M)


class UnknownProjectError(Exception):
    """The bytes are no VBA project, or one of a kind that is not read here."""


@dataclass(frozen=True)
class Source:
    """A module as it stands in a project.

    Parameters
    ----------
    name
        Its name.
    plain
        Whether it is a module, rather than what is behind a sheet, a form or a class.
    text
        Its source.
    """

    name: str
    plain: bool
    text: str


def is_own(project: bytes) -> bool:
    """Return whether a project has our modules and no line of code besides, so that nothing is lost without it.

    Parameters
    ----------
    project
        The bytes of ``vbaProject.bin``.
    """
    try:
        streams = streams_of(project)
        found = sources_of(streams)
    except UnknownProjectError:
        return False
    # A form has a folder of its own.
    folders = {path.rpartition("/")[0] for path in streams}
    return folders <= {"", "VBA"} and any(each.plain for each in found) and all(map(_is_own, found))


def _is_own(module: Source) -> bool:
    if not module.plain:
        lines = (line.strip() for line in module.text.splitlines())
        return all(not line or line.startswith(("Attribute ", "Option ", "'")) for line in lines)
    if module.name == XLWINGS:
        return f'PROJECT_NAME As String = "{PROJECT}"' in module.text
    named = _OWN_PROCEDURES.get(module.name, "")
    procedures = _PROCEDURE.findall(module.text)
    mark = f'CallUDF("{FUNCTIONS_MODULE}"' if module.name == WRAPPERS else "made by invopt"
    return bool(named) and mark in module.text and all(re.fullmatch(named, each) for each in procedures)


def sources_of(streams: dict[str, bytes]) -> list[Source]:
    """Return the modules of a project.

    Parameters
    ----------
    streams
        Of its compound file, by path.

    Raises
    ------
    UnknownProjectError
        If it has no modules that can be read.
    """
    try:
        return list(_sources(streams))
    except (struct.error, IndexError, KeyError, ValueError, LookupError) as error:
        raise UnknownProjectError from error


def _sources(streams: dict[str, bytes]) -> Iterator[Source]:
    encoding, found = "cp1252", dict[int, bytes]()
    for kind, data in _records(unpacked(streams["VBA/dir"])):
        found[kind] = data
        if kind == _CODE_PAGE:
            encoding = f"cp{int.from_bytes(data, 'little')}"
        elif kind == _END:
            content = streams[f"VBA/{found[_PLACE].decode('utf-16-le')}"]
            text = unpacked(content[int.from_bytes(found[_BEGIN], "little") :]).decode(encoding, errors="replace")
            yield Source(found[_NAME].decode("utf-16-le"), _PLAIN in found, text)
            found = {}


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    place = 0
    while place + 6 <= len(data):
        kind, size = struct.unpack_from("<HI", data, place)
        # The size of the version does not count its last part.
        size += 2 * (kind == _VERSION)
        yield kind, data[place + 6 : place + 6 + size]
        place += 6 + size


def streams_of(file: bytes) -> dict[str, bytes]:
    """Return the streams of a compound file, by path such as ``VBA/dir``.

    Raises
    ------
    UnknownProjectError
        If it is none, or damaged.
    """
    try:
        return _Compound(file).streams()
    except (struct.error, IndexError, ValueError) as error:
        raise UnknownProjectError from error


class _Compound:
    """A compound file as it is read."""

    def __init__(self, file: bytes) -> None:
        if not file.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
            raise UnknownProjectError
        self._file = file
        shift, small_shift = struct.unpack_from("<HH", file, 30)
        self._size, self._small = 1 << shift, 1 << small_shift
        directory, _, self._cutoff, small_table, _, more, _ = struct.unpack_from("<IIIIIII", file, 48)
        self._table = self._numbers(b"".join(map(self._sector, self._table_sectors(more))))
        self._entries = self._chain(directory)
        self._small_table = self._numbers(self._chain(small_table))
        self._small_sectors = self._chain(*self._extent(0))

    def _table_sectors(self, more: int) -> list[int]:
        found = list(struct.unpack_from("<109I", self._file, 76))
        while more < _LAST and len(found) * self._size < len(self._file) * 2:
            *listed, more = self._numbers(self._sector(more))
            found += listed
        return [each for each in found if each < _LAST]

    def _sector(self, number: int) -> bytes:
        begin = (number + 1) * self._size
        return self._file[begin : begin + self._size]

    @staticmethod
    def _numbers(data: bytes) -> tuple[int, ...]:
        return struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4])

    def _chain(self, first: int, size: int | None = None) -> bytes:
        return b"".join(map(self._sector, _followed(self._table, first)))[:size]

    def _extent(self, entry: int) -> tuple[int, int]:
        start, size = struct.unpack_from("<II", self._entries, entry * _ENTRY + 116)
        return start, size

    def streams(self) -> dict[str, bytes]:
        """Return all streams by path."""
        (top,) = struct.unpack_from("<I", self._entries, 76)
        return dict(self._below(top, "", set()))

    def _below(self, entry: int, folder: str, seen: set[int]) -> Iterator[tuple[str, bytes]]:
        """Yield the streams of a folder: its entries are a tree."""
        if entry >= _LAST:
            return
        if entry in seen:
            raise UnknownProjectError
        seen.add(entry)
        raw = self._entries[entry * _ENTRY : (entry + 1) * _ENTRY]
        length, kind = struct.unpack_from("<HB", raw, 64)
        left, right, child = struct.unpack_from("<III", raw, 68)
        path = folder + raw[: max(length - 2, 0)].decode("utf-16-le")
        if kind == _STREAM:
            yield path, self._content(entry)
        elif kind in _FOLDERS:
            yield from self._below(child, f"{path}/", seen)
        for other in (left, right):
            yield from self._below(other, folder, seen)

    def _content(self, entry: int) -> bytes:
        start, size = self._extent(entry)
        if size >= self._cutoff:
            return self._chain(start, size)
        places = (number * self._small for number in _followed(self._small_table, start))
        return b"".join(self._small_sectors[place : place + self._small] for place in places)[:size]


def _followed(table: tuple[int, ...], first: int) -> Iterator[int]:
    """Yield the sectors of a chain."""
    for _ in range(len(table) + 1):
        if first >= _LAST:
            return
        yield first
        first = table[first]
    raise UnknownProjectError
