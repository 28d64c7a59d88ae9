"""What a cell waits for the function service: cheap calls beside a bare echo, forecasts with the service up and down.

Run with ``pytest tests/benchmarks/bench_function_service.py``; tables are printed as they come, half a minute.

The echo is a server of the standard library over the same kind of socket, in a process of its own, that reads a line
and sends it back: what a round trip costs before anything is computed. Cheap calls are EOQ. Of the time on the clock
the shortest of several turns counts, since other programs of the machine only make it longer; the time of the
processor is that of both ends together.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
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


@dataclass(frozen=True)
class Cost:
    """What a call costs, microseconds: on the clock, and of the processor at both ends."""

    clock: float
    processor: float


def cost(call: Callable[[int], object], other: int | None = None) -> Cost:
    """Return what a call costs, never the same call twice; `other` is the process at the other end."""
    before = processor(other)
    turns = [
        seconds(lambda turn=turn: [call(turn * CALLS + number) for number in range(CALLS)])  # type: ignore[misc]
        for turn in range(TURNS)
    ]
    spent = processor(other) - before
    return Cost(1e6 * min(turns) / CALLS, 1e6 * spent / (CALLS * TURNS))


def processor(other: int | None) -> float:
    """Return the seconds of the processor that this process and another one have had."""
    processes = [psutil.Process(), *([psutil.Process(other)] if other else [])]
    return sum(sum(each.cpu_times()[:2]) for each in processes)


def echo(folder: Path) -> Cost:
    """Return what a round trip costs in which nothing is computed."""
    path = str(folder / "echo.sock")
    with subprocess.Popen([sys.executable, "-c", ECHO, path], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.connect(path)

            def round_trip(number: int) -> bytes:
                line.sendall(b'ask 5.000 ["EOQ",[%d,50,3]]\n' % number)
                return line.recv(65536)

            return cost(round_trip, process.pid)


def warmed(client: Client) -> None:
    client.start()
    until(lambda: all(each["ready"] for each in client.status()["workers"]))


def test_a_cheap_call_costs_little_more_than_the_way(client: Client, tmp_path: Path, report: Report) -> None:
    warmed(client)
    calculate("EOQ", [1200, 50, 3])
    pid = client.status()["pid"]
    costs = {
        "echo": echo(tmp_path),
        "repeated": cost(lambda _: client.call("EOQ", [1200, 50, 3]), pid),
        "distinct": cost(lambda number: client.call("EOQ", [1200 + number, 50, 3]), pid),
        "distinct, in process": cost(lambda number: calculate("EOQ", [1200 + number, 50, 3])),
    }
    table = pd.DataFrame({name: asdict(each) for name, each in costs.items()}).T
    table["echoes"] = table["processor"] / costs["echo"].processor
    report("CHEAP CALLS | round trips of one client, microseconds each", table.round(1))
    bare = costs["echo"].clock
    assert costs["repeated"].clock < 5 * bare
    # Caches are cold, and processors asleep, whenever the other end has worked for a while.
    assert costs["distinct"].clock < 4 * costs["distinct, in process"].clock + 6 * bare


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


def test_one_array_of_forecasts_beside_a_cell_for_each(client: Client, report: Report) -> None:
    """Print how much sooner one formula over 500 columns is there than 500 cells, every fit a first one in both.

    Nothing is asserted of the ratio: an item's fit takes the time, whoever asks for it, and an array has but all cores.
    """
    rng = np.random.default_rng(8)
    units = rng.gamma(9.0, 10.0, (104, 1000)).round()
    warmed(client)
    cells = [[[value] for value in units[:, item].tolist()] for item in range(500)]
    rows = {"500 cells": seconds(lambda: [client.call("FORECAST", [cell, 12, 1]) for cell in cells])}
    array = units[:, 500:].tolist()
    answers: list[list[list[object]]] = []
    rows["one array"] = seconds(lambda: answers.append(client.call("FORECAST", [array, 12, 1], wait=300)["cells"]))
    rows["cells : array"] = rows["500 cells"] / rows["one array"]
    report("500 FORECASTS NEVER ASKED BEFORE | 104 weeks, 12 ahead, seconds", pd.DataFrame({"": rows}).round(2))
    assert np.array(answers[0], dtype=float).shape == (12, 500)
