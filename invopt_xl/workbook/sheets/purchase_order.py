"""The sheet Purchase order: one supplier's lines of one day, listed by formulas, ready to print or send."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from invopt_xl.plan import columns as contract
from invopt_xl.workbook.sheets import look as colours
from invopt_xl.workbook.sheets.formulas import (
    blank_if_error,
    column,
    filled,
    money_word,
    next_text,
    nth_row,
    same,
    when,
)
from invopt_xl.workbook.sheets.panels import (
    RULE,
    Span,
    code_style,
    even_rows,
    guard,
    input_style,
    put,
    put_across,
    write_heading,
)

if TYPE_CHECKING:
    from xlsxwriter.format import Format

    from invopt_xl.workbook.sheets.builder import SheetBuilder
    from invopt_xl.workbook.sheets.look import Look

SHEET = "Purchase order"
LINES = 60
SUPPLIERS_OFFERED, DATES_OFFERED = 100, 60

_COLUMNS = (
    ("line", 6.0, "0", None),
    ("item", 14.0, None, "item"),
    ("description", 44.0, None, "description"),
    ("deliver to", 12.0, None, "location"),
    ("due", 12.0, "yyyy-mm-dd", "due_date"),
    ("quantity, units", 15.0, "General", "quantity"),
    ("list price", 11.0, "#,##0.00", "unit_cost"),
    ("discount", 10.0, "0.0%;;", "discount_rate"),
    ('="value, "&po_currency', 15.0, "#,##0.00", "value"),
)
_PRINTED, _HEADER = 5, 18
_WORK = len(_COLUMNS) + 1
_WORK_ROW = 4
_LINE_POINTS = 13.5
_TYPED = (
    ("To (supplier)", "po_addressed_to"),
    ("Supplier's address", "po_supplier_address"),
    ("", "po_supplier_address_2"),
    ("Our address", "po_address"),
    ("", "po_address_2"),
    ("Deliver to", "po_deliver_to"),
    ("", "po_deliver_to_2"),
    ("Our reference", "po_reference"),
    ("Remarks", "po_remarks"),
    ("", "po_remarks_2"),
)
_ADDRESS_ROWS = 3
"""Of these, the first are of one supplier: they stay when another is chosen, and are then struck through."""


def _of(name: str) -> str:
    return column(contract.ORDERS, name)


_LINES = f"({same(_of('supplier'), 'po_supplier')}*({_of('order_date')}=po_date))"
_WANTED = f"SUMPRODUCT({_LINES}*1)"


def add_purchase_order(builder: SheetBuilder) -> None:
    """Lay out the sheet: what to choose above the page that is printed."""
    sheet = builder.sheet(SHEET, colours.OUTPUT_TAB)
    sheet.set_portrait()
    even_rows(sheet, _HEADER + 1)
    for position in range(1, LINES + 1):
        sheet.set_row(_HEADER + position, _LINE_POINTS)
    sheet.set_row(0, 28)
    for at, (_, width, _, _) in enumerate(_COLUMNS):
        sheet.set_column(at, at, width)
    _write_choice(builder, sheet)
    _write_head(builder, sheet)
    _write_lines(builder, sheet)
    _write_workings(builder, sheet)
    sheet.print_area(_PRINTED, 0, _HEADER + LINES, len(_COLUMNS) - 1)
    sheet.fit_to_pages(1, 1)
    sheet.freeze_panes(_PRINTED, 0)
    guard(sheet)


def _name(builder: SheetBuilder, name: str, row: int, at: int) -> None:
    builder.book.define_name(name, f"='{SHEET}'!{xl_rowcol_to_cell(row, at, True, True)}")


def _write_choice(builder: SheetBuilder, sheet: Worksheet) -> None:
    """Write the drop-downs, and whether every line is listed; without a choice the table's first order is shown."""
    look = builder.look
    label = look.make(bold=True, indent=1)
    dated = input_style(look, num_format="yyyy-mm-dd")
    first_supplier = when(f"COUNT({_of('order_date')})>0", f'INDEX({_of("supplier")},1)&""')
    for row, words, name, source, (shown, default), what in (
        (2, "Supplier", "po_supplier_choice", "=po_suppliers", (code_style(look), first_supplier),
         "Choose a supplier. Until you do, this is the first; clear the cell to see that again."),
        (3, "Order date", "po_date_choice", "=po_dates", (dated, when("COUNT(po_dates)>0", "INDEX(po_dates,1)")),
         "Choose a day of the supplier. Until you do, this is the first; clear the cell to see that again."),
    ):  # fmt: skip
        put_across(sheet, Span(row, 0, 1), words, label)
        put(sheet, row, 2, default, shown)
        _name(builder, name, row, 2)
        rule = {"validate": "list", "source": source, "input_title": words, "input_message": what, "ignore_blank": True}
        sheet.data_validation(row, 2, row, 2, rule | {"error_type": "warning"})
    _write_verdicts(builder, sheet)


