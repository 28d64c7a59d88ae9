"""The sheet History: past demand typed or pasted, its forecast with a band, and the safety stock it calls for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from xlsxwriter.chart import Chart

from invopt_xl.sheet.cells import Cell
from invopt_xl.templates.calculator.desk import Checked, Desk, refusals
from invopt_xl.templates.calculator.entries import FORECAST_HIGH, FORECAST_LOW, HISTORY
from invopt_xl.templates.calculator.levels import UNITS_FORMAT
from invopt_xl.templates.calculator.what_if import Asked, WhatIf
from invopt_xl.templates.live import Area, LiveSheet, Shown, Unless
from invopt_xl.workbook.sheets import look as colours
from invopt_xl.workbook.sheets.layout import HEADER_ROW
from invopt_xl.workbook.sheets.panels import even_rows

NAME = "History"
ABOUT = (
    "Paste past demand, oldest first. Beside it: what will be asked for, and the buffer for it by the terms of What if"
)
PERIODS_AHEAD = 13

_LEFT = 3
_MODEL_ROW, _BUFFER_ROW = HEADER_ROW - 1, HEADER_ROW + 8
_FORECAST_ROW = HEADER_ROW + 17
_BUFFER_TITLE = "Safety stock, by the terms of What if"
_AXIS_FONT, _GRID = {"size": 9, "color": "#404040"}, {"visible": True, "line": {"color": "#E3E3E3"}}


def add_history(desk: Desk, what_if: WhatIf) -> Checked:
    """Lay the sheet out; return what the Cover looks at.

    Parameters
    ----------
    desk
        What to lay it out with.
    what_if
        Where lead time and service that count stand, and the item they are of.
    """
    sheet = desk.input_sheet(NAME, ABOUT, HISTORY)
    rows = len(desk.tables[HISTORY.stem])
    periods, past = (sheet.area(HEADER_ROW, column, rows) for column in (0, 1))
    for (period,), row in zip(desk.live.held(periods), range(rows), strict=True):
        sheet.put(periods.cell(row), period, desk.input("0"))
    for column, width in ((0, 11), (1, 13)):
        desk.width(sheet, column, width)
    for column, width in ((2, 3), (3, 24), (4, 15), (5, 15), (6, 15), (7, 3)):
        sheet.sheet.set_column(column, column, width)
    even_rows(sheet.sheet, HEADER_ROW + rows + 1)
    sheet.sheet.set_row(0, 24)
    item, facts = _name_item(desk, sheet), _model(desk, sheet, past)
    buffers = _buffers(desk, sheet, past, what_if.asked)
    _name_terms(desk, sheet, item, what_if.item)
    ahead = _forecast(desk, sheet, periods, past)
    sheet.sheet.insert_chart(_MODEL_ROW, 8, _chart(desk, periods, past, ahead))
    sheet.sheet.freeze_panes(HEADER_ROW, 0)
    typed = replace(periods, columns=len(HISTORY.columns))
    below = desk.below(typed)
    text = f'"Below row {typed.last_row + 1} nothing counts: leave out the oldest periods."'
    no_numbers = f"COUNTA({past.named})-COUNT({past.named})"
    says = '"; the functions refuse words: type a number, or leave the cell empty if its demand is not known."'
    words = f'IF({no_numbers}>0,"Words among the quantities: "&{no_numbers}&{says},"")'
    text = f"=IF(COUNTA({below.local})>0,{text},{words})"
    sheet.formula(sheet.area(_MODEL_ROW - 1, _LEFT), text, None, desk.warning)
    results = [facts, *buffers, *ahead[1:]]
    for area in results:
        desk.mark_refusals(sheet, area, in_full=area in (facts, buffers[-1]))
    refused = f"{refusals(results)}+{no_numbers}", "cells that say what is wrong, or are words"
    return Checked(results, [typed, item], below, refused)


def _name_item(desk: Desk, sheet: LiveSheet) -> Area:
    """Write whose demand it is, a name to type over; return where."""
    sheet.sheet.write_string(_MODEL_ROW, _LEFT, "The demand of", desk.look.heading)
    item = sheet.area(_MODEL_ROW, _LEFT + 1)
    sheet.put(item, desk.tables[HISTORY.stem].attrs.get("item"), desk.input("@", bold=True, align="left", indent=1))
    note = {"input_title": "item", "input_message": "Whose demand this is: a name for you, no formula looks it up."}
    sheet.sheet.data_validation(item.row, item.column, item.row, item.column, {"validate": "any", **note})
    return item


def _name_terms(desk: Desk, sheet: LiveSheet, item: Area, terms: Area) -> None:
    """Write whose terms the safety stock is for, and say so if the demand is another item's."""
    named = f'IF({terms.named}="","",": "&{terms.named})'
    known = desk.live.one(terms)
    title = f'="{_BUFFER_TITLE}"&{named}'
    value = _BUFFER_TITLE if known is None else f"{_BUFFER_TITLE}: {known}"
    sheet.formula(sheet.area(_BUFFER_ROW, _LEFT), title, value, desk.look.heading)
    other = f'AND({item.local}<>"",{terms.named}<>"",{item.local}<>{terms.named})'
    says = f'"Demand of "&{item.local}&", but terms of "&{terms.named}&"."'
    sheet.formula(sheet.area(_BUFFER_ROW - 1, _LEFT), f'=IF({other},{says},"")', None, desk.warning)


