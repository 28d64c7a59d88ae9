"""A compiled local search: good order plans within seconds, better ones for as long as it gets.

`annealing` drives it; `tables` turns a problem and a plan into arrays, whose columns `columns` names. The rest is
compiled at the first call and imported only then: `evaluator` keeps a plan's accounts, `refit` plans an item anew,
`line_moves` and `order_moves` change plans, `moves` decides which changes stay.
"""

from __future__ import annotations

from invopt_xl.optimise.local_search.annealing import improved, polished

__all__ = ["improved", "polished"]