def _write_verdicts(builder: SheetBuilder, sheet: Worksheet) -> None:
    """Write above the page what the buyer is to know and the supplier is not: whether the order can be sent."""
    look = builder.look
    any_line = f"COUNT({_of('order_date')})>0"
    values = f"{xl_rowcol_to_cell(_HEADER + 1, 8, True, True)}:{xl_rowcol_to_cell(_HEADER + LINES, 8, True, True)}"
    listed = f"COUNT({values})"
    whole = f"AND({listed}=po_lines,ABS(SUM({values})-po_total)<po_tolerance)"
    words = f'IF(po_lines=0,"this supplier has no order on this day",{listed}&" of "&po_lines&" lines are listed")'
    least = 'IF(po_minimum>0,"at least "&FIXED(po_minimum,decimals)&" "&po_currency,"no minimum")'
    to_whom = "po_addressed_to&po_supplier_address&po_supplier_address_2"
    addressed = f'OR({to_whom}="",{same("po_addressed_to", "po_supplier")})'
    typed_for = (
        f'IF({to_whom}="","none typed",IF(po_addressed_to="","choose below whose it is",'
        'IF(po_addressed="OK","that of "&po_supplier,"it is that of "&po_addressed_to)))'
    )
    enough = "OR(NOT(ISNUMBER(po_minimum)),po_total>=po_minimum)"
    for row, name, label, is_right, detail in (
        (2, "po_check", "All lines listed?", whole, words),
        (3, "po_enough", "Supplier's minimum met?", enough, least),
        (4, "po_addressed", "Address is this supplier's?", addressed, typed_for),
    ):
        put_across(sheet, Span(row, 3, 4), label, look.make(bold=True, align="right", indent=1))
        put(sheet, row, 5, when(any_line, f'IF({is_right},"OK","CHECK")'), look.make(bold=True, align="center"))
        put_across(sheet, Span(row, 6, 8), when(any_line, detail), look.make(indent=1))
        _name(builder, name, row, 5)
    for word, fill, ink in (("OK", colours.GREEN_STRONG, "#FFFFFF"), ("CHECK", colours.VERMILLION_STRONG, "#FFFFFF")):
        style = builder.book.add_format({"bg_color": fill, "font_color": ink, "bold": True})
        sheet.conditional_format(2, 5, 4, 5, {"type": "cell", "criteria": "==", "value": f'"{word}"', "format": style})


def _write_head(builder: SheetBuilder, sheet: Worksheet) -> None:
    """Write the head of the page: what is typed at the left, what the plan knows at the right."""
    look = builder.look
    title = {"bold": True, "font_size": 20, "font_color": colours.HEADER_FILL}
    put(sheet, _PRINTED, 0, '="Purchase order"&IF(po_addressed="CHECK",": CHECK the address","")', look.make(**title))
    total = when("ISNUMBER(po_total)", '"Total "&FIXED(po_total,decimals)&" "&po_currency')
    put_across(sheet, Span(_PRINTED, 4, 8), total, look.make(**title, align="right"))
    sheet.set_row(_PRINTED, 30)
    write_heading(sheet, look, Span(_PRINTED + 1, 0, len(_COLUMNS) - 1), "")
    quiet = look.make(font_color=colours.QUIET, indent=1)
    for row, (words, name) in enumerate(_TYPED, start=_PRINTED + 2):
        put_across(sheet, Span(row, 0, 1), words, quiet)
        put(sheet, row, 2, "", code_style(look) if name == "po_addressed_to" else input_style(look))
        _name(builder, name, row, 2)
    _guard_address(builder, sheet)
    for row, (words, name, formula, shown) in enumerate(_figures(builder), start=_PRINTED + 2):
        put_across(sheet, Span(row, 4, 5), words, quiet)
        big = {"font_size": 14} if name == "po_total" else {}
        put_across(
            sheet, Span(row, 6, 8), formula, look.make(bold=True, align="left", num_format=shown, indent=1, **big)
        )
        _name(builder, name, row, 6)


