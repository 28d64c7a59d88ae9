"""A forecast that somebody put into a folder, in place of demand of the past to learn one from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from invopt_xl.errors import FileError, InputError
from invopt_xl.plan.columns import DEMAND, FORECAST, ITEMS, Tables
from invopt_xl.plan.quality import Admitted, admit
from invopt_xl.plan.quality.headers import required_table
from invopt_xl.workbook.folder import read_file


def given_forecast(source: Path) -> pd.DataFrame | None:
    """Return the forecast that a folder holds; in a workbook it is a result, never input.

    Raises
    ------
    InvoptError
        If the folder holds two, or the file cannot be read.
    """
    if not source.is_dir():
        return None
    files = [
        file
        for file in sorted(source.iterdir())
        if file.stem.lower() == FORECAST.stem and file.suffix.lower() in (".csv", ".parquet") and file.is_file()
    ]
    if len(files) > 1:
        raise FileError(f"{source.resolve().name} holds {files[0].name} and {files[1].name}; keep one of them")
    return read_file(files[0], FORECAST) if files else None


def require_demand(raw: Tables, forecast: pd.DataFrame | None, source: Path) -> None:
    """Refuse a folder of items that has neither demand nor a forecast, and say that one of them would do.

    Raises
    ------
    InputError
        If it has neither.
    """
    if forecast is not None or ITEMS.stem not in raw or not source.is_dir():
        return
    try:
        required_table(raw, DEMAND)
    except InputError as error:
        files = f"{FORECAST.stem}.csv or {FORECAST.stem}.parquet with item, location, date and mean"
        raise InputError(f"{error}, and no forecast in its place ({files})") from None


def admit_given(raw: Tables, forecast: pd.DataFrame | None) -> Admitted:
    """Admit what a plan, or orders alone, can stand on.

    Beside demand, a forecast that cannot be used at all is no more than a warning: a plan makes its own, and the file
    may be what an earlier one wrote.

    Raises
    ------
    InputError
        If neither can be planned.
    """
    try:
        return admit(raw, forecast=forecast)
    except InputError as error:
        if forecast is None or DEMAND.stem not in raw:
            raise
        admitted, reason = admit(raw), str(error)
    action = "a plan makes its own; orders alone need it mended, or gone"
    admitted.findings.add("warning", FORECAST.name, "", reason, action)
    return replace(admitted, quality=admitted.findings.frame())
