"""The price path that clears stock for the most money, beside no action and beside the best constant price."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import fft

from invopt_xl.policy.costs import FloatArray
from invopt_xl.policy.markdown.clearance import Clearance, Worth
from invopt_xl.policy.markdown.programme import IntArray, best_prices

ComplexArray = npt.NDArray[np.complex128]

WORTH_A_CUT = 0.005
"""A path has to bring so much more than no action, as a share: a new price is work."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """What comes of a way to price.

    Parameters
    ----------
    cash
        Money from sales less holding, with what is left at its worth, in each scenario, shape (scenarios,).
    stock
        Expected stock at the beginning of each period and at the end, units, shape (periods + 1,).
    left
        Chance of each number of lots left at the end, shape (lots + 1,).
    chance
        Chance of each scenario, shape (scenarios,).
    """

    cash: FloatArray
    stock: FloatArray
    left: FloatArray
    chance: FloatArray

    @property
    def expected(self) -> float:
        """Expected cash."""
        return float(self.cash @ self.chance)

    @property
    def sold_out(self) -> float:
        """Chance that nothing is left."""
        return float(self.left[0])

    def unless(self, ended: float, nothing_sold: float) -> Outcome:
        """Return what comes of it if with some chance demand has ended, so that nothing is sold for so much money."""
        if ended <= 0:
            return self
        untouched = np.zeros(len(self.left))
        untouched[-1] = 1.0
        return Outcome(
            np.append(self.cash, nothing_sold),
            (1 - ended) * self.stock + ended * self.stock[0],
            (1 - ended) * self.left + ended * untouched,
            np.append((1 - ended) * self.chance, ended),
        )

    def left_between(self, low: float, high: float, units: FloatArray) -> tuple[float, float]:
        """Return the quantiles of the units left; `units` are those of each number of lots."""
        reached = np.cumsum(self.left)
        first, last = (int(np.argmax(reached >= share - 1e-9)) for share in (low, high))
        return float(units[first]), float(units[last])


@dataclass(frozen=True, eq=False)
class Clearing:
    """The best way to clear stock.

    Parameters
    ----------
    prices
        The ladder, money a unit.
    path
        Price of each period where stock runs as expected, money.
    cut_above
        Stock above which the price falls from that of the period before, units; NaN where no stock is too much.
    none, constant, best
        What comes of no action, of the best constant price and of the path. The path is no action where no cut pays.
    constant_price
        The best constant price, money.
    units
        Units of each number of lots, shape (lots + 1,): stock is counted in lots, and the last may be a part of one.
    """

    prices: FloatArray
    path: FloatArray
    cut_above: FloatArray
    none: Outcome
    constant: Outcome
    best: Outcome
    constant_price: float
    units: FloatArray

    @property
    def gain(self) -> float:
        """Expected money above no action."""
        return self.best.expected - self.none.expected

    def gain_between(self, low: float = 0.1, high: float = 0.9) -> tuple[float, float]:
        """Return quantiles of the gain over what is not known: how demand answers, how high it is, if it has ended."""
        first, last = _quantiles(self.best.cash - self.none.cash, self.best.chance, (low, high))
        return first, last


def clear(clearance: Clearance, prices: FloatArray, worth: Worth) -> Clearing:
    """Return the price path that brings the most money, which only falls, beside no action and a constant price.

    The programme is solved for demand with all that is not known of it mixed in; what it brings is then told for a
    world in which rate and elasticity, unknown as they are, stay the same in every period. Of the programme's policy
    and the constant prices the one that brings the most is taken, so a path is never worse than either.

    Parameters
    ----------
    clearance
        Stock and demand.
    prices
        The ladder, as `price_ladder` returns it: today's price first.
    worth
        What units are worth at the end and cost until then.

    Examples
    --------
    >>> many = Clearance(stock=60, price=10.0, demand=np.full(6, 5.0), elasticity=-2.5)
    >>> found = clear(many, np.array([10.0, 9.0, 8.0, 7.0, 6.0]), Worth())
    >>> found.path.tolist(), f"{found.gain:.0f}", f"{found.none.expected:.0f}"
    ([8.0, 8.0, 8.0, 8.0, 8.0, 7.0], '140', '300')
    """
    lot, size = clearance.lot, clearance.lots + 1
    units = np.minimum(np.arange(size) * lot, max(clearance.stock, 0.0))
    chances = clearance.chances(prices)
    end = worth.at_end(units)
    policy = best_prices(chances.mean(axis=0), prices * lot, end, holding_cost=worth.holding_cost * lot)
    walk = _Walk(_spectrum(chances), prices, units, end, np.broadcast_to(worth.holding_cost, len(clearance.demand)))
    nothing_sold = clearance.stock * (worth.salvage - float(walk.holding_cost.sum()))
    going_on, followed = walk.constants(), walk.follow(policy.choice)
    fixed = [outcome.unless(clearance.ended, nothing_sold) for outcome in going_on]
    best_fixed = int(np.argmax([outcome.expected for outcome in fixed]))
    choice, best, stock = policy.choice, followed.unless(clearance.ended, nothing_sold), followed.stock
    if best.expected <= fixed[best_fixed].expected:
        choice, best, stock = np.full_like(choice, best_fixed), fixed[best_fixed], going_on[best_fixed].stock
    if best.expected <= fixed[0].expected + WORTH_A_CUT * abs(fixed[0].expected):
        choice, best, stock = np.zeros_like(choice), fixed[0], going_on[0].stock
    rungs, cut_above = _path(choice, stock, units)
    constant, price = fixed[best_fixed], float(prices[best_fixed])
    return Clearing(prices, prices[rungs], cut_above, fixed[0], constant, best, price, units)


def _quantiles(values: FloatArray, chance: FloatArray, shares: tuple[float, ...]) -> list[float]:
    """Return the least of the values that so large shares of the chances do not exceed."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(chance[order])
    return [float(values[order][int(np.argmax(reached >= share - 1e-9))]) for share in shares]


