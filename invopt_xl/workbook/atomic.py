"""Files are replaced whole or not at all: a temporary file beside them, synced, then renamed over them."""

from __future__ import annotations

import errno
import os
import platform
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from invopt_xl.errors import FileError

_SUFFIX = ".invopt-tmp"
_NOT_SUPPORTED = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}
"""How a file system says that it cannot sync, as opposed to a disk that fails or is full."""


@contextmanager
def replacing(
    target: Path, before_replace: Callable[[], None] | None = None, private: bool = False
) -> Iterator[IO[bytes]]:
    """Yield a stream whose content becomes the file's content once all is written; else nothing changes.

    Parameters
    ----------
    target
        The file to write or replace. Its mode is kept.
    before_replace
        Called when everything is on the disk; may still refuse.
    private
        Whether it is for its user alone, from the beginning and whatever its mode was.

    Raises
    ------
    FileError
        If the folder or the disk does not take it.
    """
    _remove_stale(target.parent)
    temporary = temporary_beside(target)
    try:
        try:
            with open(temporary, "xb", opener=_for_its_user_alone if private else None) as stream:
                yield stream
                stream.flush()
                _sync(stream)
            if not private:
                _copy_mode(target, temporary)
            if before_replace is not None:
                before_replace()
            temporary.replace(target)
        except BaseException:
            # Ctrl-C too must not leave a temporary file; what was there before is untouched.
            with suppress(OSError):
                temporary.unlink()
            raise
    except OSError as error:
        raise FileError(f"{target.name} cannot be written: {(error.strerror or str(error)).lower()}") from None
    # The file is in its place: whatever fails from here on must not read as if it were not.
    with suppress(OSError):
        _sync_folder(target.parent)


def temporary_beside(target: Path) -> Path:
    """Return a new name beside the file; what a killed process leaves under it is removed by the next writer."""
    return target.parent / f".{target.name[:100]}.{_node()}-{os.getpid()}-{secrets.token_hex(4)}{_SUFFIX}"


def _node() -> str:
    return re.sub(r"[^A-Za-z0-9]", "", platform.node())[:30] or "local"


def _for_its_user_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _sync(stream: IO[bytes]) -> None:
    """Put what was written on the disk, where the file system knows how; some network ones do not."""
    try:
        os.fsync(stream.fileno())
    except OSError as error:
        if error.errno not in _NOT_SUPPORTED:
            raise


def _copy_mode(target: Path, temporary: Path) -> None:
    """Give the new file the mode and owner of the old one; network folders that make modes up refuse both."""
    if not target.exists():
        return
    status = target.stat()
    with suppress(OSError):
        temporary.chmod(status.st_mode & 0o7777)
    if hasattr(os, "chown"):
        with suppress(OSError):
            os.chown(temporary, status.st_uid, status.st_gid)


def _sync_folder(folder: Path) -> None:
    """Put the new name itself on the disk; Windows does so by itself and opens no folders."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove_stale(folder: Path) -> None:
    """Remove what processes of this machine left when they were killed."""
    pattern = re.compile(rf"\..*\.{_node()}-(\d+)-[0-9a-f]{{8}}{re.escape(_SUFFIX)}\Z", re.DOTALL)
    with suppress(OSError):
        for entry in list(folder.iterdir()):
            match = pattern.match(entry.name)
            if match and not _is_alive(int(match[1])):
                with suppress(OSError):
                    entry.unlink()


def _is_alive(process: int) -> bool:
    if process == os.getpid():
        return True
    if os.name == "nt":
        # There a file that is still open cannot be removed, so trying does no harm; signal 0 would end the process.
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
