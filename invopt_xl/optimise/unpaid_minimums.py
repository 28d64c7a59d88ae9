"""Minimums and lots that do not pay: what they keep a plan from ordering, found by planning anew without them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from invopt_xl.domain import Silent
from invopt_xl.optimise.accounting import account, sellable, simulate
from invopt_xl.optimise.constructive import construct
from invopt_xl.optimise.groundwork import Groundwork, keeps_limits, prepare
from invopt_xl.optimise.incumbent import Asked
from invopt_xl.optimise.larger_lines import WORTH_SAVING
from invopt_xl.optimise.neighbourhood import neighbourhood
from invopt_xl.optimise.problem import OrderProblem
from invopt_xl.optimise.search import search_plan
from invopt_xl.optimise.shortfall import Shortfall, ShortfallKind
from invopt_xl.optimise.targets import targets_of
from invopt_xl.optimise.terms import TOLERANCE, BoolArray, FloatArray, IntArray
from invopt_xl.optimise.wording import listed, units_in_words, units_named, units_that

EACH = 0.1
"""Seconds at most for a plan without a minimum that is made at once."""

LONGEST = 0.25
"""Seconds to search for one where that is no cheaper."""

TOLD = 0.1
"""Share of an item's demand beyond which it is told that a minimum leaves it unmet."""

NAMED = 3
"""Items named in one message."""


def unpaid_minimums(work: Groundwork, quantity: FloatArray, told: set[str], *, seconds: float = 5.0) -> list[Shortfall]:
    """Return the minimums and lots without which a cheaper plan would meet more, within the same limits.

    Parameters
    ----------
    work
        The problem.
    quantity
        The plan, units by source and period.
    told
        Suppliers and items of which it is said already that no order can be placed.
    seconds
        Time limit; the most money that is missing is looked into first.

    Examples
    --------
    >>> problem = OrderProblem(item_names=("tea",), supplier=0, unit_cost=2.0, demand=[[5.0, 5.0]], on_hand=0.0,
    ...                        lead_time_periods=0, shortage_cost=4.0, supplier_names=("K",), holding_cost=1.0,
    ...                        minimum_order_value=200.0)
    >>> [str(one) for one in unpaid_minimums(prepare(problem), np.zeros((1, 2)), set())]
    ["supplier K's minimum order value (200) is not worth paying for tea: 10 of 10 units are not met"]
    """
    found: list[Shortfall] = []
    until, trials = time.monotonic() + seconds, _Trials(work, quantity)
    for supplier in trials.suppliers(told):
        if time.monotonic() < until:
            found += trials.without_minimum_value(supplier)
    for item in trials.short_items(told):
        if time.monotonic() < until:
            found += trials.without_own_minimum(item)
    return found


@dataclass(frozen=True, eq=False)
class _Near:
    """The problem of a few items beside what all others order, and the plan there."""

    work: Groundwork
    items: IntArray
    quantity: FloatArray


