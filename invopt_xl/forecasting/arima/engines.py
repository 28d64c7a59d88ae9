"""Automatic ARIMA by either engine, reduced to what sample paths need. Fits only; nothing here is random.

The engine ``statsforecast`` lends its compiled likelihood to a search of our own (`search`); ``pmdarima``
searches by itself. Whichever fits, the model is told by its orders and coefficients, so `warm` carries both on.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal, get_args

import numpy as np

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.forecasting.arima.likelihood import Fit, Likelihood
from invopt_xl.forecasting.arima.model import (
    ArimaModel,
    arima_model,
    checked_history,
    estimated_model,
    finite,
    is_flat,
)
from invopt_xl.forecasting.arima.orders import Order, Orders, differenced, differences, given_orders
from invopt_xl.forecasting.arima.search import (
    FINE,
    MOST_P,
    MOST_Q,
    MOST_SEASONAL_P,
    MOST_SEASONAL_Q,
    choose_differences,
    polished,
    search,
)

__all__ = ["ENGINES", "ArimaModel", "Engine", "fit_arima"]

Engine = Literal["statsforecast", "pmdarima"]
ENGINES: tuple[Engine, ...] = get_args(Engine)


def fit_arima(
    values: FloatArray,
    horizon: int,
    season: int = 1,
    engine: Engine = "statsforecast",
    order: Order | None = None,
    seasonal_order: Order | None = None,
) -> ArimaModel:
    """Return an ARIMA model: of the given orders, or of those that a stepwise search prefers.

    The search is that of Hyndman & Khandakar (2008), "Automatic time series forecasting: the forecast package
    for R", Journal of Statistical Software 27(3); Akaike's corrected criterion decides.

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
    order
        (p, d, q); nothing searches.
    seasonal_order
        (P, D, Q) beside a given order; nothing means (0, 0, 0).

    Raises
    ------
    InputError
        If given orders are no orders, or too large for the history.
    ArithmeticError
        If the values are constant or not finite, or the forecasts are not finite.
    Exception
        Whatever else pmdarima raises; it documents nothing.

    Examples
    --------
    >>> fit_arima(np.tile([1.0, 1.2, 0.9, 1.1, 0.8], 8), 3).mean.round(1).size
    3
    >>> fit_arima(np.array([3.0, 4, 6, 5, 7, 6, 8, 9, 8, 11]), 3, order=(0, 1, 1)).order
    (0, 1, 1)
    """
    given = None
    if order is not None or seasonal_order is not None:
        given = given_orders(order, seasonal_order, season, values.size)
    checked_history(values)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        # pmdarima warns about models it tries and drops, and about its own dependencies.
        warnings.simplefilter("ignore")
        model = _FITS[engine](values, horizon, season, given)
    return finite(model)


def _fit_statsforecast(values: FloatArray, horizon: int, season: int, given: Orders | None) -> ArimaModel:
    if given is None:
        ordinary, seasonal = choose_differences(values, season)
        orders = Orders(0, ordinary, 0, 0, seasonal, 0, season, ordinary + seasonal < 2)
    else:
        orders = given
    changes = differenced(values, orders.d, orders.seasonal_d, orders.season)
    if is_flat(changes, values):
        # A perfect trend or season: there is nothing to estimate but the constant.
        plain = replace(orders, p=0, q=0, seasonal_p=0, seasonal_q=0)
        constant = float(changes.mean()) if orders.constant else 0.0
        return arima_model(values, horizon, plain, np.empty(0), constant)
    likelihood = Likelihood(changes)
    if given is not None:
        return estimated_model(values, horizon, likelihood, _best_given(likelihood, given))
    for found in search(likelihood, orders):
        try:
            return estimated_model(values, horizon, likelihood, polished(likelihood, found))
        except (ArithmeticError, np.linalg.LinAlgError):
            continue  # the next best order is there for that
    raise ArithmeticError("no order could be estimated")


def _best_given(likelihood: Likelihood, given: Orders) -> Fit:
    """Return the estimates of the given orders, with a constant where that is better."""
    fits = [likelihood.fit(given, None, FINE)]
    if given.constant:
        fits.append(likelihood.fit(replace(given, constant=False), fits[0].free[:-1], FINE))
    return min(fits, key=lambda fit: fit.criterion)


_LIMITS: dict[str, Any] = {
    "start_p": 1, "max_p": MOST_P, "max_d": 1, "start_q": 1, "max_q": MOST_Q,
    "start_P": 1, "max_P": MOST_SEASONAL_P, "max_D": 1, "start_Q": 1, "max_Q": MOST_SEASONAL_Q,
}  # fmt: skip


def _fit_pmdarima(values: FloatArray, horizon: int, season: int, given: Orders | None) -> ArimaModel:
    from pmdarima import ARIMA, auto_arima

    if given is None:
        fitted = auto_arima(
            values, seasonal=season > 1, m=season, information_criterion="aicc", error_action="ignore",
            suppress_warnings=True, **_LIMITS,
        )  # fmt: skip
    else:
        seasonal = (given.seasonal_p, given.seasonal_d, given.seasonal_q, season if season > 1 else 0)
        fitted = ARIMA((given.p, given.d, given.q), seasonal, with_intercept=given.constant, suppress_warnings=True)
        fitted.fit(values)
    result = fitted.arima_res_
    p, d, q = (int(entry) for entry in fitted.order)
    seasonal_p, seasonal_d, seasonal_q, _ = (int(entry) for entry in fitted.seasonal_order)
    autoregression = np.asarray(result.polynomial_reduced_ar, dtype=np.float64)
    estimates = dict(zip(result.param_names, map(float, result.params), strict=True))
    # The intercept shifts the differenced series; a slope remains where one difference was taken.
    constant = estimates.pop("intercept", 0.0) / float(autoregression.sum())
    coefficients = [estimates.pop(name) for name in list(estimates) if name != "sigma2"]
    slope = constant / (season if seasonal_d else 1) if d + seasonal_d == 1 else 0.0
    return ArimaModel(
        order=(p, d, q),
        seasonal_order=(seasonal_p, seasonal_d, seasonal_q, season),
        mean=np.asarray(fitted.predict(horizon), dtype=np.float64),
        slope=slope,
        autoregression=np.convolve(autoregression, differences(d, seasonal_d, season)),
        moving_average=np.asarray(result.polynomial_reduced_ma, dtype=np.float64),
        residuals=np.asarray(fitted.resid(), dtype=np.float64)[d + seasonal_d * season :],
        parameters=len(result.params) - 1,
        coefficients=np.array(coefficients, dtype=np.float64),
        constant=constant,
    )


_FITS: dict[Engine, Callable[[FloatArray, int, int, Orders | None], ArimaModel]] = {
    "statsforecast": _fit_statsforecast,
    "pmdarima": _fit_pmdarima,
}
