"""Plan workbooks built from the data contract: tables, entry rules, looks, and room for a refresh."""

import re
import zipfile

import openpyxl
import pandas as pd
import pytest
from openpyxl.utils import column_index_from_string, get_column_letter, range_boundaries

from invopt_xl.errors import FileError
from invopt_xl.plan.columns import BY_STEM, CHECKS, INPUTS, OUTPUTS, PLAN, TREND
from invopt_xl.workbook import read_tables, write_tables
from invopt_xl.workbook.sheets.all_sheets import TABLES_ON
from invopt_xl.workbook.sheets.calculated import placed_columns, placed_names
from invopt_xl.workbook.sheets.layout import FIRST_DATA_ROW, HEADER_ROW
from invopt_xl.workbook.sheets.look import INPUT_FILL, INPUT_FONT
from invopt_xl.workbook.template import Cover, ReferenceSheet, build_plan_workbook

COVER = Cover("To plan.", sources=("A source.",), illustrative=("Made up.",))


def inputs():
    return {
        "items": pd.DataFrame(
            {
                "item": ["0012", "=1+1"],
                "description": ["http://a.b", None],
                "unit_cost": [2.5, 3],
                "lead_time_days": [7, 9],
                "on_hand": [4, 0],
            }
        ),
        "demand": pd.DataFrame({"item": ["0012"], "date": [pd.Timestamp("2017-12-25")], "quantity": [3]}),
        "parameters": pd.DataFrame(
            {
                "name": ["plan_date", "period", "service_target", "budget"],
                "value": [pd.Timestamp("2018-01-01"), "week", 0.95, None],
                "unit": ["date", "", "share", "money per period"],
                "note": ["The day.", "The period.", "The target.", "The most."],
            }
        ),
    }


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    rows = pd.DataFrame({"step": ["Fuel"], "count": [3], "reason": ["not goods"]})
    report = ReferenceSheet("Data", "tblCleaning", "What was cleaned", rows, {"reason": 60})
    return build_plan_workbook(
        tmp_path_factory.mktemp("book") / "plan.xlsx", inputs(), title="P", cover=COVER, reference=[report]
    )


@pytest.fixture(scope="module")
def book(path):
    return openpyxl.load_workbook(path)


@pytest.fixture(scope="module")
def placed(book):
    return {table.name: (sheet, table) for sheet in book.worksheets for table in sheet.tables.values()}


def columns_of(table):
    left, top, right, bottom = range_boundaries(table.ref)
    return range(left, right + 1), top, bottom


@pytest.mark.parametrize("table", [*INPUTS, *OUTPUTS], ids=lambda table: table.stem)
def test_every_table_has_its_name_and_headers_and_their_notes(placed, table):
    sheet, found = placed[table.name]
    columns, top, _ = columns_of(found)
    assert top == HEADER_ROW
    for column, (spec, _) in zip(columns, placed_columns(table), strict=True):
        cell = sheet.cell(HEADER_ROW, column)
        assert cell.value == spec.name
        assert (cell.comment.text if cell.comment else "") == spec.help


@pytest.mark.parametrize("table", [table for table in OUTPUTS if table is not CHECKS], ids=lambda table: table.stem)
def test_output_tables_wait_with_one_blank_row(placed, table):
    sheet, found = placed[table.name]
    columns, _, bottom = columns_of(found)
    assert bottom == FIRST_DATA_ROW
    for column, (_, formula) in zip(columns, placed_columns(table), strict=True):
        assert sheet.cell(FIRST_DATA_ROW, column).value == formula


@pytest.mark.parametrize("table", OUTPUTS, ids=lambda table: table.stem)
def test_nothing_stands_below_an_output_table(placed, table):
    sheet, found = placed[table.name]
    columns, _, bottom = columns_of(found)
    below = sheet.iter_rows(min_row=bottom + 1, min_col=columns[0], max_col=columns[-1], values_only=True)
    assert not any(value is not None for row in below for value in row)
    charts = [chart.anchor._from.col + 1 for chart in sheet._charts]
    assert not set(charts) & set(columns)


