"""The rules of `excel_rules` for what stands in one sheet."""

import itertools
import math
import re

from openpyxl.utils import get_column_letter, range_boundaries

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
FORMULAS = "{http://schemas.microsoft.com/office/excel/2006/main}"
X14 = "{http://schemas.microsoft.com/office/spreadsheetml/2009/9/main}"
ORDER = re.findall(
    r"\w+",
    "sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection protectedRanges scenarios "
    "autoFilter sortState dataConsolidate customSheetViews mergeCells phoneticPr conditionalFormatting dataValidations "
    "hyperlinks printOptions pageMargins pageSetup headerFooter rowBreaks colBreaks customProperties cellWatches "
    "ignoredErrors smartTags drawing drawingHF legacyDrawing legacyDrawingHF picture oleObjects controls "
    "webPublishItems tableParts extLst",
)
LONGEST_WORDS = {"promptTitle": 32, "prompt": 255, "errorTitle": 32, "error": 225}
"""Characters of a validation's words at most."""

ERRORS = {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA", "#SPILL!", "#CALC!"}


def out_of_order(part, element, order, *, repeated=()):
    """Yield what is wrong with the order of an element's children."""
    found = [child.tag.rpartition("}")[2] for child in element]
    # What stands here for other versions of Excel may stand anywhere.
    found = [name for name in found if name != "AlternateContent"]
    yield from (f"{part} holds {name}, which has no place there" for name in found if name not in order)
    places = [order.index(name) for name in found if name in order]
    if places != sorted(places):
        yield f"{part}: the children of {element.tag.rpartition('}')[2]} are out of order"
    yield from (f"{part} has {name} twice" for name in set(found) if found.count(name) > 1 and name not in repeated)


def meet(first, second):
    """Tell whether two areas share a cell."""
    return first[0] <= second[2] and second[0] <= first[2] and first[1] <= second[3] and second[1] <= first[3]


def place(cell):
    column, row, _, _ = range_boundaries(cell.get("r"))
    return row, column


def row_values(opened, sheet, number):
    """Texts of a row's cells by column."""
    values = {}
    for row in opened.root(sheet).iter(f"{MAIN}row"):
        for cell in row if row.get("r") == str(number) else ():
            value = cell.findtext(f"{MAIN}v")
            if cell.get("t") == "s":
                known = value.isdecimal() and int(value) < len(opened.strings)
                value = opened.strings[int(value)] if known else None
            elif cell.get("t") == "inlineStr":
                value = "".join(text.text or "" for text in cell.iter(f"{MAIN}t"))
            values[place(cell)[1]] = value
    return values


def formula_cells(opened, sheet):
    cells = opened.root(sheet).iter(f"{MAIN}c") if sheet in opened.parts else ()
    return {cell.get("r") for cell in cells if cell.find(f"{MAIN}f") is not None}


def sheets(opened):
    """All rules of all sheets."""
    styles = opened.count("styles", "cellXfs") or 1
    differences = opened.count("styles", "dxfs")
    metadata = opened.count("sheetMetadata", "cellMetadata")
    for _, part in opened.worksheets:
        root = opened.root(part)
        yield from out_of_order(part, root, ORDER, repeated=("conditionalFormatting",))
        yield from (f"{part}: {problem}" for problem in rows(root))
        for cell in root.iter(f"{MAIN}c"):
            yield from (f"{part} {cell.get('r')}: {problem}" for problem in cell_value(cell, len(opened.strings)))
            if int(cell.get("cm", 0)) > metadata:
                yield f"{part} {cell.get('r')}: its metadata {cell.get('cm')} is not there"
        for rule in (formulas, merges, rules, validations, marks, heights, sparklines):
            yield from (f"{part}: {problem}" for problem in rule(root))
        yield from (f"{part}: {problem}" for problem in formats(root, styles, differences))
        yield from merged_tables(opened, part)


def rows(root):
    """Rows and cells stand in order, once, in their own row, and within the dimension."""
    previous, seen = 0, []
    for row in root.iter(f"{MAIN}row"):
        number = int(row.get("r"))
        if not previous < number <= 1_048_576:
            yield f"row {number} stands after row {previous}"
        previous, last = number, 0
        for cell in row:
            at_row, column = place(cell)
            if at_row != number:
                yield f"{cell.get('r')} stands in row {number}"
            if not last < column <= 16_384:
                yield f"{cell.get('r')} stands after {get_column_letter(last) if last else 'nothing'}"
            last = column
            seen.append((at_row, column))
    dimension = root.find(f"{MAIN}dimension")
    if dimension is not None and seen:
        first_column, first_row, last_column, last_row = range_boundaries(dimension.get("ref"))
        outside = [(r, c) for r, c in seen if not (first_row <= r <= last_row and first_column <= c <= last_column)]
        yield from (f"row {r}, column {c} lies outside the dimension {dimension.get('ref')}" for r, c in outside[:1])


def cell_value(cell, strings):
    """A cell's value is of its type."""
    kind, value, text = cell.get("t", "n"), cell.findtext(f"{MAIN}v"), cell.find(f"{MAIN}is")
    order = [child.tag.rpartition("}")[2] for child in cell]
    if order != [name for name in ("f", "v", "is", "extLst") if name in order]:
        yield f"holds {order}"
    if (text is not None) != (kind == "inlineStr") or (text is not None and value is not None):
        yield "mixes a text of its own with a value"
    if not value:
        # Some write an empty value beside a formula that is not calculated yet.
        return
    if kind == "n" and not _is_number(value):
        yield f"{value!r} is no number"
    elif kind == "s" and not (value.isdecimal() and int(value) < strings):
        yield f"shared string {value} is not there"
    elif kind == "b" and value not in ("0", "1"):
        yield f"{value!r} is neither true nor false"
    elif kind == "e" and value not in ERRORS:
        yield f"{value!r} is no error"
    elif kind not in ("n", "s", "b", "e", "str", "d", "inlineStr"):
        yield f"{kind!r} is no type"
    if len(value.encode("utf-16-le")) > 2 * 32_767:
        yield "its text is too long"


def _is_number(text):
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def formulas(root):
    """A shared formula is written before it is used, and an array begins in its first cell."""
    shared = set()
    for cell in root.iter(f"{MAIN}c"):
        formula = cell.find(f"{MAIN}f")
        if formula is None:
            continue
        reference, kind = formula.get("ref"), formula.get("t", "normal")
        if kind == "array" and (reference is None or range_boundaries(reference)[1::-1] != place(cell)):
            yield f"{cell.get('r')} holds an array formula over {reference}"
        if kind == "shared" and reference is not None:
            shared.add(formula.get("si"))
        elif kind == "shared" and formula.get("si") not in shared:
            yield f"{cell.get('r')} uses the shared formula {formula.get('si')}, which is not there"
        text = formula.text or ""
        if len(text) > 8192:
            yield f"{cell.get('r')} has too long a formula"
        if any(len(each.replace('""', '"')) > 255 for each in re.findall('"((?:[^"]|"")*)"', text)):
            yield f"{cell.get('r')} has a text of more than 255 characters in its formula"
        if _deepest(_without_texts(text)) > 64:
            yield f"{cell.get('r')} nests more than 64 levels"


def _deepest(formula):
    return max(itertools.accumulate({"(": 1, ")": -1}.get(each, 0) for each in formula), default=0)


def merges(root):
    """Merged areas do not overlap."""
    areas = [each.get("ref") for each in root.iter(f"{MAIN}mergeCell")]
    for first, second in itertools.combinations(areas, 2):
        if meet(range_boundaries(first), range_boundaries(second)):
            yield f"the merged cells {first} and {second} overlap"


def merged_tables(opened, part):
    """No cells of a table are merged."""
    areas = [range_boundaries(each.get("ref")) for each in opened.root(part).iter(f"{MAIN}mergeCell")]
    for sheet, name, table in opened.tables:
        if sheet == part and any(meet(area, range_boundaries(table.get("ref"))) for area in areas):
            yield f"{name} holds merged cells"


def rules(root):
    """Validations are counted and do not overlap; every rule covers ranges of the sheet."""
    for element in root.iter(f"{MAIN}dataValidations"):
        if int(element.get("count", len(element))) != len(element):
            yield "the validations are miscounted"
        areas = [(r, range_boundaries(r)) for each in element for r in each.get("sqref").split()]
        for (name, first), (other, second) in itertools.combinations(areas, 2):
            if meet(first, second):
                yield f"the validations of {name} and {other} overlap"
    texts = [each.get("sqref") for each in root.iter() if each.get("sqref") is not None]
    texts += [each.text or "" for each in root.iter(f"{FORMULAS}sqref")]
    for text in texts:
        if not text.split() or not all(re.fullmatch(r"[A-Z]{1,3}\d+(:[A-Z]{1,3}\d+)?", each) for each in text.split()):
            yield f"a rule covers {text!r}"
    priorities = [each.get("priority") for each in root.iter(f"{MAIN}cfRule")]
    if any(each is None or int(each) < 1 for each in priorities):
        yield "a conditional format has no priority"


def validations(root):
    """The words of validations are no longer than Excel takes; their formulas mention no column of a table."""
    for each in root.iter(f"{MAIN}dataValidation"):
        for words, most in LONGEST_WORDS.items():
            if len(each.get(words, "")) > most:
                yield f"the validation of {each.get('sqref')} has {words} of more than {most} characters"
        for text in (each.findtext(f"{MAIN}formula{number}", "") for number in (1, 2)):
            if len(text) > (257 if text.startswith('"') else 8192):
                yield f"the validation of {each.get('sqref')} has too long a list"
            if _mentions_table(text):
                yield f"the validation of {each.get('sqref')} mentions a table: {text}"


def marks(root):
    """Conditional formats have priorities of their own, read their own sheet or names, and any completion is there."""
    found = list(root.iter(f"{MAIN}cfRule"))
    numbers = [each.get("priority") for each in found if each.get("priority")]
    yield from (f"two conditional formats have the priority {each}" for each in set(numbers) if numbers.count(each) > 1)
    for text in (formula.text or "" for each in found for formula in each.iter(f"{MAIN}formula")):
        if _mentions_table(text) or "!" in _without_texts(text):
            yield f"a conditional format reads what stands elsewhere: {text}"
    wanted = [each.text for rule in found for each in rule.iter(f"{X14}id")]
    there = [each.get("id") for each in root.iter(f"{X14}cfRule")]
    if len(set(wanted)) != len(wanted) or not set(wanted) <= set(there):
        yield f"conditional formats are completed by {wanted}, of which {there} are there"


def _without_texts(formula):
    return re.sub('"[^"]*"', "", formula)


def _mentions_table(formula):
    return "[" in _without_texts(formula)


def heights(root):
    """Rows are no higher and columns no wider than Excel takes."""
    for each in root.iter(f"{MAIN}row"):
        if float(each.get("ht", 0)) > 409.5:
            yield f"row {each.get('r')} is {each.get('ht')} points high"
    for each in root.iter(f"{MAIN}col"):
        if float(each.get("width", 0)) > 255:
            yield f"column {each.get('min')} is {each.get('width')} characters wide"


def sparklines(root):
    """A cell has one sparkline at most, and each group has one at least."""
    cells = [each.findtext(f"{FORMULAS}sqref") for each in root.iter(f"{X14}sparkline")]
    yield from (f"{cell} has two sparklines" for cell in set(cells) if cells.count(cell) > 1)
    if any(len(group) == 0 for group in root.iter(f"{X14}sparklines")):
        yield "a group of sparklines is empty"


def formats(root, styles, differences):
    """Formats that are used exist."""
    used = [each.get("s") for name in ("c", "row") for each in root.iter(MAIN + name)]
    used += [each.get("style") for each in root.iter(f"{MAIN}col")]
    yield from (f"the format {each} is not there" for each in sorted(set(used) - {None}) if int(each) >= styles)
    for each in root.iter(f"{MAIN}cfRule"):
        if int(each.get("dxfId", -1)) >= differences:
            yield f"the conditional format {each.get('dxfId')} is not there"
