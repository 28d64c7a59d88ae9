"""``invopt excel``: the functions in Excel for Windows."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from invopt_xl.errors import InvoptError
from invopt_xl.hosts.cli.ending import DONE
from invopt_xl.hosts.cli.running import OUTCOME

excel = typer.Typer(
    name="excel",
    help="The cell functions in Excel for Windows: settings, workbooks that carry them, their VBA.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Addin = Annotated[bool, typer.Option("--addin", help="Put the xlwings add-in with its 'Import Functions' there too.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be written, and write nothing.")]
NewMacroBook = Annotated[Path, typer.Argument(metavar="TARGET", help="The workbook to write, ending in .xlsm.")]
Into = Annotated[
    Path | None,
    typer.Option("--from", metavar="FILE", help="A workbook to copy; one with examples if none."),
]
Force = Annotated[bool, typer.Option("--force", help="Write over what is there.")]
VbaFolder = Annotated[Path, typer.Argument(metavar="FOLDER", help="Where to write the .bas files.")]
CheckSeconds = Annotated[float, typer.Option("--seconds", min=1, max=3600, help="How long Excel may calculate.")]
CheckReport = Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write a .csv file.")]


@excel.command(epilog="Example: invopt excel install --dry-run")
def install(addin: Addin = False, dry_run: DryRun = False) -> int:
    """Tell Excel which Python to use for the functions; each step is said.

    Only settings of this user are written; `invopt excel uninstall` takes them back.
    """
    from invopt_xl.hosts.excel.configuration import Place
    from invopt_xl.hosts.excel.installing import installation

    _do(installation(Place.here(), addin=addin), dry_run)
    if not dry_run:
        typer.echo("Done. Now: invopt excel book examples.xlsm, open it in Excel and choose Enable Content.")
    return DONE


@excel.command(epilog="Example: invopt excel uninstall")
def uninstall(dry_run: DryRun = False) -> int:
    """Take back what `invopt excel install` has written."""
    from invopt_xl.hosts.excel.configuration import Place
    from invopt_xl.hosts.excel.installing import removal

    _do(removal(Place.here()), dry_run)
    return DONE


@excel.command(
    epilog="Examples:\n\ninvopt excel book examples.xlsm\n\ninvopt excel book plan.xlsm --from plan.xlsx\n\n"
    "invopt excel book plan.xlsm --from plan.xlsm"
)
def book(target: NewMacroBook, source: Into = None, force: Force = False) -> int:
    """Make a workbook that carries the functions: colleagues need neither an add-in nor 'Import Functions'.

    They do need Python with invopt_xl, and `invopt excel install` once. What the workbook holds besides stays as it is.

    A workbook that has the functions already gets them anew, with --from also in its own place: that is needed where
    another version of xlwings or of invopt_xl is installed. One that has other macros is left alone.
    """
    from invopt_xl.hosts.cli.show import reporter
    from invopt_xl.hosts.excel.example_book import COLLEAGUES, build_example_book
    from invopt_xl.hosts.excel.macros import add_functions, check_book
    from invopt_xl.hosts.excel.vba import modules

    check_book(target, source, force)
    if source is None:
        typer.echo(
            "Computing the examples; the first time takes a minute or two, as parts are compiled then.", err=True
        )
        with reporter(quiet=False, json=False) as report:
            build_example_book(target, report.progress)
    else:
        add_functions(source, target, modules())
    OUTCOME.reached(0, f"the workbook is written to {target}")
    typer.echo(f"Written to {target}")
    if source is not None:
        typer.echo("\n".join(("To send with it, for who has not used the functions yet:", *COLLEAGUES)))
    return DONE


@excel.command(epilog="Example: invopt excel vba modules")
def vba(folder: VbaFolder, force: Force = False) -> int:
    """Write the VBA modules as files, for a workbook that has macros of its own.

    In Excel: Alt+F11, then drag the four files onto the workbook's project.
    """
    from invopt_xl.hosts.excel.vba import modules
    from invopt_xl.workbook.atomic import replacing

    files = {
        folder / f"{name}.bas": text.replace("\r\n", "\n").replace("\n", "\r\n").encode("ascii")
        for name, text in modules().items()
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        others = [path.name for path, text in files.items() if path.exists() and path.read_bytes() != text]
    except OSError as error:
        raise InvoptError(f"{folder} cannot be made or read: {(error.strerror or str(error)).lower()}") from None
    if others and not force:
        raise InvoptError(f"{folder} holds another {' and '.join(others)}; --force writes over it")
    for path, text in files.items():
        with replacing(path) as stream:
            stream.write(text)
        typer.echo(f"Written to {path}")
    return DONE


@excel.command(epilog="Example: invopt excel check --output check.csv")
def check(seconds: CheckSeconds = 120.0, output: CheckReport = None) -> int:
    """Open a workbook with every function in Excel, calculate, and compare with what Python computes."""
    from rich.console import Console

    from invopt_xl.hosts.excel.checking import check_frame, check_in_excel, check_table
    from invopt_xl.workbook.atomic import replacing

    found = check_in_excel(seconds)
    if output is not None:
        with replacing(output) as stream:
            check_frame(found).to_csv(stream, index=False)
    Console().print(check_table(found))
    if found.advice:
        typer.echo(found.advice)
    return OUTCOME.reached(found.wrong, "the functions are compared")


def _do(steps: Iterable[object], dry_run: bool) -> None:
    """Carry steps out, or only say them; where there is no Excel for Windows, nothing is written."""
    from invopt_xl.hosts.excel.configuration import WINDOWS
    from invopt_xl.hosts.excel.installing import Step, carry_out

    listed = [step for step in steps if isinstance(step, Step)]
    if dry_run:
        for step in listed:
            typer.echo(f"Would do: {step.text}: {step.path}" if step.path else step.text)
            _show(step.content)
        return
    if not WINDOWS:
        raise InvoptError(
            "Excel runs these functions on Windows alone; --dry-run shows what would be written there. On a Mac and on "
            "the web they come through a server (invopt web), in LibreOffice through an add-in (invopt calc install)"
        )
    for step in carry_out(listed):
        typer.echo(f"{step.text}{f': {step.path}' if step.path else ''}")
        OUTCOME.reached(0, "the steps above are done")


def _show(content: bytes | None) -> None:
    if content is None:
        return
    if content.startswith(b"PK"):
        typer.echo(f"    {len(content):,} bytes")
        return
    for line in content.decode(errors="replace").splitlines():
        typer.echo(f"    {line}")
