"""Forecasts as rows of ``tblForecast``: quantiles by the names of their columns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from invopt_xl.domain.calendar import Calendar
from invopt_xl.domain.forecast import QUANTILE_LEVELS, FloatArray, Forecast
from invopt_xl.errors import require
from invopt_xl.forecasting.panel.histories import KEY

DIGITS = 7
"""Significant digits of a forecast; sample paths hold no more."""


def forecast_frame(
    items: pd.DataFrame,
    forecasts: Sequence[Forecast],
    calendar: Calendar,
    *,
    levels: Sequence[float] = QUANTILE_LEVELS,
    periods: int | None = None,
) -> pd.DataFrame:
    """Return forecasts as ``tblForecast``: a row for each item and period.

    Parameters
    ----------
    items
        Columns ``item`` and ``location``, a row for each forecast.
    forecasts
        Of equal length.
    calendar
        The forecasts begin with its period 0.
    levels
        The quantiles.
    periods
        The first so many periods only.

    Examples
    --------
    >>> from datetime import date
    >>> two = Forecast(np.array([[1, 2], [3, 6]], dtype=np.float32), "example", "two paths")
    >>> items = pd.DataFrame({"item": ["a"], "location": ["MAIN"]})
    >>> print(forecast_frame(items, [two], Calendar(date(2024, 1, 1), "month"), levels=[0.5]).to_string(index=False))
    item location       date  mean  p500   model
       a     MAIN 2024-01-01   2.0   2.0 example
       a     MAIN 2024-02-01   4.0   4.0 example
    """
    count = min([made.periods for made in forecasts] + ([periods] if periods is not None else []), default=0)
    repeated = items[KEY].loc[items.index.repeat(count)].reset_index(drop=True)
    dates = calendar.start(np.arange(count)).astype("datetime64[ns]")
    mean = [made.mean[:count] for made in forecasts] or [np.zeros(0)]
    quantiles = [made.quantiles(levels)[:count] for made in forecasts] or [np.zeros((0, len(levels)))]
    table = repeated.assign(date=np.tile(dates, len(forecasts)), mean=_significant(np.concatenate(mean)))
    table[[quantile_name(level) for level in levels]] = _significant(np.concatenate(quantiles))
    return table.assign(model=np.repeat([made.model for made in forecasts], count).astype(object))


def quantile_name(level: float) -> str:
    """Return the column of a quantile: its thousandths.

    Raises
    ------
    InputError
        If it is not a whole number of thousandths between 0 and 1.

    Examples
    --------
    >>> quantile_name(0.025), quantile_name(0.5)
    ('p025', 'p500')
    """
    require(_in_thousandths(level), "quantile level", level, "between 0.001 and 0.999 in thousandths, such as 0.95")
    return f"p{round(1000 * level):03d}"


def interval_ends(level: float) -> tuple[float, float]:
    """Return the quantiles between which the central interval lies.

    Raises
    ------
    InputError
        If they are no whole number of thousandths between 0 and 1.

    Examples
    --------
    >>> interval_ends(0.95), interval_ends(0.5)
    ((0.025, 0.975), (0.25, 0.75))
    """
    sound = level > 0 and _in_thousandths((1 - level) / 2)
    require(sound, "interval level", level, "between 0.002 and 0.998 in steps of 0.002, such as 0.95")
    return round((1 - level) / 2, 3), round((1 + level) / 2, 3)


def with_intervals(quantiles: Sequence[float], intervals: Sequence[float]) -> tuple[float, ...]:
    """Return the quantiles together with the ends of these central intervals; in rising order where there are any.

    Examples
    --------
    >>> with_intervals([0.5, 0.95], [0.9, 0.99])
    (0.005, 0.05, 0.5, 0.95, 0.995)
    """
    ends = [end for level in intervals for end in interval_ends(level)]
    return tuple(sorted({*quantiles, *ends})) if ends else tuple(quantiles)


def _in_thousandths(share: float) -> bool:
    return 0.0005 < share < 0.9995 and abs(1000 * share - round(1000 * share)) < 1e-9


def _significant(values: FloatArray) -> FloatArray:
    """Round to the digits that sample paths hold; whole numbers stay."""
    place = np.floor(np.log10(np.where(values > 0, values, 1.0))).astype(int)
    decimals = np.clip(DIGITS - 1 - place, 0, 300)
    rounded = values.copy()
    for count in np.unique(decimals):
        rounded[decimals == count] = np.round(values[decimals == count], int(count))
    return rounded
