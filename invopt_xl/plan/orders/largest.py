"""The most to order of an item at a time: half a year of demand, or as much more as its supplier's terms ask for."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.plan.columns import Tables
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.replenishment import LONGEST_CYCLE_DAYS

FloatArray = npt.NDArray[np.float64]


def largest_orders(items: pd.DataFrame, sources: pd.DataFrame, tables: Tables, parameters: Parameters) -> FloatArray:
    """Return the most to order at a time by source, units, shape (sources,).

    Half a year of demand, or up to the order-up-to level: no slow item should fill an order with years of its demand.
    More where less would be no choice at all. Where a supplier's items cannot reach its minimum value together, all
    may be ordered for as much longer as that takes; the plan weighs whether it pays. An item may be ordered up to a
    price break, and a supplier's items up to one on the order's value, where what is saved is more than what holding
    the larger order costs until it is sold. What would spoil first is the plan's to weigh.

    Parameters
    ----------
    items, sources
        As `order_problem` takes them.
    tables, parameters
        Admitted input.
    """
    return _Largest(items, sources, parameters).within_terms(tables)


class _Largest:
    """Largest orders by source, raised step by step."""

    def __init__(self, items: pd.DataFrame, sources: pd.DataFrame, parameters: Parameters) -> None:
        row = sources["item_row"].to_numpy()
        rate = items["demand_per_period"].to_numpy(dtype=np.float64)[row]
        cycle = rate / parameters.calendar.days_per_period * LONGEST_CYCLE_DAYS
        wanted = ((items["status"] != "phase-out") & (items["refused"] == "")).to_numpy()[row]
        self.most: FloatArray = np.maximum(cycle, items["order_up_to"].to_numpy(dtype=np.float64)[row])
        self.item, self.supplier = items["item"].to_numpy(dtype=object)[row], sources["supplier"].to_numpy(dtype=object)
        self.cost = sources["unit_cost"].to_numpy(dtype=np.float64)
        self.lot = sources["lot_size"].to_numpy(dtype=np.float64)
        self.smallest = np.maximum(sources["moq"].to_numpy(dtype=np.float64), self.lot)
        self.open = wanted & ~sources["closed"].to_numpy(dtype=bool) & (sources["origin_row"] < 0).to_numpy()
        # A unit of an order of q waits for half of q / rate periods on average.
        self.waiting = 0.5 * items["holding_cost"].to_numpy(dtype=np.float64)[row] / np.maximum(rate, 1e-9)

    def within_terms(self, tables: Tables) -> FloatArray:
        """Return the largest orders that price breaks and minimum values allow for."""
        for one in tables["discounts"].to_dict("records"):
            own = self.open & (self.supplier == one["supplier"])
            if one["item"]:
                own = own & (self.item == one["item"])
            if np.isnan(one["from_quantity"]):
                self._raise_together(own, float(one["from_value"]), float(one["discount_rate"]))
            else:
                self._raise_to(own, float(one["from_quantity"]), float(one["discount_rate"]))
        for one in tables["suppliers"].to_dict("records"):
            self._raise_together(self.open & (self.supplier == one["supplier"]), float(one["minimum_order_value"]))
        return self.most

    def _raise_to(self, own: npt.NDArray[np.bool_], units: float, rate: float) -> None:
        """Let lines reach a price break that saves more than it makes wait."""
        pays = own & (self.waiting * units <= rate * self.cost)
        self.most = np.where(pays, np.maximum(self.most, self._whole_lots(units)), self.most)

    def _raise_together(self, own: npt.NDArray[np.bool_], value: float, rate: float | None = None) -> None:
        """Let all lines of an order grow alike until it can reach a value; if for a discount, where that pays."""
        lines = np.where(own, self.cost * np.maximum(np.floor(self.most / self.lot) * self.lot, self.smallest), 0.0)
        reached = float((self.cost * self.most)[own].sum())
        if not value > lines.sum() or reached <= 0:  # not asked for, there already, or nothing ever sells
            return
        longer = self._whole_lots(self.most * value / reached)
        if rate is None or float((self.waiting * longer**2)[own].sum()) <= rate * value:
            self.most = np.where(own, np.maximum(self.most, longer), self.most)

    def _whole_lots(self, units: float | FloatArray) -> FloatArray:
        return np.asarray(np.ceil(units / self.lot - 1e-9) * self.lot)
