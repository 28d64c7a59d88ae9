"""Exchange curves as a picture: the stock money that policies hold, against the fill rate that it buys."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from invopt_xl.errors import FileError, how_to_install
from invopt_xl.plan.replay import words
from invopt_xl.plan.replay.run import ReplayReport
from invopt_xl.workbook.atomic import replacing
from invopt_xl.workbook.sheets.exchange_look import LINES, MONEY, TITLE, FloatArray, Line, left_end, lines_of
from invopt_xl.workbook.sheets.look import HEADER_FILL, QUIET
from invopt_xl.workbook.targets import check_place

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from invopt_xl.policy.service_mix import ServiceExchange

ENDINGS = (".png", ".svg")
"""Kinds of pictures."""

MOST_SHOWN = 0.999
"""Service beyond this is drawn at the right end: of it a history shows next to nothing."""

DRAWN_TARGETS = (0.8, 0.85, 0.9, 0.95, 0.98, 0.99)
"""Overall fill rates at which a service mix is drawn beside uniform targets."""

_TOLD = (0.9, 0.95, 0.98)
"""Targets that are written beside their points."""

_TICKS = (0.0, 0.5, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999)
_DASHES: Mapping[str, Any] = {
    "solid": "-",
    "dash": (0, (4, 2)),
    "long_dash": (0, (7, 2)),
    "round_dot": (0, (1, 2)),
    "dash_dot": "-.",
}
_MARKERS = {"circle": "o", "square": "s", "diamond": "D", "none": None}
_PAPER = {"facecolor": "white", "edgecolor": "none", "pad": 0.5, "alpha": 0.8}
_BELOW: tuple[tuple[float, float], Literal["left", "right"]] = ((5, -11), "left")
_BESIDE: Mapping[str, tuple[tuple[float, float], Literal["left", "right"]]] = {"square": ((-5, 5), "right")}
"""Where words stand, points from their marker: those of curves that run close together on different sides."""


@dataclass(frozen=True, eq=False)
class Curve:
    """One exchange curve.

    Parameters
    ----------
    name
        What the legend calls it.
    line
        How it is drawn.
    service
        Fill rates, shares of one, shape (points,).
    money
        Stock money at them, shape (points,).
    labels
        Words beside some points, by their place.
    """

    name: str
    line: Line
    service: FloatArray
    money: FloatArray
    labels: Mapping[int, str]


def is_picture(path: Path) -> bool:
    """Return whether its ending is that of a picture."""
    return path.suffix.lower() in ENDINGS


def check_picture(path: Path) -> None:
    """Say in one line why a picture cannot be written to a file, before any work is done.

    Raises
    ------
    FileError
        If the library that draws is not installed, or the file cannot be written where it is to stand.
    """
    if find_spec("matplotlib") is None:
        raise FileError(f"{path.name} needs the library matplotlib, which draws pictures: {how_to_install('plots')}")
    if path.is_dir():
        raise FileError(f"{path.name} is a folder; expected the name of a file to write")
    check_place(path.resolve())


def draw_replay(path: Path, report: ReplayReport) -> None:
    """Draw stock money against achieved fill rate, a line for each policy, with its targets.

    Parameters
    ----------
    path
        A .png or .svg file; one that is there is replaced.
    report
        What the replay found.

    Raises
    ------
    FileError
        If the library that draws is not installed, or the file cannot be written.
    """
    asked = report.question
    column, found = f"fill_{asked.weighting}", dict(list(report.curves.groupby("policy")))
    curves = []
    for policy, line in lines_of(report.curves["policy"].unique()).items():
        rows = found[policy].sort_values("target")
        names = {target: words.percent(target) for target in (*_TOLD, asked.service) if policy in LINES}
        labels = {place: names[target] for place, target in enumerate(rows["target"]) if target in names}
        service, money = (rows[name].to_numpy(dtype=np.float64) for name in (column, "stock_money"))
        curves.append(Curve(policy, line, service, money, labels))
    about = f"{words.scope(report)}. Points are targets; the lower curve needs less stock."
    draw_curves(path, curves, f"achieved fill rate, by {asked.weighting}", about)


def draw_exchange(path: Path, exchange: ServiceExchange, targets: Sequence[float] = DRAWN_TARGETS) -> None:
    """Draw the least stock money for every overall fill rate beside uniform targets, both as they are expected.

    Parameters
    ----------
    path
        A .png or .svg file; one that is there is replaced.
    exchange
        The items, `policy.service_mix.ServiceExchange.of`.
    targets
        Overall fill rates, rising, at which the two stand beside each other; those out of reach are left out.

    Raises
    ------
    FileError
        If the library that draws is not installed, or the file cannot be written.
    """
    from invopt_xl.policy.service_mix import uniform_fill_rate

    curve = exchange.curve()
    uniform = [uniform_fill_rate(exchange, target).levels for target in targets if target <= curve.service[-1]]
    service = np.array([one.service for one in uniform])
    labels = {place: words.percent(one) for place, one in enumerate(targets[: len(uniform)]) if one in _TOLD}
    mixed = Curve(
        "service mixed over items", LINES["ours"]._replace(marker="none"), curve.service, curve.stock_money, {}
    )
    same = Curve("one target for all", LINES["uniform"], service, np.array([one.money for one in uniform]), labels)
    about = "The least stock for each overall fill rate, and what one fill rate for every item holds for the same."
    draw_curves(path, [mixed, same], "expected fill rate over all items", about)


def draw_curves(path: Path, curves: Sequence[Curve], across: str, about: str) -> None:
    """Draw exchange curves, the fill rate on an axis that widens towards 100%, where service gets dear.

    Parameters
    ----------
    path
        A .png or .svg file; one that is there is replaced.
    curves
        What is drawn.
    across
        Name of the fill rate.
    about
        A sentence below the title.

    Raises
    ------
    FileError
        If the library that draws is not installed, or the file cannot be written.
    """
    check_picture(path)
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    # The same curves make the same file; text stays text, so that it can be searched and read aloud.
    with rc_context({"svg.hashsalt": "invopt_xl", "svg.fonttype": "none", "font.size": 10}):
        figure = Figure(figsize=(10, 6.25), layout="constrained")
        axes = figure.add_subplot()
        for curve in curves:
            _draw(axes, curve)
        _lay_out(axes, np.concatenate([curve.service for curve in curves]), across)
        axes.set_title(about, loc="left", fontsize=9, color=QUIET, wrap=True)
        figure.suptitle(TITLE, fontsize=14, fontweight="bold", color=HEADER_FILL)
        axes.legend(loc="upper left", frameon=False)
        kind, content = path.suffix.lower().removeprefix("."), io.BytesIO()
        none: dict[str, Any] = {"Software": None} if kind == "png" else {"Date": None, "Creator": None}
        figure.savefig(content, format=kind, dpi=150, metadata=none)
    with replacing(path) as stream:
        stream.write(content.getvalue())


def _draw(axes: Axes, curve: Curve) -> None:
    line, service = curve.line, np.minimum(curve.service, MOST_SHOWN)
    # Of points at the right end the cheapest is all that can be told there.
    most = curve.service >= MOST_SHOWN
    shown = ~most | (curve.money == curve.money.min(where=most, initial=np.inf))
    axes.plot(
        service[shown], curve.money[shown], color=line.colour, linestyle=_DASHES[line.dash], linewidth=line.width,
        marker=_MARKERS[line.marker], markersize=5, label=curve.name,
    )  # fmt: skip
    offset, side = _BESIDE.get(line.marker, _BELOW)
    for place, label in curve.labels.items():
        if not shown[place]:
            continue
        axes.annotate(
            label, (service[place], curve.money[place]), xytext=offset, textcoords="offset points", ha=side,
            fontsize=8, color=line.colour, annotation_clip=True, bbox=_PAPER,
        )  # fmt: skip


def _lay_out(axes: Axes, service: FloatArray, across: str) -> None:
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    left, right = left_end(service), min(float(service.max()), MOST_SHOWN)
    axes.set_xscale("function", functions=(_stretched, _share))
    axes.set_xlim(left, float(_share(_stretched(np.array(right)) + 0.1)))
    axes.set_ylim(bottom=0)
    axes.xaxis.set_major_locator(FixedLocator([tick for tick in _TICKS if tick >= left - 1e-9]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(_percent))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.set_xlabel(across)
    axes.set_ylabel(MONEY)
    axes.grid(color="#E3E3E3", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _percent(share: float, _: object) -> str:
    more = "+" if share >= MOST_SHOWN - 1e-9 else ""
    return f"{words.percent(round(share, 6))}{more}"


def _stretched(share: FloatArray) -> FloatArray:
    """Return where a fill rate stands: equally far from 90% to 99% as from 99% to 99.9%."""
    return np.asarray(-np.log(np.maximum(1.0 - share, 1e-6)))


def _share(stretched: FloatArray) -> FloatArray:
    return np.asarray(1.0 - np.exp(-stretched))
