"""Answers kept in memory, by the bytes of the request, the latest used longest."""

from __future__ import annotations

import threading
from collections import OrderedDict
from hashlib import blake2b

LONGEST_KEY = 512
"""Bytes of a request that is its own key; a longer one is kept as a digest."""

OVERHEAD = 200
"""Bytes that an entry takes besides its content."""


def key_of(body: bytes) -> bytes:
    """Return the key of a request."""
    return body if len(body) <= LONGEST_KEY else blake2b(body, digest_size=32).digest()


class Kept:
    """A store of bytes that drops what was not used for longest.

    Parameters
    ----------
    most
        Bytes to keep.

    Examples
    --------
    >>> kept = Kept(500)
    >>> kept.put(b"a", b"1"), kept.put(b"b", b"2"), kept.get(b"a"), kept.put(b"c", b"3")
    (None, None, b'1', None)
    >>> kept.get(b"b"), kept.get(b"a")
    (None, b'1')
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.size = 0
        self.hits = 0
        self._entries: OrderedDict[bytes, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: bytes) -> bytes | None:
        """Return what is kept, or None."""
        with self._lock:
            found = self._entries.get(key)
            if found is not None:
                self._entries.move_to_end(key)
                self.hits += 1
            return found

    def put(self, key: bytes, content: bytes) -> None:
        """Keep the content, unless it is larger than everything may be."""
        size = len(key) + len(content) + OVERHEAD
        with self._lock:
            if key in self._entries or size > self.most:
                return
            self._entries[key] = content
            self.size += size
            while self.size > self.most:
                oldest, dropped = self._entries.popitem(last=False)
                self.size -= len(oldest) + len(dropped) + OVERHEAD

    def __contains__(self, key: bytes) -> bool:
        return key in self._entries

    def __len__(self) -> int:
        return len(self._entries)
