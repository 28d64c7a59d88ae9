"""Items that are planned together: those of a supplier, or a few without one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from invopt_xl.optimise.groundwork import Groundwork
from invopt_xl.optimise.problem import IntArray

ALONE = 8
"""Items without a supplier are solved so many at a time."""


@dataclass(frozen=True, eq=False)
class Group:
    """Items that are planned together; the supplier is -1 if they have none."""

    items: IntArray
    supplier: int


def groups_of(work: Groundwork) -> list[Group]:
    """Return the items by supplier, and those without one in small lots."""
    problem = work.problem
    groups = [Group(np.flatnonzero(problem.supplier == one), one) for one in range(problem.suppliers)]
    alone = np.flatnonzero(problem.supplier < 0)
    groups += [Group(alone[first : first + ALONE], -1) for first in range(0, len(alone), ALONE)]
    return [group for group in groups if len(group.items)]
