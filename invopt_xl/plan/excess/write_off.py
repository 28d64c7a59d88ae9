"""When what is left of stock is written off, and what that brings."""

from __future__ import annotations

import numpy as np
import pandas as pd

from invopt_xl.plan.excess.terms import ActionTerms
from invopt_xl.policy.costs import FloatArray


def write_off_days(rows: pd.DataFrame, terms: ActionTerms) -> FloatArray:
    """Return after how many days what is left of each item is written off: its shelf life, if that is shorter."""
    return np.asarray(rows["shelf_life_days"].clip(upper=terms.write_off_days).fillna(terms.write_off_days), np.float64)


def salvage(rows: pd.DataFrame, terms: ActionTerms) -> FloatArray:
    """Return what a unit brings that is written off, money: past its shelf life nothing."""
    spoilt = rows["shelf_life_days"].to_numpy(np.float64) <= terms.write_off_days
    return np.where(spoilt, 0.0, terms.salvage_share * rows["unit_cost"].to_numpy(np.float64))


def written_off_worth(rows: pd.DataFrame, terms: ActionTerms) -> FloatArray:
    """Return what a unit is worth that is written off, money: its salvage less its disposal.

    Examples
    --------
    >>> milk_and_tools = pd.DataFrame({"unit_cost": [2.0, 2.0], "shelf_life_days": [14.0, float("nan")]})
    >>> written_off_worth(milk_and_tools, ActionTerms(salvage_share=0.1, disposal_share=0.05)).tolist()
    [-0.1, 0.1]
    """
    return salvage(rows, terms) - terms.disposal_share * rows["unit_cost"].to_numpy(np.float64)
