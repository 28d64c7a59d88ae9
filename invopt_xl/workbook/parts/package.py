"""The zip container of a workbook: opened with suspicion, and copied part by part without recompressing."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO

from invopt_xl.errors import FileError

MAXIMUM_PARTS = 10_000
MAXIMUM_PART_BYTES = 1024**3
MAXIMUM_TOTAL_BYTES = 2 * 1024**3
MAXIMUM_RATIO = 250
"""Real sheets shrink to a tenth or, where rows repeat, a fiftieth; deflate itself can reach a thousandth."""
RATIO_COUNTS_FROM = 16 * 1024**2
"""Small parts may shrink as they like: they cannot fill a memory."""

_CHUNK = 1024**2
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_ENCRYPTED, _UTF8_NAME = 0x1, 0x800
_ZIP64_EXTRA = 1


class Package:
    """A workbook's parts.

    Parameters
    ----------
    path
        The file.
    stream
        Its bytes, if they are not to be read from there; closed with the package.

    Raises
    ------
    FileError
        If it is not a whole, plain .xlsx or .xlsm file; the text says what it is instead.
    """

    def __init__(self, path: Path, stream: IO[bytes] | None = None) -> None:
        self.path = path
        self._stream = stream or _open(path)
        try:
            check_signature(self._stream, path)
            self._zip = zipfile.ZipFile(self._stream)
            self._members = self._check_members()
        except zipfile.BadZipFile as error:
            self._stream.close()
            raise FileError(f"{path.name} is damaged or incomplete: {str(error).lower()}") from None
        except BaseException:
            self._stream.close()
            raise
        self._by_lower_name = {info.filename.lower(): info.filename for info in self._members}

    def _check_members(self) -> list[zipfile.ZipInfo]:
        members = self._zip.infolist()
        name = self.path.name
        if len(members) > MAXIMUM_PARTS:
            raise FileError(f"{name} has {len(members)} parts; a workbook has at most {MAXIMUM_PARTS}")
        for info in members:
            _check_member(info, name)
        _check_sizes(members, name)
        self._check_extents(members)
        lower = [info.filename.lower() for info in members]
        if len(set(lower)) < len(lower):
            twice = next(each for each in lower if lower.count(each) > 1)
            raise FileError(f"{name} is damaged: it holds the part {twice} twice")
        _check_kind(set(lower), self._zip, name)
        return members

    def _check_extents(self, members: list[zipfile.ZipInfo]) -> None:
        """Refuse parts that share bytes, the trick behind the worst zip bombs."""
        ordered = sorted(members, key=lambda info: info.header_offset)
        self._ends: dict[str, int] = {}
        for info, following in zip(ordered, [*ordered[1:], None], strict=True):
            end = following.header_offset if following else self._zip.start_dir
            if info.header_offset + _LOCAL.size + info.compress_size > end:
                raise FileError(f"{self.path.name} is damaged: its parts overlap")
            self._ends[info.filename] = end

    def find(self, name: str) -> str | None:
        """Return the part's name as it stands in the file, or None; case does not count."""
        return self._by_lower_name.get(name.lower())

    def read(self, name: str) -> bytes:
        """Return a part's bytes."""
        return b"".join(self.chunks(name))

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield a part's bytes piece by piece.

        Raises
        ------
        FileError
            If the part is missing or damaged, or holds more than it declares.
        """
        found = self.find(name)
        if found is None:
            raise FileError(f"{self.path.name} is damaged: its part {name} is missing")
        size = self._zip.getinfo(found).file_size
        try:
            with self._zip.open(found) as part:
                while piece := part.read(_CHUNK):
                    size -= len(piece)
                    if size < 0:
                        raise FileError(f"{self.path.name} is damaged: its part {name} is larger than it declares")
                    yield piece
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            raise FileError(f"{self.path.name} is damaged: its part {name} cannot be read ({error})") from None
        if size:
            raise FileError(f"{self.path.name} is damaged: its part {name} is incomplete")

    def names(self) -> list[str]:
        """Names of all parts, in the file's order."""
        return [info.filename for info in self._members]

    def save(
        self,
        target: IO[bytes],
        replaced: Mapping[str, bytes],
        dropped: frozenset[str],
        added: Mapping[str, bytes] | None = None,
    ) -> None:
        """Write the package: some parts replaced, some dropped, some added, all others copied compressed as they are.

        Parameters
        ----------
        target
            An empty binary stream.
        replaced
            New bytes of parts, by name.
        dropped
            Names of parts to leave out.
        added
            Bytes of parts that are not there yet, by name; they come last.
        """
        directory: list[bytes] = []
        offset = 0
        for info in self._members:
            if info.filename in dropped:
                continue
            if info.filename in replaced:
                record, length = _write_part(target, info, replaced[info.filename], offset)
            else:
                record = _central_record(info, offset, info.compress_type, info.flag_bits, _sizes(info))
                length = self._copy_raw(target, info)
            directory.append(record)
            offset += length
        for name, data in (added or {}).items():
            record, length = _write_part(target, zipfile.ZipInfo(name), data, offset)
            directory.append(record)
            offset += length
        central = b"".join(directory)
        target.write(central)
        target.write(
            _END.pack(b"PK\x05\x06", 0, 0, len(directory), len(directory), len(central), offset, len(self._zip.comment))
        )
        target.write(self._zip.comment)

    def _copy_raw(self, target: IO[bytes], info: zipfile.ZipInfo) -> int:
        """Copy header, data and descriptor of a part as they are."""
        self._stream.seek(info.header_offset)
        length = left = self._ends[info.filename] - info.header_offset
        while left:
            piece = self._stream.read(min(left, _CHUNK))
            if not piece:
                raise FileError(f"{self.path.name} is damaged: its part {info.filename} is incomplete")
            target.write(piece)
            left -= len(piece)
        return length

    def close(self) -> None:
        """Release the file."""
        self._zip.close()
        self._stream.close()

    def __enter__(self) -> Package:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _open(path: Path) -> IO[bytes]:
    if path.is_dir():
        raise FileError(f"{path.name} is a folder; expected a workbook (.xlsx or .xlsm)")
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise FileError(f"there is no file {path}") from None
    except OSError as error:
        raise FileError(f"{path.name} cannot be read: {error.strerror}") from None


