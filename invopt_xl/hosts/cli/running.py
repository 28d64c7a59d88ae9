"""How every command runs: with a cache, under a progress bar, its outcome kept even where showing it fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from invopt_xl.hosts.cli.ending import Outcome, Unbroken, say

if TYPE_CHECKING:
    from invopt_xl.cache import ContentCache
    from invopt_xl.domain import Progress
    from invopt_xl.hosts.cli.show import Report

OUTCOME = Outcome()
"""What this run has achieved so far."""


class Finished(Protocol):
    """What the work of a command results in."""

    @property
    def rejected(self) -> int:
        """Input rows left out."""


Result = TypeVar("Result", bound=Finished)


@dataclass(frozen=True)
class Run:
    """What work is done with.

    Parameters
    ----------
    progress
        Told of stages and steps.
    cache
        Where results are kept; None to keep nothing.
    workers
        Most processes; by default one for each core.
    """

    progress: Progress
    cache: ContentCache | None = None
    workers: int | None = None


def carry_out(
    work: Callable[[Run], Result],
    done: Callable[[Result], str],
    show: Callable[[Report, Result], None],
    *,
    quiet: bool,
    json: bool,
    workers: int | None,
    no_cache: bool,
) -> int:
    """Do the work of a command and show its result; return the exit code.

    Parameters
    ----------
    work
        What is done.
    done
        What was done, in words, for a run that ends while it shows its result.
    show
        Shows the result.
    quiet, json, workers, no_cache
        The options of these names.
    """
    from invopt_xl.hosts.cli.show import reporter

    with _cache(no_cache, quiet) as cache, reporter(quiet=quiet, json=json) as report:
        with Unbroken(report.progress) as progress:
            result = work(Run(progress, cache, workers))
            code = OUTCOME.reached(result.rejected, done(result))
        show(report, result)
    return code


@contextmanager
def _cache(no_cache: bool, quiet: bool) -> Iterator[ContentCache | None]:
    """Open the cache; say at the end, once, if it could not be used."""
    if no_cache:
        yield None
        return
    from invopt_xl.cache import ContentCache

    with ContentCache() as cache:
        yield cache
    if cache.fault and not quiet:
        say(f"warning: {cache.fault}")


def user_name() -> str:
    """Return the name the user is logged in with; "" where nobody can tell."""
    from getpass import getuser

    try:
        return getuser()
    except (OSError, KeyError, ImportError):
        return ""
