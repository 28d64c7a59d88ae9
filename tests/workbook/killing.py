"""Refreshes that are killed at any moment: ``python tests/workbook/killing.py 100`` kills a hundred and counts."""

import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import pandas as pd
from excel_rules import problems
from rich_book import everything_book
from workbook_builders import orders_frame, plan_frame

LOOP = """
import sys, time
from pathlib import Path
import pandas
from invopt_xl.workbook import write_tables
book = Path(sys.argv[1])
small, large = (pandas.read_pickle(name) for name in sys.argv[2:])
write_tables(book, large)
began = time.perf_counter()
write_tables(book, small)
print(time.perf_counter() - began, flush=True)
while True:
    write_tables(book, large)
    write_tables(book, small)
"""
REFRESHES = 5
"""A process is killed at the latest in this refresh, counted from when it is warm."""


def plan(items, orders):
    return {"plan": plan_frame([f"B{i}" for i in range(items)]), "orders": orders_frame(orders)}


def written(book, tables):
    """Return the workbook's bytes with some tables written."""
    from invopt_xl.workbook import write_tables

    write_tables(book, tables)
    return book.read_bytes()


def killed(folder, count, chance):
    """Kill a process that refreshes a workbook, again and again, and look at what it left each time.

    Returns how often the workbook was which of its two states, how often a draft lay beside it, and how often the
    workbook was anything else, broke a rule or could not be refreshed.
    """
    (folder / "desk").mkdir()
    book = everything_book(folder / "desk" / "book.xlsm")
    tables = {"small": plan(7, 2), "large": plan(300, 30)}
    for name, frames in tables.items():
        pd.to_pickle(frames, folder / name)
    # The rows of a larger plan stay behind as empty ones, so it comes first.
    written(book, tables["large"])
    rounds = [{written(book, frames): name for name, frames in tables.items()} for _ in range(2)]
    states = rounds[0] | rounds[1]
    found = Counter({"states": len(states), "neither": 0, "damaged": 0})
    for _ in range(count):
        command = [sys.executable, "-c", LOOP, book, *(folder / name for name in tables)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            seconds = float(process.stdout.readline())
            time.sleep(chance.uniform(0.0, REFRESHES * seconds))
            process.kill()
        found[states.get(book.read_bytes(), "neither")] += 1
        found["damaged"] += bool(problems(book))
        found["drafts beside it"] += len(list(book.parent.iterdir())) > 1
    found["refreshed afterwards"] = states.get(written(book, tables["small"])) == "small"
    found["left over"] = len(list(book.parent.iterdir())) - 1
    return found


def main():
    with tempfile.TemporaryDirectory() as folder:
        sys.stdout.write(f"{dict(killed(Path(folder), int(sys.argv[1]), random.Random(2018)))}\n")


if __name__ == "__main__":
    main()
