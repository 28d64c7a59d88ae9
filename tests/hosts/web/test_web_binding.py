"""Anything at every function through the server: rows, or one line; never another exception."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from excel_browser import Line, Server, serving, stopped
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from invopt_xl.hosts.web.functions import identity
from invopt_xl.sheet import Function, catalogue

TICKETS = count(10)
FUNCTIONS = list(catalogue().values())

plain = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.floats(), st.text(max_size=30),
    st.sampled_from(["", "#N/A", "#INVOPT! no", "1,5", "95%", "2024-02-30", "week", "auto", "EOQ", "TRUE"]),
)  # fmt: skip
objects = st.one_of(
    st.builds(lambda name: {"type": "Error", "basicValue": name}, st.sampled_from(["#N/A", "#DIV/0!", "#BUSY!"])),
    st.builds(lambda value: {"type": "FormattedNumber", "basicValue": value}, st.floats(0, 60000)),
    st.just({"type": "Entity", "text": "a place"}),
    st.just({"type": "Error", "errorType": "Div0"}),
)
cells = st.one_of(plain, objects)
numbers = st.lists(st.lists(st.floats(0, 1000), min_size=1, max_size=3), min_size=1, max_size=14)
matrices = st.one_of(
    cells.map(lambda cell: [[cell]]),
    st.integers(1, 4).flatmap(
        lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=6)
    ),
    numbers.map(lambda rows: [row[: len(rows[0])] + [0.0] * (len(rows[0]) - len(row)) for row in rows]),
)
arguments = st.one_of(st.none(), matrices)


@pytest.fixture(scope="module")
def line(server: Server) -> Iterator[Line]:
    with closing(Line(server)) as found:
        yield found


def posted(line: Line, path: str, body: Any) -> tuple[int, str]:
    return line.asked("POST", path, {"Content-Type": "application/json"}, body)


def wire(function: Function, sent: list[Any], name: str = "") -> dict[str, Any]:
    return {
        "client": "Office.js", "func_name": name or identity(function), "args": sent, "caller_address": "[p.xlsx]P!B2",
        "version": "0", "runtime": "1.4", "date_format": None, "culture_info_name": None,
    }  # fmt: skip


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda each: each.name)
@given(data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_anything_is_answered_with_rows_or_one_line(function: Function, line: Line, data: Any) -> None:
    count = len(function.arguments)
    if function.arguments and function.arguments[-1].takes == "rest":
        sent = [data.draw(matrices), data.draw(st.lists(arguments, max_size=4))]
    else:
        sent = [data.draw(arguments) for _ in range(data.draw(st.integers(0, count)))]
    status, body = posted(line, "/invopt/calls", [{"ticket": str(next(TICKETS)), "data": wire(function, sent)}])
    assert status == 200, body
    (answer,) = json.loads(body)
    assert answer["status"] in (200, 202, 400)
    if answer["status"] == 200:
        rows = answer["data"]["result"]
        assert rows
        assert len({len(row) for row in rows}) == 1
    elif answer["status"] == 400:
        assert "\n" not in answer["data"]
        assert "stumbled" not in answer["data"], answer["data"]
        assert "could not be read" not in answer["data"], answer["data"]


def test_calls_that_come_to_xlwings_own_route_are_answered_alike(line: Line) -> None:
    function = catalogue()["EOQ"]
    path = "/xlwings/custom-functions-call"
    assert posted(line, path, wire(function, [[[1200]], [[50]], [[3]], None, None])) == (200, '{"result":[[200.0]]}')
    status, body = posted(line, path, wire(function, [[[1200]], [[50]], [[-3]], None, None]))
    assert (status, body) == (400, "holding cost is -3; expected a number above 0")


def test_long_work_on_xlwings_own_route_is_waited_for(line: Line) -> None:
    demand = [[float(3 * row % 17 + column)] * 20 for column in range(1) for row in range(40)]
    status, body = posted(line, "/xlwings/custom-functions-call", wire(catalogue()["FORECAST"], [demand, [[4]]]))
    assert status == 200
    assert (len(json.loads(body)["result"]), len(json.loads(body)["result"][0])) == (4, 20)


@pytest.mark.parametrize(
    "call",
    [{}, {"ticket": "1"}, {"ticket": 1, "data": 2}],
    ids=["nothing", "no data", "no call"],
)
def test_what_is_no_call_spoils_none_of_its_batch(call: Any, line: Line) -> None:
    good = {"ticket": "2", "data": wire(catalogue()["VERSION"], [])}
    status, body = posted(line, "/invopt/calls", [call, good])
    refused, answered = json.loads(body)
    assert status == 200
    assert refused == {"status": 400, "data": "the call could not be read; the log of invopt web says why"}
    assert answered["status"] == 200


def test_a_function_of_a_newer_version_is_refused_in_a_line_alike(line: Line) -> None:
    newer = {**wire(catalogue()["VERSION"], []), "func_name": "INVOPT_NEWER"}
    why = "this server has no function INVOPT_NEWER; a newer version of invopt_xl may have it"
    status, body = posted(line, "/invopt/calls", [{"ticket": "newer", "data": newer}])
    assert (status, json.loads(body)) == (200, [{"status": 400, "data": why}])
    assert posted(line, "/xlwings/custom-functions-call", newer) == (400, why)


def test_neither_refusals_nor_unknown_functions_are_told_in_the_terminal(tmp_path: Path) -> None:
    with serving(tmp_path, "--noncommercial") as server, closing(Line(server)) as line:
        for name in ("INVOPT_EOQ", "INVOPT_NEWER"):
            call = wire(catalogue()["EOQ"], [[["secret"]], [[50]], [[3]]], name)
            posted(line, "/invopt/calls", [{"ticket": name, "data": call}])
            assert posted(line, "/xlwings/custom-functions-call", call)[0] == 400
        assert stopped(server) == ""


def test_an_answer_that_takes_longer_is_fetched_under_its_ticket_once(line: Line) -> None:
    demand = [[float(5 * row % 19 + column) for column in range(30)] for row in range(48)]
    call = {"ticket": "long", "data": wire(catalogue()["FORECAST"], [demand, [[4]]])}
    status, body = posted(line, "/invopt/calls?hold=0", [call])
    assert (status, json.loads(body)) == (200, [{"status": 202}])
    while (answer := json.loads(posted(line, "/invopt/news", ["long"])[1])[0])["status"] == 202:
        pass
    assert len(answer["data"]["result"][0]) == 30
    assert json.loads(posted(line, "/invopt/news", ["long"])[1]) == [{"status": 503}], "it is asked once more"