def test_charts_cover_neither_each_other_nor_a_table(book):
    sheet = book["Dashboard"]
    assert len(sheet._charts) == 5
    assert not sheet.tables
    places = [
        (each.anchor._from.row, each.anchor._from.col, each.anchor.to.row, each.anchor.to.col) for each in sheet._charts
    ]
    for position, (top, left, bottom, right) in enumerate(places):
        for other_top, other_left, other_bottom, other_right in places[position + 1 :]:
            assert top > other_bottom or other_top > bottom or left > other_right or other_left > right
    accuracy = book["Accuracy"]
    (chart,) = accuracy._charts
    for table in accuracy.tables.values():
        left, _, right, _ = range_boundaries(table.ref)
        assert chart.anchor.to.col + 1 < left or right < chart.anchor._from.col + 1


def test_the_first_row_carries_the_formats_a_growing_table_copies(placed):
    sheet, _ = placed["tblPlan"]
    formats = {
        name: sheet.cell(FIRST_DATA_ROW, at).number_format for at, name in enumerate(placed_names(PLAN), start=1)
    }
    assert formats["stockout_probability"] == "0.0%"
    assert formats["order_value"] == "#,##0"
    assert formats["safety_stock"] == "[>=1]#,##0.0;[<0]-#,##0.0##;0.0##"
    assert formats["on_hand"] == formats["order_quantity"] == "[>=1000]#,##0;[<0]-General;General"
    orders, _ = placed["tblOrders"]
    dates = BY_STEM["orders"].column_names.index("order_date") + 1
    assert orders.cell(FIRST_DATA_ROW, dates).number_format == "yyyy-mm-dd"


def test_sentences_wrap_and_are_never_shrunk(placed):
    for name, column in [("tblPlan", "why"), ("tblOrders", "why"), ("tblExceptions", "message"), ("tblBuffers", "why")]:
        sheet, found = placed[name]
        first = columns_of(found)[0][0]
        stem = next(table.stem for table in OUTPUTS if table.name == name)
        alignment = sheet.cell(FIRST_DATA_ROW, first + BY_STEM[stem].column_names.index(column)).alignment
        assert alignment.wrap_text
        assert not alignment.shrink_to_fit


def test_inputs_are_blue_on_pale_yellow_and_outputs_black(placed):
    items, plan = placed["tblItems"][0], placed["tblPlan"][0]
    override = placed_names(PLAN).index("override_quantity") + 1
    for cell in (items.cell(FIRST_DATA_ROW, 1), plan.cell(FIRST_DATA_ROW, override)):
        assert cell.font.color.rgb == "FF" + INPUT_FONT[1:]
        assert cell.fill.fgColor.rgb == "FF" + INPUT_FILL[1:]
    output = plan.cell(FIRST_DATA_ROW, 1)
    assert output.font.color is None or output.font.color.theme == 1
    assert output.fill.fill_type is None


def test_text_stays_text_and_dates_are_dates(path):
    read = read_tables(path)
    assert read["items"]["item"].tolist() == ["0012", "=1+1"]
    assert read["items"]["description"].tolist()[0] == "http://a.b"
    assert pd.Timestamp(read["demand"]["date"].iloc[0]) == pd.Timestamp("2017-12-25")
    value = dict(zip(read["parameters"]["name"], read["parameters"]["value"], strict=True))
    assert pd.Timestamp(value["plan_date"]) == pd.Timestamp("2018-01-01")
    assert value["service_target"] == 0.95


def test_formulas_have_no_old_value_and_opening_forces_no_recalculation_of_all(path):
    with zipfile.ZipFile(path) as parts:
        for name in parts.namelist():
            if name.startswith("xl/worksheets/sheet"):
                assert not re.search(rb"</f>\s*<v>", parts.read(name))
        assert b"fullCalcOnLoad" not in parts.read("xl/workbook.xml")


def test_nothing_is_hidden(book):
    for sheet in book.worksheets:
        assert sheet.sheet_state == "visible"
        assert not any(dimension.hidden for dimension in sheet.column_dimensions.values())
        assert not any(dimension.hidden for dimension in sheet.row_dimensions.values())


