"""Pictures of plans, one style: frames in, a `Picture` out that says in words and numbers what it shows.

Colours are from the palette of Okabe and Ito, which colour-blind readers tell apart; lines differ in dashes and bars in
lightness as well, so a greyscale print loses nothing. Lines are named at their ends and bars by their values: no legend
to look up. Titles say what the picture shows; axes have units.

A picture's bytes differ from one machine to the next, by the fonts it has. So notebooks are compared by its words,
which hold every number that is drawn (or the ends, the least and the most of a line).
"""

from invopt_xl.hosts.notebook.pictures.bars import bars, matrix
from invopt_xl.hosts.notebook.pictures.demand import histories, stages
from invopt_xl.hosts.notebook.pictures.house import Picture, nothing
from invopt_xl.hosts.notebook.pictures.lines import lines, points
from invopt_xl.hosts.notebook.pictures.price import price_path
from invopt_xl.hosts.notebook.pictures.ranges import agreement, ranges
from invopt_xl.hosts.notebook.pictures.segments import cells, concentration, lifts, worth_by_error
from invopt_xl.hosts.notebook.pictures.service import exchange, interval

__all__ = [
    "Picture",
    "agreement",
    "bars",
    "cells",
    "concentration",
    "exchange",
    "histories",
    "interval",
    "lifts",
    "lines",
    "matrix",
    "nothing",
    "points",
    "price_path",
    "ranges",
    "stages",
    "worth_by_error",
]
