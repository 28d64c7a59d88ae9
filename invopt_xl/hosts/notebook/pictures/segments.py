"""Pictures of segments: few items make most of demand, value against forecast error, the nine cells, and lifts."""

from __future__ import annotations

from textwrap import fill, shorten
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from invopt_xl.hosts.notebook.pictures.house import (
    ALERT,
    COLOURS,
    DASHES,
    GRID,
    INK,
    MAIN,
    PALE,
    Picture,
    axes_of,
    nothing,
    short,
)
from invopt_xl.plan.segmentation.matrix import NO_CLASS
from invopt_xl.workbook.sheets.look import QUIET

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LETTERS = "XYZ"
_CELL_HEIGHT, _LIFT_HEIGHT = 1.45, 0.34
_CELL_WIDTH = 32
"""Characters of a line in a cell."""
_LONGEST_NAME = 44
"""Characters of a name beside a line."""


def concentration(frame: pd.DataFrame, *, title: str, limits: tuple[float, float] = (0.8, 0.95)) -> Picture:
    """Return what share of a total the first so many items make, a curve for each column.

    Parameters
    ----------
    frame
        Column ``items``, how many, and shares of totals: value, margin, lines.
    title
        What they show, as a sentence.
    limits
        Shares at which classes A and B end.

    Examples
    --------
    >>> frame = pd.DataFrame({"items": [1, 2, 3], "value": [0.8, 0.95, 1.0]})
    >>> concentration(frame, title="One item makes most")
    Curves: One item makes most. by value 80% from 1 item of 3, 95% from 2.
    """
    names = [str(name) for name in frame.columns if name != "items"]
    if not names:
        return nothing(title)
    told = {name: _reached(frame, name, limits) for name in names}

    def draw(figure: Figure) -> None:
        from matplotlib.ticker import PercentFormatter

        axes = axes_of(figure, title, across="items, the largest first", up="share of the total")
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
        for limit, letter in zip(limits, "AB", strict=True):
            axes.axhline(limit, color=QUIET, linewidth=0.8, linestyle=(0, (2, 2)))
            axes.annotate(
                f"{letter} ends at {limit:.0%}", (1.0, limit), xycoords=("axes fraction", "data"), xytext=(0, -11),
                textcoords="offset points", ha="right", color=QUIET, fontsize=9,
            )  # fmt: skip
        for place, name in enumerate(names):
            colour, dash = COLOURS[place % len(COLOURS)], DASHES[place % len(DASHES)]
            axes.plot(frame["items"], frame[name], color=colour, linestyle=dash, linewidth=1.8, label=told[name])
        # Held by its right edge, so that long numbers do not run over it.
        axes.legend(loc="lower right", frameon=False, labelcolor="linecolor", prop={"weight": "bold"}, handlelength=3)
        axes.set_xlim(0, max(len(frame), 1))
        axes.set_ylim(0, 1.02)

    return Picture(draw, f"Curves: {title}. {'; '.join(told.values())}.", 4.0)


def _reached(frame: pd.DataFrame, name: str, limits: tuple[float, float]) -> str:
    """Return how many items make the first shares of the total, in words."""
    shares = frame[name].to_numpy(dtype=np.float64)
    first, second = (int(np.searchsorted(np.round(shares, 9), limit)) + 1 for limit in limits)
    word = "item" if first == 1 else "items"
    return f"by {name} {limits[0]:.0%} from {first:,} {word} of {len(frame):,}, {limits[1]:.0%} from {second:,}"


