"""What classes, pattern and life cycle ask for: a policy, a forecasting method, how often to look, which service.

The forms of policy follow the rules of thumb of Silver, Pyke & Thomas (2017), Inventory and Production Management in
Supply Chains, 4th ed., section 6.4: with periodic review (R, s, S) where an item matters most, (R, S) below that, and
the simplest for the many that matter little. Service targets are those of the goal `classes`, `policy.buffers`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.plan.columns import Tables
from invopt_xl.plan.segmentation.life_cycles import (
    DECLINING,
    DYING,
    ENDED,
    GROWING,
    NEW,
    PHASE_OUT,
    UNKNOWN,
    not_stocked,
)
from invopt_xl.plan.service_targets import class_targets
from invopt_xl.policy.buffers import ruled_targets

Floats = npt.NDArray[np.float64]
Texts = npt.NDArray[np.object_]

MIN_MAX, UP_TO, LOTS = "(R, s, S)", "(R, S)", "(R, s, Q)"
TO_ORDER, STOP = "buy to order", "stop buying"

POLICIES: Mapping[str, str] = {
    "AX": MIN_MAX, "AY": MIN_MAX, "AZ": MIN_MAX,
    "BX": UP_TO, "BY": UP_TO, "BZ": MIN_MAX,
    "CX": LOTS, "CY": LOTS, "CZ": LOTS,
}  # fmt: skip
"""Form of policy by cell. (R, s, S): at each review below s order up to S; (R, S): at each review order up to S; (R, s,
Q): at each review below s order lots of Q, large ones where an item is worth little."""

REVIEW_DAYS: Mapping[str, float] = {"A": 7.0, "B": 14.0, "C": 28.0}
"""Days between reviews by value class; a week where demand is on the move or not known well."""

ON_THE_MOVE = (NEW, GROWING, DECLINING, DYING, UNKNOWN)
"""Stages of life in which an item is looked at every week."""

ENSEMBLE, RARE, FADING, FEW, ANALOGY, NONE = "ensemble", "imapa", "tsb", "theta", "an item like it", "none"
"""Forecasting methods, as `invopt forecast --method` names them where it has them. Of rare demand IMAPA errs least of
those with a name, and TSB alone lets demand fade while nothing sells."""

_NOT_TO_BUY = ("it has ended", "it is phased out")
_NOT_TO_STOCK = ("it is dying", "no sale of it is known", "it sells too rarely to keep")

FEWEST_FOR_MODELS = 12
"""Known periods from which on all models are fitted, as the forecasts themselves do."""


@dataclass(frozen=True, eq=False)
class Advice:
    """What is advised for each item; arrays of shape (items,).

    Parameters
    ----------
    policy
        Form of the replenishment policy.
    method
        Forecasting method; ``none`` where nothing is bought any more.
    review_days
        Days between reviews; NaN where nothing is bought any more.
    target
        Service target; NaN where stock is not advised.
    why
        What makes the advice another than that of the cell, a phrase; empty where it is the cell's.
    """

    policy: Texts
    method: Texts
    review_days: Floats
    target: Floats
    why: Texts


def advice(rows: pd.DataFrame, days_per_period: float, tables: Tables | None = None) -> Advice:
    """Return what is advised for each item.

    Life cycle comes before the cell: what ended or is phased out is not bought, what is dying or never sold only to
    order. So is an item of class C, not critical, that sells in fewer than one of 13 periods.

    Parameters
    ----------
    rows
        Columns ``abc``, ``cell``, ``pattern``, ``velocity``, ``life_cycle``, ``criticality``, ``status`` and
        ``known_periods``, as `segment` finds them; with tables those of ``tblItems`` too.
    days_per_period
        Length of a period: nothing is reviewed more often.
    tables
        Admitted input, for how reliable suppliers are; all count as reliable without.
    """
    why, stage = _otherwise(rows), rows["life_cycle"]
    dropped, ordered = (np.isin(why, reasons) for reasons in (_NOT_TO_BUY, _NOT_TO_STOCK))
    policy = rows["cell"].map(POLICIES).fillna(UP_TO).to_numpy(dtype=object)
    policy = np.where(dropped, STOP, np.where(ordered, TO_ORDER, policy))
    days = rows["abc"].map(REVIEW_DAYS).to_numpy(dtype=np.float64)
    days = np.maximum(np.where(stage.isin(ON_THE_MOVE), REVIEW_DAYS["A"], days), days_per_period).round()
    return Advice(
        policy.astype(object),
        np.where(dropped, NONE, _methods(rows)).astype(object),
        np.where(dropped, np.nan, days),
        np.where(dropped | ordered, np.nan, recommended_targets(rows, tables)),
        why.astype(object),
    )


def _otherwise(rows: pd.DataFrame) -> npt.NDArray[np.str_]:
    """Return why another policy than that of its cell is advised for an item; empty where none is."""
    stage = rows["life_cycle"]
    rare = rows["velocity"].isin(["very slow", "none"]) & ~stage.isin([NEW, UNKNOWN])
    worth_little = (rows["abc"] == "C") & (rows["criticality"] != "critical")
    cases = (stage == ENDED, stage == PHASE_OUT, stage == DYING, not_stocked(rows), rare & worth_little)
    return np.select([np.asarray(case) for case in cases], [*_NOT_TO_BUY, *_NOT_TO_STOCK], "")


def _methods(rows: pd.DataFrame) -> npt.NDArray[np.str_]:
    stage, pattern = rows["life_cycle"], rows["pattern"]
    rare = pattern.isin(["intermittent", "lumpy"])
    cases = [
        (pattern == "none") | ((stage == NEW) & (rows["known_periods"] < FEWEST_FOR_MODELS)),
        (stage == DYING) | (rare & (stage == DECLINING)),
        rare,
        rows["known_periods"] < FEWEST_FOR_MODELS,
    ]
    return np.select([case.to_numpy() for case in cases], [ANALOGY, FADING, RARE, FEW], ENSEMBLE)


def recommended_targets(rows: pd.DataFrame, tables: Tables | None = None) -> Floats:
    """Return the target that the goal `classes` sets for each item: by class and criticality, raised for doubt.

    Parameters
    ----------
    rows, tables
        As in `advice`.

    Examples
    --------
    >>> rows = pd.DataFrame({"abc": ["A", "C"], "criticality": ["normal", "critical"], "status": "active",
    ...                      "known_periods": [52, 52]})
    >>> recommended_targets(rows).tolist()
    [0.95, 0.99]
    """
    weak = (rows["status"] == "new").to_numpy()
    if tables is not None:
        return class_targets(rows.assign(weak_forecast=weak), tables).target
    known = np.where(weak, 0.0, rows["known_periods"].to_numpy(dtype=np.float64))
    reliable = np.ones(len(rows))
    return ruled_targets(rows["abc"].tolist(), rows["criticality"].tolist(), reliable, known).target
