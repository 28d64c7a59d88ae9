"""Rules of Office Open XML whose breach makes Excel offer a repair; checked without any code of the program."""

import io
import posixpath
import re
import zipfile
import zlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import excel_sheet_rules
from openpyxl.utils import range_boundaries

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
PACKAGE_LINK = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
IGNORABLE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Ignorable"
WORKBOOK_ORDER = re.findall(
    r"\w+",
    "fileVersion fileSharing workbookPr revisionPtr workbookProtection bookViews sheets functionGroups "
    "externalReferences definedNames calcPr oleSize customWorkbookViews pivotCaches extLst",
)


@dataclass(frozen=True)
class Link:
    kind: str
    target: str
    is_external: bool


class Opened:
    """A workbook's parts, parsed once."""

    def __init__(self, content):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            self.repeated = [name for name in names if names.count(name) > 1]
            self.parts = {name: archive.read(name) for name in names}
        self._roots = {}

    def root(self, name):
        if name not in self._roots:
            self._roots[name] = ElementTree.fromstring(self.parts[name])
        return self._roots[name]

    def links(self, part):
        """Links of a part by id, repeated ids apart."""
        folder, name = posixpath.split(part)
        source = posixpath.join(folder, "_rels", f"{name}.rels")
        found = []
        for each in self.root(source).iter(PACKAGE_LINK) if source in self.parts else ():
            target = unquote(each.get("Target"))
            joined = target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            found.append((each.get("Id"), Link(each.get("Type"), joined, each.get("TargetMode") == "External")))
        return found

    def linked(self, part, kind):
        return [link.target for _, link in self.links(part) if link.kind.endswith(f"/{kind}")]

    @cached_property
    def workbook(self):
        return self.linked("", "officeDocument")[0]

    @cached_property
    def sheets(self):
        """Parts of all sheets by name, in order."""
        links = dict(self.links(self.workbook))
        return [(sheet.get("name"), links[sheet.get(f"{LINK}id")].target) for sheet in self.sheet_elements]

    @property
    def sheet_elements(self):
        return list(self.root(self.workbook).find(f"{MAIN}sheets"))

    @cached_property
    def worksheets(self):
        return [(name, part) for name, part in self.sheets if self.root(part).tag == f"{MAIN}worksheet"]

    def count(self, kind, *path):
        """Number of children of an element in a part that the workbook links to; 0 without it."""
        found = self.linked(self.workbook, kind)
        element = self.root(found[0]) if found else None
        for name in path:
            element = None if element is None else element.find(f"{MAIN}{name}")
        return 0 if element is None else len(element)

    @cached_property
    def strings(self):
        """Texts of the shared strings."""
        found = self.linked(self.workbook, "sharedStrings")
        items = self.root(found[0]).iter(f"{MAIN}si") if found else ()
        guides = f"{MAIN}rPh"
        return [
            "".join(text.text or "" for run in item if run.tag != guides for text in run.iter(f"{MAIN}t"))
            for item in items
        ]

    @cached_property
    def tables(self):
        """(sheet's part, table's part, its element) of all tables."""
        return [(sheet, part, self.root(part)) for _, sheet in self.worksheets for part in self.linked(sheet, "table")]


def problems(content):
    """Return what Excel would find wrong with a workbook, given as path or bytes."""
    try:
        opened = Opened(content.read_bytes() if isinstance(content, Path) else content)
    except (zipfile.BadZipFile, zlib.error) as error:
        return [f"no sound archive: {error}"]
    if opened.repeated:
        return [f"{name} is there twice" for name in opened.repeated]
    found = list(parts(opened))
    # What is not even XML cannot be looked into.
    if any("not well-formed" in problem for problem in found):
        return found
    rules = (links, workbook, names, tables, chain, excel_sheet_rules.sheets)
    return found + [problem for rule in rules for problem in rule(opened)]


