"""Rules between rows and between tables: keys, known items, dates against the plan date."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from invopt_xl.domain import Calendar
from invopt_xl.domain.words import counted
from invopt_xl.forecasting.panel.histories import MAXIMUM_YEARS_AHEAD, item_positions
from invopt_xl.plan.columns import DEFAULT_LOCATION, SUPPLIERS
from invopt_xl.plan.lanes import only_by_lane, sent_from
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quality.contract import missing
from invopt_xl.plan.quality.findings import Draft, Mask
from invopt_xl.plan.quality.headers import OTHER_COLUMNS

Drafts = dict[str, Draft]

WIDEST_SPREAD = 3.0
"""Standard deviations of a lead time beyond this many of its means are cut to it."""

_ROWS_NAMED = 5
"""Rows named in one reason; the others are counted."""

_DUPLICATE = "duplicate"

UNKNOWN_ITEM, REJECTED_ITEM = "unknown item; expected an item of tblItems", "the item's row in tblItems was rejected"
"""Why rows of items that are not planned are rejected."""


def keep_first_of_each_key(draft: Draft) -> None:
    """Reject rows whose key stands in an earlier row."""
    key = list(draft.table.key)
    if key:
        expected = f"expected one row for each {', '.join(key)}"
        draft.reject(draft.frame.duplicated(key).to_numpy(), key[0], f"{_DUPLICATE}; {expected}")


def is_duplicate(reason: str) -> bool:
    """Tell whether a row was rejected because an earlier one has its key."""
    return reason.startswith(_DUPLICATE)


def add_up_sales_lines(demand: Draft) -> None:
    """Reject rows of demand that repeat an earlier one in every column; count those that only share its key.

    Several rows of one item, location and date that differ are sales lines of their own, added up in their period. Of
    plans, which have no quantity to add, the first for each key is kept.
    """
    key = list(demand.table.key)
    content = pd.concat([demand.frame, demand.cells[[OTHER_COLUMNS]]], axis=1)
    planned = demand.frame["quantity"].isna().to_numpy()
    demand.reject(
        np.where(planned, demand.frame[[*key, "quantity"]].duplicated(), content.duplicated()),
        key[0],
        f"{_DUPLICATE}; expected one row for each {', '.join(key)}, or rows that differ",
    )
    shared = (demand.frame["quantity"].notna() & demand.frame.duplicated(key)).to_numpy()
    if shared.any():
        rows = demand.frame.index[shared].tolist()
        what = f"row {rows[0]} shares its" if len(rows) == 1 else f"{_named_rows(rows)} share their"
        reason = f"{what} {', '.join(key)} with an earlier row that differs"
        demand.findings.add("repaired", demand.table.name, "quantity", reason, "added up as sales lines", rows[:1])


def _named_rows(rows: list[int]) -> str:
    """Return rows as a text that names the first of them.

    Examples
    --------
    >>> _named_rows([7, 9]), _named_rows([*range(5, 25)])
    ('rows 7, 9', 'rows 5, 6, 7, 8, 9 and 15 more')
    """
    more = f" and {len(rows) - _ROWS_NAMED:,} more" if len(rows) > _ROWS_NAMED else ""
    return f"rows {', '.join(map(str, rows[:_ROWS_NAMED]))}{more}"


def keep_unknown_periods(demand: Draft, items: pd.DataFrame, calendar: Calendar) -> None:
    """Keep of rejected rows of the past that their item's demand is unknown then, so that it does not pass for zero.

    They come back without anything but item, location and date. What has no usable row at all stays away. Where a row
    does not tell its date, it cannot tell which period is unknown either, and that is said.
    """
    lost = demand.unusable[demand.unusable["item"].notna()]
    dated = lost["date"].notna()
    _warn_of_undated(demand, int((~dated).sum()))
    lost = lost[dated]
    lost = lost.assign(location=only_locations(lost, items), quantity=np.nan, unit_price=np.nan)
    lost = lost.assign(promotion=False, in_stock=True)
    past = calendar.index(lost["date"].to_numpy()) < 0
    usable = demand.frame.loc[demand.frame["quantity"].notna(), ["item", "location"]].drop_duplicates()
    lost = lost[past & (item_positions(usable, lost) >= 0)]
    if len(lost):
        demand.frame = _stacked(demand.frame, lost)


def _warn_of_undated(demand: Draft, count: int) -> None:
    if count:
        reason = f"{counted(count, 'rejected row')} without a date: the period that each leaves unknown cannot be told"
        action = "such periods count as those without a row"
        demand.findings.add("warning", demand.table.name, "date", reason, action)


def _stacked(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of both, in the columns they share.

    Not by pandas.concat, which makes a date without a unit on the way: newer NumPy warns of that.
    """
    columns = {
        name: np.concatenate([first[name].to_numpy(), second[name].to_numpy()]) for name in first if name in second
    }
    return pd.DataFrame(columns, index=first.index.append(second.index))


