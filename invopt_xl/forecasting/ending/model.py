"""A demand that may be the last one: what silence, trend and rate together say about whether an item is still alive.

A cure model of intervals between demands. While alive, an item is asked for in each usual period with a chance that
is its own: beta-distributed over the items, so that after some demands the interval to the next has a beta-geometric
distribution. A small share of intervals are interruptions, such as stock that ran out unseen, which the longer they
have lasted the longer they last. Each demand may be the last, with a chance that depends on how demand moved until
then. So does an item drop out in the models of customers of Fader, Hardie & Lee (2005), "Counting your customers the
easy way", Marketing Science 24, 275-284, with time in periods as in Fader, Hardie & Shang (2010), "Customer-base
analysis in a discrete-time noncontractual setting", Marketing Science 29, 1086-1108. The chance to be the last is the
cured fraction of Farewell (1982), "The use of mixture models for the analysis of survival data with long-term
survivors", Biometrics 38, 1041-1046.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit, gammaln

from invopt_xl.forecasting.ending.walk import State

Floats = npt.NDArray[np.float64]

HALF_OVER = 3.5
"""Periods that half of all interruptions outlast; of those that do, half outlast twice as many more, and so on.

Fixed, for a portfolio that were free to stretch it would take ended items for interrupted ones. Weekly sales of a
grocer and of a gift shop and monthly ones of car parts all asked for about as many."""

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
        Share of intervals that are interruptions.
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
        return silence_chance(self, state.intervals, state.zeros, state.silence + more)

    def ended(self, state: State) -> Floats:
        """Return the chance that demand has ended: that no other demand will come after the last one."""
        last = self.last(state)
        return _told(last / (last + (1 - last) * self.silent(state)))

    def hazard(self, state: State) -> Floats:
        """Return the chance that demand ends within the coming period, if it has not ended yet."""
        a, b = self.rate
        comes = (a + state.intervals) / (a + b + state.intervals + state.zeros)
        return np.asarray(comes * self.last(state))

    def none_in(self, state: State, periods: float) -> Floats:
        """Return the chance that no demand comes in so many periods, be it that it has ended or that it pauses."""
        ended = self.ended(state)
        return np.asarray(ended + (1 - ended) * self.silent(state, periods) / self.silent(state))


def silence_chance(model: EndingModel, intervals: Floats, zeros: Floats, silence: Floats | float) -> Floats:
    """Return the chance that an item that is alive is silent for so many usual periods after a demand."""
    a, b = model.rate[0] + intervals, model.rate[1] + zeros
    share = model.interruption
    usual = np.exp(gammaln(b + silence) - gammaln(b) + gammaln(a + b) - gammaln(a + b + silence))
    return np.asarray((1 - share) * usual + share * HALF_OVER / (HALF_OVER + silence))


def _told(chance: Floats) -> Floats:
    return np.asarray(np.clip(chance, 1 - SURE, SURE))


SHIPPED = EndingModel((0.45, 1.1), 0.01, (-6.3, 2.0, 2.4, 0.3, 2.5, -1.0, 1.4, 5.0))
"""What a portfolio is taken for until its own past says otherwise: near what a grocer's first half-year showed."""
