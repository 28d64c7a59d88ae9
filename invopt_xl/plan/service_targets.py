"""Which service is asked of every item: its own target, its class's or the usual one; and who cannot have levels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.plan.columns import Tables
from invopt_xl.plan.parameters import Parameters
from invopt_xl.policy import Asked, Measure, refusals
from invopt_xl.policy.buffers import RuledTargets, ruled_targets, supplier_reliability

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.intp]
TextArray = npt.NDArray[np.object_]

OWN, TAKEN, NONE = "planner's own, kept", "recommended", "none advised"
"""Where the service target of an item comes from."""

LEAST_TARGET = 1e-6
"""What is said to be asked of an item that is best not served at all: targets lie above zero."""


@dataclass(frozen=True, eq=False)
class Targets:
    """What is asked of each item; arrays of shape (items,).

    Parameters
    ----------
    target
        Service target; not looked at where the measure is ``cost``.
    measure
        ``cycle``, ``fill``, ``ready`` or ``cost``.
    note
        How the target came about, to follow its words; empty for the item's own or the usual one.
    """

    target: FloatArray
    measure: TextArray
    note: TextArray

    def rows(self, rows: IntArray) -> Targets:
        """Return what is asked of some of the items."""
        return Targets(self.target[rows], self.measure[rows], self.note[rows])


def refused(items: pd.DataFrame, targets: Targets, smallest_order: FloatArray, periods_per_year: float) -> TextArray:
    """Return for each item with demand why it cannot have levels, in one line; empty where it can.

    Parameters
    ----------
    items
        Rows with ``demand_per_period`` (units), ``holding_cost`` and ``shortage_cost`` (money).
    targets
        What is asked of them.
    smallest_order
        Least that can be ordered, units. A single unit is never too much.
    periods_per_year
        To tell years of demand.
    """
    yearly = items["demand_per_period"].to_numpy() * periods_per_year
    asked = Asked(
        targets.target,
        codes(targets.measure, lost=True),
        yearly_demand=np.where(yearly > 0, yearly, 1.0),
        order_quantity=np.where((smallest_order > 1.0) & (yearly > 0), smallest_order, 0.0),
        holding=items["holding_cost"].to_numpy(),
        shortage=items["shortage_cost"].to_numpy(),
    )
    lines = np.full(len(items), "", dtype=object)
    for refusal in refusals(asked):
        # The table says of which item it is; its place among the planned ones says nothing.
        line = refusal.message.replace(f" (row {refusal.position + 1})", "")
        lines[refusal.position] = line.replace("order quantity", "the smallest order", 1)
    return lines


def codes(measure: TextArray, *, lost: bool) -> npt.NDArray[np.int64]:
    """Return the `Measure` of each name; least cost depends on whether unmet demand is lost or waits."""
    cost = Measure.LOST_SALE_COST if lost else Measure.BACKORDER_COST
    known = {"cycle": Measure.CYCLE, "fill": Measure.FILL, "ready": Measure.READY, "cost": cost}
    return np.array([known[name] for name in measure], dtype=np.int64)


def asked_of(items: pd.DataFrame, tables: Tables, parameters: Parameters) -> Targets:
    """Return what is asked of each item by itself: its own target, else that of its class, else the parameter.

    Parameters
    ----------
    items
        As `Stocked` has them.
    tables, parameters
        Admitted input.
    """
    target = items["service_target"].to_numpy(dtype=np.float64)
    measure = items["service_measure"].to_numpy(dtype=object)
    note = np.full(len(items), "", dtype=object)
    if parameters.service_goal != "classes":
        return Targets(target, measure, note)
    ruled = class_targets(items, tables)
    own, priced = items["own_target"].to_numpy(dtype=bool), measure == "cost"
    for row in np.flatnonzero(~own & ~priced).tolist():
        note[row] = f" by class {items['abc'].iloc[row]}, {items['criticality'].iloc[row]}{_raised(ruled, row)}"
    note[own & ~priced] = ", its own target"
    return Targets(np.where(own | priced, target, ruled.target), measure, note)


def class_targets(items: pd.DataFrame, tables: Tables) -> RuledTargets:
    """Return targets by value class and criticality, raised for unreliable suppliers and weak forecasts."""
    known = np.where(items["weak_forecast"], 0.0, items["known_periods"].to_numpy(dtype=np.float64))
    return ruled_targets(items["abc"].tolist(), items["criticality"].tolist(), on_time(items, tables), known)


def _raised(ruled: RuledTargets, row: int) -> str:
    reasons = [
        words
        for words, holds in (
            ("supplier unreliable", ruled.unreliable_supplier[row]),
            ("forecast weak", ruled.weak_forecast[row]),
        )
        if holds
    ]
    return f", raised from {100.0 * ruled.by_class[row]:.4g}%: {' and '.join(reasons)}" if reasons else ""


def on_time(items: pd.DataFrame, tables: Tables) -> FloatArray:
    """Return the share of receipts on time of each item's supplier; one where there are no receipts.

    On time is within the stated lead time and its stated spread: a supplier is not unreliable for varying as it says.
    """
    receipts, suppliers = tables["receipts"], tables["suppliers"].set_index("supplier")
    single = items.drop_duplicates("item").set_index("item")
    named = receipts["item"].map(single["supplier"]).fillna("")
    supplier = receipts["supplier"].where(receipts["supplier"] != "", named)

    def stated(name: str) -> FloatArray:
        own = receipts["item"].map(single[name]).astype(np.float64)
        return np.asarray(own.fillna(supplier.map(suppliers[name]).astype(np.float64)), dtype=np.float64)

    days = (receipts["receipt_date"] - receipts["order_date"]).dt.days.to_numpy().astype(np.float64)
    promised = stated("lead_time_days") + np.nan_to_num(stated("lead_time_sd_days"))
    usable = (promised > 0) & supplier.ne("").to_numpy(dtype=bool)
    if not usable.any():
        return np.ones(len(items), dtype=np.float64)
    seen = supplier_reliability(supplier[usable].tolist(), promised[usable], days[usable])
    return np.asarray(seen.of(items["supplier"].tolist()).on_time, dtype=np.float64)