def parts(opened):
    """Each part is well-formed and has one content type; prefixes that may be ignored are declared."""
    types = opened.root("[Content_Types].xml")
    defaults = [each.get("Extension").lower() for each in types.iter(f"{TYPES}Default")]
    overrides = [each.get("PartName").lower() for each in types.iter(f"{TYPES}Override")]
    for listed in (defaults, overrides):
        yield from (f"content type of {name} is declared twice" for name in listed if listed.count(name) > 1)
    present = {f"/{name.lower()}" for name in opened.parts}
    yield from (f"content type of {name}, which is not there" for name in overrides if name not in present)
    for name, content in opened.parts.items():
        extension = name.lower().rpartition(".")[2]
        if name != "[Content_Types].xml" and f"/{name.lower()}" not in overrides and extension not in defaults:
            yield f"{name} has no content type"
        if extension in ("xml", "rels", "vml"):
            yield from _ignorable(name, content)


def _ignorable(name, content):
    prefixes = {}
    try:
        for event, value in ElementTree.iterparse(io.BytesIO(content), ("start-ns", "start")):
            if event == "start-ns":
                prefixes[value[0]] = value[1]
            else:
                wanted = value.get(IGNORABLE, "").split()
                yield from (
                    f"{name} ignores {each}, which it does not declare" for each in wanted if each not in prefixes
                )
    except ElementTree.ParseError as error:
        yield f"{name} is not well-formed: {error}"


def links(opened):
    """Ids are unique, targets are there, and every id that is used is declared."""
    for name in opened.parts:
        if not name.endswith(".rels"):
            continue
        folder, _, file = name.rpartition("_rels/")
        source = folder + file.removesuffix(".rels")
        declared = opened.links(source)
        ids = [each for each, _ in declared]
        yield from (f"{name} has {each} twice" for each in set(ids) if ids.count(each) > 1)
        for _, link in declared:
            if not link.is_external and link.target not in opened.parts:
                yield f"{name} leads to {link.target}, which is not there"
        if source in opened.parts and source.endswith(".xml"):
            used = {each.get(f"{LINK}id") for each in opened.root(source).iter()} - {None}
            yield from (f"{source} uses {each}, which its links lack" for each in sorted(used - set(ids)))


def workbook(opened):
    """Sheets have names that Excel takes; what the workbook declares stands in order."""
    yield from excel_sheet_rules.out_of_order(opened.workbook, opened.root(opened.workbook), WORKBOOK_ORDER)
    names = [sheet.get("name") for sheet in opened.sheet_elements]
    numbers = [sheet.get("sheetId") for sheet in opened.sheet_elements]
    lower = [name.lower() for name in names]
    yield from (f"two sheets are called {name}" for name in names if lower.count(name.lower()) > 1)
    yield from (f"two sheets have the number {each}" for each in numbers if numbers.count(each) > 1)
    for name in names:
        if not 1 <= len(name) <= 31 or re.search(r"[\[\]:*?/\\]", name) or name[0] == "'" or name[-1] == "'":
            yield f"a sheet cannot be called {name}"
    if all(sheet.get("state", "visible") != "visible" for sheet in opened.sheet_elements):
        yield "no sheet is visible"


def names(opened):
    """Defined names are unique, and the sheets they mention exist."""
    sheets = [name.lower() for name, _ in opened.sheets]
    seen = set()
    for each in opened.root(opened.workbook).iter(f"{MAIN}definedName"):
        name, place, text = each.get("name"), each.get("localSheetId"), each.text or ""
        if place is not None and int(place) >= len(sheets):
            yield f"the name {name} belongs to sheet {place}, which is not there"
        if not legal(name):
            yield f"nothing can be called {name}"
        if (name.lower(), place) in seen:
            yield f"the name {name} is there twice"
        seen.add((name.lower(), place))
        yield from (f"the name {name} mentions the sheet {each}, which is not there" for each in _lost(text, sheets))
    for _, part in opened.worksheets:
        for kind in ("f", "formula", "formula1", "formula2"):
            for each in opened.root(part).iter(f"{MAIN}{kind}"):
                lost = _lost(each.text or "", sheets)
                yield from (f"{part}: a formula mentions the sheet {sheet}, which is not there" for sheet in lost)


def _lost(formula, sheets):
    """Return the sheets that a formula mentions and a workbook lacks; those of other workbooks apart."""
    mentioned = re.findall(r"(?:'((?:[^']|'')+)'|(?<![\w.\]])([^\W\d][\w.]*))!", re.sub('"[^"]*"', "", formula))
    found = ((quoted.replace("''", "'") or plain).lower() for quoted, plain in mentioned)
    return [sheet for sheet in found if "[" not in sheet and sheet not in sheets]


