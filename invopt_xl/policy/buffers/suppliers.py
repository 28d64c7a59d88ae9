"""How reliable suppliers are, from what they delivered; few receipts count for little."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from invopt_xl.errors import require
from invopt_xl.policy.costs import FloatArray, require_each
from invopt_xl.policy.families import IntArray

PRIOR_RECEIPTS = 5.0
"""All suppliers together count as much as this many receipts of each."""


@dataclass(frozen=True, eq=False)
class SupplierReliability:
    """What to expect of suppliers; arrays of shape (suppliers,).

    Parameters
    ----------
    supplier
        Names, ascending.
    receipts
        Receipts each row rests on.
    on_time
        Share of receipts on time.
    lead_time_ratio, deviation_ratio
        Mean and standard deviation of lead times as shares of the promised lead time.
    general
        On-time share and the two ratios of all suppliers together, for those without receipts.
    """

    supplier: npt.NDArray[np.str_]
    receipts: IntArray
    on_time: FloatArray
    lead_time_ratio: FloatArray
    deviation_ratio: FloatArray
    general: tuple[float, float, float]

    def of(self, suppliers: Sequence[str]) -> SupplierReliability:
        """Return rows for these suppliers in this order, such as each item's; the general figures for unknown ones."""
        names = np.asarray(suppliers, dtype=np.str_)
        place = np.minimum(np.searchsorted(self.supplier, names), len(self.supplier) - 1)
        known = self.supplier[place] == names
        return SupplierReliability(
            supplier=names,
            receipts=np.where(known, self.receipts[place], 0),
            on_time=np.where(known, self.on_time[place], self.general[0]),
            lead_time_ratio=np.where(known, self.lead_time_ratio[place], self.general[1]),
            deviation_ratio=np.where(known, self.deviation_ratio[place], self.general[2]),
            general=self.general,
        )


def supplier_reliability(
    supplier: Sequence[str],
    promised_days: FloatArray,
    actual_days: FloatArray,
    grace_days: float = 0.0,
    prior_receipts: float = PRIOR_RECEIPTS,
) -> SupplierReliability:
    """Return on-time share and lead-time ratios of each supplier, drawn towards all suppliers' where receipts are few.

    With n receipts and a prior worth k, a share is (on time + k * share of all) / (n + k): the mean of a beta
    distribution after n trials. Ratios and their squares are drawn towards those of all suppliers likewise (James &
    Stein 1961; Gelman et al. 2013, "Bayesian Data Analysis", 3rd edition, chapter 5).

    Parameters
    ----------
    supplier
        Supplier of each receipt.
    promised_days, actual_days
        Promised and observed lead time of each receipt, days.
    grace_days
        Days that a receipt may be late and still count as on time.
    prior_receipts
        Weight of all suppliers together, receipts.

    Raises
    ------
    InputError
        If there is no receipt, or a lead time that cannot be.

    Examples
    --------
    Ten receipts of K on time, one of L late: L is not written off.

    >>> seen = supplier_reliability(["K"] * 10 + ["L"], np.full(11, 10.0), np.array([10.0] * 10 + [15.0]))
    >>> seen.supplier.tolist(), seen.on_time.round(2).tolist()
    (['K', 'L'], [0.97, 0.76])
    """
    count = len(supplier)
    require(count > 0, "number of receipts", count, "at least 1")
    for name, days in (("promised lead time", promised_days), ("observed lead time", actual_days)):
        require(days.shape == (count,), f"number of {name}s", days.size, f"{count}, one for each receipt")
    require_each(
        np.isfinite(promised_days) & (promised_days > 0), "promised lead time", promised_days, "days above zero"
    )
    require_each(np.isfinite(actual_days) & (actual_days >= 0), "observed lead time", actual_days, "zero or more days")
    require(bool(prior_receipts >= 0), "prior receipts", prior_receipts, "zero or more, such as 5")
    names, row = np.unique(np.asarray(supplier, dtype=np.str_), return_inverse=True)
    receipts = np.bincount(row)
    ratio = actual_days / promised_days
    punctual = (actual_days <= promised_days + grace_days).astype(np.float64)
    within = (ratio - (_totals(row, ratio) / receipts)[row]) ** 2
    # The general variance is that within suppliers: each has a mean of its own, which costs it a receipt.
    variance = float(within.sum()) / max(count - len(names), 1)
    general = float(punctual.mean()), float(ratio.mean()), variance**0.5
    return SupplierReliability(
        supplier=names,
        receipts=receipts,
        on_time=_drawn(_totals(row, punctual), receipts, general[0], prior_receipts),
        lead_time_ratio=_drawn(_totals(row, ratio), receipts, general[1], prior_receipts),
        deviation_ratio=np.sqrt(_drawn(_totals(row, within), receipts - 1, variance, prior_receipts)),
        general=general,
    )


def _totals(row: IntArray, values: FloatArray) -> FloatArray:
    return np.asarray(np.bincount(row, values), dtype=np.float64)


def _drawn(total: FloatArray, weight: IntArray, general: float, prior: float) -> FloatArray:
    """Return means of totals, drawn towards the general one by a prior weight."""
    known = weight + prior
    drawn = np.divide(total + prior * general, known, out=np.full(len(total), general), where=known > 0)
    return np.asarray(drawn)
