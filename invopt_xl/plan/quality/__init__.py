"""Admission of data: bad rows are named, good rows go on.

`admit` reads tables as a source holds them and returns typed tables, the parameters and the quality report.
"""

from invopt_xl.plan.quality.admission import Admitted, admit

__all__ = ["Admitted", "admit"]
