"""The house style of pictures, and what a picture is in a notebook."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from textwrap import fill
from typing import TYPE_CHECKING, Any

from invopt_xl.errors import InputError, how_to_install
from invopt_xl.workbook.sheets.look import BLUE, GREEN, HEADER_FILL, ORANGE, PURPLE, QUIET, SKY, VERMILLION

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = (BLUE, VERMILLION, GREEN, ORANGE, PURPLE, SKY)
"""Of lines, in their order."""

DASHES: tuple[Any, ...] = ("-", (0, (4, 2)), (0, (1, 1.5)), "-.", (0, (7, 2)), (0, (3, 1, 1, 1)))
"""Of lines, in their order: a print without colours tells them apart."""

MAIN, PALE, ALERT, INK = BLUE, "#B9CFE0", VERMILLION, "#262626"
"""What a picture is about, what stands behind it, what to look at, and words."""

GRID = "#E3E3E3"
WIDTH = 8.0
"""Inches; a notebook's column at 100 dots an inch."""

LONGEST_LINE = 84
"""Characters of a title that fit the width."""

_DOTS = 100
_STYLE: dict[str, Any] = {
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": QUIET,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlecolor": HEADER_FILL,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "text.color": INK,
    "figure.facecolor": "white",
}


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture and its words.

    Parameters
    ----------
    draw
        Draws it onto a figure.
    words
        What it shows, in words and numbers: its text, and what a screen reader reads.
    height
        Inches.
    """

    draw: Callable[[Figure], None]
    words: str
    height: float = 3.6

    @cached_property
    def png(self) -> bytes:
        """Its bytes.

        Raises
        ------
        InputError
            If the library that draws is not installed.
        """
        if find_spec("matplotlib") is None:
            raise InputError(f"pictures need the library matplotlib: {how_to_install('notebooks')}")
        from matplotlib import rc_context
        from matplotlib.figure import Figure

        with rc_context(_STYLE):  # type: ignore[arg-type]
            figure = Figure(figsize=(WIDTH, self.height), layout="constrained")
            self.draw(figure)
            content = io.BytesIO()
            nothing: dict[str, Any] = {"Software": None}
            figure.savefig(content, format="png", dpi=_DOTS, metadata=nothing)
        return content.getvalue()

    def __repr__(self) -> str:
        return self.words

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Any:
        """Return the picture, its words, and the words as what a screen reader reads."""
        return {"image/png": self.png, "text/plain": self.words}, {"image/png": {"alt": self.words}}


def nothing(title: str) -> Picture:
    """Return a picture that says there is nothing to show.

    Examples
    --------
    >>> nothing("Lift of promotions")
    Lift of promotions: nothing to show.
    """

    def draw(figure: Figure) -> None:
        axes_of(figure, title).set_axis_off()
        figure.text(0.01, 0.3, "Nothing to show.", color=QUIET)

    return Picture(draw, f"{title}: nothing to show.", 0.9)


def axes_of(figure: Figure, title: str, *, across: str = "", up: str = "", grid: str = "") -> Axes:
    """Return axes with the house's looks.

    Parameters
    ----------
    figure
        Where to draw.
    title
        What the picture shows, as a sentence.
    across, up
        Names of the axes with their units.
    grid
        ``"x"``, ``"y"`` or ``"both"`` for lines behind what is drawn.
    """
    axes = figure.add_subplot()
    dress(axes, title, across=across, up=up, grid=grid)
    return axes


def dress(axes: Axes, title: str, *, across: str = "", up: str = "", grid: str = "") -> None:
    """Give axes the house's looks; see `axes_of`."""
    from matplotlib.ticker import FuncFormatter

    axes.set_title(fill(title, LONGEST_LINE))
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    if grid == "x":
        axes.grid(axis="x")
    elif grid == "y":
        axes.grid(axis="y")
    elif grid:
        axes.grid()
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))


def short(value: float, unit: str = "") -> str:
    """Return a number as it is written beside a mark.

    Examples
    --------
    >>> short(1234.5), short(12.34), short(0.123), short(5.0), short(0.951, "share"), short(250, "USD")
    ('1,234', '12.3', '0.12', '5', '95%', '250 USD')
    """
    if value != value:
        return "not known"
    if unit == "share":
        return f"{value:.0%}" if round(value * 100, 6) == round(value * 100) or abs(value) >= 0.1 else f"{value:.1%}"
    size = abs(value)
    decimals = 0 if size >= 100 or size == int(size) else 1 if size >= 10 else 2
    number = f"{value:,.{decimals}f}"
    number = number.removeprefix("-") if not number.strip("-0.,") else number
    return f"{number} {unit}".strip()
