"""Several items on one order: cycles that are powers of two of each other, so that orders meet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from invopt_xl.policy.lot_sizes.checks import above_zero, common_shape, zero_or_more

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class JointCycles:
    """How often to order from one supplier, and which items when.

    Parameters
    ----------
    base
        Time between orders to the supplier, periods.
    multiple
        Each item is on every so-manieth order, shape (items,).
    cycle
        Time between orders of an item, periods: base times multiple.
    quantity
        Units ordered of an item at a time.
    cost
        Ordering and holding of all items, money a period.
    lower_bound
        No policy of any form costs less, money a period.
    separate_cost
        What it would cost to order every item alone at its economic order quantity, money a period.
    """

    base: float
    multiple: IntArray
    cycle: FloatArray
    quantity: FloatArray
    cost: float
    lower_bound: float
    separate_cost: float

    @property
    def gap(self) -> float:
        """The share by which the policy may cost more than the best there is."""
        return self.cost / self.lower_bound - 1.0

    @property
    def saving(self) -> float:
        """The share of the cost of separate orders that joint orders save."""
        return 1.0 - self.cost / self.separate_cost


@dataclass(frozen=True, eq=False)
class _Items:
    """What decides cycles: minor cost a of an order line, half the holding cost a period of a cycle's demand."""

    minor: FloatArray
    half_holding: FloatArray
    demand: FloatArray
    major: float

    def with_cycles(self, base: float, multiple: IntArray) -> JointCycles:
        cycle = np.asarray(base * multiple, dtype=np.float64)
        cost = self.major / base + float((self.minor / cycle + self.half_holding * cycle).sum())
        alone = 2.0 * np.sqrt((self.major + self.minor) * self.half_holding)
        relaxed = self.relaxed_cycles()
        bound = self.major / relaxed.min() + float((self.minor / relaxed + self.half_holding * relaxed).sum())
        return JointCycles(base, multiple, cycle, self.demand * cycle, cost, float(bound), float(alone.sum()))

    def relaxed_cycles(self) -> FloatArray:
        """Return the best cycles if orders need not meet but no item may be ordered without the joint order.

        Items whose own best cycle would be shorter than the joint one order every time. In the order of
        minor cost to holding the joint cycle falls as long as the next item's own is shorter (Jackson, Maxwell &
        Muckstadt 1985).
        """
        own = self.minor / self.half_holding
        order = np.argsort(own, kind="stable")
        setups = self.major + self.minor[order].cumsum()
        joint = setups / self.half_holding[order].cumsum()
        together = 1 + int(np.count_nonzero(own[order][1:] < joint[:-1]))
        return np.asarray(np.sqrt(np.maximum(own, joint[together - 1])))


def joint_replenishment(
    demand: npt.ArrayLike,
    holding_cost: npt.ArrayLike,
    minor_cost: npt.ArrayLike,
    major_cost: float,
    base_period: float | None = None,
) -> JointCycles:
    """Return cycles for the items of one supplier that are powers of two of one base.

    Roundy (1985), "98%-effective integer-ratio lot-sizing for one-warehouse multi-retailer systems", Management
    Science 31; Jackson, Maxwell & Muckstadt (1985), "The joint replenishment problem with a powers-of-two
    restriction", IIE Transactions 17. Cost is at most 6.1% above the lower bound with a base that is given, at most
    2.1% with the best base. Demand is steady; minimum order quantities are not looked at.

    Parameters
    ----------
    demand
        Units a period, above zero, shape (items,).
    holding_cost
        Money for a unit held a period, above zero.
    minor_cost
        Money for each item on an order, zero or more.
    major_cost
        Money for each order to the supplier, whatever is on it, above zero.
    base_period
        Cycles are this many periods times a power of two (a half and a quarter too); None for the best.

    Raises
    ------
    InputError
        If a value is not what is said above; it names the item.

    Examples
    --------
    Four items from Axsäter, "Inventory Control", example 7.3:

    >>> joint = joint_replenishment([5000.0, 1000.0, 700.0, 100.0], 10.0, 50.0, 300.0)
    >>> joint.multiple.tolist(), f"{joint.cost:.0f} a year, at most {joint.gap:.1%} above the best"
    ([1, 1, 1, 2], '8096 a year, at most 0.2% above the best')
    """
    items = _checked(demand, holding_cost, minor_cost, major_cost)
    cycles = items.relaxed_cycles()
    if base_period is not None:
        unit = float(above_zero("base period", base_period, ()))
        powers = _nearest_power(cycles / unit)
        shortest = int(powers.min())
        return items.with_cycles(unit * 2.0**shortest, np.asarray(2 ** (powers - shortest)))
    base, powers = _best_base(items, cycles)
    return items.with_cycles(base, np.asarray(2**powers))


