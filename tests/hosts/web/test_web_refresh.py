"""A refresh of a workbook that is open in Excel on the web: by the requests of a real client, to a real server."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import xlwings
from excel_browser import Excel, Line, Server, opened
from excel_model import Model, Sheet, payload, play, sent_formulas
from small_tables import small_tables

from invopt_xl.cache import ContentCache
from invopt_xl.plan import columns
from invopt_xl.workbook.refresh import refresh_workbook
from invopt_xl.workbook.template import Cover, build_plan_workbook

SCRIPT = "/xlwings/custom-scripts-call/invopt_refresh"
HEADERS = {"Content-Type": "application/json"}
OUTPUTS = {table.name for table in columns.OUTPUTS}
OF_THE_MOMENT = {"tblLog", "tblKpis", "tblChecks"}
"""Tables that tell when a refresh was and how long it took."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tables = small_tables(horizon_periods=4, solver_seconds=1)
    tables |= {stem: tables[stem][tables[stem]["item"].isin(["steady", "rare"])] for stem in ("items", "demand")}
    del tables["open_orders"]
    return build_plan_workbook(tmp_path_factory.mktemp("s") / "shop.xlsx", tables, title="A", cover=Cover("Plan."))


def asked(server: Server, method: str, path: str, body: object = None) -> tuple[int, str]:
    """Return status and body of an answer; each on a connection of its own, as a server closes those that rest."""
    with closing(Line(server)) as line:
        return line.asked(method, path, HEADERS, body)


def body(model: Model) -> dict[str, Any]:
    return payload(model, xlwings.__version__) | {"args": [sent_formulas(model, OUTPUTS)]}


def test_what_the_server_answers_is_what_a_refresh_writes_into_the_file(
    shop: Path, server: Server, tmp_path: Path
) -> None:
    model, target = Model.of(shop), tmp_path / "file.xlsx"
    status, answer = asked(server, "POST", SCRIPT, body(model))
    assert status == 200, answer
    play(model, json.loads(answer)["actions"])
    # What the server computed is kept, so that both are the same plan.
    shutil.copytree(server.environment["INVOPT_CACHE"], tmp_path / "cache")
    with ContentCache(tmp_path / "cache") as cache:
        refresh_workbook(shop, output=target, cache=cache)
    found, expected = model.tables(), Model.of(target).tables()
    assert found.keys() == expected.keys()
    for name in expected.keys() - OF_THE_MOMENT:
        assert found[name] == expected[name], name
    for name in OF_THE_MOMENT:
        assert found[name][0] == expected[name][0], name
    state = json.loads(asked(server, "GET", "/invopt/refresh")[1])
    assert state["running"] is False
    assert state["last"].startswith("2 items planned in ")


def test_a_refresh_tells_how_far_it_is_one_at_a_time_and_ends_when_it_is_cancelled(shop: Path, server: Server) -> None:
    answers: list[tuple[int, str]] = []
    sent = body(Model.of(shop))
    thread = threading.Thread(target=lambda: answers.append(asked(server, "POST", SCRIPT, sent)))
    thread.start()
    while not json.loads(asked(server, "GET", "/invopt/refresh")[1])["running"]:
        assert thread.is_alive(), answers
    status, said = asked(server, "POST", SCRIPT, {**sent, "sheets": []})
    state = json.loads(asked(server, "POST", "/invopt/refresh/cancel", {})[1])
    assert (status, said) == (400, "a refresh is under way; cancel it, or wait for it")
    assert state["running"] is True
    assert {"stage", "done", "steps"} <= state.keys()
    thread.join(timeout=60)
    assert answers == [(400, "refresh cancelled; nothing was written")]


def test_what_is_refused_is_one_line(shop: Path, server: Server) -> None:
    assert asked(server, "POST", SCRIPT, body(Model(shop, [Sheet("Empty")]))) == (
        400,
        "shop.xlsx holds no table of a plan workbook; expected at least tblItems, tblDemand",
    )


OFFICE = Path(__file__).with_name("office_workbook.js")


