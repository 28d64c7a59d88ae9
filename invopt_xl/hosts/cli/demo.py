"""Building the demo from the command line."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from invopt_xl.errors import require


def build_demo(target: Path, *, full: bool, condense: bool) -> None:
    """Build the demo workbook, the full set of tables, or the condensed tables the workbook is built from."""
    from invopt_xl import demo

    require(not (full and condense), "options --full and --condense", "both given", "one of them")
    console = Console(stderr=True)
    with console.status("Reading a year of a grocer's sales" if full or condense else "Building the workbook"):
        if condense:
            demo.write_condensed(target)
        elif full:
            from invopt_xl.workbook import write_folder

            write_folder(target, demo.full_tables(), suffix="parquet")
        else:
            demo.build_grocery(target)
    console.print(f"Written to {target}", highlight=False)
