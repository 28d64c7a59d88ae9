"""Order plans beside others from the command line: what is asked, and how it looks on a console."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from invopt_xl.domain.words import counted
from invopt_xl.errors import FileError, InputError
from invopt_xl.hosts.cli.show import records
from invopt_xl.optimise.wording import units_named
from invopt_xl.plan.columns import ORDER_COSTS, ORDERS, Tables
from invopt_xl.plan.columns import Table as Contract
from invopt_xl.plan.disruptions import Asked, Happening
from invopt_xl.plan.explain import amount
from invopt_xl.plan.order_plan import Compared
from invopt_xl.workbook.folder import read_file

CHANGES_SHOWN = 12


@dataclass(frozen=True)
class Beside:
    """What an order plan is compared with.

    Parameters
    ----------
    close, delay, lost, price_rise
        What happens, as `plan.disruptions.Happening` has it.
    keep_sent
        Whether today's lines of the first period are sent already.
    compare
        Folder of an earlier result.
    """

    close: Sequence[str] = ()
    delay: Sequence[str] = ()
    lost: Sequence[str] = ()
    price_rise: Sequence[str] = ()
    keep_sent: bool = False
    compare: Path | None = None

    def asked(self) -> Asked | None:
        """Return what happens; None if nothing does.

        Raises
        ------
        InputError
            If options do not go together.
        """
        happening = Happening(tuple(self.close), tuple(self.delay), tuple(self.lost), tuple(self.price_rise))
        if happening and self.compare is not None:
            raise InputError(
                "--compare is given with --close, --delay, --lost or --price-rise, which compare with today's plan; "
                "expected one or the other"
            )
        if self.keep_sent and not happening:
            raise InputError("--keep-sent is given alone; expected it with --close, --delay, --lost or --price-rise")
        return Asked(happening, self.keep_sent) if happening else None

    def earlier(self) -> Tables | None:
        """Return the orders of an earlier result, with their costs where they are there.

        Raises
        ------
        InvoptError
            If there are no orders, or they cannot be read.
        """
        if self.compare is None:
            return None
        orders = _found(self.compare, ORDERS)
        if orders is None:
            raise FileError(f"{self.compare} holds no {ORDERS.stem}.csv or .parquet; expected an earlier --output")
        costs = _found(self.compare, ORDER_COSTS)
        return {ORDERS.stem: orders} | ({} if costs is None else {ORDER_COSTS.stem: costs})


def _found(folder: Path, table: Contract) -> pd.DataFrame | None:
    """Return the table that a folder holds; None if it holds none."""
    files = [folder / f"{table.stem}{ending}" for ending in (".csv", ".parquet")]
    return next((read_file(file, table) for file in files if file.is_file()), None)


def comparison_parts(compared: Compared, over: str) -> Iterator[RenderableType]:
    """Yield what a person sees of a plan beside another: what happens, what it costs, and what changed.

    Parameters
    ----------
    compared
        The plans.
    over
        How long they are planned, such as ``12 weeks``.
    """
    for sentence in compared.sentences:
        yield Text(sentence, style="bold")
    yield _costs(compared.costs, over)
    yield from _changes(compared.changes)


def comparison_summary(compared: Compared) -> dict[str, object]:
    """Return what ``--json`` says of a plan beside another, but for the lines that changed."""
    return {
        "sentences": list(compared.sentences),
        "cost": None if compared.cost is None else round(compared.cost, 4),
        "saved": None if compared.saved is None else round(compared.saved, 4),
        "costs": records(compared.costs),
    }


def _costs(costs: pd.DataFrame, over: str) -> Table:
    names = [str(name) for name in costs.columns[1:]]
    table = Table(title=f"Costs of the plans over {over}", title_justify="left", show_edge=False, pad_edge=False)
    table.add_column("kind")
    for name in names:
        table.add_column(name, justify="right")
    for row in costs.to_dict("records"):
        total = row["kind"] in ("purchase", "total")
        if total or any(row[name] for name in names):
            figures = [f"{row[name]:,.2f}" for name in names]
            table.add_row(str(row["kind"]), *figures, style="bold" if row["kind"] == "total" else "")
    return table


def _changes(changes: pd.DataFrame) -> Iterator[RenderableType]:
    if changes.empty:
        yield Text("No order line changes.")
        return
    counts = changes["change"].value_counts()
    names = {"new": "new", "gone": "gone", "moved": "moved", "quantity": "of another quantity"}
    told = ", ".join(f"{counts[kind]:,} {name}" for kind, name in names.items() if kind in counts)
    largest = changes["value_difference"].abs().sort_values(ascending=False, kind="stable").index
    shown = changes.loc[largest[:CHANGES_SHOWN]]
    title = f"{counted(len(changes), 'order line')} changed: {told}"
    title += f"; the {len(shown)} that change most money" if len(shown) < len(changes) else ""
    yield Text(title, style="italic")
    several = changes["location"].nunique() > 1
    for row in shown.to_dict("records"):
        yield Text.assemble("- ", (_change(row, several), "bold"), " ", Text(str(row["why"]), style="dim"))


def _change(row: Mapping[Hashable, Any], several: bool) -> str:
    """Return a change in words: what, of which item, when, how much of it and what it is worth."""
    item = f"{row['item']} {row['location']}" if several else str(row["item"])
    what = "" if row["change"] == "quantity" else f"{row['change']}, "
    days = _pair(*(_day(row[f"order_date_{when}"]) for when in ("before", "after")))
    units = _pair(*(amount(units) if units else "" for units in (row["quantity_before"], row["quantity_after"])))
    return f"{item}{from_whom(row['supplier'])}: {what}{days}, {units_named(units)}, {row['value_difference']:+,.2f}."


def from_whom(supplier: str) -> str:
    """Return in words who delivers a line: a supplier, or a location, of which the table says ``from`` itself.

    Examples
    --------
    >>> from_whom("North"), from_whom("from WEST"), from_whom("")
    (' from North', ' from WEST', '')
    """
    return f" {supplier}" if supplier.startswith("from ") else f" from {supplier}" if supplier else ""


def _day(day: pd.Timestamp) -> str:
    return "" if pd.isna(day) else f"{day:%Y-%m-%d}"


def _pair(before: str, after: str) -> str:
    """Return what was and what is; once where they are the same, or only one is there."""
    return before or after if before == after or not (before and after) else f"{before} -> {after}"
