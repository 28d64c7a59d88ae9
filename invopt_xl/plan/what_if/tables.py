"""Today's input with a scenario's changes in it: a pure function from admitted tables to admitted tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any, get_type_hints

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.errors import InputError
from invopt_xl.plan.histories import item_positions
from invopt_xl.plan.keys import item_names
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quality import Admitted
from invopt_xl.plan.replay.outages import Outage
from invopt_xl.plan.replenishment import with_terms
from invopt_xl.plan.what_if.changes import Change, FloatArray, Scenario
from invopt_xl.plan.what_if.further import changed_sources, chosen_sources, sources_while_out
from invopt_xl.plan.what_if.receipts import with_lead_times
from invopt_xl.plan.what_if.values import changed_values, with_values

BoolArray = npt.NDArray[np.bool_]

LEAD_TIMES = ("lead_time_days", "lead_time_sd_days")


def changed(admitted: Admitted, scenario: Scenario) -> Admitted:
    """Return the input with the scenario's changes in it, but for its outages; today's is left as it is.

    Terms that an item takes from its supplier or the parameters are changed as well, as if they were its own. Lead
    times that were observed change with the stated ones, and so does their spread; see `receipts`. Demand in whole
    units stays whole.

    Parameters
    ----------
    admitted
        Today's input, as `plan.quality.admit` returns it.
    scenario
        What is changed.

    Raises
    ------
    InputError
        If a change is for an unknown item or supplier, has no value to act on, or leads out of bounds.
    """
    for change in scenario.changes:
        admitted = _CARRIED_OUT[change.place](admitted, change)
    return admitted


def while_out(admitted: Admitted, outage: Outage) -> Admitted:
    """Return the input of a plan made on the day on which a supplier falls out.

    What is on order with it, and what is ordered today, comes when it is over, or later if its lead time says so. The
    plan takes that lead time for all of its horizon: levels are those of orders placed today.

    Raises
    ------
    InputError
        If the supplier delivers no item.
    """
    items, calendar = admitted.tables["items"], admitted.parameters.calendar
    require_outage(admitted, outage)
    out = outage.concerns(items)
    days = float(outage.periods * calendar.days_per_period)
    terms = with_terms(admitted.tables, admitted.parameters)
    stated, spread = (terms[name].to_numpy(dtype=np.float64) for name in LEAD_TIMES)
    tables = with_lead_times(admitted, out, lambda observed: np.maximum(observed, days))
    # A lead time that is shorter than the outage whatever happens is as long as it, without spread.
    terms = with_values(items, LEAD_TIMES[0], out, np.maximum(stated, days))
    terms = with_values(terms, LEAD_TIMES[1], out, np.where(stated < days, 0.0, spread))
    orders = tables["open_orders"]
    row = item_positions(items, orders)
    theirs = np.where(orders["supplier"] == "", np.append(out, False)[row], orders["supplier"] == outage.supplier)
    over = pd.Timestamp(calendar.start(np.array([outage.periods]))[0])
    due = orders["due_date"].mask(theirs.astype(bool) & (orders["due_date"] < over), over)
    further = sources_while_out(admitted, outage)
    tables |= {"items": terms, "sources": further, "open_orders": orders.assign(due_date=due)}
    return replace(admitted, tables=tables)


def require_outage(admitted: Admitted, outage: Outage) -> None:
    """Refuse an outage of a supplier that delivers no item."""
    known = suppliers(admitted)
    if outage.supplier not in known:
        raise InputError(f"outage={outage.supplier}:{outage.periods}: {_unknown('supplier', outage.supplier, known)}")


def suppliers(admitted: Admitted) -> list[str]:
    """Return the names of the suppliers of items, the usual ones and further ones."""
    named = (admitted.tables[stem]["supplier"] for stem in ("items", "sources"))
    return sorted({str(name) for names in named for name in names} - {""})


def _demand(admitted: Admitted, change: Change) -> Admitted:
    items, demand = admitted.tables["items"], admitted.tables["demand"]
    row = item_positions(items, demand)
    chosen = np.append(_chosen(admitted, change), False)[row] & (row >= 0)
    part = demand[chosen]
    quantity = demand["quantity"].to_numpy(dtype=np.float64).copy()
    quantity[chosen] = scaled(row[chosen], part["date"].to_numpy(), quantity[chosen], change.factor)
    return replace(admitted, tables={**admitted.tables, "demand": demand.assign(quantity=quantity)})


def scaled(
    item: npt.NDArray[np.integer], date: npt.NDArray[np.datetime64], quantity: FloatArray, factor: float
) -> FloatArray:
    """Return demand times a factor, units; of items that sell in whole units, whole again.

    What rounding leaves is carried on to the item's next row, so that totals are right, and slow items sell more at a
    time, not more often.

    Parameters
    ----------
    item
        Number of each row's item.
    date
        When it was asked for.
    quantity
        Units, NaN where there are none.
    factor
        What demand is multiplied by.

    Examples
    --------
    >>> dates = np.arange(5).astype("datetime64[D]")
    >>> scaled(np.zeros(5, dtype=int), dates, np.array([1.0, 0.0, 1.0, 1.0, 2.0]), 1.2).tolist()
    [1.0, 0.0, 1.0, 2.0, 2.0]
    """
    order = np.lexsort((date, item))
    rows = pd.DataFrame({"item": item[order], "asked": np.nan_to_num(quantity[order]) * factor})
    whole = pd.Series(np.nan_to_num(quantity[order]) % 1.0 == 0.0).groupby(rows["item"]).transform("all").to_numpy()
    # Half a unit is rounded up: 1e-9 outweighs what binary fractions lose.
    total = np.floor(rows.groupby("item")["asked"].cumsum().to_numpy() + 0.5 + 1e-9)
    before = pd.Series(total).groupby(rows["item"]).shift(fill_value=0.0).to_numpy()
    made = np.where(whole, total - before, rows["asked"].to_numpy())
    found = np.empty(len(quantity))
    found[order] = made
    return np.where(np.isnan(quantity), np.nan, found)


def _items(admitted: Admitted, change: Change) -> Admitted:
    items, parameters = admitted.tables["items"], admitted.parameters
    further = chosen_sources(admitted, change.where)
    chosen = _chosen(admitted, change, elsewhere=bool(further.any()))
    admitted = replace(admitted, tables={**admitted.tables, "sources": changed_sources(admitted, change, further)})
    tables = admitted.tables
    terms = with_terms(tables, parameters)
    if change.choice is not None:
        made = items.assign(**{change.name: items[change.name].mask(chosen, change.choice)})
    else:
        old = terms[change.name].to_numpy(dtype=np.float64)
        new = changed_values(change, old, chosen, item_names(items))
        if change.name in LEAD_TIMES:
            tables = with_lead_times(admitted, chosen & (change.sets | (new != old)), _observed_change(change))
        made = with_values(items, change.name, chosen, new)
        if change.name == LEAD_TIMES[0]:
            # The spread goes with the mean, as it does in receipts.
            spread = terms[LEAD_TIMES[1]].to_numpy(dtype=np.float64)
            stretch = np.divide(new, old, out=np.ones_like(new), where=(old > 0) & ~np.isnan(new))
            if change.factor != 1.0:
                made = with_values(made, LEAD_TIMES[1], chosen & (new != old), spread * stretch)
    admitted = replace(admitted, tables={**tables, "items": made})
    shared = change.name in get_type_hints(Parameters)
    return _parameters(admitted, change) if shared and change.where is None else admitted


def _observed_change(change: Change) -> Callable[[FloatArray], FloatArray]:
    """Return what becomes of the lead times seen for one item: their mean, or their spread, is changed."""

    def mean_changed(days: FloatArray) -> FloatArray:
        mean = days.mean()
        new = float(change.of(np.array([mean]))[0])
        if change.factor == 1.0:
            return np.maximum(days + change.added, 0.0)
        return days * (new / mean) if mean > 0 else np.full_like(days, new)

    def spread_changed(days: FloatArray) -> FloatArray:
        mean, spread = days.mean(), days.std()
        new = float(change.of(np.array([spread]))[0])
        return np.maximum(mean + (days - mean) * (new / spread), 0.0) if spread > 0 else days

    return mean_changed if change.name == LEAD_TIMES[0] else spread_changed


def _suppliers(admitted: Admitted, change: Change) -> Admitted:
    table = admitted.tables["suppliers"]
    known = [str(name) for name in table["supplier"]]
    chosen = np.ones(len(table), dtype=bool)
    if change.where is not None:
        chosen = (table["supplier"] == change.where.value).to_numpy(dtype=bool)
        if not chosen.any():
            raise InputError(f"{change.text}: {_unknown('supplier', change.where.value, known)}")
    if not len(table):
        raise InputError(f"{change.text}: there is no table tblSuppliers; expected one with {change.name}")
    new = changed_values(change, table[change.name].to_numpy(dtype=np.float64), chosen, known)
    made = with_values(table, change.name, chosen, new)
    return replace(admitted, tables={**admitted.tables, "suppliers": made})


def _parameters(admitted: Admitted, change: Change) -> Admitted:
    old = getattr(admitted.parameters, change.name)
    new: Any = change.choice
    if new is None:
        value = np.array([np.nan if old is None else float(old)])
        new = float(changed_values(change, value, np.array([True]), ["the plan"])[0])
        if get_type_hints(Parameters)[change.name] is int:
            if not new.is_integer():
                raise InputError(f"{change.text}: {change.name} would be {new:g}; expected a whole number")
            new = int(new)
    assumed: dict[str, Any] = {change.name: new}
    return replace(admitted, parameters=replace(admitted.parameters, **assumed))


_CARRIED_OUT: Mapping[str, Callable[[Admitted, Change], Admitted]] = {
    "demand": _demand, "items": _items, "suppliers": _suppliers, "parameters": _parameters
}  # fmt: skip


def _chosen(admitted: Admitted, change: Change, *, elsewhere: bool = False) -> BoolArray:
    """Return which items a change is for; refuse one for none, unless it is for something elsewhere."""
    items, where = admitted.tables["items"], change.where
    if where is None:
        return np.ones(len(items), dtype=bool)
    chosen = (items[where.column] == where.value).to_numpy(dtype=bool)
    if not chosen.any() and not elsewhere:
        named = suppliers(admitted) if where.column == "supplier" else map(str, items[where.column].unique())
        raise InputError(f"{change.text}: {_unknown(*where, sorted(set(named) - {''}))}")
    return chosen


def _unknown(what: str, name: str, known: list[str]) -> str:
    similar = get_close_matches(name, known, 1)
    few = "; ".join(known[:5]) + (f" and {len(known) - 5} more" if len(known) > 5 else "")
    hint = f"did you mean {similar[0]!r}?" if similar else f"expected one of: {few}" if known else f"no {what} is known"
    return f"there is no {what} {name!r}; {hint}"
