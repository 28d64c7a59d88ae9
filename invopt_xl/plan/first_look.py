"""What was read, and what was done about what is odd: the first thing to look at before trusting a figure."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.domain.words import counted, named
from invopt_xl.plan.absent_periods import absent_days
from invopt_xl.plan.columns import ACCOUNTS, DEMAND
from invopt_xl.plan.columns.looks import FIRST_LOOK
from invopt_xl.plan.customers import AdmittedSales
from invopt_xl.plan.histories import Histories
from invopt_xl.plan.keys import item_names
from invopt_xl.plan.levels import FEW_PERIODS, recent_periods
from invopt_xl.plan.quality import Admitted
from invopt_xl.plan.quality.currencies import CURRENCY_REASON, MIXED_REASON

_NAMED = 3
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class _Look:
    """A row of the table."""

    looked_at: str
    found: float
    unit: str
    what_was_done: str
    such_as: str = ""
    is_odd: bool = True


def first_look(admitted: Admitted, past: Histories, sales: AdmittedSales | None = None) -> pd.DataFrame:
    """Return what was read of a plan's tables and what was done about what is odd, rows of `FIRST_LOOK`.

    Every row is there whether anything odd was found or not, so that a nought can be read as one.

    Parameters
    ----------
    admitted
        The tables as the plan stands on them.
    past
        Histories of its items.
    sales
        Sales by customer as admitted; None where there are none, and nothing is said of them.

    Examples
    --------
    >>> from invopt_xl.plan.histories import histories
    >>> from invopt_xl.plan.quality import admit
    >>> items = pd.DataFrame({"item": ["tea", "cup"], "unit_cost": 2, "lead_time_days": 7, "on_hand": [5, 0]})
    >>> demand = pd.DataFrame({"item": "tea", "date": ["2017-12-18", "2017-12-25"], "quantity": [4, -1]})
    >>> parameters = pd.DataFrame({"name": ["plan_date"], "value": ["2018-01-01"]})
    >>> found = admit({"items": items, "demand": demand, "parameters": parameters})
    >>> look = first_look(found, histories(found)).set_index("looked_at")
    >>> look.loc["returns", ["found", "unit"]].astype(str).tolist(), look.loc["items without price", "such_as"]
    (['1.0', 'rows'], 'tea, cup')
    """
    looks = [
        *_read(admitted, past),
        *_refused(admitted),
        *_money(admitted),
        *_histories(admitted, past),
        *_periods(admitted, past),
        *([] if sales is None else _sales(sales)),
    ]
    looks = [replace(look, what_was_done="none") if look.found == 0 and look.is_odd else look for look in looks]
    return pd.DataFrame([vars(look) for look in looks], columns=FIRST_LOOK.column_names).astype({"found": float})


def _read(admitted: Admitted, past: Histories) -> list[_Look]:
    parameters, items, demand = admitted.parameters, admitted.tables["items"], admitted.tables["demand"]
    left_out = len(admitted.entered) - len(items)
    done = f"planned; {counted(left_out, 'row')} of tblItems left out" if left_out else "all planned"
    places = items["location"].nunique()
    where = f", at {places} locations" if places > 1 else ""
    known = demand[demand["quantity"].notna()]
    days = known["date"]
    span = f"{days.min():%Y-%m-%d} to {days.max():%Y-%m-%d}" if len(days) else "no demand at all"
    return [
        _Look("items", len(items), "items", f"{done}{where}", is_odd=False),
        _Look("demand", len(known), "rows", f"{span}, by item and {parameters.period}", is_odd=False),
        _Look(
            "history",
            past.periods,
            f"{parameters.period}s",
            f"ends on the plan date, {parameters.plan_date}, from which all is forecast",
            is_odd=False,
        ),
    ]


def _refused(admitted: Admitted) -> list[_Look]:
    told = admitted.findings.frame(None)
    rejected, repaired = (told[told["severity"] == severity] for severity in ("rejected", "repaired"))
    negative = _returns(told)
    return [
        _Look("rejected rows", admitted.rejected, "rows", "left out; tblQuality names each", _first_of(rejected)),
        _Look("repaired values", len(repaired), "values", "used or left out as tblQuality says", _first_of(repaired)),
        _Look(
            "returns",
            len(negative),
            "rows",
            "negative demand, left out; without another row their period is not known",
            _first_of(negative),
        ),
    ]


def _returns(told: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of demand that were rejected for a quantity below zero."""
    out = told[(told["table"] == DEMAND.name) & (told["column"] == "quantity") & (told["severity"] == "rejected")]
    return out[pd.to_numeric(out["value"], errors="coerce").lt(0)]


