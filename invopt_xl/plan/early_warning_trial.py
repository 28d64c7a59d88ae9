"""How well early warnings would have done on the past of these items, against the usual rule."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.forecasting.ending import EndingTrial, Trial, try_endings
from invopt_xl.forecasting.patterns import demand_patterns
from invopt_xl.plan.columns.early_warning import ENDED_ITEMS, WARNING_LIFT, WARNING_RELIABILITY, WARNING_TRIAL
from invopt_xl.plan.early_warning import RULE_MONTHS, rule_periods
from invopt_xl.plan.histories import Histories
from invopt_xl.plan.parameters import Parameters

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

TRAINING_SHARE = 0.5
"""Share of the periods that the model and its threshold are learned from; the rest is the test."""

EARLY_DAYS = 56.0
EARLY_MONTHS = 3
"""A flag is early from so long before the usual rule's on: eight weeks, three months where periods are months."""

LOOKED_AT = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
BINS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)

METHODS = ("early warning", "usual rule", "early warning, equal alarms")
ALL = "all"


@dataclass(frozen=True, eq=False)
class WarningTrial:
    """What a back-test of early warnings found; each frame is a table of `plan.columns.early_warning`.

    Parameters
    ----------
    summary
        ``tblWarningTrial``: both methods over all items and by pattern of demand.
    ended_items
        ``tblEndedItems``: when each item that died was flagged.
    reliability
        ``tblWarningReliability``: chances told against what came.
    lift
        ``tblWarningLift``: how many of the ended items stand among the first that a planner looks at.
    trial
        What was tried: the cut, the rule's periods, from which silence on an item has surely died.
    threshold
        Chance of having ended from which the early warning flags, chosen before the cut.
    """

    summary: pd.DataFrame
    ended_items: pd.DataFrame
    reliability: pd.DataFrame
    lift: pd.DataFrame
    trial: Trial
    threshold: float


def early_warning_backtest(
    items: pd.DataFrame,
    past: Histories,
    parameters: Parameters,
    *,
    months: float = RULE_MONTHS,
    training_share: float = TRAINING_SHARE,
) -> WarningTrial:
    """Return how early and how wrongly both ways to warn would have flagged items in the second part of the past.

    An item died if it sold nothing from some period of the test to the end of the record, for at least as long as the
    rule's months and three times as long as it used to be silent between sales; items silent for less are left open.
    A false alarm is a flag that stood when the item sold again; the rate is per period in which an item was judged
    and alive, as a later sale shows. The early warning's threshold is chosen in the first part, for as many false
    alarms as the rule is expected to raise.

    An item counts as died by its silence, so the rule finds every one of them in time: what can be compared is how much
    earlier a warning comes, and how often it is wrong.

    Parameters
    ----------
    items
        A row for each item and location, in the order of the histories; columns ``item`` and ``location``.
    past
        Their histories.
    parameters
        For the length of a period.
    months
        The usual rule: flag an item after so many months without a sale.
    training_share
        Share of the periods to learn from.

    Raises
    ------
    InputError
        If there is too little history.
    """
    days = parameters.calendar.days_per_period
    rule = rule_periods(months, days)
    trial = Trial(round(training_share * past.periods), rule, rule, period=parameters.period)
    tried = try_endings(past.quantity, past.first, trial, in_stock=past.in_stock, price=past.price)
    early = EARLY_MONTHS if parameters.period == "month" else round(EARLY_DAYS / days)
    facts = _facts(items, past, tried)
    return WarningTrial(
        _summary(tried, facts, early),
        _ended_items(tried, facts),
        _reliability(tried),
        _lift(tried, facts["period_value"].to_numpy()),
        trial,
        tried.threshold,
    )


def _facts(items: pd.DataFrame, past: Histories, tried: EndingTrial) -> pd.DataFrame:
    """Return each item's pattern until its last sale, what it sold for a period, and when both methods flagged it."""
    quantity = np.where(np.isfinite(past.quantity), past.quantity, np.nan)
    histories = [row[first : last + 1] for row, first, last in zip(quantity, past.first, tried.last, strict=True)]
    sold = np.where(tried.sold, quantity, 0.0)
    priced = np.where(np.isnan(past.price), 0.0, sold)
    units = priced.sum(axis=1)
    price = np.divide((priced * np.nan_to_num(past.price)).sum(axis=1), units, out=np.ones(len(sold)), where=units > 0)
    lived = np.maximum(tried.last + 1 - past.first, 1)
    return (
        items[["item", "location"]]
        .reset_index(drop=True)
        .assign(
            pattern=[pattern.name for pattern in demand_patterns(histories)],
            usual_interval=tried.interval,
            last_sale_ago=tried.sold.shape[1] - 1 - tried.last,
            **{column: tried.delays(flags) for column, flags in _flags(tried).items()},
            period_value=sold.sum(axis=1) * price / lived,
            judged=np.asarray((tried.judged & tried.known)[:, tried.trial.cut :].any(axis=1)),
            died=tried.died,
        )
    )


def _ended_items(tried: EndingTrial, facts: pd.DataFrame) -> pd.DataFrame:
    """Return ``tblEndedItems``, the item of most value first."""
    died = facts[facts["died"]].sort_values("period_value", ascending=False, kind="stable")
    after = died["flagged_after"].where(np.isfinite(died["flagged_after"]))
    shown = died.assign(flagged_after=after, lead=died["rule_after"] - after)
    return shown[ENDED_ITEMS.column_names].round({"usual_interval": 1, "period_value": 2}).reset_index(drop=True)


