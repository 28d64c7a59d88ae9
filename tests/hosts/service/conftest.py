from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from service_process import ODD, serving, settings

from invopt_xl.hosts.service.client import Client, Settings


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Return the settings of a service of the test's own, with a cache and notes of its own."""
    monkeypatch.setenv("INVOPT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("INVOPT_NOTES", str(tmp_path / "notes"))
    return settings(tmp_path)


@pytest.fixture
def client(own: Settings) -> Iterator[Client]:
    """Give the client of a service that is not started yet."""
    with serving(own) as made:
        yield made


@pytest.fixture
def odd(own: Settings, tmp_path: Path) -> Iterator[Client]:
    """Give the client of a service that has odd functions too."""
    with serving(settings(tmp_path, ODD, "--cold")) as made:
        yield made


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    """Return the file for which slow functions wait."""
    return tmp_path / "gate"


@pytest.fixture
def notes(own: Settings, tmp_path: Path) -> Path:
    """Return the file in which functions note that they were called."""
    (tmp_path / "notes").touch()
    return tmp_path / "notes"
