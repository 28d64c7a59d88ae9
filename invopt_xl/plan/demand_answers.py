"""What a review of demand says of all items together: short answers, and tables to look at."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from invopt_xl.domain import DAYS_PER_YEAR
from invopt_xl.domain.words import counted
from invopt_xl.plan.parameters import Parameters

_MOST, _HALF = 0.9, 0.5
_NAMED = 3
_SEASONAL = 0.5
"""Correlation with the season before from which an item is said to follow it."""


def demand_answer(review: pd.DataFrame, items: pd.DataFrame, absent: Sequence[pd.Timestamp] = ()) -> str:
    """Return in a sentence or two whether demand is fit to plan from.

    Parameters
    ----------
    review
        As `demand_review` returns it.
    items
        The items, for what their demand is worth.
    absent
        First days of periods in which no item has a row.

    Examples
    --------
    >>> review = pd.DataFrame({"verdict": ["sound", "gaps"], "mean_demand": [9.0, 1.0]})
    >>> demand_answer(review, pd.DataFrame({"unit_cost": [1.0, 1.0]})).split("**")[1]
    'Yes: 1 of 2 items, 90.0% of demand at cost, can be planned from as they are or as repaired.'
    """
    value = (review["mean_demand"].fillna(0.0) * items["unit_cost"].to_numpy(dtype=float)).to_numpy()
    sound = review["verdict"].isin(["sound", "repaired"]).to_numpy()
    share = float(value[sound].sum() / value.sum()) if value.sum() > 0 else 0.0
    word = "Yes" if share >= _MOST else "Mostly" if share >= _HALF else "No"
    odd = review.loc[~sound, "verdict"].value_counts()
    told = ", ".join(f"{count:,} {verdict}" for verdict, count in odd.items())
    return (
        f"**{word}: {int(sound.sum()):,} of {counted(len(review), 'item')}, {share:.1%} of demand at cost, can be "
        f"planned from as they are or as repaired.**{f' To look at: {told}.' if told else ''}"
        f"{_absent_in_words(absent)}"
    )


def _absent_in_words(absent: Sequence[pd.Timestamp]) -> str:
    if not len(absent):
        return ""
    days = ", ".join(f"{day:%Y-%m-%d}" for day in absent[:_NAMED])
    more = f" and {len(absent) - _NAMED} more" if len(absent) > _NAMED else ""
    return f" **No item at all has a row in the period from {days}{more}: was a file forgotten?**"


def with_value(review: pd.DataFrame, items: pd.DataFrame, parameters: Parameters) -> pd.DataFrame:
    """Return the review with what a year's demand of each item is worth at cost, and what its latest change is worth.

    Columns added: ``value`` and ``change_value``, money a year.

    Parameters
    ----------
    review
        As `demand_review.demand_review` returns it.
    items
        The items in the same order.
    parameters
        The length of a period.
    """
    periods = DAYS_PER_YEAR / parameters.calendar.days_per_period
    worth = items["unit_cost"].to_numpy(dtype=float) * periods
    change = review["recent_demand"] - review["earlier_demand"]
    return review.assign(value=review["mean_demand"] * worth, change_value=change * worth)


def pattern_shares(review: pd.DataFrame) -> pd.DataFrame:
    """Return the share of items and of value that each demand pattern makes, the most valuable first.

    Parameters
    ----------
    review
        As `with_value` returns it.

    Examples
    --------
    >>> review = pd.DataFrame({"pattern": ["smooth", "lumpy", "lumpy"], "value": [8.0, 1.0, 1.0]})
    >>> pattern_shares(review).round(2).to_dict("list")
    {'share of items': [0.33, 0.67], 'share of value': [0.8, 0.2]}
    """
    found = review.groupby("pattern").agg(items=("pattern", "size"), value=("value", "sum"))
    found = found.sort_values("value", ascending=False, kind="stable")
    total = float(found["value"].sum()) or 1.0
    return pd.DataFrame(
        {"share of items": found["items"] / found["items"].sum(), "share of value": found["value"] / total}
    )


def promotion_answer(review: pd.DataFrame) -> str:
    """Return in a sentence what promotions did.

    Parameters
    ----------
    review
        As `demand_review.demand_review` returns it.
    """
    known = review["promotion_lift"].dropna()
    if known.empty:
        return "**No promotions are marked often enough to tell what they do.**"
    median, less = float(known.median()), int((known < 0).sum())
    change = f"{abs(median):.0%} {'more' if median >= 0 else 'less'} in promoted periods than in others"
    if len(known) == 1:
        return f"**1 item was on promotion often enough to tell.** It sold {change}."
    half = f"at least {change}" if median >= 0 else f"at most {1 + median:.0%} of what they sold in others"
    fewer = f"; {counted(less, 'item')} sold less" if less else ""
    return f"**{counted(len(known), 'item')} were on promotion often enough to tell.** Half of them sold {half}{fewer}."


def season_answer(review: pd.DataFrame, periods: int, parameters: Parameters) -> str:
    """Return in a sentence whether demand follows a season.

    Parameters
    ----------
    review
        As `demand_review.demand_review` returns it.
    periods
        Length of the history, periods.
    parameters
        The length of a period and its season.
    """
    known = review["season"].dropna()
    if known.empty:
        return (
            f"**No season can be told:** there are {counted(periods, parameters.period)} of history, and a season has "
            f"{parameters.calendar.season}; two seasons are the least."
        )
    following = int((known > _SEASONAL).sum())
    follow = "follows its" if following == 1 else "follow their"
    return (
        f"**{following:,} of {counted(len(known), 'item')} {follow} season**: their demand goes with that of the "
        f"same period a season before (correlation above {_SEASONAL:g})."
    )
