"""The order-planning problem as plain arrays: items by periods, where they come from, and what binds them together."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from invopt_xl.errors import require
from invopt_xl.optimise.problem_checks import check_problem
from invopt_xl.optimise.terms import BoolArray, Discount, FloatArray, IntArray, Shortage

_BY_SOURCE_AND_PERIOD = ("unit_cost", "fixed_quantity")
BY_SUPPLIER = ("supplier_order_cost", "minimum_order_value")
_BY_PERIOD = ("budget", "storage_volume", "working_capital")
_BY_SOURCE = (
    "source_item",
    "supplier",
    "origin",
    "emergency",
    "lead_time_periods",
    "order_cost",
    "lateness_cost",
    "minimum_order_quantity",
    "lot_size",
    "maximum_order_quantity",
)
BY_ITEM = (
    "on_hand",
    "unit_value",
    "shortage_cost",
    "holding_cost",
    "safety_stock",
    "floor_penalty",
    "unit_volume",
    "shelf_life_periods",
    "age_on_arrival",
    "replacement_cost",
)
_WHOLE = ("source_item", "supplier", "origin", "lead_time_periods")


@dataclass(frozen=True, eq=False)
class OrderProblem:
    """What to order, from whom and when: everything an order plan must respect.

    Period 0 begins now. An order placed at the start of period t is there at the start of period
    t + lead_time_periods, before that period's demand. Orders that would arrive after the horizon are not planned.

    An item comes from one or more sources: a supplier, a dearer and faster emergency supplier, another location. A plan
    is a table of units by source and order period. Unless said otherwise each item has one source, in the items' order.

    Parameters
    ----------
    item_names
        Used in messages, one per item.
    supplier
        Index of each source's supplier; -1: none, so no joint cost, minimum value or capacity.
    unit_cost
        List price, money per unit, by source, or by source and order period. Of a transfer: what moving a unit costs.
    demand
        Expected demand, units, shape (items, periods).
    on_hand
        Stock now, units.
    lead_time_periods
        Whole periods from order to receipt, by source.
    shortage_cost
        Money per unit short: with lost sales the margin lost on a unit, with backorders the cost of a unit that
        waits, for each period it waits.
    holding_cost
        Money per unit left at the end of each period.
    order_cost
        Money per order line, by source.
    minimum_order_quantity, lot_size
        Units, by source; an ordered quantity is a multiple of the lot and at least the minimum.
    maximum_order_quantity
        Most units of a line, in whole lots, by source; never below the smallest line that the minimum and the lot
        allow.
    safety_stock
        Soft floor under the stock left at the end of a period, units.
    floor_penalty
        Money per unit below that floor and period.
    unit_volume
        Storage volume of a unit.
    shelf_life_periods
        Periods within which a unit must be sold after it arrived (fractions count; infinity: it keeps). What stands on
        the shelf beyond the demand of that time is thrown away at once, at its value: it would be later.
    age_on_arrival
        Periods by which units have aged when the period begins that they are planned to arrive in: they come in the
        course of the one before. What is there now has all its shelf life.
    fixed_quantity
        The planner's orders, units by source (of period 0) or by source and period; NaN where the planner left it open.
        They are respected whatever else they break, and 0 means no order.
    scheduled_receipts
        Open orders by period of arrival, units, shape (items, periods).
    supplier_names, supplier_order_cost, minimum_order_value, capacity_units
        Per supplier: name; money per order, shared by its lines; smallest order, money at list price; most units
        ordered in a period (infinity: no limit), by supplier, or by supplier and period.
    discounts
        Price breaks.
    budget
        Most that may be ordered in each period, money at list price, so that keeping it depends on no discount.
    storage_volume
        Room for the stock at the start of each period, after receipts.
    working_capital
        Most money, at unit value, in the stock left at the end of each period.
    shortage
        ``"lost"`` or ``"backorder"``.
    source_item
        Index of the item that each source delivers.
    origin
        Index of the item (at another location) whose stock a source takes its units from; -1: they are bought.
    emergency
        Whether a source is for emergencies: what it costs more is told apart.
    lateness_cost
        Expected cost of a source's late deliveries, money per unit.
    unit_value
        What a unit in stock is worth, money; by default the list price of period 0 at the item's first source that is
        bought.
    replacement_cost
        Least that a unit costs from sources that are left out here, money (infinity: none are). Stock left over is
        worth no more than it costs at best: of a part of a problem, than it costs in the whole.
    frozen_periods
        Periods from now on in which nothing is ordered but what the planner fixed.
    told_periods
        Periods from now on of which it is told what cannot be met; what is planned beyond them is for the sake of the
        orders in them. By default, and at most, all.

    Scalars are spread over items, sources, suppliers or periods.

    Raises
    ------
    InputError
        If a value is impossible; the item or supplier is named.

    Examples
    --------
    >>> problem = OrderProblem(item_names=("tea",), supplier=-1, unit_cost=2.0, demand=[[5.0, 5.0, 5.0]], on_hand=6.0,
    ...                        lead_time_periods=1, order_cost=3.0, holding_cost=0.1, shortage_cost=4.0)
    >>> problem.items, problem.sources, problem.periods, problem.lot_size.tolist()
    (1, 1, 3, [1.0])
    """

    item_names: tuple[str, ...]
    supplier: IntArray
    unit_cost: FloatArray
    demand: FloatArray
    on_hand: FloatArray
    lead_time_periods: IntArray
    shortage_cost: FloatArray = 0.0  # type: ignore[assignment]  # scalars are spread in __post_init__
    holding_cost: FloatArray = 0.0  # type: ignore[assignment]
    order_cost: FloatArray = 0.0  # type: ignore[assignment]
    minimum_order_quantity: FloatArray = 0.0  # type: ignore[assignment]
    lot_size: FloatArray = 1.0  # type: ignore[assignment]
    maximum_order_quantity: FloatArray = np.inf  # type: ignore[assignment]
    safety_stock: FloatArray = 0.0  # type: ignore[assignment]
    floor_penalty: FloatArray = 0.0  # type: ignore[assignment]
    unit_volume: FloatArray = 0.0  # type: ignore[assignment]
    shelf_life_periods: FloatArray = np.inf  # type: ignore[assignment]
    age_on_arrival: FloatArray = 0.0  # type: ignore[assignment]
    fixed_quantity: FloatArray = np.nan  # type: ignore[assignment]
    scheduled_receipts: FloatArray = 0.0  # type: ignore[assignment]
    supplier_names: tuple[str, ...] = ()
    supplier_order_cost: FloatArray = 0.0  # type: ignore[assignment]
    minimum_order_value: FloatArray = 0.0  # type: ignore[assignment]
    capacity_units: FloatArray = np.inf  # type: ignore[assignment]
    discounts: tuple[Discount, ...] = ()
    budget: FloatArray = np.inf  # type: ignore[assignment]
    storage_volume: FloatArray = np.inf  # type: ignore[assignment]
    working_capital: FloatArray = np.inf  # type: ignore[assignment]
    shortage: Shortage = "lost"
    source_item: IntArray = None  # type: ignore[assignment]
    origin: IntArray = -1  # type: ignore[assignment]
    emergency: BoolArray = False  # type: ignore[assignment]
    lateness_cost: FloatArray = 0.0  # type: ignore[assignment]
    unit_value: FloatArray = None  # type: ignore[assignment]
    replacement_cost: FloatArray = np.inf  # type: ignore[assignment]
    frozen_periods: int = 0
    told_periods: int = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        demand = np.array(self.demand, dtype=np.float64)
        require(
            demand.ndim == 2 and demand.size > 0, "demand", f"of shape {demand.shape}", "items by periods, one or more"
        )
        self._set("demand", demand)
        self._set("item_names", tuple(str(name) for name in self.item_names))
        self._set("supplier_names", tuple(str(name) for name in self.supplier_names))
        named = len(self.item_names)
        require(named == len(demand), "number of item names", named, f"{len(demand)}, a name a row")
        told: int | None = self.told_periods
        self._set("told_periods", self.periods if told is None else min(told, self.periods))
        given: IntArray | None = self.source_item
        if given is None:
            self._set("source_item", np.arange(len(demand)))
        self._set("source_item", np.atleast_1d(np.asarray(self.source_item)))
        worth_given = self.unit_value is not None
        if not worth_given:
            self._set("unit_value", 0.0)
        self._spread()
        check_problem(self)
        if not worth_given:
            self._set("unit_value", self._usual_value())

    @property
    def items(self) -> int:
        """Number of items."""
        return int(self.demand.shape[0])

    @property
    def sources(self) -> int:
        """Number of sources."""
        return len(self.source_item)

    @property
    def periods(self) -> int:
        """Number of periods planned."""
        return int(self.demand.shape[1])

    @property
    def suppliers(self) -> int:
        """Number of suppliers."""
        return len(self.supplier_names)

    @property
    def source_value(self) -> FloatArray:
        """What a unit of each source is worth once it is there, money, shape (sources,)."""
        return np.asarray(self.unit_value[self.source_item])

    @property
    def premium(self) -> FloatArray:
        """What a unit costs beyond its worth, by source and order period: what choosing the source decides."""
        bought = self.unit_cost - self.source_value[:, None]
        moved = self.unit_cost + (self.unit_value[self.origin] - self.source_value)[:, None]
        return np.where(self.transfer[:, None], moved, bought)

    @property
    def transfer(self) -> BoolArray:
        """Which sources are other locations."""
        return np.asarray(self.origin >= 0)

    @property
    def first_change(self) -> IntArray:
        """By item, the first period whose stock an order or a transfer can change; `periods` if there is none."""
        begin = np.minimum(self.lead_time_periods + self.frozen_periods, self.periods)
        first = np.full(self.items, self.periods)
        np.minimum.at(first, self.source_item, begin)
        moved = self.transfer & (begin < self.periods)
        np.minimum.at(first, self.origin[moved], min(self.frozen_periods, self.periods))
        return first

    def sum_by_item(self, amounts: FloatArray) -> FloatArray:
        """Return the sum over each item's sources of amounts by source, or by source and period."""
        totals = np.zeros((self.items, *amounts.shape[1:]))
        np.add.at(totals, self.source_item, amounts)
        return totals

    def sum_by_supplier(self, amounts: FloatArray) -> FloatArray:
        """Return the sum over each supplier's sources of amounts by source, or by source and period."""
        totals = np.zeros((self.suppliers, *amounts.shape[1:]))
        served = self.supplier >= 0
        np.add.at(totals, self.supplier[served], amounts[served])
        return totals

    def only(self, sources: IntArray) -> OrderProblem:
        """Return the problem with these sources alone, the items unchanged."""
        kept = {name: getattr(self, name)[sources] for name in (*_BY_SOURCE, *_BY_SOURCE_AND_PERIOD)}
        return replace(self, **kept, unit_value=self.unit_value)

    def until(self, periods: int) -> OrderProblem:
        """Return the problem of its first periods, all of them if it has no more."""
        names = ("demand", "scheduled_receipts", "capacity_units", *_BY_SOURCE_AND_PERIOD, *_BY_PERIOD)
        kept = {name: getattr(self, name)[..., :periods] for name in names}
        frozen = min(self.frozen_periods, periods)
        return replace(self, **kept, unit_value=self.unit_value, frozen_periods=frozen)

    def _usual_value(self) -> FloatArray:
        worth = np.zeros(self.items)
        bought = np.flatnonzero(~self.transfer)[::-1]  # reversed: an item's first source is written last
        worth[self.source_item[bought]] = self.unit_cost[bought, 0]
        worth.flags.writeable = False
        return worth

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    def _shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of every array, largest first."""
        items, periods = self.demand.shape
        sources, suppliers = len(self.source_item), len(self.supplier_names)
        shapes: dict[str, tuple[int, ...]] = {"scheduled_receipts": (items, periods)}
        shapes |= dict.fromkeys(BY_ITEM, (items,)) | dict.fromkeys(_BY_SOURCE, (sources,))
        shapes |= dict.fromkeys(_BY_PERIOD, (periods,)) | dict.fromkeys(BY_SUPPLIER, (suppliers,))
        shapes |= dict.fromkeys(_BY_SOURCE_AND_PERIOD, (sources, periods))
        return shapes | {"capacity_units": (suppliers, periods)}

    def _spread(self) -> None:
        shapes = self._shapes()
        for field in fields(self):
            if field.name not in shapes:
                continue
            shape = shapes[field.name]
            kind = np.int64 if field.name in _WHOLE else np.bool_ if field.name == "emergency" else np.float64
            given: npt.NDArray[Any] = np.asarray(getattr(self, field.name))
            if field.name in _WHOLE:
                _require_whole(field.name, given)
            given = given.astype(kind)
            by_row = len(shape) == 2 and given.shape == shape[:1] and field.name != "scheduled_receipts"
            fits = given.ndim == 0 or given.shape == shape or by_row
            require(fits, field.name.replace("_", " "), f"of shape {given.shape}", f"a number or shape {shape}")
            if by_row and field.name == "fixed_quantity":
                now, given = given, np.full(shape, np.nan)
                given[:, 0] = now
            elif by_row:
                given = given[:, None]
            array = np.array(np.broadcast_to(given, shape))
            array.flags.writeable = False
            self._set(field.name, array)


def _require_whole(name: str, given: npt.NDArray[Any]) -> None:
    """Raise an `InputError` unless all numbers are whole: a fraction cut off is another supplier or lead time."""
    numbers = np.asarray(given, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        broken = ~np.isfinite(numbers) | (numbers != np.floor(numbers))
    require(not broken.any(), name.replace("_", " "), numbers[broken].tolist()[:1], "whole numbers")
