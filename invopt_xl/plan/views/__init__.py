"""A plan from one side each: by class, by supplier, by excess, beside the last one, by service, by money.

They follow from the plan and change nothing in it, so that a refresh makes only those that somebody wants.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from invopt_xl.forecasting.ending import DemandEnding
from invopt_xl.plan.columns import (
    ACTIONS,
    CURVE,
    EXCESS,
    MATRIX,
    MONEY,
    ORDER_ITEMS,
    PREVIOUS,
    SEGMENTS,
    SERVICE_COST,
    SUPPLIER_ORDERS,
    Tables,
)
from invopt_xl.plan.endings import endings_of
from invopt_xl.plan.excess import ExcessReview, Stock, review
from invopt_xl.plan.levels import Levelled
from invopt_xl.plan.orders import Planned
from invopt_xl.plan.orders.tables import order_items
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quality import Admitted
from invopt_xl.plan.segmentation import Segmentation, segment
from invopt_xl.plan.views.by_supplier import supplier_orders
from invopt_xl.plan.views.curve import curve_table
from invopt_xl.plan.views.excess_review import excess_table
from invopt_xl.plan.views.money import money_view, service_cost_view
from invopt_xl.plan.views.previous import previous_table
from invopt_xl.plan.views.segments import segment_table

__all__ = ["VIEWS", "Found", "views_of"]


@dataclass(frozen=True, eq=False)
class Found:
    """What a refresh has found when its views are made.

    Parameters
    ----------
    raw
        Tables as read, with those of the last refresh.
    admitted
        What of them the plan stands on.
    levelled
        Items with levels, before orders.
    planned
        The order plan.
    items
        The planned items with all that is known of them.
    lines
        Order lines, as `orders.lines.numbered_lines` returns them.
    plan
        ``tblPlan``.
    """

    raw: Tables
    admitted: Admitted
    levelled: Levelled
    planned: Planned
    items: pd.DataFrame
    lines: pd.DataFrame
    plan: pd.DataFrame

    @property
    def parameters(self) -> Parameters:
        """What the plan assumes beyond its tables."""
        return self.admitted.parameters

    @cached_property
    def endings(self) -> DemandEnding:
        """The chances that demand has ended, one for all views."""
        return endings_of(self.levelled.past, self.parameters)

    @cached_property
    def excess(self) -> ExcessReview:
        """What is too much, and what to do about it."""
        return review(Stock.of_plan(self.items, self.levelled, self.admitted, self.endings))

    @cached_property
    def segments(self) -> Segmentation:
        """Classes of the planned items and what they ask for, for the views that show them."""
        past, ended = self.levelled.past, self.endings.ended
        return segment(self.items, past, self.parameters, tables=self.admitted.tables, ended_chance=ended)


VIEWS: Mapping[str, Callable[[Found], pd.DataFrame]] = {
    ORDER_ITEMS.stem: lambda found: order_items(found.items, found.planned, found.parameters),
    SEGMENTS.stem: lambda found: segment_table(found.segments),
    MATRIX.stem: lambda found: found.segments.matrix,
    EXCESS.stem: lambda found: excess_table(found.excess.items, found.raw),
    ACTIONS.stem: lambda found: found.excess.actions,
    SUPPLIER_ORDERS.stem: lambda found: supplier_orders(found.lines, found.planned),
    CURVE.stem: lambda found: curve_table(found.levelled, found.items, found.parameters),
    PREVIOUS.stem: lambda found: previous_table(found.plan, found.raw),
    MONEY.stem: lambda found: money_view(found.levelled, found.items, found.excess.actions, found.parameters),
    SERVICE_COST.stem: lambda found: service_cost_view(found.levelled, found.items, found.parameters),
}
"""How each view is made, by the stem of its table."""


def views_of(found: Found, wanted: frozenset[str] | None = None) -> Tables:
    """Return the views that are wanted, by the stem of their table.

    Parameters
    ----------
    found
        What the refresh has found.
    wanted
        Stems of tables; all views unless given. Stems of other tables say nothing here.
    """
    return {stem: make(found) for stem, make in VIEWS.items() if wanted is None or stem in wanted}
