"""Price response: how demand of many items answers to price and promotions, each item helped by those like it."""

from invopt_xl.forecasting.response.estimate import Response, estimate_response
from invopt_xl.forecasting.response.observations import Observations, observe
from invopt_xl.forecasting.response.trust import Trust, trust

__all__ = ["Observations", "Response", "Trust", "estimate_response", "observe", "trust"]
