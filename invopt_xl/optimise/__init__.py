"""A problem in, an order plan out.

`OrderProblem` says what must be respected, `plan_orders` makes an `OrderPlan` with a proven bound, `check_plan` judges
any plan from its quantities alone. Solvers are reached through PuLP, in `solvers` only.
"""

from invopt_xl.optimise.checker import Verdict, check_plan
from invopt_xl.optimise.discounts import order_discounts
from invopt_xl.optimise.plan import OrderPlan, plan_orders
from invopt_xl.optimise.problem import OrderProblem
from invopt_xl.optimise.shapes import SHAPES
from invopt_xl.optimise.shortfall import Shortfall
from invopt_xl.optimise.terms import Discount

__all__ = [
    "SHAPES",
    "Discount",
    "OrderPlan",
    "OrderProblem",
    "Shortfall",
    "Verdict",
    "check_plan",
    "order_discounts",
    "plan_orders",
]
