"""Service targets of single items that together give an overall fill rate for the least stock money."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from invopt_xl.domain import DAYS_PER_YEAR
from invopt_xl.errors import require
from invopt_xl.plan.parameters import Parameters

if TYPE_CHECKING:
    from invopt_xl.plan.views.curve import Offer

_DECIMALS = 3
"""Of a target: a tenth of a percent is as fine as anybody plans."""

_COLUMNS = dict.fromkeys(("item", "location", "description", "abc", "service_measure"), "object") | dict.fromkeys(
    ("expected_fill_rate", "service_target", "stock_value", "stock_value_then", "difference", "carrying_difference"),
    "float64",
)
_LEAST, _MOST = 0.5, 0.999
"""Targets that are proposed at least and at most."""


def service_targets(offer: Offer | None, items: pd.DataFrame, parameters: Parameters, overall: float) -> pd.DataFrame:
    """Return a fill rate for each item that can have levels, which together give the overall one for the least stock.

    An item without demand of late gets none, and has no row: its stock would rise for demand that hardly comes again.

    Parameters
    ----------
    offer
        What the items give for stock money; None where none can have levels: then there are no rows.
    items
        The planned items, with ``recent_demand`` (units).
    parameters
        For the length of a period.
    overall
        Fill rate of all items that are bought, as in ``tblCurve``; where they cannot give it, the most they can.

    Returns
    -------
    DataFrame
        ``item``, ``location``, ``description``, ``abc``; ``expected_fill_rate`` and ``stock_value`` (average stock at
        cost, money) of the plan's levels; ``service_target`` and ``service_measure`` (fill) proposed, with
        ``stock_value_then``, ``difference`` (money) and ``carrying_difference`` (money a year).

    Raises
    ------
    InputError
        If the overall fill rate is none.
    """
    if offer is None:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in _COLUMNS.items()})
    require(0 < overall < 1, "overall fill rate", f"{overall:g}", "between 0 and 1, such as 0.95")
    most = float(offer.exchange.steps.service[-1])
    mix = offer.exchange.least_money(min(max((overall - offer.others) / offer.share, 1e-6), most))
    own = items.iloc[offer.rows].reset_index(drop=True)
    now = (own["average_stock"] * own["unit_cost"]).astype(float)
    more = mix.stock - own["average_stock"].to_numpy(dtype=np.float64)
    a_year = own["holding_cost"].to_numpy(dtype=np.float64) * DAYS_PER_YEAR / parameters.calendar.days_per_period
    made = own[["item", "location", "description", "abc", "expected_fill_rate"]].assign(
        service_target=np.clip(mix.fill_rate, _LEAST, _MOST).round(_DECIMALS),
        service_measure="fill",
        stock_value=now,
        stock_value_then=mix.stock_money,
        difference=mix.stock_money - now,
        carrying_difference=more * a_year,
    )
    return made[own["recent_demand"] > 0].reset_index(drop=True)
