"""Rewrites the tables of one sheet inside its XML; every byte that belongs to no such table stays."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from invopt_xl.workbook.parts.book import ExcelTable
from invopt_xl.workbook.parts.cell_markup import CellWriter
from invopt_xl.workbook.parts.cells import Area
from invopt_xl.workbook.parts.markup import Edit, element_end, main, new_parser, parse, set_attributes, splice, tag_end
from invopt_xl.workbook.parts.row_heights import height_of, with_height
from invopt_xl.workbook.parts.sheet_rows import Row
from invopt_xl.workbook.parts.sheet_scan import SheetLayout
from invopt_xl.workbook.patch.appending import Cells, ChangedTable
from invopt_xl.workbook.patch.collisions import refuse_collisions
from invopt_xl.workbook.patch.ranges import Resize, range_edits
from invopt_xl.workbook.patch.sparklines import sparkline_edits
from invopt_xl.workbook.patch.table_rows import TableRewrite

_KEPT_ROW_ATTRIBUTES = re.compile(rb"""\s(?:ht|customHeight|s|customFormat)\s*=\s*(?:"[^"]*"|'[^']*')""")

Rewrite = TableRewrite | ChangedTable
"""A table of ours that gets new rows, or one of the planner's that is changed in places."""


@dataclass(frozen=True, slots=True)
class Styles:
    """What of a workbook's formats matters to the cells of a table.

    Parameters
    ----------
    date1904
        Whether dates count from 1904.
    wrapped
        Numbers of the cell formats whose text wraps.
    """

    date1904: bool
    wrapped: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PatchedSheet:
    """A sheet's new XML, and whether the set of its formula cells changed."""

    data: bytes
    formulas_changed: bool


def patch_sheet(
    layout: SheetLayout,
    rewrites: Sequence[Rewrite],
    tables: Sequence[ExcelTable],
    filtered: set[str],
    styles: Styles,
) -> PatchedSheet:
    """Return the sheet with the tables' rows written.

    Parameters
    ----------
    layout
        The sheet.
    rewrites
        The tables to write.
    tables
        All tables of the workbook; none may be grown over.
    filtered
        Names of the tables with an active filter: their hidden rows are shown, since other items stand there now.
    styles
        How the workbook's cells are shown.

    Raises
    ------
    InputError
        If a table would grow over something, or holds what cannot be rewritten.
    """
    for rewrite in rewrites:
        moves = not isinstance(rewrite, ChangedTable) or rewrite.taken_in is None
        refuse_collisions(rewrite.old, rewrite.area, [*_grown(rewrite, rewrites), *tables], moves=moves)
    writer = CellWriter(layout.prefix, date1904=styles.date1904)
    heights: dict[int, list[tuple[str, float]]] = {}
    cells: Cells = {}
    shown: set[int] = set()
    templates: dict[int, bytes] = {}
    formulas_changed = False
    for rewrite in rewrites:
        new = rewrite.cells(writer)
        touched = {place for place in rewrite.old.formulas if place[1] in new.get(place[0], {})}
        formulas_changed |= touched != _formula_cells(new, layout.prefix)
        for row, texts in rewrite.wrapped_texts(styles.wrapped).items():
            heights.setdefault(row, []).extend(texts)
        template = _template_attributes(rewrite)
        for row, by_column in new.items():
            cells.setdefault(row, {}).update(by_column)
            templates.setdefault(row, template)
        if rewrite.old.table.name in filtered:
            shown.update(range(rewrite.old.table.first_row, rewrite.old.table.area.last_row + 1))
    edits = _row_edits(layout, cells, shown, templates, {row: height_of(texts) for row, texts in heights.items()})
    resizes = [_resize(rewrite) for rewrite in rewrites]
    edits += range_edits(layout, resizes)
    edits += sparkline_edits(layout.data, layout.data_end, rewrites[0].old.table.sheet, resizes)
    edits += _dimension_edit(layout, [rewrite.area for rewrite in rewrites])
    return PatchedSheet(splice(layout.data, edits), formulas_changed)


def _grown(rewrite: Rewrite, rewrites: Sequence[Rewrite]) -> list[ExcelTable]:
    """Return the other tables as large as they will be."""
    return [replace(other.old.table, area=other.area) for other in rewrites if other is not rewrite]


def _formula_cells(cells: Cells, prefix: str) -> set[tuple[int, int]]:
    mark = f"<{prefix}f".encode()
    rows = [(row, by_column) for row, by_column in cells.items() if mark in b"".join(by_column.values())]
    return {(row, column) for row, by_column in rows for column, cell in by_column.items() if mark in cell}


