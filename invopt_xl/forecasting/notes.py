"""Which kinds of things there are to tell of a forecast; the reason tells them in words."""

from __future__ import annotations

from collections.abc import Iterator

from invopt_xl.domain.forecast import Note
from invopt_xl.forecasting.cleaning.history import CleanHistory, PeriodState
from invopt_xl.forecasting.lifts.effects import Lifts
from invopt_xl.forecasting.lifts.regressors import Regressors
from invopt_xl.forecasting.regular.members import State
from invopt_xl.forecasting.routing import Route

_STATES: dict[PeriodState, Note] = {
    PeriodState.OUTLIER: "outliers",
    PeriodState.STOCK_OUT: "stock-outs",
    PeriodState.MISSING: "unknown periods",
}


def history_notes(
    route: Route, clean: CleanHistory, regressors: Regressors | None, lifts: Lifts | None
) -> Iterator[Note]:
    """Yield what is to be told of a history.

    Parameters
    ----------
    route
        What forecasts it.
    clean
        What was found in it.
    regressors
        What was given to explain it; None without.
    lifts
        What they do to demand; None where they are not used.

    Examples
    --------
    >>> import numpy as np
    >>> from invopt_xl.forecasting.cleaning.history import clean_history
    >>> from invopt_xl.forecasting.routing import route
    >>> clean = clean_history(np.array([8.0, 10.0, 0.0, 12.0]), np.array([True, True, False, True]))
    >>> list(history_notes(route(clean), clean, None, None))
    ['stock-outs', 'short']
    """
    yield from (note for state, note in _STATES.items() if (clean.states == state).any())
    if route.kind == "regular" and clean.shifts:
        yield "level shifts"
    sold_otherwise = regressors is not None and any(kind != "calendar" for kind in regressors.kinds)
    if sold_otherwise and (lifts is None or lifts.notes):
        yield "promotions or prices"
    if route.short:
        yield "short"


def search_notes(before: State | None, after: State | None) -> Iterator[Note]:
    """Yield what became of the models of an earlier forecast.

    Parameters
    ----------
    before
        What the earlier forecast left; None without one.
    after
        What this one leaves; None where it searched for no models.
    """
    if before is not None and after is not None:
        yield "continued" if after["searched"] < after["periods"] else "searched again"
