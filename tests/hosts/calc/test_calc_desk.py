"""What becomes of a call that takes long: the cell says so, and shows the result once it is there."""

import threading

import pytest

from invopt_xl.hosts.calc.addin.invopt_calc import desk as module
from invopt_xl.hosts.calc.addin.invopt_calc.desk import Desk
from invopt_xl.hosts.service.client import STARTING

FUNCTIONS = {"FORECAST": {"zeros": [False], "rest": False}, "HELP": {"zeros": [], "rest": False}}
WAIT = 20.0


class Patience:
    def __init__(self):
        self.left = 2.0

    def allowance(self):
        return self.left

    def spent(self, seconds):
        self.left = max(0.0, self.left - seconds)


class Client:
    """Has a result once it is released; before that it says how far it is."""

    def __init__(self, cells):
        self.cells = cells
        self.released = threading.Event()
        self.waits = []
        self.fault = None

    def call(self, name, given, wait=None):
        self.waits.append(wait)
        if self.fault is not None and len(self.waits) > 1:
            raise self.fault
        if not self.released.wait(0.01 if wait else 0):
            return {"pending": True, "done": len(self.waits), "steps": 500}
        return {"cells": self.cells}


class Shown:
    made = 0

    def __init__(self):
        self.values = []
        self.settled = threading.Event()
        Shown.made += 1

    def show(self, value):
        self.values.append(value)
        if not isinstance(value, str) or "being computed" not in value:
            self.settled.set()


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(module, "NEWS", 0.0)


def desk_of(client, **options):
    return Desk(client, Patience(), Shown, FUNCTIONS, **options)


def test_a_quick_call_is_a_plain_value():
    client = Client([[7]])
    client.released.set()
    assert desk_of(client).answer("FORECAST", (1.0,)) == 7.0
    assert client.waits == [2.0]


def test_a_long_call_tells_its_progress_and_then_the_result():
    client = Client([[7]])
    shown = desk_of(client).answer("FORECAST", (1.0,))
    assert shown.values[0] == "#INVOPT! FORECAST is being computed (1 of 500); it appears by itself"
    client.released.set()
    assert shown.settled.wait(WAIT)
    assert shown.values[-1] == 7.0


def test_cells_that_ask_the_same_share_one_wait():
    client = Client([[7]])
    desk = desk_of(client)
    first, second = desk.answer("FORECAST", (1.0,)), desk.answer("FORECAST", (1.0,))
    other = desk.answer("FORECAST", (2.0,))
    assert first is second
    assert other is not first
    client.released.set()
    assert first.settled.wait(WAIT)
    assert other.settled.wait(WAIT)


def test_the_cell_that_asks_again_for_what_just_arrived_is_not_put_off_again():
    client = Client([[7]])
    desk = desk_of(client)
    shown = desk.answer("FORECAST", (1.0,))
    client.released.set()
    assert shown.settled.wait(WAIT)
    client.released.clear()
    assert desk.answer("FORECAST", (1.0,)) is shown


def test_a_later_call_asks_the_service_anew(monkeypatch):
    client = Client([[7]])
    desk = desk_of(client)
    shown = desk.answer("FORECAST", (1.0,))
    client.released.set()
    assert shown.settled.wait(WAIT)
    monkeypatch.setattr(module, "KEPT", -1.0)
    client.cells = [[8]]
    assert desk.answer("FORECAST", (1.0,)) == 8.0


def test_equal_rows_are_the_same_result_as_long_as_a_cell_shows_it():
    client = Client([[1, None], ["#N/A", "x"]])
    client.released.set()
    desk = desk_of(client)
    first = desk.answer("HELP", ())
    assert desk.answer("HELP", ()) is first
    assert first.values[0][0] == (1.0, "")
    client.cells = [[2, None]]
    assert desk.answer("HELP", ()) is not first


def test_whatever_goes_wrong_is_one_line():
    client = Client([[7]])
    client.fault = ValueError("odd")
    desk = desk_of(client)
    shown = desk.answer("FORECAST", (1.0,))
    assert shown.settled.wait(WAIT)
    assert shown.values[-1] == "#INVOPT! FORECAST failed in the add-in (ValueError: odd)"
    assert desk.answer("HELP", ()) == "#INVOPT! HELP failed in the add-in (ValueError: odd)"


def test_a_fixed_wait_comes_before_patience():
    client = Client([[7]])
    client.released.set()
    desk_of(client, wait=600.0).answer("FORECAST", (1.0,))
    assert client.waits == [600.0]


def test_once_the_service_says_nothing_no_other_cell_waits_for_it(monkeypatch):
    monkeypatch.setattr(module, "LATE", -10.0)
    client = Client([[7]])
    client.released.set()
    desk = desk_of(client)
    assert desk.answer("FORECAST", (1.0,)) == 7.0
    shown = desk.answer("FORECAST", (2.0,))
    assert "waits for the function service" in shown.values[0]
    assert shown.settled.wait(WAIT)
    assert client.waits == [2.0, module.LOOK]


def test_a_service_that_has_not_taken_the_call_is_told_with_what_to_do():
    assert module.STARTING == STARTING
    text = module.state_of("EOQ", {"pending": True, "stage": STARTING})
    assert text == "#INVOPT! EOQ waits for the function service (invopt doctor, if for long); it appears by itself"
