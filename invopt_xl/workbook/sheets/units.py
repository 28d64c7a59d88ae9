"""What the numbers of a column count, as it stands above the column's header.

Headers are names, the same in workbooks, files and notebooks; so their units stand in a line of their own.
"""

from __future__ import annotations

from collections.abc import Mapping

from invopt_xl.plan.as_read import PRINTS
from invopt_xl.plan.columns import Column

_UNITS, _MONEY, _DAYS, _SHARE = "units", "money", "days", "%"

_BY_NAME: Mapping[str, str] = {
    "unit_cost": "money a unit",
    "unit_price": "money a unit",
    "shortage_cost": "money a unit",
    "transfer_cost": "money a unit",
    "holding_rate": "% a year",
    "capacity_units": "units a period",
    "demand_per_period": "units a period",
    "unit_volume": "volume a unit",
    "customer_weight": "weight",
    "holding_cost": "money a year",
    "seconds": "seconds",
    "best_mix": _MONEY,
    "one_target": _MONEY,
    "today": _MONEY,
    "plan": _MONEY,
    "proposal_cost": _MONEY,
    "override_cost": _MONEY,
    "value_added": _MONEY,
    "expected_write_off": _MONEY,
    "cash": _MONEY,
    "purchase_avoided": _MONEY,
    "saved_holding": _MONEY,
    "avoided_write_off": _MONEY,
    "action_cost": _MONEY,
    "gain": _MONEY,
    "cumulative_gain": _MONEY,
    "stockout_probability": _SHARE,
    "expected_fill_rate": _SHARE,
    "discount_rate": _SHARE,
    "solver_gap": _SHARE,
    "demand_change": _SHARE,
}
_IN_TABLE: Mapping[tuple[str, str], str] = {
    ("items", "order_cost"): "money a line",
    ("suppliers", "order_cost"): "money an order",
    ("lanes", "order_cost"): "money a shipment",
    ("orders", "value"): _MONEY,
    ("supplier_orders", "value"): _MONEY,
    ("kpis", "value"): "",
    ("segments", "forecast_error"): "of the mean",
    ("markdown", "price"): "money a unit",
    ("price_response", "usual_price"): "money a unit",
    ("price_response", "price_changes"): "periods",
    **{("price_response", name): "" for name in ("elasticity", "elasticity_low", "elasticity_high")},
    **{("markdown_summary", f"{name}price"): "money a unit" for name in ("", "lowest_", "constant_", "end_")},
    **{("markdown_summary", name): _MONEY for name in ("gain", "gain_low", "gain_high", "other_gain")},
    **{("markdown_summary", f"cash_{name}"): _MONEY for name in ("no_action", "constant", "path")},
    ("log", "overrides"): "",
    **{("log", name): "" for name in PRINTS},
    **{("money", name): "money" for name in ("working_capital", "cash", "gain")},
    **{("money", name): "money a year" for name in ("carrying_cost", "sales_value", "gross_margin")},
    ("money", "turns"): "a year",
    ("money", "gmroi"): "a year",
    ("money", "out_of_stock"): "items",
    **{("forecast_trust", name): "money a year" for name in ("error_cost", "simple_cost")},
    ("forecast_trust", "windows"): "",
    **{("demand_review", f"{name}_periods"): "periods" for name in ("history", "promoted", "out_of_stock", "missing")},
    **{("demand_review", name): "periods" for name in ("unknown_periods", "outliers")},
    **{("demand_review", f"{name}_demand"): "units a period" for name in ("mean", "recent", "earlier")},
    ("demand_review", "season"): "",
    ("service_cost", "least_carrying_cost"): "money a year",
    ("service_cost", "carrying_per_point"): "money a year",
    ("service_cost", "margin_per_point"): "money a year",
    ("service_cost", "stock_per_point"): "money",
    ("service_cost", "one_target_per_point"): "money",
}
_COUNTS = {
    "rank",
    "row",
    "count",
    "items",
    "lines",
    "order_lines",
    "item_rows",
    "rejected_rows",
    "hopped",
    "class_changes",
}
"""Headers that say themselves what they count."""


def unit_of(table: str, column: Column) -> str:
    """Return the unit of a column's numbers; blank where there is none, or the header is it.

    Parameters
    ----------
    table
        Stem of its table.
    column
        The column.

    Examples
    --------
    >>> unit_of("orders", Column("quantity", "number")), unit_of("orders", Column("discount_rate", "number"))
    ('units', '%')
    """
    if column.kind != "number" or column.name in _COUNTS:
        return ""
    name = column.name.removesuffix("_before").removesuffix("_change") if table == "previous" else column.name
    given = _IN_TABLE.get((table, name), _BY_NAME.get(name))
    if given is not None:
        return given
    if column.share:
        return _SHARE
    endings = {"_days": _DAYS, "_value": _MONEY, "value_at_stake": _MONEY}
    return next((unit for ending, unit in endings.items() if name.endswith(ending)), _UNITS)
