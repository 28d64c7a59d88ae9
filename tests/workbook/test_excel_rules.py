"""The checker of Excel's rules finds what it is for: each kind of damage, put into a sound workbook, is named."""

import pytest
from excel_rules import problems
from rich_book import LISTS, ORDERS, PLAN, everything_book
from workbook_builders import rewrite_parts

DASHBOARD = "xl/worksheets/sheet4.xml"
BOOK, BOOK_LINKS, PLAN_LINKS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/_rels/sheet1.xml.rels"
TYPES, TABLE, MINE = "[Content_Types].xml", "xl/tables/table1.xml", "xl/tables/table2.xml"
LINK = (
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
    'Target="worksheets/sheet1.xml"/>'
)


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    return everything_book(tmp_path_factory.mktemp("rules") / "sound.xlsm")


def test_a_sound_workbook_has_no_problems(sound):
    assert problems(sound) == []


@pytest.mark.parametrize(
    ("part", "old", "new", "expected"),
    [
        (PLAN, "</worksheet>", "", "sheet1.xml is not well-formed"),
        (PLAN, '<row r="6"', '<row r="5"', "row 5 stands after row 5"),
        (PLAN, '<row r="6"', '<row r="66"', "B6 stands in row 66"),
        (PLAN, '<c r="C5"', '<c r="A5"', "A5 stands after B"),
        (PLAN, '<c r="C5"', '<c r="B5"', "B5 stands after B"),
        (PLAN, '<c r="D5"', '<c r="D6"', "D6 stands in row 5"),
        (PLAN, '<c r="B5"', '<c r="B5" s="999"', "the format 999 is not there"),
        (PLAN, '<row r="6"', '<row s="999" r="6"', "the format 999 is not there"),
        (PLAN, 't="s"><v>8</v>', 't="s"><v>800</v>', "shared string 800 is not there"),
        (PLAN, 't="s"><v>8</v>', 't="s"><v>x</v>', "shared string x is not there"),
        (PLAN, '<c r="D6"><v>', '<c r="D6"><v>NaN', "is no number"),
        (PLAN, '<c r="D6"><v>', '<c r="D6" t="b"><v>', "neither true nor false"),
        (PLAN, '<c r="D6"><v>', '<c r="D6" t="e"><v>', "is no error"),
        (PLAN, '<c r="D6"><v>', '<c r="D6" t="x"><v>', "'x' is no type"),
        (PLAN, '<c r="D6"><v>', '<c r="D6" t="inlineStr"><v>', "mixes a text of its own"),
        (PLAN, '<c r="D6"><v>', '<c r="D6"><v>1</v><f>1</f><v>', "holds ['v', 'f', 'v']"),
        (PLAN, 'cm="1"', 'cm="9"', "its metadata 9 is not there"),
        (PLAN, 't="array" ref="V2:W4"', 't="array" ref="V3:W4"', "V2 holds an array formula over V3:W4"),
        (PLAN, "<f>SUM(", '<f t="shared" si="3">SUM(', "uses the shared formula 3"),
        (PLAN, '<dimension ref="', '<dimension ref="A1:A2" x="', "lies outside the dimension A1:A2"),
        (PLAN, "</sheetData>", "</sheetData><sheetPr/>", "the children of worksheet are out of order"),
        (PLAN, "</sheetData>", "</sheetData><sheetFoo/>", "sheetFoo, which has no place there"),
        (PLAN, "</sheetData>", "</sheetData><sheetProtection/>", "has sheetProtection twice"),
        (PLAN, 'sqref="G5:G9"', 'sqref="G5:G9 G7"', "the validations of G5:G9 and G7 overlap"),
        (PLAN, '<dataValidations count="2"', '<dataValidations count="3"', "the validations are miscounted"),
        (PLAN, 'sqref="G5:G9"', f'errorTitle="{"x" * 33}" sqref="G5:G9"', "has errorTitle of more than 32"),
        (PLAN, 'sqref="G5:G9"', f'error="{"x" * 226}" sqref="G5:G9"', "has error of more than 225"),
        (PLAN, '<cfRule type="dataBar" priority="1"', '<cfRule type="dataBar" priority="2"', "have the priority 2"),
        (PLAN, '<row r="6"', '<row ht="410" r="6"', "row 6 is 410 points high"),
        (PLAN, "<f>SUM(", f'<f>LEN("{"x" * 256}")+SUM(', "has a text of more than 255"),
        (PLAN, "<f>SUM(", "<f>Lost!A1+SUM(", "a formula mentions the sheet lost"),
        (PLAN, "<f>SUM(", f"<f>{'(' * 65}1{')' * 65}+SUM(", "nests more than 64"),
        (PLAN, "<xm:sqref>D5:D9", "<xm:sqref>D5:D", "a rule covers 'D5:D'"),
        (PLAN, 'dxfId="0"', 'dxfId="77"', "the conditional format 77 is not there"),
        (PLAN, '<cfRule type="dataBar" priority="1"', '<cfRule type="dataBar"', "has no priority"),
        (PLAN, "<xm:sqref>J6", "<xm:sqref>J5", "J5 has two sparklines"),
        (PLAN, '<tableParts count="2"><tablePart r:id="rId4"/>', '<tableParts count="1">', "declares the tables"),
        (PLAN, '<drawing r:id="rId2"/>', '<drawing r:id="rId77"/>', "uses rId77, which its links lack"),
        (DASHBOARD, '<mergeCell ref="A8:C9"/>', '<mergeCell ref="A8:C9"/><mergeCell ref="C9:D9"/>', "C9:D9 overlap"),
        (ORDERS, "</sheetData>", '</sheetData><mergeCells><mergeCell ref="A2:B2"/></mergeCells>', "holds merged cells"),
        (LISTS, 't="s"><v>', 't="inlineStr"><is><t>x</t></is><v>', "mixes a text of its own"),
        (TABLE, 'name="order_value"', 'name="value"', "names its columns"),
        (TABLE, 'name="order_value"', 'name="WHY"', "has the column name why twice"),
        (TABLE, '<tableColumn id="2"', '<tableColumn id="1"', "has the column id 1 twice"),
        (TABLE, 'displayName="tblPlan"', 'displayName="TBLMINE"', "two things are called tblmine"),
        (TABLE, 'displayName="tblPlan"', 'displayName="service_level"', "two things are called service_level"),
        (TABLE, 'displayName="tblPlan"', 'displayName="R1C1"', "nothing can be called r1c1"),
        (TABLE, 'id="1" name="tblPlan"', 'id="2" name="tblPlan"', "two tables have the id 2"),
        (TABLE, 'ref="B4:J9" ', 'ref="B4:L9" ', "9 columns over B4:L9"),
        (TABLE, 'ref="B4:J9" ', 'ref="B4:J4" ', "has no row"),
        (TABLE, 'ref="B4:J9" ', 'ref="B4:J1048577" ', "reaches over the edge"),
        (TABLE, '<autoFilter ref="B4:J9"', '<autoFilter ref="B4:J8"', "filters B4:J8 instead of its rows"),
        (TABLE, '<tableColumns count="9"', '<tableColumns count="8"', "miscounts its columns"),
        (MINE, 'ref="L4:M9"', 'ref="J4:K9"', "table1.xml and xl/tables/table2.xml overlap"),
        (BOOK, 'name="Orders"', 'name="PLAN"', "two sheets are called"),
        (BOOK, 'name="Orders"', 'name="An order of more than thirty-one"', "a sheet cannot be called An order"),
        (BOOK, 'name="Orders"', 'name="a/b"', "a sheet cannot be called a/b"),
        (BOOK, 'sheetId="2"', 'sheetId="1"', "two sheets have the number 1"),
        (BOOK, ">Plan!$R$3<", ">Plans!$R$3<", "mentions the sheet plans"),
        (BOOK, ">Plan!$R$3<", ">'It''s'!$R$3<", "mentions the sheet it's"),
        (BOOK, 'name="quantities"', 'name="SERVICE_level"', "the name service_level is there twice"),
        (BOOK, 'localSheetId="3"', 'localSheetId="9"', "belongs to sheet 9"),
        (BOOK, "<definedNames>", "<calcPr/><definedNames>", "the children of workbook are out of order"),
        (BOOK, "<workbook ", '<workbook xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
         'mc:Ignorable="x15" ', "ignores x15, which it does not declare"),
        (BOOK_LINKS, LINK, LINK + LINK, "has rId1 twice"),
        (BOOK_LINKS, 'Target="theme/theme1.xml"', 'Target="theme/theme9.xml"', "theme9.xml, which is not there"),
        (PLAN_LINKS, 'Id="rId4"', 'Id="rId44"', "uses rId4, which its links lack"),
        (TYPES, 'PartName="/xl/styles.xml"', 'PartName="/xl/style.xml"', "/xl/style.xml, which is not there"),
        (TYPES, 'PartName="/xl/styles.xml"', 'PartName="/xl/workbook.xml"', "/xl/workbook.xml is declared twice"),
        (TYPES, '<Default Extension="bin"', '<Default Extension="bins"', "vbaProject.bin has no content type"),
        ("xl/calcChain.xml", 'r="A2"', 'r="B2"', "names B2 of sheet 4, which has no formula"),
    ],
)  # fmt: skip
def test_each_kind_of_damage_is_named(sound, tmp_path, part, old, new, expected):
    def damage(content):
        text = content.decode()
        assert old in text
        return text.replace(old, new, 1).encode()

    damaged = rewrite_parts(sound, {part: damage}, target=tmp_path / "damaged.xlsm")
    found = problems(damaged)
    assert any(expected in problem for problem in found), found


def test_a_flipped_byte_is_damage(sound):
    content = bytearray(sound.read_bytes())
    content[content.index(b"xl/worksheets/sheet1.xml") + 200] ^= 1
    (found,) = problems(bytes(content))
    assert found.startswith("no sound archive")