def legal(name):
    """Tell whether something can have this name: it must not read as a cell in any notation."""
    is_cell = re.fullmatch(r"[A-Za-z]{1,3}[0-9]{1,7}|[Rr][0-9]*([Cc][0-9]*)?|[Cc][0-9]*", name)
    return len(name) <= 255 and not is_cell and re.fullmatch(r"[^\W\d][\w.?\\]*|\\[\w.?\\]*", name) is not None


def tables(opened):
    """Tables have unique ids and names, columns as their header shows, and areas of their own."""
    named = {(each.get("name") or "").lower() for each in opened.root(opened.workbook).iter(f"{MAIN}definedName")}
    ids = [table.get("id") for _, _, table in opened.tables]
    displayed = [table.get("displayName").lower() for _, _, table in opened.tables]
    yield from (f"two tables have the id {each}" for each in set(ids) if ids.count(each) > 1)
    yield from (f"nothing can be called {each}" for each in displayed if not legal(each))
    yield from (
        f"two things are called {each}" for each in set(displayed) if displayed.count(each) > 1 or each in named
    )
    for position, (sheet, part, table) in enumerate(opened.tables):
        area = range_boundaries(table.get("ref"))
        for other_sheet, other_part, other in opened.tables[position + 1 :]:
            if sheet == other_sheet and excel_sheet_rules.meet(area, range_boundaries(other.get("ref"))):
                yield f"{part} and {other_part} overlap"
        yield from _table(part, table, area)
        yield from _header(opened, sheet, part, table, area)
    for _, sheet in opened.worksheets:
        declared = [each.get(f"{LINK}id") for each in opened.root(sheet).iter(f"{MAIN}tablePart")]
        linked = [each for each, link in opened.links(sheet) if link.kind.endswith("/table")]
        if sorted(declared) != sorted(linked):
            yield f"{sheet} declares the tables {declared} but links to {linked}"


def _table(part, table, area):
    first_column, first_row, last_column, last_row = area
    columns = list(table.iter(f"{MAIN}tableColumn"))
    if len(columns) != last_column - first_column + 1:
        yield f"{part} has {len(columns)} columns over {table.get('ref')}"
    if int(table.find(f"{MAIN}tableColumns").get("count", len(columns))) != len(columns):
        yield f"{part} miscounts its columns"
    for attribute in ("id", "name"):
        values = [column.get(attribute).lower() for column in columns]
        yield from (f"{part} has the column {attribute} {each} twice" for each in set(values) if values.count(each) > 1)
    header, totals = int(table.get("headerRowCount", "1")), int(table.get("totalsRowCount", "0"))
    if last_row - first_row + 1 < header + totals + 1:
        yield f"{part} has no row"
    if last_row > 1_048_576 or last_column > 16_384:
        yield f"{part} reaches over the edge of the sheet"
    for found in table.iter(f"{MAIN}autoFilter"):
        if range_boundaries(found.get("ref")) != (first_column, first_row, last_column, last_row - totals):
            yield f"{part} filters {found.get('ref')} instead of its rows"


def _header(opened, sheet, part, table, area):
    if table.get("headerRowCount") == "0":
        return
    first_column, first_row, last_column, _ = area
    values = excel_sheet_rules.row_values(opened, sheet, first_row)
    shown = [values.get(column) for column in range(first_column, last_column + 1)]
    declared = [re.sub("_x000a_", "\n", column.get("name"), flags=re.I) for column in table.iter(f"{MAIN}tableColumn")]
    if shown != declared:
        yield f"{part} names its columns {declared} where the sheet shows {shown}"


def chain(opened):
    """Each entry of the calculation chain is a formula cell."""
    parts_by_number = {
        element.get("sheetId"): part for element, (_, part) in zip(opened.sheet_elements, opened.sheets, strict=True)
    }
    sheet = None
    for found in opened.linked(opened.workbook, "calcChain"):
        for each in opened.root(found):
            sheet = each.get("i", sheet)
            cells = excel_sheet_rules.formula_cells(opened, parts_by_number.get(sheet))
            if each.get("r") not in cells:
                yield f"the calculation chain names {each.get('r')} of sheet {sheet}, which has no formula"
