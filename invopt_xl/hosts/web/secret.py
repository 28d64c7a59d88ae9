"""What only this user can know: the path under which their server is met, and files that hold it."""

from __future__ import annotations

import secrets
from pathlib import Path

from invopt_xl.errors import FileError
from invopt_xl.workbook.atomic import replacing


def secret_path() -> str:
    """Return the beginning of all paths of this user's server, such as ``/yf3k...``.

    Excel is given it once, in the manifest, so it stays the same; only its user can read the file it is kept in.
    """
    from platformdirs import user_config_path

    file = user_config_path("invopt_xl") / "web-path"
    if not file.exists():
        write_private(file, secrets.token_urlsafe(24))
    return f"/{file.read_text(encoding='utf-8').strip()}"


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
