"""Admission of data: bad rows are named, good rows go on.

`admit` reads tables as a source holds them and returns typed tables, the parameters and the quality report;
`admit_demand` does so for demand alone, which is all that a forecast needs.
"""

from invopt_xl.plan.quality.admission import Admitted, admit
from invopt_xl.plan.quality.demand import AdmittedDemand, admit_demand

__all__ = ["Admitted", "AdmittedDemand", "admit", "admit_demand"]
