"""The safety stock calculator: what its cells hold as it is saved, without any host."""

from __future__ import annotations

import io
import re

import openpyxl
import pytest
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.worksheet import Worksheet

from invopt_xl.sheet import calculate
from invopt_xl.templates import FORMS, Form, example
from invopt_xl.templates.calculator import build_calculator
from invopt_xl.templates.calculator.entries import ITEM_ROWS
from invopt_xl.workbook.template import Cover

FIRST, LAST = 5, 4 + ITEM_ROWS
INPUTS = ("mean_demand", "demand_sd", "lead_time")
FURTHER = ("lead_time_sd", "review_period")


def built(form: Form, *, blank: bool = False) -> bytes:
    return build_calculator("Calculator", Cover("To size."), form, example.inputs(example.shipped()), blank=blank)


@pytest.fixture(scope="module")
def values() -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(built(FORMS["calc"])), data_only=True)


def rows(sheet: Worksheet) -> list[dict[str, object]]:
    """Return the rows of Levels by column."""
    heads = [str(cell.value).replace(" ", "_") for cell in sheet[4]]
    return [dict(zip(heads, line, strict=True)) for line in sheet.iter_rows(FIRST, LAST, values_only=True)]


@pytest.mark.parametrize(("result", "function"), [("safety_stock", "SAFETY_STOCK"), ("reorder_point", "REORDER_POINT"),
                                                  ("order_up_to", "ORDER_UP_TO")])  # fmt: skip
def test_each_row_is_saved_with_what_a_call_for_it_alone_returns(
    values: openpyxl.Workbook, result: str, function: str
) -> None:
    for row in rows(values["Levels"])[:8]:
        names = (*INPUTS, "service_target", *FURTHER, "service_measure", "usual_order", "distribution")
        alone = calculate(function, [row[name] for name in names]).cells[0][0]  # type: ignore[misc]
        assert row[result] == pytest.approx(alone, rel=1e-12)


def test_without_an_order_quantity_the_economic_one_counts(values: openpyxl.Workbook) -> None:
    for row in rows(values["Levels"])[:8]:
        numbers = {name: float(str(row[name])) for name in ("mean_demand", "order_cost", "unit_cost", "holding_rate")}
        holding = numbers["unit_cost"] * numbers["holding_rate"]
        harris = (2 * numbers["mean_demand"] * 52 * numbers["order_cost"] / holding) ** 0.5
        assert row["usual_order"] == pytest.approx(row["economic_quantity"])
        assert row["usual_order"] == pytest.approx(harris)


def test_a_row_says_why(values: openpyxl.Workbook) -> None:
    first = rows(values["Levels"])[0]
    assert str(first["why"]).startswith("Safety stock 157 = reorder point 289 less 133 expected over 3.4 periods")


def test_rows_left_empty_show_nothing(values: openpyxl.Workbook) -> None:
    for row in rows(values["Levels"])[8:]:
        assert all(value in (None, "") for value in row.values())


@pytest.mark.parametrize("sheet", ["Levels", "What if", "History"])
def test_a_blank_calculator_shows_nothing_but_what_is_typed(sheet: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(built(FORMS["calc"], blank=True)), data_only=True)
    shown = [
        cell for row in book[sheet].iter_rows(5, values_only=True) for cell in row if isinstance(cell, str) and cell
    ]
    assert not [cell for cell in shown if cell.startswith("#") or re.search("[0-9]", cell)]


def test_what_if_counts_what_is_typed_and_all_else_as_in_levels(values: openpyxl.Workbook) -> None:
    lines = {row[0]: row[2:5] for row in values["What if"].iter_rows(7, 16, values_only=True)}
    assert lines.pop("service target") == (0.95, 0.98, 0.98)
    assert all(typed is None and before == counts for before, typed, counts in lines.values())


def test_more_service_and_longer_lead_times_take_more_stock(values: openpyxl.Workbook) -> None:
    for first, last, column in ((20, 29, 2), (34, 43, 4)):
        stock = [values["What if"].cell(row, column).value for row in range(first, last + 1)]
        assert stock == sorted(stock)


