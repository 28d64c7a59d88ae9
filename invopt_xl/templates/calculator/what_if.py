"""The sheet What if: one item, any of its inputs typed otherwise, and how service and lead time move its stock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xlsxwriter.chart import Chart
from xlsxwriter.format import Format

from invopt_xl.sheet.cells import Cell
from invopt_xl.templates.calculator.desk import Desk
from invopt_xl.templates.calculator.entries import DISTRIBUTIONS, LEVELS, MEASURES, UNITS
from invopt_xl.templates.calculator.levels import FORMATS, UNITS_FORMAT, Levels
from invopt_xl.templates.live import Area, LiveSheet, Unless
from invopt_xl.workbook.sheets import look as colours

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
_AXIS_FONT, _GRID = {"size": 9, "color": "#404040"}, {"visible": True, "line": {"color": "#E3E3E3"}}


@dataclass(frozen=True)
class WhatIf:
    """What other sheets take from this one.

    Parameters
    ----------
    asked
        The inputs that count.
    results
        Cells that a function fills.
    """

    asked: Asked
    results: Sequence[Area]


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
    today, changed = _panel(desk, sheet, levels)
    points = _results(desk, sheet, today, changed)
    targets = _targets(desk, sheet, changed)
    stretches = _stretches(desk, sheet, changed)
    sheet.sheet.insert_chart(_TARGET_ROW - 1, _RESULT_COLUMN, _target_chart(desk, targets, changed, points))
    sheet.sheet.insert_chart(_LEAD_ROW - 1, _RESULT_COLUMN, _lead_chart(desk, stretches, changed, points))
    sheet.sheet.freeze_panes(_HEAD_ROW - 1, 0)
    first = sheet.area(_HEAD_ROW + 1, _RESULT_COLUMN + 2, len(RESULTS), 2)
    return WhatIf(changed, [first, *targets[1:4], *stretches[3:]])


def _panel(desk: Desk, sheet: LiveSheet, levels: Levels) -> tuple[Asked, Asked]:
    """Write the inputs three times: of Levels, typed otherwise, and which of them count."""
    chosen = sheet.area(_ITEM_ROW, 1)
    first = desk.live.one(levels["item"].cell())
    sheet.sheet.write_string(_ITEM_ROW, 0, "item", desk.look.make(bold=True))
    sheet.put(chosen, first, desk.input("@", bold=True))
    rule = {"validate": "list", "source": f"={levels['item'].named}", "input_title": "item"}
    sheet.sheet.data_validation(_ITEM_ROW, 1, _ITEM_ROW, 1, rule | {"input_message": "One of the items of Levels."})
    found = f"MATCH({chosen.local},{levels['item'].named},0)"
    _looked_up(sheet, sheet.area(_ITEM_ROW, 2), levels["description"], found, desk.look.quiet)
    heads = ("input", "unit", "in Levels", "what if", "counts")
    for column, head in enumerate(heads):
        sheet.sheet.write_string(_HEAD_ROW, column, head, desk.look.header(is_input=head == "what if"))
    today: dict[str, Area] = {}
    counts: dict[str, Area] = {}
    other = {} if first is None else TRIED
    for row, (name, numbers) in enumerate(INPUTS.items(), start=_HEAD_ROW + 1):
        sheet.sheet.write_string(row, 0, name, desk.look.text)
        sheet.sheet.write_string(row, 1, UNITS.get(name, ""), desk.look.quiet)
        style = desk.look.make(num_format=numbers, align="right")
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
    note = {"input_title": name, "input_message": f"{help} Empty here: as in Levels."[:255]}
    choices = {"service_measure": MEASURES, "distribution": DISTRIBUTIONS}.get(name)
    rule: dict[str, object]
    if choices:
        rule = {"validate": "list", "source": list(choices)}
    elif name == "service_target":
        rule = {"validate": "decimal", "criteria": "between", "minimum": 0.0001, "maximum": 0.9999}
    else:
        rule = {"validate": "decimal", "criteria": ">=", "value": 0}
    sheet.sheet.data_validation(at.row, at.column, at.row, at.column, rule | note | {"ignore_blank": True})


def _results(desk: Desk, sheet: LiveSheet, today: Asked, changed: Asked) -> Mapping[str, Area]:
    """Write results in Levels and otherwise, side by side; return where the latter stand."""
    for place, head in enumerate(("result", "unit", "in Levels", "what if", "change")):
        sheet.sheet.write_string(_HEAD_ROW, _RESULT_COLUMN + place, head, desk.look.header(is_input=False))
    at: dict[int, dict[str, Area]] = {2: {}, 3: {}}
    for row, name in enumerate(RESULTS, start=_HEAD_ROW + 1):
        numbers = FORMATS.get(name, UNITS_FORMAT)
        sheet.sheet.write_string(row, _RESULT_COLUMN, name, desk.look.text)
        sheet.sheet.write_string(row, _RESULT_COLUMN + 1, UNITS[name], desk.look.quiet)
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
    return at[3]


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
        sheet.sheet.write_string(row, column, head, desk.look.header(is_input=column == 0))
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
            text = f'=IF(ISNUMBER({whole.local}),{whole.local}*{shares.cell(row).beside},"")'
            value = desk.live.number(whole) * share if desk.live.one(whole) is not None else None
            sheet.formula(column.cell(row), text, value, desk.output("0.0#"))
    stretched = {"lead_time": times, "lead_time_sd": strays}
    units, nothing = desk.output(UNITS_FORMAT), asked.nothing(desk)
    sheet.call(buffers, "SAFETY_STOCK", asked.level(**stretched), units, nothing)
    sheet.call(points, "REORDER_POINT", asked.level(**stretched), units, nothing)
    return table


def _line(chart: Chart, name: str, across: Area, up: Area, colour: str, dash: str = "solid") -> None:
    chart.add_series(
        {
            "name": name,
            "categories": f"={across.named}",
            "values": f"={up.named}",
            "line": {"color": colour, "width": 2.25, "dash_type": dash},
            "marker": {"type": "circle", "size": 5, "fill": {"color": colour}, "border": {"color": colour}},
        }
    )


def _point(chart: Chart, name: str, across: Area, up: Area) -> None:
    chart.add_series(
        {
            "name": name,
            "categories": f"={across.named}",
            "values": f"={up.named}",
            "line": {"none": True},
            "marker": {
                "type": "diamond",
                "size": 12,
                "fill": {"color": colours.VERMILLION},
                "border": {"color": "#FFFFFF"},
            },
        }
    )


def _dressed(chart: Chart, title: str, across: dict[str, object]) -> Chart:
    chart.set_title({"name": title, "name_font": {"size": 12, "bold": True}, "overlay": False})
    fonts = {"num_font": _AXIS_FONT, "name_font": _AXIS_FONT}
    chart.set_x_axis({**fonts, "label_position": "low", **across})
    chart.set_y_axis({**fonts, "name": "units", "num_format": "#,##0", "major_gridlines": _GRID})
    chart.set_legend({"position": "bottom", "font": _AXIS_FONT})
    chart.set_size({"width": 640, "height": 262})
    return chart


def _target_chart(desk: Desk, table: Sequence[Area], asked: Asked, points: Mapping[str, Area]) -> Chart:
    chart = desk.builder.book.add_chart({"type": "scatter", "subtype": "straight_with_markers"})
    _line(chart, "safety stock", table[0], table[1], colours.BLUE)
    _point(chart, "the item, what if", asked["service_target"], points["safety_stock"])
    across = {
        "name": "service target",
        "num_format": "0%",
        "min": 0.75,
        "max": 1,
        "major_gridlines": {"visible": False},
    }
    return _dressed(chart, "Safety stock against service target", across)


def _lead_chart(desk: Desk, table: Sequence[Area], asked: Asked, points: Mapping[str, Area]) -> Chart:
    chart = desk.builder.book.add_chart({"type": "scatter", "subtype": "straight_with_markers"})
    _line(chart, "safety stock", table[1], table[3], colours.BLUE)
    _line(chart, "reorder point", table[1], table[4], colours.ORANGE, "dash")
    _point(chart, "the item, what if", asked["lead_time"], points["reorder_point"])
    across = {"name": "lead time, periods", "num_format": "0.0", "min": 0, "major_gridlines": {"visible": False}}
    return _dressed(chart, "Stock against lead time", across)
