"""Closing a period: what came in it joins the demand, and the plan date moves to its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from invopt_xl.domain import Calendar, Period
from invopt_xl.domain.words import counted
from invopt_xl.errors import InputError
from invopt_xl.forecasting.panel.histories import MissingPeriods
from invopt_xl.plan.columns import DEFAULT_LOCATION, DEMAND, ITEMS, OPEN_ORDERS, PARAMETERS, PLAN, Table, Tables
from invopt_xl.plan.override_outcomes import used_overrides
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quality import rules
from invopt_xl.plan.quality.admission import read_draft
from invopt_xl.plan.quality.coercion import read
from invopt_xl.plan.quality.contract import fill_defaults
from invopt_xl.plan.quality.findings import Draft, Findings
from invopt_xl.plan.quality.headers import plain_name
from invopt_xl.plan.quality.settings import given_parameters

KEY = ["item", "location"]
ACTUALS = replace(
    DEMAND, title="Actuals", columns=(*DEMAND.columns, replace(ITEMS.column("on_hand"), required=False)), key=()
)
"""What a period's actuals hold: rows of demand, and stock on hand at its end where it is known."""

STOCK = Table(
    "stock",
    "stock",
    "Stock on hand",
    (ITEMS.column("item"), ITEMS.column("location"), ITEMS.column("on_hand")),
    key=("item", "location"),
)
"""Stock on hand at the end of a period, where it is told apart."""


@dataclass(frozen=True)
class Closed:
    """The time that is closed.

    Parameters
    ----------
    first
        Its first day, from which its demand is counted.
    plan_date
        The plan date until now.
    end
        The day after it: the new plan date.
    period
        What its periods are.
    """

    first: date
    plan_date: date
    end: date
    period: Period

    def __str__(self) -> str:
        last = self.end - timedelta(days=1)
        return f"{self.first}" if last == self.first else f"{self.first} to {last}"


@dataclass(frozen=True, eq=False)
class Closing:
    """What closing a period changes, and what is to be told of it.

    Parameters
    ----------
    closed
        The time that is closed.
    demand
        Rows that join ``tblDemand``, under its headers.
    cells
        New values of cells by table, row at the source and header.
    received
        Rows of ``tblOpenOrders`` that were due before the new plan date.
    unknown
        Rows of the actuals that were left out, as ``tblQuality`` has them.
    silent
        Items without a row of actuals.
    silent_means
        What that means: ``zero`` demand, or ``unknown``.
    stocked
        Items whose stock on hand is another now, or was told again.
    raw
        The tables as they are then.
    cleared
        Items whose override was ordered and is cleared.
    """

    closed: Closed
    demand: pd.DataFrame
    cells: Mapping[str, Mapping[tuple[int, str], object]]
    received: pd.DataFrame
    unknown: pd.DataFrame
    silent: tuple[str, ...]
    silent_means: MissingPeriods
    stocked: int
    raw: Tables
    cleared: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Given:
    """A table that is given with a period, and what it is called in messages."""

    frame: pd.DataFrame
    name: str


def close_period(
    raw: Tables,
    actuals: Given | None,
    stock: Given | None = None,
    *,
    periods: int = 1,
    received: bool = False,
    clear_overrides: bool = False,
) -> Closing:
    """Return what closing a period changes.

    Parameters
    ----------
    raw
        Tables as read.
    actuals
        Rows of demand of the period, as raw values; None where they stand in ``tblDemand`` already.
    stock
        Stock on hand at its end; that of the actuals, where they have a column of it, unless given.
    periods
        How many are closed.
    received
        Whether open orders that were due before the new plan date are taken out.
    clear_overrides
        Whether overrides that were ordered before the new plan date are cleared, so that none is ordered twice.

    Raises
    ------
    InputError
        If there is no plan date to move, the period was closed before, or a row of what is given cannot be used.

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
    given = given_parameters(read_draft(raw, PARAMETERS, Findings()))
    closed = _closed(given, periods)
    items = _stated(read_draft(raw, ITEMS, Findings()))
    there = _there(raw, closed)
    if actuals is None:
        _require_demand(there, closed)
        draft, rows = None, there[there["known"]]
    else:
        _refuse_twice(there, closed)
        draft = _usable(actuals, ACTUALS, items)
        _refuse_other_days(draft, closed, actuals.name)
        rows = draft.frame
    silent = _silent(items, rows)
    means: MissingPeriods = given.get("missing_periods", Parameters.missing_periods)
    cells: dict[str, dict[tuple[int, str], object]] = {PARAMETERS.stem: _plan_date_cell(raw, closed)}
    cells[ITEMS.stem] = _stock_cells(raw, items, draft, stock)
    added = pd.DataFrame()
    if draft is not None:
        added, cells[DEMAND.stem] = _joined(raw, draft.frame, there, fill_rest=means == "zero")
    cleared: tuple[str, ...] = ()
    if clear_overrides:
        used = used_overrides(raw, items, closed.plan_date, closed.end)
        cells |= {PLAN.stem: _cleared_cells(raw, used.index)} if len(used) else {}
        cleared = tuple(used["item"].astype(str))
    due = _due(raw, closed)
    changed = _changed(raw, added, cells, due.index if received else due.index[:0])
    unknown = draft.findings.frame(None) if draft is not None else Findings().frame()
    return Closing(closed, added, cells, due, unknown, silent, means, len(cells[ITEMS.stem]), changed, cleared)


def _closed(given: Mapping[str, object], periods: int) -> Closed:
    now = given.get("plan_date")
    if not isinstance(now, date):
        raise InputError(f"{PARAMETERS.name} has no plan_date to move; expected a row with one, such as 2018-01-31")
    period: Period = given.get("period", Parameters.period)  # type: ignore[assignment]
    first, end = Calendar(now, period).start(np.array([0, periods])).astype("datetime64[D]").tolist()
    # Demand by the month is dated by its first day, wherever in it the plan date lies.
    return Closed(first.replace(day=1) if period == "month" else first, now, end, period)


def _headers(frame: pd.DataFrame, table: Table) -> dict[str, str]:
    """Return the header of each column of a table that is there, however it is spelled."""
    found = {plain_name(str(header)): str(header) for header in reversed(frame.columns)}
    spelled = {name: found[plain_name(name)] for name in table.column_names if plain_name(name) in found}
    return {name: name if name in frame else header for name, header in spelled.items()}


def _read(raw: Tables, table: Table) -> pd.DataFrame:
    """Return a table's columns as they are meant, the index being the row at the source."""
    frame = raw.get(table.stem, pd.DataFrame())
    headers = _headers(frame, table)
    blank = pd.Series(None, index=frame.index, dtype=object)
    cells = {name: frame[headers[name]] if name in headers else blank for name in table.column_names}
    return pd.DataFrame({name: read(column, table.column(name)).values for name, column in cells.items()})


