"""Service targets of single items that together give an overall fill rate for the least stock money."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.domain import DAYS_PER_YEAR
from invopt_xl.errors import require
from invopt_xl.plan.overrides import KEY
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.segmentation import not_stocked
from invopt_xl.plan.service_targets import OWN, TAKEN

if TYPE_CHECKING:
    from invopt_xl.plan.views.curve import Offer
    from invopt_xl.policy.service_mix import ServiceMix

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]

_HALVINGS = 30
"""Of the fill rate that is looked for: a billionth is left of it."""

_DECIMALS = 3
"""Of a target: a tenth of a percent is as fine as anybody plans."""

_COLUMNS = dict.fromkeys(
    ("item", "location", "description", "abc", "service_measure", "target_is", "why"), "object"
) | dict.fromkeys(
    (
        *("expected_fill_rate", "service_target", "fill_rate_then"),
        *("stock_value", "stock_value_then", "difference", "carrying_difference"),
    ),
    "float64",
)
_TOLD = 0.002
"""A fill rate that is further from the planner's target is explained."""

_LEAST, _MOST = 0.5, 0.999
"""Targets that are proposed at least and at most."""


def service_targets(
    offer: Offer | None,
    items: pd.DataFrame,
    parameters: Parameters,
    overall: float,
    segments: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return a fill rate for each item that can have levels, which together give the overall one for the least stock.

    An item whose target the planner set keeps it, with what it gives by itself, and the others make up for it: of these
    each rise in service takes as much stock money as any other. An item that is not to be stocked, or without demand of
    late, gets none, and has no row: its stock would rise for demand that hardly comes again. It stays as the plan has
    it.

    Parameters
    ----------
    offer
        What the items give for stock money; None where none can have levels: then there are no rows.
    items
        The planned items as `replenishment.set_stock_levels` returns them, with ``recent_demand`` (units).
    parameters
        For the length of a period.
    overall
        Fill rate of all items that are bought, as in ``tblCurve``; where they cannot give it, the most they can.
    segments
        ``tblSegments``, for what is not to be stocked where it is in its life (`segmentation.not_stocked`); None where
        nobody knows.

    Returns
    -------
    DataFrame
        ``item``, ``location``, ``description``, ``abc``; ``expected_fill_rate`` and ``stock_value`` (average stock at
        cost, money) of the plan's levels; ``service_target``, ``service_measure`` (fill) and ``target_is`` (as in
        `plan.service_targets`) proposed, the planner's own as they were set; with ``fill_rate_then``,
        ``stock_value_then``, ``difference`` (money) and ``carrying_difference`` (money a year); ``why`` says of a
        target of the planner's why it and the fill rates differ.

    Raises
    ------
    InputError
        If the overall fill rate is none.
    """
    if offer is None:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in _COLUMNS.items()})
    require(0 < overall < 1, "overall fill rate", f"{overall:g}", "between 0 and 1, such as 0.95")
    some = items.iloc[offer.rows].reset_index(drop=True)
    kept, left = kept_by_planner(some), _without_target(some, segments)
    standing = some["own_fill_rate"].to_numpy(dtype=np.float64)
    mix = _mix_beside(offer, (overall - offer.others) / offer.share, kept | left, standing)
    proposed = pd.Series(np.clip(mix.fill_rate, _LEAST, _MOST).round(_DECIMALS), index=some.index)
    cost, now = some["unit_cost"].astype(float), some["average_stock"].astype(float)
    then = some["own_stock"].where(kept, mix.stock).astype(float)
    a_year = some["holding_cost"].to_numpy(dtype=np.float64) * DAYS_PER_YEAR / parameters.calendar.days_per_period
    made = some[["item", "location", "description", "abc", "expected_fill_rate"]].assign(
        service_target=some["stated_target"].where(some["own_target"], standing).where(kept, proposed),
        service_measure=some["stated_measure"].where(kept, "fill"),
        target_is=np.where(kept, OWN, TAKEN).astype(object),
        fill_rate_then=proposed.mask(kept, standing),
        stock_value=now * cost,
        stock_value_then=then * cost,
        difference=(then - now) * cost,
        carrying_difference=(then - now) * a_year,
        why=[_why(row) if own else "" for row, own in zip(some.to_dict("records"), kept, strict=True)],
    )
    return made[~left].reset_index(drop=True)


def fill_rate_reached(offer: Offer | None, items: pd.DataFrame, targets: pd.DataFrame) -> float:
    """Return the overall fill rate that targets reach together; NaN where there are none.

    It is less than what was asked where the items cannot give it, or the planner's own targets hold it down.

    Parameters
    ----------
    offer, items
        As in `service_targets`.
    targets
        What it returned for them.
    """
    if offer is None or targets.empty:
        return float("nan")
    some = items.iloc[offer.rows]
    then = targets.set_index(KEY)["fill_rate_then"].reindex(pd.MultiIndex.from_frame(some[KEY]))
    fill = then.fillna(some.set_index(KEY)["expected_fill_rate"].astype(np.float64))
    return float(offer.share * (offer.exchange.items.share @ fill.to_numpy(dtype=np.float64)) + offer.others)


def _why(row: Mapping[Hashable, Any]) -> str:
    """Return why a target of the planner's own and the fill rates of its item differ; blank where they do not."""
    alone, target = row["own_fill_rate"], row["stated_target"]
    said = ""
    if row["stated_measure"] != "fill":
        of = {"cycle": "cycles are asked for", "ready": "periods are asked for", "cost": "the least cost is asked for"}
        said = f"{of[row['stated_measure']]}: {alone:.1%} of demand"
    elif abs(alone - target) > _TOLD:
        reason = "whole units and lots give" if alone > target else "it keeps too short a time for more than"
        said = f"{reason} {alone:.1%}"
    if row["expected_fill_rate"] - alone > _TOLD:
        more = f"the least it gets: the plan's mix gives it {row['expected_fill_rate']:.1%}"
        said = f"{more}; {said}" if said else more
    return said


