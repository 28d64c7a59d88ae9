"""The order plan: from tables to a problem, from its plan to tables again."""

from invopt_xl.plan.orders.lines import order_lines
from invopt_xl.plan.orders.planned import Effort, Planned, plan_problem
from invopt_xl.plan.orders.problem import order_problem, stock_floor
from invopt_xl.plan.orders.sources import source_table

__all__ = [
    "Effort",
    "Planned",
    "order_lines",
    "order_problem",
    "plan_problem",
    "source_table",
    "stock_floor",
]
