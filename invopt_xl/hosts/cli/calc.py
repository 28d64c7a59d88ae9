"""``invopt calc``: the cell functions in LibreOffice Calc."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from invopt_xl.hosts.cli.ending import DONE

calc = typer.Typer(
    name="calc",
    help="Put the cell functions into LibreOffice Calc, or take them out again.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)

File = Annotated[
    Path | None, typer.Option("--output", "-o", help="Only write the extension (.oxt) here; nothing is installed.")
]


Shared = Annotated[bool, typer.Option("--shared", help="For all users of this computer; that takes an administrator.")]


@calc.command(epilog="Examples:\n\ninvopt calc install\n\ninvopt calc install --output invopt_xl.oxt")
def install(output: File = None, shared: Shared = False) -> int:
    """Install the functions in LibreOffice Calc for this user, in place of an older version.

    They go into the profile that LibreOffice uses by itself (on Linux ~/.config/libreoffice/4, or where XDG_CONFIG_HOME
    leads). For another profile (-env:UserInstallation) write the file with --output and open it there. For root,
    LibreOffice installs for all users alone, which --shared has to say.

    The extension asks the function service of this Python environment, which it starts when a cell first needs it.
    """
    from invopt_xl.hosts.calc.install import install, write_extension
    from invopt_xl.hosts.service.settings import default_settings

    if output is not None:
        write_extension(output, default_settings())
        typer.echo(
            f"the extension is written to {output}; to install it, open it in LibreOffice, then start that again"
        )
        return DONE
    install(default_settings(), typer.echo, shared=shared)
    typer.echo("then write =INVOPT_EOQ(1200; 50; 2.5) into a cell, or look under Add-In in the function wizard")
    return DONE


@calc.command(epilog="Example: invopt calc uninstall")
def uninstall(shared: Shared = False) -> int:
    """Take the functions out of LibreOffice Calc."""
    from invopt_xl.hosts.calc.install import uninstall

    uninstall(typer.echo, shared=shared)
    return DONE