def _first_of(told: pd.DataFrame) -> str:
    if told.empty:
        return ""
    first = told.iloc[0]
    row = "" if pd.isna(first["row"]) else f" row {first['row']:.0f}"
    value = f" {first['value']}" if first["value"] else ""
    return f"{first['table']}{row}, {first['column']}{value}: {first['reason']}"


def _money(admitted: Admitted) -> list[_Look]:
    items, currency = admitted.tables["items"], admitted.parameters.currency
    told = admitted.findings.frame(None)
    foreign = told[told["reason"].str.startswith(CURRENCY_REASON)]
    mixed = told[told["reason"].str.startswith(MIXED_REASON)]
    unpriced = ~items["unit_price"].gt(0).to_numpy()
    loss = items["unit_price"].gt(0).to_numpy() & items["unit_price"].lt(items["unit_cost"]).to_numpy()
    known = f"all money is in {currency}" if currency else "no currency is stated; all money is taken for one"
    left_out = ["left out, as tblQuality says"] if len(foreign) else []
    taken = [f"{mixed['reason'].iloc[0]}: taken for one currency, convert them"] if len(mixed) else []
    done = "; ".join([*left_out, *taken]) or known
    return [
        _Look(
            "amounts in another currency",
            len(foreign) + len(mixed),
            "cells",
            done,
            _first_of(foreign if len(foreign) else mixed),
            is_odd=False,
        ),
        _Look(
            "items without price",
            int(unpriced.sum()),
            "items",
            _all(unpriced, "planned; valued at cost, margin not known"),
            _named(items, unpriced),
        ),
        _Look("items sold below cost", int(loss.sum()), "items", "planned; used as it is", _named(items, loss)),
    ]


def _histories(admitted: Admitted, past: Histories) -> list[_Look]:
    items, period = admitted.tables["items"], admitted.parameters.period
    none = past.first >= past.periods
    length = (~np.isnan(past.quantity)).sum(axis=1)
    single = int((~none & (length <= 1)).sum())
    guessed = f"; of {counted(single, 'item')} with one {period} alone it is a guess" if single else ""
    told = (
        ("items never sold", none, "planned with no demand"),
        (
            f"items with 1 to {FEW_PERIODS - 1} {period}s",
            ~none & (length < FEW_PERIODS),
            f"planned; the forecast is weak and says so{guessed}",
        ),
        ("no recent demand", *_without_recent_demand(admitted, past)),
    )
    return [_Look(name, int(rows.sum()), "items", _all(rows, done), _named(items, rows)) for name, rows, done in told]


def _without_recent_demand(admitted: Admitted, past: Histories) -> tuple[Mask, str]:
    """Return the items with stock that nobody asks for, and what it is worth."""
    items, parameters = admitted.tables["items"], admitted.parameters
    periods = recent_periods(parameters.calendar)
    recent = np.where(past.in_stock, past.quantity, np.nan)[:, -periods:]
    # Of what was out of stock all that time nobody knows whether it would have sold.
    idle = (np.nansum(recent, axis=1) == 0) & np.isfinite(recent).any(axis=1) & (past.periods >= periods)
    stock = items["on_hand"].to_numpy(dtype=float)
    silent = (idle | (past.first >= past.periods)) & (stock > 0)
    value = float((stock * items["unit_cost"].to_numpy(dtype=float))[silent].sum())
    money = f"{value:,.0f} {parameters.currency}".strip()
    return silent, f"on hand without a sale in {periods} {parameters.period}s: {money} at cost"


