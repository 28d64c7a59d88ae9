"""Marking down: how demand answers to price, and the price path that clears excess for the most money."""

from invopt_xl.plan.markdown.asked import Asked
from invopt_xl.plan.markdown.paths import Markdowns, mark_down, marked_down
from invopt_xl.plan.markdown.response import PriceResponse, price_response
from invopt_xl.plan.markdown.words import CUT, OUTCOMES, REFUSALS

__all__ = [
    "CUT",
    "OUTCOMES",
    "REFUSALS",
    "Asked",
    "Markdowns",
    "PriceResponse",
    "mark_down",
    "marked_down",
    "price_response",
]
