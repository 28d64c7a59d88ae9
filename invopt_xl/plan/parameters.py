"""Parameters of a plan: name, type, default, unit and help, declared once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from invopt_xl.domain import Calendar, Period


@dataclass(frozen=True)
class Parameters:
    """Everything a plan assumes beyond its tables; rows of ``tblParameters``.

    Each field's metadata holds its unit, its help and its bounds; `plan.quality` reads and checks them.
    """

    plan_date: date = field(
        metadata={"unit": "date", "help": "The plan is made for this day; demand before it is history."}
    )
    period: Period = field(
        default="week",
        metadata={"unit": "", "help": "Length of a planning period.", "choices": ("day", "week", "month")},
    )
    horizon_periods: int = field(
        default=13,
        metadata={"unit": "periods", "help": "How far orders are planned.", "minimum": 1, "maximum": 104},
    )
    service_target: float = field(
        default=0.95,
        metadata={
            "unit": "share",
            "help": "Service target of items that have none of their own; with service_goal overall, of all together.",
            "minimum": 0.01,
            "maximum": 0.9999,
        },
    )
    service_measure: Literal["cycle", "fill", "ready", "cost"] = field(
        default="cycle",
        metadata={
            "unit": "",
            "help": "cycle: no stock-out in a cycle; fill: share of demand met; ready: periods ending with stock; "
            "cost: least cost.",
            "choices": ("cycle", "fill", "ready", "cost"),
        },
    )
    service_goal: Literal["items", "classes", "overall"] = field(
        default="items",
        metadata={
            "unit": "",
            "help": "items: each item its target; classes: by value and criticality; overall: one fill rate, least "
            "stock money.",
            "choices": ("items", "classes", "overall"),
        },
    )
    service_weight: Literal["value", "units", "lines"] = field(
        default="value",
        metadata={
            "unit": "",
            "help": "What the overall fill rate counts: sales value, units, or lines: items by their chance of a sale.",
            "choices": ("value", "units", "lines"),
        },
    )
    holding_rate: float = field(
        default=0.25,
        metadata={
            "unit": "per year",
            "help": "Cost of holding stock, share of its value.",
            "minimum": 0,
            "maximum": 5,
        },
    )
    order_cost: float = field(
        default=2.0,
        metadata={
            "unit": "money per line",
            "help": "Cost of an order line of items that have none of their own.",
            "minimum": 0,
        },
    )
    shortage: Literal["lost", "backorder"] = field(
        default="lost",
        metadata={
            "unit": "",
            "help": "What happens to demand that meets no stock.",
            "choices": ("lost", "backorder"),
        },
    )
    budget: float | None = field(
        default=None,
        metadata={
            "unit": "money per period",
            "help": "Most that may be ordered in a period, at list price before discounts; blank: no limit.",
            "minimum": 0,
        },
    )
    storage_volume: float | None = field(
        default=None,
        metadata={
            "unit": "volume",
            "help": "Room for stock, once a period's receipts are in and before its sales; blank: no limit.",
            "minimum": 0,
        },
    )
    working_capital: float | None = field(
        default=None,
        metadata={
            "unit": "money",
            "help": "Most money, at cost, in stock at the end of a period; blank: no limit.",
            "minimum": 0,
        },
    )
    frozen_periods: int = field(
        default=0,
        metadata={
            "unit": "periods",
            "help": "Periods from now on in which nothing is ordered but overrides.",
            "minimum": 0,
            "maximum": 104,
        },
    )
    currency: str = field(default="", metadata={"unit": "", "help": "Currency of all money."})
    missing_periods: Literal["zero", "unknown"] = field(
        default="zero",
        metadata={
            "unit": "",
            "help": "A period without a row: zero demand, or unknown.",
            "choices": ("zero", "unknown"),
        },
    )
    minimum_history_months: float = field(
        default=18,
        metadata={
            "unit": "months",
            "help": "Shorter histories are named in the quality report.",
            "minimum": 0,
        },
    )
    maximum_missing_share: float = field(
        default=0.05,
        metadata={
            "unit": "share",
            "help": "Histories with more periods missing are named in the quality report.",
            "minimum": 0,
            "maximum": 1,
        },
    )
    excess_cover_days: float = field(
        default=91,
        metadata={
            "unit": "days",
            "help": "Stock above the order-up-to level, any of a phase-out item, is excess where it lasts longer.",
            "minimum": 1,
        },
    )
    forecast_engine: Literal["statsforecast", "pmdarima"] = field(
        default="statsforecast",
        metadata={
            "unit": "",
            "help": "Engine of the ARIMA models.",
            "choices": ("statsforecast", "pmdarima"),
        },
    )
    solver_seconds: float = field(
        default=15,
        metadata={
            "unit": "seconds",
            "help": "Time limit of the order plan.",
            "minimum": 0.1,
            "maximum": 3600,
        },
    )
    solver_gap: float = field(
        default=0.01,
        metadata={
            "unit": "share",
            "help": "The order plan is good enough within this share of the cheapest.",
            "minimum": 0,
            "maximum": 1,
        },
    )

    @property
    def calendar(self) -> Calendar:
        """Periods counted from the plan date."""
        return Calendar(self.plan_date, self.period)
