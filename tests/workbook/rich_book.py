"""A workbook with everything that people put into one: what no library can write is put in part by part."""

import re
from typing import NamedTuple

import xlsxwriter
from workbook_builders import part, rewrite_parts, rich_orders_sheet, rich_plan_sheet

DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
MICROSOFT = "http://schemas.microsoft.com/office"
X14 = f"{MICROSOFT}/spreadsheetml/2009/9/main"
X15 = f"{MICROSOFT}/spreadsheetml/2010/11/main"
SHEET_XML, BOOK_XML = "application/vnd.openxmlformats-officedocument.spreadsheetml", "application/vnd.ms-excel"
PLAN, ORDERS, LISTS = (f"xl/worksheets/sheet{number}.xml" for number in (1, 2, 3))
MACROS = bytes(range(256)) * 40


class Part(NamedTuple):
    """A part to put in: what links to it and how, its content type, and its content."""

    name: str
    source: str
    link: str
    type: str
    content: str


def part_of(name, source, link, kind, body):
    return Part(name, source, link, kind, DECLARATION + body)


PARTS = [
    part_of(
        "xl/slicers/slicer1.xml",
        PLAN,
        f"{MICROSOFT}/2007/relationships/slicer",
        f"{BOOK_XML}.slicer+xml",
        f'<slicers xmlns="{X14}"><slicer name="location" cache="Slicer_location" caption="Where" '
        'rowHeight="241300"/></slicers>',
    ),
    part_of(
        "xl/slicerCaches/slicerCache1.xml",
        "xl/workbook.xml",
        f"{MICROSOFT}/2007/relationships/slicerCache",
        f"{BOOK_XML}.slicerCache+xml",
        f'<slicerCacheDefinition xmlns="{X14}" xmlns:x="{MAIN}" name="Slicer_location" sourceName="location"><extLst>'
        f'<x:ext uri="{{2F2917AC-EB37-4324-AD4E-5DD8C200BD13}}" xmlns:x15="{X15}"><x15:tableSlicerCache tableId="1" '
        'column="2"/></x:ext></extLst></slicerCacheDefinition>',
    ),
    part_of(
        "xl/threadedComments/threadedComment1.xml",
        PLAN,
        f"{MICROSOFT}/2017/10/relationships/threadedComment",
        f"{BOOK_XML}.threadedcomments+xml",
        f'<ThreadedComments xmlns="{MICROSOFT}/spreadsheetml/2018/threadedcomments"><threadedComment ref="L6" '
        'dT="2024-01-02T10:00:00.00" personId="{11111111-2222-3333-4444-555555555555}" '
        'id="{AAAAAAAA-2222-3333-4444-555555555555}"><text>Is this right?</text></threadedComment></ThreadedComments>',
    ),
    part_of(
        "xl/persons/person.xml",
        "xl/workbook.xml",
        f"{MICROSOFT}/2017/10/relationships/person",
        f"{BOOK_XML}.person+xml",
        f'<personList xmlns="{MICROSOFT}/spreadsheetml/2018/threadedcomments"><person displayName="A Planner" '
        'id="{11111111-2222-3333-4444-555555555555}" userId="planner" providerId="None"/></personList>',
    ),
    part_of(
        "customXml/item1.xml",
        "xl/workbook.xml",
        f"{OFFICE}/relationships/customXml",
        "",
        '<site xmlns="urn:example">\r\n  kept   as it is </site>',
    ),
    part_of(
        "customXml/itemProps1.xml",
        "customXml/item1.xml",
        f"{OFFICE}/relationships/customXmlProps",
        "application/vnd.openxmlformats-officedocument.customXmlProperties+xml",
        f'<ds:datastoreItem ds:itemID="{{B1111111-2222-3333-4444-555555555555}}" xmlns:ds="{OFFICE}/customXml"/>',
    ),
    part_of(
        "xl/webextensions/taskpanes.xml",
        "",
        f"{MICROSOFT}/2011/relationships/webextensiontaskpanes",
        "application/vnd.ms-office.webextensiontaskpanes+xml",
        f'<wetp:taskpanes xmlns:wetp="{MICROSOFT}/webextensions/taskpanes/2010/11"><wetp:taskpane dockstate="right" '
        f'visibility="0" width="350" row="1"><wetp:webextensionref xmlns:r="{OFFICE}/relationships" r:id="rId90"/>'
        "</wetp:taskpane></wetp:taskpanes>",
    ),
    part_of(
        "xl/webextensions/webextension1.xml",
        "xl/webextensions/taskpanes.xml",
        f"{MICROSOFT}/2011/relationships/webextension",
        "application/vnd.ms-office.webextension+xml",
        f'<we:webextension xmlns:we="{MICROSOFT}/webextensions/webextension/2010/11" '
        'id="{C1111111-2222-3333-4444-555555555555}"><we:reference id="wa1" version="1.0.0.0" store="en-US" '
        'storeType="OMEX"/><we:alternateReferences/><we:properties/><we:bindings/></we:webextension>',
    ),
    part_of(
        "xl/externalLinks/externalLink1.xml",
        "xl/workbook.xml",
        f"{OFFICE}/relationships/externalLink",
        f"{SHEET_XML}.externalLink+xml",
        f'<externalLink xmlns="{MAIN}"><externalBook xmlns:r="{OFFICE}/relationships" r:id="rId90"><sheetNames>'
        '<sheetName val="Prices"/></sheetNames></externalBook></externalLink>',
    ),
    part_of(
        "xl/pivotCache/pivotCacheDefinition1.xml",
        "xl/workbook.xml",
        f"{OFFICE}/relationships/pivotCacheDefinition",
        f"{SHEET_XML}.pivotCacheDefinition+xml",
        f'<pivotCacheDefinition xmlns="{MAIN}" xmlns:r="{OFFICE}/relationships" r:id="rId90" refreshOnLoad="1" '
        'refreshedVersion="6" createdVersion="6" recordCount="1"><cacheSource type="worksheet"><worksheetSource '
        'name="tblMine"/></cacheSource><cacheFields count="2"><cacheField name="Column1" numFmtId="0"><sharedItems '
        'count="1"><s v="m0"/></sharedItems></cacheField><cacheField name="Column2" numFmtId="0"><sharedItems '
        'containsSemiMixedTypes="0" containsString="0" containsNumber="1" containsInteger="1" minValue="0" '
        'maxValue="4"/></cacheField></cacheFields></pivotCacheDefinition>',
    ),
    part_of(
        "xl/pivotCache/pivotCacheRecords1.xml",
        "xl/pivotCache/pivotCacheDefinition1.xml",
        f"{OFFICE}/relationships/pivotCacheRecords",
        f"{SHEET_XML}.pivotCacheRecords+xml",
        f'<pivotCacheRecords xmlns="{MAIN}" count="1"><r><x v="0"/><n v="0"/></r></pivotCacheRecords>',
    ),
    part_of(
        "xl/pivotTables/pivotTable1.xml",
        LISTS,
        f"{OFFICE}/relationships/pivotTable",
        f"{SHEET_XML}.pivotTable+xml",
        f'<pivotTableDefinition xmlns="{MAIN}" name="Totals" cacheId="7" dataCaption="Values" updatedVersion="6" '
        'createdVersion="6" minRefreshableVersion="3"><location ref="D1:E3" firstHeaderRow="1" firstDataRow="1" '
        'firstDataCol="1"/><pivotFields count="2"><pivotField axis="axisRow" showAll="0"><items count="2"><item x="0"/>'
        '<item t="default"/></items></pivotField><pivotField dataField="1" showAll="0"/></pivotFields><rowFields '
        'count="1"><field x="0"/></rowFields><rowItems count="2"><i><x/></i><i t="grand"><x/></i></rowItems>'
        '<colItems count="1"><i/></colItems><dataFields count="1"><dataField name="Sum" fld="1" baseField="0" '
        'baseItem="0"/></dataFields>'
        "</pivotTableDefinition>",
    ),
]
PARTS.append(
    part_of(
        "xl/calcChain.xml",
        "xl/workbook.xml",
        f"{OFFICE}/relationships/calcChain",
        f"{SHEET_XML}.calcChain+xml",
        f'<calcChain xmlns="{MAIN}"><c r="J5" i="1"/><c r="J9"/><c r="A1" i="4"/><c r="A2"/><c r="C1" a="1"/>'
        "</calcChain>",
    )
)
EXTERNAL = {"xl/externalLinks/externalLink1.xml": (f"{OFFICE}/relationships/externalLinkPath", "file:///prices.xlsx")}


