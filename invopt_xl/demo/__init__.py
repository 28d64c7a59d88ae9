"""A year of a grocer's real sales as a plan workbook: the tables, and the workbook made from them.

The demand is real (see `invopt_xl.demo.source`); what a sales record cannot hold is made by a seeded generator (see
`invopt_xl.demo.illustrative`) and labelled so.
"""

from invopt_xl.demo.grocery import (
    build_grocery,
    full_tables,
    grocery_promotions,
    grocery_tables,
    write_condensed,
)

__all__ = ["build_grocery", "full_tables", "grocery_promotions", "grocery_tables", "write_condensed"]