def recorded(demand: pd.DataFrame) -> pd.DataFrame:
    """Return typed demand rows that tell of the past: those with a quantity, and stock-outs, which may have none.

    The others may be plans of prices and promotions to come.
    """
    return demand[demand["quantity"].notna() | demand["in_stock"].eq(0)]


def place_at_only_location(draft: Draft, items: pd.DataFrame) -> None:
    """Give rows without a location that of their item, where it is stocked at one location alone."""
    draft.frame["location"] = only_locations(draft.frame, items)


def only_locations(rows: pd.DataFrame, items: pd.DataFrame) -> pd.Series[Any]:
    """Return the location of each row: where it names none, the only one of its item, else the default."""
    location, item = rows["location"], rows["item"]
    single = items.drop_duplicates("item", keep=False).set_index("item")["location"]
    known = item.map(single)
    placed = np.where(location.notna(), location, np.where(known.notna(), known, DEFAULT_LOCATION))
    return pd.Series(placed, index=location.index, dtype=object)


def reject_unknown_items(draft: Draft, items: pd.DataFrame, every_item: pd.DataFrame) -> None:
    """Reject rows of items that are not planned, and say whether they are unknown or were rejected themselves."""
    unknown = item_positions(items, draft.frame) < 0
    given = draft.frame["item"].isin(every_item["item"]).to_numpy()
    stocked = draft.frame["item"].isin(items["item"]).to_numpy()
    reasons: tuple[tuple[str, Mask], ...] = (
        (UNKNOWN_ITEM, unknown & ~given),
        (REJECTED_ITEM, unknown & given & ~stocked),
        ("the item is not stocked at this location; expected a location it has in tblItems", unknown & stocked),
    )
    for reason, rows in reasons:
        column = "location" if "location" in reason else "item"
        known = items["item"].unique().tolist() if reason == UNKNOWN_ITEM else []
        draft.report(rows, "rejected", column, reason, draft.left_out, by_value=column == "item", known=known)
    draft.drop(unknown)


def reject_unknown_codes(draft: Draft, items: pd.DataFrame, every_item: pd.DataFrame) -> None:
    """Reject rows that name an item which is not planned, where a blank item is allowed; say which are unknown."""
    item = draft.frame["item"]
    unknown = (item.ne("") & ~item.isin(items["item"])).to_numpy()
    given = item.isin(every_item["item"]).to_numpy()
    draft.report(unknown & given, "rejected", "item", REJECTED_ITEM, draft.left_out, by_value=True)
    reason, known = f"{UNKNOWN_ITEM}, or a blank", items["item"].unique().tolist()
    draft.report(unknown & ~given, "rejected", "item", reason, draft.left_out, by_value=True, known=known)
    draft.drop(unknown)


