"""At any moment the old or the new workbook is there, whole."""

import errno
import os
import random
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from killing import killed
from workbook_builders import plan_frame, rich_book

from invopt_xl.errors import FileError
from invopt_xl.workbook import atomic as atomic_module
from invopt_xl.workbook import read_tables, write_tables
from invopt_xl.workbook.atomic import replacing
from invopt_xl.workbook.parts.package import Package


@pytest.fixture
def book(tmp_path):
    return rich_book(tmp_path / "book.xlsx")


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt(), MemoryError()]
)
@pytest.mark.parametrize("after", [0, 1, 5, 40])
def test_whatever_stops_the_writing_the_old_workbook_stays_and_nothing_else(book, tmp_path, monkeypatch, error, after):
    before = book.read_bytes()
    original = Package.save

    class FullDisk:
        def __init__(self, stream):
            self.stream = stream
            self.left = after

        def write(self, data):
            self.left -= 1
            if self.left < 0:
                raise error
            return self.stream.write(data)

    monkeypatch.setattr(Package, "save", lambda self, stream, *rest: original(self, FullDisk(stream), *rest))
    expected = FileError if isinstance(error, OSError) else type(error)
    with pytest.raises(expected) as caught:
        write_tables(book, {"plan": plan_frame(["A1"])})
    if expected is FileError:
        assert str(caught.value) == "book.xlsx cannot be written: no space left on device"
    assert book.read_bytes() == before
    assert list(tmp_path.iterdir()) == [book]


def test_a_disk_that_fails_at_the_sync_leaves_the_old_workbook(book, tmp_path, monkeypatch):
    before = book.read_bytes()

    def fail(_handle):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(FileError, match=r"book.xlsx cannot be written: input/output error"):
        write_tables(book, {"plan": plan_frame(["A1"])})
    assert book.read_bytes() == before
    assert list(tmp_path.iterdir()) == [book]


def failing(error):
    def fail(*_args, **_options):
        raise OSError(error, os.strerror(error))

    return fail


@pytest.mark.parametrize("error", [errno.EINVAL, errno.EIO, errno.EACCES])
def test_a_folder_that_cannot_be_synced_does_not_deny_what_was_written(book, tmp_path, monkeypatch, error):
    original = os.fsync

    def fail_for_folders(handle):
        failing(error)() if stat.S_ISDIR(os.fstat(handle).st_mode) else original(handle)

    monkeypatch.setattr(os, "fsync", fail_for_folders)
    write_tables(book, {"plan": plan_frame(["A1"])}, backup=True)
    assert read_tables(book)["plan"]["why"].tolist()[0] == "Covers 5 weeks."
    monkeypatch.setattr(os, "fsync", original)
    monkeypatch.setattr(os, "open", failing(error))
    write_tables(book, {"plan": plan_frame(["A1"], why="again")})
    assert read_tables(book)["plan"]["why"].tolist()[0] == "again"
    assert {path.name for path in tmp_path.iterdir()} == {"book.xlsx", "book.backup.xlsx"}


@pytest.mark.parametrize("error", [errno.EINVAL, errno.ENOSYS, errno.ENOTSUP])
def test_a_file_system_that_knows_no_sync_and_no_modes_is_written_to(book, tmp_path, monkeypatch, error):
    monkeypatch.setattr(os, "fsync", failing(error))
    monkeypatch.setattr(os, "chown", failing(errno.EPERM))
    monkeypatch.setattr(Path, "chmod", failing(errno.EPERM))
    write_tables(book, {"plan": plan_frame(["A1"])})
    assert read_tables(book)["plan"]["why"].tolist()[0] == "Covers 5 weeks."
    assert list(tmp_path.iterdir()) == [book]


def test_the_mode_of_the_file_is_kept(book):
    book.chmod(0o640)
    write_tables(book, {"plan": plan_frame(["A1"])})
    assert book.stat().st_mode & 0o7777 == 0o640


def test_a_private_file_is_for_its_user_alone_from_the_beginning_whatever_it_was(tmp_path):
    target = tmp_path / "secret"
    target.touch(mode=0o644)
    with replacing(target, private=True) as stream:
        (draft,) = set(tmp_path.iterdir()) - {target}
        assert draft.stat().st_mode & 0o777 == 0o600
        stream.write(b"new")
    assert (target.read_bytes(), target.stat().st_mode & 0o777) == (b"new", 0o600)


def test_backups_are_numbered_and_hold_what_was_replaced(book, tmp_path):
    contents = [book.read_bytes()]
    for count in (1, 2):
        write_tables(book, {"plan": plan_frame(["A1"] * count)}, backup=True)
        contents.append(book.read_bytes())
    assert (tmp_path / "book.backup.xlsx").read_bytes() == contents[0]
    assert (tmp_path / "book.backup-2.xlsx").read_bytes() == contents[1]
    write_tables(book, {}, output=tmp_path / "new.xlsx", backup=True)
    assert len(list(tmp_path.iterdir())) == 4


def test_leftovers_of_dead_processes_are_removed_and_those_of_living_ones_stay(tmp_path):
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    node = atomic_module._node()
    dead = tmp_path / f".a.xlsx.{node}-{process.pid}-00000000.invopt-tmp"
    living = tmp_path / f".a.xlsx.{node}-{os.getppid()}-00000000.invopt-tmp"
    elsewhere = tmp_path / f".a.xlsx.other{node}-{process.pid}-00000000.invopt-tmp"
    for path in (dead, living, elsewhere):
        path.write_bytes(b"")
    with replacing(tmp_path / "a.txt") as stream:
        stream.write(b"done")
    assert sorted(tmp_path.iterdir()) == sorted([living, elsewhere, tmp_path / "a.txt"])


def test_a_workbook_is_the_old_or_the_new_one_byte_for_byte_whenever_its_writer_is_killed(tmp_path):
    found = killed(tmp_path, 10, random.Random(7))
    assert found["states"] == 2
    assert (found["small"] + found["large"], found["neither"], found["damaged"]) == (10, 0, 0)
    assert min(found["small"], found["large"]) > 0
    assert (found["refreshed afterwards"], found["left over"]) == (True, 0)


def test_importing_the_room_loads_nothing_heavy():
    code = "import sys, invopt_xl.workbook; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"pandas", "numpy", "openpyxl", "pyarrow", "lxml"} & set(loaded)
    assert not [name for name in loaded if re.match(r"invopt_xl\.workbook\.", name)]
