"""The order of all tests, who does which, and where none of them leaves anything."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from xdist.scheduler import WorkStealingScheduling

COMPILES = "test_a_plan_of_any_kind_compiles_nothing_once_loops_are_ready"
CHECKS_TYPES = "test_the_house_is_in_order[mypy]"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the test that compiles all loops: the machine code it keeps spares every later process a minute.

    In the middle, where the second of two workers begins, stands what takes long and compiles nothing meanwhile.
    """
    items.sort(key=lambda item: item.name != COMPILES)
    for place, item in enumerate(items):
        if item.name == CHECKS_TYPES:
            items.insert(len(items) // 2, items.pop(place))
            break


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> WorkStealingScheduling | None:
    """Let each worker go through modules as they stand, so that what a module shares is made once.

    By default tests are dealt out a few at a time, and every worker makes what they share.
    """
    if config.getoption("dist") != "load":
        return None
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log)


@pytest.fixture(scope="session", autouse=True)
def _copies_elsewhere() -> Iterator[None]:
    """Keep copies of workbooks that tests write out of the user's own folder."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("INVOPT_UNDO", f"{folder}/undo")
        yield


@pytest.fixture(scope="session", autouse=True)
def _forecasts_made_once() -> Iterator[None]:
    """Make a forecast once for all tests of a process but those of `tests/forecasting`, which see how it is made."""
    from known_forecasts import solve_once

    from invopt_xl.forecasting import batch

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch, "solve_here", solve_once)
        yield
