"""Forecasts made in no time, for tests of what is done with forecasts."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from invopt_xl.domain import Forecast
from invopt_xl.domain.forecast import FloatArray
from invopt_xl.forecasting.cleaning.history import BoolArray


def stand_in(
    history: FloatArray, horizon: int, *, in_stock: BoolArray | None = None, season: int = 1, method: str = "auto",
    paths: int = 200, **_: Any,
) -> Forecast:  # fmt: skip
    """Return draws from the history for ``auto``, and from the last season, give or take a tenth, for any other."""
    rng = np.random.default_rng(len(history))
    known = history[np.isfinite(history) & (True if in_stock is None else in_stock)]
    if method == "auto":
        drawn = rng.choice(known, (paths, horizon))
    else:
        drawn = known[-season + np.arange(horizon) % min(season, known.size)] * rng.uniform(0.9, 1.1, (paths, horizon))
    return Forecast(drawn.astype(np.float32), f"stand-in for {method}", "stand-in")


def stand_ins(
    histories: Sequence[FloatArray],
    horizon: int,
    *,
    in_stock: Sequence[BoolArray | None],
    progress: Any,
    **settings: Any,
) -> list[Forecast]:
    """Return the forecast of each history, in place of `forecast_many`."""
    progress.stage("standing in", len(histories))
    progress.advance(len(histories))
    return [
        stand_in(history, horizon, in_stock=stocked, **settings)
        for history, stocked in zip(histories, in_stock, strict=True)
    ]
