"""How demand of a plan's items answers to price and promotion, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.forecasting.panel.histories import KEY, Floats, Histories, item_positions
from invopt_xl.forecasting.response import Response, Trust, estimate_response, observe, trust
from invopt_xl.plan.columns import PRICE_RESPONSE
from invopt_xl.plan.parameters import Parameters

ALIKE = ("supplier",)
"""Columns whose values make items alike, the nearest first."""

_PLACES = {"elasticity": 2, "lift": 3, "usual_price": 4, "weight_of_own_data": 3}


@dataclass(frozen=True, eq=False)
class PriceResponse:
    """A price response of items.

    Parameters
    ----------
    table
        ``tblPriceResponse``, a row for each item in the order of the items.
    response, trust
        What it was made from.
    """

    table: pd.DataFrame
    response: Response
    trust: Trust


def price_response(
    items: pd.DataFrame,
    past: Histories,
    parameters: Parameters,
    *,
    promotions: pd.DataFrame | None = None,
    alike: Sequence[str] = ALIKE,
) -> PriceResponse:
    """Return elasticities and promotion lifts of items from their histories.

    Parameters
    ----------
    items
        A row for each item and location, in the order of the histories.
    past
        Their histories, with price and promotion of each period.
    parameters
        For the periods.
    promotions
        Kinds of promotion apart: rows of item, location and date, with a column for each kind such as ``display`` and
        ``mailer`` that holds the share of the stores that had it. Takes the place of the histories' own promotion.
    alike
        Columns of the items whose values make items alike, the nearest first; those that are not there are passed over.
        An item stocked at several locations is first of all like itself.
    """
    kinds = {"promotion": past.promotion.astype(np.float64)}
    if promotions is not None:
        kinds = _spread(items, past, promotions, parameters)
    seen = observe(past.quantity, past.in_stock, past.price, kinds)
    season = parameters.calendar.season if past.periods >= parameters.calendar.season else 1
    response = estimate_response(seen, _groups(items, alike), season)
    judged = trust(response)
    return PriceResponse(_table(items, response, judged), response, judged)


def _groups(items: pd.DataFrame, alike: Sequence[str]) -> list[npt.NDArray[np.str_]]:
    names = ["item"] if items["item"].duplicated().any() else []
    names += [name for name in alike if name in items and items[name].nunique() > 1]
    return [items[name].fillna("").astype(str).to_numpy(dtype=np.str_) for name in names]


def _spread(items: pd.DataFrame, past: Histories, rows: pd.DataFrame, parameters: Parameters) -> dict[str, Floats]:
    """Return the largest share of each kind in each period, by items and periods."""
    place = item_positions(items, rows)
    period = parameters.calendar.index(rows["date"].to_numpy()) + past.periods
    inside = (place >= 0) & (period >= 0) & (period < past.periods)
    kinds = {}
    for name in rows.columns.difference([*KEY, "date"], sort=False):
        shares = np.zeros(past.quantity.shape)
        values = rows[name].fillna(0).to_numpy(dtype=np.float64)
        np.maximum.at(shares, (place[inside], period[inside]), values[inside])
        kinds[str(name)] = shares
    return kinds


def _table(items: pd.DataFrame, response: Response, judged: Trust) -> pd.DataFrame:
    seen = response.seen
    low, high = response.interval()
    known = np.isfinite(seen.usual_price)
    lifts = {f"{name}_lift": _lift(response, place) for place, name in enumerate(seen.names) if place}
    made = items.assign(
        elasticity=np.where(known, response.elasticity, np.nan),
        elasticity_low=np.where(known, low, np.nan),
        elasticity_high=np.where(known, high, np.nan),
        usual_price=seen.usual_price,
        price_changes=seen.price_changes,
        weight_of_own_data=np.where(known, response.own[:, 0], np.nan),
        usable=np.where(judged.usable, "yes", "no"),
        why=list(judged.why),
        **lifts,
    ).reindex(columns=PRICE_RESPONSE.column_names)
    places = {name: digits for name in PRICE_RESPONSE.column_names for part, digits in _PLACES.items() if part in name}
    return made.round(places).reset_index(drop=True)


def _lift(response: Response, place: int) -> Floats:
    """Return what a promotion adds in as many stores as usual, share; NaN where there never was one."""
    share = np.where(response.seen.used, response.seen.columns[place], 0.0)
    count = (share > 0).sum(axis=1)
    usual = share.sum(axis=1) / np.maximum(count, 1)
    return np.where(count > 0, np.expm1(response.mean[:, place] * usual), np.nan)