def test_sheets_stand_in_the_order_a_planner_reads_them(book):
    assert book.sheetnames == [
        *("Cover", "Items", "Demand", "Suppliers", "Sources", "Open orders", "Receipts", "Parameters"),
        *("Plan", "Orders", "Exceptions", "Dashboard", "Outlook", "Supplier orders", "Purchase order"),
        *("Segments", "Class matrix", "Segment items", "Curve", "Money", "Service cost", "Excess review"),
        *("Excess", "Excess actions", "Buffers", "Forecast"),
        *("Accuracy", "Overrides", "Previous", "Figures", "Workings", "Checks", "Quality", "Log", "Data"),
    ]


def test_every_sheet_but_a_letter_prints_on_landscape_a4_with_page_numbers(book):
    for sheet in book.worksheets:
        letter = sheet.title == "Purchase order"
        assert sheet.page_setup.orientation == ("portrait" if letter else "landscape")
        assert int(sheet.page_setup.paperSize) == 9
        assert "Page &[Page] of &N" in sheet.oddFooter.right.text.replace("&P", "&[Page]")


def test_no_print_is_smaller_than_seven_points(book):
    """Of words of ten points, on A4, at the scale that pages are printed at or shrink to."""
    inch, paper = 72, {"landscape": (841.9, 595.3), "portrait": (595.3, 841.9)}
    for sheet in book.worksheets:
        setup, fits = sheet.page_setup, sheet.sheet_properties.pageSetUpPr
        across, down = (
            room - inch * (sheet.page_margins.left + sheet.page_margins.right if way == 0 else 1.1)
            for way, room in enumerate(paper[setup.orientation])
        )
        columns, rows = printed(sheet)
        breaks = [each.id for each in sheet.col_breaks.brk]
        wide = [points_wide(sheet, first, last) for first, last in zip([0, *breaks], [*breaks, columns], strict=True)]
        if not (fits and fits.fitToPage):
            scale = setup.scale / 100
            titles = sheet.print_title_cols
            held = points_wide(sheet, 0, column_index_from_string(titles.split(":")[1].strip("$"))) if titles else 0
            assert all(page + held * bool(at) <= across / scale for at, page in enumerate(wide)), sheet.title
        else:
            assert not breaks
            scale = across / wide[0]
            if setup.fitToHeight != 0:
                scale = min(scale, down / points_high(sheet, rows))
        assert scale >= 0.7, (sheet.title, scale)


def printed(sheet):
    """Return the columns and rows of a sheet that are printed: all of the area, or all that hold anything."""
    if sheet.title == "Plan":
        return placed_names(PLAN).index(TREND[0]), sheet.max_row
    if sheet.print_area:
        _, _, right, bottom = range_boundaries(sheet.print_area.rpartition("!")[2])
        return right, bottom
    return sheet.max_column, sheet.max_row


def points_wide(sheet, first, last):
    """Return the width in points of columns counted from 0, the last not included; a point is 4/3 of a pixel."""
    widths = {
        column: each.width for each in sheet.column_dimensions.values() for column in range(each.min, each.max + 1)
    }
    return sum(round(widths.get(column + 1, 9.14) * 7) for column in range(first, last)) * 0.75


def points_high(sheet, rows):
    top = range_boundaries(sheet.print_area.rpartition("!")[2])[1]
    return sum(sheet.row_dimensions[row].height or 15 for row in range(top, rows + 1))


def test_tables_have_frozen_headers_that_print_on_every_page(book):
    for name in ("Items", "Demand", "Plan", "Orders", "Exceptions", "Buffers", "Forecast", "Quality", "Log"):
        assert book[name].freeze_panes.endswith(str(FIRST_DATA_ROW))
        assert book[name].print_title_rows == f"${HEADER_ROW - 1}:${HEADER_ROW}"  # units and headers


def test_choices_and_bounds_of_the_contract_are_entry_rules_with_messages(placed):
    sheet, _ = placed["tblItems"]
    rules = {str(rule.sqref).split(":")[0]: rule for rule in sheet.data_validations.dataValidation}
    for at, spec in enumerate(BY_STEM["items"].columns):
        rule = rules.get(f"{openpyxl.utils.get_column_letter(at + 1)}{FIRST_DATA_ROW}")
        if spec.choices:
            assert rule.formula1 == '"' + ",".join(spec.choices) + '"'
        elif spec.kind == "number":
            assert float(rule.formula1) == (spec.above if spec.above is not None else spec.minimum)
            assert spec.maximum is None or float(rule.formula2) == spec.maximum
        if rule is not None:
            assert rule.prompt == spec.help


