"""Plan workbooks built from the data contract: tables, entry rules, looks, and room for a refresh."""

import re
import zipfile

import openpyxl
import pandas as pd
import pytest
from openpyxl.utils import get_column_letter, range_boundaries

from invopt_xl.errors import FileError
from invopt_xl.plan.columns import BY_STEM, CHECKS, INPUTS, OUTPUTS, PLAN
from invopt_xl.plan.views import VIEWS
from invopt_xl.workbook import read_tables, write_tables
from invopt_xl.workbook.layout import FIRST_DATA_ROW, HEADER_ROW
from invopt_xl.workbook.look import INPUT_FILL, INPUT_FONT
from invopt_xl.workbook.template import Cover, ReferenceSheet, build_plan_workbook

RESULTS = [table for table in OUTPUTS if table.stem not in VIEWS]
"""Tables of every plan workbook; views have sheets where a template wants them."""

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


@pytest.mark.parametrize("table", [*INPUTS, *RESULTS], ids=lambda table: table.stem)
def test_every_table_has_its_name_and_headers_and_their_notes(placed, table):
    sheet, found = placed[table.name]
    columns, top, _ = columns_of(found)
    assert top == HEADER_ROW
    for column, spec in zip(columns, table.columns, strict=True):
        cell = sheet.cell(HEADER_ROW, column)
        assert cell.value == spec.name
        assert (cell.comment.text if cell.comment else "") == spec.help


@pytest.mark.parametrize("table", [table for table in RESULTS if table is not CHECKS], ids=lambda table: table.stem)
def test_output_tables_wait_with_one_blank_row(placed, table):
    sheet, found = placed[table.name]
    columns, _, bottom = columns_of(found)
    assert bottom == FIRST_DATA_ROW
    assert all(sheet.cell(FIRST_DATA_ROW, column).value is None for column in columns)


@pytest.mark.parametrize("table", RESULTS, ids=lambda table: table.stem)
def test_nothing_stands_below_an_output_table(placed, table):
    sheet, found = placed[table.name]
    columns, _, bottom = columns_of(found)
    below = sheet.iter_rows(min_row=bottom + 1, min_col=columns[0], max_col=columns[-1], values_only=True)
    assert not any(value is not None for row in below for value in row)
    charts = [chart.anchor._from.col + 1 for chart in sheet._charts]
    assert not set(charts) & set(columns)


def test_charts_and_the_tables_they_show_do_not_overlap(book):
    sheet = book["Dashboard"]
    assert len(sheet._charts) == 3
    starts = sorted(range_boundaries(table.ref)[0] for table in sheet.tables.values())
    charts = [chart.anchor._from.col + 1 for chart in sheet._charts]
    kpis, feeds = starts[0], starts[1:]
    width = max(range_boundaries(sheet.tables["tblKpis"].ref)[2], kpis)
    assert all(width < column for column in charts)
    assert all(chart.anchor.to.col + 1 < feeds[0] for chart in sheet._charts)


def test_the_first_row_carries_the_formats_a_growing_table_copies(placed):
    sheet, _ = placed["tblPlan"]
    formats = {name: sheet.cell(FIRST_DATA_ROW, at).number_format for at, name in enumerate(PLAN.column_names, start=1)}
    assert formats["stockout_probability"] == "0.0%"
    assert formats["order_value"] == "#,##0"
    assert formats["safety_stock"] == "#,##0.0"
    assert formats["on_hand"] == formats["order_quantity"] == "[>=1000]#,##0;General"
    orders, _ = placed["tblOrders"]
    dates = BY_STEM["orders"].column_names.index("order_date") + 1
    assert orders.cell(FIRST_DATA_ROW, dates).number_format == "yyyy-mm-dd"


def test_sentences_wrap_and_are_never_shrunk(placed):
    for name, column in [("tblPlan", "why"), ("tblOrders", "why"), ("tblExceptions", "message"), ("tblBuffers", "why")]:
        sheet, found = placed[name]
        first = columns_of(found)[0][0]
        stem = next(table.stem for table in RESULTS if table.name == name)
        alignment = sheet.cell(FIRST_DATA_ROW, first + BY_STEM[stem].column_names.index(column)).alignment
        assert alignment.wrap_text
        assert not alignment.shrink_to_fit


def test_inputs_are_blue_on_pale_yellow_and_outputs_black(placed):
    items, plan = placed["tblItems"][0], placed["tblPlan"][0]
    override = PLAN.column_names.index("override_quantity") + 1
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


def test_no_cell_holds_a_formula_and_opening_forces_no_recalculation(path):
    with zipfile.ZipFile(path) as parts:
        for name in parts.namelist():
            if name.startswith("xl/worksheets/sheet"):
                assert not re.search(rb"<f[ >]", parts.read(name))
        assert b"fullCalcOnLoad" not in parts.read("xl/workbook.xml")


def test_nothing_is_hidden(book):
    for sheet in book.worksheets:
        assert sheet.sheet_state == "visible"
        assert not any(dimension.hidden for dimension in sheet.column_dimensions.values())
        assert not any(dimension.hidden for dimension in sheet.row_dimensions.values())


def test_sheets_stand_in_the_order_a_planner_reads_them(book):
    assert book.sheetnames == [
        *("Cover", "Items", "Demand", "Suppliers", "Sources", "Open orders", "Receipts", "Parameters"),
        *("Plan", "Orders", "Exceptions", "Dashboard", "Buffers", "Forecast", "Quality", "Log", "Data"),
    ]


def test_every_sheet_prints_on_landscape_a4_with_page_numbers(book):
    for sheet in book.worksheets:
        assert sheet.page_setup.orientation == "landscape"
        assert int(sheet.page_setup.paperSize) == 9
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert "Page &[Page] of &N" in sheet.oddFooter.right.text.replace("&P", "&[Page]")


def test_tables_have_frozen_headers_that_print_on_every_page(book):
    for name in ("Items", "Demand", "Plan", "Orders", "Exceptions", "Buffers", "Forecast", "Quality", "Log"):
        assert book[name].freeze_panes.endswith(str(FIRST_DATA_ROW))
        assert book[name].print_title_rows == f"${HEADER_ROW}:${HEADER_ROW}"


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
    first = f"IF(ISNUMBER(plan_date),plan_date,Forecast!$C${FIRST_DATA_ROW})"
    formula = f"AND(ISNUMBER(${day}{FIRST_DATA_ROW}),${day}{FIRST_DATA_ROW}<={first})"
    assert [rule.formula for rule in rules.rules] == [[formula]]
    assert BY_STEM["forecast"].column_names[2] == "date"


def test_the_cover_says_what_it_must_and_that_nothing_was_refreshed(book):
    words = {str(cell.value) for row in book["Cover"].iter_rows() for cell in row if cell.value}
    assert {"To plan.", "A source.", "Made up.", "Master check", "CHECK", "Purpose", "Colours"} <= words
    assert book["Cover"].tables["tblChecks"].ref == "D4:F5"


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
        for table in RESULTS
    }
    frames["plan"]["item"] = [f"P{number}" for number in range(30)]
    write_tables(path, frames, output=tmp_path / "full.xlsx")
    full = openpyxl.load_workbook(tmp_path / "full.xlsx")
    refs = {table.name: table.ref for sheet in full.worksheets for table in sheet.tables.values()}
    for table in RESULTS:
        assert range_boundaries(refs[table.name])[3] == HEADER_ROW + 30
    grown = full["Plan"].cell(HEADER_ROW + 30, PLAN.column_names.index("stockout_probability") + 1)
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
