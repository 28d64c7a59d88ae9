"""What outlasts its shelf life."""

from __future__ import annotations

import numpy as np

from invopt_xl.optimise import OrderProblem
from invopt_xl.optimise.accounting import simulate
from invopt_xl.policy.costs import FloatArray


def spoiling(problem: OrderProblem, quantity: FloatArray | None = None) -> FloatArray:
    """Return by item the units that outlast their shelf life, at expected demand over the periods of the problem.

    Parameters
    ----------
    problem
        Stock, demand, open orders and shelf lives.
    quantity
        Units ordered, shape (sources, periods); nothing unless given, so that only what is there and on order counts.
    """
    ordered = np.zeros((len(problem.source_item), problem.periods)) if quantity is None else quantity
    return np.asarray(simulate(problem, ordered).waste.sum(axis=1))
