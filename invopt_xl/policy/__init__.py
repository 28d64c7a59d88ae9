"""How much to hold and when to order: from a demand distribution, a lead time and a service target."""

from invopt_xl.policy.distributions import IntervalDemand
from invopt_xl.policy.dual_sourcing import dual_sourcing
from invopt_xl.policy.lead_times import ENOUGH_RECEIPTS, LeadTimes, lead_times
from invopt_xl.policy.lot_sizes import (
    DiscountedLots,
    EconomicLots,
    JointCycles,
    LotPlan,
    dynamic_lots,
    economic_lots,
    economic_order_quantity,
    joint_replenishment,
    quantity_discounts,
    round_up_to_lot,
    silver_joint_replenishment,
)
from invopt_xl.policy.stock_levels import CumulativeDemand, ReplenishmentCycle, StockLevels, stock_levels
from invopt_xl.policy.two_suppliers import DualSourcing, SourcingPolicy, TwoSuppliers

__all__ = [
    "ENOUGH_RECEIPTS",
    "CumulativeDemand",
    "DiscountedLots",
    "DualSourcing",
    "EconomicLots",
    "IntervalDemand",
    "JointCycles",
    "LeadTimes",
    "LotPlan",
    "ReplenishmentCycle",
    "SourcingPolicy",
    "StockLevels",
    "TwoSuppliers",
    "dual_sourcing",
    "dynamic_lots",
    "economic_lots",
    "economic_order_quantity",
    "joint_replenishment",
    "lead_times",
    "quantity_discounts",
    "round_up_to_lot",
    "silver_joint_replenishment",
    "stock_levels",
]
