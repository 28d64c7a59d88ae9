"""Terms of two suppliers for one item, ways to order from them, and what is said about these."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from invopt_xl.errors import require


@dataclass(frozen=True)
class TwoSuppliers:
    """Terms of a regular and an emergency supplier, and what stock and shortage cost.

    Parameters
    ----------
    regular_cost, emergency_cost
        Price, money a unit; the emergency one above the regular one.
    regular_lead_time, emergency_lead_time
        Whole periods from order to receipt, without the review period of one; the emergency one shorter. What is
        ordered with a lead time of 0 serves the demand of the same period.
    holding_cost
        Money for a unit in stock at the end of a period.
    shortage_cost
        Money for a unit on backorder at the end of a period.

    Raises
    ------
    InputError
        If a value is not what is said above.
    """

    regular_cost: float
    emergency_cost: float
    regular_lead_time: int
    emergency_lead_time: int
    holding_cost: float
    shortage_cost: float

    def __post_init__(self) -> None:
        for name in ("holding_cost", "shortage_cost"):
            value = getattr(self, name)
            require(0.0 < value < np.inf, name.replace("_", " "), value, "above zero")
        require(0.0 <= self.regular_cost < np.inf, "regular cost", self.regular_cost, "zero or more")
        dear = f"above the regular cost of {self.regular_cost:g}; a supplier faster and not dearer needs no second"
        require(self.regular_cost < self.emergency_cost < np.inf, "emergency cost", self.emergency_cost, dear)
        for name in ("regular_lead_time", "emergency_lead_time"):
            value = getattr(self, name)
            require(
                0 <= value < np.inf and value == np.floor(value),
                name.replace("_", " "),
                value,
                "whole periods, 0 or more",
            )
        faster = f"below the regular lead time of {self.regular_lead_time}"
        good = self.emergency_lead_time < self.regular_lead_time
        require(good, "emergency lead time", self.emergency_lead_time, faster)

    @property
    def critical_ratio(self) -> float:
        """Chance of no shortage that balances holding and shortage cost."""
        return self.shortage_cost / (self.shortage_cost + self.holding_cost)


@dataclass(frozen=True)
class SourcingPolicy:
    """One way to order from two suppliers, and what it costs a period.

    Parameters
    ----------
    name
        ``"regular alone"``, ``"emergency alone"``, ``"dual index"`` or ``"base surge"``.
    regular_level
        Order from the regular supplier up to this, counting all stock and all orders; None where there is none.
    emergency_level
        Before that, order from the emergency supplier up to this, counting only what comes within its lead time.
    standing_order
        Units ordered from the regular supplier in every period, whatever the stock.
    premium, holding, shortage
        Extra paid for emergency units over the regular price, stock and backorders, money a period.
    emergency_share
        Share of volume from the emergency supplier.
    saving_error
        Standard error of the difference in cost to the regular supplier alone, money a period.
    """

    name: str
    regular_level: float | None
    emergency_level: float | None
    standing_order: float | None
    premium: float
    holding: float
    shortage: float
    emergency_share: float
    saving_error: float

    @property
    def cost(self) -> float:
        """Premium, holding and shortage, money a period; what the volume costs at the regular price is left out."""
        return self.premium + self.holding + self.shortage


@dataclass(frozen=True)
class DualSourcing:
    """Four ways to use two suppliers, beside each other.

    Parameters
    ----------
    regular_alone, emergency_alone, dual_index, base_surge
        Each at its best levels, judged on the same demand.
    """

    regular_alone: SourcingPolicy
    emergency_alone: SourcingPolicy
    dual_index: SourcingPolicy
    base_surge: SourcingPolicy

    @property
    def best(self) -> SourcingPolicy:
        """The cheapest policy; the regular supplier alone unless another is cheaper beyond doubt (two errors)."""
        found = min((self.dual_index, self.base_surge, self.emergency_alone), key=lambda one: one.cost)
        clear = self.regular_alone.cost - found.cost > 2.0 * found.saving_error
        return found if clear else self.regular_alone

    @property
    def recommendation(self) -> str:
        """What to do and what it brings, in one line."""
        base, best = self.regular_alone, self.best
        if best is base:
            return "regular supplier alone: nothing is gained for sure by using the emergency supplier"
        saving = base.cost - best.cost
        gain = f"saves {saving / base.cost:.0%} ({saving:.3g} a period) against the regular one alone"
        if best is self.emergency_alone:
            return f"emergency supplier alone up to {best.emergency_level:.4g}: {gain}"
        if best is self.base_surge:
            regular = f"a standing regular order of {best.standing_order:.4g}"
        else:
            regular = f"regular orders up to {best.regular_level:.4g}"
        return (
            f"{regular}, emergency orders up to {best.emergency_level:.4g}: "
            f"emergency supplier takes {best.emergency_share:.0%} of volume, {gain}"
        )
