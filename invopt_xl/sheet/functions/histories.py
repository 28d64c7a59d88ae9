"""What a history is like: its pattern, its season, and demand as it would have been without stock-outs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.errors import InputError
from invopt_xl.sheet.arguments import REQUIRED, Argument
from invopt_xl.sheet.catalogue import Result, cell_function
from invopt_xl.sheet.functions._demand import (
    DEMAND,
    EMPTY_CELLS,
    IN_STOCK,
    ITEMS_IN,
    SEASON,
    WEEKS,
    Histories,
    Told,
    sentence,
    whys,
)

if TYPE_CHECKING:
    from invopt_xl.forecasting import BoolArray, CleanHistory, DemandPattern

SEASON_WANTED = replace(
    SEASON, help="Periods of a season, such as 12 for months, 52 for weeks.", default=REQUIRED, minimum=2
)
SHOW = Argument(
    "show", "indices: one for each period of the season, 1.2 being a fifth above the mean; strength: how much of the "
    "ups and downs is season, 0 to 1.",
    takes="one", kind="choice", choices=("indices", "strength"), default="indices",
)  # fmt: skip

QUARTERS = [[float(units)] for units in (81, 104, 152, 66, 90, 110, 149, 71, 84, 117, 160, 74, 92, 115, 158, 70)]
"""An item's quarters, for examples."""

SHORT_WEEKS = {3: 12.0, 9: 0.0}
"""Weeks in which stock ran out, for examples, and what was sold in them."""


@cell_function(
    "Forecast",
    DEMAND,
    IN_STOCK,
    EMPTY_CELLS,
    ITEMS_IN,
    result=Result(
        "record", "pattern, mean interval between demands in periods, squared coefficient of variation of their sizes",
        ("pattern", "mean_interval", "squared_variation"),
    ),
    cost="cheap",
    example=(WEEKS,),
    because=whys,
)  # fmt: skip
def demand_pattern(demand: FloatArray, in_stock: FloatArray | None, empty_cells: str, items_in: str) -> list[Any]:
    """Pattern of demand: smooth, erratic, intermittent, lumpy or none, and the two measures that tell it.

    By Syntetos, Boylan & Croston (2005): intermittent from a mean interval of 1.32 periods, erratic from a squared
    coefficient of variation of 0.49, lumpy from both. Periods out of stock do not count.
    """
    from invopt_xl.forecasting import demand_patterns

    return Histories.of(demand, in_stock, empty_cells).each(
        lambda known: [_pattern(each) for each in demand_patterns(list(np.where(known.in_stock, known.demand, np.nan)))]
    )


@cell_function(
    "Forecast",
    DEMAND,
    SEASON_WANTED,
    SHOW,
    IN_STOCK,
    EMPTY_CELLS,
    ITEMS_IN,
    result=Result("series", "index of each period of the season, or the strength of the season"),
    cost="cached",
    example=(QUARTERS, 4),
    because=whys,
)
def season(
    demand: FloatArray, season: int, show: str, in_stock: FloatArray | None, empty_cells: str, items_in: str
) -> list[Any]:
    """Seasonal indices, the first one of the first period that has a number, or the strength of the season.

    The index is the mean ratio to a centred average of one season, drawn to 1 as far as it is noise (James & Stein
    1961); outliers and stock-outs are mended before. The strength is that of Wang, Smith & Hyndman (2006): from about
    0.5 a season is clear. Indices need two seasons of history, the strength a little more.
    """
    histories = Histories.of(demand, in_stock, empty_cells)
    return histories.each(
        lambda known: [
            _season(history, stocked, int(season), show)
            for history, stocked in zip(known.demand, known.in_stock, strict=True)
        ]
    )


