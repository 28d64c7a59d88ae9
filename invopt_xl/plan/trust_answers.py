"""What a back-test of the plan's forecasts says, in short answers."""

from __future__ import annotations

import pandas as pd

from invopt_xl.domain.words import counted
from invopt_xl.plan.forecast_trust import PLAN_METHOD, SIMPLE_METHOD, Trust

_NEAR = 0.05
"""How far from what they promise intervals may be, as a share of periods."""

_SMALL = 0.05
"""Bias of all items together that nobody minds, as a share of demand."""

_NOMINAL = 0.8
_REASONS = 3


def trust_answer(trust: Trust, currency: str) -> str:
    """Return in a few sentences whether the forecasts can be trusted.

    Parameters
    ----------
    trust
        As `forecast_trust` returns it.
    currency
        The unit of money; blank where it is not known.
    """
    if (trust.items["verdict"] == "not judged").all():
        why = "; ".join(trust.items["why"].unique()[:_REASONS])
        return f"**It cannot be told:** no forecast can be held against what came ({why})."
    found = trust.by_method[trust.by_method["method"] == PLAN_METHOD].iloc[0].to_dict()
    inside, bias = float(found["inside_share"]), float(found["bias_share"])
    sound = abs(inside - _NOMINAL) <= _NEAR and abs(bias) <= _SMALL
    side = "too high" if bias > 0 else "too low"
    one_way = int(trust.items["verdict"].isin(["too high", "too low"]).sum())
    word = "Yes, as distributions" if sound else "With care"
    return (
        f"**{word}: demand lay within the 80% interval in {inside:.0%} of periods, and all forecasts together were "
        f"{abs(bias):.0%} {side}.** The expected demand of an item and period was off by {found['error_share']:.0%} of "
        f"demand, which is why stock stands on the interval. {one_way:,} of {counted(len(trust.items), 'item')} erred "
        f"one way beyond chance. {worth_answer(trust, currency)}"
    )


def worth_answer(trust: Trust, currency: str) -> str:
    """Return in a sentence what the plan's forecasts are worth beside the other methods, money a year."""
    costs = trust.by_method.set_index("method")["cost_a_year"]
    others = costs.drop(PLAN_METHOD)
    told = [_less(float(cost - costs[PLAN_METHOD]), str(name), currency) for name, cost in others.items()]
    return f"Their errors cost {_money(float(costs[PLAN_METHOD]), currency)} a year: {', '.join(told)}."


def _less(saved: float, method: str, currency: str) -> str:
    name = "simple smoothing" if method == SIMPLE_METHOD else method.replace("_", " ")
    return f"{_money(abs(saved), currency)} {'less' if saved >= 0 else 'more'} than {name}"


def _money(value: float, currency: str) -> str:
    return f"{value:,.0f} {currency}".strip()


def review_answer(accuracy: pd.DataFrame) -> str:
    """Return in a sentence what forecasts of earlier plans were worth, held against what came.

    Parameters
    ----------
    accuracy
        ``tblAccuracy``; without rows where no period has been closed yet.

    Examples
    --------
    >>> rows = {"date": [pd.Timestamp("2018-01-01")], "error_share": [0.4], "bias_share": [-0.1], "inside_share": [0.9]}
    >>> review_answer(pd.DataFrame(rows))
    '**1 period was held against its forecast**: errors of 40% of demand, 10% too low in all, 90% of items inside.'
    >>> review_answer(pd.DataFrame(rows).head(0))
    '**No forecast was held against what came yet.** The first `invopt roll` does it, and every one after it.'
    """
    if accuracy.empty:
        return (
            "**No forecast was held against what came yet.** The first `invopt roll` does it, and every one after it."
        )
    error, bias, inside = (float(accuracy[name].mean()) for name in ("error_share", "bias_share", "inside_share"))
    side = "too high" if bias > 0 else "too low"
    were = "was held against its forecast" if len(accuracy) == 1 else "were held against their forecasts"
    return (
        f"**{counted(len(accuracy), 'period')} {were}**: errors of {error:.0%} of demand, {abs(bias):.0%} {side} in "
        f"all, {inside:.0%} of items inside."
    )