def reject_far_dates(draft: Draft, plan_date: date) -> None:
    """Reject rows with a date more than five years after the plan date."""
    end = pd.Timestamp(plan_date) + pd.DateOffset(years=MAXIMUM_YEARS_AHEAD)
    for column in draft.table.columns:
        if column.kind == "date":
            reason = f"impossible date; expected {column.expectation}, at most five years after the plan date"
            draft.reject(draft.frame[column.name].gt(end).to_numpy(), column.name, reason)


def hold_demand(demand: Draft, end: date, limit: str) -> None:
    """Tell demand from plans by the day the records end; reject what is neither.

    A later row with a blank quantity is a plan of its price and promotion. An earlier one is a stock-out, whose mark
    must not be lost, or it is rejected and its period unknown.

    Parameters
    ----------
    demand
        Rows with their defaults.
    end
        First day that records do not reach.
    limit
        What this day is, such as ``"the plan date"``.
    """
    future = demand.frame["date"].ge(pd.Timestamp(end)).to_numpy()
    known = demand.frame["quantity"].notna().to_numpy()
    demand.reject(future & known, "date", f"in the future; expected a date before {limit} {end}")
    past = demand.frame["date"].lt(pd.Timestamp(end)).to_numpy()
    blank = past & demand.frame["quantity"].isna().to_numpy()
    out = blank & ~demand.frame["in_stock"].to_numpy(dtype=bool)
    _count_stock_outs_as_nothing(demand, out)
    demand.unusable = _stacked(demand.unusable, demand.frame[blank & ~out])
    demand.reject(blank & ~out, "quantity", missing(demand.table.column("quantity")))


def _count_stock_outs_as_nothing(demand: Draft, rows: Mask) -> None:
    action = "0 taken; not learned as demand"
    demand.report(rows, "repaired", "quantity", "is missing in a period out of stock", action)
    demand.frame["quantity"] = demand.frame["quantity"].mask(rows, 0.0)


def warn_of_unfinished_month(demand: Draft, parameters: Parameters) -> None:
    """Warn of demand before the plan date in a month that is not over on it."""
    past = demand.frame["date"].lt(pd.Timestamp(parameters.plan_date)).to_numpy()
    unfinished = past & (parameters.calendar.index(demand.frame["date"].to_numpy()) >= 0)
    demand.report(unfinished, "warning", "date", "in a month that is not over on the plan date", "not learned yet")


def hold_open_orders(orders: Draft, parameters: Parameters) -> None:
    """Move orders that are overdue to the plan date."""
    plan_date = pd.Timestamp(parameters.plan_date)
    overdue = orders.frame["due_date"].lt(plan_date).to_numpy()
    reason = f"due before the plan date {parameters.plan_date}"
    orders.report(overdue, "repaired", "due_date", reason, "kept; expected on the plan date")
    orders.frame["due_date"] = orders.frame["due_date"].mask(overdue, plan_date)


def hold_receipts(receipts: Draft) -> None:
    """Reject receipts that came before they were ordered, or belong to nobody."""
    frame = receipts.frame
    early = frame["receipt_date"].lt(frame["order_date"]).to_numpy()
    receipts.reject(early, "receipt_date", "before its order_date; expected the same day or later")
    nobody = (receipts.frame["item"].eq("") & receipts.frame["supplier"].eq("")).to_numpy()
    receipts.reject(nobody, "supplier", "neither an item nor a supplier; expected at least one of them")


def hold_discounts(discounts: Draft) -> None:
    """Reject discounts that say nothing of where they begin."""
    frame = discounts.frame
    nowhere = (frame["from_quantity"].isna() & frame["from_value"].isna()).to_numpy()
    discounts.reject(nowhere, "from_quantity", "no threshold; expected from_quantity or from_value")


