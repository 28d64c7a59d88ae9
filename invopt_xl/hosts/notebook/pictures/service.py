"""Pictures of service: what it costs, and how a reorder point stands in the demand it has to cover."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from invopt_xl.hosts.notebook.pictures.house import ALERT, COLOURS, DASHES, INK, MAIN, PALE, Picture, axes_of, short

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LINES = (("best_mix", "best mix"), ("one_target", "one target for all"))
_MARKS = (("today", "s"), ("plan", "o"))


def exchange(curve: pd.DataFrame, *, title: str, money: str) -> Picture:
    """Return stock money against fill rate, ``tblCurve``: the best mix, one target for all, today and the plan.

    Parameters
    ----------
    curve
        ``tblCurve``.
    title
        What it shows, as a sentence.
    money
        The currency.

    Examples
    --------
    >>> curve = pd.DataFrame({"point": ["best mix", "best mix", "today", "plan"], "fill_rate": [0.9, 0.95, 0.92, 0.95],
    ...     "best_mix": [100.0, 150.0, None, None], "one_target": None, "today": [None, None, 170.0, None],
    ...     "plan": [None, None, None, 155.0]})
    >>> exchange(curve, title="Better service for less", money="USD")
    Curve: Better service for less. best mix: 100 USD at 90.0%, 150 USD at 95.0%; today: 170 USD at 92.0%; plan: 155 USD at 95.0%.
    """  # noqa: E501 - a line of output
    known = {name: curve[curve[name].notna()].sort_values("fill_rate") for name, _ in (*_LINES, *_MARKS)}
    told = []
    for name, called in (*_LINES, *((mark, mark) for mark, _ in _MARKS)):
        ends = known[name].iloc[[0, -1]] if len(known[name]) > 1 else known[name]
        if len(ends):
            places = zip(ends[name], ends["fill_rate"], strict=True)
            told.append(f"{called}: {', '.join(f'{short(value, money)} at {fill:.1%}' for value, fill in places)}")

    def draw(figure: Figure) -> None:
        from matplotlib.ticker import FuncFormatter

        axes = axes_of(figure, title, across="overall fill rate", up=f"average stock, {money} at cost", grid="both")
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.4g}%"))
        for place, (name, called) in enumerate(_LINES):
            rows = known[name]
            if not len(rows):
                continue
            axes.plot(rows["fill_rate"], rows[name].astype(float), color=COLOURS[place], linestyle=DASHES[place])
            end = (float(rows["fill_rate"].iloc[-1]), float(rows[name].iloc[-1]))
            axes.annotate(
                called, end, xytext=(-6, -8 * place), textcoords="offset points", ha="right", va="top",
                color=COLOURS[place], fontweight="bold",
            )  # fmt: skip
        for name, marker in _MARKS:
            for fill, value in zip(known[name]["fill_rate"], known[name][name].astype(float), strict=True):
                axes.plot(fill, value, marker, color=ALERT if name == "today" else MAIN, markersize=8)
                axes.annotate(f"{name}: {short(value, money)}", (fill, value), xytext=(9, -3),
                              textcoords="offset points", color=INK)  # fmt: skip

        axes.set_ylim(bottom=0)

    return Picture(draw, f"Curve: {title}. {'; '.join(told)}.", 4.2)


def interval(demand: pd.DataFrame, *, title: str, expected: float, reorder_point: float, unit: str) -> Picture:
    """Return how likely each demand of a protection interval is, with what is expected and the reorder point marked.

    Parameters
    ----------
    demand
        ``units``, ``chance`` and ``covered``, as `buffers.interval.demand_until_receipt` returns them.
    title
        What it shows, as a sentence.
    expected, reorder_point
        Demand expected, and the stock at which an order is placed, units.
    unit
        Of demand.

    Examples
    --------
    >>> demand = pd.DataFrame({"units": [0.0, 1.0, 2.0], "chance": [0.5, 0.3, 0.2], "covered": [0.5, 0.8, 1.0]})
    >>> interval(demand, title="Tea until an order has come", expected=0.7, reorder_point=1.0, unit="units")
    Bars: Tea until an order has come. Expected 0.70 units, reorder point 1 units, which covers 80.0%; up to 2 units.
    """
    units, chance = (demand[name].to_numpy(dtype=np.float64) for name in ("units", "chance"))
    covered = float(np.interp(reorder_point, units, demand["covered"].to_numpy(dtype=np.float64)))
    told = f"Expected {short(expected, unit)}, reorder point {short(reorder_point, unit)}, which covers {covered:.1%}"

    def draw(figure: Figure) -> None:
        axes = axes_of(figure, title, across=f"demand until an order of the next review has come, {unit}", up="chance")
        width = float(units[1] - units[0]) if len(units) > 1 else 1.0
        inside = units <= reorder_point
        axes.bar(units[inside], chance[inside], width=width * 0.9, color=PALE)
        axes.bar(units[~inside], chance[~inside], width=width * 0.9, color=ALERT)
        top = float(chance[1:].max(initial=1e-9))
        axes.set_ylim(0, 1.25 * max(top, 1e-9))
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        for at, word, height, dash in ((expected, "expected", 1.2, ":"), (reorder_point, "reorder point", 1.08, "-")):
            axes.axvline(at, color=INK, linestyle=dash, linewidth=1.2)
            axes.annotate(f"{word} {short(at)}", (at, height * top), xytext=(5, 0), textcoords="offset points")

    return Picture(draw, f"Bars: {title}. {told}; up to {short(float(units[-1]), unit)}.", 3.2)
