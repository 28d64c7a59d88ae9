"""Runs a notebook and compares every output with what is stored, as nbval does, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def compare(notebook: Path) -> subprocess.CompletedProcess[str]:
    """Execute the cells of a notebook in their order and compare each output with the stored one.

    Pictures are compared by their words, which are stored beside them: their bytes differ by the fonts of a machine.
    The process has none of the settings of the run that starts it.
    """
    settings = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    settings["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    command = [
        *(sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env"),
        *("--nbval-sanitize-with", str(HERE / "sanitise.cfg"), "--color=no", "-q"),
        *("-c", os.devnull, "--rootdir", str(notebook.parent), "-p", "no:cacheprovider", "-p", "no:xdist"),
        str(notebook),
    ]
    return subprocess.run(command, cwd=notebook.parent, env=settings, capture_output=True, text=True, check=False)