def _periods(admitted: Admitted, past: Histories) -> list[_Look]:
    parameters = admitted.parameters
    unit = f"item-{parameters.period}s"
    started = np.arange(past.periods) >= past.first[:, None]
    missing = started & (past.rows == 0)
    meaning = "zero demand" if parameters.missing_periods == "zero" else "not known"
    unknown = started & np.isnan(past.quantity) & ~missing
    days = [f"{day:%Y-%m-%d}" for day in absent_days(past, parameters.calendar)]
    counted_as = f"counted as {meaning} (parameter missing_periods)"
    forgotten = f"; no item has a row in {counted(len(days), parameters.period)}: a file forgotten?" if days else ""
    share = past.promotion.sum() / max(int(started.sum()), 1)
    return [
        _Look("periods out of stock", int((~past.in_stock).sum()), unit, "estimated, never learned as zero demand"),
        _Look(
            "periods without a row",
            int(missing.sum()),
            unit,
            f"{counted_as}{forgotten}",
            such_as=", ".join(days[:_NAMED]),
        ),
        _Look("periods not known", int(unknown.sum()), unit, "left open: their rows were rejected"),
        _Look(
            "promoted periods", int(past.promotion.sum()), unit, f"{share:.0%} of all; explained where some are planned"
        ),
    ]


def _sales(sales: AdmittedSales) -> list[_Look]:
    lines = sales.lines
    unknown_items = "counted for their customers alone; not in tblItems"
    every_item = "all of them: " if sales.of_unknown_items == len(lines) else ""
    return [
        _lines(sales),
        _odd_sales(sales),
        _Look(
            "sales of unknown items",
            sales.of_unknown_items,
            "rows",
            f"{every_item}{unknown_items}",
            sales.unknown_items,
        ),
        _unknown_customers(lines["customer"]),
    ]


def _lines(sales: AdmittedSales) -> _Look:
    """Return how many lines count, of which days, and how many lie before these."""
    lines = sales.lines
    span = f"{lines['date'].min():%Y-%m-%d} to {lines['date'].max():%Y-%m-%d}" if len(lines) else "no line counts"
    older = f"; {counted(sales.too_old, 'row')} before that not looked at" if sales.too_old else ""
    window = f"{span}, looked at from {sales.start} until {sales.until}{older}"
    return _Look("sales by customer", len(lines), "rows", window, is_odd=False)


def _odd_sales(sales: AdmittedSales) -> _Look:
    """Return how many rows of sales, and of what is known of customers, are rejected, repaired or returns."""
    lines, told = sales.lines, sales.findings.frame(None)
    rejected, repaired = (told[told["severity"] == severity] for severity in ("rejected", "repaired"))
    returned = lines[lines["quantity"] < 0]
    first = f"tblSales row {returned.index[0]}, quantity {returned['quantity'].iloc[0]:g}" if len(returned) else ""
    accounts = int((rejected["table"] == ACCOUNTS.name).sum())
    of_them = f" ({accounts:,} of {ACCOUNTS.name})" if accounts else ""
    left_out, values = sales.rejected + accounts, sales.findings.count("repaired")
    return _Look(
        "rejected, repaired or returned sales",
        left_out + values + len(returned),
        "findings",
        f"{counted(left_out, 'row')}{of_them} left out and {counted(values, 'value')} repaired as plan.sales.quality "
        f"says; {counted(len(returned), 'return')} taken off what was bought",
        "; ".join(filter(None, (_first_of(rejected), _first_of(repaired), first))),
    )


def _unknown_customers(customers: pd.Series[str]) -> _Look:
    blank = (customers == "").to_numpy()
    known = int(customers[~blank].nunique())
    done = f"left out of what is said of customers; {counted(known, 'customer')} known"
    return _Look("sales of unknown customers", int(blank.sum()), "rows", _all(blank, done))


def _all(rows: Mask, done: str) -> str:
    """Return what is done, and that it concerns every one, where it does."""
    return f"all of them: {done}" if len(rows) and rows.all() else done


def _named(items: pd.DataFrame, rows: Mask) -> str:
    return named(item_names(items[rows], items), _NAMED)
