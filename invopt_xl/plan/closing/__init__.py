"""Closing a period: what came in it joins the demand, its orders are on their way, the plan date moves to its end."""

from invopt_xl.plan.closing.came import ACTUALS, STOCK, Given
from invopt_xl.plan.closing.closed import Choices, Closed
from invopt_xl.plan.closing.period import Closing, close_period
from invopt_xl.plan.closing.placing import Placed

__all__ = ["ACTUALS", "STOCK", "Choices", "Closed", "Closing", "Given", "Placed", "close_period"]
