"""A year of a grocer's real sales as a plan workbook: the tables, and the workbook made from them.

The demand is real (see `invopt_xl.demo.source`); what a sales record cannot hold is made by a seeded generator (see
`invopt_xl.demo.illustrative`) and labelled so. Sales by household and day (see `invopt_xl.demo.shopping`) tell who
bought what.
"""

from invopt_xl.demo.grocery import (
    build_grocery,
    full_sales,
    full_tables,
    grocery_promotions,
    grocery_tables,
    write_condensed,
)
from invopt_xl.demo.shopping import grocery_households, grocery_sales, write_beside

__all__ = [
    "build_grocery",
    "full_sales",
    "full_tables",
    "grocery_households",
    "grocery_promotions",
    "grocery_sales",
    "grocery_tables",
    "write_beside",
    "write_condensed",
]
