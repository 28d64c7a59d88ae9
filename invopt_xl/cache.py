"""A content-keyed cache on disk: what was computed from the same inputs is not computed again.

Values are raw bytes (never pickles), so a cache can be shared by processes and cannot run code. The folder is
created for its user alone. Locking, eviction and concurrent writers are `diskcache`'s.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

SIZE_LIMIT = 2 * 1024**3
"""Bytes kept before the least recently stored results are dropped."""


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
        import diskcache

        self.directory = directory or default_directory()
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._store = diskcache.Cache(str(self.directory), size_limit=SIZE_LIMIT)

    def get(self, key: str) -> dict[str, npt.NDArray[np.generic]] | None:
        """Return the arrays kept under the key, or None."""
        blob = self._store.get(key)
        if not isinstance(blob, bytes):
            return None
        with np.load(io.BytesIO(blob), allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}

    def put(self, key: str, arrays: Mapping[str, npt.NDArray[np.generic]]) -> None:
        """Keep the arrays under the key."""
        buffer = io.BytesIO()
        np.savez(buffer, allow_pickle=False, **dict(arrays))
        self._store.set(key, buffer.getvalue())

    def close(self) -> None:
        """Release the files."""
        self._store.close()

    def __enter__(self) -> ContentCache:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
