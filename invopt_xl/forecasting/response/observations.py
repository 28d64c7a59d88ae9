"""What the past says of prices and promotions: demand of items by periods, beside price in logs and promotions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from invopt_xl.errors import require
from invopt_xl.forecasting.lifts.design import LARGEST_CHANGE
from invopt_xl.forecasting.panel.histories import Flags, Floats

PRICE = "price"
"""The first column: price in logs against the usual one; its effect is the elasticity."""

ANOTHER_PRICE = 0.05
"""Prices that differ by so much from the usual one, in logs, count as another: means of what was paid wobble."""

REGULAR_PRICES = 5
"""The price of a period that sold nothing is the median of so many prices before it: one that is cut for a week or two
is not taken to last."""

FEWEST_PERIODS, FEWEST_SALES = 8, 3
"""With less known demand an item says nothing of its own."""


@dataclass(frozen=True, eq=False)
class Observations:
    """Demand and what may have moved it, of items (rows) by periods (columns). Make them with `observe`.

    Parameters
    ----------
    quantity
        Demand, item units.
    used
        True where demand is known, not censored by a stock-out, and from an item that says something.
    names
        The columns, price first.
    columns
        Price in logs against the usual one, and shares of the period on promotion, shape (columns, items, periods).
    usual_price
        The median price without promotion, money a unit; NaN where no price is known.
    of_late
        What the price without promotion was of late, in logs against the usual one.
    guessed
        True where the price is not known, and the column holds that of late.
    price_changes
        Used periods in which a known price differed from the usual one.
    episodes
        Stretches of such periods, however long: a price that was cut once for ten weeks is one.
    deepest
        Lowest price of a used period, in logs against the usual one.
    highest
        Highest price of a used period, in the same terms.
    why
        Why an item says nothing of its own; "" where it does.
    """

    quantity: Floats
    used: Flags
    names: tuple[str, ...]
    columns: Floats
    usual_price: Floats
    of_late: Floats
    guessed: Flags
    price_changes: npt.NDArray[np.int64]
    episodes: npt.NDArray[np.int64]
    deepest: Floats
    highest: Floats
    why: tuple[str, ...]


def observe(quantity: Floats, in_stock: Flags, price: Floats, promotions: Mapping[str, Floats]) -> Observations:
    """Return what histories say of price and promotions.

    A period that sold nothing often has no price: nobody paid one. It takes the price of late, to begin with; leaving
    it out would leave out the weak weeks alone.

    Parameters
    ----------
    quantity
        Demand per period, item units, shape (items, periods); NaN where unknown; negative where returns outweigh sales,
        which is not used.
    in_stock
        False where sales understate demand.
    price
        Price paid, money a unit; NaN or 0 where unknown.
    promotions
        For each kind the share of the period or of the stores, 0 to 1; NaN counts as none.

    Raises
    ------
    InputError
        If the tables have different shapes.

    Examples
    --------
    >>> demand = np.tile([10.0, 10, 0, 30], (1, 5))
    >>> price = np.tile([2.0, 2, np.nan, 1], (1, 5))
    >>> seen = observe(demand, demand >= 0, price, {"promotion": np.tile([0.0, 0, 0, 1], (1, 5))})
    >>> seen.names, seen.columns[0, 0, :4].round(2).tolist(), seen.price_changes.tolist()
    (('price', 'promotion'), [0.0, 0.0, 0.0, -0.69], [5])
    """
    for name, table in {"in stock": in_stock, PRICE: price, **promotions}.items():
        require(table.shape == quantity.shape, f"shape of {name}", table.shape, f"{quantity.shape}, as that of demand")
    shares = {name: np.clip(np.nan_to_num(table.astype(np.float64)), 0.0, 1.0) for name, table in promotions.items()}
    on = np.any([share > 0 for share in shares.values()], axis=0) if shares else np.zeros(quantity.shape, bool)
    known = np.isfinite(quantity) & (np.nan_to_num(quantity) >= 0) & in_stock
    known = known & (np.cumsum(known & (np.nan_to_num(quantity) > 0), axis=1) > 0)
    prices = _against_usual(np.where(np.isfinite(price), price, 0.0), on, known)
    why = _silences(np.where(known, quantity, 0.0), known, prices.usual)
    used = known & np.array([not reason for reason in why])[:, None]
    logs = prices.logs
    another = used & prices.known & (np.abs(logs) >= ANOTHER_PRICE)
    starts = another & ~np.pad(another, ((0, 0), (1, 0)))[:, :-1]
    return Observations(
        np.where(used, quantity, 0.0),
        used,
        (PRICE, *shares),
        np.stack([logs, *shares.values()]),
        prices.usual,
        prices.of_late,
        used & ~prices.known,
        another.sum(axis=1),
        starts.sum(axis=1),
        np.where(used, logs, 0.0).min(axis=1, initial=0.0),
        np.where(used, logs, 0.0).max(axis=1, initial=0.0),
        why,
    )


@dataclass(frozen=True, eq=False)
class _Prices:
    """Prices in logs against the usual one, and what is usual of late; gaps hold the latter."""

    usual: Floats
    logs: Floats
    of_late: Floats
    known: Flags


def _against_usual(price: Floats, on: Flags, known: Flags) -> _Prices:
    """Return the usual price of each item, and prices in logs against it."""
    priced = price > 0
    regular = priced & ~on
    some = np.asarray((regular & known).any(axis=1))[:, None]
    usual = _row_median(np.where(np.where(some, regular & known, priced), price, np.nan))
    middle = np.where(np.isfinite(usual), usual, 1.0)[:, None]
    logs = np.clip(np.log(np.where(priced, price, middle) / middle), -LARGEST_CHANGE, LARGEST_CHANGE)
    of_late = _recent_median(np.where(regular, logs, np.nan))
    return _Prices(usual, np.where(priced, logs, of_late), of_late, priced)


def _recent_median(values: Floats) -> Floats:
    """Return for each cell the median of the last numbers of its row before it; 0 where there are none."""
    last = np.full((len(values), REGULAR_PRICES), np.nan)
    found = np.zeros(values.shape)
    for period in range(values.shape[1]):
        found[:, period] = np.nan_to_num(_row_median(last))
        fresh = np.isfinite(values[:, period])
        last[fresh] = np.column_stack([last[fresh, 1:], values[fresh, period]])
    return found


def _row_median(values: Floats) -> Floats:
    """Return the median of each row's numbers; NaN where it has none."""
    count = np.isfinite(values).sum(axis=1)
    if not values.shape[1]:
        return np.full(len(values), np.nan)
    ordered = np.sort(values, axis=1)
    low, high = np.maximum((count - 1) // 2, 0), np.minimum(count // 2, values.shape[1] - 1)
    rows = np.arange(len(values))
    return np.where(count > 0, (ordered[rows, low] + ordered[rows, high]) / 2, np.nan)


def _silences(quantity: Floats, known: Flags, usual: Floats) -> tuple[str, ...]:
    """Return for each item why it says nothing of its own."""
    periods, sales = known.sum(axis=1), (quantity > 0).sum(axis=1)
    words = {
        "no price in its history": ~np.isfinite(usual),
        "no sale on record": sales == 0,
        f"fewer than {FEWEST_PERIODS} periods of known demand": periods < FEWEST_PERIODS,
        f"fewer than {FEWEST_SALES} periods with a sale": sales < FEWEST_SALES,
    }
    return tuple(np.select(list(words.values()), list(words), default="").tolist())
