"""The demand that came in periods which were to come when something was decided."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.domain import Calendar
from invopt_xl.optimise.terms import FloatArray
from invopt_xl.plan.histories import assemble, item_positions
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quality import Admitted


@dataclass(frozen=True, eq=False)
class Actuals:
    """Demand that came.

    Parameters
    ----------
    quantity
        Units by item and period; missing where it is not known, or where the item was out of stock and its sales
        understate it.
    reached
        True for each period that begins no later than the last row of demand of any item: of later ones nobody has told
        yet what came.
    """

    quantity: FloatArray
    reached: npt.NDArray[np.bool_]


def actual_demand(items: pd.DataFrame, admitted: Admitted, start: date, end: date) -> Actuals:
    """Return the demand of whole periods of the past.

    Parameters
    ----------
    items
        Columns ``item`` and ``location``.
    admitted
        For the rows of demand and the parameters.
    start
        First day of the first period.
    end
        The day after the last one, not after the plan date.

    Examples
    --------
    >>> from invopt_xl.plan.quality import admit
    >>> items = pd.DataFrame({"item": ["tea"], "unit_cost": 2, "lead_time_days": 7, "on_hand": 5})
    >>> dates = ["2017-12-11", "2017-12-18", "2017-12-25"]
    >>> demand = pd.DataFrame({"item": "tea", "date": dates, "quantity": [1, 2, 3], "in_stock": [1, 1, 0]})
    >>> parameters = pd.DataFrame({"name": ["plan_date"], "value": ["2018-01-01"]})
    >>> admitted = admit({"items": items, "demand": demand, "parameters": parameters})
    >>> found = actual_demand(admitted.tables["items"], admitted, date(2017, 12, 18), date(2018, 1, 1))
    >>> found.quantity.tolist(), found.reached.tolist()
    ([[2.0, nan]], [True, True])
    """
    parameters = admitted.parameters
    calendar = Calendar(end, parameters.period)
    periods = whole_periods(start, end, parameters)
    demand = admitted.tables["demand"]
    past = demand[(demand["date"] < pd.Timestamp(end)).to_numpy() & (item_positions(items, demand) >= 0)]
    found = assemble(items.reset_index(drop=True), past, replace(parameters, plan_date=end))
    quantity = np.where(found.in_stock, found.quantity, np.nan)[:, -periods:]
    quantity = np.pad(quantity, ((0, 0), (periods - quantity.shape[1], 0)), constant_values=np.nan)
    last = demand["date"][demand["date"] < pd.Timestamp(parameters.plan_date)].max()
    starts = pd.DatetimeIndex(calendar.start(np.arange(-periods, 0)).astype("datetime64[ns]"))
    return Actuals(quantity, np.asarray(starts <= last))


def whole_periods(start: date, end: date, parameters: Parameters) -> int:
    """Return how many periods lie from one day to before another; 0 if they are not whole."""
    calendar = Calendar(start, parameters.period)
    count = int(calendar.index(np.array([end], dtype="datetime64[D]"))[0])
    is_whole = count > 0 and calendar.start(np.array([count]))[0] == np.datetime64(end, "D")
    return count if is_whole else 0
