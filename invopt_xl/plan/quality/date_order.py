"""Dates that name the year last: which of day and month comes first is told by whoever knows, and never guessed."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Literal

import numpy as np
import pandas as pd

from invopt_xl.plan.quality.findings import Mask

DateOrder = Literal["day-first", "month-first"]

_YEAR_LAST = re.compile(r"\s*([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})((?:[T ].*)?)")


def year_last(cells: pd.Series[Any]) -> Mask:
    """Return which cells are texts such as 31/12/2017, 12-31-2017 or 1.2.2018 14:05.

    Examples
    --------
    >>> year_last(pd.Series(["31/12/2017", "2017-12-31", "31.12.17", None, 43100])).tolist()
    [True, False, False, False, False]
    """
    return np.array([isinstance(cell, str) and _YEAR_LAST.fullmatch(cell) is not None for cell in cells], dtype=bool)


def year_first(cells: pd.Series[Any], order: DateOrder) -> pd.Series[Any]:
    """Return the cells with the dates among them that name the year last written the other way round.

    What is no date in this order stays as it is, such as the 31st month.

    Parameters
    ----------
    cells
        As found at the source.
    order
        Which of day and month comes first.

    Examples
    --------
    >>> year_first(pd.Series(["31/12/2017", "1.2.2018 14:05", "2018-02-28"]), "day-first").tolist()
    ['2017-12-31', '2018-02-01 14:05', '2018-02-28']
    >>> year_first(pd.Series(["31/12/2017", "1.2.2018"]), "month-first").tolist()
    ['31/12/2017', '2018-01-02']
    """
    turned = {text: _turned(text, order) for text in cells[year_last(cells)].unique()}
    written = [turned.get(cell, cell) if isinstance(cell, str) else cell for cell in cells]
    return pd.Series(written, index=cells.index, dtype=object)


def _turned(text: str, order: DateOrder) -> str:
    found = _YEAR_LAST.fullmatch(text)
    if found is None:
        return text
    first, _, second, year, time = found.groups()
    day, month = (first, second) if order == "day-first" else (second, first)
    try:
        return f"{date(int(year), int(month), int(day)).isoformat()}{time}"
    except ValueError:
        return text
