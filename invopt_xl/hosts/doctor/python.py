"""The interpreter, and the packages that are needed."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, requires, version

from invopt_xl.errors import how_to_install
from invopt_xl.hosts.doctor.findings import Finding

AREA = "Python"
OLDEST = (3, 11)
_REQUIREMENT = re.compile(r"^([\w.-]+)(?:\[[^\]]*\])?\s*([^;]*?)\s*(?:;\s*(.*))?$")
_EXTRA = re.compile(r"""extra\s*==\s*["']([^"']+)["']""")
_BOUND = re.compile(r"(>=|<=|==|!=|<|>)\s*([\w.]+)")
_TOLD = {"web": "Excel on the web and Mac", "plots": "pictures of exchange curves", "calendar": "public holidays"}
"""Extras worth a word, and what they are for."""


def interpreter() -> Iterator[Finding]:
    """Yield what there is to say of the interpreter."""
    found = f"{platform.python_implementation()} {platform.python_version()}, {platform.machine()}, {sys.executable}"
    if sys.version_info < OLDEST:
        yield Finding(AREA, "problem", found, f"install Python {'.'.join(map(str, OLDEST))} or newer")
    elif sys.maxsize < 2**32:
        yield Finding(AREA, "warning", f"{found}: a 32-bit program", "install the 64-bit one; large tables need memory")
    else:
        yield Finding(AREA, "ok", found)


def packages() -> Iterator[Finding]:
    """Yield whether what is needed is installed, in versions that do."""
    wanted = list(_required())
    wrong = [finding for name, bounds in wanted if (finding := _missing(name, bounds)) is not None]
    yield from wrong
    if not wrong:
        yield Finding(AREA, "ok", f"invopt_xl {version('invopt_xl')} and the {len(wanted)} packages it needs")


def extras() -> Iterator[Finding]:
    """Yield which extras are installed."""
    for extra, purpose in _TOLD.items():
        wanted = list(_required(extra))
        if not wanted:
            continue
        if all(_missing(name, bounds) is None for name, bounds in wanted):
            yield Finding(AREA, "ok", f"extra '{extra}' is installed: {purpose}")
        else:
            yield Finding(AREA, "ok", f"extra '{extra}' is not installed: {purpose} ({how_to_install(extra)})")


def _required(extra: str = "") -> Iterator[tuple[str, str]]:
    """Yield names and bounds of what is needed, of all or of an extra."""
    for line in requires("invopt_xl") or ():
        match = _REQUIREMENT.match(line)
        if match is None:
            continue
        named = _EXTRA.search(match[3] or "")
        if (named[1] if named else "") == extra:
            yield match[1], match[2]


def _missing(name: str, bounds: str) -> Finding | None:
    """Return what is wrong with a package, or None."""
    try:
        found = version(name)
    except PackageNotFoundError:
        return Finding(AREA, "problem", f"{name} is not installed", f'python -m pip install "{name}{bounds}"')
    if within(found, bounds):
        return None
    return Finding(AREA, "problem", f"{name} is {found}; needed is {bounds}", f'python -m pip install "{name}{bounds}"')


def within(found: str, bounds: str) -> bool:
    """Return whether a version is within bounds.

    Examples
    --------
    >>> within("2.2.3", ">=2.2,<3"), within("3.0.0rc1", ">=2.2,<3"), within("1.10", ">=1.9")
    (True, False, True)
    """
    own = _numbers(found)
    return all(_holds(own, sign, _numbers(bound)) for sign, bound in _BOUND.findall(bounds))


def _holds(own: tuple[int, ...], sign: str, bound: tuple[int, ...]) -> bool:
    length = max(len(own), len(bound))
    left, right = (each + (0,) * (length - len(each)) for each in (own, bound))
    compared = (left > right) - (left < right)
    return {">=": compared >= 0, "<=": compared <= 0, "==": compared == 0, "!=": compared != 0}.get(
        sign, compared < 0 if sign == "<" else compared > 0
    )


def _numbers(text: str) -> tuple[int, ...]:
    """Return the numbers at the begin of a version."""
    return tuple(int(each) for each in _leading(text.split(".")))


def _leading(parts: Iterable[str]) -> Iterator[str]:
    for part in parts:
        digits = re.match(r"\d+", part)
        if digits is None:
            return
        yield digits[0]
        if digits[0] != part:
            return
