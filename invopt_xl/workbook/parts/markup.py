"""XML as bytes: parse it safely, and edit it by splicing, so that whatever is not edited stays as it was."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from xml.parsers import expat
from xml.sax.saxutils import escape

from invopt_xl.errors import FileError, InvoptError

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT_MAIN = "http://purl.oclc.org/ooxml/spreadsheetml/main"

_TAG = re.compile(rb"""<[^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*>""")
_ATTRIBUTE = re.compile(rb"""\s+([^\s=<>"']+)\s*=\s*("[^"]*"|'[^']*')""")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")

TEXT_LIMIT = 32_767
"""Characters a cell holds, counted in UTF-16 units as Excel does."""


def main(name: str) -> str:
    """Return the expanded name of an element of the spreadsheet namespace."""
    return f"{MAIN} {name}"


def new_parser(part: str) -> expat.XMLParserType:
    """Return a namespace-aware parser that refuses document types, entities and encodings other than UTF-8."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True

    def refuse_doctype(*_: object) -> None:
        raise FileError(f"the workbook's part {part} declares a document type or entities; no spreadsheet needs them")

    def check_declaration(_version: str, encoding: str | None, _standalone: int) -> None:
        if encoding and encoding.lower() not in ("utf-8", "us-ascii", "ascii"):
            raise FileError(f"the workbook's part {part} is written in {encoding}; save it again in Excel")

    parser.StartDoctypeDeclHandler = refuse_doctype
    parser.EntityDeclHandler = refuse_doctype
    parser.XmlDeclHandler = check_declaration
    return parser


def parse(parser: expat.XMLParserType, chunks: Iterable[bytes], part: str) -> None:
    """Feed all chunks to the parser, which then lets go of its callbacks.

    Raises
    ------
    FileError
        If the part is not well-formed XML in UTF-8.
    """
    first = True
    try:
        for chunk in chunks:
            if first and chunk[:2] in (b"\xff\xfe", b"\xfe\xff"):
                raise FileError(f"the workbook's part {part} is written in UTF-16; save it again in Excel")
            first = False
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise FileError(f"the workbook is damaged: its part {part} is not well-formed XML ({error})") from None
    except InvoptError:
        raise
    except (ValueError, KeyError, OverflowError) as error:
        # What a callback met: an attribute that is missing or is no number.
        raise FileError(f"the workbook is damaged: its part {part} cannot be understood ({error})") from None
    finally:
        # Callbacks refer to their parser: with them it would be kept, and the whole part, until a search for circles.
        parser.StartElementHandler = parser.EndElementHandler = parser.CharacterDataHandler = None


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the bytes from start up to end."""

    start: int
    end: int
    replacement: bytes


def splice(data: bytes, edits: Iterable[Edit]) -> bytes:
    """Return the data with the edits made; edits do not overlap.

    Examples
    --------
    >>> splice(b"<a><b/></a>", [Edit(3, 7, b"<c/>"), Edit(3, 3, b"!")])
    b'<a>!<c/></a>'
    """
    pieces: list[bytes] = []
    position = 0
    for edit in sorted(edits, key=lambda each: (each.start, each.end)):
        pieces += (data[position : edit.start], edit.replacement)
        position = edit.end
    pieces.append(data[position:])
    return b"".join(pieces)


def tag_end(data: bytes, start: int) -> int:
    """Return the offset behind the tag that begins at start."""
    match = _TAG.match(data, start)
    if match is None:
        raise FileError("the workbook is damaged: a tag has no end")
    return match.end()


def element_end(data: bytes, start_tag_end: int, end_index: int) -> int:
    """Return the offset behind an element, from the end of its start tag and where the parser saw its end."""
    if data[start_tag_end - 2 : start_tag_end] == b"/>":
        return start_tag_end
    return data.index(b">", end_index) + 1


def set_attributes(tag: bytes, values: dict[str, str | None]) -> bytes:
    """Return the start tag with attributes replaced, added, or (None) dropped.

    Examples
    --------
    >>> set_attributes(b'<row r="1" spans="1:3" ht="15"/>', {"spans": None, "r": "7", "s": "2"})
    b'<row r="7" ht="15" s="2"/>'
    """
    left = dict(values)

    def rewrite(match: re.Match[bytes]) -> bytes:
        name = match[1].decode()
        if name not in left:
            return match[0]
        value = left.pop(name)
        return b"" if value is None else b" %s=%s" % (match[1], quoted(value))

    tag = _ATTRIBUTE.sub(rewrite, tag)
    added = b"".join(b" %s=%s" % (name.encode(), quoted(value)) for name, value in left.items() if value is not None)
    close = len(tag) - (2 if tag.endswith(b"/>") else 1)
    return tag[:close].rstrip() + added + tag[close:]


def tag_name(tag: bytes) -> bytes:
    """Return the name of a start tag with its prefix.

    Examples
    --------
    >>> tag_name(b'<x:row r="1"/>')
    b'x:row'
    """
    match = re.match(rb"<([^\s/>]+)", tag)
    if match is None:
        raise FileError("the workbook is damaged: a tag has no name")
    return match[1]


def quoted(value: str) -> bytes:
    """Return an attribute's value in quotes."""
    return b'"%s"' % escape(value, {'"': "&quot;", "\n": "&#10;", "\t": "&#9;", "\r": "&#13;"}).encode()


def clean_text(text: str) -> str:
    r"""Return what a cell can hold of a text: legal characters, ``\n`` as the only line end, at most `TEXT_LIMIT`.

    Examples
    --------
    >>> clean_text("case of\x00 24\r\nunits")
    'case of 24\nunits'
    >>> len(clean_text("x" * 40_000))
    32767
    """
    text = _ILLEGAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if len(text) * 2 <= TEXT_LIMIT:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= 2 * TEXT_LIMIT:
        return text
    return units[: 2 * TEXT_LIMIT - 2].decode("utf-16-le", errors="ignore") + "…"


def text_markup(text: str) -> bytes:
    """Return a cleaned text as it stands between tags; what looks like Excel's own escape is escaped once more."""
    if "_x" in text:
        text = _LOOKS_ESCAPED.sub("_x005F_", text)
    return escape(text).encode()


def unescape_text(text: str) -> str:
    r"""Return a text with Excel's ``_xHHHH_`` escapes decoded.

    Examples
    --------
    >>> unescape_text("one_x000a_two, _x005F_x000A_")
    'one\ntwo, _x000A_'
    """
    if "_x" not in text:
        return text

    def decode(match: re.Match[str]) -> str:
        code = int(match[1], 16)
        return match[0] if 0xD800 <= code <= 0xDFFF else chr(code)

    return _ESCAPED.sub(decode, text)
