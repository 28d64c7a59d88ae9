"""Small raw tables for tests of the admission of data."""

from __future__ import annotations

from typing import Any

import pandas as pd

from invopt_xl.plan.columns import Tables
from invopt_xl.plan.quality import Admitted

FIRST_ROW = 5
"""The tests' tables begin in this row of their sheet."""


def frame(columns: dict[str, Any]) -> pd.DataFrame:
    length = max((len(values) for values in columns.values() if isinstance(values, list)), default=0)
    cells = {
        name: pd.Series(values if isinstance(values, list) else [values] * length, dtype=object)
        for name, values in columns.items()
    }
    table = pd.DataFrame(cells)
    table.index = pd.RangeIndex(FIRST_ROW, FIRST_ROW + len(table), name="row")
    return table


def items(**changes: Any) -> pd.DataFrame:
    return frame({"item": ["tea", "cup"], "unit_cost": 2.5, "lead_time_days": 14, "on_hand": 30, **changes})


def weeks(count: int) -> list[str]:
    """Return the Mondays before the plan date, the oldest first."""
    return [day.date().isoformat() for day in pd.date_range(end="2017-12-25", periods=count, freq="7D")]


def demand(**changes: Any) -> pd.DataFrame:
    """Return two years of weekly demand of both items."""
    dates = weeks(104)
    both = {
        "item": ["tea"] * 104 + ["cup"] * 104,
        "date": dates * 2,
        "quantity": [float(5 + n % 3) for n in range(208)],
    }
    return frame({**both, **changes})


def tables(**changes: pd.DataFrame) -> Tables:
    parameters = frame({"name": ["plan_date"], "value": ["2018-01-01"]})
    return {"items": items(), "demand": demand(), "parameters": parameters, **changes}


def said(admitted: Admitted, **conditions: object) -> pd.DataFrame:
    """Return the rows of the report that meet the conditions."""
    report = admitted.quality
    for column, value in conditions.items():
        report = report[report[column] == value]
    return report


def only(admitted: Admitted, **conditions: object) -> dict[str, Any]:
    """Return the one row of the report that meets the conditions."""
    report = said(admitted, **conditions)
    assert len(report) == 1, admitted.quality.to_string()
    return {str(name): value for name, value in report.iloc[0].items()}