class _Trials:
    """What a plan leaves unmet, and what would be met without a minimum."""

    def __init__(self, work: Groundwork, quantity: FloatArray) -> None:
        self.work, self.problem, self.quantity = work, work.problem, quantity
        self.usable = targets_of(work).usable
        self.unmet = unmet_units(self.problem, quantity)
        self.lacking = np.where(self.unmet > TOLD * _asked(self.problem), self.unmet, 0.0)
        self.explained = np.zeros(self.problem.items, dtype=bool)

    def suppliers(self, told: set[str]) -> list[int]:
        """Return the suppliers with a minimum value whose items lack anything, those that lack most money first."""
        problem, money = self.problem, self.lacking * self.problem.unit_value
        lacking = problem.sum_by_supplier(np.where(self.usable.any(axis=1), money[problem.source_item], 0.0))
        lacking[problem.minimum_order_value <= 0] = 0.0
        order = np.argsort(-lacking, kind="stable")
        return [one for one in order.tolist() if lacking[one] > 0 and problem.supplier_names[one] not in told]

    def short_items(self, told: set[str]) -> list[int]:
        """Return the items that lack anything and have a minimum or a lot, those that lack most money first."""
        problem, money = self.problem, self.lacking * self.problem.unit_value
        held = np.zeros(problem.items, dtype=bool)
        bought = self.usable.any(axis=1) & ~problem.transfer
        held[problem.source_item[bought & (self.work.smallest_line > 1)]] = True
        held[problem.source_item[bought]] |= np.isfinite(problem.shelf_life_periods[problem.source_item[bought]])
        order = np.argsort(-np.where(held, money, 0.0), kind="stable")
        return [one for one in order.tolist() if held[one] and money[one] > 0 and problem.item_names[one] not in told]

    def without_minimum_value(self, supplier: int) -> list[Shortfall]:
        """Return what a supplier's minimum value keeps from being ordered."""
        problem, near = self.problem, self._near(np.array([supplier]))
        name, least = problem.supplier_names[supplier], float(problem.minimum_order_value[supplier])
        free = np.array([one == name for one in near.work.problem.supplier_names])
        without = np.where(free, 0.0, near.work.problem.minimum_order_value)
        relaxed = replace(near.work.problem, minimum_order_value=without)
        met = self._met(near, relaxed, ~self._paid_anyway(supplier)[near.items])
        items = near.items[met > 0]
        if not len(items):
            return []
        self.explained[items] = True
        alone = ""
        if len(items) == 1:
            source = np.flatnonzero((problem.source_item == items[0]) & (problem.supplier == supplier))[0]
            alone = self._spoiling(int(items[0]), least / max(float(problem.unit_cost[source].max()), 1e-9))
        what = f"supplier {name}'s minimum order value ({least:,.0f})"
        return [self._shortfall(what, name, items, met[met > 0], alone)]

    def without_own_minimum(self, item: int) -> list[Shortfall]:
        """Return what an item's own minimum or lot keeps from being ordered."""
        problem = self.problem
        if self.explained[item]:
            return []
        near = self._near(np.unique(problem.supplier[(problem.source_item == item) & ~problem.transfer]))
        for kind, what, spoiling, trial in self._relaxed(near, item):
            met = self._met(near, trial)[near.items == item]
            if met.any():
                return [self._shortfall(what, problem.item_names[item], np.array([item]), met, spoiling, kind)]
        return []

    def _relaxed(self, near: _Near, item: int) -> Iterator[tuple[ShortfallKind, str, str, OrderProblem]]:
        """Yield the problem without what may keep an item from being ordered, one after the other, all else fixed."""
        there = near.work.problem
        place = int(np.searchsorted(near.items, item))
        own = there.source_item == place
        held = replace(there, fixed_quantity=np.where(own[:, None], there.fixed_quantity, near.quantity))
        least, lot = float(held.minimum_order_quantity[own].min()), float(held.lot_size[own].min())
        single = replace(held, minimum_order_quantity=np.where(own, 0.0, held.minimum_order_quantity))
        if least > lot:
            yield "minimum", f"the minimum order of {least:,.6g}", self._spoiling(item, least), single
        if lot > 1:
            by_one = replace(single, lot_size=np.where(own, np.minimum(held.lot_size, 1.0), held.lot_size))
            yield "minimum", f"the lot of {lot:,.6g}", self._spoiling(item, lot), by_one
        if np.isfinite(there.shelf_life_periods[place]):
            keeps = np.where(np.arange(there.items) == place, np.inf, there.shelf_life_periods)
            what = "an order that sells within its shelf life"
            yield "shelf life", what, "", replace(held, shelf_life_periods=keeps)

    def _near(self, suppliers: IntArray) -> _Near:
        work, sources = neighbourhood(self.work, self.quantity, suppliers)
        return _Near(work, np.unique(self.problem.source_item[sources]), self.quantity[sources])

    def _paid_anyway(self, supplier: int) -> BoolArray:
        """Return by item and period whether an order that would arrive just then is placed with a supplier anyway."""
        problem = self.problem
        clock, paid = np.arange(problem.periods), np.zeros((problem.items, problem.periods), dtype=bool)
        placed = (self.quantity[problem.supplier == supplier] > 0).any(axis=0)
        for source in np.flatnonzero(problem.supplier == supplier).tolist():
            ordered = clock - int(problem.lead_time_periods[source])
            paid[problem.source_item[source]] |= (ordered >= 0) & placed[ordered]
        return paid

    def _met(self, near: _Near, relaxed: OrderProblem, counted: BoolArray | None = None) -> FloatArray:
        """Return by item the units that a cheaper plan of a relaxed problem meets in addition; zero if none is."""
        without = _cheaper(relaxed, near.quantity)
        if without is None:
            return np.zeros(len(near.items))
        unmet = unmet_units(near.work.problem, near.quantity, counted)
        # What is found so even with the minimum, a longer search would have found: that is not the minimum's fault.
        held = _cheaper(near.work.problem, near.quantity)
        if held is not None:
            unmet = np.minimum(unmet, unmet_units(near.work.problem, held, counted))
        met = unmet - unmet_units(relaxed, without, counted)
        return np.where(met > TOLD * _asked(relaxed), met, 0.0)

    def _spoiling(self, item: int, units: float) -> str:
        """Return in words how much of the smallest order of an item would spoil, if anything."""
        spoilt = units - float(sellable(self.problem)[item].max())
        if not spoilt > TOLERANCE * max(units, 1.0):
            return ""
        return f", as {units_in_words(spoilt)} of {units_named(units_in_words(units))} would outlast their shelf life"

    def _shortfall(
        self, what: str, subject: str, items: IntArray, met: FloatArray, spoiling: str, kind: ShortfallKind = "minimum"
    ) -> Shortfall:
        problem, units = self.problem, float(met.sum())
        names = [problem.item_names[item] for item in items[np.argsort(-met, kind="stable")][:NAMED].tolist()]
        more = [f"{len(items) - NAMED:,} more"] if len(items) > NAMED else []
        demand, placed = float(_asked(problem)[items].sum()), (self.quantity > self.work.fixed)
        ordered = np.isin(problem.source_item, items) & placed[:, : problem.told_periods].any(axis=1)
        often = "more often " if ordered.any() else ""
        message = (
            f"{what} is not worth paying {often}for {listed(names + more)}{spoiling}: "
            f"{units_in_words(units)} of {units_that(units_in_words(demand), 'are')} not met"
        )
        unmet = tuple((problem.item_names[item], float(each)) for item, each in zip(items, met, strict=True))
        return Shortfall(kind, -1, subject, units, message, float(met @ problem.unit_value[items]), unmet)


