"""Clearing stock before a date by cutting its price: how low, when, and what that brings beside leaving it alone."""

from invopt_xl.policy.markdown.clearance import MOST_LOTS, Clearance, Limits, Worth, price_ladder
from invopt_xl.policy.markdown.clearing import WORTH_A_CUT, Clearing, Outcome, clear
from invopt_xl.policy.markdown.programme import PricePolicy, best_prices

__all__ = [
    "MOST_LOTS",
    "WORTH_A_CUT",
    "Clearance",
    "Clearing",
    "Limits",
    "Outcome",
    "PricePolicy",
    "Worth",
    "best_prices",
    "clear",
    "price_ladder",
]
