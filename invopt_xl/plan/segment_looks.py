"""Tables that show what segments are made of: how worth gathers, where classes disagree, and what other limits give."""

from __future__ import annotations

import numpy as np
import pandas as pd

from invopt_xl.errors import require
from invopt_xl.forecasting.panel.histories import Histories
from invopt_xl.plan.keys import item_names
from invopt_xl.plan.segmentation import NOT_STOCKED, STEADY, VARIABLE, Segmentation, abc_classes, worth_of, xyz_classes
from invopt_xl.plan.segmentation.known import known_demand
from invopt_xl.plan.segmentation.life_cycles import (
    DECLINING,
    DYING,
    ENDED,
    GROWING,
    MATURE,
    NEW,
    PHASE_OUT,
    UNKNOWN,
)
from invopt_xl.plan.segmentation.matrix import NO_CLASS
from invopt_xl.plan.segmentation.worth import By, planned_units, year_round_units

STAGES = (NEW, GROWING, MATURE, DECLINING, DYING, ENDED, PHASE_OUT, UNKNOWN)
"""Stages of life in their order."""

_HALF = 0.5
_SPEEDS = ("fast", "medium", "slow", "very slow", "none")


def concentration(found: Segmentation) -> pd.DataFrame:
    """Return how demand gathers in few items: the share of the total that the first so many items make, by each worth.

    Columns ``items`` (how many), ``value``, ``margin`` and ``lines`` (shares, each ranked by itself); a worth that no
    item has is left out.

    Parameters
    ----------
    found
        The segments.
    """
    items, units = found.items, year_round_units(found.items)
    table = pd.DataFrame({"items": np.arange(1, len(items) + 1)})
    for by in ("value", "margin", "lines"):
        worth = worth_of(items, units, items["lines_per_period"].to_numpy(dtype=np.float64), by)
        ranked = np.sort(np.maximum(np.nan_to_num(worth), 0.0))[::-1]
        if ranked.sum() > 0:
            table[by] = np.cumsum(ranked) / ranked.sum()
    return table


def agreement(found: Segmentation, by: By) -> pd.DataFrame:
    """Return how many items of each class by value have which class by another worth.

    Parameters
    ----------
    found
        The segments.
    by
        The other one: margin or lines.
    """
    other = found.items[f"{by}_class"].replace("", "no price" if by == "margin" else "not known")
    table = pd.crosstab(found.items["abc"], other)
    names = [name for name in (*"ABC", "no price", "not known") if name in (*"ABC", *table.columns)]
    table = table.reindex(index=list("ABC"), columns=names, fill_value=0)
    return table.set_axis([f"{name} by value" for name in table.index], axis=0).set_axis(
        [f"{name} by {by}" if len(name) == 1 else name for name in table.columns], axis=1
    )


def often_asked_for(found: Segmentation) -> pd.DataFrame:
    """Return the items of class C by value that sell as often as an A item, the most units a period first.

    Column added: ``fading``, True where their sales of the last year are not what is to come: where demand declines or
    has ended, or half of it and less is expected. A good target for such an item buys nothing.

    Parameters
    ----------
    found
        The segments.
    """
    items = found.items
    often = items[(items["abc"] == "C") & (items["lines_class"] == "A")]
    less = planned_units(often) <= _HALF * np.nan_to_num(often["units_per_period"].to_numpy(dtype=np.float64))
    fading = often["life_cycle"].isin([DECLINING, *NOT_STOCKED]) | less
    ranked = often.assign(fading=fading)
    return ranked.sort_values(["units_per_period", "item"], ascending=[False, True], kind="stable")


def raw_variation(found: Segmentation, past: Histories) -> pd.DataFrame:
    """Return the items with the raw coefficient of variation of their demand, and the class it would give.

    Columns added: ``variation`` (standard deviation over mean of all known periods; NaN without demand) and
    ``raw_xyz``.

    Parameters
    ----------
    found
        The segments.
    past
        Their histories.
    """
    demand = known_demand(past)
    known = np.isfinite(demand)
    count, total = known.sum(axis=1), np.nansum(demand, axis=1)
    mean = np.divide(total, count, out=np.zeros(len(total)), where=count > 0)
    squares = np.where(known, (np.nan_to_num(demand) - mean[:, None]) ** 2, 0.0).sum(axis=1)
    deviation = np.sqrt(np.divide(squares, count - 1, out=np.zeros(len(total)), where=count > 1))
    variation = np.divide(deviation, mean, out=np.full(len(total), np.nan), where=(mean > 0) & (count > 1))
    return found.items.assign(variation=variation, raw_xyz=xyz_classes(variation))


