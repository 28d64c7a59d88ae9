"""In which parts two workbooks differ."""

from __future__ import annotations

import zlib
from pathlib import Path

from invopt_xl.workbook.parts.package import Package


def diff_parts(before: Path, after: Path) -> list[str]:
    """Return the names of the parts whose bytes differ or which only one of two workbooks holds, sorted.

    Raises
    ------
    FileError
        If one of them is no workbook.
    """
    with Package(before) as first, Package(after) as second:
        names = sorted({*first.names(), *second.names()})
        return [name for name in names if _checksum(first, name) != _checksum(second, name)]


def _checksum(package: Package, name: str) -> tuple[int, int] | None:
    if name not in package.names():
        return None
    checksum = length = 0
    for piece in package.chunks(name):
        checksum = zlib.crc32(piece, checksum)
        length += len(piece)
    return checksum, length
