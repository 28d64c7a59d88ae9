"""Histories as far as demand is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from invopt_xl.forecasting.panel.histories import Histories

Floats = npt.NDArray[np.float64]


def known_demand(past: Histories) -> Floats:
    """Return demand per period, units; NaN where it is not known, as out of stock: sales understate it there."""
    return np.where(past.in_stock, past.quantity, np.nan)


def known_until(past: Histories, periods: int) -> Histories:
    """Return the histories as they were when only their first periods were over.

    Parameters
    ----------
    past
        Histories.
    periods
        How many periods were over.
    """
    return replace(
        past,
        quantity=past.quantity[:, :periods],
        in_stock=past.in_stock[:, :periods],
        promotion=past.promotion[:, :periods],
        price=past.price[:, :periods],
        rows=past.rows[:, :periods],
        sales=past.sales[:, :periods],
        first=np.minimum(past.first, periods),
    )


def histories_of(demand: Sequence[Sequence[float]]) -> Histories:
    """Return histories with this demand, a row for each item, units a period; NaN where unknown.

    Examples
    --------
    >>> histories_of([[np.nan, 2.0, 0.0]]).first.tolist()
    [1]
    """
    quantity = np.array(demand, dtype=np.float64)
    known = np.isfinite(quantity)
    none, rows = np.zeros((len(quantity), 0)), (known & (quantity > 0)).astype(np.int64)
    return Histories(
        quantity,
        in_stock=np.ones(quantity.shape, dtype=bool),
        promotion=np.zeros(quantity.shape, dtype=bool),
        price=np.full(quantity.shape, np.nan),
        rows=rows,
        first=(np.cumsum(known, axis=1) == 0).sum(axis=1).astype(np.int64),
        future_promotion=none,
        future_price=none,
        sales=rows,
    )
