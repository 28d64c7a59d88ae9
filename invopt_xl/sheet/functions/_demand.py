"""Histories of demand as cells hold them: what functions ask for, and which items have one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.errors import InputError
from invopt_xl.sheet.arguments import Argument

if TYPE_CHECKING:
    from invopt_xl.forecasting import BoolArray

DEMAND = Argument(
    "demand", "Demand per period, oldest first: a row, or a column; of several columns each is an item.",
    takes="series", unit="units", minimum=0,
)  # fmt: skip
SEASON = Argument(
    "season", "Periods of a season, such as 12 for months, 52 for weeks; 1 for none.",
    takes="one", unit="periods", default=1, whole=True, minimum=1, maximum=400,
)  # fmt: skip
IN_STOCK = Argument(
    "in_stock", "Whether the item was in stock in each period, laid out like demand: TRUE or FALSE, 1 or 0. "
    "Empty cells are in stock.",
    takes="series", kind="flag", default=None,
)  # fmt: skip
EMPTY_CELLS = Argument(
    "empty_cells", "What an empty cell after an item's first number means: demand that is unknown, or zero.",
    takes="one", kind="choice", choices=("unknown", "zero"), default="unknown",
)  # fmt: skip
ITEMS_IN = Argument(
    "items_in", "Whether each item of a range is one of its columns, or of its rows.",
    takes="one", kind="choice", choices=("columns", "rows"), default="columns",
)  # fmt: skip

WEEKS = [[float(units)] for units in (41, 38, 45, 50, 39, 44, 47, 36, 52, 48, 43, 40, 46, 51, 37, 42, 49, 45, 38, 47)]
"""An item's weeks, for examples."""


class Told(list[Any]):
    """What an item's cells show, and why.

    Parameters
    ----------
    values
        A value for each cell.
    why
        A sentence.
    """

    def __init__(self, values: Iterable[Any], why: str) -> None:
        super().__init__(values)
        self.why = why


def whys(results: Iterable[Told], **_: Any) -> list[str]:
    """Return why the results are what they are."""
    return [each.why for each in results]


def sentence(*parts: str) -> str:
    """Return parts as one sentence.

    Examples
    --------
    >>> sentence("season of 12", "", "strength 0.50")
    'Season of 12; strength 0.50.'
    """
    words = "; ".join(part for part in parts if part)
    return f"{words[:1].upper()}{words[1:]}{'' if words.endswith('.') else '.'}"


@dataclass(frozen=True, eq=False)
class Histories:
    """Histories of items over the same periods.

    Parameters
    ----------
    demand
        Items by periods, units, oldest first; NaN where unknown.
    in_stock
        False where demand is only what was sold until stock ran out.
    """

    demand: FloatArray
    in_stock: BoolArray

    @classmethod
    def of(cls, demand: FloatArray, in_stock: FloatArray | None, empty_cells: str) -> Histories:
        """Return histories from what cells hold."""
        if empty_cells == "zero":
            begun = np.logical_or.accumulate(np.isfinite(demand), axis=1)
            demand = np.where(np.isnan(demand) & begun, 0.0, demand)
        stocked = np.ones(demand.shape, dtype=bool) if in_stock is None else np.isnan(in_stock) | (in_stock != 0)
        return cls(demand, stocked)

    def rows(self, items: list[int] | npt.NDArray[np.int64]) -> Histories:
        """Return the histories of some of the items."""
        return Histories(self.demand[items], self.in_stock[items])

    def each(self, compute: Callable[[Histories], Sequence[Any]]) -> list[Any]:
        """Return what is computed for the items that tell of their demand, and what is wrong with the others."""
        found: list[Any] = [self._fault(item) for item in range(len(self.demand))]
        good = [item for item, fault in enumerate(found) if fault is None]
        results = compute(self.rows(good)) if good else []
        for item, result in zip(good, results, strict=True):
            found[item] = result
        return found

    def _fault(self, item: int) -> InputError | None:
        recorded = np.isfinite(self.demand[item])
        if not recorded.any():
            return InputError(f"demand has no numbers; expected {DEMAND.expectation} in each period")
        if not (recorded & self.in_stock[item]).any():
            return InputError("in stock is FALSE wherever demand is known; expected periods in stock to learn from")
        return None
