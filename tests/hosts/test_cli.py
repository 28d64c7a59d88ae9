"""The command line as its users meet it: a real process, its exit code, its words.

What is about the work and not about the process is done `here`, by the same `main`: to load the program takes longer.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from command_line import invoke, refusal
from small_tables import small_tables

from invopt_xl.domain import Silent
from invopt_xl.hosts.cli import app, ending
from invopt_xl.hosts.cli.ending import Unbroken
from invopt_xl.workbook import read_tables, write_folder
from invopt_xl.workbook.refresh import refresh_workbook
from invopt_xl.workbook.template import Cover, build_plan_workbook


@pytest.fixture(scope="module")
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "plan.xlsx"
    build_plan_workbook(path, small_tables(), title="A small shop", cover=Cover("To plan."))
    return path


Here = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def here(cache_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Here:
    """Run a command in this process, from its words to its exit code."""
    monkeypatch.setenv("INVOPT_CACHE", str(cache_folder))
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setattr(app, "leave", sys.exit)  # the interpreter stays: others go on in it

    def run(*arguments: object, cache: Path = cache_folder) -> subprocess.CompletedProcess[str]:
        monkeypatch.setenv("INVOPT_CACHE", str(cache))
        monkeypatch.setattr(sys, "argv", ["invopt", *map(str, arguments)])
        vars(app.OUTCOME).update(vars(ending.Outcome()))
        with pytest.raises(SystemExit) as ended:
            app.main()
        return subprocess.CompletedProcess(arguments, int(str(ended.value.code)), *capsys.readouterr())

    return run


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Return the plan of a workbook that was refreshed."""
    path = tmp_path_factory.mktemp("planned") / "plan.xlsx"
    build_plan_workbook(path, small_tables(), title="A small shop", cover=Cover("To plan."))
    refresh_workbook(path)
    return read_tables(path)["plan"]


def invopt(*arguments: object, cache: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "invopt_xl", *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**os.environ, "INVOPT_CACHE": str(cache), "COLUMNS": "120"},
        check=False,
    )


def test_refresh_says_what_it_did_and_writes_the_plan(book: Path, cache_folder: Path) -> None:
    done = invopt("refresh", book, cache=cache_folder)
    assert done.returncode == 0, done.stderr
    assert "6 items planned" in done.stdout
    assert "Expected fill rate" in done.stdout
    assert "critical" in done.stdout
    assert done.stderr == "", "no bars where nobody looks"
    sheet = openpyxl.load_workbook(book)["Plan"]
    values = [[cell.value for cell in row] for row in sheet[sheet.tables["tblPlan"].ref]]
    assert [row[0] for row in values[1:]] == ["steady", "erratic", "rare", "lumpy", "dead", "new"]


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are a matter of Unix")
def test_a_person_at_a_terminal_sees_every_stage(book: Path, cache_folder: Path) -> None:
    import pty

    here, there = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "invopt_xl", "refresh", str(book)],
        stdout=there,
        stderr=there,
        env={**os.environ, "INVOPT_CACHE": str(cache_folder), "TERM": "xterm", "COLUMNS": "120"},
    )
    os.close(there)
    seen = b""
    try:
        while chunk := os.read(here, 65536):
            seen += chunk
    except OSError:
        pass  # how Linux says that the other side of a pseudo-terminal has closed
    assert process.wait() == 0
    stages = ("Reading", "Checking data", "Forecasting", "Planning orders", "Writing")
    assert [stage for stage in stages if stage.encode() not in seen] == []
    assert b"6/6" in seen
    results = seen.split(b"Items planned")[1]
    assert b"\x1b[1A" not in results, "bars that go on drawing would wipe the results"
    assert b"6 items planned" in results


