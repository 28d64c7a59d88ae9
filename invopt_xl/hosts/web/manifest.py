"""The manifest: the file that tells Excel where the add-in is."""

from __future__ import annotations

import os

from invopt_xl.hosts.web.serving import Place, checked, configure, require_installed, with_path


def manifest(url: str) -> str:
    """Return the manifest of the add-in, as XML.

    Parameters
    ----------
    url
        Where Excel finds the server, such as ``https://plan.example.com``.

    Raises
    ------
    InputError
        If it is not an address Excel takes.
    """
    base = checked(url)
    require_installed()
    configure(with_path(Place(url=base)), os.environ)
    from xlwings_server.config import settings
    from xlwings_server.templates import templates

    text: str = templates.env.get_template("manifest.xml").render(
        settings=settings,
        base_url=base,
        base_url_with_app_path=base + settings.app_path,
        manifest_id=settings.manifest_id_prod,
    )
    return text
