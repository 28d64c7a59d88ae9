"""Sales by customer, admitted line by line: what cannot be used is named, what is unknown is counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import pandas as pd

from invopt_xl.domain.words import counted
from invopt_xl.errors import require
from invopt_xl.plan.columns import ACCOUNTS, QUALITY, READING, SALES, Tables, empty
from invopt_xl.plan.quality import rules
from invopt_xl.plan.quality.admission import read_draft
from invopt_xl.plan.quality.contract import fill_defaults
from invopt_xl.plan.quality.findings import Draft, Findings, Mask
from invopt_xl.plan.quality.headers import required_table
from invopt_xl.plan.quality.similar import named_with_meant

DAYS = 364
"""Days of sales that are looked at: 52 weeks hold every day of the week equally often."""

NOBODY = frozenset({"0", "-", "?", "unknown", "anonymous", "guest", "nobody", "none", "n/a", "na", "nan", "null"})
"""What sources write where they do not know the customer."""

CENTS = 6
"""Decimals that sums of money are rounded to, so that the order of the lines tells nothing."""


@dataclass(frozen=True, eq=False)
class AdmittedSales:
    """What an analysis of customers may stand on.

    Parameters
    ----------
    lines
        Typed rows of ``tblSales`` from `start` until before `until`: customer ("" where unknown), item, location,
        date, quantity (units, below zero where returned) and value (money; NaN where neither it nor a price is known).
    accounts
        Typed rows of ``tblAccounts``.
    start, until
        First day that is looked at, and the first after it.
    quality
        Rows of ``tblQuality``: rejected lines by row, and what else there is to tell.
    rejected
        Lines left out for a value of their own.
    findings
        What `quality` is made of, every row by itself.
    too_old
        Lines before `start`, which are not looked at.
    of_unknown_items
        Lines of items that are not planned: they tell of their customers alone.
    unknown_items
        The first of those items, each with the one that may have been meant.
    """

    lines: pd.DataFrame
    accounts: pd.DataFrame
    start: date
    until: date
    quality: pd.DataFrame
    rejected: int
    findings: Findings = field(default_factory=Findings)
    too_old: int = 0
    of_unknown_items: int = 0
    unknown_items: str = ""


def admit_sales(
    raw: Tables, items: pd.DataFrame | None = None, *, until: date | None = None, days: int = DAYS
) -> AdmittedSales:
    """Admit good lines of sales as a typed table; name every bad line with its row, value and reason.

    Lines without a customer count as those of unknown customers. Quantities below zero are returns, whose value is
    taken off. Lines of items that are not planned tell of their customers, not of items.

    Parameters
    ----------
    raw
        Tables by stem as found; ``sales`` is required, ``accounts`` tells what is known of customers.
    items
        Items with ``item`` and ``unit_price`` (money a unit), such as those of a plan; None takes every item sold.
    until
        First day not looked at, usually the plan date; by default the day after the last sale.
    days
        How many days before it are.

    Raises
    ------
    InputError
        If there are no sales, a needed column is missing, or days are not above zero.

    Examples
    --------
    >>> sales = pd.DataFrame({"customer": [17, None, "18"], "item": "tea", "date": "2018-01-02",
    ...                       "quantity": [1, 2, "x"], "value": [4.5, 9, 1]})
    >>> admitted = admit_sales({"sales": sales})
    >>> admitted.lines[["customer", "value"]].values.tolist(), admitted.until.isoformat()
    ([['17', 4.5], ['', 9.0]], '2018-01-03')
    >>> print(*admitted.quality["reason"], sep="; ")
    not a number; expected a number; 1 line without a customer, 66.7% of the value
    """
    require(days > 0, "days of sales", days, "above 0, such as 364")
    findings = Findings()
    findings.take(raw.get(READING, empty(QUALITY)))
    required_table(raw, SALES)
    draft = read_draft(raw, SALES, findings)
    fill_defaults(draft)
    until = until or _day_after(draft.frame["date"])
    start = until - timedelta(days=days)
    too_old = _keep_period(draft, start, until)
    _give_values(draft, items)
    _tell_returns(draft)
    _forget_placeholders(draft)
    _tell_alike(draft)
    unknown = _tell_unknown(draft, items)
    accounts = _accounts(raw, draft.frame, findings)
    left = draft.rejected, findings, too_old
    return AdmittedSales(draft.frame, accounts, start, until, findings.frame(), *left, *unknown)


def _day_after(dates: pd.Series[pd.Timestamp]) -> date:
    last: date = dates.max().date() if len(dates) else date(1990, 1, 1)
    return last + timedelta(days=1)


def _keep_period(draft: Draft, start: date, until: date) -> int:
    """Leave out lines before the first day, and from the last on; return how many are before."""
    rules.reject_far_dates(draft, until)
    future = draft.frame["date"].ge(pd.Timestamp(until)).to_numpy()
    draft.reject(future, "date", f"in the future; expected a date before {until}")
    before = draft.frame["date"].lt(pd.Timestamp(start)).to_numpy()
    if before.any():
        _tell(draft, before, "date", f"{counted(int(before.sum()), 'line')} before {start}", "not looked at")
        draft.drop(before, rejected=False)
    return int(before.sum())


def _give_values(draft: Draft, items: pd.DataFrame | None) -> None:
    """Give lines without a value the item's price, and returns a value below zero."""
    frame = draft.frame
    blank = frame["value"].isna().to_numpy()
    if items is not None and "unit_price" in items and blank.any():
        price = frame["item"].map(items.groupby("item")["unit_price"].mean())
        frame["value"] = frame["value"].fillna(frame["quantity"] * price)
    priced, unpriced = blank & frame["value"].notna().to_numpy(), frame["value"].isna().to_numpy()
    _tell(
        draft, priced, "value", f"{counted(int(priced.sum()), 'line')} without a value", "unit_price of the item used"
    )
    reason = f"{counted(int(unpriced.sum()), 'line')} with neither a value nor a unit_price of the item"
    _tell(draft, unpriced, "value", reason, "counted as a purchase, without money")
    wrong = (frame["quantity"].lt(0) & frame["value"].gt(0)).to_numpy()
    reason = f"{counted(int(wrong.sum()), 'return')} with a value above zero"
    _tell(draft, wrong, "value", reason, "taken as money given back")
    frame["value"] = frame["value"].mask(wrong, -frame["value"])


