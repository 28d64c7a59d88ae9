"""What is assumed of the ways to be rid of stock, each a number that can be given."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np
import pandas as pd

from invopt_xl.errors import require
from invopt_xl.plan.excess.ageing import AgeingRules
from invopt_xl.plan.parameters import Parameters
from invopt_xl.policy.costs import BoolArray

MOST_DAYS = 10_000


def _term(default: float, words: str) -> float:
    return field(default=default, metadata={"words": words})


@dataclass(frozen=True, eq=False)
class ActionTerms:
    """What each way to be rid of stock brings and costs; the defaults are assumptions, and results call them so.

    Parameters
    ----------
    write_off_days
        Stock that is left after so many days, or its shelf life if shorter, is written off.
    salvage_share
        What cleared or written-off goods bring, share of cost; goods past their shelf life bring nothing.
    refund_share
        What a supplier refunds of goods returned, share of cost.
    return_cost
        Freight and handling of a unit returned, share of cost.
    mark_down_share
        What marked-down goods bring, share of cost, unless their demand has ended: then they stay till the write-off.
    promotion_discount
        What a promotion takes off the price, share of price, from all that it sells.
    promotion_lift
        What it sells on top of usual demand, share of that.
    promotion_days
        How long it runs, days.
    disposal_share
        What scrapping or writing off costs, share of cost.
    mark_down_recovery
        What marked-down goods bring, share of cost by row of the items, where it is estimated; NaN: as assumed.
    mark_down_units
        How many units marking down sells besides those that sell anyway, by row of the items; NaN: any number.

    Raises
    ------
    InputError
        If a share is not one.
    """

    write_off_days: float = _term(365.0, "stock left after {:g} days is written off")
    salvage_share: float = _term(0.1, "cleared or written-off goods bring {:.0%} of cost")
    refund_share: float = _term(0.8, "suppliers refund {:.0%} of cost")
    return_cost: float = _term(0.05, "a return costs {:.0%} of cost")
    mark_down_share: float = _term(0.5, "marked-down goods bring {:.0%} of cost unless their demand has ended")
    promotion_discount: float = _term(0.2, "a promotion takes {:.0%} off the price")
    promotion_lift: float = _term(0.5, "a promotion sells {:.0%} more")
    promotion_days: float = _term(28.0, "a promotion runs {:g} days")
    disposal_share: float = _term(0.0, "disposal costs {:.0%} of cost")
    mark_down_recovery: pd.Series[float] | None = None
    mark_down_units: pd.Series[float] | None = None

    def __post_init__(self) -> None:
        for name in (each.name for each in fields(self) if "words" in each.metadata):
            value, days = getattr(self, name), name.endswith("_days")
            most = MOST_DAYS if days else 10 if name == "promotion_lift" else 1
            sound = 0 < value <= most if days else 0 <= value <= most
            require(sound, name, value, "days above 0" if days else f"a share from 0 to {most}, such as 0.8")

    def estimated(self, rows: pd.Index) -> BoolArray:
        """Return for which of some rows of the items it is estimated what a mark-down brings."""
        found = self.mark_down_recovery
        return np.zeros(len(rows), dtype=bool) if found is None else found.reindex(rows).notna().to_numpy(bool)

    @property
    def assumed(self) -> dict[str, str]:
        """The terms that are as they are by default, each by its name, in words: nobody has given them.

        Examples
        --------
        >>> ActionTerms(refund_share=1.0).assumed["salvage_share"]
        'cleared or written-off goods bring 10% of cost'
        >>> set(ActionTerms().assumed) - set(ActionTerms(refund_share=1.0).assumed)
        {'refund_share'}
        """
        told = [each for each in fields(self) if "words" in each.metadata and getattr(self, each.name) == each.default]
        words = {each.name: each.metadata["words"].format(each.default) for each in told}
        estimated = self.mark_down_recovery
        if estimated is not None and "mark_down_share" in words:
            words["mark_down_share"] = f"where no price path tells, {words['mark_down_share']}"
            if estimated.notna().all():
                del words["mark_down_share"]
        return words


@dataclass(frozen=True, eq=False)
class Assumptions:
    """What a review of excess assumes.

    Parameters
    ----------
    horizon_days
        Stock that demand does not use within so many days is too much; the plan's ``excess_cover_days`` if None.
    ageing
        From when on stock counts as slow, non-moving and dead.
    terms
        What ways to be rid of stock bring and cost.

    Raises
    ------
    InputError
        If the horizon is no number of days above 0.
    """

    horizon_days: float | None = None
    ageing: AgeingRules = field(default_factory=AgeingRules)
    terms: ActionTerms = field(default_factory=ActionTerms)

    def __post_init__(self) -> None:
        days = self.horizon_days
        require(days is None or 0 < days <= MOST_DAYS, "horizon_days", days, "days above 0, such as 91")

    def horizon(self, parameters: Parameters) -> float:
        """Return after how many days what is left is too much."""
        return parameters.excess_cover_days if self.horizon_days is None else self.horizon_days
