"""The order-planning problem as plain arrays: items by periods, suppliers, and what binds them together."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal

import numpy as np
import numpy.typing as npt

from invopt_xl.errors import require

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
Shortage = Literal["lost", "backorder"]

TOLERANCE = 1e-6
"""Relative slack within which a limit counts as kept: what floating-point arithmetic may lose."""


@dataclass(frozen=True)
class Discount:
    """A price break a supplier grants per order.

    Parameters
    ----------
    supplier
        Index of the supplier.
    item
        Index of the item it is for; None: all the supplier's items, each by its own quantity.
    rate
        Share off the unit cost.
    from_quantity
        Granted on a line of at least this many units.
    from_value
        Granted when the supplier's whole order, at list price, is worth at least this much money.
    kind
        ``"all-unit"``: on every unit of the line; ``"incremental"``: only on what lies above the threshold.

    Notes
    -----
    Discounts do not add up: a line gets the best one it qualifies for.
    """

    supplier: int
    item: int | None
    rate: float
    from_quantity: float | None = None
    from_value: float | None = None
    kind: Literal["all-unit", "incremental"] = "all-unit"


@dataclass(frozen=True, eq=False)
class OrderProblem:
    """What to order, from whom and when: everything an order plan must respect.

    Period 0 begins now. An order placed at the start of period t is there at the start of period
    t + lead_time_periods, before that period's demand. Orders that would arrive after the horizon are not planned.

    Parameters
    ----------
    item_names
        Used in messages, one per item.
    supplier
        Index of each item's supplier; -1: none, so no joint cost, minimum value or capacity.
    unit_cost
        List price, money per unit.
    demand
        Expected demand, units, shape (items, periods).
    on_hand
        Stock now, units.
    lead_time_periods
        Whole periods from order to receipt.
    shortage_cost
        Money per unit short: with lost sales the margin lost on a unit, with backorders the cost of a unit that
        waits, for each period it waits.
    holding_cost
        Money per unit left at the end of each period.
    order_cost
        Money per order line.
    minimum_order_quantity, lot_size
        Units; an ordered quantity is a multiple of the lot and at least the minimum.
    maximum_order_quantity
        Most units of a line, in whole lots, such as what sells within shelf life; never below the smallest line that
        the minimum and the lot allow.
    safety_stock
        Soft floor under the stock left at the end of a period, units.
    floor_penalty
        Money per unit below that floor and period.
    unit_volume
        Storage volume of a unit.
    fixed_quantity
        The planner's quantity for period 0, units; NaN where the planner left it open. It is respected whatever
        else it breaks, and 0 means no order.
    scheduled_receipts
        Open orders by period of arrival, units, shape (items, periods).
    supplier_names, supplier_order_cost, minimum_order_value, capacity_units
        Per supplier: name; money per order, shared by its lines; smallest order, money at list price; most units
        ordered in a period (infinity: no limit).
    discounts
        Price breaks.
    budget
        Most that may be ordered in each period, money at list price, so that keeping it depends on no discount.
    storage_volume
        Room for the stock at the start of each period, after receipts.
    shortage
        ``"lost"`` or ``"backorder"``.

    Scalars are spread over items, suppliers or periods.

    Raises
    ------
    InputError
        If a value is impossible; the item or supplier is named.

    Examples
    --------
    >>> problem = OrderProblem(item_names=("tea",), supplier=-1, unit_cost=2.0, demand=[[5.0, 5.0, 5.0]], on_hand=6.0,
    ...                        lead_time_periods=1, order_cost=3.0, holding_cost=0.1, shortage_cost=4.0)
    >>> problem.items, problem.periods, problem.lot_size.tolist()
    (1, 3, [1.0])
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
    fixed_quantity: FloatArray = np.nan  # type: ignore[assignment]
    scheduled_receipts: FloatArray = 0.0  # type: ignore[assignment]
    supplier_names: tuple[str, ...] = ()
    supplier_order_cost: FloatArray = 0.0  # type: ignore[assignment]
    minimum_order_value: FloatArray = 0.0  # type: ignore[assignment]
    capacity_units: FloatArray = np.inf  # type: ignore[assignment]
    discounts: tuple[Discount, ...] = ()
    budget: FloatArray = np.inf  # type: ignore[assignment]
    storage_volume: float = np.inf
    shortage: Shortage = "lost"

    def __post_init__(self) -> None:
        demand = np.array(self.demand, dtype=np.float64)
        require(
            demand.ndim == 2 and demand.size > 0, "demand", f"of shape {demand.shape}", "items by periods, one or more"
        )
        self._set("demand", demand)
        self._set("item_names", tuple(str(name) for name in self.item_names))
        self._set("supplier_names", tuple(str(name) for name in self.supplier_names))
        require(
            len(self.item_names) == len(demand),
            "number of item names",
            len(self.item_names),
            f"{len(demand)}, a name a row",
        )
        self._spread()
        self._check_items()
        self._check_suppliers()
        require(self.shortage in ("lost", "backorder"), "shortage", self.shortage, "lost or backorder")
        require(bool((self.budget >= 0).all()), "budget", self.budget.min(), "zero or more in every period")
        require(self.storage_volume >= 0, "storage volume", self.storage_volume, "zero or more")
        for number, discount in enumerate(self.discounts):
            self._check_discount(number, discount)

    @property
    def items(self) -> int:
        """Number of items."""
        return int(self.demand.shape[0])

    @property
    def periods(self) -> int:
        """Number of periods planned."""
        return int(self.demand.shape[1])

    @property
    def suppliers(self) -> int:
        """Number of suppliers."""
        return len(self.supplier_names)

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    def _spread(self) -> None:
        shapes = {"demand": self.demand.shape, "scheduled_receipts": self.demand.shape, "budget": (self.periods,)}
        for name in ("supplier_order_cost", "minimum_order_value", "capacity_units"):
            shapes[name] = (len(self.supplier_names),)
        plain = {"item_names", "supplier_names", "discounts", "storage_volume", "shortage", "demand"}
        for field in fields(self):
            if field.name in plain:
                continue
            kind = np.int64 if field.name in ("supplier", "lead_time_periods") else np.float64
            shape = shapes.get(field.name, (len(self.demand),))
            given = np.asarray(getattr(self, field.name), dtype=kind)
            fits = given.ndim == 0 or given.shape == shape
            require(fits, field.name.replace("_", " "), f"of shape {given.shape}", f"a number or shape {shape}")
            array = np.array(np.broadcast_to(given, shape))
            array.flags.writeable = False
            self._set(field.name, array)

    def _check_items(self) -> None:
        for name in ("unit_cost", "shortage_cost", "holding_cost", "order_cost", "minimum_order_quantity", "on_hand"):
            self._require_items(name, np.isfinite(getattr(self, name)) & (getattr(self, name) >= 0), "zero or more")
        for name in ("safety_stock", "floor_penalty", "unit_volume", "lead_time_periods"):
            self._require_items(name, np.isfinite(getattr(self, name)) & (getattr(self, name) >= 0), "zero or more")
        for name in ("demand", "scheduled_receipts"):
            table = getattr(self, name)
            self._require_items(name, (np.isfinite(table) & (table >= 0)).all(axis=1), "zero or more in every period")
        self._require_items("lot_size", np.isfinite(self.lot_size) & (self.lot_size > 0), "above zero")
        self._require_items("maximum_order_quantity", self.maximum_order_quantity >= 0, "zero or more")
        fixed = np.isnan(self.fixed_quantity) | (np.isfinite(self.fixed_quantity) & (self.fixed_quantity >= 0))
        self._require_items("fixed_quantity", fixed, "zero or more, or blank")
        known = (self.supplier >= -1) & (self.supplier < self.suppliers)
        self._require_items("supplier", known, f"an index below {self.suppliers}, or -1 for none")

    def _require_items(self, name: str, sound: BoolArray, expected: str) -> None:
        if not sound.all():
            first = int(np.flatnonzero(~sound)[0])
            require(
                False, f"{name.replace('_', ' ')} of {self.item_names[first]}", getattr(self, name)[first], expected
            )

    def _check_suppliers(self) -> None:
        for name in ("supplier_order_cost", "minimum_order_value", "capacity_units"):
            values = getattr(self, name)
            finite = np.isfinite(values) | (name == "capacity_units")
            for index in np.flatnonzero(~(finite & (values >= 0))):
                label = f"{name.replace('_', ' ')} of supplier {self.supplier_names[index]}"
                require(False, label, values[index], "zero or more")

    def _check_discount(self, number: int, discount: Discount) -> None:
        name = f"discount {number + 1}"
        known = 0 <= discount.supplier < self.suppliers
        require(known, f"supplier of {name}", discount.supplier, f"an index below {self.suppliers}")
        if discount.item is not None:
            known = 0 <= discount.item < self.items
            require(known, f"item of {name}", discount.item, f"an index below {self.items}")
        require(0 <= discount.rate < 1, f"rate of {name}", discount.rate, "a share from 0 to below 1, such as 0.05")
        one = (discount.from_quantity is None) != (discount.from_value is None)
        require(one, f"threshold of {name}", "given twice or not at all", "either a quantity or a value")
        threshold = discount.from_quantity if discount.from_value is None else discount.from_value
        sound = threshold is not None and np.isfinite(threshold) and threshold >= 0
        require(bool(sound), f"threshold of {name}", threshold, "zero or more")
        require(
            discount.kind in ("all-unit", "incremental"), f"kind of {name}", discount.kind, "all-unit or incremental"
        )
