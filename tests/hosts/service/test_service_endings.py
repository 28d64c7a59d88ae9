"""Whatever ends, the service, a process of it or somebody's patience: a cell gets its value or one line."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from service_process import ODD, busy, ended, serving, settings, state, until

from invopt_xl.hosts.service import client as client_module
from invopt_xl.hosts.service.client import Client, Settings


def test_a_service_killed_in_the_middle_of_a_call_is_started_again_and_asked_again(odd: Client, gate: Path) -> None:
    with ThreadPoolExecutor() as pool:
        call = pool.submit(odd.call, "SLOW", [str(gate), "a"])
        until(lambda: bool(busy(odd)))
        pid, workers = odd.status()["pid"], busy(odd)
        os.kill(pid, signal.SIGKILL)
        until(lambda: odd.status().get("pid", pid) != pid)
        gate.touch()
        assert call.result()["cells"] == [["done a"]]
    until(lambda: all(ended(worker) for worker in workers))


def test_a_call_that_ends_the_service_twice_is_given_up(odd: Client, notes: Path) -> None:
    answer = odd.call("CRASH_HERE", [9])
    line = "#INVOPT! the function service ended twice while it computed this; its log says why"
    assert answer == {"cells": [[line]], "faults": [line], "refused": True}
    assert notes.read_text() == "crash\n" * 2
    assert odd.call("EOQ", [1200, 50, 3])["cells"] == [[200.0]]


def test_a_service_in_which_nothing_takes_a_turn_any_more_ends_itself(odd: Client) -> None:
    answer = odd.call("HOLD", [])
    assert "ended twice" in answer["faults"][0]
    assert odd.call("EOQ", [1200, 50, 3])["cells"] == [[200.0]]
    log = Path(odd.status()["log"]).read_text()
    assert "the service before this one was stuck" in log
    assert "in hold" in log, "the log says where"


def test_a_process_that_dies_once_costs_nothing(odd: Client, notes: Path) -> None:
    assert odd.call("CRASH", [1])["cells"] == [["alive"]]
    assert notes.read_text() == "crash\n" * 2


def test_a_process_that_dies_again_costs_one_call(odd: Client, notes: Path) -> None:
    line = "#INVOPT! CRASH failed: the process that computed it ended twice; the log of the service says when"
    assert odd.call("CRASH", [2])["cells"] == [[line]]
    assert odd.call("CRASH", [2])["cells"] == [["alive"]], "what failed is not kept"
    assert odd.call("FORECAST", [[[float(week)] for week in range(20, 40)], 2])["cells"]


def test_a_process_killed_from_outside_is_replaced(odd: Client, gate: Path, notes: Path) -> None:
    with ThreadPoolExecutor() as pool:
        call = pool.submit(odd.call, "SLOW", [str(gate), "a"])
        until(lambda: notes.read_text() == "a\n")
        (worker,) = busy(odd)
        os.kill(worker, signal.SIGKILL)
        until(lambda: notes.read_text() == "a\na\n")
        gate.touch()
        assert call.result()["cells"] == [["done a"]]
    assert ended(worker)


def test_a_call_over_its_time_is_ended_and_said_so(own: Settings, tmp_path: Path, gate: Path) -> None:
    with serving(settings(tmp_path, ODD, "--cold", "--heavy", "0.3", "--cached", "0.2")) as odd:
        line = "#INVOPT! SLOW failed: it took longer than 0.3 s; try fewer items or periods"
        assert odd.call("SLOW", [str(gate)]) == {"cells": [[line]], "faults": [line], "refused": True}
        assert "longer than 0.2 s" in odd.call("QUICKER", [str(gate)])["faults"][0]
        gate.touch()
        assert odd.call("SLOW", [str(gate)])["cells"] == [["done "]], "what failed is not kept"


def test_who_comes_back_for_a_pending_call_hears_that_it_failed(own: Settings, tmp_path: Path, gate: Path) -> None:
    with serving(settings(tmp_path, ODD, "--cold", "--heavy", "0.3")) as odd:
        odd.start()
        assert odd.call("SLOW", [str(gate)], wait=0.0)["pending"]
        until(lambda: any(each["name"] == "SLOW" for each in odd.status()["recent"]))
        assert odd.call("SLOW", [str(gate)], wait=0.0)["refused"]


def test_a_service_that_says_nothing_is_given_up(odd: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    odd.call("EOQ", [1200, 50, 3])
    odd.close()
    monkeypatch.setattr(client_module, "SLICE", 0.2)
    monkeypatch.setattr(client_module, "SECONDS_OF_SILENCE", 0.5)
    monkeypatch.setattr(client_module, "SECONDS_TO_START", 0.5)
    assert odd.call("EOQ", [1200, 50, 3])["cells"] == [[200.0]]
    pid = odd.status()["pid"]
    os.kill(pid, signal.SIGSTOP)
    until(lambda: state(pid) == "T")
    answers = [odd.call("EOQ", [1200, 50, 3])["faults"][0] for _ in range(2)]
    assert "did not answer in" in answers[0]
    assert "does not answer" in answers[1]
    odd.stop()
    until(lambda: ended(pid))


def test_who_waits_for_a_moment_waits_no_longer_for_a_stuck_service_to_greet(odd: Client) -> None:
    odd.start()
    pid = odd.status()["pid"]
    odd.close()
    os.kill(pid, signal.SIGSTOP)
    until(lambda: state(pid) == "T")
    try:
        begin = time.monotonic()
        assert odd.call("EOQ", [1200, 50, 3], wait=0.1)["pending"]
        assert time.monotonic() - begin < client_module.SECONDS_OF_SILENCE / 4
    finally:
        os.kill(pid, signal.SIGCONT)


def test_who_does_not_wait_is_told_that_the_service_starts(odd: Client) -> None:
    answer = odd.call("EOQ", [1200, 50, 3], wait=0.0)
    assert (answer["pending"], answer["stage"]) == (True, "Starting the function service")
    until(lambda: "cells" in odd.call("EOQ", [1200, 50, 3], wait=0.0))


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (("/nowhere/python",), "cannot be started"),
        ((sys.executable, "-c", "raise SystemExit('no such module')"), "ended at once (no such module)"),
    ],
)
def test_a_service_that_cannot_be_started_says_so_at_once(tmp_path: Path, command: tuple[str, ...], why: str) -> None:
    client = Client(Settings(str(tmp_path / "service.sock"), command, "1"))
    for _ in range(1_000):
        answer = client.call("EOQ", [1200, 50, 3])
        assert why in answer["faults"][0]
        assert "invopt doctor" in answer["faults"][0]
    client.stop()


def test_threads_that_ask_at_once_start_one_service(client: Client) -> None:
    together = threading.Barrier(8)

    def ask(number: int) -> object:
        together.wait()
        return client.call("EOQ", [1200 + number, 50, 3])["cells"][0][0]

    with ThreadPoolExecutor(8) as pool:
        lots = list(pool.map(ask, range(8)))
    assert lots == [(2 * (1200 + number) * 50 / 3) ** 0.5 for number in range(8)]


def test_a_cache_that_cannot_be_used_costs_nothing_but_time(client: Client, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where a folder should be")
    forecast = ("FORECAST", [[[float(week)] for week in range(20, 40)], 2])
    assert not client.call(*forecast).get("refused")
    assert client.call(*forecast) == client.call(*forecast)
    assert "cannot be used" in client.status()["cache_fault"]


def test_stopping_ends_a_service_that_is_still_starting(odd: Client) -> None:
    odd.call("EOQ", [1200, 50, 3], wait=0.0)
    odd.stop()
    assert odd.status()["running"] is False


def frozen(client: Client) -> int:
    """Start the service and freeze it; return its process."""
    client.start()
    pid = int(client.status()["pid"])
    client.close()
    os.kill(pid, signal.SIGSTOP)
    until(lambda: state(pid) == "T")
    return pid


def test_a_service_that_does_not_answer_is_not_called_absent(odd: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    pid = frozen(odd)
    monkeypatch.setattr(client_module, "SLICE", 0.2)
    begin = time.monotonic()
    found = odd.status()
    assert (found["running"], found["answers"], found["pid"]) == (True, False, pid)
    assert time.monotonic() - begin < 5
    monkeypatch.setattr(client_module, "HESITATION", 0.2)
    odd.stop()
    until(lambda: ended(pid))
    assert not odd.status()["running"]


def test_another_program_that_listens_there_is_not_ended(own: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "SLICE", 0.2)
    ends: list[int] = []
    monkeypatch.setattr(os, "kill", lambda pid, _: ends.append(pid))
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as deaf:
        deaf.bind(own.address)
        deaf.listen()
        client = Client(own)
        client.stop()
        assert client.status()["answers"] is False
    assert ends == []
