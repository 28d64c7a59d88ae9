"""How exchange curves look, in a workbook's chart and in a picture: lines of policies, and where an axis begins."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from invopt_xl.plan.replay.words import COMMON
from invopt_xl.workbook.sheets.look import BLUE, ORANGE, VERMILLION

FloatArray = npt.NDArray[np.float64]

TITLE = "What service costs in stock"
MONEY = "average stock, money at cost"

LEAST_SHOWN = 0.8
"""A chart begins at this fill rate, unless no policy gets there."""


class Line(NamedTuple):
    """Colour, dash, marker and width of a curve, in the words of Excel's charts; "none" is no marker."""

    colour: str
    dash: str
    marker: str
    width: float


LINES = {
    "ours": Line(BLUE, "solid", "circle", 2.0),
    "uniform": Line(ORANGE, "dash", "square", 2.0),
    COMMON: Line(VERMILLION, "long_dash", "diamond", 2.0),
}
"""The policies that matter most; other windows of the textbook are thin and grey."""

_OTHERS = (
    Line("#8C8C8C", "round_dot", "none", 1.0),
    Line("#8C8C8C", "dash", "none", 1.0),
    Line("#BFBFBF", "solid", "none", 1.0),
    Line("#BFBFBF", "dash_dot", "none", 1.0),
)


def lines_of(policies: Iterable[str]) -> dict[str, Line]:
    """Return how the curve of each policy looks, those that matter most first.

    Examples
    --------
    >>> [(name, line.marker) for name, line in lines_of(["textbook 4", "ours"]).items()]
    [('ours', 'circle'), ('textbook 4', 'none')]
    """
    given = list(policies)
    others = [name for name in given if name not in LINES]
    styles = {name: _OTHERS[min(place, len(_OTHERS) - 1)] for place, name in enumerate(others)}
    return {name: line for name, line in LINES.items() if name in given} | styles


def left_end(achieved: FloatArray) -> float:
    """Return the fill rate at which a chart begins: nobody asks for little service, and the right needs the room.

    Examples
    --------
    >>> left_end(np.array([0.42, 0.99])), left_end(np.array([0.91, 0.99])), left_end(np.array([0.2, 0.6]))
    (0.8, 0.9, 0.6)
    """
    lowest, highest = (float(np.floor(20 * end + 1e-9) / 20) for end in (achieved.min(), achieved.max()))
    return min(max(lowest, LEAST_SHOWN), highest, 0.95)
