"""Sound rows that contradict each other: minimums above limits, limits already passed. All of it is planned."""

from __future__ import annotations

import numpy as np
import pandas as pd

from invopt_xl.domain.order_terms import CROWDING
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quality.findings import Draft, Mask

Drafts = dict[str, Draft]

_SLACK = 1e-9
"""Relative slack within which a quantity counts as a multiple of a lot, or as no more than a limit."""

_CROWDED = "used as it is; little else can be ordered in its period"


def hold_minimums(draft: Draft) -> None:
    """Raise minimum order quantities to whole lots, which is what would be ordered anyway.

    One below a single lot says nothing beyond it, and is left as it is.
    """
    least, lot = draft.frame["moq"], draft.frame["lot_size"]
    whole = np.ceil(least / lot * (1.0 - _SLACK)) * lot
    broken = ((whole > least * (1.0 + _SLACK)) & (least > lot)).to_numpy()
    reason = "not whole lots; expected a multiple of lot_size"
    draft.report(broken, "repaired", "moq", reason, "raised to the next whole lot")
    draft.frame["moq"] = least.mask(broken, whole)


def warn_of_contradictions(drafts: Drafts, parameters: Parameters) -> None:
    """Warn of minimums no limit leaves room for, and of limits that stock on hand passes already."""
    for stem in ("items", "sources"):
        _warn_of_capacity(drafts[stem], drafts["suppliers"].frame)
        _warn_of_dear_lines(drafts[stem], parameters)
    _warn_of_dear_orders(drafts, parameters)
    _warn_of_orders_beyond_capacity(drafts)
    stock = drafts["items"].frame
    volume = float((stock["on_hand"] * stock["unit_volume"]).sum())
    _warn_of_full(drafts["parameters"], "storage_volume", volume, parameters.storage_volume)
    value = float((stock["on_hand"] * stock["unit_cost"]).sum())
    _warn_of_full(drafts["parameters"], "working_capital", value, parameters.working_capital)


def _warn_of_capacity(draft: Draft, suppliers: pd.DataFrame) -> None:
    capacity = draft.frame["supplier"].map(suppliers.set_index("supplier")["capacity_units"]).astype(float)
    for name in ("lot_size", "moq"):
        reason = f"above the supplier's capacity_units a period; expected {name} within the capacity"
        draft.report(draft.frame[name].gt(capacity).to_numpy(), "warning", name, reason, "used as it is")


def _warn_of_dear_lines(draft: Draft, parameters: Parameters) -> None:
    if parameters.budget is None:
        return
    smallest = np.maximum(draft.frame["moq"], draft.frame["lot_size"]) * draft.frame["unit_cost"]
    dear = smallest.gt(parameters.budget * (1.0 + _SLACK)).to_numpy()
    reason = f"its smallest order is worth more than the budget of a period, {parameters.budget:,.6g}; expected less"
    draft.report(dear, "warning", "moq", reason, "used as it is; it cannot be ordered")
    if len(draft.frame) > 1:
        most = smallest.ge(CROWDING * parameters.budget).to_numpy() & ~dear
        reason = f"its smallest order takes most of the budget of a period, {parameters.budget:,.6g}; expected less"
        draft.report(most, "warning", "moq", reason, _CROWDED)


def _warn_of_dear_orders(drafts: Drafts, parameters: Parameters) -> None:
    if parameters.budget is None:
        return
    suppliers, minimum = drafts["suppliers"], drafts["suppliers"].frame["minimum_order_value"]
    dear = minimum.gt(parameters.budget * (1.0 + _SLACK)).to_numpy()
    reason = f"above the budget of a period, {parameters.budget:,.6g}; expected less"
    action = "used as it is; nothing can be ordered there"
    suppliers.report(dear, "warning", "minimum_order_value", reason, action)
    named = pd.concat([drafts[stem].frame["supplier"] for stem in ("items", "sources")])
    most = minimum.ge(CROWDING * parameters.budget) & suppliers.frame["supplier"].isin(named)
    if named.nunique() > 1:
        reason = f"takes most of the budget of a period, {parameters.budget:,.6g}; expected less"
        suppliers.report(most.to_numpy() & ~dear, "warning", "minimum_order_value", reason, _CROWDED)


def _warn_of_orders_beyond_capacity(drafts: Drafts) -> None:
    """Warn of suppliers who cannot deliver as much as their minimum is worth, all of it of their dearest item."""
    suppliers = drafts["suppliers"].frame
    terms = pd.concat([drafts[stem].frame[["supplier", "unit_cost"]] for stem in ("items", "sources")])
    dearest = suppliers["supplier"].map(terms.astype({"unit_cost": float}).groupby("supplier")["unit_cost"].max())
    capacity = suppliers["capacity_units"].astype(float)
    worth = (capacity * dearest.astype(float)).where(capacity > 0)
    beyond = suppliers["minimum_order_value"].gt(worth * (1.0 + _SLACK)).to_numpy()
    reason = "above what its capacity_units of its dearest item are worth; expected less"
    action = "used as it is; nothing can be ordered there"
    drafts["suppliers"].report(beyond, "warning", "minimum_order_value", reason, action)


def _warn_of_full(parameters: Draft, name: str, taken: float, limit: float | None) -> None:
    if limit is None or taken <= limit * (1.0 + _SLACK):
        return
    what = {"storage_volume": "takes a volume of", "working_capital": "is worth"}[name]
    reason = f"{name} is exceeded already: stock on hand {what} {taken:,.6g}; expected no more than the limit"
    row: Mask = parameters.frame["name"].eq(name).to_numpy()
    parameters.report(row, "warning", "value", reason, "used; nothing can be added while it is")
