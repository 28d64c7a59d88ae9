"""A driver's move in words a planner reads at a glance."""

from __future__ import annotations

from invopt_xl.policy.buffers.drivers import BufferDrivers

_DIGITS = (3, 4, 5, 6, 8, 12)
"""Significant digits to try until two numbers read differently."""

_PHRASES = {
    "demand_mean": ("demand", " a period"),
    "demand_deviation": ("forecast error", " a period"),
    "lead_time_mean": ("lead time", " days"),
    "lead_time_deviation": ("lead-time spread", " days"),
    "review_days": ("review period", " days"),
    "service_target": ("service target", ""),
    "order_quantity": ("usual order", " units"),
}
_SUPPLIED = ("lead_time_mean", "lead_time_deviation")


def moved(name: str, before: BufferDrivers, after: BufferDrivers, item: int) -> str:
    """Return what a driver of one item did: ``lead-time spread of supplier K rose from 2 to 6 days``.

    Where the supplier is another one, both are named.
    """
    phrase, unit = _PHRASES[name]
    then, now = float(before.of(name)[item]), float(after.of(name)[item])
    verb = "rose" if now > then else "fell"
    start, end = _percentages(then, now) if name == "service_target" else _numbers(then, now)
    old, new = before.supplier_of(item), after.supplier_of(item)
    if name in _SUPPLIED and new:
        if old and old != new:
            return f"{phrase} {verb} from {start} (supplier {old}) to {end}{unit} (supplier {new})"
        phrase = f"{phrase} of supplier {new}"
    return f"{phrase} {verb} from {start} to {end}{unit}"


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
