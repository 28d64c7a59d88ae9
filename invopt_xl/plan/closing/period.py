"""What closing a period changes, all of it together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from invopt_xl.errors import InputError
from invopt_xl.forecasting.panel.histories import MissingPeriods
from invopt_xl.plan.closing.came import (
    Given,
    demand_there,
    joined,
    refuse_missing_periods,
    stated_items,
    stock_of_actuals,
    unmarked_stock_outs,
    usable_actuals,
    usable_stock,
)  # fmt: skip
from invopt_xl.plan.closing.cells import Cells, as_meant, headers_of, with_changes
from invopt_xl.plan.closing.closed import Choices, Closed
from invopt_xl.plan.closing.placing import Placed, placed_lines, rows_of_open_orders
from invopt_xl.plan.columns import DEFAULT_LOCATION, DEMAND, ITEMS, OPEN_ORDERS, ORDERS, PARAMETERS, PLAN, Tables
from invopt_xl.plan.keys import item_names
from invopt_xl.plan.override_outcomes import used_overrides
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quality.admission import read_draft
from invopt_xl.plan.quality.findings import Draft, Findings
from invopt_xl.plan.quality.headers import plain_name
from invopt_xl.plan.quality.settings import given_parameters
from invopt_xl.plan.views.last_rows import unmatched


@dataclass(frozen=True, eq=False)
class Closing:
    """What closing a period changes, and what is to be told of it.

    Parameters
    ----------
    closed
        The time that is closed.
    added
        Rows that join ``tblDemand`` and ``tblOpenOrders`` by stem, under the tables' headers.
    removed
        Rows of tables that are taken out, by stem and row at the source.
    cells
        New values of cells by table, row at the source and header.
    raw
        The tables as they are then.
    received
        Rows of ``tblOpenOrders`` that were due before the new plan date.
    placed
        Order lines that were to be placed before it.
    unknown
        Rows of what was given that were left out, as ``tblQuality`` has them.
    silent
        Items without a row of actuals.
    silent_means
        What that means: ``zero`` demand, or ``unknown``.
    cleared
        Items whose override was ordered and is cleared.
    currency
        Of all money.
    unmarked
        Items that sold nothing and have none left, of which nobody says whether they were in stock.
    """

    closed: Closed
    added: Tables
    removed: Mapping[str, pd.Index[int]]
    cells: Mapping[str, Cells]
    raw: Tables
    received: pd.DataFrame
    placed: Placed
    unknown: pd.DataFrame
    silent: tuple[str, ...]
    silent_means: MissingPeriods
    cleared: tuple[str, ...] = ()
    currency: str = ""
    unmarked: tuple[str, ...] = ()

    @property
    def demand(self) -> pd.DataFrame:
        """Rows that join ``tblDemand``."""
        return self.added.get(DEMAND.stem, pd.DataFrame())

    @property
    def stocked(self) -> int:
        """Items whose stock on hand is another now, or was told again."""
        return len(self.cells.get(ITEMS.stem, {}))


def close_period(
    raw: Tables, actuals: Given | None, stock: Given | None = None, choices: Choices | None = None
) -> Closing:
    """Return what closing a period changes.

    Parameters
    ----------
    raw
        Tables as read; with the orders of the last plan, where they are to be told of.
    actuals
        Rows of demand of the period, as raw values; None where they stand in ``tblDemand`` already.
    stock
        Stock on hand at its end; that of the actuals, where they have a column of it, unless given.
    choices
        What is chosen about it; one period, and nothing else, unless given.

    Raises
    ------
    InputError
        If there is no plan date to move, the period was closed before, a row of what is given cannot be used, or a
        table is missing that something is to be written to.

    Examples
    --------
    >>> items = pd.DataFrame({"item": ["tea"], "unit_cost": 2, "lead_time_days": 7, "on_hand": 5}, index=[2])
    >>> demand = pd.DataFrame({"item": "tea", "date": ["2017-12-25"], "quantity": [3]}, index=[2])
    >>> parameters = pd.DataFrame({"name": ["plan_date"], "value": ["2018-01-01"]}, index=[2])
    >>> came = pd.DataFrame({"item": ["tea"], "date": ["2018-01-01"], "quantity": [4], "on_hand": [1]}, index=[2])
    >>> raw = {"items": items, "demand": demand, "parameters": parameters}
    >>> closing = close_period(raw, Given(came, "week.csv"))
    >>> str(closing.closed), closing.demand["quantity"].tolist(), closing.raw["items"]["on_hand"].tolist()
    ('2018-01-01 to 2018-01-07', [4.0], [1.0])
    """
    choices = choices or Choices()
    parameters = given_parameters(read_draft(raw, PARAMETERS, Findings()))
    closed, items = Closed.of(parameters, choices.periods), stated_items(raw)
    means: MissingPeriods = parameters.get("missing_periods", Parameters.missing_periods)
    there = demand_there(raw, closed)
    changes = _Changes(raw)
    changes.cells[PARAMETERS.stem] = _plan_date_cell(raw, closed)
    sold = _take_demand(changes, actuals, there, items, closed, fill_rest=means == "zero")
    told = _take_stock(changes, stock, sold, items)
    due = _due(raw, closed)
    if choices.received and len(due):
        changes.removed[OPEN_ORDERS.stem] = due.index
    placed = placed_lines(raw, items, closed, None if choices.received else told)
    if choices.placed:
        _place(changes, placed, items)
    cleared = _clear_overrides(changes, items, closed) if choices.clear_overrides else ()
    return Closing(
        closed, changes.added, changes.removed, changes.cells, changes.made, due, placed, changes.unknown,
        _silent(items, there[there["known"]] if sold is None else sold.frame), means, cleared,
        str(parameters.get("currency", "")),
        () if sold is None else unmarked_stock_outs(sold, told, fill_rest=means == "zero"),
    )  # fmt: skip


@dataclass
class _Changes:
    """What is found to change, one thing after the other."""

    raw: Tables
    cells: dict[str, Cells] = field(default_factory=dict)
    added: Tables = field(default_factory=dict)
    removed: dict[str, pd.Index[int]] = field(default_factory=dict)
    left_out: list[pd.DataFrame] = field(default_factory=list)

    @property
    def made(self) -> Tables:
        """The tables as they are then."""
        return with_changes(self.raw, self.cells, self.removed, self.added)

    @property
    def unknown(self) -> pd.DataFrame:
        """Rows of what was given that were left out."""
        found = [each for each in self.left_out if len(each)] or self.left_out[:1]
        return pd.concat(found, ignore_index=True) if found else Findings().frame()


def _take_demand(
    changes: _Changes,
    actuals: Given | None,
    there: pd.DataFrame,
    items: pd.DataFrame,
    closed: Closed,
    *,
    fill_rest: bool,
) -> Draft | None:
    """Note what joins the demand; return the actuals, None where they stand there already."""
    if actuals is None:
        _require_demand(there, closed)
        return None
    draft = usable_actuals(actuals, items, there, closed)
    changes.left_out.append(draft.findings.frame(None))
    rows, changes.cells[DEMAND.stem] = joined(changes.raw, draft.frame, there, fill_rest=fill_rest)
    if len(rows):
        changes.added[DEMAND.stem] = rows
    return draft


def _require_demand(there: pd.DataFrame, closed: Closed) -> None:
    known = there[there["known"]]
    if known.empty:
        raise InputError(f"{DEMAND.name} holds no demand of {closed}; expected rows of it, there or given as actuals")
    refuse_missing_periods(known["date"], closed, DEMAND.name)


def _take_stock(changes: _Changes, stock: Given | None, sold: Draft | None, items: pd.DataFrame) -> pd.DataFrame:
    """Note the new stock on hand; return item, location and stock where it is told."""
    if stock is not None:
        draft = usable_stock(stock, items)
        changes.left_out.append(draft.findings.frame(None))
        told = draft.frame
    elif sold is not None:
        told = stock_of_actuals(sold)
    else:
        return items[:0]
    if len(told):
        header = headers_of(changes.raw[ITEMS.stem], ITEMS)["on_hand"]
        row_of = dict(zip(zip(items["item"], items["location"], strict=True), items.index, strict=True))
        keys = zip(told["item"], told["location"], strict=True)
        changes.cells[ITEMS.stem] = {
            (int(row_of[key]), header): value for key, value in zip(keys, told["on_hand"], strict=True)
        }
    return told


def _plan_date_cell(raw: Tables, closed: Closed) -> Cells:
    frame = raw[PARAMETERS.stem]
    headers = headers_of(frame, PARAMETERS)
    names = [plain_name(str(name)) == plain_name("plan_date") for name in frame[headers["name"]]]
    return {(int(frame.index[names][0]), headers["value"]): pd.Timestamp(closed.end)}


def _due(raw: Tables, closed: Closed) -> pd.DataFrame:
    """Return the open orders that were due before the new plan date."""
    found = as_meant(raw, OPEN_ORDERS)
    return found[found["due_date"] < pd.Timestamp(closed.end)]


def _place(changes: _Changes, placed: Placed, items: pd.DataFrame) -> None:
    """Note the order lines that are open orders now."""
    if ORDERS.stem not in changes.raw:
        raise InputError(f"there is no table {ORDERS.name}; expected one with the orders that were placed")
    rows = rows_of_open_orders(changes.raw, placed.open, items)
    if len(rows):
        changes.added[OPEN_ORDERS.stem] = rows


def _clear_overrides(changes: _Changes, items: pd.DataFrame, closed: Closed) -> tuple[str, ...]:
    """Note the cells of overrides that were ordered, without a value; notes stay. Return their items."""
    used = used_overrides(changes.raw, items, closed.plan_date, closed.end)
    if used.empty:
        return ()
    headers = headers_of(changes.raw[PLAN.stem], PLAN)
    names = [headers[name] for name in ("override_quantity", "override_date") if name in headers]
    changes.cells[PLAN.stem] = {(int(row), name): None for row in used.index for name in names}
    return tuple(item_names(used, items))


def _silent(items: pd.DataFrame, rows: pd.DataFrame) -> tuple[str, ...]:
    """Return the items without a row, by location where one stands at several."""
    once = ~items["item"].duplicated(keep=False) & items["item"].isin(rows["item"])
    lacking = unmatched(items, rows.fillna({"location": DEFAULT_LOCATION})) & ~once
    return tuple(item_names(items[lacking], items))
