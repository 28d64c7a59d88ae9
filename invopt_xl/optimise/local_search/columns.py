"""Names of the columns in the tables of the compiled search; compiled code takes them for the numbers they are."""

from __future__ import annotations

ON_HAND, HOLDING, SHORTAGE, FLOOR, FLOOR_PENALTY, VALUE_OF_UNIT, VOLUME, GIVE_BACK = range(8)
"""Of `Tables.items`."""

DEMAND, GIVEN, SELLS, LACKING = range(4)
"""Of `Tables.flows`."""

ITEM, SUPPLIER, ORIGIN, LEAD_TIME, LEAST, MOST = range(6)
"""Of `Tables.sources`."""

UNIT_COST, LIST_PRICE, LOT, ORDER_COST, FIXED, CAN_ORDER = range(6)
"""Of `Tables.lines`."""

JOINT_COST, CAPACITY, MINIMUM, HAS_BREAKS = range(4)
"""Of `Tables.orders`."""

BY_VALUE, BY_QUANTITY, STEPS, ORDER_STEPS = range(4)
"""Kinds of price breaks."""

THRESHOLD, RATE = range(2)
"""Of `Tables.tiers`."""

ARRIVING, AVAILABLE, STOCK = range(3)
"""Of `State.flows`."""

LINES, OWN_LINES, OWN_UNITS, VALUE, OWN_VALUE, ORDER_MONEY, BARRED, FREE = range(8)
"""Of `State.orders`."""

EXCESS, WEIGHT, BASE_WEIGHT = range(3)
"""Of `State.limits`."""

LABEL_MONEY, LABEL_STOCK = range(2)
"""Of `State.labels`."""
