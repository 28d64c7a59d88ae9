"""``invopt new``: the command; what it does stands in `new_books`, which costs more to import."""

from __future__ import annotations

from pathlib import Path

import typer

from invopt_xl.errors import InputError, require
from invopt_xl.hosts.cli import options as given
from invopt_xl.hosts.cli.ending import DONE

NEW_EXAMPLES = (
    "Examples:\n\n"
    "invopt new --list\n\n"
    "invopt new replenishment_plan plan.xlsm --host excel\n\n"
    "invopt new safety_stock_calculator calculator.xlsx --host calc\n\n"
    "invopt new order_plan orders.xlsx --host web --blank"
)

_OF_FILES = (".xlsx", ".xlsm", ".xls", ".ods", ".csv")
"""Endings of what is a file, not a template's name."""

_BOTH = "it, such as: invopt new replenishment_plan plan.xlsx; --list names the templates"


def _refuse_swapped(template: str, book: Path | None) -> None:
    """Say that a file stands where the template's name belongs."""
    if Path(template).suffix.lower() in _OF_FILES:
        name = "TEMPLATE" if book is None else book.name
        raise InputError(
            f"{template} is no template but a file; expected: invopt new {name} {template}; --list names them"
        )


def new(
    template: given.TemplateName = None,
    book: given.TemplateBook = None,
    host: given.Host = None,
    blank: given.Blank = False,
    force: given.Overwrite = False,
    listing: given.ListTemplates = False,
    all_to: given.EveryTemplate = None,
) -> int:
    """Write a workbook to begin with, from a template; `invopt new --list` names them.

    It is filled with an example, and refreshed. For Excel for Windows it carries the cell functions and a button that
    refreshes it; for the web and for Calc its formulas are written as those take them.
    """
    from invopt_xl.hosts.cli.new_books import listed, new_book, write_all

    if listing:
        typer.echo("\n".join(listed()))
    elif all_to is not None:
        require(template is None, "option --all", "given with a template", "it alone: it writes all of them")
        write_all(all_to)
    else:
        require(template is not None, "TEMPLATE", "missing", _BOTH)
        _refuse_swapped(str(template), book)
        require(book is not None, "BOOK", "missing", _BOTH)
        new_book(str(template), Path(str(book)), host, blank=blank, force=force)
    return DONE