def _guard_address(builder: SheetBuilder, sheet: Worksheet) -> None:
    """Offer the suppliers to say whose address is typed, and strike it through on an order to another."""
    first = _PRINTED + 2
    rule = {"validate": "list", "source": "=po_suppliers", "input_title": "To", "ignore_blank": True}
    rule |= {"input_message": "Choose whose address you type below: on an order to another supplier it is struck out."}
    sheet.data_validation(first, 2, first, 2, rule | {"error_type": "warning"})
    struck = builder.book.add_format({**colours.REFUSED, "font_strikeout": True})
    marked = {"type": "formula", "criteria": '=po_addressed="CHECK"', "format": struck}
    sheet.conditional_format(first, 2, first + _ADDRESS_ROWS - 1, 2, marked)


def _number(builder: SheetBuilder) -> str:
    """Return the formula of the order number: the day, and where the supplier stands among the suppliers.

    It is made of what the order is of, for one that was typed would stay when another supplier is chosen.
    """
    column_of = xl_rowcol_to_cell(0, _WORK + 4, col_abs=True)[:-1]
    offered = f"{column_of}${_WORK_ROW + 1}:{column_of}${_WORK_ROW + SUPPLIERS_OFFERED}"
    place = f"SUMPRODUCT(MATCH(1,{same(offered, 'po_supplier')}*1,0))"
    if builder.has(contract.SUPPLIERS):
        known = column(contract.SUPPLIERS, "supplier")
        # Those without terms, such as locations that send transfers, are counted on behind them.
        place = f"IFERROR(SUMPRODUCT(MATCH(1,{same(known, 'po_supplier')}*1,0)),ROWS({known})+{place})"
    day = "((YEAR(po_date)*po_shift+MONTH(po_date))*po_shift+DAY(po_date))"
    return when("ISNUMBER(po_date)", f'{day}&"-"&{place}')


def _figures(builder: SheetBuilder) -> tuple[tuple[str, str, str, str], ...]:
    """Return label, name, formula and number format of what the plan knows of the order."""
    any_line = f"COUNT({_of('order_date')})>0"
    supplier = f'IF(po_supplier_choice<>"",po_supplier_choice,INDEX({_of("supplier")},1))&""'
    day = 'IF(po_date_choice<>"",po_date_choice,INDEX(po_dates,1))'
    return (
        ("Order number", "po_number", _number(builder), "General"),
        ("Supplier", "po_supplier", when(any_line, supplier), "General"),
        ("Order date", "po_date", when('po_supplier<>""', day), "yyyy-mm-dd"),
        ("Lines", "po_lines", when(any_line, _WANTED), "#,##0"),
        ("Currency", "po_currency", f"={money_word(builder)}", "General"),
        ("Total after discount", "po_total", when(any_line, f"SUMPRODUCT({_LINES}*{_of('value')})"), "#,##0.00"),
    )


def _minimum(builder: SheetBuilder) -> str:
    if not builder.has(contract.SUPPLIERS):
        return '=""'
    table = contract.SUPPLIERS
    found = f"SUMPRODUCT({same(column(table, 'supplier'), 'po_supplier')}*{column(table, 'minimum_order_value')})"
    return when('po_supplier<>""', found)


def _write_lines(builder: SheetBuilder, sheet: Worksheet) -> None:
    """Write the lines: each finds its row of the table, and shows what stands there."""
    look = builder.look
    header = {"bold": True, "font_color": "#FFFFFF", "bg_color": colours.HEADER_FILL, "indent": 1, "valign": "vcenter"}
    styles = []
    for at, (title, _, shown, _) in enumerate(_COLUMNS):
        side = {"align": "right", "indent": 0} if shown else {"align": "left", "indent": 1}
        side = side if at else {"align": "center", "indent": 0}
        put(sheet, _HEADER, at, title, look.make(**(header | side), shrink=True))
        styles.append(look.make(**side, **({"num_format": shown} if shown else {"shrink": True})))
    sheet.set_row(_HEADER, 20)
    for position in range(1, LINES + 1):
        _write_line(sheet, look, _HEADER + position, position, styles)
    ruled = builder.book.add_format({"bottom": 1, "bottom_color": RULE})
    mark = xl_rowcol_to_cell(_HEADER + 1, 0, col_abs=True)
    rule = {"type": "formula", "criteria": f"=ISNUMBER({mark})", "format": ruled}
    sheet.conditional_format(_HEADER + 1, 0, _HEADER + LINES, len(_COLUMNS) - 1, rule)


