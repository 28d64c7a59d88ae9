"""What segments stand on, and which items could not be judged, in sentences."""

from __future__ import annotations

import pandas as pd

from invopt_xl.domain.words import counted, named
from invopt_xl.forecasting.forecastability import LEAST_JUDGED
from invopt_xl.forecasting.panel.histories import Histories
from invopt_xl.plan.keys import item_names
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.segmentation.change import YEARS_TO_COMPARE
from invopt_xl.plan.segmentation.life_cycles import UNKNOWN
from invopt_xl.plan.segmentation.past_classes import Stability
from invopt_xl.plan.segmentation.speed import periods_per_year


def notes(
    rows: pd.DataFrame, looked: Stability, past: Histories, parameters: Parameters, *, planned: bool
) -> tuple[str, ...]:
    """Return what the classes stand on, and what could not be judged.

    Parameters
    ----------
    rows
        Items as `segment` finds them.
    looked
        Classes of the last months.
    past, parameters
        What they were found from.
    planned
        Whether value is of the demand that a plan expects.
    """
    said = []
    if not planned:
        said.append("Value and margin are of demand a period over the last year of history, not of a forecast.")
    if past.periods < YEARS_TO_COMPARE * periods_per_year(parameters.calendar):
        said.append(
            f"{counted(past.periods, parameters.calendar.period)} of history cannot tell an item's season from a "
            "trend: growth and decline are of the last half against the one before, less the season that all share."
        )
    said += _not_judged(rows)
    if not len(looked.months):
        said.append("There is no month to look back to: whether classes hop cannot be told.")
    return tuple(said)


def _not_judged(rows: pd.DataFrame) -> list[str]:
    short = rows["known_periods"] < 2 * LEAST_JUDGED
    cases = (
        (rows["margin_class"] == "", "without a price: no margin, and no class by it"),
        ((rows["unit_price"] > 0) & (rows["unit_price"] < rows["unit_cost"]), "sold below cost: C by margin"),
        (rows["unit_cost"] == 0, "at a cost of zero: worth nothing, so C by value"),
        (short, f"with fewer than {2 * LEAST_JUDGED} known periods: not judged by forecasts, so Z"),
        (~short & rows["forecast_error"].isna(), "without demand of late: not judged by forecasts, so Z"),
        (rows["life_cycle"] == UNKNOWN, "with too short a history to say where they are in their life"),
    )
    return [_named(item_names(rows[which], rows), words) for which, words in cases if which.any()]


def _named(items: list[str], words: str) -> str:
    """Return a sentence about some items that names the first of them.

    Examples
    --------
    >>> _named(list("abcdefg"), "without a price")
    '7 items without a price (a, b, c, d, e and 2 more).'
    """
    first, colon, rest = words.partition(":")
    return f"{counted(len(items), 'item')} {first} ({named(items)}){colon}{rest}."