def silver_joint_replenishment(
    demand: npt.ArrayLike, holding_cost: npt.ArrayLike, minor_cost: npt.ArrayLike, major_cost: float
) -> JointCycles:
    """Return cycles by Silver's quick rule, to compare with: whole multiples without a guarantee.

    Silver (1976), "A simple method of determining order quantities in joint replenishments under deterministic
    demand", Management Science 22. Parameters and errors as in `joint_replenishment`.

    Examples
    --------
    >>> joint = silver_joint_replenishment(1.0, [160.0, 20.0, 50.0], [120.0, 840.0, 300.0], 600.0)
    >>> joint.multiple.tolist(), round(joint.cost, 2)
    ([1, 3, 1], 837.85)
    """
    items = _checked(demand, holding_cost, minor_cost, major_cost)
    own = items.minor / items.half_holding
    first = int(own.argmin())
    times = np.sqrt(own * items.half_holding[first] / (items.major + items.minor[first]))
    multiple = np.maximum(np.round(times), 1.0)
    multiple[first] = 1.0
    base = np.sqrt((items.major + (items.minor / multiple).sum()) / (items.half_holding * multiple).sum())
    return items.with_cycles(float(base), multiple.astype(np.int64))


def _checked(
    demand: npt.ArrayLike, holding_cost: npt.ArrayLike, minor_cost: npt.ArrayLike, major_cost: float
) -> _Items:
    shape = common_shape(demand=demand, holding_cost=holding_cost, minor_order_cost=minor_cost)
    rate = above_zero("demand", demand, shape)
    holding = above_zero("holding cost", holding_cost, shape)
    minor = zero_or_more("minor order cost", minor_cost, shape)
    return _Items(minor, holding * rate / 2.0, rate, float(above_zero("major order cost", major_cost, ())))


def _nearest_power(times: FloatArray) -> IntArray:
    """Return the power of two within a factor of the square root of two."""
    return np.asarray(np.ceil(np.log2(times) - 0.5).astype(np.int64))


def _best_base(items: _Items, cycles: FloatArray) -> tuple[float, IntArray]:
    """Return the best base and the powers that go with it.

    As the base grows to its double, each item's power falls by one at one place; between two such places the powers
    stay and the best base has a closed form, so all items + 1 cases are compared (Roundy 1985, section 5).
    """
    powers = _nearest_power(cycles / cycles.min())
    drops = np.argsort(np.log2(cycles / cycles.min()) + 0.5 - powers, kind="stable")
    minor, holding = items.minor[drops], items.half_holding[drops]
    scale = 2.0 ** powers[drops]
    # After k drops the first k items have half their multiple: twice the lines, half the stock.
    lines = (minor / scale).sum() + np.concatenate([[0.0], (minor / scale).cumsum()])
    stock = (holding * scale).sum() - np.concatenate([[0.0], (holding * scale / 2.0).cumsum()])
    powers_after = np.minimum.accumulate(np.concatenate([[powers.min()], powers[drops] - 1]))
    shortest = 2.0 ** np.asarray(powers_after, dtype=float)
    setups = items.major / shortest + lines
    best = int((setups * stock).argmin())
    base = float(np.sqrt(setups[best] / stock[best]))
    powers[drops[:best]] -= 1
    least = int(powers.min())
    return base * 2.0**least, powers - least
