"""Executes notebooks and stores their outputs in them, as they are committed.

Run as ``python -m invopt_xl.hosts.notebook.execution notebooks/*.ipynb``. What differs from run to run is left out: the
times of cells, the version of Python, and views of controls, whose models live only while a notebook runs.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from invopt_xl.errors import FileError, InputError, how_to_install
from invopt_xl.workbook.atomic import replacing

SECONDS = 600
"""Longest time of a cell."""

_VIEW = "application/vnd.jupyter.widget-view+json"
_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def execute(path: Path) -> None:
    """Execute a notebook in its folder, in this Python, and store its outputs in it.

    Parameters
    ----------
    path
        The notebook.

    Raises
    ------
    FileError
        If it cannot be read or written.
    InputError
        If a cell fails, or what executes notebooks is not installed.
    """
    if find_spec("nbclient") is None or find_spec("ipykernel") is None:
        raise InputError(f"notebooks cannot be executed: {how_to_install('notebooks')}")
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    if not path.is_file():
        raise FileError(f"there is no notebook {path}")
    book = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    client = NotebookClient(
        book,
        timeout=SECONDS,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.resolve().parent)}},
        store_widget_state=False,
        record_timing=False,
    )
    try:
        client.execute()
    except CellExecutionError as error:
        raise InputError(f"{path.name} fails: {error.ename}: {error.evalue}") from None
    text = nbformat.writes(tidied(book))  # type: ignore[no-untyped-call]
    with replacing(path) as stream:
        stream.write(f"{text}\n".encode())


def tidied(book: Any) -> Any:
    """Return a notebook without what differs from run to run."""
    book.metadata = {"kernelspec": dict(_KERNEL), "language_info": {"name": "python"}}
    for place, cell in enumerate(book.cells, start=1):
        cell.metadata = {key: value for key, value in cell.metadata.items() if key == "tags"}
        cell.id = f"cell-{place:02d}"
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(_VIEW, None)
    return book


def main(paths: Sequence[str]) -> int:
    """Execute notebooks one after the other; return 0, or 2 where one fails."""
    for path in paths:
        try:
            execute(Path(path))
        except (FileError, InputError) as error:
            sys.stderr.write(f"{error}\n")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
