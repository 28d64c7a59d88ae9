"""VBA projects read back as oletools reads them: those that Excel made too."""

import zipfile
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vba_reader import sources

from invopt_xl.hosts.excel import vba
from invopt_xl.hosts.excel.compression import compressed, unpacked
from invopt_xl.hosts.excel.project import project
from invopt_xl.hosts.excel.reading_project import UnknownProjectError, is_own, sources_of, streams_of

OWN = project({"ThisWorkbook": "workbook", "Sheet1": "sheet"}, vba.modules())
MADE_BY_EXCEL = ("quickstart.xlsm", "quickstart_standalone.xlsm", "addin/xlwings.xlam")


def of_xlwings(name: str) -> bytes:
    with zipfile.ZipFile(Path(str(files("xlwings"))) / name) as archive:
        return archive.read("xl/vbaProject.bin")


def lines(text: str) -> list[str]:
    return [line for line in text.replace("\r\n", "\n").split("\n") if line.strip()]


@pytest.mark.parametrize("name", [*MADE_BY_EXCEL, ""])
def test_modules_are_read_as_oletools_reads_them(name: str) -> None:
    content = of_xlwings(name) if name else OWN
    expected = {each.rpartition(".")[0]: text for each, text in sources(content).items()}
    found = {each.name: each.text for each in sources_of(streams_of(content))}
    assert found.keys() == expected.keys()
    assert all(lines(found[each]) == lines(expected[each]) for each in expected)


def test_our_own_modules_are_known_and_those_of_others_are_not() -> None:
    assert is_own(OWN)
    assert not any(is_own(of_xlwings(name)) for name in MADE_BY_EXCEL)


@given(st.integers(0, len(OWN) - 1), st.binary(max_size=8))
def test_what_is_damaged_is_never_a_crash(place: int, patch: bytes) -> None:
    damaged = OWN[:place] + patch + OWN[place + len(patch) :]
    assert is_own(damaged) in (True, False)
    assert is_own(OWN[:place]) in (True, False)


def test_what_is_no_project_is_refused() -> None:
    for content in (b"", b"PK\x03\x04", OWN[:600]):
        with pytest.raises(UnknownProjectError):
            sources_of(streams_of(content))


@given(st.text(alphabet="abc \n", max_size=9000))
def test_packed_text_comes_back(text: str) -> None:
    assert unpacked(compressed(text.encode())) == text.encode()
