"""The function service at the command line."""

from __future__ import annotations

import json
import os
import signal
import sys

import pytest
from command_line import invoke, refusal

from invopt_xl.hosts.cli import service
from invopt_xl.hosts.service import client as client_module
from invopt_xl.hosts.service.client import Client, Settings


@pytest.fixture
def here(client: Client, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Let the command line find the service of this test."""
    monkeypatch.setenv("INVOPT_SERVICE", client.settings.address)
    return client


def test_it_is_started_shown_and_stopped(here: Client) -> None:
    assert "not running" in invoke("service")[1]
    assert "The function service runs" in invoke("service", "start")[1]
    here.call("EOQ", [1200, 50, -3])
    code, shown = invoke("service")
    assert code == 0
    assert "1 computed" in shown
    assert "holding cost is -3" in shown
    assert "not running" in invoke("service", "stop")[1]
    assert here.status()["running"] is False


def test_for_machines_there_is_json(here: Client) -> None:
    here.call("EOQ", [1200, 50, 3])
    state = json.loads(invoke("service", "--json")[1])
    assert (state["running"], state["computed"], state["recent"][0]["name"]) == (True, 1, "EOQ")


def test_what_cannot_be_started_is_one_line(here: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Settings(here.settings.address, (sys.executable, "-c", "raise SystemExit('no room')"), "1")
    monkeypatch.setattr(service, "default_settings", lambda: broken)
    assert refusal("service", "start") == "the function service ended at once (no room); invopt doctor says what to do"


def test_one_that_does_not_answer_is_named_and_can_be_stopped(here: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    here.start()
    pid = here.status()["pid"]
    here.close()
    os.kill(pid, signal.SIGSTOP)
    monkeypatch.setattr(client_module, "SLICE", 0.2)
    monkeypatch.setattr(client_module, "HESITATION", 0.2)
    assert f"The function service (process {pid}) does not answer" in invoke("service")[1]
    assert json.loads(invoke("service", "--json")[1])["running"] is True
    assert "not running" in invoke("service", "stop")[1]
