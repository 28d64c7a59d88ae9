"""A history in, a predictive distribution out: patterns, cleaning, models, and many items at once.

`forecast` is for one history, `forecast_many` for a catalogue: equal histories are fitted once, results are kept
under their content, and searches for models run on all cores. `demand_pattern` says which kind of demand it is.
The engines are loaded when a model is first searched.
"""

from invopt_xl.forecasting.arima import ENGINES, Engine
from invopt_xl.forecasting.batch import forecast_many
from invopt_xl.forecasting.history import BoolArray, CleanHistory, PeriodState, clean_history
from invopt_xl.forecasting.lifts import Effect, Lifts, estimate_lifts
from invopt_xl.forecasting.patterns import DemandPattern, demand_pattern, demand_patterns
from invopt_xl.forecasting.regressors import Regressors
from invopt_xl.forecasting.settings import METHODS
from invopt_xl.forecasting.shifts import LevelShift
from invopt_xl.forecasting.single import METHOD_VERSION, forecast

__all__ = [
    "ENGINES",
    "METHODS",
    "METHOD_VERSION",
    "BoolArray",
    "CleanHistory",
    "DemandPattern",
    "Effect",
    "Engine",
    "LevelShift",
    "Lifts",
    "PeriodState",
    "Regressors",
    "clean_history",
    "demand_pattern",
    "demand_patterns",
    "estimate_lifts",
    "forecast",
    "forecast_many",
]
