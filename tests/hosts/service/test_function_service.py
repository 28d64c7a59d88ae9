"""The resident service as its clients know it, with real processes."""

from __future__ import annotations

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from service_process import busy, ended, serving, settings, until

from invopt_xl.hosts.service.client import Client, Settings
from invopt_xl.sheet import calculate, catalogue

FORECAST = ("FORECAST", catalogue()["FORECAST"].example)


def test_answers_are_those_of_the_catalogue(client: Client) -> None:
    for function in catalogue().values():
        if function.cost != "live":
            answer = calculate(function.name, function.example)
            cells = client.call(function.name, function.example)["cells"]
            assert cells == answer.cells, function.name


def test_what_is_wrong_is_said_in_the_cell(client: Client) -> None:
    line = "#INVOPT! holding cost is -3; expected a number above 0"
    assert client.call("INVOPT_EOQ", [1200, 50, -3]) == {"cells": [[line]], "faults": [line], "refused": True}
    assert "did you mean EOQ?" in client.call("EOQS", [1])["cells"][0][0]


def test_each_refused_row_of_a_range_is_remembered(client: Client) -> None:
    for name, given in (("EOQ", [[[-1], [-2], [-3]], 50, 3]), ("FORECAST", [[[-1, -2, -3], [5, 5, 5]], 2])):
        lines = client.call(name, given)["faults"]
        assert len(lines) == 3
        for line in lines:
            told = client.call("LAST_ERROR", [line])["cells"][0][0]
            assert told.startswith(f"{name} at ")
            assert line.removeprefix("#INVOPT! ") in told


def test_an_answer_that_was_kept_on_disk_is_remembered_as_refused(client: Client) -> None:
    given = [[[-1.0, 5, -3], [5, 5, 5]], 2]
    first, *_ = client.call("FORECAST", given)["faults"]
    client.stop()
    assert client.call("FORECAST", given)["faults"][0] == first
    assert client.call("LAST_ERROR", [first])["cells"][0][0].startswith("FORECAST at ")


def test_texts_come_back_as_they_were(client: Client) -> None:
    for text in ("crème brûlée ☕", "two\nlines", "half \ud83d of a character", "\u2028", '"', "\\"):
        (fault,) = client.call("EOQ", [text, 50, 3])["faults"]
        assert fault == calculate("EOQ", [text, 50, 3]).faults[0]


def test_two_hundred_equal_forecasts_are_fitted_once(client: Client) -> None:
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: client.call(*FORECAST), range(200)))
    assert all(answer == answers[0] for answer in answers)
    assert not answers[0].get("refused")
    assert client.status()["computed"] == 1


def test_equal_calls_under_way_are_computed_once(odd: Client, gate: Path, notes: Path) -> None:
    with ThreadPoolExecutor(20) as pool:
        calls = [pool.submit(odd.call, "SLOW", [str(gate), "once"]) for _ in range(20)]
        until(lambda: odd.status().get("hits", {}).get("joined", 0) >= 19)
        gate.touch()
        assert {call.result()["cells"][0][0] for call in calls} == {"done once"}
    assert notes.read_text() == "once\n"


def test_a_cheap_call_is_answered_while_every_process_is_taken(odd: Client, gate: Path) -> None:
    odd.start()
    slow = [("SLOW", [str(gate), str(number)]) for number in range(50)]
    assert all(odd.call(*each, wait=0.0).get("pending") for each in [*slow, ("QUICKER", [str(gate), "q"])])
    until(lambda: len(busy(odd)) >= 3 == len(odd.status()["workers"]))
    assert odd.call("EOQ", [1200, 50, 3])["cells"] == [[200.0]]
    assert all(odd.call(*each, wait=0.0).get("pending") for each in slow)
    gate.touch()
    assert [odd.call(*each)["cells"] for each in slow] == [[[f"done {number}"]] for number in range(50)]


def test_a_long_call_that_comes_later_is_not_kept_waiting_by_one_under_way(odd: Client, gate: Path) -> None:
    odd.start()
    for number in (1, 2):
        odd.call("SLOW", [str(gate), str(number)], wait=0.0)
        until(lambda number=number: len(busy(odd)) == number)
    gate.touch()


def test_why_a_cheap_result_is_so_is_told_while_every_process_is_taken(odd: Client, gate: Path) -> None:
    odd.start()
    slow = [("SLOW", [str(gate), str(number)]) for number in range(3)]
    assert all(odd.call(*each, wait=0.0).get("pending") for each in slow)
    for explained in ("EOQ", "invopt_eoq", "NO_SUCH", "VERSION"):
        assert odd.call("EXPLAIN", [explained, 1200, 50, 3], wait=0.0)["cells"]
    gate.touch()
    assert [odd.call(*each)["cells"] for each in slow] == [[[f"done {number}"]] for number in range(3)]


def test_why_a_heavy_result_is_so_is_found_out_where_heavy_ones_are(client: Client) -> None:
    for explained in ("FORECAST", [["FORECAST"]]):
        assert not client.call("EXPLAIN", [explained, *FORECAST[1]]).get("refused")
    assert sum(each["calls"] for each in client.status()["workers"] if each["lane"] == "heavy") == 2


def test_a_slow_call_waits_for_no_forecast(odd: Client, gate: Path) -> None:
    """The quicker class has a process of its own."""
    odd.start()
    for number in range(10):
        odd.call("SLOW", [str(gate), str(number)], wait=0.0)
    here = gate.with_name("here")
    here.touch()
    assert odd.call("QUICKER", [str(here), "now"])["cells"] == [["done now"]]
    gate.touch()


