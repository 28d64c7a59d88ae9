"""invopt_xl: an inventory workbook that says what to order, when, from whom and why.

A tour, from the top floor down
-------------------------------
Whole plans, from files or from frames:

- `refresh_workbook` refreshes a plan workbook; `plan_folder` does the same for CSV or Parquet tables.
- `read_tables` and `write_tables` read a workbook's tables and write results back without touching anything else.
- `open_plan` opens a plan in a notebook: its tables, its plan, and the way back into the workbook.
- `run` is the pipeline: tables in, a plan out. `admit` checks the data alone.
- `grocery_tables` is a grocer's real year of sales to try it on.

Whether it would have been better, and what would be:

- `replay_tables` answers a `Question`: stock policies on the last part of real history, with what was known by then.
- `compare` sets each `Scenario` (lead times halve, a supplier fails, 99% is asked for) beside today, plan and replay.

The mathematics, one call each:

- `forecast` and `forecast_many` turn histories into a `Forecast`, a distribution for each coming period;
  `forecast_panel` does so from rows of demand to rows of forecasts. `Regressors` are prices, promotions and calendar
  days that explain demand; `walk_forward` judges methods on the past.
- `stock_levels` sets safety stock, reorder point and order-up-to level from a `ReplenishmentCycle`, that is from
  `CumulativeDemand` and `lead_times`; `economic_order_quantity` gives the lot.
- `ServiceExchange` gives `MixItems` the service that meets an overall fill rate with the least stock money, and the
  whole exchange curve.
- `newsvendor` is exact for one order. The room ``invopt_xl.policy`` has the others: (s, S), (r, Q), lot sizes with
  discounts, over time and joint, and two suppliers.
- `plan_orders` solves an `OrderProblem` into an order plan with a proven gap.

Around them: `ContentCache` keeps what was computed, and every error meant for a person is an `InvoptError`.

Names are loaded when first used, so importing the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from invopt_xl.cache import ContentCache
    from invopt_xl.demo import grocery_tables
    from invopt_xl.domain import Forecast
    from invopt_xl.errors import InvoptError
    from invopt_xl.forecasting import Regressors, forecast, forecast_many
    from invopt_xl.forecasting.backtest.walk import walk_forward
    from invopt_xl.forecasting.panel.forecasts import forecast_panel
    from invopt_xl.hosts.notebook import open_plan
    from invopt_xl.optimise import OrderProblem, plan_orders
    from invopt_xl.plan.pipeline import run
    from invopt_xl.plan.quality import admit
    from invopt_xl.plan.replay.run import Question, replay_tables
    from invopt_xl.plan.what_if import Scenario, compare
    from invopt_xl.policy import (
        CumulativeDemand,
        ReplenishmentCycle,
        economic_order_quantity,
        lead_times,
        newsvendor,
        stock_levels,
    )
    from invopt_xl.policy.service_mix import MixItems, ServiceExchange
    from invopt_xl.workbook import read_tables, write_tables
    from invopt_xl.workbook.refresh import plan_folder, refresh_workbook

_HOMES = {
    "ContentCache": "cache",
    "CumulativeDemand": "policy",
    "Forecast": "domain",
    "InvoptError": "errors",
    "MixItems": "policy.service_mix",
    "OrderProblem": "optimise",
    "Question": "plan.replay.run",
    "Regressors": "forecasting",
    "ReplenishmentCycle": "policy",
    "Scenario": "plan.what_if",
    "ServiceExchange": "policy.service_mix",
    "admit": "plan.quality",
    "compare": "plan.what_if",
    "economic_order_quantity": "policy",
    "forecast": "forecasting",
    "forecast_many": "forecasting",
    "forecast_panel": "forecasting.panel.forecasts",
    "grocery_tables": "demo",
    "lead_times": "policy",
    "newsvendor": "policy",
    "open_plan": "hosts.notebook",
    "plan_folder": "workbook.refresh",
    "plan_orders": "optimise",
    "read_tables": "workbook",
    "refresh_workbook": "workbook.refresh",
    "replay_tables": "plan.replay.run",
    "run": "plan.pipeline",
    "stock_levels": "policy",
    "walk_forward": "forecasting.backtest.walk",
    "write_tables": "workbook",
}

__all__ = [
    "ContentCache",
    "CumulativeDemand",
    "Forecast",
    "InvoptError",
    "MixItems",
    "OrderProblem",
    "Question",
    "Regressors",
    "ReplenishmentCycle",
    "Scenario",
    "ServiceExchange",
    "admit",
    "compare",
    "economic_order_quantity",
    "forecast",
    "forecast_many",
    "forecast_panel",
    "grocery_tables",
    "lead_times",
    "newsvendor",
    "open_plan",
    "plan_folder",
    "plan_orders",
    "read_tables",
    "refresh_workbook",
    "replay_tables",
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
