"""What would have been forecast at each of many reviews, each time from what was known by then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from invopt_xl.cache import content_key
from invopt_xl.domain.forecast import FloatArray, Forecast
from invopt_xl.domain.progress import Progress, Silent
from invopt_xl.errors import require
from invopt_xl.forecasting.backtest.predictions import Advance
from invopt_xl.forecasting.batch import forecast_many
from invopt_xl.forecasting.cleaning.history import BoolArray
from invopt_xl.forecasting.records import Arrays
from invopt_xl.forecasting.single import METHOD_VERSION

if TYPE_CHECKING:
    from invopt_xl.cache import ContentCache

EDGES = np.concatenate(
    [np.linspace(0.0, 0.75, 16), np.linspace(0.775, 0.9, 6), np.linspace(0.91, 0.99, 9), np.array([0.995, 1.0])]
)
"""Sums along paths are kept as the means of slices between these shares of paths, finest where stock is decided."""

STAGE = "Forecasting the past"
"""The stage's name in a progress bar."""


@dataclass(frozen=True, eq=False)
class RollingForecasts:
    """Demand from each origin to the end of each coming period, as it would have been forecast.

    Parameters
    ----------
    origins
        Number of the first period that is forecast, shape (origins,).
    mean, variance
        Units and units squared, shape (items, origins, periods); NaN where nothing was forecast.
    points
        Means of slices of the sums along sample paths, ascending, units, shape (items, origins, periods, points).
    share
        Share of paths that each point stands for, shape (points,).
    """

    origins: npt.NDArray[np.int64]
    mean: FloatArray
    variance: FloatArray
    points: npt.NDArray[np.float32]
    share: FloatArray

    @property
    def made(self) -> BoolArray:
        """True where there is a forecast, shape (items, origins)."""
        return np.asarray(np.isfinite(self.mean[:, :, 0]))

    def at(self, origins: slice) -> RollingForecasts:
        """Return the forecasts of some of the origins."""
        return RollingForecasts(
            self.origins[origins], self.mean[:, origins], self.variance[:, origins], self.points[:, origins], self.share
        )


