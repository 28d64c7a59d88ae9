"""The settings from which xlwings in a workbook knows where Python is, and what else an installation leaves behind.

A workbook with the functions reads settings of its own, apart from those of other projects with xlwings. Beside that
the settings of the xlwings add-in learn of the functions, for those who prefer its 'Import Functions'.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from invopt_xl.errors import FileError
from invopt_xl.hosts.excel.vba import FUNCTIONS_MODULE, PROJECT

INTERPRETER, MODULES, SEARCH = "INTERPRETER_WIN", "UDF MODULES", "ADD_WORKBOOK_TO_PYTHONPATH"
CONDA_PATH, CONDA_ENVIRONMENT = "CONDA PATH", "CONDA ENV"
ADDED = "INVOPT ADDED"
"""Which settings of the xlwings add-in are ours to take back; xlwings ignores it."""

XLWINGS = "INVOPT XLWINGS"
"""The version of xlwings at the installation: macros work with the one they were made with alone."""

ADDIN = "xlwings.xlam"
WINDOWS = os.name == "nt"


@dataclass(frozen=True)
class Place:
    """Where things are on a computer.

    Parameters
    ----------
    home
        The user's folder.
    startup
        The folder whose workbooks Excel opens when it starts.
    interpreter
        The Python that Excel is to use.
    conda
        Path and name of its conda environment; empty where it is none.
    """

    home: Path
    startup: Path
    interpreter: Path
    conda: tuple[str, str] = ("", "")

    @classmethod
    def here(cls) -> Place:
        """Return where things are on this computer."""
        home = Path(os.environ.get("USERPROFILE", "")) if WINDOWS else Path.home()
        roaming = Path(os.environ.get("APPDATA") or home / "AppData" / "Roaming")
        return cls(home, roaming / "Microsoft" / "Excel" / "XLSTART", _interpreter(Path(sys.executable)), _conda())

    @property
    def own(self) -> Path:
        """The settings of workbooks with the functions."""
        return self.home / f".{PROJECT}" / f"{PROJECT}.conf"

    @property
    def shared(self) -> Path:
        """The settings of the xlwings add-in."""
        return self.home / ".xlwings" / "xlwings.conf"

    @property
    def addin(self) -> Path:
        """The xlwings add-in."""
        return self.startup / ADDIN

    @property
    def settings(self) -> dict[str, str]:
        """What Excel has to know of Python."""
        if all(self.conda):
            return {CONDA_PATH: self.conda[0], CONDA_ENVIRONMENT: self.conda[1]}
        return {INTERPRETER: self._movable(self.interpreter)}

    def _movable(self, path: Path) -> str:
        r"""Return a path below the user's folder by that folder's variable.

        Settings are read in the code page of Windows, which may lack letters of the user's name.
        """
        if path.is_relative_to(self.home):
            return "%USERPROFILE%\\" + "\\".join(path.relative_to(self.home).parts)
        return str(path)


def _interpreter(running: Path) -> Path:
    """Return the Python that has a console, which xlwings hides by itself."""
    console = running.with_name(running.name.lower().replace("pythonw", "python"))
    return console if running.name.lower().startswith("pythonw") and console.exists() else running


def _conda() -> tuple[str, str]:
    """Return path and name of the conda environment that is active, as the add-in wants them."""
    program, name = os.environ.get("CONDA_EXE", ""), os.environ.get("CONDA_DEFAULT_ENV", "")
    if not (WINDOWS and program and name and (Path(sys.prefix) / "conda-meta").is_dir()):
        return "", ""
    return str(Path(program).parent.parent), name


@dataclass
class Configuration:
    """Settings as xlwings keeps them: a name and a value in quotes on each line.

    Parameters
    ----------
    values
        By name, in order.
    """

    values: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Configuration:
        """Return the settings of a file; none where there is no file.

        Raises
        ------
        FileError
            If it cannot be read.
        """
        try:
            text = path.read_text(encoding=_code_page(), errors="replace")
        except FileNotFoundError:
            return cls()
        except OSError as error:
            raise FileError(f"{path} cannot be read: {(error.strerror or str(error)).lower()}") from None
        return cls.parse(text)

    @classmethod
    def parse(cls, text: str) -> Configuration:
        r"""Return the settings of a text.

        Examples
        --------
        >>> Configuration.parse('"INTERPRETER_WIN","C:\\Python\\python.exe"\n"PYTHONPATH",""\n').values
        {'INTERPRETER_WIN': 'C:\\Python\\python.exe', 'PYTHONPATH': ''}
        """
        pairs = (line.strip()[1:-1].partition('","') for line in text.splitlines() if '","' in line)
        return cls({name: value for name, _, value in pairs})

    def text(self) -> str:
        """Return the settings as text."""
        return "".join(f'"{name}","{value}"\n' for name, value in self.values.items())

    def encoded(self) -> bytes:
        """Return the settings as VBA reads them.

        Raises
        ------
        FileError
            If a path has letters that the code page of Windows lacks.
        """
        try:
            return self.text().replace("\n", "\r\n").encode(_code_page())
        except UnicodeEncodeError as error:
            letter = error.object[error.start : error.end]
            raise FileError(
                f"the path of Python has {letter!r}, which Excel's macros cannot read; install Python in a folder with "
                "a plain name, such as C:\\Python311"
            ) from None


def _code_page() -> str:
    return "mbcs" if WINDOWS else "utf-8"


def own_configuration(place: Place) -> Configuration:
    """Return the settings of workbooks with the functions; a workbook's folder is none to import code from."""
    return Configuration({**place.settings, MODULES: FUNCTIONS_MODULE, SEARCH: "False"})


def with_functions(shared: Configuration, place: Place) -> tuple[Configuration, tuple[str, ...]]:
    """Return the add-in's settings with the functions, and the names of those that were added.

    What the user has set stays: another Python there is left as it is.
    """
    values, added = dict(shared.values), []
    if not any(values.get(name) for name in (INTERPRETER, CONDA_PATH)):
        values |= place.settings
        added += list(place.settings)
    listed = _listed(values)
    if FUNCTIONS_MODULE not in listed:
        values[MODULES] = ";".join([*listed, FUNCTIONS_MODULE])
        added.append(MODULES)
    return Configuration(values), tuple(added)


def without_functions(shared: Configuration, added: tuple[str, ...]) -> Configuration:
    """Return the add-in's settings as they were before the functions."""
    values = {name: value for name, value in shared.values.items() if name == MODULES or name not in added}
    if MODULES in added:
        left = ";".join(each for each in _listed(values) if each != FUNCTIONS_MODULE)
        values = {name: value for name, value in values.items() if name != MODULES} | ({MODULES: left} if left else {})
    return Configuration(values)


def _listed(values: Mapping[str, str]) -> list[str]:
    return [each for each in values.get(MODULES, "").split(";") if each]
