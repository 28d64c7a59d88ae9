"""The same small plan as different programs write it.

``tblPlan`` at A1:H3 of the sheet Plan has two items, of which A2 has an override of 5 and a note, and a column Double
that is calculated; Free!A1 adds up its quantities and Free!A2 holds a day.
"""

import re
import zipfile
from datetime import datetime

import openpyxl
import xlsxwriter
from openpyxl.worksheet.table import Table, TableColumn, TableFormula, TableStyleInfo
from workbook_builders import PLAN_HEADERS, rewrite_parts

DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET_XML = "application/vnd.openxmlformats-officedocument.spreadsheetml"
REVISION = "http://schemas.microsoft.com/office/spreadsheetml/2014/revision"
COMPATIBILITY = "http://schemas.openxmlformats.org/markup-compatibility/2006"
DESCENT = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac"

HEADERS = [*PLAN_HEADERS, "Double"]
ROWS = [["A1", "MAIN", 10, 100, "old", None, None], ["A2", "MAIN", 20, 200, "old", 5, "call & ask <them>"]]
DOUBLE = "tblPlan[[#This Row],[order_quantity]]*2"
TOTAL = "SUM(tblPlan[order_quantity])"
TOTAL_CELL, DAY = f"<f>{TOTAL}</f><v>30</v>", ' s="2"'


def of_xlsxwriter(path, **options):
    with xlsxwriter.Workbook(path, options) as book:
        sheet = book.add_worksheet("Plan")
        columns = [*({"header": header} for header in PLAN_HEADERS), {"header": "Double", "formula": f"={DOUBLE}"}]
        sheet.add_table("A1:H3", {"name": "tblPlan", "columns": columns, "data": ROWS})
        free = book.add_worksheet("Free")
        free.write_formula("A1", f"={TOTAL}", None, 30)
        free.write_datetime("A2", datetime(2018, 1, 1), book.add_format({"num_format": "yyyy-mm-dd"}))
    return path


def of_1904(path):
    return of_xlsxwriter(path, date_1904=True)


def with_inline_strings(path):
    """As a writer that keeps nothing in memory does: every text stands in its cell."""
    of_xlsxwriter(path)
    with zipfile.ZipFile(path) as archive:
        strings = re.findall(r"<si>(<t[^>]*>.*?</t>)</si>", archive.read("xl/sharedStrings.xml").decode())

    def inline(content):
        def cell(match):
            return f'{match[1]} t="inlineStr"><is>{strings[int(match[2])]}</is></c>'

        return re.sub(r'(<c r="[A-Z]+\d+") t="s"><v>(\d+)</v></c>', cell, content.decode()).encode()

    return rewrite_parts(path, {"xl/worksheets/sheet1.xml": inline})


