"""Writing a template as a workbook, for the host that will open it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import MISSING, fields
from datetime import datetime
from pathlib import Path

import pandas as pd

from invopt_xl.plan.checks import check_table
from invopt_xl.plan.columns import CHECKS, PARAMETERS, Tables
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.views import VIEWS
from invopt_xl.plan.views.agreement import agreements
from invopt_xl.sheet.listing import functions_sheet
from invopt_xl.templates import example
from invopt_xl.templates.catalogue import Template
from invopt_xl.templates.forms import Form
from invopt_xl.workbook.sheets.all_sheets import TABLES_ON, with_needed
from invopt_xl.workbook.template import Cover, build_plan_workbook, save_book


def write_template(template: Template, path: Path, form: Form, *, blank: bool = False) -> Path:
    """Write a template as a workbook without macros, and return its path.

    The same choices give the same bytes. The file appears whole or not at all.

    Parameters
    ----------
    template
        Which one.
    path
        Where to write it; a file there is replaced.
    form
        How formulas are written for its host.
    blank
        Without the example, ready for one's own data.

    Raises
    ------
    FileError
        If it cannot be written or is open in Excel.
    """
    tables = example.shipped()
    cover = Cover(
        template.purpose,
        sources=() if blank else example.SOURCES,
        illustrative=() if blank else example.ILLUSTRATIVE,
        how=[line.format(refresh=form.refresh) for line in template.how],
        macro=form.macro if template.is_plan else "",
    )
    if template.is_plan:
        return build_plan_workbook(
            path,
            _blank(tables) if blank else tables | {CHECKS.stem: checks_beside(template.sheets, tables)},
            title=template.title,
            cover=cover,
            reference=(functions_sheet(form.shown),),
            sheets=template.sheets,
        )
    from invopt_xl.templates.calculator import build_calculator

    save_book(path, build_calculator(template.title, cover, form, example.inputs(tables), blank=blank))
    return path


def checks_beside(sheets: Sequence[str], tables: Tables) -> pd.DataFrame:
    """Return ``tblChecks`` as a refresh of these sheets makes it: views that are on none of them are not checked.

    Examples
    --------
    >>> tables = example.shipped()
    >>> plan, with_excess = (checks_beside(sheets, tables) for sheets in (["Plan"], ["Plan", "Excess"]))
    >>> len(with_excess) - len(plan)
    1
    """
    held = {table.stem for name in with_needed(sheets) for table in TABLES_ON.get(name, ())}
    placed = {stem: frame for stem, frame in tables.items() if stem in held or stem not in VIEWS}
    dropped = {name for name, *_ in agreements(tables)} - {name for name, *_ in agreements(placed)}
    found = dict(zip(tables[CHECKS.stem]["check"], tables[CHECKS.stem]["result"], strict=True))
    rows = tables[CHECKS.stem].iloc[2:]  # below the master check and the time of the refresh
    kept = rows[~rows["check"].isin(dropped)].to_numpy().tolist()
    checks = [(name, result == "OK", detail) for name, result, detail in kept]
    return check_table(checks, datetime.fromisoformat(str(found["Last refresh"])))


def _blank(tables: Tables) -> Tables:
    """Return no rows but the parameters, with the values that count where none is given."""
    usual = {each.name: each.default for each in fields(Parameters) if each.default is not MISSING}
    frame = tables[PARAMETERS.stem]
    values = [usual.get(name) or None for name in frame["name"]]
    return {PARAMETERS.stem: frame.assign(value=pd.Series(values, index=frame.index, dtype=object))}
