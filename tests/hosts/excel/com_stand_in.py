# ruff: noqa: N802  # the names are those of COM
"""Stands in for pywin32, so that xlwings' own VBA generator, converters and `CallUDF` run where there is no Windows.

Only what xlwings asks of COM is here; every line of xlwings itself is the real one.
"""

import atexit
import ctypes
import datetime as dt
import importlib
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock, patch

RANGE = "{00020846-0000-0000-C000-000000000046}"
MISSING = -2147352572

CallUdf = Callable[..., Any]
"""Calls a worksheet function by its name."""


class ComError(Exception):
    """An error of COM."""


def _modules() -> dict[str, types.ModuleType]:
    def no_wrapper(value: Any) -> Any:
        raise ComError("not wrapped")

    same = {"Dispatch": lambda value, *_, **__: value, "DispatchEx": lambda value, *_, **__: value}
    classes = {name: type(name, (), {}) for name in ("CDispatch", "CoClassBaseClass", "DispatchBaseClass")}
    contents: dict[str, dict[str, Any]] = {
        "pywintypes": {"com_error": ComError, "IID": str, "TimeType": dt.datetime, "error": ComError},
        "pythoncom": {
            "__file__": "pythoncom.dll",
            "IID_IDispatch": "IDispatch",
            "IID_IEnumVARIANT": "IEnumVARIANT",
            "TypeIIDs": {"IDispatch": type("PyIDispatch", (), {})},
            "CoInitialize": lambda: None,
            "com_error": ComError,
        },
        "win32process": {"GetWindowThreadProcessId": lambda _: (1, 4711)},
        "win32timezone": {"TimeZoneInfo": types.SimpleNamespace(utc=lambda: dt.UTC)},
        "win32com.client": {**same, **classes},
        "win32com.server.util": {"unwrap": no_wrapper, "wrap": lambda value, *_, **__: value},
    }
    empty = ("win32api", "win32con", "win32gui", "win32event", "winerror", "win32com", "win32com.server")
    empty += ("win32com.server.dispatcher", "win32com.server.policy")
    made = {}
    for name in (*empty, *contents):
        made[name] = types.ModuleType(name)
        vars(made[name]).update(contents.get(name, {}))
    for name, module in made.items():
        folder, _, own = name.rpartition(".")
        if folder:
            setattr(made[folder], own, module)
    return made


@contextmanager
def windows_xlwings() -> Iterator[types.ModuleType]:
    """Have xlwings as it is on Windows: `func`, `arg` and `ret` are those for worksheet functions."""
    import xlwings

    windows_parts = {name: MagicMock(name=name) for name in ("windll", "oledll", "PyDLL")}
    stand_ins = _modules()
    sys.modules.update(stand_ins)
    try:
        with patch.multiple(ctypes, create=True, **windows_parts):
            native = importlib.import_module("xlwings._xlwindows")
            atexit.unregister(native.cleanup)  # it would look for Excel's processes
            udfs = importlib.import_module("xlwings.udfs")
            server = importlib.import_module("xlwings.com_server")
            excel = xlwings.Engine(impl=native.engine)
            engine = patch.multiple(xlwings.engines, active=excel, engines=[excel], engines_by_name={"excel": excel})
            with engine, patch.multiple(xlwings, func=udfs.xlfunc, arg=udfs.xlarg, ret=udfs.xlret):
                yield udfs
    finally:
        server.loop.close()
        for name in stand_ins:
            sys.modules.pop(name, None)
        for name in ("_xlwindows", "udfs", "com_server"):
            sys.modules.pop(f"xlwings.{name}", None)
            vars(xlwings).pop(name, None)


class Range:
    """A range of cells, or the calling cell, as COM hands it over."""

    CLSID = RANGE

    class _Dispatch:
        def GetTypeInfo(self) -> Any:
            return self

        def GetTypeAttr(self) -> Any:
            return types.SimpleNamespace(iid=RANGE)

        def GetDocumentation(self, _: int) -> tuple[str]:
            return ("Range",)

    def __init__(self, rows: tuple[tuple[Any, ...], ...] = ((None,),), address: str = "$A$1") -> None:
        self._oleobj_ = self._Dispatch()
        self.Value = rows if len(rows) > 1 or len(rows[0]) > 1 else rows[0][0]
        self.Rows = types.SimpleNamespace(Count=len(rows))
        self.Columns = types.SimpleNamespace(Count=len(rows[0]))
        self.Count = len(rows) * len(rows[0])
        self.Row = self.Column = 1
        self.Address = address
        application = types.SimpleNamespace(Hwnd=1)
        book = types.SimpleNamespace(Name="plan.xlsm", Application=application)
        self.Application = application
        self.Worksheet = types.SimpleNamespace(Name="Plan", Parent=book, Application=application)

    def GetAddress(self, *_: Any) -> str:
        return self.Address


class Components:
    """The VBA modules of a workbook."""

    def __init__(self) -> None:
        self.imported = ""

    def __call__(self, name: str) -> Any:
        raise ComError(f"there is no module {name}")

    def Remove(self, component: Any) -> None:
        raise AssertionError(f"{component} was never there")

    def Import(self, path: str) -> None:
        with Path(path).open(newline="") as file:
            self.imported = file.read()


class Workbook:
    """A workbook as 'Import Functions' sees it; it notes the help that Excel is given."""

    def __init__(self, name: str = "plan.xlsm") -> None:
        self.Name = name
        self.components = Components()
        self.help: dict[str, dict[str, Any]] = {}
        self.VBProject = types.SimpleNamespace(VBComponents=self.components)
        self.Sheets: list[Any] = []
        self.Worksheets: list[Any] = []
        self.Application = types.SimpleNamespace(Version="16.0", MacroOptions=self._note)

    def _note(self, macro: str, **options: Any) -> None:
        self.help[macro.rpartition("!")[2]] = options
