"""Cells as found at a source, read as text, numbers, dates or flags.

A column is read by families of cells: a number in a text column is one reading, a text in a number column another.
What cannot be read becomes missing, with the reason; what could be read only by interpretation is said as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import IntEnum
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.plan.columns import CellFault, Column
from invopt_xl.plan.quality.currencies import amount_of, reason_of
from invopt_xl.plan.quality.date_order import year_last
from invopt_xl.plan.quality.findings import Mask, Objects

Floats = npt.NDArray[np.float64]
Instants = npt.NDArray[np.datetime64]

EARLIEST, LATEST = np.datetime64("1990-01-01", "us"), np.datetime64("2200-01-01", "us")
"""Dates outside are impossible: a typing error, or a zero shown as a date."""

LARGEST = 1e15
"""A spreadsheet keeps 15 digits; a larger number is a mistake, and its sums would not be exact."""

_ERRORS = frozenset(
    f"#{name}"
    for name in (
        *("N/A", "NULL!", "DIV/0!", "VALUE!", "REF!", "NAME?", "NUM!"),
        *("GETTING_DATA", "SPILL!", "CALC!", "FIELD!", "BLOCKED!", "CONNECT!"),
    )
)
_NOTHING = frozenset({"nan", "na", "n/a", "null", "none", "nat"})
_FLAGS = {
    "1": 1.0,
    "1.0": 1.0,
    "true": 1.0,
    "yes": 1.0,
    "y": 1.0,
    "0": 0.0,
    "0.0": 0.0,
    "false": 0.0,
    "no": 0.0,
    "n": 0.0,
}
_PLAIN = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?")
_ONE_COMMA = re.compile(r"[+-]?[0-9]{1,3},[0-9]{3}")
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9.]*,([0-9]{1,2}|[0-9]{4,})")
_COMMA_WRITTEN = re.compile(r"[+-]?([0-9]+|[0-9]{1,3}(\.[0-9]{3})+)?(,[0-9]+)?")
"""A number as written where the comma is the decimal separator, and a dot or nothing parts thousands."""
_THREE_DECIMALS = re.compile(r"[+-]?[0-9]{1,3}\.[0-9]{3}")
_ISO = (
    r"^([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})"  # the day
    r"(?:[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?)"  # the time of day
    r" ?(?:Z|[+-][0-9:]{2,6})?)?$"  # the time zone, whose local time is meant
)
_SERIAL_ORIGIN = np.datetime64("1899-12-30", "us")
_LARGEST_SERIAL = 109_575.0  # 2200-01-01


class Family(IntEnum):
    """What a cell holds, whatever its column expects."""

    MISSING = 0
    TEXT = 1
    NUMBER = 2
    TRUTH = 3
    DATE = 4
    FAULT = 5
    OTHER = 6


@dataclass
class Reading:
    """A column as read.

    Parameters
    ----------
    values
        Text as str or None, numbers and flags as float64, dates as datetime64[ns]; what cannot be read is missing.
    missing
        Cells that hold nothing.
    unreadable
        Cells that hold something else than the column expects, by reason.
    interpreted
        Cells that were read only by interpretation, by what was read.
    """

    values: pd.Series[Any]
    missing: Mask
    unreadable: dict[str, Mask] = field(default_factory=dict)
    interpreted: dict[str, Mask] = field(default_factory=dict)


def decimal_commas(cells: pd.Series[Any]) -> bool:
    """Return whether all cells of a column are texts that write numbers with a decimal comma, such as 5,5.

    One of them at least must leave no doubt: 1,234 alone may be a thousand.

    Examples
    --------
    >>> [decimal_commas(pd.Series(each)) for each in (["5,5", "1.204", None], ["1,234"], ["5,5", "5.5"])]
    [True, False, False]
    """
    texts = _texts(cells)
    decided = any(_DECIMAL_COMMA.fullmatch(text) for text in texts)
    return decided and all(_COMMA_WRITTEN.fullmatch(text) for text in texts)


def with_dots(cells: pd.Series[Any]) -> pd.Series[Any]:
    """Return texts that write a decimal comma with a decimal dot instead."""
    dotted = {text: text.replace(".", "").replace(",", ".") for text in cells.dropna().unique()}
    return cells.map(dotted, na_action="ignore").astype(object)


def three_decimals(cells: pd.Series[Any]) -> bool:
    """Return whether all cells of a column are texts that may as well be thousands with a dot, such as 1.204.

    Examples
    --------
    >>> [three_decimals(pd.Series(each)) for each in (["1.204", "12.500"], ["1.204", "7"], [])]
    [True, False, False]
    """
    texts = _texts(cells)
    return bool(texts) and all(_THREE_DECIMALS.fullmatch(text) for text in texts)


def _texts(cells: pd.Series[Any]) -> list[str]:
    """Return the different texts of a column; none where it holds anything else."""
    held = cells[cells.notna()]
    if not held.map(lambda cell: isinstance(cell, str)).all():
        return []
    return [text for text in (str(cell).strip() for cell in held.unique()) if text]


@dataclass(frozen=True)
class _Cells:
    values: Objects
    family: npt.NDArray[np.int8]

    def of(self, *families: Family) -> Mask:
        return np.isin(self.family, families)


def read(cells: pd.Series[Any], column: Column) -> Reading:
    """Read the cells of a column as what the column expects.

    Parameters
    ----------
    cells
        As found at the source, of any type.
    column
        The contract of the column.

    Examples
    --------
    >>> reading = read(pd.Series([22423.0, " 007 ", None, CellFault("#N/A")], dtype=object), Column("item", "text"))
    >>> reading.values.tolist(), list(reading.unreadable)
    (['22423', '007', None, None], ['error or formula without a value; expected a text'])
    >>> read(pd.Series(["1,234.5", "12", "1,5"], dtype=object), Column("moq", "number", minimum=0)).values.tolist()
    [1234.5, 12.0, nan]
    """
    found = _sorted_by_family(cells, column)
    values, interpreted, unreadable = _READERS[column.kind](found, column)
    fault = found.of(Family.FAULT)
    reasons = {f"error or formula without a value; expected {column.expectation}": fault}
    for reason, rows in unreadable.items():
        reasons[f"{reason}; expected {column.expectation}"] = rows & ~fault
    return Reading(
        pd.Series(values, index=cells.index, dtype=values.dtype),
        found.of(Family.MISSING),
        {reason: rows for reason, rows in reasons.items() if rows.any()},
        {what: rows for what, rows in interpreted.items() if rows.any()},
    )


def _sorted_by_family(cells: pd.Series[Any], column: Column) -> _Cells:
    values = cells.astype(object).to_numpy(dtype=object, copy=True)
    missing = np.asarray(pd.isna(values))
    codes, types = pd.factorize(np.array([type(value) for value in values], dtype=object))
    family = np.array([_family(each) for each in types], dtype=np.int8)[codes] if len(codes) else codes.astype(np.int8)
    text = family == Family.TEXT
    if text.any():
        codes, uniques = pd.factorize(values[text])
        stripped = [str(unique).strip() for unique in uniques]
        nothing: frozenset[str] = frozenset() if column.kind == "text" else _NOTHING
        kinds = [_family_of_text(each, nothing) for each in stripped]
        values[text] = np.array(stripped, dtype=object)[codes]
        family[text] = np.array(kinds, dtype=np.int8)[codes]
    family[missing] = Family.MISSING
    return _Cells(values, family)


def _family(kind: type) -> Family:
    if issubclass(kind, CellFault):
        return Family.FAULT
    if issubclass(kind, str):
        return Family.TEXT
    if issubclass(kind, bool | np.bool_):
        return Family.TRUTH
    if issubclass(kind, Real | Decimal):
        return Family.NUMBER
    return Family.DATE if issubclass(kind, date) else Family.OTHER


def _family_of_text(text: str, nothing: frozenset[str]) -> Family:
    if not text or text.casefold() in nothing:
        return Family.MISSING
    return Family.FAULT if text.upper() in _ERRORS else Family.TEXT


_Read = tuple[npt.NDArray[Any], dict[str, Mask], dict[str, Mask]]
"""Values, what was interpreted, and what cannot be read."""


def _read_text(found: _Cells, column: Column) -> _Read:
    values = np.full(len(found.values), None, dtype=object)
    text = found.of(Family.TEXT)
    values[text] = found.values[text]
    for rows, written in (
        (found.of(Family.NUMBER), _number_as_text),
        (found.of(Family.TRUTH), lambda value: "TRUE" if value else "FALSE"),
        (found.of(Family.DATE), _date_as_text),
    ):
        values[rows] = [written(value) for value in found.values[rows]]
    other = found.of(Family.OTHER)
    if column.choices:
        known = {choice.casefold(): choice for choice in column.choices}
        values = np.array(
            [known.get(" ".join(v.split()).casefold(), v) if v is not None else None for v in values], dtype=object
        )
    return values, {}, {"not a text": other}


def _number_as_text(value: Any) -> str:
    """Write a whole number without decimals, so that a code read as 22423.0 is 22423 in every table."""
    number = _as_float(value)
    return str(int(number)) if abs(number) < LARGEST and number == int(number) else f"{number:.15g}"


def _date_as_text(value: date) -> str:
    text = value.isoformat()
    return text.removesuffix("T00:00:00")


def _as_float(value: Any) -> float:
    try:
        return float(value)
    except (OverflowError, ValueError):  # whole numbers beyond 1e308, signalling decimals
        return np.inf


def _read_numbers(found: _Cells, column: Column) -> _Read:
    values: Floats = np.full(len(found.values), np.nan)
    number, text = found.of(Family.NUMBER), found.of(Family.TEXT)
    values[number] = [_as_float(value) for value in found.values[number]]
    interpreted: dict[str, Mask] = {}
    if text.any():
        values[text], readings = _numbers_in_texts(found.values[text], column.share)
        interpreted = {what: _spread(text, rows) for what, rows in readings.items()}
        if number.any():  # where every cell is text, such as in a CSV file, that is how the source writes numbers
            told = np.logical_or.reduce(list(interpreted.values()))
            interpreted["text read as a number"] = text & ~np.isnan(values) & ~told
    large = np.abs(values) >= LARGEST
    values[large] = np.nan
    nothing = np.isnan(values) & ~found.of(Family.MISSING) & ~large
    unreadable = _amounts_in_a_currency(found.values, nothing & text)
    nothing = np.logical_and.reduce([nothing, *(~rows for rows in unreadable.values())])
    return values, interpreted, {"not a number": nothing, **unreadable, "not finite or more than 15 digits": large}


def _amounts_in_a_currency(values: Objects, rows: Mask) -> dict[str, Mask]:
    """Return which of some texts are amounts in a currency, by what is said of them."""
    amounts = [amount_of(value) if is_text else None for value, is_text in zip(values, rows, strict=True)]
    currencies = np.array([amount[0] if amount else "" for amount in amounts], dtype=object)
    return {reason_of(name): currencies == name for name in pd.unique(currencies) if name}


def _numbers_in_texts(texts: Objects, share: bool) -> tuple[Floats, dict[str, Mask]]:
    """Read numbers written as text, with what had to be interpreted.

    A comma before exactly three digits is a thousands separator. Where another cell of the column uses the comma as
    a decimal separator, 1,234 is ambiguous and is not read; neither is 1,5, for its column may mix both.
    """
    codes, uniques = pd.factorize(texts)
    decimal_comma = any(_DECIMAL_COMMA.fullmatch(text) for text in uniques)
    values, thousands, percent = (
        np.full(len(uniques), np.nan),
        np.zeros(len(uniques), bool),
        np.zeros(len(uniques), bool),
    )
    for place, text in enumerate(uniques):
        if _PLAIN.fullmatch(text):
            values[place] = float(text)
        elif _THOUSANDS.fullmatch(text) and not (decimal_comma and _ONE_COMMA.fullmatch(text)):
            values[place], thousands[place] = float(text.replace(",", "")), True
        elif share and text.endswith("%") and _PLAIN.fullmatch(text[:-1].strip()):
            values[place], percent[place] = float(text[:-1]) / 100, True
    return values[codes], {
        "comma read as a thousands separator": thousands[codes],
        "percentage read as a share": percent[codes],
    }


def _spread(rows: Mask, inner: Mask) -> Mask:
    """Return a mask over all rows from a mask over some of them."""
    result = np.zeros(len(rows), dtype=bool)
    result[rows] = inner
    return result


def _read_dates(found: _Cells, column: Column) -> _Read:
    values: Instants = np.full(len(found.values), np.datetime64("NaT", "us"))
    real, text = found.of(Family.DATE), found.of(Family.TEXT)
    values[real] = np.array([_without_zone(value) for value in found.values[real]], dtype="datetime64[us]")
    numbers = np.full(len(values), np.nan)
    numbers[found.of(Family.NUMBER)] = [_as_float(value) for value in found.values[found.of(Family.NUMBER)]]
    if text.any():
        values[text] = _iso_dates(found.values[text])
        numbers[text] = _numbers_in_texts(found.values[text], share=False)[0]
    serial, digits = (numbers >= 1) & (numbers < _LARGEST_SERIAL), (numbers >= 1e7) & (numbers < 1e8)
    microseconds = np.round(numbers[serial] * 86_400e6).astype("timedelta64[us]")
    values[serial] = _SERIAL_ORIGIN + microseconds
    written = np.array([f"{whole[:4]}-{whole[4:6]}-{whole[6:]}" for whole in numbers[digits].astype(int).astype(str)])
    values[digits] = _iso_dates(written.astype(object))
    unread = np.isnat(values) & ~found.of(Family.MISSING)
    impossible = ~np.isnat(values) & ((values < EARLIEST) | (values >= LATEST))
    values[impossible] = np.datetime64("NaT", "us")
    interpreted = {
        "serial number read as a date": serial & ~impossible,
        "eight digits read as a date": digits & ~np.isnat(values),
        "text read as a date": text & ~np.isnat(values) & ~serial & ~digits & bool(real.any()),
    }
    other_order = unread.copy()
    if unread.any():
        other_order[unread] = year_last(pd.Series(found.values[unread], dtype=object))
    reasons = {
        "not a date": unread & ~other_order,
        "not a date that begins with the year": other_order,
        "impossible date, before 1990 or more than five years after the plan date": impossible,
    }
    return values.astype("datetime64[ns]"), interpreted, reasons


def _without_zone(value: Any) -> date:
    """Return the local time a date with a time zone shows."""
    plain: date = value.replace(tzinfo=None) if getattr(value, "tzinfo", None) is not None else value
    return plain


def _iso_dates(texts: Objects) -> Instants:
    """Read texts that name the year first, such as 2018-01-31 or 2018/1/31 14:05."""
    if not len(texts):  # so it is in most columns, and pandas takes a while to find it out
        return np.array([], dtype="datetime64[us]")
    codes, uniques = pd.factorize(texts)
    parts = pd.Series(uniques, dtype=object).str.extract(_ISO)
    day = parts[0].str.cat(parts[1].str.zfill(2), sep="-").str.cat(parts[2].str.zfill(2), sep="-")
    written = day.str.cat(parts[3].fillna("00:00"), sep=" ")
    read_dates: Instants = pd.to_datetime(written, format="ISO8601", errors="coerce").to_numpy(dtype="datetime64[us]")
    return read_dates[codes]


def _read_flags(found: _Cells, column: Column) -> _Read:
    values: Floats = np.full(len(found.values), np.nan)
    truth, number, text = found.of(Family.TRUTH), found.of(Family.NUMBER), found.of(Family.TEXT)
    values[truth] = found.values[truth].astype(float)
    values[number] = [_as_float(value) for value in found.values[number]]
    values[text] = [_FLAGS.get(value.casefold(), np.nan) for value in found.values[text]]
    values[(values != 0) & (values != 1)] = np.nan
    return values, {}, {"neither 1 nor 0": np.isnan(values) & ~found.of(Family.MISSING)}


_READERS = {"text": _read_text, "number": _read_numbers, "date": _read_dates, "flag": _read_flags}
