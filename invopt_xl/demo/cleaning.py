"""From receipt lines to lines that are demand for goods, every step counted."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from invopt_xl.demo import source

LARGEST_QUANTITY = 100
"""More units than this on one line are not a household's purchase."""

PRICE_RATIO = 5.0
"""A line whose regular price is this many times the item's median, or a fraction of it, tells no price."""

_NOT_REPLENISHED = {
    "RESTAURANT",
    "SALAD BAR",
    "CHEF SHOPPE",
    "POSTAL CENTER",
    "PHOTO & VIDEO",
    "CHARITABLE CONT",
    "CNTRL/STORE SUP",
    "TRAVEL & LEISURE",
    "PROD-WHS SALES",
    "GM MERCH EXP",
}
_COLUMNS = [
    *("household_id", "product_id", "quantity", "sales_value", "retail_disc", "coupon_match_disc", "week"),
    "transaction_timestamp",
]
_COUPON_CATEGORIES = {"COUPON", "COUPONS/STORE & MFG", "COUPON/MISC ITEMS", "BOTTLE DEPOSITS"}


@dataclass
class Report:
    """What each step left out, in the order of the steps."""

    rows: list[dict[str, object]] = field(default_factory=list)

    def add(self, step: str, unit: str, count: int, left: int, reason: str) -> None:
        """Note a step: how many it took out (or marked) and how many are left."""
        self.rows.append({"step": step, "unit": unit, "count": count, "left": left, "reason": reason})

    def frame(self) -> pd.DataFrame:
        """Return the steps as a table."""
        return pd.DataFrame(self.rows)


def clean_lines(report: Report) -> pd.DataFrame:
    """Return the receipt lines that are demand for goods in complete weeks, with prices.

    Prices follow the data's user guide, whose discounts are positive here: the regular price is ``(sales_value +
    retail_disc + coupon_match_disc) / quantity``; the price paid with the store's loyalty card, which every household
    of the panel holds, is ``(sales_value + coupon_match_disc) / quantity``. Coupons are the household's own affair
    and no price of the item.

    Returns
    -------
    pandas.DataFrame
        Columns household_id, product_id, week, sold_at (UTC), quantity, value (money at the price paid) and
        regular_value; both are missing where the line tells no price.
    """
    lines = source.read("transactions", _COLUMNS)
    report.add("All receipt lines", "lines", 0, len(lines), "as published")
    lines = _goods_only(lines, report)
    lines = _plausible_quantities(lines, report)
    lines = _drop(
        lines,
        lines["week"].to_numpy() < source.FIRST_WEEK,
        report,
        "Partial week",
        "Week 1 holds one day, Sunday 1 January 2017; 52 complete weeks from Monday 2 January are left",
    )
    return _with_prices(lines, report)


def _goods_only(lines: pd.DataFrame, report: Report) -> pd.DataFrame:
    products = source.read("products", ["product_id", "department", "product_category", "product_type"])
    known = lines["product_id"].isin(products["product_id"]).to_numpy()
    lines = _drop(lines, ~known, report, "Unknown codes", "the product table has no such code (coupons redeemed)")
    code = pd.Index(products["product_id"]).get_indexer(pd.Index(lines["product_id"]))
    department, category, kind = (
        products[name].to_numpy()[code] for name in ("department", "product_category", "product_type")
    )
    lines = lines.assign(_department=department, _category=category, _kind=kind)
    lines = _drop(
        lines,
        ((lines["_department"] == "FUEL") | (lines["_kind"] == "GASOLINE-REG UNLEADED")).to_numpy(),
        report,
        "Fuel",
        "sold in thousandths of a gallon at the pump, not replenished by the store",
    )
    lines = _drop(
        lines,
        ((lines["_department"] == "COUPON") | lines["_category"].isin(_COUPON_CATEGORIES)).to_numpy(),
        report,
        "Coupons, deposits, gift cards and sundries",
        "categories COUPON, COUPONS/STORE & MFG, COUPON/MISC ITEMS, BOTTLE DEPOSITS: money, not goods",
    )
    lines = _drop(
        lines,
        (lines["_category"].isna() | lines["_kind"].isna() | (lines["_department"] == "MISCELLANEOUS")).to_numpy(),
        report,
        "Unnamed products",
        "no category or type, or department MISCELLANEOUS: nobody could order them by name",
    )
    lines = _drop(
        lines,
        lines["_department"].isin(_NOT_REPLENISHED).to_numpy(),
        report,
        "Services and food made in store",
        "restaurant, salad bar, post, photo, travel, supplies: no stock of their own",
    )
    return lines.drop(columns=["_department", "_category", "_kind"])


def _plausible_quantities(lines: pd.DataFrame, report: Report) -> pd.DataFrame:
    lines = _drop(lines, lines["quantity"].to_numpy() == 0, report, "Zero quantity", "coupon or correction lines")
    return _drop(
        lines,
        lines["quantity"].to_numpy() > LARGEST_QUANTITY,
        report,
        "Absurd quantity",
        f"more than {LARGEST_QUANTITY} units on one line",
    )


def _with_prices(lines: pd.DataFrame, report: Report) -> pd.DataFrame:
    value = lines["sales_value"] + lines["coupon_match_disc"]
    regular_value = value + lines["retail_disc"]
    regular_price = regular_value / lines["quantity"]
    ratio = regular_price / regular_price.groupby(lines["product_id"]).transform("median")
    sound = ratio.between(1 / PRICE_RATIO, PRICE_RATIO)
    report.add(
        "Odd prices",
        "lines kept without price",
        int((~sound).sum()),
        int(sound.sum()),
        f"regular price zero, or {PRICE_RATIO:g} times above or below the item's median; the quantity counts",
    )
    return pd.DataFrame(
        {
            "household_id": lines["household_id"].to_numpy(),
            "product_id": lines["product_id"].to_numpy(),
            "week": lines["week"].to_numpy(),
            "sold_at": lines["transaction_timestamp"].to_numpy(),
            "quantity": lines["quantity"].to_numpy(),
            "value": value.where(sound).to_numpy(),
            "regular_value": regular_value.where(sound).to_numpy(),
        }
    )


def _drop(lines: pd.DataFrame, mask: object, report: Report, step: str, reason: str) -> pd.DataFrame:
    gone = np.asarray(mask, dtype=bool)
    kept = lines[~gone]
    report.add(step, "lines", int(gone.sum()), len(kept), reason)
    return kept
