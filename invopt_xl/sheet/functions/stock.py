"""How much to hold: safety stock, reorder points and policies, and the service they give."""

from invopt_xl.sheet.functions import stock_levels, stock_levels_from_history, stock_policies, stock_replay

__all__ = ["stock_levels", "stock_levels_from_history", "stock_policies", "stock_replay"]
