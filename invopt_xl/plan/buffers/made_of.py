"""What the buffers of planned items are made of, in the columns of ``tblBuffers``."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.domain import Forecast
from invopt_xl.plan.columns import BUFFERS
from invopt_xl.plan.parameters import Parameters

_PLACES = {
    "demand_per_period": 4,
    "demand_deviation": 4,
    "lead_time_days": 2,
    "lead_time_sd_days": 2,
    "review_days": 2,
    "service_target": 6,
    "order_quantity": 3,
    "protection_deviation": 4,
    "safety_stock": 3,
    "reorder_point": 3,
}
"""Decimals that are kept. Buffers are compared as they are written, so that rounding never looks like a change."""


def with_uncertainty(
    items: pd.DataFrame,
    forecasts: Sequence[Forecast],
    whole_units: npt.NDArray[np.bool_],
    parameters: Parameters,
) -> pd.DataFrame:
    """Return the items with ``demand_deviation`` and ``whole_units``, which buffers depend on.

    Parameters
    ----------
    items
        The planned items.
    forecasts
        One for each item. The deviation is the root mean square of those of the periods of the horizon, units: of
        single periods, so it stays as it is when a lead time changes.
    whole_units
        True where an item's history holds whole numbers only.
    parameters
        For the horizon.
    """
    horizon = parameters.horizon_periods
    variance = [float(one.paths[:, :horizon].var(axis=0, dtype=np.float64).mean()) for one in forecasts]
    return items.assign(demand_deviation=np.sqrt(variance), whole_units=whole_units)


def buffers_of(items: pd.DataFrame, parameters: Parameters) -> pd.DataFrame:
    """Return what the buffers of planned items are made of: the columns of ``tblBuffers`` but change and why.

    Parameters
    ----------
    items
        Items with stock levels, as `with_uncertainty` returns them; ``demand_choice`` is the distribution in words.
    parameters
        For the length of a period.
    """
    length = parameters.calendar.days_per_period
    target = items["service_target"].astype(np.float64)
    table = items.assign(
        period=parameters.period,
        lead_time_days=length * items["lead_periods"],
        lead_time_sd_days=length * items["lead_deviation_periods"],
        service_target=target.where((target > 0) & (target < 1)),
        order_quantity=items["order_cycle"],
        distribution=items.get("demand_choice", pd.Series("", index=items.index)),
    )
    return table[[name for name in BUFFERS.column_names if name not in ("change", "why")]].round(_PLACES)
