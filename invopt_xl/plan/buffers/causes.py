"""Why reorder points differ between two plans, in words with units.

Causes get what they would change under steady demand and gamma lead times, at the floors and caps of the plan
(`policy.buffers.explain_change`). The little that is missing to the change in the plan is spread over them in
proportion; where it is not little, it is named instead.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.plan.buffers.model import BESIDE_DRIVERS, ReorderModel, drivers_of, has_no_levels, models
from invopt_xl.plan.parameters import Parameters
from invopt_xl.policy.buffers import DRIVERS, BufferChange, explain_change
from invopt_xl.policy.buffers.wording import Reason, told

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

LEAST = 0.05
"""Changes of fewer units are not told."""

_MOST_REASONS = 3

_MINOR, _NO_WORD = 0.03, 0.003
"""Reasons below this share of all that moved are summed up, and below this share the sum is left out."""

_LITTLE = 0.5
"""What is missing to the change is spread over its causes up to this share of what they change."""

_ALONE, _FAR = 0.98, 3.0
"""A cause that makes up this share of what moved has the whole change, up to so many times as large or as small."""

_ONE_UNIT = 1.0 + 1e-6
_SOME = 0.02
"""Where demand comes in whole units, causes of so many units may be what makes the reorder point step by one."""

_ALONG = 0.5
"""A forecast error goes along with demand where the two changed, as shares, by the same but for this share of it."""

_SHAPE = "shape of demand and lead times, floors and lots"


def reasons(before: pd.DataFrame, after: pd.DataFrame, items: pd.DataFrame, parameters: Parameters) -> list[str]:
    """Return for each item why its reorder point changed, empty where it did not.

    Parameters
    ----------
    before, after
        What the buffers are made of in the two plans, of the same items in one order (`made_of.buffers_of`).
    items
        The items of the second plan.
    parameters
        For the length and the name of a period.

    Notes
    -----
    Numbers with their signs add up to the change, but for rounding to three digits.
    """
    change = (after["reorder_point"] - before["reorder_point"]).to_numpy(dtype=np.float64)
    none = has_no_levels(before) | has_no_levels(after)
    told_of = np.abs(change) >= LEAST
    words = np.full(len(after), "", dtype=object)
    for row in np.flatnonzero(told_of & none):
        words[row] = told([(_set_or_not(items.iloc[row], after.iloc[row]), float(change[row]))], 1, LEAST)
    if len(changed := np.flatnonzero(told_of & ~none)):
        words[changed] = _words(before.iloc[changed], after.iloc[changed], items.iloc[changed], parameters)
    return [str(each) for each in words]


def _set_or_not(item: pd.Series, after: pd.Series) -> str:
    """Return what became of an item that has levels in one of the two plans only."""
    if after["reorder_point"] > 0:
        return "levels can be set again"
    why = str(item.get("refused") or "").replace("; ", ", ")
    return f"levels cannot be set ({why})" if why else "levels cannot be set"


def _words(before: pd.DataFrame, after: pd.DataFrame, items: pd.DataFrame, parameters: Parameters) -> list[str]:
    """Return the reasons of items that changed."""
    change = (after["reorder_point"] - before["reorder_point"]).to_numpy(dtype=np.float64)
    then, now = models(before, after, items, parameters.calendar.days_per_period)
    causes = _Causes.of(before, after, then, now).closed(change, now.counts)
    rough = np.flatnonzero(now.counts & (np.abs(causes.rest) >= LEAST))
    words = causes.words(parameters.period)
    if len(rough):
        part = [model.rows(rough).smooth() for model in (then, now)]
        finer = _Causes.of(before.iloc[rough], after.iloc[rough], *part).closed(change[rough], now.counts[rough])
        for row, better, left in zip(rough, finer.words(parameters.period), finer.rest, strict=True):
            if abs(left) < abs(causes.rest[row]):
                words[row] = better
    return words


@dataclass(frozen=True, eq=False)
class _Causes:
    """What changed the reorder points of items, units; drivers in the columns of ``found``, others beside it.

    Parameters
    ----------
    before, after
        What the buffers are made of.
    found
        What the drivers did.
    others
        What service measure, course of demand and lasting of errors did, shape (items, 3).
    rest
        What none of them explains, shape (items,).
    """

    before: pd.DataFrame
    after: pd.DataFrame
    found: BufferChange
    others: FloatArray
    rest: FloatArray

    @classmethod
    def of(cls, before: pd.DataFrame, after: pd.DataFrame, then: ReorderModel, now: ReorderModel) -> _Causes:
        """Find the causes; what is beside the drivers is replaced first."""
        old, new = drivers_of(before, after), drivers_of(after, before)
        found = explain_change(old, new, now.remembering())
        level, others = then.reorder_point(old), np.zeros((len(after), len(BESIDE_DRIVERS)))
        for place, name in enumerate(BESIDE_DRIVERS):
            other = getattr(then, name) != getattr(now, name)
            then = replace(then, **{name: getattr(now, name)})
            if other.any():
                reached = then.rows(other).reorder_point(old.rows(other))
                others[other, place] = reached - level[other]
                level[other] = reached
        return cls(before, after, _error_with_demand(found), others, np.zeros(len(after)))

    def closed(self, change: FloatArray, counts: BoolArray) -> _Causes:
        """Return causes that add up to the change, with what none of them explains as the rest.

        Where demand comes in whole units, one step may need all causes of its direction together, and takes them as
        they are.
        """
        added = np.hstack([self.found.contribution, self.others])
        explained, moved = added.sum(axis=1), np.abs(added).sum(axis=1)
        missing = change - explained
        little = (np.abs(missing) <= _LITTLE * moved * _ONE_UNIT) | _is_of_one_cause(added, change)
        little &= moved > 0
        alike = np.where(added * missing[:, None] > 0, np.abs(added), 0.0)
        step = ~little & counts & (np.abs(missing) <= _ONE_UNIT) & (alike.sum(axis=1) > _SOME)
        shares = np.where(little[:, None], np.abs(added), np.where(step[:, None], alike, 0.0))
        total = shares.sum(axis=1)
        factor = np.divide(missing, total, out=np.zeros(len(change)), where=total > 0)
        added = added + shares * factor[:, None]
        found = replace(self.found, contribution=added[:, : len(DRIVERS)])
        rest = np.where(little | step, 0.0, missing)
        return replace(self, found=found, others=added[:, len(DRIVERS) :], rest=rest)

    def words(self, period: str) -> list[str]:
        """Return the reasons of every item."""
        return [self._words_of(row, period) for row in range(len(self.rest))]

    def _words_of(self, row: int, period: str) -> str:
        measure, ahead, growth = (float(added) for added in self.others[row])
        together = "more" if growth > 0 else "less"
        listed: list[Reason] = [
            *self.found.reasons(row, period),
            (self._another(row, "service_measure", "service measure"), measure),
            ("season, trend and promotions ahead", ahead),
            (f"forecast errors add up {together} from {period} to {period}", growth),
            (self._another(row, "distribution", "distribution of demand") or _SHAPE, float(self.rest[row])),
        ]
        total = sum(abs(added) for _, added in listed)
        return told(listed, _MOST_REASONS, max(LEAST, _MINOR * total), max(LEAST, _NO_WORD * total))

    def _another(self, row: int, column: str, name: str) -> str:
        """Return what became of a word, empty where it stayed.

        What stands in brackets behind it, as why a distribution was taken, is no part of it: its figures differ at
        every refresh.
        """
        then, now = (str(buffers[column].iat[row] or "").split(" (")[0] for buffers in (self.before, self.after))
        return f"{name} changed from {then} to {now}" if then and now and then != now else ""


def _is_of_one_cause(added: FloatArray, change: FloatArray) -> BoolArray:
    """Tell which items have a single cause that is more or less as large as the whole change."""
    explained = added.sum(axis=1)
    alone = np.abs(added).max(axis=1) >= _ALONE * np.abs(added).sum(axis=1)
    ratio = np.divide(change, explained, out=np.zeros(len(change)), where=explained != 0)
    return np.asarray(alone & (ratio > 1.0 / _FAR) & (ratio < _FAR))


def _error_with_demand(found: BufferChange) -> BufferChange:
    """Return reasons in which a forecast error that moved in proportion to demand is part of demand's own.

    More of the same demand is one thing to a planner. Told apart, the mean at an unchanged error would look steadier.
    """
    mean, error = (DRIVERS.index(name) for name in ("demand_mean", "demand_deviation"))
    before, after = found.before, found.after
    along = np.ones(len(found.contribution), dtype=bool)
    for name in ("demand_mean", "demand_deviation"):
        along &= (before.of(name) > 0) & (after.of(name) > 0) & (before.of(name) != after.of(name))
    shares = [np.log(after.of(name)[along] / before.of(name)[along]) for name in ("demand_mean", "demand_deviation")]
    along[along] = np.abs(shares[1] - shares[0]) <= _ALONG * np.abs(shares[0])
    contribution = found.contribution.copy()
    contribution[along, mean] += contribution[along, error]
    contribution[along, error] = 0.0
    return replace(found, contribution=contribution)
