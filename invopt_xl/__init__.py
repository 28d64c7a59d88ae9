"""invopt_xl: an inventory workbook that says what to order, when, from whom and why.

A tour, from the top floor down
-------------------------------
Whole plans, from files or from frames:

- `refresh_workbook` refreshes a plan workbook; `plan_folder` does the same for CSV or Parquet tables.
- `read_tables` and `write_tables` read a workbook's tables and write results back without touching anything else.
- `run` is the pipeline: tables in, `PlanResult` out. `admit` checks the data alone.
- `grocery_tables` is a grocer's real year of sales to try it on.

The mathematics, one call each:

- `forecast` and `forecast_many` turn histories into a `Forecast`, a distribution for each coming period;
  `forecast_panel` does so from rows of demand to rows of forecasts. `Regressors` are prices, promotions and calendar
  days that explain demand; `clean_history` shows what a model learns from; `demand_pattern` says which kind of demand
  a history shows; `walk_forward` judges methods on the past.
- `stock_levels` sets safety stock, reorder point and order-up-to level from a `ReplenishmentCycle`, that is from
  `CumulativeDemand` and `lead_times`; `economic_order_quantity` gives the lot.
- `plan_orders` solves an `OrderProblem` into an `OrderPlan` with a proven gap.

Around them: `Calendar` counts periods from the plan date, `ContentCache` keeps what was computed, and every error
meant for a person is an `InvoptError`.

Names are loaded when first used, so importing the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from invopt_xl.cache import ContentCache
    from invopt_xl.demo import grocery_tables
    from invopt_xl.domain import Calendar, Forecast
    from invopt_xl.errors import InvoptError
    from invopt_xl.forecasting import Regressors, clean_history, demand_pattern, forecast, forecast_many
    from invopt_xl.forecasting.backtest.walk import walk_forward
    from invopt_xl.forecasting.panel.forecasts import forecast_panel
    from invopt_xl.optimise import OrderPlan, OrderProblem, plan_orders
    from invopt_xl.plan.pipeline import PlanResult, run
    from invopt_xl.plan.quality import admit
    from invopt_xl.policy import (
        CumulativeDemand,
        ReplenishmentCycle,
        economic_order_quantity,
        lead_times,
        stock_levels,
    )
    from invopt_xl.workbook import read_tables, write_tables
    from invopt_xl.workbook.refresh import plan_folder, refresh_workbook

_HOMES = {
    "Calendar": "domain",
    "ContentCache": "cache",
    "CumulativeDemand": "policy",
    "Forecast": "domain",
    "InvoptError": "errors",
    "OrderPlan": "optimise",
    "OrderProblem": "optimise",
    "PlanResult": "plan.pipeline",
    "Regressors": "forecasting",
    "ReplenishmentCycle": "policy",
    "admit": "plan.quality",
    "clean_history": "forecasting",
    "demand_pattern": "forecasting",
    "economic_order_quantity": "policy",
    "forecast": "forecasting",
    "forecast_many": "forecasting",
    "forecast_panel": "forecasting.panel.forecasts",
    "grocery_tables": "demo",
    "lead_times": "policy",
    "plan_folder": "workbook.refresh",
    "plan_orders": "optimise",
    "read_tables": "workbook",
    "refresh_workbook": "workbook.refresh",
    "run": "plan.pipeline",
    "stock_levels": "policy",
    "walk_forward": "forecasting.backtest.walk",
    "write_tables": "workbook",
}

__all__ = [
    "Calendar",
    "ContentCache",
    "CumulativeDemand",
    "Forecast",
    "InvoptError",
    "OrderPlan",
    "OrderProblem",
    "PlanResult",
    "Regressors",
    "ReplenishmentCycle",
    "admit",
    "clean_history",
    "demand_pattern",
    "economic_order_quantity",
    "forecast",
    "forecast_many",
    "forecast_panel",
    "grocery_tables",
    "lead_times",
    "plan_folder",
    "plan_orders",
    "read_tables",
    "refresh_workbook",
    "run",
    "stock_levels",
    "walk_forward",
    "write_tables",
]


def __getattr__(name: str) -> Any:
    """Load a public name from its room when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names with what is loaded."""
    return sorted({*globals(), *__all__})
