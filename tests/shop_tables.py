"""A shop of two items, one of them at two locations, with levels that are set in no time."""

from __future__ import annotations

import numpy as np
import pandas as pd

from invopt_xl.domain import Silent
from invopt_xl.plan.order_plan import Basis, order_basis
from invopt_xl.plan.quality import admit

PLAN_DATE = "2024-07-01"
PERIODS = 10


def table(**columns: object) -> pd.DataFrame:
    """Return a table as a source holds it, its first record in row 2."""
    frame = pd.DataFrame(columns).astype(object)
    return frame.set_axis(pd.RangeIndex(2, len(frame) + 2, name="row"))


def shop(**changes: object) -> dict[str, pd.DataFrame]:
    """Return input tables without demand of the past; frames are tables, everything else is a parameter."""
    items = table(
        item=["tea", "cup", "tea"],
        location=["MAIN", "MAIN", "WEST"],
        supplier=["North", "South", "North"],
        unit_cost=[2.0, 4.0, 2.0],
        unit_price=[3.0, 6.0, 3.0],
        lead_time_days=[14, 10, 14],
        lead_time_sd_days=[3, 0, 3],
        on_hand=[60, 30, 90],
        safety_stock=[20, 10, 20],
    )
    suppliers = table(supplier=["North", "South"], order_cost=[10, 5], lead_time_days=[14, 28])
    frames = {stem: frame for stem, frame in changes.items() if isinstance(frame, pd.DataFrame)}
    values = {"plan_date": PLAN_DATE, "horizon_periods": PERIODS}
    values |= {name: value for name, value in changes.items() if name not in frames}
    settings = table(name=list(values), value=list(values.values()))
    return {"items": items, "suppliers": suppliers, "parameters": settings, **frames}


def expected(periods: int = PERIODS) -> pd.DataFrame:
    """Return a forecast of 20 units a week of each item and location."""
    dates = pd.date_range(PLAN_DATE, periods=periods, freq="7D").strftime("%Y-%m-%d").tolist()
    places = [("tea", "MAIN"), ("cup", "MAIN"), ("tea", "WEST")]
    return table(
        item=np.repeat([item for item, _ in places], periods).tolist(),
        location=np.repeat([location for _, location in places], periods).tolist(),
        date=dates * len(places),
        mean=20,
    )


def levelled(raw: dict[str, pd.DataFrame], forecast: pd.DataFrame | None = None) -> Basis:
    """Return what an order plan of these tables stands on."""
    admitted = admit(raw, forecast=expected() if forecast is None else forecast)
    return order_basis(raw, admitted, Silent())
