"""Carry ARIMA models on from one refresh to the next, without searching again.

Kept are orders, coefficients and weights as plain arrays. What has units (constants, deviations, the mean of the
history) is kept in item units: the values of a refresh times the scale they were divided by. A history that is scaled
by its own, changing mean can therefore be carried on as long as every call tells its scale.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.forecasting.arima.average import ArimaAverage
from invopt_xl.forecasting.arima.likelihood import Likelihood
from invopt_xl.forecasting.arima.model import ArimaModel, arima_model, checked_history, estimated_model, is_flat
from invopt_xl.forecasting.arima.orders import Orders, differenced, free_numbers
from invopt_xl.forecasting.arima.search import FINE

LONGEST_WITHOUT_SEARCH = 12
"""Periods after which orders are searched again in any case, or a season, whichever is longer."""

MUCH_LONGER = 1.25
"""Growth of the history since the search from which more orders may have become visible."""

LIMIT = 2.6
"""Standard errors from which new errors are out of line: one false alarm in a hundred, each check."""

FEWEST_FOR_BIAS = 3
"""New errors needed to call them biased."""

CHANGED_PAST = 0.01
"""Change of the mean of the old periods from which the past counts as rewritten."""


@dataclass(frozen=True, eq=False)
class ArimaState:
    """What is kept of an `ArimaAverage` between refreshes.

    Parameters
    ----------
    orders
        Orders of each model.
    coefficients
        Coefficients of each model, in the order of `Orders.terms`.
    constants, deviations
        Constant and deviation of an innovation of each model, item units per period.
    weights
        Weights of the models.
    periods, searched
        Periods of history at the last refresh, and at the last search.
    past
        Mean of the history at the last refresh, item units.
    deviation, autocorrelation
        Deviation of an innovation (item units) and autocorrelation of recent errors at the last search.
    """

    orders: tuple[Orders, ...]
    coefficients: tuple[FloatArray, ...]
    constants: FloatArray
    weights: FloatArray
    periods: int
    searched: int
    past: float
    deviation: float
    autocorrelation: float

    def to_arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """Return plain arrays, as a file of arrays keeps them."""
        layout = [
            (one.p, one.d, one.q, one.seasonal_p, one.seasonal_d, one.seasonal_q, one.season, int(one.constant))
            for one in self.orders
        ]
        return {
            "orders": np.array(layout, dtype=np.int32),
            "coefficients": np.concatenate(self.coefficients),
            "constants": self.constants,
            "weights": self.weights,
            "periods": np.array([self.periods, self.searched], dtype=np.int64),
            "figures": np.array([self.past, self.deviation, self.autocorrelation]),
        }

    @staticmethod
    def from_arrays(arrays: Mapping[str, npt.NDArray[np.generic]]) -> ArimaState:
        """Return the state that `to_arrays` wrote down.

        Parameters
        ----------
        arrays
            The arrays by name.

        Raises
        ------
        ArithmeticError
            If they are not what `to_arrays` writes.
        """
        try:
            orders = tuple(_orders(row) for row in arrays["orders"].tolist())
            ends = np.cumsum([sum(one.terms) for one in orders])
            joined = np.asarray(arrays["coefficients"], dtype=np.float64)
            if not orders or joined.size != ends[-1] or arrays["weights"].size != len(orders):
                raise ValueError("sizes do not agree")
            periods, searched = map(int, arrays["periods"].tolist())
            past, deviation, autocorrelation = map(float, arrays["figures"].tolist())
            return ArimaState(
                orders,
                tuple(np.split(joined, ends[:-1])),
                np.asarray(arrays["constants"], dtype=np.float64),
                np.asarray(arrays["weights"], dtype=np.float64),
                periods, searched, past, deviation, autocorrelation,
            )  # fmt: skip
        except (KeyError, ValueError, TypeError, IndexError) as error:
            raise ArithmeticError(f"a kept model cannot be read: {error}") from error


def keep_state(
    average: ArimaAverage, values: FloatArray, scale: float = 1.0, previous: ArimaState | None = None
) -> ArimaState:
    """Return what to keep of models for the next refresh.

    Parameters
    ----------
    average
        The models, of these values.
    values
        Complete history.
    scale
        What the values were divided by: item units are values times scale.
    previous
        State that the models were carried on from; nothing after a search.
    """
    state = ArimaState(
        orders=tuple(model.orders for model in average.models),
        coefficients=tuple(model.coefficients for model in average.models),
        constants=scale * np.array([model.constant for model in average.models]),
        weights=average.weights,
        periods=values.size,
        searched=values.size,
        past=scale * float(values.mean()),
        deviation=scale * average.deviation,
        autocorrelation=_autocorrelation(_recent(average)),
    )
    if previous is None:
        return state
    return replace(
        state, searched=previous.searched, deviation=previous.deviation, autocorrelation=previous.autocorrelation
    )


def update_arima(state: ArimaState, values: FloatArray, horizon: int, scale: float = 1.0) -> ArimaAverage:
    """Return the kept models after a longer history; nothing is estimated.

    Parameters
    ----------
    state
        What was kept.
    values
        Complete history up to now.
    horizon
        Periods to forecast.
    scale
        What the values were divided by; it may differ from the last refresh.

    Raises
    ------
    ArithmeticError
        If the history does not suit the models, or the forecasts are not finite.
    """
    _checked(state, values)
    models = [
        arima_model(values, horizon, orders, coefficients, float(constant) / scale)
        for orders, coefficients, constant in zip(state.orders, state.coefficients, state.constants, strict=True)
    ]
    return ArimaAverage(tuple(models), state.weights)


def refit_arima(state: ArimaState, values: FloatArray, horizon: int, scale: float = 1.0) -> ArimaAverage:
    """Return models of the kept orders and weights, their coefficients estimated anew from the kept ones.

    Parameters
    ----------
    state
        What was kept.
    values
        Complete history up to now.
    horizon
        Periods to forecast.
    scale
        What the values were divided by; it may differ from the last refresh.

    Raises
    ------
    ArithmeticError
        If the history does not suit the models, or the forecasts are not finite.
    """
    _checked(state, values)
    models = [
        _refitted(values, horizon, orders, coefficients, float(constant) / scale)
        for orders, coefficients, constant in zip(state.orders, state.coefficients, state.constants, strict=True)
    ]
    return ArimaAverage(tuple(models), state.weights)


def needs_search(state: ArimaState, average: ArimaAverage, values: FloatArray, scale: float = 1.0) -> list[str]:
    """Return why the orders should be searched again, in words; nothing if they may stay.

    Parameters
    ----------
    state
        What was kept.
    average
        The models carried on to these values, by `update_arima` or `refit_arima`.
    values
        Complete history up to now.
    scale
        What the values were divided by.
    """
    if values.size < state.periods:
        return [f"the history has {values.size} periods, {state.periods} at the last refresh"]
    reasons = []
    past = scale * float(values[: state.periods].mean())
    if abs(past - state.past) > CHANGED_PAST * abs(state.past):
        reasons.append(f"the past was rewritten: its mean is {past:.4g}, it was {state.past:.4g}")
    new = values.size - state.searched
    if new >= max(LONGEST_WITHOUT_SEARCH, max(orders.season for orders in state.orders)):
        reasons.append(f"{new} periods since the last search")
    if values.size > MUCH_LONGER * state.searched:
        reasons.append(f"the history has grown from {state.searched} to {values.size} periods")
    return reasons + _error_reasons(state, average, new, scale)


def _error_reasons(state: ArimaState, average: ArimaAverage, new: int, scale: float) -> list[str]:
    reasons = []
    errors = scale * average.residuals[average.residuals.size - new :] if new else np.empty(0)
    if errors.size and state.deviation > 0:
        ratio = float(np.sqrt(np.mean(errors**2))) / state.deviation
        # Point of the chi-squared distribution by Wilson & Hilferty (1931).
        spread = 2 / (9 * errors.size)
        if ratio**2 > (1 - spread + LIMIT * np.sqrt(spread)) ** 3:
            reasons.append(f"new errors are {ratio:.1f} times as large as expected")
        lean = float(errors.sum()) / (state.deviation * np.sqrt(errors.size))
        if errors.size >= FEWEST_FOR_BIAS and abs(lean) > LIMIT:
            reasons.append(f"forecasts have been too {'low' if lean > 0 else 'high'} since the last search")
    recent = _recent(average)
    now = _autocorrelation(recent)
    if errors.size and abs(now) > max(LIMIT / np.sqrt(recent.size), abs(state.autocorrelation) + 0.1):
        reasons.append(
            f"errors repeat themselves: their autocorrelation is {now:.2f}, it was {state.autocorrelation:.2f}"
        )
    return reasons


def _checked(state: ArimaState, values: FloatArray) -> None:
    checked_history(values)
    needed = max(orders.lost + orders.coefficients + 2 for orders in state.orders)
    if values.size <= needed:
        raise ArithmeticError(f"{values.size} periods of history are too few for the kept models")


def _refitted(
    values: FloatArray, horizon: int, orders: Orders, coefficients: FloatArray, constant: float
) -> ArimaModel:
    changes = differenced(values, orders.d, orders.seasonal_d, orders.season)
    if is_flat(changes, values):
        return arima_model(values, horizon, orders, coefficients, constant)
    likelihood = Likelihood(changes)
    start = free_numbers(coefficients, orders.terms)
    if orders.constant:
        start = np.r_[start, (constant - likelihood.mean) / likelihood.deviation]
    with np.errstate(all="ignore"):
        return estimated_model(values, horizon, likelihood, likelihood.fit(orders, start, FINE))


def _orders(row: list[int]) -> Orders:
    p, d, q, seasonal_p, seasonal_d, seasonal_q, season, constant = row
    return Orders(p, d, q, seasonal_p, seasonal_d, seasonal_q, season, bool(constant))


def _recent(average: ArimaAverage) -> FloatArray:
    season = average.best.orders.season
    return average.residuals[-max(24, 2 * season) :]


def _autocorrelation(errors: FloatArray) -> float:
    power = float(errors @ errors)
    return float(errors[1:] @ errors[:-1]) / power if power > 0 else 0.0
