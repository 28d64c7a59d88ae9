"""From recorded sales to the demand a model may learn from: stock-outs, gaps, launches, outliers and level shifts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.errors import InputError, require
from invopt_xl.forecasting.checks import numbers
from invopt_xl.forecasting.cleaning.baselines import BoolArray
from invopt_xl.forecasting.cleaning.outliers import limited
from invopt_xl.forecasting.cleaning.shifts import LevelShift, find_shifts, levelled
from invopt_xl.forecasting.cleaning.stock_outs import unconstrained

__all__ = ["BoolArray", "CleanHistory", "LevelShift", "PeriodState", "checked_history", "clean_history"]

LAUNCH_DOUBT = 0.01
"""Zeros before the first sale are before the launch if they are less likely than this at the later frequency."""

LARGEST_DEMAND = 1e30
"""Beyond it squares and sums leave the numbers that sample paths can hold."""

DUST = 1e-9
"""Smaller quantities are what subtractions leave of zero."""

NAMED_OUTLIERS = 3
"""So many outliers are named one by one in a note."""


class PeriodState(IntEnum):
    """Where the demand of a period comes from."""

    OBSERVED = 0
    """Recorded while the item was in stock."""
    STOCK_OUT = 1
    """Estimated; sales are a lower bound."""
    MISSING = 2
    """Estimated; nothing was recorded."""
    OUTLIER = 3
    """Recorded, but brought to the limit of what trend, season and usual variation explain."""


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
    recorded
        What was recorded in each of these periods, item units; NaN where nothing was.
    states
        A `PeriodState` for each period.
    start
        Periods of the given history that were left out before the first of these.
    season
        Periods per season; 1 without.
    """

    values: FloatArray
    known: BoolArray
    notes: tuple[str, ...]
    recorded: FloatArray
    states: npt.NDArray[np.int8]
    start: int = 0
    season: int = 1

    @property
    def known_periods(self) -> int:
        """Number of observed periods."""
        return int(self.known.sum())

    @cached_property
    def shifts(self) -> tuple[LevelShift, ...]:
        """Steps in the level of demand, the oldest first."""
        return find_shifts(self.values, self.known, self.season)

    @cached_property
    def levelled(self) -> FloatArray:
        """Demand per period with every older regime brought to the newest level, season kept, item units."""
        return levelled(self.values, self.shifts)

    @property
    def shift_notes(self) -> tuple[str, ...]:
        """What `levelled` was brought to the newest level for, a phrase each."""
        return tuple(f"level {shift.factor:.3g} times as high since {_ago(shift.periods_ago)}" for shift in self.shifts)


def checked_history(history: npt.ArrayLike, in_stock: npt.ArrayLike | None) -> tuple[FloatArray, BoolArray]:
    """Return history and stock flags as arrays of one length.

    Raises
    ------
    InputError
        If demand is negative, infinite or not numeric, or the two differ in length.
    """
    values = numbers(history, "demand history", "a number per period")
    stocked = np.ones(values.shape, dtype=bool)
    if in_stock is not None:
        flags = numbers(in_stock, "in_stock", "true or false per period")
        odd = np.flatnonzero((flags != 0) & (flags != 1))
        if odd.size:
            raise InputError(f"in_stock is {flags.flat[odd[0]]:g} in period {odd[0] + 1}; expected true or false")
        stocked = flags == 1
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