def _cheaper(problem: OrderProblem, quantity: FloatArray) -> FloatArray | None:
    """Return a plan of a problem that costs less than another one, if it is found soon."""
    work, than = prepare(problem), account(problem, quantity).total
    made = construct(work, seconds=EACH)
    if account(problem, made).total < than - WORTH_SAVING and keeps_limits(work, made):
        return made
    asked = Asked(time.monotonic() + LONGEST, 0.01, 1)
    made = search_plan(work, quantity, asked, Silent()).quantity
    return made if account(problem, made).total < than - WORTH_SAVING else None


def _asked(problem: OrderProblem) -> FloatArray:
    """Return demand by item over the periods that are told of, units."""
    return np.asarray(problem.demand[:, : problem.told_periods].sum(axis=1))


def unmet_units(problem: OrderProblem, quantity: FloatArray, counted: BoolArray | None = None) -> FloatArray:
    """Return units short by item in the periods that are told of: lost, or waiting at most, since an order can help.

    On request only the periods count that are named by item.
    """
    clock = np.arange(problem.periods)
    told = (clock >= problem.first_change[:, None]) & (clock < problem.told_periods)
    short = simulate(problem, quantity).short * (told if counted is None else told & counted)
    units = short.sum(axis=1) if problem.shortage == "lost" else short.max(axis=1)
    return np.where(problem.shortage_cost > 0, units, 0.0)
