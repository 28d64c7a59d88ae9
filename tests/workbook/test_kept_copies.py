"""What was written over can be put back, byte for byte, while nobody changed it since."""

import os

import pytest
from workbook_builders import plan_frame, rewrite_parts, rich_book, table_book

from invopt_xl.errors import FileError
from invopt_xl.workbook import kept_copies, write_tables
from invopt_xl.workbook.kept_copies import copies, folder_of_copies, kept, undo


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.setenv("INVOPT_UNDO", str(tmp_path / "undo"))


@pytest.fixture
def book(tmp_path):
    return table_book(tmp_path / "plan.xlsx", [("P", (0, 0), "tblPlan", ["item", "order_quantity"], [("A", 1)])])


def written(book, *items):
    with kept(book, "refresh"):
        write_tables(book, {"plan": plan_frame(items)})
    return book.read_bytes()


def test_what_was_written_over_comes_back_byte_for_byte_one_after_the_other(book):
    first = book.read_bytes()
    second = written(book, "A", "B")
    assert written(book, "C") != second
    assert undo(book)[1] is None
    assert book.read_bytes() == second
    undo(book)
    assert book.read_bytes() == first
    with pytest.raises(FileError, match=r"plan.xlsx has nothing to undo"):
        undo(book)


def test_a_workbook_that_was_changed_since_is_left_alone_unless_forced(book):
    first = book.read_bytes()
    written(book, "A", "B")
    rewrite_parts(book, added={"customXml/item1.xml": b"<mine/>"})
    changed = book.read_bytes()
    with pytest.raises(FileError, match=r"was changed after the refresh of .*, and undoing would lose that; --force"):
        undo(book)
    assert book.read_bytes() == changed
    _, saved = undo(book, force=True)
    assert saved == book.with_name("plan.backup.xlsx")
    assert (book.read_bytes(), saved.read_bytes()) == (first, changed)


def test_a_workbook_that_is_gone_comes_back(book):
    first = book.read_bytes()
    written(book, "A", "B")
    book.unlink()
    undo(book)
    assert book.read_bytes() == first


def test_an_open_workbook_is_not_put_back(book):
    written(book, "A", "B")
    book.with_name("~$plan.xlsx").write_bytes(b"")
    with pytest.raises(FileError, match="is open in Excel"):
        undo(book)
    assert len(copies(book)) == 1


def test_a_writing_that_failed_leaves_no_copy(book):
    with pytest.raises(RuntimeError), kept(book, "refresh"):
        raise RuntimeError
    assert copies(book) == []
    assert [path for path in folder_of_copies().rglob("*") if path.is_file()] == []


def test_a_new_file_has_nothing_to_go_back_to(tmp_path):
    with kept(tmp_path / "new.xlsx", "refresh"):
        (tmp_path / "new.xlsx").write_bytes(b"x")
    assert copies(tmp_path / "new.xlsx") == []


def test_the_last_ten_copies_are_kept_within_the_room_there_is(book, tmp_path, monkeypatch):
    for number in range(12):
        written(book, f"A{number}")
    assert len(copies(book)) == 10
    other = rich_book(tmp_path / "other.xlsx")
    monkeypatch.setattr(kept_copies, "LARGEST", other.stat().st_size + sum(each.size for each in copies(book)[:3]))
    written(other, "A")
    assert (len(copies(other)), len(copies(book))) == (1, 3)
    monkeypatch.setattr(kept_copies, "LARGEST", 1)
    written(other, "B")
    assert (len(copies(other)), len(copies(book))) == (1, 0)


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps a user's folder private by itself")
def test_copies_are_for_their_user_alone_also_where_the_folder_was_open(book):
    folder_of_copies().mkdir(mode=0o755)
    written(book, "A", "B")
    there = [folder_of_copies(), *folder_of_copies().rglob("*")]
    assert {path.stat().st_mode & 0o777 for path in there if path.is_dir()} == {0o700}
    assert {path.stat().st_mode & 0o777 for path in there if path.is_file()} == {0o600}


def test_a_place_that_takes_no_copies_stops_no_refresh(book, tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("INVOPT_UNDO", str(tmp_path / "file"))
    written(book, "A", "B")
    assert copies(book) == []


def test_notes_that_cannot_be_read_count_for_nothing(book):
    written(book, "A", "B")
    (facts,) = folder_of_copies().rglob("*.json")
    for content in (b"", b"[]", b"{}", b'{"path": 1, "book": "x"}', b"\xff"):
        facts.write_bytes(content)
        assert copies(book) == []


def test_two_workbooks_of_one_name_have_their_own(book, tmp_path):
    (tmp_path / "there").mkdir()
    other = table_book(tmp_path / "there" / "plan.xlsx", [("P", (0, 0), "tblPlan", ["item", "note"], [("A", "x")])])
    before = other.read_bytes()
    written(book, "A", "B")
    with pytest.raises(FileError, match="nothing to undo"):
        undo(other)
    assert other.read_bytes() == before
