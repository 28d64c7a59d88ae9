"""What of a workbook is still there after somebody wrote it: counted feature by feature in its parts."""

import re
import sys
import tempfile
import warnings
import zipfile
from dataclasses import dataclass
from pathlib import Path

from rich_book import everything_book
from workbook_builders import orders_frame, plan_frame

REFRESH, ROUND_TRIP = "after a refresh", "after openpyxl's load and save"

SHEET, DRAWING, VML = r"xl/worksheets/[^/]*\.xml", r"xl/drawings/[^/]*\.xml", r"xl/(drawings/)?[^/]*\.vml"
FEATURES = {
    "tables": (r"xl/tables/.*", "<(?:x:)?table "),
    "calculated columns": (r"xl/tables/.*", "<calculatedColumnFormula>"),
    "data validations": (SHEET, "<dataValidation "),
    "input messages": (SHEET, "<dataValidation [^>]* prompt="),
    "conditional formats": (SHEET, "<cfRule "),
    "data bars and icon sets of newer Excels (x14)": (SHEET, "<x14:cfRule "),
    "sparklines": (SHEET, "<x14:sparkline>"),
    "dynamic arrays": (SHEET, '<c [^>]*cm="'),
    "array formulas": (SHEET, '<f [^>]*t="array"'),
    "formulas": (SHEET, "<f[ >/]"),
    "values of formulas that are up to date": (SHEET, r"<f>(?:SUM\(tblMine|INVOPT|\[1\])[^<]*</f><v>[^<]+</v>"),
    "text with formats inside": ("xl/sharedStrings.xml|" + SHEET, "<rPr>"),
    "frozen panes": (SHEET, "<pane "),
    "sheet protection": (SHEET, "<sheetProtection "),
    "headers and footers": (SHEET, "<headerFooter"),
    "merged cells": (SHEET, "<mergeCell "),
    "row outline": (SHEET, "outlineLevel="),
    "hyperlinks": (SHEET, "<hyperlink "),
    "charts": (r"xl/charts/chart\d+\.xml", "<(?:c:)?chartSpace"),
    "trendlines": (r"xl/charts/.*", "<(?:c:)?trendline>"),
    "chart labels taken from cells": (r"xl/charts/.*", "(?s)<(?:c:)?dLbl>(?:(?!</(?:c:)?dLbl>).)*strRef>\\s*</"),
    "fonts of charts": (r"xl/charts/.*", '<a:defRPr [^>]*sz="900"'),
    "chart sheets": (r"xl/chartsheets/.*\.xml", "<chartsheet"),
    "pictures": (DRAWING, "<(?:xdr:)?pic>"),
    "text boxes": (DRAWING, r"<(?:xdr:)?sp[ >]"),
    "buttons": (VML, 'ObjectType="Button"'),
    "checkboxes": (SHEET + "|xl/featurePropertyBag/.*|xl/styles.xml", "Checkbox|xfComplement"),
    "notes": (r"xl/comments.*\.xml", "<comment "),
    "threaded comments": (r"xl/threadedComments/.*", "<threadedComment "),
    "people of comments": (r"xl/persons/.*", "<person "),
    "slicers": (r"xl/slicers/.*", "<slicer "),
    "slicer caches": (r"xl/slicerCaches/.*", "<slicerCacheDefinition "),
    "pivot tables": (r"xl/pivotTables/[^/]*\.xml", "<pivotTableDefinition"),
    "pivot caches": (r"xl/pivotCache/[^/]*Definition[^/]*\.xml", "<pivotCacheDefinition"),
    "links to other workbooks": (r"xl/externalLinks/[^/]*\.xml", "<externalLink"),
    "defined names": ("xl/workbook.xml", "<definedName "),
    "macros": ("xl/vbaProject.bin", ""),
    "custom XML": (r"customXml/item\d+\.xml", "urn:example"),
    "web extensions": (r"xl/webextensions/webextension.*\.xml", "<we:webextension "),
    "theme": (r"xl/theme/.*", "<a:theme "),
}


@dataclass(frozen=True)
class Survival:
    name: str
    before: int
    after: dict[str, int]


def counted(book, parts, mark):
    """How often a mark stands in the parts whose names match; without a mark, how many parts there are."""
    with zipfile.ZipFile(book) as archive:
        texts = [
            archive.read(name).decode("utf-8", "replace") for name in archive.namelist() if re.fullmatch(parts, name)
        ]
    return sum(len(re.findall(mark, text)) for text in texts) if mark else len(texts)


def survival_table(before, after):
    """Count every feature in a workbook and in others that came of it."""
    return [
        Survival(name, counted(before, *where), {title: counted(book, *where) for title, book in after.items()})
        for name, where in FEATURES.items()
    ]


def as_markdown(rows, titles):
    lines = ["| feature | before | " + " | ".join(titles) + " |", "|---|---|" + "---|" * len(titles)]
    for row in rows:
        shown = [f"{row.after[t]}" if row.after[t] >= row.before else f"**{row.after[t]}, lost**" for t in titles]
        lines.append(f"| {row.name} | {row.before} | " + " | ".join(shown) + " |")
    return "\n".join(lines)


def survivors_of(book, folder):
    """Write a workbook twice, by a refresh of tables as long as they are and through openpyxl; return the files."""
    import openpyxl

    from invopt_xl.workbook import write_tables

    files = {title: folder / f"{number}.xlsm" for number, title in enumerate((REFRESH, ROUND_TRIP))}
    tables = {"plan": plan_frame([f"A{i}" for i in range(5, 0, -1)]), "orders": orders_frame(2)}
    write_tables(book, tables, output=files[REFRESH])
    with warnings.catch_warnings():
        # It says what it cannot keep; that is the point.
        warnings.simplefilter("ignore")
        openpyxl.load_workbook(book, keep_vba=True).save(files[ROUND_TRIP])
    return files


def main():
    """Print the table: ``python tests/workbook/survival.py``."""
    with tempfile.TemporaryDirectory() as folder:
        book = everything_book(Path(folder) / "book.xlsm")
        rows = survival_table(book, survivors_of(book, Path(folder)))
    sys.stdout.write(as_markdown(rows, [REFRESH, ROUND_TRIP]) + "\n")


if __name__ == "__main__":
    main()
