"""Where items are in their life: new, growing, mature, declining, dying or ended, with the reason in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.domain.words import counted, likely
from invopt_xl.plan.segmentation.change import Change, change_of_demand
from invopt_xl.plan.segmentation.latest import LatestFall, latest_fall
from invopt_xl.plan.segmentation.silence import Silence, silence

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]

NEW, GROWING, MATURE, DECLINING, DYING, ENDED = "new", "growing", "mature", "declining", "dying", "ended"
PHASE_OUT, UNKNOWN = "phase-out", "unknown"

NOT_STOCKED = (DYING, ENDED, PHASE_OUT)
"""Stages in which no stock is advised, so that no service is aimed at; nor is it of what never sold (`not_stocked`)."""

UNLIKELY = 0.01
"""Chance below which a change of demand, or a silence of a dying item, is no accident."""

IMPOSSIBLE = 0.001
"""Chance below which a long silence is an end."""

GROWTH, DECLINE = 0.25, -0.20
"""Least change of demand that matters: up by a quarter, or down as much: a fifth."""

LEAST_SILENT = 4
"""Periods, or weeks of days, without a sale at least: at the end of what is called dying, and before the first sale of
what is new."""

DYING_CHANCE, ENDED_CHANCE = 0.5, 0.9
"""Chance that demand has ended, where it is given, from which on an item is dying or has ended."""

PRICE_MOVED = 0.1
"""Least change of the mean price, against that of demand, that is told beside it: it may be what moved demand."""

_TENFOLD = 9.0
_UNLIKELY_WAIT = 0.05
"""Chance below which an item that was not there at first is new, and not merely rare."""


@dataclass(frozen=True, eq=False)
class LifeCycle:
    """Where each item is in its life; arrays of shape (items,).

    Parameters
    ----------
    stage
        ``new``, ``growing``, ``mature``, ``declining``, ``dying``, ``ended``, ``phase-out`` or ``unknown``.
    reason
        Why, a phrase.
    change
        What the growth is told from.
    latest
        What a fall of late is told from.
    quiet
        The silence at the end of each history.
    """

    stage: Texts
    reason: list[str]
    change: Change
    latest: LatestFall
    quiet: Silence


def life_cycle(
    demand: Floats,
    status: npt.NDArray[np.object_],
    year: int,
    ended_chance: Floats | None = None,
    price: Floats | None = None,
) -> LifeCycle:
    """Return where each item is in its life; what the planner says in ``status`` comes first.

    An item is dying or has ended by the chance that is given (`DYING_CHANCE`, `ENDED_CHANCE`). Where there is none, it
    has ended when its silence at the end is all but impossible at its own rate of sales (`IMPOSSIBLE`), longer
    than any before and a quarter of a year, or a year in any case; it is dying when that silence is unlikely
    (`UNLIKELY`) and longer than any before. It is new when its first sale is less than half a year ago and it would
    have sold before, had it been there. It grows or declines where demand changed by `GROWTH` or `DECLINE` and that is
    unlikely to be chance, and declines where it has fallen by `DECLINE` in the latest of some spans alone; else it is
    mature. Less than half a year of history tells neither: unknown.

    Parameters
    ----------
    demand
        Units a period, shape (items, periods); NaN where unknown.
    status
        The planner's word for each item: active, new or phase-out.
    year
        Periods of a year.
    ended_chance
        Chance that demand has ended, of each item; where it is a number it takes the place of the rule of silence.
    price
        Price paid, money a unit, shape as demand, NaN where unknown; it moves no stage, and is told where it changed
        against demand.

    Examples
    --------
    >>> steady, silent = [9.0, 11.0] * 26, [9.0, 11.0] * 16 + [0.0] * 20
    >>> rising, late = [9.0, 11.0] * 13 + [14.0, 16.0] * 13, [np.nan] * 40 + [5.0] * 12
    >>> life_cycle(np.array([steady, silent, rising, late]), np.full(4, "active"), 52).stage.tolist()
    ['mature', 'ended', 'growing', 'new']
    """
    quiet = silence(demand, year)
    change = change_of_demand(demand, quiet.first, year, price)
    age = demand.shape[1] - quiet.first
    young = (2 * age < year) & (age > 0)
    dying, ended = _endings(quiet, year, ended_chance)
    latest = latest_fall(demand, quiet.first, year)
    moved = change.chance < UNLIKELY
    fallen = ~young & (latest.chance < UNLIKELY) & (latest.share <= DECLINE)
    stages: dict[str, Flags] = {
        PHASE_OUT: status == "phase-out",
        NEW: (status == "new") | (young & ~dying & ~ended & _came_late(quiet, year)),
        UNKNOWN: age == 0,
        ENDED: ended,
        DYING: dying,
        DECLINING: fallen | (~young & moved & (change.share <= DECLINE)),
        GROWING: ~young & moved & (change.share >= GROWTH),
        MATURE: ~young & (change.periods > 0),
    }
    stage = np.select(list(stages.values()), list(stages), UNKNOWN).astype(object)
    told = zip(_falls(latest), fallen, _changes(change), strict=True)
    changes = [late if is_so else usual for late, is_so, usual in told]
    reasons = _reasons(stage, status, quiet, _silences(quiet, year, ended_chance), changes)
    return LifeCycle(stage, reasons, change, latest, quiet)


def not_stocked(rows: pd.DataFrame) -> Flags:
    """Return for which items no stock is advised for where they are in their life.

    What never sold is not kept either, unless the planner calls it new: nothing says how much of it to keep.

    Parameters
    ----------
    rows
        Columns ``life_cycle`` and ``pattern``, as `segment` finds them.

    Examples
    --------
    >>> rows = pd.DataFrame({"life_cycle": ["dying", "unknown", "new"], "pattern": ["lumpy", "none", "none"]})
    >>> not_stocked(rows).tolist()
    [True, True, False]
    """
    never = (rows["life_cycle"] == UNKNOWN) & (rows["pattern"] == "none")
    return np.asarray(rows["life_cycle"].isin(NOT_STOCKED) | never)


def _came_late(quiet: Silence, year: int) -> Flags:
    """Return which items were not there at first: the periods before their first sale are too many to be chance."""
    return np.asarray((quiet.first >= _least_silent(year)) & (quiet.wait_chance < _UNLIKELY_WAIT))


def _least_silent(year: int) -> int:
    """Return how many periods `LEAST_SILENT` stands for: of daily histories as many weeks, for a shop may close."""
    return LEAST_SILENT * max(year // 52, 1)


def _endings(quiet: Silence, year: int, ended_chance: Floats | None) -> tuple[Flags, Flags]:
    """Return which items are dying, and which have ended."""
    longer = quiet.periods > quiet.longest_before
    dying = longer & (quiet.periods >= _least_silent(year)) & (quiet.chance < UNLIKELY)
    ended = longer & (4 * quiet.periods >= year) & (quiet.chance < IMPOSSIBLE)
    if ended_chance is not None:
        given = np.isfinite(ended_chance)
        dying = np.where(given, ended_chance >= DYING_CHANCE, dying)
        ended = np.where(given, ended_chance >= ENDED_CHANCE, ended)
    return dying, ended | (quiet.periods >= year)


def _reasons(
    stage: Texts, status: npt.NDArray[np.object_], quiet: Silence, silences: list[str], changes: list[str]
) -> list[str]:
    """Return for each item why it is where it is."""
    words = {
        NEW: [f"first sale in period {first + 1} of the history" for first in quiet.first.tolist()],
        DYING: silences,
        ENDED: silences,
        UNKNOWN: ["less than half a year since its first sale" if sold else "no sale is known" for sold in quiet.sold],
    }
    return [
        "as its status says" if name == said else words.get(name, changes)[row]
        for row, (name, said) in enumerate(zip(stage, status, strict=True))
    ]


def _silences(quiet: Silence, year: int, ended_chance: Floats | None) -> list[str]:
    chances = np.full(len(quiet.periods), np.nan) if ended_chance is None else ended_chance
    rows = zip(quiet.periods.tolist(), quiet.chance.tolist(), chances.tolist(), strict=True)
    return [_silence(silent, chance, ended, is_year=silent >= year) for silent, chance, ended in rows]


def _changes(change: Change) -> list[str]:
    columns = (change.share, change.chance, change.periods, change.year_on_year, change.price)
    return [_changed(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]


def _falls(latest: LatestFall) -> list[str]:
    columns = (latest.share, latest.periods, latest.year_ago)
    return [
        f"demand {f'fell by {-share:.0%}' if share > -1 else 'ceased'} in the last {counted(periods, 'period')}"
        + ("" if year_ago else ", which may be its season")
        for share, periods, year_ago in zip(*(column.tolist() for column in columns), strict=True)
    ]


def _silence(silent: int, chance: float, ended: float, *, is_year: bool) -> str:
    if is_year:
        return f"no sale in {counted(silent, 'period')}, a year or more"
    how = f"a chance of {likely(ended)} that demand has ended" if np.isfinite(ended) else _likelihood(chance)
    return f"no sale in {counted(silent, 'period')}, {how}"


def _likelihood(chance: float) -> str:
    return "at its rate a chance below 0.1%" if chance < IMPOSSIBLE else f"at its rate a chance of {chance:.1%}"


def _changed(share: float, chance: float, periods: int, yearly: bool, price: float) -> str:
    """Return how demand changed, against what, and what that is worth."""
    if share == np.inf:
        return f"demand over {counted(periods, 'period')} where there was none {'the year ' if yearly else ''}before"
    if not np.isfinite(share):
        return "too little is known of demand before to compare"
    much, before = share >= GROWTH or share <= DECLINE, f"{'of the year ' if yearly else ''}before"
    why = "" if yearly else ", which may be its season"
    if much and abs(price) >= PRICE_MOVED and share * price < 0:
        why = f", at prices {abs(price):.0%} {'lower' if price < 0 else 'higher'}"
        why += ": that, or chance, may be why" if chance >= UNLIKELY else ", which may be why"
    elif much and chance >= UNLIKELY:
        why = ", which may be chance"
    moved = "more than tenfold" if share >= _TENFOLD else f"{share:+.0%}"
    return f"demand {moved} over {counted(periods, 'period')} against as many {before}{why}"
