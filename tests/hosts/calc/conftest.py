import pytest
from office import Office, unpacked
from service_process import serving, settings


@pytest.fixture(scope="session")
def service(tmp_path_factory):
    """Give the client of a function service for the office alone."""
    with serving(settings(tmp_path_factory.mktemp("service"))) as client:
        yield client


@pytest.fixture(scope="session")
def office(service, tmp_path_factory):
    """Give an office whose cells wait for their results."""
    folder = tmp_path_factory.mktemp("office")
    variables = {"INVOPT_WAIT": "240", "INVOPT_CACHE": str(folder / "cache")}
    with Office(folder / "profile", unpacked(folder / "bundled", service.settings), **variables) as made:
        yield made


@pytest.fixture
def sheet(office):
    """Give the number of a new document."""
    number = office.do("open")
    yield number
    office.do("close", number)
