"""How much to order at a time: steady demand, discounts, demand that changes, several items on one order."""

from invopt_xl.policy.lot_sizes.discounts import DiscountedLots, quantity_discounts
from invopt_xl.policy.lot_sizes.dynamic import LotPlan, dynamic_lots
from invopt_xl.policy.lot_sizes.economic import (
    EconomicLots,
    economic_lots,
    economic_order_quantity,
    round_up_to_lot,
)
from invopt_xl.policy.lot_sizes.joint import JointCycles, joint_replenishment, silver_joint_replenishment

__all__ = [
    "DiscountedLots",
    "EconomicLots",
    "JointCycles",
    "LotPlan",
    "dynamic_lots",
    "economic_lots",
    "economic_order_quantity",
    "joint_replenishment",
    "quantity_discounts",
    "round_up_to_lot",
    "silver_joint_replenishment",
]
