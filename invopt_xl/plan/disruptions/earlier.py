"""Today's order plan beside an earlier one, as its tables have it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from invopt_xl.domain.words import counted
from invopt_xl.errors import InputError
from invopt_xl.optimise.comparison import difference_in_words, line_changes
from invopt_xl.optimise.terms import FloatArray, IntArray
from invopt_xl.plan.columns import ORDER_CHANGES, ORDERS, Tables
from invopt_xl.plan.disruptions.outcome import cost_table, purchases_in_words
from invopt_xl.plan.order_plan import Compared, OrdersMade
from invopt_xl.plan.orders.changes import Lines, change_table
from invopt_xl.plan.orders.lines import origin_names

PLANS = ("earlier", "today")
"""The plans that are compared."""

_NEEDED = ("supplier", "item", "order_date", "quantity")


def beside_earlier(made: OrdersMade, earlier: Tables) -> OrdersMade:
    """Return an order plan beside an earlier one: lines of the periods that both plan.

    Parameters
    ----------
    made
        Today's plan.
    earlier
        ``orders`` of the earlier one, and ``order_costs`` if it is there.

    Raises
    ------
    InputError
        If the earlier orders lack a column.
    """
    given = _admitted(earlier["orders"])
    calendar = made.basis.admitted.parameters.calendar
    period = calendar.index(given["order_date"].to_numpy().astype("datetime64[D]"))
    source = _sources(given, made)
    last = min(int(period.max(initial=-1)) + 1, made.planned.problem.periods)
    told = (period >= 0) & (period < last)
    quantity, value = (np.zeros(made.planned.plan.quantity.shape) for _ in range(2))
    known = told & (source >= 0)
    for name, place in (("quantity", quantity), ("value", value)):
        np.add.at(place, (source[known], period[known]), given.loc[known, name].to_numpy(dtype=np.float64))
    parameters = made.basis.admitted.parameters
    within = np.arange(made.planned.problem.periods) < last
    after = Lines(np.where(within, made.planned.plan.quantity, 0.0), np.where(within, made.planned.value, 0.0))
    changes = line_changes(made.planned.problem, quantity, after.quantity)
    before = Lines(quantity, value)
    table = change_table(made.basis.items, changes, before, (after, made.planned), parameters)
    lost = given[told & (source < 0)]
    if len(lost):
        more = _without_source(lost)
        table = pd.DataFrame({name: [*table[name], *more[name]] for name in ORDER_CHANGES.column_names})
    notes = _notes(given, period, len(lost), made)
    compared = _compared(made, earlier.get("order_costs"), table, notes)
    return replace(made, tables=made.tables | {"order_changes": table}, compared=compared)


def _admitted(orders: pd.DataFrame) -> pd.DataFrame:
    """Return earlier order lines with dates and numbers, those that cannot be read left out."""
    for name in _NEEDED:
        if name not in orders.columns:
            raise InputError(f"the earlier {ORDERS.stem} have no column {name}; expected those of {ORDERS.name}")
    numbers = {
        name: pd.to_numeric(orders[name], errors="coerce") if name in orders.columns else 0.0
        for name in ("quantity", "value", "unit_cost")
    }
    texts = {
        name: orders[name].fillna("").astype(str).str.strip() if name in orders.columns else ""
        for name in ("supplier", "item", "location")
    }
    dates = pd.to_datetime(orders["order_date"], errors="coerce")
    found = pd.DataFrame({**texts, **numbers, "order_date": dates}).fillna({"value": 0.0, "unit_cost": 0.0})
    return found[found["order_date"].notna() & (found["quantity"] > 0)].reset_index(drop=True)


def _sources(given: pd.DataFrame, made: OrdersMade) -> IntArray:
    """Return the source of each earlier line, that of the nearest price where several fit; -1 where none does."""
    planned, items = made.planned, made.basis.items
    prices: FloatArray = planned.problem.unit_cost[:, 0]
    row = planned.problem.source_item
    places: dict[tuple[str, str, str], list[int]] = {}
    keys = zip(origin_names(planned.sources), items["item"].iloc[row], items["location"].iloc[row], strict=True)
    for source, key in enumerate(keys):
        places.setdefault(key, []).append(source)
    found = []
    for supplier, item, location, cost in given[["supplier", "item", "location", "unit_cost"]].itertuples(index=False):
        fitting = places.get((supplier, item, location), [-1])
        found.append(min(fitting, key=lambda one: abs(float(prices[one]) - cost)))
    return np.array(found, dtype=np.int64)


def _without_source(lost: pd.DataFrame) -> pd.DataFrame:
    """Return earlier lines that could not be planned today as lines gone."""
    table = lost.rename(columns={"order_date": "order_date_before", "quantity": "quantity_before"}).assign(
        change="gone",
        order_date_after=pd.Series(pd.NaT, index=lost.index),
        quantity_after=0.0,
        value_difference=-lost["value"].round(2),
        why="The item, or its source, is no part of today's plan.",
    )
    return table[ORDER_CHANGES.column_names]


def _notes(given: pd.DataFrame, period: IntArray, lost: int, made: OrdersMade) -> list[str]:
    past, notes = int((period < 0).sum()), []
    if past:
        day = made.basis.admitted.parameters.plan_date
        notes.append(f"{counted(past, 'earlier line')} from before {day} count as placed, and are not compared.")
    if lost:
        notes.append(f"{counted(lost, 'earlier line')} are of no item and source planned today.")
    return notes


def _compared(made: OrdersMade, costs: pd.DataFrame | None, table: pd.DataFrame, notes: list[str]) -> Compared:
    today, whole = _by_kind(made.tables["order_costs"])
    now = {PLANS[1]: today}
    if costs is None or not {"kind", "amount"} <= set(costs.columns):
        return Compared(tuple(notes), cost_table(now, {PLANS[1]: whole}), table, None, None)
    earlier, total = _by_kind(costs)
    differences = {kind: today.get(kind, 0.0) - earlier.get(kind, 0.0) for kind in {**today, **earlier}}
    difference = difference_in_words(differences, whole - total)
    sentence = f"Beside the earlier plan, as it was made, today's {difference}."
    both = cost_table({PLANS[0]: earlier} | now, {PLANS[0]: total, PLANS[1]: whole})
    bought = purchases_in_words(differences["purchase"]) if "purchase" in earlier else ()
    return Compared((*notes, sentence, *bought), both, table, whole - total, None)


def _by_kind(costs: pd.DataFrame) -> tuple[dict[str, float], float]:
    """Return the costs of ``tblOrderCosts`` by kind, and their total: those within the horizon of a plan."""
    amounts = pd.to_numeric(costs["amount"], errors="coerce").fillna(0.0)
    found = dict(zip(costs["kind"].astype(str), amounts.astype(float), strict=True))
    total = found.pop("total", 0.0)
    return found | {"discount": -found.get("discount", 0.0)}, total
