"""How much to hold and when to order: from a demand distribution, a lead time and a service target."""

from invopt_xl.policy.distributions import IntervalDemand
from invopt_xl.policy.lead_times import ENOUGH_RECEIPTS, LeadTimes, lead_times
from invopt_xl.policy.lot_sizes import economic_order_quantity, round_up_to_lot
from invopt_xl.policy.stock_levels import CumulativeDemand, ReplenishmentCycle, StockLevels, stock_levels

__all__ = [
    "ENOUGH_RECEIPTS",
    "CumulativeDemand",
    "IntervalDemand",
    "LeadTimes",
    "ReplenishmentCycle",
    "StockLevels",
    "economic_order_quantity",
    "lead_times",
    "round_up_to_lot",
    "stock_levels",
]
