"""The items of a review: those of a plan, or of admitted tables with quick levels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from invopt_xl.plan.excess.ahead import DemandAhead, DemandEnding
from invopt_xl.plan.excess.terms import Assumptions
from invopt_xl.plan.histories import Histories, histories
from invopt_xl.plan.levels import Levelled, recent_periods
from invopt_xl.plan.orders import order_problem, source_table
from invopt_xl.plan.orders.waste import spoiling
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quality import Admitted
from invopt_xl.plan.replenishment import order_cycle_quantity, with_terms


@dataclass(frozen=True, eq=False)
class Stock:
    """What a review of excess stands on.

    Parameters
    ----------
    items
        A row for each item and location, as `measures.with_excess` takes them, with ``known_periods``,
        ``recent_demand``, ``whole_units``, ``override`` and ``order_quantity`` (units ordered now); where a plan knows
        them ``spoiling`` and ``spoiling_order``.
    past
        Their histories.
    ahead
        Their demand from now on.
    lanes
        Admitted ``tblLanes``.
    parameters
        For the horizon and the length of a period.
    assumed_holding_rate
        Share a year, where nobody has given one for every item.
    """

    items: pd.DataFrame
    past: Histories
    ahead: DemandAhead
    lanes: pd.DataFrame
    parameters: Parameters
    assumed_holding_rate: float | None = None

    @classmethod
    def of_plan(
        cls, items: pd.DataFrame, levelled: Levelled, admitted: Admitted, endings: DemandEnding | None = None
    ) -> Stock:
        """Return the items of a plan, with the demand that its levels were set from.

        Parameters
        ----------
        items
            The planned items: `plan.pipeline.PlanResult.items`.
        levelled
            Of the same plan.
        admitted
            What it stands on.
        endings
            Chances that demand ends, such as `endings_of` finds; None where it goes on.
        """
        ahead = DemandAhead.of_forecasts(levelled.demand, levelled.past, admitted.parameters)
        tables, rate = admitted.tables, admitted.assumed_holding_rate
        return cls(items, levelled.past, ahead.ending(endings), tables["lanes"], admitted.parameters, rate)

    @classmethod
    def of_levels(cls, levelled: Levelled, admitted: Admitted, endings: DemandEnding | None = None) -> Stock:
        """Return the items of a plan before anything is ordered, with the demand that their levels were set from.

        All is as in `of_plan` but what the order plan adds: of orders placed now only the planner's own are known.

        Parameters
        ----------
        levelled
            As `plan.levels.set_levels` returns it.
        admitted
            What it stands on.
        endings
            Chances that demand ends, such as `endings_of` finds; None where it goes on.
        """
        items, tables, parameters = levelled.items, admitted.tables, admitted.parameters
        sources = source_table(items, tables, parameters)
        problem = order_problem(items, levelled.mean, tables, parameters, sources)
        items = items.assign(
            whole_units=levelled.past.whole_units,
            order_quantity=items["override"].fillna(0.0).clip(lower=0.0),
            spoiling=spoiling(problem),
            spoiling_order=0.0,
        )
        return cls.of_plan(items, levelled, admitted, endings)

    @classmethod
    def of_tables(
        cls, admitted: Admitted, assumptions: Assumptions | None = None, endings: DemandEnding | None = None
    ) -> Stock:
        """Return the items of admitted tables, with demand from their history alone and levels from that.

        Quick where forecasts are not worth the wait: no season is known, and the order-up-to level is the service
        target's quantile of demand over review and lead time, and an economic lot.

        Parameters
        ----------
        admitted
            Tables and parameters as `plan.quality.admit` returns them.
        assumptions
            For the longest time that demand is asked for.
        endings
            Chances that demand ends, such as `endings_of` finds; None where it goes on.
        """
        assumptions, parameters = assumptions or Assumptions(), admitted.parameters
        past = histories(admitted)
        items = with_terms(admitted.tables, parameters)
        reach = items["review_days"] + items["lead_time_days"] + 2.0 * items["lead_time_sd_days"]
        longest = max(assumptions.terms.write_off_days, assumptions.horizon(parameters), float(reach.max()))
        ahead = DemandAhead.of_history(past, parameters, longest)
        # As in a plan, levels and rates are those of demand that goes on.
        items = _described(items, past, ahead, parameters)
        lanes, rate = admitted.tables["lanes"], admitted.assumed_holding_rate
        return cls(items, past, ahead.ending(endings), lanes, parameters, rate)


def _described(items: pd.DataFrame, past: Histories, ahead: DemandAhead, parameters: Parameters) -> pd.DataFrame:
    """Return the items with what their histories say, and quick levels."""
    length = parameters.calendar.days_per_period
    known = np.where(past.in_stock, past.quantity, np.nan)
    recent = known[:, -recent_periods(parameters.calendar) :]
    asked = np.where(np.isnan(recent).all(axis=1), np.inf, np.nansum(recent, axis=1))
    horizon = np.full(len(items), parameters.horizon_periods * length)
    rate = ahead.within(horizon).expected / parameters.horizon_periods
    interval = ahead.within((items["review_days"] + items["lead_time_days"]).to_numpy(np.float64))
    target = items["service_target"].clip(0.5, 0.999).to_numpy(np.float64)
    pack = items["lot_size"].to_numpy(np.float64)
    lot = order_cycle_quantity(items, rate, pack, length)
    return items.assign(
        demand_per_period=rate,
        order_up_to=np.where(rate > 0, interval.quantile(target) + lot, 0.0),
        known_periods=np.isfinite(known).sum(axis=1),
        recent_demand=asked,
        whole_units=past.whole_units,
        override=np.nan,
        order_quantity=0.0,
    )
