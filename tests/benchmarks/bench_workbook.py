"""Reading 250,000 rows and writing 250,000 cells, beside openpyxl, and both as in a refresh of the demo.

Run with ``pytest tests/benchmarks/bench_workbook.py --benchmark-enable --benchmark-json FILE``; ``extra_info`` in the
file holds seconds and peak memory of the writing alone.
"""

from __future__ import annotations

import subprocess
import sys
import time
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


def forecasts() -> pd.DataFrame:
    rows = ROWS // len(FORECAST.columns)
    forecast = pd.DataFrame({name: np.arange(rows, dtype=float) for name in FORECAST.column_names})
    return forecast.assign(item="an item", location="MAIN", date=pd.Timestamp("2018-01-01"), model="ARIMA")


def write_forecasts(book: Path, output: Path) -> None:
    """Write 250,000 cells; print seconds, the processor's seconds, and the megabytes the process had at its peak."""
    forecast = forecasts()
    wall, processor = time.perf_counter(), time.process_time()
    write_tables(book, {"forecast": forecast}, output=output)
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    # Not what `resource` says, which counts the process this one was forked from.
    status = Path("/proc/self/status").read_text()
    peak = int(status.partition("VmHWM:")[2].split()[0]) / 1024
    sys.stdout.write(f"{wall:.2f} {processor:.2f} {peak:.0f}\n")


@pytest.mark.parametrize("over", ["an empty table", "a table as large"])
def test_write_250000_cells(benchmark: Any, book: Path, tmp_path: Path, over: str) -> None:
    """At most 8 seconds and 500 megabytes, in a process of its own."""
    code = "import sys; from bench_workbook import *; write_forecasts(*map(Path, sys.argv[1:]))"

    def write(source: Path, output: Path) -> list[float]:
        command = [sys.executable, "-c", code, source, output]
        done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=True)
        return [float(number) for number in done.stdout.split()]

    if over == "a table as large":
        write(book, tmp_path / "full.xlsx")
        book = tmp_path / "full.xlsx"
    wall, processor, peak = benchmark.pedantic(write, args=(book, tmp_path / "out.xlsx"), rounds=1)
    benchmark.extra_info.update(seconds=wall, processor_seconds=processor, peak_megabytes=peak)
    assert peak < 500


def test_read_and_write_as_a_refresh_does(benchmark: Any, book: Path, tmp_path: Path) -> None:
    """At most 2 seconds beside the plan for a book as large as the demo: 28,000 rows of demand, 250,000 result cells.

    Prints the seconds of reading and of writing; a machine at rest is wanted.
    """
    demand = read_tables(book)["demand"].iloc[:28_000]
    small = build_plan_workbook(tmp_path / "small.xlsx", {"demand": demand}, title="Demo", cover=Cover("To measure."))
    forecast = forecasts()
    write_tables(small, {"forecast": forecast})

    def refresh() -> tuple[float, float]:
        begun = time.perf_counter()
        read_tables(small)
        was_read = time.perf_counter()
        write_tables(small, {"forecast": forecast})
        return was_read - begun, time.perf_counter() - was_read

    reading, writing = benchmark.pedantic(refresh, rounds=1, warmup_rounds=1)
    benchmark.extra_info.update(reading_seconds=reading, writing_seconds=writing)
    sys.stdout.write(f"reading {reading:.2f} s, writing {writing:.2f} s\n")


def test_load_and_save_with_openpyxl(benchmark: Any, book: Path, tmp_path: Path) -> None:
    def round_trip() -> None:
        openpyxl.load_workbook(book).save(tmp_path / "out.xlsx")

    benchmark.pedantic(round_trip, rounds=1)
