"""A supplier that delivers nothing for some time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.errors import require

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Outage:
    """A supplier delivers nothing for some time; what was due then comes when it is over.

    Parameters
    ----------
    supplier
        Its name, as the items have it.
    periods
        How long, whole periods, at least 1.

    Raises
    ------
    InputError
        If it lasts no period.
    """

    supplier: str
    periods: int

    def __post_init__(self) -> None:
        require(self.periods >= 1, f"outage of {self.supplier}", f"{self.periods} periods", "1 or more")

    def concerns(self, items: pd.DataFrame) -> BoolArray:
        """Return which items the supplier delivers, shape (items,)."""
        return np.asarray(items["supplier"] == self.supplier, dtype=bool)

    def begins(self, periods: int) -> int:
        """Return the first period without deliveries: the middle of a replay of so many periods.

        Raises
        ------
        InputError
            If the replay does not see its end.
        """
        longest = periods - periods // 2 - 1
        require(
            self.periods <= longest, f"outage of {self.supplier}", f"{self.periods} periods",
            f"at most {longest}: {periods} periods are replayed, and it begins in the middle of them",
        )  # fmt: skip
        return periods // 2

    def delayed(self, lead_periods: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return lead times of a replay, periods, with the outage in its middle, shape (..., periods).

        Examples
        --------
        Eight periods, out in periods 4 and 5: what was ordered to come then comes in period 6.

        >>> Outage("S3", 2).delayed(np.full(8, 2)).tolist()
        [2, 2, 4, 3, 2, 2, 2, 2]
        """
        length = lead_periods.shape[-1]
        first = self.begins(length)
        over = first + self.periods
        arrival = np.arange(length) + lead_periods
        return np.asarray(lead_periods + np.where((arrival >= first) & (arrival < over), over - arrival, 0))
