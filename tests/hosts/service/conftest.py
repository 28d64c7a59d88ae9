from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from service_process import serving, settings

from invopt_xl.hosts.service.client import Client


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """Give the client of a service of the test's own, not started yet."""
    monkeypatch.setenv("INVOPT_CACHE", str(tmp_path / "cache"))
    with serving(settings(tmp_path)) as made:
        yield made
