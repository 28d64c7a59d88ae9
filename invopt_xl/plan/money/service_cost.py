"""What a point of service costs: stock money and its carrying cost, along the best mix and with one target for all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.domain import DAYS_PER_YEAR
from invopt_xl.plan.columns import SERVICE_COST
from invopt_xl.plan.money.returns import has_price
from invopt_xl.plan.money.targets import stays
from invopt_xl.plan.parameters import Parameters

if TYPE_CHECKING:
    from invopt_xl.plan.views.curve import Offer

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]

ASKED = (0.90, 0.95, 0.98, 0.99)
"""Fill rates at which a point is priced, beside those of today, of the plan and of its target."""

HALF_POINT = 0.005
"""A point reaches from so much below a fill rate to so much above: also at 99% there is one to buy."""

TODAY_SERVES, PLAN_SERVES = "today's fill rate", "plan's fill rate"
"""Names of the fill rates that today's stock and the plan's levels give."""

_NEAR = 5e-4
"""A target this close to one of `ASKED` is that."""

_NOTHING = "Nothing that is bought can have levels."


def service_cost_table(
    offer: Offer | None, points: Mapping[str, float], items: pd.DataFrame, parameters: Parameters
) -> pd.DataFrame:
    """Return ``tblServiceCost``: what a percentage point of fill rate costs here and there, the lowest first.

    Parameters
    ----------
    offer
        What the items give for stock money; None where none can have levels.
    points
        Fill rates by name, priced beside those of `ASKED`, such as `TODAY_SERVES`.
    items
        The planned items, for what carrying costs and what sales earn.
    parameters
        For the length of a period, what happens to unmet demand, and a target that is a fill rate.
    """
    asked = {name: fill for name, fill in _asked(points, parameters).items() if np.isfinite(fill)}
    prices = None if offer is None else _Prices.of(offer, items, parameters)
    rows = [
        {"point": name, "fill_rate": fill, **(prices.at(fill) if prices else {"why": _NOTHING})}
        for name, fill in sorted(asked.items(), key=lambda one: one[1])
    ]
    table = pd.DataFrame(rows).assign(margin_per_point=_margin_of_a_point(items, parameters))
    numbers = [column.name for column in SERVICE_COST.columns if column.kind == "number"]
    return table.reindex(columns=SERVICE_COST.column_names).round(dict.fromkeys(numbers, 2) | {"fill_rate": 6})


def fill_rate_that_pays(
    offer: Offer | None, items: pd.DataFrame, parameters: Parameters, segments: pd.DataFrame | None = None
) -> float:
    """Return the overall fill rate up to which each point brings more margin than its stock costs to hold.

    To a tenth of a percent. What keeps its target, or gets none, stays as the plan has it, as in `service_targets`: so
    the fill rate is one that those targets can reach. It is the highest that can be priced where every point pays, and
    NaN where none does, or where unmet demand waits: then no margin is lost.

    Parameters
    ----------
    offer
        What the items give for stock money; None where none can have levels.
    items
        The planned items, for what carrying costs and what sales earn.
    parameters
        For the length of a period, and what happens to unmet demand.
    segments
        As in `service_targets`.
    """
    if offer is None:
        return float("nan")
    some = items.iloc[offer.rows]
    margin, prices = _margin_of_a_point(items, parameters), _Prices.of(offer, items, parameters, stays(some, segments))
    first, last = prices.service[0] + HALF_POINT, prices.service[-1] - HALF_POINT
    fills = np.arange(np.ceil(1000.0 * first), np.floor(1000.0 * last) + 1.0) / 1000.0
    rises = np.array([_rise(float(fill), prices.service, prices.carrying) for fill in fills])
    paying = fills[rises <= margin] if fills.size else fills
    return float(paying.max()) if paying.size else float("nan")


def _asked(points: Mapping[str, float], parameters: Parameters) -> dict[str, float]:
    """Return all fill rates to price by name; a target of another measure is none."""
    asked = dict(points) | {f"{fill:.0%}": fill for fill in ASKED}
    target = parameters.service_target
    is_fill = parameters.service_measure == "fill" or parameters.service_goal == "overall"
    if is_fill and min(abs(target - fill) for fill in ASKED) > _NEAR:
        asked["target"] = target
    return asked


def _margin_of_a_point(items: pd.DataFrame, parameters: Parameters) -> float:
    """Return what a hundredth of all that is asked for earns in a year, money; NaN where nothing is lost."""
    earning = has_price(items) & (items["status"] != "phase-out")
    if parameters.shortage != "lost" or not earning.any():
        return float("nan")
    periods = DAYS_PER_YEAR / parameters.calendar.days_per_period
    margin = items["demand_per_period"] * (items["unit_price"] - items["unit_cost"])
    return float(margin[earning].sum()) * periods / 100.0


@dataclass(frozen=True, eq=False)
class _Prices:
    """Stock money and carrying cost along the best mix, and of one target for all.

    Parameters
    ----------
    service, money, carrying
        Overall fill rate, stock money, and its carrying cost of a year after each step, shape (steps + 1,).
    alike, alike_money
        Overall fill rate and stock money of one target for all, as the curve has them.
    """

    service: FloatArray
    money: FloatArray
    carrying: FloatArray
    alike: FloatArray
    alike_money: FloatArray

    @classmethod
    def of(cls, offer: Offer, items: pd.DataFrame, parameters: Parameters, held: BoolArray | None = None) -> _Prices:
        """Return the prices of the items that the offer is of; those held give the same throughout."""
        steps, exchange, some = offer.exchange.steps, offer.exchange, items.iloc[offer.rows]
        held = np.zeros(len(some), dtype=bool) if held is None else held
        cost, first = exchange.items.unit_cost, (np.arange(len(some)), steps.start)
        a_year = some["holding_cost"].to_numpy(dtype=np.float64)
        a_year = a_year * DAYS_PER_YEAR / parameters.calendar.days_per_period
        rate = np.divide(a_year, cost, out=np.zeros_like(cost), where=cost > 0)
        stock = np.where(exchange.items.demanded, exchange.table.stock[first], 0.0)
        stock = np.where(held, some["own_stock"], stock)
        fill = np.where(held, some["own_fill_rate"], exchange.table.fill_rate[first])
        moves = ~held[steps.item]
        paid, served = (np.where(moves, np.diff(each), 0.0) for each in (steps.money, steps.service))
        service = np.maximum.accumulate(offer.overall(_running(float(exchange.items.share @ fill), served)))
        carrying = _running(float(stock @ a_year), paid * rate[steps.item])
        alike, money = (np.array(one) for one in zip(*offer.one_target(), strict=True))
        return cls(service, _running(float(stock @ cost), paid), carrying, alike, money)

    def at(self, fill: float) -> dict[str, float | str]:
        """Return what service costs about an overall fill rate, and why what cannot be told is blank."""
        return {
            "least_stock_value": _read(fill, self.service, self.money),
            "least_carrying_cost": _read(fill, self.service, self.carrying),
            "stock_per_point": _rise(fill, self.service, self.money),
            "carrying_per_point": _rise(fill, self.service, self.carrying),
            "one_target_per_point": _rise(fill, self.alike, self.alike_money),
            "why": self._why(fill - HALF_POINT, fill + HALF_POINT),
        }

    def _why(self, low: float, high: float) -> str:
        least, most = float(self.service[0]), float(self.service[-1])
        if high > most:
            return f"The items give {100.0 * most:.1f}% at most."
        return f"The lowest levels give {100.0 * least:.1f}% already." if low < least else ""


def _running(start: float, steps: FloatArray) -> FloatArray:
    return np.concatenate([[start], start + np.cumsum(steps)])


def _read(fill: float, service: FloatArray, values: FloatArray) -> float:
    return float(np.interp(fill, service, values, left=np.nan, right=np.nan))


def _rise(fill: float, service: FloatArray, values: FloatArray) -> float:
    """Return how much more a point about this fill rate takes."""
    return _read(fill + HALF_POINT, service, values) - _read(fill - HALF_POINT, service, values)