def _there(raw: Tables, closed: Closed) -> pd.DataFrame:
    """Return the rows of demand that the table holds of the closed time; ``known`` where they have a quantity."""
    found = _read(raw, DEMAND)
    inside = (found["date"] >= pd.Timestamp(closed.first)) & (found["date"] < pd.Timestamp(closed.end))
    return found.assign(known=found["quantity"].notna())[inside]


def _refuse_twice(there: pd.DataFrame, closed: Closed) -> None:
    known = there[there["known"]]
    if len(known):
        row, first = known.index[0], known.iloc[0]
        more = f" and {len(known) - 1:,} more" if len(known) > 1 else ""
        raise InputError(
            f"{DEMAND.name} holds demand of {closed} already (row {row}: {first['quantity']:g} of {first['item']} on "
            f"{first['date'].date()}{more}); expected none, for nothing is added twice: roll without actuals, or take "
            "these rows out"
        )


def _require_demand(there: pd.DataFrame, closed: Closed) -> None:
    if not there["known"].any():
        raise InputError(f"{DEMAND.name} holds no demand of {closed}; expected rows of it, there or given as actuals")


def _stated(items: Draft) -> pd.DataFrame:
    """Return item and location of every row, once each, those that can be planned first.

    What cannot be planned today, for a wrong cost or the like, was sold all the same: its demand must be there when it
    is put right.
    """
    usable = items.entered.index.isin(items.frame.index)
    rows = items.entered.iloc[np.argsort(~usable, kind="stable")][KEY]
    stated: pd.DataFrame = rows[rows["item"].notna()].fillna({"location": DEFAULT_LOCATION}).drop_duplicates(KEY)
    return stated


def _usable(given: Given, table: Table, items: pd.DataFrame) -> Draft:
    """Return a given table of known items; a row of one that cannot be used is refused, so that none gets lost."""
    findings = Findings()
    named = replace(table, name=given.name)
    draft = read_draft({table.stem: given.frame}, named, findings)
    if draft.rejected:
        first = findings.frame(None).iloc[0]
        more = f" ({counted(draft.rejected - 1, 'more row')})" if draft.rejected > 1 else ""
        value = first["value"] or "blank"
        raise InputError(f"{given.name} row {first['row']:.0f}: {first['column']} {value}, {first['reason']}{more}")
    rules.place_at_only_location(draft, items)
    fill_defaults(draft)
    rules.reject_unknown_items(draft, items, items)
    if not len(draft.frame):
        raise InputError(f"{given.name} has no row of an item of {ITEMS.name}; expected some")
    return draft


def _refuse_other_days(draft: Draft, closed: Closed, name: str) -> None:
    days = draft.frame["date"]
    outside = (days < pd.Timestamp(closed.first)) | (days >= pd.Timestamp(closed.end))
    if not outside.any():
        return
    rows = days[outside]
    more = f" (and {counted(len(rows) - 1, 'more row')})" if len(rows) > 1 else ""
    before = bool((days < pd.Timestamp(closed.first)).all())
    hint = f"; the plan date is {closed.plan_date}: was this closed before?" if before else ""
    raise InputError(
        f"{name} row {rows.index[0]}: {rows.iloc[0].date()}{more} is not in the closed {closed.period} of {closed}; "
        f"expected rows of these days alone{hint}"
    )


