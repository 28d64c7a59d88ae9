"""Lead times as they would have been observed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.errors import InputError
from invopt_xl.plan.columns import Tables
from invopt_xl.plan.quality import Admitted
from invopt_xl.plan.replenishment import observed_lead_times, with_terms

FloatArray = npt.NDArray[np.float64]


def with_lead_times(
    admitted: Admitted, chosen: npt.NDArray[np.bool_], change: Callable[[FloatArray], FloatArray]
) -> Tables:
    """Return the tables with other observed lead times for some items.

    What was observed for an item, by its own receipts or its supplier's, is changed and becomes receipts of its own;
    receipts of its supplier go on telling of the supplier's other items.

    Parameters
    ----------
    admitted
        Today's input.
    chosen
        For which items, shape (items,).
    change
        From lead times observed for one item to those assumed, days.

    Raises
    ------
    InputError
        If an item is chosen at some of its locations only, for receipts do not tell locations apart.
    """
    tables = admitted.tables
    items = with_terms(tables, admitted.parameters)
    seen = observed_lead_times(items, tables)
    changed = [row for row in np.flatnonzero(chosen) if len(seen[row])]
    if not changed:
        return dict(tables)
    codes = items["item"].to_numpy()
    apart = set(codes[changed]) & set(codes[~chosen])
    if apart:
        raise InputError(
            f"lead times of item {min(apart)} cannot be changed at some of its locations only, for its receipts do not "
            "tell locations apart; expected @item or @supplier"
        )
    receipts, place = tables["receipts"], dict(zip(codes[changed], changed, strict=True))
    theirs = receipts["item"].isin(set(place))
    # Without an item a receipt tells of its supplier; without both, of nothing.
    kept = receipts.assign(item=receipts["item"].mask(theirs, "")).loc[~theirs | (receipts["supplier"] != "")]
    days = [whole_days(change(np.sort(seen[row]))) for row in place.values()]
    count = sum(map(len, days))
    received = np.full(count, np.datetime64(admitted.parameters.plan_date, "ns"))
    own: dict[str, npt.NDArray[np.generic]] = {
        "item": np.repeat(np.array(list(place), dtype=object), [len(one) for one in days]),
        "supplier": np.full(count, "", dtype=object),
        "order_date": received - np.concatenate(days).astype("timedelta64[D]"),
        "receipt_date": received,
        "quantity": np.full(count, np.nan),
    }
    joined = {name: np.concatenate([kept[name].to_numpy(), own[name]]) for name in kept.columns if name in own}
    return {**tables, "receipts": pd.DataFrame(joined)}


def whole_days(days: FloatArray) -> FloatArray:
    """Return lead times in whole days, as receipts have them, with the same mean but for half a day in all of them.

    Examples
    --------
    >>> whole_days(np.array([2.5, 3.5, 4.5, 6.0])).tolist()
    [3.0, 3.0, 5.0, 6.0]
    """
    return np.diff(np.floor(np.cumsum(days) + 0.5 + 1e-9), prepend=0.0)
