"""Automatic ARIMA by either engine, reduced to what sample paths need. Fits only; nothing here is random.

The engine ``statsforecast`` lends its compiled likelihood to a search of our own (`arima_search`); ``pmdarima``
searches by itself. Whichever fits, the model is told by its orders and coefficients, so `arima_warm` carries both on.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.errors import InputError
from invopt_xl.forecasting.arima_likelihood import (
    Fit,
    Likelihood,
    Orders,
    differenced,
    differences,
    filtered,
    stable_coefficients,
)
from invopt_xl.forecasting.arima_search import (
    FINE,
    MOST_P,
    MOST_Q,
    MOST_SEASONAL_P,
    MOST_SEASONAL_Q,
    choose_differences,
    polished,
    search,
)

Engine = Literal["statsforecast", "pmdarima"]
ENGINES: tuple[Engine, ...] = get_args(Engine)

MOST_TERMS = 5
"""Most terms of one kind in orders that a planner gives."""

_NOTHING_VARIES = 1e-9


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
    coefficients
        Coefficients as estimated: autoregressive, moving average, then both seasonal ones.
    constant
        Mean of the differenced values.
    """

    order: tuple[int, int, int]
    seasonal_order: tuple[int, int, int, int]
    mean: FloatArray
    slope: float
    autoregression: FloatArray
    moving_average: FloatArray
    residuals: FloatArray
    parameters: int
    coefficients: FloatArray
    constant: float

    @property
    def name(self) -> str:
        """The model in the usual notation."""
        p, d, q = self.order
        seasonal_p, seasonal_d, seasonal_q, season = self.seasonal_order
        seasonal = f"({seasonal_p},{seasonal_d},{seasonal_q})[{season}]" if season > 1 else ""
        return f"ARIMA({p},{d},{q}){seasonal}{' with drift' if self.slope else ''}"

    @property
    def orders(self) -> Orders:
        """The orders, and whether there is a constant."""
        (p, d, q), (seasonal_p, seasonal_d, seasonal_q, season) = self.order, self.seasonal_order
        return Orders(p, d, q, seasonal_p, seasonal_d, seasonal_q, season, self.constant != 0)

    @property
    def deviation(self) -> float:
        """Standard deviation of an innovation."""
        return float(np.sqrt((self.residuals**2).sum() / max(self.residuals.size - self.parameters, 1)))

    @property
    def stationary(self) -> bool:
        """Whether forecasts return to a mean."""
        return self.order[1] + self.seasonal_order[1] == 0

    def damped(self, factor: float) -> ArimaModel:
        """Return the model with its drift fading by this factor a period (Gardner & McKenzie 1985)."""
        ahead = np.arange(1, self.mean.size + 1)
        return replace(self, mean=self.mean + self.slope * (np.cumsum(factor**ahead) - ahead))


Order = tuple[int, int, int]


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


def is_flat(changes: FloatArray, values: FloatArray) -> bool:
    """Return whether these changes of the values are all the same, but for rounding.

    Parameters
    ----------
    changes
        Differenced values.
    values
        The values.
    """
    return bool(np.ptp(changes) <= _NOTHING_VARIES * np.abs(values).max()) if changes.size else True


def checked_history(values: FloatArray) -> None:
    """Refuse a history that no model can be fitted to.

    Parameters
    ----------
    values
        Complete history.

    Raises
    ------
    ArithmeticError
        If it is constant, shorter than three periods or not finite.
    """
    if not np.isfinite(values).all():
        raise ArithmeticError("the history is not finite")
    if values.size < 3 or is_flat(values, values):
        raise ArithmeticError("nothing varies")


def finite(model: ArimaModel) -> ArimaModel:
    """Return the model, all of whose numbers are finite.

    Parameters
    ----------
    model
        A model.

    Raises
    ------
    ArithmeticError
        If they are not.
    """
    if not (np.isfinite(model.mean).all() and np.isfinite(model.residuals).all()):
        raise ArithmeticError("the forecasts are not finite")
    return model