def _flags(tried: EndingTrial) -> dict[str, Flags]:
    """Return where each method flags an item, by the column that tells after how many periods it did."""
    rule = tried.rule_flags()
    hindsight = tried.threshold_for(int(tried.false_alarms(rule).sum()))
    return {
        "flagged_after": tried.model_flags(),
        "rule_after": rule,
        "equal_after": tried.model_flags(hindsight),
    }


def _summary(tried: EndingTrial, facts: pd.DataFrame, early: int) -> pd.DataFrame:
    """Return ``tblWarningTrial``."""
    alarms = {column: tried.false_alarms(flags) for column, flags in _flags(tried).items()}
    live, judged = tried.live_periods(), facts["judged"].to_numpy()
    rows = []
    for pattern in (ALL, *facts.loc[judged, "pattern"].value_counts().index):
        among = judged & ((facts["pattern"] == pattern).to_numpy() | (pattern == ALL))
        counted = {"pattern": pattern, "items": int(among.sum()), "live_periods": int(live[among].sum())}
        for method, (column, wrong) in zip(METHODS, alarms.items(), strict=True):
            told = _told(facts[among & tried.died], column, early)
            rows.append(counted | {"method": method, "false_alarms": int(wrong[among].sum())} | told)
    table = pd.DataFrame(rows)
    rate = 1000 * table["false_alarms"] / table["live_periods"].where(table["live_periods"] > 0)
    return table.assign(false_alarm_rate=rate.round(2))[WARNING_TRIAL.column_names]


def _told(died: pd.DataFrame, column: str, early: int) -> dict[str, float]:
    """Return how early items that died were flagged; NaN where none died or most were never flagged."""
    after = died[column].to_numpy()
    lead = died["rule_after"].to_numpy() - after
    value = died["period_value"].to_numpy()
    return {
        "died": len(died),
        "flagged_share": _share(np.isfinite(after), np.ones(len(died))),
        "median_delay": _median(after),
        "median_lead": _median(lead),
        "early_share": _share(lead >= early, np.ones(len(died))),
        "early_value_share": _share(lead >= early, value),
    }


def _share(which: Flags, weight: Floats) -> float:
    """Return the weighted share; NaN of nothing."""
    return round(float(weight[which].sum() / weight.sum()), 4) if weight.sum() > 0 else np.nan


def _median(values: Floats) -> float:
    """Return the median of values that may be infinite; NaN where it is, or there is none."""
    middle = float(np.quantile(values, 0.5, method="higher")) if len(values) else np.nan
    return middle if np.isfinite(middle) else np.nan


def _reliability(tried: EndingTrial) -> pd.DataFrame:
    """Return ``tblWarningReliability`` over all periods of the test that enough known ones follow."""
    ahead = tried.trial.rule_periods
    told, came = [], []
    for period in range(tried.trial.cut, tried.sold.shape[1] - ahead):
        coming = slice(period + 1, period + 1 + ahead)
        judged = tried.judged[:, period] & tried.known[:, coming].all(axis=1)
        told.append(tried.none_soon[judged, period])
        came.append(~tried.sold[judged, coming].any(axis=1))
    chance, true = np.concatenate([np.zeros(0), *told]), np.concatenate([np.zeros(0, dtype=bool), *came])
    place = np.minimum(np.searchsorted(BINS, chance, side="right") - 1, len(BINS) - 2)
    count = np.bincount(place, minlength=len(BINS) - 1)
    mean, share = (
        np.bincount(place, weights=values, minlength=len(count)) / np.maximum(count, 1)
        for values in (chance, true * 1.0)
    )
    table = pd.DataFrame(
        {"from_chance": BINS[:-1], "to_chance": BINS[1:], "told": count, "mean_chance": mean, "came_true": share}
    )
    return table[table["told"] > 0][WARNING_RELIABILITY.column_names].round(4).reset_index(drop=True)


def _lift(tried: EndingTrial, value: Floats) -> pd.DataFrame:
    """Return ``tblWarningLift`` as of the last period of the test that is followed by enough others to be sure."""
    period = tried.sold.shape[1] - 1 - tried.trial.sure_periods
    judged = tried.judged[:, period] & tried.known[:, period:].all(axis=1)
    sure = np.maximum(tried.trial.sure_periods, tried.trial.sure_intervals * tried.interval)
    ended = (tried.last <= period) & (tried.silent[:, -1] >= sure)
    open_still = (tried.last <= period) & ~ended
    among = judged & ~open_still
    rows = []
    for method, score in zip(METHODS[:2], (tried.ended[:, period], tried.silent[:, period]), strict=True):
        ranked = np.flatnonzero(among)[np.argsort(-score[among], kind="stable")]
        for share in LOOKED_AT:
            first = ranked[: max(1, round(share * len(ranked)))]
            parts = (_part(first, among & ended, weight) for weight in (np.ones(len(value)), value))
            rows.append(dict(zip(WARNING_LIFT.column_names, (method, share, *parts), strict=True)))
    return pd.DataFrame(rows)


def _part(rows: npt.NDArray[np.intp], ended: Flags, weight: Floats) -> float:
    """Return the share of the weight of all ended items that these rows hold."""
    found = np.zeros(len(ended), dtype=bool)
    found[rows] = True
    return _share(found[ended], weight[ended])
