"""Errors of forecasts in money: what stock that was too small or too large has lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.errors import InputError, require
from invopt_xl.forecasting.backtest.metrics import Values
from invopt_xl.forecasting.checks import numbers

LARGEST_MONEY = 1e12
"""Money for a unit beyond it is a mistake."""

Column = Sequence[float] | FloatArray | None
"""A number for each item, or none at all."""

_RATE = "0 to 100, the share of the value a year, such as 0.25"
_YEAR = "above 0 to 10,000, such as 52"


class MismatchCost(NamedTuple):
    """Money lost by stock that was too small, and by stock that was too large."""

    under_stock: FloatArray
    over_stock: FloatArray


@dataclass(frozen=True, eq=False)
class Costs:
    """What it costs to have forecast wrongly.

    Parameters
    ----------
    unit_cost, unit_price, shortage_cost
        Money for a unit of each item, NaN where unknown. A unit short costs `shortage_cost`, by default price less
        cost.
    holding_rate
        Cost of holding stock, share of its value per year. A unit left over is held for the protection interval.
    periods_per_year
        Periods in a year, such as 52 weeks or 12 months.
    """

    unit_cost: Column = None
    unit_price: Column = None
    shortage_cost: Column = None
    holding_rate: float = 0.25
    periods_per_year: float = 52.0

    def money(self, items: int, intervals: npt.NDArray[np.int64]) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return money per unit: its cost, short by one, and left over by one; NaN where not known.

        Parameters
        ----------
        items
            How many items there are.
        intervals
            Protection interval of each, periods.

        Raises
        ------
        InputError
            If a number is missing or out of bounds.
        """
        rate = numbers(self.holding_rate, "holding rate", _RATE)
        require(bool(rate.ndim == 0 and 0 <= rate <= 100), "holding rate", self.holding_rate, _RATE)
        year = numbers(self.periods_per_year, "periods per year", _YEAR)
        require(bool(year.ndim == 0 and 0 < year <= 10_000), "periods per year", self.periods_per_year, _YEAR)
        cost = _money("unit cost", self.unit_cost, items)
        price = _money("unit price", self.unit_price, items)
        shortage = _money("shortage cost", self.shortage_cost, items)
        shortage = np.where(np.isnan(shortage), price - cost, shortage)
        leftover = float(rate) * intervals / float(year) * cost
        # An item that loses nothing when it is short, or nothing when it is left over, has no cheapest stock.
        priced = (shortage > 0) & (leftover > 0)
        return cost, np.where(priced, shortage, np.nan), np.where(priced, leftover, np.nan)


def _money(name: str, given: Column, items: int) -> FloatArray:
    if given is None:
        return np.full(items, np.nan)
    expected = f"0 to {LARGEST_MONEY:g}, or NaN where unknown"
    column = numbers(given, name, expected)
    require(column.shape == (items,), f"number of {name}s", column.size, f"{items}, one per history")
    wrong = np.flatnonzero((column < 0) | (column > LARGEST_MONEY))
    if wrong.size:
        raise InputError(f"{name} of item {wrong[0] + 1} of {items} is {column[wrong[0]]:g}; expected {expected}")
    return column


def critical_level(shortage: FloatArray, leftover: FloatArray) -> FloatArray:
    """Return the cheapest chance of having enough, shortage / (shortage + leftover): the newsvendor's quantile.

    Arrow, Harris & Marschak (1951), "Optimal inventory policy", Econometrica 19, 250-272.

    Parameters
    ----------
    shortage
        Money lost by a unit short.
    leftover
        Money lost by a unit left over.

    Returns
    -------
    ndarray
        NaN where either is not known, or neither costs anything.

    Examples
    --------
    >>> critical_level(np.array([9.0, 0.0]), np.array([1.0, 0.0])).tolist()
    [0.9, nan]
    """
    with np.errstate(invalid="ignore"):
        return np.asarray(np.maximum(shortage, 0.0) / (np.maximum(shortage, 0.0) + leftover))


def mismatch_cost(actual: Values, stock: Values, shortage: FloatArray, leftover: FloatArray) -> MismatchCost:
    """Return the money lost by stock that differed from demand.

    Stock at the forecast's `critical_level` makes the sum of both a proper score: no other forecast is cheaper on
    average than the true distribution (it is the pinball loss at that level in money).

    Parameters
    ----------
    actual
        Demand over an interval, item units.
    stock
        What was held for it, item units.
    shortage, leftover
        Money lost by a unit short, and by a unit left over.

    Examples
    --------
    Three units short at 9 each; two left over at 1 each:

    >>> cost = mismatch_cost(np.array([13.0, 8.0]), np.array([10.0, 10.0]), np.array(9.0), np.array(1.0))
    >>> cost.under_stock.tolist(), cost.over_stock.tolist()
    ([27.0, 0.0], [0.0, 2.0])
    """
    return MismatchCost(
        np.asarray(np.maximum(shortage, 0.0) * np.maximum(actual - stock, 0.0)),
        np.asarray(leftover * np.maximum(stock - actual, 0.0)),
    )
