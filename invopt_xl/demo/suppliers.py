"""Illustrative suppliers: the data's manufacturers, with terms and deliveries from a seeded generator."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.demo import source

SMALLEST_SHARE = 1 / 135
"""A manufacturer with fewer of the items (or fewer than four) delivers through the wholesaler of its supply group."""

CHILLED = "Dairy, eggs and bread"
_CHILLED_CATEGORIES = {
    "FLUID MILK PRODUCTS",
    "MILK BY-PRODUCTS",
    "EGGS",
    "CHEESE",
    "YOGURT",
    "BUTTER",
    "MARGARINES",
    "REFRGRATD JUICES/DRNKS",
    "BAKED BREAD/BUNS/ROLLS",
}

LEAD_DAYS = {
    CHILLED: (2, 4),
    "Produce": (2, 3),
    "Meat": (2, 4),
    "Pastry": (2, 3),
    "Floral": (2, 4),
    "Seafood": (2, 4),
    "Deli": (3, 6),
    "Packaged meat": (5, 10),
    "Packaged seafood": (6, 14),
    "Frozen grocery": (6, 14),
    "Grocery": (6, 21),
    "Spirits": (7, 14),
    "Nutrition": (10, 24),
    "Drug and general merchandise": (12, 35),
    "Cosmetics": (18, 35),
    "Garden center": (14, 28),
}
"""Lead times drawn for the suppliers of each supply group, days."""

SHAPES = ("steady", "erratic", "two ways")
"""How deliveries vary: a gamma distribution with a small or a large spread, or two routes, one of them slow."""

FRESH = {group for group, (_, longest) in LEAD_DAYS.items() if longest <= 6}
"""Supply groups whose goods come on a round that calls several times a week."""

LEAST_WORTH_A_DISCOUNT = 20.0
"""Money a week at cost."""

_SHAPE_CHANCE = (0.76, 0.12, 0.12)
_SLOW_ROUTE_CHANCE = 0.25


def supply_groups(products: pd.DataFrame) -> pd.Series[str]:
    """Return what each product is delivered with: its department, but grocery kept cold or fresh by itself."""
    return products["department"].mask(products["category"].isin(_CHILLED_CATEGORIES), CHILLED)


def supplier_names(products: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Return each product's supplier.

    A manufacturer is a supplier; one that serves several supply groups (such as number 69, the private label) is one
    supplier a group; the small ones deliver through a wholesaler.

    Parameters
    ----------
    products
        Columns manufacturer_id and group (see `supply_groups`).
    """
    least = max(4, round(len(products) * SMALLEST_SHARE))
    groups = products.groupby("manufacturer_id")["group"].transform("nunique")
    name = "Manufacturer " + products["manufacturer_id"].astype(str)
    name = name.where(groups == 1, name + ", " + products["group"])
    size = name.groupby(name).transform("size")
    name = name.where(size >= least, "Wholesaler, " + products["group"])
    size = name.groupby(name).transform("size")
    names: npt.NDArray[np.object_] = name.where(size >= least, "Wholesaler, other").to_numpy(dtype=object)
    return names


