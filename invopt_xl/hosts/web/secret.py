"""What only this user can know: the path under which their server is met, and files that hold it."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path

from invopt_xl.errors import FileError
from invopt_xl.workbook.atomic import replacing

SECRET = re.compile(r"[A-Za-z0-9_-]{32,200}")
"""24 random bytes, in letters that a path may have."""


def secret_path(say: Callable[[str], None]) -> str:
    """Return the beginning of all paths of this user's server, such as ``/yf3k...``.

    Excel is given it once, in the manifest, so it stays the same; only its user can read the file it is kept in.

    Parameters
    ----------
    say
        Told where the file was not as it should be.

    Raises
    ------
    FileError
        If it cannot be read or written.
    """
    from platformdirs import user_config_path

    file = user_config_path("invopt_xl") / "web-path"
    try:
        kept = _kept(file, say) if file.exists() else ""
    except OSError as error:
        raise FileError(f"{file} cannot be read: {(error.strerror or str(error)).lower()}") from None
    if not kept:
        kept = secrets.token_urlsafe(24)
        write_private(file, kept)
    return f"/{kept}"


def _kept(file: Path, say: Callable[[str], None]) -> str:
    """Return the secret of a file; empty where it holds none."""
    kept = file.read_text(encoding="utf-8", errors="replace").strip()
    if not SECRET.fullmatch(kept):
        say(f"{file} held no secret path and has a new one: Excel needs a new manifest (invopt web manifest)")
        return ""
    if os.name == "posix" and file.stat().st_mode & 0o077:
        file.chmod(0o600)
        say(f"{file} was open to other users and is closed now; if they may have read it, delete it for a new path")
    return kept


def write_private(file: Path, text: str) -> None:
    """Write a file that is for its user alone, in a folder that is made if need be.

    Raises
    ------
    FileError
        If it cannot be written.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise FileError(f"{file.parent} cannot be made: {(error.strerror or str(error)).lower()}") from None
    with replacing(file, private=True) as stream:
        stream.write(text.encode())
