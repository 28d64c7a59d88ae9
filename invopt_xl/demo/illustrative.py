"""What the grocer's data does not hold, from one seeded generator: stock, costs, suppliers' terms, open orders.

Everything made here is illustrative and is labelled so on the workbook's Cover. Demand, prices, promotions, names
and manufacturers are the data's own.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.demo import keeping, source, suppliers
from invopt_xl.plan.columns import DEFAULT_LOCATION, LANES, SOURCES, Tables, empty
from invopt_xl.plan.parameters import Parameters

SEED = 20180101
RECENT_WEEKS = 13
REVIEW_DAYS = 7.0
LINE_COST = 0.15
SINGLE_LINE_COST = 0.5
"""What is picked piece by piece costs more to handle than what comes in cases."""

SAFETY_FACTOR = 2.4
BUDGET_WEEKS = 1.05
"""Budget a week, in weeks of expected demand at cost."""

ROOM_SHARE = 1.0
"""Storage, as a multiple of the volume on hand and on order."""

HOLDING_RATE = 0.25
LONGEST_CYCLE_WEEKS = 26.0

MARGINS = {
    "Grocery": 0.26,
    "Produce": 0.36,
    "Meat": 0.27,
    "Packaged meat": 0.28,
    "Deli": 0.42,
    "Pastry": 0.45,
    "Seafood": 0.32,
    "Packaged seafood": 0.30,
    "Drug and general merchandise": 0.33,
    "Nutrition": 0.34,
    "Cosmetics": 0.42,
    "Floral": 0.45,
    "Spirits": 0.22,
}
VOLUME_LITRES = {"Grocery": 1.4, "Produce": 1.2, "Drug and general merchandise": 0.9, "Cosmetics": 0.2, "Floral": 3.0}

STAPLES = {
    "ANALGESICS",
    "BABY FOODS",
    "BAKED BREAD/BUNS/ROLLS",
    "BATH TISSUES",
    "COLD AND FLU",
    "DIAPERS & DISPOSABLES",
    "EGGS",
    "FLUID MILK PRODUCTS",
    "INFANT FORMULA",
    "ONIONS",
    "POTATOES",
    "TROPICAL FRUIT",
}
"""Categories whose shortage sends people to another shop: critical."""

TREATS = {
    "CANDY - CHECKLANE",
    "CANDY - PACKAGED",
    "CHARCOAL AND LIGHTER FLUID",
    "CIGARETTES",
    "Cosmetics",
    "DISPOSIBLE FOILWARE",
    "FRZN NOVELTIES/WTR ICE",
    "Floral",
    "GREETING CARDS/WRAP/PARTY SPLY",
    "MAGAZINE",
    "NEWSPAPER",
    "PREPAID WIRELESS&ACCESSORIES",
    "STATIONERY & SCHOOL SUPPLIES",
    "Spirits",
    "TICKETS",
}
"""Departments and categories that can be done without: minor."""

OWN_TARGETS = {"ANALGESICS": 0.98, "COLD AND FLU": 0.98, "INFANT FORMULA": 0.98}
"""What must not run out whatever it costs has a fill rate of its own: a sick or a hungry child does not wait."""

FRESH_STOCK = 0.8
"""Fresh goods on hand and on order, at most, as a share of what sells within their shelf life."""

FRESH_EXCESS = (0.9, 1.2)
"""The same where there is too much: a little of it spoils."""

STOCK_STATES = np.array(["fine", "at the reorder point", "low", "out", "excess"])
_STATE_CHANCE = (0.72, 0.09, 0.06, 0.03, 0.10)

FloatArray = npt.NDArray[np.float64]
TextArray = npt.NDArray[np.object_]


def plan_tables(products: pd.DataFrame, demand: pd.DataFrame, seed: int = SEED) -> Tables:
    """Return the input tables of a plan: the data's demand, and illustrative everything else.

    Parameters
    ----------
    products, demand
        As `condense.condense` makes them.
    seed
        The one seed; equal seeds give equal tables.

    Returns
    -------
    dict of pandas.DataFrame
        By file stem, with the columns of `invopt_xl.plan.columns` and a plain row number as index.
    """
    streams = [np.random.default_rng([seed, stream]) for stream in range(6)]
    facts = _facts(products, demand, streams[0])
    terms = suppliers.supplier_terms(facts, streams[1])
    stated = terms[["supplier", "order_cost", "lead_time_days", "lead_time_sd_days"]]
    facts = facts.merge(stated, on="supplier", how="left")
    items = _items(facts, streams[2])
    open_orders = _open_orders(items, facts, streams[3])
    return {
        "items": items,
        "demand": demand.assign(location=DEFAULT_LOCATION),
        "suppliers": terms,
        "discounts": suppliers.discounts(terms, facts, streams[4]),
        "sources": empty(SOURCES),
        "lanes": empty(LANES),
        "open_orders": open_orders,
        "receipts": suppliers.observed_receipts(terms, streams[5]),
        "parameters": _parameters(items, facts, open_orders),
    }


def _facts(products: pd.DataFrame, demand: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Per item: supplier, recent demand a week with its spread, unit cost."""
    recent_from = source.PLAN_DATE - np.timedelta64(7 * RECENT_WEEKS, "D")
    recent = demand[demand["date"] >= pd.Timestamp(str(recent_from))]
    by_item = recent.groupby("item")["quantity"]
    weekly = by_item.mean().reindex(products["item"], fill_value=0).to_numpy()
    spread = by_item.std().reindex(products["item"]).fillna(0).to_numpy()
    products = products.assign(group=suppliers.supply_groups(products))
    margin = products["department"].map(MARGINS).fillna(0.3).to_numpy() + rng.normal(0, 0.03, len(products))
    cost = np.maximum(np.round(products["unit_price"].to_numpy() * (1 - margin), 2), 0.01)
    life = keeping.shelf_life_days(products)
    return products.assign(
        shelf_life_days=life,
        sells_in_time=(life * weekly / 7).fillna(np.inf),
        supplier=suppliers.supplier_names(products),
        weekly_units=weekly,
        weekly_spread=spread,
        unit_cost=cost,
        weekly_cost=weekly * cost,
    )


