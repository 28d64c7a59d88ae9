"""How every command runs: with a cache, under a progress bar, its outcome kept even where showing it fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from inspect import Parameter, Signature, signature
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from invopt_xl.hosts.cli import options as given
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


@dataclass(frozen=True)
class Manner:
    """How a command works and tells of it: the options of these names, which all commands that plan share."""

    quiet: bool = False
    json: bool = False
    workers: int | None = None
    no_cache: bool = False


PLAIN = Manner()
"""What holds unless an option says otherwise."""

_USUAL = {"quiet": given.Quiet, "json": given.Json, "workers": given.Workers, "no_cache": given.NoCache}


def with_usual_options(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the options of `Manner` after its own; it takes them together as ``manner``.

    Parameters
    ----------
    command
        A command with the argument ``manner``.

    Examples
    --------
    >>> @with_usual_options
    ... def hello(name: str, manner: Manner = PLAIN) -> int:
    ...     return len(name) + manner.quiet
    >>> list(signature(hello).parameters), hello(name="Ann", quiet=True, json=False, workers=None, no_cache=False)
    (['name', 'quiet', 'json', 'workers', 'no_cache'], 4)
    """
    own = [each for each in signature(command, eval_str=True).parameters.values() if each.name != "manner"]
    usual = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=getattr(PLAIN, name), annotation=option)
        for name, option in _USUAL.items()
    ]

    @wraps(command)
    def run(**chosen: Any) -> int:
        manner = Manner(**{name: chosen.pop(name) for name in _USUAL})
        return command(manner=manner, **chosen)

    run.__signature__ = Signature([*own, *usual])  # type: ignore[attr-defined]
    return run


def carry_out(
    work: Callable[[Run], Result],
    done: Callable[[Result], str],
    show: Callable[[Report, Result], None],
    manner: Manner,
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
    manner
        How.
    """
    from invopt_xl.hosts.cli.show import reporter

    with _cache(manner) as cache, reporter(quiet=manner.quiet, json=manner.json) as report:
        with Unbroken(report.progress) as progress:
            result = work(Run(progress, cache, manner.workers))
            code = OUTCOME.reached(result.rejected, done(result))
        show(report, result)
    return code


@contextmanager
def _cache(manner: Manner) -> Iterator[ContentCache | None]:
    """Open the cache; say at the end, once, if it could not be used."""
    if manner.no_cache:
        yield None
        return
    from invopt_xl.cache import ContentCache

    with ContentCache() as cache:
        yield cache
    if cache.fault and not manner.quiet:
        say(f"warning: {cache.fault}")


def user_name() -> str:
    """Return the name the user is logged in with; "" where nobody can tell."""
    from getpass import getuser

    try:
        return getuser()
    except (OSError, KeyError, ImportError):
        return ""
