"""The function service, its log, and the cache."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from invopt_xl.hosts.doctor.findings import Finding
from invopt_xl.hosts.service.client import MARK, SEE_DOCTOR, Client
from invopt_xl.hosts.service.settings import default_settings, log_path

AREA = "Function service"
PATIENCE = 30.0
"""Seconds for the service to start."""

SLOW = 0.1
"""Seconds from which on a cheap call is worth a word."""


def function_service() -> Iterator[Finding]:
    """Yield whether the service runs, or starts; one that was started for this is stopped again."""
    client = Client(default_settings())
    before = client.status()
    if before["running"] and not before["answers"]:
        whose = f"process {before['pid']}" if before["pid"] else "the service"
        text = f"{whose} does not answer ({before['why']})"
        yield Finding(AREA, "problem", text, "run: invopt service stop; the next cell starts another")
        return
    try:
        yield from _answers(client, before)
    finally:
        if not before["running"]:
            client.stop()
        client.close()


def _answers(client: Client, before: dict[str, object]) -> Iterator[Finding]:
    own = client.settings.version
    if before["running"] and before.get("version") != own:
        yield Finding(AREA, "warning", f"a service of version {before.get('version')} runs; it gives way to {own}")
    begin = time.monotonic()
    answer = client.call("VERSION", [], wait=PATIENCE)
    seconds = time.monotonic() - begin
    if answer.get("pending") or answer.get("refused"):
        told = str(answer["cells"][0][0]) if "cells" in answer else f"no answer in {PATIENCE:.0f} s"
        told = told.removeprefix(MARK).removesuffix(SEE_DOCTOR)
        yield Finding(AREA, "problem", told, _advice(log_path(client.settings.address)))
        return
    begin = time.monotonic()
    client.call("VERSION", [], wait=PATIENCE)
    again = time.monotonic() - begin
    how = "runs" if before["running"] else f"starts in {seconds:.1f} s"
    slow = "" if again < SLOW else "a virus scanner may look at each call; ask for an exception"
    text = f"{how}, version {own}, answers in {again * 1000:.1f} ms at {client.settings.address}"
    yield Finding(AREA, "warning" if slow else "ok", text, slow)


def _advice(log: Path) -> str:
    """Return what to do about a service that does not start; its log counts where there is something in it."""
    mend = "mend what it says, and run invopt doctor again"
    return f"{mend}; more may be in the log ({log})" if log.exists() and log.stat().st_size else mend


def log() -> Iterator[Finding]:
    """Yield whether the log can be written."""
    path = log_path(default_settings().address)
    fault = _fault(path.parent)
    if fault:
        yield Finding(AREA, "warning", f"no log in {path.parent} ({fault})", "allow writing to that folder")
    else:
        size = path.stat().st_size if path.exists() else 0
        yield Finding(AREA, "ok", f"log {path}, {_size(size)}")


def cache() -> Iterator[Finding]:
    """Yield whether results are kept, and how much of them there is."""
    from invopt_xl.cache import SIZE_LIMIT, ContentCache

    with ContentCache() as kept:
        kept.put("doctor", {"probe": np.array([1.0])})
        found = kept.get("doctor")
        folder, fault = kept.directory, kept.fault
    if fault or found is None:
        told = fault or f"what is kept in {folder} does not come back"
        yield Finding(
            "Cache", "warning", told, f"{_cache_advice(folder)}, or name another in the variable INVOPT_CACHE"
        )
        return
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    yield Finding("Cache", "ok", f"{folder}, {_size(size)} of at most {_size(SIZE_LIMIT)}")


def _cache_advice(folder: Path) -> str:
    """Return what to do about a cache that does not work, by what stands there."""
    if folder.is_dir():
        writable = not _fault(folder)
        return f"delete the folder {folder}, which is damaged" if writable else f"allow writing to the folder {folder}"
    if folder.exists():
        return f"move the file {folder}, which stands where the folder is to be"
    return f"make the folder {folder}, which cannot be made here"


def _fault(folder: Path) -> str:
    """Return why a file cannot be written into a folder, nothing where it can."""
    there = next(each for each in (folder, *folder.parents) if each.exists())
    if not there.is_dir():
        return f"{there} is a file"
    try:
        with tempfile.TemporaryFile(dir=there):
            return ""
    except OSError as error:
        return (error.strerror or str(error)).lower()


def _size(count: int) -> str:
    """Return bytes in words.

    Examples
    --------
    >>> _size(2 * 1024**3), _size(1500), _size(12)
    ('2.0 GB', '1.5 kB', '12 bytes')
    """
    for unit, size in (("GB", 1024**3), ("MB", 1024**2), ("kB", 1024)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} bytes"
