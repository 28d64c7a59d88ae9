"""Every function, called in a real browser by xlwings' own scripts from a real server."""

from __future__ import annotations

import json
import os
import re
import signal
from typing import Any

import pytest
from excel_browser import Excel, Server, service_of
from excel_cells import sent, sent_cell, shown
from planner_cells import ASKED, HISTORY, Asked, column

from invopt_xl.hosts.web.functions import LIVE, identity
from invopt_xl.sheet import Function, calculate, catalogue

FUNCTIONS = list(catalogue().values())
HEAVY = [each for each in FUNCTIONS if each.cost == "heavy"]
SECONDS = re.compile(r"(?<=after )[\d.]+(?= s)")
"""Times in texts, such as a plan's."""
NARROW = {"rel": 1e-9, "abs": 1e-12}


def alike(found: Any, expected: Any) -> bool:
    """Return whether cells show the same, numbers but for rounding."""
    if isinstance(expected, list):
        return isinstance(found, list) and len(found) == len(expected) and all(map(alike, found, expected))
    if isinstance(expected, float | int) and not isinstance(expected, bool):
        return isinstance(found, float | int) and found == pytest.approx(expected, **NARROW)
    if isinstance(expected, str) and isinstance(found, str):
        return SECONDS.sub("", found) == SECONDS.sub("", expected)
    return bool(found == expected)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda each: each.name)
def test_the_example_is_answered_as_the_catalogue_answers_it(function: Function, excel: Excel) -> None:
    found = excel.calculate(identity(function), *sent(function, function.example))
    if function.cost == "live":
        assert isinstance(found["value"][0][0], str)
        return
    expected = shown(calculate(function.name, function.example))
    assert alike(found.get("value"), expected["value"]), (found, expected)


@pytest.mark.parametrize("function", HEAVY, ids=lambda each: each.name)
def test_the_live_form_of_a_heavy_function_ends_with_the_same_answer(function: Function, excel: Excel) -> None:
    *progress, last = excel.stream(identity(function, LIVE), *sent(function, function.example))
    assert alike(last, shown(calculate(function.name, function.example))["value"])
    assert progress[0] == [["Waiting for stream..."]]
    assert all(text.startswith("Working: ") for [[text]] in progress[1:])


@pytest.mark.parametrize("asked", ASKED, ids=lambda each: each.what)
def test_cells_mean_what_they_mean_in_the_catalogue(asked: Asked, excel: Excel) -> None:
    function = catalogue()[asked.function]
    found = excel.calculate(identity(function), *sent(function, asked.given))
    expected = shown(calculate(asked.function, asked.given))
    if "error" in expected:
        assert found == expected
    else:
        assert alike(found.get("value"), expected["value"]), (found, expected)


@pytest.mark.parametrize(
    "given",
    [
        (column(1200.0, "#DIV/0!", 4800.0), 50.0, 3.0),
        ("#N/A", 50.0, 3.0),
        (column(1200.0, "#CALC!"), 50.0, 3.0),
        ("#CALC!", 50.0, 3.0),
        (column(1200.0, "#INVOPT! season is 0; expected at least 1"), 50.0, 3.0),
    ],
    ids=["in a range", "alone", "of a kind that cannot be handed back", "alone, of that kind", "a refusal in a text"],
)
def test_error_cells_stay_errors_of_their_kind(given: tuple[Any, ...], excel: Excel) -> None:
    found = excel.calculate("INVOPT_EOQ", *sent(catalogue()["EOQ"], given))
    expected = shown(calculate("EOQ", given))
    if given[0] == "#CALC!":
        expected = {"value": [["#CALC!"]]}
    assert found == expected


def test_empty_cells_are_null_or_an_empty_text_alike(excel: Excel) -> None:
    as_text, as_null = ([[1200.0], [nothing], [4800.0]] for nothing in ("", None))
    answers = [excel.calculate("INVOPT_EOQ", each, [[50]], [[3]], None, None) for each in (as_text, as_null)]
    assert answers[0] == answers[1] == {"value": [[200], [""], [400]]}


def test_a_date_from_another_function_is_its_serial_number(excel: Excel) -> None:
    day = {"type": "FormattedNumber", "basicType": "Double", "basicValue": 43101, "numberFormat": "m/d/yyyy"}
    found = excel.calculate("INVOPT_EOQ", [[day]], [[50]], [[3]], None, None)
    assert found == excel.calculate("INVOPT_EOQ", [[43101]], [[50]], [[3]], None, None)


