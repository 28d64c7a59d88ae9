"""Order lines that two plans have differently, as a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from invopt_xl.optimise import LineChange
from invopt_xl.optimise.terms import FloatArray
from invopt_xl.plan.columns import ORDER_CHANGES
from invopt_xl.plan.explain import amount
from invopt_xl.plan.orders.lines import line_reasons, origin_names, sourced
from invopt_xl.plan.orders.planned import Planned
from invopt_xl.plan.parameters import Parameters

KINDS = {"new": "new", "gone": "gone", "moved": "moved", "more": "quantity", "less": "quantity"}
"""What a change is called in the table."""


@dataclass(frozen=True, eq=False)
class Lines:
    """The lines of a plan.

    Parameters
    ----------
    quantity
        Units by source and order period.
    value
        Their worth after discount, money, likewise.
    """

    quantity: FloatArray
    value: FloatArray


def change_table(
    items: pd.DataFrame,
    changes: Sequence[LineChange],
    before: Lines,
    after: tuple[Lines, Planned],
    parameters: Parameters,
    refused: Callable[[int, int], str] = lambda source, period: "",
) -> pd.DataFrame:
    """Return ``tblOrderChanges``: a row for each line within the horizon that changed, by date.

    Parameters
    ----------
    items
        The planned items.
    changes
        As `compare_plans` or `line_changes` finds them.
    before, after
        The lines, and the plan after, whose first sources are those of the lines.
    parameters
        For dates and the horizon.
    refused
        Says of a source and a period why it takes no order then, if it does not.
    """
    lines, planned = after
    kept = [one for one in changes if min(one.period, one.to_period) < parameters.horizon_periods]
    if not kept:
        return pd.DataFrame(columns=ORDER_CHANGES.column_names)
    source = np.array([one.source for one in kept], dtype=np.int64)
    old, new = (np.array([getattr(one, name) for one in kept]) for name in ("period", "to_period"))
    starts = parameters.calendar.start(np.arange(planned.problem.periods)).astype("datetime64[ns]")
    terms = sourced(items, planned, parameters).iloc[source].reset_index(drop=True)
    reasons = line_reasons(terms, planned, parameters, source, new)
    kinds = np.array([one.kind for one in kept])
    none = np.datetime64("NaT", "ns")
    return pd.DataFrame(
        {
            "change": [KINDS[kind] for kind in kinds],
            "supplier": np.array(origin_names(planned.sources), dtype=object)[source],
            "item": terms["item"].to_numpy(),
            "location": terms["location"].to_numpy(),
            "order_date_before": np.where(kinds == "new", none, starts[old]),
            "order_date_after": np.where(kinds == "gone", none, starts[new]),
            "quantity_before": [one.before for one in kept],
            "quantity_after": [one.after for one in kept],
            "value_difference": (
                np.where(kinds == "gone", 0.0, lines.value[source, new])
                - np.where(kinds == "new", 0.0, before.value[source, old])
            ).round(2),
            "why": [
                _why_gone(planned, one, before, lines, refused) if one.kind == "gone" else reason
                for one, reason in zip(kept, reasons, strict=True)
            ],
        }
    )[ORDER_CHANGES.column_names]


def _why_gone(
    planned: Planned, change: LineChange, before: Lines, after: Lines, refused: Callable[[int, int], str]
) -> str:
    """Return in a sentence what becomes of the demand of a line that is gone."""
    why = refused(change.source, change.period)
    item = planned.problem.source_item[: len(before.quantity)]  # behind them stand lines that are held up
    own = item == item[change.source]
    fewer = float(before.quantity[own].sum() - after.quantity[own].sum())
    rest = f"{amount(fewer)} fewer of the item are ordered in all" if fewer > 1e-6 else "other lines take its place"
    told = f"{why}; {rest}" if why else rest
    return f"{told[:1].upper()}{told[1:]}."
