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

STEPS = """Step by step:

1. A certificate, for Excel takes nothing but https. With mkcert (https://github.com/FiloSottile/mkcert):
   `mkcert -install`, once, so that this computer trusts it; then `mkcert localhost`.
2. `invopt web --noncommercial --certificate localhost.pem --key localhost-key.pem`. It stays in the foreground: leave
   the terminal open, Ctrl-C ends it. Excel computes as long as it runs.
3. In a second terminal: `invopt web manifest --url https://localhost:8000 --output manifest.xml`.
4. Give Excel the manifest, once.
   Excel on the web, Windows: Home, Add-ins, More Add-ins, My Add-ins, Upload My Add-in.
   Mac: copy it to ~/Library/Containers/com.microsoft.Excel/Data/Documents/wef (make the folder if need be), start Excel
   again, and choose it under Home, Add-ins.

Each colleague does the same on their own computer: a server and a manifest serve one user.

One server for many: `--host` with what to bind to, `--url` with the https address that Excel uses, and xlwings'
authentication: XLWINGS_AUTH_PROVIDERS=["entraid"] with XLWINGS_AUTH_ENTRAID_CLIENT_ID and
XLWINGS_AUTH_ENTRAID_TENANT_ID. Without a token everybody then meets the task pane's page with the help on functions,
the functions' names and the manifest, which Office fetches without one; nothing is computed or told."""

web = typer.Typer(
    name="web",
    help=f"Serve the functions to Excel on the web, Mac and Windows as an Office add-in.\n\n{LICENCE}\n\n{STEPS}",
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
    typer.Option(
        "--url",
        metavar="URL",
        help="Address for Excel, where it is another: of a proxy with https; always with --host 0.0.0.0.",
    ),
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
    """Write the manifest that Excel is given once; `invopt web --help` says where."""
    from invopt_xl.hosts.cli.ending import say
    from invopt_xl.hosts.web.manifest import manifest as manifest_for
    from invopt_xl.hosts.web.secret import write_private

    # It may hold the path by which the server of this machine knows its user.
    write_private(output, manifest_for(url, say))
    say(f"the manifest is written to {output}")
