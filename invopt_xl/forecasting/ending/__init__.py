"""Early warning: the chance that demand for an item has ended, or will end soon, and how well it was told before."""

from invopt_xl.forecasting.ending.backtest import EndingTrial, Trial, equal_false_alarms, flag_threshold, try_endings
from invopt_xl.forecasting.ending.chances import DemandEnding, demand_endings, exposures
from invopt_xl.forecasting.ending.fitting import fit_ending_model, intervals_seen
from invopt_xl.forecasting.ending.model import EndingModel

__all__ = [
    "DemandEnding",
    "EndingModel",
    "EndingTrial",
    "Trial",
    "demand_endings",
    "equal_false_alarms",
    "exposures",
    "fit_ending_model",
    "flag_threshold",
    "intervals_seen",
    "try_endings",
]
