"""Copies of workbooks as they were before they were written, kept for their user alone, so that it can be undone."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from invopt_xl.errors import FileError
from invopt_xl.workbook.atomic import replacing
from invopt_xl.workbook.targets import check_place, refuse_open
from invopt_xl.workbook.writing import back_up

MOST = 10
"""Copies kept of one workbook."""

WRITE_BACK = "write-back"
"""What wrote a table that was made outside a refresh."""

LARGEST = 500_000_000
"""Bytes of all copies together; the oldest go first, and the latest of all stays."""


@dataclass(frozen=True)
class Copy:
    """A workbook as it was before it was written.

    Parameters
    ----------
    path
        Where the copy is.
    when
        Local time of the writing.
    what
        What wrote it, such as ``refresh``.
    after
        Digest of what was written: the workbook can go back while it still is that.
    """

    path: Path
    when: str
    what: str
    after: str

    @property
    def size(self) -> int:
        """Its size in bytes."""
        return self.path.stat().st_size


def folder_of_copies() -> Path:
    """Return where copies are kept; ``INVOPT_UNDO`` names another folder."""
    from platformdirs import user_data_path

    named = os.environ.get("INVOPT_UNDO")
    return Path(named) if named else user_data_path("invopt_xl", appauthor=False) / "undo"


def private_folder(folder: Path) -> Path:
    """Make a folder that its user alone can look into, if it is not there, and return it.

    Raises
    ------
    OSError
        If it cannot be made.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if os.name == "posix" and folder.stat().st_mode & 0o077:
        folder.chmod(0o700)
    return folder


@contextmanager
def kept(book: Path, what: str) -> Iterator[None]:
    """Keep a copy of a workbook that is written within the context; where it cannot be kept, nothing is undone later.

    Parameters
    ----------
    book
        The workbook to be written; nothing is kept where it is not there yet.
    what
        What writes it.
    """
    copy = None
    with suppress(OSError, FileError):
        copy = _copied(book, what)
    try:
        yield
    except BaseException:
        if copy is not None:
            _forget(copy)
        raise
    if copy is not None:
        with suppress(OSError, FileError):
            _note(copy, book)


def _copied(book: Path, what: str) -> Copy | None:
    if not book.is_file():
        return None
    private_folder(folder_of_copies())
    folder = private_folder(_folder(book))
    now = datetime.now()
    path = folder / f"{now:%Y%m%d-%H%M%S-%f}{book.suffix}"
    with book.open("rb") as source, replacing(path, private=True) as stream:
        shutil.copyfileobj(source, stream)
    return Copy(path, now.isoformat(sep=" ", timespec="seconds"), what, "")


def _note(copy: Copy, book: Path) -> None:
    """Note what was written, without which a copy does not count, and let go of the oldest copies."""
    facts = {**asdict(copy), "path": copy.path.name, "book": str(book.resolve()), "after": _digest(book)}
    with replacing(_facts(copy.path), private=True) as stream:
        stream.write(json.dumps(facts).encode())
    for old in copies(book)[MOST:]:
        _forget(old)
    _shrink()


def _shrink() -> None:
    """Let go of the oldest copies of all workbooks that are more than there is room for."""
    there = [path for path in folder_of_copies().glob("*/*") if path.suffix != ".json"]
    room = LARGEST
    for place, path in enumerate(sorted(there, key=lambda each: each.name, reverse=True)):
        room -= path.stat().st_size
        if place and room < 0:
            _forget(Copy(path, "", "", ""))


def copies(book: Path) -> list[Copy]:
    """Return the copies of a workbook, the latest first."""
    found = []
    for facts in _folder(book).glob("*.json"):
        with suppress(OSError, ValueError, KeyError, TypeError):
            told = json.loads(facts.read_text(encoding="utf-8"))
            path = facts.with_name(Path(told["path"]).name)
            if path.is_file() and told["book"] == str(book.resolve()):
                found.append(Copy(path, told["when"], told["what"], told["after"]))
    return sorted(found, key=lambda each: each.path.name, reverse=True)


def can_go_back(book: Path, copy: Copy) -> bool:
    """Tell whether a workbook still is what was written when the copy was kept."""
    try:
        return _digest(book) == copy.after
    except OSError:
        return False


def undo(book: Path, *, force: bool = False) -> tuple[Copy, Path | None]:
    """Put a workbook back as it was before it was last written; that copy is used up, and the one before it comes next.

    Parameters
    ----------
    book
        The workbook.
    force
        Whether it may be put back although it was changed since: what it is now is kept beside it.

    Returns
    -------
    tuple
        The copy that was put back, and the file that holds what was there; None where that is what was undone.

    Raises
    ------
    FileError
        If there is nothing to undo, the workbook was changed since, or it cannot be written.
    """
    found = copies(book)
    if not found:
        raise FileError(f"{book.name} has nothing to undo; what invopt refresh wrote over is kept from now on")
    copy = found[0]
    refuse_open(book)
    check_place(book.absolute())
    changed = book.exists() and not can_go_back(book, copy)
    if changed and not force:
        raise FileError(
            f"{book.name} was changed after the {copy.what} of {copy.when}, and undoing would lose that; --force does "
            "it and keeps the present one beside it"
        )
    saved = back_up(book) if changed else None
    with replacing(book, before_replace=lambda: refuse_open(book)) as stream, copy.path.open("rb") as source:
        shutil.copyfileobj(source, stream)
    _forget(copy)
    return copy, saved


def _folder(book: Path) -> Path:
    """Return where the copies of a workbook are: its name, and a digest of where it is."""
    path = book.resolve()
    return folder_of_copies() / f"{path.stem[:40]}-{hashlib.sha256(os.fsencode(path)).hexdigest()[:16]}"


def _facts(path: Path) -> Path:
    return path.with_suffix(".json")


def _forget(copy: Copy) -> None:
    with suppress(OSError):
        _facts(copy.path).unlink(missing_ok=True)
        copy.path.unlink(missing_ok=True)


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
