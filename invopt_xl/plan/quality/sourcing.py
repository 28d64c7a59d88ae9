"""Rules for where items may come from beside their own supplier: further suppliers, lanes from other locations."""

from __future__ import annotations

import numpy as np
import pandas as pd

from invopt_xl.forecasting.panel.histories import item_positions
from invopt_xl.plan.columns import ITEMS, SUPPLIERS
from invopt_xl.plan.lanes import only_by_lane
from invopt_xl.plan.quality import rules
from invopt_xl.plan.quality.contract import fill_defaults
from invopt_xl.plan.quality.findings import Draft

Drafts = dict[str, Draft]

TERMS = ("unit_cost", "lead_time_days", "lead_time_sd_days", "moq", "lot_size")
"""What tells whether a supplier that stands in both tables is meant twice with the same terms; blanks say nothing."""


def hold_sources(drafts: Drafts) -> None:
    """Reject further suppliers of unknown items, and those that repeat another row or the item's own supplier."""
    sources, items = drafts["sources"], drafts["items"]
    rules.place_at_only_location(sources, items.frame)
    fill_defaults(sources)
    rules.reject_unknown_items(sources, items.frame, items.entered)
    rules.keep_first_of_each_key(sources)
    _leave_out_own_suppliers(sources, items.frame)
    _cut_wide_spreads(sources)
    _warn_of_slow_emergencies(sources, items.frame)


def _leave_out_own_suppliers(sources: Draft, items: pd.DataFrame) -> None:
    """Reject an item's own supplier with other terms; pass over one with the same. In emergencies it may be another."""
    if sources.frame.empty:
        return
    frame, own = sources.frame, items.iloc[item_positions(items, sources.frame)]
    mine = ~frame["emergency"].to_numpy(dtype=bool) & (frame["supplier"].to_numpy() == own["supplier"].to_numpy())
    given = sources.entered.loc[frame.index, [*TERMS]].to_numpy(dtype=np.float64)
    same = (np.isnan(given) | (given == own[[*TERMS]].to_numpy(dtype=np.float64))).all(axis=1)
    reason = f"duplicate; the item's own supplier in {ITEMS.name}"
    sources.report(mine & same, "warning", "supplier", f"{reason}, with the same terms", "row not used")
    other = f"{reason}, with other terms; expected further suppliers only"
    sources.report(mine & ~same, "rejected", "supplier", other, f"row left out; the terms of {ITEMS.name} used")
    sources.drop(mine & ~same)
    sources.drop((mine & same)[~(mine & ~same)], rejected=False)


def _cut_wide_spreads(sources: Draft) -> None:
    lead, spread = sources.frame["lead_time_days"], sources.frame["lead_time_sd_days"]
    most = rules.WIDEST_SPREAD * lead
    wide = spread.gt(most).to_numpy()
    reason = f"above {rules.WIDEST_SPREAD:g} times lead_time_days; expected less"
    sources.report(wide, "repaired", "lead_time_sd_days", reason, f"{rules.WIDEST_SPREAD:g} times lead_time_days used")
    sources.frame["lead_time_sd_days"] = spread.mask(wide, most)


def _warn_of_slow_emergencies(sources: Draft, items: pd.DataFrame) -> None:
    if sources.frame.empty:
        return
    usual = items["lead_time_days"].to_numpy()[item_positions(items, sources.frame)]
    slow = sources.frame["emergency"].to_numpy(dtype=bool) & (sources.frame["lead_time_days"].to_numpy() >= usual)
    reason = "an emergency source no faster than the item's own supplier; expected a shorter lead time"
    sources.report(slow, "warning", "lead_time_days", reason, "used as it is")


def hold_lanes(drafts: Drafts) -> None:
    """Reject lanes that lead nowhere: unknown locations, a lane to itself, items that are not stocked at both ends."""
    lanes, items = drafts["lanes"], drafts["items"]
    places, stocked = set(items.frame["location"]), items.entered["location"].dropna()
    for name in ("from_location", "to_location"):
        unknown = ~lanes.frame[name].isin(places).to_numpy()
        refused = unknown & lanes.frame[name].isin(stocked).to_numpy()
        lanes.report(
            refused, "rejected", name, f"every row of this location in {ITEMS.name} was rejected", "row left out"
        )
        reason = f"unknown location; expected a location of {ITEMS.name}"
        lanes.report(unknown & ~refused, "rejected", name, reason, "row left out")
        lanes.drop(unknown)
    itself = (lanes.frame["from_location"] == lanes.frame["to_location"]).to_numpy()
    lanes.reject(itself, "to_location", "a lane to itself; expected two locations")
    rules.reject_unknown_codes(lanes, items.frame, items.entered)
    _reject_lanes_without_items(lanes, items.frame)
    rules.keep_first_of_each_key(lanes)
    alone = only_by_lane(items.frame, lanes.frame)
    reason = "no supplier, and a lane brings it from a location where it has one"
    items.report(alone, "warning", "supplier", reason, "planned by transfer alone, but for overrides")


def _reject_lanes_without_items(lanes: Draft, items: pd.DataFrame) -> None:
    at = {place: set(rows["item"]) for place, rows in items.groupby("location")}
    ends = zip(lanes.frame["from_location"], lanes.frame["to_location"], lanes.frame["item"], strict=True)
    useful = np.array([_serves(at[begin] & at[end], item) for begin, end, item in ends], dtype=bool)
    named = lanes.frame["item"].ne("").to_numpy()
    reason = f"not stocked at both locations; expected an item with a row for each in {ITEMS.name}"
    lanes.report(~useful & named, "rejected", "item", reason, "row left out")
    reason = f"no item is stocked at both locations; expected one with a row for each in {ITEMS.name}"
    lanes.report(~useful & ~named, "rejected", "to_location", reason, "row left out")
    lanes.drop(~useful)


def _serves(shared: set[str], item: str) -> bool:
    return item in shared if item else bool(shared)


def warn_of_unknown_sources(drafts: Drafts) -> None:
    """Warn of further suppliers without a row, where there is a table of suppliers: they have no limits."""
    suppliers, sources = drafts["suppliers"].frame["supplier"], drafts["sources"]
    if len(suppliers):
        unknown = ~sources.frame["supplier"].isin(suppliers).to_numpy()
        reason = f"unknown supplier; expected a supplier of {SUPPLIERS.name}"
        sources.report(unknown, "warning", "supplier", reason, "planned without supplier terms")


def warn_of_idle_discounts(drafts: Drafts) -> None:
    """Warn of discounts on what their supplier does not deliver; those of unknown suppliers are named already."""
    discounts, own, further = drafts["discounts"], drafts["items"].frame, drafts["sources"].frame
    delivered = {
        *zip(own["supplier"], own["item"], strict=True),
        *zip(further["supplier"], further["item"], strict=True),
    }
    suppliers = {supplier for supplier, _ in delivered}
    supplier, item = discounts.frame["supplier"], discounts.frame["item"]
    known = (supplier.isin(suppliers) | supplier.isin(drafts["suppliers"].frame["supplier"])).to_numpy(dtype=bool)
    named = item.ne("").to_numpy()
    there = np.array([pair in delivered for pair in zip(supplier, item, strict=True)], dtype=bool)
    reason = "not delivered by this supplier; expected an item that it delivers"
    discounts.report(known & named & ~there, "warning", "item", reason, "row not used")
    idle = known & ~named & ~supplier.isin(suppliers).to_numpy()
    discounts.report(idle, "warning", "supplier", "delivers no item; expected a supplier of items", "row not used")
