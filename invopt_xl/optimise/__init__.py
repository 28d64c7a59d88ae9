"""A problem in, an order plan out.

`OrderProblem` says what must be respected, `plan_orders` makes an `OrderPlan` with a proven bound, `check_plan` judges
any plan from its quantities alone. Solvers are reached through PuLP, in `solvers` only.
"""

from invopt_xl.optimise.checker import Verdict, check_plan
from invopt_xl.optimise.comparison import LineChange, PlanComparison, compare_plans
from invopt_xl.optimise.coverage import Coverage, coverage_of
from invopt_xl.optimise.discounts import order_discounts
from invopt_xl.optimise.disruption import Closure, Delay, Disruption, Lost, PriceRise, disrupted
from invopt_xl.optimise.plan import OrderPlan, plan_orders
from invopt_xl.optimise.problem import OrderProblem
from invopt_xl.optimise.reasons import reason_short
from invopt_xl.optimise.replanning import Followed, Replanned, follow, replan
from invopt_xl.optimise.shapes import SHAPES
from invopt_xl.optimise.shortfall import Shortfall
from invopt_xl.optimise.terms import Discount
from invopt_xl.optimise.wording import source_name

__all__ = [
    "SHAPES",
    "Closure",
    "Coverage",
    "Delay",
    "Discount",
    "Disruption",
    "Followed",
    "LineChange",
    "Lost",
    "OrderPlan",
    "OrderProblem",
    "PlanComparison",
    "PriceRise",
    "Replanned",
    "Shortfall",
    "Verdict",
    "check_plan",
    "compare_plans",
    "coverage_of",
    "disrupted",
    "follow",
    "order_discounts",
    "plan_orders",
    "reason_short",
    "replan",
    "source_name",
]
