"""What came in the period that is closed: its actuals and the stock at its end, refused where they cannot be used."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from invopt_xl.domain.words import counted
from invopt_xl.errors import InputError
from invopt_xl.plan.closing.cells import as_meant, headers_of
from invopt_xl.plan.closing.closed import Closed
from invopt_xl.plan.columns import DEFAULT_LOCATION, DEMAND, ITEMS, Table, Tables
from invopt_xl.plan.keys import item_names
from invopt_xl.plan.quality import rules
from invopt_xl.plan.quality.admission import read_draft
from invopt_xl.plan.quality.contract import fill_defaults
from invopt_xl.plan.quality.findings import Draft, Findings

KEY = ["item", "location"]
ACTUALS = replace(
    DEMAND, title="Actuals", columns=(*DEMAND.columns, replace(ITEMS.column("on_hand"), required=False)), key=()
)
"""What a period's actuals hold: rows of demand, and stock on hand at its end where it is known."""

STOCK = Table(
    "stock",
    "stock",
    "Stock on hand",
    (ITEMS.column("item"), ITEMS.column("location"), ITEMS.column("on_hand")),
    key=("item", "location"),
)
"""Stock on hand at the end of a period, where it is told apart."""


@dataclass(frozen=True, eq=False)
class Given:
    """A table that is given with a period, and what it is called in messages."""

    frame: pd.DataFrame
    name: str


def stated_items(raw: Tables) -> pd.DataFrame:
    """Return item and location of every row of the items, once each, those that can be planned first.

    What cannot be planned today, for a wrong cost or the like, was sold all the same: its demand must be there when it
    is put right.
    """
    items = read_draft(raw, ITEMS, Findings())
    usable = items.entered.index.isin(items.frame.index)
    rows = items.entered.iloc[np.argsort(~usable, kind="stable")][KEY]
    stated: pd.DataFrame = rows[rows["item"].notna()].fillna({"location": DEFAULT_LOCATION}).drop_duplicates(KEY)
    return stated


def demand_there(raw: Tables, closed: Closed) -> pd.DataFrame:
    """Return the rows of demand that the table holds of the closed time; ``known`` where they have a quantity."""
    found = as_meant(raw, DEMAND)
    inside = (found["date"] >= pd.Timestamp(closed.first)) & (found["date"] < pd.Timestamp(closed.end))
    return found.assign(known=found["quantity"].notna())[inside]


def usable_actuals(given: Given, items: pd.DataFrame, there: pd.DataFrame, closed: Closed) -> Draft:
    """Return the actuals of known items.

    Raises
    ------
    InputError
        If the period was closed before, a row cannot be used, or a whole period has none.
    """
    _refuse_twice(there, closed)
    draft = _usable(given, ACTUALS, items)
    if not len(draft.frame):
        raise InputError(f"{given.name} has no row of an item of {ITEMS.name}; expected some")
    _refuse_other_days(draft, closed, given.name)
    refuse_missing_periods(draft.entered["date"], closed, given.name)
    return draft


def refuse_missing_periods(days: pd.Series[pd.Timestamp], closed: Closed, name: str) -> None:
    """Refuse weeks or months without a row: that is what a file that was left out looks like.

    A day without a row is a Sunday.
    """
    empty = closed.without(days)
    if closed.period == "day" and len(empty) < closed.periods:
        return
    if empty:
        more = f" (and {counted(len(empty) - 1, f'more {closed.period}')})" if len(empty) > 1 else ""
        those = f"{counted(closed.periods, closed.period)}" if closed.periods > 1 else closed.period
        raise InputError(
            f"{name} has no row of {empty[0]}{more} of the closed {those}; expected rows of each, or fewer --periods; "
            "where nothing at all was sold, a row that says so, with quantity 0"
        )


def _refuse_twice(there: pd.DataFrame, closed: Closed) -> None:
    known = there[there["known"]]
    if len(known):
        row, first = known.index[0], known.iloc[0]
        more = f" and {len(known) - 1:,} more" if len(known) > 1 else ""
        raise InputError(
            f"{DEMAND.name} holds demand of {closed} already (row {row}: {first['quantity']:g} of {first['item']} on "
            f"{first['date'].date()}{more}); expected none, for nothing is added twice: roll without actuals, or take "
            "these rows out"
        )


