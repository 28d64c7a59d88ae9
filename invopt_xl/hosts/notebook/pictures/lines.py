"""Lines that are named at their ends, and points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from invopt_xl.hosts.notebook.pictures.house import (
    ALERT,
    COLOURS,
    DASHES,
    INK,
    MAIN,
    Picture,
    axes_of,
    nothing,
    short,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROOM = 0.07
"""Least distance of two names at the ends of lines, as a share of the picture's height."""


def lines(
    frame: pd.DataFrame,
    x: str,
    series: Sequence[str],
    *,
    title: str,
    units: tuple[str, str],
    band: tuple[str, str] | None = None,
) -> Picture:
    """Return lines over an axis, each named at its end.

    Parameters
    ----------
    frame
        A row for each point, in the order of the axis.
    x
        Column of the axis: days or numbers.
    series
        Columns of the lines; a value that is not known leaves a gap.
    title
        What they show, as a sentence.
    units
        Names of the axes with their units, across and up; ``"share"`` at the end of the second shows percent.
    band
        Columns of the lower and upper edge of a shaded band behind the first line.

    Examples
    --------
    >>> frame = pd.DataFrame({"week": [1, 2, 3], "sold": [5.0, 9.0, 7.0]})
    >>> lines(frame, "week", ["sold"], title="Sales peak in week 2", units=("week", "units"))
    Lines: Sales peak in week 2. sold: 5 at 1, 7 at 3, least 5 at 1, most 9 at 2 (week; units).
    """
    if frame[list(series)].isna().to_numpy().all():
        return nothing(title)
    unit = "share" if units[1].endswith("share") else ""
    told = "; ".join(_told(frame[x], frame[name], name, unit) for name in series)
    if band:
        low, high = (short(float(frame[name].iloc[-1]), unit) for name in band)
        told += f"; band at the end from {low} to {high}"

    def draw(figure: Figure) -> None:
        from matplotlib.ticker import FuncFormatter, MaxNLocator

        axes = axes_of(figure, title, across=units[0], up=units[1], grid="y")
        if unit:
            axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0%}"))
        across = frame[x].to_numpy()
        if band:
            axes.fill_between(across, frame[band[0]], frame[band[1]], color=COLOURS[0], alpha=0.15, linewidth=0)
        for place, name in enumerate(series):
            colour, dash = COLOURS[place % len(COLOURS)], DASHES[place % len(DASHES)]
            axes.plot(across, frame[name].to_numpy(dtype=np.float64), color=colour, linestyle=dash, linewidth=1.8)
        if pd.api.types.is_integer_dtype(frame[x]):
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        shown = frame[[*series, *(band or ())]].to_numpy(dtype=np.float64)
        if np.nanmin(shown) >= 0:
            axes.set_ylim(bottom=0.0)
        if len(series) > 1:
            _name_ends(axes, frame, x, series)

    return Picture(draw, f"Lines: {title}. {told} ({'; '.join(filter(None, units))}).")


def _told(across: pd.Series[Any], values: pd.Series[Any], name: str, unit: str) -> str:
    known = values.notna().to_numpy()
    if not known.any():
        return f"{name}: not known"
    at, found = across[known], values[known].astype(float)
    least, most = found.to_numpy().argmin(), found.to_numpy().argmax()
    ends = [(f"{short(found.iloc[place], unit)} at {_at(at.iloc[place])}") for place in (0, -1, least, most)]
    return f"{name}: {ends[0]}, {ends[1]}, least {ends[2]}, most {ends[3]}"


def _at(value: object) -> str:
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    return short(float(value)) if isinstance(value, int | float | np.number) else str(value)


def _name_ends(axes: Axes, frame: pd.DataFrame, x: str, series: Sequence[str]) -> None:
    """Write each line's name at its end, moved apart where two would cover each other."""
    last = {name: frame[name].dropna() for name in series}
    ends = sorted((float(values.iloc[-1]), name) for name, values in last.items() if len(values))
    bottom, top = axes.get_ylim()
    room, written = (top - bottom) * _ROOM, -np.inf
    for value, name in ends:
        written = max(value, written + room)
        colour = COLOURS[list(series).index(name) % len(COLOURS)]
        axes.annotate(
            name.replace("_", " "), (frame[x].to_numpy()[-1], written), xytext=(6, 0), textcoords="offset points",
            color=colour, va="center", fontweight="bold", annotation_clip=False,
        )  # fmt: skip


def points(
    frame: pd.DataFrame,
    x: str,
    y: str,
    *,
    title: str,
    units: tuple[str, str],
    label: str | None = None,
    named: Sequence[str] = (),
    logarithmic: bool = False,
) -> Picture:
    """Return a point for each row, some of them named.

    Parameters
    ----------
    frame
        The rows.
    x, y
        Columns of the axes; rows where one is not known are left out, and counted in the words.
    title
        What they show, as a sentence.
    units
        Names of the axes with their units.
    label
        Column of the points' names.
    named
        Names of the points that are written beside them.
    logarithmic
        Whether both axes are.

    Examples
    --------
    >>> frame = pd.DataFrame({"item": ["tea", "cup"], "demand": [10, 40], "error": [3.0, 5.0]})
    >>> points(frame, "demand", "error", title="Error grows with demand", units=("units", "units"), label="item",
    ...        named=["cup"])
    Points: Error grows with demand. 2 points; units from 10 to 40, median 25; units from 3 to 5, median 4. cup: 40, 5.
    """
    known = frame[frame[x].notna() & frame[y].notna()]
    if logarithmic:
        known = known[(known[x] > 0) & (known[y] > 0)]
    if known.empty:
        return nothing(title)
    spans = [_span(known[name], unit) for name, unit in zip((x, y), units, strict=True)]
    out = len(frame) - len(known)
    chosen = known[known[label].isin(list(named))] if label else known.head(0)
    told = "; ".join([f"{len(known)} points" + (f", {out} not known" if out else ""), *spans])
    places = [
        f"{name}: {short(a)}, {short(b)}" for name, a, b in zip(chosen[label or x], chosen[x], chosen[y], strict=True)
    ]

    def draw(figure: Figure) -> None:
        axes = axes_of(figure, title, across=units[0], up=units[1], grid="both")
        axes.scatter(known[x], known[y], s=14, color=MAIN, alpha=0.45, linewidth=0)
        axes.scatter(chosen[x], chosen[y], s=34, facecolor="none", edgecolor=ALERT, linewidth=1.5)
        if logarithmic:
            _scale_by_powers(axes)
        for name, across, up in zip(chosen[label or x], chosen[x], chosen[y], strict=True):
            axes.annotate(str(name), (across, up), xytext=(6, 3), textcoords="offset points", fontsize=8, color=INK)

    said = f" {'; '.join(places)}." if places else ""
    return Picture(draw, f"Points: {title}. {told}.{said}", 4.2)


def _scale_by_powers(axes: Axes) -> None:
    """Scale both axes by powers of ten, written as plain numbers."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    for axis, scale in ((axes.xaxis, axes.set_xscale), (axes.yaxis, axes.set_yscale)):
        scale("log")
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
        axis.set_minor_formatter(NullFormatter())


def _span(values: pd.Series[Any], unit: str) -> str:
    low, high, middle = (short(float(each)) for each in (values.min(), values.max(), values.median()))
    return f"{unit} from {low} to {high}, median {middle}"