def test_levels_and_history_say_the_same_of_the_demand_of_an_item(values: openpyxl.Workbook) -> None:
    history, first = values["History"], rows(values["Levels"])[0]
    assert history["E4"].value == first["item"]
    assert (history["E6"].value, history["E7"].value) == pytest.approx(
        (first["mean_demand"], first["demand_sd"]), abs=0.005
    )


def test_the_band_of_a_forecast_holds_its_mean(values: openpyxl.Workbook) -> None:
    for period, mean, low, high in values["History"].iter_rows(23, 35, 4, 7, values_only=True):
        assert 53 <= period <= 65
        assert low < mean < high


@pytest.mark.parametrize(("host", "name"), [("excel", "INVOPT_SAFETY_STOCK("), ("web", "_xldudf_INVOPT_SAFETY_STOCK("),
                                            ("calc", "INVOPT.SAFETY_STOCK(")])  # fmt: skip
def test_formulas_are_named_as_the_host_stores_them(host: str, name: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(built(FORMS[host])))
    formulas = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    texts = [each.text if isinstance(each, ArrayFormula) else each for each in formulas]
    ours = [text for text in texts if "INVOPT" in text and "#INVOPT" not in text]
    assert any(f"={name}" in text for text in ours)
    assert all(FORMS[host].prefix in text for text in ours)


def test_a_column_is_one_call_that_covers_all_its_rows() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(built(FORMS["calc"])))["Levels"]
    held = [cell.value for row in sheet.iter_rows() for cell in row]
    arrays = [value.ref for value in held if isinstance(value, ArrayFormula)]
    assert len(arrays) == 7
    assert {area.split(":")[1][-2:] for area in arrays} == {str(LAST)}


def test_what_is_for_typing_is_open_and_all_else_is_protected_without_a_password() -> None:
    book = openpyxl.load_workbook(io.BytesIO(built(FORMS["web"])))
    sheet = book["Levels"]
    assert sheet.protection.sheet
    assert not sheet.protection.password
    assert not sheet["C5"].protection.locked
    assert not sheet["C30"].protection.locked
    assert not sheet.column_dimensions["C"].protection.locked, "pasted below the table it is said to count nowhere"
    assert sheet["R5"].protection.locked


@pytest.mark.parametrize("host", FORMS)
def test_the_cover_knows_what_to_do_where_the_cell_functions_are_not_there(host: str) -> None:
    cover = openpyxl.load_workbook(io.BytesIO(built(FORMS[host])))["Cover"]
    assert FORMS[host].cure in cover["D6"].value
    assert "invopt calc install" in cover["D6"].value, "all of them are opened in LibreOffice too"


def test_inputs_are_printed_on_a_page_and_results_with_their_check_on_another_large_enough_to_read() -> None:
    """At 7 points or more on A4: of Excel's 96 pixels an inch, a column has 7 for each unit of its width."""
    sheet = openpyxl.load_workbook(io.BytesIO(built(FORMS["calc"])))["Levels"]
    assert sheet.print_area == f"'Levels'!$A$1:$X${LAST + 1}"
    assert sheet["X4"].value == "check"
    assert [each.id for each in sheet.col_breaks.brk] == [14]
    assert sheet.print_title_cols == "$A:$A"
    scale = sheet.page_setup.scale / 100
    assert sheet["R5"].font.sz * scale >= 7
    widths = [sheet.column_dimensions[get_column_letter(column)].width for column in range(1, 25)]
    inches = 11.69 - sheet.page_margins.left - sheet.page_margins.right
    for page in (widths[:14], [widths[0], *widths[14:]]):
        assert sum(page) * 7 / 96 * scale <= inches


def test_the_charts_of_what_if_end_on_its_printed_page() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(built(FORMS["calc"])))["What if"]
    last = int(sheet.print_area.rpartition("$")[2])
    assert len(sheet._charts) == 2
    for chart in sheet._charts:
        assert chart.anchor.to.row < last