def test_refresh_into_another_file_leaves_the_first_as_it_was(book: Path, tmp_path: Path, here: Here) -> None:
    before = book.read_bytes()
    done = here("refresh", book, "--output", tmp_path / "new.xlsx", "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert book.read_bytes() == before
    assert len(read_tables(tmp_path / "new.xlsx")["plan"]) == 6


def test_backup_keeps_the_old_workbook(book: Path, here: Here) -> None:
    before = book.read_bytes()
    assert here("refresh", book, "--backup", "-q").returncode == 0
    kept = [path for path in book.parent.iterdir() if path != book]
    assert [path.read_bytes() for path in kept] == [before]


def test_json_is_for_machines_alone(book: Path, cache_folder: Path) -> None:
    done = invopt("refresh", book, "--json", cache=cache_folder)
    summary = json.loads(done.stdout)
    assert done.stderr == ""
    assert summary["planned"] == 6
    assert summary["kpis"]["Items planned"] == 6
    assert len(summary["exceptions"]) <= 10


def test_rejected_rows_give_exit_code_one_and_overrides_that_are_not_followed_are_named(
    tmp_path: Path, here: Here
) -> None:
    tables = small_tables()
    tables["items"].loc[3, "on_hand"] = -5
    typed = {"item": ["steady", "erratic", "gone", "dead"], "override_quantity": ["many", 5, 6, -7]}
    tables["plan"] = pd.DataFrame(typed | {"location": "MAIN"})
    build_plan_workbook(tmp_path / "bad.xlsx", tables, title="A small shop", cover=Cover("To plan."))
    done = here("refresh", tmp_path / "bad.xlsx")
    assert done.returncode == 1
    told = " ".join(done.stdout.split())
    assert re.search(r"About the data: \d+ rows rejected.*; read them on the sheet Quality \(tblQuality\)", told)
    assert "; 4 overrides not followed: steady, dead, erratic and 1 more. " in told


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_folder_is_planned_like_a_workbook(suffix: str, planned: pd.DataFrame, tmp_path: Path, here: Here) -> None:
    write_folder(tmp_path / "tables", small_tables(), suffix=suffix)
    done = here("plan", tmp_path / "tables", "--output", tmp_path / "out", "--format", suffix)
    assert done.returncode == 0, done.stderr
    from_folder = read_tables(tmp_path / "out")["plan"]
    for column in ("reorder_point", "order_quantity", "stockout_probability"):
        assert from_folder[column].astype(float).tolist() == planned[column].astype(float).tolist()


def test_check_reports_and_writes_nothing(book: Path, here: Here) -> None:
    before = book.read_bytes()
    done = here("check", book)
    assert done.returncode == 0
    assert "6 items can be planned; 0 rows rejected" in done.stdout
    assert book.read_bytes() == before
    report = json.loads(here("check", book, "--json").stdout)
    assert report["rejected"] == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("refresh", "nowhere.xlsx"), "nowhere.xlsx"),
        (("refresh",), "Missing argument"),
        (("refrsh", "x"), "No such command"),
        (("refrsh", "x"), "(try: invopt --help)"),
        (("orders", "x", "--nothing"), "(try: invopt orders --help)"),
        (("plan", "nowhere", "--output", "out"), "nowhere"),
        (("check", "nowhere"), "nowhere"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_code_two(arguments: tuple[str, ...], words: str, here: Here) -> None:
    done = here(*arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


def test_a_process_says_what_cannot_be_done_in_one_line_and_ends_with_two(cache_folder: Path) -> None:
    done = invopt("refresh", "nowhere.xlsx", cache=cache_folder)
    assert done.returncode == 2
    assert "nowhere.xlsx" in done.stderr
    assert (done.stdout, done.stderr.count("\n")) == ("", 1)


def test_a_workbook_open_in_excel_is_refused_before_any_work(book: Path, here: Here) -> None:
    (book.parent / f"~${book.name}").write_bytes(b"\x03Ann")
    done = here("refresh", book)
    assert done.returncode == 2
    assert "open" in done.stderr
    assert "Forecasting" not in done.stderr


def test_ctrl_c_leaves_the_workbook_whole_and_says_so(book: Path, tmp_path: Path) -> None:
    before = book.read_bytes()
    process = subprocess.Popen(
        [sys.executable, "-m", "invopt_xl", "refresh", str(book)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "INVOPT_CACHE": str(tmp_path / "cache")},
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while not (tmp_path / "cache").exists() and time.monotonic() < deadline:
        time.sleep(0.02)  # the cache is opened when the command begins its work
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 2
    assert "Traceback" not in errors
    assert errors.strip().endswith("stopped; nothing was changed")
    assert book.read_bytes() == before
    assert [path.name for path in book.parent.iterdir() if path.name != "cache"] == [book.name]


def test_a_kill_at_any_moment_leaves_a_whole_workbook(book: Path, cache_folder: Path) -> None:
    refresh_workbook(book)
    for delay in (0.3, 0.7, 1.0, 1.3, 1.6):
        process = subprocess.Popen(
            [sys.executable, "-m", "invopt_xl", "refresh", str(book), "-q"],
            env={**os.environ, "INVOPT_CACHE": str(cache_folder)},
            start_new_session=True,
        )
        time.sleep(delay)
        process.kill()
        process.wait()
        assert len(read_tables(book)["plan"]) == 6
    assert invopt("refresh", book, "-q", cache=cache_folder).returncode == 0
    assert [path.name for path in book.parent.iterdir()] == [book.name], "leavings of killed refreshes are cleared"


def test_two_refreshes_at_once_share_the_cache(tmp_path: Path) -> None:
    books = [tmp_path / "one.xlsx", tmp_path / "two.xlsx"]
    two_items = {
        stem: frame[frame["item"].isin(["steady", "erratic"])] if "item" in frame else frame
        for stem, frame in small_tables(weeks=44).items()
    }
    for path in books:
        build_plan_workbook(path, two_items, title="A small shop", cover=Cover("To plan."))
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "invopt_xl", "refresh", str(path), "-q"],
            env={**os.environ, "INVOPT_CACHE": str(tmp_path / "cache")},
        )
        for path in books
    ]
    assert [process.wait(timeout=120) for process in running] == [0, 0]
    one, two = (read_tables(path)["plan"] for path in books)
    assert one.equals(two)


