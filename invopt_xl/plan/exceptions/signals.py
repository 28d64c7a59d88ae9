"""One kind of exception over all items, and how its words are made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.plan.columns import EXCEPTIONS
from invopt_xl.plan.explain import amount

LIKELY = 0.5
"""A stock-out more likely than this before an order placed next period could arrive is critical."""

CRITICAL_SHARE = 0.001
"""A stock-out that may cost at least this share of a period's demand at cost is critical; less is a warning."""

CRITICAL_WASTE = 0.01
"""Stock that will spoil and is worth at least this share of a period's demand at cost is critical."""

SPOILAGE = 1.0
"""Stock worth at most this much money may outlast its shelf life without a word."""


@dataclass(frozen=True)
class Signal:
    """One kind of exception over all items: which rows, how bad, what to say and do."""

    kind: str
    severity: str | pd.Series[str]
    rows: npt.NDArray[np.bool_]
    value: pd.Series[float]
    message: pd.Series[str]
    action: str | pd.Series[str]


def table_of(signal: Signal, items: pd.DataFrame) -> pd.DataFrame:
    """Return the exceptions of a signal, with the columns of ``tblExceptions``."""
    rows = items.loc[signal.rows, ["item", "location", "description"]]
    return rows.assign(
        severity=signal.severity if isinstance(signal.severity, str) else signal.severity[signal.rows],
        kind=signal.kind,
        message=signal.message[signal.rows],
        value_at_stake=signal.value[signal.rows].round(2),
        action=signal.action if isinstance(signal.action, str) else signal.action[signal.rows],
    )[EXCEPTIONS.column_names]


def severity_by_value(items: pd.DataFrame, value: pd.Series[float], share: float) -> pd.Series[str]:
    """Return critical where much money is at stake, else warning.

    Parameters
    ----------
    items
        The planned items, with a period's demand.
    value
        Money at stake for each.
    share
        Share of a period's demand at cost, of all items together, from which on it is critical.
    """
    least = share * float((items["demand_per_period"] * items["unit_cost"]).sum())
    return pd.Series("warning", index=items.index).mask(value >= least, "critical")


def there_in_words(items: pd.DataFrame) -> pd.Series[str]:
    """Return what is there and what comes in time, in words."""
    coming = items["available"] - items["on_hand"]
    later = (items["on_order"] - coming).round(6)
    words = messages("{} on hand and {} due in time", items["on_hand"], coming)
    return words + messages(" ({} more come later)", later).where(later > 0, "")


def messages(template: str, *columns: pd.Series[float]) -> pd.Series[str]:
    """Return a template filled in with the numbers of each row."""
    texts = [template.format(*map(amount, row)) for row in zip(*(c.fillna(0.0) for c in columns), strict=True)]
    return pd.Series(texts, index=columns[0].index, dtype=object)
