"""What installing and uninstalling does: decided first, step by step, and only then carried out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from invopt_xl.errors import FileError
from invopt_xl.hosts.excel.configuration import (
    ADDED,
    INTERPRETER,
    XLWINGS,
    Configuration,
    Place,
    own_configuration,
    with_functions,
    without_functions,
)
from invopt_xl.workbook.atomic import replacing

RENEW = "renew each workbook with the functions: invopt excel book BOOK.xlsm --from BOOK.xlsm"

_ADDIN_ADDED = "INVOPT ADDIN"


@dataclass(frozen=True)
class Step:
    """One step of an installation.

    Parameters
    ----------
    text
        What it does, in words.
    path
        The file it is about; None where nothing is written.
    content
        What the file holds then; None removes it.
    """

    text: str
    path: Path | None = None
    content: bytes | None = None


def installation(place: Place, *, addin: bool = False) -> list[Step]:
    """Return the steps that make Excel find the functions.

    Parameters
    ----------
    place
        Where things are on this computer.
    addin
        Whether the xlwings add-in, with its 'Import Functions', is put into Excel as well.

    Raises
    ------
    FileError
        If settings that are there cannot be read.
    """
    before = Configuration.read(place.own).values
    shared = Configuration.read(place.shared)
    changed, added = with_functions(shared, place)
    own = own_configuration(place)
    own.values[XLWINGS] = version("xlwings")
    own.values[ADDED] = ";".join(dict.fromkeys([*_added(before), *added]))
    if addin or _ADDIN_ADDED in before:
        own.values[_ADDIN_ADDED] = before.get(_ADDIN_ADDED, "no" if place.addin.exists() else "yes")
    steps = [Step("Say to workbooks with the functions which Python to use", place.own, own.encoded())]
    if before.get(XLWINGS, own.values[XLWINGS]) != own.values[XLWINGS]:
        steps.append(Step(f"xlwings was {before[XLWINGS]} and is {own.values[XLWINGS]} now: {RENEW}"))
    steps += _shared_steps(place, shared, changed)
    if addin:
        source = Path(str(files("xlwings"))) / "addin" / place.addin.name
        steps.append(Step("Put the xlwings add-in where Excel opens it", place.addin, source.read_bytes()))
    return steps


def _shared_steps(place: Place, shared: Configuration, changed: Configuration) -> Iterator[Step]:
    if changed == shared:
        yield Step("The settings of the xlwings add-in know the functions already")
    else:
        yield Step("Add the functions to the settings of the xlwings add-in", place.shared, changed.encoded())
    theirs = changed.values.get(INTERPRETER, "")
    if theirs and theirs != place.settings.get(INTERPRETER):
        yield Step(
            f"The xlwings add-in uses another Python ({theirs}), which is left as it is: its 'Import Functions' needs "
            "invopt_xl there. Workbooks with the functions inside do not mind"
        )


def removal(place: Place) -> list[Step]:
    """Return the steps that take an installation back.

    Raises
    ------
    FileError
        If settings that are there cannot be read.
    """
    before = Configuration.read(place.own).values
    if not place.own.exists():
        return [Step("The functions are not installed for Excel; nothing is to be undone")]
    shared = Configuration.read(place.shared)
    left = without_functions(shared, _added(before))
    steps = []
    if before.get(_ADDIN_ADDED) == "yes" and place.addin.exists():
        steps.append(Step("Take the xlwings add-in out of Excel", place.addin))
    if left != shared:
        content = left.encoded() if left.values else None
        steps.append(Step("Take the functions out of the settings of the xlwings add-in", place.shared, content))
    return [*steps, Step("Remove the settings of workbooks with the functions", place.own)]


def _added(values: dict[str, str]) -> tuple[str, ...]:
    return tuple(each for each in values.get(ADDED, "").split(";") if each)


def carry_out(steps: list[Step]) -> Iterator[Step]:
    """Do one step after the other, and yield each when it is done.

    Raises
    ------
    FileError
        If a file cannot be written or removed; the steps before it are done.
    """
    for step in steps:
        if step.path is not None:
            _write(step.path, step.content)
        yield replace(step, content=None)


def _write(path: Path, content: bytes | None) -> None:
    try:
        if content is None:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        busy = "; if Excel is open, close it" if path.suffix == ".xlam" else ""
        raise FileError(f"{path} cannot be changed: {(error.strerror or str(error)).lower()}{busy}") from None
    with replacing(path) as stream:
        stream.write(content)
