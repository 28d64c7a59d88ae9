"""Lots under quantity discounts: on all units of an order, or on those above each break."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from invopt_xl.errors import require
from invopt_xl.policy.lot_sizes.checks import above_zero, common_shape, holds, in_shape, zero_or_more
from invopt_xl.policy.lot_sizes.orders import SAME

FloatArray = npt.NDArray[np.float64]
Kind = Literal["all-unit", "incremental"]


@dataclass(frozen=True, eq=False)
class DiscountedLots:
    """The best lots under a discount schedule; arrays over items.

    Parameters
    ----------
    quantity
        Units an order.
    tier
        Column of the schedule the order falls in, from 0.
    unit_cost
        Average price paid, money a unit.
    cost
        Buying, ordering and holding, money a period.
    list_cost
        The same without any discount, at its own best quantity.
    cover
        How long an order lasts, periods.
    """

    quantity: FloatArray
    tier: npt.NDArray[np.int64]
    unit_cost: FloatArray
    cost: FloatArray
    list_cost: FloatArray
    cover: FloatArray

    @property
    def saving(self) -> FloatArray:
        """What the discounts save, money a period."""
        return np.asarray(self.list_cost - self.cost)


def quantity_discounts(
    demand: npt.ArrayLike,
    order_cost: npt.ArrayLike,
    holding_rate: npt.ArrayLike,
    from_quantity: npt.ArrayLike,
    unit_cost: npt.ArrayLike,
    kind: Kind = "all-unit",
    *,
    minimum: npt.ArrayLike = 0.0,
    lot: npt.ArrayLike | None = None,
) -> DiscountedLots:
    """Return the quantities that cost least in buying, ordering and holding together.

    Exact (Hadley & Whitin 1963, sections 2.11 and 2.12): within a tier cost is convex in the quantity, so its best is
    the tier's own economic lot, moved into the tier; the cheapest tier wins. With a lot multiple the best of a tier
    is one of the two multiples beside it. An incremental schedule is R + c Q within a tier, where R is what its
    earlier units cost more than c: R joins the order cost, and stock is held at the average price paid.

    Parameters
    ----------
    demand
        Units a period, above zero, shape (items,).
    order_cost
        Money an order, above zero.
    holding_rate
        Share of its price that a unit costs to hold a period, above zero.
    from_quantity
        Where each tier begins, units, rising from 0, shape (tiers,) or (items, tiers); infinite for tiers an item
        does not have.
    unit_cost
        Price in each tier, money a unit, not rising, same shape.
    kind
        ``"all-unit"``: the tier's price for the whole order; ``"incremental"``: for its units in the tier.
    minimum
        Minimum order quantity, units.
    lot
        Lot multiple, units; None where any quantity may be ordered.

    Raises
    ------
    InputError
        If a value is not what is said above; it names item and tier.

    Examples
    --------
    Nahmias, "Production and Operations Analysis", examples 4.4 and 4.5: trash bags.

    >>> prices = dict(from_quantity=[0.0, 500.0, 1000.0], unit_cost=[0.30, 0.29, 0.28])
    >>> for kind in ("all-unit", "incremental"):
    ...     lots = quantity_discounts([600.0], 8.0, 0.2, **prices, kind=kind)
    ...     print(f"{lots.quantity[0]:.0f} bags, {lots.cost[0]:.2f} a year")
    500 bags, 198.10 a year
    400 bags, 204.00 a year
    """
    shape = common_shape(demand=demand, order_cost=order_cost, holding_rate=holding_rate, minimum=minimum)
    rate = above_zero("demand", demand, shape)
    setup, holding = above_zero("order cost", order_cost, shape), above_zero("holding rate", holding_rate, shape)
    begins, price = _schedule(from_quantity, unit_cost, len(rate))
    require(kind in ("all-unit", "incremental"), "kind of discount", kind, "all-unit or incremental")
    extra = np.zeros((1, 1)) if kind == "all-unit" else _earlier_units(begins, price)
    least = zero_or_more("minimum order quantity", minimum, shape)
    multiple = None if lot is None else above_zero("lot multiple", lot, shape)
    # Per order (A + R), per unit of lot size, and whatever the lot: g(Q) = (A + R) D / Q + r c Q / 2 + c D + r R / 2.
    half = holding / 2.0
    per_order, carrying = (setup + extra) * rate, half * price
    fixed = price * rate
    if kind == "incremental":
        fixed += half * extra

    def best(begins: FloatArray, tiers: slice) -> tuple[FloatArray, FloatArray]:
        return _best_in_each_tier(begins, per_order[tiers], carrying[tiers], fixed[tiers], least, multiple)

    quantities, costs = best(begins, slice(None))
    tier, quantity, cost = np.zeros(len(rate), dtype=np.int64), quantities[0].copy(), costs[0].copy()
    for index in range(1, len(costs)):
        better = costs[index] < cost
        for kept, new in ((tier, index), (quantity, quantities[index]), (cost, costs[index])):
            np.copyto(kept, new, where=better)
    paid = (cost - setup * rate / quantity) / (rate + half * quantity)
    # Without a discount the first tier has no end.
    list_cost = best(np.zeros((1, 1)), slice(0, 1))[1][0]
    return DiscountedLots(quantity, tier, paid, cost, list_cost, quantity / rate)


def _schedule(from_quantity: npt.ArrayLike, unit_cost: npt.ArrayLike, items: int) -> tuple[FloatArray, FloatArray]:
    """Return where tiers begin and their prices, shape (tiers, items), or one column where all items have the same."""
    begins, price = (np.atleast_2d(np.asarray(one, dtype=np.float64)) for one in (from_quantity, unit_cost))
    tiers = begins.shape[-1]
    require(price.shape[-1] == tiers, "number of prices", price.shape[-1], f"one for each tier, {tiers}")
    begins = np.ascontiguousarray(in_shape("from quantity", begins, (items, tiers)).T)
    price = np.ascontiguousarray(in_shape("unit cost", price, (items, tiers)).T)
    axes = ("tier", "item")
    holds(begins >= 0.0, "from quantity", begins, axes, "zero or more, infinite for no such tier")
    holds(begins[:1] == 0.0, "first from quantity", begins[:1], axes, "0")
    absent = np.isinf(begins)
    _tier_by_tier((begins[1:] > begins[:-1]) | absent[1:], "from quantity", begins, "above that of the tier before")
    if not (price.min() > 0.0 and price.max() < np.inf):
        holds(((price > 0.0) & (price < np.inf)) | absent, "unit cost", price, axes, "above zero")
    if absent.any():
        price = np.where(absent, 1.0, price)
    falls = price[1:] <= price[:-1]
    _tier_by_tier(
        falls | absent[1:] if absent.any() else falls, "unit cost", price, "not above that of the tier before"
    )
    return begins, price


def _tier_by_tier(later: npt.NDArray[np.bool_], name: str, values: FloatArray, expected: str) -> None:
    """Name the first value that does not follow well on that of the tier before."""
    if not later.all():
        good = np.concatenate([np.ones((1, later.shape[1]), dtype=bool), later])
        holds(good, name, values, ("tier", "item"), expected)


def _earlier_units(begins: FloatArray, price: FloatArray) -> FloatArray:
    """Money that the units of earlier tiers cost above the price of each tier: R of Hadley & Whitin."""
    drops = (price[:-1] - price[1:]) * np.where(np.isinf(begins[1:]), 0.0, begins[1:])
    return np.concatenate([np.zeros((1, drops.shape[1])), drops.cumsum(axis=0)])


def _best_in_each_tier(
    begins: FloatArray,
    per_order: FloatArray,
    carrying: FloatArray,
    fixed: FloatArray,
    least: FloatArray,
    multiple: FloatArray | None,
) -> tuple[FloatArray, FloatArray]:
    """Return the best quantity of each tier and its cost, infinite where the tier allows none."""
    economic = per_order / carrying
    np.sqrt(economic, out=economic)
    ends = np.concatenate([begins[1:], np.full((1, begins.shape[1]), np.inf)])
    lowest = np.maximum(begins, least) if least.any() else begins
    if multiple is None:
        # A tier's upper end pays the next tier's price, which is never above: its own price there never wins alone.
        quantity = np.minimum(np.maximum(economic, lowest, out=economic), ends, out=economic)
        return _where_possible((lowest < ends) & (lowest < np.inf), quantity, per_order, carrying, fixed)
    first = np.maximum(np.ceil(lowest / multiple - SAME), 1.0) * multiple
    last = np.ceil(ends / multiple - SAME) * multiple - multiple
    possible = (first <= last * (1.0 + SAME)) & (first < np.inf)
    below = np.clip(np.floor(economic / multiple + SAME) * multiple, first, np.maximum(last, first))
    above = np.clip(below + multiple, first, np.maximum(last, first))
    below, under = _where_possible(possible, below, per_order, carrying, fixed)
    above, over = _where_possible(possible, above, per_order, carrying, fixed)
    return np.where(under <= over, below, above), np.minimum(under, over)


def _where_possible(
    possible: npt.NDArray[np.bool_],
    quantity: FloatArray,
    per_order: FloatArray,
    carrying: FloatArray,
    fixed: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Return quantities and what they cost; infinite cost where a tier has none."""
    if not possible.all():
        quantity = np.where(possible, quantity, 1.0)
    cost = carrying * quantity
    cost += per_order / quantity
    cost += fixed
    return quantity, cost if possible.all() else np.where(possible, cost, np.inf)