def _nothing(desk: Desk, past: Area) -> Unless:
    """Return when there is nothing to calculate: no demand is known."""
    return Unless(f"COUNT({past.local})=0", not _known(desk, past))


def _model(desk: Desk, sheet: LiveSheet, past: Area) -> Area:
    """Write what the demand is like; return the cells that tell it."""
    numbers = _known(desk, past)
    mean = sum(numbers) / len(numbers) if numbers else None
    spread = (sum((each - (mean or 0.0)) ** 2 for each in numbers) / (len(numbers) - 1)) ** 0.5 if numbers[1:] else None
    facts: Mapping[str, tuple[str, Cell]] = {
        "known periods": (f"=COUNT({past.local})", len(numbers)),
        "mean, units a period": (f'=IFERROR(AVERAGE({past.local}),"")', mean),
        "standard deviation": (f'=IFERROR(STDEV({past.local}),"")', spread),
    }
    for row, (label, (text, value)) in enumerate(facts.items(), start=_MODEL_ROW + 1):
        sheet.sheet.write_string(row, _LEFT, label, desk.label)
        sheet.formula(
            sheet.area(row, _LEFT + 1), text, value, desk.output("0" if row == _MODEL_ROW + 1 else UNITS_FORMAT)
        )
    for row, (label, function) in enumerate(
        (("pattern", "DEMAND_PATTERN"), ("model", "FORECAST_MODEL")), start=_MODEL_ROW + 1 + len(facts)
    ):
        sheet.sheet.write_string(row, _LEFT, label, desk.label)
        sheet.call(sheet.area(row, _LEFT + 1), function, [past], desk.line, _nothing(desk, past))
    return sheet.area(_MODEL_ROW + 1, _LEFT + 1, len(facts) + 2)


def _buffers(desk: Desk, sheet: LiveSheet, past: Area, asked: Asked) -> list[Area]:
    """Write the safety stock from the whole forecast beside that from mean and deviation."""
    row = _BUFFER_ROW
    mean, spread = (sheet.area(_MODEL_ROW + offset, _LEFT + 1) for offset in (2, 3))
    rest = [asked[name] for name in ("lead_time", "service_target", "lead_time_sd", "review_period")]
    lots = [asked["service_measure"], asked["usual_order"]]
    ways = {
        "from the forecast, units": ("SAFETY_STOCK_FROM_HISTORY", [past, *rest, *lots]),
        "from mean and deviation": ("SAFETY_STOCK", [mean, spread, *rest, *lots, asked["distribution"]]),
    }
    empty, terms = _nothing(desk, past), asked.nothing(desk)
    nothing = Unless(f"OR({empty.text},{terms.text})", empty.holds or terms.holds)
    for offset, (label, (function, arguments)) in enumerate(ways.items(), start=1):
        sheet.sheet.write_string(row + offset, _LEFT, label, desk.label)
        sheet.call(sheet.area(row + offset, _LEFT + 1), function, arguments, desk.output(UNITS_FORMAT), nothing)
    why = sheet.area(row + 3, _LEFT)
    sheet.sheet.merge_range(why.row, why.column, why.row + 3, why.column + 3, None, desk.words)
    sheet.call(why, "EXPLAIN", ["SAFETY_STOCK_FROM_HISTORY", past, *rest, *lots], desk.words, nothing)
    return [sheet.area(row + 1, _LEFT + 1, len(ways)), why]


