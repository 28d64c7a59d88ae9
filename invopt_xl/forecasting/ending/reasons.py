"""Why demand is thought to have ended, or not, in a planner's words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from invopt_xl.forecasting.ending.walk import FEATURES, State

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]

NEVER = "nothing was ever sold"
TOO_SHORT = "too short to tell"
QUIET = "for much of that time little is known, few items sold at all, or it sold little a year ago too: it proves less"
RESTED = "of its silence it was off-season, as in earlier years, which proves nothing"

LONGER = 2.0
"""A silence before counts as a pause where it was so many times as long as an item used to be silent."""

SURELY = 0.95
"""Chance that demand has ended from which on nothing need be said against it."""

LONG = 3
"""Silent periods from which on it is worth saying that they prove less than they seem to."""

MOVED = {"slowing": 0.15, "shrinking": 0.25, "price_cut": 0.05}
"""From which change on a feature may be worth a word: natural logarithms of a ratio."""

TELLING = 0.5
"""What a change must have added to the log-odds that the last demand was the last one, to be worth a word; ..."""

STEADY = 0.2
"""and how little all changes together, for their lack to be worth one."""

AS_EVER = "it sold as ever until then, which speaks for a pause"

WORDS = {
    "slowing": "its sales came further and further apart",
    "shrinking": "its sales had become smaller",
    "price_cut": "its price had been cut",
}


@dataclass(frozen=True, eq=False)
class Facts:
    """What the reasons are made from.

    The weights are `model.EndingModel.weights`; rested are the periods of the silence in which an item rests each year.
    """

    state: State
    ended: Floats
    judged: Flags
    period: str
    weights: Floats
    rested: Counts


def reasons(facts: Facts) -> tuple[str, ...]:
    """Return a short phrase for each item."""
    change = facts.state.features[:, [FEATURES.index(name) for name in MOVED]]
    added = change * facts.weights[[FEATURES.index(name) for name in MOVED]]
    telling = (change > np.array(list(MOVED.values()))) & (added >= TELLING)
    steady = np.maximum(added, 0.0).sum(axis=1) <= STEADY
    words = list(WORDS.values())
    return tuple(
        _reason(facts, item, [words[at] for at in np.flatnonzero(telling[item])], steady=bool(steady[item]))
        for item in range(len(facts.judged))
    )


def _reason(facts: Facts, item: int, moved: list[str], *, steady: bool) -> str:
    state, period = facts.state, facts.period
    demands, silent = state.demands[item], state.silent_periods[item]
    if not demands:
        return NEVER
    if not facts.judged[item]:
        return f"{TOO_SHORT}: sold in {_count(demands, period)}, of {_count(state.lived[item], period)} known"
    longest = state.longest[item]
    paused = silent > 0 and longest >= max(LONG, LONGER * (state.interval[item] - 1.0))
    last = f"no sale for {_count(silent, period)}" if silent else f"sold in the last {period}"
    told = [last, f"it used to sell every {_every(state.interval[item], period)}"]
    if paused:
        told.append(f"it paused for up to {_count(longest, period)} before")
    told.extend(moved)
    rested = facts.rested[item]
    if silent >= LONG and rested:
        told.append(f"for {_count(rested, period)} {RESTED}")
    elif silent >= LONG and state.silence[item] < silent / 2:
        told.append(QUIET)
    elif silent >= LONG and steady and not paused and facts.ended[item] < SURELY:
        told.append(AS_EVER)
    return "; ".join(told)


def _count(number: float, period: str) -> str:
    """Return a number of periods in words.

    Examples
    --------
    >>> _count(1, "week"), _count(9, "month")
    ('1 week', '9 months')
    """
    return f"{number:.0f} {period}{'' if round(number) == 1 else 's'}"


def _every(interval: float, period: str) -> str:
    """Return how often in words.

    Examples
    --------
    >>> _every(1.02, "week"), _every(1.44, "week"), _every(12.3, "week")
    ('week', '1.4 weeks', '12 weeks')
    """
    if interval < 1.05:
        return period
    return f"{interval:.1f} {period}s".replace(".0 ", " ") if interval < 10 else f"{interval:.0f} {period}s"
