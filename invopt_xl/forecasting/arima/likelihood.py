"""Exact likelihood of one ARIMA order: statsforecast's compiled kernels under a least-squares search.

The kernels (a Kalman filter with Gardner's initial state) take 4 to 40 microseconds a call; what makes a fit slow is
how often they are called, and in what state space. Here the values are differenced first, so the state has
max(p + season P, q + season Q + 1) elements and no diffuse part, and the likelihood is maximised as a sum of squares:
with the innovations v_t, their relative variances f_t and n values, -2 log L is n log S plus a constant with

    S = sum of (v_t / sqrt(f_t) * g)^2,   g = (product of f_t)^(1 / 2n)

(Box & Jenkins, "Time Series Analysis", on the unconditional sum of squares; Harvey 1989, "Forecasting, Structural
Time Series Models and the Kalman Filter", 3.4). Levenberg and Marquardt need a handful of steps for it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.forecasting.arima.orders import Orders, stable_coefficients

PRIOR = 0.5
"""Weight of a prior that keeps partial autocorrelations off the unit circle, in observations."""

_STEP = 1e-5
_LONGEST_STEP = 1.5
_NOTHING = np.empty(0)


@dataclass(frozen=True, eq=False)
class Fit:
    """An estimated order.

    Parameters
    ----------
    orders
        The orders.
    free
        Estimated numbers: `stable_coefficients` of them, and last the constant, see `Likelihood`.
    criterion
        Akaike's criterion, corrected for a short history (Hurvich & Tsai 1989); comparable for equal differences.
    """

    orders: Orders
    free: FloatArray
    criterion: float


@dataclass(eq=False)
class Filtered:
    """What one run of the filter leaves behind.

    Parameters
    ----------
    autoregression, moving_average
        Coefficients of the expanded polynomials without their leading 1, in the sign convention of the kernels:
        w_t = sum of phi_i w_(t-i) + e_t + sum of theta_j e_(t-j).
    state
        State after the last value.
    errors
        Standardised one-step errors.
    log_factor
        Logarithm of g, see the module.
    """

    autoregression: FloatArray
    moving_average: FloatArray
    state: FloatArray
    errors: FloatArray
    log_factor: float


def filtered(centred: FloatArray, coefficients: FloatArray, orders: Orders) -> Filtered:
    """Return the result of the exact Kalman filter over stationary values.

    Parameters
    ----------
    centred
        Differenced values less their constant.
    coefficients
        Coefficients in the order of `Orders.terms`; stationary.
    orders
        The orders.

    Raises
    ------
    ArithmeticError
        If the filter has no finite result.
    """
    from statsforecast._lib import arima as kernels

    layout = np.array([*orders.terms, orders.season, 0, 0], dtype=np.int32)
    autoregression, moving_average = kernels.arima_transpar(coefficients, layout, False)
    size = max(autoregression.size, moving_average.size + 1)
    covariance = np.zeros(size * size)
    if size > 1:
        kernels.getQ0(autoregression, moving_average, covariance)
    else:
        covariance[0] = 1.0 / (1.0 - autoregression[0] ** 2) if autoregression.size else 1.0
    state, errors = np.zeros(size), np.empty_like(centred)
    _, logarithms, used = kernels.arima_like(
        centred, autoregression, moving_average, _NOTHING, state, np.zeros(size * size), covariance, 0, True, errors
    )
    if not used or not math.isfinite(logarithms):
        raise ArithmeticError("the filter left the numbers")
    return Filtered(autoregression, moving_average, state, errors, 0.5 * logarithms / used)


@dataclass(eq=False)
class Likelihood:
    """The likelihood of ARIMA orders for differenced values; all values of one history share it.

    The constant is estimated as (constant - mean) / deviation of the differenced values, so that the units of the
    history do not matter.

    Parameters
    ----------
    values
        Differenced values.
    """

    values: FloatArray
    mean: float = field(init=False)
    deviation: float = field(init=False)

    def __post_init__(self) -> None:
        self.mean = float(self.values.mean())
        self.deviation = float(self.values.std())

    def constant(self, free: FloatArray, orders: Orders) -> float:
        """Return the constant in the units of the values."""
        return self.mean + self.deviation * float(free[-1]) if orders.constant else 0.0

    def errors(self, free: FloatArray, orders: Orders) -> FloatArray:
        """Return the residuals whose sum of squares is to be the smallest, the prior included.

        They are infinite where the filter has no finite result, at the very edge of the permitted region.
        """
        count = free.size - orders.constant
        numbers = free.tolist()[:count]
        coefficients = stable_coefficients(numbers, orders.terms)
        try:
            result = filtered(self.values - self.constant(free, orders), coefficients, orders)
        except ArithmeticError:
            return np.full(self.values.size, np.inf)
        # log(1 - tanh(x)^2) = -2 log cosh x
        logarithms = sum(math.log(math.cosh(number)) for number in numbers)
        factor = result.log_factor + 2 * PRIOR * logarithms / self.values.size
        return result.errors * math.exp(factor)

    def fit(self, orders: Orders, start: FloatArray | None = None, tolerance: float = 1e-6) -> Fit:
        """Return the estimates for orders.

        Parameters
        ----------
        orders
            The orders.
        start
            Numbers to start from; zeros by default.
        tolerance
            Relative fall of the sum of squares at which to stop.

        Raises
        ------
        ArithmeticError
            If there are too few values for the orders, or none of the numbers is finite.
        """
        periods = self.values.size
        degrees = periods - orders.coefficients - 2
        if degrees <= 0:
            raise ArithmeticError("too few periods for these orders")
        start = np.zeros(orders.coefficients) if start is None else start
        free, squares = least_squares(lambda numbers: self.errors(numbers, orders), start, tolerance)
        if not 0 < squares < math.inf:
            raise ArithmeticError("the likelihood has no finite maximum")
        estimated = orders.coefficients + 1
        # -2 log L with the sum of squares relative to the variance: a constant for equal differences
        criterion = periods * math.log(squares / periods) + 2 * estimated * (1 + (estimated + 1) / degrees)
        return Fit(orders, free, criterion)


def least_squares(
    errors: Callable[[FloatArray], FloatArray], start: FloatArray, tolerance: float, steps: int = 40
) -> tuple[FloatArray, float]:
    """Return where the sum of squared errors is the smallest, and that sum (Levenberg 1944, Marquardt 1963).

    Parameters
    ----------
    errors
        Function from the unknowns to the errors.
    start
        First unknowns.
    tolerance
        Relative fall of the sum at which to stop.
    steps
        Most steps.

    Examples
    --------
    >>> least_squares(lambda x: np.array([x[0] - 1, 10 * (x[1] - x[0] ** 2)]), np.zeros(2), 1e-12)[0].round(4).tolist()
    [1.0, 1.0]
    """
    unknowns, current = start, errors(start)
    squares, damping = float(current @ current), 1e-3
    if not start.size or not math.isfinite(squares):
        return unknowns, squares
    for _ in range(steps):
        gradient = _derivatives(errors, unknowns, current)
        curvature, slope = gradient @ gradient.T, gradient @ current
        if not np.isfinite(curvature).all():
            break
        for _ in range(6):
            matrix = curvature + np.diag(damping * curvature.diagonal() + 1e-12 * squares)
            move = np.linalg.solve(matrix, -slope)
            move *= min(1.0, _LONGEST_STEP / max(float(np.abs(move).max()), _STEP))
            trial = errors(unknowns + move)
            reached = float(trial @ trial)
            if reached < squares:
                break
            damping = 10 * max(damping, 1e-3)
        else:
            break
        fall = (squares - reached) / squares
        unknowns, current, squares, damping = unknowns + move, trial, reached, 0.1 * damping
        if fall < tolerance:
            break
    return unknowns, squares


def _derivatives(errors: Callable[[FloatArray], FloatArray], unknowns: FloatArray, current: FloatArray) -> FloatArray:
    """Return the change of each error with each unknown, shape (unknowns, errors)."""
    gradient = np.empty((unknowns.size, current.size))
    for place in range(unknowns.size):
        moved = unknowns.copy()
        moved[place] += _STEP
        gradient[place] = (errors(moved) - current) / _STEP
    return gradient
