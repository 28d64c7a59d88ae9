"""What a roll says in sentences: what was done, and what is left to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

import pandas as pd

from invopt_xl.domain.words import counted, named
from invopt_xl.plan.closing import Closing
from invopt_xl.plan.columns import DEMAND, OPEN_ORDERS, OVERRIDES, READING
from invopt_xl.plan.override_outcomes import ordered_on_their_day
from invopt_xl.workbook.rolling import Rolled

NAMED = 5
"""Items named in a line."""


def told(rolled: Rolled) -> Iterator[str]:
    """Yield what was done and what is left to do, a sentence each."""
    closing = rolled.closing
    rows = counted(len(closing.demand) + len({row for row, _ in closing.cells.get("demand", {})}), "row")
    yield f"Closed {closing.closed}: {rows} of demand written; the plan date is {closing.closed.end}."
    for line in rolled.read.get(READING, pd.DataFrame()).to_dict("records"):
        yield f"{line['table']}: {line['reason']}: {line['action']}."
    if closing.silent:
        means = "no demand" if closing.silent_means == "zero" else "unknown"
        items = counted(len(closing.silent), "item")
        yield f"{items} without actuals ({_named(closing.silent)}): {means}, as the parameter missing_periods says."
    yield from _told_of_unmarked(closing)
    if closing.stocked:
        yield f"Stock on hand of {counted(closing.stocked, 'item')} written."
    else:
        yield "Stock on hand in tblItems is that of before: put in today's, or give it with --stock."
    yield from _told_of_open_orders(closing)
    yield from _told_of_placed(closing)
    yield from _told_of_received(closing)
    yield from _told_of_overrides(rolled)


def _told_of_overrides(rolled: Rolled) -> Iterator[str]:
    """Yield which overrides are cleared, and what becomes of those that are not."""
    closing = rolled.closing
    if closing.cleared:
        yield f"Overrides that are used up are cleared ({_named(closing.cleared)}); {OVERRIDES.name} keeps them."
    if rolled.standing:
        again = f"{_named(rolled.standing)} ordered before counts again"
        yield f"The override of {again}: clear override_quantity where it is not meant, or roll with --clear-overrides."
    if rolled.holding:
        yield f"The override of 0 of {_named(rolled.holding)} stands: no order until override_quantity is cleared."
    past = ordered_on_their_day(rolled.result.items) if rolled.result else ()
    if past:
        had = f"The override of {_named(past)} has had its day and orders nothing more"
        yield f"{had}: clear override_quantity and override_date, or the next time roll with --clear-overrides."


def _told_of_unmarked(closing: Closing) -> Iterator[str]:
    """Yield of which items nobody said whether they were out of stock."""
    if closing.unmarked:
        items = f"{counted(len(closing.unmarked), 'item')} without sales and stock ({_named(closing.unmarked)})"
        yield (
            f"{items}: learned as no demand. Where there was nothing to sell, put 0 into in_stock of the new row in "
            f"{DEMAND.name} and refresh; from now on, give in_stock with the actuals."
        )


def _told_of_open_orders(closing: Closing) -> Iterator[str]:
    """Yield what became of the open orders that were due."""
    if len(closing.received):
        due = f"{counted(len(closing.received), 'open order')} due before {closing.closed.end}"
        due += f" ({_named(closing.received['item'].tolist())})"
        left = f"still in {OPEN_ORDERS.name}: take out what came, or roll with --received"
        is_taken_out = OPEN_ORDERS.stem in closing.removed
        yield f"{due}: {f'taken out of {OPEN_ORDERS.name}' if is_taken_out else left}."


def _told_of_placed(closing: Closing) -> Iterator[str]:
    """Yield what became of the order lines that were to be placed in the closed time and are still to come."""
    lines, there = closing.placed.open, closing.placed.there
    what, name = _lines_of_the_time(lines, closing), OPEN_ORDERS.name
    if OPEN_ORDERS.stem in closing.added:
        items = _named(lines["item"].tolist())
        already = f" {counted(there, 'line')} stood there before, and is not added again." if there == 1 else ""
        already = already or (f" {there:,} lines stood there before, and are not added again." if there else "")
        yield f"{what} now in {name} ({items}). Take out what was not placed, or it is waited for.{already}"
    elif len(lines):
        yield (
            f"{what} not in {name}: what was placed is ordered again unless it stands there. To put them there, undo "
            "this and roll with --placed; then take out what was not placed."
        )


def _told_of_received(closing: Closing) -> Iterator[str]:
    """Yield which order lines were due in the closed time as well, and so are no open orders any more."""
    lines = closing.placed.came
    if len(lines):
        due = "it was" if len(lines) == 1 else "they were"
        yield (
            f"{_lines_of_the_time(lines, closing)} taken as received, for {due} due by then too: no open order. Put "
            f"into {OPEN_ORDERS.name} what is late."
        )


def _lines_of_the_time(lines: pd.DataFrame, closing: Closing) -> str:
    """Return how many order lines these are and what they are worth, up to the verb."""
    worth = f"{lines['value'].sum():,.0f} {closing.currency}".strip()
    last = closing.closed.end - timedelta(days=1)
    was, is_ = ("was", "is") if len(lines) == 1 else ("were", "are")
    return f"{counted(len(lines), 'order line')} worth {worth} that {was} to be placed by {last} {is_}"


def _named(items: Sequence[str]) -> str:
    return named(dict.fromkeys(items), NAMED)
