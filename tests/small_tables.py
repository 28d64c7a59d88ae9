"""A small shop for tests: a few items of every kind, two suppliers, a year of weeks."""

from __future__ import annotations

import numpy as np
import pandas as pd

PLAN_DATE = "2024-07-01"
ITEMS = ("steady", "erratic", "rare", "lumpy", "dead", "new")


def small_tables(weeks: int = 60, **parameters: object) -> dict[str, pd.DataFrame]:
    """Return input tables as a source would hold them; parameters overwrite rows of ``tblParameters``."""
    random = np.random.default_rng(11)
    dates = pd.date_range(end="2024-06-24", periods=weeks, freq="7D")
    sold = {
        "steady": random.poisson(40, weeks),
        "erratic": random.negative_binomial(1, 1 / 31, weeks),
        "rare": np.where(random.random(weeks) < 0.25, 1, 0),
        "lumpy": np.where(random.random(weeks) < 0.3, random.integers(1, 40, weeks), 0),
        "dead": np.where(np.arange(weeks) < 20, 5, 0),
        "new": np.where(np.arange(weeks) >= weeks - 5, 12, -1),
    }
    demand = pd.concat(
        [
            pd.DataFrame({"item": name, "date": dates[units >= 0], "quantity": units[units >= 0].astype(float)})
            for name, units in sold.items()
        ],
        ignore_index=True,
    )
    items = pd.DataFrame(
        {
            "item": ITEMS,
            "description": [f"A {name} item" for name in ITEMS],
            "supplier": ["North", "North", "North", "South", "South", "South"],
            "unit_cost": [2.0, 5.0, 30.0, 4.0, 3.0, 6.0],
            "unit_price": [3.0, 8.0, 50.0, 6.0, 5.0, 10.0],
            "lead_time_days": [14, 21, 7, 10, 10, 10],
            "lead_time_sd_days": [3, 5, 0, None, None, 2],
            "lot_size": [24, 1, 1, 6, 1, 1],
            "moq": [0, 12, 0, 12, 0, 0],
            "on_hand": [60, 200, 1, 0, 80, 20],
        }
    ).astype(object)
    suppliers = pd.DataFrame(
        {
            "supplier": ["North", "South"],
            "order_cost": [20.0, 10.0],
            "minimum_order_value": [50.0, 0.0],
            "lead_time_sd_days": [2.0, 4.0],
        }
    )
    open_orders = pd.DataFrame({"item": ["erratic"], "due_date": ["2024-07-05"], "quantity": [24]})
    values = {"plan_date": PLAN_DATE, "horizon_periods": 8, "minimum_history_months": 12, "solver_seconds": 5}
    values |= parameters
    settings = pd.DataFrame({"name": list(values), "value": list(values.values())})
    return {
        "items": _from_row_two(items),
        "demand": _from_row_two(demand.astype(object)),
        "suppliers": _from_row_two(suppliers.astype(object)),
        "open_orders": _from_row_two(open_orders.astype(object)),
        "parameters": _from_row_two(settings.astype(object)),
    }


def _from_row_two(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.set_axis(pd.RangeIndex(2, len(frame) + 2, name="row"))
