"""Where customers stand among each other: ranks that equal customers share, and the names of segments."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]

FEWEST = 5
"""Customers that fifths can be made of at least."""

BEST_SHARE = 0.2
"""The best customers are this share of them, those who spend most."""

_FIFTHS = 5

MEANINGS = {
    "champions": "bought lately, often and much",
    "loyal": "buy often and much, and not long ago",
    "potential loyal": "bought lately, neither much nor often as yet",
    "new": "bought very lately, but little or seldom",
    "promising": "bought lately, but little or seldom",
    "need attention": "in the middle of everything",
    "about to sleep": "little or seldom, and not lately",
    "at risk": "bought often or much, but longer ago than most",
    "cannot lose": "bought the most, but longer ago than most",
    "hibernating": "little or seldom, and longer ago than most",
    "lost": "little or seldom, and longest ago",
}
"""Segments, the best first, and who they are beside the other customers."""

_MAP = (
    ("lost", "lost", "at risk", "at risk", "cannot lose"),
    ("hibernating", "hibernating", "at risk", "at risk", "cannot lose"),
    ("about to sleep", "about to sleep", "need attention", "loyal", "loyal"),
    ("promising", "potential loyal", "potential loyal", "loyal", "loyal"),
    ("new", "potential loyal", "potential loyal", "champions", "champions"),
)
"""By score of recency, lowest first, and within it by that of frequency and money together."""


def standing(values: FloatArray, among: FloatArray) -> FloatArray:
    """Return the share of some others that each value stands above, equal ones counted half.

    Examples
    --------
    >>> amounts = np.array([10.0, 20.0, 20.0, 90.0])
    >>> standing(amounts, amounts).tolist()
    [0.125, 0.5, 0.5, 0.875]
    """
    ordered = np.sort(among)
    below = np.searchsorted(ordered, values, side="left")
    up_to = np.searchsorted(ordered, values, side="right")
    return np.asarray((below + up_to) / (2.0 * max(len(ordered), 1)))


def fifths(values: FloatArray) -> FloatArray:
    """Return each customer's score, 1 for the lowest fifth to 5 for the highest.

    Equal customers share a score, that of the middle of their ranks: fifths are then not equally large. Where all are
    equal, all are in the middle.

    References
    ----------
    Hughes, A. M. (1994). Strategic Database Marketing. Probus: customers scored by fifths of recency, frequency and
    money. Ties are his readers' affair.

    Examples
    --------
    >>> fifths(np.array([3.0, 1.0, 2.0, 5.0, 4.0])).tolist(), fifths(np.array([7.0, 7.0, 7.0])).tolist()
    ([3.0, 1.0, 2.0, 5.0, 4.0], [3.0, 3.0, 3.0])
    """
    return np.floor(_FIFTHS * standing(values, values)) + 1.0


def among_best(spent: FloatArray) -> BoolArray:
    """Return who is among the best customers: whose `standing` is 0.8 and more; nobody of fewer than five.

    Parameters
    ----------
    spent
        What each customer who bought spent, money.

    Examples
    --------
    >>> among_best(np.array([10.0, 20.0, 30.0, 90.0, 40.0])).tolist()
    [False, False, False, True, False]
    """
    if len(spent) < FEWEST:
        return np.zeros(len(spent), dtype=bool)
    least = (1.0 - BEST_SHARE) * len(spent)
    # Whoever stands here is at the limit, with all who spent as much: an order of everyone is not needed.
    place = int(np.ceil(least - 0.5))
    limit = np.partition(spent, place)[place]
    middle = (np.count_nonzero(spent < limit) + np.count_nonzero(spent <= limit)) / 2.0
    best: BoolArray = spent >= limit if middle >= least else spent > limit
    return best & (spent > 0)


def best_without(
    spent: FloatArray, customer: Codes, item: Codes, rest: FloatArray, items: int
) -> tuple[BoolArray, FloatArray]:
    """Return who is among the best by all but an item, for each item and each customer who bought it; and how many are.

    `among_best` of everybody, item by item, with what its buyers spent on all else in place of what they spent: those
    who did not buy it are ordered once for all items, and only its buyers are moved.

    Parameters
    ----------
    spent
        What each customer who bought spent, money.
    customer, item, rest
        By customer and item: who, which, and what that customer spent on everything else, money.
    items
        How many items there are.

    Returns
    -------
    tuple
        Whether each is one of the best; and how many customers are, shape (items,).

    Examples
    --------
    >>> spent = np.array([10.0, 20.0, 30.0, 90.0, 40.0])
    >>> best, many = best_without(spent, np.array([3, 4, 3]), np.array([0, 0, 1]), np.array([5.0, 35.0, 80.0]), 3)
    >>> best.tolist(), many.tolist()
    ([False, True, True], [1.0, 1.0, 1.0])
    """
    count = len(spent)
    if count < FEWEST:
        return np.zeros(len(rest), dtype=bool), np.zeros(items)
    amounts, places = np.unique(np.concatenate([spent, rest]), return_inverse=True)
    everyone, width = np.sort(places[:count]), len(amounts) + 2
    with_it, without_it = (np.sort(item * width + place) for place in (places[customer], places[count:]))
    every = np.arange(items)

    def below(place: Codes) -> Codes:
        """Return how many spent less than an amount on all but each item."""
        own = every * width + place
        moved = np.searchsorted(without_it, own) - np.searchsorted(with_it, own)
        return np.asarray(np.searchsorted(everyone, place) + moved, dtype=np.int64)

    low, high = (np.full(items, place) for place in (np.searchsorted(amounts, 0.0, side="right"), len(amounts)))
    for _ in range(len(amounts).bit_length()):
        middle = (low + high) // 2
        # Twice the number that the amount stands above, equal ones counted half.
        stands = below(middle) + below(middle + 1) >= 2.0 * (1.0 - BEST_SHARE) * count
        low, high = np.where(stands, low, np.minimum(middle + 1, high)), np.where(stands, middle, high)
    return places[count:] >= high[item], (count - below(high)).astype(np.float64)


def segments(recency: FloatArray, frequency: FloatArray, monetary: FloatArray) -> Texts:
    """Return the segment that each customer's three scores name.

    The customary map of recency against frequency and money, whose mean is rounded up; its two corners of those who
    bought little and long ago are "hibernating" and "lost".

    Examples
    --------
    >>> segments(np.array([5.0, 1.0, 1.0]), np.array([5.0, 5.0, 1.0]), np.array([4.0, 5.0, 1.0])).tolist()
    ['champions', 'cannot lose', 'lost']
    """
    bought = (frequency + monetary + 1.0) // 2.0
    names = np.array(_MAP, dtype=object)
    named: Texts = names[recency.astype(np.int64) - 1, bought.astype(np.int64) - 1]
    return named
