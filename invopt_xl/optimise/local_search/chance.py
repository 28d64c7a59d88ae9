"""Random numbers of the compiled search: the same for a seed, whatever else runs."""

from __future__ import annotations

import numpy as np

from invopt_xl.optimise.compiled import copied_in_place
from invopt_xl.optimise.local_search.tables import State


@copied_in_place
def chance(state: State) -> float:
    """Return a number from 0 up to 1 (xorshift64*; Vigna, ACM Transactions on Mathematical Software 42, 2016)."""
    bits = state.random[0]
    bits ^= bits >> np.uint64(12)
    bits ^= bits << np.uint64(25)
    bits ^= bits >> np.uint64(27)
    state.random[0] = bits
    return float((bits * np.uint64(2685821657736338717)) >> np.uint64(11)) / 9007199254740992.0


@copied_in_place
def below(state: State, count: int) -> int:
    """Return a whole number from 0 up to a count, itself not included."""
    return int(chance(state) * count)
