"""A shop with too much of many kinds: stock at another location, on order, that spoils, that nobody asks for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from small_tables import small_tables

FURTHER: dict[str, dict[str, Any]] = {
    "slow": {"on_hand": 900, "lead_time_days": 7},
    "coming": {"on_hand": 300},
    "ended": {"on_hand": 60, "status": "phase-out"},
    "fresh": {"on_hand": 400, "shelf_life_days": 14},
    "stale": {"on_hand": 15, "shelf_life_days": 21},
    "launch": {"on_hand": 30, "status": "new"},
    "forced": {"on_hand": 500},
}
"""Items beside those of `small_tables`, each bought from South at a cost of 4."""

SOLD = {"slow": 6, "coming": 5, "ended": 2, "fresh": 40, "forced": 3}
"""Mean weekly demand."""


def view_tables(**parameters: object) -> dict[str, pd.DataFrame]:
    """Return input tables; parameters overwrite rows of ``tblParameters``."""
    tables = small_tables(**parameters)
    random = np.random.default_rng(5)
    dates = pd.date_range(end="2024-06-24", periods=60, freq="7D")
    usual = {"supplier": "South", "unit_cost": 4.0, "unit_price": 7.0, "lead_time_days": 10, "moq": 0, "lot_size": 1}
    rows = [{"item": name, "description": f"A {name} item", **usual, **own} for name, own in FURTHER.items()]
    west = {**rows[0], "location": "WEST", "on_hand": 2}
    sold = [
        pd.DataFrame({"item": name, "location": place, "date": dates, "quantity": random.poisson(mean, 60)})
        for name, place, mean in [*((name, "MAIN", mean) for name, mean in SOLD.items()), ("slow", "WEST", 30)]
    ]
    sold.append(pd.DataFrame({"item": "stale", "location": "MAIN", "date": dates[:20], "quantity": 3}))
    first = tables["items"].assign(location="MAIN")
    tables["items"] = _rows(first, pd.DataFrame([*rows, west]))
    tables["demand"] = _rows(tables["demand"].assign(location="MAIN"), *sold)
    lanes = pd.DataFrame({"from_location": ["MAIN"], "to_location": ["WEST"], "transfer_cost": [0.5]})
    tables["lanes"] = _rows(lanes.assign(order_cost=1.0))
    coming = pd.DataFrame({"item": ["coming"], "location": ["MAIN"], "due_date": ["2024-07-08"], "quantity": [25]})
    tables["open_orders"] = _rows(tables["open_orders"].assign(location="MAIN"), coming)
    tables["discounts"] = _rows(pd.DataFrame({"supplier": ["South"], "from_value": [20.0], "discount_rate": [0.1]}))
    override = pd.DataFrame({"item": ["forced"], "location": ["MAIN"], "override_quantity": [12]})
    tables["plan"] = _rows(override)
    return tables


def _rows(*frames: pd.DataFrame) -> pd.DataFrame:
    found = pd.concat([frame.astype(object) for frame in frames], ignore_index=True)
    return found.set_axis(pd.RangeIndex(2, len(found) + 2, name="row"))
