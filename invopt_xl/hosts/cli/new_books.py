"""``invopt new``: a workbook to begin with, from a template."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import typer

from invopt_xl.domain.words import counted
from invopt_xl.errors import FileError
from invopt_xl.hosts.cli.running import OUTCOME
from invopt_xl.templates.catalogue import TEMPLATES, Template, template_named
from invopt_xl.templates.forms import FORMS, Form, form_of


def default_host(book: Path) -> str:
    """Return the host of a workbook unless it is said: Excel if it has macros, else that of this computer."""
    if book.suffix.lower() == ".xlsm":
        return "excel"
    return {"win32": "excel", "linux": "calc"}.get(sys.platform, "web")


def listed() -> Iterator[str]:
    """Yield a line for each template."""
    width = max(map(len, TEMPLATES))
    for each in TEMPLATES.values():
        yield f"{each.name:<{width}}  {each.about}"


def new_book(name: str, book: Path, host: str | None, *, blank: bool, force: bool) -> None:
    """Write a workbook from a template, and say what to do next.

    Raises
    ------
    InvoptError
        If there is no such template or host, the name's ending is another than the host's, or a file is there already.
    """
    template, form = template_named(name), form_of(host or default_host(book))
    check_target(book, form, force)
    write(template, book, form, blank=blank)
    OUTCOME.reached(0, f"the workbook is written to {book}")
    chosen = "" if host else " (by this computer or the ending; --host says otherwise)"
    typer.echo(f"Written to {book}, for {form.title}{chosen}")
    typer.echo("\n".join(next_steps(template, book, form, blank)))


def check_target(book: Path, form: Form, force: bool) -> None:
    """Say in one line why a workbook cannot be written, before any work is done.

    Raises
    ------
    FileError
        If it has another ending than its host takes, is there already, or cannot be written.
    """
    from invopt_xl.workbook.targets import check_place, refuse_open

    if book.suffix.lower() != form.suffix:
        ending = f"ends in {book.suffix}" if book.suffix else "has no ending"
        why = ", with the functions as macros" if form.suffix == ".xlsm" else ""
        raise FileError(f"{book.name} {ending}; expected {form.suffix} for {form.title}{why}")
    if book.exists() and not force:
        raise FileError(f"{book.name} is there already; name another file, or write over it with --force")
    refuse_open(book)
    check_place(book.absolute())


def write(template: Template, book: Path, form: Form, *, blank: bool = False) -> None:
    """Write a template's workbook for its host; for Excel for Windows with the functions in it."""
    from invopt_xl.templates import write_template

    if form.host != "excel":
        write_template(template, book, form, blank=blank)
        return
    from invopt_xl.hosts.excel.macros import add_functions
    from invopt_xl.hosts.excel.vba import modules

    with tempfile.TemporaryDirectory() as folder:
        plain = write_template(template, Path(folder) / "plain.xlsx", form, blank=blank)
        add_functions(plain, book, modules())


def write_all(folder: Path) -> None:
    """Write what is committed: the calculator for every host, and the plans without macros, which every host opens."""
    count = 0
    for form in FORMS.values():
        (folder / form.host).mkdir(parents=True, exist_ok=True)
        for template in TEMPLATES.values():
            if form.host == "web" or not template.is_plan:
                write(template, folder / form.host / f"{template.name}{form.suffix}", form)
                count += 1
    typer.echo(f"Written to {folder}: {counted(count, 'workbook')} for {', '.join(FORMS)}")


def next_steps(template: Template, book: Path, form: Form, blank: bool) -> Iterator[str]:
    """Yield what to do with the workbook, a line each."""
    ready = "" if blank else "; the example shows how it looks"
    if template.is_plan:
        yield f"Next: open it and paste your data into the yellow tables{ready}."
        yield f"Then save, close, and run: invopt refresh {book}"
    else:
        yield f"Next: open it and type into the yellow cells{ready}."
    if form.host == "excel":
        yield "Choose Enable Content. Excel has to know Python once on each computer: invopt excel install"
    elif form.host == "web" and not template.is_plan:
        yield "Its functions come from the add-in: invopt web --help has the steps."
    elif form.host == "calc" and not template.is_plan:
        yield "Its functions come from the extension: invopt calc install"
