"""How much to order at a time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


def economic_order_quantity(demand: FloatArray, order_cost: FloatArray, holding_cost: FloatArray) -> FloatArray:
    """Return the lot that balances ordering and holding, units.

    Q = sqrt(2 D A / h), Harris (1913), "How many parts to make at once".

    Parameters
    ----------
    demand
        Units a period.
    order_cost
        Money an order line.
    holding_cost
        Money for a unit held a period; where it is zero the lot is the demand of a period.

    Examples
    --------
    >>> economic_order_quantity(np.array([1200.0]), np.array([50.0]), np.array([1.2])).round(2).tolist()
    [316.23]
    """
    free = holding_cost <= 0
    root = np.sqrt(2.0 * demand * order_cost / np.where(free, 1.0, holding_cost))
    return np.asarray(np.where(free, demand, root))


def round_up_to_lot(quantity: FloatArray, minimum: FloatArray, lot: FloatArray) -> FloatArray:
    """Return the smallest whole multiple of the lot that is at least the quantity and the minimum; 0 stays 0.

    Examples
    --------
    >>> round_up_to_lot(np.array([0.0, 5.0, 30.0]), np.array([24.0, 24.0, 24.0]), np.array([12.0, 12.0, 12.0])).tolist()
    [0.0, 24.0, 36.0]
    """
    wanted = np.maximum(quantity, minimum)
    lots = np.ceil(np.round(wanted / lot, 9))
    return np.asarray(np.where(quantity > 0, lots * lot, 0.0))
