"""Asking the function service from a server that has to stay at hand: no thread waits for long work."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from typing import Any, Protocol

from invopt_xl.sheet.catalogue import Function
from invopt_xl.sheet.cells import Given

Answer = dict[str, Any]

THREADS = 12
"""Threads that talk to the service: so many for heavy functions, as many for others; neither waits for the other."""

AT_ONCE = 0.03
"""Seconds that a thread waits for an answer; longer work is asked for again, as heavy work always is."""

FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0
"""Seconds between two questions for the same answer; they grow."""


class Service(Protocol):
    """What is known of the function service's client."""

    def call(self, name: str, given: Any, wait: float | None = None) -> Answer:
        """Return the answer, or that it is pending; never raise."""

    def status(self) -> Answer:
        """Return the state of the service, without starting it."""


class Asking:
    """Asks the service in threads.

    Parameters
    ----------
    service
        Its client; threads may share it.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._quick = ThreadPoolExecutor(THREADS, thread_name_prefix="cheap")
        self._slow = ThreadPoolExecutor(THREADS, thread_name_prefix="heavy")

    async def once(self, function: Function, given: Sequence[Given]) -> Answer:
        """Return the answer, or that it is pending."""
        threads, wait = (self._slow, 0.0) if function.cost == "heavy" else (self._quick, AT_ONCE)
        ask = self._service.call
        return await asyncio.get_running_loop().run_in_executor(threads, ask, function.name, list(given), wait)

    async def answers(self, function: Function, given: Sequence[Given]) -> AsyncIterator[Answer]:
        """Yield what is pending whenever there is news, and at last the answer."""
        told = ""
        for pause in _pauses():
            answer = await self.once(function, given)
            news = f"{answer.get('stage')} {answer.get('done')}"
            if not answer.get("pending") or news != told:
                told = news
                yield answer
            if not answer.get("pending"):
                return
            await asyncio.sleep(pause)

    async def answer(self, function: Function, given: Sequence[Given]) -> Answer:
        """Return the answer, however long it takes."""
        async with aclosing(self.answers(function, given)) as answers:  # type: ignore[type-var]
            return [each async for each in answers][-1]

    async def status(self) -> Answer:
        """Return the state of the service."""
        begin = time.monotonic()
        found = await asyncio.get_running_loop().run_in_executor(self._quick, self._service.status)
        return {**found, "milliseconds": 1000 * (time.monotonic() - begin)}


def _pauses() -> Iterator[float]:
    pause = FIRST_PAUSE
    while True:
        yield pause
        pause = min(LONGEST_PAUSE, 1.5 * pause)
