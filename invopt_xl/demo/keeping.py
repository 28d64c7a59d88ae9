"""Illustrative shelf lives: how long goods keep, and so how large a case of them a grocer takes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.demo import source, suppliers

GROUP_DAYS = {
    suppliers.CHILLED: 21,
    "Produce": 15,
    "Pastry": 45,
    "Meat": 16,
    "Seafood": 12,
    "Floral": 12,
    "Deli": 21,
    "Packaged meat": 40,
}
"""Days that what a supply group delivers keeps, where its category does not tell otherwise; pastry is baked off."""

CATEGORY_DAYS = {
    "APPLES": 28,
    "BACON": 45,
    "BEEF": 21,
    "BAKED BREAD/BUNS/ROLLS": 12,
    "BERRIES": 10,
    "BROCCOLI/CAULIFLOWER": 16,
    "BUTTER": 90,
    "CARROTS": 28,
    "CHEESE": 60,
    "CHEESES": 35,
    "CHICKEN": 14,
    "CHICKEN/POULTRY": 14,
    "CITRUS": 28,
    "EGGS": 28,
    "FLUID MILK PRODUCTS": 18,
    "HOT DOGS": 50,
    "MARGARINES": 90,
    "MISC. DAIRY": 40,
    "MISCELLANEOUS": 90,
    "ONIONS": 42,
    "POTATOES": 35,
    "PORK": 18,
    "PREPARED FOOD": 12,
    "PROCESSED": 60,
    "REFRGRATD DOUGH PRODUCTS": 45,
    "REFRIGERATED": 45,
    "SALAD MIX": 12,
    "SANDWICHES": 10,
    "SEAFOOD-FRESH": 14,
    "SMOKED MEATS": 40,
    "TROPICAL FRUIT": 12,
    "VALUE ADDED FRUIT": 10,
    "YOGURT": 28,
}

_LASTING = r"FRZN|FROZEN|-FRZ|IQF|ASEPTIC|SHELF STABLE|POPCORN|\bNUTS\b|CROUTONS|SNACKS SALTY|SEAFOOD - MISC"
"""What keeps beyond any plan, though a fresh department sells it."""

CASES = (24, 12, 6, 4, 3, 2, 1)
SHARE_OF_LIFE = 0.25
"""A case of fresh goods sells within this share of its shelf life, but for a few awkward ones."""

AWKWARD_SHARE_OF_LIFE = 0.6
_AWKWARD_CHANCE = 0.05

LEAST_CASE_VALUE = 6.0
"""Money at cost: cheap goods that last come in cases of at least so much, for nobody handles a line of less."""

LONGEST_CASE_WEEKS = 26.0
"""No case is made larger, and no minimum set, beyond what sells in so many weeks."""

FloatArray = npt.NDArray[np.float64]


def shelf_life_days(products: pd.DataFrame) -> pd.Series[float]:
    """Return the days that each product keeps; missing where it lasts: frozen, dried, canned or salted.

    Parameters
    ----------
    products
        Columns group (see `suppliers.supply_groups`), category and description.

    Examples
    --------
    >>> milk, pizza = ("Dairy, eggs and bread", "FLUID MILK PRODUCTS", "Milk"), ("Grocery", "FROZEN PIZZA", "Pizza")
    >>> shelf_life_days(pd.DataFrame([milk, pizza], columns=["group", "category", "description"])).tolist()
    [18.0, nan]
    """
    days = products["category"].map(CATEGORY_DAYS).fillna(products["group"].map(GROUP_DAYS)).astype(float)
    words = products["category"] + " " + products["description"]
    return days.mask(words.str.contains(_LASTING, case=False))


def lot_sizes(facts: pd.DataFrame, rng: np.random.Generator) -> FloatArray:
    """Return the units of a case: by velocity, larger where a unit is cheap, and small enough for what spoils.

    Slow movers come singly, some in a case too large for them; so do a few fresh goods.

    Parameters
    ----------
    facts
        Columns weekly_units (expected demand), units (of the past year), unit_cost (money) and sells_in_time (units
        that sell within shelf life, infinite where goods last).
    rng
        Where the illustrative sizes come from.
    """
    weekly, cost, in_time = (facts[name].to_numpy() for name in ("weekly_units", "unit_cost", "sells_in_time"))
    usually = np.maximum(weekly, facts["units"].to_numpy() / source.WEEKS)
    draw, awkward = rng.random(len(facts)), rng.random(len(facts)) < _AWKWARD_CHANCE
    fast = np.where(draw < 0.5, 24, 12)
    medium = np.where(draw < 0.5, 12, 6)
    slow = np.where(draw < 0.12, 6, 1)
    usual = np.select([weekly >= 20, weekly >= 5, weekly >= 2], [fast, medium, np.where(draw < 0.5, 6, 1)], slow)
    worth_a_line = np.minimum(_case_of(LEAST_CASE_VALUE / cost, up=True), _case_of(LONGEST_CASE_WEEKS * usually))
    most = in_time * np.where(awkward, AWKWARD_SHARE_OF_LIFE, SHARE_OF_LIFE)
    return _case_of(np.minimum(np.maximum(usual, worth_a_line), most))


def minimum_quantities(lot: FloatArray, facts: pd.DataFrame, rng: np.random.Generator) -> FloatArray:
    """Return the least units of an order, two or three cases of some goods; none where so much would lie too long.

    Parameters
    ----------
    lot
        As `lot_sizes` returns them.
    facts, rng
        As there.
    """
    cases = rng.choice([0, 0, 0, 2, 3], len(lot))
    weekly, in_time = facts["weekly_units"].to_numpy(), facts["sells_in_time"].to_numpy()
    most = np.minimum(SHARE_OF_LIFE * in_time, LONGEST_CASE_WEEKS * weekly)
    return np.where(lot * cases <= most, lot * cases, 0.0)


def _case_of(units: FloatArray, *, up: bool = False) -> FloatArray:
    """Return the largest case of at most so many units, or the smallest of at least so many; else the last of them."""
    sizes = np.array(sorted(CASES), dtype=float)
    place = np.searchsorted(sizes, units, side="left") if up else np.searchsorted(sizes, units, side="right") - 1
    return sizes[np.clip(place, 0, len(sizes) - 1)]