def _items(facts: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    count = len(facts)
    lot = keeping.lot_sizes(facts, rng)
    litres = facts["department"].map(VOLUME_LITRES).fillna(1.0).to_numpy() * rng.lognormal(0, 0.45, count)
    return pd.DataFrame(
        {
            "item": facts["item"],
            "location": DEFAULT_LOCATION,
            "description": facts["description"],
            "supplier": facts["supplier"],
            "unit_cost": facts["unit_cost"],
            "unit_price": facts["unit_price"].round(2),
            "lead_time_days": facts["lead_time_days"],
            "review_days": REVIEW_DAYS,
            "order_cost": np.where(lot == 1, SINGLE_LINE_COST, np.nan),
            "moq": keeping.minimum_quantities(lot, facts, rng),
            "lot_size": lot,
            "on_hand": _on_hand(facts, lot, rng),
            "service_target": facts["category"].map(OWN_TARGETS).astype(float),
            "criticality": _criticality(facts),
            "unit_volume": litres.round(2),
            "shelf_life_days": facts["shelf_life_days"],
            "status": facts["status"],
        }
    )


def _reorder_guess(facts: pd.DataFrame) -> FloatArray:
    """Return a textbook reorder point, only to place the illustrative stock around it."""
    weekly, spread = facts["weekly_units"].to_numpy(), facts["weekly_spread"].to_numpy()
    weeks = (facts["lead_time_days"].to_numpy() + REVIEW_DAYS) / 7
    lead_spread = facts["lead_time_sd_days"].to_numpy() / 7
    guess: FloatArray = weekly * weeks + SAFETY_FACTOR * np.sqrt(spread**2 * weeks + (weekly * lead_spread) ** 2)
    return guess


def _cycle_guess(facts: pd.DataFrame) -> FloatArray:
    """Return an economic order quantity within the shelf life, only to place the illustrative stock."""
    weekly = facts["weekly_units"].to_numpy()
    share = facts["order_cost"].to_numpy() / facts.groupby("supplier")["item"].transform("size").to_numpy()
    per_week = HOLDING_RATE / source.WEEKS * facts["unit_cost"].to_numpy()
    quantity = np.sqrt(2 * (LINE_COST + share) * weekly / per_week)
    longest = np.minimum(facts["sells_in_time"].to_numpy(), weekly * LONGEST_CYCLE_WEEKS)
    cycle: FloatArray = np.clip(quantity, weekly, np.maximum(longest, weekly))
    return cycle


def _on_hand(facts: pd.DataFrame, lot: FloatArray, rng: np.random.Generator) -> FloatArray:
    count = len(facts)
    reorder = _reorder_guess(facts)
    weekly = facts["weekly_units"].to_numpy()
    state = rng.choice(len(STOCK_STATES), size=count, p=_STATE_CHANCE)
    share = rng.random(count)
    cycle = reorder + share * np.maximum(_cycle_guess(facts), lot)
    stock = np.choose(
        state,
        [
            cycle,
            reorder * (0.75 + 0.3 * share),
            reorder * (0.15 + 0.5 * share),
            np.zeros(count),
            reorder + weekly * (10 + 35 * share),
        ],
    )
    life_weeks = 4 + 26 * share
    left_over = facts["units"].to_numpy() / source.WEEKS * life_weeks
    stock = np.where(facts["status"].to_numpy() == "phase-out", left_over, stock)
    low, high = FRESH_EXCESS
    most = np.where(STOCK_STATES[state] == "excess", low + (high - low) * share, FRESH_STOCK)
    rounded: FloatArray = np.round(np.minimum(stock, most * facts["sells_in_time"].to_numpy()))
    return rounded


def _criticality(facts: pd.DataFrame) -> TextArray:
    """Return what a shortage means: staples bring people into the shop, treats are what they can do without."""
    critical = facts["category"].isin(STAPLES)
    minor = facts["department"].isin(TREATS) | facts["category"].isin(TREATS)
    return np.select([critical, minor], ["critical", "minor"], "normal").astype(object)


def _open_orders(items: pd.DataFrame, facts: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    count = len(items)
    below = items["on_hand"].to_numpy() < _reorder_guess(facts)
    chance = np.where(items["status"] == "phase-out", 0.0, np.where(below, 0.5, 0.12))
    ordered = (rng.random(count) < chance) & (facts["weekly_units"].to_numpy() > 0)
    days = 1 + np.floor(rng.random(count) * facts["lead_time_days"].to_numpy())
    lot = items["lot_size"].to_numpy()
    units = np.maximum(np.ceil(facts["weekly_units"].to_numpy() * rng.uniform(1.0, 3.0, count) / lot), 1) * lot
    room = FRESH_STOCK * facts["sells_in_time"].to_numpy() - items["on_hand"].to_numpy()
    units = np.minimum(units, np.floor(np.maximum(room, 0.0) / lot) * lot)
    ordered &= units > 0
    due = (source.PLAN_DATE + days.astype("timedelta64[D]")).astype("datetime64[ns]")
    orders = pd.DataFrame(
        {
            "item": items["item"],
            "location": DEFAULT_LOCATION,
            "due_date": due,
            "quantity": units,
            "supplier": items["supplier"],
        }
    )
    return orders[ordered].sort_values(["due_date", "item"]).reset_index(drop=True)


def _parameters(items: pd.DataFrame, facts: pd.DataFrame, open_orders: pd.DataFrame) -> pd.DataFrame:
    """Return the parameters: budget and room that bind a little in the first weeks."""
    volume = items.set_index("item")["unit_volume"]
    stored = float((items["on_hand"] * items["unit_volume"]).sum())
    coming = float((open_orders["quantity"].to_numpy() * volume.reindex(open_orders["item"]).to_numpy()).sum())
    chosen: dict[str, object] = {
        "plan_date": date.fromisoformat(str(source.PLAN_DATE)),
        "budget": float(np.ceil(BUDGET_WEEKS * facts["weekly_cost"].sum() / 100) * 100),
        "storage_volume": float(np.ceil(ROOM_SHARE * (stored + coming) / 100) * 100),
        "currency": "USD",
        "service_goal": "overall",
        "service_measure": "fill",
        "service_target": 0.95,
        "order_cost": LINE_COST,
        "holding_rate": HOLDING_RATE,
        "minimum_history_months": 11.0,
    }
    rows = []
    for parameter in fields(Parameters):
        default = None if parameter.name == "plan_date" else parameter.default
        rows.append(
            {
                "name": parameter.name,
                "value": chosen.get(parameter.name, default),
                "unit": parameter.metadata["unit"] or None,
                "note": parameter.metadata["help"],
            }
        )
    return pd.DataFrame(rows)
