"""What each item is to the best customers: who buys it, who comes back for it, and what is bought with it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from invopt_xl.domain.words import counted
from invopt_xl.plan.columns import CUSTOMER_ITEMS
from invopt_xl.plan.customers.lift import FEWEST_BUYERS, Lifts, lifts
from invopt_xl.plan.customers.purchases import Purchases, different, first_places, numbered, summed
from invopt_xl.plan.customers.ranks import BoolArray, Codes, FloatArray, best_without
from invopt_xl.plan.customers.sales import CENTS

MUCH_UNKNOWN = 0.25
"""Share of an item's value from unknown customers that is said of it."""


def customer_items(
    lines: pd.DataFrame, bought: Purchases, customers: pd.DataFrame, items: Sequence[str]
) -> tuple[pd.DataFrame, float]:
    """Return ``tblCustomerItems`` for some items, and the best customers' share of the value of all of them.

    Who the best are is asked anew for each item, by what everybody spent on all the others: else what makes a customer
    one of the best would be measured by itself, and every dear item would seem to be the best customers' own. The
    share of all items is counted in the same way, so that it is theirs by chance where customers are alike.

    Parameters
    ----------
    lines
        Sales as admitted.
    bought
        Those of known customers.
    customers
        customer, frequency, monetary (money) and best (0 or 1), as `review.review_sales` makes them of these lines.
    items
        The items to show, in this order.
    """
    found = _figures(bought, customers).reindex(list(items))
    every = lines.groupby("item")["value"].sum()
    named = pd.Series(summed(bought.item, bought.value, len(bought.items)), bought.items)
    value, known = (each.reindex(found.index).fillna(0.0).round(CENTS) for each in (every, named))
    lift = lifts(*(found[name].fillna(0.0).to_numpy() for name in ("from_best", "net", "squares")))
    buyers = found["buyers"].fillna(0.0)
    table = found.assign(
        item=found.index,
        value=value,
        known_share=(known.clip(lower=0) / value.where(value > 0)).clip(upper=1.0),
        buyers=buyers,
        best_baskets=found["best_baskets"].fillna(0.0),
        best_customer_share=lift.share,
        lift=lift.lift,
        lift_low=lift.low,
        lift_high=lift.high,
        customer_weight=lift.weight,
    )
    table["why"] = _reasons(table, lift)
    return table.reindex(columns=CUSTOMER_ITEMS.column_names).reset_index(drop=True), lift.base


def _figures(bought: Purchases, customers: pd.DataFrame) -> pd.DataFrame:
    """Return what known customers tell of each item they bought, by item."""
    pair = numbered(bought.customer, bought.item)
    pairs, best_shoppers = _pairs(bought, pair, customers)
    shoppers = customers["frequency"].gt(0).sum()
    made = pairs[pairs["days"] > 0]
    net, best = made["net"], made["best"].astype(float)
    told = {
        "item": made["item"],
        "buyers": 1.0,
        "net": net,
        "from_best": net * best,
        "squares": net**2,
        "best_buyers": best,
        "repeat_share": (made["days"] > 1).astype(float),
    }
    figures = pd.DataFrame(told).groupby("item").sum().reindex(range(len(bought.items)))
    figures["repeat_share"] /= figures["buyers"]
    figures["penetration"] = figures["buyers"] / max(shoppers, 1)
    figures["best_penetration"] = figures["best_buyers"] / np.where(best_shoppers > 0, best_shoppers, np.nan)
    beside = _baskets(bought, pair, pairs["best"].to_numpy())
    return figures.join(beside).set_axis(pd.Index(bought.items, name="row"), axis=0)


def _pairs(bought: Purchases, pair: Codes, customers: pd.DataFrame) -> tuple[pd.DataFrame, FloatArray]:
    """Return item, net (money, none below zero), days and best by customer and item; and how many are best by item."""
    first = first_places(pair)
    customer, item = bought.customer[first], bought.item[first]
    net = np.maximum(summed(pair, bought.value, len(first)), 0.0)
    pairs = pd.DataFrame({"customer": customer, "item": item, "net": net})
    best, many = _best_without(pairs, customers, len(bought.items))
    days = different(pair[bought.bought], bought.day[bought.bought], len(first))
    return pairs.assign(days=days, best=best), many


def _best_without(pairs: pd.DataFrame, customers: pd.DataFrame, items: int) -> tuple[BoolArray, FloatArray]:
    """Return of each pair if its customer is one of the best by all but the item; how many are, by item."""
    spent, shops = customers["monetary"].to_numpy(dtype=np.float64), customers["frequency"].gt(0).to_numpy()
    customer, item, net = (pairs[name].to_numpy() for name in ("customer", "item", "net"))
    bought = shops[customer]
    customer, item, rest = customer[bought], item[bought], np.round(spent[customer] - net, CENTS)[bought]
    best = np.zeros(len(pairs), dtype=bool)
    best[bought], many = best_without(spent[shops], (np.cumsum(shops) - 1)[customer], item, rest, items)
    return best, many


def _baskets(bought: Purchases, pair: Codes, best: BoolArray) -> pd.DataFrame:
    """Return, by item, how many purchases of the best customers held it, their mean value, and what else they held."""
    made = bought.rows(bought.bought)
    held = numbered(made.basket, made.item)
    first = first_places(held)
    whole = summed(made.basket, made.value, int(made.basket.max()) + 1 if len(held) else 0)[made.basket[first]]
    own = summed(held, made.value, len(first))
    of_best = best[pair[bought.bought][first]]
    item, count = made.item[first][of_best], len(bought.items)
    baskets = np.bincount(item, minlength=count).astype(np.float64)
    value = summed(item, whole[of_best], count)
    some = np.where(baskets > 0, baskets, np.nan)
    beside = np.where(baskets > 0, summed(item, (whole - own)[of_best], count), np.nan)
    return pd.DataFrame({"best_baskets": baskets, "basket_value": value / some, "beside_value": beside})


def _reasons(table: pd.DataFrame, lift: Lifts) -> list[str]:
    unknown = 1.0 - table["known_share"].to_numpy()
    reasons = [_reason(lift, place, int(count)) for place, count in enumerate(table["buyers"])]
    return [
        f"{reason}; {share:.0%} of its value from unknown customers" if share >= MUCH_UNKNOWN else reason
        for reason, share in zip(reasons, unknown, strict=True)
    ]


def _reason(lift: Lifts, place: int, buyers: int) -> str:
    """Return what the weight of an item rests on, in words."""
    share, low, high = lift.share[place], lift.low[place], lift.high[place]
    if not buyers:
        return "no sale to a known customer"
    if np.isnan(share):
        return "no money left after returns, or no price"
    if np.isnan(low):
        return "no customers stand out as the best"
    if lift.buyers[place] < FEWEST_BUYERS:
        few = "" if buyers < FEWEST_BUYERS else ", few of them most of it"
        return f"{counted(buyers, 'customer')} bought it{few}: too few to say"
    told = f"{share:.0%} of its value from those who are the best without it, {lift.base:.0%} of all items' likewise"
    return told if low > 1.0 or high < 1.0 else f"{told}: chance may explain it"
