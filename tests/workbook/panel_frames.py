"""Made-up results by contract, with all that is awkward for formulas: codes that read as the same number, items at two
locations, equal values, suppliers that are missing, a class without items, decisions that are none."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd

from invopt_xl.plan.as_read import as_read
from invopt_xl.plan.columns import KPIS, ORDER_ITEMS, SEGMENTS, TREND

FIRST = pd.Timestamp("2024-07-01")
ITEMS = [*(f"P{number:02d}" for number in range(1, 21)), "0012", "12"]
FIRST_ROW = 5
PERIODS = 8
NO_DECISION = [3, 4, 5, 9, 21, 23]
"""Rows of the excess whose decision is no known word, or about units that cannot be."""

SPOILING = [11, 22]
"""Rows of goods that will spoil, of which nothing counts as excess, marked down: all of them, and one unit."""

SUPPLIERS = ("North", "South & Sons", "12", "0012", "<5*")


def result_frames() -> dict[str, pd.DataFrame]:
    """Return inputs and every table that formulas read, of one refresh."""
    random = np.random.default_rng(7)
    keys = pd.DataFrame({"item": [*ITEMS, "P01", "12"], "location": ["EAST"] * len(ITEMS) + ["WEST"] * 2})
    keys["description"] = "Item " + keys["item"]
    count = len(keys)
    cost = random.integers(1, 20, count).astype(float)
    frames = {
        "items": keys.assign(
            supplier=random.choice(SUPPLIERS, count), unit_cost=cost, lead_time_days=7.0, on_hand=np.arange(count) * 3.0
        ),
        "parameters": pd.DataFrame({"name": ["plan_date", "horizon_periods"], "value": [FIRST, PERIODS]}),
        "suppliers": pd.DataFrame({"supplier": SUPPLIERS, "minimum_order_value": [100.0, 0.0, 50.0, 0.0, 0.0]}),
        "plan": _plan(keys, random),
        "order_items": _outlook(keys, random),
        "segments": _segments(keys, random),
        "excess": _excess(keys, random),
        "accuracy": _accuracy(random),
    }
    frames["orders"] = _orders(keys, random)
    plan = frames["plan"]
    bought = ~frames["orders"]["supplier"].str.startswith("from ")
    now = frames["orders"][bought & (frames["orders"]["order_date"] == FIRST)]
    plan["order_value"] = [*now.groupby("item")["value"].sum().reindex(ITEMS, fill_value=0.0), 0.0, 0.0]
    frames["supplier_orders"] = _supplier_orders(frames["orders"])
    placed = {stem: frame.set_axis(range(FIRST_ROW, FIRST_ROW + len(frame))) for stem, frame in frames.items()}
    read = {"plan_date": FIRST.date().isoformat(), **as_read(placed, FIRST.date())}
    frames["log"] = pd.DataFrame(
        [{"refreshed_at": "2024-06-24", "item_rows": 1}, {"refreshed_at": "2024-07-01", **read}]
    )
    frames["forecast"] = keys[["item", "location"]].assign(date=FIRST, mean=3.0)
    return frames | _headlines(frames, random)


def _plan(keys: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    count = len(keys)
    plan = keys.assign(
        on_hand=np.arange(count) * 3.0,
        reorder_point=np.arange(count) + 5.0,
        safety_stock=np.arange(count) + 1.0,
        order_quantity=random.integers(0, 5, count) * 12.0,
        excess_value=np.where(np.arange(count) % 3 == 0, 25.0 * np.arange(count), 0.0),
        why="Because of " + keys["item"] + " at " + keys["location"],
    )
    plan["proposed_quantity"] = plan["order_quantity"]
    plan[list(TREND)] = random.poisson(5, (count, len(TREND)))
    return plan


def _outlook(keys: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    dates = pd.date_range(FIRST, periods=PERIODS, freq="7D")
    table = keys[["item", "location"]].merge(pd.DataFrame({"date": dates}), how="cross")
    for name in ("demand", "receipts", "stock", "safety_stock"):
        table[name] = random.integers(0, 90, len(table)).astype(float)
    return table.reindex(columns=ORDER_ITEMS.column_names).sample(frac=1, random_state=3)  # somebody sorted it


def _segments(keys: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    count = len(keys)
    value = random.integers(1, 1000, count).astype(float)
    segments = keys.assign(
        abc=random.choice(["A", "B"], count),  # no item is a C
        xyz=random.choice(["X", "Y", "Z"], count),
        criticality=random.choice(["critical", "normal", "minor"], count),
        life_cycle=random.choice(["new", "mature", "declining", "ended"], count),
        demand_value=value,
        value_share=value / value.sum(),
        service_target=[None, *random.choice([0.9, 0.95, 0.99], count - 1)],
        expected_fill_rate=random.uniform(0.8, 1.0, count),
        safety_stock_value=random.uniform(1, 90, count),
        average_stock_value=random.uniform(100, 900, count),
    )
    largest = segments.sort_values("demand_value", ascending=False, kind="stable")
    segments = segments.assign(cumulative_share=largest["value_share"].cumsum(), cell=segments["abc"] + segments["xyz"])
    return segments.reindex(columns=SEGMENTS.column_names)


def _excess(keys: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    count = len(keys)
    quantity = random.integers(1, 40, count).astype(float)
    decision = np.array(["keep", "return", "promote", None, None, None], dtype=object)[np.arange(count) % 6]
    decided = [2.0 if row % 12 == 1 else 1000.0 if row % 12 == 2 else None for row in range(count)]
    decision[3], (decision[4], decided[4]), (decision[5], decided[5]) = "banana", ("return", -1.0), ("return", 1501.0)
    (decision[9], decided[9]), (decision[10], decided[10]) = ("return", "many"), ("return", "2")
    decision[15], decision[16], decision[17], decision[20] = "scrap", "Return ", " mark  down\u00a0", "cancel order"
    (decision[21], decided[21]), (decision[23], decided[23]) = ("cancel order", 501.0), ("return", 1001.0)
    quantity[SPOILING] = 0.0
    decision[SPOILING], decided[22] = "mark down", 1.0
    return keys.assign(
        supplier=[*random.choice([*SUPPLIERS, None], count - 1), "North"],
        abc=random.choice(["A", "B", "C"], count),
        kind=random.choice(["no demand", "phase-out", "excess"], count),
        on_hand=1000.0,
        on_order=np.where(np.arange(count) == 20, 0.5, 500.0),  # less than the excess, all of it cancelled
        excess_quantity=quantity,
        excess_value=[80.0, 80.0, 80.0, *(quantity[3:] * 5.0)],  # equal ones among the largest
        holding_cost=quantity * 1.25,
        action="Promote " + keys["item"],
        freed_value=np.where(quantity > 0, quantity * 3.0, 30.0),
        decision=decision,
        decided_quantity=decided,
    )


def _orders(keys: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    count = 90
    quantity = random.integers(1, 30, count) * 6.0
    orders = pd.DataFrame(
        {
            "supplier": random.choice(SUPPLIERS, count),
            "item": random.choice(ITEMS, count),
            "location": "EAST",
            "order_date": FIRST + pd.to_timedelta(random.choice([0, 0, 4, 7, 14], count), unit="D"),
            "quantity": quantity,
            "unit_cost": 2.5,
            "discount_rate": random.choice([0.0, 0.05], count),
        }
    )
    orders["due_date"] = orders["order_date"] + timedelta(days=7)
    orders["description"] = "Item " + orders["item"]
    orders["value"] = (orders["quantity"] * orders["unit_cost"] * (1 - orders["discount_rate"])).round(2)
    moved = orders.iloc[:2].assign(supplier="from WEST", value=[0.0, 3.0], order_date=FIRST)
    return pd.concat([orders, moved], ignore_index=True)


def _supplier_orders(orders: pd.DataFrame) -> pd.DataFrame:
    grouped = orders.groupby(["order_date", "supplier"])
    table = grouped.agg(due_date=("due_date", "min"), lines=("item", "size"), value=("value", "sum")).reset_index()
    table["value"] = table["value"].round(2)
    table.loc[:1, "value"] = 500.0  # two equal ones among those due
    return table.assign(status=np.where(table["order_date"] == FIRST, "now", "later"))


def _accuracy(random: np.random.Generator) -> pd.DataFrame:
    dates = pd.date_range("2023-12-04", periods=30, freq="7D")
    return pd.DataFrame(
        {"date": dates, "error_share": random.uniform(0.2, 0.4, 30), "bias_share": random.normal(0, 0.1, 30)}
    )


def _headlines(frames: dict[str, pd.DataFrame], random: np.random.Generator) -> dict[str, pd.DataFrame]:
    plan = frames["plan"]
    figures = {
        "Stock on hand": 1800.0,
        "Stock turns": 7.4,
        "Cover": 49.3,
        "On order": 120.0,
        "Expected fill rate": 94.2,
    }
    figures["Average service target"] = 95.0
    kinds = ("stock-out", "stock-out likely", "excess", "stock-out")
    exceptions = plan.iloc[[3, 5, 7, 22]][["item", "location", "description"]].assign(
        severity=["critical", "warning", "warning", "notice"],
        kind=kinds,
        message="m",
        value_at_stake=random.uniform(5, 50, 4).round(2),
    )
    return {
        "kpis": pd.DataFrame([(name, value, "EUR", "") for name, value in figures.items()], columns=KPIS.column_names),
        "exceptions": exceptions,
        "worst": exceptions.assign(rank=range(1, 5), label=exceptions["item"]),
        "classes": pd.DataFrame({"abc": ["A", "B", "C"], "items": [1.0, 2.0, 3.0], "demand_value": 1.0}),
        "kinds": pd.DataFrame({"kind": ["excess"], "count": [1.0], "value_at_stake": [3.0]}),
        "curve": pd.DataFrame({"point": ["today"], "fill_rate": [0.9], "today": [5.0]}),
        "checks": pd.DataFrame(
            [("Master check", "OK", "all hold"), ("Last refresh", "2024-07-01 08:00", ""), ("Rows accepted", "OK", "")],
            columns=["check", "result", "detail"],
        ),
    }
