"""A server and a browser for all tests of this folder, and the task pane in a page for each module."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from excel_browser import CHROMIUM, Excel, Server, opened, serving
from playwright.sync_api import sync_playwright


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("web"), "--noncommercial") as found:
        yield found


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    assert CHROMIUM, "Chromium is needed: apt-get install chromium"
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(scope="module")
def excel(browser: Any, server: Server) -> Iterator[Excel]:
    found = opened(browser, server)
    yield found
    found.page.close()