def worth_by_error(frame: pd.DataFrame, *, title: str, unit: str, limits: tuple[float, float] = (0.5, 1.0)) -> Picture:
    """Return a point for each item: what its demand is worth against how far forecasts stray from it.

    Parameters
    ----------
    frame
        Columns ``forecast_error`` (of mean demand), ``demand_value`` (money a year) and ``xyz``.
    title
        What they show, as a sentence.
    unit
        Of the value.
    limits
        Largest error of X and of Y items.

    Examples
    --------
    >>> frame = pd.DataFrame({"forecast_error": [0.2, 3.0], "demand_value": [90.0, 10.0], "xyz": ["X", "Z"]})
    >>> worth_by_error(frame, title="Most money is easy", unit="USD a year")
    Points: Most money is easy. X (error up to 0.5): 1 item, 90% of value; Y (up to 1): 0 items, 0%; Z (above, or not \
judged): 1 item, 10%.
    """
    total = float(frame["demand_value"].sum())
    counts = [(frame["xyz"] == letter) for letter in _LETTERS]
    shares = [float(frame["demand_value"][rows].sum()) / total if total > 0 else 0.0 for rows in counts]
    heads = [
        f"{int(rows.sum()):,} {'item' if rows.sum() == 1 else 'items'}, {share:.0%}"
        for rows, share in zip(counts, shares, strict=True)
    ]
    known = frame[(frame["forecast_error"] > 0) & (frame["demand_value"] > 0)]
    x, y = (f"{limit:g}" for limit in limits)
    words = f"X (error up to {x}): {heads[0]} of value; Y (up to {y}): {heads[1]}; Z (above, or not judged): {heads[2]}"

    def draw(figure: Figure) -> None:
        axes = axes_of(figure, title, across="forecast error, times mean demand (log)", up=f"demand, {unit} (log)")
        for letter, colour, mark in zip(_LETTERS, (MAIN, COLOURS[2], ALERT), "osv", strict=True):
            rows = known[known["xyz"] == letter]
            axes.scatter(
                rows["forecast_error"], rows["demand_value"], s=14, color=colour, marker=mark, alpha=0.55, linewidth=0
            )
        if len(known):
            _scale(axes)
        for limit in limits:
            axes.axvline(limit, color=INK, linewidth=0.9, linestyle=(0, (3, 2)))
        low, high = axes.get_xlim()
        low, high = min(low, limits[0] / 3), max(high, limits[1] * 3)
        axes.set_xlim(low, high)
        edges = [low, *limits, high]
        for letter, head, left, right in zip(_LETTERS, heads, edges[:-1], edges[1:], strict=True):
            axes.annotate(
                f"{letter}\n{head.replace(', ', chr(10))} of value", (float(np.sqrt(left * right)), 1.0),
                xycoords=("data", "axes fraction"), xytext=(0, -4), textcoords="offset points", ha="center", va="top",
                fontsize=9, color=INK, bbox={"facecolor": "white", "edgecolor": GRID, "pad": 2.0},
            )  # fmt: skip

    return Picture(draw, f"Points: {title}. {words}.", 4.8)


def _scale(axes: Axes) -> None:
    """Scale both axes by powers of ten, with room above for the heads of the classes."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter

    for axis, scale in ((axes.xaxis, axes.set_xscale), (axes.yaxis, axes.set_yscale)):
        scale("log")
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
        axis.set_minor_formatter(NullFormatter())
    axes.xaxis.set_major_locator(FixedLocator([0.1, 0.2, 0.5, 1, 2, 5, 10]))
    bottom, top = axes.get_ylim()
    axes.set_ylim(bottom, top * (top / bottom) ** 0.28)


def cells(frame: pd.DataFrame, *, title: str, money: str, by: str = "value") -> Picture:
    """Return the nine cells of classes: what stands in each, and what is advised for it.

    A cell without items has no advice, nor has one none of whose items is to be stocked: it says what is advised for
    these instead. What has no class stands below.

    Parameters
    ----------
    frame
        ``tblMatrix``.
    title
        What it shows, as a sentence.
    money
        Unit of money.
    by
        What A, B and C are by: value, margin or lines.

    Examples
    --------
    >>> frame = pd.DataFrame({"cell": ["AX"], "items": [4], "value_share": [0.5], "stock_value": [120.0],
    ...     "policy": ["(R, s, S)"], "method": ["ensemble"], "review_days": [7.0], "target": [0.97], "otherwise": ""})
    >>> cells(frame, title="What each cell asks for", money="USD")
    Cells: What each cell asks for. AX: 4 items, 50% of demand, stock 120 USD, (R, s, S), ensemble, every 7 days, \