def supplier_terms(items: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return one row a supplier: contract columns, the ``shape`` of its lead times, and its weekly demand.

    Parameters
    ----------
    items
        Columns supplier, group, weekly_units and weekly_cost (expected demand a week, units and money at cost).
    rng
        Where the illustrative terms come from.
    """
    grouped = items.groupby("supplier", sort=True)
    group = grouped["group"].agg(lambda column: column.mode().iloc[0])
    names = group.index.to_numpy(dtype=object)
    weekly_cost, weekly_units = (grouped[name].sum().to_numpy() for name in ("weekly_cost", "weekly_units"))
    count = len(names)
    low, high = np.array([LEAD_DAYS.get(name, (6, 21)) for name in group.tolist()]).T
    lead = rng.integers(low, high + 1)
    shape = rng.choice(np.array(SHAPES), size=count, p=_SHAPE_CHANCE)
    spread = np.where(shape == "steady", rng.uniform(0.08, 0.30, count), rng.uniform(0.45, 0.65, count))
    worth_a_trip = rng.uniform(0.3, 0.8, count) * np.where(group.isin(FRESH), 0.7, 1.0)
    minimum = np.where(rng.random(count) < 0.35, 0.0, weekly_cost * worth_a_trip)
    capacity = np.ceil(weekly_units * rng.uniform(1.3, 2.6, count))
    return pd.DataFrame(
        {
            "supplier": names,
            "order_cost": _order_costs(group, weekly_cost, rng),
            "minimum_order_value": _round_to(minimum, 5),
            "capacity_units": np.where(rng.random(count) < 0.25, _round_to(capacity, 10) + 30, np.nan),
            "lead_time_days": lead.astype(float),
            "lead_time_sd_days": np.maximum(np.round(lead * spread * 2) / 2, 0.5),
            "group": group.to_numpy(),
            "shape": shape,
            "weekly_cost": weekly_cost,
            "weekly_units": weekly_units,
        }
    )


def _order_costs(
    group: pd.Series[str], weekly_cost: npt.NDArray[np.float64], rng: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Return the joint cost of an order, money.

    It is next to nothing where a round calls anyway, as with fresh goods, and elsewhere a share of what sells in a
    week: so small that stocking slow goods pays, and large enough that weeks of them come together.
    """
    fresh = group.isin(FRESH).to_numpy()
    share = np.where(fresh, rng.uniform(0.002, 0.004, len(group)), rng.uniform(0.05, 0.15, len(group)))
    least, most = np.where(fresh, 0.25, 1.5), np.where(fresh, 5.0, 15.0)
    return _round_to(np.clip(share * weekly_cost, least, most), 0.25)


def discounts(terms: pd.DataFrame, items: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return the price breaks: two steps by order value with half of the suppliers of lasting goods, a few by item.

    Fresh goods have none: nobody buys weeks of milk for a discount.
    """
    lasting = ~terms["group"].isin(FRESH) & (terms["weekly_cost"] >= LEAST_WORTH_A_DISCOUNT)
    chosen = terms[lasting & (rng.random(len(terms)) < 1 / 2)]
    rows: list[dict[str, object]] = []
    for name, weekly_cost in zip(chosen["supplier"], chosen["weekly_cost"], strict=True):
        for weeks, rate in ((1.5, 0.01), (3.0, 0.02)):
            step = 10 * np.ceil(weekly_cost * weeks / 10)
            rows.append({"supplier": name, "from_value": step, "discount_rate": rate, "kind": "all-unit"})
    lasting_names = terms.loc[lasting & ~terms["supplier"].isin(chosen["supplier"]), "supplier"]
    fast = items.sort_values(["weekly_cost", "item"], ascending=[False, True])
    fast = fast[fast["supplier"].isin(lasting_names)].head(4)
    for item, name, units in zip(fast["item"], fast["supplier"], fast["weekly_units"], strict=True):
        step = 12 * np.ceil(units * 3 / 12)
        rows.append(
            {"supplier": name, "item": item, "from_quantity": step, "discount_rate": 0.02, "kind": "incremental"}
        )
    return pd.DataFrame(rows)


def observed_receipts(terms: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return past deliveries whose lead times have the suppliers' mean, spread and shape; all before the plan date."""
    frames = []
    for name, lead, spread, shape, weekly in zip(
        terms["supplier"].tolist(),
        terms["lead_time_days"].tolist(),
        terms["lead_time_sd_days"].tolist(),
        terms["shape"].tolist(),
        terms["weekly_units"].tolist(),
        strict=True,
    ):
        every = int(rng.choice([7, 7, 14]))
        first = source.PLAN_DATE - np.timedelta64(source.WEEKS * 7 - int(rng.integers(0, 7)), "D")
        orders = np.arange(first, source.PLAN_DATE, np.timedelta64(every, "D"))
        received = orders + _lead_times(lead, spread, shape, len(orders), rng).astype("timedelta64[D]")
        come = received < source.PLAN_DATE
        units = np.maximum(np.round(rng.gamma(8.0, max(weekly, 1.0) * every / 56, len(orders))), 1)
        frames.append(
            pd.DataFrame(
                {
                    "supplier": name,
                    "order_date": orders[come].astype("datetime64[ns]"),
                    "receipt_date": received[come].astype("datetime64[ns]"),
                    "quantity": units[come],
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def _lead_times(mean: float, spread: float, shape: str, count: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    if shape == "two ways":
        slow = rng.random(count) < _SLOW_ROUTE_CHANCE
        odds = _SLOW_ROUTE_CHANCE / (1 - _SLOW_ROUTE_CHANCE)
        centre = np.where(slow, mean + spread / odds**0.5, mean - spread * odds**0.5)
        days = centre + rng.normal(0, 0.05 * mean, count)
    else:
        days = rng.gamma((mean / spread) ** 2, spread**2 / mean, count)
    whole: npt.NDArray[np.int64] = np.maximum(np.round(days), 1).astype(np.int64)
    return whole


def _round_to(values: npt.NDArray[np.float64], step: float) -> npt.NDArray[np.float64]:
    rounded: npt.NDArray[np.float64] = np.round(np.asarray(values, dtype=float) / step) * step
    return rounded
