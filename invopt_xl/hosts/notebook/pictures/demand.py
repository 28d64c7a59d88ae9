"""Histories of items, one above the other, with what was known of them and what is forecast."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import shorten
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.domain import Calendar, Forecast
from invopt_xl.forecasting.panel.histories import Histories
from invopt_xl.hosts.notebook.pictures.house import ALERT, INK, MAIN, Picture, dress, head, nothing, short
from invopt_xl.workbook.sheets.look import QUIET

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PANEL = 1.55
_LONGEST_PANEL = 42
"""Characters of a name above one of two panels."""


def histories(
    past: Histories,
    items: Sequence[int],
    names: Sequence[str],
    calendar: Calendar,
    *,
    title: str,
    forecasts: Sequence[Forecast] | None = None,
    unit: str = "units",
) -> Picture:
    """Return the demand of some items, a panel each, with promotions, stock-outs, and the forecast with its 80%.

    Parameters
    ----------
    past
        Histories of all items.
    items
        Rows of those that are drawn; six at most can be read.
    names
        What stands above each panel.
    calendar
        Of the histories.
    title
        What they show, as a sentence.
    forecasts
        Of those items, in their order; none unless given.
    unit
        Of demand in a period.
    """
    days = pd.DatetimeIndex(calendar.start(np.arange(-past.periods, 0)))
    told = "; ".join(
        _told(past, row, name, None if forecasts is None else forecasts[place])
        for place, (row, name) in enumerate(zip(items, names, strict=True))
    )

    def draw(figure: Figure) -> None:
        head(figure, title)
        panels = figure.subplots(len(items), 1, sharex=True, squeeze=False)[:, 0]
        for place, (axes, row, name) in enumerate(zip(panels, items, names, strict=True)):
            _draw_one(axes, past, row, days)
            if forecasts is not None:
                _draw_forecast(axes, forecasts[place], calendar)
            dress(axes, "", up=unit, grid="y")
            axes.set_title(name, fontsize=9, fontweight="normal", color=INK)
            axes.set_ylim(bottom=0)
        if key := _key(past, items, forecast=forecasts is not None):
            figure.supxlabel(key, fontsize=9, color=QUIET)

    return Picture(draw, f"Histories: {title}. {told}.", 0.7 + _PANEL * max(len(items), 1))


def _key(past: Histories, items: Sequence[int], *, forecast: bool) -> str:
    """Return what the marks mean that are drawn."""
    rows = list(items)
    marks = {
        "triangle: promoted": past.promotion[rows].any(),
        "dotted line: out of stock": (~past.in_stock[rows]).any(),
        "dashed: forecast, and its 80% shaded": forecast,
    }
    return "; ".join(words for words, drawn in marks.items() if drawn)


def _told(past: Histories, row: int, name: str, forecast: Forecast | None) -> str:
    history = past.of(row)
    known = history.quantity[~np.isnan(history.quantity)]
    if not len(known):
        return f"{name}: no demand known"
    words = [
        f"{name}: {len(known)} periods, mean {short(float(known.mean()))}, most {short(float(known.max()))}",
        f"last {short(float(known[-1]))}",
    ]
    for count, what in ((int(history.promotion.sum()), "promoted"), (int((~history.in_stock).sum()), "out of stock")):
        if count:
            words.append(f"{count} {what}")
    if forecast is not None:
        low, high = map(float, forecast.interval(0.8)[0])
        words.append(f"forecast {short(float(forecast.mean[0]))} next (80% from {short(low)} to {short(high)})")
    return ", ".join(words)


def _draw_one(axes: Axes, past: Histories, row: int, days: pd.DatetimeIndex) -> None:
    quantity = past.quantity[row]
    axes.plot(days, quantity, color=MAIN, linewidth=1.3)
    promoted = past.promotion[row] & ~np.isnan(quantity)
    out = ~past.in_stock[row]
    axes.plot(days[promoted], quantity[promoted], "^", color=INK, markersize=4, linestyle="none")
    for day in days[out]:
        axes.axvline(day, color=ALERT, linewidth=1.0, alpha=0.6, linestyle=":")


def _draw_forecast(axes: Axes, forecast: Forecast, calendar: Calendar) -> None:
    days = pd.DatetimeIndex(calendar.start(np.arange(forecast.periods)))
    low, high = forecast.interval(0.8).T
    axes.fill_between(days, low, high, color=ALERT, alpha=0.18, linewidth=0)
    axes.plot(days, forecast.mean, color=ALERT, linewidth=1.5, linestyle=(0, (4, 2)))


def stages(frame: pd.DataFrame, demand: npt.NDArray[np.float64], *, title: str, unit: str) -> Picture:
    """Return small panels of demand, two a line, each headed by the stage of life of its item.

    A period that is not known leaves a gap; one between two gaps is a point.

    Parameters
    ----------
    frame
        Columns ``life_cycle``, ``item`` and ``description``, a row for each panel, those of a stage together.
    demand
        Units a period, a row each; NaN where unknown, as out of stock.
    title
        What they show, as a sentence.
    unit
        Of demand.

    Examples
    --------
    >>> frame = pd.DataFrame({"life_cycle": ["growing"], "item": ["T"], "description": ["Tea"]})
    >>> stages(frame, np.array([[1.0, 1.0, 4.0, 4.0]]), title="Tea grows", unit="units a week")
    Panels: Tea grows. growing: T Tea, mean 1.00 in the first half, 4.00 in the last.
    """
    if frame.empty:
        return nothing(title)
    names = [" ".join(filter(None, map(str, row))) for row in frame[["item", "description"]].fillna("").to_numpy()]
    half = demand.shape[1] // 2
    told = [
        f"{stage}: {name}, mean {_mean(row[:half])} in the first half, {_mean(row[half:])} in the last{_gaps(row)}"
        for stage, name, row in zip(frame["life_cycle"], names, demand, strict=True)
    ]
    lines = -(-len(frame) // 2)

    def draw(figure: Figure) -> None:
        from matplotlib.ticker import MaxNLocator

        head(figure, title)
        panels = figure.subplots(lines, 2, sharex=True, squeeze=False).ravel()
        for axes in panels[len(frame) :]:
            axes.set_axis_off()
        for axes, stage, name, row in zip(panels, frame["life_cycle"], names, demand, strict=False):
            dress(axes, "", up="", grid="y")
            axes.plot(np.arange(len(row)) - len(row), row, color=MAIN, linewidth=1.2)
            axes.plot(np.flatnonzero(_alone(row)) - len(row), row[_alone(row)], ".", color=MAIN, markersize=4)
            axes.set_title(shorten(f"{stage}: {name}", _LONGEST_PANEL, placeholder="..."), fontsize=9, color=INK)
            axes.set_ylim(bottom=0)
            axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))
        gaps = "; gaps: out of stock, or not known" if any(map(_gaps, demand)) else ""
        figure.supxlabel(f"periods before the plan date{gaps}", fontsize=9, color=QUIET)
        figure.supylabel(unit, fontsize=9, color=QUIET)

    return Picture(draw, f"Panels: {title}. {'; '.join(told)}.", 0.9 + 1.25 * lines)


def _gaps(values: npt.NDArray[np.float64]) -> str:
    """Return in words how many periods after the first known one leave a gap."""
    known = np.isfinite(values)
    missing = int((~known[known.argmax() :]).sum()) if known.any() else 0
    return f", {missing} out of stock or not known" if missing else ""


def _alone(values: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Return which values are known while neither neighbour is, so that no line shows them."""
    known = np.concatenate([[False], np.isfinite(values), [False]])
    return np.asarray(known[1:-1] & ~known[:-2] & ~known[2:])


def _mean(values: npt.NDArray[np.float64]) -> str:
    known = values[np.isfinite(values)]
    return f"{known.mean():.2f}" if len(known) else "not known"
