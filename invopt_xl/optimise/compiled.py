"""Functions compiled at their first call, for loops that no array operation expresses.

The machine code is kept on disk beside the package (or, where that may not be written, in the user's cache), so that
only the first call after an installation waits for the compiler.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numba

Compiled = TypeVar("Compiled", bound=Callable[..., object])


def compiled(function: Compiled) -> Compiled:
    """Return the function as machine code that lets other threads run meanwhile."""
    return cast(Compiled, numba.njit(cache=True, nogil=True, error_model="numpy", _nrt=False)(function))


def inlined(function: Compiled) -> Compiled:
    """Return the function as machine code that is copied to where it is called: small parts of compiled loops."""
    return cast(Compiled, numba.njit(cache=True, nogil=True, error_model="numpy", forceinline=True, _nrt=False)(function))
