"""Early warning: the chance that demand for an item has ended, or will end soon."""

from invopt_xl.forecasting.ending.chances import DemandEnding, demand_endings, exposures
from invopt_xl.forecasting.ending.fitting import fit_ending_model
from invopt_xl.forecasting.ending.model import EndingModel

__all__ = ["DemandEnding", "EndingModel", "demand_endings", "exposures", "fit_ending_model"]
