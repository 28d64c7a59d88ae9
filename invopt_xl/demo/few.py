"""Two dozen of the grocer's goods: what plan templates are filled with."""

from __future__ import annotations

import pandas as pd

from invopt_xl.demo.grocery import grocery_tables
from invopt_xl.plan.columns import Tables
from invopt_xl.workbook.sheets.layout import FIRST_DATA_ROW

ITEMS = (
    *("P8090521", "P8090537", "P844165", "P8090556"),  # soft drinks, from 17 days away and with discounts
    *("P1006184", "P995965", "P1052912", "P9268695"),  # salads: they keep for 12 days
    *("P5568378", "P7441210", "P5568721", "P15926884", "P842817"),  # snacks: one is new, of two there is too much
    *("P948665", "P901840", "P1098407", "P851226"),  # tins: one has run out, one is phased out
    *("P914190", "P965766", "P1049918", "P1028507"),  # cheese: an order has to be worth 45
    *("P7155012", "P1128271", "P14077740"),  # for the nursery and the bathroom: critical ones among them
)
"""Every class, every pattern of demand and most kinds of trouble, from six suppliers."""

RECEIPTS_SHOWN = 16
"""Of each supplier, the latest: enough to learn its lead times from."""

WHOLE_SHOP = ("budget", "storage_volume")
"""Limits that are those of all the shop's goods."""


def few_tables() -> Tables:
    """Return the input tables of the grocer's plan for these goods alone.

    Examples
    --------
    >>> tables = few_tables()
    >>> len(tables["items"]), len(tables["suppliers"]), tables["demand"]["item"].nunique()
    (24, 6, 24)
    """
    tables = grocery_tables()
    items = tables["items"][tables["items"]["item"].isin(ITEMS)]
    chosen = {stem: _of(frame, items) for stem, frame in tables.items()}
    parameters = chosen["parameters"]
    told = zip(parameters["name"], parameters["value"], strict=True)
    values = [None if name in WHOLE_SHOP else value for name, value in told]
    chosen["parameters"] = parameters.assign(value=pd.Series(values, index=parameters.index, dtype=object))
    chosen["receipts"] = chosen["receipts"].groupby("supplier").tail(RECEIPTS_SHOWN)
    return {stem: _numbered(frame) for stem, frame in chosen.items()}


def _of(frame: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a table that concern some items: their own, and those of their suppliers."""
    for key in ("item", "supplier"):
        if key in frame:
            frame = frame[frame[key].isin(items[key]) | frame[key].isna()]
    return frame


def _numbered(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.set_axis(pd.RangeIndex(FIRST_DATA_ROW, FIRST_DATA_ROW + len(frame), name="row"), axis=0)