def _tell_returns(draft: Draft) -> None:
    returned = draft.frame["quantity"].lt(0).to_numpy()
    money = -draft.frame["value"].to_numpy()[returned].sum() if returned.any() else 0.0
    reason = f"{counted(int(returned.sum()), 'return')} worth {np.nan_to_num(money):,.2f}"
    _tell(draft, returned, "quantity", reason, "taken off what was bought")


def _forget_placeholders(draft: Draft) -> None:
    """Take customers of no name for unknown: one who is everybody's till would be the best customer of all."""
    customer = draft.frame["customer"]
    nobodys = [name for name in customer.unique() if name.casefold() in NOBODY]
    rows = customer.isin(nobodys).to_numpy()
    draft.report(rows, "repaired", "customer", "stands for no customer", "taken for unknown", by_value=True)
    draft.frame["customer"] = customer.mask(rows, "")


def _tell_alike(draft: Draft) -> None:
    """Tell how many customers differ from another in nothing but upper and lower case: likely they are the same."""
    names = pd.Series(draft.frame["customer"].unique(), dtype=object)
    plain = names.str.casefold()
    alike = names[plain.duplicated(keep=False)]
    if alike.empty:
        return
    first = " and ".join(names[plain == alike.iloc[0].casefold()])
    reason = f"{len(alike):,} customers differ from another in upper and lower case alone, such as {first}"
    rows = draft.frame["customer"].isin(alike).to_numpy()
    _tell(draft, rows, "customer", reason, "counted as different customers; write each in one way if they are one")


def _tell_unknown(draft: Draft, items: pd.DataFrame | None) -> tuple[int, str]:
    """Tell how much was bought by unknown customers, and which items are not planned; return the lines of these."""
    frame = draft.frame
    unknown = frame["customer"].eq("").to_numpy()
    reason = f"{counted(int(unknown.sum()), 'line')} without a customer{_of_value(frame, unknown)}"
    _tell(draft, unknown, "customer", reason, "counted as sold to unknown customers")
    if items is None:
        return 0, ""
    strange = ~frame["item"].isin(items["item"]).to_numpy()
    known = items["item"].unique().tolist() if strange.any() else []
    action = "counted for the customer alone"
    draft.report(strange, "warning", "item", rules.UNKNOWN_ITEM, action, by_value=True, known=known)
    return int(strange.sum()), named_with_meant(frame["item"][strange].unique(), known)


def _of_value(frame: pd.DataFrame, rows: Mask) -> str:
    """Return the share of the value that some lines have, in words."""
    value = frame["value"].clip(lower=0)
    return f", {value[rows].sum() / value.sum():.1%} of the value" if value.sum() > 0 else ""


def _tell(draft: Draft, rows: Mask, column: str, reason: str, action: str) -> None:
    """Say something once about some rows, with the first of them."""
    if rows.any():
        row = float(draft.frame.index[int(np.argmax(rows))])
        draft.findings.add("warning", SALES.name, column, reason, action, [row])


def _accounts(raw: Tables, lines: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    """Return what is known of customers; whole spending below what was paid here is no whole spending."""
    draft = read_draft(raw, ACCOUNTS, findings)
    fill_defaults(draft)
    rules.keep_first_of_each_key(draft)
    paid = lines.groupby("customer")["value"].sum().round(CENTS)
    less = draft.frame["spending"].lt(draft.frame["customer"].map(paid)).to_numpy()
    draft.report(less, "repaired", "spending", f"below what was paid in {SALES.name}", "value left out")
    draft.frame["spending"] = draft.frame["spending"].mask(less)
    return draft.frame
