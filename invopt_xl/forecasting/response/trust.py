"""Whether a price response can be used: enough price changes, of the item or of those like it, and a clear answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from invopt_xl.domain.words import counted
from invopt_xl.forecasting.lifts.design import MARGIN
from invopt_xl.forecasting.panel.histories import Flags, Floats
from invopt_xl.forecasting.response.estimate import Response

FEWEST_CHANGES, FEWEST_EPISODES = 6, 3
"""Periods with another price, and stretches of them, from which on an item tells of its own: two may be chance."""

FEWEST_ALIKE = 5
"""Items like it that tell of their own, from which on an item without price changes may borrow from them."""

MOST_OWN = 0.5
"""From this share on an elasticity is called the item's own."""


@dataclass(frozen=True, eq=False)
class Trust:
    """What may be done with a response, an item a row.

    Parameters
    ----------
    usable
        True where a price can be set by it.
    lowest
        Lowest price as a share of the usual one at which demand is known, with `MARGIN` in logs to spare.
    known
        True where the item's demand and prices are known well enough to learn from.
    few
        True where there are too few price changes, of the item and of those like it.
    own
        True where the item's own price changes are enough; elsewhere items like it tell.
    why
        What it stands on, or why it cannot be used.
    """

    usable: Flags
    lowest: Floats
    known: Flags
    few: Flags
    own: Flags
    why: tuple[str, ...]


def trust(response: Response) -> Trust:
    """Return which responses can be used, and why.

    Usable is what stands on enough price changes, of the item itself or of items of its group, and is negative with a
    chance of nine in ten; not of an item whose demand is hardly known. An item tells of prices as low as it has seen;
    one that borrows, of half those its group saw.

    Examples
    --------
    >>> from invopt_xl.forecasting.response.estimate import estimate_response
    >>> from invopt_xl.forecasting.response.observations import observe
    >>> rng = np.random.default_rng(1)
    >>> price = np.where((np.arange(104) % 4 == 0) & (np.arange(2)[:, None] == 0), 0.8, 1.0)
    >>> demand = rng.poisson(20 * price**-2.0).astype(float)
    >>> found = trust(estimate_response(observe(demand, demand >= 0, price, {})))
    >>> found.usable.tolist(), found.lowest.round(2).tolist()
    ([True, False], [0.72, 0.72])
    >>> found.why[1]
    'not enough price changes to tell: 0 of its own in 0 periods, and 1 item like it tells'
    """
    seen = response.seen
    own = (seen.price_changes >= FEWEST_CHANGES) & (seen.episodes >= FEWEST_EPISODES)
    count = int(response.groups.max(initial=-1)) + 1
    telling = np.bincount(response.groups[own], minlength=count)[response.groups]
    alike = telling - own
    known = np.array([not reason for reason in seen.why])
    enough = own | (alike >= FEWEST_ALIKE)
    _, high = response.interval()
    lowest = np.where(own, seen.deepest, _of_groups(seen.deepest, own, response))
    why = [
        _why(response, row, enough=bool(enough[row]), alike=int(alike[row]), falls=bool(high[row] < 0))
        for row in range(len(own))
    ]
    deepest = np.exp(np.where(known, lowest - MARGIN, 0.0))
    return Trust(enough & (high < 0) & known, deepest, known, known & ~enough, own, tuple(why))


def _of_groups(deepest: Floats, own: Flags, response: Response) -> Floats:
    """Return for each item the median of the deepest prices of its group's items that tell of their own."""
    found = np.zeros(len(deepest))
    for group in np.unique(response.groups[own]):
        members = response.groups == group
        found[members] = np.median(deepest[members & own])
    return found


def _why(response: Response, row: int, *, enough: bool, alike: int, falls: bool) -> str:
    seen = response.seen
    changes = int(seen.price_changes[row])
    if seen.why[row]:
        return seen.why[row]
    if not enough:
        tells = f"{counted(alike, 'item')} like it {'tells' if alike == 1 else 'tell'}"
        own = f"{seen.episodes[row]} of its own in {counted(changes, 'period')}"
        return f"not enough price changes to tell: {own}, and {tells}"
    if not falls:
        return f"demand did not clearly rise where the price was lower ({counted(changes, 'period')})"
    if response.own[row, 0] >= MOST_OWN:
        return f"its own history: another price in {counted(changes, 'period')}"
    if not alike:
        return f"mostly what is usual of prices; another price in {counted(changes, 'period')} of its own"
    return f"mostly {counted(alike, 'item')} like it; another price in {counted(changes, 'period')} of its own"