def kept_by_planner(items: pd.DataFrame) -> BoolArray:
    """Return of which items the planner set the target, or asked for the least cost: they keep it."""
    return np.asarray(items["own_target"].to_numpy(dtype=bool) | items["own_cost"].to_numpy(dtype=bool))


def stays(items: pd.DataFrame, segments: pd.DataFrame | None) -> BoolArray:
    """Return which items stay as the plan has them, whatever overall fill rate is aimed at.

    Parameters
    ----------
    items, segments
        As in `service_targets`.
    """
    return np.asarray(kept_by_planner(items) | _without_target(items, segments))


def _without_target(items: pd.DataFrame, segments: pd.DataFrame | None) -> BoolArray:
    """Return which items no service is aimed at: without demand of late, or not to be stocked by their segment."""
    idle = ~(items["recent_demand"] > 0).to_numpy(dtype=bool)
    if segments is None:
        return np.asarray(idle)
    found = segments.loc[not_stocked(segments), KEY]
    return np.asarray(idle | pd.MultiIndex.from_frame(items[KEY]).isin(pd.MultiIndex.from_frame(found)))


def _mix_beside(offer: Offer, wanted: float, kept: BoolArray, fill_rate: FloatArray) -> ServiceMix:
    """Return the mix whose other items, beside those kept at their fill rates, give what is wanted of all together.

    Whatever all together are asked, those others are at one price for service: the least money for what they give. So
    what to ask of all is looked for where the others give their part, or a step of one item more.
    """
    exchange = offer.exchange
    share, service = exchange.items.share, exchange.steps.service
    low, high = 1e-6, float(service[-1])

    def given(asked: float) -> float:
        mix = exchange.least_money(asked)
        return float(share @ np.where(kept, fill_rate, mix.fill_rate))

    if not kept.any():
        return exchange.least_money(min(max(wanted, low), high))
    if not kept.all():
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if given(middle) < wanted else (low, middle)
    return exchange.least_money(high)
