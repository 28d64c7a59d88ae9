"""The doctor finds what is wrong, says what to do, and works where nothing is installed."""

import json
import os
import signal
import sqlite3
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from invopt_xl.hosts.cli.app import app
from invopt_xl.hosts.doctor import Finding, examine, libreoffice, python, service
from invopt_xl.hosts.doctor.excel import Excel, examine_here
from invopt_xl.hosts.doctor.findings import guarded
from invopt_xl.hosts.excel.configuration import Place
from invopt_xl.hosts.excel.installing import carry_out, installation
from invopt_xl.hosts.service.client import Client
from invopt_xl.hosts.service.settings import default_settings

SECURITY = r"Software\Microsoft\Office\16.0\Excel\Security"
POLICY = r"Software\Policies\Microsoft\Office\16.0\Excel\Security"
RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def _own_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INVOPT_SERVICE", str(tmp_path / "service.sock"))
    monkeypatch.setenv("INVOPT_CACHE", str(tmp_path / "cache"))


def worst(findings: Iterator[Finding] | list[Finding]) -> str:
    return max((each.status for each in findings), key=["ok", "warning", "problem"].index)


class Computer:
    """A computer with Excel, as far as can be asked."""

    def __init__(self, folder: Path) -> None:
        program = folder / "python" / "python.exe"
        program.parent.mkdir(parents=True)
        program.touch()
        (program.parent / f"xlwings64-{version('xlwings')}.dll").touch()
        self.place = Place(folder, folder / "XLSTART", program)
        self.values: dict[tuple[str, str, str], int | str] = {
            ("HKCR", r"Excel.Application\CurVer", ""): "Excel.Application.16"
        }

    def installed(self) -> "Computer":
        list(carry_out(installation(self.place, addin=True)))
        return self

    def findings(self) -> list[Finding]:
        excel = Excel(self.place, lambda *name: self.values.get(name), self.place.interpreter.parent)
        return list(excel.examine())


@pytest.fixture
def computer(tmp_path: Path) -> Computer:
    return Computer(tmp_path)


def told(findings: list[Finding], part: str) -> Finding:
    (found,) = [each for each in findings if part in each.text]
    return found


def test_nothing_is_wrong_after_installing(computer: Computer) -> None:
    findings = computer.installed().findings()
    assert worst(findings) == "ok", findings
    assert told(findings, "workbooks use").text.endswith("python.exe")


def test_before_installing_it_says_what_to_run(computer: Computer) -> None:
    assert told(computer.findings(), "no settings").advice == "run: invopt excel install"


def test_a_python_that_is_gone_is_a_problem(computer: Computer) -> None:
    computer.installed()
    computer.place.interpreter.unlink()
    found = told(computer.findings(), "which is not there")
    assert (found.status, found.advice) == ("problem", "run: invopt excel install")


def test_another_python_is_a_warning(computer: Computer, tmp_path: Path) -> None:
    computer.installed()
    other = tmp_path / "other" / "python.exe"
    other.parent.mkdir()
    other.touch()
    computer.place.own.write_text(f'"INTERPRETER_WIN","{other}"\n')
    assert told(computer.findings(), "another Python").status == "warning"


def test_a_library_of_another_xlwings_is_a_problem(computer: Computer) -> None:
    (library,) = computer.place.interpreter.parent.glob("*.dll")
    library.rename(library.with_name("xlwings64-0.1.dll"))
    assert told(computer.installed().findings(), "is not beside Python").status == "problem"


@pytest.mark.parametrize(
    ("key", "level", "status", "advice"),
    [
        (SECURITY, 1, "ok", ""),
        (SECURITY, 2, "ok", ""),
        (SECURITY, 3, "warning", "Trust Center"),
        (SECURITY, 4, "problem", "Trust Center"),
        (POLICY, 4, "problem", "administrator"),
    ],
)
def test_macro_settings_are_weighed(computer: Computer, key: str, level: int, status: str, advice: str) -> None:
    computer.values["HKCU", key, "VBAWarnings"] = level
    found = next(each for each in computer.installed().findings() if "macros" in each.text)
    assert found.status == status
    assert advice in found.advice


