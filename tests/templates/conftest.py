"""One office for all templates, its cells answered by a service of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from office import Office, unpacked
from service_process import serving, settings


@pytest.fixture(scope="package")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    with serving(settings(tmp_path_factory.mktemp("service"))) as client:
        variables = {"INVOPT_WAIT": "240", "INVOPT_CACHE": str(folder / "cache")}
        with Office(folder / "profile", unpacked(folder / "bundled", client.settings), **variables) as made:
            yield made
