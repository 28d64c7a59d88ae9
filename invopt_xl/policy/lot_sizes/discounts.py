"""Lots under quantity discounts: on all units of an order, or on those above each break."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from invopt_xl.errors import require
from invopt_xl.policy.lot_sizes.checks import above_zero, common_shape, holds, in_shape, zero_or_more

FloatArray = npt.NDArray[np.float64]
Kind = Literal["all-unit", "incremental"]
_CostAt = Callable[[FloatArray], FloatArray]

_SAME = 1e-9


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
    setup = above_zero("order cost", order_cost, shape)[:, None]
    holding = above_zero("holding rate", holding_rate, shape)[:, None]
    begins, price = _schedule(from_quantity, unit_cost, len(rate))
    require(kind in ("all-unit", "incremental"), "kind of discount", kind, "all-unit or incremental")
    extra = np.zeros_like(price) if kind == "all-unit" else _earlier_units(begins, price)
    least = zero_or_more("minimum order quantity", minimum, shape)[:, None]
    multiple = None if lot is None else above_zero("lot multiple", lot, shape)[:, None]

    def cost_at(quantity: FloatArray) -> FloatArray:
        buying = (price + extra / quantity) * rate[:, None]
        return buying + setup * rate[:, None] / quantity + holding * (price * quantity + extra) / 2.0

    economic = np.sqrt(2.0 * (setup + extra) * rate[:, None] / (holding * price))
    quantity, cost = _best_in_each_tier(economic, begins, least, multiple, cost_at)
    tier = cost.argmin(axis=1)
    chosen = np.arange(len(rate)), tier
    # Without a discount the first tier has no end, and any quantity pays its price.
    alone = np.where(np.arange(begins.shape[1]) == 0, 0.0, np.inf) + np.zeros_like(begins)
    list_cost = _best_in_each_tier(economic, alone, least, multiple, cost_at)[1][:, 0]
    best = quantity[chosen]
    paid = price[chosen] + extra[chosen] / best
    return DiscountedLots(best, tier.astype(np.int64), paid, cost[chosen], list_cost, best / rate)


def _schedule(from_quantity: npt.ArrayLike, unit_cost: npt.ArrayLike, items: int) -> tuple[FloatArray, FloatArray]:
    begins, price = np.atleast_1d(np.asarray(from_quantity, float)), np.atleast_1d(np.asarray(unit_cost, float))
    tiers = begins.shape[-1]
    require(price.shape[-1] == tiers, "number of prices", price.shape[-1], f"one for each tier, {tiers}")
    begins = in_shape("from quantity", begins[None, :] if begins.ndim == 1 else begins, (items, tiers))
    price = in_shape("unit cost", price[None, :] if price.ndim == 1 else price, (items, tiers))
    axes = ("item", "tier")
    present = begins < np.inf
    holds(~np.isnan(begins), "from quantity", begins, axes, "a quantity, or infinite for no such tier")
    holds(begins[:, :1] == 0.0, "from quantity", begins[:, :1], axes, "0 in the first tier")
    holds(_rising(begins), "from quantity", begins, axes, "above that of the tier before")
    holds((np.isfinite(price) & (price > 0.0)) | ~present, "unit cost", price, axes, "above zero")
    price = np.where(present, price, 1.0)
    falls = np.concatenate([np.ones((items, 1), bool), price[:, 1:] <= price[:, :-1]], axis=1) | ~present
    holds(falls, "unit cost", price, axes, "not above that of the tier before")
    return begins, price


def _rising(begins: FloatArray) -> npt.NDArray[np.bool_]:
    """Tell whether each tier begins above the one before; missing tiers, all at the end, may be equal."""
    first = np.ones((len(begins), 1), bool)
    later = (begins[:, 1:] > begins[:, :-1]) | np.isinf(begins[:, 1:])
    return np.concatenate([first, later], axis=1)


def _earlier_units(begins: FloatArray, price: FloatArray) -> FloatArray:
    """Money that the units of earlier tiers cost above the price of each tier: R of Hadley & Whitin."""
    drops = (price[:, :-1] - price[:, 1:]) * np.where(np.isinf(begins[:, 1:]), 0.0, begins[:, 1:])
    return np.concatenate([np.zeros((len(price), 1)), drops.cumsum(axis=1)], axis=1)


def _best_in_each_tier(
    economic: FloatArray, begins: FloatArray, least: FloatArray, multiple: FloatArray | None, cost_at: _CostAt
) -> tuple[FloatArray, FloatArray]:
    """Return the best quantity of each tier and its cost, infinite where the tier allows none."""
    ends = np.concatenate([begins[:, 1:], np.full((len(begins), 1), np.inf)], axis=1)
    lowest = np.maximum(begins, least)
    if multiple is None:
        # A tier's upper end pays the next tier's price, which is never above: its own price there never wins alone.
        possible = (lowest < ends) & (lowest < np.inf)
        quantity = np.where(possible, np.clip(economic, lowest, ends), 1.0)
        return quantity, np.where(possible, cost_at(quantity), np.inf)
    first = np.maximum(np.ceil(lowest / multiple - _SAME), 1.0) * multiple
    last = np.ceil(ends / multiple - _SAME) * multiple - multiple
    possible = (first <= last * (1.0 + _SAME)) & (first < np.inf)
    below = np.clip(np.floor(economic / multiple + _SAME) * multiple, first, np.maximum(last, first))
    above = np.clip(below + multiple, first, np.maximum(last, first))
    below, above = np.where(possible, below, 1.0), np.where(possible, above, 1.0)
    under, over = cost_at(below), cost_at(above)
    quantity = np.where(under <= over, below, above)
    return quantity, np.where(possible, np.minimum(under, over), np.inf)
