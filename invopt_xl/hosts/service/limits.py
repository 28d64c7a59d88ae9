"""What the service allows itself."""

from __future__ import annotations

import os
from dataclasses import dataclass

LONGEST_LINE = 64 * 2**20
"""Bytes of a request: a range as large as a call may have, and some."""

LARGE = 128 * 2**10
"""Bytes of a request that is read and answered in a worker however cheap the function: it would hold up the others."""


@dataclass(frozen=True)
class Limits:
    """Times, processes and memory.

    Parameters
    ----------
    idle
        Seconds without a call after which the service ends.
    heavy, cached
        Seconds that a call of this cost may take.
    workers
        Processes for heavy calls.
    memory
        Bytes of answers kept in memory.
    cold
        Whether processes start when they are first needed, rather than with the service.
    """

    idle: float = 1800.0
    heavy: float = 600.0
    cached: float = 60.0
    workers: int = max(2, min(4, (os.cpu_count() or 2) - 1))
    memory: int = 64 * 2**20
    cold: bool = False
