import pandas as pd
import pytest

from invopt_xl.demo import condense, grocery_tables, source, write_condensed


@pytest.fixture(scope="session")
def written(tmp_path_factory):
    """The condensed tables made again from the data package, as files in another folder."""
    return write_condensed(tmp_path_factory.mktemp("condensed"))


@pytest.fixture(scope="session")
def fresh(written):
    return {path.stem: pd.read_parquet(path) for path in written}


@pytest.fixture(scope="session")
def shipped():
    return condense.shipped()


@pytest.fixture(scope="session")
def receipts():
    return source.read("transactions")


@pytest.fixture(scope="session")
def tables():
    return grocery_tables()
