"""The order of all tests, and where none of them leaves anything."""

import tempfile

import pytest

COMPILES = "test_a_plan_of_any_kind_compiles_nothing_once_loops_are_ready"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Begin with the test that compiles all loops: the machine code it keeps spares every later process a minute."""
    items.sort(key=lambda item: item.name != COMPILES)


@pytest.fixture(scope="session", autouse=True)
def _copies_elsewhere():
    """Keep copies of workbooks that tests write out of the user's own folder."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("INVOPT_UNDO", f"{folder}/undo")
        yield