def everything_book(path):
    """Write the workbook, with macros; its tables are those of `rich_book`, its formulas read them from four sheets."""
    draft = path.with_suffix(".draft")
    with xlsxwriter.Workbook(draft, {"strings_to_formulas": False}) as book:
        plan = book.add_worksheet("Plan")
        rich_plan_sheet(book, plan, 5, True)
        for row in range(5, 10):
            plan.add_sparkline(f"J{row}", {"range": f"Plan!D{row}:E{row}", "style": 3})
        rich_orders_sheet(book, book.add_worksheet("Orders"))
        lists = book.add_worksheet("Lists")
        lists.write_column("A1", ["yes", "no", "=text"])
        _dashboard(book, book.add_worksheet("Dashboard"))
        chart = book.add_chart({"type": "bar"})
        chart.add_series({"values": "=Dashboard!$A$1:$A$3"})
        book.add_chartsheet("Picture").set_chart(chart)
        book.define_name("service_level", "=Plan!$R$3")
        book.define_name("quantities", "=Plan!$D$5:$D$9")
        book.define_name("Dashboard!total", "=SUM(tblPlan[order_value])")
    rewrite_parts(draft, _wired(draft), added=_added(), target=path)
    draft.unlink()
    return path


def _dashboard(book, sheet):
    bold = book.add_format({"bold": True, "bg_color": "#FFF2CC"})
    sheet.write_formula("A1", "=SUM(tblPlan[order_quantity])", bold, 150)
    sheet.write_formula("A2", "=A1*2", bold, 300)
    sheet.write_formula("A3", "=SUM(tblMine[Column2])", None, 10)
    sheet.write_formula("A4", '=TEXT(total,"0")&" in all"', None, "1500 in all")
    sheet.write_formula("A5", "=INVOPT_EOQ(A3,1)", None, 4)
    sheet.write_formula("A6", "=[1]Prices!A1", None, 3)
    sheet.write_array_formula("C1:D2", "{=TRANSPOSE(Lists!A1:B2)}", None, 0)
    sheet.merge_range("A8:C9", "merged", bold)
    sheet.conditional_format("A1:A3", {"type": "icon_set", "icon_style": "5_ratings"})
    sheet.data_validation("F1", {"validate": "list", "source": "=Lists!$A$1:$A$3", "input_message": "Choose"})
    chart = book.add_chart({"type": "line"})
    chart.add_series({"values": "=Plan!$D$5:$D$9", "data_labels": {"value": True, "custom": [{"value": "=Plan!$B$5"}]}})
    chart.set_title({"name": "Quantities", "name_font": {"size": 9}})
    sheet.insert_chart("H1", chart)
    sheet.autofilter("A20:B24")
    sheet.outline_settings(True, False, True, False)
    sheet.set_row(30, None, None, {"level": 1, "hidden": True})


