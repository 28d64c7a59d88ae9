"""Installing the extension: LibreOffice's own tool is found and told, and what it says is put into words."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from invopt_xl.errors import FileError, InvoptError
from invopt_xl.hosts.calc.extension import extension
from invopt_xl.hosts.calc.markup import IDENTIFIER
from invopt_xl.hosts.calc.program import office_environment, program_folders
from invopt_xl.hosts.service.client import Settings

FILE = "invopt_xl.oxt"
_SHARED = ("--shared",)
_AGAIN = "if LibreOffice is open, close it and open it again"

SECONDS = 180
"""An office that makes its profile first takes a few; one that waits for an answer would wait for ever."""

Say = Callable[[str], None]


def write_extension(file: Path, settings: Settings) -> None:
    """Write the extension to a file.

    Raises
    ------
    FileError
        If it cannot be written.
    """
    if file.suffix.lower() != ".oxt":
        raise FileError(f"{file.name} is no name of an extension; expected one that ends in .oxt, such as {FILE}")
    try:
        file.write_bytes(extension(settings))
    except OSError as error:
        raise FileError(f"{file} cannot be written: {error.strerror or error}") from None


def install(settings: Settings, say: Say, *, shared: bool = False) -> None:
    """Install the extension for this user, or for all, in place of an older one.

    Parameters
    ----------
    settings
        What the extension starts, and where it meets it.
    say
        Told of each step.
    shared
        Whether it is for all users.

    Raises
    ------
    InvoptError
        If LibreOffice is not found, or does not take the extension.
    """
    program = extension_tool()
    _refuse_root(shared)
    say(f"LibreOffice is in {program.parent}")
    with tempfile.TemporaryDirectory(prefix="invopt") as folder:
        file = Path(folder) / FILE
        write_extension(file, settings)
        say(f"the extension is made; it starts {settings.command[0]}")
        _run(program, "add", *_SHARED * shared, "--force", "--suppress-license", str(file))
    say(f"installed for {'all users of this computer' if shared else 'you'}; {_AGAIN}")


def uninstall(say: Say, *, shared: bool = False) -> None:
    """Remove the extension; nothing is done where there is none.

    Raises
    ------
    InvoptError
        If LibreOffice is not found, or does not let go of it.
    """
    program = extension_tool()
    _refuse_root(shared)
    say(f"LibreOffice is in {program.parent}")
    if IDENTIFIER not in _run(program, "list", *_SHARED * shared):
        say("the extension is not installed; nothing to do")
        return
    _run(program, "remove", *_SHARED * shared, IDENTIFIER)
    say(f"removed for {'all users of this computer' if shared else 'you'}; {_AGAIN}")


def extension_tool() -> Path:
    """Return LibreOffice's program for extensions, ``unopkg``.

    Raises
    ------
    InvoptError
        If there is none.
    """
    names = ("unopkg.com", "unopkg.exe") if sys.platform == "win32" else ("unopkg", "unopkg.bin")
    for folder in program_folders():
        for name in names:
            if (folder / name).is_file():
                return folder / name
    raise InvoptError(
        "LibreOffice is not found: no unopkg on the path or in the usual places; install LibreOffice 7.4 or newer, or "
        f"write the file with --output {FILE} and open it in LibreOffice"
    )


def _refuse_root(shared: bool) -> None:
    """Refuse to do for root alone what LibreOffice would do for all users."""
    if sys.platform != "win32" and os.geteuid() == 0 and not shared:
        raise InvoptError(
            "for root, LibreOffice installs for all users of this computer alone: --shared does that; otherwise "
            f"work as another user, or write the file with --output {FILE} and open it in LibreOffice"
        )


def _run(program: Path, action: str, *arguments: str) -> str:
    """Return what the program prints."""
    command = [str(program), action, *arguments]
    try:
        done = subprocess.run(  # noqa: S603 - LibreOffice's own program, with our own arguments
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=SECONDS,
            check=False, env=office_environment(),
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise InvoptError(f"LibreOffice did not answer in {SECONDS} s; close it and try again") from None
    except OSError as error:
        raise InvoptError(f"{program} cannot be started: {error.strerror or error}") from None
    if done.returncode:
        raise InvoptError(_in_words(done.stdout + done.stderr))
    return done.stdout


def _in_words(printed: str) -> str:
    if "lock file" in printed or "already running" in printed:
        return "LibreOffice is open; close it and try again"
    errors = (line.partition(":")[2] for line in printed.splitlines() if line.startswith("ERROR"))
    told = next(errors, "it says nothing").replace("Exception occurred:", "").strip()
    return f"LibreOffice refused: {told[:200]}"