def clean_history(
    history: FloatArray,
    in_stock: BoolArray | None = None,
    season: int = 1,
    explained: BoolArray | None = None,
) -> CleanHistory:
    """Return the demand a model may learn from.

    Sales of a period without stock are a lower bound: demand is its expectation under that bound, by level and season
    of the periods around. Missing periods are estimated the same way. Zeros before the first sale of an item that
    sells often are left out, and single values that trend and season do not explain are brought to a limit.

    Parameters
    ----------
    history
        Demand per period, item units, oldest first; NaN where unknown.
    in_stock
        False where the item was out of stock in the period.
    season
        Periods per season, such as 12 for months; 1 without.
    explained
        True where the caller knows why demand was unusual, such as a promotion: it is cut only where it is beyond all
        belief beside the other such periods.

    Raises
    ------
    InputError
        If demand is negative or infinite, or the arrays differ in length.

    Examples
    --------
    >>> clean = clean_history(np.array([8.0, 10.0, 0.0, 12.0]), np.array([True, True, False, True]))
    >>> clean.notes
    ('1 stock-out period estimated from its neighbours',)
    >>> [f"{value:.1f}" for value in clean.values], clean.states.tolist()
    (['8.0', '10.0', '10.1', '12.0'], [0, 0, 1, 0])
    """
    values, stocked = checked_history(history, in_stock)
    told = _checked_explained(explained, values.size)
    require(season >= 1, "season", season, "1 (no season) or more periods")
    notes: list[str] = []
    if ((values > 0) & (values < DUST)).any():
        notes.append(f"quantities below {DUST:g} taken for zero")
        values = np.where(values < DUST, 0.0, values)
    start = _start(values, stocked, notes)
    recorded, stocked, told = values[start:], stocked[start:], told[start:]
    known = np.isfinite(recorded) & stocked
    states = np.where(
        np.isnan(recorded), PeriodState.MISSING, np.where(known, PeriodState.OBSERVED, PeriodState.STOCK_OUT)
    )
    sales, outliers = limited(recorded, known, told, season)
    _note_outliers(recorded, sales, outliers, notes)
    _note_estimates(states, known, notes)
    states = np.where(outliers, PeriodState.OUTLIER, states).astype(np.int8)
    complete = unconstrained(sales, known, season) if known.any() else np.where(np.isnan(sales), 0.0, sales)
    return CleanHistory(complete, known, tuple(notes), recorded, states, start, season)


def _checked_explained(explained: BoolArray | None, periods: int) -> BoolArray:
    told = np.zeros(periods, dtype=bool) if explained is None else np.array(explained, dtype=bool)
    if told.shape != (periods,):
        raise InputError(f"explained has {told.size} periods; expected {periods}, as many as the history")
    return told


def _start(values: FloatArray, stocked: BoolArray, notes: list[str]) -> int:
    """Return the first period that is history: the first record, or the launch of an item that sells often."""
    recorded = np.flatnonzero(np.isfinite(values))
    if not recorded.size:
        return values.size
    sales = np.flatnonzero(values > 0)
    if not sales.size or sales[0] == recorded[0]:
        return int(recorded[0])
    first = int(sales[0])
    known = np.isfinite(values) & stocked
    before = int(known[:first].sum())
    # One demand is taken off: the first sale is where it is by construction.
    frequency = (sales.size - 1) / max(int(known[first:].sum()) - 1, 1)
    if before and (1 - min(frequency, 1.0)) ** before < LAUNCH_DOUBT:
        notes.append(f"first sold {_ago(values.size - first)}")
        return first
    return int(recorded[0])


def _note_outliers(recorded: FloatArray, sales: FloatArray, outliers: BoolArray, notes: list[str]) -> None:
    for places, word, deed in (
        (np.flatnonzero(outliers & (sales < recorded)), "of up to", "cut to"),
        (np.flatnonzero(outliers & (sales > recorded)), "as low as", "raised to"),
    ):
        if not places.size:
            continue
        extreme = recorded[places].max() if deed == "cut to" else recorded[places].min()
        named = places[::-1][:NAMED_OUTLIERS]
        cases = [f"{recorded[at]:,.6g} {deed} {sales[at]:,.4g} ({_ago(recorded.size - int(at))})" for at in named]
        more = [f"{places.size - named.size} more"] if places.size > named.size else []
        what = "1 outlier" if places.size == 1 else f"{places.size} outliers"
        notes.append(f"{what} {word} {extreme:,.6g}: {', '.join(cases + more)}")


def _note_estimates(states: npt.NDArray[np.intp], known: BoolArray, notes: list[str]) -> None:
    if states.size and not known.any():
        notes.append("never in stock, so sales are only a lower bound")
        return
    for state, phrase in ((PeriodState.STOCK_OUT, "stock-out"), (PeriodState.MISSING, "unknown")):
        count = int((states == state).sum())
        if count:
            its = "its" if count == 1 else "their"
            notes.append(f"{count} {phrase} {_periods(count)} estimated from {its} neighbours")


def _periods(count: int) -> str:
    return "period" if count == 1 else "periods"


def _ago(count: int) -> str:
    return f"{count} {_periods(count)} ago"
