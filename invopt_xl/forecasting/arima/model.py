"""An ARIMA model as sample paths need it, from its orders and coefficients."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.forecasting.arima.likelihood import Fit, Likelihood, filtered
from invopt_xl.forecasting.arima.orders import Orders, differenced, differences, stable_coefficients
from invopt_xl.forecasting.simulation import recursion

_NOTHING_VARIES = 1e-9
_LEADING = np.ones(1)


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

    def damped(self, factor: float) -> ArimaModel:
        """Return the model with its drift fading by this factor a period (Gardner & McKenzie 1985)."""
        if not self.slope:
            return self
        ahead = np.arange(1, self.mean.size + 1)
        return replace(self, mean=self.mean + self.slope * (np.cumsum(factor**ahead) - ahead))


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
    # The state holds the last value and what of the values to come is known by now.
    known, phi = np.zeros(horizon), result.autoregression
    known[: result.state.size - 1] = result.state[1 : horizon + 1]
    past = np.zeros(phi.size)
    past[-1:] = result.state[0]
    ahead = recursion(phi, past, known) + constant
    mean = recursion(-polynomial[1:], values[values.size - reach :], ahead)
    slope = constant / (orders.season if orders.seasonal_d else 1) if orders.d + orders.seasonal_d == 1 else 0.0
    return finite(
        ArimaModel(
            order=(orders.p, orders.d, orders.q),
            seasonal_order=(orders.seasonal_p, orders.seasonal_d, orders.seasonal_q, orders.season),
            mean=mean,
            slope=slope,
            autoregression=np.convolve(np.concatenate([_LEADING, -result.autoregression]), polynomial),
            moving_average=np.concatenate([_LEADING, result.moving_average]),
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
