"""How long a planner waits, and the memory it takes.

Run with ``pytest tests/benchmarks/bench_refresh.py --benchmark-enable --benchmark-json FILE``. Each figure is a whole
process, imports included; ``extra_info`` in the file holds the peak memory of the process with its workers.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
import pytest

from invopt_xl.demo import build_grocery, grocery_tables
from invopt_xl.workbook import write_folder


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bench")
    build_grocery(folder / "grocery.xlsx")
    return folder


def run(workplace: Path, cache: str, *arguments: object) -> dict[str, float]:
    """Run the command and return the peak memory of its process tree, megabytes."""
    process = subprocess.Popen(
        [sys.executable, "-m", "invopt_xl", *map(str, arguments)],
        env={**os.environ, "INVOPT_CACHE": str(workplace / cache)},
        stdout=subprocess.DEVNULL,
    )
    peak = 0.0
    finished = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not finished.wait(0.05):
            peak = max(peak, _resident(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    code = process.wait()
    finished.set()
    watcher.join()
    assert code == 0
    return {"peak_megabytes": round(peak)}


def _resident(pid: int) -> float:
    try:
        root = psutil.Process(pid)
        return sum(one.memory_info().rss for one in [root, *root.children(recursive=True)]) / 1e6
    except psutil.Error:
        return 0.0


def measure(benchmark: Any, workplace: Path, cache: str, *arguments: object) -> None:
    found = benchmark.pedantic(run, args=(workplace, cache, *arguments), rounds=1)
    benchmark.extra_info.update(found)


def test_help(benchmark: Any, workplace: Path) -> None:
    benchmark.pedantic(run, args=(workplace, "help", "--help"), rounds=5)


def test_cold_refresh(benchmark: Any, workplace: Path) -> None:
    measure(benchmark, workplace, "cache", "refresh", workplace / "grocery.xlsx", "-q")


def test_refresh_with_nothing_changed(benchmark: Any, workplace: Path) -> None:
    measure(benchmark, workplace, "cache", "refresh", workplace / "grocery.xlsx", "-q")


def test_refresh_with_one_item_changed(benchmark: Any, workplace: Path) -> None:
    tables = grocery_tables()
    tables["demand"].loc[tables["demand"].index[-1], "quantity"] += 3
    folder = workplace / "changed"
    write_folder(folder, tables, suffix="parquet")
    measure(benchmark, workplace, "cache", "plan", folder, "--output", workplace / "out", "-q")


def test_plan_of_3600_items_and_53_weeks(benchmark: Any, workplace: Path) -> None:
    folder = workplace / "large"
    write_folder(folder, large_tables(3600, 53), suffix="parquet")
    measure(benchmark, workplace, "large-cache", "plan", folder, "--output", workplace / "large-out", "-q")


def large_tables(items: int, weeks: int) -> dict[str, pd.DataFrame]:
    """Return items of every pace from a seeded generator, each with its own history."""
    random = np.random.default_rng(20180101)
    mean = random.gamma(0.5, 12.0, items) + 0.05
    units = random.negative_binomial(1.5, 1.5 / (1.5 + mean[:, None]), (items, weeks))
    dates = pd.date_range(end="2017-12-25", periods=weeks, freq="7D")
    names = np.array([f"item {number:05d}" for number in range(items)])
    cost = random.uniform(1.0, 20.0, items).round(2)
    return {
        "items": pd.DataFrame(
            {
                "item": names,
                "supplier": [f"supplier {number % 60:02d}" for number in range(items)],
                "unit_cost": cost,
                "unit_price": (cost * 1.4).round(2),
                "lead_time_days": random.integers(3, 30, items),
                "lead_time_sd_days": random.integers(0, 6, items),
                "lot_size": random.choice([1, 6, 12], items),
                "on_hand": random.poisson(mean * 4),
            }
        ),
        "demand": pd.DataFrame({"item": names.repeat(weeks), "date": np.tile(dates, items), "quantity": units.ravel()}),
        "suppliers": pd.DataFrame({"supplier": [f"supplier {number:02d}" for number in range(60)], "order_cost": 15.0}),
        "parameters": pd.DataFrame({"name": ["plan_date"], "value": ["2018-01-01"]}),
    }
