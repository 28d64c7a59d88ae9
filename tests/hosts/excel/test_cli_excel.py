"""``invopt excel`` on a console."""

from pathlib import Path

import pytest
from typer.testing import CliRunner
from vba_reader import sources

from invopt_xl.errors import InvoptError
from invopt_xl.hosts.cli.app import app
from invopt_xl.hosts.excel import vba

RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(folder))
    monkeypatch.setenv("APPDATA", str(folder / "roaming"))
    return folder


def run(*arguments: str) -> str:
    done = RUNNER.invoke(app, ["excel", *arguments], standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    assert done.return_value == 0
    return done.stdout


@pytest.mark.parametrize("command", [["install"], ["install", "--addin"], ["uninstall"]])
def test_a_dry_run_shows_the_files_and_writes_none(command: list[str], home: Path) -> None:
    shown = run(*command, "--dry-run")
    assert shown.strip()
    assert not list(home.rglob("*"))
    assert ("invopt.conf" in shown) == (command[0] == "install")


def test_off_windows_nothing_is_installed_and_the_other_ways_are_told(home: Path) -> None:
    for command in ("install", "uninstall"):
        with pytest.raises(InvoptError, match="Windows alone"):
            run(command)
    assert not list(home.rglob("*"))


def test_on_windows_each_step_is_said(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("invopt_xl.hosts.excel.configuration.WINDOWS", True)
    monkeypatch.setattr("invopt_xl.hosts.excel.configuration._code_page", lambda: "cp1252")
    shown = run("install", "--addin")
    assert len([line for line in shown.splitlines() if str(home) in line]) == 3
    assert (home / "roaming/Microsoft/Excel/XLSTART/xlwings.xlam").exists()
    run("uninstall")
    assert not [path for path in home.rglob("*") if path.is_file()]


def test_the_modules_are_written_as_files_that_vba_imports(tmp_path: Path) -> None:
    run("vba", str(tmp_path / "modules"))
    written = {path.stem: path.read_bytes() for path in (tmp_path / "modules").iterdir()}
    assert set(written) == set(vba.modules())
    for name, content in written.items():
        assert content.startswith(f'Attribute VB_Name = "{name}"\r\n'.encode())
        assert b"\n" not in content.replace(b"\r\n", b"")


def test_a_plan_workbook_gets_the_functions_and_can_still_be_refreshed(tmp_path: Path) -> None:
    plan = Path(__file__).parents[3] / "workbooks" / "grocery.xlsx"
    target = tmp_path / "plan.xlsm"
    run("book", str(target), "--from", str(plan))
    assert "xlwings_udfs.bas" in sources(target)
    from invopt_xl.workbook.targets import check_target

    assert check_target(target) == target.resolve()


def test_a_workbook_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    plan = Path(__file__).parents[3] / "workbooks" / "grocery.xlsx"
    target = tmp_path / "plan.xlsm"
    run("book", str(target), "--from", str(plan))
    before = target.read_bytes()
    for arguments in ([], ["--from", str(plan)]):
        with pytest.raises(InvoptError, match=r"plan.xlsm is there already; .*--force.*--from plan.xlsm"):
            run("book", str(target), *arguments)
    assert target.read_bytes() == before
    run("book", str(target), "--from", str(target))
    assert run("book", str(target), "--from", str(plan), "--force").startswith("Written to")


def test_modules_that_somebody_changed_are_not_written_over(tmp_path: Path) -> None:
    for _ in range(2):
        run("vba", str(tmp_path))
    (tmp_path / "xlwings.bas").write_text("mine")
    with pytest.raises(InvoptError, match=r"holds another xlwings.bas; --force writes over it"):
        run("vba", str(tmp_path))
    assert (tmp_path / "xlwings.bas").read_text() == "mine"
    run("vba", str(tmp_path), "--force")
    assert (tmp_path / "xlwings.bas").read_text() != "mine"
