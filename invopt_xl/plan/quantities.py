"""To how many decimals quantities are told: as usual, and finer of goods that are sold by parts of a unit."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

LEAST = 0.05
"""Units from which on an action on usual goods is worth a word: tables show tenths."""

_STOCK_SHARE = 0.01
"""Of stock that nobody asks for, this share is told as a period's demand is of other goods."""

_MOST = 12
"""Decimals beyond the usual ones at most: a number holds no more."""


def finer_by(items: pd.DataFrame) -> IntArray:
    """Return how many more decimals than usual the quantities of items take.

    None where goods are counted, or where a unit or more is asked for in a period: tenths tell such a quantity. Of
    others it is one for each place by which a period's demand, or a hundredth of the stock if that is more, is below a
    unit, so that it is told as well as that of usual goods.

    Parameters
    ----------
    items
        With ``lot_size``, ``demand_per_period``, ``on_hand`` and, where known, ``on_order`` (units) and
        ``whole_units``; goods are taken as counted unless that says otherwise, or they come in lots below a unit.

    Examples
    --------
    >>> items = pd.DataFrame({"lot_size": [1.0, 1.0, 0.001, 0.001], "demand_per_period": [0.05, 0.05, 0.05, 5.0],
    ...                       "on_hand": 1.0, "whole_units": [True, False, True, False]})
    >>> finer_by(items).tolist()
    [0, 2, 2, 0]
    """
    none = pd.Series(0.0, items.index)
    stock = (items["on_hand"] + items.get("on_order", none)).to_numpy(np.float64)
    size = np.fmax(items["demand_per_period"].to_numpy(np.float64), _STOCK_SHARE * stock)
    parts = (items["lot_size"] < 1.0).to_numpy()
    if "whole_units" in items:
        parts = parts | ~items["whole_units"].to_numpy(dtype=bool)
    fine = parts & (size > 0) & (size < 1.0)
    places = np.ceil(-np.log10(np.where(fine, size, 1.0)) - 1e-9)
    return np.asarray(np.minimum(places, _MOST), dtype=np.int64)


def least_units(items: pd.DataFrame) -> FloatArray:
    """Return the units from which on something is done about goods: one where they are counted, else `told_from`.

    Examples
    --------
    >>> items = pd.DataFrame({"lot_size": 1.0, "demand_per_period": [0.05, 5.0, 0.05], "on_hand": 1.0})
    >>> least_units(items.assign(whole_units=[True, False, False])).tolist()
    [1.0, 0.05, 0.0005]
    """
    return np.where(items["whole_units"].to_numpy(dtype=bool), 1.0, told_from(items))


def told_from(items: pd.DataFrame) -> FloatArray:
    """Return the units of each item from which on tables show any: half of the last decimal told of it.

    Examples
    --------
    >>> told_from(pd.DataFrame({"lot_size": [1.0, 0.001], "demand_per_period": 0.05, "on_hand": 1.0})).tolist()
    [0.05, 0.0005]
    """
    return np.asarray(LEAST / 10.0 ** finer_by(items))


def rounded(table: pd.DataFrame, places: Mapping[str, int], finer: IntArray) -> pd.DataFrame:
    """Return a table with the quantities of each row rounded to so many decimals, and the row's further ones.

    Parameters
    ----------
    table
        A row for each item, or a few.
    places
        Usual decimals by column.
    finer
        As `finer_by` gives it, for each row.

    Examples
    --------
    >>> table = pd.DataFrame({"units": [0.0512, 0.0512]})
    >>> rounded(table, {"units": 1}, np.array([0, 2]))["units"].tolist()
    [0.1, 0.051]
    """
    scale = {name: 10.0 ** (usual + finer) for name, usual in places.items()}
    return table.assign(**{name: np.rint(table[name].astype(np.float64) * by) / by for name, by in scale.items()})
