"""LibreOffice on this computer: where its programs are, and what they are started with."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

_USUAL_PLACES = (
    "/usr/lib/libreoffice/program",
    "/usr/lib64/libreoffice/program",
    "/opt/libreoffice*/program",
    "/Applications/LibreOffice.app/Contents/MacOS",
    "C:/Program Files/LibreOffice/program",
    "C:/Program Files (x86)/LibreOffice/program",
)


def program_folders() -> Iterator[Path]:
    """Yield folders where programs of LibreOffice may be: beside the office, on the path, in the usual places."""
    for name in ("soffice", "libreoffice", "unopkg"):
        found = shutil.which(name)
        if found:
            yield Path(found).resolve().parent
    for place in _USUAL_PLACES:
        anchor = Path(place).anchor
        yield from sorted(Path(anchor).glob(place.removeprefix(anchor)), key=_version, reverse=True)


def _version(folder: Path) -> list[int]:
    """Return the numbers in a name, for 24.8 is newer than 7.6."""
    return [int(digits) for digits in re.findall(r"\d+", str(folder))]


def office_environment() -> dict[str, str]:
    """Return the variables with which to start a program of LibreOffice: none that lead it to a Python of others.

    On Linux its Python looks for its home beside the first ``python3`` of the path. In an activated environment that is
    one it was not built with, and every function of an extension fails.
    """
    found = {name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "PYTHONPATH")}
    if sys.platform != "win32":
        folders = found.get("PATH", os.defpath).split(os.pathsep)
        own = ("/usr/bin", "/bin")
        found["PATH"] = os.pathsep.join(each for each in folders if each in own or not Path(each, "python3").exists())
    return found
