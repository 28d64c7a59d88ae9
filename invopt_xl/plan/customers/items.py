"""What each item is to the best customers: who buys it, who comes back for it, and what is bought with it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from invopt_xl.domain.words import counted
from invopt_xl.plan.columns import CUSTOMER_ITEMS
from invopt_xl.plan.customers.lift import FEWEST_BUYERS, Lifts, lifts
from invopt_xl.plan.customers.purchases import Codes, Purchases, different, first_places, numbered, summed
from invopt_xl.plan.customers.ranks import BoolArray, among_best
from invopt_xl.plan.customers.sales import CENTS

MUCH_UNKNOWN = 0.25
"""Share of an item's value from unknown customers that is said of it."""


def customer_items(
    lines: pd.DataFrame, bought: Purchases, customers: pd.DataFrame, items: Sequence[str]
) -> pd.DataFrame:
    """Return ``tblCustomerItems`` for some items.

    A customer counts as one of the best for an item who is among them even without what was paid for the item: else
    every dear item would seem to be the best customers' own.

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
    return table.reindex(columns=CUSTOMER_ITEMS.column_names).reset_index(drop=True)


def _figures(bought: Purchases, customers: pd.DataFrame) -> pd.DataFrame:
    """Return what known customers tell of each item they bought, by item."""
    pair = numbered(bought.customer, bought.item)
    pairs = _pairs(bought, pair, customers)
    shoppers, best_shoppers = customers["frequency"].gt(0).sum(), customers["best"].sum()
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
    figures["best_penetration"] = figures["best_buyers"] / (best_shoppers if best_shoppers else np.nan)
    beside = _baskets(bought, pair, pairs["best"].to_numpy())
    return figures.join(beside).set_axis(pd.Index(bought.items, name="row"), axis=0)


def _pairs(bought: Purchases, pair: Codes, customers: pd.DataFrame) -> pd.DataFrame:
    """Return customer, item, net (money, none below zero), days and best for each customer and item, by pair."""
    first = first_places(pair)
    net = np.maximum(summed(pair, bought.value, len(first)), 0.0)
    spent = customers["monetary"].to_numpy()
    everyone = spent[customers["frequency"].to_numpy() > 0]
    customer = bought.customer[first]
    return pd.DataFrame(
        {
            "customer": customer,
            "item": bought.item[first],
            "net": net,
            "days": different(pair[bought.bought], bought.day[bought.bought], len(first)),
            "best": among_best(np.round(spent[customer] - net, CENTS), everyone),
        }
    )


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
    told = f"{share:.0%} of its value from the best customers, {lift.base:.0%} of all items'"
    return told if low > 1.0 or high < 1.0 else f"{told}: chance may explain it"
