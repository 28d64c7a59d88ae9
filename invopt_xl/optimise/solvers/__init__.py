"""The one place that knows solvers: PuLP 3 from PuLP 4, HiGHS from CBC."""

from invopt_xl.optimise.solvers.growing import Columns, GrowingProgram, Optimum, growing_program
from invopt_xl.optimise.solvers.model import LinearModel, Solution
from invopt_xl.optimise.solvers.run import (
    CBC,
    HIGHS,
    available_solvers,
    cbc_available,
    highs_available,
    relaxed,
    solve,
    sound,
)

__all__ = [
    "CBC",
    "HIGHS",
    "Columns",
    "GrowingProgram",
    "LinearModel",
    "Optimum",
    "Solution",
    "available_solvers",
    "cbc_available",
    "growing_program",
    "highs_available",
    "relaxed",
    "solve",
    "sound",
]
