"""The price path of every item that has too much stock, what it brings beside no action, or why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from invopt_xl.cache import ContentCache
from invopt_xl.domain import Forecast, Progress, Silent
from invopt_xl.domain.words import at_assumed_rate
from invopt_xl.plan.columns import MARKDOWN, MARKDOWN_SUMMARY, Tables
from invopt_xl.plan.excess import DemandAhead, Stock, endings_of, units_to_cancel, with_excess
from invopt_xl.plan.excess.kinds import is_worth_saving
from invopt_xl.plan.excess.measures import unmoved_excess
from invopt_xl.plan.excess.measuring import will_spoil
from invopt_xl.plan.excess.write_off import write_off_days, written_off_worth
from invopt_xl.plan.histories import Histories
from invopt_xl.plan.keys import item_names
from invopt_xl.plan.levels import Levelled, set_levels
from invopt_xl.plan.markdown.as_actions import as_actions
from invopt_xl.plan.markdown.asked import Asked, rejected_items
from invopt_xl.plan.markdown.demand import known_demand
from invopt_xl.plan.markdown.item import Item
from invopt_xl.plan.markdown.known_for import known_for, promoted_of_late, with_planned
from invopt_xl.plan.markdown.later import Curve, worth_later
from invopt_xl.plan.markdown.others import with_other_actions
from invopt_xl.plan.markdown.response import PriceResponse, price_response
from invopt_xl.plan.markdown.span import Span
from invopt_xl.plan.markdown.words import CUT
from invopt_xl.plan.overrides import KEY
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quality import Admitted, admit
from invopt_xl.plan.quantities import finer_by, rounded
from invopt_xl.policy.costs import FloatArray
from invopt_xl.policy.markdown import Clearing, Worth

_MONEY = ("price", "lowest_price", "constant_price", "end_price", "cash_no_action", "cash_constant", "cash_path")
_PLACES = {
    **dict.fromkeys((*_MONEY, "gain", "gain_low", "gain_high"), 2),
    **dict.fromkeys(("sell_through", "sold_out_chance", "recovery", "discount_share"), 3),
}
_PATH_UNITS = dict.fromkeys(("expected_units", "expected_stock", "stock_no_action", "cut_above"), 1)
_SUMMARY_UNITS = dict.fromkeys(("on_hand", "excess_units", "left_no_action", "left_units", "left_low", "left_high"), 1)
"""Decimals of usual goods."""


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
    actions
        Units that go, and what each brings, as `as_actions` returns them.
    rejected
        Input rows left out.
    assumed
        What is assumed of stock that is left when paths end, and of holding it, in sentences.
    """

    path: pd.DataFrame
    summary: pd.DataFrame
    response: PriceResponse
    actions: pd.DataFrame
    rejected: int = 0
    assumed: tuple[str, ...] = ()

    @property
    def tables(self) -> Tables:
        """The three tables by stem."""
        return {"markdown": self.path, "markdown_summary": self.summary, "price_response": self.response.table}

    @property
    def cuts(self) -> pd.DataFrame:
        """Rows of ``tblMarkdownSummary`` whose price is to be cut, the largest gain first, named apart.

        The index names the item, and its location too where it is looked at in several.
        """
        cut = self.summary.set_axis(pd.Index(item_names(self.summary), dtype=object))
        return cut[cut["outcome"] == CUT]

    def path_of(self, row: pd.Series[Any]) -> pd.DataFrame:
        """Return the rows of ``tblMarkdown`` of a row of ``tblMarkdownSummary``."""
        return self.path[(self.path[list(KEY)] == row[list(KEY)]).all(axis=1)]

    def recovery(self, items: pd.DataFrame) -> pd.Series[float]:
        """Return what a unit brings that is sold marked down, share of cost, a row an item; NaN where none can be told.

        It is 0 where the price had better stay: a cut brings nothing there.
        """
        return self._told(items, "recovery")

    def units(self, items: pd.DataFrame) -> pd.Series[float]:
        """Return how many units price paths sell besides those that sell anyway, a row an item; NaN as in `recovery`.

        With `recovery` they are what a review of excess has to know, so that its mark-downs gain what paths gain.
        """
        return self._told(items, "units")

    def _told(self, items: pd.DataFrame, name: str) -> pd.Series[float]:
        """Return a column of the actions by the rows of the items."""
        known = self.actions[name].set_axis(pd.MultiIndex.from_frame(self.actions[KEY]))
        found = known.reindex(pd.MultiIndex.from_frame(items[KEY])).to_numpy(dtype=np.float64)
        return pd.Series(found, index=items.index, name=name)


