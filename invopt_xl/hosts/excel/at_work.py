"""The process that a macro starts: it finds the open workbook, does what is asked, and says so in the status bar."""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from invopt_xl.errors import InvoptError
from invopt_xl.hosts.excel.open_book import OpenBook
from invopt_xl.hosts.excel.patience import Patience
from invopt_xl.workbook.kept_copies import folder_of_copies, private_folder

if TYPE_CHECKING:
    import xlwings

BETWEEN_WORDS = 0.3
"""Seconds between two changes of the status bar: each is a call that Excel has to answer."""

SECONDS_SHOWN = 10.0
"""How long the last words stay in the status bar."""


@dataclass(frozen=True)
class Desk:
    """What this user keeps of an open workbook.

    Parameters
    ----------
    fullname
        Its path or address.
    """

    fullname: str

    def _file(self, folder: Path, ending: str) -> Path:
        name = hashlib.sha256(self.fullname.lower().encode()).hexdigest()[:20]
        return private_folder(folder) / f"open-{name}.{ending}"

    @property
    def undo(self) -> Path:
        """What the last refresh wrote over."""
        return self._file(folder_of_copies(), "json")

    @property
    def flag(self) -> Path:
        """The file that is there once the user cancels."""
        return self._file(_runtime(), "cancel")

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the workbook, so that one refresh at a time is at work.

        Raises
        ------
        InvoptError
            If another one is.
        """
        lock = FileLock(self._file(_runtime(), "lock"))
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise InvoptError("a refresh of this workbook is under way; InvoptCancel ends it") from None
        try:
            yield
        finally:
            lock.release()

    @property
    def is_busy(self) -> bool:
        """Whether a refresh is at work."""
        try:
            with self.alone():
                return False
        except InvoptError:
            return True


def _runtime() -> Path:
    from platformdirs import user_runtime_path

    return user_runtime_path("invopt_xl", appauthor=False)


class StatusBar:
    """Progress in Excel's status bar; while Excel is busy, it is left out.

    Parameters
    ----------
    app
        Excel.
    clock
        Tells the time in seconds.
    """

    def __init__(self, app: xlwings.App, clock: Callable[[], float] = time.monotonic) -> None:
        self._app, self._clock = app, clock
        self._name, self._done, self._steps, self._said = "", 0, 0, -BETWEEN_WORDS

    def stage(self, name: str, steps: int = 0) -> None:
        """Show the stage."""
        self._name, self._done, self._steps = name, 0, steps
        self._tell()

    def advance(self, steps: int = 1) -> None:
        """Show how far it is, once in a while."""
        self._done += steps
        if self._clock() - self._said >= BETWEEN_WORDS:
            self._tell()

    def _tell(self) -> None:
        self._said = self._clock()
        far = f" {self._done:,} of {self._steps:,}" if self._steps else ""
        self.say(f"{self._name}{far} (cancel: InvoptCancel)")

    def say(self, words: str) -> None:
        """Show some words."""
        with suppress(Exception):
            self._app.status_bar = f"invopt: {words}"

    def rest(self) -> None:
        """Leave the status bar to Excel."""
        with suppress(Exception):
            self._app.status_bar = False


def main(
    arguments: list[str],
    find: Callable[[str, str], xlwings.Book] | None = None,
    patience: Patience | None = None,
) -> int:
    """Do what a macro asks for; return 0, or 1 where it could not be done.

    Parameters
    ----------
    arguments
        What to do, the workbook's full name, the number of Excel's window.
    find
        Returns the workbook; looks for it in what runs unless given.
    patience
        How long a busy Excel is asked again.
    """
    do, fullname, window = arguments
    desk, patience = Desk(fullname), patience or Patience()
    if do == "cancel":
        return _cancel(desk)
    book = patience.ask(lambda: (find or open_book)(fullname, window))
    bar = StatusBar(patience.ask(lambda: book.app))
    try:
        words = _DO[do](OpenBook(book, patience=patience), desk, bar)
    except Exception as error:  # noqa: BLE001 - there is no console that could show a traceback
        words = _told(error)
        bar.say(words)
        book.app.alert(words, title="invopt", mode="critical")
        return 1
    else:
        bar.say(words)
        patience.sleep(SECONDS_SHOWN)
        return 0
    finally:
        bar.rest()


def _told(error: Exception) -> str:
    """Return what went wrong in one line; what nobody expected is kept where support can find it."""
    if isinstance(error, InvoptError):
        return str(error)
    from invopt_xl.hosts.cli.ending import details

    return f"internal error ({type(error).__name__}: {' '.join(str(error).split())[:200]}); {details()}"


def _refresh(book: OpenBook, desk: Desk, bar: StatusBar) -> str:
    from invopt_xl.cache import ContentCache
    from invopt_xl.hosts.excel.refreshing import CancelledError, refresh_open_book

    with desk.alone(), ContentCache() as cache:
        desk.flag.unlink(missing_ok=True)
        try:
            result = refresh_open_book(book, bar, desk.flag.exists, cache=cache, undo=desk.undo)
        except CancelledError as error:
            return str(error)
        finally:
            desk.flag.unlink(missing_ok=True)
    from invopt_xl.domain.words import counted

    rejected = f", {counted(result.rejected, 'row')} rejected (see tblQuality)" if result.rejected else ""
    return f"{counted(result.planned, 'item')} planned in {result.seconds:.1f} s{rejected}; undo: InvoptUndo"


def _undo(book: OpenBook, desk: Desk, _bar: StatusBar) -> str:
    from invopt_xl.hosts.excel.open_undo import undo_refresh

    with desk.alone():
        return f"the tables are as they were before the refresh of {undo_refresh(book, desk.undo)}"


def _check(book: OpenBook, _desk: Desk, bar: StatusBar) -> str:
    from pandas import isna

    from invopt_xl.domain.words import counted
    from invopt_xl.hosts.excel.open_book import read_open_tables
    from invopt_xl.plan.quality import admit

    bar.stage("Checking the data")
    admitted = admit(read_open_tables(book))
    found = admitted.findings.frame(None)
    words = (
        f"{counted(len(admitted.tables['items']), 'item')} can be planned, {counted(admitted.rejected, 'row')} rejected"
    )
    if not len(found):
        return words
    first = found.iloc[0]
    row = "" if isna(first["row"]) else f" row {first['row']:.0f}"
    return f"{words}; first: {first['table']}{row}, {first['column']}: {first['reason']}"


def _cancel(desk: Desk) -> int:
    if desk.is_busy:
        desk.flag.touch()
    return 0


_DO: dict[str, Callable[[OpenBook, Desk, StatusBar], str]] = {"refresh": _refresh, "undo": _undo, "check": _check}


def open_book(fullname: str, window: str) -> xlwings.Book:
    """Return a workbook that is open in a running Excel, preferably in the one whose window is named.

    Raises
    ------
    InvoptError
        If it is not open.
    """
    import xlwings

    native = getattr(xlwings, "_xlwindows", None)
    if native is not None:
        # xlwings would ask a busy Excel again for ever, and without a pause.
        native.N_COM_ATTEMPTS = 1
    for app in sorted(xlwings.apps, key=lambda each: str(each.hwnd) != window):
        for book in app.books:
            # What xlwings tells of a workbook in the cloud is a guess at its place on this computer.
            if book.api.FullName == fullname:
                return book
    raise InvoptError(f"{fullname} is not open in Excel any more")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
