"""The price path of every item that has too much stock, what it brings beside no action, or why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from invopt_xl.cache import ContentCache
from invopt_xl.domain import Forecast, Progress, Silent
from invopt_xl.plan.columns import MARKDOWN, MARKDOWN_SUMMARY, Tables
from invopt_xl.plan.excess import units_to_cancel, with_excess
from invopt_xl.plan.histories import Histories
from invopt_xl.plan.levels import set_levels
from invopt_xl.plan.markdown.asked import Asked
from invopt_xl.plan.markdown.demand import demand_at_todays_price
from invopt_xl.plan.markdown.response import PriceResponse, price_response
from invopt_xl.plan.markdown.words import LEAST_GAIN, evidence, refusal, too_unsure, what_to_do
from invopt_xl.plan.overrides import KEY
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quality import Admitted, admit
from invopt_xl.policy.markdown import Clearance, Clearing, Limits, Worth, clear, price_ladder

Record = dict[Any, Any]

_MONEY = ("price", "lowest_price", "constant_price", "end_price", "cash_no_action", "cash_constant", "cash_path")
_PLACES = {
    **dict.fromkeys((*_MONEY, "gain", "gain_low", "gain_high"), 2),
    **dict.fromkeys(("on_hand", "excess_units", "left_no_action", "left_units", "left_low", "left_high"), 1),
    **dict.fromkeys(("expected_units", "expected_stock", "cut_above"), 1),
    **dict.fromkeys(("sell_through", "sold_out_chance", "recovery", "discount_share"), 3),
}


@dataclass(frozen=True, eq=False)
class Markdowns:
    """What marking down brings.

    Parameters
    ----------
    path
        ``tblMarkdown``: a row for each item and period that has a path.
    summary
        ``tblMarkdownSummary``: a row for each item looked at, the largest gain first, then those without a path.
    response
        How demand of all items answers to price.
    rejected
        Input rows left out.
    """

    path: pd.DataFrame
    summary: pd.DataFrame
    response: PriceResponse
    rejected: int = 0

    @property
    def tables(self) -> Tables:
        """The three tables by stem."""
        return {"markdown": self.path, "markdown_summary": self.summary, "price_response": self.response.table}

    def recovery(self, items: pd.DataFrame) -> pd.Series[float]:
        """Return what a unit of excess brings on its path, share of cost, a row an item; NaN where none can be told."""
        known = self.summary.set_index(KEY)["recovery"].astype(np.float64)
        found = known.reindex(pd.MultiIndex.from_frame(items[KEY])).to_numpy(dtype=np.float64)
        return pd.Series(found, index=items.index, name="recovery")


def marked_down(
    raw: Tables,
    asked: Asked | None = None,
    *,
    admitted: Admitted | None = None,
    promotions: pd.DataFrame | None = None,
    cache: ContentCache | None = None,
    progress: Progress | None = None,
    workers: int | None = None,
) -> Markdowns:
    """Return what marking down brings, from the tables of a plan.

    Forecasts and levels are those of `plan.pipeline.run` for the same tables, and so is the excess.

    Parameters
    ----------
    raw
        Input tables by stem, as read.
    asked
        What is to be cleared, and the guard-rails.
    admitted
        What of the tables the plan stands on; they are checked for it unless given.
    promotions
        As in `price_response`.
    cache, progress, workers
        As in `plan.pipeline.run`.

    Raises
    ------
    InputError
        If a table or column that is needed is missing, or an item that is asked for is not there.
    """
    progress, asked = progress or Silent(), asked or Asked()
    admitted = admitted or admit(raw)
    parameters = admitted.parameters
    periods = asked.periods(parameters)
    asked.check(admitted.tables["items"])
    levelled = set_levels(raw, admitted, progress, cache=cache, workers=workers)
    if periods > levelled.forecasts[0].periods:
        levelled = set_levels(raw, admitted, progress, forecast_periods=periods, cache=cache, workers=workers)
    items = with_excess(levelled.items, parameters.excess_cover_days, parameters.calendar.days_per_period)
    progress.stage("Price response")
    response = price_response(items, levelled.past, parameters, promotions=promotions)
    made = mark_down(items, levelled.forecasts, levelled.past, parameters, asked, response=response, progress=progress)
    return Markdowns(made.path, made.summary, response, admitted.rejected)


def mark_down(
    items: pd.DataFrame,
    forecasts: Sequence[Forecast],
    past: Histories,
    parameters: Parameters,
    asked: Asked,
    *,
    response: PriceResponse | None = None,
    progress: Progress | None = None,
) -> Markdowns:
    """Return the price path of each item with excess on hand, or of those asked for.

    What an item will sell at today's price is its forecast, and none comes to its stock until the end. Units the plan
    wants after that, up to the order-up-to level, are worth their cost; of a phase-out item none are.

    Parameters
    ----------
    items
        The planned items with their excess, in the order of the histories.
    forecasts
        Demand of each, at least as many periods as are asked for.
    past
        Their histories.
    parameters
        For the periods.
    asked
        What is to be cleared, and the guard-rails.
    response
        How demand answers to price; estimated unless given.
    progress
        Told of each item.
    """
    response = response or price_response(items, past, parameters)
    periods = asked.periods(parameters)
    items = items.assign(whole_units=past.whole_units)
    here = (items["excess_quantity"] - units_to_cancel(items)).clip(lower=0.0)
    rows = asked.chosen(items, here.to_numpy(dtype=np.float64))
    found = [
        _Item.of(items.iloc[row].to_dict(), row, float(here.iloc[row]), forecasts[row], periods, parameters)
        for row in rows
    ]
    progress = progress or Silent()
    progress.stage("Marking down", len(found))
    cleared = []
    for item in found:
        cleared.append((item, item.cleared(asked, response)))
        progress.advance()
    path = [record for item, made in cleared if not isinstance(made, str) for record in item.path(made, parameters)]
    summary = [item.summary(made, asked, response, parameters) for item, made in cleared]
    return Markdowns(
        pd.DataFrame(path, columns=MARKDOWN.column_names).round(_PLACES),
        pd.DataFrame(summary, columns=MARKDOWN_SUMMARY.column_names)
        .astype(dict.fromkeys(("gain", *_MONEY), float))
        .round(_PLACES)
        .sort_values("gain", ascending=False, kind="stable", na_position="last", ignore_index=True),
        response,
    )


@dataclass(frozen=True, eq=False)
class _Item:
    """An item to be cleared: its row of the plan, its place in it, excess on hand, and demand at today's price."""

    record: Record
    row: int
    excess: float
    demand: np.ndarray[tuple[int, ...], np.dtype[np.float64]]
    variation: float
    noise: float

    @classmethod
    def of(
        cls, record: Record, row: int, excess: float, forecast: Forecast, periods: int, parameters: Parameters
    ) -> _Item:
        """Return the item with demand until the day it is to be sold by, or until it spoils."""
        life = record.get("shelf_life_days", np.nan)
        if np.isfinite(life):
            periods = min(periods, max(int(life // parameters.calendar.days_per_period), 1))
        return cls(record, row, excess, *demand_at_todays_price(forecast, periods))

    @property
    def stock(self) -> float:
        """Units on hand."""
        return float(self.record["on_hand"])

    def worth(self, asked: Asked) -> Worth:
        """Return what units are worth at the end."""
        cost = float(self.record["unit_cost"])
        kept = 0.0 if self.record["status"] == "phase-out" else float(self.record["order_up_to"])
        return Worth(asked.salvage * cost, kept, cost, float(self.record["holding_cost"]))

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
        )

    def limits(self, asked: Asked, response: PriceResponse) -> Limits:
        """Return the guard-rails; the lowest price seen is told against today's."""
        usual, today = float(response.response.seen.usual_price[self.row]), float(self.record["unit_price"])
        seen = float(response.trust.lowest[self.row]) * (usual / today if today > 0 and np.isfinite(usual) else 1.0)
        return Limits(asked.floor, asked.largest_discount, seen)

    def cleared(self, asked: Asked, response: PriceResponse) -> Clearing | str:
        """Return how it is cleared best, or why that cannot be told."""
        if why := refusal(self.record, float(self.demand.sum()), response.table.iloc[self.row]):
            return why
        cost, price = float(self.record["unit_cost"]), float(self.record["unit_price"])
        prices = price_ladder(price, cost, self.limits(asked, response))
        made = clear(self.clearance(response, self.stock), prices, self.worth(asked))
        return too_unsure(made, own=bool(response.trust.own[self.row])) or made

    def recovery(self, made: Clearing, asked: Asked, response: PriceResponse) -> float:
        """Return what a unit of excess brings on the path, over its cost."""
        cost = float(self.record["unit_cost"]) * self.excess
        if cost <= 0:
            return np.nan
        lean = self.clearance(response, max(self.stock - self.excess, 0.0))
        without = clear(lean, made.prices[:1], self.worth(asked)).none.expected if lean.stock > 0 else 0.0
        return max(made.best.expected - without, 0.0) / cost

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
            "cut_above": made.cut_above,
        }
        key = {name: self.record[name] for name in ("item", "location")}
        return [key | dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]

    def summary(self, made: Clearing | str, asked: Asked, response: PriceResponse, parameters: Parameters) -> Record:
        """Return the item's row of ``tblMarkdownSummary``."""
        end = parameters.calendar.start(np.array([len(self.demand)])).astype("datetime64[s]").tolist()[0]
        known = {name: self.record[name] for name in ("item", "location", "description", "on_hand")}
        known |= {"excess_units": self.excess, "before": end, "price": self.record["unit_price"]}
        if isinstance(made, str):
            return known | {"action": "", "why": made}
        low, high = made.best.left_between(0.1, 0.9, made.lot)
        gains = made.gain_between()
        return known | {
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
            "recovery": self.recovery(made, asked, response),
            "action": what_to_do(made, self.worth(asked).kept, parameters),
            "why": evidence(response.table.iloc[self.row]),
        }