def marked_down(
    raw: Tables,
    asked: Asked | None = None,
    *,
    admitted: Admitted | None = None,
    promotions: pd.DataFrame | None = None,
    levelled: Levelled | None = None,
    cache: ContentCache | None = None,
    progress: Progress | None = None,
    workers: int | None = None,
) -> Markdowns:
    """Return what marking down brings, from the tables of a plan.

    Levels and excess are those of `plan.pipeline.run` for the same tables; so are forecasts, unless paths are longer.

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
    levelled
        The items with forecasts and levels of these tables; made unless given. Forecasts that are too short are made.
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
    asked.check(admitted.tables["items"], rejected_items(raw, admitted.quality))
    levelled = levelled or set_levels(raw, admitted, progress, cache=cache, workers=workers)
    forecasts = levelled.forecasts
    if periods > forecasts[0].periods:
        # Levels and excess stay those of the plan: longer forecasts are drawn anew, and would make them others.
        further = set_levels(raw, admitted, progress, forecast_periods=periods, cache=cache, workers=workers)
        forecasts = further.forecasts
    stock = Stock.of_levels(levelled, admitted, endings_of(levelled.past, parameters))
    items = with_excess(stock.items, parameters.excess_cover_days, parameters.calendar.days_per_period)
    progress.stage("Price response")
    response = price_response(items, levelled.past, parameters, promotions=promotions)
    made = mark_down(
        items,
        forecasts,
        levelled.past,
        parameters,
        asked,
        response=response,
        ahead=stock.ahead,
        progress=progress,
    )
    summary = with_other_actions(made.summary, stock, asked.terms_of(parameters))
    rate = admitted.assumed_holding_rate
    held = () if rate is None else (f"Stock is held {at_assumed_rate(rate)}",)
    return replace(made, summary=summary, rejected=admitted.rejected, assumed=(*asked.assumed(parameters), *held))


def mark_down(
    items: pd.DataFrame,
    forecasts: Sequence[Forecast],
    past: Histories,
    parameters: Parameters,
    asked: Asked,
    *,
    response: PriceResponse | None = None,
    ahead: DemandAhead | None = None,
    progress: Progress | None = None,
) -> Markdowns:
    """Return the price path of each item with excess on hand or that will spoil, or of those asked for.

    What an item will sell is its forecast, at the price that stands on, `known_for`, unless its demand has ended, and
    none comes to its stock until the end. What is left then is worth what a review of excess says of it, `worth_later`;
    where a date was named only salvage, and past its shelf life nothing; less its disposal.

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
    ahead
        Demand after the path, in the order of the items, and the chance that it has ended; by their history alone
        unless given.
    progress
        Told of each item.
    """
    response = response or price_response(items, past, parameters)
    items = items.assign(whole_units=past.whole_units)
    ahead = ahead or DemandAhead.of_history(past, parameters, asked.write_off_days)
    here = (unmoved_excess(items) - units_to_cancel(items)).clip(lower=0.0)
    items = items.assign(excess=here, will_spoil=will_spoil(items, ahead))
    spoils = items["will_spoil"].where(is_worth_saving(items), 0.0).clip(upper=items["on_hand"])
    items = items.assign(too_much=np.maximum(here, spoils))
    rows = asked.chosen(items, items["too_much"].to_numpy(np.float64))
    answer = response.response.elasticity
    price = items["unit_price"].to_numpy(np.float64)
    paid = known_for(past, price, answer)
    coming = with_planned(paid, past, price, asked.periods(parameters))
    promoted = promoted_of_late(past, asked.periods(parameters))
    items = items.assign(known_for=paid, answer=answer, promoted_of_late=promoted)
    found = _found(items, rows, (forecasts, coming), (asked, ahead, parameters))
    progress = progress or Silent()
    progress.stage("Marking down", len(found))
    cleared = []
    for item in found:
        cleared.append((item, item.cleared(asked, response)))
        progress.advance()
    paths = [item.path(made, parameters) if isinstance(made, Clearing) else [] for item, made in cleared]
    actions = as_actions(items, cleared, ahead, asked.terms_of(parameters))
    summary = [item.summary(made, response, parameters) for item, made in cleared]
    path = pd.DataFrame([record for each in paths for record in each], columns=MARKDOWN.column_names)
    finer = finer_by(items)[rows]
    return Markdowns(
        rounded(path, _PATH_UNITS, np.repeat(finer, [len(each) for each in paths])).round(_PLACES),
        rounded(pd.DataFrame(summary, columns=MARKDOWN_SUMMARY.column_names), _SUMMARY_UNITS, finer)
        .assign(recovery=actions["recovery"])
        .astype(dict.fromkeys(("gain", *_MONEY), float))
        .round(_PLACES)
        .sort_values("gain", ascending=False, kind="stable", na_position="last", ignore_index=True),
        response,
        actions,
    )


def _found(
    items: pd.DataFrame,
    rows: list[int],
    demand: tuple[Sequence[Forecast], FloatArray],
    what: tuple[Asked, DemandAhead, Parameters],
) -> list[Item]:
    """Return the items of those rows with demand until the path ends or they spoil, and what is left then is worth.

    Demand is told as forecasts, and the prices of each period that they are known for.
    """
    (forecasts, coming), (asked, ahead, parameters) = demand, what
    most, longest = asked.periods(parameters), asked.days(parameters)
    ascending = np.sort(np.array(rows, dtype=np.int64))
    some = items.iloc[ascending]
    shelf = some["shelf_life_days"].to_numpy(np.float64)
    days, spoilt = np.fmin(shelf, longest), shelf <= longest
    terms = asked.terms_of(parameters)
    # Where demand has ended what is left when the path ends is held on until it is written off.
    held_on = some["holding_cost"] * np.maximum(write_off_days(some, terms) - days, 0.0) / ahead.days_per_period
    left = written_off_worth(some, terms) - held_on.to_numpy(np.float64)
    later: list[Curve | None] = [None] * len(some)
    if asked.before is None and len(some):
        today = (some["unit_price"] / some["known_for"]).to_numpy(np.float64) ** some["answer"].to_numpy(np.float64)
        going_on = ahead.rows(ascending).going_on().scaled(np.nan_to_num(today, nan=1.0))
        later = [*worth_later(some, days, going_on, asked.terms)]
    ended = ahead.ended()
    made = {}
    for place, (row, record) in enumerate(zip(ascending.tolist(), some.to_dict("records"), strict=True)):
        span = Span.of(float(days[place]), parameters.calendar, most)
        holding = float(record["holding_cost"]) * span.lengths
        worth = Worth(float(left[place]), holding, None if spoilt[place] else later[place])
        expected = known_demand(forecasts[row], span, whole=bool(record["whole_units"]))
        excess, paid = float(record["excess"]), coming[row, : span.periods]
        made[row] = Item(record, row, excess, float(ended[row]), worth, span, paid, *expected)
    return [made[row] for row in rows]
