"""The sheet What if: one item, any of its inputs typed otherwise, and how service and lead time move its stock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from xlsxwriter.format import Format

from invopt_xl.sheet.cells import Cell
from invopt_xl.templates.calculator.desk import Checked, Desk, refusals
from invopt_xl.templates.calculator.entries import DISTRIBUTIONS, LEVELS, MEASURES, UNITS, heading, words_of
from invopt_xl.templates.calculator.levels import FORMATS, UNITS_FORMAT, Levels
from invopt_xl.templates.calculator.what_if_charts import HEIGHT, lead_chart, target_chart
from invopt_xl.templates.live import Area, LiveSheet, Unless
from invopt_xl.workbook.sheets.panels import ROW_PIXELS, even_rows

NAME = "What if"
ABOUT = "Choose an item, type into What if whatever is to be otherwise, and compare. Levels stays as it is."

INPUTS: Mapping[str, str] = {
    "mean_demand": UNITS_FORMAT,
    "demand_sd": UNITS_FORMAT,
    "lead_time": "0.0#",
    "lead_time_sd": "0.0#",
    "review_period": "0.0#",
    "service_target": "0.0##%",
    "service_measure": "@",
    "distribution": "@",
    "unit_cost": "#,##0.00",
    "usual_order": UNITS_FORMAT,
}
"""What can be otherwise, with its number format."""

RESULTS = ("safety_stock", "reorder_point", "order_up_to", "fill_rate", "cycle_service", "average_stock")

TRIED = {"service_target": 0.98}
"""What is typed otherwise in the example."""

TARGETS = (0.8, 0.85, 0.9, 0.925, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999)
STRETCHES = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0)

_ITEM_ROW, _HEAD_ROW = 3, 5
_TARGET_ROW = 18
_LEAD_ROW = _TARGET_ROW + len(TARGETS) + 4
_RESULT_COLUMN = 6
_LAST_ROW = _LEAD_ROW - 1 + ceil(HEIGHT / ROW_PIXELS)
"""Of the sheet, where the lower chart ends."""


@dataclass(frozen=True)
class WhatIf:
    """What other sheets take from this one.

    Parameters
    ----------
    asked
        The inputs that count.
    item
        Which item is chosen.
    checked
        What the Cover looks at.
    """

    asked: Asked
    item: Area
    checked: Checked


@dataclass(frozen=True)
class Asked:
    """Where the inputs of a calculation stand, by name; those of Levels, or those that count here."""

    cells: Mapping[str, Area]

    def __getitem__(self, name: str) -> Area:
        """Return the cell of an input."""
        return self.cells[name]

    def nothing(self, desk: Desk) -> Unless:
        """Return when there is nothing to calculate: no item is chosen, and no demand typed."""
        mean = self.cells["mean_demand"]
        return Unless(f'{mean.named}=""', desk.live.one(mean) is None)

    def level(self, **other: Area) -> list[Area]:
        """Return the arguments of a function that finds a level for a target, some of them others."""
        cells = {**self.cells, **other}
        names = ("mean_demand", "demand_sd", "lead_time", "service_target", "lead_time_sd", "review_period")
        return [cells[name] for name in (*names, "service_measure", "usual_order", "distribution")]

    def service(self, reorder_point: Area, *lots: str, **other: Area) -> list[Area]:
        """Return the arguments of a function that tells the service of a reorder point."""
        cells = {**self.cells, **other}
        demand = [cells[name] for name in ("mean_demand", "demand_sd", "lead_time")]
        rest = [cells[name] for name in (*lots, "lead_time_sd", "review_period", "distribution")]
        return [*demand, reorder_point, *rest]


def add_what_if(desk: Desk, levels: Levels) -> WhatIf:
    """Lay the sheet out; return where inputs and results stand."""
    sheet = desk.sheet(NAME, ABOUT)
    for column, width in enumerate((26, 17, 17, 17, 17, 3, 22, 17, 17, 17, 17)):
        sheet.sheet.set_column(column, column, width)
    even_rows(sheet.sheet, _LAST_ROW + 1)
    sheet.sheet.set_row(0, 24)
    today, changed = _panel(desk, sheet, levels)
    points, compared = _results(desk, sheet, today, changed)
    targets = _targets(desk, sheet, changed)
    stretches = _stretches(desk, sheet, changed)
    target_point = changed["service_target"], points["safety_stock"]
    lead_point = changed["lead_time"], points["reorder_point"]
    sheet.sheet.insert_chart(_TARGET_ROW - 1, _RESULT_COLUMN, target_chart(desk, targets, target_point))
    sheet.sheet.insert_chart(_LEAD_ROW - 1, _RESULT_COLUMN, lead_chart(desk, stretches, lead_point))
    sheet.sheet.freeze_panes(_HEAD_ROW - 1, 0)
    sheet.sheet.print_area(0, 0, _LAST_ROW, _RESULT_COLUMN + 4)
    sheet.sheet.fit_to_pages(1, 1)
    sheet.sheet.set_margins(left=0.25, right=0.25, top=0.4, bottom=0.5)
    typed = [sheet.area(_ITEM_ROW, 1), sheet.area(_HEAD_ROW + 1, 3, len(INPUTS)), targets[0], stretches[0]]
    results = [*compared, *targets[1:], *stretches[1:]]
    for area in results:
        desk.mark_refusals(sheet, area, in_full=area.columns == 1 and area.rows == 1)
    item = typed[0].named
    unknown = f'IF(OR({item}="",ISNUMBER(MATCH({item},{levels["item"].named},0))),0,1)'
    words = [f"SUMPRODUCT({words_of(area.named)})" for area in (targets[0], stretches[0])]
    refused = "+".join([refusals(results), unknown, *words])
    counted = "refusals, words for numbers, unknown items"
    return WhatIf(changed, typed[0], Checked(results, typed, refused=(refused, counted)))


def _panel(desk: Desk, sheet: LiveSheet, levels: Levels) -> tuple[Asked, Asked]:
    """Write the inputs three times: of Levels, typed otherwise, and which of them count."""
    chosen = sheet.area(_ITEM_ROW, 1)
    first = desk.live.one(levels["item"].cell())
    sheet.sheet.write_string(_ITEM_ROW, 0, "item", desk.look.make(bold=True, indent=1, valign="vcenter"))
    sheet.put(chosen, first, desk.input("@", bold=True, align="left", indent=1))
    rule = {"validate": "list", "source": f"={levels['item'].named}", "input_title": "item"}
    sheet.sheet.data_validation(_ITEM_ROW, 1, _ITEM_ROW, 1, rule | {"input_message": "One of the items of Levels."})
    found = f"MATCH({chosen.local},{levels['item'].named},0)"
    _looked_up(sheet, sheet.area(_ITEM_ROW, 2), levels["description"], found, desk.unit)
    unknown = f'=IF(ISNUMBER({found}),"",IF({chosen.local}="","Choose an item.","Levels has no such item."))'
    sheet.formula(sheet.area(_ITEM_ROW + 1, 1), unknown, "Choose an item." if first is None else None, desk.warning)
    heads = ("input", "unit", "in Levels", "what if", "counts")
    for column, head in enumerate(heads):
        style = desk.head(is_input=head == "what if", of_numbers=column > 1)
        sheet.sheet.write_string(_HEAD_ROW, column, head, style)
    today: dict[str, Area] = {}
    counts: dict[str, Area] = {}
    other = {} if first is None else TRIED
    for row, (name, numbers) in enumerate(INPUTS.items(), start=_HEAD_ROW + 1):
        sheet.sheet.write_string(row, 0, heading(name), desk.label)
        sheet.sheet.write_string(row, 1, UNITS.get(name, ""), desk.unit)
        style = desk.look.make(num_format=numbers, align="right", valign="vcenter")
        today[name], typed, counts[name] = (sheet.area(row, column) for column in (2, 3, 4))
        _looked_up(sheet, today[name], levels[name], found, style)
        sheet.put(typed, other.get(name), desk.input(numbers, align="right"))
        _rule(sheet, typed, name)
        text = f'=IF({typed.local}="",{today[name].local},{typed.local})'
        counted = today[name] if desk.live.one(typed) is None else typed
        sheet.formula(counts[name], text, desk.live.one(counted), style)
    return Asked(today), Asked(counts)


def _looked_up(sheet: LiveSheet, at: Area, column: Area, found: str, style: Format) -> None:
    """Write what a column of Levels says of the chosen item; nothing where it is empty or there is no such item."""
    value = f"INDEX({column.named},{found})"
    sheet.formula(at, f'=IFERROR(IF({value}="","",{value}),"")', sheet.live.one(column.cell()), style)


def _rule(sheet: LiveSheet, at: Area, name: str) -> None:
    help = next((column.help for column in LEVELS.columns if column.name == name), "Usual order, units.")
    note = {"input_title": heading(name), "input_message": f"{help} Empty here: as in Levels."[:255]}
    choices = {"service_measure": MEASURES, "distribution": DISTRIBUTIONS}.get(name)
    rule: dict[str, object]
    if choices:
        rule = {"validate": "list", "source": list(choices)}
    elif name == "service_target":
        rule = {"validate": "decimal", "criteria": "between", "minimum": 0.0001, "maximum": 0.9999}
    else:
        rule = {"validate": "decimal", "criteria": ">=", "value": 0}
    sheet.sheet.data_validation(at.row, at.column, at.row, at.column, rule | note | {"ignore_blank": True})


def _results(desk: Desk, sheet: LiveSheet, today: Asked, changed: Asked) -> tuple[Mapping[str, Area], Sequence[Area]]:
    """Write results in Levels and otherwise, side by side; return where the latter stand, and all of them."""
    for place, head in enumerate(("result", "unit", "in Levels", "what if", "change")):
        style = desk.head(is_input=False, of_numbers=place > 1)
        sheet.sheet.write_string(_HEAD_ROW, _RESULT_COLUMN + place, head, style)
    at: dict[int, dict[str, Area]] = {2: {}, 3: {}}
    for row, name in enumerate(RESULTS, start=_HEAD_ROW + 1):
        numbers = FORMATS.get(name, UNITS_FORMAT)
        sheet.sheet.write_string(row, _RESULT_COLUMN, heading(name), desk.label)
        sheet.sheet.write_string(row, _RESULT_COLUMN + 1, UNITS[name], desk.unit)
        for place, asked in ((2, today), (3, changed)):
            at[place][name] = sheet.area(row, _RESULT_COLUMN + place)
            _result(desk, sheet, at[place], name, asked)
        before, after = at[2][name], at[3][name]
        known = isinstance(desk.live.one(before), int | float) and isinstance(desk.live.one(after), int | float)
        difference = desk.live.number(after) - desk.live.number(before)
        text = f'=IF(AND(ISNUMBER({before.local}),ISNUMBER({after.local})),{after.local}-{before.local},"")'
        signed = f"+{numbers};-{numbers};{numbers}"
        place_of_change = sheet.area(row, _RESULT_COLUMN + 4)
        sheet.formula(place_of_change, text, difference if known else None, desk.output(signed))
    why = sheet.area(_HEAD_ROW + len(RESULTS) + 3, _RESULT_COLUMN)
    sheet.sheet.write_string(why.row - 1, why.column, "why", desk.look.heading)
    style = desk.words
    sheet.sheet.merge_range(why.row, why.column, why.row + 2, why.column + 4, None, style)
    sheet.call(why, "EXPLAIN", ["SAFETY_STOCK", *changed.level()], style, changed.nothing(desk))
    return at[3], [sheet.area(_HEAD_ROW + 1, _RESULT_COLUMN + 2, len(RESULTS), 3), why]


def _result(desk: Desk, sheet: LiveSheet, at: Mapping[str, Area], name: str, asked: Asked) -> None:
    style = desk.output(FORMATS.get(name, UNITS_FORMAT))
    if name in ("safety_stock", "reorder_point", "order_up_to"):
        sheet.call(at[name], name.upper(), asked.level(), style, asked.nothing(desk))
    elif name == "fill_rate":
        sheet.call(at[name], "FILL_RATE", asked.service(at["reorder_point"], "usual_order"), style, asked.nothing(desk))
    elif name == "cycle_service":
        sheet.call(at[name], "CYCLE_SERVICE", asked.service(at["reorder_point"]), style, asked.nothing(desk))
    else:
        sheet.formula(at[name], *_average_stock(desk, at["safety_stock"], asked), style)


def _average_stock(desk: Desk, buffer: Area, asked: Asked) -> tuple[str, Cell]:
    order, cost = asked["usual_order"], asked["unit_cost"]
    middle = f"AVERAGE({buffer.beside},{buffer.beside}+N({order.local}))"
    text = f'=IF(AND(ISNUMBER({buffer.beside}),ISNUMBER({cost.local})),{middle}*{cost.local},"")'
    live = desk.live
    if not isinstance(live.one(buffer), int | float) or live.one(cost) is None:
        return text, None
    return text, (live.number(buffer) + live.number(order) / 2) * live.number(cost)


def _table(desk: Desk, sheet: LiveSheet, row: int, title: str, heads: Sequence[str], count: int) -> list[Area]:
    """Write the heads of a table whose first column is typed; return its columns."""
    sheet.sheet.write_string(row - 1, 0, title, desk.look.heading)
    for column, head in enumerate(heads):
        sheet.sheet.write_string(row, column, heading(head), desk.head(is_input=column == 0))
    return [sheet.area(row + 1, column, count) for column in range(len(heads))]


def _targets(desk: Desk, sheet: LiveSheet, asked: Asked) -> list[Area]:
    heads = ("service_target", "safety_stock", "reorder_point", "fill_rate", "average_stock")
    table = _table(desk, sheet, _TARGET_ROW, "What service costs: type other targets", heads, len(TARGETS))
    targets, buffers, points, rates, money = table
    for row, target in enumerate(TARGETS):
        sheet.put(targets.cell(row), target, desk.input("0.0##%"))
    units, nothing = desk.output(UNITS_FORMAT), asked.nothing(desk)
    sheet.call(buffers, "SAFETY_STOCK", asked.level(service_target=targets), units, nothing)
    sheet.call(points, "REORDER_POINT", asked.level(service_target=targets), units, nothing)
    sheet.call(rates, "FILL_RATE", asked.service(points, "usual_order"), desk.output("0.0%"), nothing)
    for row in range(len(TARGETS)):
        sheet.formula(money.cell(row), *_average_stock(desk, buffers.cell(row), asked), desk.output("#,##0"))
    desk.first_refusal(sheet, targets, buffers)
    return table


def _stretches(desk: Desk, sheet: LiveSheet, asked: Asked) -> list[Area]:
    heads = ("of the lead time", "lead_time", "lead_time_sd", "safety_stock", "reorder_point")
    title = "What lead time costs: type other shares of it; its deviation stretches with it"
    table = _table(desk, sheet, _LEAD_ROW, title, heads, len(STRETCHES))
    shares, times, strays, buffers, points = table
    for row, share in enumerate(STRETCHES):
        sheet.put(shares.cell(row), share, desk.input("0%"))
        for column, name in ((times, "lead_time"), (strays, "lead_time_sd")):
            whole = asked[name]
            share_of = shares.cell(row).beside  # a word there goes on to the function, which says that it is none
            number = f"IF(ISNUMBER({share_of}),{whole.local}*{share_of},{share_of})"
            text = f'=IF(OR(NOT(ISNUMBER({whole.local})),{share_of}=""),"",{number})'
            value = desk.live.number(whole) * share if desk.live.one(whole) is not None else None
            sheet.formula(column.cell(row), text, value, desk.output("0.0#"))
    stretched = {"lead_time": times, "lead_time_sd": strays}
    units, nothing = desk.output(UNITS_FORMAT), asked.nothing(desk)
    sheet.call(buffers, "SAFETY_STOCK", asked.level(**stretched), units, nothing)
    sheet.call(points, "REORDER_POINT", asked.level(**stretched), units, nothing)
    desk.first_refusal(sheet, shares, buffers)
    return table
