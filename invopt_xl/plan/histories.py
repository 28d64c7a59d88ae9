"""The histories of a plan: admitted demand rows, aligned so that all of them end on the plan date."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from invopt_xl.forecasting.panel import histories as demand_histories
from invopt_xl.forecasting.panel.histories import MAXIMUM_YEARS, Histories, History, item_positions
from invopt_xl.plan.parameters import Parameters

if TYPE_CHECKING:
    from invopt_xl.plan.quality import Admitted

__all__ = ["MAXIMUM_YEARS", "Histories", "History", "assemble", "histories", "item_positions"]


def histories(admitted: Admitted) -> Histories:
    """Return the history of every item and location of the admitted tables.

    Parameters
    ----------
    admitted
        Tables and parameters as `plan.quality.admit` returns them.

    Examples
    --------
    >>> from invopt_xl.plan.quality import admit
    >>> items = pd.DataFrame({"item": ["a"], "unit_cost": [2], "lead_time_days": [7], "on_hand": [5]})
    >>> dates = ["2017-12-11", "2017-12-12", "2017-12-25"]
    >>> demand = pd.DataFrame({"item": "a", "date": dates, "quantity": [1, 2, 4]})
    >>> parameters = pd.DataFrame({"name": ["plan_date"], "value": ["2018-01-01"]})
    >>> admitted = admit({"items": items, "demand": demand, "parameters": parameters})
    >>> histories(admitted).of(0).quantity.tolist()
    [3.0, 0.0, 4.0]
    """
    return assemble(admitted.tables["items"], admitted.tables["demand"], admitted.parameters)


def assemble(items: pd.DataFrame, demand: pd.DataFrame, parameters: Parameters) -> Histories:
    """Return the histories of typed items from typed demand rows, with what is planned for coming periods."""
    return demand_histories.assemble(items, demand, parameters.calendar, missing_periods=parameters.missing_periods)
