"""Columns added at the end of a table's own part; their cells stand in the sheet."""

from __future__ import annotations

import re
from collections.abc import Sequence

from invopt_xl.workbook.parts.markup import Edit, main, new_parser, parse, quoted, set_attributes, splice, tag_end

_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def with_columns(data: bytes, part: str, names: Sequence[str]) -> bytes:
    """Return a table's part that names more columns, after those it has; its area is not looked at.

    Parameters
    ----------
    data
        The part's XML.
    part
        Its name, for messages.
    names
        Headers of the columns as their cells hold them.

    Examples
    --------
    >>> space = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    >>> columns = b'<tableColumns count="1"><tableColumn id="3" name="a"/></tableColumns>'
    >>> new = with_columns(b"<table %s>%s</table>" % (space, columns), "table1.xml", ["b & c"])
    >>> new.partition(b'name="a"/>')[2].decode()
    '<tableColumn id="4" name="b &amp; c"/></tableColumns></table>'
    """
    if not names:
        return data
    edits: list[Edit] = []
    identities: list[int] = []
    prefix: list[bytes] = []
    parser = new_parser(part)

    def start(name: str, attributes: dict[str, str]) -> None:
        index = parser.CurrentByteIndex
        if name == main("tableColumn"):
            identities.append(int(attributes["id"]))
        elif name == main("tableColumns"):
            tag = data[index : tag_end(data, index)]
            prefix.append(tag[1 : tag.index(b"tableColumns")])
            count = int(attributes["count"]) if "count" in attributes else 0
            if count:
                edits.append(Edit(index, index + len(tag), set_attributes(tag, {"count": str(count + len(names))})))

    def end(name: str) -> None:
        if name == main("tableColumns"):
            first = max(identities) + 1
            added = (
                b'<%stableColumn id="%d" name=%s/>' % (prefix[0], identity, quoted(_written(header)))
                for identity, header in enumerate(names, start=first)
            )
            edits.append(Edit(parser.CurrentByteIndex, parser.CurrentByteIndex, b"".join(added)))

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parse(parser, [data], part)
    return splice(data, edits)


def _written(header: str) -> str:
    """Return a header as Excel writes it into an attribute: line ends escaped, as is what looks like an escape."""
    return _LOOKS_ESCAPED.sub("_x005F_", header).replace("\r", "_x000d_").replace("\n", "_x000a_")
