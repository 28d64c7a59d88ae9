"""The money view: what stock ties up, costs and earns from now to after each action; what service costs."""

from invopt_xl.plan.money.actions import applied
from invopt_xl.plan.money.returns import gross_margin_return
from invopt_xl.plan.money.service import Served, served_by_plan, served_today
from invopt_xl.plan.money.service_cost import PLAN_SERVES, TODAY_SERVES, fill_rate_that_pays, service_cost_table
from invopt_xl.plan.money.states import money_table
from invopt_xl.plan.money.targets import fill_rate_reached, service_targets

__all__ = [
    "PLAN_SERVES",
    "TODAY_SERVES",
    "Served",
    "applied",
    "fill_rate_reached",
    "fill_rate_that_pays",
    "gross_margin_return",
    "money_table",
    "served_by_plan",
    "served_today",
    "service_cost_table",
    "service_targets",
]
