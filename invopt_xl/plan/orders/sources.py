"""Where each item can come from: its own supplier, further ones, other locations; one row each."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from invopt_xl.plan.columns import Tables
from invopt_xl.plan.histories import item_positions
from invopt_xl.plan.lanes import lane_pairs, only_by_lane
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.replenishment import observed_lead_times
from invopt_xl.policy import lead_times

FloatArray = npt.NDArray[np.float64]

_TAIL = 12.0
"""Deliveries later than so many standard deviations are left out of account."""

ASSUMED = "lead_time_assumed"
"""Column of further suppliers that a scenario adds where it says what their lead time is."""

COLUMNS = (
    *("item_row", "supplier", "origin_row", "from_location", "unit_cost", "lead_periods", "lead_deviation_periods"),
    *("order_cost", "moq", "lot_size", "emergency", "closed"),
)


def source_table(items: pd.DataFrame, tables: Tables, parameters: Parameters) -> pd.DataFrame:
    """Return a row for each source: first the items' own suppliers, in their order, then further ones, then lanes.

    Parameters
    ----------
    items
        With ``supplier``, ``unit_cost``, ``order_cost``, ``moq``, ``lot_size``, ``lead_periods``,
        ``lead_deviation_periods`` and ``lead_time_days``, rows numbered from 0.
    tables, parameters
        Admitted input.

    Returns
    -------
    DataFrame
        ``item_row`` (row of the item it delivers), ``supplier`` ("" where there is none), ``origin_row`` (row of the
        item whose stock it takes, -1: bought), ``from_location`` ("" where bought), ``unit_cost``, ``order_cost``
        (money), ``lead_periods``, ``lead_deviation_periods``, ``moq``, ``lot_size`` (units), ``emergency``,
        ``closed`` (True where only overrides are bought, see `only_by_lane`) and ``late_periods``, as
        `excess_lateness` gives it.
    """
    own = items[["supplier", "unit_cost", "lead_periods", "lead_deviation_periods", "order_cost", "moq", "lot_size"]]
    closed = only_by_lane(items, tables["lanes"])
    own = own.assign(item_row=np.arange(len(items)), origin_row=-1, from_location="", emergency=False, closed=closed)
    rows = [
        own,
        *(part for part in (_bought(items, tables, parameters), _moved(items, tables, parameters)) if len(part)),
    ]
    found = pd.concat([part[[*COLUMNS]] for part in rows], ignore_index=True)
    return found.assign(late_periods=excess_lateness(found, len(items)))


def _bought(items: pd.DataFrame, tables: Tables, parameters: Parameters) -> pd.DataFrame:
    """Return the further suppliers; what they leave out is filled in."""
    given = tables["sources"].reset_index(drop=True)
    if given.empty:
        return given
    row = item_positions(items, given)
    length = parameters.calendar.days_per_period
    given = with_lead_times(given, items, tables, parameters)
    return given.assign(
        item_row=row,
        origin_row=-1,
        from_location="",
        lead_periods=given["lead_time_days"] / length,
        lead_deviation_periods=given["lead_time_sd_days"] / length,
        order_cost=items["order_cost"].to_numpy()[row],
        closed=False,
    )


def with_lead_times(given: pd.DataFrame, items: pd.DataFrame, tables: Tables, parameters: Parameters) -> pd.DataFrame:
    """Return further suppliers with the lead times to expect of them, days: as stated, or as receipts showed them.

    Parameters
    ----------
    given
        Rows of ``tblSources``, numbered from 0. Where ``lead_time_assumed`` is True, no receipt overrules a row.
    items
        With ``lead_time_days``.
    tables, parameters
        Admitted input.
    """
    suppliers = tables["suppliers"].set_index("supplier")
    own = items["lead_time_days"].to_numpy()[item_positions(items, given)]
    regular = ~given["emergency"].to_numpy(dtype=bool)
    usual = given["supplier"].map(suppliers["lead_time_days"].astype(float)).fillna(pd.Series(own))
    spread = given["supplier"].map(suppliers["lead_time_sd_days"].astype(float)).where(regular).fillna(0.0)
    at_once = np.minimum(own, parameters.calendar.days_per_period)
    stated = given["lead_time_days"].fillna(usual.where(regular, at_once))
    given = given.assign(lead_time_days=stated, lead_time_sd_days=given["lead_time_sd_days"].fillna(spread))
    told = regular & ~given[ASSUMED].to_numpy(dtype=bool) if ASSUMED in given else regular
    times = lead_times(stated.to_numpy(), given["lead_time_sd_days"].to_numpy(), _receipts(given, told, tables))
    return given.assign(lead_time_days=times.mean, lead_time_sd_days=times.standard_deviation)


def _receipts(given: pd.DataFrame, told: npt.NDArray[np.bool_], tables: Tables) -> list[FloatArray]:
    """Return the lead times seen of each further supplier of which receipts tell; of emergencies none does."""
    found = [np.empty(0)] * len(given)
    receipts = tables["receipts"]
    known = told & given["supplier"].isin(receipts["supplier"]).to_numpy()
    for supplier, rows in given[known].groupby("supplier"):
        seen = tables | {"receipts": receipts[receipts["supplier"] == supplier]}
        for place, days in zip(rows.index, observed_lead_times(rows, seen), strict=True):
            found[int(place)] = days
    return found


def _moved(items: pd.DataFrame, tables: Tables, parameters: Parameters) -> pd.DataFrame:
    """Return a row for each item that a lane can bring from another location."""
    lanes = tables["lanes"]
    if lanes.empty:
        return lanes
    found = lane_pairs(items, lanes)
    length = parameters.calendar.days_per_period
    return found.assign(
        item_row=found["row_to"],
        origin_row=found["row_from"],
        supplier="",
        unit_cost=found["transfer_cost"],
        lead_periods=found["lead_time_days"].fillna(length) / length,
        lead_deviation_periods=0.0,
        moq=0.0,
        # What is ordered by parts of a unit moves by them.
        lot_size=np.minimum(items["lot_size"].to_numpy(np.float64)[found["row_to"]], 1.0),
        emergency=False,
        closed=False,
    )


def planned_lead(lead_periods: FloatArray) -> npt.NDArray[np.int64]:
    """Return lead times in whole periods, rounded up: a plan never counts on a part of a period."""
    return np.asarray(np.ceil(np.asarray(lead_periods) - 1e-9), dtype=np.int64)


def expected_lateness(lead_periods: FloatArray, deviation: FloatArray) -> FloatArray:
    """Return by how many whole periods deliveries are late on average, beyond the lead time planned, rounded up.

    With a lead time L that is gamma distributed and planned as P whole periods, a delivery counts from the period
    after it came, so it is late by max(ceil(L) - P, 0) periods, and the mean of that is the sum of P(L > P + k) over
    k = 0, 1, 2, ...: the tail-sum formula for the mean of a whole number (Feller, An Introduction to Probability
    Theory, vol. 1, ch. XI). That lead times are gamma distributed is the usual assumption (Silver, Pyke and Thomas,
    Inventory and Production Management in Supply Chains, 4th ed., ch. 6), and that of the stock levels.

    Parameters
    ----------
    lead_periods, deviation
        Mean and standard deviation of the lead time, periods.

    Examples
    --------
    >>> expected_lateness(np.array([2.0, 2.0, 1.5]), np.array([0.0, 1.0, 0.5])).round(3).tolist()
    [0.0, 0.64, 0.162]
    """
    mean, spread = np.asarray(lead_periods, dtype=np.float64), np.asarray(deviation, dtype=np.float64)
    late = np.zeros(len(mean))
    random = (spread > 0) & (mean > 0)
    if not random.any():
        return late
    mean, spread = mean[random], spread[random]
    planned = planned_lead(mean)
    steps = np.arange(int(np.ceil(_TAIL * spread.max())) + 1)
    scale = (spread**2 / mean)[:, None]
    later = special.gammaincc((mean / spread)[:, None] ** 2, (planned[:, None] + steps) / scale)
    late[random] = later.sum(axis=1)
    return late


def excess_lateness(sources: pd.DataFrame, items: int) -> FloatArray:
    """Return by how many periods each source's deliveries are late beyond what the item's safety stock is made for.

    The safety stock covers the lead time of the item's own supplier, early and late, so of that supplier lateness
    costs nothing more, and of another only what is beyond it. A more reliable one earns no credit: the safety stock is
    held all the same. A lane has no spread.

    Parameters
    ----------
    sources
        With ``item_row``, ``lead_periods`` and ``lead_deviation_periods``; the first rows are the items' own.
    items
        How many.
    """
    late = expected_lateness(sources["lead_periods"].to_numpy(), sources["lead_deviation_periods"].to_numpy())
    own = late[:items][sources["item_row"].to_numpy()]
    return np.asarray(np.maximum(late - own, 0.0))
