"""Bars with their values beside them, and tables of numbers shaded by size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from invopt_xl.hosts.notebook.pictures.house import ALERT, INK, MAIN, PALE, Picture, axes_of, nothing, short

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_BAR, _AROUND = 0.32, 1.1
"""Inches a bar takes, and what title and axis take."""


def bars(
    frame: pd.DataFrame, label: str, value: str, *, title: str, unit: str = "", look_at: tuple[str, ...] = ()
) -> Picture:
    """Return horizontal bars, one a row of the frame in its order, each with its value.

    Parameters
    ----------
    frame
        The rows; a value that is not known has no bar and says so.
    label, value
        Columns of their names and lengths.
    title
        What they show, as a sentence.
    unit
        Of the values; ``"share"`` shows percent.
    look_at
        Names of bars to be told from the others; all are alike unless given.

    Examples
    --------
    >>> frame = pd.DataFrame({"pattern": ["smooth", "lumpy"], "items": [12, 3]})
    >>> bars(frame, "pattern", "items", title="Most items sell every week", unit="items")
    Bars: Most items sell every week. smooth 12 items; lumpy 3 items.
    """
    if frame.empty:
        return nothing(title)
    names, values = frame[label].astype(str).tolist(), frame[value].to_numpy(dtype=np.float64)
    told = "; ".join(f"{name} {short(number, unit)}" for name, number in zip(names, values, strict=True))

    def draw(figure: Figure) -> None:
        axes = axes_of(figure, title, across="" if unit == "share" else unit)
        places = np.arange(len(names))[::-1]
        colours = [(ALERT if name in look_at else PALE) if look_at else MAIN for name in names]
        axes.barh(places, np.nan_to_num(values), color=colours, height=0.7)
        axes.set_yticks(places, names, color=INK)
        axes.tick_params(axis="y", length=0)
        axes.spines[["left", "bottom"]].set_visible(False)
        axes.set_xticks([])
        axes.axvline(0, color=INK, linewidth=0.8)
        for place, number in zip(places, values, strict=True):
            away, side = (-4, "right") if number < 0 else (4, "left")
            axes.annotate(
                short(number, "share" if unit == "share" else ""), (np.nan_to_num(number), place), xytext=(away, 0),
                textcoords="offset points", va="center", ha=side,
            )  # fmt: skip
        axes.margins(x=0.12)

    return Picture(draw, f"Bars: {title}. {told}.", _AROUND + _BAR * max(len(names), 1))


def matrix(frame: pd.DataFrame, *, title: str, unit: str = "", across: str = "", down: str = "") -> Picture:
    """Return a table of numbers, each cell darker the larger it is.

    Parameters
    ----------
    frame
        Numbers; the index names the rows.
    title
        What it shows, as a sentence.
    unit
        Of the numbers; ``"share"`` shows percent.
    across, down
        What columns and rows are.

    Examples
    --------
    >>> frame = pd.DataFrame({"X": [10, 2], "Y": [4, 30]}, index=["A", "B"])
    >>> matrix(frame, title="Items by value and variability", unit="items")
    Table: Items by value and variability. A: X 10 items, Y 4 items; B: X 2 items, Y 30 items.
    """
    values = frame.to_numpy(dtype=np.float64)
    if not values.size:
        return nothing(title)
    rows = [
        f"{name}: "
        + ", ".join(f"{head} {short(number, unit)}" for head, number in zip(frame.columns, row, strict=True))
        for name, row in zip(frame.index, values, strict=True)
    ]

    def draw(figure: Figure) -> None:
        from matplotlib.colors import LinearSegmentedColormap

        axes = axes_of(figure, title, across=across, up=down)
        shades = LinearSegmentedColormap.from_list("house", ["#FFFFFF", MAIN])
        top = float(np.nanmax(np.abs(values), initial=0.0)) or 1.0
        axes.imshow(np.abs(np.nan_to_num(values)), cmap=shades, vmin=0, vmax=top * 1.15, aspect="auto")
        axes.set_xticks(range(len(frame.columns)), [str(name) for name in frame.columns], color=INK)
        axes.set_yticks(range(len(frame.index)), [str(name) for name in frame.index], color=INK)
        axes.tick_params(length=0, labeltop=True, labelbottom=False)
        axes.xaxis.set_label_position("top")
        axes.spines[:].set_visible(False)
        for (down_, across_), number in np.ndenumerate(values):
            dark = abs(np.nan_to_num(number)) > 0.6 * top
            axes.text(
                across_, down_, short(number, "share" if unit == "share" else ""), ha="center", va="center",
                color="white" if dark else INK,
            )  # fmt: skip

    return Picture(draw, f"Table: {title}. {'; '.join(rows)}.", 1.4 + 0.5 * len(frame.index))