def _added():
    linked = {source for _, source, *_ in PARTS if source not in ("", "xl/workbook.xml", PLAN)} | set(EXTERNAL)
    added = {each.name: each.content for each in PARTS} | {"xl/vbaProject.bin": MACROS}
    for source in linked:
        folder, _, name = source.rpartition("/")
        empty = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
        added[f"{folder}/_rels/{name}.rels"] = _with_links(empty, source)
    return added


def _links(source):
    there = [(each.link, each.name, "") for each in PARTS if each.source == source]
    if source == "xl/workbook.xml":
        there.append((f"{MICROSOFT}/2006/relationships/vbaProject", "xl/vbaProject.bin", ""))
    if source in EXTERNAL:
        there.append((*EXTERNAL[source], ' TargetMode="External"'))
    return [
        f'<Relationship Id="rId{number}" Type="{kind}" Target="{"" if mode else "/"}{target}"{mode}/>'
        for number, (kind, target, mode) in enumerate(there, start=90)
    ]


def _with_links(markup, source):
    return markup.replace("</Relationships>", "".join(_links(source)) + "</Relationships>")


def _id(source, name):
    return next(re.search('Id="([^"]*)"', link)[1] for link in _links(source) if name in link)


def _wired(draft):
    """Changes of the parts that lead to the new ones."""
    book = "xl/workbook.xml"
    types = "".join(f'<Override PartName="/{each.name}" ContentType="{each.type}"/>' for each in PARTS if each.type)
    types += '<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'
    plain, macros = f"{SHEET_XML}.sheet.main+xml", f"{BOOK_XML}.sheet.macroEnabled.main+xml"
    x14 = f'xmlns:x14="{X14}"'
    sheet_slicers = (
        f'<ext {x14} uri="{{3A4CF648-6AED-40f4-86FF-DC5316D8AED3}}"><x14:slicerList><x14:slicer '
        f'r:id="{_id(PLAN, "slicer1")}"/></x14:slicerList></ext></extLst>'
    )
    book_slicers = (
        f'<extLst><ext xmlns:x15="{X15}" uri="{{46BE6895-7355-4a93-B00E-2C351335B9C9}}"><x15:slicerCaches {x14}>'
        f'<x14:slicerCache r:id="{_id(book, "slicerCache1")}"/></x15:slicerCaches></ext></extLst></workbook>'
    )
    outside = (
        f'</sheets><externalReferences><externalReference r:id="{_id(book, "externalLink")}"/></externalReferences>'
    )
    pivots = f'<pivotCaches><pivotCache cacheId="7" r:id="{_id(book, "pivotCacheDefinition")}"/></pivotCaches>'

    def main(markup):
        markup = re.sub("<calcPr[^>]*>", lambda match: match[0] + pivots, markup.replace("</sheets>", outside))
        return markup.replace("</workbook>", book_slicers)

    changes = {
        "[Content_Types].xml": lambda markup: markup.replace("</Types>", types + "</Types>").replace(plain, macros),
        "_rels/.rels": lambda markup: _with_links(markup, ""),
        "xl/_rels/workbook.xml.rels": lambda markup: _with_links(markup, book),
        "xl/worksheets/_rels/sheet1.xml.rels": lambda markup: _with_links(markup, PLAN),
        book: main,
        PLAN: lambda markup: markup.replace("</extLst>", sheet_slicers),
        ORDERS: lambda markup: markup.replace("(109,[", "(109,tblOrders["),
    }
    assert "rId90" not in part(draft, "xl/_rels/workbook.xml.rels")
    return {name: lambda content, change=change: change(content.decode()).encode() for name, change in changes.items()}
