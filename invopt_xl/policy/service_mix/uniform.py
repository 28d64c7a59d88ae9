"""What a mix must beat: the same target for every item, and what the mix saves at the same overall service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from invopt_xl.errors import require
from invopt_xl.policy.costs import FloatArray
from invopt_xl.policy.service_mix.exchange import ServiceExchange, ServiceMix

_BISECTIONS = 40


@dataclass(frozen=True, eq=False)
class UniformTarget:
    """One target for all items that together gives an overall fill rate.

    Parameters
    ----------
    target
        The same fill rate, or chance of no stock-out in a protection interval, for every item within its bounds.
    levels
        What it gives. Its price is told as zero: no one price holds for all items.
    """

    target: float
    levels: ServiceMix


@dataclass(frozen=True, eq=False)
class MixComparison:
    """The best mix beside uniform targets that give at least the same overall fill rate.

    Parameters
    ----------
    mix
        The least stock money for the overall fill rate.
    uniform_fill, uniform_cycle
        The same fill rate, and the same cycle service, for every item.
    """

    mix: ServiceMix
    uniform_fill: UniformTarget
    uniform_cycle: UniformTarget

    @property
    def saved_beside_fill(self) -> float:
        """Share of the stock money of a uniform fill rate that the mix saves."""
        return _saved(self.mix, self.uniform_fill)

    @property
    def saved_beside_cycle(self) -> float:
        """Share of the stock money of a uniform cycle service that the mix saves."""
        return _saved(self.mix, self.uniform_cycle)


def _saved(mix: ServiceMix, uniform: UniformTarget) -> float:
    money = uniform.levels.money
    return 1.0 - mix.money / money if money > 0 else 0.0


def uniform_fill_rate(exchange: ServiceExchange, target: float) -> UniformTarget:
    """Return the least fill rate, the same for every item, that gives an overall fill rate.

    Where an item's bounds forbid it, the item takes its nearest bound; whole units may give more than asked.

    Raises
    ------
    InputError
        If the target is no fill rate, or out of reach.
    """
    return _uniform(exchange, exchange.table.fill_rate, target)


def uniform_cycle_service(exchange: ServiceExchange, target: float) -> UniformTarget:
    """Return the least chance of no stock-out in a protection interval, the same for all, that gives a fill rate.

    Raises
    ------
    InputError
        If the target is no fill rate, or out of reach.
    """
    served = exchange.stocking.protection.cdf(exchange.table.level)
    return _uniform(exchange, np.maximum.accumulate(served, axis=1), target)


def beside_uniform(exchange: ServiceExchange, target: float) -> MixComparison:
    """Return the best mix for an overall fill rate beside uniform targets that give it.

    Raises
    ------
    InputError
        If the target is no fill rate, or out of reach.
    """
    return MixComparison(
        exchange.least_money(target), uniform_fill_rate(exchange, target), uniform_cycle_service(exchange, target)
    )


def _uniform(exchange: ServiceExchange, score: FloatArray, target: float) -> UniformTarget:
    require(0 < target < 1, "overall fill rate", f"{target:g}", "between 0 and 1, such as 0.95")
    most = float(exchange.steps.service[-1])
    require(target <= most, "overall fill rate", f"{target:g}", f"at most {most:.6f}, which the highest levels give")
    whole = exchange.stocking.protection.whole

    def mix_of(wanted: float) -> ServiceMix:
        return exchange.mix_at(exchange.table.reaching(score, wanted, whole), 0.0)

    wanted = _least(lambda one: mix_of(one).service >= target)
    return UniformTarget(wanted, mix_of(wanted))


def _least(reached: Callable[[float], bool]) -> float:
    low, high = 0.0, 1.0
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2.0
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high
