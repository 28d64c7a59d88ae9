"""Who may ask the service, and what it takes from those who may not, or who speak in tongues."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st
from service_process import serving, settings

from invopt_xl.hosts.service import server
from invopt_xl.hosts.service.client import Client, Settings
from invopt_xl.hosts.service.settings import LONGEST_PATH, default_address, short

FORECAST = ["FORECAST", [[[float(week)] for week in range(20, 40)], 2]]


@pytest.fixture(scope="module")
def resident(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Give the client of a service that takes whatever comes."""
    folder = tmp_path_factory.mktemp("resident")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INVOPT_CACHE", str(folder / "cache"))
        with serving(settings(folder)) as client:
            client.call("EOQ", [1200, 50, 3])
            yield client


def connected(client: Client) -> socket.socket:
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    line.settimeout(30)
    line.connect(client.settings.address)
    return line


def test_everything_it_leaves_on_disk_is_for_its_user_alone(client: Client, tmp_path: Path) -> None:
    client.call(*FORECAST)
    state = client.status()
    found = [path for path in tmp_path.rglob("*") if path.is_file() or path.is_socket()]
    assert {Path(state["log"]), Path(client.settings.address)} <= set(found)
    open_to_others = [path for path in found if path.stat().st_mode & 0o077]
    assert open_to_others == []


def test_a_folder_that_others_may_write_into_is_refused(own: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o777)
    with serving(settings(folder)) as client:
        assert "others may write into" in client.call("EOQ", [1200, 50, 3])["faults"][0]


def test_another_user_is_no_client(monkeypatch: pytest.MonkeyPatch) -> None:
    here, there = socket.socketpair(socket.AF_UNIX)
    with here, there:
        assert server._same_user(here)
        somebody = os.getuid() + 1
        monkeypatch.setattr(server.os, "getuid", lambda: somebody)
        assert not server._same_user(here)


def test_a_socket_of_another_user_is_not_asked(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client.start()
    client.close()
    somebody = os.getuid() + 1
    with monkeypatch.context() as patch:
        patch.setattr("os.getuid", lambda: somebody)
        assert "belongs to somebody else" in client.status()["why"]


def test_by_port_who_knows_the_token_is_answered(own: Settings, tmp_path: Path) -> None:
    with serving(settings(tmp_path, file="service.port")) as client:
        assert client.call("EOQ", [1200, 50, 3])["cells"] == [[200.0]]
        file = Path(client.settings.address)
        assert file.stat().st_mode & 0o777 == 0o600
        found = json.loads(file.read_text())
        assert found["token"] not in Path(client.status()["log"]).read_text()
        assert len(found["token"]) == 64
    assert not file.exists()


@pytest.mark.parametrize("token", ["", "0" * 64, None, 17, ["a"], "é"])
def test_by_port_who_does_not_know_the_token_is_shown_out(own: Settings, tmp_path: Path, token: object) -> None:
    with serving(settings(tmp_path, file="service.port")) as client:
        client.start()
        port = json.loads(Path(client.settings.address).read_text())["port"]
        with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
            line.sendall(b"hello " + json.dumps({"token": token, "version": "1"}).encode() + b"\nstatus\n")
            assert not _received(line)
        assert client.status()["running"]


def _received(line: socket.socket) -> bytes:
    try:
        return line.recv(100)
    except ConnectionResetError:
        return b""


@trials(deadline=None)
@given(first=st.binary(max_size=60))
def test_who_does_not_say_hello_is_shown_out(resident: Client, first: bytes) -> None:
    with connected(resident) as line:
        line.sendall(first + b"\nstatus\n")
        assert not _received(line)


WORDS = st.sampled_from([b"ask", b"ask 1", b"ask nan", b"ask -5", b"ask 1e999", b"status", b"hello", b"stopp", b""])
CELLS = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=8,
)
NAMES = st.sampled_from(["EOQ", "INVOPT_EOQ", "eoq", "NONE", "", '"', "\u2028"]) | st.text(max_size=5)
CALLS = st.builds(lambda name, cells: json.dumps([name, cells]).encode(), NAMES, CELLS)
BODIES = CALLS | st.binary(max_size=40) | st.sampled_from([b"[" * 100_000, b"9" * 5_000, b'["EOQ",', b"\xff\xfe"])


@trials(deadline=None)
@given(words=WORDS, body=BODIES)
def test_each_line_gets_one_line_of_json(resident: Client, words: bytes, body: bytes) -> None:
    with connected(resident) as line, line.makefile("rb") as answers:
        line.sendall(b"hello {}\n" + words + b" " + body.replace(b"\n", b"") + b'\nask 1 ["EOQ",[1200,50,3]]\n')
        said = [json.loads(answers.readline()) for _ in range(3)]
    assert said[2] == {"cells": [[200.0]]}
    assert "pid" in said[1] or said[1]["cells"]
    for row in said[1].get("cells", []):
        assert not any("Traceback" in str(cell) for cell in row)


@trials(deadline=None)
@given(line=BODIES, length=st.integers(0, 40))
def test_who_hangs_up_in_the_middle_of_a_line_costs_nothing(resident: Client, line: bytes, length: int) -> None:
    pid = resident.status()["pid"]
    with connected(resident) as connection:
        connection.sendall(b"hello {}\nask 5 " + line[:length])
    with connected(resident) as connection:
        connection.sendall((b"hello {}\nask 5 " + line)[:length])
    assert resident.status()["pid"] == pid


def test_who_does_not_listen_for_the_answer_costs_nothing(resident: Client) -> None:
    many = json.dumps(["EOQ", [[[1200.0 + row] for row in range(5_000)], 50, 3]]).encode()
    for _ in range(20):
        with connected(resident) as connection:
            connection.sendall(b"hello {}\n" + (b"ask 5 " + many + b"\n") * 5)
    assert resident.call("EOQ", [1200, 50, 3])["cells"] == [[200.0]]


def test_a_line_beyond_all_measure_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(server, "LONGEST_LINE", 1_000)
    door = server.Door(str(tmp_path / "service.sock"))
    here, there = socket.socketpair(socket.AF_UNIX)
    with door.listener, here:
        here.sendall(b"hello {}\nask 5 " + b" " * 1_000)
        service = server.Service(Settings("", (), "1"), server.Limits(), door)
        service._attend(there, None)  # type: ignore[arg-type]  # nothing gets as far as the desk
        said = here.recv(10_000).splitlines()
    assert json.loads(said[1])["cells"] == [["#INVOPT! the call is too large"]]


@trials(deadline=None)
@given(st.text(min_size=1, max_size=300).filter(lambda text: "\0" not in text))
def test_every_address_is_short_enough_for_a_socket(name: str) -> None:
    assert len(os.fsencode(short(name))) <= LONGEST_PATH or name.endswith(".port")
    assert short(short(name)) == short(name)


@pytest.mark.parametrize("name", ["notes.txt", "notes.port"])
def test_a_file_that_stands_where_the_service_is_to_be_met_stays(own: Settings, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "there"
    folder.mkdir(mode=0o700)
    (folder / name).write_text('{"port": "my notes"}')
    with serving(settings(folder, file=name)) as client:
        fault = client.call("EOQ", [1200, 50, 3])["faults"][0]
    assert "is something else than the function service's and stays as it is" in fault
    assert "Error" not in fault
    assert [each.name for each in folder.iterdir()] == [name]
    assert (folder / name).read_text() == '{"port": "my notes"}'


def test_a_relative_address_is_one_place_for_client_and_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("INVOPT_SERVICE", "own.sock")
    assert default_address() == short(str(tmp_path / "own.sock"))
