"""Order lines, and what they come to for each item."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.optimise.accounting import simulate
from invopt_xl.plan.columns import ORDERS
from invopt_xl.plan.explain import LONGEST_COVER, amount, order_sentence
from invopt_xl.plan.orders.planned import Planned
from invopt_xl.plan.parameters import Parameters

FloatArray = npt.NDArray[np.float64]


def sourced(items: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """Return the item of each source with the source's own terms in place of the item's, and ``way`` in words."""
    rows = items.iloc[sources["item_row"]].reset_index(drop=True)
    terms = ["supplier", "unit_cost", "lead_periods", "lead_deviation_periods", "moq", "lot_size", "from_location"]
    return rows.assign(**{name: sources[name].to_numpy() for name in terms}, way=ways(items, sources))


def ways(items: pd.DataFrame, sources: pd.DataFrame) -> list[str]:
    """Return how each source differs from the item's own supplier, in words; nothing of that itself."""
    own = items["supplier"].to_numpy()[sources["item_row"]]
    return [_way(row, str(usual)) if place >= len(items) else "" for place, (row, usual) in enumerate(zip(
        sources.to_dict("records"), own, strict=True))]  # fmt: skip


def _way(source: dict[object, object], usual: str) -> str:
    if source["from_location"]:
        return f"moved from {source['from_location']}"
    instead = f" instead of {usual}" if usual and usual != source["supplier"] else ""
    return f"an emergency order{instead}" if source["emergency"] else f"bought from {source['supplier']}{instead}"


def origin_names(sources: pd.DataFrame) -> list[str]:
    """Return who delivers: a supplier's name, or the location a transfer comes from."""
    pairs = zip(sources["supplier"], sources["from_location"], strict=True)
    return [f"from {location}" if location else str(supplier) for supplier, location in pairs]


def order_lines(items: pd.DataFrame, planned: Planned, parameters: Parameters) -> pd.DataFrame:
    """Return ``tblOrders``: every line to place within the horizon, those to place now first; transfers among them."""
    return numbered_lines(items, planned, parameters)[ORDERS.column_names]


def numbered_lines(items: pd.DataFrame, planned: Planned, parameters: Parameters) -> pd.DataFrame:
    """Return the lines of ``tblOrders`` with ``source`` and ``period``, their place in the plan."""
    source, period = np.nonzero(planned.plan.quantity[:, : parameters.horizon_periods] > 0)
    lines = sourced(items, planned.sources).iloc[source].reset_index(drop=True)
    quantity, rate = planned.plan.quantity[source, period], planned.rates[source, period]
    placed = parameters.calendar.start(period)
    lead_days = lines["lead_periods"].to_numpy() * parameters.calendar.days_per_period
    lead = np.round(lead_days).astype(np.int64).astype("timedelta64[D]")
    reach = covered_periods(items, planned)[planned.problem.source_item[source], period]
    records = lines.to_dict("records")
    why = [
        order_sentence(record, shape, covered, parameters.period)
        for record, shape, covered in zip(records, planned.plan.shaped_by[source, period], reach, strict=True)
    ]
    table = lines[["item", "location", "description"]].assign(
        supplier=np.array(origin_names(planned.sources), dtype=object)[source],
        unit_cost=planned.problem.unit_cost[source, period],
        order_date=placed.astype("datetime64[ns]"),
        due_date=(placed + lead).astype("datetime64[ns]"),
        quantity=quantity,
        value=planned.value[source, period].round(2),
        discount_rate=rate.round(6),
        why=why,
        source=source,
        period=period,
    )
    keys = ["order_date", "supplier", "item", "location"]
    return table.sort_values(keys, kind="stable").reset_index(drop=True)


def covered_periods(items: pd.DataFrame, planned: Planned) -> FloatArray:
    """Return the periods of expected demand that stock and orders up to each period cover from then on.

    What will have outlasted its shelf life by then covers nothing.
    """
    rate = items["demand_per_period"].clip(lower=1e-9).to_numpy()[:, None]
    there = items["available"].to_numpy()[:, None] + np.cumsum(planned.net_inflow, axis=1)
    spoilt = np.cumsum(simulate(planned.problem, planned.plan.quantity).waste, axis=1)
    used = rate * np.arange(there.shape[1]) + spoilt
    return np.asarray(np.clip((there - used) / rate, 0.0, LONGEST_COVER))


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
