"""A call from a worksheet, whatever the function service says or does."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from com_stand_in import CallUdf, Range

from invopt_xl.hosts.excel import functions
from invopt_xl.hosts.excel.asking import Worksheet
from invopt_xl.hosts.excel.binding import worksheet_functions
from invopt_xl.hosts.service.client import Client, Settings
from invopt_xl.hosts.service.waiting import Patience
from invopt_xl.sheet import calculate, catalogue
from invopt_xl.sheet.arguments import Argument


class Saying:
    """Answers each call alike, and takes a while for it."""

    def __init__(self, answer: Any, clock: list[float], seconds: float = 0.0) -> None:
        self.answer, self.clock, self.seconds = answer, clock, seconds
        self.waits: list[float | None] = []

    def call(self, name: str, given: Any, wait: float | None = None, progress: Any = None) -> Any:
        self.waits.append(wait)
        self.clock[0] += self.seconds
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


PENDING = {"pending": True, "seconds": 2.0, "stage": "Forecast", "done": 12, "steps": 500}
EOQ = catalogue()["EOQ"]


@pytest.fixture
def clock() -> list[float]:
    return [0.0]


@pytest.fixture(autouse=True)
def _time(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> None:
    monkeypatch.setattr("invopt_xl.hosts.excel.asking.time.monotonic", lambda: clock[0])


def test_a_call_under_way_says_how_far_it_is(clock: list[float]) -> None:
    worksheet = Worksheet(Saying(PENDING, clock), Patience())
    expected = "#INVOPT! EOQ is being computed (forecast, 12 of 500); press Ctrl+Alt+F9 to see it"
    assert worksheet.rows(EOQ, (1.0, 2.0, 3.0)) == [[expected]]


def test_a_call_without_steps_names_its_stage(clock: list[float]) -> None:
    answer = {"pending": True, "seconds": 2.0, "stage": "Starting the function service", "done": 0, "steps": 0}
    shown = Worksheet(Saying(answer, clock), Patience()).rows(EOQ, (1.0, 2.0, 3.0))[0][0]
    assert shown == "#INVOPT! EOQ is being computed (starting the function service); press Ctrl+Alt+F9 to see it"


def test_a_recalculation_waits_no_longer_than_its_patience_however_many_cells(clock: list[float]) -> None:
    service = Saying(PENDING, clock, seconds=0.4)
    worksheet = Worksheet(service, Patience(2.0, clock=lambda: clock[0]))
    for _ in range(50):
        worksheet.rows(EOQ, (1.0, 2.0, 3.0))
    waits = [wait or 0.0 for wait in service.waits]
    assert waits[0] == 2.0
    assert waits[:5] == sorted(waits[:5], reverse=True)
    assert set(waits[6:]) == {0.0}


@pytest.mark.parametrize(
    "answer", [ValueError("no\nlines"), {}, {"cells": 5}, {"cells": None}, None, {"cells": [[object()]]}]
)
def test_whatever_goes_wrong_is_one_line(answer: Any, clock: list[float], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.CRITICAL, "invopt_xl.hosts.excel.asking"):
        ((shown,),) = Worksheet(Saying(answer, clock), Patience()).rows(EOQ, (1.0, 2.0, 3.0))
    assert str(shown).startswith("#INVOPT! EOQ failed: the program stumbled (")
    assert "\n" not in str(shown)


def test_a_whole_column_is_cut_to_what_it_holds(clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    service = Saying({"cells": [[1]]}, clock)
    seen: list[Any] = []

    def call(_name: str, given: list[Any], **_how: Any) -> dict[str, Any]:
        seen.append(given)
        return {"cells": [[1]]}

    monkeypatch.setattr(service, "call", call)
    column = tuple((float(row),) if row < 3 else (None,) for row in range(2**20))
    function = catalogue()["FORECAST"]
    assert function.arguments[0].takes == "series"
    Worksheet(service, Patience()).rows(function, (column, 4.0))
    assert seen[0][0] == [[0.0], [1.0], [2.0]]


@pytest.fixture
def real_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    import sys
    from importlib.metadata import version

    monkeypatch.undo()
    address = str(tmp_path / "service.sock")
    monkeypatch.setenv("INVOPT_SERVICE", address)
    monkeypatch.setenv("INVOPT_CACHE", str(tmp_path / "cache"))
    client = Client(Settings(address, (sys.executable, "-m", "invopt_xl.hosts.service"), version("invopt_xl")))
    yield client
    client.stop()
    client.close()


def test_the_real_service_answers_worksheets(
    call_udf: CallUdf, real_service: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first call starts it."""
    served = worksheet_functions(Worksheet(real_service, Patience(60.0)))
    for name, function in served.items():
        monkeypatch.setattr(functions, name, function)
    shown = call_udf("INVOPT_EOQ", Range(((1200.0,), (-4.0,), (None,))), 50.0, 3.0)
    expected = calculate("EOQ", [[[1200.0], [-4.0], [None]], 50.0, 3.0]).cells
    assert shown == [["" if cell is None else cell for cell in row] for row in expected]
    forecast = catalogue()["FORECAST"]
    history = Range(tuple(tuple(map(float, row)) for row in forecast.example[0]))  # type: ignore[union-attr,arg-type]
    rest = [each if each is None or isinstance(each, str) else float(each) for each in forecast.example[1:]]  # type: ignore[arg-type]
    assert call_udf("INVOPT_FORECAST", history, *rest) == calculate("FORECAST", forecast.example).cells


def test_the_last_argument_stands_for_all_further_ones(clock: list[float]) -> None:
    from dataclasses import replace

    rest = Argument("rest", "Any.", takes="rest")
    function = replace(EOQ, arguments=(EOQ.arguments[0], rest))
    service = Saying({"cells": [["x"]]}, clock)
    assert Worksheet(service, Patience()).rows(function, (1.0, 2.0, "a", ((1.0, None),))) == [["x"]]
