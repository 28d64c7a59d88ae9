"""What is asked of a mark-down: which items, by when, and how low a price may go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from difflib import get_close_matches
from math import ceil

import numpy as np
import pandas as pd

from invopt_xl.errors import InputError, require
from invopt_xl.plan.columns import Tables
from invopt_xl.plan.excess import ActionTerms
from invopt_xl.plan.markdown.span import first_days
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quantities import told_from
from invopt_xl.policy.costs import FloatArray

MOST_PERIODS = 52
"""Periods that a price path covers at most."""


@dataclass(frozen=True)
class Asked:
    """What is to be cleared, and the guard-rails.

    Parameters
    ----------
    items
        Only these; all with excess, or that will spoil, unless given.
    before
        Day by which all is to be sold, such as a season's end: nothing sells from it on. Unless given paths end with
        the period in which `excess_cover_days` do, and what is left then sells on at today's price.
    floor
        Lowest price as a share of unit cost: 1 never sells below cost.
    largest_discount
        Largest share off today's price.
    salvage
        What a unit brings that nobody has bought in the end, as a share of unit cost; past its shelf life nothing.
    disposal
        What it costs to be rid of such a unit, as a share of unit cost.
    write_off_days
        Where stock sells on: days from now after which what is left of it is written off.

    Raises
    ------
    InputError
        If a share is out of its bounds.
    """

    items: Sequence[str] = ()
    before: date | None = None
    floor: float = 1.0
    largest_discount: float = 0.7
    salvage: float = ActionTerms.salvage_share
    disposal: float = ActionTerms.disposal_share
    write_off_days: float = ActionTerms.write_off_days

    def __post_init__(self) -> None:
        require(
            0 <= self.floor <= 10, "floor", self.floor, "a share of unit cost such as 0.8: at least 0 and at most 10"
        )
        require(
            0 < self.largest_discount < 1, "largest discount", self.largest_discount, "between 0 and 1, such as 0.7"
        )
        for name in ("salvage", "disposal"):
            value = getattr(self, name)
            require(0 <= value <= 1, name, value, "a share of unit cost from 0 to 1, such as 0.1")

    @property
    def terms(self) -> ActionTerms:
        """What a review of excess takes what is left to be worth."""
        return ActionTerms(write_off_days=self.write_off_days, salvage_share=self.salvage, disposal_share=self.disposal)

    def terms_of(self, parameters: Parameters) -> ActionTerms:
        """Return the terms where other actions are weighed: after a last day on sale all that is left is written off.

        Examples
        --------
        >>> Asked(before=date(2018, 1, 31)).terms_of(Parameters(date(2018, 1, 1))).write_off_days
        30.0
        """
        if self.before is None:
            return self.terms
        return replace(self.terms, write_off_days=self.days(parameters))

    def assumed(self, parameters: Parameters) -> tuple[str, ...]:
        """Return what is assumed of stock that is left when the path ends, in sentences.

        Examples
        --------
        >>> Asked(before=date(2018, 1, 31)).assumed(Parameters(date(2018, 1, 1)))
        ('Nothing sells from 2018-01-31 on; what is left then brings 10% of cost, past its shelf life nothing',)
        """
        brings = f"brings {self.salvage:.0%} of cost, past its shelf life nothing"
        if self.disposal:
            brings += f", and costs {self.disposal:.0%} of cost to dispose of"
        if self.before is not None:
            return (f"Nothing sells from {self.before} on; what is left then {brings}",)
        end = parameters.plan_date + timedelta(days=self.days(parameters))
        return (
            f"No last day on sale is named: what is left on {end} sells on at today's price until "
            f"{self.write_off_days:g} days from now, or its shelf life, unless its demand ends",
            "A unit that sells on is worth the purchase it saves, its cost, and of a phased-out item its price, less "
            f"holding; what is left after that {brings}",
        )

    def periods(self, parameters: Parameters) -> int:
        """Return how many periods there are until then; a period that has begun by then counts.

        Examples
        --------
        >>> Asked(before=date(2018, 1, 31)).periods(Parameters(date(2018, 1, 1)))
        5
        """
        calendar = parameters.calendar
        if self.before is None:
            begun = 1.0 - calendar.share_left
            return min(max(ceil(parameters.excess_cover_days / calendar.days_per_period + begun), 1), MOST_PERIODS)
        day = np.datetime64(self.before, "D")
        later = f"after the plan date {parameters.plan_date}"
        require(self.before > parameters.plan_date, "the date to sell by", str(self.before), later)
        last = int(calendar.index(np.array([day]))[0])
        periods = last + int(calendar.start(np.array([last]))[0] < day)
        bound = f"at most {MOST_PERIODS} periods after the plan date {parameters.plan_date}"
        require(periods <= MOST_PERIODS, "the date to sell by", str(self.before), bound)
        return max(periods, 1)

    def days(self, parameters: Parameters) -> float:
        """Return after how many days paths end: on the day that was named, else with their last period.

        Examples
        --------
        >>> Asked(before=date(2018, 1, 31)).days(Parameters(date(2018, 1, 1)))
        30.0
        """
        if self.before is not None:
            return float((self.before - parameters.plan_date).days)
        return float(first_days(parameters.calendar, self.periods(parameters))[-1])

    def check(self, items: pd.DataFrame, rejected: Mapping[str, str] | None = None) -> None:
        """Refuse items that the plan does not have.

        Parameters
        ----------
        items
            The items that are planned.
        rejected
            Why others are not, by name, as `rejected_items` returns it.

        Raises
        ------
        InputError
            If an item is not one of the plan's.
        """
        known = items["item"].astype(str)
        for name in self.items:
            if not (known == name).any():
                if why := (rejected or {}).get(name):
                    raise InputError(f"{name} is not planned: {why}")
                similar = get_close_matches(name, known.unique().tolist(), 1)
                raise InputError(f"there is no item {name!r}{f'; found {similar[0]!r}' if similar else ''}")

    def chosen(self, items: pd.DataFrame, too_much: FloatArray) -> list[int]:
        """Return the rows to look at: the items named, else those with too much on hand (units), most money first."""
        self.check(items)
        named = items["item"].astype(str).isin(self.items).to_numpy()
        wanted = named if self.items else too_much > told_from(items)
        money = too_much * items["unit_cost"].to_numpy(dtype=np.float64)
        rows = np.flatnonzero(wanted)
        return [int(row) for row in rows[np.argsort(-money[rows], kind="stable")]]


def rejected_items(raw: Tables, quality: pd.DataFrame) -> dict[str, str]:
    """Return why items of ``tblItems`` are not planned, by name.

    Parameters
    ----------
    raw
        Tables as read, with rows as the source counts them.
    quality
        What was found of them: `plan.quality.Admitted.quality`.
    """
    found = quality[(quality["severity"] == "rejected") & (quality["table"] == "tblItems") & quality["row"].notna()]
    names = raw["items"]["item"].astype(str)
    told: dict[str, str] = {}
    for row in found.to_dict("records"):
        if row["row"] in names.index:
            name = names.loc[[row["row"]]].iloc[0].strip()
            told.setdefault(name, f"{row['column']} {row['reason']} (row {row['row']:g} of tblItems)")
    return told
