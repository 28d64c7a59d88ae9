"""Reading 250,000 rows and writing 250,000 cells, beside openpyxl.

Run with ``pytest tests/benchmarks/bench_workbook.py --benchmark-enable``.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

from invopt_xl.plan.columns import FORECAST
from invopt_xl.workbook import read_tables, write_tables
from invopt_xl.workbook.template import Cover, build_plan_workbook

ROWS = 250_000


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    random = np.random.default_rng(1)
    demand = pd.DataFrame(
        {
            "item": [f"item {number // 50}" for number in range(ROWS)],
            "location": "MAIN",
            "date": pd.Timestamp("2017-01-02") + pd.to_timedelta(7 * (np.arange(ROWS) % 50), unit="D"),
            "quantity": random.poisson(9, ROWS),
            "unit_price": 2.5,
            "promotion": 0,
            "in_stock": 1,
        }
    )
    path = tmp_path_factory.mktemp("bench") / "large.xlsx"
    return build_plan_workbook(path, {"demand": demand}, title="Large", cover=Cover("To measure."))


def test_read(benchmark: Any, book: Path) -> None:
    tables = benchmark.pedantic(read_tables, args=(book,), rounds=1)
    assert len(tables["demand"]) == ROWS


def test_read_with_openpyxl(benchmark: Any, book: Path) -> None:
    def read() -> int:
        loaded = openpyxl.load_workbook(book, read_only=True)
        with closing(loaded):
            return sum(1 for _ in loaded["Demand"].iter_rows(min_row=5, values_only=True))

    assert benchmark.pedantic(read, rounds=1) >= ROWS


def test_write_250000_cells(benchmark: Any, book: Path, tmp_path: Path) -> None:
    rows = ROWS // len(FORECAST.columns)
    forecast = pd.DataFrame({name: np.arange(rows, dtype=float) for name in FORECAST.column_names})
    forecast = forecast.assign(item="an item", location="MAIN", date=pd.Timestamp("2018-01-01"), model="ARIMA")
    output = tmp_path / "out.xlsx"
    benchmark.pedantic(write_tables, args=(book, {"forecast": forecast}), kwargs={"output": output}, rounds=1)


def test_load_and_save_with_openpyxl(benchmark: Any, book: Path, tmp_path: Path) -> None:
    def round_trip() -> None:
        openpyxl.load_workbook(book).save(tmp_path / "out.xlsx")

    benchmark.pedantic(round_trip, rounds=1)
