"""Two suppliers for one item: a regular one, slow and cheap, and an emergency one, fast and dear.

Policies are found on simulated demand: what is beyond the reach of formulas is only the overshoot, the stock due soon
above the emergency level; given its distribution each level is a newsvendor's quantile.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from invopt_xl.errors import require
from invopt_xl.policy.overshoot import Draws, Overshoot, dual_index_overshoot, standing_order_overshoot

FloatArray = npt.NDArray[np.float64]

_TUNING, _JUDGING = 2008, 2015
"""Seeds: levels are set on one set of draws and costs are told from another, so that luck is not counted twice."""
_CANDIDATES = 13
_ROUNDS = 3
_HEAVIEST = 0.95
"""Largest standing order as a share of mean demand: at all of it, surplus stock would never be sold off."""


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
            require(value == int(value) and value >= 0, name.replace("_", " "), value, "whole periods, 0 or more")
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


def dual_sourcing(demand: npt.ArrayLike, suppliers: TwoSuppliers) -> DualSourcing:
    """Return the best levels and costs of two suppliers used alone and together.

    The dual-index policy keeps two order-up-to levels, one for what comes within the emergency lead time, one for
    all that is on order (Veeraraghavan & Scheller-Wolf 2008, "Now or later: a simple policy for effective dual
    sourcing in capacitated systems", Operations Research 56, 850-864): the overshoot depends on the difference of
    the levels alone, which is searched; the emergency level is then the critical quantile of demand less overshoot.
    Base surge orders a standing quantity from the regular supplier, and up to a level from the emergency one (Allon
    & Van Mieghem 2010; Janakiraman, Seshadri & Sheopuri 2015), best where lead times lie far apart. For lead times
    one period apart the dual index is optimal among all policies (Fukuda 1964).

    Unmet demand waits; there are no costs of an order, minima or lots; demand is independent from period to period.

    Parameters
    ----------
    demand
        Units of single periods, equally likely: a history or sample paths, zero or more and not all zero. Where all
        are whole units, so are the levels.
    suppliers
        Prices, lead times and costs.

    Raises
    ------
    InputError
        If demand is empty, negative, or zero in every period.

    Examples
    --------
    >>> terms = TwoSuppliers(100.0, 120.0, 3, 0, holding_cost=5.0, shortage_cost=495.0)
    >>> dual_sourcing([0.0, 1.0, 2.0, 3.0, 4.0], terms).best.name
    'dual index'
    """
    seen = np.ravel(np.asarray(demand, dtype=np.float64))
    wrong = seen[~(np.isfinite(seen) & (seen >= 0.0))]
    require(wrong.size == 0, "demand", f"{wrong[:1].sum():g}", "units, zero or more, in every period")
    require(seen.size > 0, "demand", "empty", "units of one period or more")
    require(bool(seen.any()), "demand", "zero in every period", "some units to order for")
    lag = suppliers.regular_lead_time - suppliers.emergency_lead_time
    whole = bool((seen == np.round(seen)).all())
    tuning, judging = (_Simulation.of(seen, suppliers, seed) for seed in (_TUNING, _JUDGING))
    regular, emergency = suppliers.regular_lead_time, suppliers.emergency_lead_time

    def dual(on: _Simulation, spread: FloatArray) -> Overshoot:
        return dual_index_overshoot(on.draws, spread, lag)

    def surge(on: _Simulation, standing: FloatArray) -> Overshoot:
        return standing_order_overshoot(on.draws, standing)

    def level(overshoot: Overshoot, lead: int = emergency) -> float:
        return float(tuning.levels(overshoot, lead)[0])

    spread = _cheapest(lambda some: tuning.costs(dual(tuning, some), emergency), float(seen.max()) * lag, whole)
    standing = _cheapest(
        lambda some: tuning.costs(surge(tuning, some), emergency), _HEAVIEST * float(seen.mean()), whole
    )
    alone, no_order = level(_NO_OVERSHOOT, regular), level(surge(tuning, np.zeros(1)))
    low, base = level(dual(tuning, np.array([spread]))), level(surge(tuning, np.array([standing])))
    first = judging.run(_NO_OVERSHOOT, alone, regular)
    return DualSourcing(
        first.policy("regular alone", first, regular_level=alone),
        judging.run(surge(judging, np.zeros(1)), no_order, emergency).policy(
            "emergency alone", first, emergency_level=no_order
        ),
        judging.run(dual(judging, np.array([spread])), low, emergency).policy(
            "dual index", first, regular_level=low + spread, emergency_level=low
        ),
        judging.run(surge(judging, np.array([standing])), base, emergency).policy(
            "base surge", first, emergency_level=base, standing_order=standing
        ),
    )


_NO_OVERSHOOT = Overshoot(np.zeros((1, 1, 1)), np.zeros((1, 1)))


@dataclass(frozen=True, eq=False)
class _Run:
    """What a policy costs a period in each run, and the share of volume from the emergency supplier."""

    premium: FloatArray
    holding: FloatArray
    shortage: FloatArray
    emergency_share: float

    def policy(
        self,
        name: str,
        first: _Run,
        regular_level: float | None = None,
        emergency_level: float | None = None,
        standing_order: float | None = None,
    ) -> SourcingPolicy:
        saved = (first.premium + first.holding + first.shortage) - (self.premium + self.holding + self.shortage)
        return SourcingPolicy(
            name,
            regular_level,
            emergency_level,
            standing_order,
            float(self.premium.mean()),
            float(self.holding.mean()),
            float(self.shortage.mean()),
            self.emergency_share,
            float(saved.std(ddof=1) / np.sqrt(saved.size)),
        )


@dataclass(frozen=True, eq=False)
class _Simulation:
    """Demand that all policies are run on, and what things cost."""

    draws: Draws
    terms: TwoSuppliers

    @classmethod
    def of(cls, seen: FloatArray, terms: TwoSuppliers, seed: int) -> _Simulation:
        return cls(Draws.of(seen, terms.regular_lead_time, seed), terms)

    def levels(self, overshoot: Overshoot, lead: int) -> FloatArray:
        """Return the best level for each candidate: the critical quantile of demand less overshoot."""
        need = (self.draws.over(lead) - overshoot.units).reshape(len(overshoot.units), -1)
        place = int(np.ceil(self.terms.critical_ratio * need.shape[1])) - 1
        return np.asarray(np.partition(need, place, axis=1)[:, place])

    def costs(self, overshoot: Overshoot, lead: int) -> FloatArray:
        """Return the cost of each candidate at its best level, money a period."""
        parts = self._parts(overshoot, self.levels(overshoot, lead), lead)
        return np.asarray(sum(part.mean(axis=1) for part in parts))

    def run(self, overshoot: Overshoot, level: float, lead: int) -> _Run:
        """Return what one policy costs at a given level."""
        premium, holding, shortage = self._parts(overshoot, np.array([level]), lead)
        share = float(overshoot.emergency.mean() / self.draws.sold.mean())
        return _Run(np.broadcast_to(premium[0], holding[0].shape), holding[0], shortage[0], share)

    def _parts(self, overshoot: Overshoot, level: FloatArray, lead: int) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return premium, holding and shortage of each candidate in each run."""
        stock = level[:, None, None] + overshoot.units - self.draws.over(lead)
        held = np.maximum(stock, 0.0)
        premium = (self.terms.emergency_cost - self.terms.regular_cost) * overshoot.emergency
        return (
            premium,
            self.terms.holding_cost * held.mean(axis=-1),
            self.terms.shortage_cost * (held - stock).mean(axis=-1),
        )


def _cheapest(costs: Callable[[FloatArray], FloatArray], highest: float, whole: bool) -> float:
    """Return the cheapest value from 0 to the highest: a coarse grid, then twice a finer one around its best."""
    low, high, best = 0.0, highest, 0.0
    for _ in range(_ROUNDS):
        some = np.linspace(low, high, _CANDIDATES)
        some = np.unique(np.floor(some)) if whole else some
        best = float(some[costs(some).argmin()])
        step = max((high - low) / (_CANDIDATES - 1), 1.0 if whole else 0.0)
        low, high = max(best - step, 0.0), min(best + step, highest)
    return best
