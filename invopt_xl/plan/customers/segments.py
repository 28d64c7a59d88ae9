"""The segments in a few lines: how many customers, how much money, how lately and how often."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from invopt_xl.plan.columns import CUSTOMER_SEGMENTS
from invopt_xl.plan.customers.ranks import MEANINGS
from invopt_xl.plan.customers.sales import CENTS

RETURNS_ONLY, NOT_RANKED, UNKNOWN = "returns only", "not ranked", "unknown customers"

_OTHERS = {
    NOT_RANKED: "too few customers, or too few days of sales",
    RETURNS_ONLY: "brought back what was bought before, and bought nothing",
    UNKNOWN: "sales that name no customer",
}


def customer_segments(customers: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Return ``tblCustomerSegments``: the segments that have customers, and sales to unknown ones.

    Parameters
    ----------
    customers
        Columns of ``tblCustomers``.
    lines
        Sales as admitted.
    """
    unnamed = np.where(customers["frequency"].gt(0), NOT_RANKED, RETURNS_ONLY)
    name = customers["segment"].where(customers["segment"].ne(""), unnamed)
    nobody = lines["customer"].eq("")
    total = round(float(lines["value"].sum()), CENTS)
    records = list(_records(customers, name))
    if nobody.any():
        value = round(float(lines["value"][nobody].sum()), CENTS)
        records.append({"segment": UNKNOWN, "meaning": _OTHERS[UNKNOWN], "value": value})
    table = pd.DataFrame(records, columns=CUSTOMER_SEGMENTS.column_names)
    numbers = [column.name for column in CUSTOMER_SEGMENTS.columns if column.kind == "number"]
    return table.astype(dict.fromkeys(numbers, float)).assign(
        value_share=lambda frame: frame["value"] / total if total > 0 else np.nan
    )


def _records(customers: pd.DataFrame, name: pd.Series[str]) -> Iterator[dict[str, object]]:
    by_segment = dict(list(customers.groupby(name)))
    for segment, meaning in (MEANINGS | _OTHERS).items():
        if segment not in by_segment:
            continue
        members = by_segment[segment]
        spent = members[members["wallet"].notna()]
        wallet = float(spent["wallet"].sum())
        yield {
            "segment": segment,
            "meaning": meaning,
            "customers": len(members),
            "customer_share": len(members) / len(customers),
            "value": round(float(members["monetary"].sum()), CENTS),
            # Of customers who only brought something back, none has bought.
            "recency_days": members["recency_days"].dropna().median(),
            "frequency": members["frequency"].median(),
            "monetary": members["monetary"].median(),
            "wallet_share": spent["monetary"].sum() / wallet if wallet > 0 else np.nan,
        }
