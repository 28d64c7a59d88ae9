"""Carry ARIMA models on from one refresh to the next, without searching again.

Kept are orders, coefficients, constants and weights as plain arrays. The values may be the end of a longer history: a
window that slides on as the history grows. So every call tells how many periods the whole history has, and only what
two windows have in common is compared. Both windows have to be of one scale.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.forecasting.arima.average import ArimaAverage
from invopt_xl.forecasting.arima.model import arima_model, checked_history
from invopt_xl.forecasting.arima.orders import Orders

MUCH_LONGER = 1.25
"""Growth of the history since the search from which more orders may have become visible."""

LIMIT = 2.6
"""Standard errors from which new errors are out of line: one false alarm in a hundred, each check."""

FEWEST_FOR_BIAS = 3
"""New errors needed to call them biased."""

CHANGED_PAST = 0.01
"""Change of the mean of the old periods from which the past counts as rewritten."""

FARTHEST = 12
"""Periods that a window may slide on between two refreshes."""


@dataclass(frozen=True, eq=False)
class ArimaState:
    """What is kept of an `ArimaAverage` between refreshes.

    Parameters
    ----------
    orders
        Orders of each model.
    coefficients
        Coefficients of each model, in the order of `Orders.terms`.
    constants
        Constant of each model.
    weights
        Weights of the models.
    start
        Periods of history before the values of the last refresh.
    periods, searched
        Periods of the whole history at the last refresh, and at the last search.
    past
        Means of those values from the first one on, from the second one on, and so forth, up to `FARTHEST` left out.
    deviation, autocorrelation
        Deviation of an innovation and autocorrelation of recent errors at the last search.
    """

    orders: tuple[Orders, ...]
    coefficients: tuple[FloatArray, ...]
    constants: FloatArray
    weights: FloatArray
    start: int
    periods: int
    searched: int
    past: FloatArray
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
            "periods": np.array([self.start, self.periods, self.searched], dtype=np.int64),
            "past": self.past,
            "figures": np.array([self.deviation, self.autocorrelation]),
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
            start, periods, searched = map(int, arrays["periods"].tolist())
            deviation, autocorrelation = map(float, arrays["figures"].tolist())
            return ArimaState(
                orders,
                tuple(np.split(joined, ends[:-1])),
                np.asarray(arrays["constants"], dtype=np.float64),
                np.asarray(arrays["weights"], dtype=np.float64),
                start, periods, searched, np.asarray(arrays["past"], dtype=np.float64), deviation, autocorrelation,
            )  # fmt: skip
        except (KeyError, ValueError, TypeError, IndexError) as error:
            raise ArithmeticError(f"a kept model cannot be read: {error}") from error


def keep_state(
    average: ArimaAverage, values: FloatArray, periods: int | None = None, previous: ArimaState | None = None
) -> ArimaState:
    """Return what to keep of models for the next refresh.

    Parameters
    ----------
    average
        The models, of these values.
    values
        Complete history, or the end of it.
    periods
        Periods of the whole history; as many as there are values unless given.
    previous
        State that the models were carried on from; nothing after a search.
    """
    whole = max(periods or 0, values.size)
    state = ArimaState(
        orders=tuple(model.orders for model in average.models),
        coefficients=tuple(model.coefficients for model in average.models),
        constants=np.array([model.constant for model in average.models]),
        weights=average.weights,
        start=whole - values.size,
        periods=whole,
        searched=whole,
        past=_means(values),
        deviation=average.deviation,
        autocorrelation=_autocorrelation(_recent(average)),
    )
    if previous is None:
        return state
    return replace(
        state, searched=previous.searched, deviation=previous.deviation, autocorrelation=previous.autocorrelation
    )


def _means(values: FloatArray) -> FloatArray:
    """Return the means of the values from the first one on, from the second one on, and so forth."""
    means = values[::-1].cumsum()[::-1] / np.arange(values.size, 0, -1)
    return np.asarray(means[: FARTHEST + 1])


def update_arima(state: ArimaState, values: FloatArray, horizon: int) -> ArimaAverage:
    """Return the kept models after a longer history; nothing is estimated.

    Parameters
    ----------
    state
        What was kept.
    values
        Complete history up to now, or the end of it.
    horizon
        Periods to forecast.

    Raises
    ------
    ArithmeticError
        If the history does not suit the models, or the forecasts are not finite.
    """
    checked_history(values)
    needed = max(orders.lost + orders.coefficients + 2 for orders in state.orders)
    if values.size <= needed:
        raise ArithmeticError(f"{values.size} periods of history are too few for the kept models")
    models = [
        arima_model(values, horizon, orders, coefficients, float(constant))
        for orders, coefficients, constant in zip(state.orders, state.coefficients, state.constants, strict=True)
    ]
    return ArimaAverage(tuple(models), state.weights)


def needs_search(state: ArimaState, average: ArimaAverage, values: FloatArray, periods: int | None = None) -> list[str]:
    """Return why the orders should be searched again, in words; nothing if they may stay.

    Parameters
    ----------
    state
        What was kept.
    average
        The models carried on to these values, by `update_arima`.
    values
        Complete history up to now, or the end of it.
    periods
        Periods of the whole history; as many as there are values unless given.
    """
    whole = max(periods or 0, values.size)
    if whole < state.periods:
        return [f"the history has {whole} periods, {state.periods} at the last refresh"]
    reasons = _past_reasons(state, values, whole)
    if whole > MUCH_LONGER * state.searched:
        reasons.append(f"the history has grown from {state.searched} to {whole} periods")
    return reasons + _error_reasons(state, average, whole - state.searched)


def _past_reasons(state: ArimaState, values: FloatArray, periods: int) -> list[str]:
    """Return whether the periods that both windows have were rewritten, in words."""
    start = periods - values.size
    dropped = start - state.start
    if not 0 <= dropped < min(state.past.size, state.periods - state.start):
        return [f"the values begin after {start} periods, after {state.start} at the last refresh"]
    past, before = float(values[: state.periods - start].mean()), float(state.past[dropped])
    if abs(past - before) > CHANGED_PAST * abs(before):
        return [f"the past was rewritten: its mean is {past:.4g}, it was {before:.4g}"]
    return []


def _error_reasons(state: ArimaState, average: ArimaAverage, new: int) -> list[str]:
    reasons = []
    errors = average.residuals[-new:] if new else np.empty(0)
    # One odd period is an outlier: the models take it better than models that are searched to explain it.
    usual = np.sort(np.abs(errors))[:-1]
    if usual.size and state.deviation > 0:
        ratio = float(np.sqrt(np.mean(usual**2))) / state.deviation
        # Point of the chi-squared distribution by Wilson & Hilferty (1931).
        spread = 2 / (9 * usual.size)
        if ratio**2 > (1 - spread + LIMIT * np.sqrt(spread)) ** 3:
            reasons.append(f"new errors are {ratio:.1f} times as large as expected")
    if errors.size >= FEWEST_FOR_BIAS and state.deviation > 0:
        lean = float(errors.sum()) / (state.deviation * np.sqrt(errors.size))
        if abs(lean) > LIMIT:
            reasons.append(f"forecasts have been too {'low' if lean > 0 else 'high'} since the last search")
    recent = _recent(average)
    now = _autocorrelation(recent)
    if errors.size and abs(now) > max(LIMIT / np.sqrt(recent.size), abs(state.autocorrelation) + 0.1):
        reasons.append(
            f"errors repeat themselves: their autocorrelation is {now:.2f}, it was {state.autocorrelation:.2f}"
        )
    return reasons


def _orders(row: list[int]) -> Orders:
    p, d, q, seasonal_p, seasonal_d, seasonal_q, season, constant = row
    return Orders(p, d, q, seasonal_p, seasonal_d, seasonal_q, season, bool(constant))


def _recent(average: ArimaAverage) -> FloatArray:
    season = average.best.orders.season
    return average.residuals[-max(24, 2 * season) :]


def _autocorrelation(errors: FloatArray) -> float:
    power = float(errors @ errors)
    return float(errors[1:] @ errors[:-1]) / power if power > 0 else 0.0