def given_orders(order: Order | None, seasonal_order: Order | None, season: int, periods: int) -> Orders:
    """Return the orders that a planner gave.

    Parameters
    ----------
    order, seasonal_order
        (p, d, q) and (P, D, Q); nothing means zeros.
    season
        Periods per season; 1 without.
    periods
        Periods of history.

    Raises
    ------
    InputError
        If they are no orders, or the history is too short for them.

    Examples
    --------
    >>> given_orders((0, 1, 1), (0, 1, 1), 12, 144).lost
    13
    """
    for name, entry in (("order", order), ("seasonal order", seasonal_order)):
        if entry is None:
            continue
        whole = len(entry) == 3 and all(isinstance(term, (int, np.integer)) and term >= 0 for term in entry)
        if not whole or max(entry[0], entry[2]) > MOST_TERMS or entry[1] > 2:
            raise InputError(
                f"ARIMA {name}: {entry} given; expected three whole numbers, terms from 0 to {MOST_TERMS}"
                " and differences from 0 to 2 in the middle"
            )
    p, d, q = order or (0, 0, 0)
    seasonal_p, seasonal_d, seasonal_q = seasonal_order or (0, 0, 0)
    if season <= 1 and seasonal_p + seasonal_d + seasonal_q:
        raise InputError(f"ARIMA seasonal order: {seasonal_order} given; expected a season of at least 2 with it")
    if d + seasonal_d > 2:
        raise InputError(f"ARIMA orders: {d} and {seasonal_d} differences given; expected at most 2 together")
    orders = Orders(p, d, q, seasonal_p, seasonal_d, seasonal_q, season, d + seasonal_d < 2)
    needed = orders.lost + orders.coefficients + 3
    if periods < needed:
        raise InputError(f"ARIMA orders: {periods} periods of history; these orders need at least {needed}")
    return orders


def arima_model(
    values: FloatArray, horizon: int, orders: Orders, coefficients: FloatArray, constant: float
) -> ArimaModel:
    """Return the model with these coefficients after these values; nothing is estimated.

    Parameters
    ----------
    values
        Complete history, longer than the differences need.
    horizon
        Periods to forecast.
    orders
        The orders.
    coefficients
        Coefficients in the order of `Orders.terms`.
    constant
        Mean of the differenced values, in their units.

    Raises
    ------
    ArithmeticError
        If the filter or the forecasts are not finite.
    """
    changes = differenced(values, orders.d, orders.seasonal_d, orders.season)
    result = filtered(changes - constant, coefficients, orders)
    polynomial = differences(orders.d, orders.seasonal_d, orders.season)
    reach = polynomial.size - 1
    path = np.r_[values[values.size - reach :], np.zeros(horizon)]
    weights = -polynomial[:0:-1]
    feedback = np.zeros(result.state.size)
    feedback[: result.autoregression.size] = result.autoregression
    state = result.state
    for step in range(horizon):
        # The state holds what is known of the values to come: the first element leaves, the others move up.
        moved = feedback * state[0]
        moved[:-1] += state[1:]
        state = moved
        path[reach + step] = state[0] + constant + weights @ path[step : reach + step]
    slope = constant / (orders.season if orders.seasonal_d else 1) if orders.d + orders.seasonal_d == 1 else 0.0
    return finite(
        ArimaModel(
            order=(orders.p, orders.d, orders.q),
            seasonal_order=(orders.seasonal_p, orders.seasonal_d, orders.seasonal_q, orders.season),
            mean=path[reach:],
            slope=slope,
            autoregression=np.convolve(np.r_[1.0, -result.autoregression], polynomial),
            moving_average=np.r_[1.0, result.moving_average],
            residuals=result.errors,
            parameters=orders.coefficients,
            coefficients=coefficients,
            constant=constant,
        )
    )


def estimated_model(values: FloatArray, horizon: int, likelihood: Likelihood, fit: Fit) -> ArimaModel:
    """Return the model of estimates.

    Parameters
    ----------
    values
        Complete history.
    horizon
        Periods to forecast.
    likelihood
        The likelihood that was maximised.
    fit
        The estimates.
    """
    orders = fit.orders
    coefficients = stable_coefficients(fit.free.tolist()[: sum(orders.terms)], orders.terms)
    return arima_model(values, horizon, orders, coefficients, likelihood.constant(fit.free, orders))


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
