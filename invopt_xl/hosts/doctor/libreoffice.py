"""LibreOffice: whether it is there, new enough, and has the extension of this version."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path

from invopt_xl.hosts.calc.install import FILE
from invopt_xl.hosts.calc.program import office_environment, program_folders
from invopt_xl.hosts.doctor.findings import Finding

AREA = "LibreOffice"
OLDEST = (7, 4)
SECONDS = 30
"""For the program to say its version."""

_INSTALL = "run: invopt calc install"
_PLACE = f"uno_packages/cache/uno_packages/*/{FILE}"
"""Where an office keeps the extension, within a profile or what all users share."""


def examine_here() -> Iterator[Finding]:
    """Yield what is found on this computer."""
    yield from examine(program_folders(), _profiles())


def examine(programs: Iterable[Path], profiles: Iterable[Path]) -> Iterator[Finding]:
    """Yield what is found.

    Parameters
    ----------
    programs
        Folders where its programs may be.
    profiles
        Folders where it keeps what users have installed.
    """
    places = (folder / name for folder in programs for name in ("soffice.com", "soffice"))
    program = next((place for place in places if place.is_file()), None)
    if program is None:
        yield Finding(AREA, "ok", "LibreOffice is not found; the functions do without")
        return
    found = _version(program)
    told = f"LibreOffice {'.'.join(map(str, found)) or 'of an unknown version'} in {program.parent}"
    if found and found < OLDEST:
        yield Finding(AREA, "warning", told, f"install {'.'.join(map(str, OLDEST))} or newer for the functions")
        return
    yield Finding(AREA, "ok", told)
    yield _extension(profiles, program.parent.parent / "share")


def _extension(profiles: Iterable[Path], shared: Path) -> Finding:
    found_in = ((place, profile) for profile in (*profiles, shared) for place in profile.glob(_PLACE))
    place, profile = next(found_in, (None, shared))
    if place is None:
        return Finding(AREA, "ok", "the extension is not installed in LibreOffice (invopt calc install)")
    whose = "for all users" if profile == shared else f"in {profile}"
    text = (place / "description.xml").read_text(encoding="utf-8") if place.is_dir() else ""
    found = re.search(r'<version\s+value="([^"]*)"', text)
    own = version("invopt_xl")
    if found and found[1] != own:
        return Finding(AREA, "warning", f"the extension {whose} is of version {found[1]}; this is {own}", _INSTALL)
    return Finding(AREA, "ok", f"the extension is installed {whose}")


def _version(program: Path) -> tuple[int, ...]:
    """Return the version that a program says it is of; nothing where it says none."""
    try:
        done = subprocess.run(  # noqa: S603 - LibreOffice's own program
            [str(program), "--version"], stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
            timeout=SECONDS, check=False, env=office_environment(),
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ()
    found = re.search(r"(\d+)\.(\d+)", done.stdout)
    return (int(found[1]), int(found[2])) if found else ()


def _profiles() -> Iterator[Path]:
    home = Path.home()
    roots = [home / ".config", home / "Library" / "Application Support"]
    if os.environ.get("XDG_CONFIG_HOME"):
        roots.insert(0, Path(os.environ["XDG_CONFIG_HOME"]))
    if sys.platform == "win32" or os.environ.get("APPDATA"):
        roots.insert(0, Path(os.environ.get("APPDATA") or home / "AppData" / "Roaming"))
    yield from (root / folder / "user" for root in roots for folder in ("libreoffice/4", "LibreOffice/4"))
