"""A content-keyed cache on disk: what was computed from the same inputs is not computed again.

Values are raw bytes (never pickles), so a cache can be shared by processes and cannot run code. The folder is
created for its user alone. Locking, eviction and concurrent writers are `diskcache`'s.

A cache saves time and nothing else: one that cannot be opened, read or written is as good as an empty one, and says so
in `ContentCache.fault`.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import sqlite3
import struct
import zlib
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import diskcache

SIZE_LIMIT = 2 * 1024**3
"""Bytes kept before the least recently stored results are dropped."""

LARGEST_ROW = 2**20
"""Bytes of a result from which it becomes a file of its own rather than a row of the database."""

LONGEST_WAIT = 5.0
"""Seconds to wait for another process that holds the cache; longer than any sound writer needs."""

_SEAL = struct.Struct("<QI")
"""Length and checksum before each result: one flipped bit, and the result is not there."""


def _seal(content: bytes) -> bytes:
    return _SEAL.pack(len(content), zlib.crc32(content))


_LENGTH = struct.Struct("<Q")


def packed(arrays: Mapping[str, npt.NDArray[np.generic]]) -> bytes:
    """Return named arrays as bytes: a line of JSON that describes them, preceded by its length, and their contents.

    Raises
    ------
    ValueError
        If an array holds objects, which only code could restore.

    Examples
    --------
    >>> unpacked(packed({"mean": np.array([[1.0, 2.0]]), "text": np.array("why")}))
    {'mean': array([[1., 2.]]), 'text': array('why', dtype='<U3')}
    """
    if any(array.dtype.hasobject for array in arrays.values()):
        raise ValueError("objects cannot be packed")
    layout = json.dumps([(name, array.dtype.str, array.shape) for name, array in arrays.items()]).encode()
    return b"".join([_LENGTH.pack(len(layout)), layout, *(array.tobytes() for array in arrays.values())])


def unpacked(content: bytes) -> dict[str, npt.NDArray[np.generic]]:
    """Return the arrays that `packed` put together.

    Raises
    ------
    ValueError
        If the bytes are nothing that it returned.
    """
    arrays: dict[str, npt.NDArray[np.generic]] = {}
    try:
        (length,) = _LENGTH.unpack_from(content)
        place = _LENGTH.size + length
        for name, kind, shape in json.loads(content[_LENGTH.size : place]):
            size = math.prod(shape)
            array = np.frombuffer(content, np.dtype(kind), size, place) if size else np.empty(0, np.dtype(kind))
            arrays[name] = array.reshape(shape).copy()
            place += array.nbytes
    except (struct.error, TypeError) as error:
        raise ValueError(f"no packed arrays: {error}") from error
    return arrays


def content_key(*parts: object) -> str:
    """Return a digest of the parts' content; equal content gives an equal key in every process.

    Arrays count with type, shape and bytes; everything else by its ``repr``, so give plain values.

    Examples
    --------
    >>> content_key(np.array([1.0, 2.0]), 13) == content_key(np.array([1.0, 2.0]), 13)
    True
    >>> content_key(np.array([1.0, 2.0]), 13) == content_key(np.array([1.0, 3.0]), 13)
    False
    """
    digest = hashlib.blake2b(digest_size=20)
    for part in parts:
        if isinstance(part, np.ndarray):
            digest.update(f"{part.dtype}{part.shape}".encode())
            digest.update(np.ascontiguousarray(part).tobytes())
        else:
            digest.update(repr(part).encode())
        digest.update(b"\x1f")
    return digest.hexdigest()


def default_directory() -> Path:
    """Return the user's cache folder, or the one the environment variable ``INVOPT_CACHE`` names."""
    named = os.environ.get("INVOPT_CACHE")
    if named:
        return Path(named)
    from platformdirs import user_cache_path

    return user_cache_path("invopt_xl")


class Store(Protocol):
    """Keeps named arrays under a key."""

    def get(self, key: str) -> dict[str, npt.NDArray[np.generic]] | None:
        """Return what is kept, or None."""

    def put(self, key: str, arrays: Mapping[str, npt.NDArray[np.generic]]) -> None:
        """Keep the arrays, if it likes to."""


class ContentCache:
    """Named arrays kept on disk under a content key, safe under several processes.

    Parameters
    ----------
    directory
        Where to keep them; by default `default_directory`.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, ContentCache(Path(folder)) as cache:
    ...     cache.put("key", {"mean": np.array([1.0, 2.0])})
    ...     cache.get("key")["mean"].tolist(), cache.get("other")
    ([1.0, 2.0], None)
    """

    def __init__(self, directory: Path | None = None) -> None:
        self.directory = directory or default_directory()
        self.fault = ""
        """Why the cache, or its writing, was given up; empty while it works."""
        self._writable = True
        self._store: diskcache.Cache | None = None
        try:
            self._store = self._opened()
        except (OSError, sqlite3.Error) as error:
            self._give_up(error)

    def _opened(self) -> diskcache.Cache:
        import diskcache

        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Opening would wait a minute for a lock; a held one is found sooner here.
        with closing(sqlite3.connect(self.directory / diskcache.core.DBNAME, timeout=LONGEST_WAIT)) as probe:
            probe.execute("BEGIN IMMEDIATE")
            probe.rollback()
        store = diskcache.Cache.__new__(diskcache.Cache)
        try:
            store.__init__(
                str(self.directory), size_limit=SIZE_LIMIT, timeout=LONGEST_WAIT, disk_min_file_size=LARGEST_ROW
            )
        except BaseException:
            # A damaged database is found half-way through, with a connection open that nobody else would close.
            with suppress(sqlite3.Error, AttributeError):
                store.close()
            raise
        return store

    def _give_up(self, error: BaseException) -> None:
        """Note the first fault, in words for a person."""
        self._writable = False
        what = str(error) or "it is held by another process"
        self.fault = self.fault or f"the cache in {self.directory} cannot be used ({what}): results are not kept"

    def get(self, key: str) -> dict[str, npt.NDArray[np.generic]] | None:
        """Return the arrays kept under the key, or None; what cannot be read counts as not kept."""
        if self._store is None:
            return None
        import diskcache

        try:
            blob = self._store.get(key)
        except (OSError, sqlite3.Error, diskcache.Timeout) as error:
            self._give_up(error)
            self.close()
            self._store = None
            return None
        if not isinstance(blob, bytes) or blob[: _SEAL.size] != _seal(blob[_SEAL.size :]):
            return None
        try:
            return unpacked(blob[_SEAL.size :])
        except ValueError:
            return None  # sealed, but by a version that wrote otherwise

    def put(self, key: str, arrays: Mapping[str, npt.NDArray[np.generic]]) -> None:
        """Keep the arrays under the key, if that is possible."""
        if self._store is None or not self._writable:
            return
        import diskcache

        content = packed(arrays)
        try:
            self._store.set(key, _seal(content) + content)
        except (OSError, sqlite3.Error, diskcache.Timeout) as error:
            self._give_up(error)

    def close(self) -> None:
        """Release the files."""
        if self._store is not None:
            with suppress(sqlite3.Error):
                self._store.close()

    def __enter__(self) -> ContentCache:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
