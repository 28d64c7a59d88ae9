"""Bounds of order terms that the data contract and the order plan share."""

from __future__ import annotations

SMALLEST_LOT = 1e-9
"""Units of the smallest lot: what is counted in grams may be planned in thousands of tonnes."""

CROWDING = 0.8
"""Share of the budget of a period from which on one order leaves little for others."""