def of_openpyxl(path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Plan"
    sheet.append(HEADERS)
    for row in ROWS:
        sheet.append([*row, f"={DOUBLE}"])
    table = Table(displayName="tblPlan", ref="A1:H3", tableStyleInfo=TableStyleInfo(name="TableStyleMedium2"))
    table._initialise_columns()
    for column, header in zip(table.tableColumns, HEADERS, strict=True):
        column.name = header
    assert isinstance(table.tableColumns[-1], TableColumn)
    table.tableColumns[-1].calculatedColumnFormula = TableFormula(attr_text=DOUBLE)
    sheet.add_table(table)
    free = book.create_sheet("Free")
    free["A1"] = f"={TOTAL}"
    free["A2"] = datetime(2018, 1, 1)
    book.save(path)
    return path


def _texts():
    texts = [*HEADERS, *(value for row in ROWS for value in row if isinstance(value, str))]
    return list(dict.fromkeys(texts))


def _cell(address, value, style=""):
    if value is None:
        return f'<c r="{address}"{style}/>' if style else ""
    if isinstance(value, str) and value.startswith("<f"):
        return f'<c r="{address}"{style}>{value}</c>'
    if isinstance(value, str):
        return f'<c r="{address}"{style} t="s"><v>{_texts().index(value)}</v></c>'
    return f'<c r="{address}"{style}><v>{value}</v></c>'


def _row(number, values, style="", attributes=""):
    cells = "".join(_cell(f"{letter}{number}", value, style) for letter, value in zip("ABCDEFGH", values, strict=False))
    return f'<row r="{number}"{attributes}>{cells}</row>'


def _strings(extra=""):
    escaped = (text.replace("&", "&amp;").replace("<", "&lt;") for text in _texts())
    return f'<sst xmlns="{MAIN}">' + "".join(f"<si><t>{text}</t>{extra}</si>" for text in escaped) + "</sst>"


STYLES = (
    f'<styleSheet xmlns="{MAIN}"><fonts count="1"><font><sz val="10"/><name val="Arial"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="lightGray"/></fill>'
    '</fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3">'
    '<xf numFmtId="0"/><xf numFmtId="0" applyAlignment="1"><alignment wrapText="0"/></xf>'
    '<xf numFmtId="14" applyNumberFormat="1"/></cellXfs><cellStyles count="1">'
    '<cellStyle xfId="0" name="Normal" builtinId="0"/></cellStyles></styleSheet>'
)


def _package(path, parts, *, absolute):
    """Write a workbook of two sheets and one table; links lead there by the full or the relative path."""

    def links(*targets):
        there = "".join(
            f'<Relationship Id="rId{number}" Type="{OFFICE}/{kind}" Target="{target}"/>'
            for number, (kind, target) in enumerate(targets, start=1)
        )
        return f'<Relationships xmlns="{PACKAGE}/relationships">{there}</Relationships>'

    top, up, here = ("/xl/", "/xl/", "/xl/") if absolute else ("xl/", "../", "")
    kinds = {"workbook": "sheet.main", "sheet1": "worksheet", "sheet2": "worksheet", "table1": "table"}
    kinds |= {"sharedStrings": "sharedStrings", "styles": "styles"}
    kind_of = {name: kinds[name.rpartition("/")[2].removesuffix(".xml")] for name in parts}
    types = "".join(
        f'<Override ContentType="{SHEET_XML}.{kind}+xml" PartName="/{name}"/>' for name, kind in kind_of.items()
    )
    plumbing = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default ContentType="application/xml" '
        'Extension="xml"/><Default ContentType="application/vnd.openxmlformats-package.relationships+xml" '
        f'Extension="rels"/>{types}</Types>',
        "_rels/.rels": links(("officeDocument", f"{top}workbook.xml")),
        "xl/_rels/workbook.xml.rels": links(
            ("worksheet", f"{here}worksheets/sheet1.xml"),
            ("worksheet", f"{here}worksheets/sheet2.xml"),
            ("sharedStrings", f"{here}sharedStrings.xml"),
            ("styles", f"{here}styles.xml"),
        ),
        "xl/worksheets/_rels/sheet1.xml.rels": links(("table", f"{up}tables/table1.xml")),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (plumbing | parts).items():
            archive.writestr(name, DECLARATION + content)
    return path


def like_google_sheets(path):
    """No dimension, no filter of the table, shared formulas, a format on every cell, absolute links, set heights."""
    space = f'xmlns="{MAIN}" xmlns:r="{OFFICE}" xmlns:mc="{COMPATIBILITY}" xmlns:x14ac="{DESCENT}"'
    style = ' s="1"'
    double = [f'<f t="shared" ref="H2:H3" si="1">{DOUBLE}</f><v>20</v>', '<f t="shared" si="1"/><v>40</v>']
    rows = [_row(1, HEADERS, style)]
    rows += [_row(2 + i, [*row, double[i]], style) for i, row in enumerate(ROWS)]
    rows += [f'<row r="{number}" ht="15.75" customHeight="1"/>' for number in range(4, 8)]
    sheet = (
        '<sheetPr><outlinePr summaryBelow="0" summaryRight="0"/></sheetPr><sheetViews><sheetView workbookViewId="0"/>'
        '</sheetViews><sheetFormatPr customHeight="1" defaultColWidth="12.63" defaultRowHeight="15.75"/>'
    )
    columns = "".join(f'<tableColumn name="{header}" id="{number}"/>' for number, header in enumerate(HEADERS, start=1))
    return _package(
        path,
        {
            "xl/workbook.xml": f'<workbook {space}><workbookPr/><sheets><sheet state="visible" name="Plan" sheetId="1" '
            'r:id="rId1"/><sheet state="visible" name="Free" sheetId="2" r:id="rId2"/></sheets><definedNames/><calcPr/>'
            "</workbook>",
            "xl/worksheets/sheet1.xml": f"<worksheet {space}>{sheet}<sheetData>{''.join(rows)}</sheetData><tableParts "
            'count="1"><tablePart r:id="rId1"/></tableParts></worksheet>',
            "xl/worksheets/sheet2.xml": f"<worksheet {space}>{sheet}<sheetData>"
            f"{_row(1, [TOTAL_CELL], style)}{_row(2, [43101], DAY)}</sheetData></worksheet>",
            "xl/tables/table1.xml": f'<table xmlns="{MAIN}" ref="A1:H3" displayName="tblPlan" name="tblPlan" id="1">'
            f'<tableColumns count="8">{columns}</tableColumns><tableStyleInfo name="Plan-style" showColumnStripes="0" '
            'showFirstColumn="1" showLastColumn="1" showRowStripes="1"/></table>',
            "xl/sharedStrings.xml": _strings(),
            "xl/styles.xml": STYLES,
        },
        absolute=True,
    )


def like_excel(path):
    """Extensions that other versions may ignore, revision ids, spans, descents, phonetic guides."""
    ignorable = f'xmlns:mc="{COMPATIBILITY}" mc:Ignorable="x14ac xr" xmlns:x14ac="{DESCENT}" xmlns:xr="{REVISION}"'
    space = f'xmlns="{MAIN}" xmlns:r="{OFFICE}" {ignorable}'
    uid = 'xr:uid="{00000000-0001-0000-0000-000000000000}"'
    hints = ' spans="1:8" x14ac:dyDescent="0.25"'
    view = '<sheetViews><sheetView tabSelected="1" workbookViewId="0"/></sheetViews>'
    height = '<sheetFormatPr defaultRowHeight="15" x14ac:dyDescent="0.25"/>'
    rows = [_row(1, HEADERS, "", hints)]
    rows += [_row(2 + i, [*row, f"<f>{DOUBLE}</f><v>{2 * row[2]}</v>"], "", hints) for i, row in enumerate(ROWS)]
    columns = "".join(
        f'<tableColumn id="{number}" xr3:uid="{{0-{number}}}" name="{header}"/>'
        for number, header in enumerate(PLAN_HEADERS, start=1)
    )
    return _package(
        path,
        {
            "xl/workbook.xml": f'<workbook {space}><fileVersion appName="xl" lastEdited="7" lowestEdited="7" '
            'rupBuild="22228"/><workbookPr defaultThemeVersion="166925"/><mc:AlternateContent><mc:Choice '
            'Requires="x15"/></mc:AlternateContent><xr:revisionPtr revIDLastSave="0" documentId="8_{1}"/><bookViews>'
            f'<workbookView {uid}/></bookViews><sheets><sheet name="Plan" sheetId="1" r:id="rId1"/>'
            '<sheet name="Free" sheetId="3" r:id="rId2"/></sheets><calcPr calcId="191029"/></workbook>',
            "xl/worksheets/sheet1.xml": f'<worksheet {space} {uid}><dimension ref="A1:H3"/>{view}{height}<sheetData>'
            f'{"".join(rows)}</sheetData><pageMargins left="0.7" right="0.7" top="0.75" bottom="0.75" header="0.3" '
            'footer="0.3"/><tableParts count="1"><tablePart r:id="rId1"/></tableParts></worksheet>',
            "xl/worksheets/sheet2.xml": f'<worksheet {space} {uid}><dimension ref="A1:A2"/>{view}{height}<sheetData>'
            f"{_row(1, [TOTAL_CELL], '', hints)}{_row(2, [43101], DAY, hints)}</sheetData></worksheet>",
            "xl/tables/table1.xml": f'<table xmlns="{MAIN}" xmlns:mc="{COMPATIBILITY}" mc:Ignorable="xr xr3" '
            f'xmlns:xr="{REVISION}" xmlns:xr3="{REVISION}3" id="1" {uid} name="tblPlan" displayName="tblPlan" '
            f'ref="A1:H3" totalsRowShown="0"><autoFilter ref="A1:H3" {uid}/><tableColumns count="8">{columns}'
            f'<tableColumn id="8" name="Double"><calculatedColumnFormula>{DOUBLE}</calculatedColumnFormula>'
            "</tableColumn></tableColumns>"
            '<tableStyleInfo name="TableStyleMedium2" showRowStripes="1"/></table>',
            "xl/sharedStrings.xml": _strings('<rPh sb="0" eb="1"><t>guide</t></rPh><phoneticPr fontId="0"/>'),
            "xl/styles.xml": STYLES,
        },
        absolute=False,
    )


KINDS = (of_xlsxwriter, of_1904, with_inline_strings, of_openpyxl, like_google_sheets, like_excel)


def as_strict(path):
    """Make it a Strict Open XML workbook, in all its parts."""
    names = {
        MAIN: "http://purl.oclc.org/ooxml/spreadsheetml/main",
        OFFICE: "http://purl.oclc.org/ooxml/officeDocument/relationships",
    }

    def strict(content):
        for old, new in names.items():
            content = content.replace(old.encode(), new.encode())
        return content

    with zipfile.ZipFile(path) as archive:
        parts = [name for name in archive.namelist() if name.endswith((".xml", ".rels"))]
    return rewrite_parts(path, dict.fromkeys(parts, strict))
