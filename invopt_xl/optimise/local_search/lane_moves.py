"""Changes of transfers: what one location sends another, with the orders of both."""

from __future__ import annotations

from invopt_xl.optimise.compiled import compiled_in_place
from invopt_xl.optimise.local_search.chance import below, chance
from invopt_xl.optimise.local_search.columns import ITEM, ORIGIN
from invopt_xl.optimise.local_search.refit import clear, refit
from invopt_xl.optimise.local_search.tables import State, Tables

KEPT = 0.2
"""Probability that the transfers stay as they are, and only the orders at both ends are planned anew."""

BLINDNESS = 0.3
"""Highest probability that a possible line at the receiving end is overlooked."""


@compiled_in_place
def change_lane(tables: Tables, state: State) -> float:
    """Plan the transfers of a random lane and the orders of both its ends anew; return the rise of cost and excess.

    The receiving end takes the lane for one more source; then the sending end orders what is to leave it. A line of the
    lane that the sending end has not got in time counts as an excess, like that of any other limit.
    """
    lane = tables.lanes[below(state, len(tables.lanes))]
    item, origin = tables.sources[lane, ITEM], tables.sources[lane, ORIGIN]
    rise = clear(tables, state, origin, -1)
    if chance(state) < KEPT:
        rise += refit(tables, state, item, BLINDNESS * chance(state), -1)
    else:
        rise += refit(tables, state, item, BLINDNESS * chance(state), lane)
    return rise + refit(tables, state, origin, 0.0, -1)