def test_a_cache_that_cannot_be_opened_is_one_warning_and_no_more(book: Path, tmp_path: Path, here: Here) -> None:
    (tmp_path / "file").write_text("in the way")
    done = here("refresh", book, cache=tmp_path / "file" / "cache")
    assert done.returncode == 0
    assert "6 items planned" in done.stdout
    assert done.stderr.startswith(f"invopt: warning: the cache in {tmp_path / 'file' / 'cache'} cannot be used")
    assert done.stderr.count("\n") == 1
    quiet = here("refresh", book, "--quiet", cache=tmp_path / "file" / "cache")
    assert (quiet.returncode, quiet.stderr) == (0, "")


CRASH = """
import sys
import invopt_xl.workbook.refresh as refresh
def crash(*_, **__): raise ZeroDivisionError("a fault of ours")
refresh.refresh_workbook = crash
from invopt_xl.hosts.cli import main
main()
"""


@pytest.mark.parametrize("writable", [True, False])
def test_an_error_of_ours_is_one_line_that_says_where_details_are(writable: bool, book: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    cache = tmp_path / "cache" if writable else tmp_path / "file" / "cache"
    done = subprocess.run(
        [sys.executable, "-c", CRASH, "refresh", str(book), "--no-cache"],
        capture_output=True,
        text=True,
        env={**os.environ, "INVOPT_CACHE": str(cache), "TMPDIR": str(temporary), "TEMP": str(temporary)},
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "internal error (ZeroDivisionError: a fault of ours)" in done.stderr
    assert done.stderr.endswith("; nothing was changed\n")
    (kept,) = cache.glob("last_error.txt") if writable else temporary.glob("invopt_*.txt")
    assert not kept.stat().st_mode & 0o077, "it is for its user alone"
    assert str(kept) in done.stderr
    assert "ZeroDivisionError" in kept.read_text()


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_console_without_the_letters_shows_others(encoding: str, tmp_path: Path, cache_folder: Path) -> None:
    tables = small_tables()
    tables["items"]["description"] = "Żółw ✓ 茶"
    book = tmp_path / "plan.xlsx"
    build_plan_workbook(book, tables, title="A small shop", cover=Cover("To plan."))
    done = subprocess.run(
        [sys.executable, "-m", "invopt_xl", "refresh", str(book)],
        capture_output=True,
        env={**os.environ, "INVOPT_CACHE": str(cache_folder), "PYTHONIOENCODING": encoding, "COLUMNS": "120"},
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"6 items planned" in done.stdout
    assert len(read_tables(book)["plan"]) == 6


@pytest.mark.parametrize("option", [None, "--json"])
def test_a_reader_that_has_gone_does_not_undo_the_plan(option: str | None, book: Path, cache_folder: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "invopt_xl", "refresh", str(book), *([option] if option else [])],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "INVOPT_CACHE": str(cache_folder), "COLUMNS": "120"},
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        errors = process.stderr.read()
    assert (process.returncode, errors) == (0, b"")
    assert len(read_tables(book)["plan"]) == 6


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the device that is always full is Linux's")
def test_output_that_cannot_be_kept_does_not_undo_the_plan(book: Path, cache_folder: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "invopt_xl", "refresh", str(book), "--json"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "INVOPT_CACHE": str(cache_folder)},
            check=False,
        )
    assert done.returncode == 0
    assert done.stderr.endswith(f"the plan is written to {book}\n")
    assert done.stderr.count("\n") == 1
    assert len(read_tables(book)["plan"]) == 6


STOPPED = """
import os, signal, sys, time
import {module} as module
work = module.{name}
def stopped(*arguments, **named):
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(0.1)
    return work(*arguments, **named)
module.{name} = stopped
from invopt_xl.hosts.cli import main
main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot send itself Ctrl-C on Windows")
@pytest.mark.parametrize(
    ("module", "name", "words"),
    [
        ("invopt_xl.workbook.refresh", "run", "invopt: stopped; nothing was changed\n"),
        ("invopt_xl.workbook.refresh", "write_tables", ""),
        ("invopt_xl.hosts.cli.show", "_kpi_table", "invopt: stopped; the plan is written to {book}\n"),
    ],
)
def test_ctrl_c_says_what_was_done_by_then(module: str, name: str, words: str, book: Path, cache_folder: Path) -> None:
    before = book.read_bytes()
    done = subprocess.run(
        [sys.executable, "-c", STOPPED.format(module=module, name=name), "refresh", str(book)],
        capture_output=True,
        text=True,
        env={**os.environ, "INVOPT_CACHE": str(cache_folder), "COLUMNS": "120"},
        check=False,
    )
    assert done.stderr == words.format(book=book)
    assert done.returncode == (2 if "nothing" in words else 0)
    assert (book.read_bytes() == before) == ("nothing" in words)


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot send itself Ctrl-C on Windows")
def test_ctrl_c_in_a_moment_when_python_drops_it_stops_the_next_step(capsys: pytest.CaptureFixture[str]) -> None:
    """It was pressed while a library cleaned up, and the refresh went on with a traceback on the console."""

    class Cleaned:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    with Unbroken(Silent()) as progress:
        Cleaned()
        with pytest.raises(KeyboardInterrupt):
            progress.stage("Forecasting")
    assert signal.getsignal(signal.SIGINT) is before
    assert capsys.readouterr().err == ""


GIVEN_UP = """
import atexit, threading
from invopt_xl.hosts.cli.ending import leave
atexit.register(print, "taken down")
if {given_up}:
    threading.Thread(target=threading.Event().wait, daemon=True).start()
print("planned")
leave(2)
"""


@pytest.mark.parametrize("given_up", [False, True])
def test_the_interpreter_is_not_taken_down_around_compiled_code_that_was_given_up(given_up: bool) -> None:
    """A solver that still ran in a thread aborted the program as often as not: its exit code was lost."""
    script = GIVEN_UP.format(given_up=given_up)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert (done.stderr, done.returncode) == ("", 2)
    assert done.stdout == ("planned\n" if given_up else "planned\ntaken down\n")


def test_options_of_the_list_of_functions_that_do_not_go_together_are_refused() -> None:
    assert "--markdown and --json" in refusal("functions", "--markdown", "--json")
    assert "it lists all functions" in refusal("functions", "EOQ", "--markdown")
    assert refusal("functions", "NOSUCHTHING") == "there is no function NOSUCHTHING; invopt functions lists them"
    assert "EOQ" in invoke("functions", "=INVOPT_EOQ")[1]