@cell_function(
    "Forecast",
    DEMAND,
    IN_STOCK,
    SEASON,
    EMPTY_CELLS,
    ITEMS_IN,
    result=Result("series", "demand of each period, units, laid out like the demand given", beside=True),
    cost="cached",
    example=(
        [[SHORT_WEEKS.get(week, units)] for week, (units,) in enumerate(WEEKS, 1)],
        [[week not in SHORT_WEEKS] for week in range(1, len(WEEKS) + 1)],
    ),
    because=whys,
)
def unconstrain(
    demand: FloatArray, in_stock: FloatArray | None, season: int, empty_cells: str, items_in: str
) -> list[Any]:
    """Demand as it would have been without stock-outs: what was sold while in stock, an estimate elsewhere, in units.

    Sales of a period out of stock are a lower bound: the estimate is expected demand above it, by the level and the
    season of the periods around. Empty cells that are unknown demand are estimated the same way, from an item's first
    number on.
    """
    histories = Histories.of(demand, in_stock, empty_cells)
    return histories.each(
        lambda known: [
            _unconstrained(history, stocked, int(season))
            for history, stocked in zip(known.demand, known.in_stock, strict=True)
        ]
    )


def _pattern(found: DemandPattern) -> Told:
    if found.name == "none":
        return Told((found.name, np.nan, np.nan), "There is no demand in any period.")
    why = sentence(
        f"{found.name}: one demand in {found.mean_interval:.2f} periods (rare from 1.32)",
        f"squared variation of its sizes {found.squared_variation:.2f} (uneven from 0.49)",
    )
    return Told((found.name, found.mean_interval, found.squared_variation), why)


def _season(history: FloatArray, in_stock: BoolArray, season: int, show: str) -> Told | InputError:
    from invopt_xl.forecasting import clean_history
    from invopt_xl.forecasting.arima.search import seasonal_strength
    from invopt_xl.forecasting.cleaning.baselines import has_seasons, shrunk_indices

    clean = clean_history(history, in_stock, season)
    told = f"{clean.known_periods} known periods of {clean.values.size}"
    if not has_seasons(clean.known, season):
        return InputError(f"history has {told}; expected two seasons of {season}, half of their periods known")
    if not clean.values.any():
        return InputError("demand is 0 in every period; expected some, to tell a season from")
    if show == "strength":
        needed = int(np.ceil(2.25 * season)) + 1
        if clean.values.size < needed:
            return InputError(f"history has {told}; expected {needed} to tell the strength of a season of {season}")
        strength = seasonal_strength(clean.values, season)
        return Told((strength,), sentence(f"the season makes {strength:.0%} of the variance around the trend"))
    # The first index is that of the first period given, whichever an item's history begins with.
    indices = np.roll(shrunk_indices(clean.values, clean.known, season), clean.start)
    return Told(indices, _peaks(indices, clean))


def _peaks(indices: FloatArray, clean: CleanHistory) -> str:
    if np.ptp(indices) == 0:
        return sentence("no season stands out from the noise", *clean.notes)
    high, low = int(indices.argmax()), int(indices.argmin())
    return sentence(
        f"highest in period {high + 1} of the season, {indices[high]:.2f} times the mean",
        f"lowest in period {low + 1}, {indices[low]:.2f} times",
        *clean.notes,
    )


def _unconstrained(history: FloatArray, in_stock: BoolArray, season: int) -> Told | InputError:
    from invopt_xl.forecasting import PeriodState, clean_history

    clean = clean_history(history, in_stock, season)
    if not clean.known.any():
        return InputError("in stock is FALSE wherever demand is known; expected periods in stock to estimate from")
    estimated = np.isin(clean.states, (PeriodState.STOCK_OUT, PeriodState.MISSING))
    mended = history.copy()
    mended[clean.start :] = np.where(estimated, clean.values, clean.recorded)
    added = np.nansum(mended) - np.nansum(history)
    why = sentence(*clean.notes, f"{added:,.1f} units more than recorded")
    return Told([None if np.isnan(value) else value for value in mended.tolist()], why)
