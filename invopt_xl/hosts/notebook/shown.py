"""Tables in a notebook: rounded alike, units under the headers, never longer than a screen.

The text says the same as the table in the browser, so a printed or compared notebook loses nothing.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.plan.columns import DEFAULT_LOCATION

ROWS = 20
"""Rows shown of a longer table."""

LONGEST_TEXT = 70
"""Characters of a cell in plain text; the browser wraps longer ones."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

NOTHING = "-"
"""Stands for a value that is not known."""

_CENTS = 2
_SMALLEST_WITHOUT_DECIMALS, _SMALLEST_WITH_ONE = 100.0, 10.0
_NOTHING_AT_ALL, _HALF = 1e-9, 0.5


@dataclass(frozen=True, eq=False)
class Shown:
    """A table as it is shown.

    Parameters
    ----------
    frame
        All of its rows, as they are: what is written back.
    caption
        A line above it.
    units
        Units of columns, by name.
    shares
        Columns of shares, shown in percent.
    prices
        Columns of prices, shown to the cent.
    rows
        Rows shown at most.
    """

    frame: pd.DataFrame
    caption: str = ""
    units: Mapping[str, str] = field(default_factory=dict)
    shares: frozenset[str] = frozenset()
    prices: frozenset[str] = frozenset()
    rows: int = ROWS

    @property
    def _says(self) -> str:
        left_out = len(self.frame) - self.rows
        more = f"the first {self.rows} of {len(self.frame):,} rows" if left_out > 0 else ""
        return "; ".join(filter(None, [self.caption, more]))

    def _columns(self) -> list[tuple[str, str, list[str], bool]]:
        """Return of each column its header, its unit where the header does not say it, its texts, and if numeric."""
        head = self.frame.head(self.rows)
        # Where nothing stands elsewhere, the location tells nothing apart.
        if "location" in head and (self.frame["location"] == DEFAULT_LOCATION).all():
            head = head.drop(columns="location")
        return [
            (
                str(name).replace("_", " "),
                "" if self.units.get(str(name)) == str(name) else self.units.get(str(name), ""),
                texts(head.iloc[:, place], share=str(name) in self.shares, price=str(name) in self.prices),
                pd.api.types.is_numeric_dtype(head.iloc[:, place]),
            )
            for place, name in enumerate(head.columns)
        ]

    def __repr__(self) -> str:
        if self.frame.empty and self.caption:
            return f"{self.caption}: none."
        lines: list[list[str]] = []
        made = self._columns()
        with_units = any(unit for _, unit, _, _ in made)
        for header, unit, cells, numeric in made:
            short = [cell if len(cell) <= LONGEST_TEXT else f"{cell[: LONGEST_TEXT - 1]}…" for cell in cells]
            column = [header, *([unit] if with_units else []), *short]
            width = max(map(len, column))
            lines.append([cell.rjust(width) if numeric else cell.ljust(width) for cell in column])
        body = ["  ".join(row).rstrip() for row in zip(*lines, strict=True)]
        return "\n".join([*([self._says] if self._says else []), *body])

    def _repr_html_(self) -> str:
        if self.frame.empty and self.caption:
            return f"<p>{html.escape(self.__repr__())}</p>"
        made = self._columns()
        head = "".join(
            f'<th style="text-align:{_side(numeric)};vertical-align:bottom">{html.escape(header)}'
            + (f'<br><span style="font-weight:normal">{html.escape(unit)}</span>' if unit else "")
            + "</th>"
            for header, unit, _, numeric in made
        )
        cells = zip(*([(cell, numeric) for cell in column] for _, _, column, numeric in made), strict=True)
        rows = "".join(
            "<tr>"
            + "".join(
                f'<td style="text-align:{_side(numeric)};vertical-align:top{_unbroken(cell)}">{html.escape(cell)}</td>'
                for cell, numeric in row
            )
            + "</tr>"
            for row in cells
        )
        look = "text-align:left;caption-side:top;font-weight:bold;white-space:nowrap"
        caption = f'<caption style="{look}">{html.escape(self._says)}</caption>' if self._says else ""
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def show(
    frame: pd.DataFrame,
    caption: str = "",
    *,
    units: Mapping[str, str] | None = None,
    shares: tuple[str, ...] = (),
    prices: tuple[str, ...] = (),
    rows: int = ROWS,
) -> Shown:
    """Return a table that shows itself rounded, with a caption and units; the only location of a plan is left out.

    Numbers of a column have as many decimals as its largest asks for: none from 100 on, one from 10 on, else two. Where
    there are none a number below a half has one: 0 is nothing at all.

    Parameters
    ----------
    frame
        The rows.
    caption
        What it is, in a line.
    units
        Units of columns by name, such as ``{"bias": "units a week"}``.
    shares
        Columns of shares, which are shown in percent.
    prices
        Columns of prices, which are shown to the cent.
    rows
        Rows shown at most; the caption says so where there are more.

    Examples
    --------
    >>> frame = pd.DataFrame({"item": ["tea", "cup"], "stock_value": [1234.5, np.nan], "fill": [0.951, 1.0]})
    >>> show(frame, "Stock", units={"stock_value": "USD"}, shares=("fill",))
    Stock
    item  stock value    fill
                  USD
    tea         1,234   95.1%
    cup             -  100.0%
    """
    return Shown(frame, caption, units or {}, frozenset(shares), frozenset(prices), rows)


