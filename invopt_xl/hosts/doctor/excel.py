"""Excel for Windows: whether it finds Python, and lets the functions run."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PureWindowsPath

from invopt_xl.hosts.doctor.findings import Finding
from invopt_xl.hosts.excel.configuration import (
    CONDA_ENVIRONMENT,
    CONDA_PATH,
    INTERPRETER,
    MODULES,
    WINDOWS,
    XLWINGS,
    Configuration,
    Place,
)
from invopt_xl.hosts.excel.installing import RENEW
from invopt_xl.hosts.excel.vba import FUNCTIONS_MODULE

AREA = "Excel"
_OFFICE = r"Software\Microsoft\Office\16.0\Excel\Security"
_POLICY = r"Software\Policies\Microsoft\Office\16.0\Excel\Security"
_INSTALL = "run: invopt excel install"
_TRUST = "in Excel: File > Options > Trust Center > Trust Center Settings > Macro Settings"

Registry = Callable[[str, str, str], int | str | None]
"""Returns a value by hive (``HKCU``, ``HKCR``), key and name, None where there is none."""


@dataclass(frozen=True)
class Excel:
    """What can be asked about Excel on a computer.

    Parameters
    ----------
    place
        Where things are.
    registry
        Reads values of it.
    python
        The folder of this interpreter's program files, where libraries of xlwings are.
    """

    place: Place
    registry: Registry
    python: Path

    def examine(self) -> Iterator[Finding]:
        """Yield what is found."""
        yield self.program()
        yield from self.settings()
        yield self.library()
        yield from self.macros()
        yield self.addin()

    def program(self) -> Finding:
        """Whether Excel is there."""
        found = self.registry("HKCR", r"Excel.Application\CurVer", "")
        if found is None:
            return Finding(AREA, "warning", "Excel is not found on this computer", "install Excel, or use LibreOffice")
        return Finding(AREA, "ok", f"{str(found).removesuffix('.16')} is installed")

    def settings(self) -> Iterator[Finding]:
        """Whether workbooks with the functions know which Python to use."""
        values = Configuration.read(self.place.own).values
        named = values.get(INTERPRETER, "")
        if values.get(CONDA_PATH) and values.get(CONDA_ENVIRONMENT):
            yield Finding(AREA, "ok", f"workbooks use the conda environment {values[CONDA_ENVIRONMENT]}")
            return
        if not named:
            yield Finding(AREA, "warning", f"no settings for workbooks with the functions ({self.place.own})", _INSTALL)
            return
        path = self._expanded(named)
        if not path.exists():
            yield Finding(AREA, "problem", f"workbooks are to use {path}, which is not there", _INSTALL)
        elif path.resolve() != self.place.interpreter.resolve():
            advice = f"to have them use this one ({self.place.interpreter}), {_INSTALL}"
            yield Finding(AREA, "warning", f"workbooks use another Python than this one: {path}", advice)
        else:
            yield Finding(AREA, "ok", f"workbooks use {path}")

    def _expanded(self, named: str) -> Path:
        """Return a path with the user's folder in place of its variable."""
        variable = "%userprofile%"
        if named.lower().startswith(variable):
            return self.place.home.joinpath(*PureWindowsPath(named[len(variable) :].lstrip("\\")).parts)
        return Path(named)

    def library(self) -> Finding:
        """Whether the libraries of xlwings are where the macros look for them: that of Excel's bits."""
        names = [f"xlwings{bits}-{version('xlwings')}.dll" for bits in (64, 32)]
        found = [name for name in names if any((place / name).exists() for place in (self.python, self.python.parent))]
        own = version("xlwings")
        before = Configuration.read(self.place.own).values.get(XLWINGS, own)
        if found and before != own:
            text = f"xlwings was {before} when invopt excel install ran and is {own} now; older macros do not find it"
            return Finding(AREA, "warning", text, f"{RENEW}; then {_INSTALL}")
        if found:
            return Finding(AREA, "ok", f"{' and '.join(found)}; for workbooks that were made with xlwings {own}")
        advice = f"run: python -m pip install --force-reinstall --no-deps xlwings=={own}"
        return Finding(AREA, "problem", f"{names[0]} is not beside Python ({self.python})", advice)

    def macros(self) -> Iterator[Finding]:
        """Whether Excel lets macros run."""
        policy = self.registry("HKCU", _POLICY, "VBAWarnings")
        level = policy if policy is not None else self.registry("HKCU", _OFFICE, "VBAWarnings")
        whose = "your administrator has set that; ask for it" if policy is not None else _TRUST
        if level == 4:
            yield Finding(AREA, "problem", "macros are disabled without notice", whose)
        elif level == 3:
            yield Finding(AREA, "warning", "only signed macros run; those of invopt are not signed", whose)
        else:
            yield Finding(AREA, "ok", "macros may run" if level == 1 else "macros run after Enable Content")
        if self.registry("HKCU", _POLICY, "blockcontentexecutionfrominternet") == 1:
            advice = "keep such workbooks in a trusted location, or unblock them: Properties > Unblock"
            yield Finding(AREA, "warning", "macros of files from the internet are blocked", advice)
        if self.registry("HKCU", _OFFICE, "AccessVBOM") != 1:
            text = "'Trust access to the VBA project object model' is off, as it should be"
            yield Finding(AREA, "ok", f"{text}: 'Import Functions' alone needs it")

    def addin(self) -> Finding:
        """Whether the xlwings add-in is there, and knows the functions; it need not."""
        if not self.place.addin.exists():
            return Finding(AREA, "ok", "the xlwings add-in is not installed; workbooks with the functions do without")
        if FUNCTIONS_MODULE in Configuration.read(self.place.shared).values.get(MODULES, "").split(";"):
            return Finding(AREA, "ok", "the xlwings add-in is installed and knows the functions")
        return Finding(AREA, "warning", "the xlwings add-in is installed and does not know the functions", _INSTALL)


def examine_here() -> Iterator[Finding]:
    """Yield what is found on this computer."""
    if not WINDOWS:
        yield Finding(AREA, "ok", f"this system has no Excel for Windows ({sys.platform}); nothing to check")
        return
    yield pywin32()
    yield from Excel(Place.here(), _registry, Path(sys.executable).parent).examine()


def pywin32() -> Finding:
    """Whether Python can talk to Excel."""
    try:
        found = version("pywin32")
        import_module("pythoncom")
    except (PackageNotFoundError, ImportError) as error:
        told = " ".join(str(error).split())
        return Finding(
            AREA, "problem", f"pywin32 cannot be used ({told})", "run: python -m pip install --force-reinstall pywin32"
        )
    return Finding(AREA, "ok", f"pywin32 {found}")


def _registry(hive: str, key: str, name: str) -> int | str | None:
    winreg = import_module("winreg")
    root = {"HKCU": winreg.HKEY_CURRENT_USER, "HKCR": winreg.HKEY_CLASSES_ROOT}[hive]
    try:
        with winreg.OpenKey(root, key) as opened:
            found: int | str = winreg.QueryValueEx(opened, name)[0]
    except OSError:
        return None
    return os.path.expandvars(found) if isinstance(found, str) else found