def by_pattern(items: pd.DataFrame) -> pd.DataFrame:
    """Return for each demand pattern its items, their value, the error of the median one, and the method for most.

    Parameters
    ----------
    items
        As `segment` finds them.
    """
    total = float(items["demand_value"].sum()) or 1.0
    grouped = items.groupby("pattern")
    table = grouped.agg(
        items=("pattern", "size"), demand_value=("demand_value", "sum"), median_error=("forecast_error", "median")
    )
    table["value_share"] = table["demand_value"] / total
    table["method"] = grouped["recommended_method"].agg(lambda names: names.mode().iloc[0])
    table = table.sort_values("demand_value", ascending=False, kind="stable").reset_index()
    return table[["pattern", "items", "value_share", "median_error", "method"]]


def by_stage(items: pd.DataFrame) -> pd.DataFrame:
    """Return for each stage of life its items, demand and stock, and the policy for most.

    Parameters
    ----------
    items
        As `segment` finds them.
    """
    grouped = items.groupby("life_cycle")
    table = grouped.agg(
        items=("life_cycle", "size"), demand_value=("demand_value", "sum"), stock_value=("stock_value", "sum")
    )
    table["policy"] = grouped["recommended_policy"].agg(lambda names: names.mode().iloc[0])
    return table.reindex([name for name in STAGES if name in table.index]).rename_axis("stage").reset_index()


def speeds(items: pd.DataFrame) -> pd.DataFrame:
    """Return how many items of each velocity are in which stage of life.

    Parameters
    ----------
    items
        As `segment` finds them.
    """
    velocity = items["velocity"].replace("", "not known")
    table = pd.crosstab(items["life_cycle"], velocity)
    rows = [name for name in STAGES if name in table.index]
    return table.reindex(index=rows, columns=[name for name in (*_SPEEDS, "not known") if name in table.columns])


def examples(items: pd.DataFrame, each: int = 2) -> pd.DataFrame:
    """Return the items of most demand value in each stage of life, a few of each.

    Those that have ended or are phased out stand by their stock: their demand is gone. An item at several locations is
    named with its location.

    Parameters
    ----------
    items
        As `segment` finds them.
    each
        How many of each stage.
    """
    gone = items["life_cycle"].isin(NOT_STOCKED)
    ranked = items.assign(
        _stage=items["life_cycle"].map(STAGES.index), _worth=items["demand_value"].mask(gone, items["stock_value"])
    )
    ranked = ranked.sort_values(["_stage", "_worth"], ascending=[True, False], kind="stable")
    shown = ranked.groupby("_stage").head(each).drop(columns=["_stage", "_worth"])
    return shown.assign(item=item_names(shown, items))


def hopping(found: Segmentation) -> pd.DataFrame:
    """Return the share of steps from each class to each, a month apart; classes of the past in rows.

    Parameters
    ----------
    found
        The segments.
    """
    steps = found.stability.transitions
    table = steps.pivot_table(index="before", columns="after", values="share", fill_value=0.0, aggfunc="sum")
    names = sorted({*steps["before"], *steps["after"]})
    return table.reindex(index=names, columns=names, fill_value=0.0)


def classes_at(
    found: Segmentation, a: float = 0.8, b: float = 0.95, x: float = STEADY, y: float = VARIABLE
) -> pd.DataFrame:
    """Return how many items each cell would have under other limits; those without a class in a row of their own.

    Parameters
    ----------
    found
        The segments, whose classes are by value, margin or lines.
    a, b
        Shares of that which A, and A and B, items make.
    x, y
        Largest forecast error over mean demand of an X and of a Y item.
    """
    require(a <= b, "share of A items", a, f"at most b, {b:g}")
    require(x <= y, "error of X items", x, f"at most y, {y:g}")
    worth, error = (np.asarray(each, dtype=np.float64) for each in (found.worth, found.items["forecast_error"]))
    classless = found.classes.eq("").to_numpy()
    first = pd.Series(np.where(classless, NO_CLASS, abc_classes(worth, a, b)), name=f"by {found.by}")
    table = pd.crosstab(first, pd.Series(xyz_classes(error, x, y), name="by error"))
    rows = [*"ABC", *([NO_CLASS] if classless.any() else [])]
    return table.reindex(index=rows, columns=list("XYZ"), fill_value=0)
