"""Building the demo from the command line."""

from __future__ import annotations

from pathlib import Path

from invopt_xl.errors import require
from invopt_xl.hosts.cli import options as given


def demo(target: given.NewDemo, full: given.Full = False, condense: given.Condense = False) -> None:
    """Build the demo workbook from a grocer's real sales."""
    from rich.console import Console

    from invopt_xl import demo

    require(not (full and condense), "options --full and --condense", "both given", "one of them")
    console = Console(stderr=True)
    beside: list[Path] = []
    with console.status("Reading a year of a grocer's sales" if full or condense else "Building the workbook"):
        if condense:
            demo.write_condensed(target)
        elif full:
            from invopt_xl.workbook import write_folder

            tables = demo.full_tables()
            write_folder(target, tables | demo.full_sales(tables["items"]["item"]), suffix="parquet")
        else:
            demo.build_grocery(target)
            beside = demo.write_beside(target)
    console.print(f"Written to {target}", highlight=False)
    if beside:
        console.print(f"Beside it who bought what: {', '.join(path.name for path in beside)}", highlight=False)
