"""A whole order plan: tables of items, demand and suppliers in, order lines out, and how good they are."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from invopt_xl.errors import InputError
from invopt_xl.sheet.arguments import Argument
from invopt_xl.sheet.catalogue import Result, cell_function
from invopt_xl.sheet.cells import Cell
from invopt_xl.sheet.run import Run

if TYPE_CHECKING:
    import pandas as pd

    from invopt_xl.plan.order_plan import OrdersMade
    from invopt_xl.plan.orders import Effort
    from invopt_xl.plan.parameters import Parameters

FIELDS = (
    "kind", "supplier", "item", "location", "order_date", "due_date", "quantity", "unit_cost", "value",
    "discount_rate", "why",
)  # fmt: skip

MOST_SHORT = 20
"""Shortfalls told one by one, those that cost most first."""

_SERIAL = "serial number read as a date"
"""A repair that is none in cells, which keep every date as such a number."""


def _table(name: str, contents: str, *, required: bool = False) -> Argument:
    wanted = {} if required else {"default": None}
    return Argument(name, f"{contents} A range with a header, columns in any order.", takes="table", **wanted)  # type: ignore[arg-type]


ITEMS = _table("items", "Items: item, unit_cost, lead_time_days, on_hand; and supplier, moq, ...", required=True)
DEMAND = _table("demand", "Past demand: item, date, quantity; a row for each item and period.", required=True)
SUPPLIERS = _table("suppliers", "Suppliers: supplier; and order_cost, minimum_order_value, capacity_units, ...")
PARAMETERS = _table("parameters", "Parameters: name, value; such as plan_date, period, horizon_periods, budget.")
OPEN_ORDERS = _table("open_orders", "Orders on their way: item, due_date, quantity.")
DISCOUNTS = _table("discounts", "Discounts: supplier, discount_rate, from_quantity or from_value; and item, kind.")
SOURCES = _table("sources", "Further suppliers of items: item, supplier, unit_cost; and lead_time_days, moq, ...")
LANES = _table("lanes", "Transfers: from_location, to_location; and item, transfer_cost, order_cost.")
RECEIPTS = _table("receipts", "Past receipts, for lead times: order_date, receipt_date; and item, supplier.")
MOST_SECONDS = 300.0
SECONDS = Argument(
    "seconds", "Time to look for a better plan, in place of the parameter solver_seconds (at most 300); forecasts come "
    "on top.",
    takes="one", unit="seconds", default=None, minimum=1, maximum=MOST_SECONDS,
)  # fmt: skip

ITEM_ROWS: list[list[Cell]] = [
    ["item", "supplier", "unit_cost", "unit_price", "lead_time_days", "on_hand", "moq"],
    ["tea", "North", 2.0, 4.0, 14, 130, 24],
    ["milk", "North", 0.8, 1.2, 7, 160, 12],
]
TEA = (41, 38, 45, 50, 39, 44, 47, 36, 52, 48, 43, 40)
MILK = (90, 85, 110, 95, 88, 102, 97, 91, 99, 104, 87, 93)
MONDAY = 43101
"""1 January 2018, as cells keep it."""
DEMAND_ROWS: list[list[Cell]] = [["item", "date", "quantity"]]
DEMAND_ROWS += [["tea", MONDAY + 7 * week, units] for week, units in enumerate(TEA)]
DEMAND_ROWS += [["milk", MONDAY + 7 * week, units] for week, units in enumerate(MILK)]


def _because_plan(results: pd.DataFrame, **_: Any) -> list[str]:
    return [str(results["why"].iloc[0])]


@cell_function(
    "Orders",
    ITEMS,
    DEMAND,
    SUPPLIERS,
    PARAMETERS,
    SECONDS,
    OPEN_ORDERS,
    DISCOUNTS,
    SOURCES,
    LANES,
    RECEIPTS,
    result=Result("table", "order lines, and what is to be known about them; dates such as 2018-01-31", FIELDS),
    cost="heavy",
    example=(
        ITEM_ROWS,
        DEMAND_ROWS,
        [["supplier", "order_cost"], ["North", 5]],
        [["name", "value"], ["plan_date", MONDAY + 7 * len(TEA)], ["horizon_periods", 8]],
        5,
    ),
    because=_because_plan,
)
def order_plan(
    run: Run,
    items: pd.DataFrame,
    demand: pd.DataFrame,
    suppliers: pd.DataFrame | None,
    parameters: pd.DataFrame | None,
    seconds: float | None,
    open_orders: pd.DataFrame | None,
    discounts: pd.DataFrame | None,
    sources: pd.DataFrame | None,
    lanes: pd.DataFrame | None,
    receipts: pd.DataFrame | None,
) -> pd.DataFrame:
    """Order plan for many items: what to order from whom and when, and why, from tables of items and demand.

    Demand is forecast, stock levels are set, and orders planned so that ordering, holding and shortages cost least
    within minimums, lots, capacities, discounts and budget. Columns are those of the plan workbook. The first row, of
    kind plan, says how much a better plan might save and how many rows were left out; then come rows of kind order, and
    of what is to be known: limit, short, note, rejected, repaired, warning. Dates are texts such as 2018-01-31, which
    sort, and which DATEVALUE takes: a date's number would show as 43131 in a cell without a date format.
    """
    import pandas as pd

    from invopt_xl.plan.order_plan import make_orders
    from invopt_xl.plan.orders import Effort

    def effort(parameters: Parameters) -> Effort:
        longest = min(parameters.solver_seconds, MOST_SECONDS) if seconds is None else seconds
        return Effort(longest, parameters.solver_gap, run.workers)

    given = {
        "items": items, "demand": demand, "suppliers": suppliers, "parameters": parameters, "open_orders": open_orders,
        "discounts": discounts, "sources": sources, "lanes": lanes, "receipts": receipts,
    }  # fmt: skip
    try:
        made = make_orders(
            {stem: table for stem, table in given.items() if table is not None},
            effort,
            cache=run.cache,
            progress=run.progress,
            workers=run.workers,
        )
    except InputError as error:
        raise InputError(_in_cells(str(error))) from error
    told = _Told(made)
    rows: list[_Row] = [{"kind": "plan", "why": told.verdict}, *told.lines(), *told.beside()]
    return pd.DataFrame([[row.get(name) for name in FIELDS] for row in rows], columns=list(FIELDS), dtype=object)


def _in_cells(text: str) -> str:
    """Return a text with tables called as the arguments are, rather than as those of a workbook."""
    from invopt_xl.plan.columns import INPUTS

    for table in INPUTS:
        text = text.replace(table.name, f"the range {table.stem}")
    return text


_TOO_LATE = re.compile(r"no order can arrive before (the (\w+) from \d+ \w+ \d+)")


def _counted_from(text: str) -> str:
    """Return a reason that does not seem to deny an order line whose due date is within the period.

    Examples
    --------
    >>> _counted_from("tea: 9 units: no order can arrive before the week from 8 Jan 2018")
    'tea: 9 units: no order counts before the week from 8 Jan 2018: what arrives within a week counts from the next'
    """
    return _TOO_LATE.sub(r"no order counts before \1: what arrives within a \2 counts from the next", text)


_Row = Mapping[str, object]

_DURATION = re.compile(r" after [\d.,]+ s\b")
"""How long the search took: equal calls have to show equal cells."""


@dataclass(frozen=True)
class _Told:
    """What is shown of an order plan."""

    made: OrdersMade

    @property
    def verdict(self) -> str:
        """How good the plan is, and what it stands on, on one line."""
        from invopt_xl.domain.words import counted
        from invopt_xl.plan.orders.worth import saving_in_words

        parameters, lines = self.made.basis.admitted.parameters, self.made.tables["orders"]
        now = lines[lines["order_date"].dt.date == parameters.plan_date]
        money = f" {parameters.currency}" if parameters.currency else ""
        how = _DURATION.sub("", self.made.planned.plan.status)
        parts = [
            f"{how}: {saving_in_words(self.made.planned, parameters.currency)}",
            f"{counted(len(now), 'line')} worth {now['value'].sum():,.2f}{money} to place on {parameters.plan_date}, "
            f"{counted(len(lines) - len(now), 'line')} later",
        ]
        if self.made.planned.broken:
            parts.append("some limits are not kept, see below")
        if self.made.rejected:
            parts.append(f"{counted(self.made.rejected, 'row')} of the tables left out, see below")
        return "; ".join(parts)

    def lines(self) -> Iterator[_Row]:
        """Yield the order lines."""
        for line in self.made.tables["orders"].to_dict("records"):
            days = {name: line[name].date().isoformat() for name in ("order_date", "due_date")}
            yield {"kind": "order", **{str(name): cell for name, cell in line.items()}, **days}

    def beside(self) -> Iterator[_Row]:
        """Yield what is to be known beside the lines: the gravest first."""
        for kind, sentences in (("limit", self._broken()), ("short", self._short()), ("note", self._notes())):
            yield from ({"kind": kind, "why": _counted_from(_in_cells(sentence))} for sentence in sentences)
        yield from self._quality()

    def _broken(self) -> list[str]:
        from invopt_xl.plan.orders.dating import dated

        parameters = self.made.basis.admitted.parameters
        return [f"Not kept: {dated(each, parameters)}" for each in self.made.planned.broken]

    def _short(self) -> list[str]:
        from invopt_xl.plan.orders.dating import dated
        from invopt_xl.plan.orders.shortages import not_named, shortage_sentence

        made, parameters, broken = self.made, self.made.basis.admitted.parameters, self.made.planned.broken
        shortfalls = made.planned.plan.shortfalls
        ranked = sorted((each for each in shortfalls if str(each) not in broken), key=lambda each: -each.value)
        told = [dated(str(each), parameters) for each in ranked]
        rows = not_named(made.tables["order_shortfalls"], made.basis.items, shortfalls).to_dict("records")
        told += [shortage_sentence(row, parameters, told) for row in rows]
        more = len(told) - MOST_SHORT
        return told if more <= 0 else [*told[:MOST_SHORT], f"and {more:,} more"]

    def _notes(self) -> list[str]:
        return [*self.made.basis.notes, *self.made.planned.plan.notes]

    def _quality(self) -> Iterator[_Row]:
        """Yield rejected rows each by itself; of repairs and warnings one for each kind, with the rows that have it."""
        quality = self.made.tables["quality"]
        rejected = quality["severity"] == "rejected"
        for row in quality[rejected].to_dict("records"):
            yield {"kind": "rejected", "why": _finding(row, _place(row["row"]))}
        others = quality[~rejected & ~quality["reason"].str.startswith(_SERIAL)]
        for _, rows in others.groupby(["severity", "table", "column", "reason", "action"], sort=False):
            first = rows.iloc[0].to_dict()
            places = _place(first["row"]) + (f" and {len(rows) - 1:,} more" if len(rows) > 1 else "")
            yield {"kind": first["severity"], "why": _finding(first, places)}


def _place(row: float) -> str:
    return "" if math.isnan(row) else f" row {row:.0f}"


def _finding(row: dict[Any, Any], place: str) -> str:
    """Return a row of the quality report in words."""
    from invopt_xl.plan.columns import INPUTS

    table = next((each.stem for each in INPUTS if each.name == row["table"]), row["table"])
    about = " ".join(str(part) for part in (row["column"], row["value"]) if part)
    where = f"{table}{place}" + (f", {about}" if about else "")
    return f"{where}: {_in_cells(row['reason'])}; {_in_cells(row['action'])}"
