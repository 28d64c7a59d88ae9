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
from invopt_xl.policy.two_suppliers import DualSourcing, SourcingPolicy, TwoSuppliers

FloatArray = npt.NDArray[np.float64]

_TUNING, _JUDGING = 2008, 2015
"""Seeds: levels are set on one set of draws and costs are told from another, so that luck is not counted twice."""
_CANDIDATES = 13
_ROUNDS = 3
_HEAVIEST = 0.95
"""Largest standing order as a share of mean demand: at all of it, surplus stock would never be sold off."""


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
    seen = _checked(demand)
    whole = bool((seen == np.round(seen)).all())
    tuning, judging = (_Simulation.of(seen, suppliers, seed) for seed in (_TUNING, _JUDGING))
    regular, emergency = int(suppliers.regular_lead_time), int(suppliers.emergency_lead_time)
    lag = regular - emergency

    def dual(draws: Draws, spread: FloatArray) -> Overshoot:
        return dual_index_overshoot(draws, spread, lag)

    def settled(of: _OvershootOf, value: float, lead: int) -> tuple[float, _Run]:
        """Set the level on the one set of draws and run the policy on the other."""
        level = float(tuning.levels(of(tuning.draws, np.array([value])), lead)[0])
        return level, judging.run(of(judging.draws, np.array([value])), level, lead)

    # From a spread of the most that is ever sold in between, the emergency supplier is never asked.
    widest = float(tuning.draws.over(lag - 1).max())
    spread = _cheapest(lambda some: tuning.costs(dual(tuning.draws, some), emergency), widest, whole)
    heaviest = _HEAVIEST * float(seen.mean())
    surge = standing_order_overshoot
    standing = _cheapest(lambda some: tuning.costs(surge(tuning.draws, some), emergency), heaviest, whole)
    alone, first = settled(lambda draws, _: _NO_OVERSHOOT, 0.0, regular)
    no_order, second = settled(surge, 0.0, emergency)
    low, third = settled(dual, spread, emergency)
    base, fourth = settled(surge, standing, emergency)
    return DualSourcing(
        first.policy("regular alone", first, regular_level=alone),
        second.policy("emergency alone", first, emergency_level=no_order),
        third.policy("dual index", first, regular_level=low + spread, emergency_level=low),
        fourth.policy("base surge", first, emergency_level=base, standing_order=standing),
    )


def _checked(demand: npt.ArrayLike) -> FloatArray:
    seen = np.ravel(np.asarray(demand, dtype=np.float64))
    wrong = seen[~((seen >= 0.0) & (seen < np.inf))]
    require(wrong.size == 0, "demand", f"{wrong[:1].sum():g}", "units, zero or more, in every period")
    require(seen.size > 0, "demand", "empty", "units of one period or more")
    require(bool(seen.any()), "demand", "zero in every period", "some units to order for")
    return seen


_OvershootOf = Callable[[Draws, FloatArray], Overshoot]
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
        return cls(Draws.of(seen, int(terms.regular_lead_time), seed), terms)

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
