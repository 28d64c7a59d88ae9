"""What is not known for sure: ranges of values by name, and chances told against what came."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from invopt_xl.hosts.notebook.pictures.house import (
    ALERT,
    INK,
    MAIN,
    PALE,
    Picture,
    axes_of,
    head,
    nothing,
    short,
)
from invopt_xl.workbook.sheets.look import QUIET

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ROW, _AROUND = 0.34, 1.3
"""Inches a range takes, and what title and axis take."""

_LEAST_DOT, _MOST_DOT = 25.0, 350.0
"""Areas of dots, of few and of many; square points."""


_LONGEST_NAME = 46
"""Characters of a name that leave room for its range."""

_ROOM = 0.1
"""Least distance of two counts near nothing, as a share."""


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1].rstrip(' ,(')}…"


def ranges(
    frame: pd.DataFrame,
    label: str,
    values: tuple[str, str, str],
    *,
    title: str,
    unit: str,
    hollow: str | None = None,
) -> Picture:
    """Return a range for each row of a frame, in its order, with a dot in it.

    Parameters
    ----------
    frame
        The rows; those whose dot is not known are left out, and counted in the words.
    label
        Column of their names.
    values
        Columns of the lower end, the dot and the upper end.
    title
        What they show, as a sentence.
    unit
        Of the values, as it stands on the axis.
    hollow
        Column that is True where the dot is hollow: it stands on less.

    Examples
    --------
    >>> frame = pd.DataFrame({"item": ["tea", "cup"], "low": [1.0, 0.5], "middle": [2.0, 1.0], "high": [4.0, 1.5]})
    >>> ranges(frame, "item", ("low", "middle", "high"), title="Tea is surer", unit="units")
    Ranges: Tea is surer. tea 2 (1 to 4); cup 1 (0.50 to 1.50) (units).
    """
    known = frame[frame[values[1]].notna()]
    if known.empty:
        return nothing(title)
    names, faint = known[label].astype(str).tolist(), known[hollow].to_numpy(bool) if hollow else np.zeros(len(known))
    low, middle, high = (known[name].to_numpy(np.float64) for name in values)
    told = [
        f"{name} {short(b)} ({short(a)} to {short(c)})" for name, a, b, c in zip(names, low, middle, high, strict=True)
    ]
    left_out = len(frame) - len(known)
    more = f"; {left_out} not known" if left_out else ""

    def draw(figure: Figure) -> None:
        head(figure, title)
        axes = axes_of(figure, "", across=unit, grid="x")
        places = np.arange(len(names))[::-1]
        axes.hlines(places, low, high, color=PALE, linewidth=7)
        axes.scatter(
            middle, places, s=48, color=np.where(faint, "white", MAIN), edgecolor=MAIN, linewidth=1.6, zorder=3
        )
        axes.set_yticks(places, [_shortened(name) for name in names], color=INK)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        if low.min() <= 0 <= high.max():
            axes.axvline(0, color=INK, linewidth=0.8)
        if low.min() >= 0:  # what cannot be less than nothing begins there
            axes.set_xlim(left=-0.02 * float(max(high.max(), middle.max())))
        axes.set_ylim(-0.7, len(names) - 0.3)

    return Picture(draw, f"Ranges: {title}. {'; '.join(told)}{more} ({unit}).", _AROUND + _ROW * len(names))


def agreement(frame: pd.DataFrame, told: str, came: str, count: str, *, title: str, units: tuple[str, str]) -> Picture:
    """Return a dot for each group of chances told, the larger the more often, beside the line on which they hold.

    Parameters
    ----------
    frame
        The groups.
    told, came
        Columns of the mean chance told and of the share that came true.
    count
        Column of how often it was told.
    title
        What they show, as a sentence.
    units
        Names of the axes.

    Examples
    --------
    >>> frame = pd.DataFrame({"mean_chance": [0.1, 0.9], "came_true": [0.2, 0.8], "told": [50, 7]})
    >>> agreement(frame, "mean_chance", "came_true", "told", title="Chances hold", units=("told", "came"))
    Points: Chances hold. told 10%, came 20%, 50 times; told 90%, came 80%, 7 times.
    """
    if frame.empty:
        return nothing(title)
    across, up, often = (frame[name].to_numpy(np.float64) for name in (told, came, count))
    words = [
        f"told {short(a, 'share')}, came {short(b, 'share')}, {n:,.0f} times"
        for a, b, n in zip(across, up, often, strict=True)
    ]

    def draw(figure: Figure) -> None:
        from matplotlib.ticker import PercentFormatter

        head(figure, title)
        axes = axes_of(figure, "", across=units[0], up=units[1], grid="both")
        axes.plot([0, 1], [0, 1], color=QUIET, linewidth=1.0, linestyle=(0, (4, 2)))
        axes.annotate("as told", (0.5, 0.5), xytext=(6, -12), textcoords="offset points", color=QUIET, fontsize=9)
        share = np.log1p(often) / max(float(np.log1p(often).max()), 1e-9)
        axes.scatter(
            across, up, s=_LEAST_DOT + (_MOST_DOT - _LEAST_DOT) * share**2, color=MAIN, alpha=0.75, linewidth=0
        )
        last = -1.0
        for x, y, times, part in zip(across, up, often, share, strict=True):
            if x - last < _ROOM and y < _ROOM:
                continue
            last = x
            axes.annotate(
                f"{times:,.0f}", (x, y), xytext=(0, 5 + 7 * part), textcoords="offset points", fontsize=9, ha="center",
                color=ALERT if abs(x - y) > 0.2 else INK,
            )  # fmt: skip
        axes.set_xlim(-0.06, 1.05)
        axes.set_ylim(-0.06, 1.1)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(PercentFormatter(1.0, decimals=0))

    return Picture(draw, f"Points: {title}. {'; '.join(words)}.", 4.4)
