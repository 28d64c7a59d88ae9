"""The component that Calc loads: a method for each function, all of which ask the function service."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Callable

import uno
import unohelper
from com.sun.star.lang import Locale, XServiceInfo, XServiceName
from com.sun.star.sheet import XAddIn, XVolatileResult
from com.sun.star.task import XJob
from invopt_calc import __file__ as package
from invopt_calc.cells import seconds_of
from invopt_calc.client import Client, Settings
from invopt_calc.desk import Desk
from invopt_calc.opened import revive
from invopt_calc.waiting import Patience
from org.invopt.xl import XFunctions

IMPLEMENTATION = "org.invopt.xl.Functions"
OPENED = "org.invopt.xl.Opened"
SERVICE = "INVOPT"
SERVICES = (SERVICE, "com.sun.star.sheet.AddIn")
CATEGORY = "Add-In"


def _read(name: str) -> Any:
    return json.loads(Path(package).with_name(name).read_text(encoding="utf-8"))


FUNCTIONS: dict[str, dict[str, Any]] = _read("functions.json")


class Result(unohelper.Base, XVolatileResult):
    """What a cell shows and what may change: text while a call is under way, rows, or a value."""

    def __init__(self) -> None:
        self.cells: Any = None
        self._value: Any = ""
        self._listeners: list[Any] = []

    def show(self, value: Any) -> None:
        """Show a value, a text or rows, from now on."""
        # Rows reach Calc only as what they are declared to be; a plain tuple would be one of anything.
        self._value = uno.Any("[][]any", value) if isinstance(value, tuple) else value
        for listener in list(self._listeners):
            listener.modified(self._event())

    def addResultListener(self, listener: Any) -> None:  # noqa: N802 - the office's name
        """Tell a cell what to show, now and whenever it changes."""
        self._listeners.append(listener)
        listener.modified(self._event())

    def removeResultListener(self, listener: Any) -> None:  # noqa: N802 - the office's name
        """Tell it no more."""
        self._listeners = [each for each in self._listeners if each != listener]

    def _event(self) -> Any:
        event = uno.createUnoStruct("com.sun.star.sheet.ResultEvent")
        event.Value = self._value
        event.Source = self
        return event


def _desk() -> Desk:
    settings = _read("settings.json")
    settings["address"] = str(Path(os.environ.get("INVOPT_SERVICE") or settings["address"]).absolute())
    client = Client(Settings.from_dict(settings))
    return Desk(client, Patience(), Result, FUNCTIONS, seconds_of(os.environ.get("INVOPT_WAIT")))


class Functions(unohelper.Base, XFunctions, XAddIn, XServiceName, XServiceInfo):
    """All functions; their methods are added below."""

    desk = _desk()

    def __init__(self, context: Any) -> None:
        self._locale = Locale("en", "US", "")

    def getServiceName(self) -> str:  # noqa: N802 - the office's name, as are those below
        """Return what stands before the dot of a function's name in a file."""
        return SERVICE

    def getImplementationName(self) -> str:  # noqa: N802
        """Return the name in the list of components."""
        return IMPLEMENTATION

    def supportsService(self, name: str) -> bool:  # noqa: N802
        """Return whether a service is offered."""
        return name in SERVICES

    def getSupportedServiceNames(self) -> Any:  # noqa: N802
        """Return the services offered."""
        return SERVICES

    def setLocale(self, locale: Any) -> None:  # noqa: N802
        """Take note of the language; there is one."""
        self._locale = locale

    def getLocale(self) -> Any:  # noqa: N802
        """Return the language."""
        return self._locale

    # The configuration of the extension says all of this too, and Calc reads it there; the interface wants it here.

    def getProgrammaticFuntionName(self, shown: str) -> str:  # noqa: N802 - misspelt by the office
        """Return the method of a function as a formula names it."""
        return next((name for name, each in FUNCTIONS.items() if each["shown"] == shown), "")

    def getDisplayFunctionName(self, name: str) -> str:  # noqa: N802
        """Return the function as a formula names it."""
        return str(FUNCTIONS.get(name, {}).get("shown", ""))

    def getFunctionDescription(self, name: str) -> str:  # noqa: N802
        """Return the help of a function."""
        return str(FUNCTIONS.get(name, {}).get("help", ""))

    def getDisplayArgumentName(self, name: str, place: int) -> str:  # noqa: N802
        """Return the name of an argument."""
        return self._argument(name, place)[0]

    def getArgumentDescription(self, name: str, place: int) -> str:  # noqa: N802
        """Return the help of an argument."""
        return self._argument(name, place)[1]

    def getProgrammaticCategoryName(self, name: str) -> str:  # noqa: N802
        """Return the list in which a function stands."""
        return CATEGORY

    def getDisplayCategoryName(self, name: str) -> str:  # noqa: N802
        """Return the list in which a function stands."""
        return CATEGORY

    @staticmethod
    def _argument(name: str, place: int) -> list[str]:
        arguments = FUNCTIONS.get(name, {}).get("arguments", [])
        return arguments[place] if 0 <= place < len(arguments) else ["", ""]


def _method(name: str) -> Callable[..., Any]:
    def call(self: Functions, *values: Any) -> Any:
        return self.desk.answer(name, values)

    return call


for _name in FUNCTIONS:
    setattr(Functions, _name, _method(_name))


class Opened(unohelper.Base, XJob):
    """Runs whenever a document was opened."""

    def __init__(self, context: Any) -> None:
        pass

    def execute(self, arguments: Any) -> None:
        """Look after the document."""
        for group in arguments:
            for each in group.Value if group.Name == "Environment" else ():
                if each.Name == "Model" and each.Value is not None:
                    revive(each.Value)


g_ImplementationHelper = unohelper.ImplementationHelper()  # noqa: N816 - the name for which the office looks
g_ImplementationHelper.addImplementation(Functions, IMPLEMENTATION, SERVICES)
g_ImplementationHelper.addImplementation(Opened, OPENED, (OPENED,))
