"""Which build of the package computes: answers of another one are not taken from the disk."""

from __future__ import annotations

from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ENGINES = ("numpy", "scipy", "pandas", "statsforecast", "pmdarima", "highspy", "pulp")
"""Packages whose versions may change a result."""


def build() -> str:
    """Return a digest of the versions of the package and its engines, and of when its files were written."""
    digest = blake2b(digest_size=12)
    for name in ("invopt_xl", *ENGINES):
        digest.update(f"{name} {_version(name)}\n".encode())
    package = Path(__file__).parents[2]
    for path in sorted(package.rglob("*.py")):
        if "hosts" not in path.relative_to(package).parts:
            found = path.stat()
            digest.update(f"{path.name} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"