def _silent(items: pd.DataFrame, rows: pd.DataFrame) -> tuple[str, ...]:
    """Return the items without a row."""
    told = set(rows["item"])
    return tuple(str(item) for item in items["item"].unique() if item not in told)


def _plan_date_cell(raw: Tables, closed: Closed) -> dict[tuple[int, str], object]:
    frame = raw[PARAMETERS.stem]
    headers = _headers(frame, PARAMETERS)
    names = [plain_name(str(name)) == plain_name("plan_date") for name in frame[headers["name"]]]
    return {(int(frame.index[names][0]), headers["value"]): pd.Timestamp(closed.end)}


def _stock_cells(
    raw: Tables, items: pd.DataFrame, actuals: Draft | None, stock: Given | None
) -> dict[tuple[int, str], object]:
    """Return the new stock on hand by row of the items; of several rows of actuals the last day counts."""
    if stock is not None:
        told = _usable(stock, STOCK, items).frame
        _refuse_two_counts(told, stock.name)
    elif actuals is not None and actuals.frame["on_hand"].notna().any():
        told = actuals.frame[actuals.frame["on_hand"].notna()].sort_values("date", kind="stable")
    else:
        return {}
    header = _headers(raw[ITEMS.stem], ITEMS)["on_hand"]
    row_of = dict(zip(zip(items["item"], items["location"], strict=True), items.index, strict=True))
    keys = zip(told["item"], told["location"], strict=True)
    return {(int(row_of[key]), header): value for key, value in zip(keys, told["on_hand"], strict=True)}


def _refuse_two_counts(told: pd.DataFrame, name: str) -> None:
    """Refuse two rows of one item: nobody knows whether the second adds to the first or corrects it."""
    twice = told[told.duplicated(KEY)]
    if len(twice):
        item, location = twice.iloc[0][KEY]
        raise InputError(f"{name} row {twice.index[0]}: a second row of {item} at {location}; expected one of each")


def _cleared_cells(raw: Tables, rows: pd.Index[int]) -> dict[tuple[int, str], object]:
    """Return the cells of overrides without a value; notes stay."""
    headers = _headers(raw.get(PLAN.stem, pd.DataFrame()), PLAN)
    names = [headers[name] for name in ("override_quantity", "override_date") if name in headers]
    return {(int(row), name): None for row in rows for name in names}


def _joined(
    raw: Tables, came: pd.DataFrame, there: pd.DataFrame, *, fill_rest: bool
) -> tuple[pd.DataFrame, dict[tuple[int, str], object]]:
    """Return the rows that join the demand, and cells of rows that stand there without a quantity: plans of before.

    A plan takes the quantity of its item and day; one without demand takes none, where no row means none.
    """
    headers = _headers(raw[DEMAND.stem], DEMAND)
    keys = [*KEY, "date"]
    plans = there[~there["known"]].drop_duplicates(keys)
    plans = plans.assign(location=rules.only_locations(plans, came), row=plans.index)
    rows = came.assign(first=~came.duplicated(keys)).merge(plans[[*keys, "row"]], on=keys, how="left")
    taken = rows["row"].notna() & rows["first"]
    columns = [name for name in DEMAND.column_names if name in headers and name not in keys]
    cells = {
        (int(row["row"]), headers[name]): row[name]
        for row in rows[taken].to_dict("records")
        for name in columns
        if row[name] == row[name]
    }
    if fill_rest:
        filled = {row for row, _ in cells}
        cells |= {(int(row), headers["quantity"]): 0.0 for row in plans.index if row not in filled}
    wanted = [name for name in DEMAND.column_names if name in headers and came[name].notna().any()]
    return rows.loc[~taken, wanted].rename(columns=headers).reset_index(drop=True), cells


def _due(raw: Tables, closed: Closed) -> pd.DataFrame:
    """Return the open orders that were due before the new plan date."""
    found = _read(raw, OPEN_ORDERS)
    return found[found["due_date"] < pd.Timestamp(closed.end)]


def _changed(
    raw: Tables, added: pd.DataFrame, cells: Mapping[str, Mapping[tuple[int, str], object]], gone: pd.Index[int]
) -> Tables:
    """Return the tables as they are once the period is closed."""
    made = dict(raw)
    for stem, values in cells.items():
        frame = made[stem]
        place = {row: position for position, row in enumerate(frame.index)}
        columns = {name: frame[name].tolist() for name in frame}
        for (row, header), value in values.items():
            columns[header][place[row]] = value
        made[stem] = pd.DataFrame(columns, index=frame.index, dtype=object)
    if len(added):
        demand = made[DEMAND.stem]
        first = int(demand.index.max()) + 1 if len(demand) else 2
        rows = added.astype(object).set_axis(pd.RangeIndex(first, first + len(added)))
        index = demand.index.append(rows.index)
        columns = {name: [*demand[name], *rows.get(name, [None] * len(rows))] for name in demand}
        made[DEMAND.stem] = pd.DataFrame(columns, index=index, dtype=object)
    if len(gone):
        made[OPEN_ORDERS.stem] = made[OPEN_ORDERS.stem].drop(index=gone)
    return made
