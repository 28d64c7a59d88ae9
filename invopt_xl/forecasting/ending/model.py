"""A demand that may be the last one: what silence, trend and rate together say about whether an item is still alive.

A cure model of intervals between demands. While alive, an item is asked for in each usual period with a chance that is
its own: beta-distributed over the items, so that after some demands the interval to the next has a beta-geometric
distribution. A small share of intervals are interruptions, such as stock that ran out unseen, which the longer they
have lasted the longer they last; how small is learned from each item's own intervals as well. Each demand may be the
last, with a chance that depends on how demand moved until then. So does an item drop out in the models of customers of
Fader, Hardie & Lee (2005), "Counting your customers the easy way", Marketing Science 24, 275-284, with time in periods
as in Fader, Hardie & Shang (2010), "Customer-base analysis in a discrete-time noncontractual setting", Marketing
Science 29, 1086-1108. The chance to be the last is the cured fraction of Farewell (1982), "The use of mixture models
for the analysis of survival data with long-term survivors", Biometrics 38, 1041-1046.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from invopt_xl.forecasting.ending.walk import Pace, State, silent_so_long

Floats = npt.NDArray[np.float64]

INTERRUPTION_PERIODS, INTERRUPTION_TAIL = 4.0, 1.5
"""Scale and exponent of the (Lomax) distribution of how long interruptions last, in usual periods: half of them outlast
2.4, one in nine 13 and one in fifty a year of weeks.

Fixed, for a portfolio that were free to stretch them would take ended items for interrupted ones. Weekly sales of a
grocer and of a gift shop and monthly ones of car parts all asked for about as much."""

PRIOR_INTERVALS = 4.0
"""Intervals that a portfolio's share of interruptions counts for in that of an item: its own count for the rest, so
that of what never paused in a hundred weeks a pause is no likely tale."""

SURE = 0.998
"""No chance is told as nearer to 0 or 1 than this: no history proves it."""


@dataclass(frozen=True)
class EndingModel:
    """How demand ends, in one portfolio.

    Parameters
    ----------
    rate
        Parameters of the beta distribution of the items' chance of demand in a usual period.
    interruption
        Share of intervals that are interruptions, of an item of which nothing is known yet.
    weights
        What each of `walk.FEATURES` adds to the log-odds that a demand was the last one.
    """

    rate: tuple[float, float]
    interruption: float
    weights: tuple[float, ...]

    def last(self, state: State) -> Floats:
        """Return the chance that the demand an item had last was its last one, as it looked on that day."""
        return self.chance_last(state.features)

    def chance_last(self, features: Floats) -> Floats:
        """Return the chance that a demand with these features is the last one."""
        return np.asarray(expit(features @ np.array(self.weights)))

    def silent(self, state: State, more: float = 0.0) -> Floats:
        """Return the chance that an item that is alive is silent for as long as it has been, and some periods more."""
        return silence_chance(self, state.pace, state.silence + more)

    def ended(self, state: State) -> Floats:
        """Return the chance that demand has ended: that no other demand will come after the last one."""
        last = self.last(state)
        return _told(last / (last + (1 - last) * self.silent(state)))

    def hazard(self, state: State) -> Floats:
        """Return the chance that demand ends within the coming period, if it has not ended yet."""
        a, b = self.rate
        comes = (a + state.pace.intervals) / (a + b + state.pace.intervals + state.pace.zeros)
        return np.asarray(comes * self.last(state))

    def none_in(self, state: State, periods: float) -> Floats:
        """Return the chance that no demand comes in so many periods, be it that it has ended or that it pauses."""
        ended = self.ended(state)
        return np.asarray(ended + (1 - ended) * self.silent(state, periods) / self.silent(state))


def silence_chance(model: EndingModel, pace: Pace, silence: Floats | float) -> Floats:
    """Return the chance that an item that is alive is silent for so many usual periods after a demand."""
    usual = silent_so_long(model.rate[0] + pace.intervals, model.rate[1] + pace.zeros, silence)
    share = (PRIOR_INTERVALS * model.interruption + pace.pauses) / (PRIOR_INTERVALS + pace.number)
    return np.asarray((1 - share) * usual + share * _interrupted(silence))


def _interrupted(silence: Floats | float) -> Floats | float:
    """Return the chance that an interruption outlasts so many usual periods."""
    return (1.0 + silence / INTERRUPTION_PERIODS) ** -INTERRUPTION_TAIL


def _told(chance: Floats) -> Floats:
    return np.asarray(np.clip(chance, 1 - SURE, SURE))


SHIPPED = EndingModel((0.45, 1.1), 0.01, (-6.3, 2.0, 2.4, 0.3, 2.5, -1.0, 1.4, 5.0))
"""What a portfolio is taken for until its own past says otherwise: near what a grocer's first half-year showed."""