def test_macros_made_with_another_xlwings_are_a_warning(computer: Computer) -> None:
    own = computer.installed().place.own
    own.write_text(own.read_text().replace(version("xlwings"), "0.33.1"))
    (found,) = (each for each in computer.findings() if "when invopt excel install ran" in each.text)
    assert (found.status, "renew each workbook" in found.advice) == ("warning", True)


def test_blocked_files_from_the_internet_are_told(computer: Computer) -> None:
    computer.values["HKCU", POLICY, "blockcontentexecutionfrominternet"] = 1
    assert "Unblock" in told(computer.installed().findings(), "from the internet").advice


def test_without_excel_it_says_so(computer: Computer) -> None:
    computer.values.clear()
    assert told(computer.findings(), "Excel is not found").status == "warning"


def test_an_addin_that_does_not_know_the_functions_is_a_warning(computer: Computer) -> None:
    computer.installed()
    computer.place.shared.write_text('"UDF MODULES","mine"\n')
    assert told(computer.findings(), "does not know").status == "warning"


def test_off_windows_there_is_nothing_to_check() -> None:
    assert [each.status for each in examine_here()] == ["ok"]


def test_this_python_and_its_packages_are_well() -> None:
    assert worst([*python.interpreter(), *python.packages(), *python.extras()]) == "ok"


def test_a_missing_and_an_old_package_are_problems(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = ["numpy>=99", "no-such-package<3,>=2", 'matplotlib>=999; extra == "plots"']
    monkeypatch.setattr(python, "requires", lambda _: wanted)
    findings = list(python.packages())
    assert [each.status for each in findings] == ["problem", "problem"]
    assert [each.advice for each in findings] == [
        'python -m pip install "numpy>=99"',
        'python -m pip install "no-such-package<3,>=2"',
    ]


numbers = st.lists(st.integers(0, 30), min_size=1, max_size=4).map(lambda parts: ".".join(map(str, parts)))


@given(numbers, numbers)
def test_versions_are_compared_as_numbers(left: str, right: str) -> None:
    as_padded = [[*map(int, each.split("."))] + [0] * (4 - len(each.split("."))) for each in (left, right)]
    assert python.within(left, f">={right}") == (as_padded[0] >= as_padded[1])
    assert python.within(left, f"<{right}") == (as_padded[0] < as_padded[1])
    assert python.within(left, f"!={right}") != python.within(left, f"=={right}")


def office(folder: Path, number: str) -> Path:
    program = folder / "program" / "soffice"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho LibreOffice {number}.2 40\n")
    program.chmod(0o755)
    return program.parent


def extension(profile: Path, number: str) -> Path:
    place = profile / "uno_packages" / "cache" / "uno_packages" / "lu1.tmp_" / libreoffice.FILE
    place.mkdir(parents=True)
    (place / "description.xml").write_text(f'<description><version value="{number}"/></description>')
    return profile


@pytest.mark.parametrize(("number", "status"), [("7.3", "warning"), ("7.4", "ok"), ("24.2", "ok")])
def test_libreoffice_has_to_be_new_enough(tmp_path: Path, number: str, status: str) -> None:
    findings = list(libreoffice.examine([tmp_path / "nowhere", office(tmp_path / "office", number)], []))
    assert worst(findings) == status
    assert number in findings[0].text


@pytest.mark.parametrize(("number", "status"), [(version("invopt_xl"), "ok"), ("0.0.1", "warning")])
def test_the_extension_has_to_be_of_this_version(tmp_path: Path, number: str, status: str) -> None:
    profile = extension(tmp_path / "profile", number)
    _, found = libreoffice.examine([office(tmp_path / "office", "7.6")], [profile])
    assert found.status == status
    assert "not installed" not in found.text


def test_without_libreoffice_nothing_is_wrong(tmp_path: Path) -> None:
    assert [each.status for each in libreoffice.examine([tmp_path], [tmp_path])] == ["ok"]


def test_the_service_is_started_and_stopped_again() -> None:
    (found,) = service.function_service()
    assert found.status in ("ok", "warning")
    assert "starts in" in found.text
    assert not Client(default_settings()).status()["running"]


def test_a_service_that_runs_is_left_running() -> None:
    client = Client(default_settings())
    client.start()
    try:
        (found,) = service.function_service()
        assert found.text.startswith("runs, version")
        assert client.status()["running"]
    finally:
        client.stop()
        client.close()


def test_a_service_that_cannot_start_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    broken = replace(default_settings(), command=(sys.executable, "-c", "raise SystemExit(3)"))
    monkeypatch.setattr(service, "default_settings", lambda: broken)
    (found,) = service.function_service()
    assert found.status == "problem"
    assert "ended at once (exit code 3)" in found.text
    assert "mend" in found.advice
    assert "doctor" not in found.text


def test_a_service_that_does_not_answer_is_a_problem_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(default_settings())
    client.start()
    pid = client.status()["pid"]
    client.close()
    os.kill(pid, signal.SIGSTOP)
    monkeypatch.setattr("invopt_xl.hosts.service.client.SLICE", 0.2)
    (found,) = service.function_service()
    assert (found.status, found.text) == ("problem", f"process {pid} does not answer (no answer in 0.2 s)")
    assert "invopt service stop" in found.advice
    client.stop()
    assert not client.status()["running"]


def test_a_cache_that_works_is_well(tmp_path: Path) -> None:
    (found,) = service.cache()
    assert found.status == "ok"
    assert str(tmp_path / "cache") in found.text


def test_a_damaged_cache_is_a_warning_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "cache.db").write_bytes(b"no database at all" * 100)
    (found,) = service.cache()
    assert found.status == "warning"
    assert "delete the folder" in found.advice


