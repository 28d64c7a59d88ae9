"""What a cell waits for the function service: cheap calls beside a bare echo, forecasts with the service up and down.

Run with ``pytest tests/benchmarks/bench_function_service.py``; tables are printed as they come, half a minute.

The echo is a server of the standard library over the same kind of socket, in a process of its own, that reads a line
and sends it back: what a round trip costs before anything is computed. Cheap calls are EOQ; the shortest of several
turns counts, since other programs of the machine only make them longer.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from service_process import serving, settings, until

from invopt_xl.hosts.service.client import Client
from invopt_xl.sheet import calculate

Report = Callable[..., None]

CALLS, TURNS = 1_000, 9

ECHO = """
import socket, sys
listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
listener.bind(sys.argv[1])
listener.listen()
print("ready", flush=True)
line, _ = listener.accept()
with line.makefile("rb") as lines:
    for each in lines:
        line.sendall(each)
"""


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """Give the client of a service that is not started yet."""
    monkeypatch.setenv("INVOPT_CACHE", str(tmp_path / "cache"))
    with serving(settings(tmp_path, "-m", "invopt_xl.hosts.service")) as made:
        yield made


def seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def microseconds_each(call: Callable[[int], object]) -> float:
    """Return the time of a call in the best of several turns, never the same call twice."""
    turns = [
        seconds(lambda turn=turn: [call(turn * CALLS + number) for number in range(CALLS)])  # type: ignore[misc]
        for turn in range(TURNS)
    ]
    return 1e6 * min(turns) / CALLS


def echo(folder: Path) -> float:
    """Return the microseconds of a round trip in which nothing is computed."""
    path = str(folder / "echo.sock")
    with subprocess.Popen([sys.executable, "-c", ECHO, path], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.connect(path)

            def round_trip(number: int) -> bytes:
                line.sendall(b'ask 5.000 ["EOQ",[%d,50,3]]\n' % number)
                return line.recv(65536)

            return microseconds_each(round_trip)


def warmed(client: Client) -> None:
    client.start()
    until(lambda: all(each["ready"] for each in client.status()["workers"]))


def test_a_cheap_call_costs_little_more_than_the_way(client: Client, tmp_path: Path, report: Report) -> None:
    warmed(client)
    calculate("EOQ", [1200, 50, 3])
    bare = echo(tmp_path)
    rows = {
        "echo": bare,
        "repeated": microseconds_each(lambda _: client.call("EOQ", [1200, 50, 3])),
        "distinct": microseconds_each(lambda number: client.call("EOQ", [1200 + number, 50, 3])),
        "the same in process": microseconds_each(lambda number: calculate("EOQ", [1200 + number, 50, 3])),
    }
    table = pd.DataFrame({"us": rows})
    table["echoes"] = table["us"] / bare
    report("CHEAP CALLS | round trips of one client, microseconds each", table.round(1))
    assert rows["repeated"] < 4 * bare
    assert rows["distinct"] < rows["the same in process"] + 6 * bare


def test_a_forecast_is_there_when_it_is_looked_for(client: Client, report: Report) -> None:
    rng = np.random.default_rng(7)
    histories = [[[float(units)] for units in rng.gamma(9.0, 10.0, 104).round()] for _ in range(510)]

    def ask(number: int, season: int = 1) -> None:
        assert not client.call("FORECAST", [histories[number], 12, season]).get("refused")

    rows = {"first, service down": seconds(lambda: ask(0))}
    warmed(client)
    rows["first, service up"] = seconds(lambda: ask(1))
    rows["first, service up, yearly season"] = seconds(lambda: ask(2, 52))
    rows["repeated"] = min(seconds(lambda: ask(1)) for _ in range(20))
    rows["500 different ones"] = seconds(lambda: [ask(number) for number in range(10, 510)])
    rows["500 again"] = seconds(lambda: [ask(number) for number in range(10, 510)])
    client.stop()
    rows["500 from the disk, service down"] = seconds(lambda: [ask(number) for number in range(10, 510)])
    report("FORECASTS | 104 weeks, 12 ahead, seconds", pd.DataFrame({"seconds": rows}).round(4))
    assert client.status()["computed"] == 0
    assert rows["first, service down"] < 5.0
    assert rows["first, service up"] < 1.0
    assert rows["repeated"] < 0.005
    assert rows["500 from the disk, service down"] < 3.0
