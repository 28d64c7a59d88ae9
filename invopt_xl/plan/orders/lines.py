"""Order lines, and what they come to for each item."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.plan.columns import ORDERS
from invopt_xl.plan.explain import amount, order_sentence, plural
from invopt_xl.plan.lanes import sent_from
from invopt_xl.plan.orders.moves import spare_elsewhere
from invopt_xl.plan.orders.planned import Planned
from invopt_xl.plan.orders.sources import planned_lead
from invopt_xl.plan.orders.uses import Uses
from invopt_xl.plan.parameters import Parameters

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def sourced(items: pd.DataFrame, planned: Planned, parameters: Parameters) -> pd.DataFrame:
    """Return the item of each source with the source's own terms in place of the item's, and ``way`` in words.

    ``spare`` tells what of the item another location has too much of, see `spare_elsewhere`.
    """
    sources = planned.sources
    rows = items.iloc[sources["item_row"]].reset_index(drop=True)
    terms = ["supplier", "unit_cost", "lead_periods", "lead_deviation_periods", "moq", "lot_size", "from_location"]
    return rows.assign(
        **{name: sources[name].to_numpy() for name in terms},
        way=ways(items, sources, parameters),
        spare=spare_elsewhere(items, planned, parameters),
    )


def ways(items: pd.DataFrame, sources: pd.DataFrame, parameters: Parameters) -> list[str]:
    """Return how each source differs from the item's own supplier, in words; nothing of that itself."""
    own = items.iloc[sources["item_row"]].reset_index(drop=True)
    sooner = planned_lead(own["lead_periods"].to_numpy()) - planned_lead(sources["lead_periods"].to_numpy())
    dearer = sources["unit_cost"].to_numpy() - own["unit_cost"].to_numpy()
    return [
        _way(row, usual, _difference(int(early), float(more), parameters)) if place >= len(items) else ""
        for place, (row, usual, early, more) in enumerate(
            zip(sources.to_dict("records"), own["supplier"].astype(str), sooner, dearer, strict=True)
        )
    ]


def _way(source: dict[Hashable, object], usual: str, difference: str) -> str:
    if source.get("held_up"):
        return str(source["held_up"])
    if source["from_location"]:
        return f"moved from {source['from_location']} rather than ordered"
    instead = f" instead of {usual}" if usual and usual != source["supplier"] else ""
    if not (instead or difference or source["emergency"]):
        return ""
    what = "an emergency order" if source["emergency"] else "bought"
    return f"{what} from {source['supplier']}{instead}{difference}"


def _difference(sooner: int, dearer: float, parameters: Parameters) -> str:
    """Return in words how much sooner a source delivers, and what a unit costs more there."""
    time = f", {plural(abs(sooner), parameters.period)} {'sooner' if sooner > 0 else 'later'}" if sooner else ""
    price = f", for {abs(dearer):,.2f} {'more' if dearer > 0 else 'less'} a unit" if abs(dearer) >= 0.005 else ""
    return time + price


def origin_names(sources: pd.DataFrame) -> list[str]:
    """Return who delivers: a supplier's name, or the location a transfer comes from."""
    pairs = zip(sources["supplier"], sources["from_location"], strict=True)
    return [sent_from(location) if location else str(supplier) for supplier, location in pairs]


def order_lines(items: pd.DataFrame, planned: Planned, parameters: Parameters) -> pd.DataFrame:
    """Return ``tblOrders``: every line to place within the horizon, those to place now first; transfers among them."""
    return numbered_lines(items, planned, parameters)[ORDERS.column_names]


def numbered_lines(items: pd.DataFrame, planned: Planned, parameters: Parameters) -> pd.DataFrame:
    """Return the lines of ``tblOrders`` with ``source`` and ``period``, their place in the plan."""
    source, period = np.nonzero(planned.plan.quantity[:, : parameters.horizon_periods] > 0)
    lines = sourced(items, planned, parameters).iloc[source].reset_index(drop=True)
    quantity, rate = planned.plan.quantity[source, period], planned.rates[source, period]
    placed = parameters.calendar.start(period)
    why = line_reasons(lines, planned, parameters, source, period)
    table = lines[["item", "location", "description"]].assign(
        supplier=np.array(origin_names(planned.sources), dtype=object)[source],
        unit_cost=planned.problem.unit_cost[source, period],
        order_date=placed.astype("datetime64[ns]"),
        due_date=due_dates(lines["lead_periods"].to_numpy(), period, parameters).astype("datetime64[ns]"),
        quantity=quantity,
        value=planned.value[source, period].round(2),
        discount_rate=rate.round(6),
        why=why,
        source=source,
        period=period,
    )
    keys = ["order_date", "supplier", "item", "location"]
    return table.sort_values(keys, kind="stable").reset_index(drop=True)


def due_dates(lead_periods: FloatArray, period: IntArray, parameters: Parameters) -> npt.NDArray[np.datetime64]:
    """Return on which day each line is due: its lead time, in whole days, after the first day of its order period.

    Parameters
    ----------
    lead_periods
        Lead time of each line, periods.
    period
        Order period of each, of a shape that goes with it.
    parameters
        For the calendar.
    """
    days = np.round(lead_periods * parameters.calendar.days_per_period).astype(np.int64).astype("timedelta64[D]")
    return np.asarray(parameters.calendar.start(period) + days)


def line_reasons(
    lines: pd.DataFrame, planned: Planned, parameters: Parameters, source: IntArray, period: IntArray
) -> list[str]:
    """Return why each line is there.

    Parameters
    ----------
    lines
        The item of each line with the terms of its source, as `sourced` returns them.
    planned, parameters
        The plan.
    source, period
        Place of each line in the plan.
    """
    uses, found = Uses(planned, parameters), []
    shapes = planned.plan.shaped_by[source, period]
    for record, shape, *place in zip(lines.to_dict("records"), shapes, source.tolist(), period.tolist(), strict=True):
        use = uses.of(*place)
        spare = [record["spare"]] if record["spare"] and place[1] == 0 else []
        told = {**record, "discount_rate": float(planned.rates[*place])}
        found.append(order_sentence(told, str(shape), use.covers, parameters.period, (*use.besides, *spare)))
    return found


def main_source_now(planned: Planned) -> npt.NDArray[np.int64]:
    """Return by item the source of its largest line now, bought ones first; -1 where nothing comes."""
    now = planned.plan.quantity[:, 0]
    order = np.lexsort((-now, planned.problem.transfer))[::-1]  # the first is written last
    order = order[now[order] > 0]
    main = np.full(planned.problem.items, -1, dtype=np.int64)
    main[planned.problem.source_item[order]] = order
    return main


def other_lines_now(planned: Planned, main: npt.NDArray[np.int64]) -> list[str]:
    """Return for each item what else comes now beside its main line, as a sentence; empty where nothing does."""
    now, names = planned.plan.quantity[:, 0], origin_names(planned.sources)
    parts: list[list[str]] = [[] for _ in range(planned.problem.items)]
    for source in np.flatnonzero(now > 0).tolist():
        item = int(planned.problem.source_item[source])
        if source != main[item]:
            name = names[source] if planned.problem.transfer[source] else f"from {names[source] or 'its supplier'}"
            parts[item].append(f"{amount(float(now[source]))} {name}")
    return [f" Besides {' and '.join(each)}." if each else "" for each in parts]
