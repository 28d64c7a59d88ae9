"""Who bought what: the households' sales of the demo's products by day, and what each household spends in all."""

from __future__ import annotations

from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.demo import source, weekly
from invopt_xl.demo.cleaning import Report, clean_lines
from invopt_xl.errors import InputError

STORES_TIME = "America/New_York"
"""The time zone of the stores; the data's timestamps are in UTC."""

FILES = {"sales": "sales", "accounts": "households"}
"""The files that come with the program, by the stem of the table that each holds."""

_COMPRESSION = 19
"""The files are written once and shipped: as small as they get."""


def grocery_sales() -> pd.DataFrame:
    """Return what each household bought of the demo plan's items on each day, as the table ``sales``.

    Quantities add up to the plan's demand week by week. Sales to 2,414 households; from the condensed tables that
    ship with the program.

    Examples
    --------
    >>> sales = grocery_sales()
    >>> len(sales), sales["customer"].nunique(), sales.columns.tolist()
    (212139, 2414, ['customer', 'item', 'date', 'quantity', 'value'])
    """
    return _shipped("sales")


def grocery_households() -> pd.DataFrame:
    """Return what each household of the demo spent in the same weeks over everything, as the table ``accounts``.

    Beside the contract's columns the receipts of each (baskets).

    Examples
    --------
    >>> households = grocery_households()
    >>> len(households), f"{households['spending'].sum():,.0f}"
    (2469, '4,590,102')
    """
    return _shipped("accounts")


def write_beside(book: Path) -> list[Path]:
    """Write sales and accounts next to a workbook, where `workbook.read_sales` finds them, and return their paths.

    Raises
    ------
    InputError
        If they cannot be written.
    """
    paths = {stem: book.with_name(f"{book.stem}-{stem}.parquet") for stem in FILES}
    for stem, path in paths.items():
        try:
            path.write_bytes(_file(stem).read_bytes())
        except OSError as error:
            raise _unwritable(path, error) from error
    return list(paths.values())


def condense_sales(product_ids: npt.NDArray[np.int64]) -> pd.DataFrame:
    """Return what each household bought of some products on each day, from the installed data package.

    The lines are those that demand is counted from, so that their quantities add up to it.

    Parameters
    ----------
    product_ids
        The data's codes of the products.

    Returns
    -------
    pandas.DataFrame
        customer, item, date, quantity (units) and value (money at the price paid; missing where a line of it tells
        none), the rows sorted by item, date and customer.

    Raises
    ------
    InputError
        If the data package is not installed.
    """
    lines = clean_lines(Report())
    lines = lines[lines["product_id"].isin(product_ids)]
    local = lines["sold_at"].dt.tz_localize("UTC").dt.tz_convert(STORES_TIME).dt.tz_localize(None)
    keyed = lines.assign(date=local.dt.normalize(), unpriced=lines["value"].isna())
    key = ["product_id", "date", "household_id"]
    bought = keyed.groupby(key, sort=True)[["quantity", "value", "unpriced"]].sum().reset_index()
    return pd.DataFrame(
        {
            "customer": _household_codes(bought["household_id"].to_numpy()),
            "item": weekly.item_codes(bought["product_id"].to_numpy()),
            "date": bought["date"].astype("datetime64[ns]"),
            "quantity": bought["quantity"].astype(np.int64),
            "value": bought["value"].round(2).mask(bought["unpriced"] > 0),
        }
    )


def condense_households() -> pd.DataFrame:
    """Return what each household spent in the 52 weeks over everything it bought there, and its size where known.

    Of the 801 households that told who they are, the group is the size of the household.

    Returns
    -------
    pandas.DataFrame
        customer, group (of households of one size; "" where unknown), spending (money over every line of its
        receipts, fuel and services among them) and baskets (receipts).

    Raises
    ------
    InputError
        If the data package is not installed.
    """
    lines = source.read("transactions", ["household_id", "basket_id", "sales_value", "coupon_match_disc", "week"])
    lines = lines[lines["week"] >= source.FIRST_WEEK]
    lines = lines.assign(spending=lines["sales_value"] + lines["coupon_match_disc"])
    households = lines.groupby("household_id").agg(spending=("spending", "sum"), baskets=("basket_id", "nunique"))
    size = source.read("demographics", ["household_id", "household_size"]).set_index("household_id")["household_size"]
    known = size.reindex(households.index).astype(object)
    return pd.DataFrame(
        {
            "customer": _household_codes(households.index.to_numpy()),
            "group": ("household of " + known).fillna("").to_numpy(dtype=object),
            "spending": households["spending"].round(2).to_numpy(),
            "baskets": households["baskets"].to_numpy(dtype=np.int64),
        }
    )


def _shipped(stem: str) -> pd.DataFrame:
    with _file(stem).open("rb") as file:
        frame = pd.read_parquet(file)
    texts = frame.select_dtypes("category").columns
    frame = frame.astype(dict.fromkeys(texts, object))
    return frame.set_axis(pd.RangeIndex(2, 2 + len(frame), name="row"), axis=0)


def write_frame(frame: pd.DataFrame, path: Path) -> Path:
    """Write sales or households as a small Parquet file, and return its path.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    small = frame.astype({name: "category" for name in ("customer", "item", "group") if name in frame})
    try:
        small.to_parquet(path, index=False, compression="zstd", compression_level=_COMPRESSION)
    except OSError as error:
        raise _unwritable(path, error) from error
    return path


def _file(stem: str) -> Traversable:
    return resources.files("invopt_xl.demo") / "data" / f"{FILES[stem]}.parquet"


def _unwritable(path: Path, error: OSError) -> InputError:
    return InputError(f"file of the households' sales is {path}; expected one to write ({error})")


def _household_codes(households: npt.NDArray[np.int64]) -> npt.NDArray[np.object_]:
    """Return the households' codes: the data's number after an H, so that no program takes a code for a number."""
    numbers, place = np.unique(households, return_inverse=True)
    return np.array([f"H{number}" for number in numbers.tolist()], dtype=object)[place]
