"""How long cells of a real LibreOffice Calc take.

Run with ``pytest tests/benchmarks/bench_calc.py``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from office import Office, unpacked
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.formula import ArrayFormula
from service_process import serving, settings

from invopt_xl.hosts.service.client import Client
from invopt_xl.templates import FORMS, TEMPLATES, write_template

pytestmark = pytest.mark.office

CHEAP, EQUAL, ITEMS, PERIODS = 1_000, 200, 500, 104
LONGEST = 600.0

Report = Callable[[str, pd.DataFrame | None], None]
Rows = list[list[float]]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with serving(settings(tmp_path_factory.mktemp("service"))) as made:
        yield made


@pytest.fixture(scope="module")
def office(client: Client, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Give an office as users have it: no cell waits longer than its patience."""
    folder = tmp_path_factory.mktemp("office")
    option = unpacked(folder / "bundled", client.settings)
    with Office(folder / "profile", option, INVOPT_CACHE=str(folder / "cache")) as made:
        yield made


@pytest.fixture
def sheet(office: Office) -> Iterator[int]:
    number = office.do("open")
    yield number
    office.do("close", number)


def histories(items: int, seed: int) -> Rows:
    demand = np.random.default_rng(seed).poisson(20, (PERIODS, items)).astype(float)
    found: Rows = demand.tolist()
    return found


def settled(office: Office, sheet: int, address: str) -> float:
    """Return the seconds until cells show results rather than that they are computed."""
    begin = time.perf_counter()
    while any("being computed" in str(cell) for row in office.do("read", sheet, address) for cell in row):
        assert time.perf_counter() - begin < LONGEST
        time.sleep(0.005)
    return time.perf_counter() - begin


def timed(work: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def test_cheap_cells(office: Office, sheet: int, report: Report) -> None:
    office.do("put", sheet, {"A1": 1200})
    office.do("put", sheet, {f"B{row}": f"=INVOPT.EOQ($A$1+{row};50;3)" for row in range(1, CHEAP + 1)})
    office.do("calculate", sheet)
    again = [office.do("calculate", sheet) for _ in range(9)]
    anew = []
    for step in range(9):

        def change(step: int = step) -> None:
            office.do("put", sheet, {"A1": 5000.5 + 2000 * step})
            office.do("read", sheet, f"B1:B{CHEAP}")

        anew.append(timed(change))
    table = pd.DataFrame({"least, s": [min(again), min(anew)], "median, s": [np.median(again), np.median(anew)]})
    table.index = pd.Index(["calculated again", "with values never asked before"])
    report(f"{CHEAP:,} cheap cells in one recalculation", table.round(3))


def test_equal_forecasts(office: Office, sheet: int, client: Client, report: Report) -> None:
    office.do("fill", sheet, f"A1:A{PERIODS}", histories(1, 1))
    before = client.status()["computed"]
    office.do("put", sheet, {f"C{row}": f"=INVOPT.FORECAST($A$1:$A${PERIODS};3)" for row in range(1, EQUAL + 1)})
    seconds = settled(office, sheet, f"C1:C{EQUAL}")
    fitted = client.status()["computed"] - before
    report(f"{EQUAL} equal forecast cells: fitted {fitted} times, {seconds:.2f} s", None)
    assert fitted == 1


def test_one_forecast(office: Office, sheet: int, client: Client, report: Report) -> None:
    office.do("fill", sheet, f"A1:F{PERIODS}", histories(6, 2))
    formula = f"=INVOPT.FORECAST({{}}1:{{}}{PERIODS};3)"

    def ask(column: str) -> float:
        begin = time.perf_counter()
        office.do("put", sheet, {"H1": formula.format(column, column)})
        settled(office, sheet, "H1")
        return time.perf_counter() - begin

    ask("A")
    first = min(ask("B"), ask("C"), ask("D"))
    repeated = min(office.do("calculate", sheet) for _ in range(9))
    client.stop()
    down = ask("E")
    figures = {"first asked": first, "asked again": repeated, "first asked, the service started for it": down}
    report("A forecast cell, seconds", pd.DataFrame({"s": figures}).round(4))


def book_of_forecasts(path: Path) -> None:
    """Write a workbook with a history and a forecast for each item, without results."""
    book = openpyxl.Workbook()
    page = book.create_sheet("history")
    for line in histories(ITEMS, 3):
        page.append(line)
    for item in range(1, ITEMS + 1):
        column = get_column_letter(item)
        book.worksheets[0].cell(item, 1, f"=INVOPT.FORECAST(history!{column}1:{column}{PERIODS},3)")
    book.save(path)


def test_a_workbook_of_forecasts(office: Office, client: Client, tmp_path: Path, report: Report) -> None:
    book_of_forecasts(tmp_path / "forecasts.xlsx")
    figures = {}
    for what in ("never computed", "kept by the service", "kept on disk, the service started for it"):
        if "disk" in what:
            client.stop()
        begin = time.perf_counter()
        number = office.do("open", str(tmp_path / "forecasts.xlsx"))
        opened = time.perf_counter() - begin
        settled(office, number, f"A1:A{ITEMS}")
        figures[what] = {"until it is open, s": opened, "until all results are there, s": time.perf_counter() - begin}
        assert all(isinstance(cell, float) for (cell,) in office.do("read", number, f"A1:A{ITEMS}"))
        office.do("close", number)
    report(f"A workbook with {ITEMS} forecast cells", pd.DataFrame(figures).T.round(2))


def test_the_safety_stock_calculator(office: Office, tmp_path: Path, report: Report) -> None:
    path = tmp_path / "calculator.xlsx"
    write_template(TEMPLATES["safety_stock_calculator"], path, FORMS["calc"])
    figures, cells = {}, live_cells(path)
    for what in ("just opened", "another one, opened next"):
        number = office.do("open", str(path))
        again = [office.do("calculate", number) for _ in range(6)]
        figures[what] = {"first, s": again[0], "then at most, s": max(again[1:]), "typed, s": typed(office, number)}
        office.do("close", number)
    report(f"The calculator, {cells} live cells in one recalculation", pd.DataFrame(figures).T.round(3))


def live_cells(path: Path) -> int:
    """Return how many cells formulas fill."""
    book = openpyxl.load_workbook(path)
    held = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    areas = [CellRange(each.ref) for each in held if isinstance(each, ArrayFormula)]
    return len(held) - len(areas) + sum(area.size["rows"] * area.size["columns"] for area in areas)


def typed(office: Office, number: int) -> float:
    """Return the seconds from typing another lead time until the safety stock follows."""

    def work() -> None:
        office.do("put", number, {"E5": 3.0 + number}, 1)
        office.do("read", number, "R5:R34", 1)

    return timed(work)
