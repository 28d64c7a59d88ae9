"""The manifest: the file that tells Excel where the add-in is."""

from __future__ import annotations

import os
from collections.abc import Callable

from invopt_xl.hosts.web.serving import Place, checked, configure, require_installed, with_path
from invopt_xl.hosts.web.users import server_settings


def manifest(url: str, say: Callable[[str], None]) -> str:
    """Return the manifest of the add-in, as XML.

    Parameters
    ----------
    url
        Where Excel finds the server, such as ``https://plan.example.com``.
    say
        Told what a person should know, a line each.

    Raises
    ------
    InvoptError
        If it is not an address Excel takes, or xlwings Server does not take its settings.
    """
    base = checked(url)
    require_installed()
    configure(with_path(Place(url=base), say), os.environ)
    settings = server_settings()
    from xlwings_server.templates import templates

    text: str = templates.env.get_template("manifest.xml").render(
        settings=settings,
        base_url=base,
        base_url_with_app_path=base + settings.app_path,
        manifest_id=settings.manifest_id_prod,
    )
    return text
