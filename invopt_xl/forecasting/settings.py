"""How to forecast: what a caller may choose, checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from invopt_xl.domain.methods import METHODS
from invopt_xl.errors import require
from invopt_xl.forecasting.arima.engines import ENGINES, Engine
from invopt_xl.forecasting.arima.orders import given_orders

Order = tuple[int, int, int]

LONG_ENOUGH = 1_000_000
"""Periods that no order needs: whether a history is long enough is its own matter."""


@dataclass(frozen=True)
class Settings:
    """How to forecast.

    Parameters
    ----------
    season, method, engine, order, seasonal_order, paths
        As in `single.forecast`; the method is one of `METHODS`.

    Raises
    ------
    InputError
        If a value is out of bounds.
    """

    season: int = 1
    method: str = "auto"
    engine: Engine = "statsforecast"
    order: Order | None = None
    seasonal_order: Order | None = None
    paths: int = 1000

    def __post_init__(self) -> None:
        season = whole(self.season, "season", 1, 10_000, "1 (no season) to 10,000 periods")
        paths = whole(self.paths, "number of paths", 2, 1_000_000, "2 to 1,000,000, such as 1000")
        object.__setattr__(self, "season", season)
        object.__setattr__(self, "paths", paths)
        require(self.method in METHODS, "forecasting method", self.method, f"one of {', '.join(METHODS)}")
        require(self.engine in ENGINES, "forecasting engine", self.engine, f"one of {', '.join(ENGINES)}")
        object.__setattr__(self, "order", _order("order", self.order))
        object.__setattr__(self, "seasonal_order", _order("seasonal order", self.seasonal_order))
        if self.order is not None or self.seasonal_order is not None:
            given_orders(self.order, self.seasonal_order, season, LONG_ENOUGH)


def whole(value: object, name: str, least: int, most: int, expected: str) -> int:
    """Return a whole number within bounds; 12.0 counts as 12, as cells of a sheet hold it.

    Raises
    ------
    InputError
        If it is none.

    Examples
    --------
    >>> whole(12.0, "season", 1, 100, "1 to 100")
    12
    """
    number = value if isinstance(value, (int, float, np.integer, np.floating)) else float("nan")
    sound = not isinstance(value, (bool, np.bool_)) and least <= number <= most and number == int(number)
    require(bool(sound), name, value, expected)
    return int(number)


def _order(name: str, given: Order | None) -> Order | None:
    if given is None:
        return None
    expected = "three whole numbers, such as (0, 1, 1)"
    require(isinstance(given, Sequence) and len(given) == 3, f"ARIMA {name}", given, expected)
    p, d, q = (whole(term, f"ARIMA {name}", 0, 100, expected) for term in given)
    return p, d, q
