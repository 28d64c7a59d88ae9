"""Frozen value types in the field's standard terms. No frames, no files, no solvers."""

from invopt_xl.domain.calendar import DAYS_PER_YEAR, Calendar, Period
from invopt_xl.domain.forecast import QUANTILE_LEVELS, Forecast, Note
from invopt_xl.domain.progress import Progress, Silent

__all__ = ["DAYS_PER_YEAR", "QUANTILE_LEVELS", "Calendar", "Forecast", "Note", "Period", "Progress", "Silent"]
