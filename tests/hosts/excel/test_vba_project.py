"""A VBA project written by us and read by oletools, which knows nothing of us."""

import difflib
import io
import re
from pathlib import Path

import olefile
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vba_reader import sources, unpacked

from invopt_xl.hosts.excel import vba
from invopt_xl.hosts.excel.compound import CUTOFF, compound_file
from invopt_xl.hosts.excel.compression import compressed
from invopt_xl.hosts.excel.project import project

words = st.sampled_from(["Function ", "INVOPT_", "End", "\r\n", "    ", "x", '"', "Optional "])


@given(st.lists(words, max_size=3000).map("".join).map(str.encode))
@settings(max_examples=60, deadline=None)
def test_source_comes_back_as_it_was(text: bytes) -> None:
    assert unpacked(compressed(text)) == text


@given(st.binary(max_size=3500))
@settings(max_examples=60, deadline=None)
def test_any_bytes_come_back_as_they_were(text: bytes) -> None:
    assert unpacked(compressed(text)) == text


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4095, 4096, 4097, 8192, 12288, 46514])
@pytest.mark.parametrize("text", [b"a", b"abc", bytes(range(256)) + bytes(range(255, -1, -1))])
def test_source_of_any_size_comes_back(size: int, text: bytes) -> None:
    whole = (text * (size // len(text) + 1))[:size]
    assert unpacked(compressed(whole)) == whole


def test_a_chunk_without_repetition_is_stored_as_it_is() -> None:
    """A generator of numbers (Park and Miller's) repeats nothing in 4,096 bytes."""
    state, noise = 1, bytearray()
    for _ in range(4096):
        state = state * 48271 % 2147483647
        noise.append(state >> 11 & 255)
    packed = compressed(bytes(noise))
    assert len(packed) == 1 + 2 + 4096
    assert unpacked(packed) == noise


def test_the_example_of_the_specification_is_read_alike() -> None:
    """[MS-OVBA] 3.2.2: a compressed container of a text with repetitions."""
    text = b"#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa"
    published = bytes.fromhex(
        "012fb00023616161626364658266007061676869"
        "6a013808616b6c00306d6e6f70067102700410727374757610777879 7a003c".replace(" ", "")
    )
    assert unpacked(published) == text
    assert unpacked(compressed(text)) == text
    assert len(compressed(text)) <= len(published)


names = st.text("abcdefghijklmnopqrstuvwxyzABCDEFG_", min_size=1, max_size=20)
sizes = st.sampled_from([0, 1, 63, 64, 65, 511, 512, 4095, 4096, 4097, 9000, 70_000])


@given(st.dictionaries(names.map(str.lower) | names.map(lambda n: f"VBA/{n.lower()}"), sizes, min_size=1, max_size=40))
@settings(max_examples=40, deadline=None)
def test_streams_of_a_compound_file_come_back(wanted: dict[str, int]) -> None:
    wanted = {path: size for path, size in wanted.items() if path != "vba"}
    streams = {path: bytes([place % 251]) * size for place, (path, size) in enumerate(wanted.items())}
    with olefile.OleFileIO(io.BytesIO(compound_file(streams)), raise_defects=olefile.DEFECT_INCORRECT) as file:
        assert {"/".join(path): file.openstream(path).read() for path in file.listdir()} == streams
        assert not file.parsing_issues


@pytest.mark.parametrize("count", range(1, 40))
def test_the_entries_of_a_folder_are_a_red_black_tree(count: int) -> None:
    """[MS-CFB] 2.6.4: ordered by length and letters, no red below red, as many black ones on each way down."""
    streams = {f"VBA/{'m' * (number % 7 + 1)}{number}": b"x" for number in range(count)}
    with olefile.OleFileIO(io.BytesIO(compound_file(streams))) as file:
        entries = file.direntries
        seen: list[tuple[int, str]] = []

        def blacks(number: int, above_is_red: bool) -> int:
            if number == 0xFFFFFFFF:
                return 1
            entry = entries[number]
            red = entry.color == 0
            assert not (red and above_is_red)
            left = blacks(entry.sid_left, red)
            seen.append((len(entry.name), entry.name.upper()))
            assert left == blacks(entry.sid_right, red)
            return left + (not red)

        (folder,) = (each for each in entries if each is not None and each.name == "VBA")
        blacks(folder.sid_child, above_is_red=True)
        assert seen == sorted(seen)
        assert len(seen) == count


def test_a_compound_file_grows_beyond_one_table() -> None:
    streams = {f"VBA/m{number}": bytes([number]) * CUTOFF * 3 for number in range(60)}
    with olefile.OleFileIO(io.BytesIO(compound_file(streams)), raise_defects=olefile.DEFECT_INCORRECT) as file:
        assert all(file.openstream(path).read() == content for path, content in streams.items())


@pytest.fixture(scope="module")
def written() -> bytes:
    return project({"ThisWorkbook": "workbook", "Sheet1": "sheet"}, vba.modules())


def test_olevba_reads_every_module_as_it_was_written(written: bytes) -> None:
    found = sources(written)
    assert set(found) == {"ThisWorkbook.cls", "Sheet1.cls", *(f"{name}.bas" for name in vba.modules())}
    for name, text in vba.modules().items():
        assert found[f"{name}.bas"].replace("\r\n", "\n").rstrip("\n") == text.replace("\r\n", "\n").rstrip("\n")


def test_streams_are_byte_by_byte_the_source(written: bytes) -> None:
    with olefile.OleFileIO(io.BytesIO(written), raise_defects=olefile.DEFECT_INCORRECT) as file:
        for name, text in vba.modules().items():
            stored = unpacked(file.openstream(f"VBA/{name}").read())
            assert stored == text.replace("\r\n", "\n").replace("\n", "\r\n").encode("ascii")


def test_the_project_has_no_compiled_code_as_in_the_workbook_xlwings_ships(written: bytes) -> None:
    """The published workbook for use without the add-in has the same seven bytes in place of compiled code."""
    import zipfile
    from importlib.resources import files

    shipped = Path(str(files("xlwings"))) / "quickstart_standalone.xlsm"
    with zipfile.ZipFile(shipped) as archive:
        theirs = archive.read("xl/vbaProject.bin")
    header = {}
    for owner, content in (("ours", written), ("theirs", theirs)):
        with olefile.OleFileIO(io.BytesIO(content)) as file:
            header[owner] = file.openstream("VBA/_VBA_PROJECT").read()
    assert header["ours"] == header["theirs"]
    assert len(header["ours"]) == 7


def test_the_module_of_xlwings_is_the_one_in_the_workbook_it_ships(written: bytes) -> None:
    """But for where settings come from: the user's own alone, neither a sheet nor a file beside the workbook."""
    from importlib.resources import files

    shipped = Path(str(files("xlwings"))) / "quickstart_standalone.xlsm"
    theirs, ours = (
        [line.strip() for line in sources(each)["xlwings.bas"].splitlines() if line.strip()]
        for each in (shipped, written)
    )
    changed = [line for line in difflib.ndiff(theirs, ours) if line[:2] in ("- ", "+ ")]
    more = [
        'If GetConfig("INTERPRETER_WIN", "") = "" And (CondaPath = "" Or CondaEnv = "") Then',
        'Err.Raise 1, Description:="#INVOPT! Excel does not know which Python to use; " & _',
        '"it takes Python with invopt_xl, and once: invopt excel install"',
        "End If",
    ]
    search = 'AddExcelDir = GetConfig("ADD_WORKBOOK_TO_PYTHONPATH", "{}")'
    assert sorted(changed) == sorted(
        [
            *('- Public Const PROJECT_NAME As String = "xlwings"', '+ Public Const PROJECT_NAME As String = "invopt"'),
            *('- If source = "" Or source = "sheet" Then', '+ If source = "sheet" Then'),
            *('- If source = "" Or source = "directory" Then', '+ If source = "directory" Then'),
            *[f"- {search.format('true')}", f"+ {search.format('false')}"] * 2,
            *(f"+ {line}" for line in more),
            '- "Could not load " + XLPyDLLName + " from either of the following folders: " _',
            '+ "#INVOPT! this workbook needs xlwings " + XLWINGS_VERSION'
            ' + ", or its functions anew: invopt excel book " + ThisWorkbook.Name'
            ' + " --from " + ThisWorkbook.Name + vbCrLf'
            ' + "Could not load " + XLPyDLLName + " from either of the following folders: " _',
        ]
    )


def test_nothing_asks_for_settings_of_a_sheet_or_a_folder(written: bytes) -> None:
    asked = re.findall(r"GetConfig\(([^()]*)\)", sources(written)["xlwings.bas"])
    assert all(len(each.split(",")) < 3 for each in asked if "configKey" not in each)


def decrypted(text: str) -> tuple[int, int, bytes]:
    """Return version, key and data of an encrypted setting ([MS-OVBA] 2.4.3.3)."""
    seed, version, key, *rest = bytes.fromhex(text)
    plain, last, before = key ^ seed, key, version
    found = []
    for byte in rest:
        plain = byte ^ ((before + plain) & 255)
        before, last = last, byte
        found.append(plain)
    skipped = (seed & 6) // 2
    length = int.from_bytes(bytes(found[skipped : skipped + 4]), "little")
    return version ^ seed, key ^ seed, bytes(found[skipped + 4 : skipped + 4 + length])


def test_the_project_is_open_visible_and_without_a_password(written: bytes) -> None:
    with olefile.OleFileIO(io.BytesIO(written)) as file:
        lines = file.openstream("PROJECT").read().decode().splitlines()
    settings_found = dict(line.split("=", 1) for line in lines if "=" in line)
    key = sum(settings_found["ID"].strip('"').encode()) & 255
    for name, data in (("CMG", bytes(4)), ("DPB", b"\0"), ("GC", b"\xff")):
        assert decrypted(settings_found[name].strip('"')) == (2, key, data)
