"""What the order plan itself moves between locations, item by item."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.domain.words import counted
from invopt_xl.plan.explain import amount
from invopt_xl.plan.orders.planned import Planned
from invopt_xl.plan.parameters import Parameters

FloatArray = npt.NDArray[np.float64]


def with_moves(items: pd.DataFrame, planned: Planned, parameters: Parameters) -> pd.DataFrame:
    """Return the items with what the plan moves by lanes within the horizon.

    Adds ``planned_out`` (units that leave for other locations), ``planned_in`` (units that come from them), and
    ``planned_to`` (where to and how many, in words; blank where nothing leaves).
    """
    problem, units = planned.problem, planned.plan.quantity[:, : parameters.horizon_periods].sum(axis=1)
    out, into = np.zeros((2, problem.items))
    goals: dict[int, list[str]] = defaultdict(list)
    for source in np.flatnonzero(problem.transfer & (units > 0)).tolist():
        origin, goal = int(problem.origin[source]), int(problem.source_item[source])
        out[origin] += units[source]
        into[goal] += units[source]
        goals[origin].append(f"{amount(float(units[source]))} to {items['location'].iloc[goal]}")
    when = f"in the coming {counted(parameters.horizon_periods, parameters.period)}"
    words = [f"{' and '.join(goals[row])} {when}" if row in goals else "" for row in range(problem.items)]
    return items.assign(planned_out=out, planned_in=into, planned_to=words)
