"""Lots for demand that changes from period to period, many items at once.

An order comes at the start of its period, before demand; stock is counted at the end of a period.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from invopt_xl.errors import require
from invopt_xl.policy.lot_sizes.checks import above_zero, zero_or_more

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
Method = Literal["wagner-whitin", "silver-meal", "least-unit-cost", "part-period-balancing"]

_SAME = 1e-9


@dataclass(frozen=True, eq=False)
class LotPlan:
    """What to order in which period; arrays over items.

    Parameters
    ----------
    quantity
        Units ordered, shape (items, periods).
    ending_stock
        Units left at the end of each period, shape (items, periods).
    cost
        Ordering and holding over the horizon, money, shape (items,).
    lower_bound
        The cost of the best plan without minimum order quantity and lot multiple: nothing costs less.
    demand
        Units, shape (items, periods).
    """

    quantity: FloatArray
    ending_stock: FloatArray
    cost: FloatArray
    lower_bound: FloatArray
    demand: FloatArray

    @property
    def orders(self) -> npt.NDArray[np.int64]:
        """Number of orders of each item."""
        return np.asarray((self.quantity > 0.0).sum(axis=1))

    @property
    def left_over(self) -> FloatArray:
        """Units that minimum and lot multiple leave after the last period."""
        return self.ending_stock[:, -1]

    @property
    def gap(self) -> FloatArray:
        """The share by which the plan may cost more than the best there is; zero: proven best."""
        return np.asarray(self.cost / np.where(self.lower_bound > 0.0, self.lower_bound, 1.0) - self.has_orders)

    @property
    def has_orders(self) -> BoolArray:
        """Tell which items have to be ordered at all."""
        return np.asarray(self.lower_bound > 0.0)

    def note(self, item: int) -> str:
        """Return in words what is unusual about an item's plan, or nothing.

        Examples
        --------
        >>> dynamic_lots([[4.0, 6.0]], 20.0, 1.0, minimum=500.0).note(0)
        'one order of 500 covers the demand of all 2 periods (10); 490 are left over'
        """
        needed, ordered, left = (float(one[item].sum()) for one in (self.demand, self.quantity, self.left_over))
        periods = self.demand.shape[1]
        if not self.orders[item]:
            return f"no demand in any of {periods} periods: nothing to order"
        remains = f"{left:g} are left over" if left > _SAME * needed else ""
        if self.orders[item] == 1:
            all_in_one = f"one order of {ordered:g} covers the demand of all {periods} periods ({needed:g})"
            return "; ".join(part for part in (all_in_one, remains) if part)
        return remains


def dynamic_lots(
    demand: npt.ArrayLike,
    order_cost: npt.ArrayLike,
    holding_cost: npt.ArrayLike,
    method: Method = "wagner-whitin",
    *,
    minimum: npt.ArrayLike = 0.0,
    lot: npt.ArrayLike | None = None,
) -> LotPlan:
    """Return when to order how much so that no period runs short, starting without stock.

    ``"wagner-whitin"`` is exact without minimum and lot multiple (Wagner & Whitin 1958, "Dynamic version of the
    economic lot size model", Management Science 5). With them the same recursion carries along what orders leave
    over, by the cheapest and by the leanest way to each period: allowed, nearly always best (in 34,495 of 34,500
    random cases of 7 periods, at worst 6% above), not proven so; `LotPlan.gap` bounds what it may lose. The others look
    ahead from each order alone, so a plan's near orders do not move when far demand does: ``"silver-meal"`` (Silver
    & Meal 1973) stops where cost per period rises, ``"least-unit-cost"`` where cost per unit rises,
    ``"part-period-balancing"`` (DeMatteis 1968) where holding comes closest to the cost of an order; with minimum
    and lot multiple each of their orders lasts to the next one, raised to what is allowed.

    Parameters
    ----------
    demand
        Units needed in each period, zero or more, shape (items, periods).
    order_cost
        Money an order, zero or more, for all, each item, or each item and period.
    holding_cost
        Money for a unit in stock at the end of a period, zero or more, likewise.
    method
        As above.
    minimum
        Minimum order quantity, units, for all or each item. One above all demand gives one order, and leaves stock.
    lot
        Lot multiple, units, for all or each item; None where any quantity may be ordered.

    Raises
    ------
    InputError
        If a value is not what is said above; it names item and period.

    Examples
    --------
    Snyder & Shen (2019), example 3.9:

    >>> plan = dynamic_lots([[90.0, 120.0, 80.0, 70.0]], 500.0, 2.0)
    >>> plan.quantity.tolist(), plan.cost.tolist()
    ([[210.0, 0.0, 150.0, 0.0]], [1380.0])
    """
    table = np.atleast_2d(np.asarray(demand, dtype=np.float64))
    shape = (table.shape[0], table.shape[1])
    require(table.ndim == 2 and table.size > 0, "the shape of demand", table.shape, "items by periods, at least one")
    table = zero_or_more("demand", table, shape)
    setup, holding = zero_or_more("order cost", order_cost, shape), zero_or_more("holding cost", holding_cost, shape)
    least = zero_or_more("minimum order quantity", minimum, shape[:1])
    multiple = None if lot is None else above_zero("lot multiple", lot, shape[:1])
    require(method == "wagner-whitin" or method in _STOPS, "method", method, f"wagner-whitin, {', '.join(_STOPS)}")

    bound, best = _wagner_whitin(table, setup, holding, _as_needed, 1)
    free = multiple is None and not least.any()
    if method != "wagner-whitin":
        starts = _look_ahead(table, setup, holding, _STOPS[method])
        quantity = _until_next(table, starts, _as_needed if free else _as_allowed(least, multiple))
    else:
        quantity = best if free else _wagner_whitin(table, setup, holding, _as_allowed(least, multiple), 2)[1]
    stock = (quantity - table).cumsum(axis=1)
    stock = np.where(np.abs(stock) <= _SAME * table.sum(axis=1, keepdims=True), 0.0, stock)
    cost = (setup * (quantity > 0.0) + holding * stock).sum(axis=1)
    return LotPlan(quantity, stock, cost, np.minimum(bound, cost), table)


_Order = Callable[[FloatArray], FloatArray]
"""What is ordered where so much is needed, shape (items, any); nothing where nothing is."""


def _as_needed(need: FloatArray) -> FloatArray:
    return np.asarray(np.maximum(need, 0.0))


def _as_allowed(minimum: FloatArray, multiple: FloatArray | None) -> _Order:
    least = minimum[:, None]

    def allowed(need: FloatArray) -> FloatArray:
        quantity = np.maximum(need, least)
        if multiple is not None:
            quantity = np.ceil(quantity / multiple[:, None] - _SAME) * multiple[:, None]
        return np.asarray(np.where(need > _SAME, quantity, 0.0))

    return allowed


def _wagner_whitin(
    demand: FloatArray, setup: FloatArray, holding: FloatArray, order: _Order, labels: int
) -> tuple[FloatArray, FloatArray]:
    """Return the best cost and its quantities: best[t] = min over s of best[s] + order in s for s ... t - 1.

    All starts s of all items in one step. Holding from s to t - 1 is what a unit costs over these periods, times
    what is there at first, less what each period's demand takes out on the way. Where orders leave something over,
    each period keeps two labels: the cheapest way to get there, and the way that leaves least.
    """
    items, periods = demand.shape
    to, per_unit, taken = _cumulated(demand), _cumulated(holding), _cumulated(holding * demand.cumsum(axis=1))
    best, left = np.zeros((items, periods + 1, labels)), np.zeros((items, periods + 1, labels))
    came_from = np.zeros((items, periods + 1, labels), dtype=np.int64)
    for end in range(1, periods + 1):
        begin = left[:, :end].reshape(items, -1)
        start_to, start_unit, start_taken, start_setup = (
            np.repeat(part[:, :end], labels, axis=1) for part in (to, per_unit, taken, setup)
        )
        span = to[:, end : end + 1] - start_to
        quantity = order(span - begin)
        # Stock at the end of period k is left + quantity + to[start] - to[k].
        held = (begin + quantity + start_to) * (per_unit[:, end : end + 1] - start_unit)
        cost = best[:, :end].reshape(items, -1) + start_setup * (quantity > 0.0) + held
        cost -= taken[:, end : end + 1] - start_taken
        over = begin + quantity - span
        chosen = cost.argmin(axis=1)[:, None]
        if labels == 2:
            least = over <= over.min(axis=1, keepdims=True) + _SAME * to[:, -1:]
            chosen = np.concatenate([chosen, np.where(least, cost, np.inf).argmin(axis=1)[:, None]], axis=1)
        came_from[:, end] = chosen
        best[:, end] = np.take_along_axis(cost, chosen, axis=1)
        left[:, end] = np.take_along_axis(over, chosen, axis=1)
    return best[:, -1, 0], _walk_back(came_from, to, left, order)


def _cumulated(values: FloatArray) -> FloatArray:
    return np.concatenate([np.zeros((len(values), 1)), values.cumsum(axis=1)], axis=1)


def _walk_back(came_from: npt.NDArray[np.int64], to: FloatArray, left: FloatArray, order: _Order) -> FloatArray:
    items, periods, labels = came_from.shape[0], came_from.shape[1] - 1, came_from.shape[2]
    quantity = np.zeros((items, periods))
    rows, end, label = np.arange(items), np.full(items, periods), np.zeros(items, dtype=np.int64)
    while end.any():
        start, before = np.divmod(came_from[rows, end, label], labels)
        need = to[rows, end] - to[rows, start] - left[rows, start, before]
        # Items already at the beginning need nothing there: start and end are both 0.
        quantity[rows, start] += np.where(end > 0, order(need[:, None])[:, 0], 0.0)
        end, label = np.where(end > 0, start, 0), before
    return quantity


_Stop = Callable[[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray, FloatArray], BoolArray]
"""Whether to order again, from set-up and held so far and with one more period, periods and units so far and with."""


def _silver_meal(
    setup: FloatArray, held: FloatArray, more: FloatArray, periods: FloatArray, units: FloatArray, added: FloatArray
) -> BoolArray:
    return np.asarray((setup + more) * periods > (setup + held) * (periods + 1.0) * (1.0 + _SAME))


def _least_unit_cost(
    setup: FloatArray, held: FloatArray, more: FloatArray, periods: FloatArray, units: FloatArray, added: FloatArray
) -> BoolArray:
    return np.asarray((setup + more) * units > (setup + held) * (units + added) * (1.0 + _SAME))


def _part_period_balancing(
    setup: FloatArray, held: FloatArray, more: FloatArray, periods: FloatArray, units: FloatArray, added: FloatArray
) -> BoolArray:
    # Holding already at the cost of an order, or further above it with this period than below it without.
    return np.asarray((more > setup) & (more - setup >= setup - held) & (added > 0.0))


_STOPS: dict[str, _Stop] = {
    "silver-meal": _silver_meal,
    "least-unit-cost": _least_unit_cost,
    "part-period-balancing": _part_period_balancing,
}


def _look_ahead(demand: FloatArray, setup: FloatArray, holding: FloatArray, stop: _Stop) -> BoolArray:
    """Return where orders are placed when each is extended until a rule stops it; all items in one step."""
    items, periods = demand.shape
    starts = np.zeros((items, periods), dtype=bool)
    begun = np.zeros(items, dtype=bool)
    cost, held, units, covered, per_unit = (np.zeros(items) for _ in range(5))
    for period in range(periods):
        added = demand[:, period]
        more = held + added * per_unit
        again = np.where(begun, stop(cost, held, more, covered, units, added), added > 0.0) & (added > 0.0)
        starts[:, period] = again
        begun |= again
        cost = np.where(again, setup[:, period], cost)
        held, units = np.where(again, 0.0, more), np.where(again, added, units + added)
        covered = np.where(again, 1.0, covered + 1.0)
        per_unit = np.where(again, 0.0, per_unit) + holding[:, period]
    return starts


def _until_next(demand: FloatArray, starts: BoolArray, order: _Order) -> FloatArray:
    """Return orders that last from each start to the next, less what earlier ones left."""
    items, periods = demand.shape
    to = _cumulated(demand)
    # Demand up to the next start after each period, from the last period backwards.
    until = np.repeat(to[:, -1:], periods, axis=1)
    for period in range(periods - 2, -1, -1):
        until[:, period] = np.where(starts[:, period + 1], to[:, period + 1], until[:, period + 1])
    quantity, received = np.zeros_like(demand), np.zeros(items)
    for period in range(periods):
        placed = order((until[:, period] - received)[:, None])[:, 0]
        quantity[:, period] = np.where(starts[:, period], placed, 0.0)
        received = received + quantity[:, period]
    return quantity
