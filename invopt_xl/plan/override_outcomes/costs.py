"""What an order would have cost on the demand that came: holding what lay, and being short of what was missing."""

from __future__ import annotations

from dataclasses import dataclass

from invopt_xl.optimise.terms import FloatArray


@dataclass(frozen=True, eq=False)
class Stretch:
    """The time over which two orders of an item are compared.

    Parameters
    ----------
    demand
        Units that were demanded in each period.
    stock
        Units there at its beginning, open orders that came in it among them.
    holding_cost
        Of a unit left at the end of a period, money.
    shortage_cost
        Of a unit lost, or of a unit that waits at the end of a period, money.
    waits
        True if demand that meets no stock waits for it, False if it is lost.
    rate
        Units that are expected to be used in a period after it.
    longest
        Periods that what is left is held for at most, such as a year's.
    """

    demand: FloatArray
    stock: float
    holding_cost: float
    shortage_cost: float
    waits: bool
    rate: float
    longest: float

    def cost(self, quantity: float, arrives: int) -> float:
        """Return what it costs to order so many units, money.

        In period t, with I units there and D demanded, I - D are left or short: each unit left costs h, each unit
        short p, as the order plan counts them. What is left at the end, E units, is used at the rate r, so it lies for
        E / 2r periods on average and costs h E min(E / 2r, longest). Units cost the same whenever they are bought, so
        their price is left out; so is the cost of placing orders.

        Parameters
        ----------
        quantity
            Units ordered.
        arrives
            The period at whose beginning they are there, counted from 0.

        Examples
        --------
        Three weeks of 10 units with 15 there; 20 come for the third, which 5 of the second have missed:

        >>> import numpy as np
        >>> weeks = Stretch(np.array([10.0, 10.0, 10.0]), 15.0, 0.1, 2.0, False, 10.0, 52.0)
        >>> f"{weeks.cost(20.0, 2):.2f}"  # 5 left: 0.50; 5 lost: 10.00; 10 left: 1.00, and 0.50 until they are used
        '12.00'
        """
        stock, cost = self.stock, 0.0
        for period, demand in enumerate(self.demand.tolist()):
            stock += quantity if period == arrives else 0.0
            stock -= demand
            cost += self.holding_cost * max(stock, 0.0) + self.shortage_cost * max(-stock, 0.0)
            stock = stock if self.waits else max(stock, 0.0)
        left = max(stock, 0.0)
        lies = min(left / (2.0 * self.rate), self.longest) if self.rate > 0 else self.longest
        return cost + self.holding_cost * left * lies