def _forecast(desk: Desk, sheet: LiveSheet, periods: Area, past: Area) -> list[Area]:
    row = _FORECAST_ROW
    sheet.sheet.write_string(row - 1, _LEFT, "What will be asked for, units", desk.look.heading)
    for place, head in enumerate(("period", "mean", "low", "high")):
        sheet.sheet.write_string(row, _LEFT + place, head, desk.head(is_input=False))
    ahead = [sheet.area(row + 1, _LEFT + place, PERIODS_AHEAD) for place in range(4)]
    numbered = f"ISNUMBER({past.local})*(ROW({past.local})-ROW({past.cell(-1).local}))"
    last = f"MAX({periods.local},SUMPRODUCT(MAX({numbered})))"  # without periods, the place of the last quantity
    known = _known(desk, periods)
    for offset in range(PERIODS_AHEAD):
        counted = sheet.area(row + 1, _LEFT, offset + 1)
        begin, end = counted.cell().beside, counted.cell(offset).beside
        begin = begin[:2] + "$" + begin[2:]
        value = max(known) + offset + 1 if known else None
        text = f'=IF({last}=0,"",{last}+ROWS({begin}:{end}))'
        sheet.formula(ahead[0].cell(offset), text, value, desk.output("0"))
    horizon = Shown(f"ROWS({ahead[0].local})", PERIODS_AHEAD)
    season = None
    for place, name in ((1, None), (2, FORECAST_LOW), (3, FORECAST_HIGH)):
        quantile = [] if name is None else [season, Shown(name, desk.setting(name))]
        sheet.call(
            ahead[place], "FORECAST", [past, horizon, *quantile], desk.output(UNITS_FORMAT), _nothing(desk, past)
        )
    return ahead


def _known(desk: Desk, past: Area) -> list[float]:
    return [float(value) for (value,) in desk.live.held(past) if isinstance(value, int | float)]


def _chart(desk: Desk, periods: Area, past: Area, ahead: list[Area]) -> Chart:
    chart = desk.builder.book.add_chart({"type": "scatter", "subtype": "straight"})
    lines = (
        ("demand", periods, past, "#595959", "solid", 1.25),
        ("forecast: mean", ahead[0], ahead[1], colours.BLUE, "solid", 2.5),
        ("low", ahead[0], ahead[2], colours.ORANGE, "dash", 1.75),
        ("high", ahead[0], ahead[3], colours.ORANGE, "square_dot", 1.75),
    )
    for name, across, up, colour, dash, width in lines:
        chart.add_series(
            {
                "name": name,
                "categories": f"={across.named}",
                "values": f"={up.named}",
                "line": {"color": colour, "dash_type": dash, "width": width},
                "marker": {"type": "none"},
            }
        )
    chart.show_blanks_as("gap")
    chart.set_title({"name": "Demand, and what will be asked for", "name_font": {"size": 12, "bold": True}})
    chart.set_x_axis({"name": "period", "num_font": _AXIS_FONT, "name_font": _AXIS_FONT, "min": 1,
                      "major_gridlines": {"visible": False}})  # fmt: skip
    chart.set_y_axis({"name": "units", "num_format": "#,##0", "num_font": _AXIS_FONT, "name_font": _AXIS_FONT,
                      "min": 0, "major_gridlines": _GRID})  # fmt: skip
    chart.set_legend({"position": "bottom", "font": _AXIS_FONT})
    chart.set_plotarea({"layout": {"x": 0.1, "y": 0.1, "width": 0.86, "height": 0.68}})
    chart.set_size({"width": 640, "height": 420})
    return chart
