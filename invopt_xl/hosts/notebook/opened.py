"""A plan in a notebook: one line reads it, everything else is made when it is first asked for, and kept."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cached_property
from pathlib import Path

import pandas as pd

from invopt_xl.cache import ContentCache, default_directory
from invopt_xl.domain import Silent
from invopt_xl.errors import FileError, InputError
from invopt_xl.hosts.notebook import pictures
from invopt_xl.hosts.notebook.pictures import Picture
from invopt_xl.hosts.notebook.shown import Said
from invopt_xl.plan import columns
from invopt_xl.plan.columns import Table
from invopt_xl.plan.customers import AdmittedSales, admit_sales
from invopt_xl.plan.first_look import first_look
from invopt_xl.plan.histories import Histories, histories
from invopt_xl.plan.kept_rows import kept_rows, typed
from invopt_xl.plan.keys import item_names
from invopt_xl.plan.levels import Levelled, set_levels
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.pipeline import PlanResult, run
from invopt_xl.plan.quality import Admitted, admit
from invopt_xl.workbook import read_sales, read_tables
from invopt_xl.workbook.targets import refuse_open
from invopt_xl.workbook.write_back import WrittenBack, check_output, rows_held, write_back


def open_plan(
    source: str | Path,
    *,
    sales: str | Path | None = None,
    write_to: str | Path | None = None,
    parameters: Mapping[str, object] | None = None,
    cache: ContentCache | None = None,
) -> Plan:
    r"""Open a plan workbook or a folder of CSV or Parquet tables.

    Parameters
    ----------
    source
        The workbook or the folder.
    sales
        Where sales by customer stand, as `workbook.read_sales` finds them: a file, or the workbook or folder itself
        where it holds them or has them beside it. Not looked at where blank or None.
    write_to
        Where a table is to be written in the end: refused now where it could not be. Nothing is written yet.
    parameters
        Parameters of the plan to be others than in ``tblParameters``; None leaves one as it is.
    cache
        Where forecasts are kept from one run to the next; the user's own unless given.

    Raises
    ------
    FileError
        If it cannot be read, or holds no table; or nothing of it can be written to ``write_to``.
    InputError
        If a parameter is not known, a table or column that is needed is missing, or no item can be planned.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     items, demand = "item,unit_cost,lead_time_days,on_hand\ntea,2,7,5", "item,date,quantity\ntea,2017-12-25,4"
    ...     _ = Path(folder, "items.csv").write_text(items), Path(folder, "demand.csv").write_text(demand)
    ...     plan = open_plan(folder, parameters={"plan_date": "2018-01-01", "service_target": 0.9})
    >>> plan.items["item"].tolist(), plan.parameters.service_target, plan.past.quantity.tolist()
    (['tea'], 0.9, [[4.0]])
    """
    path = Path(source)
    customers = Path(sales) if sales else None
    if customers is not None and not customers.exists():
        raise FileError(f"there is no file {customers}")
    if write_to:
        check_output(path, Path(write_to))
    raw = with_parameters(read_tables(path, last_forecast=lambda _: True), parameters or {})
    return Plan(path, raw, customers, cache)


def with_parameters(raw: columns.Tables, values: Mapping[str, object]) -> columns.Tables:
    """Return tables with some parameters of the plan being others.

    Raises
    ------
    InputError
        If there is no parameter of a name.

    Examples
    --------
    >>> raw = {"parameters": pd.DataFrame({"name": ["Period"], "value": ["week"]}, index=[2])}
    >>> with_parameters(raw, {"period": "month", "budget": 100, "currency": None})["parameters"].to_dict("list")
    {'name': ['period', 'budget'], 'value': ['month', 100]}
    """
    known = [each.name for each in fields(Parameters)]
    wanted = {name: value for name, value in values.items() if value is not None}
    for name in wanted:
        if name not in known:
            raise InputError(f"parameter {name} is not known; expected one of {', '.join(known)}")
    if not wanted:
        return raw
    table = raw.get(columns.PARAMETERS.stem, columns.empty(columns.PARAMETERS))
    cells = {name: value.isoformat() if isinstance(value, date) else value for name, value in wanted.items()}
    held = table.get("name", pd.Series("", index=table.index))
    kept = table[[str(name).strip().lower() not in cells for name in held]]
    rows = [*kept.to_dict("records"), *({"name": name, "value": value} for name, value in cells.items())]
    first = max((int(row) for row in table.index), default=1) + 1
    index = pd.Index([*kept.index, *range(first, first + len(cells))], name="row", dtype=int)
    names = list(dict.fromkeys([*table.columns, "name", "value"]))
    made = pd.DataFrame(rows, columns=names, index=index, dtype=object)
    return {**raw, columns.PARAMETERS.stem: made}


@dataclass(eq=False)
class Plan:
    """A plan workbook or folder, opened; what is asked for is made once.

    Parameters
    ----------
    source
        The workbook or the folder.
    raw
        Its tables as read, with the parameters that were given.
    sales_at
        Where sales by customer stand; None where they are not looked at.
    cache
        Where forecasts are kept; the user's own if None.
    """

    source: Path
    raw: columns.Tables
    sales_at: Path | None = None
    cache: ContentCache | None = None

    def __repr__(self) -> str:
        return f"Plan of {self.source.name}: {len(self.items):,} items, plan date {self.parameters.plan_date}"

    @cached_property
    def admitted(self) -> Admitted:
        """The tables the plan stands on, and what was wrong with the rest."""
        return admit(self.raw)

    @property
    def parameters(self) -> Parameters:
        """What the plan assumes."""
        return self.admitted.parameters

    @property
    def items(self) -> pd.DataFrame:
        """``tblItems`` as admitted."""
        return self.table("items")

    @property
    def demand(self) -> pd.DataFrame:
        """``tblDemand`` as admitted."""
        return self.table("demand")

    @property
    def quality(self) -> pd.DataFrame:
        """``tblQuality``: every rejected or repaired row and what looks odd."""
        return self.admitted.quality

    def table(self, name: str) -> pd.DataFrame:
        """Return a table of inputs as admitted, or one of an earlier refresh as it stands, by stem or name.

        One that the source does not hold has no rows.

        Raises
        ------
        InputError
            If no table of a plan has that name.
        """
        known = {key.lower(): table for table in columns.BY_STEM.values() for key in (table.stem, table.name)}
        contract = known.get(name.lower())
        if contract is not None and contract.stem in self.admitted.tables:
            return self.admitted.tables[contract.stem]
        if contract is None:
            raise InputError(f"{name} is no table of a plan; expected one of {', '.join(columns.BY_STEM)}")
        return typed(kept_rows(self.raw, contract), contract)

    @cached_property
    def past(self) -> Histories:
        """The demand of each item by period, in the order of the items."""
        return histories(self.admitted)

    @cached_property
    def levelled(self) -> Levelled:
        """Items with forecasts and stock levels, before anything is ordered."""
        return set_levels(self.raw, self.admitted, Silent(), cache=self.store)

    @cached_property
    def result(self) -> PlanResult:
        """The whole plan, as a refresh makes it."""
        return run(self.raw, admitted=self.admitted, cache=self.store)

    @cached_property
    def sales(self) -> AdmittedSales | None:
        """Sales by customer until the plan date, and what is known of the customers; None where there are none."""
        tables = {} if self.sales_at is None else read_sales(self.sales_at)
        if columns.SALES.stem not in tables:
            return None
        return admit_sales(tables, self.items, until=self.parameters.plan_date)

    @cached_property
    def first_look(self) -> pd.DataFrame:
        """What was read and what was done about what is odd: the first table of a notebook."""
        return first_look(self.admitted, self.past, self.sales)

    def names(self, rows: pd.DataFrame) -> pd.Series[str]:
        """Return what the item of each row is called: with its location where it stands at several."""
        return pd.Series(item_names(rows, self.items), index=rows.index, dtype=object)

    def titles(self, rows: pd.DataFrame) -> pd.Series[str]:
        """Return the name of the item of each row, with its description."""
        return (self.names(rows) + " " + rows["description"].fillna("")).str.strip()

    def row_of(self, item: str, location: str | None = None) -> int:
        """Return the place of an item among the items, and so of its history and forecast.

        Parameters
        ----------
        item
            The item, or what `names` calls it.
        location
            Where it stands; needed where the item stands at several locations.

        Raises
        ------
        InputError
            If it is not planned, or stands at several locations and none is named.
        """
        if location is None:
            there = ((self.items["item"] == item) | (self.names(self.items) == item)).to_numpy()
        else:
            there = ((self.items["item"] == item) & (self.items["location"] == location)).to_numpy()
        if not there.any():
            raise InputError(f"{self.source.name} plans no item {item}{f' at {location}' if location else ''}")
        if there.sum() > 1:
            places = ", ".join(self.items.loc[there, "location"])
            raise InputError(f"{self.source.name} plans {item} at {places}; expected one of these locations with it")
        return int(there.argmax())

    def histories(self, items: pd.DataFrame, title: str, *, forecasts: bool = False) -> Picture | Said:
        """Return a picture of the histories of some items, a panel each.

        Parameters
        ----------
        items
            Rows with item and location; six at most can be read.
        title
            What they show, as a sentence.
        forecasts
            Whether the forecast stands behind each.
        """
        if items.empty:
            return Said(f"{title}: none.")
        rows = [self.row_of(*each) for each in zip(items["item"], items["location"], strict=True)]
        names = self.titles(self.items.iloc[rows]).tolist()
        made = [self.levelled.forecasts[row] for row in rows] if forecasts else None
        return pictures.histories(
            self.past, rows, names, self.parameters.calendar, title=title, forecasts=made, unit="units"
        )

    @cached_property
    def copy(self) -> Path:
        """A copy of the workbook or folder to write to where the source is to stay as it is, in the user's cache.

        It is a scratch copy: each plan that is opened makes it anew when it is first asked for.

        Raises
        ------
        FileError
            If the one that an earlier plan made is open elsewhere, or cannot be taken away.
        """
        source = self.source.resolve()
        place = hashlib.sha256(os.fsencode(source.parent)).hexdigest()[:16]
        folder = default_directory() / "copies" / place
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        copy = folder / source.name
        refuse_open(copy)
        try:
            if copy.is_dir():
                shutil.rmtree(copy)
            copy.unlink(missing_ok=True)
        except OSError as error:
            raise FileError(f"the copy {copy} cannot be made anew: {error.strerror}; close it first") from None
        return copy

    @property
    def money(self) -> str:
        """The unit of money, as it stands under a header."""
        return self.parameters.currency or "money"

    @cached_property
    def store(self) -> ContentCache:
        """Where what was computed is kept from one run to the next."""
        return self.cache or ContentCache()

    def last_written(self, table: Table, output: str | Path | None = None) -> pd.DataFrame:
        """Return a table as an earlier run wrote it, with what was typed since; no rows where it is not there.

        Parameters
        ----------
        table
            The contract of its columns.
        output
            Where it is to be written, as `write` takes it; the source unless given.
        """
        return rows_held(self.source, table, Path(output) if output else None)

    def write(
        self, name: str | Table, frame: pd.DataFrame, output: str | Path | None = None, *, title: str = ""
    ) -> WrittenBack:
        """Write a table into the workbook or folder, or into a copy; see `workbook.write_back.write_back`.

        ``invopt undo`` takes it back. The workbook must be closed in Excel and LibreOffice.

        Parameters
        ----------
        name
            Of the table, such as ``tblSegments``, or the contract of its columns.
        frame
            The rows; or the key and columns of the planner's, such as item, location and service_target.
        output
            The workbook to write: one that is there gets the table, one that is not becomes a copy with it. Of a folder
            a workbook that is there, or another folder. The source itself unless given.
        title
            Of a new sheet, where the workbook does not hold the table.
        """
        target = None if output is None else Path(output)
        written = write_back(self.source, name, frame, output=target, title=title)
        if target is None or target != vars(self).get("copy"):
            return written
        return replace(
            written, where=f"a copy of {self.copy.name} in the cache folder (plan.copy, made anew by each run)"
        )
