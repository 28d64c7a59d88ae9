"""Functions compiled at their first call, for loops that no array operation expresses.

The machine code is kept on disk beside the package (or, where that may not be written, in the user's cache), so that
only the first call after an installation waits for the compiler. Machine code holds that of the functions it calls,
while numba looks at the text of a function's own module alone: what is kept is therefore named by the text of all
modules that compile, lest a call after an upgrade meets what was compiled before it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

Compiled = TypeVar("Compiled", bound=Callable[..., object])


_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
_PART: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def compiled(function: Compiled) -> Compiled:
    """Return the function as machine code that lets other threads run meanwhile."""
    return _kept(function, _OPTIONS)


def compiled_part(function: Compiled) -> Compiled:
    """Return the function as machine code that only compiled functions call, which is compiled sooner."""
    return _kept(function, _OPTIONS | _PART)


def compiled_in_place(function: Compiled) -> Compiled:
    """Return the function as machine code that makes no arrays: it counts no references to those it is given.

    Where a function is given many arrays and calls others in its innermost loops, counting takes most of the time.
    """
    return _kept(function, _OPTIONS | {"_nrt": False})


def copied_in_place(function: Compiled) -> Compiled:
    """Return the same for a small part: it is copied into the compiled functions that call it."""
    return _kept(function, _OPTIONS | _PART | {"_nrt": False, "forceinline": True})


@cache
def text_of_compiled(folder: Path) -> str:
    """Return a short name for the text of all modules in a folder that compile functions."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        text = path.read_bytes()
        if b"optimise.compiled import" in text:
            digest.update(text)
    return digest.hexdigest()[:12]


def _kept(function: Compiled, options: dict[str, Any]) -> Compiled:
    function.__qualname__ += "_" + text_of_compiled(Path(__file__).parent)
    try:
        made = numba.njit(cache=True, **options)(function)
    except RuntimeError:  # nothing may be written anywhere: every program compiles anew
        made = numba.njit(**options)(function)
    return cast(Compiled, made)
