"""Excel on the web: how long a sheet takes, and what long work costs the cells beside it.

Run with ``pytest tests/benchmarks/bench_web.py``; tables are printed as they come, about a minute. A real server and
its function service run beside a real Chromium, in which a stand-in for Office.js calls the functions as Excel does.

- cells: EOQ in 1,000 cells, all different, asked at once; "alone" is the same with a request a cell, as xlwings sends
  them by itself.
- beside long work: 50 forecasts of 8 items each, all different, asked at once; meanwhile one EOQ after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd
import pytest
from excel_browser import CHROMIUM, READY, Excel, Server, opened, serving
from playwright.sync_api import sync_playwright

Report = Callable[..., None]

SECONDS_FOR_CELLS = 8.0
MILLISECONDS_BESIDE_LONG_WORK = 200.0

CELLS = """async (count) => {
    const begin = performance.now();
    const found = await Promise.all(Array.from({length: count}, (_, row) =>
        excel.calculate("INVOPT_EOQ", [[[1000 + row]], [[50]], [[3]], null, null], `Plan!B${row + 1}`)));
    return {seconds: (performance.now() - begin) / 1000, answered: found.filter((each) => each.value).length};
}"""

ALONE = """() => {
    const { post } = xwRequest;
    xwRequest.post = (url, data, options) => new Promise((resolve, reject) => {
        const request = new XMLHttpRequest();
        request.open("POST", url);
        request.setRequestHeader("Content-Type", "application/json");
        request.onload = () => resolve({ data: JSON.parse(request.responseText), status: request.status });
        request.onerror = reject;
        request.send(JSON.stringify(data));
    });
}"""

BESIDE = """async ([count, items, empty]) => {
    let state = 4711;
    const next = () => (state = (state * 16807) % 2147483647) % 100;
    let over = false;
    const heavy = Promise.all(Array.from({length: count}, (_, row) => {
        const demand = Array.from({length: 60}, () => Array.from({length: items}, next));
        return excel.calculate("INVOPT_FORECAST", [demand, [[4]], ...Array(empty).fill(null)], `Plan!H${row + 1}`);
    })).then((found) => { over = true; return found.filter((each) => each.value).length; });
    const times = [];
    const begin = performance.now();
    while (!over) {
        const asked = performance.now();
        await excel.calculate("INVOPT_EOQ", [[[9000 + times.length]], [[50]], [[3]], null, null], "Plan!C1");
        times.push(performance.now() - asked);
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return {times, answered: await heavy, seconds: (performance.now() - begin) / 1000};
}"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("web"), "--noncommercial") as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture
def excel(browser: Any, server: Server) -> Iterator[Excel]:
    found = opened(browser, server)
    found.calculate("INVOPT_FORECAST", [[each] for each in range(24)], [[3]], *[None] * 6)
    yield found
    found.page.close()


def test_a_thousand_cells(excel: Excel, report: Report) -> None:
    together = excel.page.evaluate(CELLS, 1000)
    excel.page.evaluate("location.reload()")
    excel.page.wait_for_function(READY)
    excel.page.evaluate(ALONE)
    alone = excel.page.evaluate(CELLS, 1000)
    rows = [("together", together["seconds"]), ("alone", alone["seconds"])]
    report("1,000 cells in Chromium", pd.DataFrame(rows, columns=["sent", "seconds"]))
    assert (together["answered"], alone["answered"]) == (1000, 1000)
    assert together["seconds"] < SECONDS_FOR_CELLS


def test_a_cheap_call_beside_fifty_heavy_ones(excel: Excel, report: Report) -> None:
    found = excel.page.evaluate(BESIDE, [50, 8, 6])
    times = pd.Series(found["times"])
    table = pd.DataFrame(
        [(len(times), times.median(), times.quantile(0.95), times.max(), found["seconds"])],
        columns=["cheap calls", "median ms", "95% ms", "longest ms", "heavy seconds"],
    )
    report("A cheap call beside 50 heavy ones", table.round(1))
    assert found["answered"] == 50
    assert times.max() < MILLISECONDS_BESIDE_LONG_WORK
