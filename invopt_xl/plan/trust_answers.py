"""What a back-test of the plan's forecasts says, in short answers."""

from __future__ import annotations

import pandas as pd

from invopt_xl.domain.words import amount, counted
from invopt_xl.plan.forecast_trust import PLAN_METHOD, SIMPLE_METHOD, Trust

_NEAR = 0.05
"""How far from what they promise intervals may be, as a share of periods."""

_SMALL = 0.05
"""Bias of all items together that nobody minds, as a share of demand."""

_NOTICED = 0.02
"""Share of its cost from which a class is named where simple smoothing would have been cheaper."""

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
    """Return what the plan's forecasts are worth beside the other methods, a year, and where simple is cheaper."""
    costs = trust.by_method.set_index("method")["cost_a_year"]
    others = costs.drop(PLAN_METHOD)
    told = [_less(float(cost - costs[PLAN_METHOD]), str(name), currency) for name, cost in others.items()]
    said = f"Their errors cost {amount(float(costs[PLAN_METHOD]), currency)} a year: {', '.join(told)}."
    return " ".join(filter(None, [said, dearer_classes(trust.by_class, currency)]))


def dearer_classes(by_class: pd.DataFrame, currency: str) -> str:
    """Return in a sentence in which classes of value simple smoothing costs less; blank where in none.

    Parameters
    ----------
    by_class
        ``abc``, ``error_cost`` and ``simple_cost``, as `Trust.by_class`.
    currency
        The unit of money; blank where it is not known.

    Examples
    --------
    >>> found = pd.DataFrame({"abc": ["A", "B"], "error_cost": [3385.0, 1124.0], "simple_cost": [3249.0, 1278.0]})
    >>> dearer_classes(found, "USD")
    'But in class A simple smoothing would have cost 136 USD less (3,249 USD against 3,385 USD).'
    """
    dearer = by_class[by_class["error_cost"] > (1.0 + _NOTICED) * by_class["simple_cost"]]
    told = [
        f"in class {group} simple smoothing would have cost {amount(cost - simple, currency)} less "
        f"({amount(simple, currency)} against {amount(cost, currency)})"
        for group, cost, simple in zip(dearer["abc"], dearer["error_cost"], dearer["simple_cost"], strict=True)
    ]
    return f"But {', '.join(told)}." if told else ""


def _less(saved: float, method: str, currency: str) -> str:
    name = "simple smoothing" if method == SIMPLE_METHOD else method.replace("_", " ")
    return f"{amount(abs(saved), currency)} {'less' if saved >= 0 else 'more'} than {name}"


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
