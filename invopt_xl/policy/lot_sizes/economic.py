"""Lots for steady demand: bought or made, with or without planned backorders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from invopt_xl.policy.lot_sizes.checks import above, above_zero, common_shape, zero_or_more
from invopt_xl.policy.lot_sizes.orders import SAME

FloatArray = npt.NDArray[np.float64]


def economic_order_quantity(demand: FloatArray, order_cost: FloatArray, holding_cost: FloatArray) -> FloatArray:
    """Return the lot that balances ordering and holding, units.

    Q = sqrt(2 D A / h), Harris (1913), "How many parts to make at once".

    Parameters
    ----------
    demand
        Units a period.
    order_cost
        Money an order line.
    holding_cost
        Money for a unit held a period; where it is zero the lot is the demand of a period.

    Examples
    --------
    >>> economic_order_quantity(np.array([1200.0]), np.array([50.0]), np.array([1.2])).round(2).tolist()
    [316.23]
    """
    free = holding_cost <= 0
    root = np.sqrt(2.0 * demand * order_cost / np.where(free, 1.0, holding_cost))
    return np.asarray(np.where(free, demand, root))


def round_up_to_lot(quantity: FloatArray, minimum: FloatArray, lot: FloatArray) -> FloatArray:
    """Return the smallest whole multiple of the lot that is at least the quantity and the minimum; 0 stays 0.

    Examples
    --------
    >>> round_up_to_lot(np.array([0.0, 5.0, 30.0]), np.array([24.0, 24.0, 24.0]), np.array([12.0, 12.0, 12.0])).tolist()
    [0.0, 24.0, 36.0]
    """
    wanted = np.maximum(quantity, minimum)
    lots = np.ceil(np.round(wanted / lot, 9))
    return np.asarray(np.where(quantity > 0, lots * lot, 0.0))


@dataclass(frozen=True, eq=False)
class EconomicLots:
    """Economic lots of many items, and what another lot would cost; arrays over items.

    Parameters
    ----------
    quantity
        Lot, units.
    cost
        Ordering, holding and backorders together, money a period.
    backorders
        Most units on backorder, just before a lot comes; zero where none are planned.
    demand
        Units a period.
    order_cost
        Money a lot.
    carrying_cost
        Money a period for a unit of lot size, twice what the average stock and backorders of a unit cost.
    """

    quantity: FloatArray
    cost: FloatArray
    backorders: FloatArray
    demand: FloatArray
    order_cost: FloatArray
    carrying_cost: FloatArray

    @property
    def cover(self) -> FloatArray:
        """How long a lot lasts, periods."""
        return np.asarray(self.quantity / self.demand)

    def cost_of(self, quantity: FloatArray) -> FloatArray:
        """Return what lots of this size cost, with the best backorders for it, money a period: A D / Q + h Q / 2."""
        return np.asarray(self.order_cost * self.demand / quantity + self.carrying_cost * quantity / 2.0)

    def penalty(self, quantity: FloatArray) -> FloatArray:
        """Return the share by which lots of this size cost more than economic lots.

        (Q / Q* + Q* / Q) / 2 - 1: ordering twice as much, or half, costs a quarter more, whatever the item.

        Examples
        --------
        >>> lots = economic_lots(np.array([1200.0]), np.array([50.0]), np.array([1.2]))
        >>> lots.penalty(2.0 * lots.quantity).round(6).tolist()
        [0.25]
        """
        best = np.sqrt(2.0 * self.demand * self.order_cost / self.carrying_cost)
        return np.asarray((quantity / best + best / quantity) / 2.0 - 1.0)

    def allowed(self, minimum: npt.ArrayLike, lot: npt.ArrayLike) -> EconomicLots:
        """Return the cheapest lots that are whole multiples of a lot size and not below a minimum.

        Exact: cost is convex in the quantity, so the best multiple is next to the economic lot, or is the smallest
        that is allowed. A minimum of years of demand is obeyed; `cover` shows it.

        Parameters
        ----------
        minimum
            Minimum order quantity, units; 0 for none.
        lot
            Lot multiple, units, above zero.

        Raises
        ------
        InputError
            If a minimum is negative or a lot multiple not above zero.

        Examples
        --------
        >>> lots = economic_lots(np.array([1200.0]), np.array([50.0]), np.array([1.2])).allowed(400.0, 48.0)
        >>> lots.quantity.tolist(), lots.cover.tolist()
        ([432.0], [0.36])
        """
        multiple = above_zero("lot multiple", lot, self.demand.shape)
        least = np.ceil(zero_or_more("minimum order quantity", minimum, self.demand.shape) / multiple - SAME)
        below = np.maximum(np.maximum(np.floor(self.quantity / multiple + SAME), least), 1.0) * multiple
        above_it = np.maximum(below, np.ceil(self.quantity / multiple - SAME) * multiple)
        quantity = np.where(self.cost_of(below) <= self.cost_of(above_it), below, above_it)
        backorders = self.backorders * quantity / self.quantity
        return EconomicLots(
            quantity, self.cost_of(quantity), backorders, self.demand, self.order_cost, self.carrying_cost
        )


def economic_lots(
    demand: npt.ArrayLike,
    order_cost: npt.ArrayLike,
    holding_cost: npt.ArrayLike,
    *,
    production_rate: npt.ArrayLike = np.inf,
    backorder_cost: npt.ArrayLike = np.inf,
) -> EconomicLots:
    """Return the lots that cost least under steady demand, with their costs.

    Q = sqrt(2 A D / (h (1 - D/P)) * (h + b) / b), the most backorders Q (1 - D/P) h / (h + b) and the cost
    sqrt(2 A D h (1 - D/P) b / (h + b)): the economic order quantity (Harris 1913), the economic production quantity
    (Taft 1918) and planned backorders in one (Hadley & Whitin 1963, chapter 2).

    Parameters
    ----------
    demand
        Units a period, above zero, shape (items,).
    order_cost
        Money an order or set-up, above zero.
    holding_cost
        Money for a unit held a period, above zero.
    production_rate
        Units made a period while a lot is made, above demand; infinite where a lot comes at once.
    backorder_cost
        Money for a unit on backorder a period, above zero; infinite where none are planned.

    Raises
    ------
    InputError
        If a value is not what is said above; it names the item.

    Examples
    --------
    Snyder & Shen (2019), examples 3.1 and 3.8:

    >>> lots = economic_lots([1300.0, 1300.0], 8.0, 0.225, backorder_cost=[np.inf, 5.0])
    >>> lots.quantity.round(2).tolist(), lots.cost.round(2).tolist()
    ([304.05, 310.81], [68.41, 66.92])
    """
    shape = common_shape(demand=demand, order_cost=order_cost, holding_cost=holding_cost)
    rate = above_zero("demand", demand, shape)
    setup = above_zero("order cost", order_cost, shape)
    holding = above_zero("holding cost", holding_cost, shape)
    making = above("production rate", production_rate, rate, "above demand")
    backorder = above("backorder cost", backorder_cost, np.zeros(shape), "above zero")
    # h / b is zero for an infinite b, where b / (h + b) would be undefined.
    stocked = 1.0 / (1.0 + holding / backorder)
    idle = 1.0 - rate / making
    carrying = holding * idle * stocked
    quantity = np.sqrt(2.0 * setup * rate / carrying)
    return EconomicLots(quantity, quantity * carrying, quantity * idle * (1.0 - stocked), rate, setup, carrying)
