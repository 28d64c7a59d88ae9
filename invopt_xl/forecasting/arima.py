"""Automatic ARIMA by either engine, reduced to what sample paths need. Fits only; nothing here is random."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np

from invopt_xl.domain.forecast import FloatArray

Engine = Literal["statsforecast", "pmdarima"]
ENGINES: tuple[Engine, ...] = get_args(Engine)

# A small search around the low orders that demand shows. At most one ordinary difference: two follow a trend for
# ever. Wider limits took twice the time and were no more accurate on weekly grocery and monthly M3 demand.
_SEARCH: dict[str, Any] = {
    "start_p": 1, "max_p": 3, "max_d": 1, "start_q": 1, "max_q": 2,
    "start_P": 1, "max_P": 1, "max_D": 1, "start_Q": 1, "max_Q": 1,
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class ArimaModel:
    """A fitted ARIMA model.

    Parameters
    ----------
    order
        (p, d, q).
    seasonal_order
        (P, D, Q, season); season 1 without seasonal terms.
    mean
        Forecasts, shape (horizon,).
    slope
        Drift per period contained in the forecasts.
    autoregression, moving_average
        phi(B) with all differences, and theta(B), both beginning with 1.
    residuals
        One-step errors, those that only start the recursion left out.
    parameters
        Number of estimated coefficients, the variance left out.
    """

    order: tuple[int, int, int]
    seasonal_order: tuple[int, int, int, int]
    mean: FloatArray
    slope: float
    autoregression: FloatArray
    moving_average: FloatArray
    residuals: FloatArray
    parameters: int

    @property
    def name(self) -> str:
        """The model in the usual notation."""
        p, d, q = self.order
        seasonal_p, seasonal_d, seasonal_q, season = self.seasonal_order
        seasonal = f"({seasonal_p},{seasonal_d},{seasonal_q})[{season}]" if season > 1 else ""
        return f"ARIMA({p},{d},{q}){seasonal}{' with drift' if self.slope else ''}"

    @property
    def stationary(self) -> bool:
        """Whether forecasts return to a mean."""
        return self.order[1] + self.seasonal_order[1] == 0

    def damped(self, factor: float) -> ArimaModel:
        """Return the model with its drift fading by this factor a period (Gardner & McKenzie 1985)."""
        ahead = np.arange(1, self.mean.size + 1)
        return replace(self, mean=self.mean + self.slope * (np.cumsum(factor**ahead) - ahead))


def fit_arima(values: FloatArray, horizon: int, season: int = 1, engine: Engine = "statsforecast") -> ArimaModel:
    """Return the ARIMA model that a stepwise search prefers by its corrected Akaike criterion.

    The search is that of Hyndman & Khandakar (2008), "Automatic time series forecasting: the forecast package
    for R", Journal of Statistical Software 27(3).

    Parameters
    ----------
    values
        Complete history, best of a size around one, oldest first; not constant.
    horizon
        Periods to forecast.
    season
        Periods per season; 1 without.
    engine
        ``statsforecast`` or ``pmdarima``.

    Raises
    ------
    ArithmeticError
        If the values are constant or the forecasts not finite.
    Exception
        Whatever else the engine raises; it documents nothing.

    Examples
    --------
    >>> fit_arima(np.tile([1.0, 1.2, 0.9, 1.1, 0.8], 8), 3).mean.round(1).size
    3
    """
    if np.ptp(values) <= 1e-9 * np.abs(values).max():
        raise ArithmeticError("nothing varies")
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        # Both engines warn about models they try and drop, and about their own dependencies.
        warnings.simplefilter("ignore")
        model = _FITS[engine](values, horizon, season)
    if not (np.isfinite(model.mean).all() and np.isfinite(model.residuals).all()):
        raise ArithmeticError("the forecasts are not finite")
    return model


def _fit_statsforecast(values: FloatArray, horizon: int, season: int) -> ArimaModel:
    from statsforecast.arima import auto_arima_f, forecast_arima

    fitted = auto_arima_f(values, seasonal=season > 1, period=season, approximation=True, **_SEARCH)  # type: ignore[no-untyped-call]
    predicted = forecast_arima(fitted, h=horizon)  # type: ignore[no-untyped-call]
    p, q, seasonal_p, seasonal_q, _, d, seasonal_d = (int(entry) for entry in fitted["arma"])
    state = fitted["model"]
    return ArimaModel(
        order=(p, d, q),
        seasonal_order=(seasonal_p, seasonal_d, seasonal_q, season),
        mean=np.asarray(predicted["mean"], dtype=np.float64),
        slope=float(fitted["coef"].get("drift", 0.0)),
        autoregression=np.convolve(np.r_[1.0, -np.asarray(state["phi"])], _differences(d, seasonal_d, season)),
        moving_average=np.r_[1.0, np.asarray(state["theta"])],
        residuals=np.asarray(fitted["residuals"], dtype=np.float64)[d + seasonal_d * season :],
        parameters=len(fitted["coef"]),
    )


def _fit_pmdarima(values: FloatArray, horizon: int, season: int) -> ArimaModel:
    from pmdarima import auto_arima

    fitted = auto_arima(
        values, seasonal=season > 1, m=season, information_criterion="aicc", error_action="ignore",
        suppress_warnings=True, **_SEARCH,
    )  # fmt: skip
    result = fitted.arima_res_
    p, d, q = (int(entry) for entry in fitted.order)
    seasonal_p, seasonal_d, seasonal_q, _ = (int(entry) for entry in fitted.seasonal_order)
    autoregression = np.asarray(result.polynomial_reduced_ar, dtype=np.float64)
    intercept = dict(zip(result.param_names, result.params, strict=True)).get("intercept", 0.0)
    # The intercept shifts the differenced series; a slope remains where one difference was taken.
    slope = float(intercept / autoregression.sum()) if d + seasonal_d == 1 else 0.0
    return ArimaModel(
        order=(p, d, q),
        seasonal_order=(seasonal_p, seasonal_d, seasonal_q, season),
        mean=np.asarray(fitted.predict(horizon), dtype=np.float64),
        slope=slope / (season if seasonal_d else 1),
        autoregression=np.convolve(autoregression, _differences(d, seasonal_d, season)),
        moving_average=np.asarray(result.polynomial_reduced_ma, dtype=np.float64),
        residuals=np.asarray(fitted.resid(), dtype=np.float64)[d + seasonal_d * season :],
        parameters=len(result.params) - 1,
    )


_FITS: dict[Engine, Callable[[FloatArray, int, int], ArimaModel]] = {
    "statsforecast": _fit_statsforecast,
    "pmdarima": _fit_pmdarima,
}


def _differences(ordinary: int, seasonal: int, season: int) -> FloatArray:
    polynomial = np.ones(1)
    for factor in [np.array([1.0, -1.0])] * ordinary + [np.r_[1.0, np.zeros(season - 1), -1.0]] * seasonal:
        polynomial = np.convolve(polynomial, factor)
    return polynomial
