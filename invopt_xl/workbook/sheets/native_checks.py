"""Checks that a workbook makes by itself, as formulas, beside those of a refresh."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from invopt_xl.plan import columns as contract
from invopt_xl.workbook.sheets.formulas import column

if TYPE_CHECKING:
    from invopt_xl.workbook.template import SheetBuilder


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
    if builder.has(contract.ITEMS):
        checks += [_same_items(), _same_stock()]
    if builder.has(contract.PARAMETERS) and builder.has(contract.FORECAST):
        checks.append(_same_day())
    if builder.has(contract.ORDERS):
        checks.append(_orders_add_up(builder))
    return [*checks, _overrides_planned()]


def _planned() -> str:
    return f"COUNT({column(contract.PLAN, 'on_hand')})"


def _when_planned(condition: str) -> str:
    return f'=IF({_planned()}=0,"",IF({condition},"OK","CHECK"))'


def _both(left: str, right: str, decimals: str = "0") -> str:
    return f'=IF({_planned()}=0,"",FIXED({left},{decimals})&" and "&FIXED({right},{decimals}))'


def _refreshed() -> NativeCheck:
    """Roll up the checks of the last refresh; one that never was is a CHECK."""
    results = column(contract.CHECKS, "result")
    failed = f'COUNTIF({results},"CHECK")'
    never = f"COUNTA({results})<=1"
    return NativeCheck(
        "Checks of the last refresh hold",
        f'=IF({failed}=0,"OK","CHECK")',
        f'=IF({never},"not refreshed yet: run invopt refresh",IF({failed}=0,"all of them",'
        f'"see the sheet Checks: "&INDEX({column(contract.CHECKS, "detail")},1)))',
    )


def _same_items() -> NativeCheck:
    rows = f"COUNTA({column(contract.ITEMS, 'item')})"
    return NativeCheck(
        "Items are those of the last refresh", _when_planned(f"{rows}={_planned()}"), _both(rows, _planned())
    )


def _same_stock() -> NativeCheck:
    """Compare stock; where sums of units are large, equal means equal to rounding."""
    now, then = (f"SUM({column(table, 'on_hand')})" for table in (contract.ITEMS, contract.PLAN))
    return NativeCheck(
        "Stock on hand is that of the last refresh",
        _when_planned(f"ROUND({now}-{then},1)=0"),
        _both(now, then, "1"),
    )


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


def _overrides_planned() -> NativeCheck:
    """Count overrides that differ from what is ordered now: typed since, and not planned with yet."""
    names = ("override_quantity", "order_quantity", "override_date")
    typed, planned, later = (column(contract.PLAN, name) for name in names)
    waiting = f'SUMPRODUCT(({typed}<>"")*({typed}<>{planned})*({later}=""))'
    return NativeCheck(
        "Overrides are in the plan",
        _when_planned(f"{waiting}=0"),
        f'=IF({_planned()}=0,"",IF({waiting}=0,"none waits",{waiting}&" wait for a refresh"))',
    )
