"""A cache that fails costs time, never a result."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invopt_xl import cache as cache_module
from invopt_xl.cache import ContentCache, default_directory

ARRAYS = {"mean": np.arange(6.0).reshape(2, 3), "text": np.array(["why", "because"])}


def holds(cache: ContentCache, key: str = "key") -> bool:
    kept = cache.get(key)
    return kept is not None and all(np.array_equal(kept[name], values) for name, values in ARRAYS.items())


def test_what_is_put_is_there_in_the_next_process(tmp_path: Path) -> None:
    with ContentCache(tmp_path) as cache:
        cache.put("key", ARRAYS)
    with ContentCache(tmp_path) as cache:
        assert holds(cache)
        assert cache.get("other") is None
        assert cache.fault == ""


def test_a_file_in_place_of_the_folder_is_no_cache_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        with ContentCache(place) as cache:
            cache.put("key", ARRAYS)
            assert cache.get("key") is None
            assert cache.fault.startswith(f"the cache in {place} cannot be used (")
            assert "\n" not in cache.fault


def test_a_database_that_is_none_is_no_cache_and_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "cache.db").write_bytes(b"this was a database once " * 400)
    before = (tmp_path / "cache.db").read_bytes()
    with ContentCache(tmp_path) as cache:
        cache.put("key", ARRAYS)
        assert cache.get("key") is None
        assert "file is not a database" in cache.fault
    assert (tmp_path / "cache.db").read_bytes() == before


def test_a_database_damaged_behind_its_head_costs_no_more_than_what_it_held(tmp_path: Path) -> None:
    with ContentCache(tmp_path) as cache:
        cache.put("key", ARRAYS)
    path = tmp_path / "cache.db"
    data = path.read_bytes()
    path.write_bytes(data[:4096] + b"\xa5" * (len(data) - 4096))
    with ContentCache(tmp_path) as cache:
        cache.put("key", ARRAYS)
        assert cache.get("key") is None
        assert cache.fault


def test_a_database_that_another_process_holds_is_not_waited_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_module, "LONGEST_WAIT", 0.1)
    with ContentCache(tmp_path) as cache:
        cache.put("key", ARRAYS)
        with closing(sqlite3.connect(tmp_path / "cache.db")) as other:
            other.execute("BEGIN IMMEDIATE")
            with ContentCache(tmp_path) as late:
                assert "database is locked" in late.fault
            cache.put("second", ARRAYS)
            assert cache.fault
            assert holds(cache), "what cannot be written may still be read"
            assert cache.get("second") is None


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the device that is always full is Linux's")
def test_a_full_disk_skips_what_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ContentCache(tmp_path) as cache:
        cache.put("key", ARRAYS)
        write = cache._store._disk._write
        monkeypatch.setattr(
            cache._store._disk, "_write", lambda _, iterator, mode, *rest: write("/dev/full", iterator, "wb", *rest)
        )
        cache.put("large", {"paths": np.zeros(200_000)})
        assert "No space left" in cache.fault
        assert cache.get("large") is None
        assert holds(cache)


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be cut on Windows")
def test_a_truncated_file_of_a_large_result_is_absent_and_written_anew(tmp_path: Path) -> None:
    large = {"paths": np.arange(200_000.0)}
    with ContentCache(tmp_path) as cache:
        cache.put("key", large)
        (blob,) = tmp_path.rglob("*.val")
        blob.write_bytes(blob.read_bytes()[:-1000])
        assert cache.get("key") is None
        assert cache.fault == "", "one lost result is no fault of the cache"
        cache.put("key", large)
        kept = cache.get("key")
        assert kept is not None
        np.testing.assert_array_equal(kept["paths"], large["paths"])


@settings(max_examples=150, deadline=None)
@given(cut=st.integers(0, 2000), place=st.integers(0, 2000), byte=st.integers(0, 255), truncate=st.booleans())
def test_any_damage_to_a_result_is_a_miss_or_harmless(
    tmp_path_factory: pytest.TempPathFactory, cut: int, place: int, byte: int, truncate: bool
) -> None:
    with ContentCache(tmp_path_factory.getbasetemp() / "damaged") as cache:
        cache.put("key", ARRAYS)
        store = cache._store
        assert store is not None
        blob = bytearray(store.get("key"))
        whole = len(blob)
        blob[place % whole] = byte
        store.set("key", bytes(blob[: cut % whole]) if truncate else bytes(blob))
        assert cache.get("key") is None or (not truncate and holds(cache))
        cache.put("key", ARRAYS)
        assert holds(cache)


def test_the_environment_names_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("INVOPT_CACHE", str(tmp_path))
    assert default_directory() == tmp_path
    monkeypatch.delenv("INVOPT_CACHE")
    assert default_directory().name == "invopt_xl"
