"""The cases of a back-test: where the windows of each history begin, what came in them, and what errors cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.errors import InputError, require
from invopt_xl.forecasting.backtest.metrics import naive_scale
from invopt_xl.forecasting.checks import numbers
from invopt_xl.forecasting.cleaning.history import BoolArray, checked_history
from invopt_xl.forecasting.patterns import demand_patterns
from invopt_xl.forecasting.settings import whole

SHORTEST_HISTORY = 8
"""Known periods that a window needs before it: with fewer no method has more than a mean to offer."""

_WALKED = (
    ("windows", 1000, "number of windows", "1 to 1,000, such as 4"),
    ("horizon", 10_000, "forecast horizon", "1 to 10,000 periods"),
    ("step", 10_000, "step between windows", "1 to 10,000 periods"),
    ("season", 10_000, "season", "1 (no season) to 10,000 periods"),
    ("scale_lag", 10_000, "lag of the naive forecast", "1 to 10,000 periods"),
)


class LeftOut(NamedTuple):
    """A window of an item that could not be scored: the item's place from 0, the window from 1 (oldest), and why."""

    item: int
    window: int
    why: str


@dataclass(frozen=True, eq=False)
class Cases:
    """What was to be forecast: items by windows, oldest first.

    Parameters
    ----------
    names, patterns
        Name and demand pattern of each item.
    origins
        Periods of history before each window; -1 where the window was left out. Shape (items, windows).
    actual
        Demand of each step, item units, NaN where it does not count. Shape (items, windows, steps).
    interval_actual
        Demand over the protection interval that begins with the window, item units; NaN unless every period of it
        counts. Shape (items, windows).
    protection_periods
        Length of that interval, periods, shape (items,).
    scale, squared_scale
        Mean absolute and squared naive error before the window, shape (items, windows).
    unit_cost, shortage, leftover
        Money for a unit: its cost, short by one, one left over; NaN where not known. Shape (items,).
    left_out
        Windows that are not scored.
    """

    names: tuple[str, ...]
    patterns: tuple[str, ...]
    origins: npt.NDArray[np.int64]
    actual: FloatArray
    interval_actual: FloatArray
    protection_periods: npt.NDArray[np.int64]
    scale: FloatArray
    squared_scale: FloatArray
    unit_cost: FloatArray
    shortage: FloatArray
    leftover: FloatArray
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True)
class Walk:
    """Where the windows of a history begin, in periods; `step` and `scale_lag` as in `walk_forward`.

    Raises
    ------
    InputError
        If a number is not whole or out of bounds.
    """

    horizon: int
    windows: int
    step: int | None
    season: int
    scale_lag: int | None

    def __post_init__(self) -> None:
        for part, most, name, expected in _WALKED:
            given = getattr(self, part)
            if given is not None or part not in ("step", "scale_lag"):
                object.__setattr__(self, part, whole(given, name, 1, most, expected))

    def origins(self, periods: int) -> list[int]:
        """Return the periods before each window, oldest first."""
        step = self.step or self.horizon
        return [periods - self.horizon - step * back for back in range(self.windows - 1, -1, -1)]

    def lag(self, origin: int) -> int:
        """Return the lag of the naive forecast."""
        return self.scale_lag or (self.season if origin >= 2 * self.season else 1)


@dataclass(frozen=True, eq=False)
class Item:
    """A checked history; `demand` is NaN where it is unknown or was held down by a stock-out."""

    name: str
    history: FloatArray
    in_stock: BoolArray

    @cached_property
    def demand(self) -> FloatArray:
        """Demand per period where it is known, else NaN."""
        return np.where(self.in_stock, self.history, np.nan)


def items_of(
    histories: Sequence[FloatArray], in_stock: Sequence[BoolArray | None] | None, names: Sequence[str] | None
) -> list[Item]:
    """Return the checked histories, named by their numbers from 1 where no names are given."""
    stock = [None] * len(histories) if in_stock is None else in_stock
    require(len(stock) == len(histories), "number of in_stock rows", len(stock), f"{len(histories)}, one per history")
    given = [str(place + 1) for place in range(len(histories))] if names is None else [str(name) for name in names]
    require(len(given) == len(histories), "number of names", len(given), f"{len(histories)}, one per history")
    name, times = Counter(given).most_common(1)[0] if given else ("", 1)
    require(times == 1, "name of an item", f"'{name}' {times} times", "a name for each")
    items = []
    for place, (name, history, stocked) in enumerate(zip(given, histories, stock, strict=True)):
        try:
            items.append(Item(name, *checked_history(history, stocked)))
        except InputError as error:
            raise InputError(f"history {place + 1} of {len(histories)}: {error}") from None
    return items


def intervals_of(asked: int | Sequence[int] | None, items: int, horizon: int) -> npt.NDArray[np.int64]:
    """Return the protection interval of each item, periods; by default the horizon."""
    if asked is None:
        return np.full(items, horizon)
    expected = f"1 to the horizon of {horizon} periods"
    given = numbers(asked, "protection periods", expected)
    if given.ndim == 0:
        return np.full(items, whole(float(given), "protection periods", 1, horizon, expected))
    require(given.shape == (items,), "number of protection periods", given.size, f"{items}, one per history")
    name = "protection periods of item {} of {}"
    periods = [
        whole(one, name.format(place, items), 1, horizon, expected) for place, one in enumerate(given.tolist(), 1)
    ]
    return np.array(periods, dtype=np.int64)


def cases_of(
    items: Sequence[Item],
    intervals: npt.NDArray[np.int64],
    money: tuple[FloatArray, FloatArray, FloatArray],
    walk: Walk,
) -> Cases:
    """Return what came in each window, the scales before it, and the windows that cannot be scored."""
    shape = (len(items), walk.windows)
    origins = np.full(shape, -1)
    actual = np.full((*shape, walk.horizon), np.nan)
    scales = np.full((2, *shape), np.nan)
    left_out = []
    for place, item in enumerate(items):
        for window, origin in enumerate(walk.origins(item.demand.size)):
            why = _unfit(item, origin, walk.horizon)
            if why:
                left_out.append(LeftOut(place, window + 1, why))
                continue
            origins[place, window] = origin
            actual[place, window] = item.demand[origin : origin + walk.horizon]
            scales[:, place, window] = naive_scale(item.demand[:origin], walk.lag(origin))
    return Cases(
        tuple(item.name for item in items),
        tuple(pattern.name for pattern in demand_patterns([item.demand for item in items])),
        origins, actual, _interval_sums(actual, intervals), intervals, scales[0], scales[1],
        *money, tuple(left_out),
    )  # fmt: skip


def _unfit(item: Item, origin: int, horizon: int) -> str:
    """Return why a window cannot be scored, or nothing."""
    known = int(np.isfinite(item.demand[: max(origin, 0)]).sum())
    if known < SHORTEST_HISTORY:
        return f"{known} known periods before it; {SHORTEST_HISTORY} are needed"
    if not np.isfinite(item.demand[origin : origin + horizon]).any():
        return "no period in it with known demand and stock"
    return ""


def _interval_sums(actual: FloatArray, intervals: npt.NDArray[np.int64]) -> FloatArray:
    sums = np.cumsum(actual, axis=-1)
    return np.asarray(np.take_along_axis(sums, (intervals - 1)[:, None, None], axis=-1)[..., 0])
