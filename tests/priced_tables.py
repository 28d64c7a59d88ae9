"""A shop whose prices change: items with too much stock, and some of which nothing can be said."""

from __future__ import annotations

import numpy as np
import pandas as pd

PLAN_DATE = "2024-07-01"
WEEKS = 60
ELASTICITY = -2.5
SOLD = {"brisk": 30, "calm": 12, "slow": 6, "plain": 9, "unpriced": 8, "fixed": 7, "ended": 5}
"""Mean weekly demand at the usual price of 10."""


def priced_tables(**parameters: object) -> dict[str, pd.DataFrame]:
    """Return input tables; parameters overwrite rows of ``tblParameters``.

    ``brisk`` has no excess, ``unpriced`` never had a price, the price of ``fixed`` never changed, ``gone`` has not sold
    for a year, ``returned`` was mostly brought back, and ``fresh`` has one week of history.
    """
    random = np.random.default_rng(7)
    dates = pd.date_range(end="2024-06-24", periods=WEEKS, freq="7D")
    parts = []
    for name, mean in SOLD.items():
        cut = random.random(WEEKS) < (0.0 if name in ("unpriced", "fixed") else 0.25)
        price = np.where(cut, random.choice([0.7, 0.8], WEEKS), 1.0)
        units = random.poisson(mean * price**ELASTICITY).astype(float)
        paid = np.where(name == "unpriced", np.nan, 10 * price)
        parts.append(pd.DataFrame({"item": name, "date": dates, "quantity": units, "unit_price": paid}))
    gone = np.where(np.arange(WEEKS) < 8, 4.0, 0.0)
    parts.append(pd.DataFrame({"item": "gone", "date": dates, "quantity": gone, "unit_price": 10.0}))
    parts.append(pd.DataFrame({"item": "fresh", "date": dates[-1:], "quantity": 3.0, "unit_price": 10.0}))
    names = [*SOLD, "gone", "fresh"]
    items = pd.DataFrame({"item": names, "description": [f"A {name} item" for name in names], "supplier": "North"})
    items = items.assign(unit_cost=6.0, unit_price=10.0, lead_time_days=7, on_hand=300.0, status="active")
    items.loc[items["item"] == "brisk", "on_hand"] = 40.0
    items.loc[items["item"] == "plain", "unit_price"] = np.nan
    items.loc[items["item"] == "ended", "status"] = "phase-out"
    values = {"plan_date": PLAN_DATE, "horizon_periods": 8, "minimum_history_months": 1} | parameters
    settings = pd.DataFrame({"name": list(values), "value": list(values.values())})
    return {"items": items, "demand": pd.concat(parts, ignore_index=True), "parameters": settings}
