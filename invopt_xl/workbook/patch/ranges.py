"""Rules that cover a table's rows keep covering them when the table grows or shrinks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from invopt_xl.workbook.parts.cells import Area
from invopt_xl.workbook.parts.markup import Edit, set_attributes
from invopt_xl.workbook.parts.sheet_scan import SheetLayout


@dataclass(frozen=True, slots=True)
class Resize:
    """A table's body before, and its last row after."""

    body: Area
    last_row: int

    def apply(self, area: Area) -> Area:
        """Return the area with the body's new end, if it covered the body's rows in some of its columns."""
        covers = (
            area.first_row == self.body.first_row
            and area.last_row == self.body.last_row
            and area.first_column >= self.body.first_column
            and area.last_column <= self.body.last_column
        )
        return replace(area, last_row=self.last_row) if covers else area


def resized_list(ranges: str, resizes: Iterable[Resize]) -> str:
    """Return a blank-separated list of ranges after tables were resized.

    Examples
    --------
    >>> resized_list("B2:B6 F1:F9 C2:D6", [Resize(Area.parse("A2:D6"), 8)])
    'B2:B8 F1:F9 C2:D8'
    """
    changed = []
    for text in ranges.split():
        area = Area.parse(text)
        new = area
        for resize in resizes:
            new = resize.apply(new)
        changed.append(text if new == area else str(new))
    return " ".join(changed)


def range_edits(layout: SheetLayout, resizes: Sequence[Resize]) -> list[Edit]:
    """Return the edits that let conditional formats, validations and the like follow their tables."""
    edits = []
    for ranges in layout.range_lists:
        value = resized_list(ranges.value, resizes)
        if value.split() == ranges.value.split():
            continue
        if ranges.is_text:
            edits.append(Edit(ranges.start, ranges.end, value.encode()))
        else:
            tag = layout.data[ranges.start : ranges.end]
            edits.append(Edit(ranges.start, ranges.end, set_attributes(tag, {"sqref": value})))
    return edits
