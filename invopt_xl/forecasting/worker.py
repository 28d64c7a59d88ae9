"""A process that solves forecasting tasks: frames of named arrays in on standard input, forecasts out.

Run as ``python -m invopt_xl.forecasting.worker``. It ends when its input ends, so it cannot outlive its parent.
"""

from __future__ import annotations

import os
import signal
import struct
import sys
from collections.abc import Mapping
from typing import IO

import numpy as np
import numpy.typing as npt

from invopt_xl.cache import packed, unpacked
from invopt_xl.forecasting.records import solved_arrays, task_from
from invopt_xl.forecasting.single import solve

Arrays = dict[str, npt.NDArray[np.generic]]

_LENGTH = struct.Struct("<Q")


def write_frame(stream: IO[bytes], arrays: Mapping[str, npt.NDArray[np.generic]]) -> None:
    """Write named arrays, preceded by their length. Arrays only, never pickles: a frame cannot run code."""
    content = packed(arrays)
    stream.write(_LENGTH.pack(len(content)) + content)
    stream.flush()


def read_frame(stream: IO[bytes]) -> Arrays | None:
    """Return the next frame, or None where the stream ended."""
    header = stream.read(_LENGTH.size)
    if len(header) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(header)
    body = stream.read(length)
    if len(body) < length:
        return None
    return unpacked(body)


def answer(arrays: Arrays) -> Arrays:
    """Return the forecast of a task as named arrays, or in words what went wrong."""
    try:
        return solved_arrays(solve(*task_from(arrays)))
    except Exception as fault:  # noqa: BLE001 - told to the parent, who must not guess why a worker died
        return {"fault": np.array(f"{type(fault).__name__}: {fault}")}


def main() -> None:
    """Solve tasks until the input ends."""
    # The parent hears Ctrl-C and ends its workers; they need not print a traceback each.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Whatever a library prints must not get between the frames.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    write_frame(answers, {})
    while (arrays := read_frame(sys.stdin.buffer)) is not None:
        write_frame(answers, answer(arrays))


if __name__ == "__main__":
    main()
