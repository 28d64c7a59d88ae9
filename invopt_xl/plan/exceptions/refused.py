"""Exceptions of rows that are not used, or no more: items that were rejected, and overrides that nothing follows."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from invopt_xl.plan.columns import EXCEPTIONS, ITEMS
from invopt_xl.plan.overrides import KEY
from invopt_xl.plan.quality import Admitted
from invopt_xl.plan.quality.findings import shown
from invopt_xl.plan.quality.overriding import NOT_FOLLOWED
from invopt_xl.plan.quality.rules import is_duplicate

Row = Mapping[Hashable, Any]
_Said = tuple[str, str, str, str, str, str, float, str]


def rejected_items(admitted: Admitted) -> pd.DataFrame:
    """Return the rejected rows of the items: what is not planned has to be seen, not only counted.

    A row that repeats the key of an earlier one costs the plan no item.
    """
    found = admitted.quality
    rejected = (found["severity"] == "rejected") & (found["table"] == ITEMS.name) & found["row"].notna()
    rows = [_rejected(row, admitted) for row in found[rejected].to_dict("records")]
    return pd.DataFrame(rows, columns=EXCEPTIONS.column_names)


def _rejected(row: Row, admitted: Admitted) -> _Said:
    place, entered = int(row["row"]), admitted.entered
    item, location, description = map(str, entered.loc[place] if place in entered.index else ("", "", ""))
    used = admitted.tables[ITEMS.stem]
    first = used.index[(used["item"] == item) & (used["location"] == location)]
    if is_duplicate(row["reason"]) and len(first):
        message = f"row {place} of {ITEMS.name} repeats {item} and is not used: row {first[0]} counts"
        return "warning", item, location, description, "repeated row", message, 0.0, "Delete one of both and refresh."
    message = f"row {place} of {ITEMS.name} is not used: {row['column']} is {row['value'] or 'blank'}, {row['reason']}"
    return "critical", item, location, description, "not planned", message, 0.0, "Correct the row and refresh."


def overrides_not_followed(refused: pd.DataFrame, entered: pd.DataFrame) -> pd.DataFrame:
    """Return the overrides that no order follows, as `overrides.not_followed` has them."""
    rows: list[_Said] = [
        ("warning", item, location, description, NOT_FOLLOWED, fault, 0.0, "Correct the override, or clear it.")
        for item, location, description, fault in _described(refused, entered)[[*KEY, "description", "fault"]].values
    ]
    return pd.DataFrame(rows, columns=EXCEPTIONS.column_names)


def overrides_ordered(written: pd.DataFrame, entered: pd.DataFrame) -> pd.DataFrame:
    """Return the dated overrides that have had their day: what they ordered is ordered, and they order nothing more."""
    rows: list[_Said] = [
        (
            "notice",
            row["item"],
            row["location"],
            row["description"],
            "override ordered",
            _had_its_day(shown(row["override_quantity"]), row["override_ordered"]),
            0.0,
            "Clear override_quantity and override_date: by hand, or with the next roll by --clear-overrides.",
        )
        for row in _described(written[written["override_ordered"] != ""], entered).to_dict("records")
    ]
    return pd.DataFrame(rows, columns=EXCEPTIONS.column_names)


def _had_its_day(units: str, day: str) -> str:
    """Return what became of a dated override; one of zero was a wait, and no order."""
    if not units.strip("0."):
        return f"the override of 0 held orders until {day}; clear it"
    return f"the override of {units} was ordered on {day}; clear it"


def _described(rows: pd.DataFrame, entered: pd.DataFrame) -> pd.DataFrame:
    """Return rows with the description of their item, "" where no row of the items has it."""
    first = entered.drop_duplicates(KEY)[[*KEY, "description"]]
    return rows.merge(first, on=KEY, how="left").fillna({"description": ""})
