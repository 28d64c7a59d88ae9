"""The money view of a plan, and what a point of its service costs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.plan.kpis import expected_fill, weighted
from invopt_xl.plan.levels import Levelled
from invopt_xl.plan.money import (
    PLAN_SERVES,
    TODAY_SERVES,
    money_table,
    served_by_plan,
    served_today,
    service_cost_table,
)
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.service_goals import plain_weights
from invopt_xl.plan.views.curve import Offer, fill_of_today, position_at_review

FloatArray = npt.NDArray[np.float64]


def money_view(levelled: Levelled, items: pd.DataFrame, actions: pd.DataFrame, parameters: Parameters) -> pd.DataFrame:
    """Return ``tblMoney``: what stock ties up, costs and earns now, after the plan and after each action.

    Parameters
    ----------
    levelled
        Items with levels, and what these were set from.
    items
        The planned items.
    actions
        What is done against excess, as `money.applied` takes it.
    parameters
        Of the plan.
    """
    stocked = levelled.stocked
    available = items["available"].to_numpy(dtype=np.float64)
    position = position_at_review(stocked.cycle, available, levelled.past)
    today = served_today(stocked, position, _fill_of_today(levelled, items, parameters))
    return money_table(items, today, served_by_plan(stocked, items, expected_fill(items)), actions, parameters)


def service_cost_view(levelled: Levelled, items: pd.DataFrame, parameters: Parameters) -> pd.DataFrame:
    """Return ``tblServiceCost``: what a percentage point of fill rate costs, where stock stands, where the plan leads.

    Parameters
    ----------
    levelled, items, parameters
        As in `money_view`.
    """
    weight = _weight(items, parameters)
    today = pd.Series(_fill_of_today(levelled, items, parameters), index=items.index)
    points = {TODAY_SERVES: weighted(today, weight), PLAN_SERVES: weighted(expected_fill(items), weight)}
    return service_cost_table(offer_of(levelled, items, parameters), points, items, parameters)


def offer_of(levelled: Levelled, items: pd.DataFrame, parameters: Parameters) -> Offer | None:
    """Return what the items give for stock money, weighted as in ``tblKpis``; None where none can have levels.

    Parameters
    ----------
    levelled, items, parameters
        As in `money_view`.
    """
    return Offer.of(levelled.stocked, items, _weight(items, parameters), lost=parameters.shortage == "lost")


def _weight(items: pd.DataFrame, parameters: Parameters) -> pd.Series[float]:
    return pd.Series(plain_weights(items, parameters), index=items.index)


def _fill_of_today(levelled: Levelled, items: pd.DataFrame, parameters: Parameters) -> FloatArray:
    available = items["available"].to_numpy(dtype=np.float64)
    return fill_of_today(levelled.stocked, available, levelled.past, lost=parameters.shortage == "lost")
