"""The rules of the house: style, types, the direction of imports, quick starts, and a map that is true."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent


@pytest.mark.parametrize(
    "command",
    [
        ("ruff", "check", "."),
        ("ruff", "format", "--check", "."),
        ("mypy",),
        ("lint-imports",),
    ],
    ids=lambda command: " ".join(command),
)
def test_the_house_is_in_order(command: tuple[str, ...]) -> None:
    done = subprocess.run([BIN / command[0], *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_map_names_what_exists() -> None:
    package = importlib.import_module("invopt_xl")
    for name in package.__all__:
        assert getattr(package, name) is not None
        assert name in (package.__doc__ or ""), f"the tour does not mention {name}"
    assert set(package.__all__) <= set(dir(package))
    assert len(package.__all__) <= 30, "more than a reader takes in: the others stay in their rooms"


def test_help_imports_nothing_heavy() -> None:
    heavy = (
        "pandas",
        "numpy",
        "scipy",
        "statsforecast",
        "pmdarima",
        "pulp",
        "highspy",
        "openpyxl",
        "pandera",
        "matplotlib",
    )
    probe = f"""
import sys
sys.argv = ["invopt", "--help"]
from invopt_xl.hosts.cli import main
try:
    main()
finally:
    loaded = [name for name in {heavy!r} if name in sys.modules]
    print("loaded:", loaded)
"""
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "loaded: []" in done.stdout


def test_every_python_file_outside_the_tests_is_small_enough_to_read() -> None:
    long = {path.name: lines for path in (ROOT / "invopt_xl").rglob("*.py") if (lines := _lines(path)) > 450}
    assert not long, long


def _lines(path: Path) -> int:
    return path.read_text(encoding="utf-8").count("\n")
