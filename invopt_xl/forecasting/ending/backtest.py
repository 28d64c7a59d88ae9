"""Early warnings of the past, with only what was known then, against the usual rule: no sale in so many periods."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from invopt_xl.errors import require
from invopt_xl.forecasting.ending.chances import LEAST_PERIODS, exposures
from invopt_xl.forecasting.ending.fitting import LEAST_DEMANDS, Intervals, fit_ending_model, intervals_seen
from invopt_xl.forecasting.ending.model import EndingModel, silence_chance
from invopt_xl.forecasting.ending.walk import State, walk

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]

LONGEST_SILENCE = 120
"""Periods of silence that thresholds are compared over."""

LIKELY = 0.5
"""Chance of having ended from which on an item is flagged in any case."""

LEAST_TRAINING = 12
"""Periods to learn from at least."""


@dataclass(frozen=True)
class Trial:
    """What is tried.

    Parameters
    ----------
    cut
        First period of the test: the model and its threshold know nothing from there on.
    rule_periods
        The usual rule flags an item after so many periods without a sale.
    sure_periods, sure_intervals
        An item has died if it is silent to the end of its record for at least so many periods, and at least so many
        times as long as it used to be silent between two demands. Silent for less at the end: not known.
    period
        What a period is: day, week or month.
    """

    cut: int
    rule_periods: int = 13
    sure_periods: int = 13
    sure_intervals: float = 3.0
    period: str = "week"


@dataclass(frozen=True, eq=False)
class EndingTrial:
    """What both ways to warn said and when, and what became of the items.

    Parameters
    ----------
    trial
        What was tried.
    model, threshold
        As learned before the cut; an item is flagged from this chance of having ended on.
    ended
        Chance told at the end of each period, shape (items, periods).
    judged
        Where it is told, shape (items, periods).
    silent
        Known periods since the last sale, shape (items, periods).
    none_soon
        Chance told that nothing comes in the next `Trial.rule_periods`, shape (items, periods).
    sold, known
        What came, and where that is known, shape (items, periods).
    last
        Each item's last period with a sale.
    interval
        Periods from one demand to the next, as of the last sale.
    died
        Items whose last sale is in the test and that have surely died.
    """

    trial: Trial
    model: EndingModel
    threshold: float
    ended: Floats
    judged: Flags
    silent: Floats
    none_soon: Floats
    sold: Flags
    known: Flags
    last: Counts
    interval: Floats
    died: Flags

    def rule_flags(self) -> Flags:
        """Return where the usual rule flags an item, shape (items, periods)."""
        return np.asarray(self.judged & (self.silent >= self.trial.rule_periods))

    def model_flags(self, threshold: float | None = None) -> Flags:
        """Return where the early warning flags an item, shape (items, periods)."""
        return np.asarray(self.judged & (self.ended >= (self.threshold if threshold is None else threshold)))

    def false_alarms(self, flags: Flags) -> Counts:
        """Return the flags of each item that a sale proved wrong within the test, shape (items,)."""
        start = self.trial.cut
        return np.asarray((self.sold[:, start + 1 :] & flags[:, start:-1]).sum(axis=1))

    def live_periods(self) -> Counts:
        """Return the periods of the test in which each item was judged and known to be alive, as it sold later."""
        alive = np.arange(self.sold.shape[1]) < self.last[:, None]
        return np.asarray((self.judged & self.known & alive)[:, self.trial.cut :].sum(axis=1))

    def delays(self, flags: Flags) -> Floats:
        """Return the periods from the last sale to the flag that stood at the end; infinite where none did."""
        after = flags & (np.arange(flags.shape[1]) >= self.last[:, None])
        return np.where(after.any(axis=1), after.argmax(axis=1) - self.last, np.inf)

    def threshold_for(self, false_alarms: int) -> float:
        """Return the lowest threshold with at most so many false alarms in the test: known only afterwards."""
        start = self.trial.cut
        wrong = self.sold[:, start + 1 :] & self.judged[:, start:-1]
        chances = np.sort(self.ended[:, start:-1][wrong])[::-1]
        return float(np.nextafter(chances[false_alarms], 1.0)) if false_alarms < len(chances) else 0.0


def try_endings(
    quantity: Floats, first: Counts, trial: Trial, *, in_stock: Flags | None = None, price: Floats | None = None
) -> EndingTrial:
    """Return what would have been told of each item in the past, and what became of it.

    The model and the threshold are learned before the cut. From there on each period's chance stands on what was known
    at its end.

    Parameters
    ----------
    quantity, first, in_stock, price
        As `demand_endings` takes them.
    trial
        What to try.

    Raises
    ------
    InputError
        If there is too little history before or after the cut.
    """
    periods = quantity.shape[1]
    later = trial.cut + trial.sure_periods
    require(trial.cut >= LEAST_TRAINING, "periods to learn from", trial.cut, f"at least {LEAST_TRAINING}")
    require(periods > later, "periods of history", periods, f"more than {later}, to see who died after the cut")
    quantity = np.where(np.isfinite(quantity), quantity, np.nan)
    exposure = exposures(quantity, first, in_stock, period=trial.period)
    before = slice(trial.cut)
    seen = intervals_seen(quantity[:, before], exposure[:, before], None if price is None else price[:, before])
    model = fit_ending_model(seen)
    threshold = flag_threshold(model, seen, trial.rule_periods)
    told = (_told(model, state, trial.rule_periods) for state in walk(quantity, exposure, price))
    ended, flags, silent, none_soon, interval = (np.stack(rows, axis=1) for rows in zip(*told, strict=True))
    judged = flags.astype(bool)
    sold = np.nan_to_num(quantity) > 0
    last = np.where(sold.any(axis=1), periods - 1 - sold[:, ::-1].argmax(axis=1), 0)
    at_last = np.arange(len(sold)), last
    sure = np.maximum(trial.sure_periods, trial.sure_intervals * interval[at_last])
    died = judged[at_last] & (last >= trial.cut) & (silent[:, -1] >= sure)
    return EndingTrial(
        *(trial, model, threshold, ended, judged, silent, none_soon),
        *(sold, ~np.isnan(quantity), last, interval[at_last], died),
    )


def _told(model: EndingModel, state: State, periods: int) -> tuple[Floats, Flags, Floats, Floats, Floats]:
    """Return what is told of all items at the end of a period: chance of having ended, whether judged, and the rest."""
    judged = (state.demands >= LEAST_DEMANDS) & (state.lived >= LEAST_PERIODS)
    return model.ended(state), judged, state.silent_periods, model.none_in(state, periods), state.interval


def flag_threshold(model: EndingModel, seen: Intervals, rule_periods: int) -> float:
    """Return the chance of having ended from which to flag: as `equal_false_alarms` has it, `LIKELY` at most.

    Where demand is so steady that the usual rule is hardly ever wrong, as few false alarms would leave items unflagged
    that have most likely ended.

    Parameters
    ----------
    model, seen, rule_periods
        As `equal_false_alarms` takes them.
    """
    return min(equal_false_alarms(model, seen, rule_periods), LIKELY)


def equal_false_alarms(model: EndingModel, seen: Intervals, rule_periods: int) -> float:
    """Return the chance of having ended from which to flag, for as many false alarms as the usual rule will raise.

    After each demand the rule raises one with the chance that another demand comes, but not in so many periods. A
    threshold does with the chance that it comes after the silence at which the threshold is reached. Both follow from
    the model for every demand it learned from, so that a silence which no record is long enough for counts as well.

    Parameters
    ----------
    model
        As learned.
    seen
        The demands it was learned from.
    rule_periods
        Periods without a sale after which the rule flags.
    """
    if not len(seen.silence):
        return LIKELY
    last = model.chance_last(seen.features)
    silences = np.arange(LONGEST_SILENCE, dtype=float)
    silent = np.stack([silence_chance(model, seen.pace, silence) for silence in silences], axis=1)
    alive = (1 - last)[:, None] * silent
    ended = last[:, None] / (last[:, None] + alive)
    wanted = alive[:, min(rule_periods, LONGEST_SILENCE - 1)].sum()
    low, high = 0.0, 1.0
    for _ in range(30):
        middle = (low + high) / 2
        reached = ended >= middle
        alarms = np.where(reached.any(axis=1), alive[np.arange(len(alive)), reached.argmax(axis=1)], 0.0).sum()
        low, high = (middle, high) if alarms > wanted else (low, middle)
    return high