def test_who_does_not_wait_is_told_how_far_it_is(odd: Client, gate: Path) -> None:
    call = ("SLOW", [str(gate), "told"])
    until(lambda: odd.call(*call, wait=0.0).get("stage") == "Waiting")
    answer = odd.call(*call, wait=0.01)
    assert (answer["pending"], answer["done"], answer["steps"]) == (True, 0, 10)
    assert answer["seconds"] > 0
    gate.touch()
    assert odd.call(*call)["cells"] == [["done told"]]


def test_who_waits_is_told_of_the_progress(odd: Client, gate: Path) -> None:
    told: list[tuple[str, int, int]] = []

    def progress(*news: object) -> None:
        told.append(news)
        if told[-1] == ("Waiting", 0, 10):
            gate.touch()
        raise RuntimeError("an observer that fails costs nothing")

    assert odd.call("SLOW", [str(gate), "told"], progress=progress)["cells"] == [["done told"]]
    assert told[-1] == ("Waiting", 0, 10)


def test_a_call_that_was_asked_again_is_not_computed_again(odd: Client, notes: Path, gate: Path) -> None:
    gate.touch()
    for _ in range(3):
        assert odd.call("SLOW", [str(gate), "a"])["cells"] == odd.call("QUICKER", [str(gate), "a"])["cells"]
    assert notes.read_text() == "a\na\n"


def test_what_is_live_is_asked_each_time(odd: Client) -> None:
    assert [odd.call("COUNT", [])["cells"][0][0] for _ in range(3)] == ["1", "2", "3"]


def test_what_is_live_is_asked_each_time_however_much_it_is_asked(odd: Client) -> None:
    many = [[1.0]] * 40_000
    assert [odd.call("COUNT", [many])["cells"][0][0] for _ in range(2)] == ["1", "2"]


def test_where_the_program_stumbled_nothing_is_kept(odd: Client, notes: Path) -> None:
    answers = [odd.call("STUMBLE", []) for _ in range(2)]
    assert notes.read_text() == "stumble\n" * 2
    line = "#INVOPT! STUMBLE failed: the program stumbled (ZeroDivisionError); INVOPT_LAST_ERROR() has the details"
    assert answers == [{"cells": [[line]], "faults": [line], "refused": True}] * 2
    log = Path(odd.status()["log"]).read_text()
    assert "Traceback" in log
    assert "ZeroDivisionError" in log


def test_faults_are_remembered_without_the_data(odd: Client) -> None:
    odd.call("EOQ", [[[1200.125], [4711.5]], 50, -3])
    shown = odd.call("LATEST_FAULT", [])["cells"][0][0]
    assert shown == "EOQ: 2 x 1 cells; 50; -3: #INVOPT! holding cost is -3; expected a number above 0"
    assert "4711" not in Path(odd.status()["log"]).read_text()


def test_the_latest_fault_is_that_of_the_latest_refusal_though_its_answer_was_kept(odd: Client) -> None:
    for cost in (-1, -2, -1):
        odd.call("EOQ", [1200, 50, cost])
    assert "holding cost is -1" in odd.call("LATEST_FAULT", [])["cells"][0][0]


def test_forecasts_outlive_the_service_on_disk(client: Client) -> None:
    first = client.call(*FORECAST)
    client.stop()
    assert client.status()["running"] is False
    assert client.call(*FORECAST) == first
    state = client.status()
    assert (state["computed"], state["hits"]["disk"]) == (0, 1)


def test_a_large_cheap_call_leaves_the_service_to_the_others(client: Client) -> None:
    many = [[1200.0 + row] for row in range(40_000)]
    assert client.call("EOQ", [many, 50, 3])["cells"][:1] == [[200.0]]
    assert [each["calls"] for each in client.status()["workers"] if each["lane"] == "cached"] == [1]


def test_a_second_service_ends_quietly(client: Client) -> None:
    client.start()
    pid = client.status()["pid"]
    environment = {**os.environ, "INVOPT_SERVICE": client.settings.address}
    done = subprocess.run(client.settings.command, env=environment, capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")
    assert client.status()["pid"] == pid


def test_a_service_nobody_asks_ends(own: Settings, tmp_path: Path) -> None:
    with serving(settings(tmp_path, "-m", "invopt_xl.hosts.service", "--cold", "--idle", "0.5")) as client:
        client.start()
        until(lambda: not client.status()["running"])
    with serving(own) as client:
        assert client.call("EOQ", [1200, 50, 3])["cells"] == [[200.0]]


def test_a_client_of_another_version_brings_its_own(client: Client) -> None:
    client.start()
    pid = client.status()["pid"]
    other = Client(Settings(client.settings.address, client.settings.command, "0.0.1"))
    assert other.call("EOQ", [1200, 50, 3])["cells"] == [[200.0]]
    its_own = other.status()["pid"]
    assert its_own != pid
    until(lambda: ended(pid))
    other.close()
    assert other.call("EOQ", [1201, 50, 3])["cells"]
    assert other.status()["pid"] == its_own
    other.close()


def test_everything_is_started_ahead_of_the_first_forecast(own: Settings, tmp_path: Path) -> None:
    with serving(settings(tmp_path, "-m", "invopt_xl.hosts.service")) as client:
        client.start()
        until(lambda: all(each["ready"] for each in client.status()["workers"]))
        assert client.status()["computed"] == 0
        assert not client.call(*FORECAST).get("refused")


def test_stopping_what_is_not_there_is_no_fault(client: Client) -> None:
    client.stop()
    assert client.status()["running"] is False