def check_signature(stream: IO[bytes], path: Path) -> None:
    """Refuse, by content, what is not a zip: old and encrypted workbooks are named in words.

    Raises
    ------
    FileError
        If the stream does not begin like a zip.
    """
    start = stream.read(8)
    name = path.name
    if start.startswith(_OLE):
        rest = stream.read(64 * 1024**2)
        if "EncryptedPackage".encode("utf-16-le") in rest:
            raise FileError(f"{name} is encrypted; open it in Excel, remove its password and save it again")
        raise FileError(f"{name} is a workbook in the old .xls format; save it as .xlsx")
    if not start:
        raise FileError(f"{name} is empty; expected a workbook (.xlsx or .xlsm)")
    if not start.startswith(b"PK\x03\x04"):
        raise FileError(f"{name} is not an Excel workbook; save it as .xlsx")
    stream.seek(0)


def _check_kind(names: set[str], archive: zipfile.ZipFile, name: str) -> None:
    if "mimetype" in names and b"opendocument" in archive.open(archive.infolist()[0]).read(200):
        raise FileError(f"{name} is an OpenDocument spreadsheet (.ods); save it as .xlsx")
    if "xl/workbook.bin" in names:
        raise FileError(f"{name} is a binary workbook (.xlsb); save it as .xlsx")
    if "[content_types].xml" not in names:
        raise FileError(f"{name} is a zip file but not an Excel workbook; save it as .xlsx")


def _check_member(info: zipfile.ZipInfo, name: str) -> None:
    part = info.filename
    climbs = part.startswith("/") or "\\" in part or ":" in part or ".." in part.split("/")
    if climbs or part != info.orig_filename:
        raise FileError(f"{name} is damaged: its part {part!r} has a name that leads out of the file")
    if info.flag_bits & _ENCRYPTED:
        raise FileError(f"{name} is encrypted; open it in Excel, remove its password and save it again")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise FileError(f"{name} is compressed in a way Excel does not use; save it again in Excel")


def _check_sizes(members: list[zipfile.ZipInfo], name: str) -> None:
    for info in members:
        inflated = info.file_size > MAXIMUM_RATIO * max(info.compress_size, 1)
        if info.file_size > MAXIMUM_PART_BYTES or (inflated and info.file_size > RATIO_COUNTS_FROM):
            raise FileError(
                f"{name} unpacks {info.filename} from {info.compress_size:,} to {info.file_size:,} bytes; "
                "no workbook does, so it is not opened"
            )
    total = sum(info.file_size for info in members)
    if total > MAXIMUM_TOTAL_BYTES:
        raise FileError(f"{name} unpacks to {total:,} bytes; at most {MAXIMUM_TOTAL_BYTES:,} are opened")


def _sizes(info: zipfile.ZipInfo) -> tuple[int, int, int]:
    return info.CRC, info.compress_size, info.file_size


def _encoded_name(info: zipfile.ZipInfo) -> bytes:
    return info.orig_filename.encode("utf-8" if info.flag_bits & _UTF8_NAME else "cp437")


def _stamp(info: zipfile.ZipInfo) -> tuple[int, int]:
    year, month, day, hour, minute, second = info.date_time
    return hour << 11 | minute << 5 | second // 2, (year - 1980) << 9 | month << 5 | day


def _write_part(target: IO[bytes], info: zipfile.ZipInfo, data: bytes, offset: int) -> tuple[bytes, int]:
    """Write a part anew under its old name and time; return its directory record and its length."""
    compressor = zlib.compressobj(6, zlib.DEFLATED, -15)
    packed = compressor.compress(data) + compressor.flush()
    sizes = (zlib.crc32(data), len(packed), len(data))
    flags = info.flag_bits & _UTF8_NAME
    name = _encoded_name(info)
    header = _LOCAL.pack(b"PK\x03\x04", 20, flags, zipfile.ZIP_DEFLATED, *_stamp(info), *sizes, len(name), 0)
    target.write(header)
    target.write(name)
    target.write(packed)
    record = _central_record(info, offset, zipfile.ZIP_DEFLATED, flags, sizes)
    return record, len(header) + len(name) + len(packed)


def _central_record(info: zipfile.ZipInfo, offset: int, method: int, flags: int, sizes: tuple[int, int, int]) -> bytes:
    name = _encoded_name(info)
    extra = _without_zip64(info.extra)
    fixed = _CENTRAL.pack(
        b"PK\x01\x02",
        info.create_system << 8 | info.create_version,
        info.extract_version,
        flags,
        method,
        *_stamp(info),
        *sizes,
        len(name),
        len(extra),
        len(info.comment),
        0,
        info.internal_attr,
        info.external_attr,
        offset,
    )
    return fixed + name + extra + info.comment


def _without_zip64(extra: bytes) -> bytes:
    """Drop the field of 64-bit sizes: the limits keep every size within 32 bits."""
    kept = b""
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        if kind != _ZIP64_EXTRA:
            kept += extra[: 4 + length]
        extra = extra[4 + length :]
    return kept