def _write_line(sheet: Worksheet, look: Look, row: int, position: int, styles: list[Format]) -> None:
    rank, at = (xl_rowcol_to_cell(row, _WORK + offset, col_abs=True) for offset in (0, 1))
    put(sheet, row, _WORK, position, look.text)
    found = nth_row(contract.ORDERS, "item", _LINES, rank)
    put(sheet, row, _WORK + 1, when(f"AND(ISNUMBER(po_lines),{rank}<=po_lines)", found), look.text)
    put(sheet, row, 0, f'=IF(ISNUMBER({at}),{rank},"")', styles[0])
    for offset, (_, _, shown, name) in enumerate(_COLUMNS):
        if name is not None:
            tail = "" if shown else '&""'
            put(sheet, row, offset, when(f"ISNUMBER({at})", f"INDEX({_of(name)},{at}){tail}"), styles[offset])


def _write_workings(builder: SheetBuilder, sheet: Worksheet) -> None:
    """Write what is offered in the drop-downs, and the row of each line, right of what is printed."""
    look = builder.look
    put(sheet, _WORK_ROW - 2, _WORK, "Workings, not printed", look.heading)
    for offset, name in ((0, "line"), (1, "row")):
        put(sheet, _HEADER, _WORK + offset, name, look.header(is_input=False))
    put(sheet, _WORK_ROW, _WORK, "sums may differ by", look.text)
    put(sheet, _WORK_ROW, _WORK + 2, 0.01, look.text)
    _name(builder, "po_tolerance", _WORK_ROW, _WORK + 2)
    put(sheet, _WORK_ROW + 1, _WORK, "decimals of money", look.text)
    put(sheet, _WORK_ROW + 1, _WORK + 2, 2, look.text)
    _name(builder, "decimals", _WORK_ROW + 1, _WORK + 2)
    put(sheet, _WORK_ROW + 2, _WORK, "supplier's minimum", look.text)
    put(sheet, _WORK_ROW + 2, _WORK + 2, _minimum(builder), look.make(num_format="#,##0.00"))
    _name(builder, "po_minimum", _WORK_ROW + 2, _WORK + 2)
    put(sheet, _WORK_ROW + 3, _WORK, "places of a date", look.text)
    put(sheet, _WORK_ROW + 3, _WORK + 2, 100, look.text)
    _name(builder, "po_shift", _WORK_ROW + 3, _WORK + 2)
    suppliers, dates = _WORK + 4, _WORK + 6
    sheet.set_column(suppliers, suppliers, 36)
    sheet.set_column(dates, dates, 13)
    put(sheet, _WORK_ROW - 1, suppliers, "suppliers with orders", look.header(is_input=False))
    put(sheet, _WORK_ROW - 1, dates, "order days", look.header(is_input=False))
    letter = xl_rowcol_to_cell(0, suppliers, col_abs=True)[:-1]
    for row in range(_WORK_ROW, _WORK_ROW + SUPPLIERS_OFFERED):
        above = f"{letter}${_WORK_ROW}:{letter}{row}"
        put(sheet, row, suppliers, blank_if_error(next_text(contract.ORDERS, "supplier", above)), look.text)
    mine = same(_of("supplier"), "po_supplier")
    day_style = look.make(num_format="yyyy-mm-dd", align="left")
    for row in range(_WORK_ROW, _WORK_ROW + DATES_OFFERED):
        before = xl_rowcol_to_cell(row - 1, dates)
        # Rows of others are 0 and stand first, then those of days already offered.
        later = f"ROWS({_of('item')})-SUMPRODUCT({mine}*1)+1"
        if row > _WORK_ROW:
            later += f"+SUMPRODUCT({mine}*({_of('order_date')}<={before}))"
        known = 'po_supplier<>""' if row == _WORK_ROW else f"ISNUMBER({before})"
        found = f"SUMPRODUCT(SMALL({mine}*{_of('order_date')},{later}))"
        put(sheet, row, dates, when(known, found), day_style)
    for name, at, offered in (("po_suppliers", suppliers, SUPPLIERS_OFFERED), ("po_dates", dates, DATES_OFFERED)):
        first, last = (xl_rowcol_to_cell(row, at, True, True) for row in (_WORK_ROW, _WORK_ROW + offered - 1))
        count = f"SUMPRODUCT(('{SHEET}'!{first}:{last}<>\"\")*1)"
        builder.book.define_name(name, "=" + filled(f"'{SHEET}'!{first}", last, count))
