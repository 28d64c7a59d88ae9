"""What items are ranked by: value, margin or lines."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.plan.segmentation.classes import abc_classes

Floats = npt.NDArray[np.float64]
Texts = npt.NDArray[np.object_]

By = Literal["value", "margin", "lines"]
"""``value``: demand at cost; ``margin``: demand at price less cost; ``lines``: sales, whatever their size."""


def worth_of(items: pd.DataFrame, units: Floats, lines: Floats, by: By = "value") -> Floats:
    """Return what each item is ranked by: money a period, or sales a period; NaN where it is not known.

    A price of zero is how many systems say that there is none, so such an item has no margin.

    Parameters
    ----------
    items
        Rows with ``unit_cost`` and ``unit_price``, money; prices may be missing.
    units
        Units a period.
    lines
        Sales a period.
    by
        Which of the three.

    Examples
    --------
    >>> items = pd.DataFrame({"unit_cost": [2.0, 2.0, 2.0], "unit_price": [3.0, np.nan, 0.0]})
    >>> units, lines = np.array([10.0, 10.0, 10.0]), np.array([1.0, 0.5, np.nan])
    >>> [worth_of(items, units, lines, by).tolist() for by in ("value", "margin", "lines")]
    [[20.0, 20.0, 20.0], [10.0, nan, nan], [1.0, 0.5, nan]]
    """
    if by == "lines":
        return lines
    cost = items["unit_cost"].to_numpy(dtype=np.float64)
    if by == "value":
        return np.asarray(units * cost)
    price = items["unit_price"].to_numpy(dtype=np.float64)
    return np.asarray(units * (np.where(price > 0, price, np.nan) - cost))


def planned_units(items: pd.DataFrame) -> Floats:
    """Return demand a period, units: that of the plan where there is one, else of the last year; 0 where unknown.

    Parameters
    ----------
    items
        Rows with ``units_per_period`` and, if they are planned, ``demand_per_period``.
    """
    name = "demand_per_period" if "demand_per_period" in items else "units_per_period"
    return np.asarray(np.nan_to_num(items[name].to_numpy(dtype=np.float64)))


def year_round_units(items: pd.DataFrame) -> Floats:
    """Return demand a period all the year round, units: of the last year where it is known, else as `planned_units`.

    What a plan expects of the weeks to come is a season's demand: by it, goods would change class with the calendar.

    Parameters
    ----------
    items
        Rows as `planned_units` takes them, and ``year_units`` where histories tell (`speed.Velocity`).

    Examples
    --------
    >>> items = pd.DataFrame({"units_per_period": 4.0, "demand_per_period": [0.5, 6.0], "year_units": [4.0, None]})
    >>> year_round_units(items).tolist()
    [4.0, 6.0]
    """
    planned = planned_units(items)
    if "year_units" not in items:
        return planned
    known = items["year_units"].to_numpy(dtype=np.float64)
    return np.where(np.isfinite(known), known, planned)


def classes_by(items: pd.DataFrame, units: Floats, lines: Floats, by: By = "value") -> Texts:
    """Return the ABC class of each item by one of the three; empty where what it is worth is not known.

    Parameters
    ----------
    items, units, lines, by
        As in `worth_of`.
    """
    worth = worth_of(items, units, lines, by)
    return np.where(np.isnan(worth) & (by != "value"), "", abc_classes(worth)).astype(object)
