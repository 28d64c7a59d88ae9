"""Checks that a workbook makes by itself, as formulas, beside those of a refresh."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from invopt_xl.plan import columns as contract
from invopt_xl.plan.quality.overriding import NOT_FOLLOWED
from invopt_xl.workbook.sheets.formulas import column

if TYPE_CHECKING:
    from invopt_xl.workbook.sheets.builder import SheetBuilder


class NativeCheck(NamedTuple):
    """A check: what must be so, the formula of its result (OK, CHECK, or blank), and that of the figures."""

    name: str
    result: str
    detail: str


def native_checks(builder: SheetBuilder) -> list[NativeCheck]:
    """Return the checks that the workbook's tables allow: none without results, and one without a plan."""
    if not builder.has(contract.CHECKS):
        return []
    checks = [_refreshed()]
    if not builder.has(contract.PLAN):
        return checks
    if builder.has(contract.ITEMS) and builder.has(contract.LOG):
        checks += [_same_items(), _same_stock()]
    if builder.has(contract.PARAMETERS) and builder.has(contract.FORECAST):
        checks.append(_same_day())
    if builder.has(contract.ORDERS):
        checks.append(_orders_add_up(builder))
    return [*checks, _overrides_planned(builder)]


def _planned() -> str:
    return f"COUNT({column(contract.PLAN, 'on_hand')})"


def _when_planned(condition: str) -> str:
    return f'=IF({_planned()}=0,"",IF({condition},"OK","CHECK"))'


def _both(left: str, right: str, decimals: str = "0") -> str:
    return f'=IF({_planned()}=0,"",FIXED({left},{decimals})&" and "&FIXED({right},{decimals}))'


def _as_read(name: str) -> str:
    """Return what the last refresh read, from the last row of its log."""
    cells = column(contract.LOG, name)
    return f"INDEX({cells},ROWS({cells}))"


def _filled(cells: str) -> str:
    """Count cells that hold anything, as `plan.as_read` does: a formula's empty text is nothing."""
    return f"(ROWS({cells})-COUNTBLANK({cells}))"


def _total(cells: str) -> str:
    """Sum numbers up; beside an error, SUM would be one."""
    return f'(SUMIFS({cells},{cells},">0")+SUMIFS({cells},{cells},"<0"))'


def _unchanged(name: str, now: str, read: str, decimals: str, unit: str) -> NativeCheck:
    """Compare what stands in the workbook now with what the last refresh read of it, rejected rows among it."""
    shown, before = _fixed(now, decimals), _fixed(read, decimals)
    differs = f'"refresh needed: "&{shown}&" now, "&{before}&" then"'
    same = f"ROUND({now}-{read},{decimals})=0"
    return NativeCheck(name, _when_planned(same), f'=IF({_planned()}=0,"",IF({same},{shown}&" {unit}",{differs}))')


def _fixed(number: str, decimals: str) -> str:
    """Return a number as text, a whole one without decimals."""
    if decimals != "0":
        decimals = f"IF(ROUND({number},{decimals})=ROUND({number},0),0,{decimals})"
    return f"FIXED({number},{decimals})"


def _refreshed() -> NativeCheck:
    """Roll up the checks of the last refresh; one that never was is a CHECK."""
    results = column(contract.CHECKS, "result")
    failed = f'COUNTIF({results},"CHECK")'
    never = f"COUNTA({results})<=1"
    return NativeCheck(
        "Checks of the last refresh hold",
        f'=IF({failed}=0,"OK","CHECK")',
        f'=IF({never},"not refreshed yet: run invopt refresh",IF({failed}=0,"all of them",'
        f'({failed}-1)&" to look at: see the sheet Checks"))',
    )


def _same_items() -> NativeCheck:
    now = _filled(column(contract.ITEMS, "item"))
    return _unchanged("Items are those of the last refresh", now, _as_read("item_rows"), "0", "rows")


def _same_stock() -> NativeCheck:
    """Compare stock; where sums of units are large, equal means equal to rounding."""
    now = _total(column(contract.ITEMS, "on_hand"))
    return _unchanged("Stock on hand is that of the last refresh", now, _as_read("stock"), "1", "units")


def _same_day() -> NativeCheck:
    first = f"MIN({column(contract.FORECAST, 'date')})"
    return NativeCheck(
        "Plan date is that of the last refresh",
        _when_planned(f"OR(NOT(ISNUMBER(plan_date)),plan_date={first})"),
        f'=IF({_planned()}=0,"",IF(ISNUMBER(plan_date),"as in Parameters","left to the program"))',
    )


def _orders_add_up(builder: SheetBuilder) -> NativeCheck:
    """Compare lines of the plan date with the plan's value of what is ordered now; transfers cost extra, not here."""
    table = contract.ORDERS
    day, supplier = column(table, "order_date"), column(table, "supplier")
    date = f"MIN({column(contract.FORECAST, 'date')})" if builder.has(contract.FORECAST) else f"MIN({day})"
    lines = f'SUMIFS({column(table, "value")},{day},"<="&{date},{supplier},"<>from *")'
    plan = f"SUM({column(contract.PLAN, 'order_value')})"
    tolerance = "money_tolerance" if builder.has(contract.KPIS) else "1"
    return NativeCheck(
        "Order lines of the plan date add up to the plan",
        _when_planned(f"ABS({lines}-{plan})<={tolerance}"),
        _both(lines, plan),
    )


def _overrides_planned(builder: SheetBuilder) -> NativeCheck:
    """Count overrides that were typed or corrected since the last refresh; and see whether any was cleared.

    One typed for now differs from what is ordered now. Those that the refresh did not follow do so as well: they count
    only once they look as if they could be followed.
    """
    names = ("item", "override_quantity", "order_quantity", "exception", "override_date", "on_hand")
    item, typed, planned, told, day, stock = (column(contract.PLAN, name) for name in names)
    refused = f'({told}="{NOT_FOLLOWED}")'
    new = f'({item}<>"")*({typed}<>"")*({told}<>"{NOT_FOLLOWED}")*({day}="")*({typed}&""<>{planned}&"")'
    corrected = f"{refused}*ISNUMBER({stock})*ISNUMBER({typed})*({typed}>=0)*{_possible(builder, day)}"
    waiting = f"SUMPRODUCT({new}+{corrected})"
    changed = f"{waiting}>0"
    if builder.has(contract.LOG):
        counts = f"{_filled(typed)}<>{_as_read('overrides')}"
        changed = f"OR({changed},{counts},ROUND({_total(typed)}-{_as_read('override_units')},1)<>0)"
    ignored = f"SUMPRODUCT({refused}*1)"
    detail = (
        f'IF({changed},"refresh needed: overrides were changed",'
        f'IF({ignored}=0,"as in the plan",{ignored}&" not followed: see the Plan"))'
    )
    return NativeCheck(
        "Overrides are those of the last refresh",
        f'=IF({_planned()}=0,"",IFERROR(IF({changed},"CHECK","OK"),"CHECK"))',
        f'=IF({_planned()}=0,"",IFERROR({detail},"an override is an error: correct it"))',
    )


def _possible(builder: SheetBuilder, day: str) -> str:
    """Tell by row whether an override may be of its day: none, or one of the horizon."""
    if not builder.has(contract.FORECAST):
        return f'({day}="")'
    first, last = (f"{extreme}({column(contract.FORECAST, 'date')})" for extreme in ("MIN", "MAX"))
    return f'(({day}="")+ISNUMBER({day})*({day}>={first})*({day}<={last}))'