def _template_attributes(rewrite: Rewrite) -> bytes:
    """Return the height and format of the row that new ones look like."""
    first = rewrite.old.layout.rows.get(rewrite.pattern_row)
    if first is None:
        return b""
    tag = rewrite.old.layout.data[first.start : first.start_tag_end]
    return b"".join(match[0] for match in _KEPT_ROW_ATTRIBUTES.finditer(tag))


def _resize(rewrite: Rewrite) -> Resize:
    last_row = rewrite.old.body.last_row - rewrite.old.taken_in
    return Resize(replace(rewrite.old.body, last_row=last_row), rewrite.last_row)


def _row_edits(
    layout: SheetLayout,
    cells: Cells,
    shown: set[int],
    templates: dict[int, bytes],
    heights: dict[int, float | None],
) -> list[Edit]:
    edits: list[Edit] = []
    # Rows that go to one place are one edit, so that their order is certain.
    inserted: dict[int, list[bytes]] = {}
    for number in sorted(cells):
        row = layout.rows.get(number)
        if row is not None:
            new_row = _rewritten_row(layout, row, cells[number], number in shown, heights)
            edits.append(Edit(row.start, row.end, new_row))
            continue
        content = b"".join(cell for _, cell in sorted(cells[number].items()))
        if content:
            new = _new_row(layout.prefix.encode(), number, templates[number], content)
            if number in heights:
                end = tag_end(new, 0)
                new = with_height(new[:end], heights[number], alone=True) + new[end:]
            inserted.setdefault(layout.insertion_point(number), []).append(new)
    return edits + [Edit(position, position, b"".join(rows)) for position, rows in inserted.items()]


def _new_row(prefix: bytes, number: int, attributes: bytes, content: bytes) -> bytes:
    return b'<%srow r="%d"%s>%s</%srow>' % (prefix, number, attributes, content, prefix)


def _rewritten_row(
    layout: SheetLayout, row: Row, new: dict[int, bytes], is_shown: bool, heights: dict[int, float | None]
) -> bytes:
    """Return a row with its new cells among those that belong to no table of ours."""
    data, prefix = layout.data, layout.prefix.encode()
    merged = dict(new)
    is_alone = row.styles.keys() <= new.keys()
    for cell in row.cells if not is_alone else ():
        if cell.column not in new:
            merged[cell.column] = data[cell.start : cell.end]
    content = b"".join([merged[column] for column in sorted(merged)])
    tag = data[row.start : row.start_tag_end]
    # The span of used columns is only a hint, and none is better than a stale one.
    if is_shown or b"spans" in tag:
        tag = set_attributes(tag, {"spans": None, "hidden": None} if is_shown else {"spans": None})
    if row.number in heights:
        tag = with_height(tag, heights[row.number], alone=is_alone)
    if tag.endswith(b"/>"):
        return tag[:-2] + b">" + content + b"</%srow>" % prefix if content else tag
    return tag + content + data[row.cells_end : row.end]


def _dimension_edit(layout: SheetLayout, areas: Sequence[Area]) -> list[Edit]:
    if layout.dimension is None:
        return []
    start, end, reference = layout.dimension
    old = area = Area.parse(reference)
    for other in areas:
        area = area.union(other)
    if area == old:
        return []
    return [Edit(start, end, set_attributes(layout.data[start:end], {"ref": str(area)}))]


def patch_table(data: bytes, part: str, table: ExcelTable, area: Area, *, keeps_places: bool = False) -> bytes:
    """Return a table's part with its new area; an active filter or sort is taken off where it described other rows.

    Parameters
    ----------
    data
        The part's XML.
    part
        Its name, for messages.
    table
        The table as it is.
    area
        Its new area.
    keeps_places
        Whether all rows that it had stay where they are: then a filter stays, and a sort where the area does.
    """
    edits: list[Edit] = []
    parser = new_parser(part)
    taken_off = {main("sortState")} if area != table.area or not keeps_places else set()
    if not keeps_places:
        taken_off.add(main("filterColumn"))
    opened: list[tuple[str, int, int]] = []
    filter_area = replace(area, last_row=area.last_row - table.totals_rows)

    def start(name: str, _attributes: dict[str, str]) -> None:
        index = parser.CurrentByteIndex
        end = tag_end(data, index)
        opened.append((name, index, end))
        if name == main("table"):
            changes = {"ref": str(area), "insertRow": None, "insertRowShift": None}
            edits.append(Edit(index, end, set_attributes(data[index:end], changes)))
        elif name == main("autoFilter"):
            edits.append(Edit(index, end, set_attributes(data[index:end], {"ref": str(filter_area)})))

    def end(_name: str) -> None:
        name, index, start_tag_end = opened.pop()
        if name in taken_off:
            edits.append(Edit(index, element_end(data, start_tag_end, parser.CurrentByteIndex), b""))

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parse(parser, [data], part)
    return splice(data, edits)
