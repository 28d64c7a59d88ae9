"""What may explain demand besides its own history: prices, promotions and calendar days, past and future.

A column is of one of three kinds. A ``price`` is money a unit. A ``promotion`` is 1 where the item was promoted in the
whole period, 0 where it was not, or the share between. A ``calendar`` column is the same for a day everybody knows:
1 in the period that holds it. What is not given for the future is assumed: to come as it came before, or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast, get_args

import numpy as np
import numpy.typing as npt

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.errors import InputError, require
from invopt_xl.forecasting.checks import numbers
from invopt_xl.forecasting.settings import whole

Kind = Literal["price", "promotion", "calendar"]
KINDS: tuple[Kind, ...] = get_args(Kind)

Unplanned = Literal["as before", "regular"]
UNPLANNED: tuple[Unplanned, ...] = get_args(Unplanned)
"""Assumptions on coming periods nobody planned: prices and promotions as in the past, or regular price and none."""

Columns = npt.ArrayLike | Mapping[str, npt.ArrayLike]
"""One column of numbers, or several under their names."""

REGULAR_PERIODS = 4
"""The regular price is the median of so many last periods that had one."""

LARGEST_NUMBER = 1e12
"""Prices beyond it are mistakes."""

MOST_PERIODS = 1_000_000
"""Longer histories and horizons are mistakes."""

_EXPECTED = {
    "price": f"a price of 0 to {LARGEST_NUMBER:g}, or empty where unknown",
    "promotion": "0 (no promotion) to 1 (the whole period)",
    "calendar": "0 (not in the period) to 1 (the whole period)",
}


@dataclass(frozen=True, eq=False)
class Regressors:
    """Columns that may explain demand, complete over the past and known or not over the horizon.

    Make them with `Regressors.of`.

    Parameters
    ----------
    names
        What each column is called, shape (columns,).
    kinds
        ``price``, ``promotion`` or ``calendar``, shape (columns,).
    past
        Numbers of the periods of the history, oldest first, shape (periods, columns).
    future
        Numbers of the coming periods, shape (horizon, columns); NaN for a price or a promotion that is expected to come
        as it came before.
    assumptions
        What was assumed, a phrase each.

    Raises
    ------
    InputError
        If a number is not what its kind allows; the message names column and period.
    """

    names: tuple[str, ...]
    kinds: tuple[Kind, ...]
    past: FloatArray
    future: FloatArray
    assumptions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        columns = len(self.names)
        require(len(set(self.names)) == columns, "names of regressors", ", ".join(self.names), "different names")
        require(len(self.kinds) == columns, "number of kinds", len(self.kinds), f"{columns}, one per regressor")
        for part, table in (("past", self.past), ("future", self.future)):
            made = isinstance(table, np.ndarray) and table.dtype.kind == "f"
            require(made, f"{part} of the regressors", f"of type {type(table).__name__}", "a table of numbers")
            sound = table.ndim == 2 and table.shape[1] == columns
            require(sound, f"{part} of the regressors", f"of shape {table.shape}", f"periods by {columns} columns")
        for place, (name, kind) in enumerate(zip(self.names, self.kinds, strict=True)):
            require(kind in KINDS, f"kind of regressor '{name}'", kind, f"one of {', '.join(KINDS)}")
            _check(name, kind, self.past[:, place], complete=True)
            _check(f"future {name}", kind, self.future[:, place], complete=False)

    @classmethod
    def of(
        cls,
        periods: int,
        horizon: int,
        *,
        price: Columns | None = None,
        promotion: Columns | None = None,
        calendar: Mapping[str, npt.ArrayLike] | None = None,
        future_price: Columns | None = None,
        future_promotion: Columns | None = None,
        unplanned: Unplanned = "as before",
    ) -> Regressors:
        """Return the columns for a history and a horizon, checked, gaps filled and assumptions said in words.

        Parameters
        ----------
        periods
            Number of periods of the history.
        horizon
            Number of coming periods.
        price
            Price of each period of the history, money a unit; NaN or 0 where unknown, which takes the last known
            price. Several prices stand under their names.
        promotion
            1 where the item was on promotion, 0 where not, or the share of the period; NaN counts as none. Several
            kinds of promotion stand under their names.
        calendar
            For each event its column over history and horizon together, ``periods + horizon`` numbers from 0 to 1.
        future_price
            Price of each coming period; NaN or 0 where not known.
        future_promotion
            Promotion in each coming period; NaN where not known.
        unplanned
            What is assumed where the future is not given: ``as before``, prices and promotions come as often and as
            large as in the past, or ``regular``, the last regular price and no promotion.

        Raises
        ------
        InputError
            If periods or horizon are no whole numbers, a column has the wrong length, or a number is not what its kind
            allows.

        Examples
        --------
        >>> known = Regressors.of(4, 2, price=[5, 5, np.nan, 4], promotion=[0, 0, 0, 1], future_promotion=[0, 1])
        >>> known.names, known.past.tolist(), known.future.tolist()
        (('price', 'promotion'), [[5.0, 0.0], [5.0, 0.0], [5.0, 0.0], [4.0, 1.0]], [[nan, 0.0], [nan, 1.0]])
        >>> known.assumptions
        ('future price not given: assumed to come as before',)
        """
        periods = whole(periods, "periods of the regressors", 0, MOST_PERIODS, f"0 to {MOST_PERIODS:,}")
        horizon = whole(horizon, "horizon of the regressors", 0, MOST_PERIODS, f"0 to {MOST_PERIODS:,}")
        require(unplanned in UNPLANNED, "assumption on unplanned periods", unplanned, f"one of {', '.join(UNPLANNED)}")
        promotions = {name: np.nan_to_num(past) for name, past in _named(promotion, "promotion", periods).items()}
        prices = _named(price, "price", periods)
        plans = _named(future_promotion, "promotion", horizon, future=True)
        plans |= _named(future_price, "price", horizon, future=True)
        for name in plans:
            require(name in promotions or name in prices, f"future {name}", "without a past", "its past as well")
        promoted = np.any([past > 0 for past in promotions.values()], axis=0) if promotions else np.zeros(periods, bool)
        regular = {name: _regular_price(past, promoted) for name, past in prices.items()}
        notes: list[str] = []
        made: list[tuple[str, Kind, FloatArray, FloatArray]] = []
        for name, past in prices.items():
            plan = plans.get(name, np.full(horizon, np.nan))
            future = _assumed(name, np.where(plan > 0, plan, np.nan), regular[name], unplanned, notes)
            made.append((name, "price", _filled(past, past > 0), future))
        for name, past in promotions.items():
            future = _assumed(name, plans.get(name, np.full(horizon, np.nan)), None, unplanned, notes)
            made.append((name, "promotion", past, future))
        for name, column in _named(calendar, "calendar", periods + horizon).items():
            made.append((name, "calendar", column[:periods], column[periods:]))
        return cls(
            tuple(name for name, _, _, _ in made),
            tuple(kind for _, kind, _, _ in made),
            _table([past for _, _, past, _ in made], periods),
            _table([future for _, _, _, future in made], horizon),
            tuple(notes),
        )

    @property
    def periods(self) -> int:
        """Periods of the history."""
        return int(self.past.shape[0])

    @property
    def horizon(self) -> int:
        """Coming periods."""
        return int(self.future.shape[0])

    @property
    def key_parts(self) -> tuple[object, ...]:
        """Plain values and arrays that a content key depends on."""
        return (self.names, self.kinds, self.past, self.future, self.assumptions)

    def to_arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """Return the columns as named arrays."""
        return {
            "regressor_names": np.array(self.names, dtype=np.str_),
            "regressor_kinds": np.array(self.kinds, dtype=np.str_),
            "regressor_past": self.past,
            "regressor_future": self.future,
            "regressor_assumptions": np.array(self.assumptions, dtype=np.str_),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[np.generic]]) -> Regressors | None:
        """Return the columns that `to_arrays` took apart, or None where the arrays hold none."""
        if "regressor_names" not in arrays:
            return None
        names, kinds, notes = (
            tuple(str(text) for text in arrays[f"regressor_{part}"]) for part in ("names", "kinds", "assumptions")
        )
        past, future = (arrays[f"regressor_{part}"].astype(np.float64) for part in ("past", "future"))
        return cls(names, cast(tuple[Kind, ...], kinds), past, future, notes)


def _named(columns: Columns | None, kind: Kind, periods: int, *, future: bool = False) -> dict[str, FloatArray]:
    """Return columns under their names, checked for their length and their numbers."""
    if columns is None:
        return {}
    given = columns if isinstance(columns, Mapping) else {kind: columns}
    checked = {}
    for name, column in given.items():
        what = f"future {name}" if future else str(name)
        entries = numbers(column, what, _EXPECTED[kind])
        sound = entries.ndim == 1 and entries.size == periods
        require(sound, f"shape of {what}", entries.shape, f"{periods} periods, a number each")
        _check(what, kind, entries, complete=False)
        checked[str(name)] = entries
    return checked


def _check(name: str, kind: Kind, entries: FloatArray, *, complete: bool) -> None:
    top = LARGEST_NUMBER if kind == "price" else 1.0
    sound = (entries >= 0) & (entries <= top)
    if not complete and kind != "calendar":
        sound |= np.isnan(entries)
    wrong = np.flatnonzero(~sound)
    if wrong.size:
        first = int(wrong[0])
        raise InputError(
            f"{name} in period {first + 1} of {entries.size} is {entries[first]:g}; expected {_EXPECTED[kind]}"
        )


def _regular_price(past: FloatArray, promoted: npt.NDArray[np.bool_]) -> float:
    """Return the median of the last prices without promotion; 0 where no price is known."""
    known = np.flatnonzero(past > 0)
    regular = np.flatnonzero((past > 0) & ~promoted)
    last = (regular if regular.size else known)[-REGULAR_PERIODS:]
    return float(np.median(past[last])) if last.size else 0.0


def _assumed(name: str, plan: FloatArray, price: float | None, unplanned: Unplanned, notes: list[str]) -> FloatArray:
    """Return the coming numbers of a column, and note what is assumed; `price` is the regular one, if it is a price."""
    missing = np.isnan(plan)
    if not missing.any():
        return plan
    where = "" if missing.all() else f" in {int(missing.sum())} of {plan.size} coming periods"
    if unplanned == "as before":
        notes.append(f"future {name} not given{where}: assumed to come as before")
        return plan
    assumed = "no promotion" if price is None else f"the last regular one, {price:.4g}"
    notes.append(f"future {name} not given{where}: assumed {assumed}")
    return np.where(missing, price or 0.0, plan)


def _filled(column: FloatArray, known: npt.NDArray[np.bool_]) -> FloatArray:
    """Return the column with gaps filled by the last known number, and by the first known one before it."""
    if not known.any():
        return np.zeros(column.size)
    last = np.maximum.accumulate(np.where(known, np.arange(column.size), -1))
    return column[np.where(last < 0, int(np.argmax(known)), last)]


def _table(columns: list[FloatArray], periods: int) -> FloatArray:
    return np.column_stack(columns) if columns else np.empty((periods, 0))
