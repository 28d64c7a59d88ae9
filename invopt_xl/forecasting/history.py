"""From recorded sales to the demand a model may learn from: stock-outs, gaps, launches and outliers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.errors import InputError

BoolArray = npt.NDArray[np.bool_]

NEIGHBOURS = 4
"""Known periods looked at on each side of a stock-out or a gap."""

LAUNCH_DOUBT = 0.01
"""Zeros before the first sale are before the launch if they are less likely than this at the later frequency."""

OUTLIER_SPREADS = 5.0
"""Robust standard deviations of log demand above the median from which a value is an outlier."""

SMALLEST_SPREAD = 0.35
"""Log demand is taken to vary at least this much, so a promotion in a steady history is no outlier."""

OUTLIER_SHARE = 0.05
"""Values beyond the limit that are more frequent than this are a habit of the item, not outliers."""

LARGEST_DEMAND = 1e30
"""Beyond it squares and sums leave the numbers that sample paths can hold."""

DUST = 1e-9
"""Smaller quantities are what subtractions leave of zero."""

DEMANDS_FOR_OUTLIERS = 3
"""With fewer demands nobody can say which of them is odd."""


@dataclass(frozen=True, eq=False)
class CleanHistory:
    """Unconstrained demand, complete and without outliers.

    Parameters
    ----------
    values
        Demand per period, item units, oldest first; every period has one.
    known
        True where the value was observed in stock, false where it is an estimate.
    notes
        What was done to the history, a phrase each.
    """

    values: FloatArray
    known: BoolArray
    notes: tuple[str, ...]

    @property
    def known_periods(self) -> int:
        """Number of observed periods."""
        return int(self.known.sum())


def checked_history(history: FloatArray, in_stock: BoolArray | None) -> tuple[FloatArray, BoolArray]:
    """Return history and stock flags as arrays of one length.

    Raises
    ------
    InputError
        If demand is negative, infinite or not numeric, or the two differ in length.
    """
    try:
        values = np.array(history, dtype=np.float64)
        stocked = np.ones(values.shape, dtype=bool) if in_stock is None else np.array(in_stock, dtype=bool)
    except (TypeError, ValueError) as error:
        raise InputError(f"demand history is not numeric ({error}); expected a number per period") from None
    if values.ndim != 1:
        raise InputError(f"demand history has {values.ndim} dimensions; expected one row of periods")
    if stocked.shape != values.shape:
        raise InputError(f"in_stock has {stocked.size} periods; expected {values.size}, as many as the history")
    wrong = np.flatnonzero((values > LARGEST_DEMAND) | (values < 0))
    if wrong.size:
        raise InputError(
            f"demand in period {wrong[0] + 1} of {values.size} is {values[wrong[0]]:g}; expected zero to "
            f"{LARGEST_DEMAND:g}, or NaN where unknown"
        )
    return values, stocked


def clean_history(history: FloatArray, in_stock: BoolArray | None = None) -> CleanHistory:
    """Return the demand a model may learn from.

    Sales of a period without stock are a lower bound: demand is estimated from the periods around it, and is at
    least what was sold. Unknown periods are estimated the same way. Zeros before the first sale of an item that
    sells often are left out, and single values far beyond all others are cut.

    Parameters
    ----------
    history
        Demand per period, item units, oldest first; NaN where unknown.
    in_stock
        False where the item was out of stock in the period.

    Raises
    ------
    InputError
        If demand is negative or infinite, or the two differ in length.

    Examples
    --------
    >>> clean = clean_history(np.array([8.0, 10.0, 0.0, 12.0]), np.array([True, True, False, True]))
    >>> clean.values.tolist(), clean.notes
    ([8.0, 10.0, 10.0, 12.0], ('1 stock-out period estimated from its neighbours',))
    """
    values, stocked = checked_history(history, in_stock)
    values, stocked = _from_first_known(values, stocked)
    known = np.isfinite(values) & stocked
    notes: list[str] = []
    if ((values > 0) & (values < DUST)).any():
        notes.append(f"quantities below {DUST:g} taken for zero")
        values = np.where(values < DUST, 0.0, values)
    values, known, stocked = _after_launch(values, known, stocked, notes)
    values = _without_outliers(values, known, notes)
    values = _filled(values, known, notes)
    if values.size and not known.any():
        notes.append("never in stock, so sales are only a lower bound")
    return CleanHistory(values, known, tuple(notes))


def _from_first_known(values: FloatArray, stocked: BoolArray) -> tuple[FloatArray, BoolArray]:
    recorded = np.flatnonzero(np.isfinite(values))
    first = int(recorded[0]) if recorded.size else values.size
    return values[first:], stocked[first:]


def _after_launch(
    values: FloatArray, known: BoolArray, stocked: BoolArray, notes: list[str]
) -> tuple[FloatArray, BoolArray, BoolArray]:
    sales = np.flatnonzero(values > 0)
    if not sales.size or sales[0] == 0:
        return values, known, stocked
    first = int(sales[0])
    before = int(known[:first].sum())
    # One demand is taken off: the first sale is where it is by construction.
    frequency = (sales.size - 1) / max(int(known[first:].sum()) - 1, 1)
    if before and (1 - min(frequency, 1.0)) ** before < LAUNCH_DOUBT:
        notes.append(f"first sold {values.size - first} {_periods(values.size - first)} ago")
        return values[first:], known[first:], stocked[first:]
    return values, known, stocked


def _without_outliers(values: FloatArray, known: BoolArray, notes: list[str]) -> FloatArray:
    sizes = values[np.isfinite(values) & (values > 0)]
    if sizes.size < DEMANDS_FOR_OUTLIERS:
        return values
    logs = np.log(sizes)
    middle = np.median(logs)
    spread = max(1.4826 * float(np.median(np.abs(logs - middle))), SMALLEST_SPREAD)
    limit = float(np.exp(np.minimum(middle + OUTLIER_SPREADS * spread, 700.0)))
    beyond = np.isfinite(values) & (values > limit)
    count = int(beyond.sum())
    if not count or count > max(1.0, OUTLIER_SHARE * known.sum()):
        return values
    notes.append(
        f"{count} {'outlier' if count == 1 else 'outliers'} of up to {values[beyond].max():,.6g} cut to {limit:,.4g}"
    )
    return np.where(beyond, limit, values)


def _filled(values: FloatArray, known: BoolArray, notes: list[str]) -> FloatArray:
    if known.all():
        return values
    missing = np.isnan(values)
    if not known.any():
        return np.where(missing, 0.0, values)
    for count, phrase in ((int((~known & ~missing).sum()), "stock-out"), (int(missing.sum()), "unknown")):
        if count:
            its = "its" if count == 1 else "their"
            notes.append(f"{count} {phrase} {_periods(count)} estimated from {its} neighbours")
    observed = np.flatnonzero(known)
    filled = np.where(missing, 0.0, values)
    for period in np.flatnonzero(~known):
        place = int(np.searchsorted(observed, period))
        around = observed[max(place - NEIGHBOURS, 0) : place + NEIGHBOURS]
        filled[period] = max(filled[period], float(values[around].mean()))
    return filled


def _periods(count: int) -> str:
    return "period" if count == 1 else "periods"
