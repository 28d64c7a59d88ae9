"""The data contract: every table, every column, its type, unit, default and bounds, declared once.

Quality checks, workbook templates, folders of CSV files and the documentation all read this module.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from invopt_xl.plan.columns.customers import ACCOUNTS, CUSTOMER_ITEMS, CUSTOMER_SEGMENTS, CUSTOMERS, SALES
from invopt_xl.plan.columns.early_warning import (
    EARLY_WARNING,
    ENDED_ITEMS,
    WARNING_LIFT,
    WARNING_RELIABILITY,
    WARNING_TRIAL,
)
from invopt_xl.plan.columns.inputs import (
    DEMAND,
    DISCOUNTS,
    ITEMS,
    LANES,
    OPEN_ORDERS,
    PARAMETERS,
    RECEIPTS,
    SOURCES,
    SUPPLIERS,
)
from invopt_xl.plan.columns.making import DEFAULT_LOCATION
from invopt_xl.plan.columns.markdown import MARKDOWN, MARKDOWN_SUMMARY, PRICE_RESPONSE
from invopt_xl.plan.columns.money import MONEY, SERVICE_COST
from invopt_xl.plan.columns.results import (
    BUFFERS,
    CHANGE_PERIODS,
    CHECKS,
    CLASSES,
    EXCEPTIONS,
    FORECAST,
    KINDS,
    KPIS,
    LOG,
    ORDER_CHANGES,
    ORDER_COSTS,
    ORDER_ITEMS,
    ORDER_LIMITS,
    ORDER_SHORTFALLS,
    ORDERS,
    PLAN,
    PROJECTION,
    QUALITY,
    TREND,
    TREND_PERIODS,
    WORST,
)
from invopt_xl.plan.columns.reviews import ACCURACY, FORECAST_REVIEW, OVERRIDES, PREVIOUS, PREVIOUS_FIGURES
from invopt_xl.plan.columns.views import ACTIONS, CURVE, EXCESS, MATRIX, SEGMENTS, SUPPLIER_ORDERS
from invopt_xl.plan.schema import CellFault, Column, Kind, Table, Tables

__all__ = [
    "ACCOUNTS",
    "ACCURACY",
    "ACTIONS",
    "BESIDE",
    "BUFFERS",
    "BY_STEM",
    "CHANGE_PERIODS",
    "CHECKS",
    "CLASSES",
    "CURVE",
    "CUSTOMERS",
    "CUSTOMER_ITEMS",
    "CUSTOMER_OUTPUTS",
    "CUSTOMER_SEGMENTS",
    "DEFAULT_LOCATION",
    "DEMAND",
    "DISCOUNTS",
    "EARLY_WARNING",
    "ENDED_ITEMS",
    "EXCEPTIONS",
    "EXCESS",
    "FORECAST",
    "FORECAST_REVIEW",
    "INPUTS",
    "ITEMS",
    "KINDS",
    "KPIS",
    "LANES",
    "LOG",
    "MARKDOWN",
    "MARKDOWN_OUTPUTS",
    "MARKDOWN_SUMMARY",
    "MATRIX",
    "MONEY",
    "OPEN_ORDERS",
    "ORDERS",
    "ORDER_CHANGES",
    "ORDER_COSTS",
    "ORDER_ITEMS",
    "ORDER_LIMITS",
    "ORDER_OUTPUTS",
    "ORDER_SHORTFALLS",
    "OUTPUTS",
    "OVERRIDES",
    "PARAMETERS",
    "PLAN",
    "PREVIOUS",
    "PREVIOUS_FIGURES",
    "PRICE_RESPONSE",
    "PROJECTION",
    "QUALITY",
    "READING",
    "RECEIPTS",
    "SALES",
    "SEGMENTS",
    "SERVICE_COST",
    "SOURCES",
    "SUPPLIERS",
    "SUPPLIER_ORDERS",
    "TREND",
    "TREND_PERIODS",
    "WARNING_LIFT",
    "WARNING_RELIABILITY",
    "WARNING_TRIAL",
    "WORST",
    "CellFault",
    "Column",
    "Kind",
    "Table",
    "Tables",
    "empty",
]

INPUTS = (ITEMS, DEMAND, SUPPLIERS, DISCOUNTS, SOURCES, LANES, OPEN_ORDERS, RECEIPTS, PARAMETERS)
"""Tables read by a refresh. So are `PLAN` and `EXCESS`, for the planner's columns, `BUFFERS`, to say what changed, and
`ACCURACY`, `FORECAST_REVIEW`, `OVERRIDES` and `LOG`, which grow."""

OUTPUTS = (
    *(PLAN, ORDERS, EXCEPTIONS, BUFFERS, FORECAST, KPIS, CHECKS, PROJECTION, WORST, CLASSES, KINDS, QUALITY, LOG),
    *(ACCURACY, FORECAST_REVIEW, OVERRIDES),
    *(ORDER_ITEMS, SEGMENTS, MATRIX, EXCESS, ACTIONS, SUPPLIER_ORDERS, CURVE, PREVIOUS, MONEY, SERVICE_COST),
)
"""Tables written by a refresh. Those of the last line are made where somebody wants them: see `plan.views`."""

READING = "reading"
"""Among the tables of a source: what reading it has to say, rows of `QUALITY`. Not there where that is nothing."""

ORDER_OUTPUTS = (ORDERS, ORDER_COSTS, ORDER_LIMITS, ORDER_ITEMS, ORDER_SHORTFALLS, ORDER_CHANGES, QUALITY)
"""Tables written by an order plan alone."""

MARKDOWN_OUTPUTS = (MARKDOWN, MARKDOWN_SUMMARY, PRICE_RESPONSE)
"""Tables that marking down makes."""

BESIDE = (SALES, ACCOUNTS)
"""Tables that an analysis of customers reads, from a workbook, its folder or files beside it; no refresh does."""

CUSTOMER_OUTPUTS = (CUSTOMERS, CUSTOMER_ITEMS, CUSTOMER_SEGMENTS)
"""Tables that an analysis of customers makes."""

BY_STEM: Mapping[str, Table] = {
    table.stem: table for table in (*INPUTS, *OUTPUTS, *ORDER_OUTPUTS, *BESIDE, *CUSTOMER_OUTPUTS)
}


def empty(table: Table) -> pd.DataFrame:
    """Return the table without rows."""
    return pd.DataFrame({name: pd.Series(dtype="object") for name in table.column_names})
