"""How much to hold and when to order: from a demand distribution, a lead time and a service target.

A reorder point, here and in all modules, is the inventory position BELOW which an order is placed. Where the literature
orders AT OR BELOW s (or r), whole units make that reorder point = s + 1; for continuous demand it is the same number.
The lead time excludes the review period; the protection interval is both.
"""

from invopt_xl.policy.costs import PolicyCosts
from invopt_xl.policy.counts import NegativeBinomialDemand, PoissonDemand
from invopt_xl.policy.cumulative import CumulativeDemand
from invopt_xl.policy.discrete_demand import DiscreteDemand
from invopt_xl.policy.distributions import Family, IntervalDemand
from invopt_xl.policy.dual_sourcing import dual_sourcing
from invopt_xl.policy.families import ContinuousDemand, GammaDemand, ItemDemand, NormalDemand
from invopt_xl.policy.family_choice import FamilyChoice, PastForecasts, candidate_quantiles, choose_family, of_family
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
from invopt_xl.policy.min_max import MinMaxPolicy, min_max_cost, optimal_min_max
from invopt_xl.policy.newsvendor import NewsvendorStock, newsvendor, newsvendor_cost
from invopt_xl.policy.path_sums import PathSums
from invopt_xl.policy.periodic_lots import LotPolicy, optimal_periodic_lots, periodic_lot_cost
from invopt_xl.policy.refusals import Asked, Refusal, accepted, refusals
from invopt_xl.policy.reorder_lots import (
    ReorderLots,
    continuous_lot_cost,
    optimal_continuous_lots,
    optimal_unit_lots,
    unit_lot_cost,
)
from invopt_xl.policy.samples import EmpiricalDemand
from invopt_xl.policy.service import ReplenishmentCycle, lost_sales_fill_rate
from invopt_xl.policy.steady import pooled_with_steady, steady_sums
from invopt_xl.policy.stock_levels import Measure, StockLevels, stock_levels
from invopt_xl.policy.two_suppliers import DualSourcing, SourcingPolicy, TwoSuppliers

__all__ = [
    "ENOUGH_RECEIPTS",
    "Asked",
    "ContinuousDemand",
    "CumulativeDemand",
    "DiscountedLots",
    "DiscreteDemand",
    "DualSourcing",
    "EconomicLots",
    "EmpiricalDemand",
    "Family",
    "FamilyChoice",
    "GammaDemand",
    "IntervalDemand",
    "ItemDemand",
    "JointCycles",
    "LeadTimes",
    "LotPlan",
    "LotPolicy",
    "Measure",
    "MinMaxPolicy",
    "NegativeBinomialDemand",
    "NewsvendorStock",
    "NormalDemand",
    "PastForecasts",
    "PathSums",
    "PoissonDemand",
    "PolicyCosts",
    "Refusal",
    "ReorderLots",
    "ReplenishmentCycle",
    "SourcingPolicy",
    "StockLevels",
    "TwoSuppliers",
    "accepted",
    "candidate_quantiles",
    "choose_family",
    "continuous_lot_cost",
    "dual_sourcing",
    "dynamic_lots",
    "economic_lots",
    "economic_order_quantity",
    "joint_replenishment",
    "lead_times",
    "lost_sales_fill_rate",
    "min_max_cost",
    "newsvendor",
    "newsvendor_cost",
    "of_family",
    "optimal_continuous_lots",
    "optimal_min_max",
    "optimal_periodic_lots",
    "optimal_unit_lots",
    "periodic_lot_cost",
    "pooled_with_steady",
    "quantity_discounts",
    "refusals",
    "round_up_to_lot",
    "silver_joint_replenishment",
    "steady_sums",
    "stock_levels",
    "unit_lot_cost",
]
