"""How to forecast: what a caller may choose, checked."""

from __future__ import annotations

from dataclasses import dataclass

from invopt_xl.errors import require
from invopt_xl.forecasting.arima.engines import ENGINES, Engine

METHODS = (
    "auto", "ensemble", "arima", "ets", "theta", "ces", "ses", "tsb", "imapa", "croston", "sba", "seasonal_naive",
    "median",
)  # fmt: skip
"""``auto`` routes by pattern: regular demand to the ``ensemble``, rare demand to a combination of ``ses``, ``tsb`` and
``imapa``, short histories to their mean."""

Order = tuple[int, int, int]


@dataclass(frozen=True)
class Settings:
    """How to forecast.

    Parameters
    ----------
    season
        Periods per season, such as 12 for months; 1 without.
    method
        One of `METHODS`.
    engine
        Engine of ARIMA: ``statsforecast`` or ``pmdarima``.
    order
        (p, d, q) of ARIMA; searched unless given.
    seasonal_order
        (P, D, Q) of ARIMA beside a given order.
    paths
        Number of sample paths.

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
        require(1 <= self.season <= 10_000, "season", self.season, "1 (no season) to 10,000 periods")
        require(2 <= self.paths <= 1_000_000, "number of paths", self.paths, "2 to 1,000,000, such as 1000")
        require(self.method in METHODS, "forecasting method", self.method, f"one of {', '.join(METHODS)}")
        require(self.engine in ENGINES, "forecasting engine", self.engine, f"one of {', '.join(ENGINES)}")
        for name, order in (("order", self.order), ("seasonal order", self.seasonal_order)):
            sound = order is None or (len(order) == 3 and all(0 <= term <= 10 for term in order))
            require(sound, f"ARIMA {name}", order, "three whole numbers from 0 to 10, such as (0, 1, 1)")
