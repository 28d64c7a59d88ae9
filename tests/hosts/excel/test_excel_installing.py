"""What installing writes, and that uninstalling leaves nothing behind."""

import re
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invopt_xl.errors import FileError
from invopt_xl.hosts.excel import vba
from invopt_xl.hosts.excel.configuration import Configuration, Place
from invopt_xl.hosts.excel.installing import carry_out, installation, removal
from invopt_xl.hosts.excel.vba import FUNCTIONS_MODULE


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path, tmp_path / "XLSTART", Path("/opt/python/bin/python"))


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def install(place: Place, *, addin: bool = False) -> None:
    assert list(carry_out(installation(place, addin=addin)))


def uninstall(place: Place) -> None:
    assert list(carry_out(removal(place)))


def test_workbooks_learn_which_python_to_use(place: Place) -> None:
    install(place)
    settings = Configuration.read(place.own).values
    assert settings["INTERPRETER_WIN"] == str(place.interpreter)
    assert settings["UDF MODULES"] == FUNCTIONS_MODULE


def test_each_setting_is_one_that_the_macros_read(place: Place) -> None:
    """But for those that we note for ourselves."""
    install(place)
    read = set(re.findall(r'GetConfig\("([^"]+)"', vba.xlwings_module()))
    assert {name for name in Configuration.read(place.own).values if not name.startswith("INVOPT")} <= read


def test_the_macros_look_where_the_settings_are(place: Place) -> None:
    module = vba.xlwings_module()
    assert 'Environ("USERPROFILE") & "\\." & PROJECT_NAME & "\\" & PROJECT_NAME & ".conf"' in module
    assert place.own.relative_to(place.home).parts == (f".{vba.PROJECT}", f"{vba.PROJECT}.conf")


def test_code_beside_a_workbook_is_not_imported(place: Place) -> None:
    install(place)
    assert Configuration.read(place.own).values["ADD_WORKBOOK_TO_PYTHONPATH"] == "False"


def test_a_python_in_the_users_folder_is_named_by_its_variable(tmp_path: Path) -> None:
    """Macros read settings in the code page of Windows, which may lack letters of the name."""
    home = tmp_path / "Łukasz"
    place = Place(home, home / "XLSTART", home / "venv" / "Scripts" / "python.exe")
    assert place.settings == {"INTERPRETER_WIN": "%USERPROFILE%\\venv\\Scripts\\python.exe"}


def test_a_conda_environment_is_named_as_such(place: Place) -> None:
    there = Place(place.home, place.startup, place.interpreter, ("C:\\conda", "plans"))
    assert there.settings == {"CONDA PATH": "C:\\conda", "CONDA ENV": "plans"}


def test_the_addin_learns_of_the_functions_and_keeps_the_rest(place: Place) -> None:
    place.shared.parent.mkdir()
    place.shared.write_text('"INTERPRETER_WIN","C:\\other\\python.exe"\n"UDF MODULES","mine"\n"SHOW CONSOLE","True"\n')
    install(place)
    assert Configuration.read(place.shared).values == {
        "INTERPRETER_WIN": "C:\\other\\python.exe",
        "SHOW CONSOLE": "True",
        "UDF MODULES": f"mine;{FUNCTIONS_MODULE}",
    }
    assert any("uses another Python" in step.text for step in installation(place))


def test_xlwings_reads_the_settings_as_they_were_written(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    import xlwings
    from xlwings.utils import read_user_config

    install(place)
    monkeypatch.setattr(xlwings, "USER_CONFIG_FILE", str(place.shared))
    assert read_user_config() == {"interpreter_win": str(place.interpreter), "udf modules": FUNCTIONS_MODULE}


def test_the_addin_is_that_of_xlwings(place: Place) -> None:
    install(place, addin=True)
    assert place.addin.read_bytes() == (Path(str(files("xlwings"))) / "addin" / "xlwings.xlam").read_bytes()


@pytest.mark.parametrize("addin", [False, True])
def test_uninstalling_leaves_nothing_behind(place: Place, addin: bool) -> None:
    install(place, addin=addin)
    uninstall(place)
    assert everything(place.home) == {}


@pytest.mark.parametrize(
    "before",
    [
        '"INTERPRETER_WIN","C:\\python.exe"\r\n',
        '"UDF MODULES","a;b"\r\n',
        f'"UDF MODULES","a;{FUNCTIONS_MODULE}"\r\n"INTERPRETER_WIN","C:\\python.exe"\r\n',
        '"LICENSE_KEY","x"\r\n"CONDA PATH","C:\\conda"\r\n"CONDA ENV","base"\r\n',
    ],
)
@pytest.mark.parametrize("times", [1, 2])
def test_what_was_there_before_is_there_afterwards(place: Place, before: str, times: int) -> None:
    place.shared.parent.mkdir()
    place.shared.write_bytes(before.encode())
    place.addin.parent.mkdir(parents=True)
    place.addin.write_bytes(b"an older one")
    for _ in range(times):
        install(place, addin=True)
    uninstall(place)
    assert Configuration.parse(before) == Configuration.read(place.shared)
    assert place.addin.exists()
    assert not place.own.exists()


def test_settings_without_a_value_as_the_addin_writes_them_stay_settings(place: Place) -> None:
    place.shared.parent.mkdir()
    place.shared.write_bytes(b'"INTERPRETER_WIN",""\r\n"PYTHONPATH",""\r\n"UDF MODULES",""\r\n"LICENSE_KEY","x"\r\n')
    install(place)
    settings = Configuration.read(place.shared).values
    assert (settings["INTERPRETER_WIN"], settings["UDF MODULES"]) == (str(place.interpreter), FUNCTIONS_MODULE)
    assert (settings["PYTHONPATH"], settings["LICENSE_KEY"], len(settings)) == ("", "x", 4)
    uninstall(place)
    assert Configuration.read(place.shared).values == {"PYTHONPATH": "", "LICENSE_KEY": "x"}


def test_uninstalling_what_is_not_there_does_nothing(place: Place) -> None:
    uninstall(place)
    assert everything(place.home) == {}


def test_steps_are_decided_before_anything_is_written(place: Place) -> None:
    installation(place, addin=True)
    assert everything(place.home) == {}


def test_a_folder_that_takes_no_files_is_told(place: Place) -> None:
    place.own.parent.write_text("a file where the folder should be")
    with pytest.raises(FileError, match="cannot be"):
        install(place)


names = st.text(st.characters(codec="ascii", exclude_characters='"\n\r', min_codepoint=32), min_size=1, max_size=10)


@given(st.dictionaries(names, names | st.just("")))
def test_settings_come_back_as_they_were(values: dict[str, str]) -> None:
    wanted = {name: value for name, value in values.items() if '","' not in name + value}
    assert Configuration.parse(Configuration(wanted).text()).values == wanted


def test_another_xlwings_than_before_is_told_with_what_to_do(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not [step for step in installation(place) if "renew" in step.text]
    install(place)
    monkeypatch.setattr("invopt_xl.hosts.excel.installing.version", lambda _: "9.9")
    (told,) = (step.text for step in installation(place) if "renew" in step.text)
    assert "is 9.9 now: renew each workbook with the functions: invopt excel book BOOK.xlsm --from BOOK.xlsm" in told
