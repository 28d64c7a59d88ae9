"""A history in, a predictive distribution out: patterns, cleaning, models, and many items at once.

`forecast` is for one history, `forecast_many` for a catalogue: equal histories are fitted once, results are kept
under their content, models are continued from refresh to refresh, and searches run on all cores. `demand_pattern` says
which kind of demand it is, `forecastability` how far demand strays from forecasts that cost nothing. The way of a
history: `cleaning` finds the demand in what was sold, `lifts` takes prices and promotions out of it, `routing` chooses
models by pattern, `regular` or `rare` draws sample paths, and the lifts of the coming periods go back in. `panel` does
so for frames, `backtest` judges it. Engines are loaded when first needed.
"""

from invopt_xl.domain.methods import METHODS
from invopt_xl.forecasting.arima.engines import ENGINES, Engine
from invopt_xl.forecasting.batch import forecast_many
from invopt_xl.forecasting.cleaning.history import BoolArray, CleanHistory, PeriodState, clean_history
from invopt_xl.forecasting.cleaning.outliers import believable
from invopt_xl.forecasting.cleaning.shifts import LevelShift
from invopt_xl.forecasting.lifts.effects import Effect, Lifts, estimate_lifts
from invopt_xl.forecasting.lifts.regressors import Regressors
from invopt_xl.forecasting.patterns import DemandPattern, demand_pattern, demand_patterns
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
    "believable",
    "clean_history",
    "demand_pattern",
    "demand_patterns",
    "estimate_lifts",
    "forecast",
    "forecast_many",
]
