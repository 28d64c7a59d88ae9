"""What service costs and whether the past gave it, in short answers: each says whether it stands on model or replay."""

from __future__ import annotations

import numpy as np
import pandas as pd

from invopt_xl.domain.words import amount, counted
from invopt_xl.errors import require
from invopt_xl.plan.money.service_cost import HALF_POINT, PLAN_SERVES
from invopt_xl.plan.replay.run import money_at

MIX = "ours"
"""The policy of a replay that is the plan's own."""

_SHORT = 0.005
"""How far below what was asked a replay may stay before it is said to fall short."""

_COMPARED_AT = 0.90


def service_answer(costs: pd.DataFrame, curves: pd.DataFrame, currency: str) -> str:
    """Return what the plan serves by its model and in the replay, what a point more takes, and what to ask for.

    Parameters
    ----------
    costs
        ``tblServiceCost``.
    curves
        Of a replay: ``policy``, ``target``, ``fill_value`` (shares) and ``stock_money``; no rows where there was none.
    currency
        The unit of money; blank where it is not known.
    """
    served = float(costs.loc[costs["point"] == PLAN_SERVES, "fill_rate"].iloc[0])
    asked, given = given_for(curves, served)
    played = f"; played on the past, levels asked for {_share(asked)} gave {given:.1%}" if asked == asked else ""
    parts = [
        f"**By its model the plan serves {served:.1%} of demand{played}.**",
        _price(costs, currency),
        _price_replayed(curves, given, currency),
        what_to_ask(curves, served, currency),
    ]
    return " ".join(filter(None, parts))


def given_for(curves: pd.DataFrame, asked: float) -> tuple[float, float]:
    """Return the replayed target next to a fill rate, and the fill rate that it gave; NaN where nothing was replayed.

    Examples
    --------
    >>> curves = pd.DataFrame({"policy": "ours", "target": [0.9, 0.95], "fill_value": [0.89, 0.92], "stock_money": 9.0})
    >>> given_for(curves, 0.96)
    (0.95, 0.92)
    """
    own = curves[curves["policy"] == MIX]
    if own.empty:
        return float("nan"), float("nan")
    row = own.iloc[int((own["target"] - asked).abs().to_numpy().argmin())]
    return float(row["target"]), float(row["fill_value"])


def what_to_ask(curves: pd.DataFrame, wanted: float, currency: str) -> str:
    """Return in a sentence what to ask to be served a fill rate as the past went; blank where asking for it gave it.

    Parameters
    ----------
    curves, currency
        As in `service_answer`.
    wanted
        The fill rate.

    Examples
    --------
    >>> rows = {"target": [0.9, 0.95, 0.99], "fill_value": [0.88, 0.92, 0.96], "stock_money": [100.0, 200.0, 400.0]}
    >>> curves = pd.DataFrame({"policy": "ours", **rows})
    >>> what_to_ask(curves, 0.95, "USD")
    'The past fell short of what was asked: to be served 95.0% there, ask for about 98.0%, which took 336 USD.'
    >>> what_to_ask(curves, 0.99, "")
    'The past fell short of what was asked: no target gave 99.0% there, the most was 96.0%.'
    """
    asked, given = given_for(curves, wanted)
    if not given < asked - _SHORT:
        return ""
    own = curves[curves["policy"] == MIX].sort_values("fill_value")
    fills, said = own["fill_value"].to_numpy(dtype=np.float64), "The past fell short of what was asked:"
    if wanted > fills[-1]:
        return f"{said} no target gave {wanted:.1%} there, the most was {fills[-1]:.1%}."
    ask, money = float(np.interp(wanted, fills, own["target"])), money_at(own, "value", wanted)
    took = f", which took {amount(money, currency)}" if money == money else ""
    return f"{said} to be served {wanted:.1%} there, ask for about {ask:.1%}{took}."


def _price(costs: pd.DataFrame, currency: str) -> str:
    """Return what a point about the plan takes by its model; where that has no price, of the highest that has one."""
    priced = costs[costs["stock_per_point"] > 0].sort_values("fill_rate")
    own = costs[costs["point"] == PLAN_SERVES].iloc[0]
    if priced.empty:
        return f"What a point more takes cannot be told: {own['why'] or 'no stock serves more'}".rstrip(".") + "."
    there = bool(own["stock_per_point"] > 0)
    row = own if there else priced.iloc[-1]
    why = f" ({own['why'].rstrip('.')})" if own["why"] else ""
    where = (
        "A point of fill rate more around there"
        if there
        else f"What a point more takes cannot be told there{why}; around {row['fill_rate']:.1%} one"
    )
    brings = (
        f"; the sales that a point saves bring {amount(row['margin_per_point'], currency)} of margin a year."
        if row["margin_per_point"] > 0
        else ". What it brings is not told: no prices, or demand waits."
    )
    return (
        f"{where} takes {amount(row['stock_per_point'], currency)} of stock, which costs "
        f"{amount(row['carrying_per_point'], currency)} a year to hold, both by the model{brings}"
    )


