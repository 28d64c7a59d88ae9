"""A driver's move in words a planner reads at a glance."""

from __future__ import annotations

from collections.abc import Sequence

from invopt_xl.policy.buffers.drivers import BufferDrivers

Reason = tuple[str, float]
"""What changed, in words, and the units that it added to a buffer."""

_DIGITS = (3, 4, 5, 6, 8, 12)
"""Significant digits to try until two numbers read differently."""

_PHRASES = {
    "demand_mean": ("demand", " a {period}"),
    "demand_deviation": ("forecast error", " a {period}"),
    "lead_time_mean": ("lead time", " days"),
    "lead_time_deviation": ("lead-time spread", " days"),
    "review_days": ("review period", " days"),
    "service_target": ("service target", ""),
    "order_quantity": ("usual order", " units"),
}
_SUPPLIED = ("lead_time_mean", "lead_time_deviation")


def moved(name: str, before: BufferDrivers, after: BufferDrivers, item: int, period: str = "period") -> str:
    """Return what a driver of one item did: ``lead-time spread of supplier K rose from 2 to 6 days``.

    Where the supplier is another one, both are named.
    """
    phrase, unit = _PHRASES[name]
    unit = unit.format(period=period)
    then, now = float(before.of(name)[item]), float(after.of(name)[item])
    verb = "rose" if now > then else "fell"
    start, end = _percentages(then, now) if name == "service_target" else _numbers(then, now)
    old, new = before.supplier_of(item), after.supplier_of(item)
    if name in _SUPPLIED and new:
        if old and old != new:
            return f"{phrase} {verb} from {start} (supplier {old}) to {end}{unit} (supplier {new})"
        phrase = f"{phrase} of supplier {new}"
    return f"{phrase} {verb} from {start} to {end}{unit}"


def told(reasons: Sequence[Reason], most: int, least: float, least_others: float | None = None) -> str:
    """Return reasons in words, the largest first; empty where none is worth a word.

    Parameters
    ----------
    reasons
        What changed and what it added, units.
    most
        Reasons to name; what all others add is summed up.
    least
        Smallest addition worth a word, units.
    least_others
        Smallest sum of all others worth a word, units; as `least` unless given.

    Examples
    --------
    >>> told([("demand rose", 4.0), ("target fell", -41.0), ("lot grew", 0.2)], 3, 0.5)
    'target fell: -41 units; demand rose: +4'
    """
    ordered = sorted(reasons, key=lambda reason: -abs(reason[1]))
    named = [reason for reason in ordered[:most] if abs(reason[1]) >= least]
    if not named:
        return ""
    left = [reason for reason in ordered[len(named) :] if reason[1] != 0.0]
    others = sum(added for _, added in left)
    if abs(others) >= (least if least_others is None else least_others):
        named += left if len(left) == 1 else [("other changes", others)]
    first, *further = [f"{words}: {signed(added)}" for words, added in named]
    unit = "unit" if first.rpartition(": ")[2] in ("+1", "-1") else "units"
    return "; ".join([f"{first} {unit}", *further])


def signed(quantity: float) -> str:
    """Return a quantity with its sign: whole from ten units on, one decimal below.

    Examples
    --------
    >>> signed(41.3), signed(-1234.0), signed(2.04)
    ('+41', '-1,234', '+2')
    """
    return f"{quantity:+,.0f}" if abs(quantity) >= 9.95 else f"{quantity:+.1f}".removesuffix(".0")


def _numbers(then: float, now: float) -> tuple[str, str]:
    """Return both numbers with as few digits, three at least, as tell them apart."""
    start, end = "", ""
    for digits in _DIGITS:
        start, end = _rounded(then, digits), _rounded(now, digits)
        if start != end:
            break
    return start, end


def _percentages(then: float, now: float) -> tuple[str, str]:
    start, end = _numbers(100.0 * then, 100.0 * now)
    return f"{start}%", f"{end}%"


def _rounded(number: float, digits: int) -> str:
    return f"{float(f'{number:.{digits}g}'):,.12g}"
