"""Excel's side of the functions, without Windows."""

import importlib
import types
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from com_stand_in import CallUdf, Range, windows_xlwings

from invopt_xl.hosts.excel import functions
from invopt_xl.hosts.excel.asking import Worksheet
from invopt_xl.hosts.excel.binding import worksheet_functions
from invopt_xl.hosts.excel.vba import FUNCTIONS_MODULE
from invopt_xl.sheet import calculate


class Computing:
    """Answers as the function service does, in this process."""

    def call(self, name: str, given: Any, wait: float | None = None, progress: Any = None) -> dict[str, Any]:
        with warnings.catch_warnings():
            # Numbers such as 1e-308 overflow; what comes of it is looked at in the cells.
            warnings.simplefilter("ignore", RuntimeWarning)
            answer = calculate(name, given)
        return {"cells": answer.cells, "faults": list(answer.faults), "refused": answer.refused}


class Patient:
    """Lets every call wait as long as it takes."""

    def allowance(self) -> float:
        return 600.0

    def spent(self, seconds: float) -> None:
        pass


@pytest.fixture(scope="module")
def udfs() -> Iterator[types.ModuleType]:
    """Give xlwings' own module for worksheet functions; it knows ours as Excel would have it import them."""
    with windows_xlwings() as module:
        importlib.reload(functions)
        yield module
    importlib.reload(functions)


@pytest.fixture
def call_udf(udfs: types.ModuleType) -> CallUdf:
    """Call a worksheet function as the generated VBA does."""
    from xlwings.com_server import XLPython

    def call(name: str, *arguments: Any) -> Any:
        return XLPython().CallUDF(FUNCTIONS_MODULE, name, arguments, None, Range(address="$D$4"))

    return call


@pytest.fixture
def excel(call_udf: CallUdf, monkeypatch: pytest.MonkeyPatch) -> CallUdf:
    """Do the same with functions computed in this process."""
    computing = worksheet_functions(Worksheet(Computing(), Patient()))
    for name, function in computing.items():
        monkeypatch.setattr(functions, name, function)
    return call_udf