def test_a_cell_that_holds_a_stock_or_a_place_is_an_error_value(excel: Excel) -> None:
    place = {"type": "LinkedEntity", "basicType": "Error", "basicValue": "#VALUE!", "text": "Berlin"}
    assert excel.calculate("INVOPT_EOQ", [[place]], [[50]], [[3]], None, None) == shown(
        calculate("EOQ", ["#VALUE!", 50, 3])
    )


def test_further_arguments_may_be_left_out(excel: Excel) -> None:
    for nothing in (None, []):
        assert excel.calculate("INVOPT_EXPLAIN", [["EOQ"]], nothing) == shown(calculate("EXPLAIN", ["EOQ"]))


def test_a_refusal_is_computed_and_delivered_once(excel: Excel, server: Server) -> None:
    before = len(excel.posts)
    found = excel.calculate("INVOPT_EOQ", [[1234.5]], [[50]], [[-3.25]], None, None)
    assert found == {"error": "#VALUE!", "message": "holding cost is -3.25; expected a number above 0"}
    assert len(excel.posts) == before + 1
    computed = [each["fault"] for each in service_of(server).status()["recent"]]
    assert computed.count("#INVOPT! holding cost is -3.25; expected a number above 0") == 1


def test_equal_calls_ask_once_however_many_cells_there_are(excel: Excel) -> None:
    before = len(excel.posts)
    found = excel.page.evaluate(
        """() => Promise.all(Array.from({length: 200}, (_, row) =>
            excel.calculate("INVOPT_EOQ", [[[777]], [[50]], [[3]], null, null], `Plan!B${row + 1}`)))"""
    )
    assert {json.dumps(each) for each in found} == {json.dumps(shown(calculate("EOQ", [777, 50, 3])))}
    assert len(excel.posts) == before + 1


def test_what_depends_on_the_state_of_things_is_asked_each_time(excel: Excel) -> None:
    before = len(excel.posts)
    for _ in range(2):
        excel.calculate("INVOPT_LAST_ERROR", None)
    assert len(excel.posts) == before + 2


ERROR = [[sent_cell("#VALUE!")]]


def test_the_last_error_of_a_cell_is_of_that_cell_though_others_erred_later(excel: Excel) -> None:
    excel.calculate("INVOPT_EOQ", [[1201]], [[50]], [[-3]], None, None, address="'Year plan'!A1")
    excel.calculate("INVOPT_EOQ", [[1202]], [[51]], [[-3]], None, None, address="Plan!A2")
    told = [excel.calculate("INVOPT_LAST_ERROR", ERROR, of=[cell]) for cell in ("'Year plan'!A1", "[plan.xlsx]Plan!A2")]
    (first,), (second,) = (each["value"][0] for each in told)
    why = r"holding cost is -3; expected a number above 0\."
    assert re.fullmatch(rf"EOQ in \[plan\.xlsx\]'Year plan'!A1 at [\d:]+: {why} Given: 1201, 50, -3\.", first)
    assert re.fullmatch(rf"EOQ in \[plan\.xlsx\]Plan!A2 at [\d:]+: {why} Given: 1202, 51, -3\.", second)


def test_an_error_value_that_is_no_refusal_is_not_given_the_reason_of_another(excel: Excel) -> None:
    excel.calculate("INVOPT_EOQ", [[1203]], [[50]], [[-4]], None, None, address="Plan!A3")
    latest = "the latest error is: EOQ in [plan.xlsx]Plan!A3 at "
    for cells, begin in (
        (["Plan!Z9"], f"no refusal of [plan.xlsx]Plan!Z9 is remembered: its error is Excel's own, {{}}; {latest}"),
        ([], f"#VALUE! does not say which refusal it is; {latest}"),
    ):
        ((told,),) = excel.calculate("INVOPT_LAST_ERROR", ERROR, of=cells)["value"]
        assert told.startswith(begin.format("of a cell it refers to, or too old"))
    found = excel.calculate("INVOPT_LAST_ERROR", [[sent_cell("#DIV/0!")]], of=["Plan!A3"])
    assert found == {"value": [["#DIV/0! is an error of Excel's own; what invopt refuses shows as #VALUE!"]]}


def test_a_refusal_is_forgotten_once_its_cell_is_answered(excel: Excel) -> None:
    for holding_cost in (-3, 3):
        excel.calculate("INVOPT_EOQ", [[1204]], [[50]], [[holding_cost]], None, None, address="Plan!A4")
    ((told,),) = excel.calculate("INVOPT_LAST_ERROR", ERROR, of=["Plan!A4"])["value"]
    assert told.startswith("no refusal of [plan.xlsx]Plan!A4 is remembered")


