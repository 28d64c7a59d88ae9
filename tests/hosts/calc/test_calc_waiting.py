"""Calls that take long, and services that end, in a real LibreOffice: it is never frozen, and results appear."""

import os
import signal
import threading
import time
from dataclasses import replace

import pytest
from office import Office, unpacked
from service_process import serving, settings
from slow_service import SlowService

from invopt_xl.sheet import calculate

pytestmark = pytest.mark.office

PENDING = "#INVOPT! FORECAST is being computed; it appears by itself"
PATIENCE = 60.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("waiting")


@pytest.fixture(scope="module")
def office(folder):
    """Give an office whose cells do not wait; its add-in asks at an address that each test fills."""
    found = replace(settings(folder), address=str(folder / "slow.sock"))
    with Office(folder / "profile", unpacked(folder / "bundled", found)) as made:
        yield made


@pytest.fixture
def slow(folder, office):
    service = SlowService(folder)
    yield service
    service.close()
    (folder / "slow.sock").unlink()


@pytest.fixture
def sheet(office):
    number = office.do("open")
    yield number
    office.do("close", number)


def becomes(office, sheet, address, expected):
    """Read cells until they show what is expected, without asking for a recalculation."""
    give_up = time.monotonic() + PATIENCE
    while (shown := office.do("read", sheet, address)) != expected and time.monotonic() < give_up:
        time.sleep(0.02)
    assert shown == expected


def test_a_long_call_says_so_and_its_result_appears_by_itself(office, sheet, slow):
    office.do("put", sheet, {"A1": "=INVOPT.FORECAST(1200;50;3)", "A2": "=INVOPT.EOQ(1200;50;3)"})
    begin = time.monotonic()
    assert office.do("read", sheet, "A1:A2") == [[PENDING], [200.0]]
    assert time.monotonic() - begin < 10
    slow.progress = (12, 500)
    under_way = "#INVOPT! FORECAST is being computed (forecasting, 12 of 500); it appears by itself"
    becomes(office, sheet, "A1", [[under_way]])
    slow.released.set()
    becomes(office, sheet, "A1", [[200.0]])


def test_arrays_and_formulas_around_a_call_get_its_result_too(office, sheet, slow):
    office.do("put", sheet, {"A1": 1200, "A2": 4800, "D1": "=SUM(INVOPT.FORECAST(A1:A2;50;3))", "D2": "=SUM(C1:C2)"})
    office.do("array", sheet, "C1:C2", "=INVOPT.FORECAST(A1:A2;50;3)")
    assert office.do("read", sheet, "C1:C2") == [[PENDING], [PENDING]]
    assert office.do("read", sheet, "D1") == [["#VALUE!"]], "a sum over something unknown is no zero"
    slow.released.set()
    becomes(office, sheet, "C1:D2", [[200.0, 600.0], [400.0, 600.0]])


def test_many_long_calls_together_cost_a_burst_no_more_than_its_patience(office, sheet, slow):
    office.do("put", sheet, {f"A{row}": f"=INVOPT.FORECAST({row};50;3)" for row in range(1, 201)})
    begin = time.monotonic()
    assert office.do("read", sheet, "A1:A200") == [[PENDING]] * 200
    assert time.monotonic() - begin < 10
    slow.released.set()
    becomes(office, sheet, "A1:A200", [[calculate("EOQ", (row, 50, 3)).cells[0][0]] for row in range(1, 201)])


def test_a_pending_text_that_was_saved_is_computed_when_the_file_is_opened(office, sheet, slow, tmp_path):
    office.do("put", sheet, {"A1": "=INVOPT.FORECAST(1200;60;3)"})
    for name in ("early.ods", "early.xlsx"):
        office.do("save", sheet, str(tmp_path / name))
    slow.released.set()
    becomes(office, sheet, "A1", [[calculate("EOQ", (1200, 60, 3)).cells[0][0]]])
    for name in ("early.ods", "early.xlsx"):
        again = office.do("open", str(tmp_path / name))
        becomes(office, again, "A1", [[calculate("EOQ", (1200, 60, 3)).cells[0][0]]])
        office.do("close", again)


