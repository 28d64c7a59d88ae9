"""The order of all tests."""

import pytest

COMPILES = "test_a_plan_of_any_kind_compiles_nothing_once_loops_are_ready"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Begin with the test that compiles all loops: the machine code it keeps spares every later process a minute."""
    items.sort(key=lambda item: item.name != COMPILES)
