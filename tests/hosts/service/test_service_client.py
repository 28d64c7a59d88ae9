"""The client by itself: what an add-in copies, and how long it lets an office wait."""

from __future__ import annotations

import ast
import inspect
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from service_process import serving

from invopt_xl.hosts.service import client as client_module
from invopt_xl.hosts.service import starting as starting_module
from invopt_xl.hosts.service import waiting as waiting_module
from invopt_xl.hosts.service.client import Client, Settings
from invopt_xl.hosts.service.kept import OVERHEAD, Kept, key_of
from invopt_xl.hosts.service.waiting import Patience


@pytest.mark.parametrize("module", [client_module, starting_module, waiting_module], ids=lambda module: module.__name__)
def test_it_reads_as_python_3_8_and_needs_the_standard_library_alone(module: ModuleType) -> None:
    tree = ast.parse(inspect.getsource(module), feature_version=(3, 8))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names])
    }
    assert imported <= {*sys.stdlib_module_names, "client", "starting", "waiting"}  # those stand side by side


def test_settings_come_back_from_what_an_add_in_stores() -> None:
    found = Settings("/run/service.sock", ("python", "-m", "service"), "1.0")
    assert Settings.from_dict(found.to_dict()) == found


def test_the_service_gets_nothing_that_an_office_sets_for_its_own_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, ours = tmp_path / "office" / "program", tmp_path / "ours"
    for folder in (program / "python-core" / "lib", ours):
        folder.mkdir(parents=True)
    (program / "pythonloader.py").touch()
    uno = ModuleType("uno")
    uno.__file__ = str(program / "uno.py")
    monkeypatch.setitem(sys.modules, "uno", uno)
    monkeypatch.setenv("PYTHONHOME", str(program))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(map(str, (program, program / "python-core" / "lib", ours))))
    found = starting_module._environment(Settings("/run/service.sock", (), "1"))
    assert found["PYTHONPATH"] == str(ours)
    assert "PYTHONHOME" not in found
    assert found["INVOPT_SERVICE"] == "/run/service.sock"


def test_what_lies_about_at_home_is_not_taken_for_a_module(
    own: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('the wrong json')")
    monkeypatch.setenv("HOME", str(tmp_path))
    with serving(own) as client:
        assert client.call("EOQ", [1200, 50, 3])["cells"] == [[200.0]]
        assert client.call("SEASON", [[[float(week % 4)] for week in range(24)]])["cells"]


class Cells:
    """A range of an office that fails when looked at."""

    def __str__(self) -> str:
        raise RuntimeError("gone")


def test_it_never_raises_whatever_it_is_given(tmp_path: Path) -> None:
    around: list[object] = []
    around.append(around)
    client = Client(Settings(str(tmp_path / "none"), ("/nowhere",), "1"))
    for given_ in ([Cells()], around, [{(1, 2): 3}], [b"bytes"], [float("nan")], None, "\ud800"):
        answer = client.call("EOQ", given_)
        assert answer["refused"]
        assert answer["cells"][0][0].startswith("#INVOPT! ")
    assert client.call(3, [])["refused"]  # type: ignore[arg-type]


@given(st.lists(st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 2.0)), max_size=30))
def test_a_burst_waits_no_longer_than_it_may(steps: list[tuple[float, float]]) -> None:
    """Oracle: add up what was waited since the last pause."""
    now = 100.0
    patience = Patience(2.0, 0.5, lambda: now)
    waited = 0.0
    for pause, took in steps:
        now += pause
        if pause > 0.5:
            waited = 0.0
        assert abs(patience.allowance() - max(0.0, 2.0 - waited)) < 1e-9
        now += took
        patience.spent(took)
        waited += took


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 12), st.integers(0, 400)), max_size=60))
def test_what_is_kept_is_what_was_used_last_and_fits(steps: list[tuple[bool, int, int]]) -> None:
    """Oracle: a list in order of use, cut from its old end."""
    most = 5 * OVERHEAD
    kept, listed = Kept(most), list[tuple[bytes, bytes]]()
    for put, number, length in steps:
        key, content = b"%d" % number, bytes(length)
        known = dict(listed).get(key)
        if not put:
            assert kept.get(key) == known
        else:
            kept.put(key, content)
        if known is not None and not put:
            listed = [each for each in listed if each[0] != key] + [(key, known)]
        if known is None and put:
            listed.append((key, content))
            while sum(len(k) + len(c) + OVERHEAD for k, c in listed) > most:
                listed.pop(0)
    assert len(kept) == len(listed)
    assert kept.size <= most


@given(st.binary(max_size=2_000), st.binary(max_size=2_000))
def test_different_requests_have_different_keys(one: bytes, other: bytes) -> None:
    assert (key_of(one) == key_of(other)) == (one == other)
    assert len(key_of(one)) <= 512