def history(items):
    return [[float(10 + (3 * row + 7 * item) % 11) for item in range(items)] for row in range(104)]


def test_a_service_that_is_killed_while_it_computes_is_started_again(tmp_path):
    """The cell that waits gets its result all the same."""
    found = settings(tmp_path)
    rows = history(60)
    with (
        serving(found) as client,
        Office(
            tmp_path / "profile",
            unpacked(tmp_path / "bundled", found),
            INVOPT_WAIT="240",
            INVOPT_CACHE=str(tmp_path / "cache"),
        ) as office,
    ):
        sheet = office.do("open")
        office.do("put", sheet, {"A1": "=INVOPT.EOQ(1200;50;3)"})
        office.do("fill", sheet, "B1:BI104", rows)
        asking = threading.Thread(target=ask, args=(office, sheet))
        asking.start()
        killed = kill_at_work(client)
        asking.join(PATIENCE)
        assert not asking.is_alive()
        assert office.do("read", sheet, "A1:A2") == [[200.0], [calculate("FORECAST", (rows, 3)).cells[0][0]]]
        assert client.status()["pid"] != killed


def ask(office, sheet):
    """Put a formula into a cell and read it: Calc computes it at the one or at the other."""
    office.do("put", sheet, {"A2": "=INVOPT.FORECAST(B1:BI104;3)"})
    office.do("read", sheet, "A2")


def kill_at_work(client):
    """Kill the service as soon as it computes something heavy; return its process."""
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up:
        state = client.status()
        if state["running"] and any(worker["busy"] == "FORECAST" for worker in state["workers"]):
            os.kill(state["pid"], signal.SIGKILL)
            return state["pid"]
        time.sleep(0.005)
    raise AssertionError("nothing heavy was computed")


def test_a_service_that_is_stuck_does_not_freeze_the_office(tmp_path):
    found = settings(tmp_path)
    option = unpacked(tmp_path / "bundled", found)
    with serving(found) as client, Office(tmp_path / "profile", option, INVOPT_CACHE=str(tmp_path / "cache")) as office:
        sheet = office.do("open")
        office.do("put", sheet, {"A1": "=INVOPT.EOQ(1200;50;3)"})
        becomes(office, sheet, "A1", [[200.0]])
        stuck = client.status()["pid"]
        os.kill(stuck, signal.SIGSTOP)
        try:
            begin = time.monotonic()
            office.do("put", sheet, {f"B{row}": f"=INVOPT.EOQ({1200 * row * row};50;3)" for row in range(1, 51)})
            shown = office.do("read", sheet, "B1:B50")
            assert time.monotonic() - begin < 20
            assert shown[-1] == [
                "#INVOPT! EOQ waits for the function service (invopt doctor, if for long); it appears by itself"
            ]
        finally:
            os.kill(stuck, signal.SIGCONT)
        becomes(office, sheet, "B1:B50", [[200.0 * row] for row in range(1, 51)])


def test_a_missing_interpreter_is_one_line_that_says_what_to_do(tmp_path):
    gone = replace(settings(tmp_path), command=("/nowhere/python", "-m", "invopt_xl.hosts.service"))
    with Office(tmp_path / "profile", unpacked(tmp_path / "bundled", gone)) as office:
        sheet = office.do("open")
        office.do("put", sheet, {f"A{row}": f"=INVOPT.EOQ({row};50;3)" for row in range(1, 101)})
        begin = time.monotonic()
        shown = {line for (line,) in office.do("read", sheet, "A1:A100")}
        assert time.monotonic() - begin < 10
        assert len(shown) == 1
        assert "invopt doctor" in shown.pop()