def test_a_cache_where_a_file_stands_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    (found,) = service.cache()
    assert (found.status, found.advice[:9]) == ("warning", "move the ")


def test_a_cache_that_may_not_be_written_or_made_is_not_to_be_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "_fault", lambda _: "permission denied")
    (tmp_path / "cache").mkdir()
    assert service._cache_advice(tmp_path / "cache").startswith("allow writing")
    assert "which cannot be made" in service._cache_advice(tmp_path / "none" / "cache")


def test_a_log_that_cannot_be_written_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("a file")
    monkeypatch.setattr(service, "log_path", lambda _: tmp_path / "file" / "service.log")
    assert [each.status for each in service.log()] == ["warning"]
    monkeypatch.setattr(service, "log_path", lambda _: tmp_path / "new" / "service.log")
    assert [each.status for each in service.log()] == ["ok"]


def test_a_check_that_stumbles_is_a_problem_and_the_others_go_on() -> None:
    def stumbles() -> Iterator[Finding]:
        yield Finding("Cache", "ok", "so far so good")
        raise sqlite3.OperationalError("disk\nfull")

    first, second = guarded("Cache", stumbles)
    assert first.status == "ok"
    assert (second.status, second.text) == ("problem", "could not be checked: disk full")


def test_each_finding_is_one_line_and_what_is_wrong_has_advice() -> None:
    for each in examine():
        assert "\n" not in each.text + each.advice
        assert each.text
        assert each.status == "ok" or each.advice


def test_the_command_shows_each_area_and_ends_well() -> None:
    shown = RUNNER.invoke(app, ["doctor"], standalone_mode=False)
    assert shown.return_value == 0, shown.output
    assert [line.split("  ")[0] for line in shown.stdout.splitlines() if line[:1].strip()][:5] == [
        "Python", "Excel", "LibreOffice", "Function service", "Cache",
    ]  # fmt: skip


def test_the_command_ends_with_one_where_there_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [Finding("Python", "problem", "too old", "a newer one"), Finding("Cache", "ok", "well")]
    monkeypatch.setattr("invopt_xl.hosts.cli.doctor.examine", lambda: iter(found))
    shown = RUNNER.invoke(app, ["doctor"], standalone_mode=False)
    assert shown.return_value == 1
    assert "-> a newer one" in shown.stdout
    assert "1 problem, 0 warnings." in shown.stdout


def test_json_has_every_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [Finding("Python", "warning", "old", "a newer one")]
    monkeypatch.setattr("invopt_xl.hosts.cli.doctor.examine", lambda: iter(found))
    shown = RUNNER.invoke(app, ["doctor", "--json"], standalone_mode=False)
    assert json.loads(shown.stdout) == {
        "problems": 0,
        "findings": [{"area": "Python", "status": "warning", "text": "old", "advice": "a newer one"}],
    }
