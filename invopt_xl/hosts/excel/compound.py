"""A compound file ([MS-CFB], version 3): streams in a folder tree, as Office keeps a VBA project."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

SECTOR, SMALL_SECTOR, CUTOFF = 512, 64, 4096
"""Bytes of a sector, of a sector for small streams, and from which size on a stream is not small."""

_END, _FREE, _TABLE, _NONE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 0xFFFFFFFF
_IN_HEADER = 109
_STORAGE, _STREAM, _ROOT = 1, 2, 5
_RED, _BLACK = 0, 1


@dataclass
class _Entry:
    name: str
    kind: int
    data: bytes = b""
    children: list[_Entry] = field(default_factory=list)
    number: int = 0
    left: int = _NONE
    right: int = _NONE
    child: int = _NONE
    colour: int = _BLACK
    start: int = _END

    @property
    def rank(self) -> tuple[int, str]:
        """Shorter names first, then by upper case letters."""
        return len(self.name), self.name.upper()

    def packed(self) -> bytes:
        name = self.name.encode("utf-16-le")
        links = struct.pack("<BBIII", self.kind, self.colour, self.left, self.right, self.child)
        rest = struct.pack("<16xIQQIQ", 0, 0, 0, self.start, len(self.data))
        return name.ljust(64, b"\0") + struct.pack("<H", len(name) + 2) + links + rest


@dataclass
class _Chains:
    """Sectors, and which follows which."""

    size: int
    data: bytearray = field(default_factory=bytearray)
    following: list[int] = field(default_factory=list)

    def add(self, data: bytes) -> int:
        """Store a stream; return its first sector."""
        count = -(-len(data) // self.size)
        if not count:
            return _END
        first = len(self.following)
        self.following += [*range(first + 1, first + count), _END]
        self.data += data.ljust(count * self.size, b"\0")
        return first


def compound_file(streams: Mapping[str, bytes]) -> bytes:
    """Return the compound file that holds streams.

    Parameters
    ----------
    streams
        By path, such as ``VBA/dir``.
    """
    entries = _entries(streams)
    large, small = _Chains(SECTOR), _Chains(SMALL_SECTOR)
    for entry in entries:
        if entry.kind == _STREAM:
            entry.start = (small if len(entry.data) < CUTOFF else large).add(entry.data)
    entries[0].data = bytes(small.data)
    entries[0].start = large.add(entries[0].data)
    small_table = large.add(_numbers(small.following))
    directory = large.add(_filled(b"".join(entry.packed() for entry in entries)))
    table = _table(large)
    small_sectors = -(-len(small.following) * 4 // SECTOR)
    return _header(len(table), directory, small_table, small_sectors, large) + bytes(large.data) + b"".join(table)


def _entries(streams: Mapping[str, bytes]) -> list[_Entry]:
    """Return root, folders and streams, linked; the root is the first."""
    root = _Entry("Root Entry", _ROOT)
    folders = {"": root}
    for path, data in streams.items():
        folder, _, name = path.rpartition("/")
        if folder not in folders:
            folders[folder] = _Entry(folder, _STORAGE)
            root.children.append(folders[folder])
        folders[folder].children.append(_Entry(name, _STREAM, data))
    entries = [root, *(child for folder in folders.values() for child in folder.children)]
    for number, entry in enumerate(entries):
        entry.number = number
    for folder_entry in folders.values():
        members = sorted(folder_entry.children, key=lambda entry: entry.rank)
        folder_entry.child = _linked(members, len(members).bit_length() - 1)
        for member in members:
            if member.number == folder_entry.child:
                member.colour = _BLACK
    return entries


def _linked(members: list[_Entry], levels: int) -> int:
    """Link entries to a balanced tree, black but for its last level, and return the number of its top."""
    if not members:
        return _NONE
    middle = len(members) // 2
    top = members[middle]
    top.left = _linked(members[:middle], levels - 1)
    top.right = _linked(members[middle + 1 :], levels - 1)
    top.colour = _RED if levels == 0 and len(members) == 1 else _BLACK
    return top.number


def _filled(directory: bytes) -> bytes:
    """Return the directory with unused entries up to the end of its last sector."""
    unused = _Entry("", 0, start=0).packed()
    unused = unused[:64] + b"\0\0" + unused[66:]
    return directory + unused * (-len(directory) % SECTOR // len(unused))


def _table(large: _Chains) -> list[bytes]:
    """Return the sectors of the allocation table, which counts itself too."""
    count = 0
    while count * SECTOR // 4 < len(large.following) + count:
        count += 1
    if count > _IN_HEADER:
        raise ValueError("the streams are too large for a plain compound file")
    packed = _numbers(large.following + [_TABLE] * count).ljust(count * SECTOR, b"\xff")
    return [packed[begin : begin + SECTOR] for begin in range(0, len(packed), SECTOR)]


def _numbers(numbers: list[int]) -> bytes:
    """Return 32-bit numbers, free ones up to the end of the last sector."""
    packed = struct.pack(f"<{len(numbers)}I", *numbers)
    return packed + b"\xff" * (-len(packed) % SECTOR)


def _header(tables: int, directory: int, small_table: int, small_sectors: int, large: _Chains) -> bytes:
    first = len(large.following)
    places = list(range(first, first + tables)) + [_FREE] * (_IN_HEADER - tables)
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(16)
        + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
        + struct.pack("<IIIII", 0, tables, directory, 0, CUTOFF)
        + struct.pack("<IIII", small_table, small_sectors, _END, 0)
        + struct.pack(f"<{_IN_HEADER}I", *places)
    )