def _usable(given: Given, table: Table, items: pd.DataFrame) -> Draft:
    """Return a given table of known items; a row of one that cannot be used is refused, so that none gets lost."""
    findings = Findings()
    named = replace(table, name=given.name)
    draft = read_draft({table.stem: given.frame}, named, findings)
    if draft.rejected:
        first = findings.frame(None).iloc[0]
        more = f" ({counted(draft.rejected - 1, 'more row')})" if draft.rejected > 1 else ""
        value = first["value"] or "blank"
        raise InputError(f"{given.name} row {first['row']:.0f}: {first['column']} {value}, {first['reason']}{more}")
    rules.place_at_only_location(draft, items)
    fill_defaults(draft)
    rules.reject_unknown_items(draft, items, items)
    return draft


def _refuse_other_days(draft: Draft, closed: Closed, name: str) -> None:
    days = draft.frame["date"]
    outside = (days < pd.Timestamp(closed.first)) | (days >= pd.Timestamp(closed.end))
    if not outside.any():
        return
    rows = days[outside]
    more = f" (and {counted(len(rows) - 1, 'more row')})" if len(rows) > 1 else ""
    before = bool((days < pd.Timestamp(closed.first)).all())
    hint = f"; the plan date is {closed.plan_date}: was this closed before?" if before else ""
    raise InputError(
        f"{name} row {rows.index[0]}: {rows.iloc[0].date()}{more} is not in the closed {closed.period} of {closed}; "
        f"expected rows of these days alone{hint}"
    )


def stock_of_actuals(actuals: Draft) -> pd.DataFrame:
    """Return item, location and stock on hand where actuals tell it; of several rows the last day counts."""
    told = actuals.frame[actuals.frame["on_hand"].notna()].sort_values("date", kind="stable")
    return told.drop_duplicates(KEY, keep="last")[[*KEY, "on_hand"]]


def unmarked_stock_outs(sold: Draft, told: pd.DataFrame, *, fill_rest: bool) -> tuple[str, ...]:
    """Return the items that sold nothing and have none left, of which nobody says whether they were in stock.

    Parameters
    ----------
    sold
        The actuals.
    told
        Item, location and stock on hand at the end.
    fill_rest
        Whether an item without a row sold nothing.
    """
    rows = sold.frame[[*KEY, "quantity"]].assign(marked=sold.entered["in_stock"].notna())
    rows = rows.groupby(KEY, as_index=False).agg(quantity=("quantity", "sum"), marked=("marked", "any"))
    found = told.loc[told["on_hand"] == 0, KEY].merge(rows, on=KEY, how="left")
    nothing = found["quantity"].eq(0) & found["marked"].eq(False)
    if fill_rest:
        nothing |= found["quantity"].isna()
    return tuple(item_names(found[nothing], told))


def usable_stock(given: Given, items: pd.DataFrame) -> Draft:
    """Return stock on hand of known items; what is left out is among its findings.

    Raises
    ------
    InputError
        If a row cannot be used, or an item stands twice.
    """
    draft = _usable(given, STOCK, items)
    if not len(draft.frame):
        raise InputError(f"{given.name} has no row of an item of {ITEMS.name}; expected some")
    _refuse_two_counts(draft.frame, given.name)
    return draft


def _refuse_two_counts(told: pd.DataFrame, name: str) -> None:
    """Refuse two rows of one item: nobody knows whether the second adds to the first or corrects it."""
    twice = told[told.duplicated(KEY)]
    if len(twice):
        item, location = twice.iloc[0][KEY]
        raise InputError(f"{name} row {twice.index[0]}: a second row of {item} at {location}; expected one of each")


def joined(
    raw: Tables, came: pd.DataFrame, there: pd.DataFrame, *, fill_rest: bool
) -> tuple[pd.DataFrame, dict[tuple[int, str], object]]:
    """Return the rows that join the demand, and cells of rows that stand there without a quantity: plans of before.

    A plan takes the quantity of its item and day; one without demand takes none, where no row means none.
    """
    headers = headers_of(raw[DEMAND.stem], DEMAND)
    keys = [*KEY, "date"]
    plans = there[~there["known"]].drop_duplicates(keys)
    plans = plans.assign(location=rules.only_locations(plans, came), row=plans.index)
    rows = came.assign(first=~came.duplicated(keys)).merge(plans[[*keys, "row"]], on=keys, how="left")
    taken = rows["row"].notna() & rows["first"]
    columns = [name for name in DEMAND.column_names if name in headers and name not in keys]
    cells = {
        (int(row["row"]), headers[name]): row[name]
        for row in rows[taken].to_dict("records")
        for name in columns
        if row[name] == row[name]
    }
    if fill_rest:
        filled = {row for row, _ in cells}
        cells |= {(int(row), headers["quantity"]): 0.0 for row in plans.index if row not in filled}
    wanted = [name for name in DEMAND.column_names if name in headers and came[name].notna().any()]
    return rows.loc[~taken, wanted].rename(columns=headers).reset_index(drop=True), cells
