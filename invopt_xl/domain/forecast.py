"""A forecast is a predictive distribution for each future period, never a point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from invopt_xl.errors import require

FloatArray = npt.NDArray[np.float64]
PathArray = npt.NDArray[np.float32]

QUANTILE_LEVELS = (0.025, 0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95, 0.975)
"""The quantiles a forecast table carries."""

Note = Literal[
    "outliers", "stock-outs", "unknown periods", "level shifts", "promotions or prices", "short",
    "continued", "searched again", "search failed",
]  # fmt: skip
"""A kind of thing that a reason tells beyond pattern and model: of the history first, then of the search for models.

``continued`` models are those of an earlier forecast; where a search failed, by a fault of the machine or of the
program, simple smoothing stands in for what it would have found.
"""


@dataclass(frozen=True, eq=False)
class Forecast:
    """Demand of the coming periods as sample paths that are joint over periods.

    Sums along a path are draws of demand over an interval, so uncertainty that lasts from one period to the
    next is kept.

    Parameters
    ----------
    paths
        Demand per period in item units, shape (paths, periods), not negative.
    model
        The model's name, such as ``"ARIMA(0,1,1)"``.
    reason
        One phrase: why this model, and what the history lacks.
    notes
        Which kinds of things the reason tells, for programs, which should not read its words.
    model_mean
        Expected demand of each period as the model has it, of which the paths' mean is an estimate, shape (periods,);
        None where only the paths tell.

    Raises
    ------
    InputError
        If the paths are not a finite, non-negative table with at least one path and one period.

    Examples
    --------
    >>> forecast = Forecast(np.array([[1, 2], [3, 6]], dtype=np.float32), "example", "two paths")
    >>> forecast.mean.tolist(), forecast.cumulative_mean.tolist()
    ([2.0, 4.0], [2.0, 6.0])
    >>> forecast.quantiles([0.5]).tolist(), forecast.interval(0.5).tolist()
    ([[2.0], [4.0]], [[1.5, 2.5], [3.0, 5.0]])
    """

    paths: PathArray
    model: str
    reason: str
    notes: frozenset[Note] = frozenset()
    model_mean: FloatArray | None = None

    def __post_init__(self) -> None:
        sound = self.paths.ndim == 2 and self.paths.size > 0
        require(sound, "forecast", f"of shape {self.paths.shape}", "paths by periods, at least one of each")
        finite = bool(np.isfinite(self.paths).all() and (self.paths >= 0).all())
        require(finite, "forecast", "negative or not finite", "paths of demand, zero or more")
        if self.model_mean is not None:
            told, periods = self.model_mean.shape, self.paths.shape[1]
            require(told == (periods,), "model mean", f"of shape {told}", f"{periods} periods, as the paths")

    @property
    def periods(self) -> int:
        """Number of periods ahead."""
        return int(self.paths.shape[1])

    @property
    def mean(self) -> FloatArray:
        """Expected demand of each period by the paths, shape (periods,)."""
        return np.asarray(self.paths.mean(axis=0, dtype=np.float64))

    @property
    def expected(self) -> FloatArray:
        """Expected demand of each period, without the chance of the draws where the model tells, shape (periods,).

        Examples
        --------
        >>> two = np.array([[1, 2], [3, 6]], dtype=np.float32)
        >>> Forecast(two, "example", "two paths", model_mean=np.array([2.1, 4.1])).expected.tolist()
        [2.1, 4.1]
        """
        return self.mean if self.model_mean is None else self.model_mean

    def quantiles(self, levels: Sequence[float] = QUANTILE_LEVELS) -> FloatArray:
        """Return the quantiles of each period, shape (periods, levels)."""
        sound = all(0 <= level <= 1 for level in levels)
        require(sound, "levels of quantiles", list(levels), "between 0 and 1, such as 0.95")
        return np.asarray(np.quantile(self.paths.astype(np.float64), levels, axis=0).T, dtype=np.float64)

    def interval(self, level: float = 0.95) -> FloatArray:
        """Return the central interval of each period that holds demand with this probability, shape (periods, 2)."""
        require(0 < level < 1, "level of the interval", level, "between 0 and 1, such as 0.95")
        return self.quantiles([(1 - level) / 2, (1 + level) / 2])

    def total(self, periods: int) -> FloatArray:
        """Return draws of demand over the first so many periods together, such as a protection interval.

        Their quantiles are those of the sum, which sums of quantiles are not.

        Parameters
        ----------
        periods
            From 1 to all that are forecast.

        Returns
        -------
        FloatArray
            Item units, shape (paths,).

        Examples
        --------
        >>> made = Forecast(np.array([[1, 2], [3, 6]], dtype=np.float32), "example", "two paths")
        >>> made.total(2).tolist()
        [3.0, 9.0]
        """
        require(1 <= periods <= self.periods, "periods of a total", periods, f"1 to {self.periods}, as forecast")
        return np.asarray(self.paths[:, :periods].sum(axis=1, dtype=np.float64))

    @property
    def cumulative_mean(self) -> FloatArray:
        """Expected demand from now to the end of each period, shape (periods,)."""
        return np.cumsum(self.mean)

    @property
    def cumulative_variance(self) -> FloatArray:
        """Variance of demand from now to the end of each period, shape (periods,)."""
        return np.asarray(np.var(np.cumsum(self.paths, axis=1, dtype=np.float64), axis=0))
