"""Which items matter, which can be forecast, where they are in their life, and what that asks for.

`segment` does it all, frames in, frames out; `abc_classes` and `xyz_classes` are the rules of plan and cells.
"""

from invopt_xl.plan.segmentation.advising import POLICIES, REVIEW_DAYS, Advice, advice, recommended_targets
from invopt_xl.plan.segmentation.classes import STEADY, VARIABLE, abc_classes, xyz_classes
from invopt_xl.plan.segmentation.life_cycles import NOT_STOCKED, LifeCycle, life_cycle, not_stocked
from invopt_xl.plan.segmentation.matrix import matrix_table
from invopt_xl.plan.segmentation.past_classes import MONTHS, Stability, stability
from invopt_xl.plan.segmentation.segmenting import Segmentation, segment, with_targets
from invopt_xl.plan.segmentation.speed import Velocity, periods_per_year, velocity
from invopt_xl.plan.segmentation.worth import By, classes_by, worth_of, year_round_units

__all__ = [
    "MONTHS",
    "NOT_STOCKED",
    "POLICIES",
    "REVIEW_DAYS",
    "STEADY",
    "VARIABLE",
    "Advice",
    "By",
    "LifeCycle",
    "Segmentation",
    "Stability",
    "Velocity",
    "abc_classes",
    "advice",
    "classes_by",
    "life_cycle",
    "matrix_table",
    "not_stocked",
    "periods_per_year",
    "recommended_targets",
    "segment",
    "stability",
    "velocity",
    "with_targets",
    "worth_of",
    "xyz_classes",
    "year_round_units",
]
