"""A process that solves forecasting tasks: frames of named arrays in on standard input, forecasts out.

Run as ``python -m invopt_xl.forecasting.worker``. It ends when its input ends, so it cannot outlive its parent.
"""

from __future__ import annotations

import io
import os
import signal
import struct
import sys
from collections.abc import Mapping
from typing import IO, cast

import numpy as np
import numpy.typing as npt

from invopt_xl.forecasting.arima import Engine
from invopt_xl.forecasting.batch import to_arrays
from invopt_xl.forecasting.single import Task, solve

Arrays = dict[str, npt.NDArray[np.generic]]

_LENGTH = struct.Struct("<Q")


def write_frame(stream: IO[bytes], arrays: Mapping[str, npt.NDArray[np.generic]]) -> None:
    """Write named arrays, preceded by their length. Arrays only, never pickles: a frame cannot run code."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **dict(arrays))
    stream.write(_LENGTH.pack(buffer.tell()) + buffer.getvalue())
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
    with np.load(io.BytesIO(body), allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def task_arrays(task: Task) -> Arrays:
    """Return a task as named arrays."""
    return {
        "history": task.history,
        "in_stock": task.in_stock,
        "numbers": np.array([task.horizon, task.season, task.paths]),
        "text": np.array([task.method, task.engine]),
    }


def task_from(arrays: Mapping[str, npt.NDArray[np.generic]]) -> Task:
    """Return the task that `task_arrays` took apart."""
    horizon, season, paths = (int(number) for number in arrays["numbers"].astype(np.int64))
    method, engine = (str(text) for text in arrays["text"])
    history, in_stock = arrays["history"].astype(np.float64), arrays["in_stock"].astype(np.bool_)
    return Task(history, in_stock, horizon, season, method, cast(Engine, engine), paths)


def main() -> None:
    """Solve tasks until the input ends."""
    # The parent hears Ctrl-C and ends its workers; they need not print a traceback each.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Whatever a library prints must not get between the frames.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    write_frame(answers, {})
    while (arrays := read_frame(sys.stdin.buffer)) is not None:
        write_frame(answers, to_arrays(solve(task_from(arrays))))


if __name__ == "__main__":
    main()
