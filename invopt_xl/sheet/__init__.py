"""The catalogue of cell functions: each declared once, with its help, for every host to loop over.

`catalogue` has the declarations, `calculate` answers one call from whatever a host's cells hold, and never raises.
"""

from invopt_xl.sheet.answers import Answer
from invopt_xl.sheet.calling import calculate
from invopt_xl.sheet.catalogue import Function, catalogue
from invopt_xl.sheet.run import Run

__all__ = ["Answer", "Function", "Run", "calculate", "catalogue"]