@dataclass(frozen=True)
class Said:
    """A paragraph that a notebook says by its figures; words between two asterisks are bold in the browser."""

    text: str

    def __repr__(self) -> str:
        return self.text.replace("**", "")

    def _repr_markdown_(self) -> str:
        return self.text


def say(text: str) -> Said:
    """Return a text that shows itself as a paragraph.

    Examples
    --------
    >>> say("**490 of 550 items** are sound.")
    490 of 550 items are sound.
    """
    return Said(text)


def texts(values: pd.Series[Any], *, share: bool = False, price: bool = False) -> list[str]:
    """Return the values of a column as texts that are rounded alike.

    Examples
    --------
    >>> texts(pd.Series([3.14159, 2.0])), texts(pd.Series([12000, 5])), texts(pd.Series(["a", None]))
    (['3.14', '2.00'], ['12,000', '5'], ['a', '-'])
    """
    if pd.api.types.is_datetime64_any_dtype(values):
        return [NOTHING if pd.isna(value) else f"{value:%Y-%m-%d}" for value in values]
    if pd.api.types.is_bool_dtype(values):
        return ["yes" if value else "no" for value in values]
    if not pd.api.types.is_numeric_dtype(values):
        return [NOTHING if pd.isna(value) else " ".join(str(value).split()) or NOTHING for value in values]
    numbers = np.asarray(values.to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)
    if share:
        return [NOTHING if np.isnan(number) else f"{number:.1%}" for number in numbers]
    decimals = _CENTS if price else _decimals(numbers)
    return [_number(number, decimals) for number in numbers]


def _decimals(numbers: npt.NDArray[np.float64]) -> int:
    finite = np.abs(numbers[np.isfinite(numbers)])
    if not len(finite) or (finite == np.floor(finite)).all() or finite.max() >= _SMALLEST_WITHOUT_DECIMALS:
        return 0
    return 1 if finite.max() >= _SMALLEST_WITH_ONE else 2


def _number(number: float, decimals: int) -> str:
    if np.isnan(number):
        return NOTHING
    if np.isinf(number):
        return "without end" if number > 0 else "-without end"
    if not decimals and _NOTHING_AT_ALL < abs(number) < _HALF:
        decimals = 1
    text = f"{number:,.{decimals}f}"
    return text.removeprefix("-") if float(text.replace(",", "")) == 0 else text


def _unbroken(cell: str) -> str:
    """Return the style of a day: a browser would break it at its hyphens."""
    return ";white-space:nowrap" if _DAY.fullmatch(cell) else ""


def _side(numeric: bool) -> str:
    return "right" if numeric else "left"
