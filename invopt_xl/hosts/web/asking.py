"""Asking the function service from a server that has to stay at hand: no thread waits for long work."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
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

FIRST_PAUSE, LONG_PAUSE = 0.05, 0.25
"""Seconds between two questions for the same answer; they grow."""

QUESTIONS_A_SECOND = 200
"""Questions for answers that are pending, of all calls together; with more calls the pauses are longer."""


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
        self._waiting = 0

    async def answers(self, function: Function, given: Sequence[Given]) -> AsyncIterator[Answer]:
        """Yield what is pending whenever there is news, and at last the answer."""
        told, pause = "", FIRST_PAUSE
        self._waiting += 1
        try:
            while True:
                answer = await self._asked(function, given)
                news = f"{answer.get('stage')} {answer.get('done')}"
                if not answer.get("pending") or news != told:
                    told = news
                    yield answer
                if not answer.get("pending"):
                    return
                await asyncio.sleep(pause)
                pause = min(max(LONG_PAUSE, self._waiting / QUESTIONS_A_SECOND), 1.5 * pause)
        finally:
            self._waiting -= 1

    async def answer(self, function: Function, given: Sequence[Given]) -> Answer:
        """Return the answer, however long it takes."""
        async with aclosing(self.answers(function, given)) as answers:  # type: ignore[type-var]
            return [each async for each in answers][-1]

    async def status(self) -> Answer:
        """Return the state of the service."""
        return await asyncio.get_running_loop().run_in_executor(self._quick, self._service.status)

    async def _asked(self, function: Function, given: Sequence[Given]) -> Answer:
        """Return the answer, or that it is pending."""
        threads, wait = (self._slow, 0.0) if function.cost == "heavy" else (self._quick, AT_ONCE)
        ask = self._service.call
        return await asyncio.get_running_loop().run_in_executor(threads, ask, function.name, list(given), wait)