def _path(choice: IntArray, stock: FloatArray, units: FloatArray) -> tuple[IntArray, FloatArray]:
    """Return the place of the price of each period at expected stock, and above which stock it falls."""
    asked = 0
    rungs, above = [], []
    for period, expected in enumerate(stock[:-1]):
        row = choice[period, :, asked]
        staying = np.flatnonzero(row[1:] <= asked) + 1
        falling = bool((row > asked).any())
        above.append((float(units[staying[-1]]) if staying.size else 0.0) if falling else np.nan)
        here = int(np.argmin(np.abs(units - expected)))
        asked = int(row[max(here, 1)]) if len(units) > 1 else asked
        rungs.append(asked)
    return np.array(rungs, dtype=np.int64), np.array(above)


@dataclass(frozen=True, eq=False)
class _Walk:
    """Stock from period to period, scenario by scenario, as chances of each number of lots.

    Parameters
    ----------
    asked
        Fourier transform of the chances of each number of lots asked for, shape (scenarios, periods, prices, length).
    prices, units, end
        The ladder, the units of so many lots, and what they are worth at the end.
    holding_cost
        Of a unit left at the end of each period, money, shape (periods,).
    """

    asked: ComplexArray
    prices: FloatArray
    units: FloatArray
    end: FloatArray
    holding_cost: FloatArray

    def constants(self) -> list[Outcome]:
        """Return what comes of each price of the ladder, asked all the time."""
        here = np.zeros((len(self.asked), len(self.prices), len(self.units)))
        here[:, :, -1] = 1.0
        cash, stock, left = self._march(here, None)
        return [
            Outcome(cash[:, rung], stock[:, rung], left[:, rung].mean(axis=0), self.chance)
            for rung in range(len(self.prices))
        ]

    def follow(self, choice: IntArray) -> Outcome:
        """Return what comes of a policy: `choice` by period, stock and price asked before."""
        here = np.zeros((len(self.asked), len(self.prices), len(self.units)))
        here[:, 0, -1] = 1.0
        cash, stock, left = self._march(here, choice)
        return Outcome(cash.sum(axis=1), stock.sum(axis=1), left.sum(axis=1).mean(axis=0), self.chance)

    @property
    def chance(self) -> FloatArray:
        """Chance of each scenario: they are equally likely."""
        return np.full(len(self.asked), 1.0 / len(self.asked))

    def _march(self, here: FloatArray, choice: IntArray | None) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return cash by scenario and price, expected stock by period and price, and chances of what is left.

        Each sum over prices is of the policy; without one, prices stay what they are.
        """
        cash = np.zeros(here.shape[:2])
        stock = [(here @ self.units).mean(axis=0)]
        for period in range(self.asked.shape[1]):
            asking = here if choice is None else _asking(here, choice[period])
            here = _sold(asking, self.asked[:, period])
            remaining = here @ self.units
            cash += (asking @ self.units - remaining) * self.prices - self.holding_cost[period] * remaining
            stock.append(remaining.mean(axis=0))
        return cash + here @ self.end, np.array(stock), here


def _spectrum(chances: FloatArray) -> ComplexArray:
    """Return the Fourier transform that `_sold` takes."""
    return np.asarray(np.conj(fft.rfft(chances, fft.next_fast_len(2 * chances.shape[-1], real=True))))


def _asking(here: FloatArray, choice: IntArray) -> FloatArray:
    """Return the chances of stock by the price that is asked now, from those by the price asked before."""
    asking = np.zeros_like(here)
    for before in range(here.shape[1]):
        if here[:, before].any():
            for now in np.unique(choice[:, before]):
                asking[:, now] += here[:, before] * (choice[:, before] == now)
    return asking


def _sold(asking: FloatArray, asked: ComplexArray) -> FloatArray:
    """Return the chances of stock after sales, shape (scenarios, prices, stock + 1).

    What is left is what was there less what was asked for: a correlation, by the fast Fourier transform.
    """
    size = asking.shape[2]
    used = asking.any(axis=(0, 2))
    length = fft.next_fast_len(2 * size, real=True)
    left = np.zeros_like(asking)
    product = fft.rfft(asking[:, used], length) * asked[:, used]
    left[:, used] = np.maximum(fft.irfft(product, length)[..., :size], 0.0)
    left[..., 0] = 0.0
    left[..., 0] = np.maximum(asking.sum(axis=2) - left.sum(axis=2), 0.0)
    return left