def test_each_parameter_has_its_rule(placed):
    sheet, _ = placed["tblParameters"]
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    assert rules["B5"].type == "date"
    assert rules["B6"].formula1 == '"day,week,month"'
    assert (float(rules["B7"].formula1), float(rules["B7"].formula2)) == (0.01, 0.9999)


def test_marks_reach_far_below_the_first_row(placed):
    for name in ("tblPlan", "tblOrders", "tblExceptions", "tblBuffers", "tblQuality", "tblChecks"):
        sheet, _ = placed[name]
        assert max(ranges.bounds[3] for rule in sheet.conditional_formatting for ranges in rule.sqref.ranges) >= 50_000


def test_lines_to_place_now_are_marked_by_the_plan_date_or_the_first_day_that_is_forecast(placed):
    sheet, _ = placed["tblOrders"]
    (rules,) = list(sheet.conditional_formatting)
    columns = BY_STEM["orders"].column_names
    (marked,) = rules.sqref.ranges
    assert marked.bounds[2] == columns.index("quantity") + 1
    day = get_column_letter(columns.index("order_date") + 1)
    first = "IF(ISNUMBER(plan_date),plan_date,first_planned_day)"
    formula = f"AND(ISNUMBER(${day}{FIRST_DATA_ROW}),${day}{FIRST_DATA_ROW}<={first})"
    assert [rule.formula for rule in rules.rules] == [[formula]]
    assert BY_STEM["forecast"].column_names[2] == "date"


def test_the_cover_says_what_it_must_and_that_nothing_was_refreshed(book):
    words = {str(cell.value) for row in book["Cover"].iter_rows() for cell in row if cell.value}
    assert {"To plan.", "A source.", "Made up.", "Master check", "Purpose", "Colours"} <= words
    assert book["Checks"].tables["tblChecks"].ref == "A4:C5"
    assert [cell.value for cell in book["Checks"][FIRST_DATA_ROW]][:2] == ["Master check", "CHECK"]


def test_the_cover_leads_to_every_other_sheet_and_says_what_it_holds(book):
    cover = book["Cover"]
    linked = [row[0] for row in cover.iter_rows() if row[0].hyperlink]
    places = [book.defined_names[cell.hyperlink.location].attr_text for cell in linked]
    links = {at.split("!")[0].strip("'"): cell.coordinate for at, cell in zip(places, linked, strict=True)}
    assert list(links) == book.sheetnames[1:]
    for name, cell in links.items():
        assert cover[cell].value == name
        assert len(cover[cell].offset(column=1).value) > 10


def test_each_sheet_holds_the_tables_it_is_said_to_hold(book):
    for name, tables in TABLES_ON.items():
        assert set(book[name].tables) == {table.name for table in tables}
    assert {name for name in book.sheetnames if book[name].tables} == {*TABLES_ON, "Data"}


def test_sheets_that_others_need_come_with_them(tmp_path):
    path = build_plan_workbook(tmp_path / "few.xlsx", {}, title="P", cover=COVER, sheets=["Dashboard", "Items"])
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == [
        *("Cover", "Dashboard", "Items", "Plan", "Exceptions", "Outlook", "Supplier orders", "Curve"),
        *("Figures", "Workings", "Checks"),
    ]


def test_a_workbook_without_results_claims_no_check_to_hold(tmp_path):
    path = build_plan_workbook(tmp_path / "few.xlsx", {}, title="P", cover=COVER, sheets=["Items"])
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Cover", "Items"]
    words = {cell.value for row in book["Cover"].iter_rows() for cell in row}
    assert "Master check" not in words
    assert not [word for word in words if str(word).startswith("=")]


def test_demand_beside_each_item_is_drawn_from_its_own_row_and_goes_where_it_goes(path):
    with zipfile.ZipFile(path) as parts:
        names = [name for name in parts.namelist() if b"sparkline" in parts.read(name)]
        (plan,) = names
        markup = parts.read(plan).decode()
    first, last = (get_column_letter(placed_names(PLAN).index(name) + 1) for name in (TREND[0], TREND[-1]))
    assert re.findall(r"<xm:f>([^<]*)</xm:f><xm:sqref>([^<]*)<", markup) == [(f"Plan!{first}5:{last}5", "D5")]