def test_a_row_and_a_column_of_the_same_numbers_are_two_streams(excel: Excel) -> None:
    function = catalogue()["FORECAST"]
    down, across = (sent(function, (each, 3.0)) for each in (column(*HISTORY), [list(HISTORY)]))
    in_rows, in_a_row = excel.page.evaluate(
        """([down, across]) => Promise.all([down, across].map((args) => excel.stream("INVOPT_FORECAST_LIVE", args)))""",
        [down, across],
    )
    assert (len(in_rows[-1]), len(in_rows[-1][0])) == (3, 1)
    assert (len(in_a_row[-1]), len(in_a_row[-1][0])) == (1, 3)


def test_a_refused_stream_ends_in_an_error_with_its_line(excel: Excel) -> None:
    *_, last = excel.stream("INVOPT_EXPLAIN_LIVE", [["EOX"]], [])
    assert last == {"error": "#VALUE!", "message": "there is no function EOX; did you mean EOQ?"}


LONG = """([name, items, seed]) => {
    let state = seed;
    const next = () => (state = (state * 16807) % 2147483647) % 100;
    const demand = Array.from({length: 60}, () => Array.from({length: items}, next));
    return [demand, [[4]], null, null, null, null, null, null];
}"""


def test_long_work_tells_its_progress_in_the_cell_and_stops_when_it_is_cancelled(excel: Excel, server: Server) -> None:
    excel.page.evaluate(
        f"""() => {{
            const args = ({LONG})([null, 150, 4711]);
            excel.stream("INVOPT_FORECAST_LIVE", args);
            globalThis.long = excel.streams.at(-1);
        }}"""
    )
    excel.page.wait_for_function("long.shown.some(([[text]]) => /^Working: Forecasting: \\d+ of 150$/.test(text))")
    assert "FORECAST" in state(excel)["under way"]
    excel.page.evaluate("long.invocation.onCanceled()")
    excel.page.wait_for_function(
        "async (url) => !(await xwRequest.get(url)).data.includes('Under way')", arg=excel.state, timeout=30_000
    )
    told = excel.page.evaluate("long.shown.length")
    excel.stream("INVOPT_EXPLAIN_LIVE", [["EOQ"]], [])
    assert excel.page.evaluate("long.shown.length") == told


def test_a_cell_gets_its_answer_though_the_service_is_killed_meanwhile(excel: Excel, server: Server) -> None:
    excel.page.evaluate(
        f"""() => {{
            const args = ({LONG})([null, 60, 1234]);
            globalThis.killed = excel.calculate("INVOPT_FORECAST", args, "Plan!K1");
        }}"""
    )
    excel.page.wait_for_function(
        "async (url) => /Forecasting: [1-9]/.test((await xwRequest.get(url)).data)", arg=excel.state
    )
    before = service_of(server).status()["pid"]
    os.kill(before, signal.SIGKILL)
    found = excel.page.evaluate("killed")
    assert (len(found["value"]), len(found["value"][0])) == (4, 60)
    assert service_of(server).status()["pid"] != before


def state(excel: Excel) -> dict[str, str]:
    """Return what the task pane is told, by its sections."""
    html = excel.page.evaluate("async (url) => (await xwRequest.get(url)).data", excel.state)
    parts = html.split("<h2>")[1:]
    return {part.split("</h2>")[0].lower(): part for part in parts}


def test_the_browser_asked_no_one_else_and_saw_no_error(excel: Excel) -> None:
    assert excel.elsewhere == []
    assert excel.faults == []


def test_names_help_and_arguments_reach_excel(excel: Excel, server: Server) -> None:
    meta = excel.page.evaluate(
        "async (url) => (await fetch(url)).json()", f"{server.url}/xlwings/custom-functions-meta.json"
    )
    told = {each["name"]: each for each in meta["functions"]}
    assert set(told) == {each.name for each in FUNCTIONS} | {each.name + LIVE for each in HEAVY}
    assert meta["allowErrorForDataTypeAny"]
    for function in FUNCTIONS:
        found = told[function.name]
        assert found["description"] == function.help
        assert [each["name"] for each in found["parameters"]] == [each.name for each in function.arguments]
        assert [each["description"] for each in found["parameters"]] == [each.described for each in function.arguments]
        optional = [each.name for each in function.arguments if not each.required and each.takes != "rest"]
        assert [each["name"] for each in found["parameters"] if each.get("optional")] == optional
        assert found["id"] == identity(function)
        assert not found["options"].get("stream")
    assert all(told[each.name + LIVE]["options"] == {"stream": True} for each in HEAVY)
