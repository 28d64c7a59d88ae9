"""Service targets that follow value, criticality, supplier reliability and forecast confidence, by rules on one page.

A starting point for planners who set targets by class; `service_mix` finds the targets that cost least. Classes by
value alone cost money: Teunter, Babai & Syntetos (2010), "ABC classification: service levels and inventory costs",
Production and Operations Management 19(3), 343-352, give the highest service to items with a high shortage cost and
demand for their holding cost and lot. So, within a criticality, the default gives more service to items of little
value, which tie up little money.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from invopt_xl.errors import require
from invopt_xl.policy.costs import BoolArray, FloatArray, require_each

USUAL_TARGETS: Mapping[tuple[str, str], float] = MappingProxyType(
    {
        ("A", "critical"): 0.99,
        ("A", "normal"): 0.95,
        ("A", "minor"): 0.90,
        ("B", "critical"): 0.99,
        ("B", "normal"): 0.96,
        ("B", "minor"): 0.92,
        ("C", "critical"): 0.99,
        ("C", "normal"): 0.97,
        ("C", "minor"): 0.93,
    }
)
"""Service target by value class and criticality."""


@dataclass(frozen=True)
class ServiceRules:
    """How targets are set; every value may be another.

    Parameters
    ----------
    targets
        Service target by value class and criticality.
    least_on_time
        On-time share below which a supplier counts as unreliable.
    few_periods
        Known periods of demand below which a forecast counts as weak.
    unreliable_supplier, weak_forecast
        Share of the shortage the target allows that is still allowed then: 0.5 makes 0.97 of 0.94.
    highest
        No rule raises a target above this.

    Raises
    ------
    InputError
        If a target or share is not between 0 and 1.
    """

    targets: Mapping[tuple[str, str], float] = field(default_factory=lambda: USUAL_TARGETS)
    least_on_time: float = 0.80
    few_periods: float = 13.0
    unreliable_supplier: float = 0.75
    weak_forecast: float = 0.75
    highest: float = 0.995

    def __post_init__(self) -> None:
        """Check the rules."""
        for (value_class, criticality), target in self.targets.items():
            place = f"service target of {value_class}, {criticality}"
            require(0 < target < 1, place, target, "between 0 and 1, such as 0.95")
        for name in ("unreliable_supplier", "weak_forecast"):
            share = getattr(self, name)
            require(0 < share <= 1, name.replace("_", " "), share, "above 0 and at most 1, such as 0.75")
        require(0 < self.highest < 1, "highest service target", self.highest, "between 0 and 1, such as 0.995")
        require(0 <= self.least_on_time <= 1, "least on-time share", self.least_on_time, "from 0 to 1, such as 0.8")


@dataclass(frozen=True, eq=False)
class RuledTargets:
    """Targets with the rules that made them; arrays of shape (items,).

    Parameters
    ----------
    target
        Service target.
    by_class
        What value class and criticality alone ask for.
    unreliable_supplier, weak_forecast
        True where that raised it.
    """

    target: FloatArray
    by_class: FloatArray
    unreliable_supplier: BoolArray
    weak_forecast: BoolArray

    def words(self, item: int) -> str:
        """Return how one item's target came about."""
        raised = [
            words
            for words, holds in (
                ("supplier unreliable", self.unreliable_supplier),
                ("forecast weak", self.weak_forecast),
            )
            if holds[item]
        ]
        base = f"{100.0 * self.by_class[item]:.3g}% by class"
        return f"{base}, raised to {100.0 * self.target[item]:.3g}%: {' and '.join(raised)}" if raised else base


def ruled_targets(
    value_class: Sequence[str],
    criticality: Sequence[str],
    on_time: FloatArray,
    known_periods: FloatArray,
    rules: ServiceRules | None = None,
) -> RuledTargets:
    """Return the service target of each item by the rules.

    Parameters
    ----------
    value_class, criticality
        Classes of each item, as the rules name them.
    on_time
        On-time share of each item's supplier, from `supplier_reliability`.
    known_periods
        Periods of known demand that each forecast rests on.
    rules
        The rules; the default ones if not given.

    Raises
    ------
    InputError
        If there is no rule for an item's classes, or an on-time share is no share.

    Examples
    --------
    >>> found = ruled_targets(["A", "C"], ["normal", "critical"], np.array([0.5, 0.97]), np.array([52.0, 52.0]))
    >>> found.target.round(4).tolist()
    [0.9625, 0.99]
    >>> found.words(0)
    '95% by class, raised to 96.2%: supplier unreliable'
    """
    rules = rules or ServiceRules()
    known = "; ".join(f"{one}, {other}" for one, other in rules.targets)
    by_class = np.empty(len(value_class))
    for row, classes in enumerate(zip(value_class, criticality, strict=True)):
        require(classes in rules.targets, f"class of item (row {row + 1})", ", ".join(classes), f"one of: {known}")
        by_class[row] = rules.targets[classes]
    require_each((on_time >= 0) & (on_time <= 1), "on-time share", on_time, "from 0 to 1, such as 0.9")
    require_each(known_periods >= 0, "known periods", known_periods, "zero or more, such as 52")
    late, weak = on_time < rules.least_on_time, known_periods < rules.few_periods
    allowed = (1.0 - by_class) * np.where(late, rules.unreliable_supplier, 1.0)
    allowed = allowed * np.where(weak, rules.weak_forecast, 1.0)
    target = np.asarray(np.maximum(np.minimum(1.0 - allowed, rules.highest), by_class))
    raised = target > by_class + 1e-12
    return RuledTargets(target, by_class, late & raised, weak & raised)


def deviation_with_estimation(
    deviation: FloatArray, protection_periods: FloatArray, known_periods: FloatArray
) -> FloatArray:
    """Return the spread of a period's demand that also covers the error of its estimated mean, units.

    The error of a mean estimated from n periods is the same in all P periods to come, so their total has the variance
    sigma^2 (P + P^2 / n) (Prak, Teunter & Syntetos 2017, "On the calculation of safety stocks when demand is
    forecasted", European Journal of Operational Research 256(2), 454-461): a period's, for P of them, is sigma^2
    (1 + P / n). Not for forecasts that carry this error already.

    Parameters
    ----------
    deviation
        Standard deviation of demand about its forecast, one period, units.
    protection_periods
        Review period and lead time, periods.
    known_periods
        Periods the mean was estimated from; at least 1.

    Examples
    --------
    >>> deviation_with_estimation(np.array([10.0]), np.array([4.0]), np.array([8.0])).round(2).tolist()
    [12.25]
    """
    require_each(known_periods >= 1, "known periods", known_periods, "at least 1, such as 52")
    return np.asarray(deviation * np.sqrt(1.0 + protection_periods / known_periods))