target 97%.
    """
    told = {str(row["cell"]): _cell(row, money) for row in frame.to_dict("records")}
    share = {str(name): float(value) for name, value in zip(frame["cell"], frame["value_share"], strict=True)}
    words = "; ".join(f"{name}: {', '.join(lines)}" for name, lines in told.items())

    def draw(figure: Figure) -> None:
        from matplotlib.colors import LinearSegmentedColormap
        from matplotlib.patches import Rectangle

        axes = axes_of(figure, title)
        shades = LinearSegmentedColormap.from_list("house", ["#FFFFFF", PALE])
        top = max([*share.values(), 1e-9])
        for down, first in enumerate("ABC"):
            for across, second in enumerate(_LETTERS):
                lines = told.get(first + second, ["no item"])
                colour = shades(min(share.get(first + second, 0.0) / top, 1.0))
                axes.add_patch(Rectangle((across, down), 1, 1, facecolor=colour, edgecolor="white", linewidth=2))
                axes.text(across + 0.05, down + 0.08, first + second, va="top", fontsize=12, fontweight="bold")
                advised = [", ".join(lines[3:5]), ", ".join(lines[5:7]), *lines[7:]]
                text = "\n".join([", ".join(lines[:2]), *lines[2:3], *(fill(each, _CELL_WIDTH) for each in advised)])
                axes.text(across + 0.05, down + 0.25, text.strip(), va="top", fontsize=9, linespacing=1.35)
        if NO_CLASS in told:
            axes.text(0.05, 3.08, f"{NO_CLASS}: {', '.join(told[NO_CLASS][:3])}", va="top", fontsize=9)
        axes.set(xlim=(0, 3), ylim=(3.25 if NO_CLASS in told else 3, 0), xticks=[0.5, 1.5, 2.5])
        axes.set_yticks([0.5, 1.5, 2.5])
        axes.set_xticklabels(["X: steady", "Y: variable", "Z: irregular"], color=INK)
        axes.set_yticklabels([f"A: first 80%\nof {by}", "B: next 15%", "C: the rest"], color=INK)
        axes.tick_params(length=0, labeltop=True, labelbottom=False)
        axes.spines[:].set_visible(False)

    return Picture(draw, f"Cells: {title}. {words}.", 0.9 + 3 * _CELL_HEIGHT)


def _cell(row: dict[Any, Any], money: str) -> list[str]:
    if not row["items"]:
        return ["no item"]
    days, target = float(row["review_days"]), float(row["target"])
    there = [
        f"{int(row['items']):,} {'item' if row['items'] == 1 else 'items'}",
        f"{short(round(float(row['value_share']), 4), 'share')} of demand",
        f"stock {float(row['stock_value']):,.0f} {money}",
    ]
    if not np.isfinite(target):
        return [*there, str(row["otherwise"]) or "no stock"]
    return [
        *there,
        str(row["policy"]) or "no policy",
        str(row["method"]) or "no method",
        f"every {days:g} days" if np.isfinite(days) else "no review",
        f"target {target:.0%}",
        *([f"but {row['otherwise']}"] if row["otherwise"] else []),
    ]


def lifts(frame: pd.DataFrame, *, title: str) -> Picture:
    """Return the lift of items with its 90% interval; those whose interval does not hold 1 stand out.

    Parameters
    ----------
    frame
        Columns ``item``, ``description``, ``lift``, ``lift_low``, ``lift_high`` and ``clear`` (True to stand out).
    title
        What they show, as a sentence.

    Examples
    --------
    >>> frame = pd.DataFrame({"item": ["T"], "description": ["Tea"], "lift": [1.2], "lift_low": [1.1],
    ...                       "lift_high": [1.3], "clear": [True]})
    >>> lifts(frame, title="Tea is the best customers'")
    Intervals: Tea is the best customers'. T Tea 1.20 (1.10 to 1.30), clear.
    """
    if frame.empty:
        return nothing(title)
    rows = frame.to_dict("records")
    names = [" ".join(filter(None, [str(row["item"]), str(row["description"] or "")])) for row in rows]
    told = [
        f"{name} {row['lift']:.2f} ({row['lift_low']:.2f} to {row['lift_high']:.2f}){', clear' if row['clear'] else ''}"
        for name, row in zip(names, rows, strict=True)
    ]

    def draw(figure: Figure) -> None:
        axes = axes_of(figure, title, across="lift: 1 is as all items; the line spans 90%", grid="x")
        for place, row in enumerate(rows):
            colour = ALERT if row["clear"] else QUIET
            axes.plot([row["lift_low"], row["lift_high"]], [-place] * 2, color=colour, linewidth=1.6)
            axes.plot(row["lift"], -place, "o", color=colour, markersize=6)
        axes.axvline(1.0, color=INK, linewidth=1.0)
        short_names = [shorten(name, _LONGEST_NAME, placeholder="...") for name in names]
        axes.set_yticks(-np.arange(len(rows)), short_names, color=INK, fontsize=9)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)

    return Picture(draw, f"Intervals: {title}. {'; '.join(told)}.", 1.2 + _LIFT_HEIGHT * len(rows))
