"""What if: a plan and its replay with some of the input changed, beside today's."""

from invopt_xl.plan.what_if.changes import Change, Scenario, parsed
from invopt_xl.plan.what_if.report import WHAT_IF, WhatIf, compare
from invopt_xl.plan.what_if.tables import changed, suppliers, while_out

__all__ = ["WHAT_IF", "Change", "Scenario", "WhatIf", "changed", "compare", "parsed", "suppliers", "while_out"]