@pytest.fixture
def pane(browser: Any, server: Server) -> Iterator[Excel]:
    """Give the task pane; what the server answers to a refresh is known, and what it is sent is kept."""
    found = opened(browser, server)
    found.page.evaluate(OFFICE.read_text(encoding="utf-8"))
    found.page.route(f"**{SCRIPT}", lambda route: route.fulfill(json={"actions": [{"func": "setValues"}]}))
    found.page.route("**/invopt/refresh", lambda route: route.fulfill(json={"last": "2 items planned in 1.0 s"}))
    found.page.click("#tab-plan")
    yield found
    assert found.faults == []
    found.page.close()


def said(pane: Excel, words: str) -> None:
    script = "words => document.getElementById('refresh-said').textContent.includes(words)"
    pane.page.wait_for_function(script, arg=words, timeout=30_000)


def test_the_button_sends_the_workbook_writes_the_answer_and_undo_puts_it_back(pane: Excel) -> None:
    before = pane.page.evaluate("office.cells()")
    with pane.page.expect_request(f"**{SCRIPT}") as sent:
        pane.page.click("#refresh")
    said(pane, "2 items planned in")
    assert sent.value.post_data_json == {
        "sheets": [],
        "args": [
            [{"sheet": "Plan", "address": "A1:B3", "formulas": [["item", "note"], ["A", "=1+1"], ["007", "call"]]}]
        ],
    }
    assert pane.page.evaluate("office.excluded") == "Dashboard,Notes"
    assert pane.page.evaluate("office.log") == ["unprotect Plan", "actions", "protect Plan"]
    assert pane.page.evaluate("office.options.allowSort") is True
    assert pane.page.evaluate("office.cells()") != before
    pane.page.click("#refresh-undo")
    said(pane, "as they were before the refresh")
    assert pane.page.evaluate("office.cells()") == before
    assert pane.page.locator("#refresh-undo").is_disabled()


def test_what_was_typed_since_is_undone_only_when_it_is_asked_for_again(pane: Excel) -> None:
    before = pane.page.evaluate("office.cells()")
    pane.page.click("#refresh")
    said(pane, "2 items planned in")
    pane.page.evaluate("office.type('typed since')")
    pane.page.click("#refresh-undo")
    said(pane, "changed since the refresh; press again to undo it all the same")
    pane.page.click("#refresh-undo")
    said(pane, "as they were before the refresh")
    assert pane.page.evaluate("office.cells()") == before


def test_where_excel_stops_taking_results_all_tables_are_as_they_were(pane: Excel) -> None:
    pane.page.evaluate("office.failing = 'out of memory'")
    before = pane.page.evaluate("office.cells()")
    pane.page.click("#refresh")
    said(pane, "Excel stopped taking results (out of memory); all tables are as they were")
    assert pane.page.evaluate("office.cells()") == before
    assert pane.page.evaluate("office.log").count("protect Plan") == 1


def test_what_cannot_be_refreshed_there_is_said_and_nothing_is_written(pane: Excel) -> None:
    pane.page.evaluate("office.epoch = 1904")
    pane.page.click("#refresh")
    said(pane, "counts dates from 1904")
    pane.page.evaluate("office.epoch = 1900; office.password = true")
    pane.page.click("#refresh")
    said(pane, "sheet 'Plan' is protected with a password; take the protection off first")
    assert pane.page.evaluate("office.log") == ["unprotect Plan"]
    pane.page.evaluate("office.password = false")
    pane.page.unroute(f"**{SCRIPT}")
    pane.page.route(f"**{SCRIPT}", lambda route: route.fulfill(status=400, body="tblItems lacks the column on_hand"))
    pane.page.click("#refresh")
    said(pane, "tblItems lacks the column on_hand")


def test_a_table_that_is_changed_while_it_is_planned_is_not_written(pane: Excel) -> None:
    def meanwhile(route: Any) -> None:
        pane.page.evaluate("office.type('typed meanwhile')")
        route.fulfill(json={"actions": [{"func": "setValues"}]})

    pane.page.unroute(f"**{SCRIPT}")
    pane.page.route(f"**{SCRIPT}", meanwhile)
    pane.page.click("#refresh")
    said(pane, "a table of results was changed while it was planned; nothing was written, so refresh again")
    assert pane.page.evaluate("office.log") == []
