"""The chances that the demand of a plan's items has ended or will, told once for all that asks for them."""

from __future__ import annotations

from invopt_xl.forecasting.ending import DemandEnding, EndingModel, demand_endings
from invopt_xl.forecasting.panel.histories import Histories
from invopt_xl.plan.parameters import Parameters


def endings_of(past: Histories, parameters: Parameters, model: EndingModel | None = None) -> DemandEnding:
    """Return the chances that the demand of histories has ended or will.

    Parameters
    ----------
    past
        Histories of all items.
    parameters
        For the length of a period.
    model
        As `forecasting.ending.fit_ending_model` learned it; learned from all the histories together unless given.
    """
    return demand_endings(
        past.quantity, past.first, past.in_stock, price=past.price, period=parameters.period, model=model
    )
