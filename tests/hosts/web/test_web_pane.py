"""The task pane in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from excel_browser import Excel, Server, opened, serving, stopped

from invopt_xl.sheet import catalogue


@pytest.fixture
def pane(browser: Any, server: Server) -> Iterator[Excel]:
    found = opened(browser, server)
    yield found
    assert found.faults == []
    assert found.elsewhere == []
    found.page.close()


def test_it_tells_the_state_of_the_service(pane: Excel) -> None:
    pane.calculate("INVOPT_VERSION")
    pane.page.wait_for_selector("#service .dot.on")
    assert re.search(r"Function service running · version [\d.]+ · up \d+ (s|min)", pane.page.inner_text("#service"))


def test_every_function_is_there_with_its_arguments_and_an_example(pane: Excel) -> None:
    names = pane.page.locator(".function summary code").all_inner_texts()
    assert names == [f"INVOPT.{name}" for name in catalogue()]
    function = pane.page.locator(".function", has=pane.page.get_by_text("INVOPT.EOQ", exact=True))
    function.locator("summary").click()
    told = function.inner_text()
    assert "=INVOPT.EOQ(demand, order_cost, holding_cost, [minimum_order_quantity], [lot_size])" in told
    assert all(argument.described in told for argument in catalogue()["EOQ"].arguments)
    assert "=INVOPT.EOQ(1200, 50, 2.5)" in told


def test_functions_are_found_by_words_of_their_help(pane: Excel) -> None:
    pane.page.fill("#search", "lot costs least")
    visible = pane.page.locator(".function:visible summary code").all_inner_texts()
    assert "INVOPT.EOQ" in visible
    assert len(visible) < len(catalogue())
    pane.page.fill("#search", "no such words")
    assert pane.page.locator(".function:visible").count() == 0
    assert pane.page.locator("#nothing").is_visible()


def test_an_error_is_told_with_its_cell_and_on_a_click_in_detail(pane: Excel) -> None:
    pane.calculate("INVOPT_EOQ", [[1200]], [[51]], [[-7]], None, None, address="Plan!C7")
    pane.page.click("#tab-activity")
    error = pane.page.locator(".errors li", has_text="holding cost is -7; expected a number above 0")
    error.wait_for()
    assert "[plan.xlsx]Plan!C7" in error.inner_text()
    error.locator("summary").click()
    pane.page.wait_for_function("document.querySelector('.errors details[open] .detail').textContent.includes('Given')")
    assert re.search(
        r"EOQ in .*Plan!C7 at .*: holding cost is -7; .* Given: 1200, 51, -7", error.locator(".detail").inner_text()
    )


def test_the_details_of_an_error_are_of_its_own_cell_though_another_has_the_same_line(pane: Excel) -> None:
    for cell, demand in (("Plan!D1", 1201), ("Plan!D2", 1202)):
        pane.calculate("INVOPT_EOQ", [[demand]], [[51]], [[-71]], None, None, address=cell)
    pane.page.click("#tab-activity")
    error = pane.page.locator(".errors li", has_text="Plan!D1")
    error.locator("summary").click()
    error.get_by_text("Given: 1201, 51, -71.").wait_for()


def test_an_error_stays_open_while_others_come(pane: Excel) -> None:
    pane.calculate("INVOPT_EOQ", [[1200]], [[50]], [[-8]], None, None)
    pane.page.click("#tab-activity")
    error = pane.page.locator(".errors li", has_text="holding cost is -8")
    error.locator("summary").click()
    pane.calculate("INVOPT_EOQ", [[1200]], [[50]], [[-9]], None, None)
    pane.page.locator(".errors li", has_text="holding cost is -9").wait_for()
    assert error.locator("details").get_attribute("open") is not None


def test_text_from_cells_never_becomes_html(pane: Excel) -> None:
    bad = "<img src=x onerror='document.title=1'>"
    pane.calculate("INVOPT_EOQ", [[bad]], [[50]], [[3]], None, None, address=f"'{bad}'!A1")
    pane.page.click("#tab-activity")
    error = pane.page.locator(".errors li", has_text="demand is <img src=x")
    error.wait_for()
    error.locator("summary").click()
    pane.page.wait_for_function("document.querySelector('.errors details[open] .detail').textContent.includes('Given')")
    assert pane.page.locator("#activity img").count() == 0
    assert pane.page.title() == "invopt"


def test_the_licence_is_said_with_its_terms(pane: Excel) -> None:
    footer = pane.page.locator("footer")
    assert "xlwings Server: noncommercial use (PolyForm Noncommercial License 1.0.0)" in footer.inner_text()
    footer.locator("summary").click()
    assert "other use needs a licence from https://www.xlwings.org" in footer.inner_text()


def test_in_a_plain_browser_it_says_that_it_is_for_excel_and_shows_the_functions(browser: Any, server: Server) -> None:
    page = browser.new_page(viewport={"width": 400, "height": 760})
    loads: list[str] = []
    page.on("framenavigated", lambda frame: loads.append(frame.url))
    with page.expect_console_message(lambda said: "budget exhausted" in said.text):
        page.goto(f"{server.url}/taskpane.html")
    page.get_by_text("Open this in Excel: the functions appear there.").wait_for()
    assert loads == [f"{server.url}/taskpane.html"]
    assert page.get_by_text("The add-in didn't load properly").count() == 0
    page.fill("#search", "EOQ")
    assert page.locator(".function", has_text="INVOPT.EOQ").first.is_visible()
    page.close()


def test_in_excel_it_does_not_send_anybody_to_excel(pane: Excel) -> None:
    assert pane.page.locator("#outside").is_hidden()


def test_results_stay_when_the_server_ends_and_the_pane_says_so(browser: Any, tmp_path: Path) -> None:
    with serving(tmp_path, "--noncommercial") as server:
        excel = opened(browser, server)
        *_, [[why]] = excel.stream("INVOPT_EXPLAIN_LIVE", [["EOQ"]], [[[1200]], [[50]], [[3]]])
        stopped(server)
        excel.page.wait_for_function("!socket.connected")
        excel.page.get_by_text("The server does not answer; invopt web starts it").wait_for()
        assert excel.page.evaluate("excel.streams[0].shown.at(-1)") == [[why]]
        found = excel.calculate("INVOPT_EOQ", [[1]], [[2]], [[3]], None, None)
        assert found["error"] == "#VALUE!"
        assert "Network error" in found["message"]
        excel.page.close()
