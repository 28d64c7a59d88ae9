"""Planning in a process of its own: a plan takes all cores for a while, and the server has to stay at hand."""

from __future__ import annotations

import logging
import multiprocessing
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event

from invopt_xl.errors import InvoptError
from invopt_xl.plan import columns

logger = logging.getLogger(__name__)

CONTEXT = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class Task:
    """What is to be planned.

    Parameters
    ----------
    raw
        The tables as read.
    wanted
        Stems of the tables for results that the workbook holds.
    user
        Who refreshes, for the log of overrides.
    """

    raw: columns.Tables
    wanted: frozenset[str]
    user: str


@dataclass(frozen=True)
class Planned:
    """What a plan came to.

    Parameters
    ----------
    tables
        The tables of results by stem.
    planned, rejected
        Items planned, and rows left out.
    seconds
        How long it took.
    """

    tables: columns.Tables
    planned: int
    rejected: int
    seconds: float


class Told:
    """Progress that is told to the process that waits.

    Parameters
    ----------
    tell
        Sends it there.
    """

    def __init__(self, tell: Connection) -> None:
        self._tell = tell

    def stage(self, name: str, steps: int = 0) -> None:
        """Tell the stage."""
        self._tell.send(("stage", (name, steps)))

    def advance(self, steps: int = 1) -> None:
        """Tell the steps."""
        self._tell.send(("steps", (steps,)))


def plan_apart(task: Task, stop: Event, stage: Callable[[str, int], None], steps: Callable[[int], None]) -> Planned:
    """Plan in a process of its own; return what is to be written.

    Parameters
    ----------
    task
        What is to be planned.
    stop
        Set once the user cancels.
    stage, steps
        Told of stages and of steps done.

    Raises
    ------
    InvoptError
        If it is refused or cancelled, or the process ends before it is done.
    """
    here, there = CONTEXT.Pipe(duplex=False)
    process = CONTEXT.Process(target=_work, args=(there, stop, task), name="invopt plan")
    process.start()
    there.close()
    told: dict[str, Callable[..., None]] = {"stage": stage, "steps": steps}
    try:
        while True:
            what, given = here.recv()
            if what == "planned":
                return Planned(*given)
            if what == "refused":
                raise InvoptError(*given)
            told[what](*given)
    except EOFError:
        raise InvoptError("the plan's process ended before it was done; the log of invopt web may say why") from None
    finally:
        here.close()
        process.join()


def _work(tell: Connection, stop: Event, task: Task) -> None:
    """Plan, and tell what comes of it."""
    from invopt_xl.cache import ContentCache
    from invopt_xl.hosts.excel.refreshing import Cancellable
    from invopt_xl.workbook.refresh import plan_book

    try:
        with ContentCache() as cache:
            progress = Cancellable(Told(tell), stop.is_set)
            result = plan_book(task.raw, cache=cache, progress=progress, wanted=task.wanted, user=task.user)
        tell.send(("planned", (result.tables, result.planned, result.rejected, result.seconds)))
    except InvoptError as error:
        tell.send(("refused", (str(error),)))
    except BrokenPipeError:
        logger.warning("nobody waits for the plan any more")
