"""Installing the add-in with LibreOffice's own tool, into a profile of the test's own."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from office import Office
from service_process import serving, settings

from invopt_xl.errors import InvoptError
from invopt_xl.hosts.calc import install as module
from invopt_xl.hosts.calc import program as places

SHARED = ["--shared"] * (sys.platform != "win32" and os.geteuid() == 0)
"""For root, LibreOffice installs for all users alone."""


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Lead LibreOffice's profile, and what is installed for all users, into a folder."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("UNO_SHARED_PACKAGES_CACHE", (tmp_path / "shared").as_uri())
    return tmp_path


def invopt(*arguments, **variables):
    command = [sys.executable, "-m", "invopt_xl", "calc", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **variables}, check=False)


@pytest.mark.office
def test_the_add_in_is_installed_replaced_and_removed(home):
    found = settings(home)
    with serving(found):
        for _ in range(2):
            done = invopt("install", *SHARED, INVOPT_SERVICE=found.address)
            assert done.returncode == 0, done.stderr
            assert "installed for" in done.stdout
        with Office(home / "libreoffice" / "4", INVOPT_WAIT="60", INVOPT_CACHE=str(home / "cache")) as office:
            sheet = office.do("open")
            office.do("put", sheet, {"A1": "=INVOPT.EOQ(1200;50;3)"})
            assert office.do("read", sheet, "A1") == [[200.0]]
    removed, again = invopt("uninstall", *SHARED), invopt("uninstall", *SHARED)
    assert (removed.returncode, again.returncode) == (0, 0), removed.stderr + again.stderr
    assert "removed for" in removed.stdout
    assert "not installed; nothing to do" in again.stdout
    with Office(home / "libreoffice" / "4") as office:
        sheet = office.do("open")
        office.do("put", sheet, {"A1": "=INVOPT.EOQ(1200;50;3)"})
        assert office.do("read", sheet, "A1") == [["#NAME?"]]


def test_only_the_file_is_written_where_that_is_asked(tmp_path):
    done = invopt("install", "--output", str(tmp_path / "functions.oxt"))
    assert done.returncode == 0, done.stderr
    assert "open it in LibreOffice, then start that again" in done.stdout
    with zipfile.ZipFile(tmp_path / "functions.oxt") as archive:
        assert sys.executable in archive.read("pythonpath/invopt_calc/settings.json").decode()


def test_a_wrong_name_is_refused_in_one_line(tmp_path):
    done = invopt("install", "--output", str(tmp_path / "functions.zip"))
    assert done.returncode == 2
    assert done.stderr.startswith("invopt: functions.zip is no name of an extension")
    assert done.stderr.count("\n") == 1


def test_a_misused_command_names_its_own_help():
    done = invopt("install", "--bold")
    assert done.returncode == 2
    assert "invopt calc install --help" in done.stderr


def test_a_missing_libreoffice_is_said_with_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(places, "_USUAL_PLACES", (str(tmp_path / "office*"),))
    with pytest.raises(InvoptError, match=r"LibreOffice is not found.*--output invopt_xl\.oxt"):
        module.extension_tool()


def test_the_newest_libreoffice_is_found_in_the_usual_places(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    for number in ("7.4", "24.8", "7.6"):
        folder = tmp_path / f"office{number}" / "program"
        folder.mkdir(parents=True)
        (folder / "unopkg").write_text("")
    folder = tmp_path / "office24.8" / "program"
    monkeypatch.setattr(places, "_USUAL_PLACES", (str(tmp_path / "office*" / "program"),))
    assert module.extension_tool() == folder / "unopkg"


def tool_that_says(folder, monkeypatch, text):
    for name in ("soffice", "unopkg"):
        program = folder / name
        program.write_text(f"#!{shutil.which('sh')}\necho '{text}' >&2\nexit 1\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.parametrize(
    ("printed", "told"),
    [
        ("ERROR: unopkg cannot be started. The lock file says it is already running.", "LibreOffice is open; close it"),
        ("ERROR: Exception occurred: There is no space at x.cxx:1", "LibreOffice refused: There is no space"),
        ("", "LibreOffice refused: it says nothing"),
    ],
)
def test_what_the_tool_says_is_put_into_words(tmp_path, monkeypatch, printed, told):
    tool_that_says(tmp_path, monkeypatch, printed)
    with pytest.raises(InvoptError, match=told):
        module.install(settings(Path(tmp_path)), lambda step: None, shared=True)


def test_for_root_nothing_is_installed_for_all_users_unasked(tmp_path, monkeypatch):
    tool_that_says(tmp_path, monkeypatch, "")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    for do in (lambda: module.install(settings(tmp_path), print), lambda: module.uninstall(print)):
        with pytest.raises(InvoptError, match="for all users of this computer alone: --shared does that"):
            do()
