"""The extension as a file: generated from the catalogue, with what it needs inside."""

from __future__ import annotations

import io
import json
import zipfile
from importlib.resources import files
from typing import Any

from invopt_xl.hosts.calc import markup
from invopt_xl.hosts.service.client import Settings
from invopt_xl.sheet.catalogue import Function, catalogue
from invopt_xl.sheet.listing import PREFIX

LIBRARY = "pythonpath/invopt_calc/"
"""Where the component finds its modules, in a package of their own: all extensions of an office share its Python."""

_SHARED = ("client.py", "starting.py", "waiting.py")
"""Modules of the function service that the component has a copy of."""

_MODULES = ("__init__.py", "cells.py", "desk.py", "opened.py")
_WHEN = (1980, 1, 1, 0, 0, 0)


def extension(settings: Settings) -> bytes:
    """Return the extension (.oxt), the same bytes for the same catalogue and settings.

    Parameters
    ----------
    settings
        Where the function service is met, and how it is started.
    """
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts(settings).items():
            entry = zipfile.ZipInfo(name, _WHEN)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, text.encode())
    return file.getvalue()


def parts(settings: Settings) -> dict[str, str]:
    """Return the text of every file within the extension, by path."""
    functions = list(catalogue().values())
    inside = files("invopt_xl.hosts.calc") / "addin"
    modules = {LIBRARY + name: (inside / "invopt_calc" / name).read_text("utf-8") for name in _MODULES}
    return {
        "META-INF/manifest.xml": markup.manifest(),
        "description.xml": markup.description(settings.version),
        markup.NAMES: markup.names(functions),
        markup.JOBS: markup.jobs(),
        markup.TYPES: markup.types(functions),
        markup.COMPONENTS: markup.components(),
        markup.COMPONENT: (inside / markup.COMPONENT).read_text("utf-8"),
        **modules,
        **{LIBRARY + name: (files("invopt_xl.hosts.service") / name).read_text("utf-8") for name in _SHARED},
        LIBRARY + "functions.json": _json({each.name: described(each) for each in functions}),
        LIBRARY + "settings.json": _json(settings.to_dict()),
    }


def described(function: Function) -> dict[str, Any]:
    """Return what the component has to know of a function."""
    return {
        "shown": PREFIX + function.name,
        "help": function.help,
        "arguments": [[each.name, each.described] for each in function.arguments],
        "zeros": [each.zero_is_empty for each in function.arguments],
        "rest": any(each.takes == "rest" for each in function.arguments),
    }


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"
