"""Which items cannot have levels, and why, before any are set: one bad item must not stop the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from invopt_xl.policy.costs import BoolArray, FloatArray
from invopt_xl.policy.families import IntArray
from invopt_xl.policy.stock_levels import TARGETS, Measure

MOST_YEARS = 5.0
"""An order of more years of demand than this is a mistake in a minimum, a lot, or a unit."""
_WIDEST_SPREAD = 3.0


@dataclass(frozen=True)
class Refusal:
    """Why an item cannot be given levels.

    Parameters
    ----------
    position
        Which item, counted from 0.
    message
        One line: what, its row counted from 1, its value, and what was expected.
    """

    position: int
    message: str


@dataclass(frozen=True, eq=False)
class Asked:
    """What levels are asked for; arrays of shape (items,), in any state. What is None is not looked at.

    Parameters
    ----------
    target, measure
        Service target, and the `Measure` it is in.
    yearly_demand
        Expected demand of a year, units.
    order_quantity
        Smallest order, or usual one, units.
    lead_time_days, lead_time_sd_days
        Mean and standard deviation of the lead time, days.
    holding, shortage
        Costs of a unit, money; looked at where the measure is a cost.
    """

    target: FloatArray
    measure: IntArray | BoolArray
    yearly_demand: FloatArray | None = None
    order_quantity: FloatArray | None = None
    lead_time_days: FloatArray | None = None
    lead_time_sd_days: FloatArray | None = None
    holding: FloatArray | None = None
    shortage: FloatArray | None = None


def refusals(asked: Asked) -> tuple[Refusal, ...]:
    """Return the items that cannot be given levels, at most one line each, by position.

    A caller leaves them out and tells why; the others are then free of what `stock_levels` would raise.

    Examples
    --------
    >>> asked = Asked(np.array([0.95, 95.0, 0.9]), np.array([1, 1, 0]), np.array([100.0, 50.0, 0.0]))
    >>> for refusal in refusals(asked):
    ...     print(refusal.message)
    service target (row 2) is 95; expected between 0 and 1, such as 0.95
    expected demand of a year (row 3) is 0; expected above zero, such as 120
    """
    found: dict[int, str] = {}
    for name, values, good, expected in _rules(asked):
        for position in np.flatnonzero(~good):
            line = f"{name} (row {position + 1}) is {values[position]:.12g}; expected {expected}"
            found.setdefault(int(position), line)
    return tuple(Refusal(position, found[position]) for position in sorted(found))


def accepted(found: tuple[Refusal, ...], items: int) -> BoolArray:
    """Return which of so many items are not refused.

    Examples
    --------
    >>> accepted((Refusal(1, "..."),), 3).tolist()
    [True, False, True]
    """
    mask = np.ones(items, dtype=bool)
    mask[[refusal.position for refusal in found]] = False
    return mask


_Check = tuple[str, FloatArray, BoolArray, str]


def _rules(asked: Asked) -> list[_Check]:
    """Return what each array is called, its values, which are good, and what was expected."""
    measure = np.asarray(asked.measure).astype(np.int64)
    priced = (measure == Measure.BACKORDER_COST) | (measure == Measure.LOST_SALE_COST)
    known = priced | np.isin(measure, TARGETS)
    target = _numbers(asked.target)
    rules: list[_Check] = [
        ("service measure", measure.astype(np.float64), known, f"a measure, 0 to {max(Measure)}"),
        ("service target", target, priced | ((target > 0) & (target < 1)), "between 0 and 1, such as 0.95"),
    ]
    for name, given, example in (("holding", asked.holding, "0.5"), ("shortage", asked.shortage, "9")):
        if given is not None:
            cost = _numbers(given)
            rules.append((f"{name} cost", cost, ~priced | _above_zero(cost), f"above zero, such as {example}"))
    return rules + _demand_rules(asked) + _lead_time_rules(asked)


def _demand_rules(asked: Asked) -> list[_Check]:
    rules: list[_Check] = []
    if asked.yearly_demand is not None:
        yearly = _numbers(asked.yearly_demand)
        rules.append(("expected demand of a year", yearly, _above_zero(yearly), "above zero, such as 120"))
    if asked.order_quantity is not None:
        quantity = _numbers(asked.order_quantity)
        good = np.isfinite(quantity) & (quantity >= 0)
        rules.append(("order quantity", quantity, good, "units, zero or more"))
        if asked.yearly_demand is not None:
            years = np.divide(quantity, yearly, out=np.zeros_like(quantity), where=yearly > 0)
            expected = f"at most {MOST_YEARS:g} years of demand"
            rules.append(("order quantity", quantity, ~(years > MOST_YEARS), expected))
    return rules


def _lead_time_rules(asked: Asked) -> list[_Check]:
    rules: list[_Check] = []
    for name, given in (("lead time", asked.lead_time_days), ("spread of the lead time", asked.lead_time_sd_days)):
        if given is not None:
            days = _numbers(given)
            good = np.isfinite(days) & (days >= 0)
            rules.append((name, days, good, "days, zero or more, such as 14"))
    if asked.lead_time_days is not None and asked.lead_time_sd_days is not None:
        mean, spread = _numbers(asked.lead_time_days), _numbers(asked.lead_time_sd_days)
        with np.errstate(invalid="ignore"):
            wide = spread > _WIDEST_SPREAD * mean
        expected = f"at most {_WIDEST_SPREAD:g} times the lead time, days"
        rules.append(("spread of the lead time", spread, ~wide | (spread <= 0), expected))
    return rules


def _numbers(values: FloatArray) -> FloatArray:
    return np.asarray(values, dtype=np.float64)


def _above_zero(values: FloatArray) -> BoolArray:
    return np.asarray(np.isfinite(values) & (values > 0))
