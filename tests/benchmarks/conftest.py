"""Options of the benchmarks of forecasts and of order plans, and their tables printed as they come."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest

Report = Callable[[str, pd.DataFrame | None], None]

BESIDE_STOCKPYL = {"bench_lot_sizes.py", "bench_policies.py", "stockpyl_peer.py"}


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Look into what needs the extra ``bench`` only where it is there, or where benchmarks are asked for by name."""
    asked = any("benchmarks" in argument for argument in config.args)
    left = collection_path.name in BESIDE_STOCKPYL and not asked and find_spec("stockpyl") is None
    return True if left else None


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("forecasting benchmark")
    group.addoption("--m3", type=Path, help="parquet file of monthly series: unique_id, set (train or test), t, y")
    group.addoption("--carparts", type=Path, help="parquet file of rare demand: a column t and one column per series")
    group.addoption("--series", type=int, default=60, help="number of series of each kind; 0 for all (default 60)")
    group.addoption("--slow-series", type=int, default=6, help="number of series for pmdarima; 0 for none (default 6)")
    group.addoption("--results", type=Path, help="folder for the measures of each series, as CSV")
    group = parser.getgroup("order plan benchmark")
    usual = "200-slack,200-tight,200-tighter,200-rich"
    group.addoption("--orders", default=usual, help=f"instances by name, or all (default {usual})")
    group.addoption("--order-seconds", type=float, help="seconds for each planner (default 60, for 2,000 items 300)")


@pytest.fixture(scope="session")
def report(pytestconfig: pytest.Config) -> Report:
    """Return what prints a title and a table at once, whatever pytest captures, and keeps them in the results."""
    manager = pytestconfig.pluginmanager.getplugin("capturemanager")
    folder = pytestconfig.getoption("--results")

    def show(title: str, table: pd.DataFrame | None = None) -> None:
        text = title if table is None else f"\n\n{title}\n{table.to_string(na_rep='-')}"
        with manager.global_and_fixture_disabled() if manager else nullcontext():
            print(text, flush=True)  # noqa: T201 - the table is what the benchmark is for
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            with (folder / "tables.txt").open("a", encoding="utf-8") as file:
                file.write(text + "\n")

    return show