def warn_of_unknown_suppliers(drafts: Drafts) -> None:
    """Warn of items, discounts and open orders whose supplier is nobody that the tables know."""
    suppliers, items = drafts["suppliers"].frame["supplier"], drafts["items"]
    named = int(items.frame["supplier"].ne("").sum())
    if suppliers.empty and named:
        reason = f"no suppliers are listed, though {counted(named, 'item')} name one"
        action = "planned without minimum values, capacities and joint order costs"
        items.findings.add("warning", SUPPLIERS.name, "supplier", reason, action)
    if len(suppliers):
        supplier = items.frame["supplier"]
        unknown = (supplier.ne("") & ~supplier.isin(suppliers)).to_numpy()
        reason = f"unknown supplier; expected a supplier of {SUPPLIERS.name}"
        items.report(unknown, "warning", "supplier", reason, "planned without supplier terms")
    _warn_of_unnamed_suppliers(drafts)
    discounts = drafts["discounts"]
    known = [*suppliers, *items.frame["supplier"], *drafts["sources"].frame["supplier"]]
    unknown = ~discounts.frame["supplier"].isin(known).to_numpy()
    discounts.report(unknown, "warning", "supplier", "unknown supplier; no item is bought from it", "row not used")
    places = [sent_from(location) for location in drafts["lanes"].frame["from_location"].unique()]
    _warn_of_unknown_senders(drafts["open_orders"], known, places)


def _warn_of_unnamed_suppliers(drafts: Drafts) -> None:
    """Warn of items that are bought from nobody in particular, where suppliers are listed or others have one."""
    items = drafts["items"]
    unnamed = items.frame["supplier"].eq("")
    if drafts["suppliers"].frame.empty and unnamed.all():
        return
    bought = items.frame["status"].ne("phase-out").to_numpy() & ~only_by_lane(items.frame, drafts["lanes"].frame)
    reason = f"is missing; expected a supplier of {SUPPLIERS.name}"
    action = "planned without supplier terms; its order lines name none"
    items.report(unnamed.to_numpy() & bought, "warning", "supplier", reason, action)


def _warn_of_unknown_senders(orders: Draft, known: list[str], places: list[str]) -> None:
    """Warn of open orders from somebody whom no table knows: no change of a supplier reaches them."""
    if any(known):
        supplier = orders.frame["supplier"]
        unknown = (supplier.ne("") & ~supplier.isin([*known, *places])).to_numpy()
        reason = f"unknown supplier; no item is bought from it, expected a supplier of {SUPPLIERS.name}"
        orders.report(unknown, "warning", "supplier", reason, "counted as on order")


def hold_lead_time_spreads(drafts: Drafts) -> None:
    """Cut spreads of the lead time that no sensible distribution has: above so many times the lead time itself."""
    items = drafts["items"]
    lead, own = items.frame["lead_time_days"], items.frame["lead_time_sd_days"]
    general = items.frame["supplier"].map(drafts["suppliers"].frame.set_index("supplier")["lead_time_sd_days"])
    spread, most = own.fillna(general.astype(float)), WIDEST_SPREAD * lead
    wide = spread.gt(most).to_numpy()
    reason = f"above {WIDEST_SPREAD:g} times lead_time_days, the item's own or its supplier's; expected less"
    items.report(wide, "repaired", "lead_time_sd_days", reason, f"{WIDEST_SPREAD:g} times lead_time_days used")
    items.frame["lead_time_sd_days"] = own.mask(wide, most)


def warn_of_implausible_terms(drafts: Drafts) -> None:
    """Warn of items sold below cost, and of targets that nothing asks for."""
    items = drafts["items"]
    frame = items.frame
    below = frame["unit_price"].lt(frame["unit_cost"]).to_numpy()
    items.report(below, "warning", "unit_price", "below unit_cost; expected a price above the cost", "used as it is")
    aimless = (frame["service_measure"].eq("cost") & frame["service_target"].notna()).to_numpy()
    items.report(aimless, "warning", "service_target", "with the measure cost; expected one of them", "target not used")