def rolling_forecasts(
    demand: FloatArray,
    origins: Sequence[int],
    horizon: int,
    *,
    first: npt.NDArray[np.int64] | None = None,
    in_stock: BoolArray | None = None,
    reviewed: BoolArray | None = None,
    season: int = 1,
    method: str = "auto",
    cache: ContentCache | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> RollingForecasts:
    """Return what would have been forecast at each origin from the periods before it.

    Models are continued from origin to origin as a weekly refresh continues them, and searched again when a refresh
    would do so.

    Parameters
    ----------
    demand
        Demand per period, item units, NaN where unknown, shape (items, periods).
    origins
        Periods at whose beginning a forecast is made, rising.
    horizon
        Periods ahead.
    first
        Column of each item's first period; nothing is forecast at or before it. By default 0.
    in_stock
        False where sales understate demand, shape (items, periods).
    reviewed
        Where a forecast is wanted, shape (items, origins); by default everywhere.
    season, method, workers
        As in `forecast_many`.
    cache
        Where the summaries are kept under the content they depend on.
    progress
        Told of the stage and of each forecast.

    Raises
    ------
    InputError
        If shapes differ, or an origin lies outside the periods.

    Examples
    --------
    >>> demand = np.array([[4.0, 4, 4, 4, 4, 4, 4, 4]])
    >>> made = rolling_forecasts(demand, [6, 7], 2)
    >>> made.mean.round(0).tolist()
    [[[4.0, 8.0], [4.0, 8.0]]]
    """
    items, periods = demand.shape
    shape = (items, len(origins))
    begin = np.zeros(items, dtype=np.int64) if first is None else first
    stocked = np.ones(demand.shape, dtype=np.bool_) if in_stock is None else in_stock
    wanted = np.ones(shape, dtype=np.bool_) if reviewed is None else reviewed
    require(stocked.shape == demand.shape, "in_stock", f"of shape {stocked.shape}", f"{demand.shape}, as demand")
    require(wanted.shape == shape, "reviewed", f"of shape {wanted.shape}", f"{shape}, items by origins")
    sound = list(origins) == sorted(set(origins)) and all(0 < origin <= periods for origin in origins)
    require(sound, "origins", list(origins), f"rising, each from 1 to {periods}")
    wanted = wanted & (np.asarray(origins) > begin[:, None])
    table = np.full((*shape, horizon, len(EDGES) + 1), np.nan, dtype=np.float32)
    (progress := progress or Silent()).stage(STAGE, int(wanted.sum()))
    walk = _Walk(demand, stocked, begin, horizon, {"season": season, "method": method}, cache, workers, progress)
    for column, origin in enumerate(origins):
        rows = np.flatnonzero(wanted[:, column])
        for row, summary in walk.made(rows, origin).items():
            table[row, column] = summary
    moments = table[..., -2:].astype(np.float64)
    return RollingForecasts(
        np.asarray(origins, dtype=np.int64), moments[..., 0], moments[..., 1], table[..., :-2], np.diff(EDGES)
    )


class _States:
    """Keeps in memory what models are continued from, and of forecasts nothing."""

    def __init__(self) -> None:
        self._kept: dict[str, Arrays] = {}

    def get(self, key: str) -> Arrays | None:
        return self._kept.get(key)

    def put(self, key: str, arrays: Mapping[str, npt.NDArray[np.generic]]) -> None:
        if "paths" not in arrays:
            self._kept[key] = dict(arrays)


@dataclass(frozen=True, eq=False)
class _Walk:
    """Makes the forecasts of one origin after the other."""

    demand: FloatArray
    in_stock: BoolArray
    first: npt.NDArray[np.int64]
    horizon: int
    settings: Mapping[str, Any]
    cache: ContentCache | None
    workers: int | None
    progress: Progress
    states: _States = field(default_factory=_States)

    def made(self, rows: npt.NDArray[np.intp], origin: int) -> dict[int, npt.NDArray[np.float32]]:
        """Return the summary of each of these items at the origin."""
        found, missing = {}, []
        for row in rows.tolist():
            kept = self.cache.get(self._key(row, origin)) if self.cache else None
            if kept is None:
                missing.append(row)
            else:
                found[row] = kept["summary"].astype(np.float32)
                self.progress.advance()
        cuts = [slice(int(self.first[row]), origin) for row in missing]
        forecasts = forecast_many(
            [self.demand[row, cut] for row, cut in zip(missing, cuts, strict=True)], self.horizon,
            in_stock=[self.in_stock[row, cut] for row, cut in zip(missing, cuts, strict=True)],
            cache=self.states, workers=self.workers, progress=Advance(self.progress), **self.settings,
        )  # fmt: skip
        for row, made in zip(missing, forecasts, strict=True):
            found[row] = cumulative_summary(made)
            if self.cache is not None and "search failed" not in made.notes:
                self.cache.put(self._key(row, origin), {"summary": found[row]})
        return found

    def _key(self, row: int, origin: int) -> str:
        cut = slice(int(self.first[row]), origin)
        settings = sorted(self.settings.items())
        parts = (self.demand[row, cut], self.in_stock[row, cut], self.horizon, settings)
        return content_key("rolling", METHOD_VERSION, EDGES, *parts)


def cumulative_summary(made: Forecast) -> npt.NDArray[np.float32]:
    """Return slice means, mean and variance of demand up to the end of each period, shape (periods, points + 2).

    Examples
    --------
    >>> made = Forecast(np.array([[1, 2], [3, 6]] * 200, dtype=np.float32), "example", "paths of two kinds")
    >>> cumulative_summary(made)[:, -2:].tolist()
    [[2.0, 1.0], [6.0, 9.0]]
    """
    sums = np.cumsum(made.paths.T, axis=0)
    moments = np.stack([sums.mean(axis=1, dtype=np.float64), sums.var(axis=1, dtype=np.float64)], axis=1)
    sums.sort(axis=1)
    edges = np.round(EDGES * sums.shape[1]).astype(np.int64)
    slices = np.add.reduceat(sums, edges[:-1], axis=1, dtype=np.float64) / np.diff(edges)
    return np.concatenate([slices, moments], axis=1).astype(np.float32)
