"""Amounts with a currency: the plan's own is read past, any other is refused, for a sum over two means nothing."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from invopt_xl.domain.words import counted
from invopt_xl.plan.columns import INPUTS, PARAMETERS, Column, Tables
from invopt_xl.plan.quality.findings import Findings

CURRENCY_REASON = "an amount in "
"""How what is said of an amount in another currency begins."""

MIXED_REASON = "money in several currencies"
"""How what is said of a column of currencies that differ begins."""

_COLUMNS = ("currency", "currency_code", "curr")
"""Headers under which a table names the currency of each row."""

_SIGNS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY"}
_CODES = (
    *("USD", "EUR", "GBP", "JPY", "CNY", "INR", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "TRY"),
    *("CAD", "AUD", "NZD", "BRL", "MXN", "ZAR", "KRW", "SGD", "HKD", "THB", "IDR", "MYR", "AED", "SAR", "ILS"),
)
_CURRENCY = rf"[{''.join(_SIGNS)}]|{'|'.join(_CODES)}"
_AMOUNT = re.compile(
    rf"(?P<minus>-?)\s*(?:(?P<before>{_CURRENCY})\s*(?P<first>-?[0-9][0-9.,]*)|(?P<second>[0-9][0-9.,]*)\s*(?P<after>{_CURRENCY}))"
)


def amount_of(text: str) -> tuple[str, str] | None:
    """Return the currency of an amount and its number as it is written; None where a text is no such amount.

    Examples
    --------
    >>> amount_of("€3.50"), amount_of("1,200 USD"), amount_of("3.50"), amount_of("3 BOX")
    (('EUR', '3.50'), ('USD', '1,200'), None, None)
    """
    found = _AMOUNT.fullmatch(text.strip())
    if found is None:
        return None
    currency = found["before"] or found["after"]
    return _SIGNS.get(currency, currency), f"{found['minus']}{found['first'] or found['second']}"


def reason_of(currency: str) -> str:
    """Return what is said of an amount that cannot be read for its currency."""
    return f"{CURRENCY_REASON}{currency}; expected all money in one currency, that of tblParameters"


def in_own_currency(raw: Tables, findings: Findings) -> Tables:
    """Return tables whose amounts in the plan's currency are plain numbers; amounts in any other stay as they are.

    The plan's currency is the parameter ``currency``; without one, that of all amounts that name one.

    Parameters
    ----------
    raw
        Tables as found.
    findings
        Told of what was read past.

    Examples
    --------
    >>> raw = {"items": pd.DataFrame({"item": ["tea", "cup"], "unit_cost": ["2 USD", "$3"]}, index=[2, 3])}
    >>> in_own_currency(raw, Findings())["items"]["unit_cost"].tolist()
    ['2', '3']
    """
    named = {
        (table.stem, header): amounts
        for table in INPUTS
        for header, column in _money_columns(raw, table.stem, table.columns)
        if (amounts := _amounts(raw[table.stem][header]))
    }
    if not named:
        return raw
    own = _own_currency(raw) or _only([currency for amounts in named.values() for currency, _ in amounts.values()])
    made = dict(raw)
    for (stem, header), amounts in named.items():
        known = {text: number for text, (currency, number) in amounts.items() if currency == own}
        frame = made[stem]
        cells = frame[header].tolist()
        places = [place for place, cell in enumerate(cells) if isinstance(cell, str) and cell in known]
        # Among numbers a number; where a source writes all as text, a text, whatever its decimal separator.
        numbers = any(isinstance(cell, int | float) and cell == cell for cell in cells)
        for place in places:
            cells[place] = _number(known[cells[place]]) if numbers else known[cells[place]]
        made[stem] = frame.assign(**{header: pd.Series(cells, index=frame.index, dtype=object)})
        if places:
            table = next(table for table in INPUTS if table.stem == stem)
            rows = [float(place) for place in pd.RangeIndex(len(frame))[places]]
            if pd.api.types.is_integer_dtype(frame.index.dtype):
                rows = [float(row) for row in frame.index[places]]
            values = frame[header].iloc[places].tolist()
            findings.add(
                "repaired", table.name, header, "currency read past", "value used", rows, values, together=True
            )
    return made


def warn_of_mixed_currencies(raw: Tables, findings: Findings) -> None:
    """Warn of rows whose column ``currency`` names another than the plan's, or than most rows name: all is added up.

    Parameters
    ----------
    raw
        Tables as found.
    findings
        Told of them, a row each.

    Examples
    --------
    >>> told, items = Findings(), pd.DataFrame({"item": ["tea", "cup", "jar"], "Currency": ["EUR", "usd", "€"]})
    >>> warn_of_mixed_currencies({"items": items}, told)
    >>> told.frame()[["row", "value", "reason"]].values.tolist()
    [[1.0, 'usd', 'money in several currencies (EUR in 2 rows, USD in 1 row)']]
    """
    for table in INPUTS:
        if table is PARAMETERS or table.stem not in raw:
            continue
        frame = raw[table.stem]
        headers = [str(name) for name in frame]
        for header in headers:
            if header.strip().lower().replace(" ", "_") in _COLUMNS and headers.count(header) == 1:
                _warn_of_mixed(frame[header], table.name, _own_currency(raw), findings)


def _warn_of_mixed(cells: pd.Series[Any], table: str, own: str, findings: Findings) -> None:
    texts = cells[[isinstance(cell, str) and bool(cell.strip()) for cell in cells]].astype(str).str.strip().str.upper()
    named = texts.replace(_SIGNS)
    counts = named.value_counts()
    main = own or (str(counts.index[0]) if len(counts) else "")
    others = named[named != main]
    if others.empty:
        return
    told = ", ".join(f"{name} in {counted(int(count), 'row')}" for name, count in counts.items())
    reason = f"{MIXED_REASON} ({told})" if len(counts) > 1 else f"{MIXED_REASON} ({told}, the plan's is {own})"
    action = f"used as if it were in {main}; convert it to one currency"
    findings.add("warning", table, str(cells.name), reason, action, others.index, cells[others.index].tolist())


def _money_columns(raw: Tables, stem: str, columns: tuple[Column, ...]) -> list[tuple[str, Column]]:
    """Return the headers of columns of money; one that is there twice is left to those who refuse it."""
    if stem not in raw or stem == PARAMETERS.stem:
        return []
    money = {column.name: column for column in columns if column.kind == "number" and "money" in column.help}
    headers = [str(header) for header in raw[stem].columns]
    spelled = {header: money.get(header.strip().lower().replace(" ", "_")) for header in headers}
    return [(header, column) for header, column in spelled.items() if column is not None and headers.count(header) == 1]


def _amounts(cells: pd.Series[Any]) -> dict[str, tuple[str, str]]:
    """Return the amounts with a currency among the cells of a column, by their text."""
    texts = {cell for cell in cells if isinstance(cell, str)}
    found = {
        text: amount_of(text) for text in texts if text[:1] in _SIGNS or not text[-1:].isdigit() or text[:1].isalpha()
    }
    return {text: amount for text, amount in found.items() if amount is not None}


def _number(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text


def _own_currency(raw: Tables) -> str:
    table = raw.get(PARAMETERS.stem)
    if table is None or not {"name", "value"} <= set(table.columns):
        return ""
    for name, value in zip(table["name"], table["value"], strict=True):
        if str(name).strip().lower() == "currency" and isinstance(value, str):
            return _SIGNS.get(value.strip(), value.strip().upper())
    return ""


def _only(currencies: list[str]) -> str:
    return currencies[0] if len(set(currencies)) == 1 else ""
