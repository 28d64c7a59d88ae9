"""From the grocer's receipts to weekly tables of a few hundred products, and their shipped copies."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.demo import source, weekly
from invopt_xl.demo.cleaning import Report, clean_lines
from invopt_xl.demo.naming import department_name, describe
from invopt_xl.demo.selection import choose, demand_pattern
from invopt_xl.demo.weekly import Grid, Life
from invopt_xl.errors import InputError, require

DEMO_PRODUCTS = 550
DEMO_MINIMUM_WEEKS = 13
"""The demo draws from all products sold in at least a quarter of the weeks."""

FULL_MINIMUM_WEEKS = 38
"""The full set holds every product sold in at least this many of the 52 weeks."""

TABLES = ("products", "demand", "cleaning")
Frames = dict[str, pd.DataFrame]


def condense(minimum_weeks: int = DEMO_MINIMUM_WEEKS, products: int | None = DEMO_PRODUCTS) -> Frames:
    """Make the weekly tables from the installed data package.

    Parameters
    ----------
    minimum_weeks
        Products sold in fewer weeks (of 52) are left out.
    products
        How many products to choose (see `selection.choose`); None takes all.

    Returns
    -------
    dict of pandas.DataFrame
        ``products`` (item, product_id, description, department, category, brand, manufacturer_id, pattern, status,
        unit_price, regular_price), ``demand`` (item, date, quantity, unit_price, promotion, in_stock, and display and
        mailer: the share of the stores followed that had it there) and ``cleaning`` (step, unit, count, left, reason).

    Raises
    ------
    InputError
        If the data package is not installed, or a number is out of its range.
    """
    require(1 <= minimum_weeks <= source.WEEKS, "minimum weeks", minimum_weeks, f"1 to {source.WEEKS}")
    require(products is None or products >= 1, "number of products", products, "at least 1")
    report = Report()
    lines = clean_lines(report)
    everything = lines["product_id"].nunique()
    grid = weekly.grid_of(lines, minimum_weeks)
    report.add(
        "Rarely sold",
        "products",
        everything - len(grid.product_ids),
        len(grid.product_ids),
        f"sold in fewer than {minimum_weeks} of the {source.WEEKS} weeks",
    )
    life = weekly.life_of(grid.quantity)
    attributes = _attributes(grid.product_ids)
    if products is not None:
        rows = choose(grid, life, attributes["department"].to_numpy(), products)
        report.add(
            "Not chosen",
            "products",
            len(grid.product_ids) - len(rows),
            len(rows),
            "the demo takes the best sellers, some products new or withdrawn, and a sample by department and pattern",
        )
        grid, life, attributes = grid.take(rows), _take(life, rows), attributes.iloc[rows].reset_index(drop=True)
    demand = weekly.demand_table(grid, life, weekly.promotion_of(grid.product_ids))
    _report_inferences(report, life, demand)
    return {"products": _products(grid, life, attributes), "demand": demand, "cleaning": report.frame()}


def shipped() -> Frames:
    """Return the condensed tables that come with the program."""
    folder = resources.files("invopt_xl.demo") / "data"
    frames = {}
    for name in TABLES:
        with (folder / f"{name}.parquet").open("rb") as file:
            frames[name] = pd.read_parquet(file)
    return frames


def write(frames: Frames, folder: Path | None = None) -> list[Path]:
    """Write condensed tables as Parquet files, by default over the shipped ones, and return their paths."""
    target = folder or Path(__file__).parent / "data"
    try:
        target.mkdir(parents=True, exist_ok=True)
        for name in TABLES:
            frames[name].to_parquet(target / f"{name}.parquet", index=False, compression="zstd")
    except OSError as error:
        raise InputError(f"folder of the condensed tables is {target}; expected one to write in ({error})") from error
    return [target / f"{name}.parquet" for name in TABLES]


def _take(life: Life, rows: npt.NDArray[np.int64]) -> Life:
    return Life(life.start[rows], life.end[rows], life.out_of_stock[rows])


def _attributes(product_ids: npt.NDArray[np.int64]) -> pd.DataFrame:
    table = source.read("products").set_index("product_id")
    return table.loc[product_ids].reset_index()


def _products(grid: Grid, life: Life, attributes: pd.DataFrame) -> pd.DataFrame:
    units = grid.quantity.sum(axis=1)
    status = np.where(life.withdrawn, "phase-out", np.where(life.launched, "new", "active"))
    sizes = attributes["package_size"].where(attributes["package_size"].notna(), None)
    return pd.DataFrame(
        {
            "item": weekly.item_codes(grid.product_ids),
            "product_id": grid.product_ids,
            "description": [
                describe(category, kind, size)
                for category, kind, size in zip(
                    attributes["product_category"], attributes["product_type"], sizes, strict=True
                )
            ],
            "department": [department_name(code) for code in attributes["department"]],
            "category": attributes["product_category"].to_numpy(),
            "brand": attributes["brand"].to_numpy(),
            "manufacturer_id": attributes["manufacturer_id"].to_numpy(dtype=np.int64),
            "pattern": demand_pattern(grid.quantity),
            "status": status.astype(object),
            "unit_price": _mean_price(grid.price, grid.quantity).round(3),
            "regular_price": _mean_price(grid.regular_price, grid.quantity).round(3),
            "units": units.astype(np.int64),
        }
    )


def _mean_price(price: npt.NDArray[np.float64], quantity: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    weight = np.where(np.isnan(price), 0.0, quantity)
    mean: npt.NDArray[np.float64] = np.nansum(price * weight, axis=1) / weight.sum(axis=1)
    return mean


def _report_inferences(report: Report, life: Life, demand: pd.DataFrame) -> None:
    report.add(
        "Weeks without a sale",
        "item-weeks added as zero",
        int((demand["quantity"] == 0).sum()),
        len(demand),
        "an item's history begins with week 2, or with its first sale where the weeks before are improbable "
        f"(below {weekly.IMPROBABLE:g}), and ends likewise",
    )
    report.add(
        "Inferred stock-outs",
        "item-weeks marked in_stock 0",
        int((demand["in_stock"] == 0).sum()),
        len(demand),
        f"zeros between steady sales ({weekly.STEADY} of {weekly.NEIGHBOURS} weeks sold on either side) whose negative "
        f"binomial probability is below {weekly.IMPROBABLE:g}: an inference, the data does not hold stock",
    )
    report.add(
        "Promotions",
        "item-weeks marked promotion 1",
        int(demand["promotion"].sum()),
        len(demand),
        f"on display or in the mailer in at least {weekly.PROMOTED_SHARE:.0%} of the stores the promotion table "
        "follows",
    )
    report.add(
        "New and withdrawn",
        "products",
        int((life.launched | life.withdrawn).sum()),
        len(life.start),
        "launched or withdrawn within the year, by the same probability",
    )
