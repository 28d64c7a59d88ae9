"""Which lines would be larger if a limit had room for it: more of them, or the next line as well."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from invopt_xl.optimise.groundwork import of_sources
from invopt_xl.optimise.larger_lines import KINDS, WORTH_SAVING, Larger, LargerLines
from invopt_xl.optimise.terms import BoolArray, FloatArray

LITTLE = 0.1
"""Share of a limit of which less is little: a line is held to it though a lot would fit."""


@dataclass(frozen=True, eq=False)
class CutShort:
    """Lines that would be larger if a limit had room, by kind (as in `larger_lines.KINDS`), source and order period.

    Parameters
    ----------
    held
        Little is left of the limit, or too little for a lot.
    no_next
        More is left, but not as much as the source's next line, which would be ordered along.
    """

    held: BoolArray
    no_next: BoolArray


def cut_short(lines: LargerLines, ordered: BoolArray) -> CutShort:
    """Return which lines would be larger: a larger one that does not fit saves more than any that does.

    Parameters
    ----------
    lines
        Of a plan.
    ordered
        Which of them to look at, by source and order period.
    """
    fitting = np.zeros(ordered.shape)
    held, merged = np.zeros((2, len(KINDS), *ordered.shape))
    little = _little_left(lines)
    for larger in lines.tried(ordered & _limited(lines)):
        at = (larger.source, larger.period)
        beyond: BoolArray = np.asarray(larger.beyond.any(axis=2))
        tight: BoolArray = np.asarray((larger.full | larger.beyond & little[:, larger.source]).any(axis=2))
        fitting[at] = np.maximum(fitting[at], np.where(beyond.any(axis=0), 0.0, larger.saved))
        whole = _takes_all_that_comes_next(lines, larger)
        for kind in range(len(KINDS)):
            held[kind][at] = np.maximum(held[kind][at], np.where(tight[kind], larger.saved, 0.0))
            merged[kind][at] = np.maximum(merged[kind][at], np.where(beyond[kind] & whole, larger.saved, 0.0))
    is_held: BoolArray = np.asarray(held > fitting + WORTH_SAVING)
    return CutShort(is_held, (merged > fitting + WORTH_SAVING) & ~is_held.any(axis=0))


def _takes_all_that_comes_next(lines: LargerLines, larger: Larger) -> BoolArray:
    coming = lines.quantity[larger.source, larger.later]
    return np.asarray((larger.cut > 0) & (larger.cut >= coming) & (larger.units >= coming))


def _little_left(lines: LargerLines) -> BoolArray:
    """Return by kind, source and period where little is left of a limit."""
    work, room = lines.work, lines.room
    pairs: tuple[tuple[FloatArray, FloatArray], ...] = (
        (room.working_capital, work.working_capital),
        (room.storage, work.storage),
        (room.budget, work.budget),
        (room.capacity, of_sources(lines.problem, work.capacity, np.inf)),
    )
    shape = lines.quantity.shape
    return np.stack([np.broadcast_to(np.isfinite(most) & (left < LITTLE * most), shape) for left, most in pairs])


def _limited(lines: LargerLines) -> BoolArray:
    """Return the lines, by source and order period, that any limit could hold."""
    room = lines.room
    stored = np.isfinite(room.storage).any() or np.isfinite(room.working_capital).any()
    return np.asarray(np.isfinite(room.budget) | np.isfinite(room.capacity) | stored)
