"""One item to be cleared: its demand, its guard-rails, its best path, and what is told of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from invopt_xl.plan.excess.measures import LEAST_GAIN
from invopt_xl.plan.markdown.asked import Asked
from invopt_xl.plan.markdown.response import PriceResponse
from invopt_xl.plan.markdown.span import Span
from invopt_xl.plan.markdown.words import Refused, evidence, outcome, refusal, too_unsure, what_to_do
from invopt_xl.plan.parameters import Parameters
from invopt_xl.policy.markdown import Clearance, Clearing, Limits, Worth, clear, price_ladder

Record = dict[Any, Any]


@dataclass(frozen=True, eq=False)
class Item:
    """An item to be cleared.

    Parameters
    ----------
    record, row
        Its row of the plan, and its place in it.
    excess
        On hand, units.
    ended
        Chance that its demand has ended.
    worth
        What units left are worth.
    span
        The time that its path covers.
    known_for
        The price that its demand of each period is known for, money a unit.
    demand, variation, noise
        At these prices, until the path ends: units of each period, as `known_demand` returns them.
    """

    record: Record
    row: int
    excess: float
    ended: float
    worth: Worth
    span: Span
    known_for: np.ndarray[tuple[int, ...], np.dtype[np.float64]]
    demand: np.ndarray[tuple[int, ...], np.dtype[np.float64]]
    variation: float
    noise: float

    @property
    def stock(self) -> float:
        """Units on hand."""
        return float(self.record["on_hand"])

    def clearance(self, response: PriceResponse, stock: float) -> Clearance:
        """Return so many units of it to be cleared."""
        effects = response.response
        return Clearance(
            stock,
            float(self.record["unit_price"]),
            self.demand,
            float(effects.elasticity[self.row]),
            float(effects.deviation[self.row, 0]),
            self.variation,
            self.noise,
            whole=bool(self.record["whole_units"]),
            ended=self.ended,
            known_for=self.known_for,
        )

    def at_todays_price(self, response: PriceResponse) -> float:
        """Return demand expected at today's price over what is forecast."""
        answer = float(response.response.elasticity[self.row])
        lifts = (float(self.record["unit_price"]) / self.known_for) ** answer
        return float(lifts @ self.demand / self.demand.sum())

    def limits(self, asked: Asked, response: PriceResponse) -> Limits:
        """Return the guard-rails; the lowest price seen is told against today's."""
        usual, today = float(response.response.seen.usual_price[self.row]), float(self.record["unit_price"])
        seen = float(response.trust.lowest[self.row]) * (usual / today if today > 0 and np.isfinite(usual) else 1.0)
        return Limits(asked.floor, asked.largest_discount, seen)

    def cleared(self, asked: Asked, response: PriceResponse) -> Clearing | Refused:
        """Return how it is cleared best, or why that cannot be told."""
        if refused := refusal(self.record, self.row, float(self.demand.sum()), response.trust):
            return refused
        cost, price = float(self.record["unit_cost"]), float(self.record["unit_price"])
        prices = price_ladder(price, cost, self.limits(asked, response))
        made = clear(self.clearance(response, self.stock), prices, self.worth)
        return too_unsure(made, own=bool(response.trust.own[self.row])) or made

    def path(self, made: Clearing, parameters: Parameters) -> list[Record]:
        """Return a row of ``tblMarkdown`` for each period; none where no price falls."""
        if made.gain < LEAST_GAIN:
            return []
        first = parameters.calendar.start(np.arange(len(made.path)))
        columns = {
            "date": first.astype("datetime64[s]").tolist(),
            "price": made.path,
            "discount_share": 1 - made.path / made.prices[0],
            "expected_units": -np.diff(made.best.stock),
            "expected_stock": made.best.stock[:-1],
            "stock_no_action": made.none.stock[:-1],
            "cut_above": made.cut_above,
        }
        key = {name: self.record[name] for name in ("item", "location")}
        return [key | dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]

    def summary(self, made: Clearing | Refused, response: PriceResponse, parameters: Parameters) -> Record:
        """Return the item's row of ``tblMarkdownSummary``."""
        end = np.datetime64(self.span.end(parameters.plan_date), "s").item()
        known = {name: self.record[name] for name in ("item", "location", "description", "on_hand")}
        known |= {"excess_units": self.excess, "before": end, "price": self.record["unit_price"]}
        if isinstance(made, Refused):
            return known | {"outcome": made.outcome, "action": "", "why": made.why}
        low, high = made.best.left_between(0.1, 0.9, made.units)
        gains, promoted = made.gain_between(), float(self.record["promoted_of_late"])
        return known | {
            "outcome": outcome(made),
            "lowest_price": made.prices[-1],
            "constant_price": made.constant_price,
            "end_price": made.path[-1],
            "cash_no_action": made.none.expected,
            "cash_constant": made.constant.expected,
            "cash_path": made.best.expected,
            "gain": made.gain,
            "gain_low": gains[0],
            "gain_high": gains[1],
            "sell_through": 1 - made.best.stock[-1] / self.stock,
            "sold_out_chance": made.best.sold_out,
            "left_no_action": made.none.stock[-1],
            "left_units": made.best.stock[-1],
            "left_low": low,
            "left_high": high,
            "action": what_to_do(made, parameters, self.ended, sells_on=self.worth.later is not None),
            "why": evidence(response.table.iloc[self.row], self.ended, self.at_todays_price(response), promoted),
        }
