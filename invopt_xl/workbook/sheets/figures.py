"""The figures of the sheet Workings: cells with names, which the Dashboard and the rules of colours read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invopt_xl.plan import columns as contract
from invopt_xl.workbook.sheets.formulas import blank_if_error, column, look_up, same, when

if TYPE_CHECKING:
    from invopt_xl.workbook.sheets.builder import SheetBuilder

Figure = tuple[str, str, str]
"""A name of the workbook, its formula, and what it is."""


def figures_of(builder: SheetBuilder) -> list[Figure]:
    """Return the named figures, in an order in which each stands on those before it."""
    return [*_plan_figures(builder), *_order_figures(builder), *_exception_figures(builder), *_choice_figures(builder)]


def _plan_figures(builder: SheetBuilder) -> list[Figure]:
    plan, kpis = contract.PLAN, contract.KPIS
    dates = [column(table, "date") for table in (contract.FORECAST, contract.ORDER_ITEMS) if builder.has(table)]
    first = f"MIN({dates[0]})" if dates else "plan_date" if builder.has(contract.PARAMETERS) else '""'
    known = f"COUNT({dates[0]})>0" if dates else "1=1"

    def figure(*names: str) -> str:
        if not builder.has(kpis):
            return '=""'
        best = look_up(kpis, names[-1], "name", "value")
        for name in reversed(names[:-1]):
            best = f"IFERROR({look_up(kpis, name, 'name', 'value')},{best})"
        return blank_if_error(best)

    unit = look_up(kpis, "Stock on hand", "name", "unit")
    usual, overall = "Expected fill rate", "Overall fill rate"
    is_overall = f"ISNUMBER({look_up(kpis, overall, 'name', 'value')})" if builder.has(kpis) else "1=0"
    fill_label = f'=IF({is_overall},"{overall}","{usual}")'
    return [
        ("items_planned", f"=COUNT({column(plan, 'on_hand')})", "Items with a plan; 0 before the first refresh."),
        ("plan_day", when(known, first), "Plan date of the last refresh."),
        ("due_limit", when("ISNUMBER(plan_day)", "plan_day+days_ahead"), "Orders before this day are due."),
        ("money_unit", blank_if_error(unit) if builder.has(kpis) else '=""', "Unit of money."),
        ("money_word", '=IF(money_unit="","money",money_unit)', "What stands behind figures of money."),
        ("fill_rate", figure(overall, usual), "%; overall where that is the goal."),
        ("fill_label", fill_label, "Which of the two that is."),
        ("fill_target", figure("Overall service target", "Average service target"), "%; what it is to be."),
        ("stock_money", figure("Stock on hand"), "Stock on hand at cost, money."),
        ("stock_turns", figure("Stock turns"), "Turns a year."),
        ("cover_days", figure("Cover"), "Days that all stock lasts."),
        ("order_money", figure("On order"), "Open orders at cost, money."),
        ("excess_money", when("items_planned>0", f"SUM({column(plan, 'excess_value')})"), "Excess at cost, money."),
        (
            "excess_items",
            when("items_planned>0", f'COUNTIFS({column(plan, "excess_value")},">0")'),
            "Items with excess.",
        ),
        ("excess_share", when("items_planned>0", "excess_money/stock_money"), "Excess over stock on hand."),
    ]


def _order_figures(builder: SheetBuilder) -> list[Figure]:
    if not builder.has(contract.ORDERS):
        return [(name, '=""', "Not in this workbook.") for name in ("due_lines", "due_money", "due_suppliers")]
    day, value = column(contract.ORDERS, "order_date"), column(contract.ORDERS, "value")
    due = '"<"&due_limit'
    suppliers = '=""'
    if builder.has(contract.SUPPLIER_ORDERS):
        cells = column(contract.SUPPLIER_ORDERS, "order_date")
        suppliers = when(f"AND(ISNUMBER(due_limit),COUNT({cells})>0)", f"COUNTIFS({cells},{due})")
    known = "ISNUMBER(due_limit)"
    return [
        ("due_lines", when(known, f"COUNTIFS({day},{due})"), "Order lines that are due."),
        ("due_money", when(known, f"SUMIFS({value},{day},{due})"), "What they cost, money."),
        ("due_suppliers", suppliers, "Orders with suppliers that are due."),
    ]


def _exception_figures(builder: SheetBuilder) -> list[Figure]:
    names = ("critical", "warning", "notice")
    if not builder.has(contract.EXCEPTIONS):
        return [
            (name, '=""', "Not in this workbook.")
            for name in (*(f"{one}_count" for one in names), "risk_money", "risk_items")
        ]
    severity, kind = column(contract.EXCEPTIONS, "severity"), column(contract.EXCEPTIONS, "kind")
    stake = column(contract.EXCEPTIONS, "value_at_stake")
    out, likely = f'{kind},"stock-out"', f'{kind},"stock-out likely"'
    return [
        *(
            (f"{one}_count", when("items_planned>0", f'COUNTIFS({severity},"{one}")'), f"Exceptions that are {one}.")
            for one in names
        ),
        (
            "risk_money",
            when("items_planned>0", f"SUMIFS({stake},{out})+SUMIFS({stake},{likely})"),
            "At stake in stock-outs now or likely, money.",
        ),
        ("risk_items", when("items_planned>0", f"COUNTIFS({out})+COUNTIFS({likely})"), "Items of these."),
    ]


def _choice_figures(builder: SheetBuilder) -> list[Figure]:
    item, location = column(contract.PLAN, "item"), column(contract.PLAN, "location")
    worst = column(contract.WORST, "item") if builder.has(contract.WORST) else item
    worst_place = column(contract.WORST, "location") if builder.has(contract.WORST) else location
    urgent = f'IF(COUNTA({worst})=0,INDEX({item},1),INDEX({worst},1))&""'
    first = f'INDEX({location},SUMPRODUCT(MATCH(1,{same(item, "chosen_item")}*1,0)))&""'
    urgent_place = f'IF(COUNTA({worst})=0,INDEX({location},1),INDEX({worst_place},1))&""'
    both = f"{same(item, 'chosen_item')}*{same(location, 'chosen_location')}"
    return [
        ("urgent_item", when("items_planned>0", urgent), "The first to look at."),
        ("urgent_location", when("items_planned>0", urgent_place), "Where that is."),
        (
            "chosen_item",
            when("items_planned>0", 'IF(item_choice<>"",item_choice&"",urgent_item)'),
            "Of the Dashboard; without a choice the most urgent.",
        ),
        (
            "usual_location",
            when("items_planned>0", f"IF({same('chosen_item', 'urgent_item')},urgent_location,{first})"),
            "The most urgent of the most urgent item, the first of others.",
        ),
        (
            "chosen_location",
            when("items_planned>0", 'IF(location_choice<>"",location_choice&"",usual_location)'),
            "Of the Dashboard; without a choice the usual one.",
        ),
        (
            "chosen_row",
            f"=IF(items_planned=0,0,IFERROR(SUMPRODUCT(MATCH(1,{both},0)),0))",
            "Its row in the plan; 0: not there.",
        ),
    ]