def test_columns_of_past_demand_are_a_group_that_is_open_and_not_printed(path, book):
    sheet, names = book["Plan"], placed_names(PLAN)
    group = sheet.column_dimensions[get_column_letter(names.index(TREND[0]) + 1)]
    assert (group.min, group.max) == (names.index(TREND[0]) + 1, names.index(TREND[-1]) + 1)
    assert (group.outlineLevel, group.hidden, group.collapsed) == (1, False, False)
    with zipfile.ZipFile(path) as parts:
        printed = re.search(r'Print_Area" localSheetId="8">Plan!([^<]*)<', parts.read("xl/workbook.xml").decode())
    assert printed[1] == f"$A:${get_column_letter(names.index(TREND[0]))}"


def test_a_date_to_order_on_is_not_before_the_plan_date(placed):
    sheet, _ = placed["tblPlan"]
    rules = {rule.promptTitle: rule for rule in sheet.data_validations.dataValidation}
    rule = rules["override_date"]
    assert (rule.type, rule.operator, rule.formula1) == ("date", "greaterThanOrEqual", "plan_date")


def test_a_row_is_as_high_as_its_sentences(tmp_path):
    frame = pd.DataFrame({"item": ["a", "b"], "why": ["No order now.", "Covers demand of the coming weeks. " * 12]})
    book = openpyxl.load_workbook(
        build_plan_workbook(tmp_path / "p.xlsx", {"plan": frame}, title="P", cover=COVER, sheets=["Plan"])
    )
    heights = book["Plan"].row_dimensions
    assert heights[FIRST_DATA_ROW].height is None
    assert heights[FIRST_DATA_ROW + 1].height > 30


def test_a_refresh_can_grow_every_output_table(path, tmp_path):
    frames = {
        table.stem: pd.DataFrame(
            {
                column.name: [
                    pd.Timestamp("2018-01-01") if column.kind == "date" else 1.0 if column.kind == "number" else "x"
                ]
                * 30
                for column in table.columns
            }
        )
        for table in OUTPUTS
    }
    frames["plan"]["item"] = [f"P{number}" for number in range(30)]
    write_tables(path, frames, output=tmp_path / "full.xlsx")
    full = openpyxl.load_workbook(tmp_path / "full.xlsx")
    refs = {table.name: table.ref for sheet in full.worksheets for table in sheet.tables.values()}
    for table in OUTPUTS:
        assert range_boundaries(refs[table.name])[3] == HEADER_ROW + 30
    grown = full["Plan"].cell(HEADER_ROW + 30, placed_names(PLAN).index("stockout_probability") + 1)
    assert grown.number_format == "0.0%"


def test_the_same_inputs_give_the_same_bytes(tmp_path):
    one, two = (build_plan_workbook(tmp_path / name, inputs(), title="P", cover=COVER) for name in ("1.xlsx", "2.xlsx"))
    assert one.read_bytes() == two.read_bytes()


def test_a_table_longer_than_a_sheet_is_refused_with_a_remedy(tmp_path):
    frame = pd.DataFrame({"item": ["a"]}).loc[[0] * 1_048_573]
    with pytest.raises(FileError, match="demand has 1048573 rows; expected at most 1048572"):
        build_plan_workbook(tmp_path / "long.xlsx", {"demand": frame}, title="P", cover=COVER)


def test_a_place_that_cannot_be_written_is_named_and_leaves_nothing(tmp_path):
    taken = tmp_path / "taken"
    taken.write_text("a file")
    with pytest.raises(FileError, match="cannot be written"):
        build_plan_workbook(taken / "plan.xlsx", {}, title="P", cover=COVER)
    assert [entry.name for entry in tmp_path.iterdir()] == ["taken"]


def test_the_planners_columns_take_no_negative_order_and_say_that_a_refresh_keeps_them(placed):
    sheet, _ = placed["tblPlan"]
    rules = {rule.promptTitle: rule for rule in sheet.data_validations.dataValidation}
    assert (rules["override_quantity"].operator, rules["override_quantity"].formula1) == ("greaterThanOrEqual", "0")
    assert all("never overwrites" in rules[name].prompt for name in ("override_quantity", "note"))
    assert max(ranges.bounds[3] for ranges in rules["note"].sqref.ranges) >= 50_000