def _price_replayed(curves: pd.DataFrame, given: float, currency: str) -> str:
    own = curves[curves["policy"] == MIX]
    rise = money_at(own, "value", given + HALF_POINT) - money_at(own, "value", given - HALF_POINT)
    return f"In the replay a point about {given:.1%} took {amount(rise, currency)}." if rise > 0 else ""


_NEAR = 0.002
"""Fill rates this near are the same: targets are rounded, and stock comes in whole units."""


def pays_answer(pays: float, served: float, aim: float, curves: pd.DataFrame) -> str:
    """Return in a few sentences how far a point pays, what the last table aims at, and what that stands on.

    Parameters
    ----------
    pays
        As `money.fill_rate_that_pays` returns it.
    served
        Fill rate of the plan by its model.
    aim
        Fill rate aimed at.
    curves
        As in `service_answer`.

    Raises
    ------
    InputError
        If the fill rate aimed at is no share.

    Examples
    --------
    >>> curves = pd.DataFrame({"policy": "ours", "target": [0.97], "fill_value": [0.935], "stock_money": [9.0]})
    >>> pays_answer(0.968, 0.95, 0.968, curves).split("**")[2]
    ' The plan is at 95.0%; the last table aims at 96.8%. In the replay, levels asked for 97% gave 93.5%: count on \
less than is aimed at, or aim higher.'
    """
    is_share = isinstance(aim, int | float) and 0 < aim <= 1
    require(is_share, "wanted_fill, the fill rate aimed at,", repr(aim), "a number above 0 and at most 1, such as 0.95")
    said = (
        f"**By the model, each point up to {pays:.1%} brings more margin than its stock costs to hold.** The plan is "
        f"at {served:.1%}; the last table aims at {aim:.1%}."
        if pays == pays
        else "**No point brings more margin than its stock costs to hold, or unmet demand waits.** The last table aims "
        f"at {aim:.1%}."
    )
    asked, given = given_for(curves, aim)
    if not given < asked - _SHORT:
        return said
    replayed = f"In the replay, levels asked for {_share(asked)} gave {given:.1%}"
    return f"{said} {replayed}: count on less than is aimed at, or aim higher."


def overall_of(asked: float, reached: float) -> str:
    """Return in words which overall fill rate targets give, where what was asked for is out of reach too.

    Parameters
    ----------
    asked
        Overall fill rate that was aimed at.
    reached
        As `money.fill_rate_reached` returns it.

    Examples
    --------
    >>> overall_of(0.95, 0.9502), overall_of(0.99, 0.984)
    ('95.0%', '98.4%, the most within reach, not 99.0%,')
    """
    if not reached < asked - _NEAR:
        return f"{asked:.1%}"
    return f"{reached:.1%}, the most within reach, not {asked:.1%},"


def replay_answer(curves: pd.DataFrame, asked: float, learned: int, rule: str, currency: str) -> str:
    """Return in a few sentences what levels gave in a replay, and what the mix took beside another rule.

    They are compared at a fill rate that both gave: 90% or, where one of them never was there, the nearest.

    Parameters
    ----------
    curves, currency
        As in `service_answer`.
    asked
        Target that is told of.
    learned
        Periods known before the first one replayed.
    rule
        The other policy.

    Examples
    --------
    >>> rows = {"target": [0.9, 0.95], "fill_value": [0.89, 0.92], "stock_money": [100.0, 121.0]}
    >>> curves = pd.concat([pd.DataFrame({"policy": policy, **rows}) for policy in ("ours", "textbook 26")])
    >>> curves.loc[curves["policy"] != "ours", "fill_value"] += 0.02
    >>> replay_answer(curves, 0.95, 26, "textbook 26", "USD").split("**")[2]
    " with 26 periods to learn from, and more as time went by. For 91% the mix took 114 USD of stock, the textbook's \
rule 100 USD."
    """
    target, given = given_for(curves, asked)
    if target != target:
        return "**Nothing was replayed.**"
    said = (
        f"**Asked for {_share(target)}, the levels gave {given:.1%}** with {counted(learned, 'period')} to learn from, "
        "and more as time went by."
    )
    mix, other = (curves[(curves["policy"] == policy) & (curves["stock_money"] > 0)] for policy in (MIX, rule))
    if mix.empty or other.empty:
        return said
    (low, high), (least, most) = ((one["fill_value"].min(), one["fill_value"].max()) for one in (mix, other))
    if max(low, least) > min(high, most):
        return (
            f"{said} No fill rate was given by both: the mix gave {low:.1%} to {high:.1%}, the textbook's rule "
            f"{least:.1%} to {most:.1%}."
        )
    at = float(np.clip(_COMPARED_AT, max(low, least), min(high, most)))
    ours, usual = (amount(money_at(one, "value", at), currency) for one in (mix, other))
    return f"{said} For {_share(at)} the mix took {ours} of stock, the textbook's rule {usual}."


def _share(value: float) -> str:
    """Return a share with a decimal only where it has one.

    Examples
    --------
    >>> _share(0.95), _share(0.995), _share(0.91)
    ('95%', '99.5%', '91%')
    """
    return f"{value:.0%}" if round(1000 * value) % 10 == 0 else f"{value:.1%}"
