import pytest

from invopt_xl.demo import condense, grocery_tables, source


@pytest.fixture(scope="session")
def fresh():
    return condense.condense()


@pytest.fixture(scope="session")
def shipped():
    return condense.shipped()


@pytest.fixture(scope="session")
def receipts():
    return source.read("transactions")


@pytest.fixture(scope="session")
def tables():
    return grocery_tables()
