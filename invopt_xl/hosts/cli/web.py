"""``invopt web``: the functions for Excel on the web, Mac and Windows, and the manifest that brings them there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

LICENCE = (
    "It runs on xlwings Server (extra 'web'), which is not free software: it is free for noncommercial use (PolyForm "
    "Noncommercial License 1.0.0); other use needs a licence from https://www.xlwings.org. Say which: --noncommercial, "
    "or the environment variable XLWINGS_LICENSE_KEY."
)

web = typer.Typer(
    name="web",
    help=f"Serve the functions to Excel on the web, Mac and Windows as an Office add-in.\n\n{LICENCE}",
    epilog="Examples:\n\n"
    "invopt web --noncommercial --certificate localhost.pem --key localhost-key.pem\n\n"
    "invopt web manifest --url https://localhost:8000 --output manifest.xml",
    rich_markup_mode="markdown",
    invoke_without_command=True,
)

Host = Annotated[
    str,
    typer.Option(help="What to bind to; other than this machine only with xlwings' authentication for its users."),
]
Port = Annotated[int, typer.Option(min=0, max=65_535, help="Port; 0 takes a free one.")]
Address = Annotated[
    str,
    typer.Option("--url", metavar="URL", help="Address for Excel, where it is another: of a proxy with https."),
]
Certificate = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Certificate in PEM, for https: Excel takes nothing else.")
]
Key = Annotated[Path | None, typer.Option(metavar="FILE", help="Private key of the certificate.")]
Noncommercial = Annotated[
    bool, typer.Option("--noncommercial", help="The use is noncommercial, as the licence of xlwings Server asks.")
]
ManifestFile = Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where to write the manifest.")]


@web.callback()
def serve(
    context: typer.Context,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    url: Address = "",
    certificate: Certificate = None,
    key: Key = None,
    noncommercial: Noncommercial = False,
) -> None:
    """Serve, unless something else is asked for."""
    if context.invoked_subcommand is not None:
        return
    from invopt_xl.hosts.cli.ending import say
    from invopt_xl.hosts.web.serving import Place
    from invopt_xl.hosts.web.serving import serve as serve_there

    serve_there(Place(host, port, url, certificate, key), noncommercial, say)


@web.command(epilog="Example: invopt web manifest --url https://localhost:8000 --output manifest.xml")
def manifest(
    url: Annotated[str, typer.Option(metavar="URL", help="Where Excel finds the server, such as https://...")],
    output: ManifestFile = Path("invopt-manifest.xml"),
) -> None:
    """Write the manifest that Excel is given once: Home, Add-ins, More Add-ins, Upload My Add-in."""
    from invopt_xl.hosts.cli.ending import say
    from invopt_xl.hosts.web.manifest import manifest as manifest_for
    from invopt_xl.hosts.web.secret import write_private

    # It may hold the path by which the server of this machine knows its user.
    write_private(output, manifest_for(url, say))
    say(f"the manifest is written to {output}")
