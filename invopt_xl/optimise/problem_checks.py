"""What an order problem may hold: every impossible value is named with its item or supplier."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from invopt_xl.domain.order_terms import SMALLEST_LOT
from invopt_xl.errors import require
from invopt_xl.optimise.terms import BoolArray, Discount

if TYPE_CHECKING:
    from invopt_xl.optimise.problem import OrderProblem


def check_problem(problem: OrderProblem) -> None:
    """Raise an `InputError` for the first impossible value."""
    _check_items(problem)
    _check_sources(problem)
    _check_suppliers(problem)
    require(problem.shortage in ("lost", "backorder"), "shortage", problem.shortage, "lost or backorder")
    for name in ("budget", "storage_volume", "working_capital"):
        limit = getattr(problem, name)
        require(bool((limit >= 0).all()), name.replace("_", " "), limit.min(), "zero or more in every period")
    frozen = problem.frozen_periods
    require(0 <= frozen == int(frozen), "frozen periods", frozen, "a whole number, zero or more")
    told = problem.told_periods
    require(1 <= told == int(told), "told periods", told, "a whole number, one or more")
    for number, discount in enumerate(problem.discounts):
        _check_discount(problem, number, discount)


def _all(sound: BoolArray) -> BoolArray:
    """Return by row whether all is sound."""
    return np.asarray(sound.all(axis=tuple(range(1, sound.ndim))))


def _check_items(problem: OrderProblem) -> None:
    for name in (
        *("on_hand", "unit_value", "shortage_cost", "holding_cost"),
        *("safety_stock", "floor_penalty", "unit_volume"),
    ):
        values = getattr(problem, name)
        _require_items(problem, name, np.isfinite(values) & (values >= 0), "zero or more")
    for name in ("demand", "scheduled_receipts"):
        table = getattr(problem, name)
        _require_items(problem, name, _all(np.isfinite(table) & (table >= 0)), "zero or more in every period")
    for name in ("shelf_life_periods", "age_on_arrival", "replacement_cost"):
        _require_items(problem, name, getattr(problem, name) >= 0, "zero or more")


def _check_sources(problem: OrderProblem) -> None:
    known = (problem.source_item >= 0) & (problem.source_item < problem.items)
    if not known.all():
        value = problem.source_item[~known][0]
        require(False, f"item of source {int(np.argmin(known)) + 1}", value, f"an index below {problem.items}")
    for name in ("unit_cost", "lateness_cost", "order_cost", "minimum_order_quantity", "lead_time_periods"):
        values = getattr(problem, name)
        _require_sources(problem, name, _all(np.isfinite(values) & (values >= 0)), "zero or more")
    lots = problem.lot_size
    _require_sources(problem, "lot_size", np.isfinite(lots) & (lots >= SMALLEST_LOT), f"at least {SMALLEST_LOT:g}")
    _require_sources(problem, "maximum_order_quantity", problem.maximum_order_quantity >= 0, "zero or more")
    fixed = problem.fixed_quantity
    _require_sources(
        problem, "fixed_quantity", _all(np.isnan(fixed) | (np.isfinite(fixed) & (fixed >= 0))), "zero or more, or blank"
    )
    known = (problem.supplier >= -1) & (problem.supplier < problem.suppliers)
    _require_sources(problem, "supplier", known, f"an index below {problem.suppliers}, or -1 for none")
    known = (problem.origin >= -1) & (problem.origin < problem.items) & (problem.origin != problem.source_item)
    _require_sources(problem, "origin", known, f"the index of another item below {problem.items}, or -1 for none")
    _require_sources(problem, "supplier", (problem.origin < 0) | (problem.supplier < 0), "-1, for it is a transfer")


def _require_items(problem: OrderProblem, name: str, sound: BoolArray, expected: str) -> None:
    _require_rows(problem, name, sound, np.arange(problem.items), expected)


def _require_sources(problem: OrderProblem, name: str, sound: BoolArray, expected: str) -> None:
    _require_rows(problem, name, sound, problem.source_item, expected)


def _require_rows(
    problem: OrderProblem, name: str, sound: BoolArray, item: np.ndarray[tuple[int], np.dtype[np.int64]], expected: str
) -> None:
    if not sound.all():
        first = int(np.flatnonzero(~sound)[0])
        label = f"{name.replace('_', ' ')} of {problem.item_names[item[first]]}"
        value = getattr(problem, name)[first]
        if np.ndim(value) and len(set(value.tolist())) == 1:
            value = value[0]
        require(False, label, value, expected)


def _check_suppliers(problem: OrderProblem) -> None:
    for name in ("supplier_order_cost", "minimum_order_value", "capacity_units"):
        values = getattr(problem, name)
        sound = _all((np.isfinite(values) | (name == "capacity_units")) & (values >= 0))
        for index in np.flatnonzero(~sound):
            label = f"{name.replace('_', ' ')} of supplier {problem.supplier_names[index]}"
            require(False, label, values[index].min(), "zero or more")


def _check_discount(problem: OrderProblem, number: int, discount: Discount) -> None:
    name = f"discount {number + 1}"
    known = 0 <= discount.supplier < problem.suppliers
    require(known, f"supplier of {name}", discount.supplier, f"an index below {problem.suppliers}")
    if discount.item is not None:
        known = 0 <= discount.item < problem.items
        require(known, f"item of {name}", discount.item, f"an index below {problem.items}")
    require(0 <= discount.rate < 1, f"rate of {name}", discount.rate, "a share from 0 to below 1, such as 0.05")
    one = (discount.from_quantity is None) != (discount.from_value is None)
    require(one, f"threshold of {name}", "given twice or not at all", "either a quantity or a value")
    threshold = discount.from_quantity if discount.from_value is None else discount.from_value
    sound = threshold is not None and np.isfinite(threshold) and threshold >= 0
    require(bool(sound), f"threshold of {name}", threshold, "zero or more")
    require(discount.kind in ("all-unit", "incremental"), f"kind of {name}", discount.kind, "all-unit or incremental")
